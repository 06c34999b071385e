//! What an exchange says of its one account, asked over each venue's own REST by a plain signed client.

#![allow(clippy::disallowed_methods)]

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::exchange::Exchange;

/// What is open on the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Orders that rest.
    pub orders: usize,
    /// Signed size of each position that is not zero, as text.
    pub positions: Vec<String>,
}

impl Open {
    pub fn is_nothing(&self) -> bool {
        self.orders == 0 && self.positions.is_empty()
    }
}

/// Orders and positions of all perpetuals, by the exchange itself.
pub fn open(exchange: &Exchange) -> Open {
    match exchange.info["venue"].as_str().unwrap() {
        "binance-futures" => Open {
            orders: rows(&exchange.get("/fapi/v1/openOrders", "")).len(),
            positions: held(&exchange.get("/fapi/v2/positionRisk", ""), "positionAmt"),
        },
        "bybit" => {
            let query = "category=linear&settleCoin=USDT";
            let ask = |path: &str| bybit(exchange, path, query)["result"]["list"].clone();
            Open {
                orders: rows(&ask("/v5/order/realtime")).len(),
                positions: held(&ask("/v5/position/list"), "size"),
            }
        }
        "okx" => {
            let ask = |target: &str| okx(exchange, target)["data"].clone();
            Open {
                orders: rows(&ask("/api/v5/trade/orders-pending?instType=SWAP")).len(),
                positions: held(&ask("/api/v5/account/positions?instType=SWAP"), "pos"),
            }
        }
        other => panic!("no client for {other}"),
    }
}

fn rows(list: &Value) -> &[Value] {
    list.as_array().unwrap_or_else(|| panic!("no list: {list}"))
}

fn held(list: &Value, field: &str) -> Vec<String> {
    let sizes = rows(list).iter().map(|row| row[field].as_str().unwrap());
    let is_some = |size: &&str| size.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    sizes.filter(is_some).map(str::to_owned).collect()
}

fn mac(exchange: &Exchange, payload: &str) -> Vec<u8> {
    let secret = exchange.info["api_secret"].as_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Timestamp, key, window and query are signed (Bybit v5, "Integration Guidance").
fn bybit(exchange: &Exchange, path: &str, query: &str) -> Value {
    let key = exchange.info["api_key"].as_str().unwrap();
    let time = millis().to_string();
    let signature =
        data_encoding::HEXLOWER.encode(&mac(exchange, &format!("{time}{key}10000{query}")));
    let headers = [
        ("X-BAPI-API-KEY", key),
        ("X-BAPI-TIMESTAMP", &time),
        ("X-BAPI-RECV-WINDOW", "10000"),
        ("X-BAPI-SIGN", &signature),
    ];
    exchange.fetch("GET", &format!("{path}?{query}"), &headers)
}

/// Timestamp, method and path with query are signed (OKX v5, "Making Requests").
fn okx(exchange: &Exchange, target: &str) -> Value {
    let time = jiff::Timestamp::from_millisecond(millis()).unwrap();
    let time = time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let signature = data_encoding::BASE64.encode(&mac(exchange, &format!("{time}GET{target}")));
    let headers = [
        ("OK-ACCESS-KEY", exchange.info["api_key"].as_str().unwrap()),
        ("OK-ACCESS-TIMESTAMP", &time),
        (
            "OK-ACCESS-PASSPHRASE",
            exchange.info["passphrase"].as_str().unwrap(),
        ),
        ("OK-ACCESS-SIGN", &signature),
    ];
    exchange.fetch("GET", target, &headers)
}
