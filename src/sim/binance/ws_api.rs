//! The WebSocket API door: one JSON request a frame, one answer a request.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Venue;
use super::call::{Call, Door, Guard, Row, perform};
use super::limits::Pool;
use super::lines::Use;
use super::params::Params;
use super::refused::Refused;
use super::rest::{fault_status, fault_text, leaves_open};
use super::session;
use crate::sim::fault::How;
use crate::sim::wire::LineId;

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

/// Takes a new connection and charges it.
///
/// # Errors
/// The HTTP status to refuse it with.
pub fn connect<V: Venue>(venue: &mut V, now: i64, ip: IpAddr, query: &str) -> Result<LineId, u16> {
    let gate = venue.gate_mut();
    let (_, paid) = gate.limits.spend(now, Pool::WsApi, ip, V::CONNECT_WEIGHT);
    paid.map_err(|refused| refused.status)?;
    let what = Use::Api {
        with_limits: !query
            .split('&')
            .any(|pair| pair == "returnRateLimits=false"),
        session: None,
    };
    Ok(gate.lines.add(now, ip, what))
}

/// Takes one frame of a line and answers on it.
pub fn hear<V: Venue>(venue: &mut V, now: i64, line: LineId, text: &str) {
    let request: Request = match serde_json::from_str(text) {
        Ok(request) => request,
        Err(_) => {
            let refused = Refused::new(-1135, "Invalid JSON Request");
            let answer = json!({"id": null, "status": 400, "error": refused.body()});
            venue.gate_mut().lines.text(line, answer.to_string(), 0);
            return;
        }
    };
    if session::end_dead(venue, now, line) {
        return;
    }
    // A method may say its version (Binance, WebSocket API, "Request format").
    let bare = request.method.strip_prefix("v3/");
    let named = |row: &&Row<V>| row.name == request.method || Some(row.name) == bare;
    let row = V::METHODS.iter().find(named);
    let what = row.and_then(|row| row.what);
    let params = Params::from_object(request.params);
    let spared = |how: &How| params.as_ref().is_ok_and(|p| V::spares(*how, what, p));
    let struck = what
        .and_then(|what| venue.gate_mut().faults.strike(&[what]))
        .filter(|how| !spared(how));
    match struck {
        Some(How::Drop) => return,
        Some(How::Code(code)) if !leaves_open(code) => {
            return answer_fault(venue, line, &request.id, fault_status(code), code);
        }
        Some(How::Http(status)) if status < 500 => {
            return answer_fault(venue, line, &request.id, status, -1000);
        }
        _ => {}
    }
    let told = answer(venue, now, line, row, &request).to_string();
    carry_out(venue, line, &request.id, struck, told);
    venue.tell(now);
}

/// Answers a call that was done as its fault wants it.
fn carry_out<V: Venue>(
    venue: &mut V,
    line: LineId,
    id: &Value,
    struck: Option<How>,
    answer: String,
) {
    let lines = &mut venue.gate_mut().lines;
    match struck {
        None | Some(How::Drop | How::Gap | How::Adl | How::Liquidate) => {
            lines.text(line, answer, 0);
        }
        Some(How::Delay(ms)) => lines.text(line, answer, ms),
        Some(How::Dup) => {
            lines.text(line, answer.clone(), 0);
            lines.text(line, answer, 0);
        }
        Some(How::Silent) => {}
        Some(How::Cut) => lines.cut(line),
        Some(How::HalfOpen) => lines.freeze(line),
        Some(How::Code(code)) => answer_fault(venue, line, id, 408, code),
        Some(How::Http(status)) => answer_fault(venue, line, id, status, -1000),
    }
}

fn answer_fault<V: Venue>(venue: &mut V, line: LineId, id: &Value, status: u16, code: i32) {
    let error = Refused::new(code, fault_text::<V>(code)).body();
    let answer = json!({"id": id, "status": status, "error": error});
    venue.gate_mut().lines.text(line, answer.to_string(), 0);
}

fn answer<V: Venue>(
    venue: &mut V,
    now: i64,
    line: LineId,
    row: Option<&Row<V>>,
    request: &Request,
) -> Value {
    let Some(entry) = venue.gate().lines.open.get(&line) else {
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
    let result = do_call(venue, now, line, row, request, &mut with_limits);
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
        answer["rateLimits"] = venue.gate_mut().limits.rows(now, ip, with_orders);
    }
    answer
}

fn do_call<V: Venue>(
    venue: &mut V,
    now: i64,
    line: LineId,
    row: Option<&Row<V>>,
    request: &Request,
    with_limits: &mut bool,
) -> Result<Value, Refused> {
    let unknown = || Refused::new(-1000, format!("Unknown method '{}'.", request.method));
    let row = row.ok_or_else(unknown)?;
    let params = Params::from_object(request.params)?;
    if let Some(wanted) = params.flag("returnRateLimits")? {
        *with_limits = wanted;
    }
    let payload = match row.guard {
        Guard::Read | Guard::Trade | Guard::Logon => params.sorted_payload(),
        Guard::Open | Guard::Key | Guard::Session => String::new(),
    };
    let who = session::who(venue, line, row.guard, &params, payload);
    let ip = venue.gate().lines.open.get(&line).map(|line| line.ip);
    let mut call = Call {
        now,
        ip: ip.ok_or_else(Refused::unsupported)?,
        door: Door::WsApi,
        line: Some(line),
        params,
        key: None,
    };
    perform(venue, row, &mut call, &who).1
}
