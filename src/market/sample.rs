//! What the tests of readings read: an instrument with ticks of 0.1 and lots of 0.001, pictures of its book, prints.

use std::sync::Arc;

use rust_decimal::{Decimal, dec};

use crate::domain::decimal::Step;
use crate::domain::{
    Asset, BookState, Depth, Instrument, InstrumentKind, Level, Payoff, Price, Print, Qty, Side,
    Stamp, Symbol, TradingStatus, Unit, VenueId,
};

pub fn instrument() -> Instrument {
    Instrument {
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: symbol(),
        kind: InstrumentKind::Perpetual,
        base: Asset::new("BTC").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::parse("0.1").unwrap(),
        lot: Step::parse("0.001").unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(10_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(100_000),
        min_notional: dec!(5),
        band: None,
        max_orders: 200,
        status: TradingStatus::Trading,
    }
}

pub fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

/// A picture of these levels, price and lots each, best first.
pub fn book(bids: &[(i64, i64)], asks: &[(i64, i64)], state: BookState) -> Arc<Depth> {
    let side = |levels: &[(i64, i64)]| {
        let level = |(price, lots): &(i64, i64)| Level {
            price: Price(*price),
            qty: Qty(*lots),
        };
        levels.iter().map(level).collect()
    };
    Arc::new(Depth {
        symbol: symbol(),
        state,
        bids: side(bids),
        asks: side(asks),
        known_down_to: None,
        known_up_to: None,
        proved: Stamp::default(),
        changed: Stamp::default(),
        lag_ms: 0,
        gaps: 0,
    })
}

pub fn print(side: Side, price: i64, lots: i64, venue_ms: i64) -> Print {
    Print {
        symbol: symbol(),
        side,
        price: Price(price),
        qty: Qty(lots),
        venue_ms,
    }
}
