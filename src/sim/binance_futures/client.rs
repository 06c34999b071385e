//! A client of this wire for the tests under this roof.

use serde_json::Value;

use super::BinanceFutures;
use crate::sim::binance::client;
pub use crate::sim::binance::client::{HERE, START_MS, escaped, read};
use crate::sim::keys::{self, Key};
use crate::sim::wire::LineId;

/// Somebody who trades on this exchange.
pub type Client = client::Client<BinanceFutures>;

impl Client {
    pub fn new(faults: &[&str]) -> Self {
        let own = data("own_rsa_2048.pem").parse().unwrap();
        Self::with_keys(keys::make([5; 32], START_MS, Some(own)), faults)
    }

    /// Somebody with the first key of an exchange that gave out these.
    pub fn with_keys(keys: Vec<Key>, faults: &[&str]) -> Self {
        Self::opened(BinanceFutures::new, keys, faults)
    }

    /// Opens a line on the account's events.
    pub fn private(&mut self) -> LineId {
        let key = self.good("POST", "/fapi/v1/listenKey", "")["listenKey"]
            .as_str()
            .unwrap()
            .to_owned();
        self.line("/private/ws", &format!("listenKey={key}"))
    }

    /// Best bid and ask of a symbol, as numbers for comparing and text for sending.
    pub fn best(&mut self, symbol: &str) -> (String, String) {
        let book = self.open("/fapi/v1/depth", &format!("symbol={symbol}&limit=5"));
        let text = |side: &str| book[side][0][0].as_str().unwrap().to_owned();
        (text("bids"), text("asks"))
    }

    /// A BTCUSDT limit order by REST: side, size, price, life and further parameters.
    pub fn limit(&mut self, side: &str, qty: &str, price: &str, more: &str) -> (u16, Value) {
        let query =
            format!("symbol=BTCUSDT&side={side}&type=LIMIT&quantity={qty}&price={price}&{more}");
        self.rest("POST", "/fapi/v1/order", &query)
    }
}

/// A file of test data.
pub fn data(name: &str) -> String {
    let folder = "tests/wire/binance_futures/server";
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read_to_string(format!("{root}/{folder}/{name}")).unwrap()
}

/// Payload and signature that OpenSSL made with the private half of a key of the test data.
pub fn made_elsewhere(key: &str) -> (String, String) {
    let rows = data("own_signatures.jsonl");
    let mut rows = rows
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = rows.find(|row| row["key"] == key).unwrap();
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    (text("payload"), text("signature"))
}
