//! The open ladders in one line, where there are several: which venue each is of, what is held and rests there, what is wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::Scene;
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::{ArmState, PageTab, Tab, worst};
use crate::ui::theme::Role;

/// Draws the panel. Where not all fit in full, the venues' names are shortened, then left out, then what is said twice. Where they
/// still do not fit, those beside the one with the keys stay; the rest are counted, in alarm colours when something is wrong there.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let pages = pages(scene, &mut pen);
    let tabs = &scene.snapshot.strip;
    let area = Rect {
        x: area.x + pages,
        width: area.width.saturating_sub(pages),
        ..area
    };
    let mut pen = Pen::new(buffer, area);
    let room = usize::from(pen.width());
    let drawn = |(name, short): (usize, bool)| -> Vec<Vec<Piece>> {
        let tabs = tabs.iter().enumerate();
        tabs.map(|(at, tab)| pieces(scene, at, tab, name, short))
            .collect()
    };
    let all = [(24, false), (9, false), (0, false), (0, true)]
        .map(drawn)
        .into_iter()
        .reduce(|kept, next| if width(&kept) <= room { kept } else { next })
        .unwrap_or_default();
    let (first, end) = seen(&all, tabs.iter().position(|tab| tab.has_keys), room);
    let mut column = hidden(scene, &tabs[..first], "‹", 0, &mut pen);
    for one in &all[first..end] {
        column = pen.pieces(column, 0, one) + 1;
    }
    let start = pen.width().saturating_sub(COUNT as u16 - 1);
    hidden(scene, &tabs[end..], "›", start, &mut pen);
}

/// Draws the pages, where there are several, in half of the line at most; the columns that they take. What is wrong on one that finds
/// no room is said in the place of the last.
fn pages(scene: &Scene<'_>, pen: &mut Pen<'_>) -> u16 {
    let pages = &scene.snapshot.pages;
    if pages.is_empty() {
        return 0;
    }
    let half = pen.width() / 2;
    let mut column = 0;
    for (at, page) in pages.iter().enumerate() {
        let pieces = page_pieces(scene, at, page);
        let wide = pen::width(&pieces) as u16;
        let is_last = at + 1 == pages.len();
        let left = half.saturating_sub(column);
        if wide > left || !is_last && wide + COUNT as u16 > left {
            let hidden = &pages[at..];
            let trouble = worst(hidden.iter().map(|page| page.trouble));
            let style = scene.style(if trouble.is_empty() {
                Role::Dim
            } else {
                Role::Alarm
            });
            column = pen.put(column, 0, &format!("+{} {trouble}", hidden.len()), style) + 1;
            break;
        }
        column = pen.pieces(column, 0, &pieces);
    }
    pen.put(column, 0, "│", scene.style(Role::Rule));
    column + 1
}

/// One page: its number, its name, what is held, rests and is wrong there.
fn page_pieces(scene: &Scene<'_>, at: usize, page: &PageTab) -> Vec<Piece> {
    let ground = if page.is_in_front {
        Role::Chosen
    } else {
        Role::Bar
    };
    let plain = scene.style(ground);
    let over = |role: Role| match page.is_in_front {
        true => plain,
        false => plain.patch(scene.style(role)),
    };
    let number = (at + 1).to_string();
    let name = sanitise(&page.name, 12);
    let mark = if page.is_in_front { "▸" } else { " " };
    let mut out = vec![(format!("{mark}{number}"), over(Role::Dim))];
    if name != number {
        let bright = over(Role::Bright).add_modifier(Modifier::BOLD);
        out.push((format!(" {name}"), bright));
    }
    // What is on the screen speaks for itself.
    if !page.is_in_front {
        if page.has_position {
            out.push((" held".to_owned(), over(Role::Mine)));
        }
        if page.orders > 0 {
            out.push((format!(" {}o", page.orders), over(Role::Mine)));
        }
        if !page.trouble.is_empty() {
            out.push((" ".to_owned(), plain));
            out.push((format!(" {} ", page.trouble), scene.style(Role::Alarm)));
        }
    }
    out.push((" ".to_owned(), plain));
    out
}

/// Columns of `‹3 `.
const COUNT: usize = 3;

fn width(all: &[Vec<Piece>]) -> usize {
    all.iter().map(|one| pen::width(one) + 1).sum()
}

/// The first ladder that is drawn, and the one after the last.
fn seen(all: &[Vec<Piece>], keys: Option<usize>, room: usize) -> (usize, usize) {
    if width(all) <= room {
        return (0, all.len());
    }
    let room = room.saturating_sub(2 * COUNT);
    let keys = keys.unwrap_or(0);
    let fits = |first: usize, end: usize| width(&all[first..end]) <= room;
    let first = (0..keys).find(|first| fits(*first, keys + 1));
    let first = first.unwrap_or(keys);
    let end = (keys + 1..=all.len()).rev().find(|end| fits(first, *end));
    (first, end.unwrap_or(keys + 1))
}

/// Counts the ladders for which there is no room; the column after it.
fn hidden(scene: &Scene<'_>, tabs: &[Tab], mark: &str, column: u16, pen: &mut Pen<'_>) -> u16 {
    if tabs.is_empty() {
        return column;
    }
    let is_wrong = tabs.iter().any(|tab| !tab.trouble.is_empty());
    let style = scene.style(if is_wrong { Role::Alarm } else { Role::Dim });
    pen.put(column, 0, &format!("{mark}{}", tabs.len()), style) + 1
}

/// One ladder; `name` cells at most for its venue, in `short` without what its trouble says too.
fn pieces(scene: &Scene<'_>, at: usize, tab: &Tab, name: usize, short: bool) -> Vec<Piece> {
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
    let is_wrong = !tab.trouble.is_empty();
    if tab.arm == ArmState::Locked {
        out.push((" locked".to_owned(), over(Role::Dim)));
    }
    if tab.arm == ArmState::ExitsOnly && !(short && is_wrong) {
        out.push((" exits".to_owned(), over(Role::Warn)));
    }
    if is_wrong {
        let trouble = match tab.trouble {
            "ACCOUNT DOWN" if short => "DOWN",
            trouble => trouble,
        };
        out.push((" ".to_owned(), plain));
        out.push((format!(" {trouble} "), scene.style(Role::Alarm)));
    }
    out.push((" ".to_owned(), plain));
    out
}
