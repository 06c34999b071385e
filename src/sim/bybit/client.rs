//! A client for the tests under this roof: signs as the documents say, without a socket.

use std::net::{IpAddr, Ipv4Addr};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Bybit, rights};
use crate::sim::keys::{self, Key};
use crate::sim::wire::{Answer, LineId, Out, Request, Settings, Wire};

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An exchange and somebody who trades on it.
pub struct Client {
    pub exchange: Bybit,
    pub now: i64,
    pub ip: IpAddr,
    pub api_key: String,
    pub secret: String,
    pub window: &'static str,
    heard: Vec<(LineId, Out)>,
    asked: u64,
}

impl Client {
    pub fn new(faults: &[&str]) -> Self {
        let keys = rights::issue(keys::make([5; 32], START_MS, None));
        let first = keys[0].clone();
        let settings = Settings {
            seed: 11,
            keys,
            passphrase: String::new(),
            random: [5; 32],
            faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
            mood: None,
        };
        let mut client = Self {
            exchange: Bybit::new(settings, START_MS),
            now: START_MS,
            ip: HERE,
            api_key: String::new(),
            secret: String::new(),
            window: "5000",
            heard: Vec::new(),
            asked: 0,
        };
        client.use_key(&first);
        client.pass(500);
        client
    }

    /// Goes on with another key.
    pub fn use_key(&mut self, key: &Key) {
        self.api_key.clone_from(&key.api_key);
        self.secret = key.api_secret().unwrap_or_default().to_owned();
    }

    /// Goes on with the key of a label.
    pub fn become_key(&mut self, label: &str) {
        let mut keys = self.exchange.keys.iter();
        let key = keys.find(|key| key.label == label).unwrap().clone();
        self.use_key(&key);
    }

