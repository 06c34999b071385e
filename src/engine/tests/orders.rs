//! The life of an order, in whatever order its proofs come.

use super::kit::*;
use crate::domain::message::{AccountTruth, Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::effect::About;
use crate::engine::event::{Event, Press};

fn unknown() -> Outcome {
    Outcome::Unknown("no answer within 10 s".to_owned())
}

#[derive(Clone, Copy, Debug)]
enum Piece {
    Ack,
    Working,
    Partial,
    Fill,
    CancelAck,
    Cancelled,
}

/// Every order of `0..count`.
fn index_permutations(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..count {
        all = all
            .into_iter()
            .flat_map(|shorter: Vec<usize>| {
                (0..=shorter.len()).map(move |at| {
                    let mut longer = shorter.clone();
                    longer.insert(at, next);
                    longer
                })
            })
            .collect();
    }
    all
}

/// The venue's truth: 20 of 50 filled as told by a report, 20 filled as told by a trade, then cancelled.
#[test]
fn b24_every_order_of_the_venues_messages_ends_in_the_venues_truth() {
    use Piece::*;
    let pieces = [Ack, Working, Partial, Fill, CancelAck, Cancelled];
    for order_of in index_permutations(pieces.len()) {
        let mut kit = Kit::ready();
        kit.press(Action::Join(Side::Buy));
        let order = kit.only();
        let fill = kit.fill_of(&order, 20, "60000.0");
        let working = kit.report_of(&order, OrderStatus::Working, 0);
        let partial = kit.report_of(&order, OrderStatus::Working, 20);
        let cancelled = kit.report_of(&order, OrderStatus::Cancelled, 20);
        kit.press(Action::CancelEntries);
        for at in &order_of {
            match pieces[*at] {
                Ack => kit.accepted(order.id),
                Working => drop(kit.fact(Fact::Order(working.clone()))),
                Partial => drop(kit.fact(Fact::Order(partial.clone()))),
                Fill => drop(kit.fact(Fact::Fill(fill))),
                CancelAck => kit.answer(
                    order.id,
                    Asked::Cancel,
                    Outcome::Accepted {
                        venue: Some(crate::domain::OrderId::of_number(7)),
                    },
                ),
                Cancelled => drop(kit.fact(Fact::Order(cancelled.clone()))),
            }
        }
        kit.position(dec("0.020"), dec("60000.0"));
        kit.wait(3_000);
        let ended = kit.order(order.id);
        assert_eq!(ended.status, OrderStatus::Cancelled, "{order_of:?}");
        assert_eq!(ended.filled, Qty(20), "{order_of:?}");
        assert_eq!(kit.size(), dec("0.020"), "{order_of:?}");
        assert_eq!(kit.live(), 0, "{order_of:?}");
        assert!(!kit.market().ledger.is_mismatch(), "{order_of:?}");
        assert_eq!(kit.desk.arm().why(), "", "{order_of:?}");
    }
}

#[test]
fn rule1_a_lost_answer_stays_unknown_counts_and_is_never_re_sent() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.answer(order.id, Asked::Place, unknown());
    for _ in 0..600 {
        kit.wait(100);
    }
    assert_eq!(kit.order(order.id).status, OrderStatus::Unknown);
    assert_eq!(
        kit.market().orders.remaining(Side::Buy, Intent::Entry),
        Qty(50)
    );
    assert_eq!(kit.placed().len(), 1);
    assert!(kit.heard("UNKNOWN BUY 0.050 at 60 000.0"), "{:?}", kit.said);
    assert_eq!(kit.alerts, vec![About::Order]);
}

#[test]
fn b1_an_unknown_order_that_the_venue_tells_of_works() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.answer(order.id, Asked::Place, unknown());
    kit.report(&order, OrderStatus::Working, 0);
    assert_eq!(kit.order(order.id).status, OrderStatus::Working);
}

#[test]
fn b2_an_unknown_order_that_is_proved_absent_ends_and_says_so() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.answer(order.id, Asked::Place, unknown());
    let mut absent = kit.report_of(&order, OrderStatus::Rejected, 0);
    absent.reason = Some("proved absent".to_owned());
    kit.fact(Fact::Order(absent));
    assert_eq!(kit.live(), 0);
    assert!(kit.heard("NOT PLACED BUY 0.050 at 60 000.0 (proved absent)"));
}

