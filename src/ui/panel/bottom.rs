//! The bottom lines teach by outcome: volumes, then what the likely keys would do right now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use crate::domain::Environment;
use crate::engine::words;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::{Hint, Volume};
use crate::ui::theme::Role;
use crate::ui::view;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.fill(scene.style(Role::Bar));
    let end = pen.pieces(
        1,
        0,
        &volumes(scene, usize::from(pen.width().saturating_sub(1))),
    );
    let help = help_key(scene);
    let help_width = pen::width(&help) as u16;
    let help_row = pen.height().saturating_sub(1);
    let shown = |hint: &&Hint| !hint.words.is_empty() && !scene.view.hints_off;
    let mut hints = scene.market().hints.iter().filter(shown);
    let mut waiting: Option<&Hint> = None;
    for row in 0..pen.height() {
        let mut column = if row == 0 { end + 3 } else { 1 };
        let right = pen
            .width()
            .saturating_sub(if row == help_row { help_width + 2 } else { 1 });
        while let Some(hint) = waiting.take().or_else(|| hints.next()) {
            let mut pieces = pieces(scene, hint);
            let fits = usize::from(column) + pen::width(&pieces) <= usize::from(right);
            if !fits && (column > 1 || row + 1 < pen.height()) {
                waiting = Some(hint);
                break;
            }
            if let Some((words, _)) = pieces.last_mut().filter(|_| !fits) {
                let room = usize::from(right.saturating_sub(column));
                *words = format::cut(words, room.saturating_sub(4));
            }
            column = pen.pieces(column, row, &pieces) + 3;
        }
    }
    pen.pieces(pen.width().saturating_sub(help_width + 1), help_row, &help);
}

/// ` 1 0.010  2 0.050 …`, the chosen one marked by more than its colour.
/// Where not all fit, the chosen one alone: a number is never cut.
fn volumes(scene: &Scene<'_>, room: usize) -> Vec<Piece> {
    let market = scene.market();
    let Some(instrument) = scene.instrument() else {
        return Vec::new();
    };
    let texts: Vec<String> = market
        .volumes
        .iter()
        .map(|volume| match volume.qty {
            Some(qty) => given(volume, &format::qty(instrument, qty)),
            None => given(volume, "?"),
        })
        .collect();
    let mut out = Vec::new();
    let whole: usize = texts.iter().map(|text| format::cells(text) + 4).sum();
    for (at, text) in texts.iter().enumerate() {
        let chosen = at + 1 == usize::from(market.volume);
        if whole > room && !chosen {
            continue;
        }
        let (open, close) = if chosen { ("[", "]") } else { (" ", " ") };
        let role = if chosen { Role::Chosen } else { Role::Text };
        let key = if chosen { Role::Chosen } else { Role::Key };
        out.push((format!("{open}{}", at + 1), scene.style(key)));
        out.push((format!(" {text}{close}"), scene.style(role)));
    }
    out.extend(worth(scene));
    out
}

/// `0.008`, or `5%=0.008` where it is given so.
fn given(volume: &Volume, amount: &str) -> String {
    if volume.given.is_empty() {
        return amount.to_owned();
    }
    let given = crate::domain::text::sanitise(&volume.given, 16);
    format!("{given}={amount}")
}

/// What the chosen volume is worth, where the money is or looks real: `= 60 USDT`, always as wide.
fn worth(scene: &Scene<'_>) -> Option<Piece> {
    let market = scene.market();
    let real = matches!(
        scene.snapshot.environment,
        Environment::Real | Environment::Demo
    );
    let instrument = scene.instrument().filter(|_| real)?;
    let qty = market
        .volumes
        .get(usize::from(market.volume).checked_sub(1)?)?
        .qty?;
    let (bid, ask) = view::touch(market);
    let price = instrument.price_decimal(ask.or(bid)?);
    let worth = instrument.notional(price, instrument.qty_decimal(qty))?;
    let text = format!(
        " = {} {}",
        words::spaced(&worth.round_dp(0).to_string()),
        instrument.quote
    );
    Some((format!("{text:<16}"), scene.style(Role::Dim)))
}

fn pieces(scene: &Scene<'_>, hint: &Hint) -> Vec<Piece> {
    let words = crate::domain::text::sanitise(&hint.words, 160);
    let mut out = Vec::new();
    if let Some(key) = scene.help.key(hint.action) {
        out.push((format!("{key} "), scene.style(Role::Key)));
    }
    out.push((words, scene.style(Role::Text)));
    out
}

fn help_key(scene: &Scene<'_>) -> Vec<Piece> {
    match scene.help.key("help") {
        Some(key) => vec![
            (format!("{key} "), scene.style(Role::Key)),
            ("keys".into(), scene.style(Role::Dim)),
        ],
        None => Vec::new(),
    }
}
