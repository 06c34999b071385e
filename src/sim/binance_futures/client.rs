//! A client for the tests under this roof: signs as the documents say, without a socket.

use std::net::{IpAddr, Ipv4Addr};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::lines::{LineId, Out};
use super::rest::{Answer, Request};
use super::{BinanceFutures, Settings};
use crate::sim::keys;

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An exchange and somebody who trades on it.
pub struct Client {
    pub exchange: BinanceFutures,
    pub now: i64,
    pub api_key: String,
    pub secret: String,
    heard: Vec<(LineId, Out)>,
}

impl Client {
    pub fn new(faults: &[&str]) -> Self {
        let keys = keys::make([5; 32]);
        let (api_key, secret) = (keys[0].api_key.clone(), keys[0].api_secret.clone());
        let settings = Settings {
            seed: 11,
            keys,
            random: [5; 32],
            faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        };
        Self {
            exchange: BinanceFutures::new(settings, START_MS),
            now: START_MS,
            api_key,
            secret,
            heard: Vec::new(),
        }
    }

    pub fn sign(&self, payload: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(payload.as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// A signed call; what became of it.
    pub fn ask(&mut self, verb: &str, path: &str, query: &str) -> Answer {
        let stamp = format!("timestamp={}", self.now);
        let payload = if query.is_empty() {
            stamp
        } else {
            format!("{query}&{stamp}")
        };
        let signature = self.sign(&payload);
        self.send(verb, path, &format!("{payload}&signature={signature}"), "")
    }

    /// A call as it stands.
    pub fn send(&mut self, verb: &str, path: &str, query: &str, body: &str) -> Answer {
        let request = Request {
            verb: verb.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.to_owned(),
            api_key: Some(self.api_key.clone()),
            ip: HERE,
        };
        let answer = self.exchange.rest(self.now, &request);
        self.heard.append(&mut self.exchange.lines.out);
        answer
    }

    /// Status and body of a signed call.
    pub fn rest(&mut self, verb: &str, path: &str, query: &str) -> (u16, Value) {
        read(&self.ask(verb, path, query))
    }

    /// The body of a signed call that has to succeed.
    pub fn good(&mut self, verb: &str, path: &str, query: &str) -> Value {
        let (status, body) = self.rest(verb, path, query);
        assert_eq!(status, 200, "{verb} {path}?{query}: {body}");
        body
    }

    /// The code of a signed call that has to be refused.
    pub fn refused(&mut self, verb: &str, path: &str, query: &str) -> i64 {
        let (status, body) = self.rest(verb, path, query);
        assert_ne!(status, 200, "{verb} {path}?{query}: {body}");
        body["code"].as_i64().unwrap()
    }

    /// An open question.
    pub fn open(&mut self, path: &str, query: &str) -> Value {
        let (status, body) = read(&self.send("GET", path, query, ""));
        assert_eq!(status, 200, "{path}?{query}: {body}");
        body
    }

    /// Opens a line.
    pub fn line(&mut self, path: &str, query: &str) -> LineId {
        self.exchange.accept(self.now, HERE, path, query).unwrap()
    }

    /// Opens a line on the account's events.
    pub fn private(&mut self) -> LineId {
        let key = self.good("POST", "/fapi/v1/listenKey", "")["listenKey"]
            .as_str()
            .unwrap()
            .to_owned();
        self.line("/private/ws", &format!("listenKey={key}"))
    }

    /// Sends a signed request over the WebSocket API and returns everything said on the line since.
    pub fn api(&mut self, line: LineId, method: &str, params: Value) -> Vec<Value> {
        let mut params = params;
        params["apiKey"] = self.api_key.clone().into();
        params["timestamp"] = self.now.into();
        let pairs: std::collections::BTreeMap<String, String> = params
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| {
                (
                    k.clone(),
                    v.as_str().map_or_else(|| v.to_string(), str::to_owned),
                )
            })
            .collect();
        let payload: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        params["signature"] = self.sign(&payload.join("&")).into();
        let request = json!({"id": "r1", "method": method, "params": params});
        self.exchange.hear(self.now, line, &request.to_string());
        self.said(line)
    }

    /// Lets time pass in steps of ten milliseconds.
    pub fn pass(&mut self, ms: i64) {
        let until = self.now + ms;
        while self.now < until {
            self.now += 10;
            self.exchange.tick(self.now);
            self.heard.append(&mut self.exchange.lines.out);
        }
    }

    /// What was done on a line since the last look.
    pub fn outs(&mut self, line: LineId) -> Vec<Out> {
        self.heard.append(&mut self.exchange.lines.out);
        let (mine, others) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition(|(at, _)| *at == line);
        self.heard = others;
        let mine: Vec<(LineId, Out)> = mine;
        mine.into_iter().map(|(_, out)| out).collect()
    }

    /// What was said on a line since the last look.
    pub fn said(&mut self, line: LineId) -> Vec<Value> {
        self.outs(line)
            .into_iter()
            .filter_map(|out| match out {
                Out::Text(text, _) => Some(serde_json::from_str(&text).unwrap()),
                _ => None,
            })
            .collect()
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

pub fn read(answer: &Answer) -> (u16, Value) {
    match answer {
        Answer::Reply(reply, _) => (reply.status, serde_json::from_str(&reply.body).unwrap()),
        other => panic!("not answered: {other:?}"),
    }
}
