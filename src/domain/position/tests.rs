//! Position arithmetic against a naive ledger that keeps every single lot.

use proptest::prelude::*;

use super::*;
use crate::domain::decimal::Step;
use crate::domain::{
    Account, Asset, ClientId, Liquidity, MarketKey, Payoff, Price, Qty, Stamp, Symbol,
    TradingStatus, Unit, VenueId,
};

fn instrument() -> Instrument {
    Instrument {
        venue: VenueId::new("venue").unwrap(),
        symbol: Symbol::new("ABC").unwrap(),
        kind: crate::domain::InstrumentKind::Perpetual,
        base: Asset::new("A").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::parse("1").unwrap(),
        lot: Step::parse("1").unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(i64::MAX),
        min_qty: Qty(1),
        max_qty: Qty(i64::MAX),
        max_market_qty: Qty(i64::MAX),
        min_notional: Decimal::ZERO,
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    }
}

fn fill(side: Side, price: i64, qty: i64, fee_asset: &str) -> Fill {
    Fill {
        leg: None,
        key: MarketKey {
            account: Account::new("a").unwrap(),
            venue: VenueId::new("venue").unwrap(),
            symbol: Symbol::new("ABC").unwrap(),
            leg: None,
        },
        client: ClientId::new("m1").unwrap(),
        order: crate::domain::OrderId::of_number(1),
        trade: crate::domain::OrderId::of_number(1),
        side,
        price: Decimal::from(price),
        qty: Qty(qty),
        fee: Decimal::ONE,
        fee_asset: Asset::new(fee_asset).unwrap(),
        realised: None,
        liquidity: Liquidity::Taker,
        venue_ms: 0,
        at: Stamp::default(),
        recovered: false,
    }
}

/// Money in and out, and nothing else: cash falls by what is bought and rises by what is sold.
#[derive(Default)]
struct Cash {
    size: i64,
    cash: i64,
}

impl Cash {
    fn apply(&mut self, side: Side, price: i64, qty: i64) {
        self.size += side.sign() * qty;
        self.cash -= side.sign() * qty * price;
    }
}

#[test]
fn c5_a_fill_through_zero_closes_the_old_position_and_opens_the_rest_at_its_own_price() {
    let mut position = Position::default();
    position
        .apply(&fill(Side::Buy, 100, 10, "USDT"), &instrument())
        .unwrap();
    position
        .apply(&fill(Side::Sell, 120, 25, "USDT"), &instrument())
        .unwrap();
    assert_eq!(position.size, Decimal::from(-15));
    assert_eq!(position.entry, Decimal::from(120));
    assert_eq!(position.realised, Decimal::from(200));
    assert_eq!(position.fees, Decimal::from(2));
    assert_eq!(position.side(), Some(Side::Sell));
}

#[test]
fn a_fee_in_another_asset_is_not_booked_as_money() {
    let mut position = Position::default();
    position
        .apply(&fill(Side::Buy, 100, 10, "BNB"), &instrument())
        .unwrap();
    assert_eq!(position.fees, Decimal::ZERO);
}

#[test]
fn an_overflow_leaves_the_position_as_it_was() {
    let mut position = Position::default();
    position
        .apply(&fill(Side::Buy, 100, 10, "USDT"), &instrument())
        .unwrap();
    let before = position;
    let huge = Fill {
        price: Decimal::MAX,
        ..fill(Side::Sell, 1, i64::MAX, "USDT")
    };
    assert!(position.apply(&huge, &instrument()).is_none());
    assert_eq!(position, before);
}

proptest! {
    #[test]
    fn c5_size_and_money_agree_with_a_naive_ledger(
        fills in prop::collection::vec((any::<bool>(), 1..10_000_i64, 1..1_000_i64), 1..60),
        mark in 1..10_000_i64,
    ) {
        let mut position = Position::default();
        let mut naive = Cash::default();
        for (buy, price, qty) in fills {
            let side = if buy { Side::Buy } else { Side::Sell };
            let before = position.size;
            position.apply(&fill(side, price, qty, "USDT"), &instrument()).unwrap();
            naive.apply(side, price, qty);
            prop_assert_eq!(position.size, Decimal::from(naive.size));
            prop_assert_eq!(position.entry.is_zero(), naive.size == 0);
            let flipped = !before.is_zero()
                && !position.size.is_zero()
                && before.is_sign_positive() != position.size.is_sign_positive();
            if flipped {
                prop_assert_eq!(position.entry, Decimal::from(price));
            }
        }
        // Whatever the path: realised + open at any price is the cash and the stock at that price.
        let at = Decimal::from(mark);
        let open = position.open_pnl(at, &instrument()).unwrap_or_default();
        let worth = Decimal::from(naive.cash + naive.size * mark);
        let difference = (position.realised + open - worth).abs();
        prop_assert!(difference < Decimal::new(1, 9), "off by {difference}");
    }
}
