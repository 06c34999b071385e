//! The crowd of one symbol: makers that quote around a fair price, takers that come in bursts, news that move the price.
//!
//! Owns the fair price and the random stream of its symbol. One random clock drives all of it: the next event is drawn
//! from the sum of all rates, and thinned as the excitement of the takers fades.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};

use super::CrowdSettings;
use super::character::{Character, character};
use super::flow::{self, Flow};
use super::mood::{Mood, Moods, Weather};
use super::wall::Walls;
use crate::domain::{Price, Qty, Side};
use crate::sim::market::{Market, SymbolNo, SymbolSpec};

/// The crowd of one symbol.
#[derive(Debug)]
pub struct Population {
    pub(super) symbol: SymbolNo,
    pub(super) of: Character,
    pub(super) rng: ChaCha8Rng,
    moods: Moods,
    flow: Flow,
    pub(super) walls: Walls,
    /// Start price, ticks: news lean back to it, so that a long run stays near.
    anchor: f64,
    /// What the price should be, ticks.
    pub(super) fair: f64,
    /// What the makers quote around, ticks.
    pub(super) quoted: f64,
    pub(super) clock_ms: f64,
    due_ms: f64,
    /// The sum of rates that `due_ms` was drawn from, per second.
    drawn_rate: f64,
}

/// Rates per second.
#[derive(Clone, Copy, Debug)]
struct Rates {
    changes: f64,
    news: f64,
    buys: f64,
    sells: f64,
}

impl Rates {
    fn sum(&self) -> f64 {
        self.changes + self.news + self.buys + self.sells
    }
}

impl Population {
    /// A crowd that has not traded yet.
    pub fn new(settings: CrowdSettings, symbol: SymbolNo, spec: &SymbolSpec, now_ms: i64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        rng.set_stream(u64::from(symbol.0) + 1);
        let anchor = spec.start_price.0 as f64;
        let mut population = Self {
            symbol,
            of: character(spec),
            rng,
            moods: Moods::new(settings.mood),
            flow: Flow::default(),
            walls: Walls::default(),
            anchor,
            fair: anchor + 0.4,
            quoted: anchor + 0.4,
            clock_ms: now_ms as f64,
            due_ms: now_ms as f64,
            drawn_rate: 1.0,
        };
        population
            .moods
            .pass(population.clock_ms, &mut population.rng);
        population.draw_next();
        population
    }

    /// Quotes the whole ladder.
    pub fn settle_in(&mut self, market: &mut Market, now_ms: i64) {
        self.clock_ms = now_ms as f64;
        let (bid, ask) = self.quotes();
        for (side, best) in [(Side::Buy, bid), (Side::Sell, ask)] {
            let near = 0..self.of.dense;
            let far = (self.of.dense..self.of.far).step_by(self.of.coarse.max(1) as usize);
            for distance in near.chain(far) {
                let price = self.on_grid(side, best.behind(side, distance), distance);
                let size = self.wanted(side, price);
                self.add(market, side, price, size);
            }
        }
    }

    /// Forgets what was due before `now_ms`.
    pub fn skip_to(&mut self, now_ms: i64) {
        if self.due_ms < now_ms as f64 {
            self.clock_ms = now_ms as f64;
            self.flow = Flow::default();
            self.draw_next();
        }
    }

    /// When the next event is due, ms.
    pub const fn due_ms(&self) -> i64 {
        self.due_ms as i64
    }

    /// The mood of now.
    pub const fn mood(&self) -> Mood {
        self.moods.mood
    }

    /// Stays in one mood from now on, or changes at random again.
    pub const fn set_mood(&mut self, mood: Option<Mood>) {
        self.moods.set(mood);
    }

    /// Lets the event that is due happen and draws the next.
    pub fn act(&mut self, market: &mut Market) {
        self.flow.fade((self.due_ms - self.clock_ms) / 1_000.0);
        self.clock_ms = self.due_ms;
        self.moods.pass(self.clock_ms, &mut self.rng);
        let rates = self.rates();
        let mut at = self.rng.random::<f64>() * self.drawn_rate.max(rates.sum());
        // What lies beyond the sum is thinned away.
        if at < rates.changes {
            self.change(market);
        } else {
            at -= rates.changes;
            if at < rates.news {
                self.hear_news(market);
            } else if at < rates.news + rates.buys {
                self.take(market, Side::Buy);
            } else if at < rates.news + rates.buys + rates.sells {
                self.take(market, Side::Sell);
            }
        }
        self.draw_next();
    }

