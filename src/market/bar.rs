//! What a chart is made of: bars of prints, and the frame that says where one ends and the next begins. Pure; integers only.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Instrument, Minute, Price, Print, Side};

/// A print so late, ms, is still of the newest bar; one later than that says that the venue's clock was set back.
const LATE_MS: i64 = 10_000;
/// Longest bar of time, ms: a day.
const LONGEST_MS: i64 = 86_400_000;

/// The frames of the charts, and the one that they begin with.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frames {
    /// In the order that the keys go through, at most [`MOST_FRAMES`].
    pub frames: Vec<Frame>,
    /// Which is shown at the start; one of them.
    pub frame: Frame,
}

impl Default for Frames {
    fn default() -> Self {
        let frame = Frame::Time(60_000);
        let frames = vec![frame];
        Self { frames, frame }
    }
}

/// Frames that are kept up at once: each costs memory.
pub const MOST_FRAMES: usize = 12;

impl Frames {
    /// The number of the one shown at the start.
    pub fn first(&self) -> usize {
        let is_it = |frame: &Frame| *frame == self.frame;
        self.frames.iter().position(is_it).unwrap_or(0)
    }
}

/// What ends a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum Frame {
    /// So many ms of the venue's clock, counted from midnight UTC.
    Time(i64),
    /// So much traded, in the instrument's unit of size.
    Size(Decimal),
    /// So much traded, quote currency.
    Quote(Decimal),
    /// So many ticks from low to high.
    Range(i64),
}

impl FromStr for Frame {
    type Err = String;

    /// `10s`, `5m`, `1h`, `vol:100`, `vol:500000q`, `range:50`.
    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || {
            format!(
                "{:?} is no time frame, it must be like 10s, 5m, 1h, vol:100, vol:500000q or range:50",
                crate::domain::text::sanitise(text, 24)
            )
        };
        if let Some(size) = text.strip_prefix("vol:") {
            let (number, quote) = match size.strip_suffix('q') {
                Some(number) => (number, true),
                None => (size, false),
            };
            let amount = Decimal::from_str(number).map_err(|_| fault())?;
            return match (amount > Decimal::ZERO, quote) {
                (false, _) => Err(fault()),
                (true, true) => Ok(Self::Quote(amount.normalize())),
                (true, false) => Ok(Self::Size(amount.normalize())),
            };
        }
        if let Some(ticks) = text.strip_prefix("range:") {
            let ticks = ticks.parse().ok().filter(|ticks| *ticks > 0);
            return ticks.map(Self::Range).ok_or_else(fault);
        }
        let unit = [("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
        let named = unit.iter().find_map(|(unit, ms)| {
            let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
            count.checked_mul(*ms)
        });
        named
            .filter(|ms| (1_000..=LONGEST_MS).contains(ms))
            .map(Self::Time)
            .ok_or_else(fault)
    }
}

impl TryFrom<String> for Frame {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(ms) if ms % 3_600_000 == 0 => write!(f, "{}h", ms / 3_600_000),
            Self::Time(ms) if ms % 60_000 == 0 => write!(f, "{}m", ms / 60_000),
            Self::Time(ms) => write!(f, "{}s", ms / 1_000),
            Self::Size(size) => write!(f, "vol:{size}"),
            Self::Quote(worth) => write!(f, "vol:{worth}q"),
            Self::Range(ticks) => write!(f, "range:{ticks}"),
        }
    }
}

/// A frame in the ticks and lots of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So many ms.
    Time(i64),
    /// So many lots.
    Lots(i64),
    /// So many ticks × lots.
    Value(i128),
    /// So many ticks from low to high.
    Range(i64),
}

impl Cut {
    /// The frame for an instrument. What the instrument cannot count is never reached: one bar goes on for ever.
    pub fn of(frame: Frame, instrument: &Instrument) -> Self {
        match frame {
            Frame::Time(ms) => Self::Time(ms),
            Frame::Range(ticks) => Self::Range(ticks),
            Frame::Size(size) => Self::Lots(instrument.lot.ceil(size).unwrap_or(i64::MAX).max(1)),
            Frame::Quote(worth) => {
                let one =
                    instrument.notional(instrument.tick.decimal(1), instrument.lot.decimal(1));
                let count = one.and_then(|one| worth.checked_div(one));
                Self::Value(
                    count
                        .and_then(|count| count.ceil().to_i128())
                        .unwrap_or(i128::MAX),
                )
            }
        }
    }

