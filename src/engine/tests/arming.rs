//! ARMED, EXITS ONLY, LOCKED: what leads from one to the other. Rule 6.

use super::kit::*;
use crate::domain::message::{AccountTruth, LinkState, PositionMode};
use crate::domain::*;
use crate::engine::DeskSettings;
use crate::engine::action::Action;
use crate::engine::arm::Armed;
use crate::engine::event::Event;
use crate::engine::key::KeyStanding;
use crate::engine::suggest::Chosen;

fn state(kit: &Kit) -> (Armed, &'static str) {
    (kit.desk.arm().state(), kit.desk.arm().why())
}

fn refuses_entries(kit: &mut Kit) -> bool {
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    kit.placed().is_empty()
}

#[test]
fn rule6_play_money_starts_armed_real_money_and_demo_start_locked() {
    for (environment, armed) in [
        (Environment::Sim, Armed::Armed),
        (Environment::Paper, Armed::Armed),
        (Environment::Demo, Armed::Locked),
        (Environment::Real, Armed::Locked),
        (Environment::Replay, Armed::Locked),
    ] {
        let kit = Kit::with(settings(environment));
        assert_eq!(kit.desk.arm().state(), armed, "{environment:?}");
    }
}

#[test]
fn rule6_while_locked_no_key_sends_anything_but_panic() {
    let mut kit = Kit::with(settings(Environment::Real));
    kit.position(dec("0.05"), dec("60000"));
    for row in crate::engine::action::ACTIONS {
        let passes = matches!(
            row.action,
            Action::Panic | Action::PanicSymbol | Action::Arm(_)
        );
        if !passes {
            kit.press(row.action);
        }
    }
    assert!(kit.sent.is_empty(), "{:?}", kit.sent);
    assert!(kit.heard("LOCKED (start)"));
    kit.press(Action::PanicSymbol);
    assert_eq!(kit.only().kind, OrderKind::Market);
}

#[test]
fn rule6_arming_names_account_and_limits_and_chooses_the_volume() {
    let mut kit = Kit::with(settings(Environment::Real));
    kit.press(Action::Arm(3));
    assert_eq!(state(&kit), (Armed::Armed, ""));
    assert_eq!(kit.market().volume, 3);
    assert!(kit.heard("ARMED sim at binance-futures: order up to 100 000, position up to 200 000"));
    kit.press(Action::Lock);
    assert_eq!(state(&kit), (Armed::Locked, "your key"));
}

#[test]
fn a_recording_is_view_only_and_cannot_be_armed() {
    let mut kit = Kit::with(settings(Environment::Replay));
    kit.press(Action::Arm(1));
    kit.press(Action::Panic);
    kit.press(Action::Join(Side::Buy));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("a recording is view-only"));
}

