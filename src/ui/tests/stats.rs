//! Round trips over the ladder.

use super::*;
use crate::domain::{Asset, TradeId};
use crate::engine::diary::Diary;
use crate::engine::diary::running::Traded;
use crate::engine::diary::trip::{Setup, Terms};

/// What twelve round trips come to, each a little later in the day than the last.
fn traded(mut snapshot: Snapshot) -> Snapshot {
    let key = sample::key("BTCUSDT");
    let instrument = sample::instrument("BTCUSDT", "0.1", "0.001");
    let terms = Terms::of(&instrument).unwrap();
    let mut diary = Diary::default();
    let moves = [60, -35, 80, -20, -90, -40, 25, 130, -10, 55, -75, 90];
    for (number, ticks) in (0i64..).zip(moves) {
        let side = if number % 3 == 0 {
            Side::Sell
        } else {
            Side::Buy
        };
        let at_ms = 1_763_800_000_000 + number * 3_000_000;
        let entry = Decimal::from(61_200);
        let exit = entry + Decimal::new(ticks, 0) * Decimal::from(side.sign());
        let fill = |trade: i64, side, price, name: &str, ms| Traded {
            trade: TradeId::of_number(trade.unsigned_abs()),
            side,
            price,
            size: Decimal::new(150, 3),
            fee: Decimal::new(184, 2),
            fee_asset: Asset::new("USDT").unwrap(),
            fee_worth: None,
            realised: None,
            at_ms: ms,
            before: None,
            seen: None,
            setup: Setup {
                name: name.to_owned(),
                promised: Some(price + Decimal::new(side.sign(), 1)),
                ..Setup::default()
            },
        };
        diary.take(
            key,
            &terms,
            &fill(2 * number, side, entry, "buy-now", at_ms),
        );
        let out = fill(
            2 * number + 1,
            side.opposite(),
            exit,
            "close-100",
            at_ms + 42_000,
        );
        diary.take(key, &terms, &out);
    }
    snapshot.diary.session = diary.session().clone();
    snapshot.diary.ever = Some(diary.session().clone());
    snapshot.diary.latest = diary.latest().clone();
    snapshot
}

fn flat() -> Snapshot {
    let mut snapshot = sample::full();
    snapshot.market.position.size = Decimal::ZERO;
    traded(snapshot)
}

fn opened(snapshot: &Snapshot, columns: u16, rows: u16) -> String {
    let mut view = sample::view(snapshot, columns, rows);
    view.apply(ViewAction::List(List::Stats), snapshot);
    text(&painted(snapshot, &view, ColourDepth::Truecolour))
}

#[test]
fn round_trips_at_three_sizes() {
    let snapshot = flat();
    insta::assert_snapshot!("stats_80x24", opened(&snapshot, 80, 24));
    insta::assert_snapshot!("stats_120x40", opened(&snapshot, 120, 40));
    insta::assert_snapshot!("stats_200x60", opened(&snapshot, 200, 60));
}

#[test]
fn no_rate_of_winners_is_shown_while_a_position_is_open() {
    let flat = opened(&flat(), 120, 40);
    assert!(flat.contains("win rate") && flat.contains('%'), "{flat}");
    let open = opened(&traded(sample::full()), 120, 40);
    let row = open.lines().find(|line| line.contains("win rate")).unwrap();
    assert!(row.contains("when flat") && !row.contains('%'), "{row}");
    assert!(
        open.contains("LONG  0.150"),
        "the position stays in sight:\n{open}"
    );
}

#[test]
fn money_can_be_hidden_and_an_empty_list_says_what_would_be_there() {
    let snapshot = flat();
    let mut view = sample::view(&snapshot, 120, 40);
    view.money_off = true;
    view.apply(ViewAction::List(List::Stats), &snapshot);
    let hidden = text(&painted(&snapshot, &view, ColourDepth::Truecolour));
    let net = hidden.lines().find(|line| line.contains("net ")).unwrap();
    assert!(net.contains("hidden") && !net.contains("USDT"), "{net}");
    let empty = opened(&sample::full(), 120, 40);
    assert!(
        empty.contains("no round trip in this session yet"),
        "{empty}"
    );
}

#[test]
fn a_number_chooses_a_recent_tag_and_a_word_is_a_new_one() {
    let mut snapshot = sample::full();
    snapshot.diary.tags = Arc::new(vec!["breakout".to_owned(), "fade".to_owned()]);
    let mut view = sample::view(&snapshot, 120, 40);
    view.apply(ViewAction::Tag, &snapshot);
    let shown = text(&painted(&snapshot, &view, ColourDepth::Truecolour));
    assert!(
        shown.contains("1 breakout") && shown.contains("2 fade"),
        "{shown}"
    );
    let chosen = view.type_char('2');
    assert_eq!(chosen, view::ViewOutcome::RunAction("tag fade".to_owned()));
    assert_eq!(view.mode, Mode::Ladder);
    view.apply(ViewAction::Tag, &snapshot);
    view.type_char('n');
    view.type_char('2');
    let typed = view.submit(&snapshot);
    assert_eq!(typed, view::ViewOutcome::RunAction("tag n2".to_owned()));
}
