//! What is written in the half of a row that has no size: state and open profit at the spread, entry, break-even.

use ratatui::style::Modifier;
use rust_decimal::Decimal;

use super::{Ladder, own, sizes};
use crate::domain::{Price, Side};
use crate::ui::format;
use crate::ui::panel::position;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;

/// The side that the position is on; `None` when flat.
pub fn position_side(ladder: &Ladder<'_>) -> Option<Side> {
    position::side(&ladder.scene.market().position)
}

/// The average entry in ticks, towards the side that a row prints it on.
pub fn entry_price(ladder: &Ladder<'_>) -> Option<Price> {
    position_side(ladder)?;
    let entry = ladder.scene.market().position.entry;
    (entry > Decimal::ZERO).then_some(())?;
    ladder.instrument.tick.floor(entry).map(Price)
}

/// Break-even in ticks.
pub fn even_price(ladder: &Ladder<'_>) -> Option<Price> {
    position_side(ladder)?;
    let even = ladder.scene.market().position.break_even?;
    (even > Decimal::ZERO).then_some(())?;
    ladder.instrument.tick.floor(even).map(Price)
}

/// The row of the average entry.
pub fn entry_row(ladder: &Ladder<'_>) -> Option<u16> {
    ladder
        .grid
        .row(position_side(ladder)?, entry_price(ladder)?)
}

/// Draws the tags of a row, in the half beside the price that no size needs.
pub fn draw(ladder: &Ladder<'_>, row: u16, pen: &mut Pen<'_>) {
    let crossed = sizes::at(ladder, Side::Buy, row) > 0 && sizes::at(ladder, Side::Sell, row) > 0;
    // An own order is never hidden, not even by a crossed book.
    if crossed && own::displaced(ladder, row).is_none() {
        return;
    }
    let pieces = pieces(ladder, row);
    if pieces.is_empty() {
        return;
    }
    let left = sizes::at(ladder, Side::Sell, row) > 0 || ladder.ask_row == Some(row);
    let room = half_room(ladder, left);
    let pieces = fit(pieces, room);
    if left {
        let end = ladder.columns.price.0.saturating_sub(2);
        pen.pieces(end.saturating_sub(pen::width(&pieces) as u16), row, &pieces);
    } else {
        pen.pieces(ladder.columns.ask_bar.0, row, &pieces);
    }
}

fn half_room(ladder: &Ladder<'_>, left: bool) -> usize {
    let columns = &ladder.columns;
    let (start, end) = if left {
        (columns.mine.1 + 1, columns.price.0.saturating_sub(2))
    } else {
        (columns.ask_bar.0, columns.ask_size.1)
    };
    usize::from(end.saturating_sub(start))
}

/// Drops pieces from the end until they fit; the first is cut when it alone does not.
fn fit(mut pieces: Vec<Piece>, room: usize) -> Vec<Piece> {
    while pieces.len() > 1 && pen::width(&pieces) > room {
        pieces.pop();
    }
    if let Some((text, _)) = pieces.first_mut()
        && format::cells(text) > room
    {
        *text = format::cut(text, room);
    }
    pieces
}

/// The most important first.
fn pieces(ladder: &Ladder<'_>, row: u16) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    if let Some(sells) = own::displaced(ladder, row) {
        out.push((
            format!("SELL {}", sells.text(ladder, 24)),
            sells.style(ladder),
        ));
    }
    if state_row(ladder) == Some(row) {
        gap(ladder, &mut out);
        state(ladder, &mut out);
    }
    let side = position_side(ladder);
    let mut tag = |here: Option<u16>, word: &str, role: Role| {
        if here == Some(row) {
            gap(ladder, &mut out);
            out.push((word.to_owned(), ladder.style(role)));
        }
    };
    tag(entry_row(ladder), "entry", Role::Mine);
    let even = even_price(ladder)
        .zip(side)
        .and_then(|(price, side)| ladder.grid.row(side.opposite(), price));
    tag(even, "even", Role::MinePending);
    out
}

fn gap(ladder: &Ladder<'_>, out: &mut Vec<Piece>) {
    if !out.is_empty() {
        out.push(("  ".to_owned(), ladder.style(Role::Dim)));
    }
}

/// The position stands on the best price that would close it; nothing open stands at the bid.
fn state_row(ladder: &Ladder<'_>) -> Option<u16> {
    match position_side(ladder) {
        Some(Side::Sell) => ladder.ask_row.or(ladder.bid_row),
        _ => ladder.bid_row.or(ladder.ask_row),
    }
}

/// `LONG +604t 0.150 +9.06`: what matters most first, for a narrow half drops pieces from the end.
fn state(ladder: &Ladder<'_>, out: &mut Vec<Piece>) {
    let at = &ladder.scene.market().position;
    let Some(side) = position::side(at) else {
        let word = if at.unread { "" } else { "flat" };
        out.push((word.to_owned(), ladder.style(Role::Faint)));
        return;
    };
    let held = ladder.style(Role::Position);
    out.push((position::word(side).to_owned(), held));
    if let Some(ticks) = at.open_ticks {
        let style = ladder.style(position::result_role(Decimal::from(ticks)));
        let text = format!(" {:<7}", format::ticks(ticks));
        out.push((text, style.add_modifier(Modifier::BOLD)));
    }
    let size = format::size(at.size.abs(), ladder.instrument.lot.decimals());
    out.push((format!(" {size}"), held));
    if let Some(open) = at.open {
        let text = format!("  {:<8}", format::signed(open, 2));
        out.push((text, ladder.style(position::result_role(open))));
    }
}
