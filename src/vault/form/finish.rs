//! From what was entered to a key that can be tested, and from a tested one to what the vault keeps. Owns nothing.

use super::{At, Candidate, Finished, Form, Stage, VaultState, Wish};
use crate::domain::Account;
use crate::exchange::audit::{Accept, Verdict};
use crate::exchange::credentials::{Credentials, KeyMaterial};
use crate::secret::Secret;
use crate::ui::form::{Aside, Tone};
use crate::vault::material::{self, Field, Mistake};
use crate::vault::{StoredKey, check_passphrase};

impl Form {
    pub(super) fn test(&mut self) -> Wish {
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
        let credentials = Credentials::new(api_key, &material, self.third_part()?)
            .map_err(|why| (At::ApiKey, why.to_string()))?;
        Ok(Candidate {
            venue: self.venue(),
            environment: self.environment(),
            credentials,
        })
    }

    pub(super) fn checked_label(&self) -> Result<Account, (At, String)> {
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
        match &self.made {
            Some(pair) => {
                let api_key = material::api_key(&self.api_key, venue).map_err(told)?;
                Ok((api_key, pair.copy()))
            }
            None => material::pair(&self.api_key, &self.secret, venue).map_err(told),
        }
    }

    /// What was typed for another exchange before this one was chosen is not taken along.
    fn third_part(&self) -> Result<Option<Secret>, (At, String)> {
        let venue = self.venue();
        if !venue.guide.passphrase {
            return Ok(None);
        }
        material::passphrase(&self.passphrase, venue)
            .map_err(|mistake| (At::Passphrase, mistake.to_string()))
    }

    pub(super) fn save(&mut self) -> Wish {
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
    pub(super) fn standing(&self, verdict: &Verdict) -> (Option<String>, Vec<Accept>) {
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
                passphrase: self.third_part()?,
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
            check_passphrase(&self.vault_passphrase)
                .map_err(|why| (At::VaultPassphrase, why.to_string()))?;
            if self.vault_passphrase.expose() != self.vault_again.expose() {
                return Err((At::VaultAgain, "the two passphrases differ".to_owned()));
            }
        }
        Ok(Secret::of(self.vault_passphrase.expose()).ok())
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
        Verdict::Usable { confirm, .. } if !confirm.is_empty() => {
            Aside::new(Tone::Warn, too_much(confirm))
        }
        Verdict::Usable { .. } => Aside::new(Tone::Good, "the key is as it should be"),
    }
}

/// What the key could do without, and what lets it through all the same.
fn too_much(confirm: &[Accept]) -> String {
    let join = |part: fn(Accept) -> &'static str| {
        let parts: Vec<&str> = confirm.iter().map(|accept| part(*accept)).collect();
        parts.join(" and ")
    };
    format!(
        "the key works, but {}; mend that at the exchange, or type {}",
        join(Accept::words),
        join(Accept::word)
    )
}
