//! The REST door: the table of everything that can be asked, the envelope, headers and statuses.

use serde_json::{Value, json};

use super::Bybit;
use super::call::{Call, Done, Guard, Handler, Row, batch, open, read, trade};
use super::category::Category;
use super::error::Refused;
use super::limits::{Budget, Rate};
use super::params::Params;
use super::rights::Signed;
use crate::sim::fault::{How, What};
use crate::sim::wire::{Answer, Reply, Request};

/// Orders are counted by what is done with them, whichever door they come through.
pub const CREATE: Rate = rate("create", 10, 20);
pub const AMEND: Rate = rate("amend", 10, 10);
pub const CANCEL: Rate = rate("cancel", 10, 20);
const CANCEL_ALL: Rate = rate("cancel-all", 10, 20);
pub const CREATE_BATCH: Rate = rate("create-batch", 10, 20);
pub const AMEND_BATCH: Rate = rate("amend-batch", 10, 20);
pub const CANCEL_BATCH: Rate = rate("cancel-batch", 10, 20);

const fn rate(name: &'static str, linear: usize, spot: usize) -> Rate {
    Rate { name, linear, spot }
}

/// Everything that can be asked (Bybit v5; limits a second as "Rate Limit Rules" has them).
#[rustfmt::skip]
const ROWS: &[Row] = &[
    open("GET /v5/market/time", Bybit::time),
    open("GET /v5/market/instruments-info", Bybit::instruments_info),
    open("GET /v5/market/orderbook", Bybit::orderbook),
    open("GET /v5/market/tickers", Bybit::tickers),
    open("GET /v5/market/recent-trade", Bybit::recent_trades),
    open("GET /v5/market/kline", Bybit::kline),
    open("GET /v5/market/funding/history", Bybit::funding_history),
    open("GET /v5/market/price-limit", Bybit::price_limit),
    open("GET /v5/market/risk-limit", Bybit::risk_limit),
    trade("POST /v5/order/create", CREATE, Some(What::Place), Bybit::create),
    trade("POST /v5/order/amend", AMEND, Some(What::Amend), Bybit::amend),
    trade("POST /v5/order/cancel", CANCEL, Some(What::Cancel), Bybit::cancel),
    trade("POST /v5/order/cancel-all", CANCEL_ALL, Some(What::Cancel), Bybit::cancel_all),
    batch("POST /v5/order/create-batch", CREATE_BATCH, What::Place, Bybit::create_batch),
    batch("POST /v5/order/amend-batch", AMEND_BATCH, What::Amend, Bybit::amend_batch),
    batch("POST /v5/order/cancel-batch", CANCEL_BATCH, What::Cancel, Bybit::cancel_batch),
    trade("POST /v5/order/disconnected-cancel-all", rate("dcp", 5, 5), None, Bybit::set_dcp),
    read("GET /v5/order/realtime", 50, Bybit::realtime),
    read("GET /v5/order/history", 50, Bybit::history),
    read("GET /v5/execution/list", 50, Bybit::executions),
    read("GET /v5/position/list", 50, Bybit::position_list),
    trade("POST /v5/position/set-leverage", rate("set-leverage", 10, 10), None, Bybit::set_leverage),
    trade("POST /v5/position/switch-mode", rate("switch-mode", 10, 10), None, Bybit::switch_mode),
    trade("POST /v5/position/trading-stop", rate("trading-stop", 10, 10), Some(What::Place), Bybit::trading_stop),
    read("GET /v5/account/wallet-balance", 50, Bybit::wallet_balance),
    read("GET /v5/account/info", 50, Bybit::account_info),
    read("GET /v5/account/fee-rate", 5, Bybit::fee_rate),
    read("GET /v5/account/instruments-info", 10, Bybit::own_instruments),
    read("GET /v5/account/query-dcp-info", 5, Bybit::dcp_info),
    trade("POST /v5/account/set-margin-mode", rate("set-margin-mode", 5, 5), None, Bybit::set_margin_mode),
    read("GET /v5/user/query-api", 10, Bybit::query_api),
    read("GET /v5/asset/coin/query-info", 5, Bybit::coin_info),
];

impl Bybit {
    /// Answers a request, faults included. What came of it is told with the next tick.
    pub(super) fn ask(&mut self, now: i64, request: &Request) -> Answer {
        if !self.limits.admit(now, request.ip) {
            return Answer::Reply(shut_out("access too frequent"), 0);
        }
        let name = format!("{} {}", request.verb, request.path);
        let Some(row) = ROWS.iter().find(|row| row.name == name) else {
            let refused = Refused::new(10017, "Route not found.").with_status(404);
            return Answer::Reply(reply(now, Err(&refused), None), 0);
        };
        // A body on a GET is turned away before anybody reads it (Bybit v5, "Error Codes", 403).
        if request.verb == "GET" && !request.body.is_empty() {
            return Answer::Reply(shut_out("Forbidden"), 0);
        }
        let names = [Some(What::Rest), row.what];
        let names: Vec<What> = names.into_iter().flatten().collect();
        let struck = self.faults.strike(&names);
        if let Some(answer) = instead(now, struck) {
            return answer;
        }
        let reply = self.answer(now, row, request);
        self.absorb(now);
        match struck {
            None | Some(How::Dup | How::Gap | How::Adl | How::Liquidate) => Answer::Reply(reply, 0),
            Some(How::Delay(ms)) => Answer::Reply(reply, ms),
            Some(How::Cut) => Answer::Cut,
            Some(How::Drop | How::Silent | How::HalfOpen) => Answer::Never,
            Some(How::Code(code)) => Answer::Reply(with_code(now, code), 0),
            Some(How::Http(status)) => Answer::Reply(with_status(status), 0),
        }
    }

