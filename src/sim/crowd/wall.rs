//! Walls: one large order at a round price, kept or pulled as the price comes near.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::character::Character;
use crate::domain::{Price, Qty, Side};
use crate::sim::market::{Market, SymbolNo};

/// Walls of one symbol at a time.
const MOST: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Wall {
    side: Side,
    price: Price,
    qty: Qty,
    until_ms: f64,
    /// Pulled when the best price comes this near, ticks; negative: never.
    shy: i64,
}

/// Where and when a wall is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Which instrument.
    pub symbol: SymbolNo,
    /// Which side.
    pub side: Side,
    /// The best price that the makers want on that side.
    pub best: Price,
    /// Now, ms.
    pub now_ms: f64,
}

/// The walls of one symbol.
#[derive(Debug, Default)]
pub struct Walls {
    standing: Vec<Wall>,
}

impl Walls {
    /// What walls add to a price.
    pub fn at(&self, side: Side, price: Price) -> f64 {
        let here = |w: &&Wall| w.side == side && w.price == price;
        self.standing
            .iter()
            .filter(here)
            .map(|w| w.qty.0 as f64)
            .sum()
    }

    /// Builds one at a round price behind the best, if there is room for one.
    pub fn build(&mut self, market: &mut Market, site: Site, of: &Character, rng: &mut ChaCha8Rng) {
        if self.standing.len() >= MOST {
            return;
        }
        let Site {
            symbol,
            side,
            best,
            now_ms,
        } = site;
        let least = (of.hump * 0.8) as i64;
        let aim = best.behind(side, least + rng.random_range(0..of.round.max(2)));
        let down = aim.0 - aim.0.rem_euclid(of.round);
        let price = Price(match side {
            Side::Buy => down,
            Side::Sell => down + of.round,
        });
        let size = of.level * rng.random_range(14.0..45.0);
        let qty = super::flow::round_now_and_then(size, 0.8, rng);
        let shy = if rng.random::<f64>() < 0.6 {
            rng.random_range(2..6 + (of.hump / 2.0) as i64)
        } else {
            -1
        };
        if price.0 <= 1 {
            return;
        }
        market.crowd_limit(now_ms as i64, symbol, side, price, qty);
        self.standing.push(Wall {
            side,
            price,
            qty,
            until_ms: now_ms + rng.random_range(20_000.0..180_000.0),
            shy,
        });
    }

    /// Pulls what is shy of the best prices or has stood long enough.
    pub fn look(
        &mut self,
        market: &mut Market,
        symbol: SymbolNo,
        best: (Price, Price),
        now_ms: f64,
    ) {
        self.standing.retain(|wall| {
            let distance = match wall.side {
                Side::Buy => best.0.0 - wall.price.0,
                Side::Sell => wall.price.0 - best.1.0,
            };
            if wall.until_ms > now_ms && distance > wall.shy {
                return true;
            }
            if distance >= 0 {
                market.crowd_pull(symbol, wall.side, wall.price, wall.qty);
            }
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::super::character::character;
    use super::super::perpetuals::perpetuals;
    use super::*;

    #[test]
    fn some_walls_are_pulled_as_the_price_comes_near_and_none_outlives_its_time() {
        let symbol = SymbolNo(0);
        let of = character(&perpetuals()[0]);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut kept, mut pulled) = (0, 0);
        for _ in 0..60 {
            let mut market = Market::new(perpetuals(), 0);
            let mut walls = Walls::default();
            let site = Site {
                symbol,
                side: Side::Buy,
                best: Price(600_000),
                now_ms: 0.0,
            };
            walls.build(&mut market, site, &of, &mut rng);
            let wall = market.best(symbol).bid.unwrap();
            assert_eq!(wall.price.0 % of.round, 0);
            assert!(wall.qty.0 as f64 > of.level * 9.0);
            assert!(walls.at(Side::Buy, wall.price) > 0.0);
            let far = (Price(600_000), Price(600_001));
            walls.look(&mut market, symbol, far, 1.0);
            assert_eq!(market.best(symbol).bid, Some(wall));
            let near = (wall.price, wall.price.ahead(Side::Buy, 1));
            walls.look(&mut market, symbol, near, 2.0);
            if market.best(symbol).bid.is_some() {
                kept += 1;
            } else {
                pulled += 1;
            }
            walls.look(&mut market, symbol, far, 1e6);
            assert_eq!(market.best(symbol).bid, None);
        }
        assert!(kept > 10 && pulled > 10, "{kept} {pulled}");
    }
}
