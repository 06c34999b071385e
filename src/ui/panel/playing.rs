//! A recording in the bottom lines: where it stands, one's own trades on its line, the keys that steer it, and the account that goes
//! on meanwhile. Under all of it, what the keys of a trip promised and what came of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use rust_decimal::Decimal;

use super::Scene;
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::{
    ArmState, LiveAccount, LiveLadder, PartCard, PlayState, Playing, Snapshot, TripCard, TurnCard,
};
use crate::ui::theme::Role;

/// A card's order stands in one row from this width on.
const WIDE: u16 = 160;
/// Fewest rows of a screen with a card.
const ROWS: u16 = 20;

/// Rows at the foot of the screen that the card of a trip takes.
pub fn card_rows(playing: Option<&Playing>, columns: u16, rows: u16) -> u16 {
    match playing.and_then(|playing| playing.card.as_ref()) {
        Some(_) if rows >= ROWS && columns >= WIDE => 3,
        Some(_) if rows >= ROWS => 6,
        _ => 0,
    }
}

/// Draws the bottom lines: the account that goes on first, where there is one, then the line of the recording and its keys.
pub fn draw(scene: &Scene<'_>, playing: &Playing, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let mut row = 0;
    if let Some(live) = &playing.live {
        let line = live_line(scene, live, usize::from(pen.width()));
        pen.pieces(0, row, &line);
        if pen.height() < 3 {
            // There is no row for the keys, and the way back is never left out.
            let end = pen.width();
            let start = pen.put_right(end, row, " Esc back ", scene.style(Role::Dim));
            pen.put(start, row, " Esc", scene.style(Role::Key));
        }
        row += 1;
    }
    scrubber(scene, playing, row, &mut pen);
    if row + 1 < pen.height() {
        let keys = keys(scene, playing, usize::from(pen.width().saturating_sub(2)));
        pen.pieces(1, row + 1, &keys);
    }
}

/// ` 12:03:20 ━━━━━━┃╌╌▲╌╌▼╌╌ 61/345 s  1x paused  x buy-now`
fn scrubber(scene: &Scene<'_>, playing: &Playing, row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let time = format::time_of_day(playing.at_ms, scene.view.utc_offset_s);
    let seconds = |ms: i64| ms.saturating_sub(playing.from_ms).max(0) / 1_000;
    let whole = seconds(playing.to_ms).to_string();
    let at = format::right(&seconds(playing.at_ms).to_string(), whole.len());
    let state = match playing.state {
        PlayState::Playing => "",
        PlayState::Paused => "paused",
        PlayState::Ended => "ended",
        PlayState::Seeking => "seeking",
    };
    let speed = format!("{}x", playing.speed);
    let key_cells = if pen.width() >= 100 { 18 } else { 0 };
    let key = format::left(&sanitise(&playing.key, 18), key_cells);
    let mut column = pen.put(1, row, &time, scene.style(Role::Bright)) + 1;
    let after = [
        (format!(" {at}/{whole} s "), dim),
        (format!("{speed:>4} "), scene.style(Role::Bright)),
        (format!("{state:<8}"), scene.style(Role::Warn)),
        (key, scene.style(Role::Mine)),
    ];
    let cells = pen
        .width()
        .saturating_sub(column + pen::width(&after) as u16);
    let here = cell(playing, playing.at_ms, cells);
    for at in 0..cells {
        let (mark, role) = match at.cmp(&here) {
            std::cmp::Ordering::Less => ("━", Role::Text),
            std::cmp::Ordering::Equal => ("█", Role::Replay),
            std::cmp::Ordering::Greater => ("╌", Role::Faint),
        };
        let style = match role {
            // The badge's colour is a ground; a mark takes it as its own.
            Role::Replay => mark_style(scene),
            role => scene.style(role),
        };
        pen.put(column + at, row, mark, style);
    }
    for (at_ms, buys) in &*playing.trades {
        let at = cell(playing, *at_ms, cells);
        if at < cells && at != here {
            let (mark, role) = if *buys {
                ("▲", Role::Bid)
            } else {
                ("▼", Role::Ask)
            };
            pen.put(column + at, row, mark, scene.style(role));
        }
    }
    column += cells;
    pen.pieces(column, row, &after);
}

fn mark_style(scene: &Scene<'_>) -> Style {
    let badge = scene.style(Role::Replay);
    match badge.bg {
        Some(colour) => Style::new().fg(colour).add_modifier(Modifier::BOLD),
        None => scene.style(Role::Bright).add_modifier(Modifier::BOLD),
    }
}

/// Where a moment lies on a line of so many cells.
fn cell(playing: &Playing, at_ms: i64, cells: u16) -> u16 {
    let length = playing.to_ms.saturating_sub(playing.from_ms).max(1);
    let since = at_ms.saturating_sub(playing.from_ms).clamp(0, length);
    let last = i64::from(cells.saturating_sub(1));
    u16::try_from(since.saturating_mul(last) / length).unwrap_or(0)
}

