//! What stands out: prints far larger than is usual, and sizes far larger than is usual that come or go near the best price.
//!
//! What is usual is measured: more than 995 of 1 000 others, and many times the middle one; or the trader says from where on.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::{Depth, Level, Price, Print, Qty, Side, Stamp};

/// Prints of one side within so many ms of the first are one order's.
const MERGE_MS: i64 = 100;
/// Sizes of orders that are remembered.
const ORDERS: usize = 2_000;
/// Levels of each side that are near the best price.
const NEAR: usize = 20;
/// Sizes of levels that are remembered: those of about three minutes.
const LEVELS: usize = 2 * NEAR * 180;
/// Time between two measurements, ms.
const MEASURE_MS: u64 = 1_000;
/// Fewer than this have no percentiles worth the name.
const FEWEST: usize = 200;
/// Of a thousand so many are smaller than what stands out ...
const THOUSANDTHS: usize = 995;
/// ... and it is so many times the middle one.
const TIMES: i64 = 5;
/// A size that stood so long came to stay, ms.
const STAYS_MS: u64 = 1_500;
/// Large sizes that are watched at once.
const MOST: usize = 16;
/// News that wait for whoever takes them; older ones go.
const MOST_NEWS: usize = 32;

/// Something that stood out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// One order took so much; where it traded last, ticks; lots so far.
    Print(Side, Price, Qty),
    /// So much has come to rest.
    Came(Side, Price, Qty),
    /// It was taken away before it traded.
    Pulled(Side, Price, Qty),
    /// It was traded away.
    Traded(Side, Price, Qty),
}

/// A rolling memory of sizes.
#[derive(Clone, Debug, Default)]
struct Usual {
    sizes: VecDeque<i64>,
    most: usize,
    bar: Option<i64>,
}

impl Usual {
    fn new(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    fn take(&mut self, lots: i64) {
        if self.sizes.len() == self.most {
            self.sizes.pop_front();
        }
        self.sizes.push_back(lots);
    }

    /// Measures anew.
    fn measure(&mut self) {
        let mut sizes: Vec<i64> = self.sizes.iter().copied().collect();
        self.bar = bar(&mut sizes);
    }
}

/// From which size on one stands out among these, lots; `None` while they are few. Their order is lost.
fn bar(sizes: &mut [i64]) -> Option<i64> {
    let count = sizes.len();
    if count < FEWEST {
        return None;
    }
    let nth = |sizes: &mut [i64], at: usize| *sizes.select_nth_unstable(at.min(count - 1)).1;
    let most = nth(sizes, count * THOUSANDTHS / 1_000);
    let middle = nth(sizes, count / 2);
    Some(most.saturating_add(1).max(middle.saturating_mul(TIMES)))
}

/// One aggressor's prints so far.
#[derive(Clone, Copy, Debug)]
struct Order {
    side: Side,
    first_ms: i64,
    lots: i64,
    is_told: bool,
}

/// A large size that is watched.
#[derive(Clone, Copy, Debug)]
struct Large {
    side: Side,
    price: Price,
    lots: i64,
    traded: i64,
    since: Stamp,
    is_told: bool,
}

/// The reading of one symbol.
#[derive(Clone, Debug)]
pub struct Outliers {
    orders: Usual,
    levels: Usual,
    /// From where on the trader wants to hear: of prints and of sizes, lots.
    by_hand: (Option<i64>, Option<i64>),
    order: Option<Order>,
    large: Vec<Large>,
    newest: Option<Arc<Depth>>,
    measured: Option<Stamp>,
    /// The first picture's sizes were there before anybody looked.
    has_looked: bool,
    news: VecDeque<News>,
}

impl Default for Outliers {
    fn default() -> Self {
        Self {
            orders: Usual::new(ORDERS),
            levels: Usual::new(LEVELS),
            by_hand: (None, None),
            order: None,
            large: Vec::new(),
            newest: None,
            measured: None,
            has_looked: false,
            news: VecDeque::new(),
        }
    }
}

impl Outliers {
    /// From where on prints and sizes stand out, lots, as the trader says; `None`: by what is usual.
    pub const fn set_by_hand(&mut self, prints: Option<i64>, sizes: Option<i64>) {
        self.by_hand = (prints, sizes);
    }

    /// Takes prints of this symbol, oldest first.
    pub fn prints(&mut self, prints: &[Print]) {
        for print in prints {
            self.print(print);
        }
    }