    pub fn sign(&self, payload: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(payload.as_bytes());
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// The headers of a signed call.
    pub fn headers(&self, payload: &str) -> Vec<(String, String)> {
        let (now, key, window) = (self.now, &self.api_key, self.window);
        let signature = self.sign(&format!("{now}{key}{window}{payload}"));
        [
            ("x-bapi-api-key", key.clone()),
            ("x-bapi-timestamp", now.to_string()),
            ("x-bapi-recv-window", window.to_owned()),
            ("x-bapi-sign", signature),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A call as it stands.
    pub fn send(
        &mut self,
        verb: &str,
        path: &str,
        query: &str,
        body: &str,
        headers: Vec<(String, String)>,
    ) -> Answer {
        let request = Request {
            verb: verb.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.to_owned(),
            headers,
            ip: self.ip,
        };
        let answer = self.exchange.rest(self.now, &request);
        self.heard.append(&mut self.exchange.take_outs());
        answer
    }

    /// A signed question.
    pub fn get(&mut self, path: &str, query: &str) -> Value {
        let headers = self.headers(query);
        body(&self.send("GET", path, query, "", headers))
    }

    /// A signed order; what became of it.
    pub fn try_post(&mut self, path: &str, body: &Value) -> Answer {
        let text = body.to_string();
        let headers = self.headers(&text);
        self.send("POST", path, "", &text, headers)
    }

    /// A signed order.
    pub fn post(&mut self, path: &str, params: &Value) -> Value {
        body(&self.try_post(path, params))
    }

    /// `result` of a signed question that has to be answered.
    pub fn asked(&mut self, path: &str, query: &str) -> Value {
        let answer = self.get(path, query);
        assert_eq!(answer["retCode"], 0, "{path}?{query}: {answer}");
        answer["result"].clone()
    }

    /// `result` of a signed order that has to be taken.
    pub fn good(&mut self, path: &str, params: &Value) -> Value {
        let answer = self.post(path, params);
        assert_eq!(answer["retCode"], 0, "{path} {params}: {answer}");
        answer["result"].clone()
    }

    /// `retCode` of a signed order that has to be refused.
    pub fn refused(&mut self, path: &str, params: &Value) -> i64 {
        let answer = self.post(path, params);
        assert_ne!(answer["retCode"], 0, "{path} {params}: {answer}");
        answer["retCode"].as_i64().unwrap()
    }

    /// `result` of an open question.
    pub fn open(&mut self, path: &str, query: &str) -> Value {
        let answer = body(&self.send("GET", path, query, "", Vec::new()));
        assert_eq!(answer["retCode"], 0, "{path}?{query}: {answer}");
        answer["result"].clone()
    }

    /// Opens a line.
    pub fn line(&mut self, path: &str, query: &str) -> LineId {
        self.exchange
            .accept(self.now, self.ip, path, query)
            .unwrap()
    }

    /// A line that says this and nothing else.
    pub fn say(&mut self, line: LineId, said: &Value) -> Vec<Value> {
        self.exchange.hear(self.now, line, &said.to_string());
        self.said(line)
    }

    /// The authentication of a session.
    pub fn auth(&self) -> Value {
        let expires = self.now + 5_000;
        let signature = self.sign(&format!("GET/realtime{expires}"));
        json!({"op": "auth", "args": [self.api_key, expires, signature]})
    }

    /// An authenticated line on these private topics.
    pub fn private(&mut self, topics: &[&str]) -> LineId {
        let line = self.line("/v5/private", "");
        let auth = self.auth();
        assert_eq!(self.say(line, &auth)[0]["success"], true);
        let answer = self.say(line, &json!({"op": "subscribe", "args": topics}));
        assert_eq!(answer[0]["success"], true, "{answer:?}");
        line
    }

    /// An authenticated line for order entry.
    pub fn trading(&mut self) -> LineId {
        let line = self.line("/v5/trade", "");
        let auth = self.auth();
        assert_eq!(self.say(line, &auth)[0]["retCode"], 0);
        line
    }

    /// A request of order entry, with a number of its own; everything said on the line since.
    pub fn enter(&mut self, line: LineId, op: &str, args: &Value) -> Vec<Value> {
        self.asked += 1;
        let request = json!({
            "reqId": format!("r{}", self.asked),
            "header": {"X-BAPI-TIMESTAMP": self.now.to_string(), "X-BAPI-RECV-WINDOW": "5000"},
            "op": op,
            "args": [args],
        });
        self.say(line, &request)
    }

    /// Lets time pass in steps of ten milliseconds.
    pub fn pass(&mut self, ms: i64) {
        let until = self.now + ms;
        while self.now < until {
            self.now += 10;
            self.exchange.tick(self.now);
            self.heard.append(&mut self.exchange.take_outs());
        }
    }

    /// What was done on a line since the last look.
    pub fn outs(&mut self, line: LineId) -> Vec<Out> {
        self.heard.append(&mut self.exchange.take_outs());
        let (mine, others) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition(|(at, _)| *at == line);
        self.heard = others;
        let mine: Vec<(LineId, Out)> = mine;
        mine.into_iter().map(|(_, out)| out).collect()
    }

    /// The texts that were said on a line since the last look.
    pub fn texts(&mut self, line: LineId) -> Vec<String> {
        let outs = self.outs(line).into_iter();
        outs.filter_map(|out| match out {
            Out::Text(text, _) => Some(text),
            _ => None,
        })
        .collect()
    }

    /// What was said on a line since the last look.
    pub fn said(&mut self, line: LineId) -> Vec<Value> {
        let texts = self.texts(line);
        texts
            .iter()
            .map(|t| serde_json::from_str(t).unwrap())
            .collect()
    }

    /// The rows of a topic that were told on a line since the last look.
    pub fn rows(&mut self, line: LineId, topic: &str) -> Vec<Value> {
        let said = self.said(line).into_iter();
        let told = said.filter(|message| message["topic"] == topic);
        told.flat_map(|message| message["data"].as_array().unwrap().clone())
            .collect()
    }

    /// Best bid and ask of a linear instrument.
    pub fn best(&mut self, category: &str, symbol: &str) -> (f64, f64) {
        let query = format!("category={category}&symbol={symbol}&limit=5");
        let book = self.open("/v5/market/orderbook", &query);
        (number(&book["b"][0][0]), number(&book["a"][0][0]))
    }

    /// A linear BTCUSDT order with further parameters.
    pub fn order(&mut self, side: &str, kind: &str, qty: &str, more: &Value) -> Value {
        self.post("/v5/order/create", &linear(side, kind, qty, more))
    }

    /// The same, which has to be taken; its `orderId`.
    pub fn placed(&mut self, side: &str, kind: &str, qty: &str, more: &Value) -> String {
        let answer = self.order(side, kind, qty, more);
        assert_eq!(answer["retCode"], 0, "{answer}");
        answer["result"]["orderId"].as_str().unwrap().to_owned()
    }

    /// The order of this id, as a question after it shows it.
    pub fn order_of(&mut self, category: &str, id: &str) -> Value {
        let query = format!("category={category}&orderId={id}");
        self.asked("/v5/order/realtime", &query)["list"][0].clone()
    }

    /// The one-way BTCUSDT position.
    pub fn position(&mut self) -> Value {
        let query = "category=linear&symbol=BTCUSDT";
        self.asked("/v5/position/list", query)["list"][0].clone()
    }
}

/// The parameters of a linear BTCUSDT order.
pub fn linear(side: &str, kind: &str, qty: &str, more: &Value) -> Value {
    let mut params = json!({
        "category": "linear", "symbol": "BTCUSDT", "side": side, "orderType": kind, "qty": qty,
    });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

pub fn number(text: &Value) -> f64 {
    text.as_str().unwrap().parse().unwrap()
}

/// A price on the tick grid of BTCUSDT.
pub fn at(price: f64) -> String {
    format!("{price:.1}")
}

pub fn body(answer: &Answer) -> Value {
    match answer {
        Answer::Reply(reply, _) => serde_json::from_str(&reply.body).unwrap(),
        other => panic!("not answered: {other:?}"),
    }
}
