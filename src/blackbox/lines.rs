//! Books as lines: whole ones, and what changed of them. Text in and out, no file.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::domain::text::sanitise;
use crate::domain::{BookState, Depth, Instrument, Level, Price, Qty, Side, Stamp};

/// A reason in a line is cut after so many characters.
const LONGEST_WHY: usize = 120;
/// Most levels of a side that a line may bring: a hostile file takes no memory.
const MOST_LEVELS: usize = 20_000;

/// Microseconds from one moment to a later one.
fn us(later: Stamp, earlier: Stamp) -> u64 {
    later.since(earlier) / 1_000
}

/// Writes what a picture holds: all of it, or where `before` is given what is not as there.
pub fn write_book(
    to: &mut String,
    at: Stamp,
    depth: &Depth,
    before: Option<&Depth>,
    rules: &Instrument,
) {
    let (changed, proved) = (us(at, depth.changed), us(at, depth.proved));
    let _ = write!(to, "{changed} {proved} {} {} ", depth.lag_ms, depth.gaps);
    for known in [depth.known_down_to, depth.known_up_to] {
        match known {
            Some(price) => rules.tick.write(price.0, to),
            None => to.push('-'),
        }
        to.push(' ');
    }
    let none: &[Level] = &[];
    let (bids, asks) = before.map_or((none, none), |b| (&*b.bids, &*b.asks));
    write_side(to, Side::Buy, &depth.bids, bids, rules);
    to.push(' ');
    write_side(to, Side::Sell, &depth.asks, asks, rules);
    to.push(' ');
    write_state(to, &depth.state);
}

/// Writes what may be believed of a book that did not change.
pub fn write_proof(to: &mut String, at: Stamp, changed: Stamp, proved: Stamp, state: &BookState) {
    let _ = write!(to, "{} {} ", us(at, changed), us(at, proved));
    write_state(to, state);
}

fn write_state(to: &mut String, state: &BookState) {
    let (word, why) = match state {
        BookState::Live => ("live", ""),
        BookState::Stale(why) => ("stale", why.as_str()),
        BookState::Resync(why) => ("resync", why.as_str()),
        BookState::Down(why) => ("down", why.as_str()),
    };
    to.push_str(word);
    if !why.is_empty() {
        to.push(' ');
        to.push_str(&sanitise(why, LONGEST_WHY));
    }
}

fn write_side(to: &mut String, side: Side, now: &[Level], before: &[Level], rules: &Instrument) {
    let start = to.len();
    changes(side, before, now, |level| {
        if to.len() > start {
            to.push(',');
        }
        rules.tick.write(level.price.0, to);
        to.push(':');
        rules.lot.write(level.qty.0, to);
    });
    if to.len() == start {
        to.push('-');
    }
}

/// Tells every level that is new, of another size, or gone (size zero), best first.
fn changes(side: Side, before: &[Level], now: &[Level], mut tell: impl FnMut(Level)) {
    let is_better = |one: Price, other: Price| match side {
        Side::Buy => one > other,
        Side::Sell => one < other,
    };
    let (mut old, mut new) = (before.iter().peekable(), now.iter().peekable());
    loop {
        match (old.peek(), new.peek()) {
            (Some(was), Some(is)) if was.price == is.price => {
                if was.qty != is.qty {
                    tell(**is);
                }
                old.next();
                new.next();
            }
            (Some(was), is) if is.is_none_or(|is| is_better(was.price, is.price)) => {
                tell(Level {
                    price: was.price,
                    qty: Qty::ZERO,
                });
                old.next();
            }
            (_, Some(is)) => {
                tell(**is);
                new.next();
            }
            (_, None) => return,
        }
    }
}

/// One side as it grows from lines, best first.
#[derive(Clone, Debug, Default)]
pub struct HalfBook {
    levels: Vec<Level>,
}

