//! The key overlay, from the rows that the app made of the action tables and the keymap.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::ui::format;
use crate::ui::help;
use crate::ui::pen::{Pen, Piece};
use crate::ui::theme::Role;
use crate::ui::view::Mode;

/// Narrowest column of help.
const COLUMN: u16 = 56;

/// Draws the overlay between the status line and the bottom line: status and position stay in sight.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let area = super::overlay(scene, area, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let height = usize::from(pen.height().saturating_sub(1)).max(1);
    let widest = (pen.width() / COLUMN).max(1);
    // The blank lines between groups go first where not all has room.
    let is_tight = lines(scene, usize::MAX, true).len() > height * usize::from(widest);
    let count = lines(scene, usize::MAX, !is_tight).len();
    let wanted = u16::try_from(count.div_ceil(height)).unwrap_or(u16::MAX);
    let columns = widest.min(wanted.max(1));
    let wide = pen.width() / columns;
    let lines = lines(scene, usize::from(wide.saturating_sub(4)), !is_tight);
    let room = height * usize::from(columns);
    let Mode::List(_, scroll) = scene.view.mode else {
        return;
    };
    let scroll = usize::from(scroll).min(lines.len().saturating_sub(room));
    pen.put(2, 0, "keys", scene.style(Role::Heading));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let mut words = format!("{close} closes");
    if lines.len() > room {
        words = format!(
            "{} of {} lines, arrows scroll, {words}",
            scroll + room.min(lines.len()),
            lines.len()
        );
    }
    pen.put_right(
        pen.width().saturating_sub(2),
        0,
        &words,
        scene.style(Role::Dim),
    );
    for (at, line) in lines.iter().skip(scroll).take(room).enumerate() {
        let column = u16::try_from(at / height).unwrap_or(0) * wide;
        let row = u16::try_from(at % height).unwrap_or(0) + 1;
        pen.pieces(column + 2, row, line);
    }
}

fn lines(scene: &Scene<'_>, width: usize, parted: bool) -> Vec<Vec<Piece>> {
    let mut out: Vec<Vec<Piece>> = Vec::new();
    for group in &scene.help.groups {
        if parted && !out.is_empty() {
            out.push(Vec::new());
        }
        out.push(vec![(group.title.clone(), scene.style(Role::Heading))]);
        for row in help::folded(&group.rows) {
            out.push(vec![
                (format::left(&row.keys, 14), scene.style(Role::Key)),
                (" ".to_owned(), scene.style(Role::Text)),
                (
                    format::cut(&row.words, width.saturating_sub(15)),
                    scene.style(Role::Text),
                ),
            ]);
        }
    }
    out
}
