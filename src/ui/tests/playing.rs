//! A recording on the screen: its line, the live account under it, the card of a trip.

use super::*;
use crate::domain::Environment;
use crate::ui::panel::playing::card_rows;
use crate::ui::snapshot::{LiveAccount, LiveLadder, PartCard, Playing, TripCard, TurnCard};

fn turn(action: &str, side: &'static str, slipped: i64) -> TurnCard {
    let part = |average: &str| PartCard {
        qty: "0.050".to_owned(),
        average: average.to_owned(),
        fee: Some(Decimal::new(153, 2)),
    };
    TurnCard {
        at_ms: 43_400_000,
        action: action.to_owned(),
        side,
        promised: Some(part("61 240.60")),
        got: part("61 240.70"),
        is_maker: false,
        slipped_ticks: Some(slipped),
        acked_us: Some(400),
        filled_us: Some(1_100),
    }
}

fn replayed(live: Option<LiveAccount>) -> Snapshot {
    let card = TripCard {
        what: "LONG 0.05 BTCUSDT".to_owned(),
        is_open: false,
        held_ms: 31_100,
        entry: turn("buy-now", "BUY", 1),
        exit: Some(turn("", "SELL", -2)),
        gross: Decimal::new(631, 2),
        fees: Decimal::new(306, 2),
        extremes: Some((Decimal::new(-210, 2), Decimal::new(840, 2))),
        currency: "USDT".to_owned(),
    };
    let mut snapshot = sample::full();
    snapshot.environment = Environment::Replay;
    snapshot.playing = Some(Arc::new(Playing {
        from_ms: 43_380_000,
        to_ms: 43_440_000,
        at_ms: 43_395_000,
        speed: 1,
        trades: Arc::from([(43_400_000, true), (43_430_000, false)]),
        key: "buy-now".to_owned(),
        card: live.is_some().then(|| Arc::new(card)),
        live,
        ..Playing::default()
    }));
    snapshot
}

fn danger() -> LiveAccount {
    LiveAccount {
        arm: ArmState::Armed,
        ladders: vec![LiveLadder {
            symbol: "ETHUSDT".to_owned(),
            sign: 1,
            size: "1.5".to_owned(),
            open: Some(Decimal::new(-321, 2)),
            orders: 2,
            trouble: "NO STOP",
        }],
        elsewhere: Vec::new(),
    }
}

fn shown(snapshot: &Snapshot, columns: u16, rows: u16) -> Vec<String> {
    let mut view = sample::view(snapshot, columns, rows);
    view.keep_foot(card_rows(snapshot.playing.as_deref(), columns, rows));
    view.settle(snapshot);
    lines(&painted(snapshot, &view, ColourDepth::Truecolour))
}

#[test]
fn what_is_wrong_with_the_live_account_and_how_to_get_back_stay_in_sight_over_a_replay() {
    let snapshot = replayed(Some(danger()));
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let text = shown(&snapshot, columns, rows).join("\n");
        let seen = [
            "REPLAY",
            "LIVE ACCOUNT",
            "ETHUSDT LONG 1.5",
            "-3.21",
            "2 orders",
            "NO STOP",
            "Esc",
        ];
        for words in seen {
            assert!(text.contains(words), "{columns}x{rows} {words}\n{text}");
        }
    }
}

#[test]
fn what_is_told_over_a_recording_is_marked_as_the_live_accounts() {
    let mut snapshot = replayed(Some(danger()));
    snapshot.notices.truncate(1);
    snapshot.notices[0].loudness = Loudness::Alarm;
    let words = snapshot.notices[0].words.clone();
    let all = shown(&snapshot, 80, 24);
    let line = all.iter().find(|line| line.contains(&words)).unwrap();
    assert!(
        line.starts_with(&format!(" live account: {words}")),
        "{line}"
    );
    let wide = shown(&snapshot, 200, 60).join("\n");
    assert!(
        wide.contains("messages, live account") && wide.contains(&words),
        "{wide}"
    );
    let recorded = Snapshot {
        playing: None,
        ..snapshot
    };
    assert!(!shown(&recorded, 80, 24).join("\n").contains("live account"));
}

#[test]
fn the_card_says_what_was_promised_beside_what_came_and_never_cuts_it() {
    let snapshot = replayed(Some(danger()));
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let text = shown(&snapshot, columns, rows).join("\n");
        let seen = [
            "promised BUY 0.050 @ 61 240.60 fee 1.53",
            "got BUY 0.050 @ 61 240.70 fee 1.53 taker  1t worse",
            "2t better",
            "ack 0.4 fill 1.1 ms",
            "no key",
            "net +3.25",
        ];
        for words in seen {
            assert!(text.contains(words), "{columns}x{rows} {words}\n{text}");
        }
    }
}

#[test]
fn the_line_of_a_recording_shows_the_place_and_ones_own_trades() {
    let snapshot = replayed(None);
    let all = shown(&snapshot, 80, 24);
    let line = all.iter().find(|line| line.contains("15/60 s")).unwrap();
    let place = |mark: &str| line.find(mark).unwrap();
    assert!(place("█") < place("▲") && place("▲") < place("▼"), "{line}");
    assert!(!all.join("\n").contains("LIVE ACCOUNT"));
}
