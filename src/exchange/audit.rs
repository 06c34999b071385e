//! What a key can do, asked of the venue before it is trusted: a signed read, the clock, the key's own rights. No order is ever
//! placed or tested.
//!
//! A venue's [`KeyAudit`] decides what to ask and reads the answers; [`run`] moves its calls; [`Findings::verdict`] is the one
//! judgement, the same for every venue.

use std::future::poll_fn;

use serde::Serialize;

use super::dial::Net;
use super::http::Http;
use super::machine::{Call, CallError, Reply};
use super::{Endpoints, Venue};
use crate::clock;
use crate::domain::Stamp;
use crate::exchange::credentials::Credentials;

/// The answer to one question about a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// There is nobody to ask in this environment.
    #[default]
    Unasked,
    /// Yes.
    Yes,
    /// No.
    No,
    /// It was asked and not answered, in words.
    Unknown(String),
}

impl Finding {
    /// From an answer.
    pub const fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Everything that was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The venue answered at all.
    pub reachable: Finding,
    /// It took the signature.
    pub signature: Finding,
    /// The key may read the account.
    pub read: Finding,
    /// It may trade what Lancet trades here.
    pub trade: Finding,
    /// It may take money out.
    pub withdraw: Finding,
    /// It may move money between accounts.
    pub transfer: Finding,
    /// It works from named addresses only.
    pub ip_bound: Finding,
    /// When it ends, ms since 1970; `None` where the venue names no end.
    pub expires_ms: Option<i64>,
    /// The venue can cancel orders by itself when Lancet falls silent.
    pub dead_man_switch: bool,
    /// Host clock against the venue's, ms.
    pub clock_offset_ms: Option<i64>,
    /// Round trip of the first question, ms.
    pub round_trip_ms: Option<u64>,
    /// Rights that this version of Lancet does not know, as the venue spells them.
    pub unknown_rights: Vec<String>,
    /// What else a trader must know about the account, a sentence each.
    pub notes: Vec<String>,
    /// This host's address as the venue named it in a refusal.
    pub seen_from: Option<String>,
    /// Why the key was refused, in words; empty when it was not.
    pub refusal: String,
}

/// What a trader must type to let a key through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// The key works from anywhere.
    NoIp,
    /// The key can move money between accounts.
    Transfer,
}

impl Accept {
    /// The word to type, on the screen and after `--accept`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoIp => "no-ip",
            Self::Transfer => "transfer",
        }
    }

    /// What is accepted by it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoIp => "it works from any address: whoever copies it can trade",
            Self::Transfer => "it can move money between accounts",
        }
    }
}

/// The judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was proved: not reached, or no usable answer.
    Unverified(String),
    /// Must not be stored or used.
    Refused(String),
    /// May be used.
    Usable {
        /// Not for trading, with the reason.
        view_only: Option<String>,
        /// What the trader must accept first.
        confirm: Vec<Accept>,
    },
}

/// The last days of a key are counted down, ms.
pub const EXPIRY_WARNING_MS: i64 = 14 * 86_400_000;

impl Findings {
    /// Findings of a venue that could not be asked.
    pub fn unreachable(why: &str) -> Self {
        Self {
            reachable: Finding::Unknown(why.to_owned()),
            ..Self::default()
        }
    }

    /// Judges at wall time `now_ms`.
    pub fn verdict(&self, now_ms: i64) -> Verdict {
        if let Finding::Unknown(why) = &self.reachable {
            return Verdict::Unverified(why.clone());
        }
        match &self.signature {
            Finding::No => return Verdict::Refused(self.refusal.clone()),
            Finding::Unknown(why) => return Verdict::Unverified(why.clone()),
            _ => {}
        }
        if self.withdraw == Finding::Yes {
            return Verdict::Refused(
                "this key may WITHDRAW money: take that right away at the exchange, or make another key"
                    .to_owned(),
            );
        }
        if self.expires_ms.is_some_and(|end| end <= now_ms) {
            return Verdict::Refused("this key has expired: make another one".to_owned());
        }
        if self.read == Finding::No {
            return Verdict::Refused(self.refusal.clone());
        }
        Verdict::Usable {
            view_only: self.view_only(),
            confirm: self.confirm(),
        }
    }

    fn view_only(&self) -> Option<String> {
        let asked = [
            (&self.read, "whether it can read"),
            (&self.trade, "whether it can trade"),
            (&self.withdraw, "whether it can withdraw"),
            (&self.transfer, "whether it can transfer"),
            (&self.ip_bound, "whether it is bound to addresses"),
        ];
        let unknown = asked.into_iter().find_map(|(finding, what)| match finding {
            Finding::Unknown(why) => Some(format!("cannot verify {what}: {why}")),
            _ => None,
        });
        let no_trade = || "the key has no right to trade here".to_owned();
        unknown.or_else(|| (self.trade == Finding::No).then(no_trade))
    }

