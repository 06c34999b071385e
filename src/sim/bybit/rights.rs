//! Who may make a call: key, address, time, signature and right; and the question of what a key may do.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::call::{Call, Guard};
use super::error::Refused;
use super::{Bybit, sign};
use crate::sim::keys::{Key, Kind, Public, Right};
use crate::sim::wire::Request;

const USUAL_WINDOW_MS: i64 = 5_000;
const AHEAD_MS: i64 = 1_000;
const DAY_MS: i64 = 86_400_000;
/// The account's number.
const USER: u64 = 24_617_703;

/// What the headers of a call say.
#[derive(Clone, Debug)]
pub struct Signed {
    /// `X-BAPI-API-KEY`.
    pub api_key: String,
    /// `X-BAPI-TIMESTAMP`, as it came.
    pub timestamp: String,
    /// `X-BAPI-RECV-WINDOW`, as it came.
    pub window: String,
    /// `X-BAPI-SIGN`.
    pub signature: String,
    /// The raw query string or body.
    pub payload: String,
}

impl Signed {
    /// Reads the headers of a request.
    pub fn of(request: &Request) -> Self {
        let header = |name: &str| {
            let mut named = request.headers.iter().filter(|(at, _)| at == name);
            named.next().map(|(_, value)| value.clone())
        };
        Self {
            api_key: header("x-bapi-api-key").unwrap_or_default(),
            timestamp: header("x-bapi-timestamp").unwrap_or_default(),
            window: header("x-bapi-recv-window").unwrap_or_default(),
            signature: header("x-bapi-sign").unwrap_or_default(),
            payload: if request.verb == "GET" {
                request.query.clone()
            } else {
                request.body.clone()
            },
        }
    }
}

impl Bybit {
    /// Key, address, expiry, time, signature and right, in this order; the key's place in the list.
    pub(super) fn check(
        &self,
        guard: Guard,
        now: i64,
        ip: IpAddr,
        signed: &Signed,
    ) -> Result<Option<usize>, Refused> {
        if guard == Guard::Open {
            return Ok(None);
        }
        let at = self.find_key(now, ip, &signed.api_key)?;
        check_time(now, &signed.timestamp, &signed.window)?;
        let payload = sign::call_payload(
            &signed.timestamp,
            &signed.api_key,
            &signed.window,
            &signed.payload,
        );
        let kind = self.keys.get(at).map(|key| &key.kind);
        if !kind.is_some_and(|k| sign::is_valid(k, payload.as_bytes(), &signed.signature)) {
            return Err(Refused::new(
                10004,
                "error sign! please check your signature generation algorithm.",
            ));
        }
        self.check_right(guard, now, at)?;
        Ok(Some(at))
    }

    /// The place of a key that is known, may come from this address and has not ended.
    pub(super) fn find_key(&self, now: i64, ip: IpAddr, name: &str) -> Result<usize, Refused> {
        let at = self.keys.iter().position(|key| key.api_key == name);
        let at = at.ok_or_else(|| Refused::new(10003, "API key is invalid."))?;
        let key = self.keys.get(at);
        if key.is_some_and(|key| key.ip.is_some_and(|bound| bound != ip)) {
            return Err(Refused::new(
                10010,
                "Unmatched IP, please check your API key's bound IP addresses.",
            ));
        }
        if key.is_some_and(|key| key.has_ended(now)) {
            return Err(Refused::new(33004, "Your api key has expired."));
        }
        Ok(at)
    }

    /// True to its rights: a key that may only read places nothing.
    pub(super) fn check_right(&self, guard: Guard, now: i64, at: usize) -> Result<(), Refused> {
        let right = match guard {
            Guard::Open => return Ok(()),
            Guard::Read => Right::Read,
            Guard::Trade => Right::Trade,
        };
        match self.keys.get(at) {
            Some(key) if key.may(right, now) => Ok(()),
            _ => Err(Refused::new(
                10005,
                "Permission denied, please check your API key permissions.",
            )),
        }
    }

    /// `GET /v5/user/query-api`: what the asking key may do.
    pub(super) fn query_api(&mut self, call: &Call) -> Result<Value, Refused> {
        let key = call
            .key
            .and_then(|at| self.keys.get(at).map(|key| (at, key)));
        let (at, key) = key.ok_or_else(|| Refused::new(10003, "API key is invalid."))?;
        let has = |right| key.rights.contains(&right);
        let trades = has(Right::Trade);
        let words = |list: &[&str], on: bool| if on { json!(list) } else { json!([]) };
        let mut wallet = Vec::new();
        if has(Right::Transfer) {
            wallet.extend(["AccountTransfer", "SubMemberTransfer"]);
        }
        if has(Right::Withdraw) {
            wallet.push("Withdraw");
        }
        let ends = ends(key, self.started_ms);
        Ok(json!({
            "id": (13_770_661 + at).to_string(),
            "note": key.label,
            "apiKey": key.api_key,
            "readOnly": i32::from(!trades),
            "secret": "",
            "permissions": {
                "ContractTrade": words(&["Order", "Position"], trades),
                "Spot": words(&["SpotTrade"], trades),
                "Wallet": wallet,
                "Options": [],
                "Derivatives": words(&["DerivativesTrade"], trades),
                "CopyTrading": [],
                "BlockTrade": [],
                "Exchange": [],
                "NFT": [],
                "Affiliate": [],
            },
            "ips": match key.ip {
                Some(ip) => json!([ip.to_string()]),
                None => json!(["*"]),
            },
            "type": 1,
            "deadlineDay": ends.map_or(0, |at| (at - call.now).max(0) / DAY_MS),
            "expiredAt": ends.map_or_else(String::new, date),
            "createdAt": date(self.started_ms),
            "unified": 0,
            "uta": 1,
            "userID": USER,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": true,
            "parentUid": "0",
            "kycLevel": "LEVEL_DEFAULT",
            "kycRegion": "",
        }))
    }
}