#[test]
fn b8_not_found_alone_never_ends_an_order() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.answer(order.id, Asked::Place, unknown());
    for asked in [Asked::Query, Asked::Cancel] {
        kit.answer(
            order.id,
            asked,
            Outcome::Rejected {
                code: -2013,
                words: "no such order".to_owned(),
                proves: Proves::NotFound,
            },
        );
    }
    assert_eq!(kit.order(order.id).status, OrderStatus::Unknown);
}

#[test]
fn b23_an_acknowledgement_is_not_drawn_as_working() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.accepted(order.id);
    assert_eq!(kit.order(order.id).status, OrderStatus::Accepted);
    assert!(!kit.heard("rests"));
}

#[test]
fn b15_a_fill_beats_a_cancel_and_not_found_asks_the_venue() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), vec![order.id]);
    kit.answer(
        order.id,
        Asked::Cancel,
        Outcome::Rejected {
            code: -2011,
            words: "unknown order".to_owned(),
            proves: Proves::NotFound,
        },
    );
    assert!(matches!(kit.sent.last(), Some(Command::Query { .. })));
    assert_eq!(kit.live(), 1);
    kit.report(&order, OrderStatus::Filled, 50);
    assert_eq!(kit.order(order.id).status, OrderStatus::Filled);
    assert!(kit.heard("filled, cancel too late"));
}

#[test]
fn b16_a_cancel_without_answer_is_sent_again_until_the_end_is_proved() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.press(Action::CancelEntries);
    kit.answer(order.id, Asked::Cancel, unknown());
    assert_eq!(kit.live(), 1);
    for _ in 0..80 {
        kit.wait(100);
    }
    assert_eq!(kit.cancelled().len(), 4);
    assert!(kit.placed().is_empty());
    kit.report(&order, OrderStatus::Cancelled, 0);
    kit.forget();
    kit.wait(20_000);
    assert!(kit.sent.is_empty());
}

#[test]
fn b10_an_ioc_tells_what_was_filled_and_that_the_rest_is_gone() {
    let mut kit = Kit::ready();
    kit.press(Action::Now(Side::Buy));
    let order = kit.only();
    kit.accepted(order.id);
    kit.fill(&order, 12, "60000.3");
    kit.report(&order, OrderStatus::Expired, 12);
    assert!(
        kit.heard("0.012 of 0.050 filled, rest cancelled"),
        "{:?}",
        kit.said
    );
    assert_eq!(kit.size(), dec("0.012"));
}

#[test]
fn b25_an_order_that_nobody_here_placed_is_adopted_counted_and_left_alone() {
    let mut kit = Kit::ready();
    let foreign = NewOrder {
        leg: None,
        key: key(),
        id: ClientId::new("phone-1").unwrap(),
        side: Side::Buy,
        qty: Qty(70),
        kind: OrderKind::Limit {
            price: Price(BID - 5),
            tif: TimeInForce::Gtc,
        },
        intent: Intent::Entry,
    };
    kit.report(&foreign, OrderStatus::Working, 0);
    assert!(kit.heard("EXTERNAL order: BUY 0.070 at 59 999.5"));
    assert_eq!(
        kit.market().orders.remaining(Side::Buy, Intent::Entry),
        Qty(70)
    );
    kit.press(Action::CancelEntries);
    kit.press(Action::CancelEntriesEverywhere);
    assert!(kit.cancelled().is_empty());
    kit.press(Action::CancelSymbol);
    assert_eq!(kit.cancelled(), vec![foreign.id]);
    let fill = kit.fill_of(&foreign, 70, "59999.5");
    kit.fact(Fact::Fill(fill));
    assert_eq!(kit.size(), dec("0.070"));
}

#[test]
fn b25_a_fill_of_an_unknown_order_counts_and_is_marked() {
    let mut kit = Kit::ready();
    let ghost = NewOrder {
        leg: None,
        key: key(),
        id: ClientId::new("web_9").unwrap(),
        side: Side::Sell,
        qty: Qty(10),
        kind: OrderKind::Market,
        intent: Intent::Entry,
    };
    kit.fill(&ghost, 10, "60000.0");
    assert!(kit.heard("EXTERNAL SELL 0.010 filled"));
    assert_eq!(kit.size(), dec("-0.010"));
}

