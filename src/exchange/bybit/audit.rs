//! Asks Bybit what a key may do: the clock, the key's rights, the kind of account.

use super::answer::{self, Envelope};
use super::read::settings::{self, KeyInfo};
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
const WINDOW_MS: i64 = 5_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Nothing,
    Time(Stamp),
    Rights,
    Account,
}

/// See the module.
pub struct BybitAudit {
    credentials: Credentials,
    has_rights: bool,
    asked: Asked,
    offset_ms: i64,
    found: Findings,
}

impl BybitAudit {
    /// An audit of one key; `has_rights`: the environment is known to tell a key's rights.
    pub fn new(credentials: Credentials, has_rights: bool) -> Self {
        Self {
            credentials,
            has_rights,
            asked: Asked::Nothing,
            offset_ms: 0,
            found: Findings {
                dead_man_switch: super::CAPABILITIES.dead_man_switch != DeadMan::None,
                ..Findings::default()
            },
        }
    }

    fn ask(&mut self, now: Stamp, asked: Asked) -> Step {
        self.asked = asked;
        let (whom, path) = match asked {
            Asked::Rights => (Whom::Rights, "/v5/user/query-api"),
            Asked::Account => (Whom::Rest, "/v5/account/info"),
            Asked::Nothing | Asked::Time(_) => (Whom::Rest, "/v5/market/time"),
        };
        let headers = match asked {
            Asked::Rights | Asked::Account => {
                let timestamp = now.wall_ms().saturating_add(self.offset_ms);
                sign::headers(&self.credentials, timestamp, WINDOW_MS, "")
            }
            Asked::Nothing | Asked::Time(_) => Vec::new(),
        };
        Step::Ask(
            whom,
            Call {
                tag: 1,
                method: Method::Get,
                target: path.to_owned(),
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
        let venue_ms = match &answer {
            Ok(reply) => settings::server_time(&reply.body)
                .map_err(|_| format!("HTTP {}, not an answer of this venue's API", reply.status)),
            Err(error) => Err(error.to_string()),
        };
        let venue_ms = match venue_ms {
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
        self.ask(now, Asked::Rights)
    }

    fn rights(&mut self, now: Stamp, answer: Result<Reply, CallError>) -> Step {
        match said(answer, settings::key_info) {
            Said::Good(info) => self.read_rights(info),
            Said::Refused(words) => return self.refused(words),
            // Demo trading does not tell them; what its account says must do.
            Said::Unknown(_) if !self.has_rights => {}
            Said::Unknown(why) => {
                let unknown = || Finding::Unknown(why.clone());
                self.found.withdraw = unknown();
                self.found.transfer = unknown();
                self.found.ip_bound = unknown();
                self.found.trade = unknown();
            }
        }
        self.ask(now, Asked::Account)
    }

    fn read_rights(&mut self, info: KeyInfo) {
        self.found.signature = Finding::Yes;
        self.found.read = Finding::Yes;
        self.found.trade = Finding::of(info.can_trade());
        if info.can_trade() {
            let halves = [
                (info.linear, "contracts", "Contract (Orders, Positions)"),
                (info.spot, "coins", "SPOT (Trade)"),
            ];
            let lacking = halves.into_iter().filter(|(has, ..)| !has);
            self.found.notes.extend(lacking.map(|(_, what, right)| {
                format!("the key may not trade {what}: tick {right} at the exchange to trade them")
            }));
        }
        self.found.withdraw = Finding::of(info.withdraw);
        self.found.transfer = Finding::of(info.transfer);
        self.found.ip_bound = Finding::of(info.ip_bound);
        self.found.expires_ms = info.expires_ms;
        self.found.unknown_rights = info.unknown;
    }

    fn refused(&mut self, words: String) -> Step {
        self.found.signature = Finding::No;
        self.found.refusal = words;
        self.found()
    }

    fn account(&mut self, answer: Result<Reply, CallError>) -> Step {
        let proved = self.found.signature == Finding::Yes;
        match said(answer, settings::account_info) {
            Said::Good(info) => {
                self.found.signature = Finding::Yes;
                self.found.read = Finding::Yes;
                if !info.unified {
                    self.found.trade = Finding::Unknown(
                        "this is a classic account, which Lancet does not trade: upgrade it to a unified one"
                            .to_owned(),
                    );
                } else if self.found.trade == Finding::Unasked {
                    self.found.trade = Finding::Yes;
                }
            }
            // The rights were told to the same key and signature: it is the account that it may not see.
            Said::Refused(words) if proved => {
                self.found.refusal = words;
                self.found.read = Finding::No;
            }
            Said::Refused(words) => return self.refused(words),
            Said::Unknown(why) => {
                if !proved {
                    self.found.signature = Finding::Unknown(why.clone());
                }
                self.found.read = Finding::Unknown(why);
            }
        }
        self.found()
    }
}

impl KeyAudit for BybitAudit {
    fn on(&mut self, now: Stamp, answer: Option<Result<Reply, CallError>>) -> Step {
        match (self.asked, answer) {
            (Asked::Time(sent), Some(answer)) => self.time(sent, now, answer),
            (Asked::Rights, Some(answer)) => self.rights(now, answer),
            (Asked::Account, Some(answer)) => self.account(answer),
            _ => self.ask(now, Asked::Time(now)),
        }
    }
}

/// What an answer says of the key.
enum Said<T> {
    Good(T),
    /// The key or its signature is refused, in words that name the likely cause.
    Refused(String),
    /// Nothing is proved.
    Unknown(String),
}

fn said<T>(
    answer: Result<Reply, CallError>,
    read: impl FnOnce(&str) -> Result<T, super::read::ReadError>,
) -> Said<T> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Said::Unknown(sanitise(&error.to_string(), LONGEST)),
    };
    match answer::outcome(&reply) {
        Outcome::Accepted { .. } => {
            let envelope = Envelope::read(&reply.body);
            let result = envelope.as_ref().and_then(|envelope| envelope.result().ok());
            match result.map(read) {
                Some(Ok(good)) => Said::Good(good),
                _ => Said::Unknown("the answer cannot be read".to_owned()),
            }
        }
        Outcome::Rejected {
            code,
            words,
            proves: Proves::KeyRefused,
        } => Said::Refused(match code {
            10_010 => format!("{words}; add this host's address to the key, or use it from where it is bound to"),
            _ => words,
        }),
        // Asked in time by a clock that was just compared: it says nothing about the key.
        Outcome::Rejected {
            proves: Proves::ClockOff,
            ..
        } => Said::Unknown(
            "the question came too late: this host's clock jumps (set it by NTP), or the network is slow"
                .to_owned(),
        ),
        Outcome::Rejected { code, words, .. } => Said::Unknown(format!("{words} ({code})")),
        Outcome::Unknown(words) | Outcome::NotSent(words) => Said::Unknown(words),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::tests::example;
    use super::*;
    use crate::exchange::audit::{Accept, Verdict};

    const TIME: &str = r#"{"retCode":0,"retMsg":"OK","result":{"timeSecond":"1800000000","timeNano":"1800000000500000000"},"retExtInfo":{},"time":1800000000500}"#;

    /// The documented answer with a trading key's rights, bound to one address.
    fn rights() -> String {
        let text = example("/v5/user/query-api")
            .replace("\"*\"", "\"203.0.113.7\"")
            .replace("[\"AccountTransfer\",\"SubMemberTransfer\"]", "[]");
        assert!(!text.contains("AccountTransfer") && text.contains("203.0.113.7"));
        text.replace("2023-12-22T07:20:25Z", "1970-01-01T00:00:00Z")
    }

    fn account() -> String {
        example("/v5/account/info")
    }

    fn reply(status: u16, body: &str) -> Result<Reply, CallError> {
        Ok(Reply {
            status,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    }

    fn refusal(code: i64) -> String {
        format!(r#"{{"retCode":{code},"retMsg":"words","result":{{}},"retExtInfo":{{}},"time":1}}"#)
    }

    fn at(ms: u64) -> Stamp {
        Stamp::default().plus_ms(1_800_000_000_000 + ms)
    }

    /// Runs an audit on canned answers; the findings and the paths that were asked.
    fn audited(
        has_rights: bool,
        answers: Vec<Result<Reply, CallError>>,
    ) -> (Findings, Vec<String>) {
        let pair = Credentials::hmac("key", "secret").unwrap();
        let mut audit = BybitAudit::new(pair, has_rights);
        let mut asked = Vec::new();
        let mut answers = answers.into_iter();
        let mut step = audit.on(at(0), None);
        loop {
            match step {
                Step::Found(found) => return (*found, asked),
                Step::Ask(_, call) => {
                    assert_eq!(call.method, Method::Get, "an audit only reads");
                    assert!(call.body.is_empty());
                    asked.push(call.target);
                    step = audit.on(at(100), answers.next());
                }
            }
        }
    }

    fn of_key(rights: &str) -> Verdict {
        let answers = vec![reply(200, TIME), reply(200, rights), reply(200, &account())];
        audited(true, answers).0.verdict(1_800_000_000_000)
    }

    #[test]
    fn a_good_key_passes_and_the_clock_is_measured() {
        let answers = vec![
            reply(200, TIME),
            reply(200, &rights()),
            reply(200, &account()),
        ];
        let (found, asked) = audited(true, answers);
        assert_eq!(
            asked,
            ["/v5/market/time", "/v5/user/query-api", "/v5/account/info"]
        );
        let usable = Verdict::Usable {
            view_only: None,
            confirm: Vec::new(),
        };
        assert_eq!(found.verdict(1_800_000_000_000), usable);
        assert_eq!(found.clock_offset_ms, Some(450));
        assert!(!found.dead_man_switch);
    }

    #[test]
    fn each_right_is_judged() {
        let with = |from: &str, to: &str| {
            let changed = rights().replace(from, to);
            assert_ne!(changed, rights(), "{from}");
            of_key(&changed)
        };
        let wallet = |right: &str| with("\"Wallet\":[]", &format!("\"Wallet\":[\"{right}\"]"));
        assert!(
            matches!(wallet("Withdraw"), Verdict::Refused(words) if words.contains("WITHDRAW"))
        );
        let confirms = |verdict: Verdict, accept: Accept| matches!(verdict, Verdict::Usable { confirm, .. } if confirm == [accept]);
        assert!(confirms(wallet("AccountTransfer"), Accept::Transfer));
        assert!(confirms(with("203.0.113.7", "*"), Accept::NoIp));
        let view_only = |verdict: Verdict| match verdict {
            Verdict::Usable { view_only, .. } => view_only.unwrap(),
            other => panic!("{other:?}"),
        };
        assert!(view_only(with("\"readOnly\":0", "\"readOnly\":1")).contains("no right"));
        let ended = with("1970-01-01T00:00:00Z", "2020-01-01T00:00:00Z");
        assert!(matches!(ended, Verdict::Refused(words) if words.contains("expired")));
        let gone = with("\"permissions\"", "\"rights\"");
        assert!(
            view_only(gone).contains("cannot verify"),
            "a field that is gone fails closed"
        );
    }

    #[test]
    fn a_key_for_one_half_alone_says_which_it_may_not_trade() {
        let with = |changed: &[(&str, &str)]| {
            let mut text = rights();
            for (from, to) in changed {
                assert!(text.contains(from), "{from}");
                text = text.replace(from, to);
            }
            let answers = vec![reply(200, TIME), reply(200, &text), reply(200, &account())];
            audited(true, answers).0
        };
        assert_eq!(with(&[]).notes, Vec::<String>::new());
        let coins = with(&[("\"Order\",\"Position\"", "")]);
        assert!(coins.trade == Finding::Yes && coins.notes[0].contains("contracts"));
        let contracts = with(&[("\"SpotTrade\"", "")]);
        assert!(contracts.trade == Finding::Yes && contracts.notes[0].contains("coins"));
    }

    #[test]
    fn a_classic_account_is_view_only_with_the_reason() {
        let classic = account().replace("\"unifiedMarginStatus\":4", "\"unifiedMarginStatus\":1");
        let answers = vec![
            reply(200, TIME),
            reply(200, &rights()),
            reply(200, &classic),
        ];
        let verdict = audited(true, answers).0.verdict(1_800_000_000_000);
        let Verdict::Usable { view_only, .. } = verdict else {
            panic!("{verdict:?}");
        };
        assert!(view_only.unwrap().contains("classic account"));
    }

    #[test]
    fn g4_each_refusal_names_its_cause() {
        for (code, words) in [
            (10_003, "environment"),
            (10_004, "secret"),
            (10_010, "bound"),
            (33_004, "expired"),
        ] {
            let answers = vec![reply(200, TIME), reply(200, &refusal(code))];
            let verdict = audited(true, answers).0.verdict(1_800_000_000_000);
            let Verdict::Refused(told) = verdict else {
                panic!("{code}: {verdict:?}");
            };
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn g3_what_cannot_be_asked_is_not_taken_for_good() {
        let lost = || Err(CallError::Lost("no answer".to_owned()));
        let verdict = |answers| audited(true, answers).0.verdict(1_800_000_000_000);
        for answers in [
            vec![lost()],
            vec![reply(200, "<html>portal</html>")],
            vec![reply(200, TIME), lost(), lost()],
        ] {
            assert!(matches!(verdict(answers), Verdict::Unverified(_)));
        }
        for unread in [lost(), reply(500, "{}"), reply(200, &refusal(10_016))] {
            let answers = vec![reply(200, TIME), unread, reply(200, &account())];
            let Verdict::Usable { view_only, .. } = verdict(answers) else {
                panic!();
            };
            assert!(view_only.unwrap().contains("cannot verify"));
        }
        let late = || reply(200, &refusal(10_002));
        let slow = verdict(vec![reply(200, TIME), late(), late()]);
        assert!(matches!(slow, Verdict::Unverified(words) if words.contains("clock")));
    }

    #[test]
    fn where_rights_are_not_told_the_account_must_do() {
        let answers = vec![
            reply(200, TIME),
            reply(404, "not found"),
            reply(200, &account()),
        ];
        let verdict = audited(false, answers).0.verdict(1_800_000_000_000);
        let usable = Verdict::Usable {
            view_only: None,
            confirm: Vec::new(),
        };
        assert_eq!(verdict, usable);
    }
}
