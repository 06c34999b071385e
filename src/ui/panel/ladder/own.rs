//! Own orders on their rows: zoom merges them, it never hides one. It must not invent a state: marks follow what is proved.

use ratatui::style::Style;

use super::Ladder;
use crate::domain::{OrderStatus, Price, Qty, Side};
use crate::ui::format;
use crate::ui::pen::Pen;
use crate::ui::snapshot::OrderRow;
use crate::ui::theme::Role;

/// The mark of an order's state and its role; louder states have a higher rank. `None` when the order is over.
pub fn mark(order: &OrderRow) -> Option<(u8, &'static str, Role)> {
    // Hollow: where the venue moves it, its trigger is only known so far.
    let resting = match (order.trigger, order.trails, order.side, order.exit) {
        (_, Some(_), Side::Buy, _) => "▵",
        (_, Some(_), Side::Sell, _) => "▿",
        (Some(_), None, Side::Buy, _) => "▴",
        (Some(_), None, Side::Sell, _) => "▾",
        (None, None, _, true) => "┃",
        (None, None, _, false) => "▌",
    };
    match order.status {
        OrderStatus::Unknown => Some((5, "?", Role::Alarm)),
        OrderStatus::Sent => Some((4, "»", Role::MinePending)),
        OrderStatus::Accepted => Some((3, "▏", Role::MinePending)),
        OrderStatus::Working if order.cancelling => Some((2, "×", Role::MinePending)),
        OrderStatus::Working => Some((1, resting, Role::Mine)),
        OrderStatus::Filled
        | OrderStatus::Cancelled
        | OrderStatus::Expired
        | OrderStatus::Rejected => None,
    }
}

/// Where an order waits: its trigger, else its limit.
pub const fn waits_at(order: &OrderRow) -> Option<Price> {
    match order.trigger {
        Some(price) => Some(price),
        None => order.price,
    }
}

/// Own orders of one side merged on a row.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    rank: u8,
    mark: &'static str,
    role: Option<Role>,
    total: Qty,
    count: usize,
    stop: bool,
    trail: bool,
    exit: bool,
    selected: bool,
    plan: String,
}

/// The orders of a side on a row; an amend that is not proved stands on both its rows.
pub fn on_row(ladder: &Ladder<'_>, side: Side, row: u16) -> Option<Merged> {
    let mut merged = Merged::default();
    for order in ladder
        .scene
        .market()
        .orders
        .iter()
        .filter(|order| order.side == side)
    {
        let Some((rank, sign, role)) = mark(order) else {
            continue;
        };
        let here = |price: Option<Price>| {
            price.and_then(|price| ladder.grid.row(side, price)) == Some(row)
        };
        if here(waits_at(order)) {
            merged.add(order, rank, sign, role);
        } else if here(order.amending_to) {
            merged.add(order, 4, "»", Role::MinePending);
        }
    }
    (merged.count > 0).then_some(merged)
}

impl Merged {
    fn add(&mut self, order: &OrderRow, rank: u8, sign: &'static str, role: Role) {
        if rank > self.rank {
            (self.rank, self.mark, self.role) = (rank, sign, Some(role));
        }
        self.total = self.total.plus(order.remaining);
        self.count += 1;
        self.stop |= order.trigger.is_some();
        self.trail |= order.trails.is_some();
        self.exit |= order.exit;
        self.selected |= order.selected;
        if self.plan.is_empty() {
            self.plan.clone_from(&order.plan);
        }
    }

    /// As written on the row (`▌0.050`, `┃0.150 stop`, `▌0.150 ×3`), in at most `room` cells. A plan is named by its first word where
    /// it fits; the orders panel has all of it.
    pub fn text(&self, ladder: &Ladder<'_>, room: usize) -> String {
        let size = format!(
            "{}{}",
            self.mark,
            format::qty(ladder.instrument, self.total)
        );
        let suffix = match (self.count, self.stop, self.exit) {
            (2.., _, _) => format!(" ×{}", self.count),
            (_, true, false) => " entry".to_owned(),
            (_, true, true) if self.trail => " trail".to_owned(),
            (_, true, true) => " stop".to_owned(),
            _ if !self.plan.is_empty() => self
                .plan
                .split(' ')
                .next()
                .map_or_else(String::new, |word| format!(" {word}")),
            (_, _, true) => " exit".to_owned(),
            _ => String::new(),
        };
        let whole = format!("{size}{suffix}");
        if format::cells(&whole) <= room {
            whole
        } else {
            format::cut(&size, room)
        }
    }

    /// Its style.
    pub fn style(&self, ladder: &Ladder<'_>) -> Style {
        match (self.selected, self.role) {
            (true, Some(role)) if role != Role::Alarm => ladder.style(Role::Chosen),
            (_, Some(role)) => ladder.style(role),
            (_, None) => ladder.style(Role::Mine),
        }
    }
}

/// Draws the own orders of a row: in the column of their own; where both sides meet, sells go to the row's empty half.
pub fn draw(ladder: &Ladder<'_>, row: u16, pen: &mut Pen<'_>) {
    let (start, end) = ladder.columns.mine;
    let room = usize::from(end - start);
    let (buys, sells) = (
        on_row(ladder, Side::Buy, row),
        on_row(ladder, Side::Sell, row),
    );
    if let Some(merged) = buys.as_ref().or(sells.as_ref()) {
        pen.put(start, row, &merged.text(ladder, room), merged.style(ladder));
    }
}

/// The sells of a row whose own column is taken by buys.
pub fn displaced(ladder: &Ladder<'_>, row: u16) -> Option<Merged> {
    on_row(ladder, Side::Buy, row)?;
    on_row(ladder, Side::Sell, row)
}
