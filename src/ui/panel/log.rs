//! The log overlay: what each key did, newest first, and how long after the key it was sent, acknowledged and filled.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::{LogEnd, LogRow};
use crate::ui::theme::Role;
use crate::ui::view::Mode;

/// From this width on the market and the name of the action have columns.
const WIDE: u16 = 110;
/// Columns of `14:03:05.123`, of a key, of an action's name, of a market, of a time.
const TIME: u16 = 13;
const KEY: u16 = 7;
const NAME: u16 = 18;
const SYMBOL: u16 = 13;
const TOOK: u16 = 8;
/// Columns of the fills' time; where there is room, of the first and the last.
const FILLED: u16 = 12;
const FILLS: u16 = 18;

/// Draws the overlay between the status line and the bottom line: status and position stay in sight.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let Mode::List(_, scroll) = scene.view.mode else {
        return;
    };
    let rows = &scene.snapshot.log;
    let room = usize::from(pen.height().saturating_sub(3));
    let scroll = usize::from(scroll).min(rows.len().saturating_sub(room));
    pen.put(2, 0, "what each key did", scene.style(Role::Heading));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let words = if rows.len() > room {
        let last = scroll + room.min(rows.len());
        format!(
            "{last} of {} keys, arrows scroll, {close} closes",
            rows.len()
        )
    } else {
        format!("{close} closes")
    };
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &words, scene.style(Role::Dim));
    if rows.is_empty() {
        pen.put(2, 2, "no key did anything yet", scene.style(Role::Faint));
        return;
    }
    headings(scene, &mut pen);
    for (at, row) in rows.iter().skip(scroll).take(room).enumerate() {
        line(
            scene,
            row,
            u16::try_from(at + 3).unwrap_or(u16::MAX),
            &mut pen,
        );
    }
}

fn headings(scene: &Scene<'_>, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    pen.put(2, 2, "time", dim);
    pen.put(2 + TIME, 2, "key", dim);
    let what = what_column(pen.width());
    if pen.width() >= WIDE {
        pen.put(2 + TIME + KEY, 2, "action", dim);
        pen.put(2 + TIME + KEY + NAME, 2, "market", dim);
    }
    pen.put(what, 2, "what it came to", dim);
    let right = pen.width().saturating_sub(2);
    let acked = acked_column(pen.width());
    pen.put_right(acked.saturating_sub(TOOK), 2, "sent", dim);
    pen.put_right(acked, 2, "ack", dim);
    pen.put_right(right, 2, "filled", dim);
}

/// Where the times to the acknowledgement end.
const fn acked_column(width: u16) -> u16 {
    let filled = if width >= WIDE { FILLS } else { FILLED };
    width.saturating_sub(2 + filled)
}

const fn what_column(width: u16) -> u16 {
    if width >= WIDE {
        2 + TIME + KEY + NAME + SYMBOL
    } else {
        2 + TIME + KEY
    }
}

fn line(scene: &Scene<'_>, row: &LogRow, y: u16, pen: &mut Pen<'_>) {
    let (dim, text) = (scene.style(Role::Dim), scene.style(Role::Text));
    let time = format::time_of_day(row.at_ms, scene.view.utc_offset_s);
    let time = format!("{time}.{:03}", row.at_ms.rem_euclid(1_000));
    pen.put(2, y, &time, dim);
    let wide = pen.width() >= WIDE;
    let key = scene.help.key(row.action).unwrap_or("");
    let key = format::cut(key, usize::from(KEY - 1));
    pen.put(2 + TIME, y, &key, scene.style(Role::Key));
    if wide {
        pen.put(2 + TIME + KEY, y, row.action, text);
        let symbol = format::cut(row.symbol.as_str(), usize::from(SYMBOL - 1));
        pen.put(2 + TIME + KEY + NAME, y, &symbol, dim);
    }
    let what = what_column(pen.width());
    let right = pen.width().saturating_sub(2);
    let acked = acked_column(pen.width());
    let times = acked.saturating_sub(2 * TOOK);
    // A refusal has no times: its sentence may take their place.
    let end = if row.written_us.is_some() || row.acked_us.is_some() {
        times
    } else {
        right
    };
    let (words, role) = words(row, wide);
    let words = format::cut(&words, usize::from(end.saturating_sub(what)));
    pen.put(what, y, &words, scene.style(role));
    for (column, took) in [
        (acked.saturating_sub(TOOK), row.written_us),
        (acked, row.acked_us),
    ] {
        if let Some(us) = took {
            pen.put_right(column, y, &span(us), text);
        }
    }
    let (filled, role) = match (row.filled_us, &row.end) {
        (None, LogEnd::Nothing) => ("nothing".to_owned(), Role::Dim),
        (None, _) => return,
        (Some((_, last)), LogEnd::Part) => (format!("part {}", span(last)), Role::Warn),
        (Some((first, last)), _) if wide && first != last => {
            (format!("{} to {}", span(first), span(last)), Role::Mine)
        }
        (Some((_, last)), _) => (span(last), Role::Mine),
    };
    pen.put_right(right, y, &filled, scene.style(role));
}

fn words(row: &LogRow, wide: bool) -> (String, Role) {
    let said = if row.words.is_empty() && !wide {
        row.action
    } else {
        &row.words
    };
    let said = crate::domain::text::sanitise(said, 160);
    match &row.end {
        LogEnd::Unknown => (format!("UNKNOWN {said}"), Role::Alarm),
        LogEnd::Refused(why) => {
            let why = crate::domain::text::sanitise(why, 120);
            (format!("{said}: {why}"), Role::Warn)
        }
        LogEnd::Open | LogEnd::Nothing | LogEnd::Part => (said, Role::Text),
    }
}

/// `0.2ms`, `34ms`, `3.2s`.
fn span(us: u64) -> String {
    if us < 10_000 {
        format!("{}ms", format::micros_as_ms(us))
    } else {
        format::span(us / 1_000)
    }
}
