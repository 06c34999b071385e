//! Who may make a call: headers, key, passphrase, address, time and signature; and the question of what a key may do.

use std::net::IpAddr;

use data_encoding::{HEXLOWER, HEXUPPER};
use serde_json::{Value, json};

use super::call::{Call, Told};
use super::error::Refused;
use super::{Okx, ids, sign};
use crate::sim::keys::{Key, Kind, Right};
use crate::sim::wire::Request;

impl Okx {
    /// The key of a signed request by its place in the list. The venue complains of headers first, then of the time, the key, its
    /// passphrase, the signature and the address.
    ///
    /// # Errors
    /// 50102 to 50119 with status 401.
    pub(super) fn check_request(&self, now: i64, request: &Request) -> Result<usize, Refused> {
        let header = |name, code| {
            let value = request.header(name).filter(|value| !value.is_empty());
            let shown = name.to_uppercase();
            value.ok_or_else(|| {
                Refused::credentials(code, format!("Request header \"{shown}\" can't be empty."))
            })
        };
        let name = header("ok-access-key", 50103)?;
        let passphrase = header("ok-access-passphrase", 50104)?;
        let signature = header("ok-access-sign", 50106)?;
        let timestamp = header("ok-access-timestamp", 50107)?;
        let sent = sign::iso_ms(timestamp)
            .ok_or_else(|| Refused::credentials(50112, "Invalid OK-ACCESS-TIMESTAMP"))?;
        if !sign::is_fresh(sent, now) {
            return Err(Refused::credentials(50102, "Timestamp request expired"));
        }
        let payload = sign::rest_payload(
            timestamp,
            &request.verb,
            &request.path,
            &request.query,
            &request.body,
        );
        self.check_key((name, passphrase), (&payload, signature), request.ip)
            .map_err(|wrong| wrong.on_rest(request.ip))
    }

    /// The key of a login by its place in the list.
    ///
    /// # Errors
    /// Code and words of the event that says so.
    pub(super) fn check_login(
        &self,
        now: i64,
        arg: &Value,
        ip: IpAddr,
    ) -> Result<usize, (u32, &'static str)> {
        let text = |name: &str| arg.get(name).and_then(Value::as_str).unwrap_or_default();
        let (name, passphrase) = (text("apiKey"), text("passphrase"));
        let signature = text("sign");
        // The venue's own SDK writes the seconds as a number.
        let timestamp = match arg.get("timestamp") {
            Some(Value::Number(seconds)) => seconds.to_string(),
            _ => text("timestamp").to_owned(),
        };
        for (value, code, words) in [
            (name, 60001, "\"OK_ACCESS_KEY\" can not be empty"),
            (signature, 60002, "\"OK_ACCESS_SIGN\" can not be empty"),
            (
                passphrase,
                60003,
                "\"OK_ACCESS_PASSPHRASE\" can not be empty",
            ),
        ] {
            if value.is_empty() {
                return Err((code, words));
            }
        }
        let sent = sign::seconds_ms(&timestamp).ok_or((60004, "Invalid timestamp"))?;
        if !sign::is_fresh(sent, now) {
            return Err((60006, "Timestamp request expired"));
        }
        let payload = sign::login_payload(&timestamp);
        self.check_key((name, passphrase), (&payload, signature), ip)
            .map_err(Wrong::on_socket)
    }

    fn check_key(
        &self,
        (name, passphrase): (&str, &str),
        (payload, signature): (&str, &str),
        ip: IpAddr,
    ) -> Result<usize, Wrong> {
        let at = self.keys.iter().position(|key| key.api_key == name);
        let at = at.ok_or(Wrong::Key)?;
        let key = &self.keys[at];
        if self.passphrase != passphrase {
            return Err(Wrong::Passphrase);
        }
        if !sign::is_valid(key, payload, signature) {
            return Err(Wrong::Signature);
        }
        if key.ip.is_some_and(|bound| bound != ip) {
            return Err(Wrong::Address);
        }
        Ok(at)
    }

    /// Refuses what a key may not do at `now`.
    ///
    /// # Errors
    /// 50120.
    pub(super) fn check_right(&self, key: usize, right: Right, now: i64) -> Result<(), Refused> {
        let may = self.keys.get(key).is_some_and(|key| key.may(right, now));
        if may {
            return Ok(());
        }
        Err(Refused::credentials(
            50120,
            "This API key doesn't have permission to use this function",
        ))
    }

