//! The one place that sends orders: a request as the venue's words, on its way.

use super::caller::Caller;
use super::lines::PRIVATE;
use crate::domain::{Instrument, OrderClass, OrderRef, Stamp, Symbol};
use crate::exchange::account::request::{Path, Requests, What};
use crate::exchange::machine::Out;
use crate::exchange::okx::write::{self, Named, TradeMode};

/// What a request needs beside itself.
pub struct Terms<'a> {
    /// The instrument; a cancel needs none.
    pub instrument: Option<&'a Instrument>,
    /// The number by which the socket names it, where it takes it.
    pub code: Option<u64>,
    /// What margin a new order uses.
    pub mode: TradeMode,
    /// A conditional order trails: the venue cancels it by another call.
    pub trails: bool,
}

/// Hands one request on. This is the only place that sends orders, and it is reached once for each, or once more by REST
/// after the proof that no byte of it left. False: it could not be put in words, and nothing was sent.
pub fn send(
    requests: &mut Requests,
    caller: &mut Caller,
    path: Path,
    what: What,
    terms: &Terms<'_>,
    now: Stamp,
    out: &mut Out,
) -> bool {
    let symbol = what.key().symbol;
    let named = match (path, terms.code) {
        (Path::Line, Some(code)) => Named::Code(code),
        (Path::Line, None) => return false,
        (Path::Rest, _) => Named::Id(symbol.as_str()),
    };
    let Some(body) = body(&what, terms, named) else {
        return false;
    };
    let id = caller.number();
    // A cancel is welcome however late, and conditional orders have no such time.
    let regular = what.order().class == OrderClass::Regular;
    let dies = regular && !matches!(what, What::Cancel { .. });
    let expires_ms = caller.expires_ms(now).filter(|_| dies);
    match path {
        Path::Line => out.send(
            PRIVATE,
            id,
            write::frame(id, operation(&what), expires_ms, &body),
        ),
        Path::Rest => caller.order(now, target(&what, terms.trails), body, expires_ms, id, out),
    }
    requests.sent(id, what, path, now);
    true
}

fn body(what: &What, terms: &Terms<'_>, named: Named<'_>) -> Option<String> {
    match what {
        What::Place(order) => {
            let (order, instrument) = (order.get(), terms.instrument?);
            Some(match order.kind.class() {
                OrderClass::Regular => write::place(order, instrument, terms.mode, named),
                OrderClass::Conditional => write::place_algo(order, instrument, terms.mode),
            })
        }
        What::Amend(amend) => Some(write::amend(amend.get(), terms.instrument?, named)),
        What::Cancel { key, order } => Some(cancel(order, &key.symbol, named)),
    }
}

fn cancel(order: &OrderRef, symbol: &Symbol, named: Named<'_>) -> String {
    match order.class {
        OrderClass::Regular => write::cancel(order, named),
        OrderClass::Conditional => write::cancel_algo(order, symbol),
    }
}

/// The socket's word for a request. It has none for conditional orders, and none is asked for.
const fn operation(what: &What) -> &'static str {
    match what {
        What::Place(_) => "order",
        What::Amend(_) => "amend-order",
        What::Cancel { .. } => "cancel-order",
    }
}

/// Where a request goes over REST. What trails has a cancel of its own (OKX v5, Cancel advance algo order).
fn target(what: &What, trails: bool) -> &'static str {
    match (what, what.order().class) {
        (What::Place(_), class) => write::place_path(class),
        (What::Amend(_), _) => "/api/v5/trade/amend-order",
        (What::Cancel { .. }, OrderClass::Regular) => "/api/v5/trade/cancel-order",
        (What::Cancel { .. }, OrderClass::Conditional) if trails => {
            "/api/v5/trade/cancel-advance-algos"
        }
        (What::Cancel { .. }, OrderClass::Conditional) => "/api/v5/trade/cancel-algos",
    }
}
