//! The risk guard: what losses come to, cool-downs, limits that are set, and all of it over a restart. Rule 10.

use super::kit::*;
use crate::domain::message::{AccountTruth, LinkState};
use crate::domain::*;
use crate::engine::DeskSettings;
use crate::engine::action::Action;
use crate::engine::arm::Armed;
use crate::engine::ask::Ask;
use crate::engine::effect::{About, Effect};
use crate::engine::event::Event;
use crate::engine::guard::{self, Kept};
use crate::engine::record::Row;
use crate::engine::suggest::Chosen;

const MINUTE_MS: u64 = 60_000;

fn at(text: &str) -> Cap {
    Cap::At(dec(text))
}

/// A desk that no idleness ends, with changed limits.
fn with(change: impl FnOnce(&mut Limits)) -> DeskSettings {
    let mut set = settings(Environment::Sim);
    set.arming.idle_ms = None;
    change(&mut set.limits);
    set
}

fn refuses_entries(kit: &mut Kit) -> bool {
    kit.wait(2_000);
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    kit.placed().is_empty()
}

/// What the disk was told last.
fn kept(kit: &mut Kit) -> Kept {
    let effects = kit.event(Event::Journal(None));
    let told = effects.0.into_iter().chain(kit.event(Event::Tick).0);
    told.filter_map(|effect| match effect {
        Effect::Journal(Row::Guard { kept, .. }) => Some(kept),
        _ => None,
    })
    .last()
    .expect("the guard told nothing")
}

/// Another run of the same account at the same moment, as the disk's words let it begin.
fn restarted(kit: &mut Kit, set: DeskSettings) -> Kit {
    let json = serde_json::to_string(&kept(kit)).unwrap();
    let kept: Kept = serde_json::from_str(&json).unwrap();
    let set = DeskSettings {
        kept: kept.at_start(kit.now.wall_ms()),
        ..set
    };
    let mut next = Kit::bare_at(set, kit.now);
    next.book(BID, ASK);
    next.truth(AccountTruth::default());
    next.link(LinkState::Ready);
    next.event(Event::Tick);
    next
}

/// What the line says to it.
fn set(kit: &mut Kit, name: &str, value: &str) -> String {
    let (name, value) = (name.to_owned(), value.to_owned());
    kit.said.clear();
    kit.ask(Ask::Set { name, value });
    kit.said.join("; ")
}

fn limits_now(kit: &Kit) -> &Limits {
    &kit.desk.settings().limits
}

/// A long of 0.050 that was sold again at this price; fees are 0.6 a fill.
fn trip(kit: &mut Kit, exit: &str) {
    kit.book(BID, ASK);
    kit.long(50);
    kit.press(Action::Close(100));
    let order = kit.only();
    kit.accepted(order.id);
    kit.report(&order, OrderStatus::Filled, 50);
    kit.fill(&order, 50, exit);
    kit.wait(2_000);
}

#[test]
fn rule10_a_days_loss_ends_entries_until_the_day_ends_and_no_key_ends_it() {
    let mut kit = Kit::with(with(|_| {}));
    let entry = kit.rest(Action::Join(Side::Buy));
    kit.forget();
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-1000"),
    });
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
    assert_eq!(kit.desk.arm().words(), "day's loss, until 00:00 UTC");
    assert_eq!(kit.cancelled(), [entry.id], "nothing may fill any more");
    kit.report(&entry, OrderStatus::Cancelled, 0);
    // The loss is made good again: what was written stays.
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("5000"),
    });
    kit.press(Action::Arm(1));
    assert!(kit.heard("cannot arm: day's loss, until 00:00 UTC"));
    assert!(refuses_entries(&mut kit));
    assert!(kit.heard("EXITS ONLY (day's loss, until 00:00 UTC): no key opens or adds"));
    kit.wait(24 * 60 * MINUTE_MS);
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn rule10_just_under_the_days_loss_entries_go_on() {
    let mut kit = Kit::with(with(|_| {}));
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-999.99"),
    });
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn rule10_late_in_the_day_the_cool_down_holds_into_the_next() {
    let mut kit = Kit::with(with(|_| {}));
    // 14:00 UTC is the kit's hour.
    kit.wait((9 * 60 + 50) * MINUTE_MS);
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-1000"),
    });
    assert_eq!(kit.desk.arm().words(), "day's loss, until 00:20 UTC");
    kit.wait(15 * MINUTE_MS);
    assert!(refuses_entries(&mut kit), "a new day, the same cool-down");
    kit.wait(15 * MINUTE_MS);
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn rule10_the_sessions_loss_counts_from_the_start_and_then_from_the_cool_downs_end() {
    let mut kit = Kit::with(with(|limits| limits.max_session_loss = at("100")));
    let lose = |kit: &mut Kit, amount: &str| {
        kit.fact(Fact::Funding {
            key: key(),
            amount: dec(amount),
        });
    };
    lose(&mut kit, "-99.99");
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    lose(&mut kit, "-0.01");
    assert_eq!(kit.desk.arm().words(), "session's loss, until 14:30 UTC");
    assert!(kit.heard("session's loss 100, your limit is 100: exits only until 14:30 UTC"));
    kit.wait(30 * MINUTE_MS - 3_000);
    assert!(refuses_entries(&mut kit));
    assert!(!refuses_entries(&mut kit), "and ARMED comes back");
    let order = kit.only();
    kit.report(&order, OrderStatus::Cancelled, 0);
    lose(&mut kit, "-99.99");
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    lose(&mut kit, "-0.01");
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
}

