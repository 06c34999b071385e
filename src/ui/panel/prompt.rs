//! The open text field or question, over the last line of the ladder's room; the ladder stays in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::ui::format;
use crate::ui::pen::{Pen, Piece};
use crate::ui::theme::Role;
use crate::ui::view::{Field, Mode, search};

/// Most matches that the search lists.
const LISTED: usize = 8;

/// Draws what is open.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let row = area.bottom().saturating_sub(1);
    let line = Rect {
        y: row,
        height: 1,
        ..area
    };
    match &scene.view.mode {
        Mode::Search(field, chosen) => {
            matches(scene, field, *chosen, area, buffer);
            typed(
                scene,
                "find ",
                field,
                "Enter opens, Esc closes",
                line,
                buffer,
            );
        }
        Mode::CommandLine(field) => {
            told(scene, area, buffer);
            typed(scene, ":", field, "Enter does it, Esc closes", line, buffer);
        }
        Mode::EditVolume(field) => {
            told(scene, area, buffer);
            let title = format!("volume {} is ", scene.market().volume);
            typed(
                scene,
                &title,
                field,
                "Enter sets it, Esc closes",
                line,
                buffer,
            );
        }
        Mode::Tag(field, known) => {
            tags(scene, known, area, buffer);
            typed(
                scene,
                "tag ",
                field,
                "Enter sets it, Esc closes",
                line,
                buffer,
            );
        }
        Mode::ConfirmQuit => question(scene, line, buffer),
        Mode::Ladder | Mode::List(..) | Mode::Form(_) => {}
    }
}

fn typed(
    scene: &Scene<'_>,
    title: &str,
    field: &Field,
    keys: &str,
    line: Rect,
    buffer: &mut Buffer,
) {
    let mut pen = Pen::new(buffer, line);
    pen.fill(scene.style(Role::Overlay));
    let text = crate::domain::text::sanitise(field.text(), 120);
    let at = pen.put(1, 0, title, scene.style(Role::Dim));
    // The end of a long text is what is being typed.
    let room = usize::from(pen.width().saturating_sub(at + 2));
    let mut shown: &str = &text;
    while format::cells(shown) > room {
        let mut chars = shown.chars();
        chars.next();
        shown = chars.as_str();
    }
    let at = pen.put(at, 0, shown, scene.style(Role::Bright));
    pen.put(at, 0, "▏", scene.style(Role::Mine));
    let start = pen.width().saturating_sub(format::cells(keys) as u16 + 1);
    if start > at + 3 {
        pen.put(start, 0, keys, scene.style(Role::Dim));
    }
}

/// What the line takes, would do or lacks, above it: in two rows where one is too narrow, cut where both are.
fn told(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let told = &scene.snapshot.told;
    if told.words.is_empty() || area.height < 3 {
        return;
    }
    let words = crate::domain::text::sanitise(&told.words, 300);
    let room = usize::from(area.width.saturating_sub(2));
    let first = format::words_within(&words, room);
    let second = words[first.len()..].trim_start();
    let height = 1 + u16::from(!second.is_empty());
    let y = area.bottom().saturating_sub(1 + height);
    let mut pen = Pen::new(buffer, Rect { y, height, ..area });
    pen.fill(scene.style(Role::Overlay));
    let style = scene.style(if told.is_wrong { Role::Warn } else { Role::Dim });
    pen.put(1, 0, first, style);
    pen.put(1, 1, &format::cut(second, room), style);
}

/// The tags that a number chooses, above the line.
fn tags(scene: &Scene<'_>, tags: &[String], area: Rect, buffer: &mut Buffer) {
    if tags.is_empty() || area.height < 3 {
        return;
    }
    let y = area.bottom().saturating_sub(2);
    let row = Rect {
        y,
        height: 1,
        ..area
    };
    let mut pen = Pen::new(buffer, row);
    pen.fill(scene.style(Role::Overlay));
    let mut at = 1;
    for (number, tag) in (1..).zip(tags) {
        let tag = crate::domain::text::sanitise(tag, 24);
        let end = usize::from(at) + format::cells(&tag) + 3;
        if end > usize::from(pen.width()) {
            return;
        }
        let number: i32 = number;
        at = pen.put(at, 0, &number.to_string(), scene.style(Role::Key));
        at = pen.put(at + 1, 0, &tag, scene.style(Role::Text)) + 3;
    }
}

fn matches(scene: &Scene<'_>, field: &Field, chosen: usize, area: Rect, buffer: &mut Buffer) {
    let found = search::matches(scene.snapshot, field.text());
    let chosen = chosen.min(found.len().saturating_sub(1));
    let first = chosen.saturating_sub(LISTED - 1);
    let shown = found.len().saturating_sub(first).min(LISTED);
    let height = u16::try_from(shown.max(1))
        .unwrap_or(1)
        .min(area.height.saturating_sub(2));
    let y = area.bottom().saturating_sub(height + 1);
    let mut pen = Pen::new(buffer, Rect { y, height, ..area });
    pen.fill(scene.style(Role::Overlay));
    if found.is_empty() {
        pen.put(1, 0, "no such symbol", scene.style(Role::Dim));
    }
    for (row, (at, symbol)) in (0..height).zip(found.iter().enumerate().skip(first)) {
        let (mark, role) = if at == chosen {
            ("› ", Role::Bright)
        } else {
            ("  ", Role::Text)
        };
        let symbol = crate::domain::text::sanitise(symbol, 60);
        pen.pieces(
            1,
            row,
            &[
                (mark.to_owned(), scene.style(Role::Mine)),
                (symbol, scene.style(role)),
            ],
        );
    }
    let total = format!(
        "{} of {} symbols",
        found.len(),
        search::total(scene.snapshot)
    );
    pen.put_right(
        pen.width().saturating_sub(1),
        0,
        &total,
        scene.style(Role::Dim),
    );
}

fn question(scene: &Scene<'_>, line: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, line);
    pen.fill(scene.style(Role::Overlay));
    let orders = scene
        .market()
        .orders
        .iter()
        .filter(|order| !order.status.is_final())
        .count();
    let mut pieces: Vec<Piece> = vec![("Quit?  ".into(), scene.style(Role::Bright))];
    let held: String = super::position::headline(scene)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    let left = match orders {
        0 => held,
        1 => format!("{held}, 1 order"),
        n => format!("{held}, {n} orders"),
    };
    pieces.push((left, scene.style(Role::Warn)));
    pieces.push(("   y".into(), scene.style(Role::Key)));
    pieces.push((" quits   ".into(), scene.style(Role::Text)));
    pieces.push(("Esc".into(), scene.style(Role::Key)));
    pieces.push((" stays".into(), scene.style(Role::Text)));
    let column = pen.pieces(1, 0, &pieces);
    let elsewhere = &scene.snapshot.left_open;
    if !elsewhere.is_empty() {
        let words = format!(" {} elsewhere: {} ", elsewhere.len(), elsewhere.join(", "));
        let room = usize::from(pen.width().saturating_sub(column + 4));
        let words = format::cut(&crate::domain::text::sanitise(&words, 200), room);
        pen.put(column + 3, 0, &words, scene.style(Role::Alarm));
    }
}
