//! Typed lines: what they ask of the desk, under the guards of the keys.

use super::kit::*;
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::protect::WantedStop;

fn limit(order: &NewOrder) -> (i64, TimeInForce) {
    match order.kind {
        OrderKind::Limit { price, tif } => (price.0, tif),
        _ => panic!("not a limit order"),
    }
}

#[test]
fn a_line_with_a_price_is_a_limit_and_without_one_it_is_the_key() {
    use TimeInForce::{Gtc, Ioc, PostOnly};
    for (text, side, qty, price, tif) in [
        ("buy 0.5 @ 59990 post", Side::Buy, 500, 599_900, PostOnly),
        ("buy 0.5 @ 59990", Side::Buy, 500, 599_900, Gtc),
        ("sell @ 60010 ioc", Side::Sell, 50, 600_100, Ioc),
        ("buy 0.02", Side::Buy, 20, ASK + 600, Ioc),
        ("sell post 10l", Side::Sell, 10, ASK, PostOnly),
        ("buy 600q @ 60000", Side::Buy, 10, 600_000, Gtc),
    ] {
        let mut kit = Kit::ready();
        kit.line(text);
        let order = kit.only();
        assert_eq!((order.side, order.qty), (side, Qty(qty)), "{text}");
        assert_eq!(limit(&order), (price, tif), "{text}");
        assert_eq!(order.intent, Intent::Entry, "{text}");
    }
}

#[test]
fn a_line_passes_the_guards_of_a_key_and_no_fewer() {
    let refused = |kit: &mut Kit, words: &str| {
        for text in ["buy 0.05", "buy 0.05 @ 59990", "sell 0.05 post"] {
            kit.forget();
            kit.line(text);
            assert!(kit.placed().is_empty(), "{text}");
            assert!(kit.heard(words), "{text}: {:?}", kit.said);
        }
    };
    let mut kit = Kit::ready();
    kit.press(Action::Lock);
    refused(&mut kit, "LOCKED");

    let mut kit = Kit::ready();
    kit.book_in(BookState::Stale("silent".to_owned()), BID, ASK);
    refused(&mut kit, "entries wait");

    let mut set = settings(Environment::Sim);
    set.limits.max_order_notional = dec("100");
    refused(&mut Kit::with(set), "your limit is 100");

    let mut kit = Kit::ready();
    kit.mode(message::PositionMode::Hedge, true);
    refused(&mut kit, "hedge mode");

    let mut kit = Kit::ready();
    kit.line("buy 0.05 @ 65000");
    assert!(kit.placed().is_empty());
    assert!(kit.heard("through the other side"), "{:?}", kit.said);
}

#[test]
fn the_opposite_side_reduces_and_is_clipped_as_by_a_key() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.line("sell 0.5 @ 60010");
    let order = kit.only();
    assert_eq!((order.qty, order.intent), (Qty(80), Intent::Exit));
    kit.forget();
    kit.line("sell 0.01");
    assert!(kit.heard("exits already cover the position"));
}

#[test]
fn an_exit_by_line_works_where_only_exits_do() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.book_in(BookState::Stale("silent".to_owned()), BID, ASK);
    kit.line("sell 0.02");
    assert_eq!((kit.only().qty, kit.only().intent), (Qty(20), Intent::Exit));
    kit.forget();
    kit.line("close 25");
    assert_eq!((kit.only().qty, kit.only().intent), (Qty(20), Intent::Exit));
}

#[test]
fn a_size_that_cannot_be_told_refuses_an_entry_and_never_an_exit() {
    let mut kit = Kit::ready();
    kit.line("buy 20r");
    assert!(kit.placed().is_empty());
    assert!(kit.heard("20r needs a stop"), "{:?}", kit.said);
    kit.line("buy 5%");
    assert!(kit.heard("equity is not known"), "{:?}", kit.said);
    kit.line("buy 0.0004b");
    assert!(
        kit.heard("0.0004 BTC is below the venue's least 0.001"),
        "{:?}",
        kit.said
    );
    assert!(kit.placed().is_empty());

    kit.long(80);
    for (text, lots) in [("sell 20r", 80), ("sell 5%", 80), ("sell 0.0004b", 1)] {
        kit.forget();
        kit.line(text);
        let order = kit.only();
        assert_eq!(
            (order.qty, order.intent),
            (Qty(lots), Intent::Exit),
            "{text}"
        );
        kit.refused(order.id, -1, message::Proves::Nothing);
    }
}

#[test]
fn the_position_and_the_stop_give_a_size_its_measure() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.line("buy 50%p @ 59990");
    assert_eq!(kit.only().qty, Qty(40));
    kit.forget();
    // 10.0 below the order a coin loses 10.
    kit.line("stop 59980");
    kit.forget();
    kit.line("buy 0.5r @ 59990");
    assert_eq!(kit.only().qty, Qty(50));
    kit.forget();
    kit.line("buy 0.5r @ 59970");
    assert!(kit.heard("0.5r needs a stop behind it"), "{:?}", kit.said);
    // What reduces carries the risk that the position has: 20.0 a coin.
    kit.line("sell 0.5r @ 60000");
    assert_eq!(kit.only().qty, Qty(25));
}

