//! Orders that follow the best price of their side.

use super::kit::*;
use crate::domain::message::{Asked, LinkState, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::plans;

/// A buy of 50 lots that chases from the bid and is proved to rest.
fn chasing() -> (Kit, NewOrder) {
    chasing_with(settings(Environment::Sim))
}

fn chasing_with(set: crate::engine::DeskSettings) -> (Kit, NewOrder) {
    let mut kit = Kit::with(set);
    let order = kit.rest(Action::Chase(Side::Buy));
    assert!(runs(&kit), "{:?}", kit.said);
    kit.forget();
    (kit, order)
}

fn runs(kit: &Kit) -> bool {
    !kit.market().plans.chases.is_empty()
}

/// The venue says where the order stands after a move.
fn moved(kit: &mut Kit, order: &NewOrder, price: i64) {
    let mut report = kit.report_of(order, OrderStatus::Working, 0);
    report.price = Some(Price(price));
    kit.fact(Fact::Order(report));
}

#[test]
fn it_joins_and_follows_the_best_price_of_its_side_and_never_steps_back() {
    let (mut kit, order) = chasing();
    let OrderKind::Limit { price, tif } = order.kind else {
        panic!("{order:?}");
    };
    assert_eq!((price, tif), (Price(BID), TimeInForce::PostOnly));
    kit.book(BID + 4, ASK + 4);
    assert_eq!(kit.amends().len(), 1);
    assert_eq!(kit.amends()[0].price, Price(BID + 4));
    kit.book(BID + 6, ASK + 6);
    assert_eq!(kit.amends().len(), 1, "the last move is not proved yet");
    moved(&mut kit, &order, BID + 4);
    assert_eq!(kit.amends().len(), 2, "and then goes on in the same turn");
    assert_eq!(kit.amends()[1].price, Price(BID + 6));
    moved(&mut kit, &order, BID + 6);
    kit.book(BID - 20, ASK - 20);
    kit.wait(5_000);
    assert_eq!(kit.amends().len(), 2);
    assert_eq!(
        plans::mark(&kit.desk, kit.market(), order.id, 20),
        "chase 2/20"
    );
    assert!(kit.placed().is_empty(), "moves are no orders");
}

#[test]
fn at_most_five_moves_go_in_a_second() {
    let (mut kit, order) = chasing();
    for step in 1..=9 {
        kit.book(BID + step, ASK + step);
        let at = kit.order(order.id).amending.map(|a| a.price.0);
        if let Some(at) = at {
            moved(&mut kit, &order, at);
        }
    }
    assert_eq!(kit.amends().len(), 5);
    kit.wait(1_000);
    assert_eq!(kit.amends().len(), 5, "a second is not over yet");
    kit.wait(1);
    assert_eq!(kit.amends().len(), 6);
    assert_eq!(kit.amends()[5].price, Price(BID + 9));
}

#[test]
fn after_twenty_moves_the_order_stays_and_that_is_said() {
    let (mut kit, order) = chasing();
    for step in 1..=30 {
        kit.book(BID + step, ASK + step);
        if let Some(amending) = kit.order(order.id).amending {
            moved(&mut kit, &order, amending.price.0);
        }
        kit.wait(300);
    }
    assert_eq!(kit.amends().len(), 20);
    assert!(!runs(&kit));
    assert!(
        kit.heard("chase ends: 20 moves; BUY 0.050 stays at 60 002.0"),
        "{:?}",
        kit.said
    );
    assert!(kit.order(order.id).is_live());
    assert!(kit.cancelled().is_empty());
}

#[test]
fn it_goes_a_thousandth_from_where_it_started_and_no_further() {
    let (mut kit, order) = chasing();
    kit.book(BID + 600, ASK + 600);
    assert_eq!(kit.amends()[0].price, Price(BID + 600));
    moved(&mut kit, &order, BID + 600);
    kit.wait(500);
    kit.book(BID + 601, ASK + 601);
    assert_eq!(kit.amends().len(), 1);
    assert!(!runs(&kit));
    assert!(kit.heard("the price ran 0.1 % from where it started; BUY 0.050 stays at 60 060.0"));
}

#[test]
fn a_part_that_filled_changes_nothing_and_the_whole_ends_it() {
    let (mut kit, order) = chasing();
    kit.fill(&order, 20, "60000.0");
    kit.book(BID + 2, ASK + 2);
    let amend = kit.amends()[0];
    assert_eq!(
        (amend.price, amend.qty),
        (Price(BID + 2), Qty(50)),
        "the total, filled part included"
    );
    kit.fill(&order, 30, "60000.2");
    assert!(!runs(&kit));
    assert!(kit.heard("chase ends: it is filled"), "{:?}", kit.said);
}

#[test]
fn what_ends_every_chase() {
    type Cause = fn(&mut Kit, &NewOrder);
    let causes: [(&str, Cause); 10] = [
        ("Space", |kit, _| {
            kit.press(Action::CancelEntries);
        }),
        ("its order is being cancelled", |kit, _| {
            kit.press_at(Action::CancelAt, Some(BID));
        }),
        ("LOCKED", |kit, _| {
            kit.press(Action::Lock);
        }),
        ("book is STALE", |kit, _| kit.silence(2_100)),
        ("book is RESYNC", |kit, _| {
            kit.book_in(BookState::Resync("gap".to_owned()), BID, ASK);
        }),
        ("EXITS ONLY", |kit, _| {
            kit.event(Event::Resumed(4_000));
        }),
        ("not in sync", |kit, _| {
            kit.link(LinkState::Down);
        }),
        ("the session is ending", |kit, _| {
            kit.event(Event::Ending("screen lost"));
        }),
        ("panic", |kit, _| {
            kit.press(Action::PanicSymbol);
        }),
        ("its order is not in the book", |kit, order| {
            kit.report(order, OrderStatus::Expired, 0);
        }),
    ];
    for (name, cause) in causes {
        let (mut kit, order) = chasing();
        cause(&mut kit, &order);
        assert!(!runs(&kit), "{name}");
        assert!(kit.heard("chase ends: "), "{name}: {:?}", kit.said);
        let before = kit.amends().len();
        kit.book(BID + 3, ASK + 3);
        kit.wait(300);
        assert_eq!(kit.amends().len(), before, "{name}");
    }
}

#[test]
fn a_hang_up_that_leaves_orders_ends_the_chase_and_leaves_the_order() {
    let mut set = settings(Environment::Sim);
    set.on_hangup = crate::engine::settings::OnHangup::Leave;
    let (mut kit, order) = chasing_with(set);
    kit.event(Event::Ending("screen lost"));
    kit.book(BID + 3, ASK + 3);
    assert!(!runs(&kit) && kit.sent.is_empty());
    assert!(kit.order(order.id).is_live());
}

#[test]
fn rule1_an_unknown_outcome_ends_it_and_nothing_is_sent_again() {
    let mut kit = Kit::ready();
    kit.press(Action::Chase(Side::Buy));
    let order = kit.only();
    kit.answer(
        order.id,
        Asked::Place,
        Outcome::Unknown("no answer".to_owned()),
    );
    assert!(!runs(&kit));
    assert!(kit.heard("chase ends: the outcome of its order is UNKNOWN"));
    kit.forget();
    kit.book(BID + 3, ASK + 3);
    kit.wait(2_000);
    assert!(kit.placed().is_empty() && kit.amends().is_empty());

    let (mut kit, order) = chasing();
    kit.book(BID + 1, ASK + 1);
    kit.answer(
        order.id,
        Asked::Amend,
        Outcome::Unknown("no answer".to_owned()),
    );
    assert!(!runs(&kit));
    assert!(kit.heard("chase ends: its last move is not proved"));
    kit.book(BID + 3, ASK + 3);
    kit.wait(2_000);
    assert_eq!(kit.amends().len(), 1);
}

#[test]
fn a_refused_move_ends_it() {
    let (mut kit, order) = chasing();
    kit.book(BID + 1, ASK + 1);
    let outcome = Outcome::Rejected {
        code: -5022,
        words: "would take".to_owned(),
        proves: Proves::WouldTake,
    };
    kit.answer(order.id, Asked::Amend, outcome);
    assert!(!runs(&kit));
    assert!(kit.heard("chase ends: its last move was refused"));
}

#[test]
fn a_move_of_the_traders_own_ends_it() {
    let (mut kit, _) = chasing();
    kit.press(Action::Move(-1));
    assert!(!runs(&kit));
    assert!(kit.heard("chase ends: you moved its order"));
}

#[test]
fn a_reconnect_does_not_revive_it() {
    let (mut kit, order) = chasing();
    kit.link(LinkState::Down);
    kit.link(LinkState::Ready);
    let report = kit.report_of(&order, OrderStatus::Working, 0);
    kit.truth(message::AccountTruth {
        orders: vec![report],
        ..message::AccountTruth::default()
    });
    kit.book(BID + 3, ASK + 3);
    assert!(!runs(&kit) && kit.amends().is_empty());
    assert!(kit.order(order.id).is_live());
}

#[test]
fn a_side_has_one_chase() {
    let (mut kit, _) = chasing();
    kit.press(Action::Chase(Side::Buy));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("a BUY chase runs on BTCUSDT already: Space ends it"));
    kit.press(Action::Chase(Side::Sell));
    assert_eq!(kit.only().side, Side::Sell);
}

