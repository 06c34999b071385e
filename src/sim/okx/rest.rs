//! The REST door: the table of everything that can be asked, credentials and statuses.

use super::Okx;
use super::call::{Call, Guard, Row, Told, open, orders, read, trade};
use super::error::Refused;
use super::params::Params;
use crate::sim::fault::{How, What};
use crate::sim::wire::{Answer, Reply, Request};

/// Everything that can be asked (OKX, "REST API"; requests in two seconds as documented).
#[rustfmt::skip]
const ROWS: &[Row] = &[
    open("GET /api/v5/public/time", 10, Okx::time),
    open("GET /api/v5/public/instruments", 20, Okx::instruments),
    open("GET /api/v5/public/funding-rate", 10, Okx::funding_rate),
    open("GET /api/v5/public/funding-rate-history", 10, Okx::funding_history),
    open("GET /api/v5/public/mark-price", 10, Okx::mark_price),
    open("GET /api/v5/public/price-limit", 20, Okx::price_limit),
    open("GET /api/v5/public/open-interest", 20, Okx::open_interest),
    open("GET /api/v5/public/position-tiers", 10, Okx::position_tiers),
    open("GET /api/v5/market/books", 40, Okx::books),
    open("GET /api/v5/market/ticker", 20, Okx::ticker),
    open("GET /api/v5/market/tickers", 20, Okx::tickers),
    open("GET /api/v5/market/trades", 100, Okx::trades),
    open("GET /api/v5/market/history-trades", 20, Okx::trades),
    open("GET /api/v5/market/candles", 40, Okx::candles),
    open("GET /api/v5/market/history-candles", 20, Okx::candles),
    open("GET /api/v5/market/index-tickers", 20, Okx::index_tickers),
    open("GET /api/v5/system/status", 1, Okx::system_status),
    read("GET /api/v5/account/config", 5, Okx::account_config),
    read("GET /api/v5/account/instruments", 20, Okx::instruments),
    read("GET /api/v5/account/balance", 10, Okx::balance),
    read("GET /api/v5/account/positions", 10, Okx::positions),
    read("GET /api/v5/account/leverage-info", 20, Okx::leverage_info),
    read("GET /api/v5/account/trade-fee", 5, Okx::trade_fee),
    read("GET /api/v5/account/max-size", 20, Okx::max_size),
    read("GET /api/v5/account/max-avail-size", 20, Okx::max_available),
    trade("POST /api/v5/account/set-leverage", 20, None, Okx::set_leverage),
    trade("POST /api/v5/account/set-position-mode", 5, None, Okx::set_position_mode),
    trade("POST /api/v5/account/position/margin-balance", 20, None, Okx::move_margin),
    orders("POST /api/v5/trade/order", 60, 1, What::Place, Okx::place),
    orders("POST /api/v5/trade/batch-orders", 300, 20, What::Place, Okx::place),
    orders("POST /api/v5/trade/amend-order", 60, 1, What::Amend, Okx::amend),
    orders("POST /api/v5/trade/amend-batch-orders", 300, 20, What::Amend, Okx::amend),
    orders("POST /api/v5/trade/cancel-order", 60, 1, What::Cancel, Okx::cancel),
    orders("POST /api/v5/trade/cancel-batch-orders", 300, 20, What::Cancel, Okx::cancel),
    trade("POST /api/v5/trade/close-position", 20, Some(What::Place), Okx::close_position),
    trade("POST /api/v5/trade/cancel-all-after", 2, None, Okx::cancel_all_after),
    trade("POST /api/v5/trade/mass-cancel", 5, Some(What::Cancel), Okx::mass_cancel),
    read("GET /api/v5/trade/order", 60, Okx::query_order),
    read("GET /api/v5/trade/orders-pending", 60, Okx::orders_pending),
    read("GET /api/v5/trade/orders-history", 40, Okx::orders_history),
    read("GET /api/v5/trade/orders-history-archive", 20, Okx::orders_history),
    read("GET /api/v5/trade/fills", 60, Okx::fills),
    read("GET /api/v5/trade/fills-history", 10, Okx::fills),
    read("GET /api/v5/trade/account-rate-limit", 1, Okx::account_rate_limit),
    trade("POST /api/v5/trade/order-algo", 20, Some(What::Place), Okx::place_algo),
    Row { most: 10, ..trade("POST /api/v5/trade/cancel-algos", 20, Some(What::Cancel), Okx::cancel_algos) },
    Row { most: 10, ..trade("POST /api/v5/trade/cancel-advance-algos", 20, Some(What::Cancel), Okx::cancel_trails) },
    trade("POST /api/v5/trade/amend-algos", 20, Some(What::Amend), Okx::amend_algo),
    read("GET /api/v5/trade/order-algo", 20, Okx::query_algo),
    read("GET /api/v5/trade/orders-algo-pending", 20, Okx::algos_pending),
    read("GET /api/v5/trade/orders-algo-history", 20, Okx::algos_history),
    read("GET /api/v5/asset/currencies", 6, Okx::nothing),
    read("GET /api/v5/asset/balances", 6, Okx::nothing),
];

/// The row of a name.
pub(super) fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

