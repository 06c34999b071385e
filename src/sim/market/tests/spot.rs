//! Coins: what is held, what moves, what is refused.

use rust_decimal::{Decimal, dec};

use super::*;
use crate::domain::InstrumentKind;

const PERPETUAL: SymbolNo = SymbolNo(1);

fn asset(name: &str) -> Asset {
    Asset::new(name).unwrap()
}

/// Spot `BTC/USDT` and a perpetual beside it, and two accounts of 10 000 USDT and 5 BTC with fees of 0.1 % and 0.2 %.
fn pair() -> (Market, AccountNo, AccountNo) {
    let mut spot = spec("BTC/USDT");
    spot.instrument.kind = InstrumentKind::Spot;
    let mut market = Market::new(vec![spot, spec("BTCUSDT")], T0);
    let terms = AccountSpec {
        spot: SpotTerms {
            coins: vec![(asset("BTC"), dec!(5))],
            maker_fee: dec!(0.001),
            taker_fee: dec!(0.002),
        },
        ..rich(dec!(10000))
    };
    let a = market.open_account(terms.clone());
    let b = market.open_account(terms);
    (market, a, b)
}

/// Total and locked.
fn has(market: &Market, of: AccountNo, name: &str) -> (Decimal, Decimal) {
    let balance = market.balance(of, asset(name)).unwrap();
    (balance.total, balance.locked)
}

#[test]
fn an_open_order_holds_what_it_would_pay_with_until_it_ends() {
    let (mut market, a, _) = pair();
    let buy = market
        .submit(T0, a, limit(Side::Buy, 9_990, 2_000))
        .unwrap();
    assert_eq!(has(&market, a, "USDT"), (dec!(10000), dec!(1998)));
    market
        .submit(T0, a, limit(Side::Sell, 10_010, 1_500))
        .unwrap();
    assert_eq!(has(&market, a, "BTC"), (dec!(5), dec!(1.5)));
    assert_eq!(market.account(a).unwrap().available, dec!(8002));
    market.cancel(T0, a, S, Which::Id(buy.id)).unwrap();
    assert_eq!(has(&market, a, "USDT"), (dec!(10000), dec!(0)));
    market.cancel_all(T0, a, S);
    assert_eq!(has(&market, a, "BTC"), (dec!(5), dec!(0)));
}

#[test]
fn a_fill_moves_coins_and_the_fee_is_taken_from_what_is_received() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    let order = market
        .submit(T0, a, limit(Side::Buy, 10_050, 1_000))
        .unwrap();
    assert_eq!(order.status, Status::Filled);
    assert_eq!(order.filled_quote, dec!(1000));
    // The taker's buy: 1 BTC less 0.2 %; the maker's sell: 1000 USDT less 0.1 %.
    assert_eq!(has(&market, a, "BTC"), (dec!(5.998), dec!(0)));
    assert_eq!(has(&market, a, "USDT"), (dec!(9000), dec!(0)));
    assert_eq!(has(&market, b, "BTC"), (dec!(4), dec!(0)));
    assert_eq!(has(&market, b, "USDT"), (dec!(10999), dec!(0)));
    let fills = market.user_trades(a, S);
    assert_eq!(
        (fills[0].fee, fills[0].fee_asset),
        (dec!(0.002), asset("BTC"))
    );
    let fills = market.user_trades(b, S);
    assert_eq!((fills[0].fee, fills[0].fee_asset), (dec!(1), asset("USDT")));
    assert!(market.income(a).is_empty());
}

#[test]
fn a_partly_filled_order_holds_for_what_is_left() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, a, limit(Side::Buy, 10_000, 2_000))
        .unwrap();
    market.submit(T0, b, market_order(Side::Sell, 500)).unwrap();
    assert_eq!(has(&market, a, "USDT"), (dec!(9500), dec!(1500)));
    assert_eq!(has(&market, a, "BTC"), (dec!(5.4995), dec!(0)));
}