/// The keys that steer, as many as fit.
fn keys(scene: &Scene<'_>, playing: &Playing, room: usize) -> Vec<Piece> {
    let pause = if playing.live.is_some() {
        "F5"
    } else {
        "Space"
    };
    let mut rows = vec![
        (pause, "pause"),
        ("←→", "1 s"),
        ("Shift-←→", "10 s"),
        ("Ctrl-←→", "60 s"),
        ("Home End", "own trades"),
        ("F7 F8", "speed"),
        ("F6", "step"),
        (":play at 12:03:20", ""),
    ];
    if playing.live.is_some() {
        rows.insert(0, ("Esc", "back to live"));
    }
    let mut out: Vec<Piece> = Vec::new();
    for (key, words) in rows {
        let piece = [
            (format!("{key} "), scene.style(Role::Key)),
            (format!("{words}  "), scene.style(Role::Dim)),
        ];
        if pen::width(&out) + pen::width(&piece) <= room + 2 {
            out.extend(piece);
        }
    }
    out
}

/// ` LIVE ACCOUNT  BTCUSDT LONG 0.050 +3.21  2 orders  NO STOP   Space cancels, 0 closes, panic works`
fn live_line(scene: &Scene<'_>, live: &LiveAccount, room: usize) -> Vec<Piece> {
    let arm = match live.arm {
        ArmState::Armed => "ARMED",
        ArmState::ExitsOnly => "EXITS ONLY",
        ArmState::Locked => "LOCKED",
    };
    let wrong = live.ladders.iter().any(|ladder| !ladder.trouble.is_empty());
    let head = if wrong { Role::Alarm } else { Role::Bright };
    let mut out = vec![
        (
            " LIVE ACCOUNT ".to_owned(),
            scene.style(head).add_modifier(Modifier::BOLD),
        ),
        (format!(" {arm} "), scene.style(Role::Dim)),
    ];
    if live.ladders.is_empty() && live.elsewhere.is_empty() {
        out.push((" flat, no orders ".to_owned(), scene.style(Role::Text)));
    }
    for ladder in &live.ladders {
        out.extend(live_ladder(scene, ladder));
    }
    for words in &live.elsewhere {
        out.push((
            format!(" {} ", sanitise(words, 40)),
            scene.style(Role::Warn),
        ));
    }
    let words = "  cancel, close, panic and lock act on it";
    if pen::width(&out) + words.len() <= room {
        out.push((words.to_owned(), scene.style(Role::Dim)));
    }
    out
}

fn live_ladder(scene: &Scene<'_>, ladder: &LiveLadder) -> Vec<Piece> {
    let mut out = vec![(
        format!(" {}", sanitise(&ladder.symbol, 20)),
        scene.style(Role::Bright),
    )];
    let held = match ladder.sign {
        1.. => format!(" LONG {}", ladder.size),
        ..0 => format!(" SHORT {}", ladder.size),
        0 => String::new(),
    };
    out.push((held, scene.style(Role::Mine)));
    if let Some(open) = ladder.open {
        let role = money_role(open);
        out.push((format!(" {}", format::signed(open, 2)), scene.style(role)));
    }
    match ladder.orders {
        0 => {}
        1 => out.push((" 1 order".to_owned(), scene.style(Role::Mine))),
        more => out.push((format!(" {more} orders"), scene.style(Role::Mine))),
    }
    if !ladder.trouble.is_empty() {
        out.push((" ".to_owned(), scene.style(Role::Bar)));
        let words = format!(" {} ", ladder.trouble);
        out.push((words, scene.style(Role::Alarm)));
    }
    out.push((" ".to_owned(), scene.style(Role::Bar)));
    out
}

const fn money_role(value: Decimal) -> Role {
    if value.is_sign_negative() {
        Role::Loss
    } else {
        Role::Profit
    }
}

/// The screen less its foot, and the foot: the card of a trip has it.
pub fn parts(snapshot: &Snapshot, screen: Rect) -> (Rect, Rect) {
    let rows = card_rows(snapshot.playing.as_deref(), screen.width, screen.height);
    let above = Rect {
        height: screen.height.saturating_sub(rows),
        ..screen
    };
    let foot = Rect {
        y: above.bottom(),
        height: screen.height - above.height,
        ..screen
    };
    (above, foot)
}

/// Draws the card of a trip into the foot of the screen.
pub fn draw_card(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let playing = scene.snapshot.playing.as_ref();
    let Some(card) = playing.and_then(|playing| playing.card.as_ref()) else {
        return;
    };
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Text));
    let wide = pen.width() >= WIDE;
    let mut row = turn(scene, "entry", Some(&card.entry), 0, wide, &mut pen);
    row = turn(scene, "exit", card.exit.as_ref(), row, wide, &mut pen);
    let column = pen.pieces(1, row, &result(scene, card));
    let (column, row) = if wide { (column, row) } else { (5, row + 1) };
    pen.pieces(column, row, &extremes(scene, card));
}