    fn answer(&mut self, now: i64, row: &Row, request: &Request) -> Reply {
        let signed = Signed::of(request);
        let key = match self.check(row.guard, now, request.ip, &signed) {
            Ok(key) => key,
            Err(refused) => return reply(now, Err(&refused), None),
        };
        let params = if request.verb == "GET" {
            Params::from_query(&request.query)
        } else {
            Params::from_body(&request.body)
        };
        match params {
            Ok(params) => {
                let (budget, done) = self.perform(now, row, params, key);
                reply(now, done.as_ref(), budget)
            }
            Err(refused) => reply(now, Err(&refused), None),
        }
    }

    /// Spends the account's budget and does a call.
    pub(super) fn perform(
        &mut self,
        now: i64,
        row: &Row,
        params: Params,
        key: Option<usize>,
    ) -> (Option<Budget>, Result<Done, Refused>) {
        let category = params
            .text("category")
            .ok()
            .flatten()
            .and_then(Category::parse);
        let wanted = match row.handler {
            Handler::One(_) => 1,
            Handler::Batch(_) => params
                .list("request", "")
                .map_or(1, |rows| rows.len().max(1)),
        };
        let category = category.filter(|_| row.guard == Guard::Trade);
        let budget = row
            .rate
            .map(|rate| self.limits.spend(now, rate, category, wanted));
        if budget.is_some_and(|budget| budget.granted == 0) {
            return (budget, Err(too_many_visits()));
        }
        let call = Call {
            now,
            params,
            key,
            granted: budget.map_or(wanted, |budget| budget.granted),
        };
        let done = match row.handler {
            Handler::One(handler) => handler(self, &call).map(Done::from),
            Handler::Batch(handler) => handler(self, &call),
        };
        (budget, done)
    }
}

/// More calls in a second than the account may make.
pub fn too_many_visits() -> Refused {
    Refused::new(10006, "Too many visits. Exceeded the API Rate Limit.")
}

/// True for codes after which the order may or may not exist.
pub const fn leaves_open(code: i32) -> bool {
    matches!(code, 10000 | 10016 | 10019 | 170_007 | 170_146 | 170_147)
}

/// Faults after which the call is not done at all.
fn instead(now: i64, struck: Option<How>) -> Option<Answer> {
    match struck {
        Some(How::Drop) => Some(Answer::Never),
        Some(How::Code(code)) if !leaves_open(code) => Some(Answer::Reply(with_code(now, code), 0)),
        Some(How::Http(status)) if status < 500 => Some(Answer::Reply(with_status(status), 0)),
        _ => None,
    }
}

/// The words of a code that a fault asks for.
pub fn fault_text(code: i32) -> &'static str {
    match code {
        10000 => "Server Timeout",
        10002 => "invalid request, please check your server timestamp or recv_window param.",
        10003 => "API key is invalid.",
        10004 => "error sign! please check your signature generation algorithm.",
        10005 => "Permission denied, please check your API key permissions.",
        10006 => "Too many visits. Exceeded the API Rate Limit.",
        10016 => "Internal System Error.",
        10019 => "ws trade service is restarting",
        10429 => "System level frequency protection",
        110_001 => "order not exists or too late to cancel",
        110_007 => "ab not enough for new order",
        170_007 => "Timeout waiting for response from backend server.",
        170_146 => "Order creation timeout.",
        170_147 => "Order cancellation timeout.",
        _ => "A fault was made on purpose.",
    }
}

fn with_code(now: i64, code: i32) -> Reply {
    reply(now, Err(&Refused::new(code, fault_text(code))), None)
}

fn with_status(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: json!({"retCode": status, "retMsg": "A fault was made on purpose."}).to_string(),
    }
}

/// What stands before the exchange turns a request away.
fn shut_out(words: &str) -> Reply {
    Reply {
        status: 403,
        headers: Vec::new(),
        body: json!({"retCode": 403, "retMsg": words}).to_string(),
    }
}

fn reply(now: i64, done: Result<&Done, &Refused>, budget: Option<Budget>) -> Reply {
    let (status, code, words, result, each) = match done {
        Ok(done) => (200, 0, "OK", done.result.clone(), done.each.clone()),
        Err(refused) => (
            refused.status,
            refused.code,
            refused.text.as_str(),
            json!({}),
            json!({}),
        ),
    };
    let body: Value = json!({
        "retCode": code,
        "retMsg": words,
        "result": result,
        "retExtInfo": each,
        "time": now,
    });
    let headers = budget.map_or_else(Vec::new, |budget| {
        vec![
            ("x-bapi-limit", budget.limit.to_string()),
            ("x-bapi-limit-status", budget.left.to_string()),
            ("x-bapi-limit-reset-timestamp", budget.reset_ms.to_string()),
        ]
    });
    Reply {
        status,
        headers,
        body: body.to_string(),
    }
}
