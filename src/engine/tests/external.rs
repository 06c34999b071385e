//! Orders that Lancet did not place: shown, counted, and left alone unless the trader asks for them.

use super::kit::*;
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::event::Event;
use crate::engine::settings::OnHangup;

/// Foreign orders: an entry and an exit, both at prices of their own.
fn foreign(kit: &mut Kit) -> [ClientId; 2] {
    let order = |name, side, price, intent| NewOrder {
        id: ClientId::new(name).unwrap(),
        key: key(),
        side,
        qty: Qty(10),
        kind: OrderKind::Limit {
            price: Price(price),
            tif: TimeInForce::Gtc,
        },
        intent,
        leg: None,
    };
    let both = [
        order("phone-1", Side::Buy, BID - 77, Intent::Entry),
        order("phone-2", Side::Sell, ASK + 77, Intent::Exit),
    ];
    for (number, order) in (40..).zip(&both) {
        let mut report = kit.report_of(order, OrderStatus::Working, 0);
        report.order.venue = Some(crate::domain::OrderId::of_number(number));
        kit.fact(Fact::Order(report));
    }
    both.map(|order| order.id)
}

#[test]
fn no_scope_of_cancels_touches_them() {
    let mut kit = Kit::ready();
    kit.long(20);
    let own = kit.rest(Action::AtCursor(Side::Buy));
    foreign(&mut kit);
    kit.forget();
    kit.press(Action::CancelEntries);
    kit.press(Action::CancelEntriesEverywhere);
    assert!(kit.cancelled().iter().all(|id| *id == own.id));
    kit.report(&own, OrderStatus::Cancelled, 0);
    kit.forget();
    kit.position(rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
    assert!(kit.cancelled().is_empty(), "flat: {:?}", kit.said);
    assert_eq!(kit.desk.settings().on_hangup, OnHangup::CancelEntries);
    kit.event(Event::Ending("screen lost"));
    assert!(kit.cancelled().is_empty(), "hang-up");
    assert!(kit.desk.is_settled());
}

#[test]
fn asked_for_at_the_cursor_by_selection_or_with_the_symbol_they_are_cancelled_by_the_venues_number()
{
    let number = |kit: &Kit, client: ClientId| {
        kit.sent.iter().find_map(|command| match command {
            Command::Cancel { order, .. } if order.client == client => order.venue,
            _ => None,
        })
    };
    let mut kit = Kit::ready();
    let [entry, exit] = foreign(&mut kit);
    kit.press_at(Action::CancelAt, Some(BID - 77));
    assert_eq!(kit.cancelled(), [entry]);
    assert_eq!(
        number(&kit, entry),
        Some(crate::domain::OrderId::of_number(40))
    );
    kit.forget();
    kit.press(Action::SelectNext);
    kit.press(Action::CancelAt);
    assert_eq!(
        number(&kit, exit),
        Some(crate::domain::OrderId::of_number(41))
    );
    let mut kit = Kit::ready();
    foreign(&mut kit);
    kit.press(Action::CancelSymbol);
    assert_eq!(kit.cancelled().len(), 2);
}

#[test]
fn no_plan_takes_hold_of_them() {
    let mut kit = Kit::ready();
    let [entry, _] = foreign(&mut kit);
    kit.press(Action::SelectNext);
    kit.press(Action::SelectNext);
    assert_eq!(kit.market().selected, Some(entry));
    kit.forget();
    for action in [Action::Move(1), Action::Resize, Action::Link] {
        kit.press(action);
    }
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
}
