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

/// An order as it stands: size left and price; of a conditional one its whole size and its trigger. A stop that belongs to a position
/// is of the position's size, whatever that is.
pub type Stands = (Option<Decimal>, Decimal);

/// What the exchange says of one symbol.
#[derive(Debug, Default)]
pub struct Books {
    /// What stands, by name; stops that belong to a position have none.
    pub orders: BTreeMap<String, Stands>,
    /// Ids of own trades.
    pub trades: BTreeSet<String>,
    /// Signed size held; `None` where coins are no position.
    pub held: Option<Decimal>,
}

/// The exchange's own words.
pub fn books(rig: &mut Rig) -> Books {
    match rig.net.venue.id {
        "binance-futures" => binance_futures(rig),
        "binance-spot" => binance_spot(rig),
        "bybit" => bybit(rig),
        "okx" => okx(rig),
        other => panic!("nobody knows how to ask {other}"),
    }
}

fn binance_futures(rig: &mut Rig) -> Books {
    let mut out = Books::default();
    let query = format!("symbol={}&", rig.symbol);
    for row in rows(rig, "/fapi/v1/openOrders", &query) {
        let left = number(&row["origQty"]) - number(&row["executedQty"]);
        out.stands(&row, "clientOrderId", Some(left), "price");
    }
    for row in rows(rig, "/fapi/v1/openAlgoOrders", &query) {
        let size = number(&row["quantity"]);
        out.stands(&row, "clientAlgoId", Some(size), "triggerPrice");
    }
    let held = rows(rig, "/fapi/v2/positionRisk", &query);
    out.held = Some(held.iter().map(|row| number(&row["positionAmt"])).sum());
    let trades = rows(rig, "/fapi/v1/userTrades", &query);
    out.trades = trades.iter().map(|row| row["id"].to_string()).collect();
    out
}

fn binance_spot(rig: &mut Rig) -> Books {
    let mut out = Books::default();
    let query = format!("symbol={}&", rig.symbol);
    for row in rows(rig, "/api/v3/openOrders", &query) {
        let left = number(&row["origQty"]) - number(&row["executedQty"]);
        out.stands(&row, "clientOrderId", Some(left), "price");
    }
    let trades = rows(rig, "/api/v3/myTrades", &query);
    out.trades = trades.iter().map(|row| row["id"].to_string()).collect();
    out
}

fn bybit(rig: &mut Rig) -> Books {
    let mut out = Books::default();
    let spot = rig.instrument().is_spot();
    let category = if spot { "spot" } else { "linear" };
    let symbol = rig.symbol.as_str().replace('/', "");
    let query = format!("category={category}&symbol={symbol}");
    for row in rows(rig, "/v5/order/realtime", &format!("{query}&limit=50")) {
        if row["stopOrderType"] == "" {
            let left = number(&row["leavesQty"]);
            out.stands(&row, "orderLinkId", Some(left), "price");
        } else {
            out.stands(&row, "orderLinkId", None, "triggerPrice");
        }
    }
    if !spot {
        let held = rows(rig, "/v5/position/list", &query);
        let signed = |row: &Value| match text(&row["side"]).as_str() {
            "Sell" => -number(&row["size"]),
            _ => number(&row["size"]),
        };
        out.held = Some(held.iter().map(signed).sum());
    }
    let trades = rows(rig, "/v5/execution/list", &format!("{query}&limit=100"));
    let trades = trades.iter().filter(|row| row["execType"] == "Trade");
    out.trades = trades.map(|row| text(&row["execId"])).collect();
    out
}

fn okx(rig: &mut Rig) -> Books {
    let mut out = Books::default();
    let spot = rig.instrument().is_spot();
    let query = format!("instId={}", rig.symbol);
    for row in rows(rig, "/api/v5/trade/orders-pending", &query) {
        let left = number(&row["sz"]) - number(&row["accFillSz"]);
        out.stands(&row, "clOrdId", Some(left), "px");
    }
    if !spot {
        for kind in ["conditional", "trigger"] {
            let query = format!("ordType={kind}&{query}");
            for row in rows(rig, "/api/v5/trade/orders-algo-pending", &query) {
                let at = ["slTriggerPx", "triggerPx"];
                let at = at.iter().find(|at| row[**at] != "").unwrap();
                out.stands(&row, "algoClOrdId", Some(number(&row["sz"])), at);
            }
        }
        let held = rows(rig, "/api/v5/account/positions", &query);
        out.held = Some(held.iter().map(|row| number(&row["pos"])).sum());
    }
    let kind = if spot { "SPOT" } else { "SWAP" };
    let query = format!("instType={kind}&{query}&limit=100");
    let trades = rows(rig, "/api/v5/trade/fills", &query);
    out.trades = trades.iter().map(|row| text(&row["tradeId"])).collect();
    out
}

impl Books {
    fn stands(&mut self, row: &Value, name: &str, left: Option<Decimal>, at: &str) {
        let stands = (
            left.map(|left| left.normalize()),
            number(&row[at]).normalize(),
        );
        let before = self.orders.insert(text(&row[name]), stands);
        assert_eq!(before, None, "stands there twice: {row}");
    }
}

/// The rows of an answer, wherever the venue puts them.
fn rows(rig: &mut Rig, path: &str, query: &str) -> Vec<Value> {
    let answer = &ask(rig, path, query);
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
