//! The makers of one symbol: what they quote, how they change their minds, how they fill gaps.

use rand::RngExt;
use rand_distr::{Distribution, Exp1};

use super::flow;
use super::ladder;
use super::population::Population;
use super::wall::Site;
use crate::domain::{Price, Qty, Side};
use crate::sim::market::Market;

/// A side with fewer levels than this is extended at once.
const FEWEST_LEVELS: usize = 180;
/// A side with more levels than this loses its furthest.
const MOST_LEVELS: usize = 1_500;
/// How many walls a symbol builds, per second.
const WALLS: f64 = 0.04;
/// Levels behind a new best price that are quoted with it.
const FOLLOW: i64 = 10;

impl Population {
    /// Best bid and ask that the makers want.
    pub(super) fn quotes(&self) -> (Price, Price) {
        let half = self.of.half_spread * self.weather().spread.powf(self.spread_response());
        let bid = (self.quoted - half + 0.5).floor() as i64;
        let ask = (self.quoted + half - 0.5).ceil() as i64;
        (Price(bid.max(2)), Price(ask.max(bid + 1).max(3)))
    }

    /// A spread of one large tick does not open with the mood.
    fn spread_response(&self) -> f64 {
        if self.of.half_spread <= 0.5 { 0.1 } else { 1.0 }
    }

    pub(super) fn wanted(&self, side: Side, price: Price) -> f64 {
        let (bid, ask) = self.quotes();
        let distance = match side {
            Side::Buy => bid.0 - price.0,
            Side::Sell => price.0 - ask.0,
        };
        let mut size = ladder::wanted(&self.of, side, price, distance, self.weather().depth);
        if distance <= 2 {
            // Makers thin out where the fair price is heading.
            let away = (self.fair - self.quoted) / self.of.stick * side.sign() as f64;
            size *= (1.1 * away).exp();
        }
        size + self.walls.at(side, price)
    }

    pub(super) fn add(&mut self, market: &mut Market, side: Side, price: Price, lots: f64) {
        if lots < 1.0 || price.0 < 2 {
            return;
        }
        let qty = flow::round_now_and_then(lots, 0.12, &mut self.rng);
        market.crowd_limit(self.clock_ms as i64, self.symbol, side, price, qty);
    }

    pub(super) fn on_grid(&self, side: Side, price: Price, distance: i64) -> Price {
        if distance < self.of.dense {
            return price;
        }
        let step = self.of.coarse.max(1);
        let down = price.0 - price.0.rem_euclid(step);
        Price(if side == Side::Buy { down } else { down + step })
    }

    /// One maker changes its mind about one level.
    pub(super) fn change(&mut self, market: &mut Market) {
        self.discover(market);
        self.requote(market);
        let side = if self.rng.random::<bool>() {
            Side::Buy
        } else {
            Side::Sell
        };
        if self.rng.random::<f64>() < WALLS / self.of.changes {
            self.build_wall(market, side);
        }
        let (bid, ask) = self.quotes();
        self.walls
            .look(market, self.symbol, (bid, ask), self.clock_ms);
        let best = if side == Side::Buy { bid } else { ask };
        let distance = self.draw_distance();
        let price = self.on_grid(side, best.behind(side, distance), distance);
        self.adjust(market, side, price);
        self.keep_depth(market);
    }

    fn build_wall(&mut self, market: &mut Market, side: Side) {
        let (bid, ask) = self.quotes();
        let best = if side == Side::Buy { bid } else { ask };
        let site = Site {
            symbol: self.symbol,
            side,
            best,
            now_ms: self.clock_ms,
        };
        self.walls.build(market, site, &self.of, &mut self.rng);
    }

    /// Most minds change near the best price, some anywhere in the dense part, a few far away.
    fn draw_distance(&mut self) -> i64 {
        let reach = match self.rng.random::<f64>() {
            u if u < 0.40 => self.of.hump / 4.0,
            u if u < 0.65 => self.of.hump * 1.5,
            u if u < 0.95 => self.of.dense as f64 / 2.0,
            _ => self.of.far as f64 / 2.0,
        };
        let draw: f64 = Exp1.sample(&mut self.rng);
        ((draw * reach) as i64).min(self.of.far)
    }

    /// Moves the size at a price towards what is wanted there, with a will of its own.
    fn adjust(&mut self, market: &mut Market, side: Side, price: Price) {
        let wanted = self.wanted(side, price);
        let now = market.level(self.symbol, side, price).0 as f64;
        let share = if wanted + now > 0.0 {
            now / (wanted + now)
        } else {
            return;
        };
        let part = self.rng.random_range(0.15..0.85);
        if wanted < 1.0 {
            market.crowd_pull(self.symbol, side, price, Qty(i64::MAX));
        } else if now < 1.0 {
            self.add(market, side, price, wanted * (0.5 + part));
        } else if self.rng.random::<f64>() < share.clamp(0.1, 0.9) {
            let gone = (now * share * part).max(1.0) as i64;
            market.crowd_pull(self.symbol, side, price, Qty(gone));
        } else {
            self.add(market, side, price, wanted * (1.0 - share) * part);
        }
    }

    /// Makers quote the best price again, and some levels behind it, where nothing is left there.
    pub(super) fn refill(&mut self, market: &mut Market, side: Side, best: Price) {
        let empty = |market: &Market, price| market.level(self.symbol, side, price).is_zero();
        if !empty(market, best) || self.rng.random::<f64>() > self.weather().refill {
            return;
        }
        let gap = (1..=FOLLOW).map(|distance| best.behind(side, distance));
        let gap: Vec<Price> = gap.take_while(|price| empty(market, *price)).collect();
        let size = self.wanted(side, best).max(self.of.level * 0.05);
        let part = self.rng.random_range(0.3..1.0);
        self.add(market, side, best, size * part);
        for price in gap {
            let size = self.wanted(side, price) * self.rng.random_range(0.3..1.2);
            self.add(market, side, price, size);
        }
    }

    /// Neither side ever runs out, and neither grows without end.
    pub(super) fn keep_depth(&mut self, market: &mut Market) {
        for side in [Side::Buy, Side::Sell] {
            let count = market.level_count(self.symbol, side);
            let Some(worst) = market.worst_price(self.symbol, side) else {
                let (bid, ask) = self.quotes();
                let best = if side == Side::Buy { bid } else { ask };
                self.add(market, side, best, self.of.level);
                continue;
            };
            if count > MOST_LEVELS {
                market.crowd_pull(self.symbol, side, worst, Qty(i64::MAX));
            } else if count < FEWEST_LEVELS {
                for step in 1..=60 {
                    let price = worst.behind(side, step);
                    let size = self.of.level * self.rng.random_range(0.2..1.5);
                    self.add(market, side, price, size);
                }
            }
        }
    }
}