#[test]
fn rule10_open_losses_count_at_the_side_they_can_be_closed_at() {
    let mut kit = Kit::with(with(|limits| limits.max_session_loss = at("100")));
    kit.long(50);
    kit.wait(2_000);
    // 0.050 from 60 000 to 58 012 is 99.40, and 0.60 were paid.
    kit.book(BID - 19_879, BID - 19_878);
    kit.event(Event::Tick);
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    kit.book(BID - 19_880, BID - 19_879);
    kit.event(Event::Tick);
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.only().intent, Intent::Exit, "exits work");
}

#[test]
fn rule10_a_loss_that_the_book_shows_between_two_ticks_stops_the_very_next_key() {
    let mut kit = Kit::with(with(|limits| limits.max_session_loss = at("100")));
    kit.long(50);
    kit.wait(2_000);
    kit.forget();
    kit.book(BID - 30_000, BID - 29_999);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
}

#[test]
fn rule10_losing_trades_in_a_row_end_entries_and_a_winner_begins_a_new_row() {
    let mut kit = Kit::with(with(|limits| limits.max_losses_in_a_row = at("3")));
    for exit in ["59990.0", "59990.0", "60500.0", "59990.0", "59990.0"] {
        trip(&mut kit, exit);
        assert_eq!(kit.desk.arm().state(), Armed::Armed, "{exit}");
    }
    // Fees alone make a trade a losing one.
    trip(&mut kit, "60001.0");
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
    assert!(
        kit.desk
            .arm()
            .words()
            .starts_with("losses in a row, until 14:3")
    );
    kit.wait(31 * MINUTE_MS);
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    trip(&mut kit, "59990.0");
    assert_eq!(kit.desk.arm().state(), Armed::Armed, "counted anew");
}

#[test]
fn losing_trades_are_of_one_day() {
    let mut kit = Kit::with(with(|limits| limits.max_losses_in_a_row = at("2")));
    trip(&mut kit, "59990.0");
    kit.wait(24 * 60 * MINUTE_MS);
    trip(&mut kit, "59990.0");
    assert_eq!(kit.desk.arm().state(), Armed::Armed);
    trip(&mut kit, "59990.0");
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
}

fn trade_limit(most: &str) -> Kit {
    let most = at(most);
    Kit::with(with(|limits| limits.max_trade_loss = most))
}

#[test]
fn rule10_a_trade_that_lost_its_limit_is_closed_bounded_wider_by_market_and_told_once() {
    let mut kit = trade_limit("100");
    kit.long(50);
    let adds = kit.rest_at(Action::AtCursor(Side::Buy), BID - 25_000);
    kit.forget();
    kit.book(BID - 19_879, BID - 19_878);
    kit.event(Event::Tick);
    assert!(kit.placed().is_empty());
    kit.book(BID - 19_880, BID - 19_879);
    kit.event(Event::Tick);
    let first = kit.only();
    assert_eq!((first.side, first.qty), (Side::Sell, Qty(50)));
    assert_eq!(first.intent, Intent::Exit);
    assert!(matches!(
        first.kind,
        OrderKind::Limit {
            tif: TimeInForce::Ioc,
            ..
        }
    ));
    assert_eq!(kit.cancelled(), [adds.id], "nothing is added to it");
    assert!(kit.heard("BTCUSDT: the trade lost 100, your limit is 100: closing"));
    assert!(kit.alerts.contains(&About::Risk));
    // The price comes back; what began goes on until flat.
    kit.forget();
    kit.book(BID, ASK);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.heard("BTCUSDT is being closed: the trade's loss limit"));
    kit.report(&first, OrderStatus::Expired, 0);
    kit.wait(400);
    let wider = kit.only();
    kit.report(&wider, OrderStatus::Expired, 0);
    kit.forget();
    kit.wait(400);
    let market = kit.only();
    assert_eq!(market.kind, OrderKind::Market);
    kit.fill(&market, 50, "59900.0");
    kit.report(&market, OrderStatus::Filled, 50);
    kit.report(&adds, OrderStatus::Cancelled, 0);
    kit.wait(2_000);
    assert!(!kit.heard("the trade lost"));
    assert!(
        !refuses_entries(&mut kit),
        "flat: the next trade is its own"
    );
}

