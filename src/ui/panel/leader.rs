//! A line over a ladder about the symbol that leads it: price, change in a minute and in the session, the last large trades.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::Scene;
use crate::domain::text::sanitise;
use crate::domain::{Instrument, Side};
use crate::market::drift::Change;
use crate::ui::format;
use crate::ui::pen::{self, Pen, Piece};
use crate::ui::snapshot::Leader;
use crate::ui::theme::Role;

/// Draws it; what finds no room is left out from the end.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    let Some(leader) = &scene.snapshot.leader else {
        pen.put(1, 0, "no leader", scene.style(Role::Faint));
        return;
    };
    let room = usize::from(pen.width().saturating_sub(1));
    let mut column = 1;
    for part in parts(scene, leader) {
        if usize::from(column) + pen::width(&part) > room + 1 {
            return;
        }
        column = pen.pieces(column, 0, &part) + 2;
    }
}

/// The line's parts, the most important first.
fn parts(scene: &Scene<'_>, leader: &Leader) -> Vec<Vec<Piece>> {
    let name = sanitise(leader.symbol.as_str(), 32);
    let mut first = vec![(name, scene.style(Role::Dim))];
    let (Some(instrument), Some(last)) = (leader.instrument.as_deref(), leader.last) else {
        first.push((" waiting for trades".to_owned(), scene.style(Role::Faint)));
        return vec![first];
    };
    let (mark, role) = side(last.side);
    let price = format::price(instrument, last.price);
    let loud = match leader.is_live {
        true => Role::Bright,
        false => Role::Stale,
    };
    first.push((format!(" {price}"), scene.style(loud)));
    first.push((format!(" {mark}"), scene.style(role)));
    let mut out = vec![first];
    if !leader.is_live {
        out.push(vec![("STALE".to_owned(), scene.style(Role::Warn))]);
    }
    let minute = leader.minute.map(|change| ("1m", change));
    let session = leader.session.map(|change| ("session", change));
    for (name, change) in minute.into_iter().chain(session) {
        out.push(changed(scene, name, change, instrument));
    }
    for print in &leader.large {
        let (mark, role) = side(print.side);
        let size = format::qty(instrument, print.qty);
        out.push(vec![(format!("{mark} {size}"), scene.style(role))]);
    }
    out
}

const fn side(side: Side) -> (&'static str, Role) {
    match side {
        Side::Buy => ("▲", Role::Bid),
        Side::Sell => ("▼", Role::Ask),
    }
}

/// `1m +0.12% +734t`
fn changed(scene: &Scene<'_>, name: &str, change: Change, instrument: &Instrument) -> Vec<Piece> {
    let role = match change.ticks {
        0 => Role::Text,
        1.. => Role::Bid,
        _ => Role::Ask,
    };
    let from = instrument.price_decimal(change.from);
    let moved = instrument.tick.decimal(change.ticks);
    let fraction = moved.checked_div(from).unwrap_or(Decimal::ZERO);
    let percent = format::right(&format::percent(fraction, 2), 6);
    let ticks = format::right(&format::ticks(change.ticks), 7);
    vec![
        (format!("{name} "), scene.style(Role::Dim)),
        (percent, scene.style(role)),
        (ticks, scene.style(role)),
    ]
}
