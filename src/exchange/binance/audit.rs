//! Asks Binance what a key may do: the clock, the key's rights where the environment has that endpoint, the product's account.

use serde_json::{Map, Value as Json};

use super::error::ErrorBody;
use super::read::ReadError;
use super::sign::{self, Value};
use crate::domain::Stamp;
use crate::domain::text::sanitise;
use crate::exchange::audit::{Finding, Findings, KeyAudit, Step, Whom};
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{Call, CallError, Lane, Method, Reply};

/// Longest wait for one answer, ms.
const DEADLINE_MS: u64 = 8_000;
/// Longest words of a refusal, characters.
const LONGEST: usize = 160;
/// Rights to read and to trade, of any product: they move no money, and are known, so that they are not reported as new.
const HARMLESS: [&str; 8] = [
    "enableReading",
    "enableFutures",
    "enableMargin",
    "enableVanillaOptions",
    "enableSpotAndMarginTrading",
    "enablePortfolioMarginTrading",
    "enableFixApiTrade",
    "enableFixReadOnly",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Time(Stamp),
    Rights,
    Account,
}

/// What is different about one product's audit.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The venue cancels orders by itself when Lancet falls silent.
    pub dead_man_switch: bool,
    /// Where its REST calls begin.
    pub root: &'static str,
    /// The right to trade it, as the venue spells it.
    pub right: &'static str,
    /// What shows the account, below the root.
    pub account: &'static str,
    /// Reads from that whether the account may trade.
    pub can_trade: fn(&[u8]) -> Result<bool, ReadError>,
    /// Reads the answer of the clock.
    pub time: fn(&[u8]) -> Result<i64, ReadError>,
    /// What is wrong with a good key that may not see the account, for the trader.
    pub blind: &'static str,
}

/// See the module.
pub struct BinanceAudit {
    subject: Subject,
    credentials: Credentials,
    has_rights: bool,
    asked: Asked,
    offset_ms: i64,
    found: Findings,
}

impl BinanceAudit {
    /// An audit of one key; `has_rights`: the environment tells a key's rights (`/sapi`, not on demo).
    pub fn new(subject: Subject, credentials: Credentials, has_rights: bool) -> Self {
        Self {
            subject,
            credentials,
            has_rights,
            asked: Asked::Nothing,
            offset_ms: 0,
            found: Findings {
                dead_man_switch: subject.dead_man_switch,
                ..Findings::default()
            },
        }
    }

