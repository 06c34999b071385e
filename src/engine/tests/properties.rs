//! Whatever keys and facts come in whatever order: no entry passes a limit, no exit becomes impossible.

use proptest::prelude::*;

use super::kit::*;
use crate::domain::message::{Asked, LinkState, Proves};
use crate::domain::*;
use crate::engine::action::{ACTIONS, Action};
use crate::engine::arm::Armed;
use crate::engine::ask::Ask;
use crate::engine::event::Event;
use crate::engine::guard::limit::LIMITS;

/// One thing that happens. Numbers are reduced to what exists when it happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Press(usize, i64),
    /// An entry at the cursor by somebody who arms first, on a live book: by chance alone these come too seldom.
    Enter(bool, i64),
    Answer(usize, u8),
    Report(usize, u8, u8),
    Fill(usize, u8, bool),
    Book(i64, i64, u8),
    Position(i64),
    Truth,
    Link(u8),
    Wait(u16),
    /// `:set` of a limit of that row to so many thousandths of what it was.
    Set(usize, u16),
    ViewOnly(bool),
    Funding(i64),
    Trouble(u8),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..ACTIONS.len(), -3_000..3_000_i64).prop_map(|(a, c)| Step::Press(a, c)),
        4 => (any::<bool>(), -3..3_i64).prop_map(|(b, c)| Step::Enter(b, c)),
        3 => (any::<usize>(), 0..4_u8).prop_map(|(o, k)| Step::Answer(o, k)),
        3 => (any::<usize>(), 0..5_u8, 0..101_u8).prop_map(|(o, s, f)| Step::Report(o, s, f)),
        3 => (any::<usize>(), 1..101_u8, any::<bool>()).prop_map(|(o, f, p)| Step::Fill(o, f, p)),
        2 => (-400..400_i64, 1..40_i64, 0..8_u8).prop_map(|(m, s, k)| Step::Book(m, s, k)),
        1 => (-300..300_i64).prop_map(Step::Position),
        1 => Just(Step::Truth),
        1 => (0..3_u8).prop_map(Step::Link),
        3 => (0..3_000_u16).prop_map(Step::Wait),
        1 => (0..LIMITS.len(), 300..2_000_u16).prop_map(|(row, part)| Step::Set(row, part)),
        1 => prop::bool::weighted(0.2).prop_map(Step::ViewOnly),
        1 => (-300..100_i64).prop_map(Step::Funding),
        1 => (0..40_u8).prop_map(Step::Trouble),
    ]
}

/// Limits that a few orders reach.
pub(super) fn tight() -> crate::engine::DeskSettings {
    let mut set = settings(Environment::Sim);
    set.limits.max_position_notional = dec("12000");
    set.limits.max_orders_per_second = 2;
    set.limits.max_orders_per_minute = 4;
    set.limits.max_identical_per_second = 2;
    set.limits.max_order.insert(key().symbol, dec("0.06"));
    set.limits.max_position.insert(key().symbol, dec("0.1"));
    set.limits.max_trade_loss = Cap::At(dec("400"));
    set.limits.max_session_loss = Cap::At(dec("700"));
    set.limits.max_losses_in_a_row = Cap::At(dec("6"));
    set.arming.focus_loss = true;
    set
}

pub(super) struct Run {
    pub kit: Kit,
    pub orders: Vec<NewOrder>,
    /// What may not be passed, as it is known here: tightened with each `:set` that tightens, never loosened, for no run is so long.
    limits: Limits,
    /// Entries that were sent, and when, ms.
    entries: Vec<(u64, NewOrder)>,
    view_only: bool,
}

impl Run {
    /// Large orders meet limits of size, small ones those of number: of what is open, or of what was sent in a minute.
    pub(super) fn new(lots: i64, open: u32) -> Self {
        let mut set = tight();
        set.limits.max_open_orders = open;
        let limits = set.limits.clone();
        let mut kit = Kit::with(set);
        kit.volume(lots);
        Self {
            kit,
            orders: Vec::new(),
            limits,
            entries: Vec::new(),
            view_only: false,
        }
    }

    /// A limit of every kind, made tighter or, as is asked for, looser.
    fn set(&mut self, row: usize, part: u16) {
        let part = dec("0.001") * rust_decimal::Decimal::from(part);
        let symbol = key().symbol;
        let least = |mine: &mut rust_decimal::Decimal| {
            let wish = (*mine * part).round_dp(6);
            *mine = wish.min(*mine);
            wish
        };
        let fewer = |mine: &mut u32| {
            let wish = (rust_decimal::Decimal::from(*mine) * part).floor();
            *mine = u32::try_from(wish).unwrap().min(*mine);
            wish
        };
        let mine = &mut self.limits;
        let (name, wish) = match LIMITS[row].name {
            name @ "risk.max_order" => (name, least(mine.max_order.get_mut(&symbol).unwrap())),
            name @ "risk.max_position" => {
                (name, least(mine.max_position.get_mut(&symbol).unwrap()))
            }
            name @ "risk.max_order_notional" => (name, least(&mut mine.max_order_notional)),
            name @ "risk.max_position_notional" => (name, least(&mut mine.max_position_notional)),
            name @ "risk.max_open_orders" => (name, fewer(&mut mine.max_open_orders)),
            name @ "risk.max_orders_per_second" => (name, fewer(&mut mine.max_orders_per_second)),
            name @ "risk.max_orders_per_minute" => (name, fewer(&mut mine.max_orders_per_minute)),
            name @ "risk.max_identical_per_second" => {
                (name, fewer(&mut mine.max_identical_per_second))
            }
            name @ "risk.collar_through" => (name, least(&mut mine.collar_through)),
            name @ "risk.collar_away" => (name, least(&mut mine.collar_away)),
            name @ "risk.max_day_loss" => (name, least(&mut mine.max_day_loss)),
            _ => return,
        };
        // What is asked for beyond the settings file is refused; what is looser waits for longer than any run.
        let (name, value) = (name.to_owned(), wish.to_string());
        self.kit.ask(Ask::Set { name, value });
    }

