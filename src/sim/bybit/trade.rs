//! Order entry over a line (Bybit v5, "Websocket Trade Guideline"): one request a frame, one answer a request. Only the
//! authentication is signed.

use serde_json::{Map, Value, json};

use super::Bybit;
use super::call::{Done, Row, batch, trade};
use super::category::Category;
use super::error::Refused;
use super::limits::Budget;
use super::lines::{Use, remember};
use super::params::Params;
use super::rest::{
    AMEND, AMEND_BATCH, CANCEL, CANCEL_BATCH, CREATE, CREATE_BATCH, fault_text, leaves_open,
};
use super::rights::check_time;
use crate::sim::fault::{How, What};
use crate::sim::wire::LineId;

/// Longest `reqId`.
const LONGEST_ID: usize = 36;
/// Requests in one second of one line; the venue documents the code, not the number.
const SESSION_PER_SECOND: u32 = 200;

/// Every operation.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    trade("order.create", CREATE, Some(What::Place), Bybit::create),
    trade("order.amend", AMEND, Some(What::Amend), Bybit::amend),
    trade("order.cancel", CANCEL, Some(What::Cancel), Bybit::cancel),
    batch("order.create-batch", CREATE_BATCH, What::Place, Bybit::create_batch),
    batch("order.amend-batch", AMEND_BATCH, What::Amend, Bybit::amend_batch),
    batch("order.cancel-batch", CANCEL_BATCH, What::Cancel, Bybit::cancel_batch),
];

/// A request, read.
struct Asked {
    op: String,
    id: Option<Value>,
    timestamp: String,
    window: String,
    args: Vec<Value>,
}

impl Asked {
    fn read(text: &str) -> Option<Self> {
        let Ok(Value::Object(mut request)) = serde_json::from_str(text) else {
            return None;
        };
        let header = request.remove("header").unwrap_or_default();
        // Clients send numbers here as well as text.
        let field = |name: &str| match &header[name] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Some(Self {
            op: request.get("op")?.as_str()?.to_owned(),
            timestamp: field("X-BAPI-TIMESTAMP"),
            window: field("X-BAPI-RECV-WINDOW"),
            id: request.remove("reqId"),
            args: match request.remove("args") {
                Some(Value::Array(args)) => args,
                _ => Vec::new(),
            },
        })
    }
}

impl Bybit {
    /// Answers a request on a line for order entry.
    pub(super) fn hear_trade(&mut self, now: i64, line: LineId, text: &str) {
        let Some(asked) = Asked::read(text) else {
            let refused = Refused::new(10001, "Params Error");
            self.answer_trade(now, line, "", None, Err(refused), None);
            return;
        };
        match asked.op.as_str() {
            "ping" => {
                let mut pong = json!({
                    "retCode": 0,
                    "retMsg": "OK",
                    "op": "pong",
                    "data": [now.to_string()],
                    "connId": self.ids.connection(line),
                });
                if let Some(id) = asked.id {
                    pong["reqId"] = id;
                }
                self.lines.text(line, pong.to_string(), 0);
            }
            "auth" => self.auth_trade(now, line, asked),
            _ => self.enter(now, line, asked),
        }
    }

    fn auth_trade(&mut self, now: i64, line: LineId, asked: Asked) {
        let Some(entry) = self.lines.open.get(&line) else {
            return;
        };
        let known = matches!(entry.what, Use::Trade { key: Some(_), .. });
        let ip = entry.ip;
        let result = if known {
            Err(Refused::new(20001, "Repeat auth"))
        } else {
            self.authenticate(now, ip, &asked.args)
        };
        if let Ok(at) = &result
            && let Some(Use::Trade { key, .. }) = self.what_mut(line)
        {
            *key = Some(*at);
        }
        let mut answer = Map::new();
        if let Some(id) = asked.id {
            answer.insert("reqId".into(), id);
        }
        let (code, words) = match &result {
            Ok(_) => (0, "OK"),
            Err(refused) => (refused.code, refused.text.as_str()),
        };
        answer.insert("retCode".into(), code.into());
        answer.insert("retMsg".into(), words.into());
        answer.insert("op".into(), "auth".into());
        answer.insert("connId".into(), self.ids.connection(line).into());
        self.lines.text(line, Value::Object(answer).to_string(), 0);
        if !known && result.is_err() {
            self.lines.cut(line);
        }
    }