#[test]
fn rule10_a_close_that_gives_up_or_is_refused_is_asked_for_again_until_flat() {
    let mut kit = trade_limit("100");
    kit.long(50);
    kit.book(BID - 30_000, BID - 29_999);
    kit.event(Event::Tick);
    let mut tries = 0;
    for _ in 0..40 {
        for order in kit.placed() {
            tries += 1;
            kit.refused(order.id, -2022, message::Proves::NothingToReduce);
        }
        kit.forget();
        kit.wait(500);
    }
    assert!((10..=41).contains(&tries), "{tries} closes in 20 s");
    assert!(kit.placed().len() <= 1);
    assert_eq!(kit.size(), dec("0.05"));
}

#[test]
fn rule5_a_trades_limit_closes_while_locked_too_and_waits_for_a_live_book() {
    let mut kit = trade_limit("100");
    kit.long(50);
    kit.press(Action::Lock);
    kit.book_in(
        BookState::Resync("gap".to_owned()),
        BID - 30_000,
        BID - 29_999,
    );
    kit.event(Event::Tick);
    assert!(kit.placed().is_empty(), "an unproved price closes nothing");
    kit.book(BID - 30_000, BID - 29_999);
    kit.event(Event::Tick);
    assert_eq!(kit.only().intent, Intent::Exit);
}

#[test]
fn a_position_found_beyond_the_limit_is_told_and_left_and_one_that_gets_there_is_closed() {
    for (entry, left) in [("63000", true), ("60500", false)] {
        let mut kit = Kit::bare(with(|limits| limits.max_trade_loss = at("100")));
        kit.book(BID, ASK);
        let position = kit.position_of(dec("0.05"), dec(entry));
        kit.truth(AccountTruth {
            positions: vec![position],
            ..AccountTruth::default()
        });
        kit.link(LinkState::Ready);
        kit.event(Event::Tick);
        assert!(kit.placed().is_empty(), "{entry}");
        kit.book(BID - 30_000, BID - 29_999);
        kit.event(Event::Tick);
        assert_eq!(kit.heard("it was so at the start, closing is yours"), left);
        assert_eq!(kit.placed().is_empty(), left, "{entry}");
    }
}

#[test]
fn rule10_entries_in_one_minute_are_limited() {
    let mut kit = Kit::with(with(|limits| limits.max_orders_per_minute = 5));
    for n in 0..8 {
        kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 10 - n));
        kit.wait(5_000);
    }
    assert_eq!(kit.placed().len(), 5);
    assert!(kit.heard("5 entries in the last minute, your limit is 5"));
    kit.wait(21_000);
    kit.press_at(Action::AtCursor(Side::Buy), Some(BID - 90));
    assert_eq!(kit.placed().len(), 6);
}

#[test]
fn a_tighter_limit_counts_at_once_and_a_looser_one_after_15_minutes() {
    let mut kit = Kit::with(with(|_| {}));
    set(&mut kit, "risk.max_position", "2");
    assert!(kit.heard("risk.max_position of BTCUSDT is 2"));
    set(&mut kit, "risk.max_position", "0.04");
    assert!(refuses_entries(&mut kit), "0.050 is the volume");
    assert!(kit.heard("position could be 0.05, your limit is 0.04"));
    set(&mut kit, "risk.max_position", "3");
    assert!(kit.heard("risk.max_position of BTCUSDT goes to 3 at 14:1"));
    assert!(kit.heard("set it to 0.04 to withdraw"));
    assert_eq!(guard::pending(&kit.desk).len(), 1);
    kit.wait(15 * MINUTE_MS - 3_000);
    assert!(refuses_entries(&mut kit));
    assert!(!refuses_entries(&mut kit));
    assert_eq!(guard::pending(&kit.desk), Vec::<String>::new());
}

