//! What the lists of account truth leave open is looked up order by order: how a conditional order ended that is not listed any
//! more, what the regular order became that it was made into, whose a trade was. Owns nothing; the fetch keeps what was asked.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::caller::Purpose;
use super::truth::{Context, Fetch, Kind, Part, Truth};
use crate::domain::{OrderClass, OrderId};
use crate::exchange::binance_futures::sign::Value;
use crate::exchange::binance_futures::write;
use crate::exchange::machine::{Method, Out};

/// Orders looked up in one fetch; the rest waits for the next one.
const LOOKUPS: usize = 40;

impl Truth {
    /// Asks for every order that is missing and was not asked for yet.
    pub(super) fn look_up(&self, fetch: &mut Fetch, context: &mut Context<'_>, out: &mut Out) {
        let mut wanted = ended_algos(fetch, context);
        wanted.extend(became(fetch, context));
        wanted.extend(unnamed(fetch, context));
        for kind in wanted {
            if fetch.asked.len() < LOOKUPS && fetch.asked.insert(kind) {
                fetch.waiting.insert(kind);
                self.ask_order(kind, context, out);
            }
        }
    }

    fn ask_order(&self, kind: Kind, context: &mut Context<'_>, out: &mut Out) {
        let (class, name, symbol, number) = match kind {
            Kind::Order(symbol, number) => (OrderClass::Regular, "orderId", symbol, number),
            Kind::Algo(symbol, number) => (OrderClass::Conditional, "algoId", symbol, number),
            _ => return,
        };
        let params = [
            ("symbol", Value::Text(symbol.as_str())),
            (
                name,
                Value::Int(
                    number
                        .number()
                        .and_then(|n| i64::try_from(n).ok())
                        .unwrap_or(i64::MAX),
                ),
            ),
        ];
        let part = Purpose::Truth(Part {
            generation: self.generation,
            kind,
        });
        let now = context.reader.at;
        let path = write::path(class);
        context
            .caller
            .signed(now, Method::Get, path, &params, part, out);
    }
}

/// Conditional orders that were open when last heard of and are not listed: they were cancelled, or fired.
fn ended_algos(fetch: &Fetch, context: &Context<'_>) -> Vec<Kind> {
    let open: HashSet<OrderId, FixedState> = fetch
        .algos
        .iter()
        .filter_map(|algo| algo.report.order.venue)
        .collect();
    let waiting = context.told.waiting();
    waiting
        .filter(|(_, number)| !open.contains(number))
        .map(|(symbol, number)| Kind::Algo(symbol, number))
        .collect()
}

/// The regular orders that conditional ones became, where nobody told yet how those ended.
fn became(fetch: &Fetch, context: &Context<'_>) -> Vec<Kind> {
    let open: HashSet<OrderId, FixedState> =
        fetch.orders.iter().filter_map(|o| o.order.venue).collect();
    let algos = fetch.algos.iter().chain(&fetch.looked_up_algos);
    algos
        .filter_map(|algo| Some((algo.report.key.symbol, algo.became?)))
        .filter(|(_, number)| !open.contains(number))
        .filter(|(_, number)| !context.told.is_ended(*number))
        .map(|(symbol, number)| Kind::Order(symbol, number))
        .collect()
}

/// Trades whose order nobody named: the order may be one of ours whose answer was lost.
fn unnamed(fetch: &Fetch, context: &Context<'_>) -> HashSet<Kind, FixedState> {
    let named: HashSet<OrderId, FixedState> =
        fetch.orders.iter().filter_map(|o| o.order.venue).collect();
    fetch
        .trades
        .iter()
        .filter(|fill| !named.contains(&fill.order))
        .filter(|fill| context.told.client_of(fill.order).is_none())
        .map(|fill| Kind::Order(fill.key.symbol, fill.order))
        .collect()
}
