//! The key-entry form: what is typed and pasted into it, what it asks for, how it answers. Pure; it owns the secrets that are
//! being entered and wipes them when it goes. It must not reach a network, a file or a clock.

mod fields;
mod finish;
mod picture;

pub use finish::{judgement, not_accepted};
pub use picture::checks;

use std::net::IpAddr;

use super::StoredKey;
use super::material;
use crate::domain::text::sanitise;
use crate::domain::{Account, Environment};
use crate::exchange::audit::{Accept, Findings, Verdict};
use crate::exchange::credentials::{Credentials, KeyKind, KeyMaterial, fingerprint};
use crate::exchange::{VENUES, Venue};
use crate::secret::Secret;
use crate::ui::form::{Aside, Tone};

/// A key for the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A character.
    Char(char),
    /// To the next row, or does what the button says; in an unfinished PEM a new line.
    Enter,
    /// To the next row.
    Next,
    /// To the row before.
    Back,
    /// The choice to the left.
    Left,
    /// The choice to the right.
    Right,
    /// The last character goes.
    Backspace,
    /// Leaves.
    Esc,
}

/// What the form asks of whoever shows it.
pub enum Wish {
    /// Nothing but to be drawn.
    Nothing,
    /// To ask the venue about this key; the answer comes by [`Form::tested`].
    Test(Box<Candidate>),
    /// To keep this key; the answer comes by [`Form::refused_by_vault`] or not at all.
    Save(Box<Finished>),
    /// To be closed.
    Leave,
}

/// A key to be tested.
pub struct Candidate {
    /// Whose.
    pub venue: &'static Venue,
    /// In which world.
    pub environment: Environment,
    /// The key.
    pub credentials: Credentials,
}

/// A key to be kept.
pub struct Finished {
    /// The key.
    pub key: StoredKey,
    /// The passphrase that opens the vault or makes it; `None` when it is open.
    pub passphrase: Option<Secret>,
}

/// How the vault stands when the form opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultState {
    /// Open: no passphrase is asked for.
    Open,
    /// It is there, and its passphrase is asked for.
    Closed,
    /// There is none: a passphrase is chosen.
    Missing,
}

/// What a form begins with.
pub struct Start {
    /// The venue to begin with.
    pub venue: &'static Venue,
    /// The worlds that can be chosen, the one to begin with in front.
    pub environments: Vec<Environment>,
    /// How the vault stands.
    pub vault: VaultState,
    /// Pairs that were made on this host and wait for their API key.
    pub waiting: Vec<StoredKey>,
    /// Labels that are taken.
    pub taken: Vec<Account>,
    /// The address that this host shows, as far as it knows.
    pub host: Option<IpAddr>,
    /// Why the form is open, in words.
    pub why: String,
}

/// What can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Venue,
    Environment,
    Kind,
    Label,
    ApiKey,
    Secret,
    Passphrase,
    Test,
    Confirm(Accept),
    VaultPassphrase,
    VaultAgain,
    Save,
}

/// How far it is.
enum Stage {
    Filling,
    Testing,
    Judged(Box<Judged>),
    Saving,
}

/// A tested key.
struct Judged {
    findings: Findings,
    verdict: Verdict,
    at_ms: i64,
}

/// The form.
pub struct Form {
    venue: usize,
    environments: Vec<Environment>,
    environment: usize,
    /// The pair that was made here, when that kind is chosen.
    made: Option<KeyMaterial>,
    /// The same while another kind is chosen: its public half may be at the exchange already.
    laid_by: Option<KeyMaterial>,
    label: String,
    api_key: Secret,
    secret: Secret,
    passphrase: Secret,
    typed: Vec<(Accept, String)>,
    vault: VaultState,
    vault_passphrase: Secret,
    vault_again: Secret,
    waiting: Vec<StoredKey>,
    taken: Vec<Account>,
    host: Option<IpAddr>,
    at: At,
    stage: Stage,
    said: Option<Aside>,
}

impl Form {
    /// An empty form.
    pub fn new(start: Start) -> Self {
        let venue = VENUES.iter().position(|venue| venue.id == start.venue.id);
        let why = (!start.why.is_empty()).then(|| Aside::new(Tone::Plain, start.why));
        let mut form = Self {
            venue: venue.unwrap_or(0),
            environments: start.environments,
            environment: 0,
            made: None,
            laid_by: None,
            label: String::new(),
            api_key: Secret::new(),
            secret: Secret::new(),
            passphrase: Secret::new(),
            typed: Vec::new(),
            vault: start.vault,
            vault_passphrase: Secret::new(),
            vault_again: Secret::new(),
            waiting: start.waiting,
            taken: start.taken,
            host: start.host,
            at: At::ApiKey,
            stage: Stage::Filling,
            said: why,
        };
        form.label = form.free_label();
        form.take_waiting();
        form
    }

    /// Takes a key.
    pub fn key(&mut self, key: Typed) -> Wish {
        if key == Typed::Esc {
            return Wish::Leave;
        }
        if matches!(self.stage, Stage::Testing | Stage::Saving) {
            return Wish::Nothing;
        }
        match key {
            Typed::Enter if self.at == At::Test => return self.test(),
            Typed::Enter if self.at == At::Save => return self.save(),
            Typed::Enter if self.in_pem() => self.push(b"\n"),
            Typed::Enter | Typed::Next => self.step(true),
            Typed::Back => self.step(false),
            Typed::Left => self.choose(false),
            Typed::Right => self.choose(true),
            Typed::Backspace => self.backspace(),
            Typed::Char(c) => self.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Typed::Esc => {}
        }
        Wish::Nothing
    }

