//! Conditional orders and hedge mode over the exchange's own wire: what the account machine is asked for, and what the desk then knows.

use lancet::domain::message::{PositionMode, Setting};
use lancet::domain::risk::{self, Exposure};
use lancet::domain::{
    Cap, ClientId, Command, Fact, Intent, Leg, Limits, NewOrder, OrderClass, OrderKind, OrderRef,
    OrderStatus, Outcome, Price, Qty, Side, TimeInForce, TriggerBy,
};
use lancet::exchange::machine::In;

use super::*;

impl World {
    fn id(world: &World, n: u32) -> ClientId {
        let session = &world.seat.desk.settings().session;
        ClientId::new(&format!("{session}zz{n}")).unwrap()
    }

    fn bid(&self) -> i64 {
        let market = self.seat.desk.market(&self.seat.focus).unwrap();
        market.best(Side::Buy).unwrap().0
    }

    /// Sends an order past the desk; every limit is wide.
    pub(super) fn place(
        &mut self,
        n: u32,
        side: Side,
        leg: Option<Leg>,
        kind: OrderKind,
        intent: Intent,
    ) {
        let market = self.seat.desk.market(&self.seat.focus).unwrap();
        let rules = market.instrument.clone().unwrap();
        let big = Decimal::from(1_000_000_000);
        let limits = Limits {
            max_order: std::collections::BTreeMap::new(),
            max_order_notional: big,
            max_position: std::collections::BTreeMap::new(),
            max_position_notional: big,
            max_open_orders: 1_000,
            max_orders_per_second: 1_000,
            max_orders_per_minute: 1_000,
            max_identical_per_second: 1_000,
            collar_through: Decimal::ONE,
            collar_away: Decimal::ONE,
            max_trade_loss: Cap::Off,
            max_session_loss: Cap::Off,
            max_day_loss: big,
            max_losses_in_a_row: Cap::Off,
            cool_down_minutes: 30,
        };
        let now = Exposure {
            bid: market.best(Side::Buy),
            ask: market.best(Side::Sell),
            position: Decimal::ZERO,
            open_buys: Qty::ZERO,
            open_sells: Qty::ZERO,
            open_exits: Qty::ZERO,
            open_orders: 0,
            sent_last_second: 0,
            sent_last_minute: 0,
            identical_last_second: 0,
            day_result: Decimal::ZERO,
        };
        let id = Self::id(self, n);
        let order = NewOrder {
            key: self.seat.focus,
            id,
            side,
            qty: Qty(10),
            kind,
            intent,
            leg,
        };
        let order = risk::check(order, &rules, &limits, &now).unwrap();
        self.placed.push(id);
        self.machine(Who::Account, In::Command(Command::Place(order)));
    }

    fn reference(&self, n: u32) -> Option<OrderRef> {
        let market = self.seat.desk.market(&self.seat.focus)?;
        Some(market.orders.get(Self::id(self, n))?.order)
    }

    pub(super) fn status(&self, n: u32) -> Option<OrderStatus> {
        let market = self.seat.desk.market(&self.seat.focus)?;
        Some(market.orders.get(Self::id(self, n))?.status)
    }

    fn size(&self) -> Decimal {
        let market = self.seat.desk.market(&self.seat.focus).unwrap();
        market.ledger.size()
    }

    /// The newest answer to a change of the position mode.
    fn mode_answer(&self) -> Option<&Outcome> {
        self.facts.iter().rev().find_map(|fact| match fact {
            Fact::Set {
                setting: Setting::PositionMode(_),
                outcome,
                ..
            } => Some(outcome),
            _ => None,
        })
    }
}

const fn stop(trigger: i64) -> OrderKind {
    OrderKind::Stop {
        trigger: Price(trigger),
        limit: None,
        by: TriggerBy::Last,
    }
}

fn now_at(price: i64) -> OrderKind {
    OrderKind::Limit {
        price: Price(price),
        tif: TimeInForce::Ioc,
    }
}

/// Long ten lots, with a stop close below.
fn stopped(seed: u64, faults: &[String]) -> World {
    let mut world = World::ready(seed, faults);
    let bid = world.bid();
    world.place(1, Side::Buy, None, now_at(bid + 500), Intent::Entry);
    world.until("long", 20_000, |world| !world.size().is_zero());
    let bid = world.bid();
    world.place(2, Side::Sell, None, stop(bid - 3), Intent::Exit);
    world
}

#[test]
fn a_stop_waits_fires_and_its_fill_is_its_own() {
    let mut world = stopped(11, &[]);
    world.until("the stop waits", 5_000, |world| {
        world.status(2) == Some(OrderStatus::Working)
            && world.reference(2).unwrap().class == OrderClass::Conditional
            || world.size().is_zero()
    });
    world.until(
        "the stop fires and the position is flat",
        120_000,
        |world| world.size().is_zero(),
    );
    world.pass(5_000);
    assert_eq!(
        world.status(2),
        Some(OrderStatus::Filled),
        "{}",
        world.story()
    );
    assert_eq!(world.reference(2).unwrap().class, OrderClass::Regular);
    let stop = World::id(&world, 2);
    let market = world.seat.desk.market(&world.seat.focus).unwrap();
    let sold: Vec<ClientId> = market
        .ledger
        .fills()
        .iter()
        .filter(|fill| fill.side == Side::Sell)
        .map(|fill| fill.client)
        .collect();
    assert!(!sold.is_empty() && sold.iter().all(|client| *client == stop));
    assert!(world.bad.is_empty(), "{:?}\n{}", world.bad, world.story());
    world.check_money();
}

