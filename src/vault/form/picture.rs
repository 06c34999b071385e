//! How the key-entry form looks: its rows, what to do at the exchange, what was found out. Nothing secret gets in here.

use super::{At, Form, Judged, Stage, VaultState};
use crate::domain::Environment;
use crate::exchange::audit::{Accept, EXPIRY_WARNING_MS, Finding, Findings, Verdict};
use crate::exchange::credentials::KeyKind;
use crate::secret::Secret;
use crate::ui::form::{Aside, FormPicture, Row, Tone, Value};
use crate::vault::material;

/// From here on a clock is called off, ms.
const CLOCK_MS: i64 = 1_000;
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
            lock: "LOCKED".to_owned(),
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
            At::Secret => {
                let takes_pairs = self.venue().guide.kinds.iter().any(|k| *k != KeyKind::Hmac);
                let words = if takes_pairs {
                    "or a private key, PEM"
                } else {
                    ""
                };
                let note = hint(&self.secret, words);
                ("secret".to_owned(), masked(&self.secret), note)
            }
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
                "vault".to_owned(),
                masked(&self.vault_passphrase),
                hint(&self.vault_passphrase, "new passphrase, 12 or more"),
            ),
            At::VaultPassphrase => (
                "vault".to_owned(),
                masked(&self.vault_passphrase),
                hint(&self.vault_passphrase, "its passphrase"),
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
            begins: matches!(at, At::ApiKey | At::Test) || at == self.after_test(),
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
            None => "Save this key",
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
        let mut lines = vec![Aside::new(Tone::Heading, "the exchange says")];
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
                "the vault's passphrase encrypts every key kept here; nobody can recover it",
            ));
        }
        lines
    }

    fn consequence(&self, accept: Accept) -> Aside {
        let mend = match (accept, self.host()) {
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
        if self.made.is_some() {
            lines.push(plain(
                "give the public half below to the exchange, then paste the API key that it answers with; the secret half never leaves this host, and nobody can copy it on the way".to_owned(),
            ));
        }
        lines.push(Aside::new(
            Tone::Good,
            format!("tick {}", guide.tick.join(", ")),
        ));
        lines.push(Aside::new(
            Tone::Warn,
            format!("never tick {}", guide.never.join(", ")),
        ));
        lines.push(plain(match self.host() {
            Some(host) if is_public(host) || host.is_loopback() => {
                format!("restrict it to this host: {host}")
            }
            Some(host) => format!(
                "restrict it to this host (here {host}, behind a router: a refusal tells what the exchange sees)"
            ),
            None => "restrict it to this host's address".to_owned(),
        }));
        lines.push(plain(
            "one key for Lancet alone; its secret is shown once".to_owned(),
        ));
        if self.made.is_none() && guide.kinds.contains(&KeyKind::Ed25519) {
            lines.push(plain(
                "better: kind \"pair made on this host\": the secret half never leaves it, not even to the exchange".to_owned(),
            ));
        }
        lines.extend(guide.notes.iter().map(|note| plain((*note).to_owned())));
        lines
    }
}

/// What stands behind a row as long as it is empty.
fn hint(secret: &Secret, words: &'static str) -> &'static str {
    if secret.is_empty() { words } else { "" }
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
    // Lancet counts it in, but a clock that is off is soon off by more.
    let late = (clock.saturating_abs() >= CLOCK_MS)
        .then(|| Aside::new(Tone::Warn, "this host's clock is off: set it by NTP"));
    let mut lines = vec![
        check(&found.reachable, true, Tone::Bad, &reached),
        check(&found.signature, true, Tone::Bad, "signature accepted"),
        check(&found.read, true, Tone::Bad, "can read"),
        check(&found.trade, true, Tone::Warn, "can trade"),
        check(&found.withdraw, false, Tone::Bad, "cannot withdraw"),
        check(&found.transfer, false, Tone::Warn, "cannot transfer"),
        check(&found.ip_bound, true, Tone::Warn, "bound to addresses"),
    ];
    lines.extend(late);
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
    let notes = found.notes.iter();
    lines.extend(notes.map(|note| Aside::new(Tone::Warn, note.clone())));
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

/// One line; `otherwise` is how a wrong answer is meant.
fn check(finding: &Finding, wanted: bool, otherwise: Tone, words: &str) -> Aside {
    match finding {
        Finding::Unasked => Aside::new(Tone::Waiting, format!("{words}: not asked")),
        Finding::Unknown(why) => Aside::new(otherwise, format!("{words}: {why}")),
        Finding::Yes if wanted => Aside::new(Tone::Good, words),
        Finding::No if !wanted => Aside::new(Tone::Good, words),
        Finding::Yes | Finding::No => {
            let words = match words.strip_prefix("cannot ") {
                Some(verb) => format!("CAN {verb}"),
                None => format!("not {words}"),
            };
            Aside::new(otherwise, words)
        }
    }
}