    /// Takes pasted bytes into the focused row and nowhere else; nothing is submitted by them.
    pub fn paste(&mut self, bytes: &[u8]) {
        if matches!(self.stage, Stage::Testing | Stage::Saving) {
            return;
        }
        self.push(bytes);
    }

    /// Says something about the keys themselves, such as an Enter that came with a paste.
    pub fn note(&mut self, words: &str) {
        if !matches!(self.stage, Stage::Testing | Stage::Saving) {
            self.say(Tone::Warn, words);
        }
    }

    /// The venue answered at wall time `now_ms`.
    pub fn tested(&mut self, findings: Findings, now_ms: i64) {
        if !matches!(self.stage, Stage::Testing) {
            return;
        }
        let verdict = findings.verdict(now_ms);
        let confirm = match &verdict {
            Verdict::Usable { confirm, .. } => confirm.clone(),
            _ => Vec::new(),
        };
        self.said = Some(judgement(&verdict));
        let usable = matches!(verdict, Verdict::Usable { .. });
        self.typed = confirm
            .iter()
            .map(|accept| (*accept, String::new()))
            .collect();
        self.stage = Stage::Judged(Box::new(Judged {
            findings,
            verdict,
            at_ms: now_ms,
        }));
        if usable {
            self.at = self.after_test();
        }
    }

    /// The vault did not take the key, in words; everything typed stays.
    pub fn refused_by_vault(&mut self, findings: Findings, words: &str, now_ms: i64) {
        self.stage = Stage::Testing;
        let typed = std::mem::take(&mut self.typed);
        self.tested(findings, now_ms);
        self.typed = typed;
        self.vault_passphrase.clear();
        self.vault_again.clear();
        self.say(Tone::Bad, words);
    }

    /// What was found out about the key being saved.
    pub fn findings(&self) -> Option<&Findings> {
        match &self.stage {
            Stage::Judged(judged) => Some(&judged.findings),
            _ => None,
        }
    }

    fn venue(&self) -> &'static Venue {
        // The index is always one of the table's.
        VENUES.get(self.venue).unwrap_or(&VENUES[0])
    }

    fn environment(&self) -> Environment {
        self.environments
            .get(self.environment)
            .copied()
            .unwrap_or_default()
    }

    /// The address that a key is bound to: the built-in exchange runs on this host itself.
    fn host(&self) -> Option<IpAddr> {
        match self.environment() {
            Environment::Sim => Some(IpAddr::from([127, 0, 0, 1])),
            _ => self.host,
        }
    }

    fn say(&mut self, tone: Tone, words: &str) {
        self.said = Some(Aside::new(tone, sanitise(words, 400)));
    }

    /// The rows that stand now, from the top.
    fn order(&self) -> Vec<At> {
        let guide = self.venue().guide;
        let mut rows = vec![At::Venue, At::Environment];
        if guide.kinds.contains(&KeyKind::Ed25519) {
            rows.push(At::Kind);
        }
        rows.extend([At::Label, At::ApiKey]);
        if self.made.is_none() {
            rows.push(At::Secret);
        }
        if guide.passphrase {
            rows.push(At::Passphrase);
        }
        rows.push(At::Test);
        if matches!(&self.stage, Stage::Judged(judged) if matches!(judged.verdict, Verdict::Usable { .. }))
            || matches!(self.stage, Stage::Saving)
        {
            rows.extend(self.typed.iter().map(|(accept, _)| At::Confirm(*accept)));
            rows.extend(match self.vault {
                VaultState::Open => &[][..],
                VaultState::Closed => &[At::VaultPassphrase][..],
                VaultState::Missing => &[At::VaultPassphrase, At::VaultAgain][..],
            });
            rows.push(At::Save);
        }
        rows
    }

    fn after_test(&self) -> At {
        let rows = self.order();
        let test = rows.iter().position(|at| *at == At::Test).unwrap_or(0);
        rows.get(test + 1).copied().unwrap_or(At::Test)
    }

    fn step(&mut self, down: bool) {
        self.left_row();
        let rows = self.order();
        let here = rows.iter().position(|at| *at == self.at).unwrap_or(0);
        let next = if down {
            (here + 1) % rows.len()
        } else {
            (here + rows.len() - 1) % rows.len()
        };
        self.at = rows[next];
    }

    /// Looks at what was entered as soon as its row is left.
    fn left_row(&mut self) {
        let mistake = match self.at {
            At::ApiKey if !self.api_key.is_empty() => {
                material::api_key(&self.api_key, self.venue()).err()
            }
            At::Secret if !self.secret.is_empty() => {
                material::secret(&self.secret, self.venue()).err()
            }
            _ => None,
        };
        if let Some(mistake) = mistake {
            self.say(Tone::Bad, &mistake.to_string());
        } else if self
            .said
            .as_ref()
            .is_some_and(|said| said.tone == Tone::Bad)
        {
            self.said = None;
        }
    }

    /// The fingerprint of the API key as it stands; empty while it is none.
    fn fingerprint(&self) -> String {
        let key = material::api_key(&self.api_key, self.venue());
        key.map_or_else(
            |_| String::new(),
            |key| fingerprint(key.expose_str().unwrap_or_default()),
        )
    }
}

#[cfg(test)]
mod tests;
