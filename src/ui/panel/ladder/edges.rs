//! What is mine but outside the rows: a marker at the ladder's head or foot with the distance from the price that would meet it.

use super::{Ladder, own, tags};
use crate::domain::{OrderStatus, Price, Side};
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::theme::Role;
use crate::ui::view::{self, Place};

struct Edge {
    side: Side,
    price: Price,
    words: String,
    role: Role,
}

/// Draws the markers of both edges, and the zoom at the foot.
pub fn draw(ladder: &Ladder<'_>, pen: &mut Pen<'_>) {
    let foot = pen.height().saturating_sub(1);
    let zoom = match ladder.grid.zoom() {
        1 => "1 tick a row".to_owned(),
        ticks => format!("{ticks} ticks a row"),
    };
    let words = ladder.columns.price.0.saturating_sub(2);
    pen.put_right(words, foot, &zoom, ladder.style(Role::Faint));
    let edges = edges(ladder);
    line(ladder, &edges, Place::Above, 0, pen);
    line(ladder, &edges, Place::Below, foot, pen);
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
            Some(_) if order.status == OrderStatus::Working => "stop".to_owned(),
            Some(_) => format!("{sign}stop"),
            None => format!("{sign}{} {size}", order.side.word()),
        };
        out.push(Edge { side: order.side, price, words, role });
    }
    // Danger and protection stand before entries that merely wait.
    out.sort_by_key(|edge| (edge.role != Role::Alarm, !edge.words.ends_with("stop")));
    let mut own = |price: Option<Price>, side: Side, words: &str, role: Role| {
        if let Some(price) = price {
            out.push(Edge { side, price, words: words.to_owned(), role });
        }
    };
    own(tags::entry_price(ladder), side, "entry", Role::Mine);
    own(tags::even_price(ladder), side.opposite(), "even", Role::MinePending);
    out
}

fn line(ladder: &Ladder<'_>, edges: &[Edge], wanted: Place, row: u16, pen: &mut Pen<'_>) {
    let (arrow, (bid, ask)) = match wanted {
        Place::Above => ("▲ ", view::touch(ladder.scene.market())),
        _ => ("▼ ", view::touch(ladder.scene.market())),
    };
    let start = ladder.columns.ask_bar.0;
    let mut room = usize::from(pen.width().saturating_sub(start));
    let mut column = start;
    let here: Vec<&Edge> = edges
        .iter()
        .filter(|edge| ladder.grid.place(edge.side, edge.price) == wanted)
        .collect();
    for (done, edge) in here.iter().enumerate() {
        let from = if wanted == Place::Above { ask.or(bid) } else { bid.or(ask) };
        let far = from.map_or(0, |from| edge.price.0.saturating_sub(from.0).saturating_abs());
        let distance = format!(" {}t", format::grouped(&far.to_string()));
        let pieces: [Piece; 3] = [
            (arrow.to_owned(), ladder.style(edge.role)),
            (edge.words.clone(), ladder.style(edge.role)),
            (format!("{distance}  "), ladder.style(Role::Dim)),
        ];
        let more = format!("+{}", here.len() - done);
        let last = done + 1 == here.len();
        if pen::width(&pieces) + if last { 0 } else { 4 } > room + 2 && done > 0 {
            pen.put(column, row, &more, ladder.style(Role::Mine));
            return;
        }
        room = room.saturating_sub(pen::width(&pieces));
        column = pen.pieces(column, row, &pieces);
    }
}