#[test]
fn rule6_a_reconnect_restores_the_armed_state_when_truth_comes_back_equal_in_time() {
    let mut kit = Kit::ready();
    kit.long(50);
    let truth = || AccountTruth {
        positions: vec![PositionReport {
            leg: None,
            key: key(),
            size: dec("0.05"),
            entry: dec("60000"),
            liquidation: None,
            venue_ms: 9_000,
            at: Stamp::default(),
        }],
        ..AccountTruth::default()
    };
    kit.link(LinkState::Down);
    assert_eq!(state(&kit), (Armed::ExitsOnly, "reconnect"));
    assert!(refuses_entries(&mut kit));
    kit.link(LinkState::Reconciling);
    kit.wait(3_000);
    kit.truth(truth());
    kit.link(LinkState::Ready);
    assert_eq!(state(&kit), (Armed::Armed, ""));
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn rule6_a_reconnect_that_was_slow_or_changed_something_waits_for_the_trader() {
    let mut kit = Kit::ready();
    kit.link(LinkState::Down);
    kit.wait(5_100);
    kit.truth(AccountTruth::default());
    kit.link(LinkState::Ready);
    assert_eq!(state(&kit), (Armed::ExitsOnly, "reconnect"));

    let mut kit = Kit::ready();
    let order = kit.rest(Action::Join(Side::Buy));
    kit.link(LinkState::Down);
    let mut fill = kit.fill_of(&order, 50, "60000.0");
    fill.recovered = true;
    let position = kit.position_of(dec("0.05"), dec("60000"));
    kit.truth(AccountTruth {
        fills: vec![fill],
        positions: vec![position],
        ..AccountTruth::default()
    });
    kit.link(LinkState::Ready);
    assert_eq!(state(&kit), (Armed::ExitsOnly, "reconnect"));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

#[test]
fn rule6_a_planned_reconnect_changes_nothing() {
    let mut kit = Kit::ready();
    for link in [LinkState::Down, LinkState::Reconciling, LinkState::Ready] {
        kit.fact(Fact::Link {
            account: key().account,
            venue: venue(),
            state: link,
            why: "planned".to_owned(),
            planned: true,
        });
        assert_eq!(state(&kit), (Armed::Armed, ""));
    }
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn rule6_a_slow_terminal_link_allows_exits_only() {
    let mut kit = Kit::ready();
    for ms in [40, 50, 60, 45, 1_200, 1_300] {
        kit.event(Event::TerminalLink(ms));
    }
    assert_eq!(state(&kit), (Armed::Armed, ""));
    kit.event(Event::TerminalLink(1_100));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "slow terminal"));

    // A link that is always slow is the trader's own choice.
    let mut kit = Kit::ready();
    for _ in 0..50 {
        kit.event(Event::TerminalLink(900));
    }
    for _ in 0..5 {
        kit.event(Event::TerminalLink(2_000));
    }
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

#[test]
fn rule6_idle_is_counted_down_and_locks_when_there_is_nothing_to_lose() {
    let mut kit = Kit::ready();
    kit.event(Event::Activity);
    kit.wait(14 * 60_000);
    assert_eq!(kit.desk.arm().countdown(kit.now), Some(60));
    kit.event(Event::Activity);
    assert_eq!(kit.desk.arm().countdown(kit.now), None);
    kit.wait(15 * 60_000);
    assert_eq!(state(&kit), (Armed::Locked, "idle"));
}

#[test]
fn rule6_idle_with_a_position_still_lets_exits_out() {
    let mut kit = Kit::ready();
    kit.long(50);
    kit.wait(15 * 60_000);
    assert_eq!(state(&kit), (Armed::ExitsOnly, "idle"));
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn d4_a_resume_from_suspend_allows_exits_only_and_reads_the_account() {
    let mut kit = Kit::ready();
    kit.event(Event::Resumed(602_000));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "resumed from suspend"));
    assert_eq!(kit.sent, vec![Command::Reconcile]);
    assert!(refuses_entries(&mut kit));
}

#[test]
fn i1_a_journal_that_cannot_be_written_blocks_new_risk_until_it_can() {
    let mut kit = Kit::ready();
    kit.event(Event::Journal(Some("disk full".to_owned())));
    assert!(refuses_entries(&mut kit));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "journal"));
    kit.event(Event::Journal(None));
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

#[test]
fn hedge_mode_and_a_key_without_the_right_end_when_the_venue_says_so() {
    let mut kit = Kit::ready();
    kit.mode(PositionMode::Hedge, false);
    assert_eq!(kit.desk.arm().state(), Armed::ExitsOnly);
    kit.mode(PositionMode::OneWay, true);
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

#[test]
fn a_rate_limit_holds_entries_until_its_time() {
    let mut kit = Kit::ready();
    kit.fact(Fact::Limited {
        venue: venue(),
        until_ms: kit.now.wall_ms() + 3_000,
    });
    assert!(kit.heard("RATE LIMIT 3.0s: entries wait"));
    assert!(refuses_entries(&mut kit));
    kit.wait(3_100);
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

fn key_is(kit: &mut Kit, standing: KeyStanding) {
    kit.event(Event::Key(standing));
}

#[test]
fn g3_a_key_that_is_being_asked_about_opens_nothing_and_a_good_one_gives_the_state_back() {
    let mut kit = Kit::ready();
    key_is(&mut kit, KeyStanding::Asking);
    assert_eq!(state(&kit), (Armed::ExitsOnly, "asking about the key"));
    assert!(refuses_entries(&mut kit));
    kit.wait(200);
    key_is(&mut kit, KeyStanding::Good(String::new()));
    assert_eq!(state(&kit), (Armed::Armed, ""));
    // A later audit, once an hour, changes nothing while it runs.
    key_is(&mut kit, KeyStanding::Asking);
    assert_eq!(state(&kit), (Armed::Armed, ""));
}

#[test]
fn g3_a_key_that_cannot_be_verified_lets_exits_through_while_there_is_risk_and_is_locked_when_flat()
{
    let unverified = || KeyStanding::Unverified("no answer".to_owned());
    let mut kit = Kit::ready();
    kit.long(50);
    kit.press(Action::Lock);
    key_is(&mut kit, unverified());
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "key not verified"));
    assert!(refuses_entries(&mut kit));
    kit.forget();
    kit.press(Action::Close(100));
    assert_eq!(kit.placed().len(), 1, "exits work");

    let mut kit = Kit::ready();
    key_is(&mut kit, unverified());
    kit.wait(200);
    assert_eq!(state(&kit), (Armed::Locked, "key not verified"));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit).0, Armed::Locked);
}

#[test]
fn g3_a_key_that_was_good_lately_trades_on_and_says_so() {
    let mut kit = Kit::ready();
    key_is(
        &mut kit,
        KeyStanding::Amber("last good 2 days ago".to_owned()),
    );
    assert_eq!(state(&kit).0, Armed::Armed);
    assert_eq!(kit.desk.account().key_words, "last good 2 days ago");
    assert!(kit.heard("CANNOT VERIFY KEY"));
}

