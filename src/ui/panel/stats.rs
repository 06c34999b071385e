//! Round trips of the session and of all sessions: what they come to, the equity curve, the hours, and the latest one by one. As a list
//! over the ladder and, narrower, as a panel.
//!
//! While a position is open no rate of winners is shown: it does not help the one that runs.

mod figures;
mod pictures;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::Scene;
use super::position::result_role;
use crate::domain::{Asset, Side};
use crate::engine::diary::Sheet;
use crate::engine::diary::tally::Tally;
use crate::engine::diary::trip::Trip;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{List, Mode};

/// Columns of a figure's name and of each figure.
const NAME: u16 = 18;
const FIGURE: u16 = 16;
/// From this width on the pictures stand beside the figures, else under them.
const WIDE: u16 = 100;
/// Rows of the equity curve.
const CURVE: u16 = 5;
/// What stands where there is nothing to say.
const NONE: &str = "–";

/// Draws the list between the status line and the bottom line.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let Mode::List(List::Stats, scroll) = scene.view.mode else {
        return;
    };
    let asset = currency(scene);
    let end = pen.put(2, 0, "round trips", scene.style(Role::Heading));
    let of = asset.map_or_else(String::new, |asset| asset.to_string());
    let end = pen.put(end + 2, 0, &of, scene.style(Role::Text));
    let account = crate::domain::text::sanitise(&scene.snapshot.account, 24);
    pen.put(end + 2, 0, &account, scene.style(Role::Dim));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &format!("{close} closes"), scene.style(Role::Dim));
    if area.height < 4 || area.width < 40 {
        return;
    }
    let wide = area.width >= WIDE;
    let figures = Rect {
        x: area.x + 2,
        y: area.y + 2,
        width: (NAME + 2 * FIGURE).min(area.width - 4),
        height: area.height - 2,
    };
    // On a small screen the latest trips are worth more than the rarer figures.
    let used = figures::draw(scene, asset, area.height >= 30, figures, buffer);
    let below = area.y + 3 + used;
    let (pictures, trips) = if wide {
        let x = figures.right() + 4;
        let width = area.right().saturating_sub(x + 2);
        let height = used.max(CURVE + 6);
        (
            Rect {
                x,
                y: figures.y,
                width,
                height,
            },
            below.max(figures.y + height + 1),
        )
    } else {
        (Rect::default(), below)
    };
    pictures::draw(scene, asset, pictures, buffer);
    let list = Rect {
        x: area.x + 2,
        y: trips,
        width: area.width - 4,
        height: area.bottom().saturating_sub(trips),
    };
    trips_of(scene, usize::from(scroll), list, buffer);
}

/// Draws the panel of a layout.
pub fn draw_panel(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let asset = currency(scene);
    let mut pen = Pen::new(buffer, area);
    let end = pen.put(0, 0, "round trips", scene.style(Role::Heading));
    let of = asset.map_or_else(String::new, |asset| asset.to_string());
    pen.put(end + 1, 0, &of, scene.style(Role::Dim));
    let rest = |taken: u16| Rect {
        y: area.y + taken.min(area.height),
        height: area.height.saturating_sub(taken),
        ..area
    };
    let used = 1 + figures::draw(scene, asset, false, rest(1), buffer);
    let used = if area.height > used + CURVE + 4 {
        let height = CURVE + 1;
        pictures::draw(
            scene,
            asset,
            Rect {
                height,
                ..rest(used)
            },
            buffer,
        );
        used + height
    } else {
        used
    };
    trips_of(scene, 0, rest(used), buffer);
}

/// The currency of the ladder's market; before that is known, one that has trips.
fn currency(scene: &Scene<'_>) -> Option<Asset> {
    let diary = &scene.snapshot.diary;
    let known = scene.instrument().map(|instrument| instrument.settle);
    known.or_else(|| diary.session.keys().next().copied())
}

fn tally(sheet: &Sheet, asset: Option<Asset>) -> Option<&Tally> {
    sheet.get(&asset?)
}

fn is_flat(scene: &Scene<'_>) -> bool {
    let position = &scene.market().position;
    position.size.is_zero() || position.dust
}

