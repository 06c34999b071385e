//! The list of layouts, over the upper part of the screen: what is chosen is laid at once, and seen below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{Scene, position};
use crate::ui::format;
use crate::ui::layout::Layout;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Columns of a name.
const NAME: u16 = 14;
/// Columns of the panels' names.
const PANELS: u16 = 58;

/// Draws it.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let layouts = scene.view.layouts();
    let wanted = u16::try_from(layouts.len() + 3).unwrap_or(u16::MAX);
    let list = Rect {
        y: area.y + 1,
        height: wanted.min(area.height.saturating_sub(6)),
        ..area
    };
    if scene.view.plan().area("position-line").is_empty() {
        // The list may lie over the position's panel.
        let line = Rect {
            y: list.bottom(),
            height: 1,
            ..area
        };
        let line = line.intersection(area);
        Pen::new(buffer, line).fill(scene.style(Role::Text));
        position::draw_line(scene, line, buffer);
    }
    let mut pen = Pen::new(buffer, list);
    pen.fill(scene.style(Role::Overlay));
    pen.put(2, 0, "layouts", scene.style(Role::Heading));
    let close = scene.help.key("dismiss").unwrap_or("Esc");
    let words = format!("arrows choose, {close} closes");
    let right = pen.width().saturating_sub(2);
    pen.put_right(right, 0, &words, scene.style(Role::Dim));
    let room = usize::from(pen.height().saturating_sub(2)).max(1);
    let name = scene.view.layout().name.as_str();
    let at = layouts.iter().position(|layout| layout.name == name);
    let first = (at.unwrap_or(0) + 1).saturating_sub(room);
    let shown = layouts.iter().skip(first).take(room);
    for (row, layout) in (2..pen.height()).zip(shown) {
        one(scene, layout, layout.name == name, row, &mut pen);
    }
}

fn one(scene: &Scene<'_>, layout: &Layout, is_used: bool, row: u16, pen: &mut Pen<'_>) {
    let (mark, style) = match is_used {
        true => ("▸", scene.style(Role::Bright).add_modifier(Modifier::BOLD)),
        false => (" ", scene.style(Role::Text)),
    };
    pen.put(2, row, mark, style);
    pen.put(
        4,
        row,
        &format::cut(&layout.name, usize::from(NAME - 1)),
        style,
    );
    let right = pen.width().saturating_sub(2);
    let wide = right > 4 + NAME + 60 + PANELS;
    let end = if wide { right - PANELS } else { right };
    let room = usize::from(end.saturating_sub(4 + NAME + 1));
    let doc = format::cut(&layout.doc, room);
    pen.put(4 + NAME, row, &doc, scene.style(Role::Text));
    if wide {
        let panels = format::cut(&panels(layout), usize::from(PANELS));
        pen.put(right - PANELS, row, &panels, scene.style(Role::Dim));
    }
}

/// `tape │ ladder │ position orders fills`
fn panels(layout: &Layout) -> String {
    let column = |items: &[crate::ui::layout::Item]| {
        let names: Vec<&str> = items.iter().map(|item| item.panel.name).collect();
        names.join(" ")
    };
    let columns = layout.columns.iter().map(|one| column(&one.items));
    columns.collect::<Vec<_>>().join(" │ ")
}