    fn ask(&mut self, now: Stamp, asked: Asked) -> Step {
        self.asked = asked;
        match asked {
            Asked::Rights => self.call(Whom::Rights, Some(now), "/sapi/v1/account/apiRestrictions"),
            Asked::Account => self.call(Whom::Rest, Some(now), &self.below(self.subject.account)),
            Asked::Nothing | Asked::Time(_) => self.call(Whom::Rest, None, &self.below("/time")),
        }
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.subject.root)
    }

    /// A read; signed when it has a time.
    fn call(&self, whom: Whom, signed: Option<Stamp>, path: &str) -> Step {
        let mut target = path.to_owned();
        let mut headers = Vec::new();
        if let Some(now) = signed {
            target.push('?');
            let from = target.len();
            let timestamp = now.wall_ms().saturating_add(self.offset_ms);
            let params = [
                ("recvWindow", Value::Int(5_000)),
                ("timestamp", Value::Int(timestamp)),
            ];
            sign::query(&params, &mut target);
            sign::sign_query(&self.credentials, from, &mut target);
            headers.push(("X-MBX-APIKEY", self.credentials.api_key().to_owned()));
        }
        Step::Ask(
            whom,
            Call {
                tag: 1,
                method: Method::Get,
                target,
                headers,
                body: String::new(),
                deadline_ms: DEADLINE_MS,
                lane: Lane::Query,
            },
        )
    }

    fn found(&mut self) -> Step {
        Step::Found(Box::new(std::mem::take(&mut self.found)))
    }

    fn time(&mut self, sent: Stamp, now: Stamp, answer: Result<Reply, CallError>) -> Step {
        let reply = match answer {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return self.unreached(&http_words(&reply)),
            Err(error) => return self.unreached(&error.to_string()),
        };
        let Ok(venue_ms) = (self.subject.time)(&reply.body) else {
            return self.unreached("not an answer of this venue's API");
        };
        let trip = now.ms_since(sent);
        let middle = sent.wall_ms().saturating_add((trip / 2).cast_signed());
        self.offset_ms = venue_ms.saturating_sub(middle);
        self.found.reachable = Finding::Yes;
        self.found.round_trip_ms = Some(trip);
        self.found.clock_offset_ms = Some(self.offset_ms);
        let next = if self.has_rights {
            Asked::Rights
        } else {
            Asked::Account
        };
        self.ask(now, next)
    }

    fn unreached(&mut self, why: &str) -> Step {
        self.found.reachable = Finding::Unknown(sanitise(why, LONGEST));
        self.found()
    }

    fn rights(&mut self, now: Stamp, answer: Result<Reply, CallError>) -> Step {
        match answer {
            Ok(reply) if reply.status == 200 => {
                self.found.signature = Finding::Yes;
                match serde_json::from_slice::<Map<String, Json>>(&reply.body) {
                    Ok(rights) => self.read_rights(&rights),
                    Err(_) => self.rights_unknown("the answer cannot be read"),
                }
            }
            Ok(reply) => match refusal(&reply) {
                Some(words) => return self.refused(words, &reply),
                None => self.rights_unknown(&http_words(&reply)),
            },
            Err(error) => self.rights_unknown(&error.to_string()),
        }
        self.ask(now, Asked::Account)
    }

    fn read_rights(&mut self, rights: &Map<String, Json>) {
        let right = |name: &str| match rights.get(name).and_then(Json::as_bool) {
            Some(yes) => Finding::of(yes),
            None => Finding::Unknown(format!("the venue did not say {name}")),
        };
        let transfer = match (
            right("enableInternalTransfer"),
            right("permitsUniversalTransfer"),
        ) {
            (Finding::Yes, _) | (_, Finding::Yes) => Finding::Yes,
            (unknown @ Finding::Unknown(_), _) | (_, unknown) => unknown,
        };
        self.found.read = right("enableReading");
        self.found.trade = right(self.subject.right);
        self.found.withdraw = right("enableWithdrawals");
        self.found.ip_bound = right("ipRestrict");
        self.found.transfer = transfer;
        self.found.expires_ms = rights
            .get("tradingAuthorityExpirationTime")
            .and_then(Json::as_i64);
        let judged = [
            "enableWithdrawals",
            "enableInternalTransfer",
            "permitsUniversalTransfer",
            "ipRestrict",
        ];
        let new = rights.iter().filter(|(name, value)| {
            **value == Json::Bool(true)
                && !HARMLESS.contains(&name.as_str())
                && !judged.contains(&name.as_str())
        });
        self.found.unknown_rights = new.map(|(name, _)| sanitise(name, 40)).take(8).collect();
        if self.found.read == Finding::No {
            self.found.refusal = "the key may not read: tick Enable Reading".to_owned();
        }
    }

    fn rights_unknown(&mut self, why: &str) {
        let unknown = Finding::Unknown(sanitise(why, LONGEST));
        self.found.withdraw = unknown.clone();
        self.found.transfer = unknown.clone();
        self.found.ip_bound = unknown;
    }

    fn refused(&mut self, words: String, reply: &Reply) -> Step {
        self.found.signature = Finding::No;
        self.found.seen_from = seen_from(reply);
        self.found.refusal = words;
        self.found()
    }

    fn account(&mut self, answer: Result<Reply, CallError>) -> Step {
        let proved = self.found.signature == Finding::Yes;
        match answer {
            Ok(reply) if reply.status == 200 => match (self.subject.can_trade)(&reply.body) {
                Ok(can_trade) => self.can_trade(can_trade),
                Err(_) => self.account_unknown("the answer cannot be read"),
            },
            Ok(reply) => match refusal(&reply) {
                // The rights endpoint took the same key and signature: it is the product that it may not see.
                Some(_) if proved => {
                    self.found.seen_from = seen_from(&reply);
                    self.found.refusal = self.subject.blind.to_owned();
                    self.found.read = Finding::No;
                }
                Some(words) => return self.refused(words, &reply),
                None => self.account_unknown(&http_words(&reply)),
            },
            Err(error) => self.account_unknown(&error.to_string()),
        }
        self.found()
    }

    fn can_trade(&mut self, can_trade: bool) {
        self.found.signature = Finding::Yes;
        self.found.read = Finding::Yes;
        if !can_trade {
            self.found.trade = Finding::No;
        } else if self.found.trade == Finding::Unasked {
            self.found.trade = if self.has_rights {
                Finding::Unknown("the venue did not tell the key's rights".to_owned())
            } else {
                Finding::Yes
            };
        }
    }

    fn account_unknown(&mut self, why: &str) {
        let unknown = || Finding::Unknown(sanitise(why, LONGEST));
        if self.found.signature != Finding::Yes {
            self.found.signature = unknown();
        }
        self.found.read = unknown();
    }
}