#[test]
fn b26_more_filled_than_ordered_is_a_mismatch_and_allows_exits_only() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.fill(&order, 50, "60000.0");
    kit.fill(&order, 5, "60000.0");
    assert!(kit.market().ledger.is_mismatch());
    assert!(kit.sent.contains(&Command::Reconcile));
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("EXITS ONLY (mismatch)"));
    kit.press(Action::Close(100));
    assert_eq!(kit.only().intent, Intent::Exit);
}

#[test]
fn c4_the_same_fill_delivered_twice_counts_once() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    let fill = kit.fill_of(&order, 20, "60000.0");
    for recovered in [false, true, false] {
        kit.fact(Fact::Fill(Fill { recovered, ..fill }));
    }
    assert_eq!(kit.size(), dec("0.020"));
    assert_eq!(kit.order(order.id).filled, Qty(20));
    assert_eq!(kit.alerts, vec![About::Fill]);
}

#[test]
fn orders_of_an_earlier_run_are_ours() {
    let mut set = settings(Environment::Sim);
    set.earlier_sessions = vec!["mabc00000x".to_owned()];
    let mut kit = Kit::with(set);
    let old = NewOrder {
        leg: None,
        key: key(),
        id: ClientId::new("mabc00000x1").unwrap(),
        side: Side::Buy,
        qty: Qty(50),
        kind: OrderKind::Limit {
            price: Price(BID - 5),
            tif: TimeInForce::Gtc,
        },
        intent: Intent::Entry,
    };
    kit.report(&old, OrderStatus::Working, 0);
    kit.press(Action::CancelEntries);
    assert_eq!(kit.cancelled(), vec![old.id]);
}

#[test]
fn the_selected_order_or_those_in_the_cursors_row_are_cancelled() {
    let mut kit = Kit::ready();
    let low = kit.rest(Action::AtCursor(Side::Buy));
    let high = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.press(Action::SelectNext);
    kit.press(Action::CancelAt);
    assert_eq!(kit.cancelled(), vec![high.id]);
    kit.press_at(Action::CancelAt, Some(BID - 50));
    assert_eq!(kit.cancelled(), vec![high.id, low.id]);
    kit.press_at(Action::CancelAt, Some(BID - 49));
    assert!(kit.heard("no own order at the cursor"));
}

#[test]
fn a_row_that_is_pointed_at_counts_and_not_the_selected_order() {
    let mut kit = Kit::ready();
    let low = kit.rest(Action::AtCursor(Side::Buy));
    kit.rest(Action::Join(Side::Buy));
    kit.press(Action::SelectNext);
    let selected = kit.market().selected;
    kit.forget();
    let middle = |kit: &Kit, price| {
        Event::Press(Press {
            action: Action::CancelAt,
            key: key(),
            cursor: Some(Price(price)),
            row: None,
            pointed: true,
            drawn: (None, None),
            at: kit.now,
        })
    };
    kit.event(middle(&kit, BID - 49));
    assert!(kit.cancelled().is_empty() && kit.heard("no own order on that row"));
    kit.event(middle(&kit, BID - 50));
    assert_eq!(kit.cancelled(), vec![low.id]);
    assert_eq!(kit.market().selected, selected);
}

#[test]
fn the_queue_ahead_shrinks_with_prints_and_never_exceeds_the_level() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    assert_eq!(kit.order(order.id).ahead, Some(Qty(600)));
    let print = Print {
        symbol: key().symbol,
        side: Side::Sell,
        price: Price(BID),
        qty: Qty(250),
        venue_ms: 0,
    };
    kit.event(crate::engine::event::Event::Prints(venue(), vec![print]));
    assert_eq!(kit.order(order.id).ahead, Some(Qty(350)));
}