/// The latest trips, newest first, under the one that is open.
fn trips_of(scene: &Scene<'_>, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let diary = &scene.snapshot.diary;
    let mut pen = Pen::new(buffer, area);
    if pen.height() == 0 {
        return;
    }
    pen.put(0, 0, "latest", scene.style(Role::Dim));
    let (tag, note) = &diary.open;
    let words = format!("{tag} {note}");
    if !is_flat(scene) {
        let room = usize::from(pen.width().saturating_sub(14));
        let words = format::cut(crate::domain::text::sanitise(&words, 200).trim(), room);
        let end = pen.put(9, 0, "open:", scene.style(Role::Dim));
        let words = if words.is_empty() {
            "no tag yet"
        } else {
            &words
        };
        pen.put(end + 1, 0, words, scene.style(Role::Mine));
    }
    if diary.latest.is_empty() {
        pen.put(
            0,
            1,
            "no round trip in this session yet",
            scene.style(Role::Faint),
        );
        return;
    }
    let room = usize::from(pen.height().saturating_sub(1));
    let scroll = scroll.min(diary.latest.len().saturating_sub(room));
    for (row, trip) in (1..pen.height()).zip(diary.latest.iter().skip(scroll)) {
        line(scene, trip, row, &mut pen);
    }
}

fn line(scene: &Scene<'_>, trip: &Trip, row: u16, pen: &mut Pen<'_>) {
    let dim = scene.style(Role::Dim);
    let time = format::time_of_day(trip.closed_ms, scene.view.utc_offset_s);
    pen.put(0, row, &time, dim);
    let (word, role) = match trip.side {
        Side::Buy => ("LONG", Role::Bid),
        Side::Sell => ("SHORT", Role::Ask),
    };
    pen.put(9, row, word, scene.style(role));
    let money = figures::Money::of(scene, Some(trip.settle));
    let (net, role) = money.signed(trip.net());
    let ticks = gained_ticks(trip);
    let narrow = pen.width() < 60;
    let symbol_end = if narrow {
        14
    } else {
        let symbol = format::cut(trip.key.symbol.as_str(), 14);
        pen.put(15, row, &symbol, scene.style(Role::Text));
        let size = format::size(trip.size, 0);
        pen.put_right(39, row, &size, scene.style(Role::Text));
        39
    };
    let net_end = symbol_end + 12;
    pen.put_right(net_end, row, &net, scene.style(role));
    let ticks_end = net_end + 9;
    pen.put_right(
        ticks_end,
        row,
        &format::ticks(ticks),
        scene.style(result_role(ticks.into())),
    );
    if narrow {
        words(trip, scene, ticks_end + 1, row, pen);
        return;
    }
    let held = format::span(trip.held_ms());
    pen.put_right(ticks_end + 8, row, &held, dim);
    if pen.width() < WIDE {
        words(trip, scene, ticks_end + 10, row, pen);
        return;
    }
    let how = format!(
        "{} to {}",
        named(&trip.opened_by.name),
        named(&trip.closed_by)
    );
    pen.put(ticks_end + 10, row, &format::cut(&how, 24), dim);
    words(trip, scene, ticks_end + 36, row, pen);
}

fn named(name: &str) -> &str {
    if name.is_empty() { NONE } else { name }
}

/// The trader's own words.
fn words(trip: &Trip, scene: &Scene<'_>, column: u16, row: u16, pen: &mut Pen<'_>) {
    let room = usize::from(pen.width().saturating_sub(column));
    let tag = format::cut(&trip.tag, room);
    let end = pen.put(column, row, &tag, scene.style(Role::Mine));
    let room = usize::from(pen.width().saturating_sub(end + 1));
    if room > 3 && !trip.note.is_empty() {
        let start = if tag.is_empty() { column } else { end + 1 };
        pen.put(
            start,
            row,
            &format::cut(&trip.note, room),
            scene.style(Role::Text),
        );
    }
}

/// From average to average, before fees.
fn gained_ticks(trip: &Trip) -> i64 {
    let moved = trip.exit.saturating_sub(trip.entry);
    let ticks = moved.checked_div(trip.tick).unwrap_or_default();
    let sign = Decimal::from(trip.side.sign());
    ticks
        .saturating_mul(sign)
        .round()
        .to_i64()
        .unwrap_or_default()
}
