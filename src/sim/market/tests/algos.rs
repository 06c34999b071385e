//! Conditional orders: triggers, refusals, what they become, how they end.

use rust_decimal::dec;

use super::*;

fn algo(side: Side, trigger: Trigger, qty: Option<i64>) -> AlgoAsk {
    AlgoAsk {
        symbol: S,
        client: None,
        side,
        leg: Leg::Both,
        trigger,
        watch: Watch::Last,
        protect: false,
        kind: Kind::Market,
        qty: qty.map(Qty),
        reduce_only: qty.is_some(),
        self_trade: SelfTrade::Allow,
    }
}

fn stop(side: Side, at: i64, qty: i64) -> AlgoAsk {
    algo(side, Trigger::Stop(Price(at)), Some(qty))
}

fn take(side: Side, at: i64, qty: i64) -> AlgoAsk {
    algo(side, Trigger::Take(Price(at)), Some(qty))
}

fn trail(side: Side, activate: Option<i64>, callback: Decimal, qty: i64) -> AlgoAsk {
    let activate = activate.map(Price);
    algo(side, Trigger::Trail { activate, callback }, Some(qty))
}

fn follow(side: Side, activate: Option<i64>, distance: i64, qty: i64) -> AlgoAsk {
    let (activate, distance) = (activate.map(Price), Price(distance));
    algo(side, Trigger::Follow { activate, distance }, Some(qty))
}

/// A market with a position of `a` of `lots` at 1000.0 and a deep crowd at 900.0 and 1100.0.
fn with_position(lots: i64) -> (Market, AccountNo) {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, lots);
    market.crowd_limit(T0, S, Side::Buy, Price(9_100), Qty(10_000));
    market.crowd_limit(T0, S, Side::Sell, Price(10_900), Qty(10_000));
    (market, a)
}

/// The crowd trades a little at a price.
fn print_at(market: &mut Market, price: i64) {
    market.crowd_limit(T0, S, Side::Sell, Price(price), Qty(1));
    market.crowd_take(T0, S, Side::Buy, Price(price), Qty(1));
}

fn state(market: &Market, account: AccountNo, id: u64) -> AlgoStatus {
    market.algo(account, WhichAlgo::Id(id)).unwrap().status
}

/// What an account was told, in words.
fn story(market: &mut Market, account: AccountNo) -> Vec<String> {
    let of = |event| match event {
        MarketEvent::Algo(e) if e.algo.account == account => {
            Some(format!("algo {:?}", e.algo.status))
        }
        MarketEvent::Order(e) if e.order.account == account => Some(match e.change {
            OrderChange::Trade(_) => format!("order {:?}", e.order.status),
            change => format!("order {change:?}"),
        }),
        _ => None,
    };
    market.drain_events().into_iter().filter_map(of).collect()
}

#[test]
fn a_trigger_fires_at_its_price_and_not_a_tick_before() {
    for (lots, ask, before, at) in [
        (100, stop(Side::Sell, 9_900, 100), 9_901, 9_900),
        (-100, stop(Side::Buy, 10_100, 100), 10_099, 10_101),
        (100, take(Side::Sell, 10_100, 100), 10_099, 10_100),
        (-100, take(Side::Buy, 9_900, 100), 9_901, 9_899),
    ] {
        let (mut market, a) = with_position(lots);
        let placed = market.place_algo(T0, a, ask).unwrap();
        print_at(&mut market, before);
        assert_eq!(state(&market, a, placed.id), AlgoStatus::New, "{ask:?}");
        print_at(&mut market, at);
        assert_eq!(
            state(&market, a, placed.id),
            AlgoStatus::Finished,
            "{ask:?}"
        );
        assert_eq!(market.position(a, S).unwrap().lots, 0, "{ask:?}");
    }
}

#[test]
fn a_triggered_order_is_told_step_by_step_and_linked() {
    let (mut market, a) = with_position(100);
    let placed = market
        .place_algo(T0, a, stop(Side::Sell, 9_900, 100))
        .unwrap();
    print_at(&mut market, 9_900);
    let told = story(&mut market, a);
    assert_eq!(
        told,
        [
            "algo New",
            "algo Triggering",
            "order New",
            "algo Triggered",
            "order Filled",
            "algo Finished"
        ]
    );
    let after = market.algo(a, WhichAlgo::Id(placed.id)).unwrap();
    let order = market.order(a, S, Which::Id(after.order.unwrap())).unwrap();
    assert_eq!((order.algo, order.client), (Some(placed.id), placed.client));
    assert!(
        placed.id > 1_000_000_000_000_000,
        "ids are never an order's"
    );
}

