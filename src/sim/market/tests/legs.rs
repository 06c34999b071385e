//! Hedge mode and isolated margin.

use rust_decimal::dec;

use super::*;

fn of(leg: Leg, ask: Submit) -> Submit {
    Submit { leg, ..ask }
}

/// An account in hedge mode with 100 lots long and 40 short at 1000.0, and a crowd at 999.9 and 1000.1.
fn hedged() -> (Market, AccountNo) {
    let (mut market, a, _) = pair();
    market.set_hedge_mode(a, true).unwrap();
    for (side, price) in [(Side::Buy, 9_999), (Side::Sell, 10_001)] {
        market.crowd_limit(T0, S, side, Price(price), Qty(100_000));
    }
    for (leg, side, lots) in [(Leg::Long, Side::Buy, 100), (Leg::Short, Side::Sell, 40)] {
        market
            .submit(T0, a, of(leg, market_order(side, lots)))
            .unwrap();
    }
    (market, a)
}

fn lots(market: &Market, a: AccountNo) -> [i64; 2] {
    [Leg::Long, Leg::Short].map(|leg| market.position_leg(a, S, leg).unwrap().lots)
}

#[test]
fn the_mode_changes_only_without_orders_and_positions() {
    let (mut market, a, b) = pair();
    let no_change = Err(Refuse::PositionModeNoChange);
    assert_eq!(market.set_hedge_mode(a, false), no_change);
    market.submit(T0, a, limit(Side::Buy, 9_000, 10)).unwrap();
    let orders = Err(Refuse::PositionModeOrders);
    assert_eq!(market.set_hedge_mode(a, true), orders);
    market.cancel_all(T0, a, S);
    give_position(&mut market, b, a, 10);
    let position = Err(Refuse::PositionModePosition);
    assert_eq!(market.set_hedge_mode(a, true), position);
    let (mut market, a) = hedged();
    assert_eq!(market.set_hedge_mode(a, false), position);
}

#[test]
fn an_order_names_a_position_of_its_mode() {
    let (mut market, a) = hedged();
    let order = limit(Side::Buy, 9_900, 10);
    assert_eq!(market.submit(T0, a, order), Err(Refuse::PositionSide));
    let c = market.open_account(rich(dec!(1000)));
    let order = of(Leg::Long, order);
    assert_eq!(market.submit(T0, c, order), Err(Refuse::PositionSide));
}

#[test]
fn a_long_and_a_short_stand_beside_each_other_and_neither_flips() {
    let (mut market, a) = hedged();
    assert_eq!(lots(&market, a), [100, -40]);
    let cover = of(Leg::Short, market_order(Side::Buy, 100));
    let done = market.submit(T0, a, cover).unwrap();
    assert!(done.reduce_only, "its side says so");
    assert_eq!((done.qty, lots(&market, a)), (Qty(40), [100, 0]));
    assert_eq!(market.submit(T0, a, cover), Err(Refuse::ReduceOnlyRejected));
    let take = of(Leg::Long, limit(Side::Sell, 10_100, 100));
    market.submit(T0, a, take).unwrap();
    let close = of(Leg::Long, market_order(Side::Sell, 100));
    assert_eq!(market.submit(T0, a, close), Err(Refuse::ReduceOnlyCovered));
    let open = of(Leg::Short, market_order(Side::Sell, 10));
    market.submit(T0, a, open).unwrap();
    assert_eq!(
        lots(&market, a),
        [100, -10],
        "the long's orders do not count against the short"
    );
}

#[test]
fn each_position_binds_margin_and_both_are_liquidated_at_one_price() {
    let (market, a) = hedged();
    let view = market.account(a).unwrap();
    let [long, short] = [Leg::Long, Leg::Short].map(|leg| market.position_leg(a, S, leg).unwrap());
    assert_eq!(
        view.position_margin,
        long.position_margin + short.position_margin
    );
    assert_eq!(long.liquidation, short.liquidation);
    assert_eq!(view.unrealised, long.unrealised + short.unrealised);
}

#[test]
fn a_stop_of_a_leg_closes_that_leg() {
    let (mut market, a) = hedged();
    let ask = AlgoAsk {
        symbol: S,
        client: None,
        side: Side::Sell,
        leg: Leg::Long,
        trigger: Trigger::Stop(Price(9_900)),
        watch: Watch::Last,
        protect: false,
        kind: Kind::Market,
        qty: None,
        reduce_only: false,
        self_trade: SelfTrade::Allow,
    };
    market.place_algo(T0, a, ask).unwrap();
    let wrong = AlgoAsk {
        leg: Leg::Short,
        trigger: Trigger::Stop(Price(9_800)),
        ..ask
    };
    let refused = Err(Refuse::CloseNeedsPosition);
    assert_eq!(market.place_algo(T0, a, wrong), refused);
    market.crowd_take(T0, S, Side::Sell, Price(9_999), Qty(200_000));
    market.crowd_limit(T0, S, Side::Buy, Price(9_900), Qty(1_000));
    market.crowd_take(T0, S, Side::Sell, Price(9_900), Qty(1));
    assert_eq!(lots(&market, a), [0, -40]);
}

