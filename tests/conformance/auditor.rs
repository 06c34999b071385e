//! Asks an exchange itself what stands, what was traded and what is held, by signed calls of its own that no machine makes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use lancet::sim::keys;
use lancet::sim::wire::{Answer, Request};
use rust_decimal::Decimal;
use serde_json::Value;
use sha2::Sha256;

use super::rig::Rig;

/// From where it asks, so that its questions use up no limit of the client.
const AUDITOR: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 9));

/// What the exchange says of one symbol.
#[derive(Debug, Default)]
pub struct Books {
    /// Size left of each open order by its name; of conditional ones the whole size.
    pub orders: BTreeMap<String, Decimal>,
    /// Ids of own trades.
    pub trades: BTreeSet<String>,
    /// Signed size held; `None` where coins are no position.
    pub held: Option<Decimal>,
}

/// The exchange's own words.
pub fn books(rig: &mut Rig) -> Books {
    let symbol = rig.symbol.as_str().to_owned();
    let asked = |rig: &mut Rig, path: &str, query: &str| rows(&ask(rig, path, query));
    let mut out = Books::default();
    match rig.net.venue.id {
        "binance-futures" => {
            let query = format!("symbol={symbol}&");
            for row in asked(rig, "/fapi/v1/openOrders", &query) {
                out.stands(&row, "clientOrderId", "origQty", "executedQty");
            }
            for row in asked(rig, "/fapi/v1/openAlgoOrders", &query) {
                out.stands(&row, "clientAlgoId", "quantity", "");
            }
            let rows = asked(rig, "/fapi/v2/positionRisk", &query);
            out.held = Some(rows.iter().map(|row| number(&row["positionAmt"])).sum());
            let trades = asked(rig, "/fapi/v1/userTrades", &query);
            out.trades = trades.iter().map(|row| row["id"].to_string()).collect();
        }
        "binance-spot" => {
            let query = format!("symbol={symbol}&");
            for row in asked(rig, "/api/v3/openOrders", &query) {
                out.stands(&row, "clientOrderId", "origQty", "executedQty");
            }
            let trades = asked(rig, "/api/v3/myTrades", &query);
            out.trades = trades.iter().map(|row| row["id"].to_string()).collect();
        }
        "bybit" => {
            let query = format!("category=linear&symbol={symbol}");
            for row in asked(rig, "/v5/order/realtime", &format!("{query}&limit=50")) {
                out.stands(&row, "orderLinkId", "leavesQty", "");
            }
            let rows = asked(rig, "/v5/position/list", &query);
            let signed = |row: &Value| {
                let size = number(&row["size"]);
                if row["side"] == "Sell" { -size } else { size }
            };
            out.held = Some(rows.iter().map(signed).sum());
            let trades = asked(rig, "/v5/execution/list", &format!("{query}&limit=100"));
            let trades = trades.iter().filter(|row| row["execType"] == "Trade");
            out.trades = trades.map(|row| text(&row["execId"])).collect();
        }
        "okx" => {
            let query = format!("instId={symbol}");
            for row in asked(rig, "/api/v5/trade/orders-pending", &query) {
                out.stands(&row, "clOrdId", "sz", "accFillSz");
            }
            for kind in ["conditional", "trigger", "move_order_stop"] {
                let query = format!("ordType={kind}&{query}");
                for row in asked(rig, "/api/v5/trade/orders-algo-pending", &query) {
                    out.stands(&row, "algoClOrdId", "sz", "");
                }
            }
            let rows = asked(rig, "/api/v5/account/positions", &query);
            out.held = Some(rows.iter().map(|row| number(&row["pos"])).sum());
            let query = format!("instType=SWAP&{query}&limit=100");
            let trades = asked(rig, "/api/v5/trade/fills", &query);
            out.trades = trades.iter().map(|row| text(&row["tradeId"])).collect();
        }
        other => panic!("nobody knows how to ask {other}"),
    }
    out
}

impl Books {
    fn stands(&mut self, row: &Value, name: &str, size: &str, done: &str) {
        let done = row.get(done).map_or(Decimal::ZERO, number);
        let left = (number(&row[size]) - done).normalize();
        let before = self.orders.insert(text(&row[name]), left);
        assert_eq!(before, None, "stands there twice: {row}");
    }
}

/// The rows of an answer, wherever the venue puts them.
fn rows(answer: &Value) -> Vec<Value> {
    let places = [answer, &answer["data"], &answer["result"]["list"]];
    let found = places.into_iter().find_map(Value::as_array);
    found.unwrap_or_else(|| panic!("no rows: {answer}")).clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> Decimal {
    match value.as_str().unwrap() {
        "" => Decimal::ZERO,
        digits => digits.parse().unwrap(),
    }
}

/// A signed question. A fault may strike the auditor too; the next question passes.
fn ask(rig: &mut Rig, path: &str, query: &str) -> Value {
    for _ in 0..20 {
        let wall = rig.net.now.wall_ms();
        let request = signed(rig, path, query);
        if let Answer::Reply(reply, _) = rig.net.exchange.rest(wall, &request)
            && reply.status == 200
        {
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            let refused = answer.get("retCode").or(answer.get("code"));
            if refused.is_none_or(|code| *code == 0 || code == "0") {
                return answer;
            }
        }
        rig.pass(200);
    }
    panic!("{}: no answer to {path}\n{}", rig.net.venue.id, rig.story());
}

fn signed(rig: &Rig, path: &str, query: &str) -> Request {
    let wall = rig.net.now.wall_ms();
    let key = &rig.net.keys[2];
    let mut mac = Hmac::<Sha256>::new_from_slice(key.api_secret().unwrap().as_bytes()).unwrap();
    let mut sign = |payload: String| {
        mac.update(payload.as_bytes());
        mac.clone().finalize().into_bytes()
    };
    let name = key.api_key.clone();
    let (query, headers) = match rig.net.venue.id {
        "bybit" => {
            let signature = HEXLOWER.encode(&sign(format!("{wall}{name}5000{query}")));
            let headers = vec![
                ("x-bapi-api-key", name),
                ("x-bapi-timestamp", wall.to_string()),
                ("x-bapi-recv-window", "5000".to_owned()),
                ("x-bapi-sign", signature),
            ];
            (query.to_owned(), headers)
        }
        "okx" => {
            let at = jiff::Timestamp::from_millisecond(wall).unwrap();
            let at = format!("{at:.3}");
            let signature = BASE64.encode(&sign(format!("{at}GET{path}?{query}")));
            let headers = vec![
                ("ok-access-key", name),
                ("ok-access-sign", signature),
                ("ok-access-timestamp", at),
                (
                    "ok-access-passphrase",
                    keys::passphrase(rig.net.random_bytes),
                ),
            ];
            (query.to_owned(), headers)
        }
        _ => {
            let query = format!("{query}timestamp={wall}");
            let signature = HEXLOWER.encode(&sign(query.clone()));
            let headers = vec![("x-mbx-apikey", name)];
            (format!("{query}&signature={signature}"), headers)
        }
    };
    let headers = headers.into_iter();
    Request {
        verb: "GET".to_owned(),
        path: path.to_owned(),
        query,
        body: String::new(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        ip: AUDITOR,
    }
}