    fn trouble(&mut self, kind: u8) {
        let event = match kind {
            0 => Event::FocusLost,
            1 => Event::Resumed(60_000),
            2 => Event::Journal(Some("disk full".to_owned())),
            3 => Event::TerminalLink(2_000),
            _ => Event::Journal(None),
        };
        self.kit.event(event);
    }

    fn order(&self, at: usize) -> Option<NewOrder> {
        self.orders.get(at.checked_rem(self.orders.len())?).copied()
    }

    pub fn take(&mut self, step: &Step) {
        self.kit.forget();
        match *step {
            Step::Press(action, cursor) => {
                self.kit
                    .press_at(ACTIONS[action].action, Some(BID + cursor));
                self.check_placed(step);
            }
            Step::Enter(buys, cursor) => {
                let side = if buys { Side::Buy } else { Side::Sell };
                self.kit.book(BID, ASK);
                self.kit.press(Action::Arm(1));
                self.kit.link(LinkState::Ready);
                self.kit.forget();
                self.kit
                    .press_at(Action::AtCursor(side), Some(BID + cursor));
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
            Step::Set(row, part) => self.set(row, part),
            Step::ViewOnly(on) => {
                let armed = self.kit.desk.arm().state() == Armed::Armed;
                self.view_only = on || (self.view_only && !armed);
                self.kit.ask(Ask::ViewOnly(on));
            }
            Step::Funding(amount) => {
                let amount = rust_decimal::Decimal::from(amount);
                self.kit.fact(Fact::Funding { key: key(), amount });
            }
            Step::Trouble(kind) => self.trouble(kind),
        }
        self.orders.extend(self.kit.placed());
    }

    fn answer(&mut self, at: usize, kind: u8) {
        let Some(order) = self.order(at) else { return };
        let outcome = match kind {
            0 => Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            },
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
    fn check_placed(&mut self, step: &Step) {
        let rules = instrument();
        let limits = self.limits.clone();
        let symbol = key().symbol;
        let now_ms = self.kit.now.mono_ns / 1_000_000;
        for order in self.kit.placed() {
            if order.intent == Intent::Entry {
                self.check_pace(now_ms, &order);
                self.entries.push((now_ms, order));
            }
        }
        let market = self.kit.market();
        for order in self.kit.placed() {
            if order.intent == Intent::Exit {
                continue;
            }
            assert_eq!(self.kit.desk.arm().state(), Armed::Armed, "{order:?}");
            assert!(!self.view_only, "{order:?}");
            assert!(self.kit.desk.session_result() > -limits.max_day_loss);
            let size = rules.qty_decimal(order.qty);
            assert!(size <= limits.max_order[&symbol], "{order:?}");
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
                assert!(reach <= limits.max_position[&symbol]);
            }
            let (bid, ask) = (
                market.best(Side::Buy).unwrap(),
                market.best(Side::Sell).unwrap(),
            );
            let one = rust_decimal::Decimal::ONE;
            let (through, away) = (limits.collar_through, limits.collar_away);
            let (bid, ask) = (rules.price_decimal(bid), rules.price_decimal(ask));
            let inside = match order.side {
                Side::Buy => at <= ask * (one + through) && at >= bid * (one - away),
                Side::Sell => at >= bid * (one - through) && at <= ask * (one + away),
            };
            // A stop entry is bounded by its trigger.
            let inside = inside || order.kind.class() == OrderClass::Conditional;
            assert!(inside, "{order:?} at {bid:?} {ask:?}");
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

impl Run {
    /// How many were sent before this one, and how many like it.
    fn check_pace(&self, now_ms: u64, order: &NewOrder) {
        let within = |ms: u64| {
            let recent = move |sent: &&(u64, NewOrder)| now_ms - sent.0 < ms;
            self.entries.iter().filter(recent)
        };
        let limits = &self.limits;
        let like = |sent: &&(u64, NewOrder)| {
            let sent = sent.1;
            (sent.side, sent.kind.limit(), sent.qty) == (order.side, order.kind.limit(), order.qty)
        };
        assert!(within(1_000).count() < limits.max_orders_per_second as usize);
        assert!(within(60_000).count() < limits.max_orders_per_minute as usize);
        let identical = within(1_000).filter(like).count();
        assert!(identical < limits.max_identical_per_second as usize);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rule10_no_entry_passes_a_limit_and_rule5_no_exit_becomes_impossible(
        steps in prop::collection::vec(step(), 1..80), large in any::<bool>(), few in any::<bool>(),
    ) {
        let mut run = Run::new(if large { 50 } else { 1 }, if few { 3 } else { 20 });
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
        let mut run = Run::new(50, 4);
        for step in &steps {
            let moving = run.kit.market().plans.replaces.len();
            run.take(step);
            if !matches!(step, Step::Press(..) | Step::Enter(..)) {
                let entries = run.kit.placed().iter().filter(|o| o.intent == Intent::Entry).count();
                prop_assert!(entries <= moving);
            }
        }
    }

    #[test]
    fn rule1_an_order_of_ours_is_handed_out_once(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let mut run = Run::new(50, 4);
        for step in &steps {
            run.take(step);
        }
        let names: std::collections::HashSet<_> = run.orders.iter().map(|o| o.id).collect();
        prop_assert_eq!(names.len(), run.orders.len());
    }
}