    /// When the bar that holds a moment began, ms since 1970: of time the last multiple of it, else the moment itself.
    pub const fn began(self, venue_ms: i64) -> i64 {
        match self {
            Self::Time(ms) => venue_ms.saturating_sub(venue_ms.rem_euclid(ms)),
            _ => venue_ms,
        }
    }
}

/// Open, high, low, close and what was traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When it began, the venue's clock, ms since 1970.
    pub began_ms: i64,
    /// First price.
    pub open: Price,
    /// Highest.
    pub high: Price,
    /// Lowest.
    pub low: Price,
    /// Latest.
    pub close: Price,
    /// What buyers took, lots.
    pub buys: i64,
    /// What sellers took, lots.
    pub sells: i64,
    /// What was traded besides: the venue did not say who took it, lots.
    pub untold: i64,
    /// Price × size over all prints, ticks × lots; what the venue told afterwards is not in it.
    pub value: i128,
}

impl Bar {
    /// A bar without a trade, at the price that the one before left.
    pub const fn still(began_ms: i64, price: Price) -> Self {
        Self {
            began_ms,
            open: price,
            high: price,
            low: price,
            close: price,
            buys: 0,
            sells: 0,
            untold: 0,
            value: 0,
        }
    }

    /// The bar that a print begins.
    pub fn begin(cut: Cut, print: &Print) -> Self {
        let mut bar = Self::still(cut.began(print.venue_ms), print.price);
        bar.add(print);
        bar
    }

    /// True while the print belongs to this bar.
    pub fn holds(&self, cut: Cut, print: &Print) -> bool {
        match cut {
            Cut::Time(ms) => {
                print.venue_ms < self.began_ms.saturating_add(ms)
                    && print.venue_ms >= self.began_ms.saturating_sub(LATE_MS)
            }
            Cut::Lots(lots) => self.volume() < lots,
            Cut::Value(value) => self.value < value,
            Cut::Range(ticks) => {
                let (low, high) = (self.low.min(print.price), self.high.max(print.price));
                high.0.saturating_sub(low.0) <= ticks
            }
        }
    }

    /// A minute that the venue told afterwards.
    pub fn of(minute: &Minute) -> Self {
        let all = minute.qty.0;
        let (buys, sells, untold) = match minute.bought {
            Some(bought) => (bought.0, all.saturating_sub(bought.0), 0),
            None => (0, 0, all),
        };
        Self {
            began_ms: minute.began_ms,
            open: minute.open,
            high: minute.high,
            low: minute.low,
            close: minute.close,
            buys,
            sells,
            untold,
            value: 0,
        }
    }

    /// Goes on with a bar that follows. Where nothing was traded a bar has no prices of its own.
    pub fn join(&mut self, next: &Self) {
        if next.volume() == 0 {
            return;
        }
        if self.volume() == 0 {
            (self.open, self.high, self.low) = (next.open, next.high, next.low);
        }
        self.high = self.high.max(next.high);
        self.low = self.low.min(next.low);
        self.close = next.close;
        self.buys = self.buys.saturating_add(next.buys);
        self.sells = self.sells.saturating_add(next.sells);
        self.untold = self.untold.saturating_add(next.untold);
        self.value = self.value.saturating_add(next.value);
    }

    /// This bar without what a part of it traded; its prices stay.
    pub fn less(self, part: &Self) -> Self {
        Self {
            buys: self.buys.saturating_sub(part.buys).max(0),
            sells: self.sells.saturating_sub(part.sells).max(0),
            untold: self.untold.saturating_sub(part.untold).max(0),
            value: self.value.saturating_sub(part.value).max(0),
            ..self
        }
    }

    /// Counts a print in.
    pub fn add(&mut self, print: &Print) {
        if self.volume() == 0 {
            (self.open, self.high, self.low) = (print.price, print.price, print.price);
        }
        self.high = self.high.max(print.price);
        self.low = self.low.min(print.price);
        self.close = print.price;
        let lots = print.qty.0.max(0);
        match print.side {
            Side::Buy => self.buys = self.buys.saturating_add(lots),
            Side::Sell => self.sells = self.sells.saturating_add(lots),
        }
        let value = i128::from(print.price.0).saturating_mul(i128::from(lots));
        self.value = self.value.saturating_add(value);
    }

    /// All that was traded, lots.
    pub const fn volume(&self) -> i64 {
        let told = self.buys.saturating_add(self.sells);
        told.saturating_add(self.untold)
    }

    /// What buyers took less what sellers took, lots; `None` where of some of it nobody said who took it.
    pub const fn delta(&self) -> Option<i64> {
        if self.untold > 0 {
            return None;
        }
        Some(self.buys.saturating_sub(self.sells))
    }
}

#[cfg(test)]
mod tests;
