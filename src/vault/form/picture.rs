//! How the key-entry form looks: its rows, what to do at the exchange, what was found out. Nothing secret gets in here.

use super::{At, Form, Judged, Stage, VaultState};
use crate::domain::Environment;
use crate::exchange::audit::{Accept, EXPIRY_WARNING_MS, Finding, Findings, Verdict};
use crate::exchange::credentials::KeyKind;
use crate::secret::Secret;
use crate::ui::form::{Aside, FormPicture, Row, Tone, Value};
use crate::vault::material;

/// Longest API key that is shown by its ends, bytes.
const ENDS: usize = 4;

impl Form {
    /// The form as it is drawn.
    pub fn picture(&self) -> FormPicture {
        let order = self.order();
        FormPicture {
            title: format!("API key for {}", self.venue().title),
            environment: self.environment(),
            focus: order.iter().position(|at| *at == self.at).unwrap_or(0),
            rows: order.iter().map(|at| self.row(*at)).collect(),
            asides: self.asides(),
            to_copy: self.public_half(),
            said: self.said.clone(),
            keys: self.keys().to_owned(),
            covers: true,
        }
    }

    fn keys(&self) -> &'static str {
        match self.at {
            At::Venue | At::Environment | At::Kind => {
                "← → choose · Tab next · Esc leaves, nothing is kept"
            }
            At::Test => "Enter asks the exchange: it reads, it never trades · Esc leaves",
            At::Save => "Enter keeps the key, encrypted · Esc leaves, nothing is kept",
            _ => "type or paste · Tab next · Shift-Tab back · Esc leaves, nothing is kept",
        }
    }

    fn row(&self, at: At) -> Row {
        let masked = |secret: &Secret| Value::Masked(material::describe(secret));
        let (name, value, note) = match at {
            At::Venue => (
                "exchange".to_owned(),
                Value::Choice(self.venue().title.to_owned()),
                "",
            ),
            At::Environment => (
                "money".to_owned(),
                Value::Choice(environment(self.environment()).to_owned()),
                "",
            ),
            At::Kind => ("kind".to_owned(), Value::Choice(self.kind().to_owned()), ""),
            At::Label => (
                "label".to_owned(),
                Value::Text(self.label.clone()),
                "your name for it",
            ),
            At::ApiKey => ("API key".to_owned(), self.api_key_value(), ""),
            At::Secret => (
                "secret".to_owned(),
                masked(&self.secret),
                "or a private key",
            ),
            At::Passphrase => (
                "passphrase".to_owned(),
                masked(&self.passphrase),
                "of the key",
            ),
            At::Test => (String::new(), Value::Button("Test this key".to_owned()), ""),
            At::Confirm(accept) => {
                let text = self.typed.iter().find(|(asked, _)| *asked == accept);
                let text = text.map_or_else(String::new, |(_, text)| text.clone());
                let name = format!("type {}", accept.word());
                (name, Value::Text(text), "")
            }
            At::VaultPassphrase if self.vault == VaultState::Missing => (
                "vault word".to_owned(),
                masked(&self.vault_passphrase),
                "new, 12 or more",
            ),
            At::VaultPassphrase => (
                "vault word".to_owned(),
                masked(&self.vault_passphrase),
                "its passphrase",
            ),
            At::VaultAgain => ("once more".to_owned(), masked(&self.vault_again), ""),
            At::Save => (
                String::new(),
                Value::Button(self.save_words().to_owned()),
                "",
            ),
        };
        Row {
            name,
            value,
            note: note.to_owned(),
        }
    }

    const fn kind(&self) -> &'static str {
        if self.made.is_some() {
            "pair made on this host"
        } else {
            "key and secret"
        }
    }

    /// How long it is while it is entered; its ends once its row is left.
    fn api_key_value(&self) -> Value {
        let read = material::api_key(&self.api_key, self.venue());
        let text = read
            .as_ref()
            .ok()
            .and_then(Secret::expose_str)
            .unwrap_or_default();
        if self.at == At::ApiKey || text.len() < ENDS * 4 || !text.is_ascii() {
            return Value::Masked(material::describe(&self.api_key));
        }
        let (start, end) = (&text[..ENDS], &text[text.len() - ENDS..]);
        Value::Masked(format!("{start}…{end}"))
    }

    fn save_words(&self) -> &'static str {
        let Stage::Judged(judged) = &self.stage else {
            return "Save";
        };
        match self.standing(&judged.verdict).0 {
            Some(_) => "Save for viewing only",
            None => "Save and connect",
        }
    }

    fn public_half(&self) -> Vec<String> {
        let made = self.made.as_ref().and_then(material::public_pem);
        let lines = made.iter().flat_map(|pem| pem.lines());
        lines.map(str::to_owned).collect()
    }

    fn asides(&self) -> Vec<Aside> {
        match &self.stage {
            Stage::Filling | Stage::Saving => self.guide(),
            Stage::Testing => {
                let questions = checks(&Findings::default(), 0);
                let waiting = questions
                    .into_iter()
                    .map(|check| Aside::new(Tone::Waiting, check.words));
                std::iter::once(Aside::new(Tone::Heading, "asking the exchange"))
                    .chain(waiting)
                    .collect()
            }
            Stage::Judged(judged) => self.judged(judged),
        }
    }

    fn judged(&self, judged: &Judged) -> Vec<Aside> {
        let mut lines = vec![Aside::new(
            Tone::Heading,
            "what the exchange says of this key",
        )];
        lines.extend(checks(&judged.findings, judged.at_ms));
        let print = self.fingerprint();
        if !print.is_empty() {
            lines.push(Aside::new(Tone::Plain, format!("fingerprint {print}")));
        }
        if let Verdict::Usable { confirm, .. } = &judged.verdict {
            lines.extend(confirm.iter().map(|accept| self.consequence(*accept)));
        }
        if self.vault == VaultState::Missing {
            lines.push(Aside::new(
                Tone::Plain,
                "the vault word encrypts every key kept here; nobody can recover it",
            ));
        }
        lines
    }

    fn consequence(&self, accept: Accept) -> Aside {
        let mend = match (accept, self.host) {
            (Accept::NoIp, Some(host)) if is_public(host) => {
                format!(
                    "restrict it to {host} at the exchange, or type {}",
                    accept.word()
                )
            }
            _ => format!("mend it at the exchange, or type {}", accept.word()),
        };
        Aside::new(Tone::Warn, format!("{}: {mend}", accept.words()))
    }

    fn guide(&self) -> Vec<Aside> {
        let guide = self.venue().guide;
        let plain = |words: String| Aside::new(Tone::Plain, words);
        let page = match self.environment() {
            Environment::Demo => guide.demo_page,
            _ => guide.page,
        };
        let mut lines = vec![Aside::new(Tone::Heading, "at the exchange")];
        match self.environment() {
            Environment::Sim => lines.push(plain(
                "the built-in exchange prints its keys in the JSON line of lancet sim --json"
                    .to_owned(),
            )),
            _ => lines.push(plain(page.to_owned())),
        }
        lines.push(Aside::new(
            Tone::Good,
            format!("tick {}", guide.tick.join(", ")),
        ));
        lines.push(Aside::new(
            Tone::Bad,
            format!("never {}", guide.never.join(", ")),
        ));
        lines.push(plain(match self.host {
            Some(host) if is_public(host) => format!("restrict it to this host's address: {host}"),
            Some(host) => format!(
                "restrict it to this host's address (here {host}, behind a router: the test tells what the exchange sees when it refuses)"
            ),
            None => "restrict it to this host's address".to_owned(),
        }));
        lines.push(plain(
            "make a key for Lancet alone; its secret is shown once".to_owned(),
        ));
        if self.made.is_some() {
            lines.push(plain(
                "paste the public half below into the exchange's page, then its API key here; the private half never leaves this host, and nobody can copy it on the way".to_owned(),
            ));
        } else if guide.kinds.contains(&KeyKind::Ed25519) {
            lines.push(plain(
                "better: kind \"pair made on this host\": the exchange never knows the secret half, and nothing secret is copied".to_owned(),
            ));
        }
        lines.extend(guide.notes.iter().map(|note| plain((*note).to_owned())));
        lines
    }
}