#[test]
fn against_a_position_it_reduces_and_ends_with_it() {
    let mut kit = Kit::ready();
    kit.long(80);
    let exit = kit.rest(Action::Chase(Side::Sell));
    assert_eq!((exit.intent, exit.qty), (Intent::Exit, Qty(80)));
    kit.forget();
    kit.book(BID - 2, ASK - 2);
    assert_eq!(kit.amends()[0].price, Price(ASK - 2));
    kit.position(rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
    assert!(
        kit.heard("chase ends: the position was closed"),
        "{:?}",
        kit.said
    );
}

#[test]
fn space_ends_the_chase_of_an_exit_and_leaves_the_exit() {
    let mut kit = Kit::ready();
    kit.long(80);
    let exit = kit.rest(Action::Chase(Side::Sell));
    kit.forget();
    kit.press(Action::CancelEntries);
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    assert!(kit.heard("chase ends: you ended it; SELL 0.080 stays at 60 000.3"));
    assert!(kit.order(exit.id).is_live());
}

#[test]
fn a_close_ends_it() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.wait(1_100);
    kit.rest(Action::Chase(Side::Buy));
    kit.forget();
    kit.press(Action::Close(50));
    assert!(
        kit.heard("chase ends: the position is being closed"),
        "{:?}",
        kit.said
    );
}

