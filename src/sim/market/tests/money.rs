//! Quantity and money over random flows of several accounts and symbols.

use proptest::prelude::*;
use rust_decimal::dec;

use super::*;

#[derive(Clone, Copy, Debug)]
struct Flow {
    account: usize,
    symbol: u16,
    side: Side,
    price: i64,
    qty: i64,
    kind: u8,
    seconds: i64,
}

fn flow() -> impl Strategy<Value = Flow> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    (
        0..4_usize,
        0..2_u16,
        side,
        9_970..10_030_i64,
        1..900_i64,
        0..10_u8,
        0..400_i64,
    )
        .prop_map(|(account, symbol, side, price, qty, kind, seconds)| Flow {
            account,
            symbol,
            side,
            price,
            qty,
            kind,
            seconds,
        })
}

/// Accounts 0 to 2 trade; 3 stands for the crowd, whose book is kept by the public record.
fn act(market: &mut Market, accounts: &[AccountNo], now: i64, flow: Flow) {
    let symbol = SymbolNo(flow.symbol);
    let Some(&account) = accounts.get(flow.account) else {
        market.crowd_limit(now, symbol, flow.side, Price(flow.price), Qty(flow.qty));
        return;
    };
    let ask = Submit {
        symbol,
        ..limit(flow.side, flow.price, flow.qty)
    };
    let stp = Submit {
        self_trade: SelfTrade::ExpireBoth,
        ..ask
    };
    let reaches = |qty, trigger| AlgoAsk {
        symbol,
        client: None,
        side: flow.side,
        leg: Leg::Both,
        trigger,
        watch: Watch::Last,
        protect: false,
        kind: Kind::Market,
        qty,
        reduce_only: flow.seconds % 2 == 0 && qty.is_some(),
        self_trade: SelfTrade::Allow,
    };
    let at = Price(flow.price);
    match flow.kind {
        8 => {
            let _ = market.place_algo(
                now,
                account,
                reaches(Some(Qty(flow.qty)), Trigger::Stop(at)),
            );
            return;
        }
        9 => {
            let _ = market.place_algo(now, account, reaches(None, Trigger::Take(at)));
            return;
        }
        _ => {}
    }
    // Refusals are part of the flow: what matters is that money stays whole.
    let _ = match flow.kind {
        0 => market.submit(
            now,
            account,
            Submit {
                kind: Kind::Market,
                ..ask
            },
        ),
        1 => market.submit(now, account, reducing(ask)),
        2 => market.submit(now, account, with_tif(ask, Tif::Ioc)),
        3 => market.submit(now, account, with_tif(ask, Tif::Fok)),
        4 => market.submit(now, account, stp),
        5 => {
            market.cancel_all(now, account, symbol);
            return;
        }
        _ => market.submit(now, account, ask),
    };
}

/// What a position is by its fills alone: signed lots and cash.
fn ledger(market: &Market, account: AccountNo, symbol: SymbolNo) -> (i64, Decimal) {
    let fills = market.user_trades(account, symbol);
    let lots = fills.iter().map(|f| f.side.sign() * f.qty.0).sum();
    let cash = fills
        .iter()
        .map(|f| -Decimal::from(f.side.sign()) * f.quote)
        .sum();
    (lots, cash)
}

fn check(market: &Market, accounts: &[AccountNo]) -> Result<(), TestCaseError> {
    let probe = dec!(1234.5);
    for &account in accounts {
        let mut expected = dec!(100000);
        for (symbol, spec) in market.symbols() {
            let position = market.position(account, symbol).unwrap();
            let (lots, cash) = ledger(market, account, symbol);
            prop_assert_eq!(position.lots, lots);
            prop_assert!(lots != 0 || position.isolated_wallet.is_zero());
            prop_assert!(position.isolated || position.isolated_wallet.is_zero());
            let fees: Decimal = market
                .user_trades(account, symbol)
                .iter()
                .map(|f| f.fee)
                .sum();
            let open = (probe - position.entry) * position.size;
            let rounding = dec!(0.00000001) * position.size.abs() + dec!(0.0000001);
            let whole = spec.instrument.qty_decimal(Qty(lots)) * probe + cash;
            prop_assert!((position.realised + open - whole).abs() <= rounding);
            let reducing = market.open_orders(account, Some(symbol));
            let reducing = reducing.iter().filter(|o| o.reduce_only);
            let covered: i64 = reducing.map(|o| o.side.sign() * o.remaining().0).sum();
            prop_assert!(
                covered == 0 || (covered.signum() == -lots.signum() && covered.abs() <= lots.abs())
            );
            expected += position.realised - fees;
        }
        let funding = market
            .income(account)
            .into_iter()
            .filter(|i| i.kind == IncomeKind::Funding);
        expected += funding.map(|i| i.amount).sum::<Decimal>();
        prop_assert_eq!(market.account(account).unwrap().wallet, expected);
        let income: Decimal = market.income(account).iter().map(|i| i.amount).sum();
        prop_assert_eq!(
            market.account(account).unwrap().wallet,
            dec!(100000) + income
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantity_and_money_are_conserved(flows in prop::collection::vec(flow(), 1..120)) {
        let mut market = Market::new(vec![spec("BTCUSDT"), spec("ETHUSDT")], T0);
        let accounts: Vec<_> = (0..3).map(|_| market.open_account(rich(dec!(100000)))).collect();
        market.set_isolated(T0, accounts[1], S, true).unwrap();
        let mut now = T0;
        let mut public = 0_i64;
        for flow in flows {
            now += flow.seconds * 1_000;
            act(&mut market, &accounts, now, flow);
            market.step(now);
            for event in market.drain_events() {
                if let MarketEvent::Trade(trade) = event {
                    public += trade.qty.0;
                }
            }
            check(&market, &accounts)?;
        }
        let mut made = 0;
        let mut taken = 0;
        for (symbol, _) in market.symbols() {
            for fill in accounts.iter().flat_map(|a| market.user_trades(*a, symbol)) {
                *(if fill.maker { &mut made } else { &mut taken }) += fill.qty.0;
            }
        }
        prop_assert!(made <= public && taken <= public);
    }

    #[test]
    fn without_a_crowd_what_one_wins_another_loses(flows in prop::collection::vec(flow(), 1..120)) {
        let mut market = Market::new(vec![spec("BTCUSDT"), spec("ETHUSDT")], T0);
        let accounts: Vec<_> = (0..3).map(|_| market.open_account(rich(dec!(100000)))).collect();
        for flow in flows.into_iter().filter(|f| f.account < 3) {
            act(&mut market, &accounts, T0, flow);
        }
        let mut money = Decimal::ZERO;
        for &account in &accounts {
            money += market.account(account).unwrap().wallet;
            for (symbol, _) in market.symbols() {
                money += market.user_trades(account, symbol).iter().map(|f| f.fee).sum::<Decimal>();
            }
        }
        for (symbol, _) in market.symbols() {
            let lots: i64 = accounts.iter().map(|a| market.position(*a, symbol).unwrap().lots).sum();
            prop_assert_eq!(lots, 0);
            // Open positions at any one price: gains and losses meet. The costs are what wallets have not booked yet.
            for &account in &accounts {
                money += market.position(account, symbol).unwrap().unrealised;
            }
        }
        prop_assert!((money - dec!(300000)).abs() < dec!(0.000001), "{}", money);
    }
}
