//! A started sequence: what may follow its keys, over the bottom lines until it is finished, dropped or timed out.
//!
//! The position stays in sight: where its line lies under the list, it is drawn over it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Scene, position};
use crate::ui::format;
use crate::ui::help::{self, HelpRow, Started};
use crate::ui::layout::Plan;
use crate::ui::pen::{Pen, Piece};
use crate::ui::theme::Role;

/// Narrowest column of the list, cells: words that are longer are cut where whole ones would take more rows than there are.
const COLUMN: u16 = 38;

/// Draws the list over the last rows of the screen.
pub fn draw(scene: &Scene<'_>, started: &Started, plan: &Plan, area: Rect, buffer: &mut Buffer) {
    let next = help::folded(&started.next);
    let warning = warning(started, usize::from(area.width.saturating_sub(2)));
    let warned = warning.len() as u16;
    let usual = plan.area("bottom").height.saturating_sub(warned);
    let count = u16::try_from(next.len() + 1).unwrap_or(u16::MAX);
    let columns = columns(&next, &started.keys, count, usual, area.width);
    let rows = count
        .div_ceil(columns)
        .max(usual)
        .min((area.height / 2).saturating_sub(warned).max(1));
    let over = plan.area("position-line");
    let height = rows + warned;
    let list = Rect {
        y: area.bottom().saturating_sub(height),
        height,
        ..area
    };
    if over.height > 0 && over.y >= list.y {
        let line = Rect {
            y: list.y.saturating_sub(1),
            height: 1,
            ..area
        };
        Pen::new(buffer, line).fill(scene.style(Role::Text));
        position::draw_line(scene, line, buffer);
    }
    let mut pen = Pen::new(buffer, list);
    pen.fill(scene.style(Role::Overlay));
    for (row, words) in warning.iter().enumerate() {
        pen.put(1, row as u16, words, scene.style(Role::Warn));
    }
    let wide = pen.width() / columns;
    let room = usize::from(rows) * usize::from(columns);
    for (at, cell) in cells(scene, &started.keys, &next, room).iter().enumerate() {
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        let (column, row) = (at / rows, warned + at % rows);
        pen.pieces(
            column * wide + 1,
            row,
            &fitted(cell, wide.saturating_sub(1)),
        );
    }
}

/// What to know before going on, whole: over two rows where it needs them.
fn warning(started: &Started, width: usize) -> Vec<String> {
    let words = crate::domain::text::sanitise(&started.warning, 240);
    let first = format::words_within(&words, width);
    let rest = words[first.len()..].trim_start();
    [first.to_owned(), format::cut(rest, width)]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect()
}

/// As many columns as leave every word whole, if that takes few more than the usual rows; else narrower ones.
fn columns(next: &[HelpRow], keys: &str, count: u16, usual: u16, width: u16) -> u16 {
    let cell = |row: &HelpRow| format::cells(&row.keys) + format::cells(&row.words);
    let longest = next.iter().map(cell).max().unwrap_or(0);
    let longest = u16::try_from(longest + format::cells(keys) + 4).unwrap_or(u16::MAX);
    let whole = (width / longest.max(1)).max(1);
    if count.div_ceil(whole) <= usual.saturating_add(2) {
        whole
    } else {
        (width / COLUMN).max(1)
    }
}

/// One cell a follower and one for Esc; where there is no room for all, the last says how many are missing.
fn cells(scene: &Scene<'_>, keys: &str, next: &[HelpRow], room: usize) -> Vec<Vec<Piece>> {
    let wide = next.iter().map(|row| format::cells(&row.keys));
    let wide = wide.max().unwrap_or(0);
    let cell = |row: &HelpRow| -> Vec<Piece> {
        vec![
            (format!("{keys} "), scene.style(Role::Dim)),
            (format::left(&row.keys, wide), scene.style(Role::Key)),
            (format!(" {}", row.words), scene.style(Role::Text)),
        ]
    };
    let esc: Vec<Piece> = vec![
        ("Esc".to_owned(), scene.style(Role::Key)),
        (" drops it".to_owned(), scene.style(Role::Dim)),
    ];
    if next.len() < room {
        let all = next.iter().map(cell);
        return all.chain([esc]).collect();
    }
    let shown = room.saturating_sub(1);
    let more = format!("{} more, see help", next.len() - shown);
    let rest = vec![(more, scene.style(Role::Dim))];
    let some = next.iter().take(shown).map(cell);
    some.chain([rest]).collect()
}

/// The last piece cut to what is left of `width` cells.
fn fitted(cell: &[Piece], width: u16) -> Vec<Piece> {
    let mut left = usize::from(width);
    cell.iter()
        .map(|(text, style)| {
            let text = format::cut(text, left);
            left = left.saturating_sub(format::cells(&text));
            (text, *style)
        })
        .collect()
}
