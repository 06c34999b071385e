//! The WebSocket API door: one JSON request a frame, one answer a request.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::BinanceFutures;
use super::call::{Call, Door, Guard, Row, Weight, is_spared, keyed, open, read, trade};
use super::error::Refused;
use super::limits::Pool;
use super::lines::Use;
use super::params::Params;
use super::rest::{fault_status, fault_text, leaves_open};
use crate::sim::fault::{How, What};
use crate::sim::wire::LineId;

/// What a connection costs its address.
const CONNECT_WEIGHT: u32 = 5;
const FIVE: Weight = Weight::Fixed(5);
const TWO: Weight = Weight::Fixed(2);

/// Every method that the venue has.
#[rustfmt::skip]
const METHODS: &[Row] = &[
    trade("order.place", 0, (1, 1), Some(What::Place), BinanceFutures::place),
    trade("order.modify", 0, (1, 1), Some(What::Amend), BinanceFutures::amend),
    trade("order.cancel", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel),
    trade("algoOrder.place", 0, (1, 1), Some(What::Place), BinanceFutures::place_algo),
    trade("algoOrder.cancel", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_algo),
    read("order.status", Weight::Fixed(1), BinanceFutures::query_order),
    read("account.position", FIVE, BinanceFutures::position_risk_v2),
    read("v2/account.position", FIVE, BinanceFutures::position_risk_v3),
    read("account.balance", FIVE, BinanceFutures::balance),
    read("v2/account.balance", FIVE, BinanceFutures::balance),
    read("account.status", FIVE, BinanceFutures::account_v2),
    read("v2/account.status", FIVE, BinanceFutures::account_v3),
    open("depth", Weight::Book, BinanceFutures::depth),
    open("ticker.price", Weight::Symbol(1, 2), BinanceFutures::ticker_price),
    open("ticker.book", Weight::Symbol(2, 5), BinanceFutures::ticker_book),
    keyed("userDataStream.start", BinanceFutures::start_listen),
    keyed("userDataStream.ping", BinanceFutures::keep_listen),
    keyed("userDataStream.stop", BinanceFutures::stop_listen),
    Row { guard: Guard::Logon, ..open("session.logon", TWO, BinanceFutures::log_on) },
    open("session.status", TWO, BinanceFutures::session_status),
    open("session.logout", TWO, BinanceFutures::log_out),
];

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

impl BinanceFutures {
    /// Charges a new connection; true when the address may have it.
    pub fn open_api(&mut self, now: i64, ip: std::net::IpAddr) -> bool {
        self.limits
            .spend(now, Pool::WsApi, ip, CONNECT_WEIGHT)
            .1
            .is_ok()
    }

    /// Takes one frame of a line and answers on it.
    pub fn api(&mut self, now: i64, line: LineId, text: &str) {
        let request: Request = match serde_json::from_str(text) {
            Ok(request) => request,
            Err(_) => {
                let refused = Refused::new(-1135, "Invalid JSON Request");
                let answer = json!({"id": null, "status": 400, "error": refused.body()});
                self.lines.text(line, answer.to_string(), 0);
                return;
            }
        };
        if self.end_dead_session(now, line) {
            return;
        }
        let row = METHODS.iter().find(|row| row.name == request.method);
        let what = row.and_then(|row| row.what);
        let params = Params::from_object(request.params);
        let spared = |how: &How| params.as_ref().is_ok_and(|p| is_spared(*how, what, p));
        let struck = what
            .and_then(|what| self.faults.strike(&[what]))
            .filter(|how| !spared(how));
        match struck {
            Some(How::Drop) => return,
            Some(How::Code(code)) if !leaves_open(code) => {
                return self.answer_fault(line, &request.id, fault_status(code), code);
            }
            Some(How::Http(status)) if status < 500 => {
                return self.answer_fault(line, &request.id, status, -1000);
            }
            _ => {}
        }
        let answer = self.api_answer(now, line, row, &request).to_string();
        match struck {
            None | Some(How::Drop | How::Gap | How::Adl | How::Liquidate) => {
                self.lines.text(line, answer, 0);
            }
            Some(How::Delay(ms)) => self.lines.text(line, answer, ms),
            Some(How::Dup) => {
                self.lines.text(line, answer.clone(), 0);
                self.lines.text(line, answer, 0);
            }
            Some(How::Silent) => {}
            Some(How::Cut) => self.lines.cut(line),
            Some(How::HalfOpen) => self.lines.freeze(line),
            Some(How::Code(code)) => self.answer_fault(line, &request.id, 408, code),
            Some(How::Http(status)) => self.answer_fault(line, &request.id, status, -1000),
        }
        self.tell(now);
    }

    fn answer_fault(&mut self, line: LineId, id: &Value, status: u16, code: i32) {
        let error = Refused::new(code, fault_text(code)).body();
        let answer = json!({"id": id, "status": status, "error": error});
        self.lines.text(line, answer.to_string(), 0);
    }

    fn api_answer(
        &mut self,
        now: i64,
        line: LineId,
        row: Option<&Row>,
        request: &Request,
    ) -> Value {
        let Some(entry) = self.lines.open.get(&line) else {
            return Value::Null;
        };
        let ip = entry.ip;
        let mut with_limits = matches!(
            entry.what,
            Use::Api {
                with_limits: true,
                ..
            }
        );
        let result = self.api_result(now, line, ip, row, request, &mut with_limits);
        let with_orders = row.is_some_and(|row| row.orders != (0, 0));
        let mut answer = match result {
            Ok(value) => json!({"id": request.id, "status": 200, "result": value}),
            Err(refused) => {
                let mut error = refused.body();
                if let Some(at) = refused.retry_at {
                    error["data"] = json!({"serverTime": now, "retryAfter": at});
                }
                json!({"id": request.id, "status": refused.status, "error": error})
            }
        };
        if with_limits {
            answer["rateLimits"] = self.limits.rows(now, ip, with_orders);
        }
        answer
    }

    fn api_result(
        &mut self,
        now: i64,
        line: LineId,
        ip: std::net::IpAddr,
        row: Option<&Row>,
        request: &Request,
        with_limits: &mut bool,
    ) -> Result<Value, Refused> {
        let row = row
            .ok_or_else(|| Refused::new(-1000, format!("Unknown method '{}'.", request.method)))?;
        let params = Params::from_object(request.params)?;
        if let Some(wanted) = params.flag("returnRateLimits")? {
            *with_limits = wanted;
        }
        let payload = match row.guard {
            Guard::Read | Guard::Trade | Guard::Logon => params.sorted_payload(),
            Guard::Open | Guard::Key => String::new(),
        };
        let who = self.who(line, row, &params, payload);
        let mut call = Call {
            now,
            ip,
            door: Door::WsApi,
            line: Some(line),
            params,
            key: None,
        };
        self.perform(row, &mut call, &who).1
    }
}