#[test]
fn what_cannot_be_paid_is_refused() {
    let (mut market, a, b) = pair();
    let refused = |market: &mut Market, ask| market.submit(T0, a, ask).unwrap_err();
    let low = Refuse::BalanceInsufficient;
    assert_eq!(refused(&mut market, limit(Side::Sell, 10_000, 5_001)), low);
    assert_eq!(refused(&mut market, limit(Side::Buy, 10_000, 10_001)), low);
    // What another order holds is not there to be spent; two cents are left of it.
    market
        .submit(T0, a, limit(Side::Buy, 9_998, 10_000))
        .unwrap();
    assert_eq!(refused(&mut market, limit(Side::Buy, 9_000, 10)), low);
    market.cancel_all(T0, a, S);
    // A market order pays what the book asks, not the best price alone.
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    market
        .submit(T0, b, limit(Side::Sell, 10_900, 4_000))
        .unwrap();
    market
        .submit(T0, a, limit(Side::Buy, 9_950, 8_000))
        .unwrap();
    assert_eq!(refused(&mut market, market_order(Side::Buy, 2_000)), low);
    assert!(market.submit(T0, a, market_order(Side::Buy, 1_900)).is_ok());
    assert!(market.balances(a).iter().all(|b| b.free() >= Decimal::ZERO));
}

#[test]
fn an_own_order_in_the_way_does_not_let_a_buy_spend_what_is_not_there() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, a, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    market
        .submit(T0, b, limit(Side::Sell, 10_900, 1_000))
        .unwrap();
    market
        .submit(T0, a, limit(Side::Buy, 9_000, 9_995))
        .unwrap();
    // 1004.5 USDT are left: enough for the own order, which would expire, not for the one behind it.
    let ask = Submit {
        self_trade: SelfTrade::ExpireMaker,
        ..market_order(Side::Buy, 1_000)
    };
    let refused = market.submit(T0, a, ask).unwrap_err();
    assert_eq!(refused, Refuse::BalanceInsufficient);
    let traded = market.submit(T0, a, market_order(Side::Buy, 1_000));
    assert_eq!(traded.unwrap().status, Status::Filled);
}

#[test]
fn a_change_is_paid_with_what_the_order_holds_already() {
    let (mut market, a, _) = pair();
    let order = market
        .submit(T0, a, limit(Side::Buy, 9_900, 10_000))
        .unwrap();
    let change = |price, qty| AmendAsk {
        symbol: S,
        which: Which::Id(order.id),
        side: Side::Buy,
        price: Price(price),
        qty: Qty(qty),
    };
    assert!(market.amend(T0, a, change(10_000, 10_000)).is_ok());
    assert_eq!(has(&market, a, "USDT").1, dec!(10000));
    let refused = market.amend(T0, a, change(10_001, 10_000)).unwrap_err();
    assert_eq!(refused, Refuse::BalanceInsufficient);
}

#[test]
fn nothing_of_a_perpetual_is_there() {
    let (mut market, a, b) = pair();
    for ask in [
        reducing(limit(Side::Sell, 10_000, 1)),
        Submit {
            leg: Leg::Long,
            ..limit(Side::Buy, 10_000, 100)
        },
    ] {
        assert_eq!(market.submit(T0, a, ask).unwrap_err(), Refuse::Spot);
    }
    assert_eq!(market.set_leverage(T0, a, S, 5), Err(Refuse::Spot));
    assert_eq!(market.set_isolated(T0, a, S, true), Err(Refuse::Spot));
    let stop = AlgoAsk {
        symbol: S,
        client: None,
        side: Side::Sell,
        leg: Leg::Both,
        trigger: Trigger::Stop(Price(9_000)),
        watch: Watch::Last,
        protect: false,
        kind: Kind::Market,
        qty: Some(Qty(100)),
        reduce_only: false,
        self_trade: SelfTrade::Allow,
    };
    assert_eq!(market.place_algo(T0, a, stop).unwrap_err(), Refuse::Spot);
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    market
        .submit(T0, a, limit(Side::Buy, 10_000, 1_000))
        .unwrap();
    assert_eq!(market.position(a, S), None);
    assert_eq!(market.mark(S), None);
    market.drain_events();
    // Hours later nothing was funded, called or closed.
    market.step(T0 + 4 * 3_600_000);
    assert_eq!(market.drain_events(), []);
    assert_eq!(market.account(a).unwrap().position_margin, Decimal::ZERO);
}

