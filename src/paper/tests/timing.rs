//! Latency, cancels, changes, queries.

use super::kit::*;
use crate::domain::TimeInForce::{Gtc, Ioc, PostOnly};
use crate::domain::message::{Asked, LinkState, Proves};
use crate::domain::*;
use crate::paper::In;

#[test]
fn an_order_meets_the_book_of_its_arrival() {
    let mut kit = Kit::ready();
    let id = kit.send(Side::Buy, 3, limit(105, Ioc), Intent::Entry);
    assert!(
        kit.told
            .iter()
            .any(|fact| matches!(fact, Fact::Written { client, .. } if *client == id))
    );
    assert_eq!(kit.paper.wake_at(), Some(kit.now.plus_ms(40)));
    kit.wait(39);
    assert_eq!(kit.answer(id, Asked::Place), None);
    kit.book(&[(103, 5)], &[(104, 9)]);
    kit.wait(1);
    assert_eq!(kit.filled(id), [(104, 3)]);
    assert_eq!(kit.paper.wake_at(), None);
}

#[test]
fn a_request_that_is_due_meets_the_book_before_the_message_that_wakes_it() {
    let mut kit = Kit::ready();
    let id = kit.send(Side::Buy, 3, limit(101, Ioc), Intent::Entry);
    kit.now = kit.now.plus_ms(40);
    kit.book(&[(99, 5)], &[(102, 9)]);
    assert_eq!(kit.filled(id), [(101, 3)]);
}

#[test]
fn a_cancel_takes_as_long_as_an_order_and_a_fill_may_come_first() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 2, limit(99, PostOnly));
    let order = OrderRef {
        client: id,
        venue: None,
        class: OrderClass::Regular,
    };
    kit.on(In::Command(Command::Cancel { key: key(), order }));
    kit.print(Side::Sell, 99, 7);
    kit.wait(40);
    assert_eq!(kit.status(id), OrderStatus::Filled);
    let answer = kit.answer(id, Asked::Cancel);
    let not_found = matches!(
        answer,
        Some(Outcome::Rejected {
            proves: Proves::NotFound,
            ..
        })
    );
    assert!(not_found, "{answer:?}");
}

#[test]
fn a_cancelled_order_fills_no_more() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 2, limit(99, PostOnly));
    kit.cancel(id);
    assert_eq!(kit.status(id), OrderStatus::Cancelled);
    kit.print(Side::Sell, 98, 700);
    assert_eq!(kit.filled(id), []);
}

#[test]
fn a_changed_order_waits_behind_everybody_again() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 2, limit(99, PostOnly));
    kit.print(Side::Sell, 99, 4);
    amend(&mut kit, id, 99, 3);
    kit.wait(1_000);
    kit.print(Side::Sell, 99, 5);
    assert_eq!(kit.filled(id), []);
    kit.print(Side::Sell, 99, 5);
    assert_eq!(kit.filled(id), [(99, 3)]);
}

#[test]
fn a_change_to_a_price_that_would_take_is_refused_and_the_order_stays() {
    let mut kit = Kit::ready();
    let id = kit.enter(Side::Buy, 2, limit(99, PostOnly));
    amend(&mut kit, id, 101, 2);
    let answer = kit.answer(id, Asked::Amend);
    let would_take = matches!(
        answer,
        Some(Outcome::Rejected {
            proves: Proves::WouldTake,
            ..
        })
    );
    assert!(would_take, "{answer:?}");
    assert_eq!(kit.report(id).price, Some(Price(99)));
    let plain = kit.enter(Side::Buy, 2, limit(99, Gtc));
    amend(&mut kit, plain, 101, 2);
    assert_eq!(kit.filled(plain), [(101, 2)]);
}

fn amend(kit: &mut Kit, client: ClientId, price: i64, qty: i64) {
    let wanted = Amend {
        key: key(),
        order: OrderRef {
            client,
            venue: None,
            class: OrderClass::Regular,
        },
        side: Side::Buy,
        price: Price(price),
        qty: Qty(qty),
    };
    kit.on(In::Command(Command::Amend(approved_change(wanted))));
    kit.wait(40);
}

#[test]
fn truth_and_queries_tell_what_stands() {
    let mut kit = Kit::ready();
    let rests = kit.enter(Side::Buy, 2, limit(99, Gtc));
    let done = kit.enter(Side::Buy, 3, limit(101, Ioc));
    kit.told.clear();
    kit.on(In::Command(Command::Reconcile));
    kit.wait(40);
    let truth = kit.told.iter().find_map(|fact| match fact {
        Fact::Truth { truth, .. } => Some(truth),
        _ => None,
    });
    let truth = truth.unwrap();
    let open: Vec<ClientId> = truth.orders.iter().map(|o| o.order.client).collect();
    assert_eq!(open, [rests]);
    assert_eq!(truth.positions[0].size, dec("3"));
    assert_eq!(truth.balances.len(), 1);
    let order = OrderRef {
        client: done,
        venue: None,
        class: OrderClass::Regular,
    };
    kit.on(In::Command(Command::Query { key: key(), order }));
    kit.wait(40);
    assert_eq!(kit.status(done), OrderStatus::Filled);
}

#[test]
fn it_begins_flat_and_ready() {
    let mut kit = Kit::ready();
    kit.paper = crate::paper::Paper::new(terms());
    kit.on(In::Start);
    assert!(matches!(
        kit.told.as_slice(),
        [
            Fact::Mode {
                can_trade: true,
                ..
            },
            Fact::Truth { .. },
            Fact::Link {
                state: LinkState::Ready,
                ..
            }
        ]
    ));
}
