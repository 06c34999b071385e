//! The words of one line after its name, and how each kind of value is read from them.

use crate::domain::text::sanitise;
use crate::domain::{Instrument, Price, Side};

use super::Line;
use crate::engine::stops::Place;
use crate::engine::volume::Size;

/// Most ticks from the entry.
const MAX_TICKS: u64 = 1_000_000;

/// What is left of a line to read.
pub(super) struct Words<'a> {
    text: &'a str,
    left: std::vec::IntoIter<&'a str>,
    line: &'static Line,
    instrument: Option<&'a Instrument>,
}

impl<'a> Words<'a> {
    pub(super) fn new(
        text: &'a str,
        line: &'static Line,
        instrument: Option<&'a Instrument>,
    ) -> Self {
        // `0.5@61200` is three words.
        let parts = text.split_whitespace().flat_map(|word| {
            word.split_inclusive('@')
                .flat_map(|part| match part.strip_suffix('@') {
                    Some(before) => [before, "@"],
                    None => [part, ""],
                })
        });
        let left: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        Self {
            text,
            left: left.into_iter(),
            line,
            instrument,
        }
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.left.next()
    }

    /// The next word where it is this one.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let is_next = self.left.as_slice().first() == Some(&word);
        if is_next {
            self.left.next();
        }
        is_next
    }

    /// What stands behind so many words, as it was typed; nothing is left then.
    pub(super) fn rest(&mut self, behind: usize) -> &'a str {
        self.left = Vec::new().into_iter();
        let mut rest = self.text.trim();
        for _ in 0..behind {
            rest = rest
                .split_once(char::is_whitespace)
                .map_or("", |(_, rest)| rest.trim_start());
        }
        rest
    }

    /// The next word, which must be there.
    pub(super) fn value(&mut self, what: &str) -> Result<&'a str, String> {
        self.next()
            .ok_or_else(|| format!("{what} is missing: {}", self.form()))
    }

    /// All of it as it was typed, where nothing was read yet.
    pub(super) fn whole(&mut self, what: &str) -> Result<String, String> {
        self.value(what)?;
        self.left = Vec::new().into_iter();
        Ok(self.text.trim().to_owned())
    }

    /// Nothing may be left.
    pub(super) fn end(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(self.unexpected(word)),
        }
    }

    /// What to say of a word that has no place here.
    pub(super) fn unexpected(&self, word: &str) -> String {
        format!("what is \"{}\"? {}", sanitise(word, 20), self.form())
    }

    fn form(&self) -> String {
        format!("write :{}", self.line.form())
    }

    fn instrument(&self) -> Result<&'a Instrument, String> {
        self.instrument
            .ok_or_else(|| "no instrument is open".to_owned())
    }

    /// A size; a bare number counts base coins and must be whole lots.
    pub(super) fn size(&self, word: &str) -> Result<Size, String> {
        Size::typed(word, self.instrument()?)
    }

    /// The next word when it is a size.
    pub(super) fn size_if_any(&mut self) -> Result<Option<Size>, String> {
        match self.left.as_slice().first().copied() {
            Some(word) if super::starts_number(word) => {
                self.left.next();
                self.size(word).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The next word, `buy` or `sell`.
    pub(super) fn side(&mut self) -> Result<Side, String> {
        match self.value("buy or sell")? {
            "buy" => Ok(Side::Buy),
            "sell" => Ok(Side::Sell),
            word => Err(self.unexpected(word)),
        }
    }

    /// The next word as two prices, `61000..61100`.
    pub(super) fn range(&mut self) -> Result<(Price, Price), String> {
        let word = self.value("FROM..TO")?;
        let (from, to) = word.split_once("..").ok_or_else(|| self.unexpected(word))?;
        Ok((self.price_of(from)?, self.price_of(to)?))
    }

    /// The next word as a price on the tick.
    pub(super) fn price(&mut self) -> Result<Price, String> {
        let word = self.value("a price")?;
        self.price_of(word)
    }

    fn price_of(&self, word: &str) -> Result<Price, String> {
        let instrument = self.instrument()?;
        let told = sanitise(word, 20);
        match instrument.price(word.as_bytes()) {
            Ok(price) if price.0 > 0 => Ok(price),
            Ok(_) => Err(format!("{told} is no price")),
            Err(why) => {
                let tick = instrument.price_text(Price(1));
                Err(format!("price \"{told}\": {why}; the tick is {tick}"))
            }
        }
    }

    /// A price, ticks from the entry, or none. Ticks without a sign lie on the side of `natural`.
    pub(super) fn place(&mut self, natural: i64) -> Result<Option<Place>, String> {
        let word = self.value("a price")?;
        if matches!(word, "off" | "0") {
            return Ok(None);
        }
        let Some(ticks) = word.strip_suffix('t') else {
            return Ok(Some(Place::Price(self.price_of(word)?)));
        };
        let signed = ticks.starts_with(['+', '-']);
        let sign = if signed { 1 } else { natural };
        match ticks.parse::<i64>() {
            Ok(ticks) if ticks.unsigned_abs() <= MAX_TICKS => {
                Ok(Some(Place::FromEntry(ticks * sign)))
            }
            _ => Err(format!(
                "\"{}\" is no distance: -20t loses 20 ticks from the entry, +5t wins 5",
                sanitise(word, 20)
            )),
        }
    }
}
