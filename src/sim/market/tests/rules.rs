//! The market's rules, one by one.

use rust_decimal::dec;

use super::*;

fn changes(market: &mut Market, account: AccountNo) -> Vec<(u64, OrderChange, Status)> {
    let of = |event| match event {
        MarketEvent::Order(e) if e.order.account == account => {
            Some((e.order.id, e.change, e.order.status))
        }
        _ => None,
    };
    market.drain_events().into_iter().filter_map(of).collect()
}

#[test]
fn better_prices_fill_first_and_equal_prices_in_order_of_arrival() {
    let (mut market, a, b) = pair();
    let late = market.submit(T0, a, limit(Side::Sell, 10_010, 10)).unwrap();
    market.crowd_limit(T0, S, Side::Sell, Price(10_000), Qty(5));
    let behind = market.submit(T0, a, limit(Side::Sell, 10_000, 10)).unwrap();
    market.crowd_limit(T0, S, Side::Sell, Price(10_000), Qty(5));
    assert_eq!(market.queue_ahead(&behind), Some(Qty(5)));
    let taker = market.submit(T0, b, limit(Side::Buy, 10_010, 22)).unwrap();
    assert_eq!(taker.status, Status::Filled);
    let fills: Vec<_> = market
        .user_trades(a, S)
        .iter()
        .map(|f| (f.order, f.qty.0))
        .collect();
    assert_eq!(fills, [(behind.id, 10), (late.id, 2)]);
    assert_eq!(market.trades(S).len(), 4);
    let aggregates: Vec<_> = market.trades(S).iter().map(|t| t.aggregate).collect();
    assert_eq!(aggregates, [1, 1, 1, 2]);
}

#[test]
fn an_ioc_rest_and_a_market_rest_expire() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 10)).unwrap();
    let ioc = with_tif(limit(Side::Buy, 10_000, 15), Tif::Ioc);
    let order = market.submit(T0, a, ioc).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty(10)));
    let order = market.submit(T0, a, market_order(Side::Buy, 15)).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty(0)));
    assert!(market.open_orders(a, None).is_empty());
    let told: Vec<_> = changes(&mut market, a).iter().map(|c| (c.1, c.2)).collect();
    assert_eq!(told[0], (OrderChange::New, Status::New));
    assert!(matches!(told[1], (OrderChange::Trade(f), Status::PartiallyFilled) if !f.maker));
    assert_eq!(
        told[2],
        (OrderChange::Expired(Expiry::IocRest), Status::Expired)
    );
    assert_eq!(
        told[4],
        (OrderChange::Expired(Expiry::MarketRest), Status::Expired)
    );
}

#[test]
fn a_market_order_stays_inside_the_band() {
    let (mut market, a, b) = pair();
    market.crowd_limit(T0, S, Side::Sell, Price(11_000), Qty(5));
    market.crowd_limit(T0, S, Side::Sell, Price(11_001), Qty(5));
    let order = market.submit(T0, a, market_order(Side::Buy, 10)).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty(5)));
    let refused = market.submit(T0, b, market_order(Side::Buy, 10));
    assert_eq!(refused, Err(Refuse::MarketOutsideBand));
}

#[test]
fn fill_or_kill_is_whole_or_refused_without_a_trace() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 10)).unwrap();
    market.submit(T0, b, limit(Side::Sell, 10_001, 10)).unwrap();
    let fok = |price, qty| with_tif(limit(Side::Buy, price, qty), Tif::Fok);
    assert_eq!(
        market.submit(T0, a, fok(10_000, 11)),
        Err(Refuse::FokNotFillable)
    );
    assert!(market.all_orders(a, S).is_empty());
    let order = market.submit(T0, a, fok(10_001, 20)).unwrap();
    assert_eq!(order.status, Status::Filled);
}

