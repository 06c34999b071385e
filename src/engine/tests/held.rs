//! Protection always follows the position: a small venue that answers late, loses, refuses and fills in parts, in virtual time. Once it
//! is quiet there is one stop of the position's size, and takes for no more than it; before that no gap is longer than the alarm says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rust_decimal::Decimal;

use super::kit::*;
use crate::domain::message::{AccountTruth, Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::settings::{Distance, Rung};

const STEP_MS: u64 = 10;
/// The longest that the venue takes for a message either way, ms.
const LATE_MS: u64 = 60;
/// What the venue says about an order that never came, after its proof window, ms.
const PROOF_MS: u64 = 700;

/// An order at the venue.
#[derive(Clone, Debug)]
struct Resting {
    order: NewOrder,
    price: Option<Price>,
    qty: i64,
    filled: i64,
    status: OrderStatus,
    fired: bool,
}

/// Something on its way to the desk or to the venue.
#[derive(Clone, Debug)]
enum Letter {
    Asked(Command),
    Told(Fact),
}

struct Venue {
    kit: Kit,
    random: ChaCha20Rng,
    orders: BTreeMap<ClientId, Resting>,
    position: i64,
    cost: Decimal,
    /// By when it comes; the second number keeps the order of one moment.
    post: BTreeMap<(u64, u64), Letter>,
    posted: u64,
    /// The private stream keeps its order: when its last message comes.
    stream: u64,
    /// Requests are lost and refused, fills come.
    storm: bool,
    /// What the desk was told: position, and stops that wait or have fired.
    told: i64,
    told_stops: BTreeMap<ClientId, (i64, bool)>,
    bare_since: Option<u64>,
    story: Vec<String>,
}

impl Venue {
    fn new(seed: u64) -> Self {
        let mut settings = settings(Environment::Sim);
        settings.auto_stop = Some(Distance::Ticks(40));
        let half = |at| Rung {
            at: Distance::Ticks(at),
            part: dec("0.5"),
        };
        settings.auto_takes = vec![half(40), half(80)];
        let mut kit = Kit::with(settings);
        kit.volume(20);
        Self {
            kit,
            random: ChaCha20Rng::seed_from_u64(seed),
            orders: BTreeMap::new(),
            position: 0,
            cost: Decimal::ZERO,
            post: BTreeMap::new(),
            posted: 0,
            stream: 0,
            storm: true,
            told: 0,
            told_stops: BTreeMap::new(),
            bare_since: None,
            story: Vec::new(),
        }
    }

    fn ms(&self) -> u64 {
        self.kit.now.mono_ns / 1_000_000
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn send(&mut self, late: u64, letter: Letter) {
        self.posted += 1;
        self.post.insert((self.ms() + late, self.posted), letter);
    }

    fn late(&mut self) -> u64 {
        self.random.random_range(1..LATE_MS)
    }

    /// On the private stream, behind what it said before.
    fn stream(&mut self, fact: Fact) {
        let late = self.late();
        self.stream = self.stream.max(self.ms() + late);
        self.posted += 1;
        self.post
            .insert((self.stream, self.posted), Letter::Told(fact));
    }

    fn answer(&mut self, client: ClientId, asked: Asked, outcome: Outcome) {
        let late = self.late();
        let at = self.kit.now.plus_ms(late);
        let fact = Fact::Answer {
            key: key(),
            client,
            asked,
            outcome,
            at,
        };
        self.send(late, Letter::Told(fact));
    }

    fn report(&mut self, client: ClientId) -> OrderReport {
        let held = self.orders[&client].clone();
        let mut report = self.kit.report_of(&held.order, held.status, held.filled);
        report.price = held.price;
        report.qty = Qty(held.qty);
        if held.fired {
            report.order.class = OrderClass::Regular;
            report.triggered = true;
        }
        report
    }

    fn tell(&mut self, client: ClientId) {
        let report = self.report(client);
        self.stream(Fact::Order(report));
    }

    fn position_report(&mut self) -> PositionReport {
        let entry = match self.position {
            0 => Decimal::ZERO,
            lots => (self.cost / Decimal::from(lots)).round_dp(8),
        };
        self.kit.position_of(Decimal::new(self.position, 3), entry)
    }

    /// So many lots of an order trade.
    fn trade(&mut self, client: ClientId, lots: i64) {
        let held = self.orders.get_mut(&client).unwrap();
        let lots = lots.min(held.qty - held.filled);
        let sign = held.order.side.sign();
        let lots = match held.order.intent {
            Intent::Exit => lots.min((-self.position * sign).max(0)),
            Intent::Entry => lots,
        };
        if lots == 0 {
            return;
        }
        held.filled += lots;
        if held.filled == held.qty {
            held.status = OrderStatus::Filled;
        }
        let order = held.order;
        let crosses = matches!(
            order.kind,
            OrderKind::Limit {
                tif: TimeInForce::Ioc,
                ..
            }
        );
        let price = match (held.price, order.side) {
            (Some(price), _) if !crosses => price.0,
            (_, Side::Buy) => ASK,
            (_, Side::Sell) => BID,
        };
        let at = instrument().price_decimal(Price(price));
        if self.position.signum() * sign >= 0 {
            self.cost += at * Decimal::from(lots * sign);
        } else {
            self.cost -= self.cost / Decimal::from(self.position) * Decimal::from(-lots * sign);
        }
        self.position += lots * sign;
        self.story.push(format!(
            "{} {client} trades {lots} → {}",
            self.ms(),
            self.position
        ));
        let fill = self.kit.fill_of(&order, lots, &at.to_string());
        self.stream(Fact::Fill(fill));
        self.tell(client);
        let report = self.position_report();
        self.stream(Fact::Position(report));
        self.reduce_only();
    }

    /// Resting exits beyond the position go by the venue's own hand, conditional ones stay.
    fn reduce_only(&mut self) {
        let over: Vec<ClientId> = self
            .orders
            .iter()
            .filter(|(_, o)| !o.status.is_final() && o.order.intent == Intent::Exit)
            .filter(|(_, o)| o.order.kind.class() == OrderClass::Regular)
            .filter(|(_, o)| self.position * o.order.side.sign() >= 0)
            .map(|(id, _)| *id)
            .collect();
        for client in over {
            self.orders.get_mut(&client).unwrap().status = OrderStatus::Expired;
            self.tell(client);
        }
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::Place(order) => self.place(*order.get()),
            Command::Cancel { order, .. } => self.cancel(order.client),
            Command::Amend(amend) => self.amend(amend.get()),
            Command::Query { order, .. } => self.query(order.client),
            Command::Reconcile => self.truth(),
            _ => {}
        }
    }

    fn place(&mut self, order: NewOrder) {
        let refused = |code| Outcome::Rejected {
            code,
            words: "no".to_owned(),
            proves: Proves::Nothing,
        };
        let unknown = Outcome::Unknown("no answer".to_owned());
        if self.storm && self.chance(10) {
            // It never came: that is proved later.
            self.answer(order.id, Asked::Place, unknown);
            return self.absent(&order);
        }
        if self.storm && self.chance(15) {
            return self.answer(order.id, Asked::Place, refused(-1001));
        }
        let reduces = self.position * order.side.sign() < 0;
        if order.intent == Intent::Exit && !reduces {
            return self.answer(order.id, Asked::Place, refused(-2022));
        }
        self.orders.insert(
            order.id,
            Resting {
                order,
                price: order.kind.limit(),
                qty: order.qty.0,
                filled: 0,
                status: OrderStatus::Working,
                fired: false,
            },
        );
        self.tell(order.id);
        let lost = self.storm && self.chance(10);
        let taken = Outcome::Accepted {
            venue: Some(crate::domain::OrderId::of_number(7)),
        };
        self.answer(order.id, Asked::Place, if lost { unknown } else { taken });
        let now = match order.kind {
            OrderKind::Market => true,
            OrderKind::Limit { tif, .. } => tif == TimeInForce::Ioc,
            OrderKind::Stop { .. } | OrderKind::Trail { .. } => false,
        };
        if now {
            self.trade(order.id, order.qty.0);
            let held = self.orders.get_mut(&order.id).unwrap();
            if !held.status.is_final() {
                held.status = OrderStatus::Expired;
                self.tell(order.id);
            }
        }
    }

    fn absent(&mut self, order: &NewOrder) {
        let mut report = self.kit.report_of(order, OrderStatus::Rejected, 0);
        report.reason = Some("the venue has no such order".to_owned());
        self.send(PROOF_MS, Letter::Told(Fact::Order(report)));
    }

    fn cancel(&mut self, client: ClientId) {
        let lost = self.storm && self.chance(15);
        let unknown = Outcome::Unknown("no answer".to_owned());
        if lost {
            return self.answer(client, Asked::Cancel, unknown);
        }
        let live = self.orders.get_mut(&client);
        match live.filter(|held| !held.status.is_final()) {
            Some(held) => {
                held.status = OrderStatus::Cancelled;
                self.tell(client);
                self.answer(client, Asked::Cancel, Outcome::Accepted { venue: None });
            }
            None => self.not_found(client, Asked::Cancel),
        }
    }

    fn not_found(&mut self, client: ClientId, asked: Asked) {
        let outcome = Outcome::Rejected {
            code: -2011,
            words: "unknown order".to_owned(),
            proves: Proves::NotFound,
        };
        self.answer(client, asked, outcome);
    }

    fn amend(&mut self, amend: &Amend) {
        let client = amend.order.client;
        let refused = self.storm && self.chance(20);
        let Some(held) = self.orders.get_mut(&client) else {
            return self.not_found(client, Asked::Amend);
        };
        if held.status.is_final() || refused {
            return self.not_found(client, Asked::Amend);
        }
        held.price = Some(amend.price);
        held.qty = amend.qty.0;
        if held.qty <= held.filled {
            // Binance, Modify Order: a new quantity at or below what is filled cancels it.
            held.status = OrderStatus::Cancelled;
        }
        self.tell(client);
        self.answer(
            client,
            Asked::Amend,
            Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            },
        );
    }

    fn query(&mut self, client: ClientId) {
        if self.orders.contains_key(&client) {
            self.tell(client);
        }
    }

    fn truth(&mut self) {
        let live: Vec<ClientId> = self
            .orders
            .iter()
            .filter(|(_, held)| !held.status.is_final())
            .map(|(id, _)| *id)
            .collect();
        let orders = live.into_iter().map(|id| self.report(id)).collect();
        let position = self.position_report();
        let truth = AccountTruth {
            orders,
            positions: (self.position != 0)
                .then_some(position)
                .into_iter()
                .collect(),
            at: self.kit.now,
            ..AccountTruth::default()
        };
        self.stream(Fact::Truth {
            account: key().account,
            venue: venue(),
            truth: Box::new(truth),
        });
    }

    /// What the market and the venue do by themselves.
    fn happen(&mut self) {
        let live: Vec<(ClientId, Resting)> = self
            .orders
            .iter()
            .filter(|(_, held)| !held.status.is_final())
            .map(|(id, held)| (*id, held.clone()))
            .collect();
        for (client, held) in live {
            if held.order.kind.class() == OrderClass::Conditional {
                self.happen_to_stop(client, held.fired);
            } else if self.chance(3) {
                let lots = self.random.random_range(1..8);
                self.trade(client, lots);
            }
        }
    }

    fn happen_to_stop(&mut self, client: ClientId, fired: bool) {
        if fired {
            let lots = self.random.random_range(1..12);
            return self.trade(client, lots);
        }
        match self.random.random_range(0..1_000) {
            0 => {
                self.orders.get_mut(&client).unwrap().fired = true;
                self.tell(client);
            }
            1 => {
                self.orders.get_mut(&client).unwrap().status = OrderStatus::Expired;
                self.tell(client);
            }
            _ => {}
        }
    }

    fn step(&mut self) {
        self.kit.now = self.kit.now.plus_ms(STEP_MS);
        let now = self.ms();
        while let Some(entry) = self.post.first_entry().filter(|entry| entry.key().0 <= now) {
            let letter = entry.remove();
            self.story.push(format!("{now} {letter:?}"));
            match letter {
                Letter::Asked(command) => self.take(command),
                Letter::Told(fact) => {
                    self.note(&fact);
                    self.kit.fact(fact);
                    self.watch();
                }
            }
            self.collect();
        }
        if self.storm {
            self.happen();
        }
        if now.is_multiple_of(50) {
            self.kit.wait(0);
        }
        self.collect();
        self.watch();
    }

    fn collect(&mut self) {
        for command in std::mem::take(&mut self.kit.sent) {
            let late = self.late();
            self.send(late, Letter::Asked(command));
        }
    }

    /// What stands at the venue for the position.
    fn stops(&self) -> Vec<i64> {
        let waits = |held: &&Resting| {
            !held.status.is_final() && held.order.kind.class() == OrderClass::Conditional
        };
        self.orders
            .values()
            .filter(waits)
            .map(|held| held.qty - held.filled)
            .collect()
    }

    /// What the desk knows from here on.
    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Fill(fill) => self.told += fill.qty.0 * fill.side.sign(),
            Fact::Order(report) if report.trigger.is_some() => {
                let fired = report.order.class == OrderClass::Regular;
                let left = report.qty.0 - report.filled.0;
                let client = report.order.client;
                match report.status {
                    OrderStatus::Working => {
                        self.told_stops.insert(client, (left, fired));
                    }
                    _ => {
                        self.told_stops.remove(&client);
                    }
                }
            }
            _ => {}
        }
    }

    /// A position that no stop is known to cover is so no longer than the alarm allows, or it is told.
    fn watch(&mut self) {
        let fired = self.told_stops.values().any(|(_, fired)| *fired);
        let most = self.told_stops.values().map(|(left, _)| *left).max();
        let wanted = self.kit.market().protection.stop.is_some();
        if most.unwrap_or(0) >= self.told.abs() || fired || !wanted {
            self.bare_since = None;
            return;
        }
        let since = *self.bare_since.get_or_insert(self.ms());
        // A tick of the desk, and the second that is allowed.
        let allowed = 1_000 + 50 + STEP_MS;
        let told = self.kit.market().protection.is_naked();
        assert!(
            self.ms() - since <= allowed || told,
            "bare and not told\n{}",
            self.tale()
        );
    }

    fn press(&mut self) {
        const KEYS: [Action; 12] = [
            Action::Join(Side::Buy),
            Action::Join(Side::Buy),
            Action::AtCursor(Side::Buy),
            Action::Now(Side::Buy),
            Action::NudgeStop(1),
            Action::NudgeStop(-1),
            Action::StopAtCursor,
            Action::TakeAtCursor,
            Action::TakeHalf,
            Action::TrailStop,
            Action::Close(25),
            Action::CancelEntries,
        ];
        let action = KEYS[self.random.random_range(0..KEYS.len())];
        let at = match action {
            Action::TakeAtCursor | Action::TakeHalf => ASK + 20,
            _ => BID - 30,
        };
        self.story.push(format!("{} {action:?}", self.ms()));
        self.kit.press_at(action, Some(at));
        self.collect();
    }

    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / STEP_MS {
            self.step();
        }
    }

    fn check(&self) {
        let size = Decimal::new(self.position, 3);
        assert_eq!(self.kit.size(), size, "{}", self.tale());
        let right = if self.position == 0 {
            Vec::new()
        } else {
            vec![self.position.abs()]
        };
        assert_eq!(self.stops(), right, "{}", self.tale());
        let takes = self
            .orders
            .values()
            .filter(|held| !held.status.is_final() && held.order.intent == Intent::Exit)
            .filter(|held| held.order.kind.class() == OrderClass::Regular)
            .map(|held| held.qty - held.filled)
            .sum::<i64>();
        assert!(takes <= self.position.abs(), "{takes} {}", self.tale());
        assert!(!self.kit.market().protection.is_naked(), "{}", self.tale());
    }

    fn tale(&self) -> String {
        let from = self.story.len().saturating_sub(150);
        let said = &self.kit.said[self.kit.said.len().saturating_sub(30)..];
        format!("{}\n{said:#?}", self.story[from..].join("\n"))
    }
}

/// One run; how many lots it traded, and whether it ended with a position.
fn run(seed: u64) -> (i64, bool) {
    let mut venue = Venue::new(seed);
    for _ in 0..30 {
        venue.press();
        let pause = venue.random.random_range(20..400);
        venue.pass(pause);
    }
    venue.storm = false;
    venue.pass(20_000);
    venue.check();
    let traded = venue.orders.values().map(|held| held.filled).sum();
    (traded, venue.position != 0)
}

#[test]
fn runs_that_prove_something() {
    let runs: Vec<(i64, bool)> = (0..12).map(run).collect();
    assert!(
        runs.iter().filter(|(traded, _)| *traded > 30).count() > 6,
        "{runs:?}"
    );
    assert!(runs.iter().any(|(_, held)| *held), "{runs:?}");
    assert!(runs.iter().any(|(_, held)| !*held), "{runs:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if std::env::var_os("LANCET_DEEP").is_some() { 3_000 } else { 24 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_comes_protection_ends_at_the_positions_size(seed in 1_000_u64..u64::MAX) {
        run(seed);
    }
}
