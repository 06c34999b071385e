//! Suspected icebergs: prices where more trades than was ever seen to rest, and that fill up again. A suspicion, not a proof: several
//! traders who refill one after another look the same.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Depth, Price, Print, Qty, Side, Stamp};

/// Prices watched at once; the one that traded longest ago gives way.
const MOST: usize = 32;
/// News that wait for whoever takes them; older ones go.
const MOST_NEWS: usize = 32;
/// Without a trade for so long a price is watched no longer, ms.
const IDLE_MS: u64 = 60_000;
/// Gone for so long a level is not refilled any more, ms.
const GONE_MS: u64 = 1_000;
/// It must have filled up so often.
const LEAST_REFILLS: u32 = 2;

/// How suspicious one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A price is suspected once it traded so many times the largest size that was seen there, in hundredths.
    pub factor_hundredths: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            factor_hundredths: 300,
        }
    }
}

/// A price where somebody seems to show a part only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Whose resting orders.
    pub side: Side,
    /// Where, ticks.
    pub price: Price,
    /// The largest size seen there, lots.
    pub seen: Qty,
    /// What traded there, lots.
    pub traded: Qty,
    /// How often it filled up again.
    pub refills: u32,
    /// When it traded last.
    pub at: Stamp,
}

/// A price that is watched.
#[derive(Clone, Copy, Debug)]
struct Spot {
    suspect: Suspect,
    /// In the newest picture, lots.
    visible: i64,
    /// It traded since it last filled up.
    eaten: bool,
    gone: Option<Stamp>,
    told: bool,
}

/// The reading of one symbol.
#[derive(Clone, Debug, Default)]
pub struct Icebergs {
    settings: Settings,
    newest: Option<Arc<Depth>>,
    spots: Vec<Spot>,
    news: VecDeque<Suspect>,
    shown: Arc<[Suspect]>,
}

impl Icebergs {
    /// Nothing watched yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        for print in prints {
            let side = print.side.opposite();
            if let Some(spot) = self.spot(now, side, print.price) {
                let suspect = &mut spot.suspect;
                suspect.traded = suspect.traded.plus(Qty(print.qty.0.max(0)));
                suspect.at = now;
                spot.eaten = true;
            }
        }
        self.judge();
    }

    /// Takes a picture; without a live book nothing is suspected.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        if !depth.state.is_live() {
            self.newest = None;
            self.spots.clear();
            self.judge();
            return;
        }
        for spot in &mut self.spots {
            spot.look(now, visible(depth, spot.suspect.side, spot.suspect.price));
        }
        self.newest = Some(Arc::clone(depth));
        self.tick(now);
    }

    /// Lets go of what is over.
    pub fn tick(&mut self, now: Stamp) {
        let idle = |spot: &Spot| now.ms_since(spot.suspect.at) >= IDLE_MS;
        let gone = |spot: &Spot| spot.gone.is_some_and(|at| now.ms_since(at) >= GONE_MS);
        self.spots.retain(|spot| !idle(spot) && !gone(spot));
        self.judge();
    }

    /// The suspected prices, in no order.
    pub const fn shown(&self) -> &Arc<[Suspect]> {
        &self.shown
    }

    /// Prices that came under suspicion since the last call, oldest first; each once as long as it is watched.
    pub fn take_news(&mut self) -> Vec<Suspect> {
        self.news.drain(..).collect()
    }

    /// The spot of a price; a new one where something was seen to rest there.
    fn spot(&mut self, now: Stamp, side: Side, price: Price) -> Option<&mut Spot> {
        let here = |spot: &Spot| spot.suspect.side == side && spot.suspect.price == price;
        if let Some(at) = self.spots.iter().position(here) {
            return self.spots.get_mut(at);
        }
        let visible = visible(self.newest.as_deref()?, side, price);
        if visible == 0 {
            return None;
        }
        if self.spots.len() == MOST {
            let oldest = (0..MOST).min_by_key(|at| self.spots[*at].suspect.at.mono_ns)?;
            self.spots.swap_remove(oldest);
        }
        self.spots.push(Spot {
            suspect: Suspect {
                side,
                price,
                seen: Qty(visible),
                traded: Qty::ZERO,
                refills: 0,
                at: now,
            },
            visible,
            eaten: false,
            gone: None,
            told: false,
        });
        self.spots.last_mut()
    }

    /// Tells of new suspicions and keeps the list that is shown.
    fn judge(&mut self) {
        let factor = self.settings.factor_hundredths;
        for spot in &mut self.spots {
            if !spot.told && spot.suspect.is_suspected(factor) {
                spot.told = true;
                if self.news.len() == MOST_NEWS {
                    self.news.pop_front();
                }
                self.news.push_back(spot.suspect);
            }
        }
        let suspected = self.spots.iter().filter(|spot| spot.told);
        let suspected = suspected.map(|spot| spot.suspect);
        if !suspected.clone().eq(self.shown.iter().copied()) {
            self.shown = suspected.collect();
        }
    }
}