/// The keys as this venue gives them out: 18 and 36 letters and digits, and no Ed25519, which it does not know.
pub fn issue(keys: Vec<Key>) -> Vec<Key> {
    keys.into_iter().filter_map(issued).collect()
}

fn issued(mut key: Key) -> Option<Key> {
    match &mut key.kind {
        Kind::Hmac(secret) => secret.truncate(36),
        Kind::Made { public, .. } | Kind::Own(public) => {
            if !matches!(public, Public::Rsa(_)) {
                return None;
            }
        }
    }
    key.api_key.truncate(18);
    Some(key)
}

/// When a key ends: keys without a bound address do, three months after they were made.
fn ends(key: &Key, made_ms: i64) -> Option<i64> {
    let unbound = key.ip.is_none();
    key.expires
        .or_else(|| unbound.then(|| made_ms.saturating_add(90 * DAY_MS)))
}

/// `server - recv_window <= timestamp < server + 1000` (Bybit v5, "Integration Guidance").
pub fn check_time(now: i64, timestamp: &str, window: &str) -> Result<(), Refused> {
    let window_ms = if window.is_empty() {
        Some(USUAL_WINDOW_MS)
    } else {
        window.parse().ok().filter(|ms: &i64| *ms >= 0)
    };
    let (Ok(sent), Some(window_ms)) = (timestamp.parse::<i64>(), window_ms) else {
        return Err(Refused::params("timestamp or recv_window is no number"));
    };
    if sent < now.saturating_sub(window_ms) || sent >= now.saturating_add(AHEAD_MS) {
        return Err(Refused::new(
            10002,
            format!(
                "invalid request, please check your server timestamp or recv_window param. req_timestamp[{sent}],server_timestamp[{now}],recv_window[{window_ms}]"
            ),
        ));
    }
    Ok(())
}

/// A time as `2023-12-22T07:20:25Z` (Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
fn date(ms: i64) -> String {
    let seconds = ms.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_part = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_part + 2) / 5 + 1;
    let month = if month_part < 10 {
        month_part + 3
    } else {
        month_part - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_window_is_closed_behind_and_open_ahead() {
        let timed = |sent: i64, window: &str| {
            check_time(1_000_000, &sent.to_string(), window).map_err(|refused| refused.code)
        };
        assert_eq!(timed(1_000_999, ""), Ok(()));
        assert_eq!(timed(1_001_000, ""), Err(10002));
        assert_eq!(timed(995_000, ""), Ok(()));
        assert_eq!(timed(994_999, ""), Err(10002));
        assert_eq!(timed(994_999, "6000"), Ok(()));
        assert_eq!(timed(1_000_000, "soon"), Err(10001));
        assert_eq!(check_time(0, "", "5000").unwrap_err().code, 10001);
    }

    #[test]
    fn keys_are_spelled_as_the_venue_does_and_keep_what_they_may() {
        let made = crate::sim::keys::make([3; 32], 0, None);
        let issued = issue(made.clone());
        assert_eq!(issued.len(), made.len() - 1, "no Ed25519");
        for (key, made) in issued.iter().zip(&made) {
            assert_eq!((key.label, key.rights), (made.label, made.rights));
            let lengths = (key.api_key.len(), key.api_secret().unwrap().len());
            assert_eq!(lengths, (18, 36));
        }
        let own = |pem: &str| {
            issue(crate::sim::keys::make(
                [3; 32],
                0,
                Some(pem.parse().unwrap()),
            ))
        };
        let rsa = include_str!("../../../tests/wire/binance_futures/server/own_rsa_2048.pem");
        let pair = include_str!("../../../tests/wire/binance_futures/server/own_ed25519.pem");
        assert_eq!(own(rsa).last().unwrap().label, "own");
        assert_ne!(own(pair).last().unwrap().label, "own");
    }

    #[test]
    fn dates_are_written_as_documented() {
        assert_eq!(date(1_703_229_625_000), "2023-12-22T07:20:25Z");
        assert_eq!(date(0), "1970-01-01T00:00:00Z");
        assert_eq!(date(1_709_164_800_000), "2024-02-29T00:00:00Z");
    }
}
