//! The kit of the market's tests, and the rules one by one.

mod accept;
mod algos;
mod legs;
mod money;
mod reference;
mod rules;
mod spot;

use rust_decimal::dec;

use super::*;
use crate::domain::decimal::Step;
use crate::domain::{
    Asset, ClientId, Instrument, Payoff, Qty, Side, Symbol, TradingStatus, Unit, VenueId,
};

pub(super) const S: SymbolNo = SymbolNo(0);
/// 13 minutes past a funding.
pub(super) const T0: i64 = 1_767_225_600_000 + 780_000;

/// Tick 0.1, lot 0.001, start price 1000.0.
pub(super) fn spec(name: &str) -> SymbolSpec {
    SymbolSpec {
        instrument: Instrument {
            venue: VenueId::new("sim").unwrap(),
            symbol: Symbol::new(name).unwrap(),
            kind: crate::domain::InstrumentKind::Perpetual,
            base: Asset::new("BTC").unwrap(),
            quote: Asset::new("USDT").unwrap(),
            settle: Asset::new("USDT").unwrap(),
            tick: Step::parse("0.1").unwrap(),
            lot: Step::parse("0.001").unwrap(),
            multiplier: Decimal::ONE,
            unit: Unit::Base,
            payoff: Payoff::Linear,
            min_price: Price(1),
            max_price: Price(1_000_000),
            min_qty: Qty(1),
            max_qty: Qty(1_000_000),
            max_market_qty: Qty(100_000),
            min_notional: dec!(5),
            band: Some((dec!(0.9), dec!(1.1))),
            max_orders: 5,
            status: TradingStatus::Trading,
        },
        start_price: Price(10_000),
        max_leverage: 100,
        default_leverage: 10,
        maintenance_rate: dec!(0.005),
        trigger_protect: dec!(0.05),
        funding_interval_ms: 3_600_000,
    }
}

pub(super) fn rich(wallet: Decimal) -> AccountSpec {
    AccountSpec {
        asset: Asset::new("USDT").unwrap(),
        wallet,
        maker_fee: dec!(0.0002),
        taker_fee: dec!(0.0005),
        spot: SpotTerms::default(),
    }
}

/// A market with one symbol and two accounts of 10 000 USDT.
pub(super) fn pair() -> (Market, AccountNo, AccountNo) {
    let mut market = Market::new(vec![spec("BTCUSDT")], T0);
    let a = market.open_account(rich(dec!(10000)));
    let b = market.open_account(rich(dec!(10000)));
    (market, a, b)
}

pub(super) fn limit(side: Side, price: i64, qty: i64) -> Submit {
    Submit {
        symbol: S,
        client: None,
        side,
        leg: Leg::Both,
        kind: Kind::Limit {
            price: Price(price),
            tif: Tif::Gtc,
        },
        qty: Qty(qty),
        reduce_only: false,
        self_trade: SelfTrade::Allow,
    }
}

pub(super) fn with_tif(ask: Submit, tif: Tif) -> Submit {
    let price = match ask.kind {
        Kind::Limit { price, .. } => price,
        Kind::Market => Price(0),
    };
    Submit {
        kind: Kind::Limit { price, tif },
        ..ask
    }
}

pub(super) fn market_order(side: Side, qty: i64) -> Submit {
    Submit {
        kind: Kind::Market,
        ..limit(side, 1, qty)
    }
}

pub(super) fn reducing(ask: Submit) -> Submit {
    Submit {
        reduce_only: true,
        ..ask
    }
}

pub(super) fn named(ask: Submit, name: &str) -> Submit {
    Submit {
        client: Some(ClientId::new(name).unwrap()),
        ..ask
    }
}

/// `a` gets `lots` (signed) at 1000.0 from `b`.
pub(super) fn give_position(market: &mut Market, a: AccountNo, b: AccountNo, lots: i64) {
    let side = if lots > 0 { Side::Buy } else { Side::Sell };
    market
        .submit(T0, b, limit(side.opposite(), 10_000, lots.abs()))
        .unwrap();
    market
        .submit(T0, a, limit(side, 10_000, lots.abs()))
        .unwrap();
    market.drain_events();
}
