//! How fast it trades: prints and volume of the last second and the last ten, each beside what is usual. Pure.
//!
//! Whole seconds by arrival: the figures step once a second. What is usual is the median of the last ten minutes.

use std::collections::VecDeque;

use super::rank;
use super::seconds::Seconds;
use crate::domain::{Print, Qty, Side, Stamp};

/// Seconds in the longer window.
const LONG: usize = 10;
/// Seconds that the medians look back.
const REMEMBERED: usize = 600;
/// Fewer figures have no median worth the name.
const LEAST: usize = 30;

/// What was traded in a second, or in several.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    prints: i64,
    buys: i64,
    sells: i64,
}

impl Sum {
    const fn volume(self) -> i64 {
        self.buys.saturating_add(self.sells)
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            prints: self.prints.saturating_add(other.prints),
            buys: self.buys.saturating_add(other.buys),
            sells: self.sells.saturating_add(other.sells),
        }
    }
}

/// The figures of one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Prints in tenths a second.
    pub prints: i64,
    /// Lots a second, rounded down.
    pub volume: Qty,
    /// Prints against their median, in tenths; `None` where too little was seen or the median is nothing.
    pub prints_times: Option<i64>,
    /// Volume against its median, in tenths; `None` likewise.
    pub volume_times: Option<i64>,
}

/// The figures as shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaceView {
    /// Of the last whole second.
    pub second: Rate,
    /// Of the last ten.
    pub ten: Rate,
    /// Bought and sold by aggressors in those ten, lots.
    pub bought: Qty,
    /// See `bought`.
    pub sold: Qty,
}

/// The sums of one window, second by second.
#[derive(Clone, Debug, Default)]
struct History {
    prints: VecDeque<i64>,
    volumes: VecDeque<i64>,
}

impl History {
    fn take(&mut self, sum: Sum) {
        for (kept, value) in [
            (&mut self.prints, sum.prints),
            (&mut self.volumes, sum.volume()),
        ] {
            if kept.len() == REMEMBERED {
                kept.pop_front();
            }
            kept.push_back(value);
        }
    }

    fn rate(&self, sum: Sum, seconds: i64) -> Rate {
        Rate {
            prints: sum.prints.saturating_mul(10) / seconds,
            volume: Qty(sum.volume() / seconds),
            prints_times: times(sum.prints, &self.prints),
            volume_times: times(sum.volume(), &self.volumes),
        }
    }
}

/// A value in tenths of the median of those before it, itself among them.
fn times(value: i64, before: &VecDeque<i64>) -> Option<i64> {
    if before.len() < LEAST {
        return None;
    }
    let mut values: Vec<i64> = before.iter().copied().collect();
    let median = rank::median(&mut values).filter(|median| *median > 0)?;
    let tenths = i128::from(value) * 10 + i128::from(median) / 2;
    i64::try_from(tenths / i128::from(median)).ok()
}

/// One symbol's pace.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    seconds: Seconds,
    open: Sum,
    latest: VecDeque<Sum>,
    short: History,
    long: History,
    view: PaceView,
}

impl Pace {
    /// Takes prints of this symbol.
    pub fn take(&mut self, now: Stamp, prints: &[Print]) {
        self.tick(now);
        for print in prints {
            let (buys, sells) = match print.side {
                Side::Buy => (print.qty.0, 0),
                Side::Sell => (0, print.qty.0),
            };
            let one = Sum {
                prints: 1,
                buys,
                sells,
            };
            self.open = self.open.plus(one);
        }
    }

    /// Closes the seconds that ended.
    pub fn tick(&mut self, now: Stamp) {
        let ended = self.seconds.ended(now);
        for _ in 0..ended {
            let second = std::mem::take(&mut self.open);
            self.close(second);
        }
        if ended > 0 {
            self.look();
        }
    }

    fn close(&mut self, second: Sum) {
        self.latest.push_back(second);
        if self.latest.len() > LONG {
            self.latest.pop_front();
        }
        self.short.take(second);
        if self.latest.len() == LONG {
            self.long.take(self.ten());
        }
    }

    fn ten(&self) -> Sum {
        self.latest.iter().copied().fold(Sum::default(), Sum::plus)
    }