/// A desk whose venue changes no order in place.
fn without_amend() -> crate::engine::DeskSettings {
    let mut set = settings(Environment::Sim);
    set.amends = false;
    set
}

#[test]
fn where_the_venue_cannot_amend_it_cancels_waits_for_proof_and_places_what_is_left() {
    let (mut kit, order) = chasing_with(without_amend());
    kit.fill(&order, 20, "60000.0");
    kit.book(BID + 2, ASK + 2);
    assert_eq!(kit.cancelled(), [order.id]);
    assert!(kit.placed().is_empty() && kit.amends().is_empty());
    kit.answer(order.id, Asked::Cancel, Outcome::Accepted { venue: None });
    kit.wait(200);
    assert!(kit.placed().is_empty(), "taken is not proved gone");
    kit.report(&order, OrderStatus::Cancelled, 25);
    let new = kit.only();
    assert_ne!(new.id, order.id);
    assert_eq!((new.qty, new.kind.limit()), (Qty(25), Some(Price(BID + 2))));
    assert_eq!(
        plans::mark(&kit.desk, kit.market(), new.id, 20),
        "chase 1/20"
    );
    kit.accepted(new.id);
    kit.report(&new, OrderStatus::Working, 0);
    kit.forget();
    kit.book(BID + 4, ASK + 4);
    assert_eq!(kit.cancelled(), [new.id]);
    // Space while it is between two prices: it is not placed again.
    kit.press(Action::CancelEntries);
    kit.report(&new, OrderStatus::Cancelled, 0);
    kit.wait(1_000);
    assert!(kit.placed().is_empty(), "{:?}", kit.said);
    assert!(!runs(&kit));
}