#[test]
fn a_view_only_key_says_why_and_cannot_be_armed() {
    let mut kit = Kit::ready();
    let words = "the key has no right to trade here".to_owned();
    key_is(
        &mut kit,
        KeyStanding::ViewOnly("view-only: no trade right", words),
    );
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::Locked, "view-only: no trade right"));
    assert!(kit.heard("cannot arm: view-only: no trade right"));
    kit.press(Action::Lock);
    assert_eq!(state(&kit).1, "view-only: no trade right", "always shown");
}

#[test]
fn rule6_a_key_that_turns_bad_in_mid_session_lets_exits_through_until_it_is_flat() {
    let careless = || KeyStanding::ViewOnly("view-only: works anywhere", "mend it".to_owned());
    let withdraws = || KeyStanding::Refused("it may WITHDRAW".to_owned());
    for (standing, why) in [
        (careless(), "view-only: works anywhere"),
        (withdraws(), "key refused"),
    ] {
        let mut kit = Kit::ready();
        kit.long(50);
        key_is(&mut kit, standing);
        assert_eq!(state(&kit), (Armed::ExitsOnly, why));
        assert!(refuses_entries(&mut kit));
        kit.forget();
        kit.press(Action::Close(100));
        let exit = kit.only();
        kit.accepted(exit.id);
        kit.report(&exit, OrderStatus::Filled, 50);
        kit.fill(&exit, 50, "60000.0");
        kit.wait(200);
        assert_eq!(state(&kit), (Armed::Locked, why), "flat");
    }
}

#[test]
fn rule5_whatever_keeps_entries_out_the_arming_key_lets_exits_through_while_something_is_open() {
    let mut kit = Kit::with(DeskSettings {
        limits_accepted: false,
        ..settings(Environment::Real)
    });
    kit.position(dec("0.05"), dec("60000"));
    kit.event(Event::Journal(Some("the disk is full".to_owned())));
    kit.press(Action::Close(100));
    assert!(kit.heard("LOCKED (start): only panic works; A and a volume lets exits through"));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "journal"));
    kit.press(Action::Close(100));
    assert_eq!(kit.placed().len(), 1);
}

#[test]
fn g14_a_key_that_is_refused_in_mid_session_locks_and_names_what_is_open() {
    let mut kit = Kit::ready();
    kit.rest(Action::Join(Side::Buy));
    kit.fact(Fact::KeyRefused {
        account: key().account,
        venue: key().venue,
        words: "key, IP address or permission refused".to_owned(),
    });
    assert_eq!(state(&kit), (Armed::Locked, "key refused"));
    assert!(kit.heard("KEY REFUSED"));
    assert!(kit.heard("still open at the venue: BTCUSDT 1 order"));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit), (Armed::ExitsOnly, "key refused"), "not ARMED");
    kit.link(LinkState::Down);
    kit.truth(AccountTruth::default());
    kit.link(LinkState::Ready);
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit).0, Armed::Armed, "it was taken again");
}

#[test]
fn the_first_arming_waits_for_the_limits_and_accepted_ones_hold() {
    let mut kit = Kit::with(DeskSettings {
        limits_accepted: false,
        ..settings(Environment::Real)
    });
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit).0, Armed::Locked);
    let chosen = Chosen {
        day_loss: dec("100"),
        position: dec("100"),
        order: dec("70"),
    };
    kit.event(Event::Limits(chosen));
    kit.press(Action::Arm(1));
    assert_eq!(state(&kit).0, Armed::Armed);
    assert!(kit.heard("order up to 70, position up to 100, day's loss up to 100"));
    kit.volume(2);
    kit.forget();
    kit.press(Action::Join(Side::Buy));
    assert!(kit.placed().is_empty(), "0.002 BTC is worth more than 70");
}

#[test]
fn rule10_what_earlier_sessions_of_the_day_lost_counts_until_midnight() {
    let mut kit = Kit::with(DeskSettings {
        day_before: dec("-1000"),
        idle_ms: u64::MAX,
        ..settings(Environment::Sim)
    });
    kit.wait(200);
    assert!(refuses_entries(&mut kit));
    kit.wait(86_400_000);
    kit.book(BID, ASK);
    assert!(!refuses_entries(&mut kit));
}

#[test]
fn without_a_key_there_is_only_looking() {
    let mut kit = Kit::with(DeskSettings {
        has_key: false,
        ..settings(Environment::Sim)
    });
    assert_eq!(state(&kit), (Armed::Locked, "view-only: no key"));
    kit.press(Action::Arm(1));
    kit.press(Action::Join(Side::Buy));
    assert!(kit.sent.is_empty());
    assert!(kit.heard("cannot arm: view-only: no key"));
}
