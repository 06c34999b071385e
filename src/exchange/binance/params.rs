//! The parameters of one order request, sorted as the WebSocket API signs them. Owns them while they are put together.

use super::sign::{Param, Value};

/// How long after its timestamp the venue may still take an order, ms: an order held up on the wire longer than this is refused
/// instead of surprising its trader (Binance, General Info, timing security).
pub const ORDER_WINDOW_MS: i64 = 2_000;

/// The parameters of one request, in the order in which the WebSocket API signs them.
#[derive(Debug, Default)]
pub struct Params<'a> {
    items: Vec<Param<'a>>,
}

impl<'a> Params<'a> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            items: Vec::with_capacity(16),
        }
    }

    /// One that is text: names, decimals, booleans.
    pub fn text(&mut self, name: &'static str, value: &'a str) {
        self.items.push((name, Value::Text(value)));
    }

    /// One that was made elsewhere.
    pub fn item(&mut self, item: Param<'a>) {
        self.items.push(item);
    }

    /// One that is a whole number.
    pub fn int(&mut self, name: &'static str, value: i64) {
        self.items.push((name, Value::Int(value)));
    }

    /// The parameters, ready to be signed, with the window and the time that every signed request has.
    pub fn finish(mut self, timestamp: i64) -> Vec<Param<'a>> {
        self.int("recvWindow", ORDER_WINDOW_MS);
        self.int("timestamp", timestamp);
        self.items.sort_unstable_by_key(|(name, _)| *name);
        self.items
    }
}
