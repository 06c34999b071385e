//! A client for the tests under this roof: signs as the documents say, without a socket.

use std::net::{IpAddr, Ipv4Addr};

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Okx, rights};
use crate::sim::keys::{self, Key};
use crate::sim::wire::{Answer, LineId, Out, Request, Settings, Wire};

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub const BTC: &str = "BTC-USDT-SWAP";

/// An exchange and somebody who trades on it.
pub struct Client {
    pub exchange: Okx,
    pub now: i64,
    pub api_key: String,
    pub secret: String,
    pub passphrase: String,
    /// Headers beside those of the credentials.
    pub headers: Vec<(String, String)>,
    heard: Vec<(LineId, Out)>,
}

impl Client {
    pub fn new(faults: &[&str]) -> Self {
        let random = [5; 32];
        let keys = rights::issue(keys::make(random, START_MS, None));
        let first = keys[0].clone();
        let passphrase = keys::passphrase(random);
        let settings = Settings {
            seed: 11,
            keys,
            passphrase: passphrase.clone(),
            random,
            faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
            mood: None,
        };
        let mut client = Self {
            exchange: Okx::new(settings, START_MS),
            now: START_MS,
            api_key: String::new(),
            secret: String::new(),
            passphrase,
            headers: Vec::new(),
            heard: Vec::new(),
        };
        client.use_key(&first);
        client
    }

    /// Goes on with another key.
    pub fn use_key(&mut self, key: &Key) {
        self.api_key.clone_from(&key.api_key);
        key.api_secret()
            .unwrap_or_default()
            .clone_into(&mut self.secret);
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
        BASE64.encode(&mac.finalize().into_bytes())
    }