impl HalfBook {
    fn set(&mut self, side: Side, level: Level) {
        let found = self.levels.binary_search_by(|known| match side {
            Side::Buy => level.price.cmp(&known.price),
            Side::Sell => known.price.cmp(&level.price),
        });
        match found {
            Ok(at) if level.qty.is_zero() => {
                self.levels.remove(at);
            }
            Ok(at) => self.levels[at] = level,
            Err(at) if !level.qty.is_zero() && self.levels.len() < MOST_LEVELS => {
                self.levels.insert(at, level);
            }
            Err(_) => {}
        }
    }
}

/// A book as it grows from lines.
#[derive(Clone, Debug, Default)]
pub struct Grown {
    bids: HalfBook,
    asks: HalfBook,
    last: Option<Arc<Depth>>,
}

/// The fields of a line, one after the other.
pub struct Fields<'a>(pub &'a str);

impl<'a> Fields<'a> {
    /// The next field.
    pub fn next(&mut self) -> Option<&'a str> {
        let (field, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        self.0 = rest;
        (!field.is_empty()).then_some(field)
    }

    /// The next field as a number.
    pub fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        self.next()?.parse().ok()
    }
}

impl Grown {
    /// Takes the rest of a `k` (whole) or `d` line; what it makes of the book. `None`: the line is broken.
    pub fn take(
        &mut self,
        fields: &mut Fields<'_>,
        is_whole: bool,
        at: Stamp,
        rules: &Instrument,
    ) -> Option<Arc<Depth>> {
        let (changed, proved) = (before(at, fields.number()?), before(at, fields.number()?));
        let (lag_ms, gaps) = (fields.number()?, fields.number()?);
        let mut known = || match fields.next()? {
            "-" => Some(None),
            text => rules.price(text.as_bytes()).ok().map(Some),
        };
        let (known_down_to, known_up_to) = (known()?, known()?);
        if is_whole {
            self.bids.levels.clear();
            self.asks.levels.clear();
        }
        read_side(&mut self.bids, Side::Buy, fields.next()?, rules)?;
        read_side(&mut self.asks, Side::Sell, fields.next()?, rules)?;
        let depth = Arc::new(Depth {
            symbol: rules.symbol,
            state: read_state(fields)?,
            bids: self.bids.levels.as_slice().into(),
            asks: self.asks.levels.as_slice().into(),
            known_down_to,
            known_up_to,
            proved,
            changed,
            lag_ms,
            gaps,
        });
        self.last = Some(Arc::clone(&depth));
        Some(depth)
    }

    /// Takes the rest of an `s` line.
    pub fn take_proof(&mut self, fields: &mut Fields<'_>, at: Stamp) -> Option<Arc<Depth>> {
        let (changed, proved) = (before(at, fields.number()?), before(at, fields.number()?));
        let state = read_state(fields)?;
        let last = self.last.as_ref()?;
        let depth = Arc::new(Depth {
            state,
            changed,
            proved,
            ..(**last).clone()
        });
        self.last = Some(Arc::clone(&depth));
        Some(depth)
    }
}

/// So many µs before a moment.
fn before(at: Stamp, us: u64) -> Stamp {
    let ns = us.saturating_mul(1_000);
    Stamp {
        mono_ns: at.mono_ns.saturating_sub(ns),
        wall_ns: at
            .wall_ns
            .saturating_sub(i64::try_from(ns).unwrap_or(i64::MAX)),
    }
}

fn read_side(half: &mut HalfBook, side: Side, text: &str, rules: &Instrument) -> Option<()> {
    if text == "-" {
        return Some(());
    }
    for level in text.split(',') {
        let (price, qty) = level.split_once(':')?;
        let level = Level {
            price: rules.price(price.as_bytes()).ok()?,
            qty: rules.qty(qty.as_bytes()).ok()?,
        };
        half.set(side, level);
    }
    Some(())
}

fn read_state(fields: &mut Fields<'_>) -> Option<BookState> {
    let word = fields.next()?;
    let why = || sanitise(fields.0, LONGEST_WHY);
    Some(match word {
        "live" => BookState::Live,
        "stale" => BookState::Stale(why()),
        "resync" => BookState::Resync(why()),
        "down" => BookState::Down(why()),
        _ => return None,
    })
}
