//! Keys that open or add.

use super::kit::*;
use crate::domain::message::{Asked, Proves};
use crate::domain::*;
use crate::engine::action::Action;
use crate::engine::ask::Ask;
use crate::engine::effect::Effect;
use crate::engine::event::{Event, Press};
use crate::engine::volume::Size;

fn limit(order: &NewOrder) -> (i64, TimeInForce) {
    match order.kind {
        OrderKind::Limit { price, tif } => (price.0, tif),
        _ => panic!("not a limit order"),
    }
}

#[test]
fn a_press_becomes_an_order_the_order_rests_fills_and_is_a_position() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    assert_eq!(limit(&order), (BID, TimeInForce::PostOnly));
    assert_eq!((order.qty, order.intent), (Qty(50), Intent::Entry));
    assert_eq!(kit.order(order.id).status, OrderStatus::Sent);
    kit.fact(Fact::Written {
        client: order.id,
        asked: Asked::Place,
        at: kit.now,
    });
    kit.now = Stamp {
        mono_ns: kit.now.mono_ns + 640_000,
        ..kit.now
    };
    kit.accepted(order.id);
    assert_eq!(kit.order(order.id).status, OrderStatus::Accepted);
    kit.report(&order, OrderStatus::Working, 0);
    assert!(
        kit.heard("BUY 0.050 rests at 60 000.0  0.6ms"),
        "{:?}",
        kit.said
    );
    kit.fill(&order, 50, "60000.0");
    assert!(
        kit.heard("BUY 0.050 filled at 60 000 maker, fee 0.6 USDT"),
        "{:?}",
        kit.said
    );
    assert_eq!(kit.size(), dec("0.050"));
    assert_eq!(kit.live(), 0);
    assert_eq!(kit.desk.acks().percentile(50), 640);
}

#[test]
fn each_key_prices_its_order_as_its_row_says() {
    for (action, price, tif) in [
        (Action::Join(Side::Buy), BID, TimeInForce::PostOnly),
        (Action::Join(Side::Sell), ASK, TimeInForce::PostOnly),
        (Action::Improve(Side::Buy), BID + 1, TimeInForce::PostOnly),
        (Action::Improve(Side::Sell), ASK - 1, TimeInForce::PostOnly),
        (Action::Now(Side::Buy), ASK + 600, TimeInForce::Ioc),
        (Action::Now(Side::Sell), BID - 600, TimeInForce::Ioc),
        (Action::AtCursor(Side::Buy), BID - 50, TimeInForce::Gtc),
    ] {
        let mut kit = Kit::ready();
        kit.press(action);
        assert_eq!(limit(&kit.only()), (price, tif), "{action:?}");
    }
}

#[test]
fn improve_joins_where_the_spread_is_one_tick() {
    let mut kit = Kit::ready();
    kit.book(BID, BID + 1);
    kit.press(Action::Improve(Side::Buy));
    assert_eq!(limit(&kit.only()).0, BID);
}

#[test]
fn now_is_clipped_to_the_collar() {
    let mut set = settings(Environment::Sim);
    set.now_ticks = 100_000;
    let mut kit = Kit::with(set);
    kit.press(Action::Now(Side::Buy));
    assert_eq!(limit(&kit.only()).0, ASK + ASK * 5 / 1000);
}

#[test]
fn rule2_one_press_sends_at_most_one_order_and_names_are_never_used_twice() {
    let mut kit = Kit::ready();
    let mut names = std::collections::HashSet::new();
    for n in 0..200 {
        kit.forget();
        kit.now = kit.now.plus_ms(400);
        kit.book(BID, ASK);
        kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 60 - n % 3));
        assert!(kit.placed().len() <= 1);
        if let Some(order) = kit.placed().first() {
            assert!(order.id.as_str().starts_with("mabc12345x"));
            assert!(order.id.as_str().len() <= 32);
            assert!(names.insert(order.id));
            kit.refused(order.id, -5022, Proves::WouldTake);
        }
    }
    assert_eq!(names.len(), 200);
}

#[test]
fn rule2_the_intent_is_told_to_the_journal_before_the_order_is_sent() {
    let mut kit = Kit::ready();
    let effects = kit.press(Action::Join(Side::Buy));
    let journal = effects
        .0
        .iter()
        .position(|e| matches!(e, Effect::Journal(_)));
    let send = effects.0.iter().position(|e| matches!(e, Effect::Send(_)));
    assert!(journal.unwrap() < send.unwrap());
}

#[test]
fn rule3_entries_are_refused_on_a_book_that_is_not_live() {
    let states = [
        BookState::Stale("silent".to_owned()),
        BookState::Resync("gap".to_owned()),
        BookState::Down("closed".to_owned()),
    ];
    for state in states {
        let mut kit = Kit::ready();
        kit.book_in(state.clone(), BID, ASK);
        for action in [
            Action::Join(Side::Buy),
            Action::Now(Side::Buy),
            Action::AtCursor(Side::Sell),
        ] {
            kit.press(action);
        }
        assert!(kit.placed().is_empty(), "{state:?}");
        assert!(kit.heard("entries wait"), "{:?}", kit.said);
    }
}

