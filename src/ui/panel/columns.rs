//! The columns of the ladder in a list low on the screen: what is on, what each shows, whether there is room. What is switched is seen above.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{ColumnRoom, List, Mode, Offered};

/// Where on or off, the name and what it shows begin.
const STATE: u16 = 2;
const NAME: u16 = 6;
const DOC: u16 = 20;
/// Where what it shows ends on a wide screen, so that the words about room stay near.
const END: u16 = 64;

/// Draws the list: status, position and a fresh danger stay in sight.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Mode::List(List::Columns, at) = scene.view.mode else {
        return;
    };
    let offered = scene.view.offered_columns();
    let wanted = u16::try_from(offered.len() + 3).unwrap_or(u16::MAX);
    let area = super::low_overlay(scene, area, wanted, buffer);
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Overlay));
    let title = format!("columns: {}", scene.view.columns().title());
    let end = pen.put(2, 0, &title, scene.style(Role::Heading));
    let right = pen.width().saturating_sub(2);
    let keys = keys(scene);
    if end + 2 + format::cells(&keys) as u16 <= right {
        pen.put_right(right, 0, &keys, scene.style(Role::Dim));
    }
    let at = usize::from(at).min(offered.len().saturating_sub(1));
    let room = usize::from(pen.height().saturating_sub(2)).max(1);
    // The list moves only when the mark would leave it.
    let first = (at + 1).saturating_sub(room);
    let shown = offered.iter().enumerate().skip(first).take(room);
    for (y, (row, one)) in (2..).zip(shown) {
        line(scene, one, row == at, y, &mut pen);
    }
}

fn keys(scene: &Scene<'_>) -> String {
    let key = |name: &str, usual: &str| scene.help.key(name).unwrap_or(usual).to_owned();
    format!(
        "{} on or off, {} next set, {} closes",
        key("centre", "Enter"),
        key("columns-next", "g c"),
        key("dismiss", "Esc")
    )
}

fn line(scene: &Scene<'_>, one: &Offered, is_marked: bool, y: u16, pen: &mut Pen<'_>) {
    if is_marked {
        pen.put(0, y, "›", scene.style(Role::Chosen));
    }
    let (state, style) = match one.is_on {
        true => ("on", scene.style(Role::Bright)),
        false => ("off", scene.style(Role::Dim)),
    };
    pen.put(STATE, y, state, style);
    pen.put(NAME, y, one.column.name(), style);
    let (room, role) = match (&one.room, one.is_on) {
        (ColumnRoom::Free, true) => (String::new(), Role::Dim),
        (ColumnRoom::Free, false) => ("has room".to_owned(), Role::Dim),
        (ColumnRoom::InsteadOf(names), _) => (format!("instead of {}", names.join(" ")), Role::Dim),
        (ColumnRoom::None, true) => ("waits for room".to_owned(), Role::Warn),
        (ColumnRoom::None, false) => ("no room".to_owned(), Role::Faint),
    };
    let right = pen.width().saturating_sub(2);
    let start = right.saturating_sub(format::cells(&room) as u16).min(END);
    let wide = usize::from(start.saturating_sub(DOC + 1));
    let doc = format::cut(one.column.doc(), wide);
    pen.put(DOC, y, &doc, scene.style(Role::Text));
    pen.put(start, y, &room, scene.style(role));
}