    fn draw_next(&mut self) {
        self.drawn_rate = self.rates().sum();
        let wait: f64 = Exp1.sample(&mut self.rng);
        self.due_ms = self.clock_ms + wait * 1_000.0 / self.drawn_rate;
    }

    pub(super) fn weather(&self) -> Weather {
        self.moods.mood.weather()
    }

    /// How much more likely the next move is up, −0.5 to 0.5.
    fn lean(&self) -> f64 {
        let trend = self.weather().lean * self.moods.way.sign() as f64;
        let home = (1.0 - self.fair / self.anchor) * 4.0;
        trend + home.clamp(-0.2, 0.2)
    }

    fn rates(&self) -> Rates {
        let weather = self.weather();
        let own = 2.0 * self.of.takes * weather.takes;
        // Takers also follow the fair price when it has left the quotes.
        let pressure = ((self.fair - self.quoted) / self.of.stick * 0.25).clamp(-0.3, 0.3);
        let up = (0.5 + self.lean() + pressure).clamp(0.1, 0.9);
        Rates {
            changes: self.of.changes * weather.changes,
            news: self.of.news * weather.news,
            buys: own * up + self.flow.excitement(Side::Buy),
            sells: own * (1.0 - up) + self.flow.excitement(Side::Sell),
        }
    }

    /// A lasting difference between the market and the crowd's idea moves the idea: others may know better.
    pub(super) fn discover(&mut self, market: &Market) {
        let best = market.best(self.symbol);
        let (Some(bid), Some(ask)) = (best.bid, best.ask) else {
            return;
        };
        let gap = (bid.price.0 + ask.price.0) as f64 / 2.0 - self.quoted;
        if gap.abs() > self.of.stick + self.of.half_spread + 1.0 {
            self.fair += gap * 0.04;
        }
    }

    /// News: the fair price jumps, quick takers and then the makers follow.
    fn hear_news(&mut self, market: &mut Market) {
        let size: f64 = Exp1.sample(&mut self.rng);
        let up = self.rng.random::<f64>() < 0.5 + self.lean();
        let reach = self.of.reach * self.weather().reach;
        self.fair += if up { size * reach } else { -size * reach };
        self.requote(market);
    }

    /// When the fair price has left the quotes, they follow it.
    pub(super) fn requote(&mut self, market: &mut Market) {
        let floor = self.of.dense as f64 * 2.0;
        self.fair = self.fair.max(floor.min(self.anchor * 0.5));
        if (self.fair - self.quoted).abs() > self.of.stick {
            self.quoted = self.fair;
            self.snipe(market);
        }
        let (bid, ask) = self.quotes();
        market.crowd_pull_better(self.symbol, Side::Buy, bid);
        market.crowd_pull_better(self.symbol, Side::Sell, ask);
        self.refill(market, Side::Buy, bid);
        self.refill(market, Side::Sell, ask);
    }

    /// The quickest take what is stale before it is withdrawn.
    fn snipe(&mut self, market: &mut Market) {
        let (bid, ask) = self.quotes();
        let best = market.best(self.symbol);
        let stale_ask = best.ask.filter(|a| a.price < ask);
        let stale_bid = best.bid.filter(|b| b.price > bid);
        let (side, level, limit) = match (stale_ask, stale_bid) {
            (Some(level), _) => (Side::Buy, level, ask.behind(Side::Buy, 1)),
            (None, Some(level)) => (Side::Sell, level, bid.behind(Side::Sell, 1)),
            (None, None) => return,
        };
        if self.rng.random::<f64>() < 0.45 {
            let take = flow::draw(&self.of, level.qty, &mut self.rng);
            self.hit(market, side, limit, take.qty);
        }
    }

    /// A taker comes, and calls for more.
    fn take(&mut self, market: &mut Market, side: Side) {
        self.flow.excite(side);
        let best = market.best(self.symbol);
        let far = if side == Side::Buy {
            best.ask
        } else {
            best.bid
        };
        let Some(level) = far else {
            return;
        };
        let take = flow::draw(&self.of, level.qty, &mut self.rng);
        self.hit(market, side, level.price.ahead(side, take.past), take.qty);
        self.keep_depth(market);
    }

    fn hit(&mut self, market: &mut Market, side: Side, limit: Price, qty: Qty) {
        let filled = market.crowd_take(self.clock_ms as i64, self.symbol, side, limit, qty);
        let weight = (filled.0 as f64 / self.of.take).sqrt().min(12.0);
        self.fair += self.of.impact * weight * side.sign() as f64;
    }
}
