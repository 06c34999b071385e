//! What is written in the half of a row that has no size: state and open profit at the spread, entry, break-even.

use ratatui::style::Modifier;
use rust_decimal::Decimal;

use super::{Ladder, own, sizes};
use crate::alerts::Mark;
use crate::domain::text::sanitise;
use crate::domain::{Price, Side};
use crate::ui::format;
use crate::ui::panel::position;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;
use crate::ui::view::{self, Place};

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

/// Where the position is liquidated, an estimate of the venue's, in ticks.
pub fn end_price(ladder: &Ladder<'_>) -> Option<Price> {
    position_side(ladder)?;
    let end = ladder.scene.market().position.liquidation?;
    (end > Decimal::ZERO).then_some(())?;
    ladder.instrument.tick.floor(end).map(Price)
}

/// The row of the average entry.
pub fn entry_row(ladder: &Ladder<'_>) -> Option<u16> {
    ladder
        .grid
        .row(position_side(ladder)?, entry_price(ladder)?)
}

/// Draws the tags of a row, in the half beside the price that no size needs.
pub fn draw(ladder: &Ladder<'_>, row: u16, pieces: Vec<Piece>, pen: &mut Pen<'_>) {
    let crossed = sizes::at(ladder, Side::Buy, row) > 0 && sizes::at(ladder, Side::Sell, row) > 0;
    // An own order is never hidden, not even by a crossed book.
    if crossed && own::displaced(ladder, row).is_none() {
        return;
    }
    if pieces.is_empty() {
        return;
    }
    let left = is_left(ladder, row);
    let room = half_room(ladder, left);
    let pieces = fit(pieces, room);
    if left {
        let end = ladder.columns.price.0.saturating_sub(2);
        pen.pieces(end.saturating_sub(pen::width(&pieces) as u16), row, &pieces);
    } else {
        pen.pieces(ladder.columns.ask_bar.0, row, &pieces);
    }
}

/// True where the half of the bids is the empty one.
fn is_left(ladder: &Ladder<'_>, row: u16) -> bool {
    sizes::at(ladder, Side::Sell, row) > 0 || ladder.ask_row == Some(row)
}

fn half_room(ladder: &Ladder<'_>, left: bool) -> usize {
    let columns = &ladder.columns;
    let (start, end) = if left {
        (columns.bid_size.0, columns.price.0.saturating_sub(2))
    } else {
        (columns.ask_bar.0, columns.ask_size.1)
    };
    usize::from(end.saturating_sub(start))
}

