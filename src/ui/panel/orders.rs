//! Own orders, one a line: side, what remains, price, and what is proved of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::ladder::own_mark;
use crate::domain::OrderStatus;
use crate::engine::words;
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::{BY_LANCET, OrderRow};
use crate::ui::theme::Role;

/// Draws the panel.
pub fn draw(scene: &Scene<'_>, area: Rect, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area);
    pen.put(0, 0, "orders", scene.style(Role::Heading));
    let mut orders: Vec<&OrderRow> = scene
        .market()
        .orders
        .iter()
        .filter(|o| own_mark(o).is_some())
        .collect();
    let (Some(instrument), false) = (scene.instrument(), orders.is_empty()) else {
        pen.put(0, 1, "none rest", scene.style(Role::Faint));
        return;
    };
    orders.sort_by_key(|order| {
        let rank = own_mark(order).map_or(0, |(rank, ..)| rank);
        (
            std::cmp::Reverse(rank),
            std::cmp::Reverse(order.trigger.or(order.price)),
        )
    });
    let room = usize::from(pen.height().saturating_sub(1));
    let widths = scene.view.widths();
    let size = format::widest(instrument, orders.iter().map(|order| order.remaining));
    for (at, order) in orders.iter().enumerate() {
        let row = u16::try_from(at + 1).unwrap_or(u16::MAX);
        if at + 1 == room && orders.len() > room {
            pen.put(
                0,
                row,
                &format!("and {} more", orders.len() - at),
                scene.style(Role::Dim),
            );
            return;
        }
        let Some((_, mark, role)) = own_mark(order) else {
            continue;
        };
        let style = if order.selected {
            scene.style(Role::Chosen)
        } else {
            scene.style(role)
        };
        pen.put(0, row, mark, style);
        pen.put(2, row, order.side.word(), scene.style(Role::Text));
        let size_end = 7 + size;
        pen.put_right(
            size_end,
            row,
            &format::qty(instrument, order.remaining),
            scene.style(Role::Bright),
        );
        let price_end = size_end + 1 + widths.price.max(7);
        let price = order.trigger.or(order.price);
        let price = price.map_or_else(
            || "market".to_owned(),
            |price| format::price(instrument, price),
        );
        pen.put_right(price_end, row, &price, scene.style(Role::Bright));
        let words_style = scene.style(if role == Role::Alarm { role } else { Role::Dim });
        pen.put(price_end + 1, row, &state(scene, order), words_style);
    }
}

/// What is proved, in a word or two.
fn state(scene: &Scene<'_>, order: &OrderRow) -> String {
    let trail = order
        .trails
        .map(|rate| format!("venue {}", words::percent(rate)));
    let state = match order.status {
        OrderStatus::Unknown => "UNKNOWN",
        OrderStatus::Sent => "sent",
        OrderStatus::Accepted => "taken",
        _ if order.cancelling => "cancelling",
        _ if order.amending_to.is_some() => "moving",
        _ if trail.is_some() => trail.as_deref().unwrap_or_default(),
        _ if order.follows => "follows",
        _ if order.trigger.is_some() && !order.exit && order.plan.is_empty() => "stop entry",
        _ if order.trigger.is_some() && !order.exit => "entry oco",
        _ if order.plan == BY_LANCET => BY_LANCET,
        _ if order.trigger.is_some() => "stop",
        // It rests, and this runs with it.
        _ if !order.plan.is_empty() => &order.plan,
        _ if order.exit => "exit",
        _ => "rests",
    };
    let mut out = state.to_owned();
    if let (Some(ahead), Some(instrument), OrderStatus::Working) =
        (order.ahead, scene.instrument(), order.status)
        && !order.cancelling
        && (order.plan.is_empty() || order.plan == "oco")
    {
        out.push_str(&format!(" ~{}", format::qty(instrument, ahead)));
    }
    if order.external {
        out.push_str(" foreign");
    }
    out
}