#[test]
fn a_waiting_stop_is_cancelled_and_one_that_would_fire_is_refused() {
    let mut world = World::ready(12, &[]);
    let bid = world.bid();
    world.place(1, Side::Buy, None, now_at(bid + 500), Intent::Entry);
    world.until("long", 20_000, |world| !world.size().is_zero());
    let bid = world.bid();
    world.place(2, Side::Sell, None, stop(bid - 20_000), Intent::Exit);
    world.until("the stop waits", 5_000, |world| {
        world.status(2) == Some(OrderStatus::Working)
    });
    // Account truth lists it: it outlives the next polls.
    world.pass(12_000);
    assert_eq!(
        world.status(2),
        Some(OrderStatus::Working),
        "{}",
        world.story()
    );
    let order = world.reference(2).unwrap();
    let key = world.seat.focus;
    world.machine(Who::Account, In::Command(Command::Cancel { key, order }));
    world.until("cancelled", 5_000, |world| {
        world.status(2) == Some(OrderStatus::Cancelled)
    });
    world.place(3, Side::Sell, None, stop(bid + 20_000), Intent::Exit);
    world.pass(2_000);
    let refused = world.facts.iter().any(|fact| {
        matches!(
            fact,
            Fact::Answer {
                outcome: Outcome::Rejected { code: -2021, .. },
                ..
            }
        )
    });
    assert!(refused, "{}", world.story());
    assert!(world.bad.is_empty(), "{:?}", world.bad);
}

#[test]
fn whatever_is_lost_while_a_stop_fires_desk_and_exchange_agree_in_the_end() {
    let faults = [
        "private:gap@6",
        "private:gap@8",
        "private:cut@5",
        "private:dup@7",
        "place:silent@2",
        "place:drop@2",
        "place:cut@2",
        "place:code=-1007@2",
        "query:silent@1",
        "rest:http=503@9",
    ];
    let (mut fired, mut waited) = (0, 0);
    let runs = if deep() { 300 } else { faults.len() };
    for (seed, fault) in faults.into_iter().cycle().take(runs).enumerate() {
        let mut world = stopped(20 + seed as u64, &[fault.to_owned()]);
        world.log.push(format!("seed {seed}, fault {fault}"));
        world.net.storm = seed % 3 != 1;
        world.pass(20_000);
        world.net.storm = false;
        world.pass(QUIET_MS);
        // A crowd that stays above the stop is no failure: then it waits on both sides.
        let waiting = world.audit("/fapi/v1/openAlgoOrders");
        let waits = !waiting.as_array().unwrap().is_empty();
        let status = world.status(2);
        assert_eq!(
            waits,
            status == Some(OrderStatus::Working),
            "{fault}: {status:?}\n{}",
            world.story()
        );
        let lives = status.is_some_and(|status| !status.is_final());
        assert_eq!(waits, lives, "{fault}: {status:?}\n{}", world.story());
        let flat = world.size().is_zero();
        world.check_money();
        // Sent past the desk, so one that never arrived, or of which no word came before its end, is none of the desk's orders.
        let Some(status) = status else {
            continue;
        };
        assert_eq!(
            flat,
            status == OrderStatus::Filled,
            "{fault}: {status:?}\n{}",
            world.story()
        );
        fired += u32::from(flat);
        waited += u32::from(waits);
    }
    assert!(
        fired >= 5,
        "{fired} fired, {waited} waited: the runs prove nothing"
    );
}

#[test]
fn both_legs_of_a_hedge_account_open_close_and_are_told_apart() {
    let mut world = World::ready(13, &[]);
    let set = |mode| In::Command(Command::SetPositionMode(mode));
    world.machine(Who::Account, set(PositionMode::Hedge));
    world.until("hedge mode", 10_000, |world| {
        world.seat.desk.account().mode == Some(PositionMode::Hedge)
    });
    let bid = world.bid();
    world.place(
        1,
        Side::Buy,
        Some(Leg::Long),
        now_at(bid + 500),
        Intent::Entry,
    );
    world.place(
        2,
        Side::Sell,
        Some(Leg::Short),
        now_at(bid - 500),
        Intent::Entry,
    );
    world.pass(3_000);
    let legs = |world: &World| -> Vec<(Option<Leg>, i64)> {
        let fills = world.facts.iter().filter_map(|fact| match fact {
            Fact::Fill(fill) => Some((fill.leg, fill.qty.0 * fill.side.sign())),
            _ => None,
        });
        fills.collect()
    };
    let sum = |world: &World, leg| -> i64 {
        let fills = legs(world);
        fills
            .iter()
            .filter(|(of, _)| *of == Some(leg))
            .map(|(_, qty)| qty)
            .sum()
    };
    assert_eq!(
        (sum(&world, Leg::Long), sum(&world, Leg::Short)),
        (10, -10),
        "{}",
        world.story()
    );
    assert!(world.size().is_zero(), "the legs net to nothing");
    world.machine(Who::Account, set(PositionMode::OneWay));
    world.until("the answer", 5_000, |world| {
        matches!(
            world.mode_answer(),
            Some(Outcome::Rejected { code: -4068, .. })
        )
    });
    world.place(
        3,
        Side::Sell,
        Some(Leg::Long),
        now_at(bid - 500),
        Intent::Exit,
    );
    world.place(
        4,
        Side::Buy,
        Some(Leg::Short),
        OrderKind::Market,
        Intent::Exit,
    );
    world.pass(3_000);
    assert_eq!(
        (sum(&world, Leg::Long), sum(&world, Leg::Short)),
        (0, 0),
        "{}",
        world.story()
    );
    world.machine(Who::Account, set(PositionMode::OneWay));
    world.until("one-way mode", 10_000, |world| {
        world.seat.desk.account().mode == Some(PositionMode::OneWay)
    });
    assert!(world.bad.is_empty(), "{:?}", world.bad);
}
