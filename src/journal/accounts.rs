//! What is remembered of accounts from run to run: the limits that were accepted, when a key was last verified. No secrets: labels,
//! fingerprints, numbers. A file that is lost or broken costs a question and an audit, nothing more.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::engine::suggest::Chosen;

/// The file's name below the state directory.
const NAME: &str = "accounts.json";
/// Largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// Everything remembered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accounts {
    /// Accepted limits by account, see [`name`].
    #[serde(default)]
    limits: BTreeMap<String, Chosen>,
    /// When a key was last verified to be as it should be, by fingerprint, ms since 1970.
    #[serde(default)]
    verified: BTreeMap<String, i64>,
}

/// An account's name here: `binance-futures demo main 1f3a 90bc 12de 77aa`.
pub fn name(venue: &str, environment: &str, label: &str, fingerprint: &str) -> String {
    format!("{venue} {environment} {label} {fingerprint}")
}

impl Accounts {
    /// What the file below `dir` remembers; nothing when there is none or it cannot be read.
    pub fn load(dir: &Path) -> Self {
        let mut text = String::new();
        let read = OpenOptions::new()
            .read(true)
            .open(dir.join(NAME))
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text));
        match read {
            Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
            Err(_) => Self::default(),
        }
    }

    /// Writes what `change` makes of what the file remembers now.
    ///
    /// # Errors
    /// When the file cannot be written; the old one stays.
    pub fn change(dir: &Path, change: impl FnOnce(&mut Self)) -> io::Result<()> {
        let mut accounts = Self::load(dir);
        change(&mut accounts);
        let new = dir.join(format!("{NAME}.{}", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(&serde_json::to_vec_pretty(&accounts)?)?;
        file.sync_all()?;
        std::fs::rename(&new, dir.join(NAME))
    }

    /// The limits that were accepted for an account.
    pub fn limits(&self, account: &str) -> Option<Chosen> {
        self.limits.get(account).copied()
    }

    /// Remembers accepted limits.
    pub fn accept(&mut self, account: &str, limits: Chosen) {
        self.limits.insert(account.to_owned(), limits);
    }

    /// When a key was last verified, ms since 1970.
    pub fn verified(&self, fingerprint: &str) -> Option<i64> {
        self.verified.get(fingerprint).copied()
    }

    /// Remembers that a key was verified.
    pub fn verify(&mut self, fingerprint: &str, now_ms: i64) {
        self.verified.insert(fingerprint.to_owned(), now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_and_a_broken_file_is_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Accounts::load(dir.path()), Accounts::default());
        let chosen = Chosen {
            day_loss: "100.5".parse().unwrap(),
            position: 3_000.into(),
            order: 1_000.into(),
        };
        Accounts::change(dir.path(), |accounts| {
            accounts.accept("v demo main", chosen)
        })
        .unwrap();
        Accounts::change(dir.path(), |accounts| accounts.verify("aa bb", 7)).unwrap();
        let accounts = Accounts::load(dir.path());
        assert_eq!(accounts.limits("v demo main"), Some(chosen));
        assert_eq!(accounts.verified("aa bb"), Some(7));
        std::fs::write(dir.path().join(NAME), "{\"limits\":3").unwrap();
        assert_eq!(Accounts::load(dir.path()), Accounts::default());
    }
}
