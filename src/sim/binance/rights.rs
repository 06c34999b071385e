//! Who may make a call: key, address, right, time and signature; and the question of what a key may do.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::call::{Call, Guard};
use super::params::Params;
use super::refused::Refused;
use super::{Venue, sign};
use crate::sim::keys::{Key, Kind, Public, Right};

const USUAL_WINDOW_MS: i64 = 5000;
const LONGEST_WINDOW_MS: i64 = 60_000;
const AHEAD_MS: i64 = 1000;

/// Who says that a call is theirs.
#[derive(Clone, Debug)]
pub enum Who {
    /// Whoever knows this key and has signed this payload.
    Named {
        /// The key as it came, if one came.
        api_key: Option<String>,
        /// What the signature is over; `None` when nothing can be.
        payload: Option<String>,
    },
    /// The key that the line has logged on with, by its place in the list.
    Session(usize),
}

/// Key, address, right, time and signature, in the order in which the venue complains; the key's place in the list.
///
/// # Errors
/// The venue's refusal.
pub fn check(keys: &[Key], guard: Guard, call: &Call, who: &Who) -> Result<Option<usize>, Refused> {
    let right = match guard {
        Guard::Open => return Ok(None),
        Guard::Key | Guard::Read | Guard::Logon | Guard::Session => Right::Read,
        Guard::Trade => Right::Trade,
    };
    let at = match who {
        Who::Session(at) => *at,
        Who::Named { .. } if guard == Guard::Session => return Err(not_logged_on()),
        Who::Named { api_key, .. } => find_key(keys, api_key.as_deref(), call.ip)?,
    };
    let key = keys.get(at).filter(|key| is_allowed(key, right, call));
    let key = key.ok_or_else(|| not_permitted(call.ip))?;
    if matches!(guard, Guard::Key | Guard::Session) {
        return Ok(Some(at));
    }
    if guard == Guard::Logon {
        may_log_on(&key.kind)?;
    }
    check_time(&call.params, call.now)?;
    if let Who::Named { payload, .. } = who {
        let signature = call.params.need("signature")?;
        let payload = payload.as_ref().map(String::as_bytes);
        if !payload.is_some_and(|payload| sign::is_valid(&key.kind, payload, signature)) {
            return Err(Refused::new(
                -1022,
                "Signature for this request is not valid.",
            ));
        }
    }
    Ok(Some(at))
}

fn find_key(keys: &[Key], api_key: Option<&str>, ip: IpAddr) -> Result<usize, Refused> {
    let well_formed =
        |key: &&str| key.len() == 64 && key.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some(name) = api_key.filter(well_formed) else {
        return Err(Refused::new(-2014, "API-key format invalid.").with_status(401));
    };
    keys.iter()
        .position(|key| key.api_key == name)
        .ok_or_else(|| not_permitted(ip))
}

/// `/sapi/v1/account/apiRestrictions`: what the asking key may do (Binance, Wallet, "Get API Key Permission"). What becomes of
/// the right to trade when the authority ends is not documented: here it stays as granted, so that a client has to look at the time.
///
/// # Errors
/// -2015 when the key is gone.
pub fn key_rights<V: Venue>(venue: &mut V, call: &Call) -> Result<Value, Refused> {
    let gate = venue.gate();
    let key = call.key.and_then(|at| gate.keys.get(at));
    let key = key.ok_or_else(|| not_permitted(call.ip))?;
    let has = |right| key.rights.contains(&right);
    let mut rights = json!({
        "ipRestrict": key.ip.is_some(),
        "createTime": gate.started_ms,
        "enableReading": has(Right::Read),
        "enableWithdrawals": has(Right::Withdraw),
        "enableInternalTransfer": has(Right::Transfer),
        "enableMargin": false,
        "enableFutures": false,
        "permitsUniversalTransfer": has(Right::Transfer),
        "enableVanillaOptions": false,
        "enableSpotAndMarginTrading": false,
        "enablePortfolioMarginTrading": false,
        "enableFixApiTrade": false,
        "enableFixReadOnly": false,
    });
    rights[V::TRADE_RIGHT] = has(Right::Trade).into();
    if let Some(end) = key.expires {
        rights["tradingAuthorityExpirationTime"] = end.into();
    }
    Ok(rights)
}

fn is_allowed(key: &Key, right: Right, call: &Call) -> bool {
    key.may(right, call.now) && key.ip.is_none_or(|bound| bound == call.ip)
}

fn not_permitted(ip: IpAddr) -> Refused {
    Refused::new(
        -2015,
        format!("Invalid API-key, IP, or permissions for action, request ip: {ip}"),
    )
    .with_status(401)
}

/// A call that only a line with a session may make. Which words the venue has for it is not documented.
fn not_logged_on() -> Refused {
    Refused::new(-1020, "This operation is not supported.")
}

/// Only Ed25519 keys may log on (Binance, WebSocket API, "Authentication requests").
fn may_log_on(kind: &Kind) -> Result<(), Refused> {
    let name = match kind {
        Kind::Made { public, .. } | Kind::Own(public) => match public {
            Public::Ed25519(_) => return Ok(()),
            Public::Rsa(_) => "RSA",
        },
        Kind::Hmac(_) => "HMAC_SHA256",
    };
    Err(Refused::new(
        -4056,
        format!("{name} API key is not supported."),
    ))
}

/// Accepted when `timestamp < server + 1000` and `server - timestamp <= recvWindow` (Binance, "Timing security").
fn check_time(params: &Params, now: i64) -> Result<(), Refused> {
    let sent = params
        .int("timestamp")?
        .ok_or_else(|| Refused::missing("timestamp"))?;
    let window = params.int("recvWindow")?.unwrap_or(USUAL_WINDOW_MS);
    if window > LONGEST_WINDOW_MS {
        return Err(Refused::new(-1131, "recvWindow must be less than 60000."));
    }
    if sent >= now.saturating_add(AHEAD_MS) {
        return Err(Refused::new(
            -1021,
            "Timestamp for this request was 1000ms ahead of the server's time.",
        ));
    }
    if now.saturating_sub(sent) > window {
        return Err(Refused::new(
            -1021,
            "Timestamp for this request is outside of the recvWindow.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(query: &str) -> Result<(), i32> {
        let params = Params::from_pairs(query, "").unwrap();
        check_time(&params, 1_000_000).map_err(|refused| refused.code)
    }

    #[test]
    fn the_time_window_is_open_ahead_and_closed_behind() {
        assert_eq!(timed("timestamp=1000999"), Ok(()));
        assert_eq!(timed("timestamp=1001000"), Err(-1021));
        assert_eq!(timed("timestamp=995000"), Ok(()));
        assert_eq!(timed("timestamp=994999"), Err(-1021));
        assert_eq!(timed("timestamp=994999&recvWindow=6000"), Ok(()));
        assert_eq!(timed("timestamp=1000000&recvWindow=60001"), Err(-1131));
        assert_eq!(timed("recvWindow=5000"), Err(-1102));
        assert_eq!(timed("timestamp=yesterday"), Err(-1102));
    }
}