#[test]
fn a_fallen_account_loses_both_legs() {
    let (mut market, a) = hedged();
    market.set_leverage(T0, a, S, 100).unwrap();
    market
        .submit(T0, a, of(Leg::Long, market_order(Side::Buy, 99_000)))
        .unwrap();
    market.crowd_pull(S, Side::Buy, Price(9_999), Qty(i64::MAX));
    market.crowd_pull(S, Side::Sell, Price(10_001), Qty(i64::MAX));
    for (side, price) in [(Side::Buy, 8_940), (Side::Sell, 8_950)] {
        market.crowd_limit(T0, S, side, Price(price), Qty(200_000));
    }
    for second in 1..20 {
        market.step(T0 + second * 1_000);
    }
    assert_eq!(lots(&market, a), [0, 0]);
}

#[test]
fn the_margin_mode_changes_only_without_orders_and_a_position() {
    let (mut market, a, b) = pair();
    let no_change = Err(Refuse::MarginModeNoChange);
    assert_eq!(market.set_isolated(T0, a, S, false), no_change);
    market.submit(T0, a, limit(Side::Buy, 9_000, 10)).unwrap();
    let orders = Err(Refuse::MarginModeOrders);
    assert_eq!(market.set_isolated(T0, a, S, true), orders);
    market.cancel_all(T0, a, S);
    market.set_isolated(T0, a, S, true).unwrap();
    give_position(&mut market, a, b, 10);
    let position = Err(Refuse::MarginModePosition);
    assert_eq!(market.set_isolated(T0, a, S, false), position);
}

/// `a` is long one coin at 1000.0, isolated at a leverage of ten.
fn isolated() -> (Market, AccountNo, AccountNo) {
    let (mut market, a, b) = pair();
    market.set_isolated(T0, a, S, true).unwrap();
    give_position(&mut market, a, b, 1_000);
    (market, a, b)
}

#[test]
fn an_isolated_position_takes_its_margin_and_gives_back_what_closes() {
    let (mut market, a, b) = isolated();
    let view = |m: &Market| m.position(a, S).unwrap().isolated_wallet;
    assert_eq!(view(&market), dec!(100));
    let account = market.account(a).unwrap();
    assert_eq!(account.cross_wallet, account.wallet - dec!(100));
    assert_eq!(account.available, account.cross_wallet);
    market.submit(T0, b, limit(Side::Buy, 10_000, 250)).unwrap();
    market.submit(T0, a, market_order(Side::Sell, 250)).unwrap();
    assert_eq!(view(&market), dec!(75));
    market.submit(T0, b, limit(Side::Buy, 10_000, 750)).unwrap();
    market.submit(T0, a, market_order(Side::Sell, 750)).unwrap();
    let account = market.account(a).unwrap();
    assert_eq!(
        (view(&market), account.cross_wallet),
        (dec!(0), account.wallet)
    );
}

#[test]
fn an_isolated_position_falls_alone_at_its_own_price() {
    let (mut market, a, _) = isolated();
    let at = market.position(a, S).unwrap().liquidation.unwrap();
    // 100 + (price − 1000) = price × 0.005
    assert_eq!(at, dec!(904.52261307));
    let wallet = market.account(a).unwrap().wallet;
    for (side, price) in [(Side::Buy, 9_040), (Side::Sell, 9_044)] {
        market.crowd_limit(T0, S, side, Price(price), Qty(10_000));
    }
    for second in 1..30 {
        market.step(T0 + second * 1_000);
    }
    assert_eq!(market.position(a, S).unwrap().lots, 0);
    let lost = wallet - market.account(a).unwrap().wallet;
    assert!(lost > dec!(95) && lost < dec!(97), "{lost}");
    assert_eq!(market.position(a, S).unwrap().isolated_wallet, dec!(0));
}

#[test]
fn a_margin_call_comes_once_before_the_end() {
    let (mut market, a, _) = isolated();
    for (side, price) in [(Side::Buy, 9_052), (Side::Sell, 9_056)] {
        market.crowd_limit(T0, S, side, Price(price), Qty(10_000));
    }
    market.drain_events();
    for second in 1..40 {
        market.step(T0 + second * 1_000);
    }
    let of = |event| match event {
        MarketEvent::MarginCall {
            account,
            cross_wallet,
            positions,
            ..
        } if account == a => Some((cross_wallet, positions.len())),
        _ => None,
    };
    let calls: Vec<_> = market.drain_events().into_iter().filter_map(of).collect();
    assert_eq!(calls, [(None, 1)]);
    assert_eq!(market.position(a, S).unwrap().lots, 1_000);
}

#[test]
fn margin_moves_in_and_out_of_an_isolated_position() {
    let (mut market, a, b) = isolated();
    let both = (S, Leg::Both);
    market.move_margin(T0, a, both, dec!(50)).unwrap();
    assert_eq!(market.position(a, S).unwrap().isolated_wallet, dec!(150));
    let small = Err(Refuse::IsolatedTooSmall);
    assert_eq!(market.move_margin(T0, a, both, dec!(-51)), small);
    market.move_margin(T0, a, both, dec!(-50)).unwrap();
    let cross = Err(Refuse::CrossTooSmall);
    assert_eq!(market.move_margin(T0, a, both, dec!(99999)), cross);
    assert_eq!(
        market.move_margin(T0, b, both, dec!(1)),
        Err(Refuse::NotIsolated)
    );
    assert_eq!(market.margin_changes(a).len(), 2);
    assert_eq!(
        market.set_leverage(T0, a, S, 5),
        Err(Refuse::LeverageIsolated)
    );
    market.set_leverage(T0, a, S, 20).unwrap();
}
