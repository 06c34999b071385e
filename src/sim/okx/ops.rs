//! Orders over the private socket: the same calls as on REST, answered under the id that the client gave.

use serde_json::{Value, json};

use super::Okx;
use super::call::{Call, Told, gateway, verdict};
use super::channels::Door;
use super::error::Refused;
use super::params::Params;
use super::rest::{check_time_left, is_of_an_order, leaves_open, made, row};
use super::talk::illegal;
use crate::sim::fault::How;
use crate::sim::wire::LineId;

/// Each operation with the REST call that it is, and for how many things.
const OPS: [(&str, &str); 7] = [
    ("order", "POST /api/v5/trade/order"),
    ("batch-orders", "POST /api/v5/trade/batch-orders"),
    ("amend-order", "POST /api/v5/trade/amend-order"),
    (
        "batch-amend-orders",
        "POST /api/v5/trade/amend-batch-orders",
    ),
    ("cancel-order", "POST /api/v5/trade/cancel-order"),
    (
        "batch-cancel-orders",
        "POST /api/v5/trade/cancel-batch-orders",
    ),
    ("mass-cancel", "POST /api/v5/trade/mass-cancel"),
];

/// One request on its way.
struct Asked<'a> {
    now: i64,
    line: LineId,
    id: &'a str,
    op: &'a str,
}

impl Okx {
    /// Takes a request that is none of `talk`'s.
    pub(super) fn order_request(&mut self, now: i64, line: LineId, request: &Value, text: &str) {
        let op = request
            .get("op")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some((op, name)) = OPS.iter().find(|(word, _)| *word == op) else {
            let words = if op.is_empty() {
                illegal(text)
            } else {
                format!("Invalid op {}", crate::domain::text::sanitise(op, 40))
            };
            let code = if op.is_empty() { 60012 } else { 60019 };
            return self.complain(line, request, code, &words);
        };
        let (door, key) = match self.lines.open.get(&line) {
            Some(line) => (line.door, line.key),
            None => return,
        };
        let id = request
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let named = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if door != Door::Private || !named {
            return self.complain(line, request, 60012, &illegal(text));
        }
        let Some(key) = key else {
            return self.complain(line, request, 60011, "Please log in");
        };
        let asked = Asked { now, line, id, op };
        self.do_op(&asked, name, key, request);
    }

    fn do_op(&mut self, asked: &Asked, name: &str, key: usize, request: &Value) {
        let Some(row) = row(name) else {
            return;
        };
        let names: Vec<_> = row.what.into_iter().collect();
        let struck = self.faults.strike(&names);
        match struck {
            Some(How::Drop) => return,
            Some(How::Code(code)) if !leaves_open(code) => {
                let answer = self.faulty(asked, code);
                return self.lines.text(asked.line, answer, 0);
            }
            Some(How::Http(status)) if status < 500 => {
                let answer = self.faulty(asked, if status == 429 { 50011 } else { 50000 });
                return self.lines.text(asked.line, answer, 0);
            }
            _ => {}
        }
        let told = self.read_op(asked, key, request).and_then(|call| {
            if call.items.is_empty() {
                return Err(Refused::new(60013, "Invalid args"));
            }
            self.perform(row, &call)
        });
        let answer = answer(asked, told);
        match struck {
            Some(How::Silent) => {}
            Some(How::Delay(ms)) => self.lines.text(asked.line, answer, ms),
            Some(How::Cut) => self.lines.cut(asked.line),
            Some(How::HalfOpen) => self.lines.freeze(asked.line),
            Some(How::Dup) => {
                self.lines.text(asked.line, answer.clone(), 0);
                self.lines.text(asked.line, answer, 0);
            }
            Some(How::Code(code)) => {
                let answer = self.faulty(asked, code);
                self.lines.text(asked.line, answer, 0);
            }
            Some(How::Http(_)) => {
                let answer = self.faulty(asked, 50001);
                self.lines.text(asked.line, answer, 0);
            }
            _ => self.lines.text(asked.line, answer, 0),
        }
        self.tell(asked.now);
    }

    /// # Errors
    /// 60013 when the arguments are no list of objects.
    fn read_op(&self, asked: &Asked, key: usize, request: &Value) -> Result<Call, Refused> {
        let wrong = || Refused::new(60013, "Invalid args");
        let args = request.get("args").and_then(Value::as_array);
        let items = args.ok_or_else(wrong)?.iter();
        let items: Result<Vec<Params>, Refused> = items.map(Params::from_object).collect();
        if let Some(until) = request.get("expTime").and_then(Value::as_str) {
            check_time_left(asked.now, until)?;
        }
        let ip = self.lines.open.get(&asked.line).map(|line| line.ip);
        Ok(Call {
            now: asked.now,
            ip: ip.ok_or_else(wrong)?,
            key: Some(key),
            socket: true,
            items: items.map_err(|_| wrong())?,
        })
    }

    /// The answer that a fault gives.
    fn faulty(&self, asked: &Asked, code: i32) -> String {
        let refused = made(code);
        if is_of_an_order(code) {
            let rows = vec![super::orders::refused_row("", "", &refused)];
            return answer(asked, Ok(Told::Orders(rows)));
        }
        answer(asked, Err(refused))
    }
}

fn answer(asked: &Asked, told: Result<Told, Refused>) -> String {
    let (inwards, outwards) = gateway(asked.now);
    let (code, msg, data) = match told {
        Ok(told) => {
            let rows = told.rows();
            let (code, _) = verdict(&rows);
            (code.to_owned(), String::new(), rows)
        }
        Err(refused) => (refused.code.to_string(), refused.text, Vec::new()),
    };
    json!({
        "id": asked.id,
        "op": asked.op,
        "code": code,
        "msg": msg,
        "data": data,
        "inTime": inwards,
        "outTime": outwards,
    })
    .to_string()
}
