//! Sizes and their bars. It must not decide what a bar is measured against: the view keeps that still.

use ratatui::style::{Modifier, Style};

use super::Ladder;
use crate::domain::{Price, Side};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

const EIGHTHS: [&str; 9] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// Draws both sides of a row.
pub fn draw(ladder: &Ladder<'_>, row: u16, pen: &mut Pen<'_>) {
    side(ladder, Side::Buy, row, pen);
    side(ladder, Side::Sell, row, pen);
}

/// The size of a side on a row, lots.
pub fn at(ladder: &Ladder<'_>, side: Side, row: u16) -> i64 {
    let half = match side {
        Side::Buy => &ladder.profile.bids,
        Side::Sell => &ladder.profile.asks,
    };
    half.get(usize::from(row)).copied().unwrap_or(0)
}

fn side(ladder: &Ladder<'_>, side: Side, row: u16, pen: &mut Pen<'_>) {
    let size = at(ladder, side, row);
    let end = match side {
        Side::Buy => ladder.columns.bid_size.1,
        Side::Sell => ladder.columns.ask_size.1,
    };
    if size <= 0 {
        if unseen(ladder, side, ladder.grid.price(row)) {
            pen.put_right(end, row, "·", ladder.style(Role::Faint));
        }
        return;
    }
    let (large, huge) = (ladder.marks.large, ladder.marks.huge);
    let role = match side {
        _ if size >= huge => Role::Huge,
        _ if size >= large => Role::Large,
        Side::Buy => Role::Bid,
        Side::Sell => Role::Ask,
    };
    let look = &ladder.scene.view.look;
    let text = look.size(ladder.instrument, ladder.grid.price(row), size);
    pen.put_right(end, row, &text, ladder.fresh(role));
    bar(ladder, side, row, size, pen);
    let beside = match side {
        Side::Buy => ladder.columns.bid_size.1,
        Side::Sell => ladder.columns.ask_bar.1,
    };
    if is_iceberg(ladder, side, row) {
        pen.put(beside, row, "≈", ladder.fresh(Role::Warn));
    } else if size >= huge {
        pen.put(beside, row, "◆", ladder.fresh(Role::Huge));
    }
}

/// True where somebody seems to show a part only.
fn is_iceberg(ladder: &Ladder<'_>, side: Side, row: u16) -> bool {
    let suspects = ladder.scene.market().icebergs.iter();
    suspects
        .filter(|suspect| suspect.side == side && suspect.traded.0 >= ladder.marks.iceberg)
        .any(|suspect| ladder.grid.row(side, suspect.price) == Some(row))
}

/// True for a price that the book was never told anything about.
fn unseen(ladder: &Ladder<'_>, side: Side, price: Price) -> bool {
    let Some(depth) = ladder.scene.market().depth.as_deref() else {
        return false;
    };
    match side {
        Side::Buy => depth.known_down_to.is_some_and(|known| price < known),
        Side::Sell => depth.known_up_to.is_some_and(|known| price > known),
    }
}

/// A bar towards the outside from the price, in eighths of a cell.
fn bar(ladder: &Ladder<'_>, side: Side, row: u16, size: i64, pen: &mut Pen<'_>) {
    let ((start, end), role) = match side {
        Side::Buy => (ladder.columns.bid_bar, Role::BidBar),
        Side::Sell => (ladder.columns.ask_bar, Role::AskBar),
    };
    let full = i64::from(end.saturating_sub(start)) * 8;
    let most = ladder.scene.view.full_bar().max(1);
    let eighths =
        (i128::from(size) * i128::from(full) / i128::from(most)).clamp(1, i128::from(full.max(1)));
    if full == 0 {
        return;
    }
    let (cells, rest) = ((eighths / 8) as u16, (eighths % 8) as usize);
    let style = ladder.style(if ladder.live { role } else { Role::Rule });
    match side {
        Side::Sell => {
            let at = pen.put(start, row, &"█".repeat(usize::from(cells)), style);
            pen.put(at, row, EIGHTHS[rest], style);
        }
        Side::Buy => {
            let first = end.saturating_sub(cells);
            pen.put(first, row, &"█".repeat(usize::from(cells)), style);
            left_part(first.saturating_sub(1), row, rest, style, pen);
        }
    }
}

/// Blocks fill from the left only: the rest of a leftward bar is the block of what is missing, reversed.
/// Terminals disagree about dim and reversed together, so a dim bar ends at half a cell.
fn left_part(column: u16, row: u16, eighths: usize, style: Style, pen: &mut Pen<'_>) {
    if style.add_modifier.contains(Modifier::DIM) {
        if eighths >= 4 {
            pen.put(column, row, "▐", style);
        }
    } else if eighths > 0 {
        pen.put(
            column,
            row,
            EIGHTHS[8 - eighths],
            style.add_modifier(Modifier::REVERSED),
        );
    }
}
