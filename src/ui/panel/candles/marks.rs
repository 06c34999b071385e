//! The right edge of the candles: round prices, the last price, and what is one's own. Nothing of one's own is hidden by a label.

use ratatui::style::Modifier;
use rust_decimal::Decimal;

use super::Chart;
use crate::domain::{Instrument, Price, Side};
use crate::ui::format;
use crate::ui::panel::ladder::{own_mark, own_waits_at};
use crate::ui::panel::{Scene, position};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// Rows between two round prices.
const APART: u16 = 4;

/// A signal level.
const LEVEL: &str = "●";
/// Where the venue would close; far away it is no news.
const LIQUIDATION: &str = "!";

/// Something of one's own at a price.
pub struct Mark {
    /// Where, ticks.
    pub price: Price,
    /// The louder has the higher rank.
    rank: u8,
    glyph: &'static str,
    role: Role,
}

/// Columns of the edge: a gap, a mark, and a price.
pub fn width(scene: &Scene<'_>) -> u16 {
    3 + scene.view.widths().price.max(7)
}

/// Signal levels, own orders, the entry, the price that leaves nothing lost, and where the venue would close.
pub fn own(scene: &Scene<'_>, instrument: &Instrument) -> Vec<Mark> {
    let market = scene.market();
    let orders = market.orders.iter().filter_map(|order| {
        let (rank, glyph, role) = own_mark(order)?;
        let price = own_waits_at(order)?;
        let rank = 3 + rank + u8::from(order.exit);
        Some(Mark {
            price,
            rank,
            glyph,
            role,
        })
    });
    let at = &market.position;
    let held = position::side(at).is_some();
    let priced = |price: Option<Decimal>, rank, glyph, role| {
        let price = price.filter(|price| held && *price > Decimal::ZERO)?;
        let price = instrument.tick.floor(price).map(Price)?;
        Some(Mark {
            price,
            rank,
            glyph,
            role,
        })
    };
    let entry = priced(Some(at.entry), 3, "◆", Role::Mine);
    let even = priced(at.break_even, 2, "◇", Role::MinePending);
    let liquidation = priced(at.liquidation, 9, LIQUIDATION, Role::Alarm);
    let levels = market.levels.iter().map(|level| Mark {
        price: level.price,
        rank: 1,
        glyph: LEVEL,
        role: Role::Bright,
    });
    let own = levels.chain(orders).chain(entry).chain(even);
    own.chain(liquidation).collect()
}

/// Draws the edge.
pub fn draw(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let style = |role| chart.scene.style(role);
    let text = |price: Price| format::price(chart.instrument, price);
    let end = pen.width();
    for price in chart.scale.labels(APART) {
        if let Some(row) = chart.scale.row(price) {
            pen.put_right(end, row, &text(price), style(Role::Faint));
        }
    }
    let mut own = own(chart.scene, chart.instrument);
    own.sort_by_key(|mark| mark.rank);
    let mut edges: [Option<&Mark>; 2] = [None, None];
    for mark in &own {
        match chart.scale.row(mark.price) {
            Some(row) => put(chart, mark, row, pen),
            None if mark.glyph == LIQUIDATION || mark.glyph == LEVEL => {}
            None => {
                let over = chart.scale.is_over(mark.price);
                let edge = &mut edges[usize::from(!over)];
                let nearer = |known: &Mark| (mark.price < known.price) == over;
                if edge.is_none_or(nearer) {
                    *edge = Some(mark);
                }
            }
        }
    }
    let last_row = chart.scale.rows().saturating_sub(1);
    for (mark, row, arrow) in [(edges[0], 0, "↑"), (edges[1], last_row, "↓")] {
        if let Some(mark) = mark {
            let words = format!("{arrow}{}", text(mark.price));
            pen.put_right(end, row, &words, style(mark.role));
            pen.put(chart.width + 1, row, mark.glyph, style(mark.role));
        }
    }
    last(chart, pen);
}

fn put(chart: &Chart<'_>, mark: &Mark, row: u16, pen: &mut Pen<'_>) {
    let style = chart.scene.style(mark.role);
    let price = format::price(chart.instrument, mark.price);
    let room = usize::from(pen.width().saturating_sub(chart.width + 2));
    pen.put(chart.width + 1, row, mark.glyph, style);
    pen.put(chart.width + 2, row, &format::right(&price, room), style);
}

/// The last price on its row, with the ground of its side; a mark of one's own stays beside it.
fn last(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let Some(print) = chart.scene.market().last else {
        return;
    };
    let Some(row) = chart.scale.row(print.price) else {
        return;
    };
    let ground = match print.side {
        Side::Buy => Role::BestBid,
        Side::Sell => Role::BestAsk,
    };
    let style = chart.scene.style(Role::Bright);
    let style = style.patch(chart.scene.style(ground));
    let price = format::price(chart.instrument, print.price);
    let start = pen.width().saturating_sub(format::cells(&price) as u16);
    pen.put(start, row, &price, style.add_modifier(Modifier::BOLD));
}
