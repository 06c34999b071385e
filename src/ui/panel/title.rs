//! Whose data is below, in one line, where several ladders stand: symbol, venue, position, what is wrong. The one with the keys is lit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{Scene, position};
use crate::domain::BookState;
use crate::domain::text::sanitise;
use crate::ui::format;
use crate::ui::pen::{Pen, Piece};
use crate::ui::snapshot::ArmState;
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let ground = match scene.view.is_aside() {
        true => Role::Bar,
        false => Role::Chosen,
    };
    pen.pieces(0, 0, &pieces(scene, ground));
}

/// Draws it over panels that follow the keys: the market's name alone, for it is lit on its ladder.
pub fn draw_followed(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let symbol = scene.market().key.map(|key| key.symbol);
    let symbol = symbol.map_or_else(String::new, |symbol| sanitise(symbol.as_str(), 32));
    let bright = scene.style(Role::Bar).patch(scene.style(Role::Bright));
    let dim = scene.style(Role::Bar).patch(scene.style(Role::Dim));
    let venue = format::cut(&scene.snapshot.venue, 16);
    pen.pieces(
        0,
        0,
        &[
            ("▸ ".to_owned(), bright),
            (symbol, bright),
            (format!(" {venue}"), dim),
        ],
    );
}

/// A place that is linked to a ladder that nobody opened.
pub fn draw_absent(scene: &Scene<'_>, ladder: usize, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let words = format!("ladder {} is not open", ladder + 1);
    pen.put(1, 0, &words, scene.style(Role::Faint));
}

/// `▸ BTC-USDT-SWAP OKX  LONG 0.010  NO STOP`
fn pieces(scene: &Scene<'_>, ground: Role) -> Vec<Piece> {
    let market = scene.market();
    let plain = scene.style(ground);
    // On the lit ground everything has its colour; elsewhere the words' own.
    let over = |role: Role| match ground {
        Role::Chosen => plain,
        _ => plain.patch(scene.style(role)),
    };
    let symbol = market
        .key
        .map_or_else(String::new, |key| sanitise(key.symbol.as_str(), 32));
    let mark = match ground {
        Role::Chosen => "▸ ",
        _ => "  ",
    };
    let mut out = vec![
        (mark.to_owned(), plain),
        (symbol, over(Role::Bright).add_modifier(Modifier::BOLD)),
        (
            format!(" {}", format::cut(&scene.snapshot.venue, 16)),
            over(Role::Dim),
        ),
    ];
    if let Some(side) = position::side(&market.position) {
        let size = market.position.size.abs().normalize();
        let words = format!("  {} {size}", position::word(side));
        out.push((words, over(Role::Mine)));
    }
    match scene.snapshot.arm {
        ArmState::Armed => {}
        ArmState::ExitsOnly => out.push((" exits".to_owned(), over(Role::Warn))),
        ArmState::Locked => out.push((" locked".to_owned(), over(Role::Dim))),
    }
    if ground == Role::Chosen {
        out.push((" ".to_owned(), plain));
    }
    for words in wrong(scene) {
        out.push((" ".to_owned(), plain));
        out.push((format!(" {words} "), scene.style(Role::Alarm)));
    }
    out
}

/// What is wrong there, the worst first.
fn wrong(scene: &Scene<'_>) -> Vec<&'static str> {
    let market = scene.market();
    let position = &market.position;
    let book = match market.state {
        Some(BookState::Stale(_)) => "STALE",
        Some(BookState::Resync(_)) => "RESYNC",
        Some(BookState::Down(_)) => "DOWN",
        Some(BookState::Live) | None => "",
    };
    let all = [
        (position.unknown, "UNKNOWN"),
        (position.mismatch, "MISMATCH"),
        (position.naked, "NO STOP"),
        (!book.is_empty(), book),
    ];
    all.into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, words)| words)
        .collect()
}
