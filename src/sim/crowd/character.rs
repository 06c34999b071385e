//! The character of a symbol's crowd. Plain data.

use rust_decimal::prelude::ToPrimitive;

use super::{perpetuals, spots};
use crate::domain::decimal::Step;
use crate::sim::market::SymbolSpec;

/// How the crowd of a symbol trades. Rates are per second in a calm mood, distances in ticks, sizes in lots.
#[derive(Clone, Copy, Debug)]
pub struct Character {
    /// Changes of the book.
    pub changes: f64,
    /// Takers of one side that come by themselves; excitement multiplies them by about 2.5.
    pub takes: f64,
    /// News that move the fair price.
    pub news: f64,
    /// Mean reach of news.
    pub reach: f64,
    /// Half the spread that makers want.
    pub half_spread: f64,
    /// How far the fair price may leave the quotes before they follow.
    pub stick: f64,
    /// Size of an ordinary level.
    pub level: f64,
    /// How much larger the best level is.
    pub touch: f64,
    /// Where the ladder is fattest.
    pub hump: f64,
    /// As far as this every tick may be quoted.
    pub dense: i64,
    /// As far as this every `coarse` ticks are quoted.
    pub far: i64,
    /// Steps of the far levels.
    pub coarse: i64,
    /// Share of ticks that nobody quotes.
    pub holes: f64,
    /// Round prices lie on multiples of this.
    pub round: i64,
    /// Median size of a taker.
    pub take: f64,
    /// Largest taker.
    pub most: f64,
    /// How far a median taker moves the fair price.
    pub impact: f64,
}

impl Character {
    /// The same crowd where a lot is another size: `lots` of the new ones make one of the old.
    pub(super) fn in_lots(self, lots: f64) -> Self {
        Self {
            level: self.level * lots,
            take: self.take * lots,
            most: self.most * lots,
            ..self
        }
    }
}

/// The character of a symbol's crowd, in lots of the symbol.
pub fn character(spec: &SymbolSpec) -> Character {
    let i = &spec.instrument;
    let (of, lot) = if spec.is_spot() {
        spots::character(i)
    } else {
        perpetuals::character(i)
    };
    let own = i.lot.decimal(1) * i.multiplier;
    let lots = Step::parse(lot)
        .ok()
        .and_then(|lot| lot.decimal(1).checked_div(own));
    of.in_lots(lots.and_then(|lots| lots.to_f64()).unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::super::perpetuals;
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn a_crowd_trades_the_same_coins_whatever_a_lot_is() {
        let mut spec = perpetuals().remove(0);
        let plain = character(&spec);
        assert_eq!((plain.level, plain.take), (420.0, 25.0));
        // 0.01 contracts of 0.01 coins: ten of these lots make one of 0.001 coins.
        spec.instrument.lot = Step::parse("0.01").unwrap();
        spec.instrument.multiplier = dec!(0.01);
        let contracts = character(&spec);
        assert_eq!((contracts.level, contracts.take), (4_200.0, 250.0));
        assert_eq!(contracts.half_spread, plain.half_spread);
    }
}
