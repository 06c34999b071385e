//! The one place that sends orders: a request as the venue's words, on its way.

use super::caller::Caller;
use crate::domain::{OrderClass, Stamp};
use crate::exchange::account::request::{Path, Requests, What};
use crate::exchange::account::upkeep::ORDERS;
use crate::exchange::binance_futures::write::{self, Numbers};
use crate::exchange::machine::{Method, Out};

/// Hands one request on. This is the only place that sends orders, and it is reached once for each, or once more by REST
/// after the proof that no byte of it left.
pub fn send(
    requests: &mut Requests,
    caller: &mut Caller,
    path: Path,
    what: What,
    numbers: &Numbers,
    now: Stamp,
    out: &mut Out,
) {
    let id = caller.number();
    let timestamp = caller.timestamp(now);
    let (verb, params) = match &what {
        What::Place(order) => (Method::Post, write::place(order, numbers, timestamp)),
        What::Amend(amend) => (Method::Put, write::amend(amend, numbers, timestamp)),
        What::Cancel { key, order } => (Method::Delete, write::named(key, order, timestamp)),
    };
    let class = what.order().class;
    match path {
        Path::Line => caller.frame(ORDERS, id, method(&what, class), params, out),
        Path::Rest => caller.order(verb, write::path(class), &params, id, out),
    }
    requests.sent(id, what, path, now);
}

/// The WebSocket API's word for a request. There is none to change a conditional order, and none is asked for.
const fn method(what: &What, class: OrderClass) -> &'static str {
    match (what, class) {
        (What::Place(_), OrderClass::Regular) => "order.place",
        (What::Place(_), OrderClass::Conditional) => "algoOrder.place",
        (What::Amend(_), _) => "order.modify",
        (What::Cancel { .. }, OrderClass::Regular) => "order.cancel",
        (What::Cancel { .. }, OrderClass::Conditional) => "algoOrder.cancel",
    }
}
