//! The stops that a position itself has at Bybit: at most one stop and one trailing stop, which close the whole of it. Pure; owns
//! nothing.

use crate::domain::{Callback, ClientId, Intent, Leg, NewOrder, OrderKind, Price, Symbol};

use super::instruments::Category;

/// Which of a position's own stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// Fires at a price.
    Stop,
    /// Follows the price at a distance.
    Trail,
}

impl SlotKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Stop, Self::Trail];

    /// The kind of stop that carries an order of this kind; `None` where the order is one of its own.
    pub const fn of(order: &NewOrder) -> Option<Self> {
        match (order.intent, order.kind) {
            (Intent::Exit, OrderKind::Stop { limit: None, .. }) => Some(Self::Stop),
            (Intent::Exit, OrderKind::Trail { .. }) => Some(Self::Trail),
            _ => None,
        }
    }
}

/// One place for a stop: on which position, and which of its two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SlotKey {
    /// The instrument.
    pub symbol: Symbol,
    /// Which of its positions; `None` where it has one.
    pub leg: Option<Leg>,
    /// Which of the position's stops.
    pub kind: SlotKind,
}

impl SlotKey {
    /// The place that an order of ours would take; `None` where it is an order of its own.
    pub fn of(order: &NewOrder) -> Option<Self> {
        let symbol = order.key.symbol;
        if Category::of(&symbol) == Category::Spot {
            return None;
        }
        Some(Self {
            symbol,
            leg: order.leg,
            kind: SlotKind::of(order)?,
        })
    }

    /// The name under which the `count`th stop here is told that nobody of us set: `pos-stop-BTCUSDT`, then `pos-stop-BTCUSDT.2`.
    /// `None` where the instrument's name is too long for one.
    pub fn name(&self, count: u32) -> Option<ClientId> {
        let kind = match self.kind {
            SlotKind::Stop => "stop",
            SlotKind::Trail => "trail",
        };
        let leg = match self.leg {
            None => "",
            Some(Leg::Long) => "long-",
            Some(Leg::Short) => "short-",
        };
        let name = format!("pos-{kind}-{leg}{}", self.symbol);
        let again = (count > 1).then(|| format!(".{count}"));
        ClientId::new(&(name + &again.unwrap_or_default())).ok()
    }
}

/// The value that the venue shows of a stop: where it fires, or how far behind it follows, ticks.
pub const fn value(kind: OrderKind) -> Option<Price> {
    match kind {
        OrderKind::Stop { trigger, .. } => Some(trigger),
        OrderKind::Trail {
            callback: Callback::Distance(ticks),
            ..
        } => Some(Price(ticks)),
        _ => None,
    }
}
