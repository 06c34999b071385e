//! Asks OKX what a key may do: the clock, then the configuration of account and key, which names the key's rights and addresses.

use super::CAPABILITIES;
use super::answer::Envelope;
use super::error;
use super::read::settings::{self, Config, Level};
use super::sign;
use crate::domain::message::Proves;
use crate::domain::text::sanitise;
use crate::domain::{Outcome, Stamp};
use crate::exchange::DeadMan;
use crate::exchange::audit::{Finding, Findings, KeyAudit, Step, Whom};
use crate::exchange::credentials::Credentials;
use crate::exchange::machine::{Call, CallError, Lane, Method, Reply};

/// Longest wait for one answer, ms.
const DEADLINE_MS: u64 = 8_000;
/// Longest words of a refusal, characters.
const LONGEST: usize = 160;
/// Rights that Lancet knows.
const KNOWN: [&str; 3] = ["read_only", "trade", "withdraw"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Time(Stamp),
    Config,
}

/// See the module.
pub struct OkxAudit {
    credentials: Credentials,
    asked: Asked,
    offset_ms: i64,
    found: Findings,
}

impl OkxAudit {
    /// An audit of one key; every environment tells a key's rights.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            asked: Asked::Nothing,
            offset_ms: 0,
            found: Findings {
                dead_man_switch: CAPABILITIES.dead_man_switch != DeadMan::None,
                ..Findings::default()
            },
        }
    }

    fn ask(&mut self, asked: Asked, target: &str, headers: Vec<(&'static str, String)>) -> Step {
        self.asked = asked;
        Step::Ask(
            Whom::Rest,
            Call {
                tag: 1,
                method: Method::Get,
                target: target.to_owned(),
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
        let read = match answer {
            Ok(reply) if reply.status == 200 => settings::time(&reply.body)
                .map_err(|_| "not an answer of this venue's API".to_owned()),
            Ok(reply) => Err(http_words(&reply)),
            Err(error) => Err(error.to_string()),
        };
        let venue_ms = match read {
            Ok(venue_ms) => venue_ms,
            Err(why) => {
                self.found.reachable = Finding::Unknown(sanitise(&why, LONGEST));
                return self.found();
            }
        };
        let trip = now.ms_since(sent);
        let middle = sent.wall_ms().saturating_add((trip / 2).cast_signed());
        self.offset_ms = venue_ms.saturating_sub(middle);
        self.found.reachable = Finding::Yes;
        self.found.round_trip_ms = Some(trip);
        self.found.clock_offset_ms = Some(self.offset_ms);
        let target = "/api/v5/account/config";
        let venue_now = now.wall_ms().saturating_add(self.offset_ms);
        let headers = sign::headers(&self.credentials, venue_now, Method::Get, target, "");
        self.ask(Asked::Config, target, headers)
    }

    fn config(&mut self, answer: Result<Reply, CallError>) -> Step {
        match answer {
            Ok(reply) => match settings::config(&reply.body) {
                Ok(config) => self.judge(&config),
                Err(error) => match refusal(&reply) {
                    Some(words) => {
                        self.found.signature = Finding::No;
                        self.found.seen_from = seen_from(&reply);
                        self.found.refusal = words;
                    }
                    None if is_good(&reply) => {
                        // The signature was taken; what the key may do was not told in words that are known.
                        self.found.signature = Finding::Yes;
                        self.unknown(&error.to_string());
                    }
                    None => {
                        let why = http_words(&reply);
                        self.found.signature = Finding::Unknown(sanitise(&why, LONGEST));
                    }
                },
            },
            Err(error) => {
                self.found.signature = Finding::Unknown(sanitise(&error.to_string(), LONGEST));
            }
        }
        self.found()
    }

    fn judge(&mut self, config: &Config) {
        let may = |right: &str| Finding::of(config.rights.iter().any(|r| r == right));
        self.found.signature = Finding::Yes;
        // The question itself was a read.
        self.found.read = Finding::Yes;
        self.found.trade = may("trade");
        self.found.withdraw = may("withdraw");
        self.found.ip_bound = match &config.addresses {
            Some(addresses) => Finding::of(!addresses.trim().is_empty()),
            None => Finding::Unknown("the venue did not say ip".to_owned()),
        };
        let new = config
            .rights
            .iter()
            .filter(|r| !KNOWN.contains(&r.as_str()));
        self.found.unknown_rights = new.map(|r| sanitise(r, 40)).take(8).collect();
        if config.level == Level::Spot {
            self.found.notes.push(
                "the account is in spot mode: swaps and futures are view-only until you choose futures mode at the exchange"
                    .to_owned(),
            );
        }
    }

    fn unknown(&mut self, why: &str) {
        let unknown = Finding::Unknown(sanitise(why, LONGEST));
        self.found.read = Finding::Yes;
        self.found.trade = unknown.clone();
        self.found.withdraw = unknown.clone();
        self.found.ip_bound = unknown;
    }
}

impl KeyAudit for OkxAudit {
    fn on(&mut self, now: Stamp, answer: Option<Result<Reply, CallError>>) -> Step {
        match (self.asked, answer) {
            (Asked::Time(sent), Some(answer)) => self.time(sent, now, answer),
            (Asked::Config, Some(answer)) => self.config(answer),
            _ => self.ask(Asked::Time(now), "/api/v5/public/time", Vec::new()),
        }
    }
}

fn is_good(reply: &Reply) -> bool {
    reply.status == 200 && Envelope::read(&reply.body).is_some_and(|envelope| envelope.is_good())
}

/// What proves that the key or its signature is refused, in words that name the likely cause; `None` for any other answer.
fn refusal(reply: &Reply) -> Option<String> {
    let envelope = Envelope::read(&reply.body)?;
    let outcome = error::outcome(reply.status, envelope.code()?, envelope.words());
    let Outcome::Rejected {
        words,
        proves: Proves::KeyRefused,
        ..
    } = outcome
    else {
        return None;
    };
    Some(match seen_from(reply) {
        Some(address) => format!("{words}; OKX sees this host as {address}"),
        None => words,
    })
}

/// `Your IP 203.0.113.7 is not included in your API key's IP whitelist.` (50110)
fn seen_from(reply: &Reply) -> Option<String> {
    let envelope = Envelope::read(&reply.body)?;
    let mut words = envelope.words().split([' ', '(', ')', ',']);
    let address = words.find_map(|word| word.parse::<std::net::IpAddr>().ok())?;
    Some(address.to_string())
}

fn http_words(reply: &Reply) -> String {
    match Envelope::read(&reply.body) {
        Some(envelope) => format!(
            "HTTP {}: {} ({})",
            reply.status,
            sanitise(envelope.words(), 80),
            envelope.code().unwrap_or(0)
        ),
        None => format!("HTTP {}, not an answer of the API", reply.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::audit::{Accept, Verdict};

    const TIME: &str = r#"{"code":"0","msg":"","data":[{"ts":"1800000000500"}]}"#;

    /// As the documentation has it, which shows a key that may withdraw.
    fn documented() -> String {
        include_str!("../../../tests/wire/okx/rest_examples.jsonl")
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .find(|e| e["name"] == "Account/GetAccountConfiguration")
            .map(|e| e["msg"].to_string())
            .unwrap()
    }

    fn config(perm: &str, ip: &str, level: &str) -> String {
        documented()
            .replace("read_only,withdraw,trade", perm)
            .replace("120.255.24.182,49.245.196.13", ip)
            .replace("\"acctLv\":\"3\"", &format!("\"acctLv\":\"{level}\""))
    }

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

    fn audited(answers: Vec<Result<Reply, CallError>>) -> (Findings, Vec<String>) {
        let pair = Credentials::hmac("a1b2c3d4-0000-4abc-8def-0123456789ab", "secret").unwrap();
        let mut audit = OkxAudit::new(pair);
        let mut asked = Vec::new();
        let mut answers = answers.into_iter();
        let mut step = audit.on(at(0), None);
        loop {
            match step {
                Step::Found(found) => return (*found, asked),
                Step::Ask(_, call) => {
                    assert_eq!(call.method, Method::Get, "an audit only reads");
                    asked.push(call.target);
                    step = audit.on(at(100), answers.next());
                }
            }
        }
    }

    fn judged(body: &str) -> Verdict {
        let (found, _) = audited(vec![reply(200, TIME), reply(200, body)]);
        found.verdict(1_800_000_000_000)
    }

    #[test]
    fn a_good_key_passes_and_the_clock_is_measured() {
        let body = config("read_only,trade", "203.0.113.7", "2");
        let (found, asked) = audited(vec![reply(200, TIME), reply(200, &body)]);
        assert_eq!(asked, ["/api/v5/public/time", "/api/v5/account/config"]);
        assert_eq!(found.clock_offset_ms, Some(450));
        assert!(found.notes.is_empty());
        assert_eq!(
            found.verdict(1_800_000_000_000),
            Verdict::Usable {
                view_only: None,
                confirm: Vec::new()
            }
        );
    }

    #[test]
    fn each_right_is_judged() {
        assert!(
            matches!(judged(&documented()), Verdict::Refused(words) if words.contains("WITHDRAW"))
        );
        let Verdict::Usable { view_only, .. } = judged(&config("read_only", "1.2.3.4", "2")) else {
            panic!();
        };
        assert!(view_only.unwrap().contains("no right to trade"));
        let Verdict::Usable { confirm, .. } = judged(&config("read_only,trade", "", "2")) else {
            panic!();
        };
        assert_eq!(confirm, [Accept::NoIp]);
        let body = config("read_only,trade,teleport", "1.2.3.4", "2");
        let (found, _) = audited(vec![reply(200, TIME), reply(200, &body)]);
        assert_eq!(found.unknown_rights, ["teleport"]);
        let body = documented().replace("\"perm\"", "\"rights\"");
        let Verdict::Usable { view_only, .. } = judged(&body) else {
            panic!();
        };
        assert!(
            view_only.unwrap().contains("cannot verify"),
            "a field that is gone fails closed"
        );
    }

    #[test]
    fn an_account_in_spot_mode_is_told_what_it_cannot_trade() {
        let body = config("read_only,trade", "1.2.3.4", "1");
        let (found, _) = audited(vec![reply(200, TIME), reply(200, &body)]);
        assert!(found.notes[0].contains("view-only"), "{:?}", found.notes);
    }

    #[test]
    fn g4_each_refusal_names_its_cause() {
        for (body, words) in [
            (
                r#"{"code":"50111","msg":"Invalid OK-ACCESS-KEY","data":[]}"#,
                "no such key",
            ),
            (
                r#"{"code":"50113","msg":"Invalid Sign","data":[]}"#,
                "secret",
            ),
            (
                r#"{"code":"50105","msg":"Request header OK-ACCESS-PASSPHRASE incorrect.","data":[]}"#,
                "passphrase",
            ),
            (
                r#"{"code":"50101","msg":"APIKey does not match current environment.","data":[]}"#,
                "environment",
            ),
            (
                r#"{"code":"50110","msg":"Your IP 203.0.113.7 is not included in your API key's IP whitelist.","data":[]}"#,
                "203.0.113.7",
            ),
        ] {
            let (found, _) = audited(vec![reply(200, TIME), reply(401, body)]);
            let Verdict::Refused(told) = found.verdict(1_800_000_000_000) else {
                panic!("{body}");
            };
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn g3_what_cannot_be_asked_is_not_taken_for_good() {
        let lost = || Err(CallError::Lost("no answer within 8000 ms".to_owned()));
        let late = r#"{"code":"50102","msg":"Timestamp request expired.","data":[]}"#;
        for answers in [
            vec![lost()],
            vec![reply(200, "<html>portal</html>")],
            vec![reply(200, TIME), lost()],
            vec![reply(200, TIME), reply(503, "<html>")],
            vec![reply(200, TIME), reply(401, late)],
        ] {
            let (found, _) = audited(answers);
            let verdict = found.verdict(1_800_000_000_000);
            assert!(matches!(verdict, Verdict::Unverified(_)), "{verdict:?}");
        }
    }
}
