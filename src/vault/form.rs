//! The key-entry form: what is typed and pasted into it, what it asks for, how it answers. Pure; it owns the secrets that are
//! being entered and wipes them when it goes. It must not reach a network, a file or a clock.

mod picture;

pub use picture::checks;

use std::net::IpAddr;

use super::StoredKey;
use super::material::{self, Field, Mistake};
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

    fn choose(&mut self, right: bool) {
        let turn = |index: usize, count: usize| {
            let count = count.max(1);
            (index + if right { 1 } else { count - 1 }) % count
        };
        match self.at {
            At::Venue => {
                self.venue = turn(self.venue, VENUES.len());
                self.made = None;
            }
            At::Environment => {
                self.environment = turn(self.environment, self.environments.len());
                self.take_waiting();
            }
            At::Kind => self.change_kind(),
            _ => return,
        }
        self.changed();
    }

    /// From a secret to a pair made here, and back.
    fn change_kind(&mut self) {
        if self.made.take().is_some() {
            return;
        }
        match material::generate() {
            Ok(pair) => self.made = Some(pair),
            Err(why) => self.say(Tone::Bad, &why.to_string()),
        }
    }

    /// A pair that was made earlier and waits for its API key comes first.
    fn take_waiting(&mut self) {
        let (venue, environment) = (self.venue().id, self.environment());
        let fits = |key: &StoredKey| key.venue == venue && key.environment == environment;
        if let Some(at) = self.waiting.iter().position(fits) {
            let key = self.waiting.remove(at);
            self.taken.retain(|label| *label != key.label);
            self.label = key.label.to_string();
            self.made = Some(key.material);
            self.say(
                Tone::Plain,
                &format!(
                    "the pair {} waits for the API key that the exchange gave for it",
                    self.label
                ),
            );
        }
    }

    fn free_label(&self) -> String {
        let free = |label: &String| self.taken.iter().all(|taken| taken.as_str() != label);
        let numbered = (2..100).map(|number| format!("main{number}"));
        std::iter::once("main".to_owned())
            .chain(numbered)
            .find(free)
            .unwrap_or_default()
    }

    /// Something that was tested is not what it was.
    fn changed(&mut self) {
        if matches!(self.stage, Stage::Judged(_)) {
            self.stage = Stage::Filling;
            self.typed.clear();
            self.said = None;
        }
    }

    fn in_pem(&self) -> bool {
        let text = self.secret.expose();
        let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
        self.at == At::Secret && has(b"-----BEGIN") && !has(b"-----END")
    }

    /// Adds bytes to the focused row.
    fn push(&mut self, bytes: &[u8]) {
        let pushed = match self.at {
            At::ApiKey => self.api_key.push(bytes),
            At::Secret => self.secret.push(bytes),
            At::Passphrase => self.passphrase.push(bytes),
            At::VaultPassphrase => self.vault_passphrase.push(without_line_ends(bytes)),
            At::VaultAgain => self.vault_again.push(without_line_ends(bytes)),
            At::Label | At::Confirm(_) => {
                let text = sanitise(&String::from_utf8_lossy(bytes), 64);
                if let Some(field) = self.text_field() {
                    field.push_str(text.trim_end());
                    field.truncate(field.floor_char_boundary(64));
                }
                Ok(())
            }
            At::Venue | At::Environment | At::Kind | At::Test | At::Save => {
                return self.say(
                    Tone::Warn,
                    "nothing can be typed here: Tab goes to the next row",
                );
            }
        };
        if let Err(why) = pushed {
            self.say(Tone::Bad, &format!("this is {why}: it was not taken"));
        } else if matches!(
            self.at,
            At::ApiKey | At::Secret | At::Passphrase | At::Label
        ) {
            self.changed();
        }
    }

    fn text_field(&mut self) -> Option<&mut String> {
        match self.at {
            At::Label => Some(&mut self.label),
            At::Confirm(accept) => self
                .typed
                .iter_mut()
                .find(|(asked, _)| *asked == accept)
                .map(|(_, text)| text),
            _ => None,
        }
    }

    fn backspace(&mut self) {
        match self.at {
            At::ApiKey => self.api_key.pop_char(),
            At::Secret => self.secret.pop_char(),
            At::Passphrase => self.passphrase.pop_char(),
            At::VaultPassphrase => self.vault_passphrase.pop_char(),
            At::VaultAgain => self.vault_again.pop_char(),
            _ => {
                if let Some(field) = self.text_field() {
                    field.pop();
                }
            }
        }
        if matches!(
            self.at,
            At::ApiKey | At::Secret | At::Passphrase | At::Label
        ) {
            self.changed();
        }
    }

    fn test(&mut self) -> Wish {
        match self.candidate() {
            Ok(candidate) => {
                self.stage = Stage::Testing;
                self.say(Tone::Waiting, "asking the exchange; Esc leaves");
                Wish::Test(Box::new(candidate))
            }
            Err((at, words)) => {
                self.at = at;
                self.say(Tone::Bad, &words);
                Wish::Nothing
            }
        }
    }

    fn candidate(&self) -> Result<Candidate, (At, String)> {
        self.checked_label()?;
        let (api_key, material) = self.entered()?;
        let api_key = api_key.expose_str().unwrap_or_default();
        let credentials = Credentials::new(api_key, &material, self.third_part())
            .map_err(|why| (At::ApiKey, why.to_string()))?;
        Ok(Candidate {
            venue: self.venue(),
            environment: self.environment(),
            credentials,
        })
    }

    fn checked_label(&self) -> Result<Account, (At, String)> {
        let label = Account::new(self.label.trim())
            .map_err(|why| (At::Label, format!("the label {why}")))?;
        if self.taken.contains(&label) {
            return Err((At::Label, format!("the label {label} is taken")));
        }
        Ok(label)
    }

    /// API key and what signs with it, or the first mistake.
    fn entered(&self) -> Result<(Secret, KeyMaterial), (At, String)> {
        let told = |mistake: Mistake| {
            let at = match mistake.field() {
                Field::ApiKey => At::ApiKey,
                Field::Secret => At::Secret,
            };
            (at, mistake.to_string())
        };
        let venue = self.venue();
        if venue.guide.passphrase && self.passphrase.is_empty() {
            return Err((
                At::Passphrase,
                "this exchange gives each key a passphrase".to_owned(),
            ));
        }
        match &self.made {
            Some(pair) => {
                let api_key = material::api_key(&self.api_key, venue).map_err(told)?;
                Ok((api_key, pair.copy()))
            }
            None => material::pair(&self.api_key, &self.secret, venue).map_err(told),
        }
    }

    fn third_part(&self) -> Option<Secret> {
        (!self.passphrase.is_empty())
            .then(|| Secret::of(self.passphrase.expose()).ok())
            .flatten()
    }

    fn save(&mut self) -> Wish {
        let Stage::Judged(judged) = &self.stage else {
            return Wish::Nothing;
        };
        let (view_only, accepted) = self.standing(&judged.verdict);
        let at_ms = judged.at_ms;
        match self.finished(view_only, accepted, at_ms) {
            Ok(finished) => {
                self.stage = Stage::Saving;
                self.say(Tone::Waiting, "encrypting");
                Wish::Save(Box::new(finished))
            }
            Err((at, words)) => {
                self.at = at;
                self.say(Tone::Bad, &words);
                Wish::Nothing
            }
        }
    }

    /// Why the key would be for viewing only, and what the trader accepted.
    fn standing(&self, verdict: &Verdict) -> (Option<String>, Vec<Accept>) {
        let Verdict::Usable { view_only, confirm } = verdict else {
            return (Some("not tested".to_owned()), Vec::new());
        };
        let typed = |accept: &&Accept| {
            self.typed
                .iter()
                .any(|(asked, text)| asked == *accept && text.trim() == accept.word())
        };
        let accepted: Vec<Accept> = confirm.iter().filter(typed).copied().collect();
        let missing = confirm.iter().find(|accept| !accepted.contains(accept));
        let view_only = view_only
            .clone()
            .or_else(|| missing.map(|accept| not_accepted(*accept)));
        (view_only, accepted)
    }

    fn finished(
        &self,
        view_only: Option<String>,
        accepted: Vec<Accept>,
        at_ms: i64,
    ) -> Result<Finished, (At, String)> {
        let label = self.checked_label()?;
        let (api_key, material) = self.entered()?;
        Ok(Finished {
            passphrase: self.vault_word()?,
            key: StoredKey {
                label,
                venue: self.venue().id.to_owned(),
                environment: self.environment(),
                api_key: Some(api_key),
                material,
                passphrase: self.third_part(),
                created_ms: at_ms,
                audited_ms: view_only.is_none().then_some(at_ms),
                view_only,
                accepted,
            },
        })
    }

    fn vault_word(&self) -> Result<Option<Secret>, (At, String)> {
        if self.vault == VaultState::Open {
            return Ok(None);
        }
        if self.vault_passphrase.is_empty() {
            return Err((
                At::VaultPassphrase,
                "the vault needs its passphrase".to_owned(),
            ));
        }
        if self.vault == VaultState::Missing {
            super::check_passphrase(&self.vault_passphrase)
                .map_err(|why| (At::VaultPassphrase, why.to_string()))?;
            if self.vault_passphrase.expose() != self.vault_again.expose() {
                return Err((At::VaultAgain, "the two passphrases differ".to_owned()));
            }
        }
        Ok(Secret::of(self.vault_passphrase.expose()).ok())
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

/// Why a key is for viewing only when the trader did not type the word.
pub fn not_accepted(accept: Accept) -> String {
    format!("{} was not accepted: {}", accept.word(), accept.words())
}

/// The judgement in a line.
pub fn judgement(verdict: &Verdict) -> Aside {
    match verdict {
        Verdict::Unverified(why) => Aside::new(
            Tone::Bad,
            format!("CANNOT VERIFY KEY: {why}; nothing was stored"),
        ),
        Verdict::Refused(why) => Aside::new(Tone::Bad, format!("REFUSED: {why}")),
        Verdict::Usable {
            view_only: Some(why),
            ..
        } => Aside::new(Tone::Warn, format!("for viewing only: {why}")),
        Verdict::Usable { confirm, .. } if !confirm.is_empty() => Aside::new(
            Tone::Warn,
            "the key works, but is more than it should be: mend it at the exchange, or type the words on the left",
        ),
        Verdict::Usable { .. } => Aside::new(Tone::Good, "the key is as it should be"),
    }
}

fn without_line_ends(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    end.map_or(&[], |end| &bytes[..=end])
}

#[cfg(test)]
mod tests;