#[test]
fn post_only_rests_or_is_refused() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 10)).unwrap();
    let gtx = |price| with_tif(limit(Side::Buy, price, 10), Tif::Gtx);
    assert_eq!(
        market.submit(T0, a, gtx(10_000)),
        Err(Refuse::PostOnlyWouldTake)
    );
    assert_eq!(
        market.submit(T0, a, gtx(9_999)).unwrap().status,
        Status::New
    );
}

#[test]
fn filters_refuse() {
    let (mut market, a, _) = pair();
    let mut refusal = |ask| market.submit(T0, a, ask).unwrap_err();
    let cases = [
        (limit(Side::Buy, 10_000, 0), Refuse::QtyTooSmall),
        (limit(Side::Buy, 10_000, -5), Refuse::QtyTooSmall),
        (limit(Side::Buy, 10_000, 1_000_001), Refuse::QtyTooLarge),
        (market_order(Side::Buy, 100_001), Refuse::QtyTooLarge),
        (limit(Side::Buy, 0, 10), Refuse::PriceTooLow),
        (limit(Side::Buy, 1_000_001, 10), Refuse::PriceTooHigh),
        (
            limit(Side::Buy, 11_001, 10),
            Refuse::BandTooHigh(Price(11_000)),
        ),
        (
            limit(Side::Sell, 8_999, 10),
            Refuse::BandTooLow(Price(9_000)),
        ),
        (
            limit(Side::Buy, 10_000, 4),
            Refuse::NotionalTooSmall(dec!(5)),
        ),
        (
            limit(Side::Buy, 10_000, 100_001),
            Refuse::MarginInsufficient,
        ),
        (
            Submit {
                symbol: SymbolNo(9),
                ..limit(Side::Buy, 10_000, 10)
            },
            Refuse::UnknownSymbol,
        ),
    ];
    for (ask, expected) in cases {
        assert_eq!(refusal(ask), expected, "{ask:?}");
    }
}

#[test]
fn names_are_unique_among_open_orders_only() {
    let (mut market, a, _) = pair();
    let ask = named(limit(Side::Buy, 9_000, 10), "x1");
    let first = market.submit(T0, a, ask).unwrap();
    assert_eq!(market.submit(T0, a, ask), Err(Refuse::DuplicateClientId));
    let which = Which::Client(first.client);
    assert_eq!(
        market.cancel(T0, a, S, which).unwrap().status,
        Status::Cancelled
    );
    assert_eq!(market.cancel(T0, a, S, which), Err(Refuse::UnknownOrder));
    let second = market.submit(T0, a, ask).unwrap();
    assert_eq!(market.order(a, S, which).unwrap().id, second.id);
    assert_eq!(
        market.order(a, S, Which::Id(first.id)).unwrap().status,
        Status::Cancelled
    );
}

#[test]
fn open_orders_are_counted_and_cancel_all_ends_them() {
    let (mut market, a, b) = pair();
    for price in 9_001..9_006 {
        market.submit(T0, a, limit(Side::Buy, price, 10)).unwrap();
    }
    let sixth = limit(Side::Buy, 9_000, 10);
    assert_eq!(market.submit(T0, a, sixth), Err(Refuse::TooManyOrders));
    market.submit(T0, b, sixth).unwrap();
    assert_eq!(market.cancel_all(T0, a, S).len(), 5);
    assert!(market.open_orders(a, None).is_empty());
    assert_eq!(market.open_orders(b, None).len(), 1);
    assert_eq!(market.level_count(S, Side::Buy), 1);
}

#[test]
fn reduce_only_needs_a_position_on_the_other_side() {
    let (mut market, a, b) = pair();
    let sell = reducing(limit(Side::Sell, 10_100, 10));
    assert_eq!(market.submit(T0, a, sell), Err(Refuse::ReduceOnlyRejected));
    give_position(&mut market, a, b, -100);
    assert_eq!(market.submit(T0, a, sell), Err(Refuse::ReduceOnlyRejected));
    let buy = reducing(limit(Side::Buy, 9_900, 1));
    assert!(
        market.submit(T0, a, buy).is_ok(),
        "the smallest worth is no matter"
    );
}

