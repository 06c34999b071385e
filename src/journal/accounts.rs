//! What is remembered of accounts from run to run: the limits that were accepted, when a key was last verified, volumes
//! that were changed by hand. No secrets: labels,
//! fingerprints, numbers. A file that is lost or broken costs a question and an audit, nothing more.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::Symbol;
use crate::engine::DeskSettings;
use crate::engine::effect::KeptVolume;
use crate::engine::suggest::Chosen;
use crate::engine::volume::Size;

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
    /// Working volumes that were changed by hand, as text: by account (see [`seat`]), symbol and number.
    #[serde(default)]
    volumes: BTreeMap<String, BTreeMap<String, BTreeMap<u8, String>>>,
}

/// One change of the file after another, whichever thread makes it.
static CHANGES: Mutex<()> = Mutex::new(());

/// An account's name here: `binance-futures demo main 1f3a 90bc 12de 77aa`.
pub fn name(venue: &str, environment: &str, label: &str, fingerprint: &str) -> String {
    format!("{venue} {environment} {label} {fingerprint}")
}

/// The same without the key: what a trader is used to outlives a key.
pub fn seat(settings: &DeskSettings) -> String {
    let (venue, account) = (settings.venue, settings.account);
    format!("{venue} {} {account}", settings.environment.word())
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
        let _one = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
        let mut accounts = Self::load(dir);
        change(&mut accounts);
        super::put(dir, NAME, &serde_json::to_vec_pretty(&accounts)?)
    }

    /// The limits that were accepted for an account.
    pub fn limits(&self, account: &str) -> Option<Chosen> {
        self.limits.get(account).copied()
    }

    /// Remembers accepted limits.
    pub fn accept(&mut self, account: &str, limits: Chosen) {
        self.limits.insert(account.to_owned(), limits);
    }

    /// The volumes that were changed by hand at this seat; one that is no size any more is forgotten.
    pub fn volumes(&self, seat: &str) -> BTreeMap<Symbol, BTreeMap<u8, Size>> {
        let sizes = |kept: &BTreeMap<u8, String>| {
            let size =
                |(index, text): (&u8, &String)| Some((*index, Size::read(text, Size::Quote).ok()?));
            kept.iter().filter_map(size).collect()
        };
        let symbols = self.volumes.get(seat).into_iter().flatten();
        symbols
            .filter_map(|(symbol, kept)| Some((Symbol::new(symbol).ok()?, sizes(kept))))
            .collect()
    }

    /// Remembers such a volume, or forgets it.
    pub fn keep(&mut self, seat: &str, volume: KeptVolume) {
        let of_seat = self.volumes.entry(seat.to_owned()).or_default();
        let of_symbol = of_seat.entry(volume.symbol.to_string()).or_default();
        match volume.size {
            Some(size) => of_symbol.insert(volume.index, size.to_string()),
            None => of_symbol.remove(&volume.index),
        };
        of_seat.retain(|_, kept| !kept.is_empty());
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
        let symbol = Symbol::new("BTCUSDT").unwrap();
        let volume = |index, size| KeptVolume {
            symbol,
            index,
            size,
        };
        let (risk, half) = (Size::Risk(20.into()), Size::Base("0.5".parse().unwrap()));
        for volume in [
            volume(3, Some(risk)),
            volume(2, Some(half)),
            volume(2, None),
        ] {
            Accounts::change(dir.path(), |accounts| accounts.keep("v sim main", volume)).unwrap();
        }
        let accounts = Accounts::load(dir.path());
        let kept = accounts.volumes("v sim main");
        assert_eq!(kept[&symbol].iter().collect::<Vec<_>>(), [(&3, &risk)]);
        assert!(accounts.volumes("v demo main").is_empty());
        assert_eq!(accounts.limits("v demo main"), Some(chosen));
        std::fs::write(dir.path().join(NAME), "{\"limits\":3").unwrap();
        assert_eq!(Accounts::load(dir.path()), Accounts::default());
    }
}
