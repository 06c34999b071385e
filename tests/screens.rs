//! Whole screens as a session makes them: keys and facts went through the desk before anything is drawn. What panels do with odd data is
//! tested beside them; here is what a trader sees in the states that matter, and that every state fits every terminal.

use crate::scenarios::{Play, played};

/// A long position with an exit and two entries of different standing.
const LONG: &str = r#"
    given = [
        { market = "print BUY 0.250 @ 60000.3" }, { market = "print SELL 0.100 @ 60000.0" },
        { keys = "4 v" }, { fact = "rests; fill" }, { keys = "2 r" }, { fact = "rests" }, { keys = "b" }, { fact = "rests" },
        { keys = "1 v" }, { fact = "unknown" }, { market = "print BUY 1.250 @ 60000.3" },
    ]
    step = [{ wait = 500 }]
"#;
/// A long position with a buy beside it, fees known.
const CURSOR: &str = r#"
    given = [{ keys = "4 v" }, { fact = "rests; fill" }, { keys = "1 b" }, { fact = "rests" }]
    step = [{ wait = 500 }]
"#;
const STALE: &str = r#"
    given = [{ keys = "3 v" }, { fact = "rests; fill" }, { market = "silence" }]
    step = [{ wait = 3500 }]
"#;
const EXITS_ONLY: &str = r#"
    given = [{ keys = "3 w" }, { fact = "ack; fill 0.005 @ 60000.0" }, { fact = "link down closed by the venue" }]
    step = [{ wait = 100 }]
"#;
const FLAT: &str = "step = [{ wait = 100 }]";
const REAL: &str = r#"
    environment = "real"
    step = [{ wait = 100 }]
"#;

/// Plays a session on a screen of this size; then keys open what they open.
fn session(text: &str, size: (u16, u16), keys: &str) -> Play {
    let sized = format!(
        "why = \"a picture\"\nsize = [{}, {}]\n{text}",
        size.0, size.1
    );
    let mut play = played(&sized);
    play.keys(keys, 200);
    play
}

fn picture(text: &str, size: (u16, u16), keys: &str) -> String {
    session(text, size, keys).screen()
}

#[test]
fn a_newcomer_sees_a_flat_desk_that_teaches_its_keys() {
    insta::assert_snapshot!("flat_80x24", picture(FLAT, (80, 24), ""));
}

#[test]
fn a_position_with_orders_at_work() {
    insta::assert_snapshot!("long_120x40", picture(LONG, (120, 40), ""));
    insta::assert_snapshot!("long_200x60", picture(LONG, (200, 60), ""));
}

#[test]
fn the_charts_have_every_print_from_the_first_one_on() {
    let desk = "g w g w g w g w";
    insta::assert_snapshot!("charts_200x60", picture(LONG, (200, 60), desk));
}

#[test]
fn the_cursor_on_the_ladder_brings_its_keys_first() {
    insta::assert_snapshot!("cursor_80x24", picture(CURSOR, (80, 24), "j j j"));
    insta::assert_snapshot!("cursor_120x40", picture(CURSOR, (120, 40), "j j j"));
    insta::assert_snapshot!("cursor_200x60", picture(CURSOR, (200, 60), "k k k"));
}

#[test]
fn the_selected_order_brings_its_moves_first() {
    insta::assert_snapshot!("selected_80x24", picture(CURSOR, (80, 24), "s"));
}

#[test]
fn the_log_says_what_each_key_did() {
    insta::assert_snapshot!("log_80x24", picture(LONG, (80, 24), "L"));
    insta::assert_snapshot!("log_120x40", picture(LONG, (120, 40), "L"));
}

#[test]
fn rule3_a_book_that_fell_silent() {
    insta::assert_snapshot!("stale_80x24", picture(STALE, (80, 24), ""));
}

#[test]
fn rule6_exits_only_and_locked_with_real_money() {
    insta::assert_snapshot!("exits_only_120x40", picture(EXITS_ONLY, (120, 40), ""));
    insta::assert_snapshot!("real_80x24", picture(REAL, (80, 24), ""));
}

#[test]
fn help_lists_the_keys() {
    insta::assert_snapshot!("help_120x40", picture(FLAT, (120, 40), "?"));
}

/// Sizes to try: all of them under LANCET_DEEP=1, else a sieve with the ones where layouts change.
fn sizes() -> Vec<(u16, u16)> {
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    let columns = [1, 2, 7, 20, 39, 40, 60, 79, 80, 96, 118, 160, 201, 250];
    let rows = [1, 2, 3, 6, 10, 23, 24, 40, 61, 80];
    let take = |(c, r): &(u16, u16)| deep || (columns.contains(c) && rows.contains(r));
    (1..=250)
        .flat_map(|c| (1..=80).map(move |r| (c, r)))
        .filter(take)
        .collect()
}

#[test]
fn f12_every_state_in_every_mode_fits_every_terminal() {
    let modes = ["", "?", "L", "/ 'b'", ": 'lo'", "6 '0.1'", "q", "j j ."];
    for (at, text) in [FLAT, LONG, STALE, EXITS_ONLY, REAL]
        .into_iter()
        .enumerate()
    {
        for (also, keys) in modes.into_iter().enumerate() {
            let mut play = session(text, (120, 40), keys);
            for (number, (columns, rows)) in sizes().into_iter().enumerate() {
                // Each size is met by every state, and by the modes in turn.
                if number % modes.len() == (at + also) % modes.len() {
                    let shown = play.resized(columns, rows);
                    assert_eq!(
                        shown.split('\n').count(),
                        usize::from(rows),
                        "{columns}x{rows}"
                    );
                }
            }
        }
    }
}
