//! What the lists of account truth leave open is looked up order by order: how a conditional order ended that is not listed any
//! more, what the regular order became that it was made into, whose a fill was. Owns nothing; the fetch keeps what was asked.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::caller::Purpose;
use super::commands::query_target;
use super::truth::{Context, Fetch, Kind, Part, Truth};
use crate::domain::{ClientId, OrderClass, OrderId, OrderRef};
use crate::exchange::machine::Out;

/// Orders looked up in one fetch; the rest waits for the next one (20 conditional ones in 2 s).
const LOOKUPS: usize = 16;

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
        let (class, symbol, number) = match kind {
            Kind::Order(symbol, number) => (OrderClass::Regular, symbol, number),
            Kind::Algo(symbol, number) => (OrderClass::Conditional, symbol, number),
            _ => return,
        };
        let order = OrderRef {
            client: number,
            venue: Some(number),
            class,
        };
        let target = query_target(&context.reader.whose.key(symbol), &order);
        let part = Purpose::Truth(Part {
            generation: self.generation,
            kind,
        });
        context.caller.read(context.reader.at, target, part, out);
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
    let open = open_orders(fetch);
    let algos = fetch.algos.iter().chain(&fetch.looked_up_algos);
    algos
        .filter_map(|algo| Some((algo.report.key.symbol, algo.became?)))
        .filter(|(_, number)| !open.contains(number))
        .filter(|(_, number)| !context.told.is_ended(*number))
        .map(|(symbol, number)| Kind::Order(symbol, number))
        .collect()
}

/// Fills whose order has no name of a trader's: it may be what one of our conditional orders became.
fn unnamed(fetch: &Fetch, context: &Context<'_>) -> HashSet<Kind, FixedState> {
    let open = open_orders(fetch);
    fetch
        .fills
        .iter()
        .filter(|fill| ClientId::new(&format!("id-{}", fill.order)) == Ok(fill.client))
        .filter(|fill| !open.contains(&fill.order))
        .filter(|fill| context.told.client_of(fill.order).is_none())
        .map(|fill| Kind::Order(fill.key.symbol, fill.order))
        .collect()
}

fn open_orders(fetch: &Fetch) -> HashSet<OrderId, FixedState> {
    let orders = fetch.orders.iter();
    orders
        .filter_map(|order| order.report.order.venue)
        .collect()
}