impl Okx {
    /// Answers a request, faults included, and tells the sockets what came of it.
    pub(super) fn ask(&mut self, now: i64, request: &Request) -> Answer {
        let name = format!("{} {}", request.verb, request.path);
        let Some(row) = row(&name) else {
            let nowhere = Refused::new(404, "Not Found").with_status(404);
            return Answer::Reply(refusal(&nowhere), 0);
        };
        let names = [Some(What::Rest), row.what];
        let names: Vec<What> = names.into_iter().flatten().collect();
        let struck = self.faults.strike(&names);
        if let Some(answer) = instead(struck, row) {
            return answer;
        }
        let reply = match self.answer(now, row, request) {
            Ok(told) => Reply {
                status: 200,
                headers: Vec::new(),
                body: told.body(now).to_string(),
            },
            Err(refused) => refusal(&refused),
        };
        self.tell(now);
        match struck {
            None | Some(How::Dup | How::Gap | How::Adl | How::Liquidate) => Answer::Reply(reply, 0),
            Some(How::Delay(ms)) => Answer::Reply(reply, ms),
            Some(How::Cut) => Answer::Cut,
            Some(How::Drop | How::Silent | How::HalfOpen) => Answer::Never,
            Some(How::Code(code)) => Answer::Reply(with_code(code, row), 0),
            Some(How::Http(status)) => Answer::Reply(with_status(status), 0),
        }
    }

    fn answer(&mut self, now: i64, row: &Row, request: &Request) -> Result<Told, Refused> {
        let key = match row.guard {
            Guard::Open => None,
            Guard::Read | Guard::Trade => Some(self.check_request(now, request)?),
        };
        let items = if request.verb == "GET" {
            vec![Params::from_query(&request.query)]
        } else {
            check_expiry(now, request)?;
            Params::from_body(&request.body)?
        };
        let call = Call {
            now,
            ip: request.ip,
            key,
            socket: false,
            items,
        };
        self.perform(row, &call)
    }
}

/// `expTime`: a request whose time is over is dropped (OKX, "Transaction Timeouts").
fn check_expiry(now: i64, request: &Request) -> Result<(), Refused> {
    match request.header("exptime") {
        None => Ok(()),
        Some(text) => check_time_left(now, text),
    }
}

/// The same for the text of the time itself, ms since 1970.
pub(super) fn check_time_left(now: i64, text: &str) -> Result<(), Refused> {
    let until: i64 = text.parse().map_err(|_| Refused::invalid("expTime"))?;
    if until < now {
        return Err(Refused::new(
            50036,
            "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
        ));
    }
    Ok(())
}

fn refusal(refused: &Refused) -> Reply {
    Reply {
        status: refused.status,
        headers: Vec::new(),
        body: refused.body().to_string(),
    }
}

/// Faults after which the call is not done at all.
fn instead(struck: Option<How>, row: &Row) -> Option<Answer> {
    match struck {
        Some(How::Drop) => Some(Answer::Never),
        Some(How::Code(code)) if !leaves_open(code) => Some(Answer::Reply(with_code(code, row), 0)),
        Some(How::Http(status)) if status < 500 => Some(Answer::Reply(with_status(status), 0)),
        _ => None,
    }
}

/// True for codes after which the order may or may not exist.
pub(super) const fn leaves_open(code: i32) -> bool {
    matches!(code, 50001 | 50004 | 50013 | 50026 | 51054 | 51149)
}

/// A refusal with a code that a fault asks for.
pub(super) fn made(code: i32) -> Refused {
    let (status, text) = match code {
        50001 => (
            503,
            "Service temporarily unavailable. Please try again later",
        ),
        50004 => (400, "API endpoint request timeout"),
        50011 => (429, "Too Many Requests"),
        50013 => (429, "Systems are busy. Please try again later."),
        50026 => (500, "System error. Please try again later."),
        50061 => (
            429,
            "You've reached the maximum order rate limit for this account.",
        ),
        50102 => (401, "Timestamp request expired"),
        50113 => (401, "Invalid Sign"),
        51008 => (200, "Order failed. Insufficient USDT margin in account"),
        51149 => (200, "Order timed out. Please try again later."),
        _ => (200, "A fault was made on purpose."),
    };
    Refused::new(code.unsigned_abs(), text).with_status(status)
}

/// True for codes that stand in the row of one order rather than over the whole answer.
pub(super) const fn is_of_an_order(code: i32) -> bool {
    matches!(code, 51000..=51999)
}

fn with_code(code: i32, row: &Row) -> Reply {
    let refused = made(code);
    if is_of_an_order(code) && row.counts {
        let rows = vec![super::orders::refused_row("", "", &refused)];
        return Reply {
            status: 200,
            headers: Vec::new(),
            body: Told::Orders(rows).body(0).to_string(),
        };
    }
    refusal(&refused)
}

fn with_status(status: u16) -> Reply {
    let text = match status {
        429 => "Too Many Requests",
        500.. => "Service temporarily unavailable. Please try again later",
        _ => "A fault was made on purpose.",
    };
    let code = match status {
        429 => 50011,
        500.. => 50001,
        _ => 50000,
    };
    refusal(&Refused::new(code, text).with_status(status))
}