/// Drops pieces from the end until they fit without the blanks behind them; the first is cut when it alone does not.
fn fit(mut pieces: Vec<Piece>, room: usize) -> Vec<Piece> {
    while pen::width(&pieces) > room
        && let Some((text, _)) = pieces.last_mut()
    {
        text.truncate(text.trim_end().len());
        if pieces.len() == 1 || pen::width(&pieces) <= room {
            break;
        }
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
pub fn pieces(ladder: &Ladder<'_>, row: u16) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    if let Some(sells) = own::displaced(ladder, row) {
        let words = "SELL ";
        let room = half_room(ladder, is_left(ladder, row)).saturating_sub(words.len());
        out.push((
            format!("{words}{}", sells.text(ladder, room)),
            sells.style(ladder),
        ));
    }
    if state_row(ladder) == Some(row) {
        gap(ladder, &mut out);
        state(ladder, &mut out);
    }
    let mut tag = |here: bool, word: &str, role: Role| {
        if here {
            gap(ladder, &mut out);
            out.push((word.to_owned(), ladder.style(role)));
        }
    };
    tag(entry_row(ladder) == Some(row), "entry", Role::Mine);
    for mark in &ladder.marked {
        let here = ladder.grid.row(mark.side, mark.price) == Some(row);
        tag(here, &mark.word, mark.role);
    }
    tag(has_wall(ladder, row), "wall", Role::MinePending);
    if let Some(words) = age(ladder, row) {
        tag(true, &words, Role::Faint);
    }
    out
}

/// A price with a word for its row.
#[derive(Clone, Debug)]
pub struct Marked {
    /// Ticks.
    pub price: Price,
    /// The side that it is rowed by.
    pub side: Side,
    /// The word.
    pub word: String,
    /// How it is drawn.
    pub role: Role,
    /// Outside the rows it is worth a marker, but no count where there is no room.
    pub is_soft: bool,
}

/// Break-even, liquidation, signal levels, the session's highest and lowest trade.
pub fn marks(ladder: &Ladder<'_>) -> Vec<Marked> {
    let mark = |price: Option<Price>, side: Side, word: &str, role: Role| {
        price.map(|price| Marked {
            price,
            side,
            word: word.to_owned(),
            role,
            is_soft: role == Role::Dim,
        })
    };
    let closes = position_side(ladder).unwrap_or(Side::Buy).opposite();
    let (low, high) = ladder.scene.market().extremes.unzip();
    let mine = [
        mark(even_price(ladder), closes, "even", Role::MinePending),
        mark(end_price(ladder), closes, "liq", Role::Warn),
    ];
    let session = [
        mark(high, Side::Sell, "high", Role::Dim),
        mark(low, Side::Buy, "low", Role::Dim),
    ];
    let mut out: Vec<Marked> = mine.into_iter().flatten().collect();
    out.extend(levels(ladder));
    out.extend(session.into_iter().flatten());
    out
}

/// Cells of a level's own words.
const LEVEL: usize = 16;

/// The signal levels on the rows, and the nearest one beyond each edge.
fn levels(ladder: &Ladder<'_>) -> Vec<Marked> {
    let market = ladder.scene.market();
    let (bid, _) = view::touch(market);
    let all: Vec<(Side, Place, &Mark)> = market
        .levels
        .iter()
        .map(|mark| {
            let side = match bid {
                Some(bid) if mark.price <= bid => Side::Buy,
                _ => Side::Sell,
            };
            (side, ladder.grid.place(side, mark.price), mark)
        })
        .collect();
    let is = |wanted: Place| move |(_, place, _): &&(Side, Place, &Mark)| *place == wanted;
    let shown = all
        .iter()
        .filter(|(_, place, _)| matches!(place, Place::Row(_)));
    // They stand lowest first.
    let beyond = [
        all.iter().find(is(Place::Above)),
        all.iter().rev().find(is(Place::Below)),
    ];
    shown
        .chain(beyond.into_iter().flatten())
        .map(|(side, _, mark)| Marked {
            price: mark.price,
            side: *side,
            word: match sanitise(&mark.label, LEVEL) {
                label if label.is_empty() => "• level".to_owned(),
                label => format!("• {label}"),
            },
            role: if mark.is_hit { Role::Warn } else { Role::Text },
            is_soft: true,
        })
        .collect()
}

/// True where a wall stands that an own order leans on.
fn has_wall(ladder: &Ladder<'_>, row: u16) -> bool {
    let market = ladder.scene.market();
    let leans = market
        .orders
        .iter()
        .filter(|order| own::mark(order).is_some());
    leans
        .filter_map(|order| Some((order.side, order.wall?)))
        .any(|(side, wall)| ladder.grid.row(side, wall) == Some(row))
}

/// Youngest age of a large size that is told, ms; younger ones come and go.
const AGED_MS: u64 = 10_000;

/// For how long a row has been huge, or large under the cursor: `20s`, `3m`. It changes seldom.
fn age(ladder: &Ladder<'_>, row: u16) -> Option<String> {
    let least = if ladder.scene.view.cursor_row() == Some(row) {
        ladder.marks.large
    } else {
        ladder.marks.huge
    };
    let price = ladder.grid.price(row);
    let known = ladder.scene.view.rows_known(ladder.scene.market())?;
    let here = known.standing.iter().find(|standing| {
        standing.price == price && sizes::at(ladder, standing.side, row) >= least
    })?;
    let ms = ladder.scene.snapshot.now.ms_since(here.since);
    match ms {
        0..AGED_MS => None,
        AGED_MS..60_000 => Some(format!("{}s", ms / AGED_MS * (AGED_MS / 1_000))),
        _ => Some(format!("{}m", ms / 60_000)),
    }
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
