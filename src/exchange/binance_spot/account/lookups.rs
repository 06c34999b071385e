//! Trades of account truth whose order nobody named are looked up order by order. Owns nothing; the fetch keeps what was asked.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::truth::{Context, Fetch, Kind, Truth};
use crate::domain::OrderId;
use crate::exchange::binance::sign::Value;
use crate::exchange::binance_spot::write;
use crate::exchange::machine::Out;

/// Orders looked up in one fetch; the rest waits for the next one.
const LOOKUPS: usize = 40;

impl Truth {
    /// Asks for the orders of trades that nobody named: one may be ours whose answer was lost.
    pub(super) fn look_up(&self, fetch: &mut Fetch, context: &mut Context<'_>, out: &mut Out) {
        for kind in unnamed(fetch, context) {
            let Kind::Order(symbol, number) = kind else {
                continue;
            };
            let id = number.number().and_then(|id| i64::try_from(id).ok());
            if let Some(id) = id
                && fetch.asked.len() < LOOKUPS
                && fetch.asked.insert(kind)
            {
                fetch.waiting.insert(kind);
                let params = [
                    ("symbol", Value::Text(symbol.as_str())),
                    ("orderId", Value::Int(id)),
                ];
                self.ask(kind, write::ORDER, &params, context, out);
            }
        }
    }
}

fn unnamed(fetch: &Fetch, context: &Context<'_>) -> HashSet<Kind, FixedState> {
    let known = fetch.orders.iter().chain(&fetch.looked_up);
    let named: HashSet<OrderId, FixedState> = known.filter_map(|o| o.order.venue).collect();
    let trades = fetch.trades.iter();
    trades
        .filter(|fill| !named.contains(&fill.order))
        .filter(|fill| context.told.client_of(fill.order).is_none())
        .map(|fill| Kind::Order(fill.key.symbol, fill.order))
        .collect()
}