/// One order of the trip: what was promised beside what came of it; the row after it.
fn turn(
    scene: &Scene<'_>,
    head: &str,
    turn: Option<&TurnCard>,
    row: u16,
    wide: bool,
    pen: &mut Pen<'_>,
) -> u16 {
    let end = row + if wide { 1 } else { 2 };
    let column = pen.put(1, row, &format::left(head, 6), scene.style(Role::Heading));
    let Some(turn) = turn else {
        pen.put(column, row, "none yet", scene.style(Role::Faint));
        return end;
    };
    let (dim, text) = (scene.style(Role::Dim), scene.style(Role::Bright));
    let time = format::time_of_day(turn.at_ms, scene.view.utc_offset_s);
    let action = if turn.action.is_empty() {
        "no key"
    } else {
        &turn.action
    };
    let action = format::left(&sanitise(action, 16), 16);
    let column = pen.pieces(
        column,
        row,
        &[
            (format!("{time} "), dim),
            (action, scene.style(Role::Mine)),
            (" ".to_owned(), dim),
        ],
    );
    let mut promised = vec![("promised ".to_owned(), dim)];
    match &turn.promised {
        Some(part) => promised.extend(part_pieces(scene, turn.side, part)),
        None => promised.push(("nothing".to_owned(), scene.style(Role::Faint))),
    }
    let column_after = pen.pieces(column, row, &promised);
    let (column, row) = if wide {
        (column_after + 2, row)
    } else {
        (3, row + 1)
    };
    let mut got = vec![("got ".to_owned(), dim)];
    got.extend(part_pieces(scene, turn.side, &turn.got));
    got.push((
        if turn.is_maker { " maker" } else { " taker" }.to_owned(),
        dim,
    ));
    got.extend(slip(scene, turn.slipped_ticks));
    let ms = |us: Option<u64>| us.map_or_else(|| "-".to_owned(), format::micros_as_ms);
    got.push(("  ack ".to_owned(), dim));
    got.push((ms(turn.acked_us), text));
    got.push((" fill ".to_owned(), dim));
    got.push((format!("{} ms", ms(turn.filled_us)), text));
    pen.pieces(column, row, &got);
    end
}

/// `BUY 0.050 @ 61 240.6 fee 1.53`
fn part_pieces(scene: &Scene<'_>, side: &str, part: &PartCard) -> Vec<Piece> {
    let (dim, text) = (scene.style(Role::Dim), scene.style(Role::Bright));
    let fee = part
        .fee
        .map_or_else(|| "?".to_owned(), |fee| format::fixed(fee, places(fee)));
    vec![
        (format!("{side} "), dim),
        (part.qty.clone(), text),
        (" @ ".to_owned(), dim),
        (part.average.clone(), text),
        (" fee ".to_owned(), dim),
        (fee, text),
    ]
}

/// How far the average lies from the promised one, in words and a sign.
fn slip(scene: &Scene<'_>, ticks: Option<i64>) -> Vec<Piece> {
    let (words, role) = match ticks {
        None => return Vec::new(),
        Some(0) => ("  as promised".to_owned(), Role::Text),
        Some(worse @ 1..) => (format!("  {worse}t worse"), Role::Loss),
        Some(better) => (format!("  {}t better", better.unsigned_abs()), Role::Profit),
    };
    vec![(words, scene.style(role))]
}

/// Small money has more digits, so that it is not nothing.
fn places(value: Decimal) -> u32 {
    if value.abs() < Decimal::ONE { 4 } else { 2 }
}

/// `trip  LONG 0.050 BTCUSDT  31.1 s  gross +6.31  fees 3.06  net +3.25 USDT`
fn result(scene: &Scene<'_>, card: &TripCard) -> Vec<Piece> {
    let dim = scene.style(Role::Dim);
    let net = card.gross.saturating_sub(card.fees);
    let mut out = vec![
        ("trip  ".to_owned(), scene.style(Role::Heading)),
        (sanitise(&card.what, 48), scene.style(Role::Bright)),
        (format!("  {}  ", format::seconds(card.held_ms)), dim),
    ];
    if card.is_open {
        out.push(("still open  ".to_owned(), scene.style(Role::Warn)));
    }
    out.push(("gross ".to_owned(), dim));
    out.push(money(scene, card.gross));
    let fees = format::fixed(card.fees, places(card.fees));
    out.push((format!("  fees {fees}  net "), dim));
    out.push(money(scene, net));
    out.push((format!(" {}", sanitise(&card.currency, 12)), dim));
    out
}

/// `  worst -2.10  best +8.40`
fn extremes(scene: &Scene<'_>, card: &TripCard) -> Vec<Piece> {
    let Some((worst, best)) = card.extremes else {
        return Vec::new();
    };
    let dim = scene.style(Role::Dim);
    vec![
        ("  worst ".to_owned(), dim),
        money(scene, worst),
        ("  best ".to_owned(), dim),
        money(scene, best),
    ]
}

fn money(scene: &Scene<'_>, value: Decimal) -> Piece {
    let words = format::signed(value, places(value));
    (words, scene.style(money_role(value)))
}