#[test]
fn open_reduce_only_orders_count_against_the_position() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 100);
    let sell = |qty| reducing(limit(Side::Sell, 10_100, qty));
    let alone = market.submit(T0, a, sell(150)).unwrap();
    assert_eq!(alone.qty, Qty(100), "alone it is cut to the position");
    assert_eq!(
        market.submit(T0, a, sell(1)),
        Err(Refuse::ReduceOnlyCovered)
    );
    let close = reducing(market_order(Side::Sell, 100));
    assert_eq!(market.submit(T0, a, close), Err(Refuse::ReduceOnlyCovered));
    market.cancel_all(T0, a, S);
    market.submit(T0, a, sell(60)).unwrap();
    assert_eq!(
        market.submit(T0, a, sell(41)),
        Err(Refuse::ReduceOnlyCovered)
    );
    assert_eq!(market.submit(T0, a, sell(40)).unwrap().qty, Qty(40));
    let plain = limit(Side::Sell, 10_200, 50);
    assert!(
        market.submit(T0, a, plain).is_ok(),
        "plain orders are not counted"
    );
}

#[test]
fn reduce_only_orders_shrink_newest_first_when_the_position_shrinks_and_expire_with_it() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 100);
    let old = market
        .submit(T0, a, reducing(limit(Side::Sell, 10_100, 60)))
        .unwrap();
    let new = market
        .submit(T0, a, reducing(limit(Side::Sell, 10_050, 40)))
        .unwrap();
    market.submit(T0, b, limit(Side::Buy, 10_000, 70)).unwrap();
    market.drain_events();
    market.submit(T0, a, limit(Side::Sell, 10_000, 30)).unwrap();
    let of = |m: &Market, id| m.order(a, S, Which::Id(id)).unwrap().clone();
    assert_eq!(of(&market, new.id).qty, Qty(10));
    assert_eq!(of(&market, old.id).qty, Qty(60));
    assert_eq!(market.level(S, Side::Sell, Price(10_050)), Qty(10));
    let told = changes(&mut market, a);
    assert!(told.contains(&(new.id, OrderChange::Amended, Status::New)));
    market.submit(T0, a, limit(Side::Sell, 10_000, 40)).unwrap();
    assert_eq!(of(&market, new.id).status, Status::Expired);
    assert_eq!(of(&market, old.id).qty, Qty(30));
    market.submit(T0, b, limit(Side::Buy, 10_000, 90)).unwrap();
    market.submit(T0, a, limit(Side::Sell, 10_000, 50)).unwrap();
    assert_eq!(of(&market, old.id).status, Status::Expired);
    assert_eq!(market.position(a, S).unwrap().lots, -20);
}

#[test]
fn one_sweep_through_a_plain_order_and_its_reduce_only_neighbour_never_flips() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 100);
    market
        .submit(T0, a, limit(Side::Sell, 10_000, 100))
        .unwrap();
    let exit = market
        .submit(T0, a, reducing(limit(Side::Sell, 10_001, 100)))
        .unwrap();
    market.submit(T0, b, limit(Side::Buy, 10_001, 200)).unwrap();
    assert_eq!(market.position(a, S).unwrap().lots, 0);
    let exit = market.order(a, S, Which::Id(exit.id)).unwrap();
    assert_eq!((exit.status, exit.filled), (Status::Expired, Qty(0)));
}

