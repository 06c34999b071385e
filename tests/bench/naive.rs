//! The path that anybody would write first: owned JSON, decimals, a tree a side. The yardstick of the ingest bench.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
#[expect(
    dead_code,
    reason = "parsed as the naive path would, whether read or not"
)]
struct Message {
    e: String,
    #[serde(rename = "E")]
    event_ms: u64,
    #[serde(rename = "T")]
    transaction_ms: u64,
    s: String,
    #[serde(rename = "U")]
    first: u64,
    u: u64,
    pu: u64,
    b: Vec<(String, String)>,
    a: Vec<(String, String)>,
}

/// Two trees of decimals.
#[derive(Default)]
pub struct Book {
    pub bids: BTreeMap<Decimal, Decimal>,
    pub asks: BTreeMap<Decimal, Decimal>,
    last: u64,
}

fn set(side: &mut BTreeMap<Decimal, Decimal>, levels: &[(String, String)]) {
    for (price, qty) in levels {
        let (price, qty): (Decimal, Decimal) = (
            price.parse().expect("a price"),
            qty.parse().expect("a size"),
        );
        if qty.is_zero() {
            side.remove(&price);
        } else {
            side.insert(price, qty);
        }
    }
}

impl Book {
    pub fn snapshot(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Self {
        let tree = |levels: &[(i64, i64)]| {
            levels
                .iter()
                .map(|(p, q)| (Decimal::new(*p, 1), Decimal::new(*q, 3)))
                .collect()
        };
        Self {
            bids: tree(bids),
            asks: tree(asks),
            last: 0,
        }
    }

    pub fn apply(&mut self, text: &str) {
        let message: Message = serde_json::from_str(text).expect("a depth message");
        self.last = message.u;
        set(&mut self.bids, &message.b);
        set(&mut self.asks, &message.a);
    }

    /// The best 20 of both sides, best first, into `top`.
    pub fn read(&self, top: &mut [Vec<(Decimal, Decimal)>; 2]) {
        let pair = |(p, q): (&Decimal, &Decimal)| (*p, *q);
        let [bids, asks] = top;
        bids.clear();
        bids.extend(self.bids.iter().rev().take(20).map(pair));
        asks.clear();
        asks.extend(self.asks.iter().take(20).map(pair));
    }
}