/// The world in a word or two.
pub const fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Real => "REAL MONEY",
        Environment::Demo => "DEMO",
        Environment::Sim => "SIM",
        Environment::Paper => "PAPER",
        Environment::Replay => "REPLAY",
    }
}

/// False for an address that only its own network knows.
fn is_public(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => {
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified())
        }
        std::net::IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
    }
}

/// The fixed list of questions with their answers; `now_ms` is when they were asked.
pub fn checks(found: &Findings, now_ms: i64) -> Vec<Aside> {
    let clock = found.clock_offset_ms.unwrap_or_default();
    let trip = found.round_trip_ms.unwrap_or_default();
    let reached = match found.reachable {
        Finding::Yes => format!("reachable, {trip} ms, clock {clock:+} ms"),
        _ => "reachable".to_owned(),
    };
    let mut lines = vec![
        check(&found.reachable, true, &reached),
        check(&found.signature, true, "signature accepted"),
        check(&found.read, true, "can read"),
        check(&found.trade, true, "can trade"),
        check(&found.withdraw, false, "cannot withdraw"),
        check(&found.transfer, false, "cannot transfer"),
        check(&found.ip_bound, true, "bound to addresses"),
    ];
    lines.push(match found.expires_ms {
        None => Aside::new(Tone::Plain, "no end named"),
        Some(end) => expiry(end, now_ms),
    });
    lines.push(if found.dead_man_switch {
        Aside::new(Tone::Good, "dead-man's switch available")
    } else {
        Aside::new(Tone::Plain, "no dead-man's switch here")
    });
    if !found.unknown_rights.is_empty() {
        let rights = found.unknown_rights.join(", ");
        lines.push(Aside::new(
            Tone::Warn,
            format!("rights that Lancet does not know: {rights}"),
        ));
    }
    lines
}

fn expiry(end: i64, now_ms: i64) -> Aside {
    let left = end.saturating_sub(now_ms);
    let days = left / 86_400_000;
    if left <= 0 {
        Aside::new(Tone::Bad, "expired")
    } else if left <= EXPIRY_WARNING_MS {
        Aside::new(Tone::Warn, format!("ends in {days} days"))
    } else {
        Aside::new(Tone::Good, format!("ends in {days} days"))
    }
}

fn check(finding: &Finding, wanted: bool, words: &str) -> Aside {
    match finding {
        Finding::Unasked => Aside::new(Tone::Waiting, format!("{words}: not asked")),
        Finding::Unknown(why) => Aside::new(Tone::Bad, format!("{words}: {why}")),
        Finding::Yes if wanted => Aside::new(Tone::Good, words),
        Finding::No if !wanted => Aside::new(Tone::Good, words),
        Finding::Yes | Finding::No => {
            let words = match words.strip_prefix("cannot ") {
                Some(verb) => format!("CAN {verb}"),
                None => format!("not {words}"),
            };
            Aside::new(Tone::Bad, words)
        }
    }
}
