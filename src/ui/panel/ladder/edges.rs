//! What is mine but outside the rows: a marker at the ladder's head or foot with the distance from the price that would meet it.

use super::{Ladder, own, tags};
use crate::domain::{OrderStatus, Price, Side, Unit};
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;
use crate::ui::view::{self, Place};

/// What is not one's own and further away than so many screens is not told.
const MOST_SCREENS: i64 = 10;

struct Edge {
    side: Side,
    price: Price,
    words: String,
    role: Role,
    /// Worth a marker, but no count where there is no room.
    is_soft: bool,
}

/// Draws the markers of both edges, and the zoom at the foot. Gives the column after those at the head.
pub fn draw(ladder: &Ladder<'_>, pen: &mut Pen<'_>) -> u16 {
    let foot = pen.height().saturating_sub(1);
    let mut zoom = match ladder.grid.zoom() {
        1 => "1 tick a row".to_owned(),
        ticks => format!("{ticks} ticks a row"),
    };
    if let Some(words) = contract(ladder) {
        zoom = format!("{words}, {zoom}");
    }
    let words = ladder.columns.price.0.saturating_sub(2);
    pen.put_right(words, foot, &zoom, ladder.style(Role::Faint));
    let edges = edges(ladder);
    line(ladder, &edges, Place::Below, foot, pen);
    line(ladder, &edges, Place::Above, 0, pen)
}

/// What a size of one counts, where that is no coin: sizes of several venues stand side by side.
fn contract(ladder: &Ladder<'_>) -> Option<String> {
    let rules = ladder.instrument;
    let many = rules.multiplier.normalize();
    (rules.unit == Unit::Contract).then(|| format!("1 = {many} {}", rules.base))
}

fn edges(ladder: &Ladder<'_>) -> Vec<Edge> {
    let mut out = Vec::new();
    let side = tags::position_side(ladder).unwrap_or(Side::Buy);
    let market = ladder.scene.market();
    for order in &market.orders {
        let (Some((_, sign, role)), Some(price)) = (own::mark(order), own::waits_at(order)) else {
            continue;
        };
        let size = format::qty(ladder.instrument, order.remaining);
        let words = match order.trigger {
            Some(_) if order.exit && order.status == OrderStatus::Working => "stop".to_owned(),
            Some(_) if order.exit => format!("{sign}stop"),
            // What opens or adds is never called a stop.
            _ => format!("{sign}{} {size}", order.side.word()),
        };
        out.push(Edge {
            side: order.side,
            price,
            words,
            role,
            is_soft: false,
        });
    }
    // Danger and protection stand before entries that merely wait.
    out.sort_by_key(|edge| (edge.role != Role::Alarm, !edge.words.ends_with("stop")));
    let (bid, ask) = view::touch(market);
    let screens = MOST_SCREENS
        .saturating_mul(i64::from(ladder.grid.rows()))
        .saturating_mul(ladder.grid.zoom());
    let far = |price: Price| {
        let from = bid.or(ask).unwrap_or(price);
        price.0.saturating_sub(from.0).saturating_abs() > screens
    };
    let entry = tags::entry_price(ladder).map(|price| tags::Marked {
        price,
        side,
        word: "entry".to_owned(),
        role: Role::Mine,
        is_soft: false,
    });
    for mark in entry.iter().chain(&ladder.marked) {
        let is_mine = matches!(mark.role, Role::Mine | Role::MinePending);
        if !is_mine && far(mark.price) {
            continue;
        }
        out.push(Edge {
            side: mark.side,
            price: mark.price,
            words: mark.word.clone(),
            role: mark.role,
            is_soft: mark.is_soft,
        });
    }
    out
}

fn line(ladder: &Ladder<'_>, edges: &[Edge], wanted: Place, row: u16, pen: &mut Pen<'_>) -> u16 {
    let here: Vec<&Edge> = edges
        .iter()
        .filter(|edge| ladder.grid.place(edge.side, edge.price) == wanted)
        .collect();
    let mut column = ladder.columns.ask_bar.0;
    if wanted == Place::Above && !here.is_empty() {
        // Nothing of the head may stick out behind a marker.
        let room = usize::from(pen.width().saturating_sub(column));
        pen.put(column, row, &" ".repeat(room), ladder.style(Role::Heading));
    }
    for (done, edge) in here.iter().enumerate() {
        let last = here[done + 1..].iter().all(|edge| edge.is_soft);
        // Room for the count of those that do not fit.
        let kept = if last { 0 } else { 5 };
        let room = usize::from(pen.width().saturating_sub(column)).saturating_sub(kept);
        let mut pieces = pieces(ladder, edge, wanted);
        // A number is never cut: without room for all of it the distance goes, then everything.
        if pen::width(&pieces) > room && done == 0 {
            pieces.truncate(2);
        }
        if pen::width(&pieces) > room {
            let left = here[done..].iter().filter(|edge| !edge.is_soft).count();
            if left > 0 {
                let words = format!("{}{left}", arrow(wanted));
                column = pen.put(column, row, &words, ladder.style(edge.role));
            }
            return column;
        }
        column = pen.pieces(column, row, &pieces) + 2;
    }
    column
}

const fn arrow(wanted: Place) -> &'static str {
    match wanted {
        Place::Above => "▲ ",
        _ => "▼ ",
    }
}

/// `▼ stop 904t`: the distance is from the best price on that side.
fn pieces(ladder: &Ladder<'_>, edge: &Edge, wanted: Place) -> Vec<Piece> {
    let (bid, ask) = view::touch(ladder.scene.market());
    let from = if wanted == Place::Above {
        ask.or(bid)
    } else {
        bid.or(ask)
    };
    let far = from.map_or(0, |from| {
        edge.price.0.saturating_sub(from.0).saturating_abs()
    });
    vec![
        (arrow(wanted).to_owned(), ladder.style(edge.role)),
        (edge.words.clone(), ladder.style(edge.role)),
        (
            format!(" {}t", format::grouped(&far.to_string())),
            ladder.style(Role::Dim),
        ),
    ]
}