    fn confirm(&self) -> Vec<Accept> {
        let mut confirm = Vec::new();
        if self.ip_bound == Finding::No {
            confirm.push(Accept::NoIp);
        }
        if self.transfer == Finding::Yes {
            confirm.push(Accept::Transfer);
        }
        confirm
    }
}

/// Which of a venue's addresses a question goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// [`Endpoints::rest`].
    Rest,
    /// [`Endpoints::rights`].
    Rights,
}

/// What an audit wants next.
pub enum Step {
    /// An answer to this.
    Ask(Whom, Call),
    /// Nothing more.
    Found(Box<Findings>),
}

/// A venue's questions about one key. Pure; one question at a time.
pub trait KeyAudit {
    /// Begins with `None`, then takes the answer to the last question.
    fn on(&mut self, now: Stamp, answer: Option<Result<Reply, CallError>>) -> Step;
}

/// Asks the venue everything about a key.
pub async fn run(venue: &Venue, net: &Net, at: &Endpoints, credentials: &Credentials) -> Findings {
    let mut audit = (venue.audit)(credentials.clone(), at.rights.is_some());
    let mut answer = None;
    loop {
        match audit.on(clock::now(), answer.take()) {
            Step::Found(findings) => return *findings,
            Step::Ask(whom, mut call) => {
                call.headers.extend(at.headers.iter().cloned());
                let address = match (whom, &at.rights) {
                    (Whom::Rights, Some(address)) => address,
                    _ => &at.rest,
                };
                answer = Some(ask(net, address, call).await);
            }
        }
    }
}

async fn ask(net: &Net, address: &str, call: Call) -> Result<Reply, CallError> {
    let mut http =
        Http::open(net, address, false).map_err(|error| CallError::NotSent(error.to_string()))?;
    http.submit(call);
    poll_fn(|cx| http.poll_ended(cx)).await.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Findings {
        Findings {
            reachable: Finding::Yes,
            signature: Finding::Yes,
            read: Finding::Yes,
            trade: Finding::Yes,
            withdraw: Finding::No,
            transfer: Finding::No,
            ip_bound: Finding::Yes,
            ..Findings::default()
        }
    }

    const NOW: i64 = 1_800_000_000_000;

    #[test]
    fn g1_g2_g3_the_permission_matrix() {
        use Finding::{No, Unasked, Unknown, Yes};
        let answers = || [Unasked, Yes, No, Unknown("no answer".to_owned())];
        let mut seen = 0;
        for trade in answers() {
            for withdraw in answers() {
                for transfer in answers() {
                    for ip_bound in answers() {
                        let findings = Findings {
                            trade: trade.clone(),
                            withdraw: withdraw.clone(),
                            transfer: transfer.clone(),
                            ip_bound: ip_bound.clone(),
                            ..good()
                        };
                        seen += 1;
                        let verdict = findings.verdict(NOW);
                        if withdraw == Yes {
                            assert!(matches!(verdict, Verdict::Refused(_)), "{findings:?}");
                            continue;
                        }
                        let Verdict::Usable { view_only, confirm } = verdict else {
                            panic!("{findings:?}: {verdict:?}");
                        };
                        let unknown = [&trade, &withdraw, &transfer, &ip_bound]
                            .iter()
                            .any(|finding| matches!(finding, Unknown(_)));
                        assert_eq!(view_only.is_some(), unknown || trade == No, "{findings:?}");
                        assert_eq!(confirm.contains(&Accept::NoIp), ip_bound == No);
                        assert_eq!(confirm.contains(&Accept::Transfer), transfer == Yes);
                    }
                }
            }
        }
        assert_eq!(seen, 256);
    }

    #[test]
    fn g3_g4_what_is_not_proved_is_not_usable() {
        let unreachable = Findings::unreachable("name lookup failed");
        assert_eq!(
            unreachable.verdict(NOW),
            Verdict::Unverified("name lookup failed".to_owned())
        );
        let wrong = Findings {
            signature: Finding::No,
            refusal: "wrong secret".to_owned(),
            ..good()
        };
        assert_eq!(
            wrong.verdict(NOW),
            Verdict::Refused("wrong secret".to_owned())
        );
        let silent = Findings {
            signature: Finding::Unknown("HTTP 500".to_owned()),
            ..good()
        };
        assert!(matches!(silent.verdict(NOW), Verdict::Unverified(_)));
        let blind = Findings {
            read: Finding::No,
            refusal: "may not read".to_owned(),
            ..good()
        };
        assert!(matches!(blind.verdict(NOW), Verdict::Refused(_)));
    }

    #[test]
    fn g13_an_expired_key_is_refused_and_one_with_an_end_is_not() {
        let until = |expires_ms| Findings {
            expires_ms: Some(expires_ms),
            ..good()
        };
        assert!(matches!(until(NOW).verdict(NOW), Verdict::Refused(_)));
        assert!(matches!(
            until(NOW + 1).verdict(NOW),
            Verdict::Usable { .. }
        ));
    }
}