#[test]
fn a_mark_trigger_ignores_prints() {
    let (mut market, a) = with_position(100);
    let ask = AlgoAsk {
        watch: Watch::Mark,
        ..stop(Side::Sell, 9_900, 100)
    };
    let placed = market.place_algo(T0, a, ask).unwrap();
    print_at(&mut market, 9_500);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::New);
    market.crowd_limit(T0, S, Side::Sell, Price(9_110), Qty(1_000));
    for second in 1..20 {
        market.step(T0 + second * 1_000);
    }
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
}

#[test]
fn a_protected_order_waits_while_mark_and_last_are_apart() {
    let (mut market, a) = with_position(100);
    let ask = AlgoAsk {
        protect: true,
        ..stop(Side::Sell, 9_900, 100)
    };
    let placed = market.place_algo(T0, a, ask).unwrap();
    print_at(&mut market, 9_490);
    assert_eq!(
        state(&market, a, placed.id),
        AlgoStatus::New,
        "more than 5 %"
    );
    print_at(&mut market, 9_550);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
}

#[test]
fn a_trail_follows_the_best_price_and_comes_back_by_its_callback() {
    let (mut market, a) = with_position(100);
    let placed = market
        .place_algo(T0, a, trail(Side::Sell, Some(10_100), dec!(0.01), 100))
        .unwrap();
    for price in [10_050, 9_900, 10_099] {
        print_at(&mut market, price);
        let view = market.algo(a, WhichAlgo::Id(placed.id)).unwrap();
        assert!(view.is_open() && !view.activated, "{price}");
    }
    for price in [10_100, 10_300, 10_198] {
        print_at(&mut market, price);
        let view = market.algo(a, WhichAlgo::Id(placed.id)).unwrap();
        assert!(view.is_open() && view.activated, "{price}");
    }
    print_at(&mut market, 10_197);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
    assert_eq!(
        story(&mut market, a)[..2],
        ["algo New", "algo New"],
        "the second says: active"
    );

    let (mut market, a) = with_position(-100);
    let placed = market
        .place_algo(T0, a, trail(Side::Buy, None, dec!(0.01), 100))
        .unwrap();
    assert!(placed.activated);
    print_at(&mut market, 9_800);
    print_at(&mut market, 9_897);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::New);
    print_at(&mut market, 9_898);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
}

#[test]
fn what_would_trigger_at_once_is_refused() {
    let (mut market, a) = with_position(100);
    for ask in [
        stop(Side::Sell, 10_000, 10),
        stop(Side::Buy, 10_000, 10),
        take(Side::Sell, 10_000, 10),
        take(Side::Buy, 10_000, 10),
        trail(Side::Sell, Some(10_000), dec!(0.01), 10),
        trail(Side::Buy, Some(10_000), dec!(0.01), 10),
    ] {
        assert_eq!(
            market.place_algo(T0, a, ask),
            Err(Refuse::WouldTrigger),
            "{ask:?}"
        );
    }
    assert!(market.all_algos(a).is_empty());
}

#[test]
fn one_stop_and_one_take_may_close_the_position_and_they_go_with_it() {
    let (mut market, a) = with_position(100);
    let closes = |trigger| algo(Side::Sell, trigger, None);
    let low = market
        .place_algo(T0, a, closes(Trigger::Stop(Price(9_900))))
        .unwrap();
    let high = market
        .place_algo(T0, a, closes(Trigger::Take(Price(10_500))))
        .unwrap();
    let second = closes(Trigger::Stop(Price(9_800)));
    assert_eq!(market.place_algo(T0, a, second), Err(Refuse::CloseExists));
    let short = algo(Side::Buy, Trigger::Stop(Price(10_500)), None);
    assert_eq!(
        market.place_algo(T0, a, short),
        Err(Refuse::CloseNeedsPosition)
    );
    print_at(&mut market, 9_900);
    assert_eq!(market.position(a, S).unwrap().lots, 0);
    assert_eq!(state(&market, a, low.id), AlgoStatus::Finished);
    assert_eq!(state(&market, a, high.id), AlgoStatus::Expired);
}

#[test]
fn reduce_only_is_judged_at_the_trigger_and_stays_when_the_position_goes() {
    let (mut market, a, _) = pair();
    let ask = stop(Side::Sell, 9_900, 100);
    let placed = market.place_algo(T0, a, ask).unwrap();
    print_at(&mut market, 9_900);
    let status = AlgoStatus::Rejected(Refuse::ReduceOnlyRejected);
    assert_eq!(state(&market, a, placed.id), status);
    assert!(market.all_orders(a, S).is_empty());
}

