//! The one place that sends orders: a request as the venue's words, on its way.

use super::purpose::{Caller, Purpose};
use crate::domain::Stamp;
use crate::exchange::account::request::{Path, Requests, What};
use crate::exchange::account::upkeep::ORDERS;
use crate::exchange::binance_spot::write::{self, Numbers};
use crate::exchange::machine::{Method, Out};

/// Hands one request on. This is the only place that sends orders, and it is reached once for each, or once more by REST
/// after the proof that no byte of it left. Changes never get here: the venue has none that moves a price.
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
    let (verb, word, params) = match &what {
        What::Place(order) => {
            let params = write::place(order, numbers, timestamp);
            (Method::Post, "order.place", params)
        }
        What::Cancel { key, order } => {
            let params = write::named(key, order, timestamp);
            (Method::Delete, "order.cancel", params)
        }
        What::Amend(_) => return,
    };
    match path {
        Path::Line => caller.frame(ORDERS, id, word, params, out),
        Path::Rest => {
            let purpose = Purpose::Request(id);
            caller.order(verb, write::ORDER, &params, purpose, out);
        }
    }
    requests.sent(id, what, path, now);
}