#[test]
fn self_trade_prevention_ends_the_taker_the_maker_or_both() {
    let cases = [
        (SelfTrade::Allow, Status::Filled, Status::Filled),
        (SelfTrade::ExpireTaker, Status::ExpiredInMatch, Status::New),
        (SelfTrade::ExpireMaker, Status::New, Status::ExpiredInMatch),
        (
            SelfTrade::ExpireBoth,
            Status::ExpiredInMatch,
            Status::ExpiredInMatch,
        ),
    ];
    for (mode, taker_ends, maker_ends) in cases {
        let (mut market, a, _) = pair();
        let maker = market.submit(T0, a, limit(Side::Sell, 10_000, 10)).unwrap();
        let ask = Submit {
            self_trade: mode,
            ..limit(Side::Buy, 10_000, 10)
        };
        let taker = market.submit(T0, a, ask).unwrap();
        let maker = market.order(a, S, Which::Id(maker.id)).unwrap();
        assert_eq!(
            (taker.status, maker.status),
            (taker_ends, maker_ends),
            "{mode:?}"
        );
        assert_eq!(market.position(a, S).unwrap().lots, 0);
    }
}

fn amend(order: &OrderView, price: i64, qty: i64) -> AmendAsk {
    AmendAsk {
        symbol: S,
        which: Which::Id(order.id),
        side: order.side,
        price: Price(price),
        qty: Qty(qty),
    }
}

#[test]
fn an_amended_order_goes_to_the_end_of_the_queue() {
    let (mut market, a, b) = pair();
    let first = market.submit(T0, a, limit(Side::Buy, 9_990, 10)).unwrap();
    market.submit(T0, b, limit(Side::Buy, 9_990, 10)).unwrap();
    let changed = market.amend(T0, a, amend(&first, 9_990, 9)).unwrap();
    assert_eq!(market.queue_ahead(&changed), Some(Qty(10)));
    assert_eq!((changed.qty, changed.amends), (Qty(9), 1));
    assert_eq!(
        market.amend(T0, a, amend(&changed, 9_990, 9)),
        Err(Refuse::NoChange)
    );
    let other = AmendAsk {
        side: Side::Sell,
        ..amend(&changed, 9_991, 9)
    };
    assert_eq!(market.amend(T0, a, other), Err(Refuse::AmendSide));
    assert_eq!(
        market.amend(T0, b, amend(&changed, 9_991, 9)),
        Err(Refuse::UnknownOrder)
    );
}

#[test]
fn an_amend_that_crosses_takes_and_a_post_only_one_is_cancelled() {
    let (mut market, a, b) = pair();
    market.submit(T0, b, limit(Side::Sell, 10_000, 5)).unwrap();
    let plain = market.submit(T0, a, limit(Side::Buy, 9_990, 10)).unwrap();
    let gtx = with_tif(limit(Side::Buy, 9_990, 10), Tif::Gtx);
    let gtx = market.submit(T0, a, gtx).unwrap();
    let after = market.amend(T0, a, amend(&gtx, 10_000, 10)).unwrap();
    assert_eq!((after.status, after.filled), (Status::Cancelled, Qty(0)));
    let after = market.amend(T0, a, amend(&plain, 10_000, 10)).unwrap();
    assert_eq!(
        (after.status, after.filled),
        (Status::PartiallyFilled, Qty(5))
    );
    let after = market.amend(T0, a, amend(&after, 10_000, 5)).unwrap();
    assert_eq!(after.status, Status::Cancelled, "nothing would be left");
}

#[test]
fn a_refused_amend_leaves_the_order_as_it_was() {
    let (mut market, a, b) = pair();
    let order = market.submit(T0, a, limit(Side::Buy, 9_990, 10)).unwrap();
    market.submit(T0, b, limit(Side::Buy, 9_990, 10)).unwrap();
    for (price, qty, why) in [
        (11_001, 10, Refuse::BandTooHigh(Price(11_000))),
        (9_990, 4, Refuse::NotionalTooSmall(dec!(5))),
        (9_990, 0, Refuse::QtyTooSmall),
        (9_990, 999_999, Refuse::MarginInsufficient),
    ] {
        assert_eq!(market.amend(T0, a, amend(&order, price, qty)), Err(why));
    }
    assert_eq!(market.order(a, S, Which::Id(order.id)), Some(&order));
    assert_eq!(market.queue_ahead(&order), Some(Qty(0)));
}

