//! What a client may say on a socket apart from orders: the text ping, login, subscriptions and their ends.

use serde_json::{Map, Value, json};

use super::Okx;
use super::channels::{Door, NoTopic, Topic, topic};
use super::lines::{LOGIN_FAILED, TOO_LONG, Wanted};
use crate::sim::wire::LineId;

/// The longest message, bytes (OKX, "Subscribe").
const LONGEST: usize = 64 * 1024;
/// Lines that may hear one private channel (OKX, "Connection count limit").
const MOST_LINES: usize = 30;
/// How much of a request an error says again, characters.
const ECHOED: usize = 400;

/// A message of a channel.
pub(super) fn message(arg: &Value, data: &Value) -> String {
    format!(r#"{{"arg":{arg},"data":{data}}}"#)
}

impl Okx {
    /// Takes a text frame of a line; false when there is no such line. One that this ends is closed by what is queued for it, so
    /// that its last words are heard.
    pub(super) fn take_frame(&mut self, now: i64, line: LineId, text: &str) -> bool {
        if !self.lines.heard(line, now) {
            return false;
        }
        if text == "ping" {
            self.lines.text(line, "pong".to_owned(), 0);
            return true;
        }
        if text.len() > LONGEST {
            self.lines.close(line, TOO_LONG);
            return true;
        }
        let request: Option<Value> = serde_json::from_str(text).ok();
        match request.filter(Value::is_object) {
            Some(request) => self.answer_request(now, line, &request, text),
            None => self.complain(line, &Value::Null, 60012, &illegal(text)),
        }
        true
    }

    fn answer_request(&mut self, now: i64, line: LineId, request: &Value, text: &str) {
        let op = request
            .get("op")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let args = request.get("args").and_then(Value::as_array);
        match (op, args) {
            ("login" | "subscribe" | "unsubscribe", _) if !self.lines.may_ask(line, now) => {
                self.complain(line, request, 60014, "Requests too frequent");
            }
            ("login", Some(args)) => self.log_in(now, line, request, args),
            ("subscribe", Some(args)) => {
                for arg in args {
                    self.subscribe(now, line, request, arg);
                }
            }
            ("unsubscribe", Some(args)) => {
                for arg in args {
                    self.unsubscribe(line, request, arg);
                }
            }
            ("login" | "subscribe" | "unsubscribe", None) => {
                self.complain(line, request, 60012, &illegal(text));
            }
            _ => self.order_request(now, line, request, text),
        }
    }

    /// Says an error event.
    pub(super) fn complain(&mut self, line: LineId, request: &Value, code: u32, words: &str) {
        self.say_event(
            line,
            request,
            "error",
            json!({"code": code.to_string(), "msg": words}),
        );
    }

    fn say_event(&mut self, line: LineId, request: &Value, event: &str, more: Value) {
        let name = self.lines.open.get(&line).map(|line| line.name.clone());
        let mut message = Map::new();
        if let Some(id) = request.get("id").filter(|id| id.is_string()) {
            message.insert("id".into(), id.clone());
        }
        message.insert("event".into(), event.into());
        message.extend(super::shapes::object(more));
        message.insert("connId".into(), name.unwrap_or_default().into());
        self.lines.text(line, Value::Object(message).to_string(), 0);
    }

    /// A login that fails ends the line (close code 4001).
    fn log_in(&mut self, now: i64, line: LineId, request: &Value, args: &[Value]) {
        let Some(ip) = self.lines.open.get(&line).map(|line| line.ip) else {
            return;
        };
        let arg = args.first().unwrap_or(&Value::Null);
        match self.check_login(now, arg, ip) {
            Ok(key) => {
                if let Some(line) = self.lines.open.get_mut(&line) {
                    line.key = Some(key);
                }
                self.say_event(line, request, "login", json!({"code": "0", "msg": ""}));
            }
            Err((code, words)) => {
                self.complain(line, request, code, words);
                self.lines.close(line, LOGIN_FAILED);
            }
        }
    }

    fn subscribe(&mut self, now: i64, line: LineId, request: &Value, arg: &Value) {
        let topic = match self.find_topic(line, arg) {
            Ok(topic) => topic,
            Err((code, words)) => return self.complain(line, request, code, &words),
        };
        let channel = channel(arg).to_owned();
        if topic.door() == Door::Private && self.counted(&channel).len() >= MOST_LINES {
            let more = json!({"channel": channel, "connCount": MOST_LINES.to_string()});
            return self.say_event(line, request, "channel-conn-count-error", more);
        }
        if let Some(entry) = self.lines.open.get_mut(&line)
            && !entry.wanted.iter().any(|wanted| wanted.arg == *arg)
        {
            entry.wanted.push(Wanted {
                topic,
                arg: arg.clone(),
                begun: false,
            });
        }
        self.say_event(line, request, "subscribe", json!({"arg": arg}));
        self.count_lines(topic, &channel);
        self.greet(line, topic, arg, now);
        self.greet_private(line, topic, arg, now);
    }

    fn unsubscribe(&mut self, line: LineId, request: &Value, arg: &Value) {
        let topic = match self.find_topic(line, arg) {
            Ok(topic) => topic,
            Err((code, words)) => return self.complain(line, request, code, &words),
        };
        if let Some(entry) = self.lines.open.get_mut(&line) {
            entry.wanted.retain(|wanted| wanted.arg != *arg);
        }
        self.say_event(line, request, "unsubscribe", json!({"arg": arg}));
        self.count_lines(topic, channel(arg));
    }

    /// The topic of an argument where this line may hear it; else code and words.
    fn find_topic(&self, line: LineId, arg: &Value) -> Result<Topic, (u32, String)> {
        let found = topic(arg, &self.bourse.market).map_err(|no| match no {
            NoTopic::Unknown => (60018, wrong_channel(arg)),
            NoTopic::Tier(64003) => (
                64003,
                "Your trading fee tier doesn't meet the requirement to access this channel"
                    .to_owned(),
            ),
            NoTopic::Tier(code) => {
                let tier = if code == 60029 { "VIP5" } else { "VIP4" };
                let words = format!(
                    "Only users who are {tier} and above in trading fee tier are allowed to subscribe to {} channel",
                    channel(arg)
                );
                (code, words)
            }
        })?;
        let line = self.lines.open.get(&line);
        let door = line.map_or(Door::Public, |line| line.door);
        if found.door() != door {
            return Err(match (found.is_private(), door) {
                (true, Door::Public) => (
                    60008,
                    "The current WebSocket endpoint does not support subscribing to private channels".to_owned(),
                ),
                _ => (60018, wrong_channel(arg)),
            });
        }
        if found.is_private() && line.is_none_or(|line| line.key.is_none()) {
            return Err((60011, "Please log in".to_owned()));
        }
        Ok(found)
    }

    /// The lines that hear a private channel.
    fn counted(&self, of: &str) -> Vec<LineId> {
        let hears =
            |wanted: &Wanted| wanted.topic.door() == Door::Private && channel(&wanted.arg) == of;
        let mut lines: Vec<LineId> = Vec::new();
        for (line, _) in self.lines.listeners(hears) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// Says how many lines hear a private channel to each of them (OKX, "Connection count limit").
    fn count_lines(&mut self, topic: Topic, channel: &str) {
        if topic.door() != Door::Private {
            return;
        }
        let lines = self.counted(channel);
        let count = lines.len().to_string();
        for line in lines {
            let more = json!({"channel": channel, "connCount": count});
            self.say_event(line, &Value::Null, "channel-conn-count", more);
        }
    }
}

fn channel(arg: &Value) -> &str {
    arg.get("channel")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// What is said of a request that is no request.
pub(super) fn illegal(text: &str) -> String {
    let shown = crate::domain::text::sanitise(text, ECHOED);
    format!("Illegal request: {shown}")
}

/// `channel,name:value,…` does not exist.
fn wrong_channel(arg: &Value) -> String {
    let mut named = channel(arg).to_owned();
    for (name, value) in arg.as_object().into_iter().flatten() {
        if name != "channel" {
            let text = value.as_str().unwrap_or_default();
            named.push_str(&format!(",{name}:{text}"));
        }
    }
    let shown = crate::domain::text::sanitise(&named, ECHOED);
    format!(
        "Wrong URL or channel:{shown} doesn't exist. Please use the correct URL, channel and parameters referring to API document."
    )
}
