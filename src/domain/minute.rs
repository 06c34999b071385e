//! A minute of trading as a venue tells it afterwards.

use super::{Price, Qty};

/// One minute that is over: what charts know of the time before a symbol was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minute {
    /// When it began, the venue's clock, ms since 1970.
    pub began_ms: i64,
    /// First price, ticks.
    pub open: Price,
    /// Highest, ticks.
    pub high: Price,
    /// Lowest, ticks.
    pub low: Price,
    /// Last price, ticks.
    pub close: Price,
    /// All that was traded, lots.
    pub qty: Qty,
    /// What buyers took of it, lots; `None` where the venue does not say who took.
    pub bought: Option<Qty>,
}

impl Minute {
    /// How long it lasts, ms.
    pub const MS: i64 = 60_000;
    /// Most of them that are told at once.
    pub const MOST: usize = 1_000;

    /// When it ended, the venue's clock, ms since 1970.
    pub const fn ended_ms(&self) -> i64 {
        self.began_ms.saturating_add(Self::MS)
    }

    /// False for what no minute can have been: it begins in the middle of one, a price is not above zero or outside of low and high, or
    /// more was bought than traded.
    pub fn is_sound(&self) -> bool {
        let inside = |price| (self.low..=self.high).contains(&price);
        let bought = self.bought.unwrap_or_default();
        self.began_ms.rem_euclid(Self::MS) == 0
            && self.low > Price(0)
            && inside(self.open)
            && inside(self.close)
            && (Qty::ZERO..=self.qty).contains(&bought)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_minute_can_have_been_is_not_sound() {
        let sound = Minute {
            began_ms: 120_000,
            open: Price(10),
            high: Price(12),
            low: Price(9),
            close: Price(11),
            qty: Qty(5),
            bought: Some(Qty(5)),
        };
        assert!(sound.is_sound());
        assert_eq!(sound.ended_ms(), 180_000);
        let spoilt = [
            Minute {
                began_ms: 120_001,
                ..sound
            },
            Minute {
                low: Price(11),
                ..sound
            },
            Minute {
                high: Price(10),
                ..sound
            },
            Minute {
                low: Price(0),
                ..sound
            },
            Minute {
                bought: Some(Qty(6)),
                ..sound
            },
            Minute {
                bought: Some(Qty(-1)),
                ..sound
            },
            Minute {
                qty: Qty(-1),
                bought: None,
                ..sound
            },
        ];
        assert_eq!(spoilt.iter().filter(|minute| minute.is_sound()).count(), 0);
    }
}