#[test]
fn an_amend_of_a_reduce_only_order_counts_the_others() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 100);
    let one = market
        .submit(T0, a, reducing(limit(Side::Sell, 10_100, 60)))
        .unwrap();
    market
        .submit(T0, a, reducing(limit(Side::Sell, 10_200, 30)))
        .unwrap();
    assert_eq!(
        market.amend(T0, a, amend(&one, 10_100, 71)),
        Err(Refuse::ReduceOnlyCovered)
    );
    assert_eq!(
        market.amend(T0, a, amend(&one, 10_100, 70)).unwrap().qty,
        Qty(70)
    );
}

#[test]
fn margin_binds_the_larger_side_at_the_leverage() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, a, limit(Side::Buy, 10_000, 1_000))
        .unwrap();
    market
        .submit(T0, a, limit(Side::Sell, 10_100, 2_000))
        .unwrap();
    let view = market.account(a).unwrap();
    assert_eq!((view.order_margin, view.available), (dec!(202), dec!(9798)));
    market.set_leverage(T0, a, S, 20).unwrap();
    assert_eq!(market.account(a).unwrap().order_margin, dec!(101));
    assert_eq!(
        market.set_leverage(T0, a, S, 101),
        Err(Refuse::LeverageInvalid)
    );
    market.cancel_all(T0, a, S);
    give_position(&mut market, a, b, 90_000);
    assert_eq!(
        market.set_leverage(T0, a, S, 1),
        Err(Refuse::LeverageTooSmall)
    );
    assert_eq!(market.leverage(a, S), Some(20));
    let reduce = limit(Side::Sell, 10_000, 90_000);
    assert!(
        market.check(a, &reduce).is_ok(),
        "a reducing order binds nothing more"
    );
}

#[test]
fn a_round_trip_books_profit_fees_and_break_even() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 1_000);
    let position = market.position(a, S).unwrap();
    assert_eq!(position.entry, dec!(1000));
    assert_eq!(
        position.break_even,
        dec!(1000.5),
        "the taker fee of 0.05 % is in it"
    );
    assert_eq!(market.account(a).unwrap().wallet, dec!(9999.5));
    market.submit(T0, b, limit(Side::Buy, 10_100, 500)).unwrap();
    market
        .submit(T0, a, limit(Side::Sell, 10_100, 500))
        .unwrap();
    let position = market.position(a, S).unwrap();
    assert_eq!((position.entry, position.realised), (dec!(1000), dec!(5)));
    assert_eq!(position.break_even, dec!(991.505));
    assert_eq!(market.account(a).unwrap().wallet, dec!(10004.2475));
    let kinds: Vec<_> = market
        .income(a)
        .iter()
        .map(|i| (i.kind, i.amount))
        .collect();
    assert_eq!(
        kinds,
        [
            (IncomeKind::Commission, dec!(-0.5)),
            (IncomeKind::Realised, dec!(5)),
            (IncomeKind::Commission, dec!(-0.2525)),
        ]
    );
}

#[test]
fn funding_is_booked_on_the_clock_against_the_mark() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 1_000);
    let due = market.mark(S).unwrap().next_ms;
    assert_eq!(due % 3_600_000, 0);
    market.step(due - 1);
    assert!(market.drain_events().is_empty());
    market.step(due);
    let view = market.mark(S).unwrap();
    let paid = -(dec!(1) * view.mark * dec!(0.0001)).round_dp(8);
    let told: Vec<_> = market
        .drain_events()
        .into_iter()
        .filter_map(|e| match e {
            MarketEvent::Account(u) => Some((u.account, u.reason, u.change)),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            (a, AccountReason::FundingFee, paid),
            (b, AccountReason::FundingFee, -paid)
        ]
    );
    assert_eq!(market.income(a).last().unwrap().kind, IncomeKind::Funding);
    assert_eq!(market.mark(S).unwrap().next_ms, due + 3_600_000);
}