/// An answer is lost, a cancel finds nothing, the order is filled in two trades: whatever comes first, it is filled.
#[test]
fn b1_b15_b24_a_lost_answer_and_a_late_cancel_end_in_the_fill_in_every_order() {
    #[derive(Clone, Copy, Debug)]
    enum Late {
        Lost,
        Working,
        First,
        Second,
        Filled,
        NotFound,
    }
    let pieces = [
        Late::Lost,
        Late::Working,
        Late::First,
        Late::Second,
        Late::Filled,
        Late::NotFound,
    ];
    for order_of in index_permutations(pieces.len()) {
        let mut kit = Kit::ready();
        kit.press(Action::Join(Side::Buy));
        let order = kit.only();
        let working = kit.report_of(&order, OrderStatus::Working, 0);
        let first = kit.fill_of(&order, 20, "60000.0");
        let second = kit.fill_of(&order, 30, "60000.0");
        let filled = kit.report_of(&order, OrderStatus::Filled, 50);
        kit.press(Action::CancelEntries);
        for at in &order_of {
            match pieces[*at] {
                Late::Lost => kit.answer(order.id, Asked::Place, unknown()),
                Late::Working => drop(kit.fact(Fact::Order(working.clone()))),
                Late::First => drop(kit.fact(Fact::Fill(first))),
                Late::Second => drop(kit.fact(Fact::Fill(second))),
                Late::Filled => drop(kit.fact(Fact::Order(filled.clone()))),
                Late::NotFound => kit.answer(
                    order.id,
                    Asked::Cancel,
                    Outcome::Rejected {
                        code: -2011,
                        words: "unknown order".to_owned(),
                        proves: Proves::NotFound,
                    },
                ),
            }
        }
        kit.position(dec("0.05"), dec("60000.0"));
        kit.wait(3_000);
        assert_eq!(
            kit.order(order.id).status,
            OrderStatus::Filled,
            "{order_of:?}"
        );
        assert_eq!(kit.size(), dec("0.05"), "{order_of:?}");
        assert_eq!(kit.placed().len(), 1, "{order_of:?}");
        assert_eq!(kit.desk.arm().why(), "", "{order_of:?}");
    }
}

#[test]
fn b26_a_fill_after_the_end_is_a_mismatch_not_clamped() {
    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.report(&order, OrderStatus::Cancelled, 0);
    kit.fill(&order, 10, "60000.0");
    assert!(kit.market().ledger.is_mismatch());
    assert!(kit.sent.contains(&Command::Reconcile));
    let position = kit.position_of(dec("0.010"), dec("60000"));
    kit.truth(AccountTruth {
        positions: vec![position],
        ..AccountTruth::default()
    });
    assert!(
        !kit.market().ledger.is_mismatch(),
        "settled by account truth"
    );
}

#[test]
fn an_order_whose_answer_was_lost_tells_no_answering_time_when_it_is_proved() {
    for lost in [false, true] {
        let mut kit = Kit::ready();
        kit.press(Action::Join(Side::Buy));
        let order = kit.only();
        kit.fact(Fact::Written {
            client: order.id,
            asked: Asked::Place,
            at: kit.now,
        });
        if lost {
            kit.answer(order.id, Asked::Place, Outcome::Unknown("no answer".into()));
        }
        kit.report(&order, OrderStatus::Working, 0);
        assert_eq!(kit.desk.acks().count(), u64::from(!lost));
    }
}

#[test]
fn a_stop_that_fired_is_cancelled_by_the_number_of_the_order_that_it_became() {
    let mut kit = Kit::ready();
    let stop = NewOrder {
        leg: None,
        key: key(),
        id: ClientId::new("web_stop").unwrap(),
        side: Side::Sell,
        qty: Qty(10),
        kind: OrderKind::Stop {
            trigger: Price(599_000),
            limit: None,
            by: TriggerBy::Last,
        },
        intent: Intent::Exit,
    };
    let waiting = kit.report_of(&stop, OrderStatus::Working, 0);
    kit.fact(Fact::Order(waiting.clone()));
    let known = |kit: &Kit| kit.market().orders.get(stop.id).unwrap().clone();
    assert_eq!(known(&kit).order.class, OrderClass::Conditional);
    let became = OrderRef {
        venue: Some(crate::domain::OrderId::of_number(900)),
        class: OrderClass::Regular,
        ..waiting.order
    };
    kit.fact(Fact::Order(OrderReport {
        order: became,
        triggered: true,
        ..waiting
    }));
    assert_eq!(known(&kit).order, became);
    assert_eq!(known(&kit).trigger, Some(Price(599_000)));
}