    /// An operation on orders, faults included.
    fn enter(&mut self, now: i64, line: LineId, asked: Asked) {
        let row = ROWS.iter().find(|row| row.name == asked.op);
        let key = match self.admit_request(now, line, &asked) {
            Ok(key) => key,
            Err(refused) => {
                self.answer_trade(now, line, &asked.op, asked.id, Err(refused), None);
                return;
            }
        };
        let Some(row) = row else {
            let refused = Refused::new(10404, "op type is not found");
            self.answer_trade(now, line, &asked.op, asked.id, Err(refused), None);
            return;
        };
        let names: Vec<What> = row.what.into_iter().collect();
        let struck = self.faults.strike(&names);
        let code = struck.and_then(code_of);
        match struck {
            Some(How::Drop) => return,
            Some(How::Code(_) | How::Http(_)) if code.is_some_and(|c| !leaves_open(c)) => {
                let code = code.unwrap_or_default();
                let refused = Refused::new(code, fault_text(code));
                self.answer_trade(now, line, row.name, asked.id, Err(refused), None);
                return;
            }
            _ => {}
        }
        let (budget, done) = self.operate(now, row, key, &asked);
        self.absorb(now);
        match struck {
            None | Some(How::Drop | How::Gap | How::Adl | How::Liquidate) => {
                self.answer_trade(now, line, row.name, asked.id, done, budget);
            }
            Some(How::Delay(ms)) => {
                let text = self.trade_text(now, line, row.name, asked.id, done, budget);
                self.lines.text(line, text, ms);
            }
            Some(How::Dup) => {
                let text = self.trade_text(now, line, row.name, asked.id, done, budget);
                self.lines.text(line, text.clone(), 0);
                self.lines.text(line, text, 0);
            }
            Some(How::Silent) => {}
            Some(How::Cut) => self.lines.cut(line),
            Some(How::HalfOpen) => self.lines.freeze(line),
            Some(How::Code(_) | How::Http(_)) => {
                let code = code.unwrap_or_default();
                let refused = Refused::new(code, fault_text(code));
                self.answer_trade(now, line, row.name, asked.id, Err(refused), None);
            }
        }
    }

    /// Whether a request may come in at all: its number, its session, its time. The key's place in the list.
    fn admit_request(&mut self, now: i64, line: LineId, asked: &Asked) -> Result<usize, Refused> {
        let Some(Use::Trade {
            key,
            seen,
            came,
            second,
        }) = self.what_mut(line)
        else {
            return Err(Refused::new(10016, "Internal System Error."));
        };
        // What a request before the authentication is answered is not documented: an invalid key is the nearest code.
        let key = key.ok_or_else(|| Refused::new(10003, "Request not authorized"))?;
        if second.0 != now.div_euclid(1_000) {
            *second = (now.div_euclid(1_000), 0);
        }
        second.1 = second.1.saturating_add(1);
        if second.1 > SESSION_PER_SECOND {
            return Err(Refused::new(
                20003,
                "Too frequent requests under the same session",
            ));
        }
        if let Some(id) = &asked.id {
            let id = id.as_str().filter(|id| id.len() <= LONGEST_ID);
            let id = id.ok_or_else(|| Refused::params("reqId invalid"))?;
            if !remember(seen, came, id) {
                return Err(Refused::new(20006, "reqId is duplicated"));
            }
        }
        check_time(now, &asked.timestamp, &asked.window)?;
        Ok(key)
    }

    fn operate(
        &mut self,
        now: i64,
        row: &Row,
        key: usize,
        asked: &Asked,
    ) -> (Option<Budget>, Result<Done, Refused>) {
        let params = match asked.args.as_slice() {
            [one] => Params::from_value(one),
            _ => Err(Refused::params("args hold one object only")),
        };
        let params = params.and_then(|params| {
            let category = params.need("category")?;
            if Category::parse(category).is_none() {
                return Err(Refused::new(10404, "category is not correct/supported"));
            }
            self.check_right(row.guard, now, key)?;
            Ok(params)
        });
        match params {
            Ok(params) => self.perform(now, row, params, Some(key)),
            Err(refused) => (None, Err(refused)),
        }
    }

    fn answer_trade(
        &mut self,
        now: i64,
        line: LineId,
        op: &str,
        id: Option<Value>,
        done: Result<Done, Refused>,
        budget: Option<Budget>,
    ) {
        let text = self.trade_text(now, line, op, id, done, budget);
        self.lines.text(line, text, 0);
    }

    fn trade_text(
        &mut self,
        now: i64,
        line: LineId,
        op: &str,
        id: Option<Value>,
        done: Result<Done, Refused>,
        budget: Option<Budget>,
    ) -> String {
        self.messages += 1;
        let trace = self.ids.message(self.messages).replace('-', "");
        let mut header = json!({"Traceid": trace, "Timenow": now.to_string()});
        if let Some(budget) = budget {
            header["X-Bapi-Limit"] = budget.limit.to_string().into();
            header["X-Bapi-Limit-Status"] = budget.left.to_string().into();
            header["X-Bapi-Limit-Reset-Timestamp"] = budget.reset_ms.to_string().into();
        }
        let (code, words, data, each) = match done {
            Ok(done) => (0, "OK".to_owned(), done.result, done.each),
            Err(refused) => (refused.code, refused.text, json!({}), json!({})),
        };
        let mut answer = json!({
            "retCode": code,
            "retMsg": words,
            "op": op,
            "data": data,
            "retExtInfo": each,
            "header": header,
            "connId": self.ids.connection(line),
        });
        if let Some(id) = id {
            answer["reqId"] = id;
        }
        answer.to_string()
    }
}

/// The code that stands for a fault here: this door has no HTTP status.
const fn code_of(how: How) -> Option<i32> {
    match how {
        How::Code(code) => Some(code),
        How::Http(403) => Some(10403),
        How::Http(429) => Some(10429),
        How::Http(500..) => Some(10016),
        How::Http(_) => Some(10404),
        _ => None,
    }
}