#[test]
fn margin_is_checked_at_the_trigger_alone() {
    let (mut market, a, _) = pair();
    let big = AlgoAsk {
        reduce_only: false,
        ..stop(Side::Buy, 10_100, 100_000)
    };
    let placed = market
        .place_algo(
            T0,
            a,
            AlgoAsk {
                qty: Some(Qty(99_999)),
                ..big
            },
        )
        .unwrap();
    assert_eq!(market.account(a).unwrap().available, dec!(10000));
    market
        .submit(T0, a, limit(Side::Buy, 9_500, 90_000))
        .unwrap();
    market.crowd_limit(T0, S, Side::Sell, Price(10_100), Qty(100));
    market.crowd_take(T0, S, Side::Buy, Price(10_100), Qty(1));
    let status = AlgoStatus::Rejected(Refuse::MarginInsufficient);
    assert_eq!(state(&market, a, placed.id), status);
}

#[test]
fn a_stop_limit_rests_when_it_does_not_fill_and_finishes_when_it_is_cancelled() {
    let (mut market, a) = with_position(100);
    let ask = AlgoAsk {
        kind: Kind::Limit {
            price: Price(9_950),
            tif: Tif::Gtc,
        },
        ..stop(Side::Sell, 9_900, 100)
    };
    let placed = market.place_algo(T0, a, ask).unwrap();
    print_at(&mut market, 9_900);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Triggered);
    let order = market.open_orders(a, Some(S)).remove(0);
    assert_eq!(order.price(), Some(Price(9_950)));
    assert_eq!(
        market.cancel_algo(T0, a, WhichAlgo::Id(placed.id)),
        Err(Refuse::UnknownOrder)
    );
    market.cancel(T0, a, S, Which::Id(order.id)).unwrap();
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
}

#[test]
fn waiting_orders_do_not_count_against_the_position_and_a_triggered_one_knocks_resting_ones_out() {
    let (mut market, a) = with_position(100);
    market
        .place_algo(T0, a, stop(Side::Sell, 9_900, 100))
        .unwrap();
    let take = reducing(limit(Side::Sell, 10_500, 100));
    let take = market.submit(T0, a, take).unwrap();
    let close = reducing(market_order(Side::Sell, 100));
    assert_eq!(market.submit(T0, a, close), Err(Refuse::ReduceOnlyCovered));
    print_at(&mut market, 9_900);
    assert_eq!(market.position(a, S).unwrap().lots, 0);
    let take = market.order(a, S, Which::Id(take.id)).unwrap();
    assert_eq!((take.status, take.filled), (Status::Expired, Qty(0)));
}

#[test]
fn a_trigger_that_is_refused_knocks_nothing_out() {
    let (mut market, a) = with_position(100);
    let stop = market
        .place_algo(T0, a, stop(Side::Sell, 9_900, 100))
        .unwrap();
    let take = reducing(limit(Side::Sell, 10_500, 100));
    let take = market.submit(T0, a, take).unwrap();
    market.crowd_pull(S, Side::Buy, Price(9_100), Qty(i64::MAX));
    market.crowd_limit(T0, S, Side::Buy, Price(8_000), Qty(100));
    print_at(&mut market, 9_900);
    let status = AlgoStatus::Rejected(Refuse::MarketOutsideBand);
    assert_eq!(state(&market, a, stop.id), status);
    assert_eq!(market.order(a, S, Which::Id(take.id)), Some(&take));
}

#[test]
fn a_trigger_whose_name_is_taken_by_an_open_order_gets_another() {
    let (mut market, a) = with_position(100);
    market
        .submit(T0, a, named(limit(Side::Buy, 9_500, 10), "twice"))
        .unwrap();
    let ask = AlgoAsk {
        client: Some(ClientId::new("twice").unwrap()),
        ..stop(Side::Sell, 9_900, 100)
    };
    let placed = market.place_algo(T0, a, ask).unwrap();
    print_at(&mut market, 9_900);
    assert_eq!(state(&market, a, placed.id), AlgoStatus::Finished);
}