#[test]
fn rule3_a_line_unproved_for_two_seconds_is_stale_and_a_quiet_one_is_not() {
    let mut kit = Kit::ready();
    kit.silence(2_001);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(
        kit.heard("book is STALE (silent 2.0s): entries wait"),
        "{:?}",
        kit.said
    );
    kit.wait(4_000);
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn l4_an_order_at_the_best_price_is_refused_when_it_ran_away_since_the_drawn_frame() {
    let mut kit = Kit::ready();
    let drawn = (Some(Price(BID)), Some(Price(ASK)));
    kit.book(BID + 21, ASK + 21);
    for action in [
        Action::Join(Side::Buy),
        Action::Improve(Side::Sell),
        Action::Now(Side::Buy),
    ] {
        kit.event(Event::Press(Press {
            action,
            key: key(),
            cursor: None,
            row: None,
            pointed: false,
            drawn,
            at: kit.now,
        }));
    }
    assert!(kit.placed().is_empty());
    assert!(kit.heard("price moved 21 ticks since drawn; press again"));
}

#[test]
fn a_cursor_off_the_screen_places_nothing() {
    let mut kit = Kit::ready();
    kit.press_at(Action::AtCursor(Side::Buy), None);
    assert!(kit.sent.is_empty());
    assert!(kit.heard("the cursor is off the screen"));
}

#[test]
fn l3_an_order_binds_to_the_market_of_the_drawn_frame() {
    let mut kit = Kit::ready();
    let other = MarketKey {
        symbol: Symbol::new("ETHUSDT").unwrap(),
        leg: None,
        ..key()
    };
    kit.event(Event::Press(Press {
        action: Action::Join(Side::Buy),
        key: other,
        cursor: None,
        row: None,
        pointed: false,
        drawn: (None, None),
        at: kit.now,
    }));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("ETHUSDT is not known yet"));
}

#[test]
fn opposite_keys_reduce_and_are_clipped_to_what_exits_do_not_cover() {
    let mut kit = Kit::ready();
    kit.long(80);
    kit.ask(Ask::Volume(2, Some(Size::Lots(50))));
    kit.press(Action::Join(Side::Sell));
    let first = kit.only();
    assert_eq!((first.qty, first.intent), (Qty(50), Intent::Exit));
    kit.forget();
    kit.press(Action::Join(Side::Sell));
    assert_eq!((kit.only().qty, kit.only().intent), (Qty(30), Intent::Exit));
    kit.forget();
    kit.press(Action::Join(Side::Sell));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("exits already cover the position"));
}

#[test]
fn opposite_keys_flip_when_the_trader_set_plain() {
    let mut set = settings(Environment::Sim);
    set.opposite = crate::engine::settings::Opposite::Plain;
    let mut kit = Kit::with(set);
    kit.long(80);
    kit.volume(200);
    kit.press(Action::Join(Side::Sell));
    assert_eq!(
        (kit.only().qty, kit.only().intent),
        (Qty(200), Intent::Entry)
    );
}

#[test]
fn rule10_unknown_and_in_flight_orders_count_in_the_worst_case() {
    let mut set = settings(Environment::Sim);
    set.limits.max_position_notional = dec("7000");
    let mut kit = Kit::with(set);
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    let lost = Outcome::Unknown("no answer".to_owned());
    kit.answer(order.id, Asked::Place, lost);
    kit.wait(1_100);
    kit.press(Action::Join(Side::Buy));
    kit.wait(1_100);
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.placed().len(), 2);
    assert!(kit.heard("position could reach"), "{:?}", kit.said);
}

#[test]
fn rule10_rate_and_identical_orders_are_limited() {
    let mut kit = Kit::ready();
    for _ in 0..6 {
        kit.press(Action::Join(Side::Buy));
    }
    assert_eq!(kit.placed().len(), 3);
    assert!(kit.heard("3 identical entries in the last second"));
    for n in 0..20 {
        kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 10 - n));
    }
    assert_eq!(kit.placed().len(), 10);
    kit.wait(1_000);
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.placed().len(), 11);
}

#[test]
fn a_refusal_of_the_venue_is_said_and_rung_and_never_re_sent() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    kit.refused(order.id, -5022, Proves::WouldTake);
    kit.wait(10_000);
    assert!(kit.heard("rejected: would take (post-only) -5022"));
    assert_eq!(kit.alerts, vec![crate::engine::effect::About::Order]);
    assert_eq!(kit.placed().len(), 1);
    assert_eq!(kit.live(), 0);
}

#[test]
fn a_full_lane_is_a_spoken_refusal_and_the_order_does_not_count() {
    let mut kit = Kit::ready();
    kit.press(Action::Join(Side::Buy));
    let command = kit.sent[0].clone();
    kit.event(Event::LaneFull(command));
    assert!(kit.heard("not sent: the order lane is full"));
    assert_eq!(kit.live(), 0);
}

#[test]
fn a_halted_market_takes_no_entries() {
    let mut kit = Kit::ready();
    let fact = crate::domain::message::MarketFact::Status {
        symbol: key().symbol,
        status: TradingStatus::CancelOnly,
    };
    kit.event(Event::Market(venue(), fact));
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("BTCUSDT is CANCEL ONLY: entries wait"));
}

