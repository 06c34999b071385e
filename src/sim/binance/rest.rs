//! The REST door: what was asked is found in the wire's table, done, and answered with headers and status.

use super::Venue;
use super::call::{Call, Door, Guard, Row, perform};
use super::params::Params;
use super::refused::Refused;
use super::rights::Who;
use crate::sim::fault::{How, What};
use crate::sim::wire::{Answer, Reply, Request};

/// Answers a request, faults included, and tells the streams what came of it.
pub fn ask<V: Venue>(venue: &mut V, now: i64, request: &Request) -> Answer {
    let name = format!("{} {}", request.verb, request.path);
    let Some(row) = V::ROWS.iter().find(|row| row.name == name) else {
        return Answer::Reply(elsewhere::<V>(&name), 0);
    };
    let names = [Some(What::Rest), row.what];
    let names: Vec<What> = names.into_iter().flatten().collect();
    let params = Params::from_pairs(&request.query, &request.body);
    let spared = |how: &How| params.as_ref().is_ok_and(|p| V::spares(*how, row.what, p));
    let faults = &mut venue.gate_mut().faults;
    let struck = faults.strike(&names).filter(|how| !spared(how));
    if let Some(reply) = instead::<V>(struck) {
        return reply;
    }
    let reply = answer(venue, now, row, request, params);
    venue.tell(now);
    match struck {
        None | Some(How::Dup | How::Gap | How::Adl | How::Liquidate) => Answer::Reply(reply, 0),
        Some(How::Delay(ms)) => Answer::Reply(reply, ms),
        Some(How::Cut) => Answer::Cut,
        Some(How::Drop | How::Silent | How::HalfOpen) => Answer::Never,
        Some(How::Code(code)) => Answer::Reply(with_code::<V>(code), 0),
        Some(How::Http(status)) => Answer::Reply(with_status(status), 0),
    }
}

fn answer<V: Venue>(
    venue: &mut V,
    now: i64,
    row: &Row<V>,
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
                payload: V::rest_payload(&request.query, &request.body),
            };
            perform(venue, row, &mut call, &who)
        }
        Err(refused) => (0, Err(refused)),
    };
    let mut headers = vec![("x-mbx-used-weight-1m", used.to_string())];
    if row.orders != (0, 0) && row.guard == Guard::Trade {
        let limits = &mut venue.gate_mut().limits;
        let (short, long) = limits.orders(now);
        let [of_short, of_long] = &limits.table().orders;
        headers.push((of_short.header, short.to_string()));
        headers.push((of_long.header, long.to_string()));
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

/// What clients look at on the way in is there; anything else is not.
fn elsewhere<V: Venue>(name: &str) -> Reply {
    match V::elsewhere(name) {
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

/// Faults after which the call is not done at all.
fn instead<V: Venue>(struck: Option<How>) -> Option<Answer> {
    match struck {
        Some(How::Drop) => Some(Answer::Never),
        Some(How::Code(code)) if !leaves_open(code) => Some(Answer::Reply(with_code::<V>(code), 0)),
        Some(How::Http(status)) if status < 500 => Some(Answer::Reply(with_status(status), 0)),
        _ => None,
    }
}

/// True for codes after which the order may or may not exist.
pub const fn leaves_open(code: i32) -> bool {
    matches!(code, -1000 | -1001 | -1006 | -1007)
}

/// The status that a code comes with.
pub const fn fault_status(code: i32) -> u16 {
    match code {
        _ if leaves_open(code) => 408,
        -1008 => 503,
        _ => 400,
    }
}

/// The words of a code that a fault asks for.
pub fn fault_text<V: Venue>(code: i32) -> &'static str {
    V::fault_text(code).unwrap_or(match code {
        -1000 => "An unknown error occurred while processing the request.",
        -1001 => "Internal error; unable to process your request. Please try again.",
        -1006 => {
            "An unexpected response was received from the message bus. Execution status unknown."
        }
        -1007 => {
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
        }
        -1021 => "Timestamp for this request is outside of the recvWindow.",
        _ => "A fault was made on purpose.",
    })
}

fn with_code<V: Venue>(code: i32) -> Reply {
    let refused = Refused::new(code, fault_text::<V>(code));
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