impl Suspect {
    fn is_suspected(&self, factor_hundredths: u32) -> bool {
        let traded = i128::from(self.traded.0) * 100;
        let enough = i128::from(self.seen.0) * i128::from(factor_hundredths);
        self.refills >= LEAST_REFILLS && traded >= enough
    }
}

impl Spot {
    fn look(&mut self, now: Stamp, visible: i64) {
        if visible > self.visible && self.eaten {
            self.suspect.refills = self.suspect.refills.saturating_add(1);
            self.eaten = false;
        }
        self.visible = visible;
        self.suspect.seen = self.suspect.seen.max(Qty(visible));
        self.gone = match (visible, self.gone) {
            (0, None) => Some(now),
            (0, since) => since,
            _ => None,
        };
    }
}

/// Size at a price of one side, lots; the levels of a picture stand best first.
fn visible(depth: &Depth, side: Side, price: Price) -> i64 {
    let levels = match side {
        Side::Buy => &depth.bids,
        Side::Sell => &depth.asks,
    };
    let found = levels.binary_search_by(|level| match side {
        Side::Buy => price.cmp(&level.price),
        Side::Sell => level.price.cmp(&price),
    });
    found
        .ok()
        .and_then(|at| levels.get(at))
        .map_or(0, |level| level.qty.0.max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::BookState;
    use crate::market::sample::{book, print};

    fn depth(lots: i64) -> Arc<Depth> {
        let asks = [(100, lots), (101, 50)];
        let asks = if lots > 0 { &asks[..] } else { &asks[1..] };
        book(&[(98, 70)], asks, BookState::Live)
    }

    fn bought(lots: i64) -> Print {
        print(Side::Buy, 100, lots, 0)
    }

    #[test]
    fn a_level_that_fills_up_again_and_trades_beyond_what_it_showed_is_suspected_once() {
        let mut icebergs = Icebergs::new(Settings::default());
        let mut now = Stamp::default();
        icebergs.depth(now, &depth(10));
        for round in 1..=4 {
            now = now.plus_ms(200);
            icebergs.prints(now, &[bought(9)]);
            icebergs.depth(now, &depth(1));
            icebergs.depth(now, &depth(10));
            let news = icebergs.take_news();
            // 9 a round against three times 10: the fourth is beyond it.
            assert_eq!(news.len(), usize::from(round == 4), "round {round}");
            for suspect in news {
                assert_eq!((suspect.side, suspect.price), (Side::Sell, Price(100)));
                assert_eq!((suspect.seen, suspect.traded), (Qty(10), Qty(36)));
            }
        }
        assert_eq!(icebergs.shown().len(), 1);
        icebergs.depth(now, &depth(0));
        icebergs.tick(now.plus_ms(GONE_MS));
        assert!(
            icebergs.shown().is_empty(),
            "what is gone is suspected no more"
        );
    }

    #[test]
    fn a_wall_that_is_eaten_is_no_iceberg() {
        let mut icebergs = Icebergs::new(Settings::default());
        let now = Stamp::default();
        icebergs.depth(now, &depth(100));
        for left in (0..10).rev() {
            icebergs.prints(now, &[bought(10)]);
            icebergs.depth(now, &depth(left * 10));
        }
        assert!(icebergs.take_news().is_empty());
    }

    proptest! {
        /// Told from the whole history at once instead of step by step.
        #[test]
        fn it_suspects_when_a_slow_count_of_the_history_does(
            first in 1_i64..60,
            steps in proptest::collection::vec((any::<bool>(), 1_i64..60), 1..80),
            factor in 100_u32..500,
        ) {
            let mut icebergs = Icebergs::new(Settings { factor_hundredths: factor });
            let now = Stamp::default();
            icebergs.depth(now, &depth(first));
            let mut told = false;
            for end in 1..=steps.len() {
                let (trades, lots) = steps[end - 1];
                if trades {
                    icebergs.prints(now, &[bought(lots)]);
                } else {
                    icebergs.depth(now, &depth(lots));
                }
                told |= !icebergs.take_news().is_empty();
                let history = &steps[..end];
                let Some(begins) = history.iter().position(|(trades, _)| *trades) else {
                    prop_assert!(!told);
                    continue;
                };
                let traded: i64 = history.iter().filter(|(trades, _)| *trades).map(|(_, lots)| lots).sum();
                let pictures = |part: &[(bool, i64)]| part.iter().filter(|(trades, _)| !trades).map(|(_, lots)| *lots).collect::<Vec<_>>();
                let before = pictures(&history[..begins]).last().copied().unwrap_or(first);
                let seen = pictures(&history[begins..]).into_iter().chain([before]).max().unwrap_or(0);
                let (mut last, mut eaten, mut refills) = (before, false, 0);
                for (trades, lots) in &history[begins..] {
                    if *trades {
                        eaten = true;
                    } else {
                        if *lots > last && eaten {
                            (refills, eaten) = (refills + 1, false);
                        }
                        last = *lots;
                    }
                }
                let suspicious = refills >= LEAST_REFILLS && traded * 100 >= seen * i64::from(factor);
                prop_assert!(!suspicious || told);
                prop_assert_eq!(icebergs.shown().len(), usize::from(told));
            }
        }
    }
}