    fn look(&mut self) {
        let second = self.latest.back().copied().unwrap_or_default();
        let ten = self.ten();
        // Before there are ten seconds the window is what there is.
        let seconds = i64::try_from(self.latest.len().max(1)).unwrap_or(1);
        self.view = PaceView {
            second: self.short.rate(second, 1),
            ten: self.long.rate(ten, seconds),
            bought: Qty(ten.buys),
            sold: Qty(ten.sells),
        };
    }

    /// The figures as of the last whole second.
    pub const fn view(&self) -> PaceView {
        self.view
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Price, Symbol};
    use proptest::prelude::*;

    fn print(side: Side, qty: i64) -> Print {
        Print {
            symbol: Symbol::new("BTCUSDT").unwrap(),
            side,
            price: Price(100),
            qty: Qty(qty),
            venue_ms: 0,
        }
    }

    /// The median by sorting everything.
    fn middle(mut values: Vec<i64>) -> i64 {
        values.sort_unstable();
        values[(values.len() - 1) / 2]
    }

    fn slow_times(value: i64, values: &[i64]) -> Option<i64> {
        let latest: Vec<i64> = values.iter().rev().take(600).copied().collect();
        let median = if latest.len() < 30 { 0 } else { middle(latest) };
        (median > 0).then(|| (value * 10 + median / 2) / median)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_pace_is_that_of_counting_every_print_again(
            trades in proptest::collection::vec((0_u64..2_000, any::<bool>(), 1_i64..900), 1..400)
        ) {
            let mut pace = Pace::default();
            let (mut at, mut all) = (0, Vec::new());
            pace.tick(Stamp::default());
            for (step, buy, qty) in trades {
                at += step;
                let side = if buy { Side::Buy } else { Side::Sell };
                pace.take(Stamp::default().plus_ms(at), &[print(side, qty)]);
                all.push((at, side, qty));
            }
            let end = (at / 1_000 + 1) * 1_000;
            pace.tick(Stamp::default().plus_ms(end));
            // What was traded in the `seconds` before each whole second, from all of them.
            let sums = |seconds: u64, keep: fn(&(u64, Side, i64)) -> i64| -> Vec<i64> {
                (seconds..=end / 1_000).map(|last| {
                    let (from, to) = ((last - seconds) * 1_000, last * 1_000);
                    all.iter().filter(|one| one.0 >= from && one.0 < to).map(keep).sum()
                }).collect()
            };
            let view = pace.view();
            let (ones, volumes) = (sums(1, |_| 1), sums(1, |one| one.2));
            prop_assert_eq!(view.second.prints, ones.last().unwrap() * 10);
            prop_assert_eq!(view.second.volume.0, *volumes.last().unwrap());
            prop_assert_eq!(view.second.prints_times, slow_times(*ones.last().unwrap(), &ones));
            prop_assert_eq!(view.second.volume_times, slow_times(*volumes.last().unwrap(), &volumes));
            let seconds = (end / 1_000).min(10);
            let tens = sums(seconds, |_| 1);
            let volumes = sums(seconds, |one| one.2);
            prop_assert_eq!(view.ten.prints, tens.last().unwrap() * 10 / seconds as i64);
            prop_assert_eq!(view.ten.volume.0, volumes.last().unwrap() / seconds as i64);
            if seconds == 10 {
                prop_assert_eq!(view.ten.prints_times, slow_times(*tens.last().unwrap(), &tens));
                prop_assert_eq!(view.ten.volume_times, slow_times(*volumes.last().unwrap(), &volumes));
            }
            let bought = sums(seconds, |one| if one.1 == Side::Buy { one.2 } else { 0 });
            prop_assert_eq!(view.bought.0, *bought.last().unwrap());
            prop_assert_eq!(view.bought.0 + view.sold.0, *volumes.last().unwrap());
        }
    }

    #[test]
    fn hostile_sizes_do_not_overflow() {
        let mut pace = Pace::default();
        for second in 0..40 {
            let many = [print(Side::Buy, i64::MAX), print(Side::Sell, i64::MAX)];
            pace.take(Stamp::default().plus_ms(second * 1_000), &many);
        }
        assert_eq!(pace.view().second.volume, Qty(i64::MAX));
        assert_eq!(pace.view().second.volume_times, Some(10));
    }
}
