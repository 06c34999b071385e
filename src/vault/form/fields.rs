//! What keys and pastes do to the focused row. Owns nothing; secrets go from here into their locked room and nowhere else.

use super::{At, Form, Stage};
use crate::domain::Account;
use crate::exchange::VENUES;
use crate::ui::form::Tone;
use crate::vault::{StoredKey, material};

/// Longest label, bytes.
const LABEL: usize = 24;

impl Form {
    pub(super) fn choose(&mut self, right: bool) {
        let turn = |index: usize, count: usize| {
            let count = count.max(1);
            (index + if right { 1 } else { count - 1 }) % count
        };
        let before = (self.venue, self.environment);
        match self.at {
            At::Venue => self.venue = turn(self.venue, VENUES.len()),
            At::Environment => self.environment = turn(self.environment, self.environments.len()),
            At::Kind => self.change_kind(),
            _ => return,
        }
        if self.at == At::Kind || (self.venue, self.environment) != before {
            self.changed();
        }
        if self.venue != before.0 {
            self.lay_by();
        }
        if self.environment != before.1 {
            self.take_waiting();
        }
    }

    /// From a secret to a pair made here, and back.
    fn change_kind(&mut self) {
        if self.made.is_some() {
            return self.lay_by();
        }
        match self.laid_by.take().map_or_else(material::generate, Ok) {
            Ok(pair) => self.made = Some(pair),
            Err(why) => self.say(Tone::Bad, &why.to_string()),
        }
    }

    fn lay_by(&mut self) {
        if let Some(pair) = self.made.take() {
            self.laid_by = Some(pair);
        }
    }

    /// A pair that was made earlier and waits for its API key comes first.
    pub(super) fn take_waiting(&mut self) {
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

    pub(super) fn free_label(&self) -> String {
        let free = |label: &String| self.taken.iter().all(|taken| taken.as_str() != label);
        let numbered = (2..100).map(|number| format!("main{number}"));
        std::iter::once("main".to_owned())
            .chain(numbered)
            .find(free)
            .unwrap_or_default()
    }

    /// Something that was tested is not what it was.
    pub(super) fn changed(&mut self) {
        if matches!(self.stage, Stage::Judged(_)) {
            self.stage = Stage::Filling;
            self.typed.clear();
            self.said = None;
        }
    }

    pub(super) fn in_pem(&self) -> bool {
        let text = self.secret.expose();
        let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
        self.at == At::Secret && has(b"-----BEGIN") && !has(b"-----END")
    }

    /// Adds bytes to the focused row.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let pushed = match self.at {
            At::ApiKey => self.api_key.push(bytes),
            At::Secret => self.secret.push(bytes),
            At::Passphrase => self.passphrase.push(bytes),
            At::VaultPassphrase => self.vault_passphrase.push(without_line_ends(bytes)),
            At::VaultAgain => self.vault_again.push(without_line_ends(bytes)),
            At::Label | At::Confirm(_) => return self.push_shown(bytes),
            At::Venue | At::Environment | At::Kind | At::Test | At::Save => {
                return self.say(
                    Tone::Warn,
                    "nothing can be typed here: Tab goes to the next row",
                );
            }
        };
        if let Err(why) = pushed {
            self.say(Tone::Bad, &format!("this is {why}: it was not taken"));
        } else if matches!(self.at, At::ApiKey | At::Secret | At::Passphrase) {
            self.changed();
        }
    }

    /// What is shown as it is typed takes nothing that could be a secret in the wrong row.
    fn push_shown(&mut self, bytes: &[u8]) {
        let at = self.at;
        let fits = |text: &str| match at {
            At::Confirm(accept) => accept.word().starts_with(text),
            _ => Account::new(text).is_ok(),
        };
        let added = std::str::from_utf8(bytes).unwrap_or_default().trim();
        let Some(field) = self.text_field() else {
            return;
        };
        // Nothing longer is copied anywhere.
        if bytes.len() <= LABEL && (added.is_empty() || fits(&format!("{field}{added}"))) {
            return field.push_str(added);
        }
        let words = match at {
            At::Confirm(accept) => format!("here goes the word {} and nothing else", accept.word()),
            _ => {
                format!("a label has no blanks and at most {LABEL} characters: this was not taken")
            }
        };
        self.say(Tone::Warn, &words);
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

    pub(super) fn backspace(&mut self) {
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
        if matches!(self.at, At::ApiKey | At::Secret | At::Passphrase) {
            self.changed();
        }
    }
}

fn without_line_ends(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    end.map_or(&[], |end| &bytes[..=end])
}