    /// `GET account/config`: the account, and what the asking key may do.
    pub(super) fn account_config(&mut self, call: &Call) -> Result<Told, Refused> {
        let key = call.key.and_then(|at| self.keys.get(at));
        let key = key.ok_or_else(|| Refused::credentials(50119, "API key doesn't exist"))?;
        Ok(Told::row(json!({
            "acctLv": "2",
            "acctStpMode": "cancel_maker",
            "autoLoan": false,
            "ctIsoMode": "automatic",
            "enableSpotBorrow": false,
            "greeksType": "PA",
            "ip": key.ip.map_or_else(String::new, |ip| ip.to_string()),
            "kycLv": "2",
            "label": key.label,
            "level": "Lv1",
            "levelTmp": "",
            "liquidationGear": "-1",
            "mainUid": ids::UID,
            "mgnIsoMode": "automatic",
            "opAuth": "0",
            "perm": permissions(key, call.now),
            "posMode": self.position_mode(),
            "roleType": "0",
            "spotBorrowAutoRepay": false,
            "spotOffsetType": "",
            "spotRoleType": "0",
            "spotTraderInsts": [],
            "traderInsts": [],
            "type": "0",
            "uid": ids::UID,
        })))
    }

    /// `net_mode` or `long_short_mode`.
    pub(super) fn position_mode(&self) -> &'static str {
        if self.is_hedged() {
            "long_short_mode"
        } else {
            "net_mode"
        }
    }
}

/// The keys as this venue gives them out: a UUID and 32 capital hex digits, and none but those with a secret that both sides hold.
pub fn issue(keys: Vec<Key>) -> Vec<Key> {
    keys.into_iter().filter_map(issued).collect()
}

fn issued(mut key: Key) -> Option<Key> {
    let Kind::Hmac(secret) = &mut key.kind else {
        return None;
    };
    *secret = HEXUPPER.encode(secret.as_bytes().get(..16)?);
    let hex = HEXLOWER.encode(key.api_key.as_bytes().get(..16)?);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    key.api_key = groups.map(|group| &hex[group]).join("-");
    Some(key)
}

/// `perm`. An authority to trade that has ended is not told of any more.
fn permissions(key: &Key, now: i64) -> String {
    let told = [
        (Right::Read, "read_only"),
        (Right::Withdraw, "withdraw"),
        (Right::Trade, "trade"),
    ];
    let held = told.into_iter().filter(|(right, _)| key.may(*right, now));
    held.map(|(_, word)| word).collect::<Vec<_>>().join(",")
}

/// What is wrong with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Key,
    Passphrase,
    Signature,
    Address,
}

impl Wrong {
    fn on_rest(self, ip: IpAddr) -> Refused {
        match self {
            Self::Key => Refused::credentials(50119, "API key doesn't exist"),
            Self::Passphrase => {
                Refused::credentials(50105, "Request header \"OK-ACCESS-PASSPHRASE\" incorrect.")
            }
            Self::Signature => Refused::credentials(50113, "Invalid Sign"),
            Self::Address => Refused::credentials(
                50110,
                format!("Your IP {ip} is not included in your API key's IP whitelist."),
            ),
        }
    }

    const fn on_socket(self) -> (u32, &'static str) {
        match self {
            Self::Key => (60005, "Invalid OK_ACCESS_KEY"),
            Self::Passphrase => (60024, "Wrong passphrase"),
            Self::Signature => (60007, "Invalid sign"),
            Self::Address => (60009, "Login failed."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelled_as_the_venue_does_and_keep_what_they_may() {
        let made = crate::sim::keys::make([3; 32], 0, None);
        let issued = issue(made.clone());
        assert_eq!(issued.len(), made.len() - 1, "secrets alone");
        for (key, made) in issued.iter().zip(&made) {
            assert_eq!((key.label, key.rights), (made.label, made.rights));
            let groups: Vec<usize> = key.api_key.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12]);
            let secret = key.api_secret().unwrap();
            let is_capital = |b: u8| matches!(b, b'0'..=b'9' | b'A'..=b'F');
            assert!(secret.len() == 32 && secret.bytes().all(is_capital));
        }
        let mut names: Vec<_> = issued.iter().map(|key| &key.api_key).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), issued.len(), "two keys are one");
    }
}