#[test]
fn at_most_two_hundred_wait_names_are_unique_and_cancel_all_leaves_orders_alone() {
    let (mut market, a) = with_position(100);
    market.submit(T0, a, limit(Side::Buy, 9_500, 10)).unwrap();
    let one = AlgoAsk {
        client: Some(ClientId::new("mine").unwrap()),
        ..stop(Side::Sell, 9_900, 1)
    };
    let first = market.place_algo(T0, a, one).unwrap();
    assert_eq!(market.place_algo(T0, a, one), Err(Refuse::DuplicateAlgoId));
    for _ in 1..200 {
        market
            .place_algo(T0, a, stop(Side::Sell, 9_900, 1))
            .unwrap();
    }
    let more = stop(Side::Sell, 9_900, 1);
    assert_eq!(market.place_algo(T0, a, more), Err(Refuse::TooManyAlgos));
    assert_eq!(
        market.set_hedge_mode(a, true),
        Err(Refuse::PositionModeOrders)
    );
    market.cancel_all(T0, a, S);
    assert_eq!(market.open_algos(a, Some(S)).len(), 200);
    market.cancel_all_algos(T0, a, S);
    assert!(market.open_algos(a, None).is_empty());
    assert_eq!(state(&market, a, first.id), AlgoStatus::Cancelled);
    assert!(
        market.place_algo(T0, a, one).is_ok(),
        "the name is free again"
    );
}

#[test]
fn a_trail_by_distance_follows_the_best_price_and_fires_that_far_from_it() {
    let (mut market, a) = with_position(10);
    let id = market
        .place_algo(T0, a, follow(Side::Sell, None, 50, 10))
        .unwrap()
        .id;
    for (price, fires) in [
        (10_000, false),
        (10_100, false),
        (10_051, false),
        (10_050, true),
    ] {
        print_at(&mut market, price);
        let waits = state(&market, a, id) == AlgoStatus::New;
        assert_eq!(!waits, fires, "at {price}");
    }
    assert_eq!(market.position(a, S).unwrap().lots, 0);
}

#[test]
fn a_trail_by_distance_waits_for_its_activation_price() {
    let (mut market, a) = with_position(10);
    let ask = follow(Side::Sell, Some(10_200), 50, 10);
    let id = market.place_algo(T0, a, ask).unwrap().id;
    for price in [10_100, 10_000] {
        print_at(&mut market, price);
        assert_eq!(state(&market, a, id), AlgoStatus::New, "at {price}");
    }
    print_at(&mut market, 10_200);
    print_at(&mut market, 10_150);
    assert_ne!(state(&market, a, id), AlgoStatus::New);
    let passed = follow(Side::Sell, Some(9_000), 50, 10);
    assert_eq!(
        market.place_algo(T0, a, passed).unwrap_err(),
        Refuse::WouldTrigger
    );
}

#[test]
fn a_waiting_order_is_changed_under_its_id_and_name() {
    let (mut market, a) = with_position(10);
    let placed = market
        .place_algo(T0, a, stop(Side::Sell, 9_800, 10))
        .unwrap();
    let which = WhichAlgo::Id(placed.id);
    let amend = |market: &mut Market, ask| market.amend_algo(T0, a, which, ask);
    assert_eq!(
        amend(&mut market, stop(Side::Sell, 9_800, 10)).unwrap_err(),
        Refuse::NoChange
    );
    let moved = amend(&mut market, stop(Side::Sell, 9_900, 5)).unwrap();
    assert_eq!((moved.id, moved.client), (placed.id, placed.client));
    assert_eq!(
        (moved.ask.trigger, moved.ask.qty),
        (Trigger::Stop(Price(9_900)), Some(Qty(5)))
    );
    let refused = amend(&mut market, stop(Side::Sell, 10_500, 5)).unwrap_err();
    assert_eq!(refused, Refuse::WouldTrigger);
    assert_eq!(market.algo(a, which).unwrap().ask, moved.ask, "as it was");
    print_at(&mut market, 9_900);
    assert_ne!(state(&market, a, placed.id), AlgoStatus::New);
    assert_eq!(
        amend(&mut market, stop(Side::Sell, 9_000, 5)).unwrap_err(),
        Refuse::UnknownOrder
    );
}

#[test]
fn one_that_closes_the_whole_position_may_be_moved_beside_no_other() {
    let (mut market, a) = with_position(10);
    let close = |at| algo(Side::Sell, Trigger::Stop(Price(at)), None);
    let id = market.place_algo(T0, a, close(9_800)).unwrap().id;
    assert_eq!(
        market.place_algo(T0, a, close(9_700)).unwrap_err(),
        Refuse::CloseExists
    );
    let moved = market
        .amend_algo(T0, a, WhichAlgo::Id(id), close(9_700))
        .unwrap();
    assert_eq!(moved.ask.trigger, Trigger::Stop(Price(9_700)));
    assert_eq!(market.open_algos(a, Some(S)).len(), 1);
}
