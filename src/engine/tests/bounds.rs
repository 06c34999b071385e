//! A chase from outside: whatever prices, facts and keys come, it is bounded and never has two live orders.

use proptest::prelude::*;

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;

/// What happens around a chase: prices, what the venue says of the order in hand, keys, time.
#[derive(Clone, Debug)]
enum Turn {
    /// The bid goes up by so much, with such a spread.
    Price(i64, i64),
    /// The venue's word on the latest order, after whatever was asked for: where it was sent, filled so far.
    Stands,
    Cancelled,
    Fill(i64),
    Answer(u8),
    Key(u8),
    Wait(u16),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        30 => (-2..6_i64, 1..6_i64).prop_map(|(up, spread)| Turn::Price(up, spread)),
        1 => (0..400_i64).prop_map(|up| Turn::Price(up, 3)),
        30 => Just(Turn::Stands),
        15 => Just(Turn::Cancelled),
        2 => (1..4_i64).prop_map(Turn::Fill),
        1 => (0..6_u8).prop_map(Turn::Answer),
        1 => (0..4_u8).prop_map(Turn::Key),
        20 => (0..250_u16).prop_map(Turn::Wait),
    ]
}

/// One buy chase from beginning to end, watched from outside.
struct Chased {
    kit: Kit,
    orders: Vec<NewOrder>,
    cancelled: Vec<ClientId>,
    /// When each move went, ns: a change, or an order after the first.
    moves: Vec<u64>,
    start: i64,
    bid: i64,
}

impl Chased {
    fn begin(amends: bool) -> Self {
        let mut set = settings(Environment::Sim);
        set.amends = amends;
        set.limits.max_identical_per_second = 20;
        let mut kit = Kit::with(set);
        let first = kit.rest(Action::Chase(Side::Buy));
        let start = first.kind.limit().unwrap().0;
        kit.forget();
        Self {
            kit,
            orders: vec![first],
            cancelled: Vec::new(),
            moves: Vec::new(),
            start,
            bid: BID,
        }
    }

    fn take(&mut self, turn: &Turn) {
        let latest = *self.orders.last().unwrap();
        let plans = &self.kit.market().plans;
        let (runs, moving) = (!plans.chases.is_empty(), !plans.replaces.is_empty());
        match *turn {
            Turn::Price(up, spread) => {
                self.bid += up;
                self.kit.book(self.bid, self.bid + spread);
            }
            Turn::Stands => {
                let order = self.kit.order(latest.id);
                let at = order
                    .amending
                    .map_or(order.price, |amending| Some(amending.price));
                let filled = order.filled.0;
                let mut report = self.kit.report_of(&latest, OrderStatus::Working, filled);
                report.price = at;
                self.kit.fact(Fact::Order(report));
            }
            Turn::Cancelled => {
                if self.kit.order(latest.id).cancelling.is_some() {
                    let filled = self.kit.order(latest.id).filled.0;
                    self.kit.report(&latest, OrderStatus::Cancelled, filled);
                }
            }
            Turn::Fill(lots) => {
                let left = self.kit.order(latest.id).remaining().0;
                if left > 0 {
                    let fill = self.kit.fill_of(&latest, lots.min(left), "60000.0");
                    self.kit.fact(Fact::Fill(fill));
                }
            }
            Turn::Answer(kind) => {
                let rejected = Outcome::Rejected {
                    code: -1,
                    words: "no".to_owned(),
                    proves: Proves::Nothing,
                };
                let unknown = Outcome::Unknown("lost".to_owned());
                let taken = Outcome::Accepted {
                    venue: Some(crate::domain::OrderId::of_number(7)),
                };
                let (asked, outcome) = match kind {
                    0 => (Asked::Place, unknown),
                    1 => (Asked::Amend, unknown),
                    2 => (Asked::Cancel, unknown),
                    3 => (Asked::Amend, taken),
                    4 => (Asked::Amend, rejected),
                    _ => (Asked::Cancel, rejected),
                };
                self.kit.answer(latest.id, asked, outcome);
            }
            Turn::Key(key) => {
                let action = [
                    Action::CancelEntries,
                    Action::Lock,
                    Action::Move(1),
                    Action::PanicSymbol,
                ][usize::from(key)];
                self.kit.press(action);
            }
            Turn::Wait(ms) => self.kit.wait(u64::from(ms)),
        }
        // The trader's own move ends the chase and may be placed a few turns later.
        let by_hand = matches!(turn, Turn::Key(_)) || (!runs && moving);
        self.watch(runs, by_hand);
    }

    fn watch(&mut self, runs: bool, by_hand: bool) {
        let now = self.kit.now.mono_ns;
        let placed = self.kit.placed().into_iter();
        let entries: Vec<NewOrder> = placed.filter(|o| o.intent == Intent::Entry).collect();
        let prices = entries.iter().filter_map(|o| o.kind.limit());
        let amends = self.kit.amends();
        for price in prices.chain(amends.iter().map(|amend| amend.price)) {
            if !by_hand {
                assert!(runs, "nothing follows the price any more");
                self.moves.push(now);
                assert!(
                    (self.start..=self.start + 600).contains(&price.0),
                    "{price:?}"
                );
            }
        }
        self.orders.extend(entries);
        self.cancelled.extend(self.kit.cancelled());
        self.kit.forget();
        let live = self.kit.market().orders.live();
        assert!(
            live.filter(|o| o.intent == Intent::Entry).count() <= 1,
            "two are alive"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_chase_is_bounded_whatever_prices_and_facts_come(
        amends in any::<bool>(),
        turns in prop::collection::vec(turn(), 1..200)
    ) {
        let mut chased = Chased::begin(amends);
        for turn in &turns {
            chased.take(turn);
        }
        let moves = &chased.moves;
        prop_assert!(moves.len() <= 20, "{} moves", moves.len());
        let sixth = |at: &[u64]| at[5] - at[0] > 1_000_000_000;
        prop_assert!(moves.windows(6).all(sixth), "{moves:?}");
        let names: std::collections::HashSet<_> = chased.orders.iter().map(|o| o.id).collect();
        prop_assert_eq!(names.len(), chased.orders.len());
    }
}
