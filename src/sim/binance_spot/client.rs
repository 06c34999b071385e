//! A client of this wire for the tests under this roof.

use serde_json::{Value, json};

use super::BinanceSpot;
use crate::sim::binance::client;
pub use crate::sim::binance::client::{HERE, START_MS, read};
use crate::sim::keys;
use crate::sim::wire::LineId;

/// Somebody who trades on this exchange.
pub type Client = client::Client<BinanceSpot>;

impl Client {
    pub fn new(faults: &[&str]) -> Self {
        let keys = keys::make([5; 32], START_MS, None);
        Self::opened(BinanceSpot::new, keys, faults)
    }

    /// Opens a line of the WebSocket API that is told of the account.
    pub fn subscribed(&mut self) -> LineId {
        let line = self.line("/ws-api/v3", "returnRateLimits=false");
        let said = self.api(line, "userDataStream.subscribe.signature", json!({}));
        assert_eq!(said[0]["result"]["subscriptionId"], 0, "{said:?}");
        line
    }

    /// The account's events said on a line since the last look.
    pub fn events(&mut self, line: LineId) -> Vec<Value> {
        let said = self.said(line).into_iter();
        said.filter_map(|mut said| said.get_mut("event").map(Value::take))
            .collect()
    }

    /// Best bid and ask of BTCUSDT.
    pub fn best(&mut self) -> (f64, f64) {
        let book = self.open("/api/v3/depth", "symbol=BTCUSDT&limit=5");
        let number = |side: &str| book[side][0][0].as_str().unwrap().parse().unwrap();
        (number("bids"), number("asks"))
    }

    /// A BTCUSDT limit order by REST: side, size, price and further parameters.
    pub fn limit(&mut self, side: &str, qty: &str, price: f64, more: &str) -> (u16, Value) {
        let query = format!(
            "symbol=BTCUSDT&side={side}&type=LIMIT&timeInForce=GTC&quantity={qty}&price={price:.2}{more}"
        );
        self.rest("POST", "/api/v3/order", &query)
    }

    /// A BTCUSDT market order by REST that has to be taken.
    pub fn market(&mut self, side: &str, size: &str) -> Value {
        let query = format!("symbol=BTCUSDT&side={side}&type=MARKET&{size}");
        self.good("POST", "/api/v3/order", &query)
    }

    /// Free and locked of an asset.
    pub fn balance(&mut self, asset: &str) -> (String, String) {
        let account = self.good("GET", "/api/v3/account", "");
        let rows = account["balances"].as_array().unwrap();
        let row = rows.iter().find(|row| row["asset"] == asset).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("free"), text("locked"))
    }
}