impl KeyAudit for BinanceAudit {
    fn on(&mut self, now: Stamp, answer: Option<Result<Reply, CallError>>) -> Step {
        match (self.asked, answer) {
            (Asked::Time(sent), Some(answer)) => self.time(sent, now, answer),
            (Asked::Rights, Some(answer)) => self.rights(now, answer),
            (Asked::Account, Some(answer)) => self.account(answer),
            _ => self.ask(now, Asked::Time(now)),
        }
    }
}

/// What proves that the key or its signature is refused, in words that name the likely cause; `None` for any other answer.
fn refusal(reply: &Reply) -> Option<String> {
    let body = ErrorBody::read(&reply.body)?;
    let words = match body.code {
        -1022 => "the signature is wrong: the secret does not belong to this key, or is cut off",
        -2014 => {
            "that is no API key of Binance: check that it was copied whole, and that key and secret are not swapped"
        }
        -2015 => {
            "Binance does not take this key: unknown or deleted, key and secret swapped, a demo key for real money or the other way round, or this host's address is not allowed"
        }
        _ => return None,
    };
    Some(match seen_from(reply) {
        Some(address) => format!("{words}; Binance sees this host as {address}"),
        None => words.to_owned(),
    })
}

/// `… request ip: 203.0.113.7`, as -2015 tells it.
fn seen_from(reply: &Reply) -> Option<String> {
    let body = ErrorBody::read(&reply.body)?;
    let (_, rest) = body.msg.split_once("request ip:")?;
    let address: std::net::IpAddr = rest.trim().parse().ok()?;
    Some(address.to_string())
}