    fn print(&mut self, print: &Print) {
        let lots = print.qty.0.max(0);
        let rests = print.side.opposite();
        for large in &mut self.large {
            if large.side == rests && large.price == print.price {
                large.traded = large.traded.saturating_add(lots);
            }
        }
        let goes_on = self.order.filter(|order| {
            let later = print.venue_ms.saturating_sub(order.first_ms);
            order.side == print.side && (0..=MERGE_MS).contains(&later)
        });
        if goes_on.is_none()
            && let Some(ended) = self.order
        {
            self.orders.take(ended.lots);
        }
        let mut order = goes_on.unwrap_or(Order {
            side: print.side,
            first_ms: print.venue_ms,
            lots: 0,
            is_told: false,
        });
        order.lots = order.lots.saturating_add(lots);
        let bar = self.by_hand.0.or(self.orders.bar);
        if !order.is_told && bar.is_some_and(|bar| order.lots >= bar) {
            order.is_told = true;
            self.tell(News::Print(print.side, print.price, Qty(order.lots)));
        }
        self.order = Some(order);
    }

    /// Takes a picture; nothing is said of a book that is not live.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        if !depth.state.is_live() {
            self.newest = None;
            self.large.clear();
            self.has_looked = false;
            return;
        }
        self.newest = Some(Arc::clone(depth));
        self.look(now, depth);
    }

    /// Measures what is usual, once a second.
    pub fn tick(&mut self, now: Stamp) {
        if self
            .measured
            .is_some_and(|at| now.ms_since(at) < MEASURE_MS)
        {
            return;
        }
        self.measured = Some(now);
        self.orders.measure();
        if let Some(depth) = self.newest.clone() {
            for level in near(&depth.bids).chain(near(&depth.asks)) {
                self.levels.take(level.qty.0);
            }
            self.levels.measure();
            self.look(now, &depth);
        }
    }

    /// What stood out since the last call, oldest first.
    pub fn take_news(&mut self) -> Vec<News> {
        self.news.drain(..).collect()
    }

    fn tell(&mut self, news: News) {
        if self.news.len() == MOST_NEWS {
            self.news.pop_front();
        }
        self.news.push_back(news);
    }

    fn look(&mut self, now: Stamp, depth: &Depth) {
        let Some(bar) = self.by_hand.1.or(self.levels.bar) else {
            return;
        };
        for mut large in std::mem::take(&mut self.large) {
            let Some(lots) = resting(depth, large.side, large.price) else {
                self.large.push(large);
                continue;
            };
            if lots >= bar / 4 * 3 {
                large.lots = large.lots.max(lots);
                let stays = now.ms_since(large.since) >= STAYS_MS;
                if stays && !large.is_told {
                    large.is_told = true;
                    self.tell(News::Came(large.side, large.price, Qty(lots)));
                }
                self.large.push(large);
            } else if large.is_told {
                let qty = Qty(large.lots);
                self.tell(if large.traded >= large.lots / 2 {
                    News::Traded(large.side, large.price, qty)
                } else {
                    News::Pulled(large.side, large.price, qty)
                });
            }
        }
        for (side, levels) in [(Side::Buy, &depth.bids), (Side::Sell, &depth.asks)] {
            for level in near(levels).filter(|level| level.qty.0 >= bar) {
                let known = |large: &Large| large.side == side && large.price == level.price;
                if self.large.len() < MOST && !self.large.iter().any(known) {
                    self.large.push(Large {
                        side,
                        price: level.price,
                        lots: level.qty.0,
                        traded: 0,
                        since: now,
                        is_told: !self.has_looked,
                    });
                }
            }
        }
        self.has_looked = true;
    }
}

fn near(levels: &[Level]) -> impl Iterator<Item = &Level> {
    levels.iter().take(NEAR)
}

/// What rests at a price, lots; `None` where the picture does not reach so far.
fn resting(depth: &Depth, side: Side, price: Price) -> Option<i64> {
    let levels = match side {
        Side::Buy => &depth.bids,
        Side::Sell => &depth.asks,
    };
    let found = levels.iter().find(|level| level.price == price);
    let is_within = levels
        .last()
        .is_some_and(|last| price.crosses(side, last.price));
    match found {
        Some(level) => Some(level.qty.0),
        None => is_within.then_some(0),
    }
}

#[cfg(test)]
mod tests;
