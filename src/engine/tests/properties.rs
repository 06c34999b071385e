//! Whatever keys and facts come in whatever order: no entry passes a limit, no exit becomes impossible.

use proptest::prelude::*;

use super::kit::*;
use crate::domain::message::{Asked, LinkState, Proves};
use crate::domain::*;
use crate::engine::action::{ACTIONS, Action};

/// One thing that happens. Numbers are reduced to what exists when it happens.
#[derive(Clone, Debug)]
enum Step {
    Press(usize, i64),
    Answer(usize, u8),
    Report(usize, u8, u8),
    Fill(usize, u8, bool),
    Book(i64, i64, u8),
    Position(i64),
    Truth,
    Link(u8),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..ACTIONS.len(), -3_000..3_000_i64).prop_map(|(a, c)| Step::Press(a, c)),
        3 => (any::<usize>(), 0..4_u8).prop_map(|(o, k)| Step::Answer(o, k)),
        3 => (any::<usize>(), 0..5_u8, 0..101_u8).prop_map(|(o, s, f)| Step::Report(o, s, f)),
        3 => (any::<usize>(), 1..101_u8, any::<bool>()).prop_map(|(o, f, p)| Step::Fill(o, f, p)),
        2 => (-400..400_i64, 1..40_i64, 0..8_u8).prop_map(|(m, s, k)| Step::Book(m, s, k)),
        1 => (-300..300_i64).prop_map(Step::Position),
        1 => Just(Step::Truth),
        1 => (0..3_u8).prop_map(Step::Link),
        3 => (0..3_000_u16).prop_map(Step::Wait),
    ]
}

/// Limits that a few orders reach.
fn tight() -> crate::engine::DeskSettings {
    let mut set = settings(Environment::Sim);
    set.limits.max_position_notional = dec("12000");
    set.limits.max_open_orders = 4;
    set
}

struct Run {
    kit: Kit,
    orders: Vec<NewOrder>,
}

impl Run {
    fn order(&self, at: usize) -> Option<NewOrder> {
        self.orders.get(at.checked_rem(self.orders.len())?).copied()
    }

    fn take(&mut self, step: &Step) {
        self.kit.forget();
        match *step {
            Step::Press(action, cursor) => {
                self.kit
                    .press_at(ACTIONS[action].action, Some(BID + cursor));
                self.check_placed(step);
            }
            Step::Answer(at, kind) => self.answer(at, kind),
            Step::Report(at, status, percent) => {
                if let Some(order) = self.order(at) {
                    let status = [
                        OrderStatus::Working,
                        OrderStatus::Filled,
                        OrderStatus::Cancelled,
                        OrderStatus::Expired,
                        OrderStatus::Rejected,
                    ][usize::from(status)];
                    let filled = order.qty.0 * i64::from(percent) / 100;
                    self.kit.report(&order, status, filled);
                }
            }
            Step::Fill(at, percent, told) => {
                if let Some(order) = self.order(at) {
                    let qty = (order.qty.0 * i64::from(percent) / 100).max(1);
                    let fill = self.kit.fill_of(&order, qty, "60000.1");
                    self.kit.fact(Fact::Fill(fill));
                    if told {
                        let own = *self.kit.market().ledger.own();
                        self.kit.position(own.size, own.entry);
                    }
                }
            }
            Step::Book(moved, spread, kind) => {
                let state = match kind {
                    0 => BookState::Down("closed".to_owned()),
                    1 => BookState::Resync("gap".to_owned()),
                    _ => BookState::Live,
                };
                let bid = BID + moved;
                self.kit.book_in(state, bid, bid + spread);
            }
            Step::Position(lots) => {
                let size = instrument().qty_decimal(Qty(lots));
                self.kit.position(size, dec("60000"));
            }
            Step::Truth => self.kit.truth(message::AccountTruth::default()),
            Step::Link(state) => self.kit.link(
                [LinkState::Down, LinkState::Reconciling, LinkState::Ready][usize::from(state)],
            ),
            Step::Wait(ms) => self.kit.silence(u64::from(ms)),
        }
        self.orders.extend(self.kit.placed());
    }