#[test]
fn liquidation_is_where_the_margin_balance_meets_maintenance() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 50_000);
    let view = market.position(a, S).unwrap();
    let at = view.liquidation.unwrap();
    let balance = market.account(a).unwrap().wallet + (at - view.entry) * view.size;
    let maintenance = at * view.size * dec!(0.005);
    assert!(
        (balance - maintenance).abs() < dec!(0.0001),
        "{balance} {maintenance}"
    );
    assert!(at < view.entry);
}

#[test]
fn an_account_under_its_maintenance_margin_loses_orders_and_positions() {
    let (mut market, a, b) = pair();
    give_position(&mut market, a, b, 90_000);
    market.submit(T0, a, limit(Side::Buy, 9_000, 10)).unwrap();
    market.drain_events();
    for (side, price) in [(Side::Buy, 8_920), (Side::Sell, 8_930)] {
        market.crowd_limit(T0, S, side, Price(price), Qty(1_000_000));
    }
    // The crowd's offer took the resting bid above it; another one waits far below.
    market.submit(T0, a, limit(Side::Buy, 8_900, 10)).unwrap();
    for second in 1..20 {
        market.step(T0 + second * 1_000);
    }
    assert_eq!(market.position(a, S).unwrap().lots, 0);
    assert!(market.open_orders(a, None).is_empty());
    let last = *market.user_trades(a, S).last().unwrap();
    assert!(last.client.as_str().starts_with("autoclose-"));
    assert_eq!(
        market.position(b, S).unwrap().lots,
        -90_000,
        "the winner stays"
    );
}

#[test]
fn the_crowd_gives_up_its_share_of_a_queue_from_everywhere() {
    let (mut market, a, _) = pair();
    market.crowd_limit(T0, S, Side::Buy, Price(9_990), Qty(60));
    let mine = market.submit(T0, a, limit(Side::Buy, 9_990, 10)).unwrap();
    market.crowd_limit(T0, S, Side::Buy, Price(9_990), Qty(30));
    assert_eq!(
        market.crowd_pull(S, Side::Buy, Price(9_990), Qty(45)),
        Qty(45)
    );
    assert_eq!(market.queue_ahead(&mine), Some(Qty(30)));
    assert_eq!(
        market.crowd_pull(S, Side::Buy, Price(9_990), Qty(i64::MAX)),
        Qty(45)
    );
    assert_eq!(market.level(S, Side::Buy, Price(9_990)), Qty(10));
}

#[test]
fn candles_and_the_ticker_follow_the_prints() {
    let (mut market, _, _) = pair();
    let minute = T0 - T0 % 60_000;
    for (at, price) in [(0, 10_000), (1, 10_020), (2, 9_990), (125_000, 10_010)] {
        market.step(minute + at);
        market.crowd_limit(T0, S, Side::Sell, Price(price), Qty(3));
        market.crowd_take(minute + at, S, Side::Buy, Price(price), Qty(3));
    }
    let klines = market.klines(S);
    assert_eq!(klines.len(), 3);
    let of = |k: &Kline| (k.open.0, k.high.0, k.low.0, k.close.0, k.volume, k.trades);
    assert_eq!(of(&klines[0]), (10_000, 10_020, 9_990, 9_990, 9, 3));
    assert_eq!(of(&klines[1]), (9_990, 9_990, 9_990, 9_990, 0, 0));
    assert_eq!(of(&klines[2]), (10_010, 10_010, 10_010, 10_010, 3, 1));
    let ticker = market.ticker(S).unwrap();
    assert_eq!(
        (ticker.trades, ticker.volume, ticker.last),
        (4, 12, Price(10_010))
    );
    assert_eq!((ticker.first_trade, ticker.last_trade), (1, 4));
}
