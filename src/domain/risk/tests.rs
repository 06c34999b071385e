//! Every limit at, just under and just over its number.

use proptest::prelude::*;

use super::*;
use crate::domain::decimal::Step;
use crate::domain::{
    Account, Asset, ClientId, MarketKey, OrderClass, OrderRef, Payoff, Symbol, TradingStatus, Unit,
    VenueId,
};
use crate::domain::{Callback, TimeInForce, TriggerBy};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Tick 1, lot 1, so that notional is price × size in whole numbers.
fn instrument() -> Instrument {
    Instrument {
        venue: VenueId::new("venue").unwrap(),
        symbol: Symbol::new("ABC").unwrap(),
        kind: crate::domain::InstrumentKind::Perpetual,
        base: Asset::new("A").unwrap(),
        quote: Asset::new("C").unwrap(),
        settle: Asset::new("C").unwrap(),
        tick: Step::parse("1").unwrap(),
        lot: Step::parse("1").unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(100_000),
        min_qty: Qty(2),
        max_qty: Qty(1_000),
        max_market_qty: Qty(500),
        min_notional: dec("5000"),
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    }
}

fn limits() -> Limits {
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: dec("100000"),
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: dec("250000"),
        max_open_orders: 3,
        max_orders_per_second: 4,
        max_orders_per_minute: 40,
        max_identical_per_second: 2,
        collar_through: dec("0.005"),
        collar_away: dec("0.2"),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: dec("100"),
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

fn calm() -> Exposure {
    Exposure {
        bid: Some(Price(1_000)),
        ask: Some(Price(1_000)),
        position: Decimal::ZERO,
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: Decimal::ZERO,
    }
}

fn order(side: Side, price: i64, qty: i64) -> NewOrder {
    NewOrder {
        leg: None,
        key: MarketKey {
            account: Account::new("a").unwrap(),
            venue: VenueId::new("venue").unwrap(),
            symbol: Symbol::new("ABC").unwrap(),
            leg: None,
        },
        id: ClientId::new("m1").unwrap(),
        side,
        qty: Qty(qty),
        kind: OrderKind::Limit {
            price: Price(price),
            tif: TimeInForce::Gtc,
        },
        intent: Intent::Entry,
    }
}

fn words(order: NewOrder, now: &Exposure) -> String {
    check(order, &instrument(), &limits(), now)
        .map_or_else(|refusal| refusal.to_string(), |_| "passes".to_owned())
}

#[test]
fn rule10_every_limit_passes_at_its_number_and_refuses_just_beyond() {
    let buy = |price, qty| order(Side::Buy, price, qty);
    let sell = |price, qty| order(Side::Sell, price, qty);
    let table = [
        (buy(1_000, 100), calm(), "passes"),
        (
            buy(1_000, 101),
            calm(),
            "order is worth 101000, your limit is 100000",
        ),
        (buy(1_000, 5), calm(), "passes"),
        (
            buy(1_000, 4),
            calm(),
            "order is worth 4000, the venue's minimum is 5000",
        ),
        (
            buy(1_000, 1),
            calm(),
            "size 1 is outside the venue's 2 to 1000",
        ),
        (
            buy(1_000, 1_001),
            calm(),
            "size 1001 is outside the venue's 2 to 1000",
        ),
        (buy(1_005, 50), calm(), "passes"),
        (
            buy(1_006, 50),
            calm(),
            "price 1006 is too far from the market (through the other side)",
        ),
        (sell(995, 50), calm(), "passes"),
        (
            sell(994, 50),
            calm(),
            "price 994 is too far from the market (through the other side)",
        ),
        (buy(800, 50), calm(), "passes"),
        (
            buy(799, 50),
            calm(),
            "price 799 is too far from the market (away from its own side)",
        ),
        (sell(1_200, 50), calm(), "passes"),
        (
            sell(1_201, 50),
            calm(),
            "price 1201 is too far from the market (away from its own side)",
        ),
        (buy(0, 50), calm(), "price 0 is outside the venue's range"),
        (
            buy(1_000, 50),
            Exposure {
                position: dec("200"),
                ..calm()
            },
            "passes",
        ),
        (
            buy(1_000, 51),
            Exposure {
                position: dec("200"),
                ..calm()
            },
            "position could reach 251000, your limit is 250000",
        ),
        (
            buy(1_000, 50),
            Exposure {
                position: dec("100"),
                open_buys: Qty(101),
                ..calm()
            },
            "position could reach 251000, your limit is 250000",
        ),
        (
            sell(1_000, 50),
            Exposure {
                open_sells: Qty(201),
                open_exits: Qty::ZERO,
                ..calm()
            },
            "position could reach 251000, your limit is 250000",
        ),
        (
            buy(1_000, 50),
            Exposure {
                open_sells: Qty(900),
                open_exits: Qty::ZERO,
                ..calm()
            },
            "passes",
        ),
        (
            buy(1_000, 50),
            Exposure {
                open_orders: 2,
                ..calm()
            },
            "passes",
        ),
        (
            buy(1_000, 50),
            Exposure {
                open_orders: 3,
                ..calm()
            },
            "3 entries are open, your limit is 3",
        ),
        (
            buy(1_000, 50),
            Exposure {
                sent_last_second: 4,
                ..calm()
            },
            "4 entries in the last second, your limit is 4",
        ),
        (
            buy(1_000, 50),
            Exposure {
                sent_last_minute: 39,
                ..calm()
            },
            "passes",
        ),
        (
            buy(1_000, 50),
            Exposure {
                sent_last_minute: 40,
                ..calm()
            },
            "40 entries in the last minute, your limit is 40",
        ),
        (
            buy(1_000, 50),
            Exposure {
                identical_last_second: 2,
                ..calm()
            },
            "2 identical entries in the last second, your limit is 2",
        ),
        (
            buy(1_000, 50),
            Exposure {
                day_result: dec("-99.99"),
                ..calm()
            },
            "passes",
        ),
        (
            buy(1_000, 50),
            Exposure {
                day_result: dec("-100"),
                ..calm()
            },
            "loss limit of the day 100 reached: exits only",
        ),
        (
            buy(1_000, 50),
            Exposure {
                bid: None,
                ask: None,
                ..calm()
            },
            "no reference price: entries wait for a book",
        ),
        (
            buy(1_000, 50),
            Exposure {
                bid: None,
                ..calm()
            },
            "passes",
        ),
    ];
    for (order, now, wanted) in table {
        assert_eq!(words(order, &now), wanted, "{order:?} {now:?}");
    }
}

#[test]
fn rule10_a_stop_entry_is_checked_at_its_trigger_and_its_bound() {
    let stop = |side, trigger, limit| NewOrder {
        kind: OrderKind::Stop {
            trigger: Price(trigger),
            limit: Some(Price(limit)),
            by: TriggerBy::Last,
        },
        ..order(side, 0, 50)
    };
    let (buy, sell) = (
        |trigger, limit| stop(Side::Buy, trigger, limit),
        |trigger, limit| stop(Side::Sell, trigger, limit),
    );
    let table = [
        (buy(1_100, 1_105), "passes"),
        (
            buy(1_100, 1_106),
            "price 1106 is too far from the market (through the other side)",
        ),
        (sell(900, 896), "passes"),
        (
            sell(900, 895),
            "price 895 is too far from the market (through the other side)",
        ),
        (buy(1_200, 1_200), "passes"),
        (
            buy(1_201, 1_201),
            "price 1201 is too far from the market (trigger away from the market)",
        ),
        (sell(800, 800), "passes"),
        (
            sell(799, 799),
            "price 799 is too far from the market (trigger away from the market)",
        ),
        (
            buy(1_000, 799),
            "price 799 is too far from the market (away from its own side)",
        ),
        (
            NewOrder {
                qty: Qty(91),
                ..buy(1_100, 1_100)
            },
            "order is worth 100100, your limit is 100000",
        ),
        (buy(1_000, 0), "price 0 is outside the venue's range"),
    ];
    for (order, wanted) in table {
        assert_eq!(words(order, &calm()), wanted, "{order:?}");
    }
    let blind = Exposure {
        bid: None,
        ask: None,
        ..calm()
    };
    assert_eq!(
        words(buy(1_100, 1_105), &blind),
        "no reference price: entries wait for a book"
    );
}

#[test]
fn rule10_a_conditional_entry_that_nothing_bounds_is_refused_and_such_an_exit_passes() {
    let stop = OrderKind::Stop {
        trigger: Price(1_000),
        limit: None,
        by: TriggerBy::Mark,
    };
    let trail = OrderKind::Trail {
        activation: None,
        callback: Callback::Rate(10),
        by: TriggerBy::Last,
    };
    for kind in [stop, trail] {
        let entry = NewOrder {
            kind,
            ..order(Side::Buy, 0, 50)
        };
        let exit = NewOrder {
            intent: Intent::Exit,
            ..entry
        };
        assert_eq!(
            words(entry, &calm()),
            "entries are always priced: no market entry"
        );
        assert_eq!(words(exit, &calm()), "passes");
    }
}

#[test]
fn rule10_a_limit_of_zero_lets_nothing_through() {
    let zero = Limits {
        max_order_notional: Decimal::ZERO,
        max_position_notional: Decimal::ZERO,
        max_open_orders: 0,
        max_orders_per_second: 0,
        max_identical_per_second: 0,
        max_order: sizes("0"),
        max_position: sizes("0"),
        max_orders_per_minute: 0,
        ..limits()
    };
    assert!(check(order(Side::Buy, 1_000, 50), &instrument(), &zero, &calm()).is_err());
}

/// A size limit of the one symbol.
fn sizes(most: &str) -> std::collections::BTreeMap<Symbol, Decimal> {
    std::collections::BTreeMap::from([(Symbol::new("ABC").unwrap(), dec(most))])
}

#[test]
fn rule10_sizes_of_a_symbol_pass_at_their_number_and_refuse_just_beyond() {
    let wide = Limits {
        max_position_notional: dec("1000000"),
        ..limits()
    };
    let order_limit = Limits {
        max_order: sizes("50"),
        ..wide.clone()
    };
    let position_limit = Limits {
        max_position: sizes("80"),
        ..wide
    };
    let held = Exposure {
        position: dec("-20"),
        open_sells: Qty(10),
        open_exits: Qty::ZERO,
        ..calm()
    };
    let said = |side, qty, limits: &Limits, now: &Exposure| {
        check(order(side, 1_000, qty), &instrument(), limits, now)
            .map_or_else(|refusal| refusal.to_string(), |_| "passes".to_owned())
    };
    assert_eq!(said(Side::Buy, 50, &order_limit, &calm()), "passes");
    let words = "order of 51 is above your limit of 50";
    assert_eq!(said(Side::Buy, 51, &order_limit, &calm()), words);
    assert_eq!(said(Side::Sell, 50, &position_limit, &held), "passes");
    let words = "position could be 81, your limit is 80";
    assert_eq!(said(Side::Sell, 51, &position_limit, &held), words);
    assert_eq!(said(Side::Buy, 100, &position_limit, &held), "passes");
    // Another symbol's limits are not this one's.
    let mut other = position_limit;
    other.max_position = std::iter::once((Symbol::new("XYZ").unwrap(), dec("1"))).collect();
    assert_eq!(said(Side::Buy, 60, &other, &calm()), "passes");
}

#[test]
fn rule10_an_entry_by_market_and_an_inverse_contract_are_refused() {
    let market = NewOrder {
        kind: OrderKind::Market,
        ..order(Side::Buy, 0, 50)
    };
    assert_eq!(
        words(market, &calm()),
        "entries are always priced: no market entry"
    );
    let inverse = Instrument {
        payoff: Payoff::Inverse,
        ..instrument()
    };
    let refusal = check(order(Side::Buy, 1_000, 50), &inverse, &limits(), &calm());
    assert_eq!(refusal.unwrap_err(), Refusal::Inverse);
}

#[test]
fn numbers_that_do_not_fit_are_refused_not_wrapped() {
    let huge = Instrument {
        max_price: Price(i64::MAX),
        max_qty: Qty(i64::MAX),
        ..instrument()
    };
    let now = Exposure {
        bid: Some(Price(i64::MAX)),
        ask: Some(Price(i64::MAX)),
        ..calm()
    };
    let refusal = check(order(Side::Buy, i64::MAX, i64::MAX), &huge, &limits(), &now);
    assert!(refusal.is_err());
}

#[test]
fn rule5_an_amend_of_an_exit_passes_and_one_of_an_entry_is_checked() {
    let amend = Amend {
        key: order(Side::Buy, 1, 1).key,
        order: OrderRef {
            client: ClientId::new("m1").unwrap(),
            venue: None,
            class: OrderClass::Regular,
        },
        side: Side::Buy,
        price: Price(5_000),
        qty: Qty(900),
    };
    let checked = |intent| check_amend(amend, intent, &instrument(), &limits(), &calm());
    assert!(checked(Intent::Exit).is_ok());
    assert!(checked(Intent::Entry).is_err());
}

proptest! {
    #[test]
    fn rule5_exits_pass_whatever_the_numbers_are(
        price in any::<i64>(), qty in 1..i64::MAX, position in any::<i64>(),
        open in 0..i64::MAX, result in any::<i64>(), sent in any::<u32>(), market in any::<bool>(),
    ) {
        let kind = if market {
            OrderKind::Market
        } else {
            OrderKind::Limit { price: Price(price), tif: TimeInForce::Ioc }
        };
        let exit = NewOrder { intent: Intent::Exit, kind, ..order(Side::Sell, 1, qty) };
        let now = Exposure {
            bid: None,
            ask: None,
            position: Decimal::from(position),
            open_buys: Qty(open),
            open_sells: Qty(open),
            open_exits: Qty(open),
            open_orders: sent,
            sent_last_second: sent,
            sent_last_minute: sent,
            identical_last_second: sent,
            day_result: Decimal::from(result),
        };
        prop_assert!(check(exit, &instrument(), &limits(), &now).is_ok());
    }

    #[test]
    fn rule10_what_passes_is_inside_every_limit(
        side in prop_oneof![Just(Side::Buy), Just(Side::Sell)],
        price in 700..1_300_i64, qty in 0..1_100_i64, position in -300..300_i64,
        open_buys in 0..200_i64, open_sells in 0..200_i64,
    ) {
        let now = Exposure {
            position: Decimal::from(position),
            open_buys: Qty(open_buys),
            open_sells: Qty(open_sells),
            open_exits: Qty(open_sells),
            ..calm()
        };
        let inside = || {
            let worth = price * qty;
            let worst = match side {
                Side::Buy => position + open_buys + qty,
                Side::Sell => position - open_sells - qty,
            };
            let collar = match side {
                Side::Buy => (800..=1_005).contains(&price),
                Side::Sell => (995..=1_200).contains(&price),
            };
            (2..=1_000).contains(&qty)
                && (5_000..=100_000).contains(&worth)
                && worst.abs() * price <= 250_000
                && collar
        };
        let passed = check(order(side, price, qty), &instrument(), &limits(), &now).is_ok();
        prop_assert_eq!(passed, inside());
    }
}
