//! The open ladders in one line, where there are several: which venue each is of, what is held and rests there, what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::Scene;
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::{ArmState, Tab};
use crate::ui::theme::Role;

/// Draws the panel. Where not all fit in full, the venues' names are shortened, then left out; a ladder never is.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let tabs = &scene.snapshot.strip;
    let room = usize::from(pen.width());
    let drawn = |name: usize| -> Vec<Vec<Piece>> {
        let tabs = tabs.iter().enumerate();
        tabs.map(|(at, tab)| pieces(scene, at, tab, name)).collect()
    };
    let width = |all: &[Vec<Piece>]| all.iter().map(|one| pen::width(one) + 1).sum::<usize>();
    let all = [24, 9, 0]
        .map(drawn)
        .into_iter()
        .reduce(|kept, next| if width(&kept) <= room { kept } else { next });
    let mut column = 0;
    for one in all.unwrap_or_default() {
        column = pen.pieces(column, 0, &one) + 1;
    }
}

/// One ladder; `name` cells at most for its venue.
fn pieces(scene: &Scene<'_>, at: usize, tab: &Tab, name: usize) -> Vec<Piece> {
    let ground = if tab.has_keys {
        Role::Chosen
    } else {
        Role::Bar
    };
    let plain = scene.style(ground);
    let over = |role: Role| {
        let style = scene.style(role);
        if tab.has_keys {
            plain
        } else {
            plain.patch(style)
        }
    };
    let mut out = vec![
        (format!(" {} ", at + 1), over(Role::Dim)),
        (
            sanitise(tab.symbol.as_str(), 32),
            over(Role::Bright).add_modifier(Modifier::BOLD),
        ),
    ];
    if name > 0 {
        let venue = format::cut(&tab.venue, name);
        out.push((format!(" {venue}"), over(Role::Dim)));
    }
    match tab.sign {
        1.. => out.push((" LONG".to_owned(), over(Role::Mine))),
        ..0 => out.push((" SHORT".to_owned(), over(Role::Mine))),
        0 => {}
    }
    if tab.orders > 0 {
        out.push((format!(" {}o", tab.orders), over(Role::Mine)));
    }
    if tab.arm == ArmState::Locked {
        out.push((" locked".to_owned(), over(Role::Dim)));
    }
    if tab.arm == ArmState::ExitsOnly {
        out.push((" exits".to_owned(), over(Role::Warn)));
    }
    if !tab.trouble.is_empty() {
        out.push((" ".to_owned(), plain));
        out.push((format!(" {} ", tab.trouble), scene.style(Role::Alarm)));
    }
    out.push((" ".to_owned(), plain));
    out
}