#[test]
fn entries_wait_for_account_truth() {
    let mut kit = Kit::bare(settings(Environment::Sim));
    kit.book(BID, ASK);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("the account is not in sync yet"));
}

/// What a row of the table may send: entries, exits, cancels of entries, of exits, of a foreign order.
fn may_send(action: Action) -> [bool; 5] {
    match action {
        Action::Now(Side::Sell)
        | Action::AtCursor(Side::Sell)
        | Action::Join(Side::Sell)
        | Action::Improve(Side::Sell) => [false, true, false, false, false],
        Action::Now(_) | Action::AtCursor(_) | Action::Join(_) | Action::Improve(_) => {
            [true, false, false, false, false]
        }
        // The cursor is in the bids: a sell stop waits there, a buy stop does not; the position is long, so a sell would reduce it.
        Action::StopEntry(_) => [false; 5],
        Action::Cross(Side::Sell) | Action::Chase(Side::Sell) => [false, true, false, false, false],
        // No size is large, and none is at the cursor.
        Action::Lean(_) => [false; 5],
        Action::Cross(_) | Action::Chase(_) | Action::Scale => [true, false, false, false, false],
        Action::Link => [false; 5],
        Action::CancelEntries | Action::CancelEntriesEverywhere => {
            [false, false, true, false, false]
        }
        // The cursor is on the entry.
        Action::CancelAt => [false, false, true, false, false],
        Action::CancelSymbol => [false, false, true, true, true],
        Action::Close(_) => [false, true, false, true, false],
        Action::ClosePassive => [false, true, false, false, false],
        // An exit rests in its way.
        Action::Reverse => [false; 5],
        Action::Panic | Action::PanicSymbol => [false, true, true, true, true],
        // The stop follows in the same turn; half of the position is covered already.
        Action::StopAtCursor | Action::TakeAtCursor | Action::TakeHalf => {
            [false, true, false, false, false]
        }
        // Break-even is beyond the price, and there is no stop yet.
        Action::BreakEven | Action::NudgeStop(_) | Action::TrailStop => [false; 5],
        // There are two orders, and none is selected.
        Action::MoveToCursor | Action::Move(_) | Action::Resize => [false; 5],
        Action::Volume(_)
        | Action::SelectNext
        | Action::OtherLeg
        | Action::Lock
        | Action::Arm(_) => [false; 5],
    }
}

#[test]
fn rule2_an_action_sends_only_the_orders_that_its_row_names() {
    for row in crate::engine::action::ACTIONS {
        let mut kit = Kit::ready();
        kit.long(80);
        let entry = kit.rest(Action::AtCursor(Side::Buy));
        kit.volume(40);
        let exit = kit.rest(Action::AtCursor(Side::Sell));
        assert_eq!(exit.intent, Intent::Exit);
        let foreign = NewOrder {
            id: ClientId::new("phone-1").unwrap(),
            kind: OrderKind::Limit {
                price: Price(BID - 77),
                tif: TimeInForce::Gtc,
            },
            ..entry
        };
        kit.report(&foreign, OrderStatus::Working, 0);
        // The exit rests away from the cursor's row.
        let mut moved = kit.report_of(&exit, OrderStatus::Working, 0);
        moved.price = Some(Price(ASK + 40));
        kit.fact(Fact::Order(moved));
        kit.wait(2_000);
        kit.forget();
        kit.press(row.action);
        let cancelled = kit.cancelled();
        let placed = kit.placed();
        let sent = [
            placed.iter().any(|o| o.intent == Intent::Entry),
            placed.iter().any(|o| o.intent == Intent::Exit),
            cancelled.contains(&entry.id),
            cancelled.contains(&exit.id),
            cancelled.contains(&foreign.id),
        ];
        let allowed = may_send(row.action);
        for (sent, allowed) in sent.iter().zip(allowed) {
            assert!(allowed || !sent, "{}: {:?}", row.name, kit.sent);
        }
        let named = if row.action == Action::Scale { 5 } else { 1 };
        assert!(placed.len() <= named, "{}", row.name);
        assert_eq!(
            sent.contains(&true),
            allowed.contains(&true),
            "{}",
            row.name
        );
    }
}

#[test]
fn rule9_foreign_words_are_inert_in_every_line_for_the_trader() {
    let mut kit = Kit::ready();
    kit.fact(Fact::Bad {
        venue: venue(),
        words: "bad \u{1b}[2J\u{202e}message".to_owned(),
    });
    kit.press(Action::Join(Side::Buy));
    let order = kit.only();
    let outcome = Outcome::Rejected {
        code: -1,
        words: "\u{1b}]0;title\u{7}".to_owned(),
        proves: Proves::Nothing,
    };
    kit.answer(order.id, Asked::Place, outcome);
    assert_eq!(kit.said[0], "bad ?[2J?message");
    let inert = |words: &String| !words.chars().any(char::is_control);
    assert!(kit.said.iter().all(inert), "{:?}", kit.said);
}
