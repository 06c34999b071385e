//! The themes in a list at the left, each with a taste of its colours; the whole screen is drawn in the one at the mark.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Scene, message, position};
use crate::ui::format;
use crate::ui::pen::{Pen, Piece};
use crate::ui::theme::{ColourDepth, Role, Theme};
use crate::ui::view::Mode;

/// Columns of the list.
const WIDTH: u16 = 34;
/// Rows beside the themes: head, blank, blank, two of words, keys, position.
const FRAME: u16 = 7;

/// Draws the list under the status line. The position stays in sight at its foot, and a fresh danger.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let Mode::List(_, at) = scene.view.mode else {
        return;
    };
    let rack = scene.view.wardrobe.rack();
    let danger = u16::from(message::has_danger(scene));
    let wanted = u16::try_from(rack.len()).unwrap_or(u16::MAX);
    let room = area.height.saturating_sub(1);
    let height = wanted.saturating_add(FRAME + danger).min(room);
    let list = Rect {
        y: area.y + 1,
        width: WIDTH.min(area.width),
        height,
        ..area
    };
    let mut pen = Pen::new(buffer, list);
    pen.fill(scene.style(Role::Overlay));
    pen.put(2, 0, "themes", scene.style(Role::Heading));
    let rows = usize::from(height.saturating_sub(FRAME + danger)).max(1);
    let at = usize::from(at).min(rack.len().saturating_sub(1));
    let first = at.saturating_sub(rows - 1);
    if rack.len() > rows {
        let words = format!("{} of {}", at + 1, rack.len());
        pen.put_right(
            pen.width().saturating_sub(2),
            0,
            &words,
            scene.style(Role::Dim),
        );
    }
    for (row, theme) in rack.iter().enumerate().skip(first).take(rows) {
        let y = u16::try_from(row - first + 2).unwrap_or(u16::MAX);
        entry(scene, theme, row == at, y, &mut pen);
    }
    words(scene, height.saturating_sub(4 + danger), &mut pen);
    foot(scene, list, danger, buffer);
}

/// One theme: the mark, its name, a taste of it on its own ground.
fn entry(scene: &Scene<'_>, theme: &Arc<Theme>, marked: bool, y: u16, pen: &mut Pen<'_>) {
    let worn = scene.view.wardrobe.worn();
    let worn = worn.is_some_and(|worn| worn.name == theme.name);
    let role = if marked { Role::Chosen } else { Role::Text };
    let mark = if marked { "›" } else { " " };
    let on = if worn { "•" } else { " " };
    let name = format::left(&theme.name, 11);
    pen.put(1, y, &format!("{mark}{on}{name}"), scene.style(role));
    let taste: Vec<Piece> = taste(theme);
    pen.pieces(15, y, &taste);
}

/// A bid with its bar, the spread, an ask with its bar, an own order, as the theme colours them.
fn taste(theme: &Theme) -> Vec<Piece> {
    let ground = theme.style(Role::Text);
    let on = |role| Style::new().patch(ground).patch(theme.style(role));
    vec![
        (" ".to_owned(), on(Role::Text)),
        ("▌50 ".to_owned(), on(Role::Mine)),
        ("▐█".to_owned(), on(Role::BidBar)),
        (" 9".to_owned(), on(Role::Bid)),
        (" 2.4 ".to_owned(), on(Role::BestBid)),
        ("7 ".to_owned(), on(Role::Ask)),
        ("█▌".to_owned(), on(Role::AskBar)),
    ]
}

fn words(scene: &Scene<'_>, y: u16, pen: &mut Pen<'_>) {
    let wide = usize::from(pen.width().saturating_sub(4));
    let told = match scene.theme.depth() {
        ColourDepth::None => "no colours here: all themes look alike",
        ColourDepth::Sixteen => "sixteen colours here: deep themes look alike",
        _ => scene.theme.doc.as_str(),
    };
    let first = format::words_within(told, wide);
    pen.put(2, y, first, scene.style(Role::Text));
    let rest = told[first.len()..].trim_start();
    pen.put(2, y + 1, &format::cut(rest, wide), scene.style(Role::Text));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let (key, dim) = (scene.style(Role::Key), scene.style(Role::Dim));
    let keys = [
        ("Enter".to_owned(), key),
        (" wears it, ".to_owned(), dim),
        (close.to_owned(), key),
        (" goes back".to_owned(), dim),
    ];
    pen.pieces(2, y + 2, &keys);
}

/// The position, and under it a fresh danger.
fn foot(scene: &Scene<'_>, list: Rect, danger: u16, buffer: &mut Buffer) {
    let line = |up: u16| Rect {
        y: list.bottom().saturating_sub(up),
        height: 1,
        ..list
    };
    let at = line(1 + danger).intersection(list);
    Pen::new(buffer, at).fill(scene.ground());
    position::draw_line(scene, at, buffer);
    if danger > 0 {
        let at = line(1).intersection(list);
        Pen::new(buffer, at).fill(scene.ground());
        message::draw(scene, at, buffer);
    }
}
