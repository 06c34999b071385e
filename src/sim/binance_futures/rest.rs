//! The REST door: the table of everything that can be asked, headers and statuses.

use serde_json::Value;

use super::BinanceFutures;
use super::call::{Call, Door, Guard, Row, Weight, is_spared, keyed, open, read, trade};
use super::error::Refused;
use super::params::Params;
use super::rights::Who;
use super::sign;
use crate::sim::fault::{How, What};
use crate::sim::wire::{Answer, Reply, Request};

const ONE: Weight = Weight::Fixed(1);
const FIVE: Weight = Weight::Fixed(5);

/// Everything that can be asked (Binance, Futures REST; weights as documented).
#[rustfmt::skip]
const ROWS: &[Row] = &[
    open("GET /fapi/v1/ping", ONE, BinanceFutures::ping),
    open("GET /fapi/v1/time", ONE, BinanceFutures::time),
    open("GET /fapi/v1/exchangeInfo", ONE, BinanceFutures::exchange_info),
    open("GET /fapi/v1/depth", Weight::Book, BinanceFutures::depth),
    open("GET /fapi/v1/trades", FIVE, BinanceFutures::trades),
    open("GET /fapi/v1/aggTrades", Weight::Fixed(20), BinanceFutures::agg_trades),
    open("GET /fapi/v1/klines", Weight::Candles, BinanceFutures::klines),
    open("GET /fapi/v1/ticker/24hr", Weight::Symbol(1, 40), BinanceFutures::ticker_24h),
    open("GET /fapi/v1/ticker/price", Weight::Symbol(1, 2), BinanceFutures::ticker_price),
    open("GET /fapi/v2/ticker/price", Weight::Symbol(1, 2), BinanceFutures::ticker_price),
    open("GET /fapi/v1/ticker/bookTicker", Weight::Symbol(2, 5), BinanceFutures::ticker_book),
    open("GET /fapi/v1/premiumIndex", Weight::Symbol(1, 10), BinanceFutures::premium_index),
    open("GET /fapi/v1/fundingRate", ONE, BinanceFutures::funding_rate),
    open("GET /fapi/v1/fundingInfo", ONE, BinanceFutures::funding_info),
    trade("POST /fapi/v1/order", 0, (1, 1), Some(What::Place), BinanceFutures::place),
    trade("POST /fapi/v1/order/test", 0, (0, 0), None, BinanceFutures::place_test),
    trade("PUT /fapi/v1/order", 0, (1, 1), Some(What::Amend), BinanceFutures::amend),
    trade("DELETE /fapi/v1/order", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel),
    trade("DELETE /fapi/v1/allOpenOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_all),
    trade("POST /fapi/v1/countdownCancelAll", 10, (0, 0), None, BinanceFutures::countdown),
    trade("POST /fapi/v1/batchOrders", 5, (5, 1), Some(What::Place), BinanceFutures::place_batch),
    trade("PUT /fapi/v1/batchOrders", 5, (5, 1), Some(What::Amend), BinanceFutures::amend_batch),
    trade("DELETE /fapi/v1/batchOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_batch),
    trade("POST /fapi/v1/algoOrder", 0, (1, 1), Some(What::Place), BinanceFutures::place_algo),
    trade("DELETE /fapi/v1/algoOrder", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_algo),
    trade("DELETE /fapi/v1/algoOpenOrders", 1, (0, 0), Some(What::Cancel), BinanceFutures::cancel_all_algos),
    read("GET /fapi/v1/algoOrder", ONE, BinanceFutures::query_algo),
    read("GET /fapi/v1/openAlgoOrders", Weight::Symbol(1, 40), BinanceFutures::open_algos),
    read("GET /fapi/v1/allAlgoOrders", FIVE, BinanceFutures::all_algos),
    trade("POST /fapi/v1/leverage", 1, (0, 0), None, BinanceFutures::set_leverage),
    trade("POST /fapi/v1/marginType", 1, (0, 0), None, BinanceFutures::set_margin_type),
    trade("POST /fapi/v1/positionMargin", 1, (0, 0), None, BinanceFutures::move_margin),
    read("GET /fapi/v1/positionMargin/history", ONE, BinanceFutures::margin_history),
    trade("POST /fapi/v1/positionSide/dual", 1, (0, 0), None, BinanceFutures::set_position_mode),
    trade("POST /fapi/v1/multiAssetsMargin", 1, (0, 0), None, BinanceFutures::set_multi_assets),
    read("GET /fapi/v1/order", ONE, BinanceFutures::query_order),
    read("GET /fapi/v1/openOrder", ONE, BinanceFutures::query_open_order),
    read("GET /fapi/v1/openOrders", Weight::Symbol(1, 40), BinanceFutures::open_orders),
    read("GET /fapi/v1/allOrders", FIVE, BinanceFutures::all_orders),
    read("GET /fapi/v1/userTrades", FIVE, BinanceFutures::user_trades),
    read("GET /fapi/v1/income", Weight::Fixed(30), BinanceFutures::income),
    read("GET /fapi/v2/positionRisk", FIVE, BinanceFutures::position_risk_v2),
    read("GET /fapi/v3/positionRisk", FIVE, BinanceFutures::position_risk_v3),
    read("GET /fapi/v2/account", FIVE, BinanceFutures::account_v2),
    read("GET /fapi/v3/account", FIVE, BinanceFutures::account_v3),
    read("GET /fapi/v2/balance", FIVE, BinanceFutures::balance),
    read("GET /fapi/v3/balance", FIVE, BinanceFutures::balance),
    read("GET /fapi/v1/accountConfig", FIVE, BinanceFutures::account_config),
    read("GET /fapi/v1/symbolConfig", FIVE, BinanceFutures::symbol_config),
    read("GET /fapi/v1/leverageBracket", ONE, BinanceFutures::leverage_bracket),
    read("GET /fapi/v1/adlQuantile", FIVE, BinanceFutures::adl_quantile),
    read("GET /fapi/v1/positionSide/dual", Weight::Fixed(30), BinanceFutures::position_mode),
    read("GET /fapi/v1/multiAssetsMargin", Weight::Fixed(30), BinanceFutures::multi_assets),
    read("GET /fapi/v1/commissionRate", Weight::Fixed(20), BinanceFutures::commission_rate),
    read("GET /fapi/v1/rateLimit/order", ONE, BinanceFutures::order_limits),
    read("GET /fapi/v1/apiTradingStatus", Weight::Symbol(1, 10), BinanceFutures::trading_status),
    read("GET /sapi/v1/account/apiRestrictions", ONE, BinanceFutures::key_rights),
    read("GET /sapi/v1/capital/config/getall", Weight::Fixed(10), BinanceFutures::nothing),
    open("GET /api/v3/ping", ONE, BinanceFutures::ping),
    open("GET /api/v3/time", ONE, BinanceFutures::time),
    keyed("GET /sapi/v1/margin/allPairs", BinanceFutures::nothing),
    keyed("GET /sapi/v1/margin/isolated/allPairs", BinanceFutures::nothing),
    keyed("POST /fapi/v1/listenKey", BinanceFutures::start_listen),
    keyed("PUT /fapi/v1/listenKey", BinanceFutures::keep_listen),
    keyed("DELETE /fapi/v1/listenKey", BinanceFutures::stop_listen),
];

impl BinanceFutures {
    /// Answers a request, faults included, and tells the streams what came of it.
    pub(super) fn ask(&mut self, now: i64, request: &Request) -> Answer {
        let name = format!("{} {}", request.verb, request.path);
        let Some(row) = ROWS.iter().find(|row| row.name == name) else {
            return Answer::Reply(nowhere(&name), 0);
        };
        let names = [Some(What::Rest), row.what];
        let names: Vec<What> = names.into_iter().flatten().collect();
        let params = Params::from_pairs(&request.query, &request.body);
        let spared = |how: &How| params.as_ref().is_ok_and(|p| is_spared(*how, row.what, p));
        let struck = self.faults.strike(&names).filter(|how| !spared(how));
        if let Some(reply) = instead(struck) {
            return reply;
        }
        let reply = self.answer(now, row, request, params);
        self.tell(now);
        match struck {
            None | Some(How::Dup | How::Gap | How::Adl | How::Liquidate) => Answer::Reply(reply, 0),
            Some(How::Delay(ms)) => Answer::Reply(reply, ms),
            Some(How::Cut) => Answer::Cut,
            Some(How::Drop | How::Silent | How::HalfOpen) => Answer::Never,
            Some(How::Code(code)) => Answer::Reply(with_code(code), 0),
            Some(How::Http(status)) => Answer::Reply(with_status(status), 0),
        }
    }

    fn answer(
        &mut self,
        now: i64,
        row: &Row,
        request: &Request,
        params: Result<Params, Refused>,
    ) -> Reply {
        let (used, result) = match params {
            Ok(params) => {
                let mut call = Call {
                    now,
                    ip: request.ip,
                    door: Door::Rest,
                    line: None,
                    params,
                    key: None,
                };
                let who = Who::Named {
                    api_key: request.header("x-mbx-apikey").map(str::to_owned),
                    payload: sign::rest_payload(&request.query, &request.body),
                };
                self.perform(row, &mut call, &who)
            }
            Err(refused) => (0, Err(refused)),
        };
        let mut headers = vec![("x-mbx-used-weight-1m", used.to_string())];
        if row.orders != (0, 0) && row.guard == Guard::Trade {
            let (short, long) = self.limits.orders(now);
            headers.push(("x-mbx-order-count-10s", short.to_string()));
            headers.push(("x-mbx-order-count-1m", long.to_string()));
        }
        match result {
            Ok(value) => Reply {
                status: 200,
                headers,
                body: value.to_string(),
            },
            Err(refused) => {
                if let Some(at) = refused.retry_at {
                    let seconds = (at - now).max(0).div_euclid(1000) + 1;
                    headers.push(("retry-after", seconds.to_string()));
                }
                Reply {
                    status: refused.status,
                    headers,
                    body: refused.body().to_string(),
                }
            }
        }
    }
}

/// Faults after which the call is not done at all.
fn instead(struck: Option<How>) -> Option<Answer> {
    match struck {
        Some(How::Drop) => Some(Answer::Never),
        Some(How::Code(code)) if !leaves_open(code) => Some(Answer::Reply(with_code(code), 0)),
        Some(How::Http(status)) if status < 500 => Some(Answer::Reply(with_status(status), 0)),
        _ => None,
    }
}

/// True for codes after which the order may or may not exist.
pub(super) const fn leaves_open(code: i32) -> bool {
    matches!(code, -1000 | -1001 | -1006 | -1007)
}

/// The status that a code comes with.
pub(super) const fn fault_status(code: i32) -> u16 {
    match code {
        _ if leaves_open(code) => 408,
        -1008 => 503,
        _ => 400,
    }
}

/// The words of a code that a fault asks for.
pub(super) fn fault_text(code: i32) -> &'static str {
    match code {
        -1000 => "An unknown error occurred while processing the request.",
        -1001 => "Internal error; unable to process your request. Please try again.",
        -1003 => "Too many requests; please use the websocket for live updates.",
        -1006 => {
            "An unexpected response was received from the message bus. Execution status unknown."
        }
        -1007 => {
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
        }
        -1008 => {
            "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."
        }
        -1021 => "Timestamp for this request is outside of the recvWindow.",
        -2019 => "Margin is insufficient.",
        _ => "A fault was made on purpose.",
    }
}

fn with_code(code: i32) -> Reply {
    let refused = Refused::new(code, fault_text(code));
    Reply {
        status: fault_status(code),
        headers: Vec::new(),
        body: refused.body().to_string(),
    }
}

fn with_status(status: u16) -> Reply {
    let text = if status >= 500 {
        "Unknown error, please check your request or try again later."
    } else {
        "A fault was made on purpose."
    };
    Reply {
        status,
        headers: Vec::new(),
        body: Refused::new(-1000, text).body().to_string(),
    }
}

/// Other products' addresses that clients look at on the way in are empty; anything else is not there.
fn nowhere(name: &str) -> Reply {
    let empty: Option<Value> = match name {
        "GET /api/v3/exchangeInfo" | "GET /dapi/v1/exchangeInfo" => Some(
            serde_json::json!({"timezone": "UTC", "rateLimits": [], "exchangeFilters": [], "symbols": []}),
        ),
        "GET /eapi/v1/exchangeInfo" => Some(serde_json::json!({
            "timezone": "UTC", "optionContracts": [], "optionAssets": [], "optionSymbols": [], "rateLimits": [],
        })),
        _ => None,
    };
    match empty {
        Some(value) => Reply {
            status: 200,
            headers: Vec::new(),
            body: value.to_string(),
        },
        None => Reply {
            status: 404,
            headers: Vec::new(),
            body: Refused::new(-5000, "Path not found.").body().to_string(),
        },
    }
}
