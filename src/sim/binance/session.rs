//! Sessions of the WebSocket API: a line logs on once, and signs nothing afterwards.
//!
//! As documented for spot ("Authentication requests", "Authorize API key for session"); the futures endpoint has the same methods.

use serde_json::{Value, json};

use super::Venue;
use super::call::{Call, Guard};
use super::lines::Use;
use super::params::Params;
use super::refused::Refused;
use super::rights::Who;
use crate::sim::wire::LineId;

/// What a line has logged on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The key's place in the list.
    pub key: usize,
    /// Since when, ms since 1970.
    pub since_ms: i64,
}

/// Whom a request of a line is from: the key that it names, else the one that the line has logged on with. A request that
/// brings a key or a signature is judged by these.
pub fn who<V: Venue>(
    venue: &V,
    line: LineId,
    guard: Guard,
    params: &Params,
    payload: String,
) -> Who {
    let api_key = params.get("apiKey").map(str::to_owned);
    let bare = api_key.is_none() && params.get("signature").is_none();
    match session(venue, line) {
        Some(session) if bare && guard != Guard::Logon => Who::Session(session.key),
        _ => Who::Named {
            api_key,
            payload: Some(payload),
        },
    }
}

fn session<V: Venue>(venue: &V, line: LineId) -> Option<Session> {
    match venue.gate().lines.open.get(&line)?.what {
        Use::Api { session, .. } => session,
        Use::Streams { .. } => None,
    }
}

fn set_session<V: Venue>(venue: &mut V, line: Option<LineId>, to: Option<Session>) {
    let line = line.and_then(|line| venue.gate_mut().lines.open.get_mut(&line));
    if let Some(Use::Api { session, .. }) = line.map(|line| &mut line.what) {
        *session = to;
    }
}

/// Ends a session whose key has died since it logged on, and says so once, without the id of a request.
pub fn end_dead<V: Venue>(venue: &mut V, now: i64, line: LineId) -> bool {
    let died = session(venue, line).is_some_and(|session| {
        let key = venue.gate().keys.get(session.key);
        key.is_some_and(|key| !key.has_ended(session.since_ms) && key.has_ended(now))
    });
    if !died {
        return false;
    }
    set_session(venue, Some(line), None);
    let error = Refused::new(-2015, "Invalid API-key, IP, or permissions for action.").body();
    let answer = json!({"id": null, "status": 401, "error": error});
    venue.gate_mut().lines.text(line, answer.to_string(), 0);
    venue.session_ended(now, line);
    true
}

/// `session.logon`: from now on the line needs no signatures; another key takes the place of the one before.
///
/// # Errors
/// When the call came on no line of the WebSocket API.
pub fn log_on<V: Venue>(venue: &mut V, call: &Call) -> Result<Value, Refused> {
    let session = call.key.map(|key| Session {
        key,
        since_ms: call.now,
    });
    set_session(venue, call.line, session);
    status(venue, call)
}

/// `session.logout`: the line stays open and has to sign again.
///
/// # Errors
/// When the call came on no line of the WebSocket API.
pub fn log_out<V: Venue>(venue: &mut V, call: &Call) -> Result<Value, Refused> {
    set_session(venue, call.line, None);
    if let Some(line) = call.line {
        venue.session_ended(call.now, line);
    }
    status(venue, call)
}

/// `session.status`: who is logged on, if anybody.
///
/// # Errors
/// When the call came on no line of the WebSocket API.
pub fn status<V: Venue>(venue: &mut V, call: &Call) -> Result<Value, Refused> {
    let gate = venue.gate();
    let line = call.line.and_then(|line| gate.lines.open.get(&line));
    let line = line.ok_or_else(Refused::unsupported)?;
    let (session, with_limits) = match line.what {
        Use::Api {
            session,
            with_limits,
        } => (session, with_limits),
        Use::Streams { .. } => (None, false),
    };
    let key = session.and_then(|session| gate.keys.get(session.key));
    Ok(json!({
        "apiKey": key.map(|key| &key.api_key),
        "authorizedSince": session.map(|session| session.since_ms),
        "connectedSince": line.opened_ms(),
        "returnRateLimits": with_limits,
        "serverTime": call.now,
    }))
}
