//! Whatever orders and books come: no fill is better than the book allowed, the position is the sum of the fills, money adds up.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, Ioc, PostOnly};
use crate::domain::*;
use crate::paper::{Queue, Terms};

#[derive(Clone, Debug)]
enum Step {
    /// Buys, lots, ticks from the middle, how it lives, an exit.
    Order(bool, i64, i64, u8, bool),
    Cancel(usize),
    /// Where the middle goes, half the spread, sizes.
    Book(i64, i64, i64),
    Print(bool, i64, i64),
    Mark(i64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 1..20_i64, -6..6_i64, 0..6_u8, any::<bool>())
            .prop_map(|(b, q, p, k, e)| Step::Order(b, q, p, k, e)),
        1 => any::<usize>().prop_map(Step::Cancel),
        4 => (-3..4_i64, 1..3_i64, 1..30_i64).prop_map(|(m, s, q)| Step::Book(m, s, q)),
        4 => (any::<bool>(), -6..6_i64, 1..30_i64).prop_map(|(b, p, q)| Step::Print(b, p, q)),
        1 => (-6..6_i64).prop_map(Step::Mark),
        3 => (1..900_u64).prop_map(Step::Wait),
    ]
}

/// What is checked after each step.
struct Watched {
    kit: Kit,
    middle: i64,
    best: (i64, i64),
    orders: Vec<(ClientId, NewAsk)>,
    seen: usize,
    size: Decimal,
    cash: Decimal,
    filled: std::collections::BTreeMap<ClientId, i64>,
}

#[derive(Clone, Copy)]
struct NewAsk {
    side: Side,
    qty: i64,
    limit: Option<i64>,
}

impl Watched {
    fn new(queue: Queue) -> Self {
        let mut kit = Kit::with(Terms { queue, ..terms() }, instrument());
        kit.told.clear();
        Self {
            kit,
            middle: 1_000,
            best: (0, 0),
            orders: Vec::new(),
            seen: 0,
            size: Decimal::ZERO,
            cash: dec("100000"),
            filled: std::collections::BTreeMap::new(),
        }
    }

    fn act(&mut self, step: &Step) {
        match *step {
            Step::Order(buys, qty, from, kind, exit) => self.order(buys, qty, from, kind, exit),
            Step::Cancel(which) => {
                if let Some((id, _)) = self.orders.get(which % self.orders.len().max(1)) {
                    self.kit.cancel(*id);
                }
            }
            Step::Book(by, half, qty) => {
                self.middle = (self.middle + by).clamp(900, 1_100);
                self.best = (self.middle - half, self.middle + half);
                let bids: Vec<_> = (0..6).map(|i| (self.best.0 - i, qty + i)).collect();
                let asks: Vec<_> = (0..6).map(|i| (self.best.1 + i, qty + 2 * i)).collect();
                self.kit.book(&bids, &asks);
            }
            Step::Print(buys, from, qty) => {
                let side = if buys { Side::Buy } else { Side::Sell };
                self.kit.print(side, self.middle + from, qty);
            }
            Step::Mark(from) => self.kit.mark(&(self.middle + from).to_string(), "0", 0),
            Step::Wait(ms) => self.kit.wait(ms),
        }
        self.check();
    }

    fn order(&mut self, buys: bool, qty: i64, from: i64, kind: u8, exit: bool) {
        let side = if buys { Side::Buy } else { Side::Sell };
        let price = self.middle + from;
        let kind = match kind {
            0 | 1 => limit(price, Gtc),
            2 => limit(price, Ioc),
            3 => limit(price, PostOnly),
            4 if exit => OrderKind::Market,
            5 if exit => stop(price, TriggerBy::Last),
            _ => limit(price, Gtc),
        };
        let intent = if exit { Intent::Exit } else { Intent::Entry };
        let id = self.kit.send(side, qty, kind, intent);
        let limit = kind.limit().map(|price| price.0);
        self.orders.push((id, NewAsk { side, qty, limit }));
    }

    fn check(&mut self) {
        let facts = self.kit.told[self.seen..].to_vec();
        self.seen = self.kit.told.len();
        for fact in facts {
            match fact {
                Fact::Fill(fill) => self.check_fill(&fill),
                Fact::Position(report) => assert_eq!(report.size, self.size),
                Fact::Balance { balance, .. } => {
                    let apart = (balance.wallet - self.cash).abs();
                    assert!(apart < dec("0.000001"), "{} {}", balance.wallet, self.cash);
                }
                Fact::Answer {
                    outcome: Outcome::Unknown(words),
                    ..
                } => panic!("{words}"),
                _ => {}
            }
        }
    }

    fn check_fill(&mut self, fill: &Fill) {
        let asked = self.orders.iter().find(|(id, _)| *id == fill.client);
        let asked = asked.unwrap().1;
        assert_eq!(asked.side, fill.side);
        let price: i64 = fill.price.to_string().parse().unwrap();
        // A maker is filled at its own price and nowhere else; a taker never in front of the best price that it met.
        let limit = asked.limit.map(Price);
        match fill.liquidity {
            Liquidity::Maker => assert_eq!(limit, Some(Price(price))),
            Liquidity::Taker => {
                assert!(limit.is_none_or(|limit| limit.crosses(fill.side, Price(price))));
                let best = match fill.side {
                    Side::Buy => self.best.1,
                    Side::Sell => self.best.0,
                };
                assert!(
                    Price(price).crosses(fill.side, Price(best)),
                    "{fill:?} {:?}",
                    self.best
                );
            }
        }
        let filled = self.filled.entry(fill.client).or_default();
        *filled += fill.qty.0;
        assert!(*filled <= asked.qty);
        let signed = Decimal::from(fill.qty.0 * fill.side.sign());
        self.size += signed;
        self.cash += fill.realised.unwrap() - fill.fee;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_fill_is_better_than_the_book_and_all_adds_up(
        steps in prop::collection::vec(step(), 1..60),
        even in any::<bool>(),
    ) {
        let queue = if even { Queue::Even } else { Queue::Behind };
        let mut watched = Watched::new(queue);
        watched.act(&Step::Book(0, 1, 5));
        for step in &steps {
            watched.act(step);
        }
        watched.kit.wait(1_000);
        watched.check();
    }
}