    /// The time as REST wants it.
    pub fn iso(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.now).unwrap();
        format!("{at:.3}")
    }

    /// The headers of a signed call.
    pub fn signed(&self, verb: &str, path: &str, query: &str, body: &str) -> Vec<(String, String)> {
        let at = self.iso();
        let mark = if query.is_empty() { "" } else { "?" };
        let signature = self.sign(&format!("{at}{verb}{path}{mark}{query}{body}"));
        let mut headers = self.headers.clone();
        for (name, value) in [
            ("ok-access-key", &self.api_key),
            ("ok-access-sign", &signature),
            ("ok-access-timestamp", &at),
            ("ok-access-passphrase", &self.passphrase),
        ] {
            headers.push((name.to_owned(), value.clone()));
        }
        headers
    }

    /// A call with these headers.
    pub fn send(
        &mut self,
        (verb, path): (&str, &str),
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
            ip: HERE,
        };
        let answer = self.exchange.rest(self.now, &request);
        self.heard.append(&mut self.exchange.take_outs());
        answer
    }

    /// A signed call; what became of it.
    pub fn ask(&mut self, verb: &str, path: &str, query: &str, body: &str) -> Answer {
        let headers = self.signed(verb, path, query, body);
        self.send((verb, path), query, body, headers)
    }

    /// A signed question, answered.
    pub fn get(&mut self, path: &str, query: &str) -> Value {
        let (status, body) = read(&self.ask("GET", path, query, ""));
        assert_eq!(
            (status, &body["code"]),
            (200, &"0".into()),
            "{path}: {body}"
        );
        body
    }

    /// A signed order of any kind; the whole answer.
    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        read(&self.ask("POST", path, "", &body.to_string())).1
    }

    /// The same, which has to go well; its first row.
    pub fn good(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer["code"], "0", "{path} {body}: {answer}");
        answer["data"][0].clone()
    }

    /// The same, which has to be refused; the code of the row, or of the answer where there is no row.
    pub fn refused(&mut self, path: &str, body: &Value) -> String {
        let answer = self.post(path, body);
        assert_ne!(answer["code"], "0", "{path} {body}: {answer}");
        let row = answer["data"][0]["sCode"].as_str();
        row.or(answer["code"].as_str()).unwrap().to_owned()
    }

    /// An open question.
    pub fn open(&mut self, path: &str, query: &str) -> Value {
        let (status, body) = read(&self.send(("GET", path), query, "", Vec::new()));
        assert_eq!(
            (status, &body["code"]),
            (200, &"0".into()),
            "{path}: {body}"
        );
        body
    }

    /// Opens a line at a door.
    pub fn line(&mut self, door: &str) -> LineId {
        // Three connections a second are all that an address gets.
        self.pass(1_000);
        let path = format!("/ws/v5/{door}");
        self.exchange.accept(self.now, HERE, &path, "").unwrap()
    }

    /// The argument of a login.
    pub fn login_arg(&self) -> Value {
        let at = (self.now / 1_000).to_string();
        json!({
            "apiKey": self.api_key,
            "passphrase": self.passphrase,
            "timestamp": at,
            "sign": self.sign(&format!("{at}GET/users/self/verify")),
        })
    }

    /// Opens a line at a door and logs in.
    pub fn private(&mut self, door: &str) -> LineId {
        let line = self.line(door);
        let login = json!({"op": "login", "args": [self.login_arg()]});
        let said = self.say(line, &login);
        assert_eq!(
            (&said[0]["event"], &said[0]["code"]),
            (&"login".into(), &"0".into())
        );
        line
    }

    /// Subscribes and drops what is said at once but for its last message.
    pub fn hear(&mut self, line: LineId, arg: Value) -> Vec<Value> {
        let said = self.say(line, &json!({"op": "subscribe", "args": [arg]}));
        assert_eq!(said[0]["event"], "subscribe", "{}", said[0]);
        said
    }

    /// Says something on a line and returns everything said there since the last look.
    pub fn say(&mut self, line: LineId, request: &Value) -> Vec<Value> {
        self.exchange.hear(self.now, line, &request.to_string());
        self.said(line)
    }

    /// An order operation on a line that has logged in; its answer.
    pub fn op(&mut self, line: LineId, op: &str, args: Value) -> Value {
        let said = self.say(line, &json!({"id": "r1", "op": op, "args": args}));
        let mut answers = said.into_iter().filter(|m| m["id"] == "r1");
        answers.next().unwrap_or(Value::Null)
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
        let (mine, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.heard)
            .into_iter()
            .partition(|(at, _)| *at == line);
        self.heard = others;
        mine.into_iter().map(|(_, out)| out).collect()
    }

    /// What was said on a line since the last look; words that are no JSON as text.
    pub fn said(&mut self, line: LineId) -> Vec<Value> {
        self.outs(line)
            .into_iter()
            .filter_map(|out| match out {
                Out::Text(text, _) => {
                    Some(serde_json::from_str(&text).unwrap_or(Value::String(text)))
                }
                _ => None,
            })
            .collect()
    }

    /// Best bid and ask of an instrument.
    pub fn best(&mut self, instrument: &str) -> (f64, f64) {
        let book = self.open("/api/v5/market/books", &format!("instId={instrument}"));
        let at = |side: &str| {
            let text = book["data"][0][side][0][0].as_str().unwrap();
            text.parse::<f64>().unwrap()
        };
        (at("bids"), at("asks"))
    }

    /// Buys or sells swaps at the market.
    pub fn market(&mut self, side: &str, size: &str) -> Value {
        let order = json!({"instId": BTC, "tdMode": "cross", "side": side, "ordType": "market", "sz": size});
        self.good("/api/v5/trade/order", &order)
    }

    /// A limit order that rests below the market, by its name.
    pub fn rest_order(&mut self, name: &str) -> Value {
        let price = format!("{:.1}", self.best(BTC).0 - 200.0);
        let order = json!({
            "instId": BTC, "tdMode": "cross", "side": "buy", "ordType": "limit", "sz": "1",
            "px": price, "clOrdId": name,
        });
        self.good("/api/v5/trade/order", &order)
    }
}

pub fn read(answer: &Answer) -> (u16, Value) {
    match answer {
        Answer::Reply(reply, _) => (reply.status, serde_json::from_str(&reply.body).unwrap()),
        other => panic!("{other:?}"),
    }
}