#[test]
fn a_looser_limit_that_waits_can_be_withdrawn_and_off_is_the_loosest() {
    let mut kit = Kit::with(with(|_| {}));
    set(&mut kit, "risk.max_order", "0.04");
    set(&mut kit, "risk.max_order", "off");
    set(&mut kit, "risk.max_order", "0.04");
    assert!(kit.heard("risk.max_order of BTCUSDT is 0.04, nothing waits"));
    kit.wait(20 * MINUTE_MS);
    assert!(refuses_entries(&mut kit));
    // Each time that it is asked for anew it waits anew.
    set(&mut kit, "risk.max_order", "off");
    kit.wait(14 * MINUTE_MS);
    set(&mut kit, "risk.max_order", "9");
    kit.wait(14 * MINUTE_MS);
    assert!(refuses_entries(&mut kit));
    kit.wait(2 * MINUTE_MS);
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn no_limit_goes_beyond_the_settings_file_and_what_is_no_limit_is_one_sentence() {
    let mut kit = Kit::ready();
    for (name, value, words) in [
        (
            "risk.max_open_orders",
            "21",
            "your settings file allows risk.max_open_orders 20 at the most",
        ),
        (
            "risk.max_open_orders",
            "2.5",
            "risk.max_open_orders is a whole number",
        ),
        ("risk.max_day_loss", "off", "risk.max_day_loss is a number"),
        (
            "risk.max_trade_loss",
            "-5",
            "risk.max_trade_loss is a number or off",
        ),
        (
            "risk.max_losses_in_a_row",
            "0",
            "risk.max_losses_in_a_row is a whole number of 1 or more, or off",
        ),
        (
            "risk.max_fun",
            "1",
            "no setting risk.max_fun, did you mean \"risk.max_position\"?",
        ),
    ] {
        assert_eq!(set(&mut kit, name, value), words);
    }
    assert_eq!(limits_now(&kit), &limits());
}

#[test]
fn every_limit_is_set_by_its_name_and_by_no_other() {
    for row in guard::limit::LIMITS {
        let mut kit = Kit::ready();
        // A fraction has less room above it.
        for value in ["1", "0.001"] {
            set(&mut kit, row.name, value);
        }
        let kept = kept(&mut kit);
        let wished: Vec<_> = kept
            .limits
            .iter()
            .filter(|(_, l)| l.wish.is_some())
            .collect();
        assert_eq!(wished.len(), 1, "{}", row.name);
        assert_ne!(limits_now(&kit), &limits(), "{}", row.name);
        let mut next = restarted(&mut kit, settings(Environment::Sim));
        assert_eq!(limits_now(&next), limits_now(&kit), "{}", row.name);
        assert!(!next.heard("goes to"), "{}", row.name);
        next.wait(16 * MINUTE_MS);
        assert_eq!(limits_now(&next), limits_now(&kit), "{}", row.name);
    }
}

#[test]
fn a_cool_down_survives_a_restart_and_the_new_run_begins_in_it() {
    let mut kit = Kit::with(with(|limits| limits.max_session_loss = at("100")));
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-100"),
    });
    kit.wait(10 * MINUTE_MS);
    let mut next = restarted(&mut kit, with(|_| {}));
    assert_eq!(next.desk.arm().words(), "session's loss, until 14:30 UTC");
    assert!(refuses_entries(&mut next));
    next.press(Action::Arm(1));
    assert!(refuses_entries(&mut next));
    next.wait(20 * MINUTE_MS);
    assert!(!refuses_entries(&mut next));
    let mut after = restarted(&mut next, with(|_| {}));
    assert_eq!(after.desk.arm().state(), Armed::Armed, "it is over");
    assert!(!refuses_entries(&mut after));
}

#[test]
fn real_money_starts_locked_and_in_its_cool_down() {
    let mut kit = Kit::with(with(|limits| limits.max_session_loss = at("100")));
    kit.fact(Fact::Funding {
        key: key(),
        amount: dec("-100"),
    });
    let mut next = restarted(&mut kit, settings(Environment::Real));
    assert_eq!(next.desk.arm().state(), Armed::Locked);
    next.press(Action::Arm(1));
    assert!(next.heard("cannot arm: session's loss, until 14:30 UTC"));
    assert_eq!(next.desk.arm().state(), Armed::Locked);
    // With something at stake the arming key lets exits through.
    next.position(dec("0.05"), dec("60000"));
    next.press(Action::Arm(1));
    assert_eq!(next.desk.arm().state(), Armed::ExitsOnly);
    next.forget();
    next.press(Action::Close(100));
    assert_eq!(next.only().intent, Intent::Exit);
}

