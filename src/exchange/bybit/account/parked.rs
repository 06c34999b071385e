//! Post-only orders that the venue took for processing, until the private line says whether they rest. Owns them.
//!
//! "The ack indicates that the request is accepted" (Bybit, Place Order): a post-only order that would have taken is acknowledged
//! like any other, and its refusal follows as an order that ended. To its trader it was refused; so the acknowledgement is not told
//! before the line had its say.

use crate::domain::{ClientId, OrderId, OrderKind, Stamp, TimeInForce};
use crate::exchange::account::request::What;

/// The acknowledgement is told after this, ms, when the line says nothing.
const PATIENCE_MS: u64 = 1_500;

/// See the module.
#[derive(Debug, Default)]
pub struct Parked {
    orders: Vec<(What, Option<OrderId>, Stamp)>,
}

impl Parked {
    /// Keeps an acknowledged order back; gives back one that needs no keeping.
    pub fn keep(&mut self, what: What, venue: Option<OrderId>, now: Stamp) -> Option<What> {
        if is_post_only(&what) {
            self.orders.push((what, venue, now));
            None
        } else {
            Some(what)
        }
    }

    /// The order was told of: its acknowledgement says nothing new any more. Gives the request.
    pub fn take(&mut self, client: ClientId) -> Option<What> {
        let at = self
            .orders
            .iter()
            .position(|(what, ..)| what.order().client == client)?;
        Some(self.orders.remove(at).0)
    }

    /// Acknowledgements that waited long enough.
    pub fn due(&mut self, now: Stamp) -> Vec<(What, Option<OrderId>)> {
        let (due, rest) = std::mem::take(&mut self.orders)
            .into_iter()
            .partition(|(_, _, since)| now.ms_since(*since) >= PATIENCE_MS);
        self.orders = rest;
        let due: Vec<(What, Option<OrderId>, Stamp)> = due;
        due.into_iter()
            .map(|(what, venue, _)| (what, venue))
            .collect()
    }

    /// When the next one has waited long enough.
    pub fn next(&self) -> Option<Stamp> {
        let since = self.orders.iter().map(|(_, _, since)| *since).min()?;
        Some(since.plus_ms(PATIENCE_MS))
    }
}

/// Rests or is refused.
pub fn is_post_only(what: &What) -> bool {
    let What::Place(order) = what else {
        return false;
    };
    let post_only = TimeInForce::PostOnly;
    matches!(order.get().kind, OrderKind::Limit { tif, .. } if tif == post_only)
}
