//! Random orders against a matcher so slow that it is plainly right, and depth diffs against the book.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::dec;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Limit(usize, Side, i64, i64, bool),
    Cancel(usize),
    Amend(usize, i64, i64),
    Crowd(Side, i64, i64),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let side = || prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    prop_oneof![
        8 => (0..3_usize, side(), 9_990..10_010_i64, 5..60_i64, any::<bool>())
            .prop_map(|(a, s, p, q, ioc)| Step::Limit(a, s, p, q, ioc)),
        2 => (0..40_usize).prop_map(Step::Cancel),
        2 => (0..40_usize, 9_990..10_010_i64, 5..60_i64).prop_map(|(o, p, q)| Step::Amend(o, p, q)),
        3 => (side(), 9_990..10_010_i64, 5..60_i64).prop_map(|(s, p, q)| Step::Crowd(s, p, q)),
        1 => Just(Step::Drain),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Slow {
    id: u64,
    side: Side,
    price: i64,
    left: i64,
    came: u64,
}

/// Resting orders in no order at all: who is next is searched for every time.
#[derive(Default)]
struct SlowBook {
    resting: Vec<Slow>,
    came: u64,
    trades: Vec<(u64, i64, i64)>,
}

impl SlowBook {
    fn order(&mut self, id: u64, side: Side, price: i64, mut left: i64, rests: bool) {
        loop {
            let crosses = |o: &&Slow| o.side != side && (o.price - price) * side.sign() <= 0;
            let next = self
                .resting
                .iter()
                .filter(crosses)
                .min_by_key(|o| (o.price * side.sign(), o.came))
                .map(|o| o.id);
            let (Some(next), true) = (next, left > 0) else {
                break;
            };
            let maker = self.resting.iter_mut().find(|o| o.id == next).unwrap();
            let qty = left.min(maker.left);
            maker.left -= qty;
            left -= qty;
            self.trades.push((next, maker.price, qty));
            self.resting.retain(|o| o.left > 0);
        }
        if left > 0 && rests {
            self.came += 1;
            self.resting.push(Slow {
                id,
                side,
                price,
                left,
                came: self.came,
            });
        }
    }

    fn levels(&self) -> BTreeMap<(Side, i64), i64> {
        let mut levels = BTreeMap::new();
        for order in &self.resting {
            *levels.entry((order.side, order.price)).or_default() += order.left;
        }
        levels
    }
}

/// The crowd is numbered from here on in the slow book.
const CROWD: u64 = 1_000_000;

struct Both {
    market: Market,
    accounts: Vec<AccountNo>,
    slow: SlowBook,
    crowd: u64,
    told: BTreeMap<(Side, i64), i64>,
    last: u64,
}

impl Both {
    fn new() -> Self {
        let mut spec = spec("BTCUSDT");
        spec.instrument.max_orders = 0;
        spec.instrument.min_notional = Decimal::ZERO;
        let mut market = Market::new(vec![spec], T0);
        let accounts = (0..3)
            .map(|_| market.open_account(rich(dec!(1000000000))))
            .collect();
        Self {
            market,
            accounts,
            slow: SlowBook::default(),
            crowd: CROWD,
            told: BTreeMap::new(),
            last: 0,
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Limit(account, side, price, qty, ioc) => {
                let tif = if ioc { Tif::Ioc } else { Tif::Gtc };
                let ask = with_tif(limit(side, price, qty), tif);
                let order = self.market.submit(T0, self.accounts[account], ask).unwrap();
                self.slow.order(order.id, side, price, qty, !ioc);
            }
            Step::Cancel(nth) => {
                let Some(order) = self.open(nth) else { return };
                let which = Which::Id(order.id);
                self.market.cancel(T0, order.account, S, which).unwrap();
                self.slow.resting.retain(|o| o.id != order.id);
            }
            Step::Amend(nth, price, qty) => self.amend(nth, price, qty),
            Step::Crowd(side, price, qty) => {
                self.crowd += 1;
                self.market.crowd_limit(T0, S, side, Price(price), Qty(qty));
                self.slow.order(self.crowd, side, price, qty, true);
            }
            Step::Drain => self.drain(),
        }
    }

    fn amend(&mut self, nth: usize, price: i64, qty: i64) {
        let Some(order) = self.open(nth) else { return };
        let ask = AmendAsk {
            symbol: S,
            which: Which::Id(order.id),
            side: order.side,
            price: Price(price),
            qty: Qty(qty),
        };
        if self.market.amend(T0, order.account, ask) == Err(Refuse::NoChange) {
            return;
        }
        self.slow.resting.retain(|o| o.id != order.id);
        let left = qty - order.filled.0;
        if left > 0 {
            self.slow.order(order.id, order.side, price, left, true);
        }
    }

    fn open(&self, nth: usize) -> Option<OrderView> {
        let open = self
            .accounts
            .iter()
            .flat_map(|a| self.market.open_orders(*a, None));
        open.collect::<Vec<_>>().get(nth).cloned()
    }

    /// Applies the next diff as a client would.
    fn drain(&mut self) {
        let Some(diff) = self.market.diff(S) else {
            return;
        };
        assert_eq!(diff.previous, self.last);
        assert!(diff.first <= diff.last && diff.first > diff.previous);
        self.last = diff.last;
        for (side, levels) in [(Side::Buy, diff.bids), (Side::Sell, diff.asks)] {
            for (price, qty) in levels {
                match qty.0 {
                    0 => self.told.remove(&(side, price.0)),
                    qty => self.told.insert((side, price.0), qty),
                };
            }
        }
        assert_eq!(self.told, self.picture());
    }

    fn picture(&self) -> BTreeMap<(Side, i64), i64> {
        let top = self.market.snapshot(S, 1_000).unwrap();
        let bids = top.bids.iter().map(|l| ((Side::Buy, l.price.0), l.qty.0));
        let asks = top.asks.iter().map(|l| ((Side::Sell, l.price.0), l.qty.0));
        bids.chain(asks).collect()
    }

    fn trades(&mut self) -> Vec<(i64, i64)> {
        let events = self.market.drain_events();
        let trade = |e| match e {
            MarketEvent::Trade(t) => Some((t.price.0, t.qty.0)),
            _ => None,
        };
        events.into_iter().filter_map(trade).collect()
    }
}

/// Neighbouring matches at one price as one: the market keeps the crowd's neighbours together.
fn merged(trades: impl Iterator<Item = (i64, i64)>) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for (price, qty) in trades {
        match out.last_mut() {
            Some(last) if last.0 == price => last.1 += qty,
            _ => out.push((price, qty)),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn price_time_priority_is_that_of_the_slow_matcher(steps in prop::collection::vec(step(), 1..80)) {
        let mut both = Both::new();
        for step in steps {
            both.take(step);
            prop_assert_eq!(both.picture(), both.slow.levels());
        }
        let slow = std::mem::take(&mut both.slow.trades);
        for account in both.accounts.clone() {
            for order in both.market.all_orders(account, S) {
                let made: i64 = slow.iter().filter(|t| t.0 == order.id).map(|t| t.2).sum();
                let fills = both.market.user_trades(account, S);
                let mine = fills.iter().filter(|f| f.order == order.id && f.maker);
                prop_assert_eq!(mine.map(|f| f.qty.0).sum::<i64>(), made);
            }
        }
        let slow = merged(slow.into_iter().map(|t| (t.1, t.2)));
        prop_assert_eq!(merged(both.trades().into_iter()), slow);
    }

    #[test]
    fn diffs_on_top_of_a_snapshot_are_the_book(
        before in prop::collection::vec(step(), 0..40),
        after in prop::collection::vec(step(), 1..40),
    ) {
        let mut both = Both::new();
        for step in before {
            both.take(step);
        }
        let top = both.market.snapshot(S, 1_000).unwrap();
        let mut told = both.picture();
        let mut first = true;
        for step in after {
            both.take(if matches!(step, Step::Drain) { Step::Cancel(0) } else { step });
            let Some(diff) = both.market.diff(S) else { continue };
            if first {
                // Binance, How to manage a local order book correctly, step 5.
                prop_assert!(diff.first <= top.last && top.last <= diff.last);
                first = false;
            }
            for (side, levels) in [(Side::Buy, diff.bids), (Side::Sell, diff.asks)] {
                for (price, qty) in levels {
                    match qty.0 {
                        0 => told.remove(&(side, price.0)),
                        qty => told.insert((side, price.0), qty),
                    };
                }
            }
            prop_assert_eq!(&told, &both.picture());
        }
    }
}