#[test]
fn losing_trades_in_a_row_and_a_looser_limit_that_waits_survive_a_restart_with_its_time() {
    let tight = || with(|limits| limits.max_losses_in_a_row = at("2"));
    let mut kit = Kit::with(tight());
    trip(&mut kit, "59990.0");
    set(&mut kit, "risk.max_position", "0.04");
    set(&mut kit, "risk.max_position", "1");
    kit.wait(10 * MINUTE_MS);
    let mut next = restarted(&mut kit, tight());
    assert_eq!(guard::pending(&next.desk).len(), 1);
    next.volume(50);
    assert!(refuses_entries(&mut next));
    next.wait(5 * MINUTE_MS);
    assert!(
        !refuses_entries(&mut next),
        "15 minutes after it was asked for"
    );
    let order = next.only();
    next.report(&order, OrderStatus::Cancelled, 0);
    trip(&mut next, "59990.0");
    assert_eq!(next.desk.arm().why(), "losses in a row");
}

#[test]
fn a_settings_file_that_became_looser_waits_too_and_one_that_became_tighter_does_not() {
    let mut kit = Kit::with(with(|limits| limits.max_open_orders = 5));
    let loose = || with(|limits| limits.max_open_orders = 9);
    let mut next = restarted(&mut kit, loose());
    assert_eq!(limits_now(&next).max_open_orders, 5);
    assert!(next.heard("risk.max_open_orders goes to 9 at 14:15 UTC"));
    next.wait(10 * MINUTE_MS);
    // Starting again does not begin the wait again, and makes nothing looser earlier.
    let mut again = restarted(&mut next, loose());
    again.wait(4 * MINUTE_MS);
    assert_eq!(limits_now(&again).max_open_orders, 5);
    let mut looser = restarted(&mut again, with(|limits| limits.max_open_orders = 11));
    looser.wait(2 * MINUTE_MS);
    assert_eq!(
        limits_now(&looser).max_open_orders,
        5,
        "that is another wish"
    );
    again.wait(2 * MINUTE_MS);
    assert_eq!(limits_now(&again).max_open_orders, 9);
    let tight = restarted(&mut again, with(|limits| limits.max_open_orders = 3));
    assert_eq!(limits_now(&tight).max_open_orders, 3);
}

#[test]
fn limits_accepted_at_the_first_arming_are_kept_and_loosen_like_all_others() {
    let mut kit = Kit::with(settings(Environment::Real));
    let chosen = Chosen {
        day_loss: dec("100"),
        position: dec("5000"),
        order: dec("4000"),
    };
    kit.event(Event::Limits(chosen));
    assert_eq!(limits_now(&kit).max_day_loss, dec("100"));
    set(&mut kit, "risk.max_order_notional", "6000");
    kit.wait(16 * MINUTE_MS);
    assert_eq!(limits_now(&kit).max_order_notional, dec("6000"));
    // What was accepted long ago does not undo what was set since.
    let mut kept = kept(&mut kit);
    kept.accept(chosen);
    let next = Kit::with(DeskSettings {
        kept,
        ..settings(Environment::Real)
    });
    assert_eq!(limits_now(&next).max_order_notional, dec("6000"));
    assert_eq!(limits_now(&next).max_position_notional, dec("5000"));
    // Remembered by an older Lancet: counts at the start.
    let mut old = Kept::default();
    old.accept(chosen);
    let next = Kit::with(DeskSettings {
        kept: old,
        ..settings(Environment::Real)
    });
    assert_eq!(limits_now(&next).max_order_notional, dec("4000"));
}

#[test]
fn a_disk_that_failed_is_told_again_what_must_not_be_forgotten() {
    let mut kit = Kit::with(with(|_| {}));
    set(&mut kit, "risk.max_open_orders", "3");
    let before = kept(&mut kit);
    kit.event(Event::Journal(Some("disk full".to_owned())));
    assert_eq!(kept(&mut kit), before);
}

#[test]
fn a_symbol_that_is_looked_at_only_takes_no_entries_and_lets_exits_through() {
    let mut set = with(|_| {});
    set.view_only.insert(key().symbol);
    let mut kit = Kit::with(set);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    assert!(kit.heard("BTCUSDT is view-only: no key opens or adds"));
    kit.position(dec("0.05"), dec("60000"));
    kit.press(Action::Close(100));
    assert_eq!(kit.only().intent, Intent::Exit);
}

#[test]
fn view_only_comes_at_once_and_goes_while_armed() {
    let mut kit = Kit::ready();
    kit.press(Action::Lock);
    kit.ask(Ask::ViewOnly(true));
    kit.ask(Ask::ViewOnly(false));
    assert!(kit.heard("BTCUSDT stays view-only: arm first"));
    kit.press(Action::Arm(1));
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty());
    kit.ask(Ask::ViewOnly(false));
    kit.press(Action::Join(Side::Buy));
    assert_eq!(kit.placed().len(), 1);
}