#[test]
fn both_kinds_share_the_wallet() {
    let (mut market, a, b) = pair();
    let perpetual = |side, qty| Submit {
        symbol: PERPETUAL,
        ..limit(side, 10_000, qty)
    };
    market.submit(T0, b, perpetual(Side::Sell, 50_000)).unwrap();
    market.submit(T0, a, perpetual(Side::Buy, 50_000)).unwrap();
    // 50 000 USDT at leverage 10 bind 5000; the fee was 25.
    let left = market
        .submit(T0, a, limit(Side::Buy, 10_000, 4_976))
        .unwrap_err();
    assert_eq!(left, Refuse::BalanceInsufficient);
    market
        .submit(T0, a, limit(Side::Buy, 10_000, 4_975))
        .unwrap();
    assert_eq!(market.account(a).unwrap().available, Decimal::ZERO);
    let more = market.submit(T0, a, perpetual(Side::Buy, 100)).unwrap_err();
    assert_eq!(more, Refuse::MarginInsufficient);
}

#[test]
fn balances_are_told_where_they_changed_and_after_the_order() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    market.drain_events();
    market
        .submit(T0, a, limit(Side::Buy, 10_000, 2_000))
        .unwrap();
    let mine: Vec<String> = market
        .drain_events()
        .into_iter()
        .filter_map(|event| match event {
            MarketEvent::Order(e) if e.order.account == a => Some(format!("{:?}", e.order.status)),
            MarketEvent::Balances(e) if e.account == a => {
                let told = e.balances.iter().map(|b| {
                    format!(
                        "{} {} {}",
                        b.asset,
                        b.total.normalize(),
                        b.locked.normalize()
                    )
                });
                Some(told.collect::<Vec<_>>().join(", "))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        mine,
        [
            "New",
            "USDT 10000 2000",
            "PartiallyFilled",
            "BTC 5.998 0, USDT 9000 1000",
        ]
    );
}

#[test]
fn a_fill_or_kill_order_that_finds_too_little_is_taken_and_expires() {
    let (mut market, a, b) = pair();
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    let ask = with_tif(limit(Side::Buy, 10_000, 1_001), Tif::Fok);
    let order = market.submit(T0, a, ask).unwrap();
    assert_eq!((order.status, order.filled), (Status::Expired, Qty::ZERO));
    let ask = with_tif(limit(Side::Buy, 10_000, 1_000), Tif::Fok);
    assert_eq!(market.submit(T0, a, ask).unwrap().status, Status::Filled);
}

#[test]
fn an_order_sized_by_its_worth_gets_whole_lots_that_are_worth_no_more() {
    let (mut market, _, b) = pair();
    market
        .submit(T0, b, limit(Side::Sell, 10_000, 1_000))
        .unwrap();
    market
        .submit(T0, b, limit(Side::Sell, 10_010, 1_000))
        .unwrap();
    let lots = |market: &Market, money| market.lots_for(S, Side::Buy, money);
    assert_eq!(lots(&market, dec!(999.999)), Qty(999));
    assert_eq!(lots(&market, dec!(1000)), Qty(1_000));
    assert_eq!(lots(&market, dec!(1100.2)), Qty(1_100));
    assert_eq!(lots(&market, dec!(5000)), Qty(2_000));
    assert_eq!(lots(&market, dec!(-1)), Qty::ZERO);
    assert_eq!(market.lots_for(S, Side::Sell, dec!(50)), Qty::ZERO);
}
