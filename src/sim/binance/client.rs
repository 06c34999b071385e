//! Somebody who trades on an exchange of this venue, for the tests under this roof: signs as the documents say, without a socket.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Venue;
use crate::sim::keys::Key;
use crate::sim::wire::{Answer, LineId, Out, Request, Settings, Wire};

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An exchange and somebody who trades on it.
pub struct Client<V> {
    pub exchange: V,
    pub now: i64,
    pub api_key: String,
    pub secret: String,
    /// Signs in the place of the secret.
    pub pair: Option<SigningKey>,
    heard: Vec<(LineId, Out)>,
}

impl<V: Venue + Wire> Client<V> {
    /// Somebody with the first key of an exchange that gave out these.
    pub fn opened(open: fn(Settings, i64) -> V, keys: Vec<Key>, faults: &[&str]) -> Self {
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
            exchange: open(settings, START_MS),
            now: START_MS,
            api_key: String::new(),
            secret: String::new(),
            pair: None,
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
        self.pair = key.private_key_pem().map(|pem| {
            let body = pem.lines().nth(1).unwrap();
            let der = BASE64.decode(body.as_bytes()).unwrap();
            SigningKey::from_bytes(der[16..].try_into().unwrap())
        });
    }

    /// Goes on with the key of a label.
    pub fn become_key(&mut self, label: &str) {
        let mut keys = self.exchange.gate().keys.iter();
        let key = keys.find(|key| key.label == label).unwrap().clone();
        self.use_key(&key);
    }

    pub fn sign(&self, payload: &str) -> String {
        if let Some(pair) = &self.pair {
            return BASE64.encode(&pair.sign(payload.as_bytes()).to_bytes());
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(payload.as_bytes());
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// A signed call; what became of it.
    pub fn ask(&mut self, verb: &str, path: &str, query: &str) -> Answer {
        let stamp = format!("timestamp={}", self.now);
        let payload = if query.is_empty() {
            stamp
        } else {
            format!("{query}&{stamp}")
        };
        let signature = escaped(&self.sign(&payload));
        self.send(verb, path, &format!("{payload}&signature={signature}"), "")
    }

    /// A call as it stands.
    pub fn send(&mut self, verb: &str, path: &str, query: &str, body: &str) -> Answer {
        let request = Request {
            verb: verb.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.to_owned(),
            headers: vec![("x-mbx-apikey".to_owned(), self.api_key.clone())],
            ip: HERE,
        };
        let answer = self.exchange.rest(self.now, &request);
        self.heard.append(&mut self.exchange.gate_mut().lines.out);
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

    /// Sends a signed request over the WebSocket API and returns everything said on the line since.
    pub fn api(&mut self, line: LineId, method: &str, params: Value) -> Vec<Value> {
        let mut params = params;
        params["apiKey"] = self.api_key.clone().into();
        params["timestamp"] = self.now.into();
        let pairs: BTreeMap<String, String> = params
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
        self.bare(line, method, params)
    }

    /// Sends a request over the WebSocket API as it stands and returns everything said on the line since.
    pub fn bare(&mut self, line: LineId, method: &str, params: Value) -> Vec<Value> {
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
            self.heard.append(&mut self.exchange.gate_mut().lines.out);
        }
    }

    /// What was done on a line since the last look.
    pub fn outs(&mut self, line: LineId) -> Vec<Out> {
        self.heard.append(&mut self.exchange.gate_mut().lines.out);
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
}

pub fn read(answer: &Answer) -> (u16, Value) {
    match answer {
        Answer::Reply(reply, _) => (reply.status, serde_json::from_str(&reply.body).unwrap()),
        other => panic!("not answered: {other:?}"),
    }
}

/// Base64 as it has to stand in a query.
pub fn escaped(signature: &str) -> String {
    let signature = signature.replace('+', "%2B").replace('/', "%2F");
    signature.replace('=', "%3D")
}