fn http_words(reply: &Reply) -> String {
    match ErrorBody::read(&reply.body) {
        // Asked in time by a clock that was just compared: it says nothing about the key.
        Some(body) if body.code == -1021 => {
            "the question came too late: this host's clock jumps (set it by NTP), or the network is slow"
                .to_owned()
        }
        Some(body) => format!(
            "HTTP {}: {} ({})",
            reply.status,
            sanitise(&body.msg, 80),
            body.code
        ),
        None => format!("HTTP {}, not an answer of the API", reply.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::audit::{Accept, Verdict};

    const TIME: &str = r#"{"serverTime":1800000000500}"#;
    /// As the wallet API documents it, with a trading key's rights.
    const RIGHTS: &str = r#"{"ipRestrict":true,"createTime":1698645219000,"enableReading":true,"enableWithdrawals":false,"enableInternalTransfer":false,"enableMargin":false,"enableFutures":true,"permitsUniversalTransfer":false,"enableVanillaOptions":false,"enableSpotAndMarginTrading":false,"enablePortfolioMarginTrading":false,"enableFixApiTrade":false,"enableFixReadOnly":false}"#;
    const CONFIG: &str = r#"{"feeTier":0,"canTrade":true,"canDeposit":true,"canWithdraw":true,"dualSidePosition":false,"updateTime":1724416653850,"multiAssetsMargin":false,"tradeGroupId":-1}"#;

    fn reply(status: u16, body: &str) -> Result<Reply, CallError> {
        Ok(Reply {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(1_800_000_000_000 + ms)
    }

    /// Runs an audit on canned answers; the findings and the paths that were asked.
    fn audited(
        has_rights: bool,
        answers: Vec<Result<Reply, CallError>>,
    ) -> (Findings, Vec<String>) {
        audited_of(crate::exchange::binance_futures::AUDIT, has_rights, answers)
    }

    fn audited_of(
        subject: Subject,
        has_rights: bool,
        answers: Vec<Result<Reply, CallError>>,
    ) -> (Findings, Vec<String>) {
        let pair = Credentials::hmac(&"k".repeat(64), "secret").unwrap();
        let mut audit = BinanceAudit::new(subject, pair, has_rights);
        let mut asked = Vec::new();
        let mut answers = answers.into_iter();
        let mut step = audit.on(at(0), None);
        loop {
            match step {
                Step::Found(found) => return (*found, asked),
                Step::Ask(_, call) => {
                    asked.push(call.target.split('?').next().unwrap().to_owned());
                    assert_eq!(call.method, Method::Get, "an audit only reads");
                    step = audit.on(at(100), answers.next());
                }
            }
        }
    }

    fn verdict(found: &Findings) -> Verdict {
        found.verdict(1_800_000_000_000)
    }

    #[test]
    fn a_good_key_passes_and_the_clock_is_measured() {
        let (found, asked) = audited(
            true,
            vec![reply(200, TIME), reply(200, RIGHTS), reply(200, CONFIG)],
        );
        assert_eq!(
            asked,
            [
                "/fapi/v1/time",
                "/sapi/v1/account/apiRestrictions",
                "/fapi/v1/accountConfig"
            ]
        );
        assert_eq!(
            verdict(&found),
            Verdict::Usable {
                view_only: None,
                confirm: Vec::new()
            }
        );
        assert_eq!(found.clock_offset_ms, Some(450));
        assert!(found.dead_man_switch);
    }

    #[test]
    fn a_spot_key_needs_the_right_of_spot_and_sees_its_own_account() {
        use crate::exchange::binance_spot::AUDIT;
        const ACCOUNT: &str =
            r#"{"canTrade":true,"canWithdraw":true,"balances":[],"permissions":["SPOT"]}"#;
        let answers =
            |rights: &str| vec![reply(200, TIME), reply(200, rights), reply(200, ACCOUNT)];
        // A futures key: good, but not for this.
        let (found, asked) = audited_of(AUDIT, true, answers(RIGHTS));
        assert_eq!(
            asked,
            [
                "/api/v3/time",
                "/sapi/v1/account/apiRestrictions",
                "/api/v3/account"
            ]
        );
        assert!(matches!(
            verdict(&found),
            Verdict::Usable {
                view_only: Some(_),
                ..
            }
        ));
        assert!(!found.dead_man_switch);
        let spot = "\"enableSpotAndMarginTrading\":false";
        let rights = RIGHTS.replace(spot, &spot.replace("false", "true"));
        let (found, _) = audited_of(AUDIT, true, answers(&rights));
        let usable = Verdict::Usable {
            view_only: None,
            confirm: Vec::new(),
        };
        assert_eq!(verdict(&found), usable);
        // That the account may withdraw says nothing of the key; on demo nobody tells its rights.
        let (found, asked) = audited_of(AUDIT, false, vec![reply(200, TIME), reply(200, ACCOUNT)]);
        assert_eq!((verdict(&found), asked.len()), (usable, 2));
        let rights = rights.replace("\"enableWithdrawals\":false", "\"enableWithdrawals\":true");
        let (found, _) = audited_of(AUDIT, true, answers(&rights));
        assert!(matches!(verdict(&found), Verdict::Refused(_)));
    }

    #[test]
    fn each_right_is_judged() {
        let with = |from: &str, to: &str| {
            let rights = RIGHTS.replace(from, to);
            assert_ne!(rights, RIGHTS);
            let (found, _) = audited(
                true,
                vec![reply(200, TIME), reply(200, &rights), reply(200, CONFIG)],
            );
            found
        };
        let found = with("\"enableWithdrawals\":false", "\"enableWithdrawals\":true");
        assert!(matches!(verdict(&found), Verdict::Refused(words) if words.contains("WITHDRAW")));
        for name in ["enableInternalTransfer", "permitsUniversalTransfer"] {
            let found = with(&format!("\"{name}\":false"), &format!("\"{name}\":true"));
            let Verdict::Usable { confirm, .. } = verdict(&found) else {
                panic!("{name}");
            };
            assert_eq!(confirm, [Accept::Transfer]);
        }
        let found = with("\"ipRestrict\":true", "\"ipRestrict\":false");
        let Verdict::Usable { confirm, .. } = verdict(&found) else {
            panic!()
        };
        assert_eq!(confirm, [Accept::NoIp]);
        let found = with("\"enableFutures\":true", "\"enableFutures\":false");
        let Verdict::Usable { view_only, .. } = verdict(&found) else {
            panic!()
        };
        assert!(view_only.unwrap().contains("no right to trade"));
        let found = with("\"enableWithdrawals\":false", "\"enableWithdraws\":false");
        let Verdict::Usable { view_only, .. } = verdict(&found) else {
            panic!()
        };
        assert!(
            view_only.unwrap().contains("enableWithdrawals"),
            "a field that is gone fails closed"
        );
        let found = with(
            "\"ipRestrict\":true",
            "\"ipRestrict\":true,\"enableTeleport\":true",
        );
        assert_eq!(found.unknown_rights, ["enableTeleport"]);
        let found = with(
            "\"ipRestrict\":true",
            "\"ipRestrict\":true,\"tradingAuthorityExpirationTime\":1800000000000",
        );
        assert!(matches!(verdict(&found), Verdict::Refused(_)));
    }

    #[test]
    fn on_demo_can_trade_is_audit_enough() {
        let (found, asked) = audited(false, vec![reply(200, TIME), reply(200, CONFIG)]);
        assert_eq!(asked, ["/fapi/v1/time", "/fapi/v1/accountConfig"]);
        assert_eq!(
            verdict(&found),
            Verdict::Usable {
                view_only: None,
                confirm: Vec::new()
            }
        );
        let config = CONFIG.replace("\"canTrade\":true", "\"canTrade\":false");
        let (found, _) = audited(false, vec![reply(200, TIME), reply(200, &config)]);
        assert!(matches!(
            verdict(&found),
            Verdict::Usable {
                view_only: Some(_),
                ..
            }
        ));
    }

    #[test]
    fn g4_each_refusal_names_its_cause() {
        for (status, body, words) in [
            (
                400,
                r#"{"code":-1022,"msg":"Signature for this request is not valid."}"#,
                "secret",
            ),
            (
                401,
                r#"{"code":-2014,"msg":"API-key format invalid."}"#,
                "no API key",
            ),
            (
                401,
                r#"{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action, request ip: 203.0.113.7"}"#,
                "203.0.113.7",
            ),
        ] {
            for has_rights in [true, false] {
                let (found, _) = audited(has_rights, vec![reply(200, TIME), reply(status, body)]);
                let Verdict::Refused(told) = verdict(&found) else {
                    panic!("{body}");
                };
                assert!(told.contains(words), "{told}");
            }
        }
    }

    #[test]
    fn g3_what_cannot_be_asked_is_not_taken_for_good() {
        let lost = || Err(CallError::Lost("no answer within 8000 ms".to_owned()));
        let (found, _) = audited(true, vec![lost()]);
        assert!(matches!(verdict(&found), Verdict::Unverified(_)));
        let (found, _) = audited(true, vec![reply(200, "<html>portal</html>")]);
        assert!(matches!(verdict(&found), Verdict::Unverified(_)));
        for rights in [
            lost(),
            reply(500, "{}"),
            reply(200, "[]"),
            reply(404, "<html>"),
        ] {
            let (found, _) = audited(true, vec![reply(200, TIME), rights, reply(200, CONFIG)]);
            let Verdict::Usable { view_only, .. } = verdict(&found) else {
                panic!("{found:?}");
            };
            assert!(view_only.unwrap().contains("cannot verify"));
        }
        let (found, _) = audited(true, vec![reply(200, TIME), lost(), lost()]);
        assert!(matches!(verdict(&found), Verdict::Unverified(_)));
        let late = || {
            let body = r#"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#;
            reply(400, body)
        };
        let (found, _) = audited(true, vec![reply(200, TIME), late(), late()]);
        assert!(
            matches!(verdict(&found), Verdict::Unverified(words) if words.contains("clock")),
            "a slow network proves nothing about a key"
        );
        let refused = reply(
            401,
            r#"{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}"#,
        );
        let (found, _) = audited(true, vec![reply(200, TIME), reply(200, RIGHTS), refused]);
        assert!(matches!(verdict(&found), Verdict::Refused(words) if words.contains("futures")));
    }
}
