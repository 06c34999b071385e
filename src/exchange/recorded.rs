//! What a venue adds so that its recordings can be replayed by its own feed.

use rust_decimal::Decimal;

use super::machine::{Feed, Out};
use crate::domain::decimal::Step;
use crate::domain::{
    Asset, Book, Instrument, InstrumentKind, Payoff, Price, Qty, Stamp, Symbol, TradingStatus,
    Unit, VenueId,
};

/// How a venue reads its recordings.
#[derive(Clone, Copy)]
pub struct Recordings {
    /// Takes note of what one recorded message shows: `url` for REST answers. Messages of other venues and unknown ones are none
    /// of its business; an error says in words why a message of its own is broken.
    pub survey: fn(&mut Survey, Option<&str>, &str) -> Result<(), String>,
    /// A feed without a network.
    pub feed: fn() -> Box<dyn RecordedFeed>,
}

/// A feed that lives on recorded bytes: its frames come as always, its REST answers where they stand in the file.
pub trait RecordedFeed: Feed {
    /// The first thing it is told: what trades, and the venue's clock less the recorder's, ms.
    fn load(&mut self, now: Stamp, instruments: Vec<Instrument>, ahead_ms: i64, out: &mut Out);
    /// A recorded REST answer.
    fn answer(&mut self, now: Stamp, url: &str, body: &str, out: &mut Out);
    /// What became of each book.
    fn books(&self) -> Vec<RecordedBook<'_>>;
}

/// One replayed book.
pub struct RecordedBook<'a> {
    /// What it is of.
    pub instrument: &'a Instrument,
    /// The venue's word for the stream.
    pub stream: &'a str,
    /// The levels; empty while not synchronised.
    pub book: &'a Book,
    /// Events received.
    pub messages: u64,
    /// Events applied.
    pub applied: u64,
    /// Events dropped as already contained.
    pub stale: u64,
    /// Times that continuity could not be shown, the first event after a snapshot included.
    pub gaps: u64,
    /// Times that it was brought back from a snapshot after it was lost.
    pub resyncs: u64,
    /// Whether the chain is whole at the end.
    pub synced: bool,
}

/// What a first reading of a recording shows.
#[derive(Debug, Default)]
pub struct Survey {
    symbols: Vec<Seen>,
    listed: Vec<(Symbol, Instrument)>,
    /// Venue time of the message just read, ms since 1970, where it has one.
    pub event_ms: Option<i64>,
    /// Book events of this venue.
    pub book_events: u64,
}

#[derive(Debug)]
struct Seen {
    symbol: Symbol,
    price_decimals: u32,
    qty_decimals: u32,
    /// What the venue lists under this name, as long as every number seen is one of its steps.
    listed: Vec<Instrument>,
}

impl Survey {
    /// A level or print of a symbol, as text.
    ///
    /// # Errors
    /// When it is no plain decimal, or the symbol no name.
    pub fn note(&mut self, symbol: &str, price: &str, qty: &str) -> Result<(), String> {
        let price_decimals = decimals(price)?;
        let qty_decimals = decimals(qty)?;
        let seen = self.seen(symbol)?;
        seen.price_decimals = seen.price_decimals.max(price_decimals);
        seen.qty_decimals = seen.qty_decimals.max(qty_decimals);
        seen.listed.retain(|instrument| {
            instrument.price(price.as_bytes()).is_ok() && instrument.qty(qty.as_bytes()).is_ok()
        });
        Ok(())
    }

    /// The venue listed an instrument, under this name in its messages, before the first of them came.
    pub fn list(&mut self, name: Symbol, instrument: Instrument) {
        self.listed.push((name, instrument));
    }

    fn seen(&mut self, name: &str) -> Result<&mut Seen, String> {
        let known = |seen: &Seen| seen.symbol.as_str() == name;
        let at = match self.symbols.iter().position(known) {
            Some(at) => at,
            None => {
                let symbol = Symbol::new(name).map_err(|why| format!("bad symbol: {why}"))?;
                let of_name = self.listed.iter().filter(|(name, _)| *name == symbol);
                self.symbols.push(Seen {
                    symbol,
                    price_decimals: 0,
                    qty_decimals: 0,
                    listed: of_name.map(|(_, listed)| listed.clone()).collect(),
                });
                self.symbols.len() - 1
            }
        };
        Ok(&mut self.symbols[at])
    }

    /// The symbols seen, by name: as the venue listed them, else with the finest steps that their numbers were written in.
    pub fn instruments(&self, venue: VenueId) -> Vec<Instrument> {
        let mut found: Vec<Instrument> = self
            .symbols
            .iter()
            .filter_map(|seen| instrument(seen, venue))
            .collect();
        found.sort_by(|a, b| a.symbol.as_str().cmp(b.symbol.as_str()));
        found
    }
}

/// Decimals a number needs, trailing zeros taken off.
fn decimals(text: &str) -> Result<u32, String> {
    let (int, frac) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if int.is_empty() || !all_digits(int) || !all_digits(frac) {
        return Err("a price or size is no plain number".to_owned());
    }
    u32::try_from(frac.trim_end_matches('0').len()).map_err(|_| "too many digits".to_owned())
}

/// Base and quote of a name: `BTC-USDT-SWAP`, `BTC/USDT`, `BTCUSDT`.
fn assets(name: &str) -> Option<(Asset, Asset)> {
    const QUOTES: [&str; 6] = ["USDT", "USDC", "FDUSD", "BUSD", "EUR", "BTC"];
    let asset = |name: &str| Asset::new(name).ok();
    let mut parts = name.split(['-', '/']);
    if let (Some(base), Some(quote)) = (parts.next(), parts.next())
        && let (Some(base), Some(quote)) = (asset(base), asset(quote))
    {
        return Some((base, quote));
    }
    let of = |quote: &&str| name.strip_suffix(quote).and_then(asset).zip(asset(quote));
    let plain = QUOTES.iter().find_map(of);
    // What its name does not tell is called by its name, as far as that goes.
    let start = || name.get(..name.len().min(16)).and_then(asset);
    plain.or_else(|| start().zip(asset("USDT")))
}

/// An instrument as far as a recording shows it.
fn instrument(seen: &Seen, venue: VenueId) -> Option<Instrument> {
    if let Some(listed) = seen.listed.first() {
        return Some(Instrument {
            symbol: seen.symbol,
            ..listed.clone()
        });
    }
    let (base, quote) = assets(seen.symbol.as_str())?;
    Some(Instrument {
        venue,
        symbol: seen.symbol,
        kind: InstrumentKind::Perpetual,
        base,
        quote,
        settle: quote,
        tick: Step::new(1, seen.price_decimals)?,
        lot: Step::new(1, seen.qty_decimals)?,
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(i64::MAX),
        min_qty: Qty(1),
        max_qty: Qty(i64::MAX),
        max_market_qty: Qty(i64::MAX),
        min_notional: Decimal::ZERO,
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    })
}

#[cfg(test)]
pub mod replayed;