    fn answer(&mut self, at: usize, kind: u8) {
        let Some(order) = self.order(at) else { return };
        let outcome = match kind {
            0 => Outcome::Accepted { venue: Some(7) },
            1 => Outcome::Unknown("lost".to_owned()),
            2 => Outcome::NotSent("closed".to_owned()),
            _ => Outcome::Rejected {
                code: -4118,
                words: "no".to_owned(),
                proves: Proves::NothingToReduce,
            },
        };
        self.kit.answer(order.id, Asked::Place, outcome);
    }

    /// What was sent by a key respects every limit, computed here in the plainest way.
    fn check_placed(&self, step: &Step) {
        let rules = instrument();
        let limits = tight().limits;
        let market = self.kit.market();
        for order in self.kit.placed() {
            if order.intent == Intent::Exit {
                continue;
            }
            let price = order.kind.limit().expect("an entry by market");
            let at = rules.price_decimal(price);
            let worth = at * rules.qty_decimal(order.qty);
            assert!(worth <= limits.max_order_notional && worth >= rules.min_notional);
            // This order is among the live ones by now.
            let open: i64 = market
                .orders
                .live()
                .filter(|o| o.side == order.side && o.intent == Intent::Entry)
                .map(|o| o.remaining().0)
                .sum();
            let sizes = [
                market.ledger.own().size,
                market.ledger.venue().map(|v| v.size).unwrap_or_default(),
            ];
            for size in sizes {
                let sign = rust_decimal::Decimal::from(order.side.sign());
                let reach = size * sign + rules.qty_decimal(Qty(open));
                assert!(reach * at <= limits.max_position_notional);
            }
            let (bid, ask) = (
                market.best(Side::Buy).unwrap(),
                market.best(Side::Sell).unwrap(),
            );
            let through = match order.side {
                Side::Buy => at <= rules.price_decimal(ask) * dec("1.005"),
                Side::Sell => at >= rules.price_decimal(bid) * dec("0.995"),
            };
            // A stop entry is bounded by its trigger.
            let through = through || order.kind.class() == OrderClass::Conditional;
            assert!(through, "{order:?} at {bid:?} {ask:?}");
            let entries = market.orders.live().filter(|o| o.intent == Intent::Entry);
            assert!(entries.count() <= limits.max_open_orders as usize);
        }
        let by_key: Vec<_> = self
            .kit
            .placed()
            .into_iter()
            .filter(|o| o.intent == Intent::Entry)
            .collect();
        let scale = matches!(step, Step::Press(at, _) if ACTIONS[*at].action == Action::Scale);
        let named = if scale { 5 } else { 1 };
        assert!(by_key.len() <= named, "one press, {by_key:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rule10_no_entry_passes_a_limit_and_rule5_no_exit_becomes_impossible(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut run = Run { kit: Kit::with(tight()), orders: Vec::new() };
        for step in &steps {
            run.take(step);
        }
        // A position that the venue tells of can be closed now, whatever happened before, short of the trader's lock.
        let kit = &mut run.kit;
        kit.wait(10_000);
        kit.position(dec("0.070"), dec("60000"));
        kit.wait(2_100);
        kit.forget();
        let locked = kit.desk.arm().state() == crate::engine::arm::Armed::Locked;
        if !locked {
            kit.press(Action::Close(100));
            let closes = kit.placed();
            prop_assert!(closes.iter().any(|o| o.side == Side::Sell && o.intent == Intent::Exit), "{:?}", kit.said);
        }
        kit.forget();
        kit.press(Action::PanicSymbol);
        let panics = kit.placed();
        prop_assert!(panics.iter().any(|o| o.kind == OrderKind::Market && o.qty == Qty(70)), "{:?}", kit.said);
    }

    #[test]
    fn rule2_no_fact_ever_makes_an_entry_but_one_that_is_being_moved(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut run = Run { kit: Kit::with(tight()), orders: Vec::new() };
        for step in &steps {
            let moving = run.kit.market().plans.replaces.len();
            run.take(step);
            if !matches!(step, Step::Press(..)) {
                let entries = run.kit.placed().iter().filter(|o| o.intent == Intent::Entry).count();
                prop_assert!(entries <= moving);
            }
        }
    }

    #[test]
    fn rule1_an_order_of_ours_is_handed_out_once(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut run = Run { kit: Kit::with(tight()), orders: Vec::new() };
        for step in &steps {
            run.take(step);
        }
        let names: std::collections::HashSet<_> = run.orders.iter().map(|o| o.id).collect();
        prop_assert_eq!(names.len(), run.orders.len());
    }
}
