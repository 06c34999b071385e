//! The bottom lines teach by outcome: volumes, then what the likely keys would do right now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Scene, playing, preview};
use crate::domain::{Environment, Instrument, Qty};
use crate::engine::hint::{Line, Outcome};
use crate::engine::words;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::Volume;
use crate::ui::theme::Role;
use crate::ui::view;

/// Columns that a whole line of a preview needs.
const COLUMN: u16 = 94;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    if let Some(playing) = &scene.snapshot.playing {
        return playing::draw(scene, playing, area, buffer);
    }
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
    let right = |row: u16| {
        let taken = if row == help_row { help_width + 2 } else { 1 };
        usize::from(pen.width().saturating_sub(taken))
    };
    let empty = |line: &&Line| matches!(&line.outcome, Outcome::Words(words) if words.is_empty());
    let lines = scene.market().hints.iter().filter(|line| !empty(line));
    let (mut beside, mut below) = (usize::from(end) + 3, Vec::new());
    // Beside the volumes or after the rest: it never takes the row of what a money key would do.
    let is_cancel = |line: &Line| line.actions == ["cancel-entries"];
    let mut last = Vec::new();
    let mut placed = Vec::new();
    for line in lines {
        let pieces = preview::pieces(scene, line, usize::MAX);
        let cells = pen::width(&pieces);
        if matches!(line.outcome, Outcome::Words(_)) && beside + cells <= right(0) {
            placed.push((beside as u16, 0, pieces));
            beside += cells + 3;
        } else if is_cancel(line) {
            last.push(line);
        } else {
            below.push(line);
        }
    }
    below.append(&mut last);
    // Two columns where each has room for a whole line.
    let columns = 1 + usize::from(pen.width() / 2 >= COLUMN);
    let wide = usize::from(pen.width()) / columns;
    let rows = usize::from(pen.height().saturating_sub(1));
    for (at, line) in below.into_iter().take(rows * columns).enumerate() {
        let (row, column) = ((at / columns + 1) as u16, at % columns);
        let start = column * wide + 1;
        let end = right(row).min((column + 1) * wide);
        let pieces = preview::pieces(scene, line, end.saturating_sub(start));
        placed.push((start as u16, row, pieces));
    }
    for (column, row, pieces) in placed {
        pen.pieces(column, row, &pieces);
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
        .map(|volume| amount(volume, instrument))
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

/// `0.008`, or `5%=0.008` where it is given so: then wide enough for an amount of two digits before the point, so that nothing moves
/// when it changes.
fn amount(volume: &Volume, instrument: &Instrument) -> String {
    let text = |qty| format::qty(instrument, qty);
    let amount = volume.qty.map_or_else(|| "?".to_owned(), text);
    if volume.given.is_empty() {
        return amount;
    }
    let given = crate::domain::text::sanitise(&volume.given, 16);
    let width = format::cells(&text(Qty(1))) + 1;
    format!("{given}={amount:<width$}")
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

fn help_key(scene: &Scene<'_>) -> Vec<Piece> {
    match scene.help.key("help") {
        Some(key) => vec![
            (format!("{key} "), scene.style(Role::Key)),
            ("keys".into(), scene.style(Role::Dim)),
        ],
        None => Vec::new(),
    }
}
