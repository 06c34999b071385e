//! A day of candles from before the market opened, so that charts and the 24 h ticker have something to say.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rust_decimal::Decimal;

use super::character::character;
use crate::domain::{Instrument, Price, Qty};
use crate::sim::market::{Kline, Market, SymbolNo, SymbolSpec};

const MINUTE_MS: i64 = 60_000;
const MINUTES: i64 = 1_440;

/// Writes the day before `now_ms`, ending at the start price.
pub fn write(market: &mut Market, symbol: SymbolNo, spec: &SymbolSpec, seed: u64, now_ms: i64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(symbol.0) + 1_001);
    let first = now_ms - now_ms.rem_euclid(MINUTE_MS);
    let mut close = spec.start_price;
    let mut candles = Vec::new();
    for minute in 1..=MINUTES {
        let candle = candle(spec, close, first - minute * MINUTE_MS, &mut rng);
        close = candle.open;
        candles.push(candle);
    }
    candles.reverse();
    market.prepend_klines(symbol, candles);
}

/// A minute that ends at `close`.
fn candle(spec: &SymbolSpec, close: Price, open_ms: i64, rng: &mut ChaCha8Rng) -> Kline {
    let of = character(spec);
    let scale = of.reach * (of.news * 60.0).sqrt() * 1.4;
    let bell: f64 = StandardNormal.sample(rng);
    let open = Price((close.0 as f64 + bell * scale).max(2.0) as i64);
    let wick = |rng: &mut ChaCha8Rng| (rng.random::<f64>() * scale * 0.7) as i64;
    let high = Price(open.max(close).0 + wick(rng));
    let low = Price((open.min(close).0 - wick(rng)).max(1));
    let trades = (of.takes * 5.0 * 60.0 * rng.random_range(0.5..2.0)).max(1.0) as u64;
    let volume = (trades as f64 * of.take * rng.random_range(2.0..5.0)) as i64;
    let taker_buy = (volume as f64 * rng.random_range(0.35..0.65)) as i64;
    let middle = Price((open.0 + close.0) / 2);
    Kline {
        open_ms,
        open,
        high,
        low,
        close,
        volume,
        quote: worth(&spec.instrument, middle, volume),
        taker_buy,
        taker_buy_quote: worth(&spec.instrument, middle, taker_buy),
        trades,
    }
}

fn worth(instrument: &Instrument, price: Price, lots: i64) -> Decimal {
    instrument.price_decimal(price) * instrument.qty_decimal(Qty(lots)) * instrument.multiplier
}
