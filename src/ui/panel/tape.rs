//! Public trades, newest first: mark of the aggressor, size, price; the time only where the minute changes. Under them the pace.
//!
//! A row is what one side traded within the window of `[tape] merge_ms`. Its mark says more than the colour: `▲▲` a large one, `▲»7`
//! a sweep through seven prices, `▲ x3` three prints.

pub mod pace;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::domain::{Instrument, Qty, Side};
use crate::market::tape::{Filtered, Merged, TapeView, Weight};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// From this height on the pace stands under the prints.
const WITH_PACE: u16 = 14;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let foot = if area.height < WITH_PACE {
        0
    } else {
        pace::ROWS
    };
    let rows = Rect {
        height: area.height - foot,
        ..area
    };
    let mut pen = Pen::new(buffer, rows);
    pen.put(1, 0, "tape", scene.style(Role::Heading));
    let market = scene.market();
    match (scene.instrument(), market.tape.as_deref()) {
        (Some(instrument), Some(tape)) if !tape.rows.is_empty() => {
            filter(scene, instrument, tape, &mut pen);
            list(scene, instrument, tape, &mut pen);
        }
        _ => {
            pen.put(1, 1, "no trades yet", scene.style(Role::Faint));
        }
    }
    if foot > 0 {
        let below = Rect {
            y: rows.bottom(),
            height: foot,
            ..area
        };
        pace::draw(scene, &mut Pen::new(buffer, below));
    }
}

/// What is done with small prints, beside the panel's word.
fn filter(scene: &Scene<'_>, instrument: &Instrument, tape: &TapeView, pen: &mut Pen<'_>) {
    let word = match (scene.view.filtered(tape), tape.from) {
        (Filtered::Show, _) | (_, None) => return,
        (Filtered::Dim, Some(_)) => "dim under",
        (Filtered::Hide, Some(_)) => "from",
    };
    let from = format::qty(instrument, Qty(tape.from.unwrap_or(0)));
    let text = format!("{word} {from}");
    if format::cells(&text) + 6 <= usize::from(pen.width()) {
        pen.put_right(pen.width(), 0, &text, scene.style(Role::Faint));
    }
}

fn list(scene: &Scene<'_>, instrument: &Instrument, tape: &TapeView, pen: &mut Pen<'_>) {
    let filtered = scene.view.filtered(tape);
    let is_shown = |row: &&Merged| filtered != Filtered::Hide || tape.weight(row) != Weight::Small;
    let mut at = 1;
    let mut minute = tape.rows.first().map(minute_of);
    for row in tape.rows.iter().filter(is_shown) {
        if at >= pen.height() {
            return;
        }
        if minute != Some(minute_of(row)) {
            minute = Some(minute_of(row));
            let time = format::time_of_day(row.venue_ms, scene.view.utc_offset_s);
            let time = time.get(..5).unwrap_or("");
            pen.put_right(pen.width(), at, time, scene.style(Role::Faint));
            at += 1;
        }
        one(scene, instrument, tape, row, at, pen);
        at += 1;
    }
}

fn one(
    scene: &Scene<'_>,
    instrument: &Instrument,
    tape: &TapeView,
    row: &Merged,
    at: u16,
    pen: &mut Pen<'_>,
) {
    let weight = match scene.view.filtered(tape) {
        Filtered::Show => tape.weight(row).max(Weight::Usual),
        _ => tape.weight(row),
    };
    let own = match row.side {
        Side::Buy => Role::Bid,
        Side::Sell => Role::Ask,
    };
    let (mark, size, price) = match weight {
        Weight::Small => (Role::Faint, Role::Faint, Role::Faint),
        Weight::Usual => (own, own, Role::Dim),
        Weight::Large => (own, Role::Large, Role::Text),
    };
    let end = pen.width();
    pen.put_right(
        end,
        at,
        &format::price(instrument, row.price),
        scene.style(price),
    );
    let sizes = end.saturating_sub(scene.view.widths().price.max(7) + 1);
    let first = pen.put_right(
        sizes.max(3),
        at,
        &format::qty(instrument, row.qty),
        scene.style(size),
    );
    let arrow = arrow(row.side);
    let after = pen.put(1, at, arrow, scene.style(mark));
    let room = usize::from(first.saturating_sub(after));
    if tape.is_sweep(row) && room > 1 {
        let long = format!("»{}", row.prices);
        let text = if long.chars().count() < room {
            &long
        } else {
            "»"
        };
        pen.put(after, at, text, scene.style(Role::Large));
    } else if weight == Weight::Large && room > 1 {
        pen.put(after, at, arrow, scene.style(mark));
    } else if row.prints > 1 {
        let text = format!("x{}", row.prints);
        if text.len() + 1 < room {
            pen.put(after + 1, at, &text, scene.style(Role::Faint));
        }
    }
}

/// The mark of an aggressor.
pub const fn arrow(side: Side) -> &'static str {
    match side {
        Side::Buy => "▲",
        Side::Sell => "▼",
    }
}

const fn minute_of(row: &Merged) -> i64 {
    row.venue_ms.div_euclid(60_000)
}

#[cfg(test)]
mod tests;