#[test]
fn the_automatic_stop_measures_a_risk_where_there_is_no_other() {
    let mut set = settings(Environment::Sim);
    set.auto_stop = Some(crate::engine::settings::Distance::Ticks(100));
    let mut kit = Kit::with(set);
    kit.line("buy 0.5r @ 59990");
    assert_eq!(kit.only().qty, Qty(50));
}

#[test]
fn a_stop_is_put_at_a_price_or_so_many_ticks_from_the_entry() {
    let wanted = |kit: &Kit| {
        kit.market()
            .protection
            .stop
            .map(|stop: WantedStop| stop.trigger.0)
    };
    let mut kit = Kit::ready();
    kit.line("stop 59990");
    assert!(kit.heard("FLAT"), "{:?}", kit.said);
    kit.long(80);
    kit.book(600_100, 600_103);
    kit.line("stop -20t");
    assert_eq!(wanted(&kit), Some(599_980));
    assert_eq!(kit.only().intent, Intent::Exit);
    kit.line("stop +5t");
    assert_eq!(wanted(&kit), Some(600_005));
    kit.forget();
    kit.line("stop 59990");
    assert_eq!(wanted(&kit), Some(600_005), "further away, once");
    kit.now = kit.now.plus_ms(8_000);
    kit.book(600_100, 600_103);
    kit.line("stop 59990");
    assert_eq!(wanted(&kit), Some(599_900), "and once more");
    kit.line("stop 60020");
    assert!(kit.heard("already through that"), "{:?}", kit.said);
}

#[test]
fn a_stop_goes_away_only_when_that_is_said_twice() {
    let mut kit = Kit::ready();
    kit.line("stop off");
    assert!(kit.heard("there is no stop to take away"));
    kit.long(80);
    kit.line("stop -20t");
    let stop = kit.only();
    kit.accepted(stop.id);
    kit.report(&stop, OrderStatus::Working, 0);
    kit.forget();
    kit.line("stop off");
    assert!(kit.cancelled().is_empty());
    assert!(kit.heard("enter it again"), "{:?}", kit.said);
    kit.now = kit.now.plus_ms(11_000);
    kit.book(BID, ASK);
    kit.line("stop 0");
    assert!(kit.cancelled().is_empty(), "the first time is too long ago");
    kit.line("stop off");
    assert_eq!(kit.cancelled(), [stop.id]);
    assert!(kit.market().protection.stop.is_none());
    kit.report(&stop, OrderStatus::Cancelled, 0);
    kit.forget();
    kit.wait(2_000);
    assert!(kit.placed().is_empty(), "it stays away");
}

#[test]
fn stops_takes_and_external_orders_are_cancelled_by_name_alone() {
    let mut kit = Kit::ready();
    kit.line("cancel stops");
    assert!(kit.heard("no stops to cancel"), "{:?}", kit.said);
    kit.long(80);
    kit.line("stop -20t");
    let stop = kit.only();
    kit.accepted(stop.id);
    kit.report(&stop, OrderStatus::Working, 0);
    kit.forget();
    kit.line("take +40t");
    let take = kit.only();
    assert_eq!(limit(&take), (BID + 40, TimeInForce::PostOnly));
    kit.accepted(take.id);
    kit.report(&take, OrderStatus::Working, 0);
    let foreign = NewOrder {
        id: ClientId::new("web_1").unwrap(),
        side: Side::Buy,
        intent: Intent::Entry,
        ..take
    };
    kit.report(&foreign, OrderStatus::Working, 0);
    for (text, named) in [
        ("cancel external", foreign.id),
        ("take off", take.id),
        ("cancel stops", stop.id),
    ] {
        kit.forget();
        kit.line(text);
        assert_eq!(kit.cancelled(), [named], "{text}");
    }
    assert!(kit.market().protection.stop.is_none());
}

#[test]
fn leverage_margin_and_mode_are_asked_of_the_venue() {
    let mut kit = Kit::ready();
    for text in ["leverage 7", "margin cross", "mode one-way"] {
        kit.line(text);
    }
    let symbol = key().symbol;
    let mode = message::MarginMode::Cross;
    let expected = [
        Command::SetLeverage {
            symbol,
            leverage: 7,
        },
        Command::SetMargin { symbol, mode },
        Command::SetPositionMode(message::PositionMode::OneWay),
    ];
    assert_eq!(kit.sent, expected);
}

#[test]
fn a_volume_is_changed_chosen_and_told() {
    let mut kit = Kit::ready();
    kit.line("volume 3 0.25");
    assert!(kit.heard("volume 3 is 0.25b = 0.250"), "{:?}", kit.said);
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.only().qty, Qty(250));
    kit.forget();
    for (text, told) in [
        ("volume 6 1", "there are 5 volumes here"),
        ("volume 0 1", "there are 5 volumes here"),
        ("volume 9", "there are 5 volumes here"),
        ("volume 2 0.0004b", "below the venue's least 0.001"),
    ] {
        kit.line(text);
        assert!(kit.heard(told), "{text}: {:?}", kit.said);
    }
    assert_eq!(kit.market().volume, 3);
    kit.line("volume 2 20r");
    assert!(
        kit.heard("volume 2 is 20r (20r needs a stop"),
        "{:?}",
        kit.said
    );
    assert_eq!(kit.market().volume, 2);
}

#[test]
fn a_setting_that_is_none_is_told() {
    let mut kit = Kit::ready();
    kit.line("set nonsense 3");
    assert!(kit.heard("no setting nonsense"), "{:?}", kit.said);
}
