//! An instrument for the tests of readings: ticks of 0.1, lots of 0.001.

use rust_decimal::{Decimal, dec};

use crate::domain::decimal::Step;
use crate::domain::{
    Asset, Instrument, InstrumentKind, Payoff, Price, Qty, Symbol, TradingStatus, Unit, VenueId,
};

pub fn instrument() -> Instrument {
    Instrument {
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
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
