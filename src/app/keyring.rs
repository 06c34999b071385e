//! The vault as the commands and the start see it: opened by a passphrase or a key file, and the key that fits a venue and world.

use std::path::Path;

use super::{Failure, ask};
use crate::cli::Global;
use crate::config::Folders;
use crate::domain::{Account, Environment};
use crate::exchange::Venue;
use crate::exchange::audit::Accept;
use crate::exchange::credentials::Credentials;
use crate::nearest::did_you_mean;
use crate::secret::Secret;
use crate::vault::{StoredKey, Vault, VaultError, key_file};

/// Wrong passphrases until it is given up.
const TRIES: u32 = 5;

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Io { .. }
            | VaultError::Busy { .. }
            | VaultError::Memory(_)
            | VaultError::Random(_) => Self::World(error.to_string()),
            _ => Self::Input(error.to_string()),
        }
    }
}

/// A key of the vault, ready to sign; what of it matters at every start.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its label.
    pub label: Account,
    /// What signs.
    pub credentials: Credentials,
    /// What the trader accepted when storing it.
    pub accepted: Vec<Accept>,
    /// When it was last as it should be, ms since 1970.
    pub verified_ms: Option<i64>,
}

impl Held {
    /// From a stored key.
    ///
    /// # Errors
    /// When it has no API key yet, or cannot sign.
    pub fn of(key: &StoredKey) -> Result<Self, Failure> {
        let credentials = key
            .credentials()
            .map_err(|why| Failure::Input(why.to_string()))?;
        Ok(Self {
            label: key.label,
            credentials,
            accepted: key.accepted.clone(),
            verified_ms: key.audited_ms,
        })
    }
}

/// The vault, opened by the key file or by asking; `None` where there is none.
///
/// # Errors
/// A key file or vault that cannot be used, no terminal to ask on, too many wrong answers.
pub fn open(global: &Global, folders: &Folders) -> Result<Option<Vault>, Failure> {
    if !Vault::exists(&folders.data) {
        return Ok(None);
    }
    match &global.key_file {
        Some(file) => Ok(Some(Vault::open(&folders.data, &key_file(file)?)?)),
        None => asked(&folders.data, |word| Vault::open(&folders.data, word)).map(Some),
    }
}

/// The vault, opened or made.
///
/// # Errors
/// As [`open`], and when it cannot be made.
pub fn open_or_make(global: &Global, folders: &Folders) -> Result<Vault, Failure> {
    if let Some(vault) = open(global, folders)? {
        return Ok(vault);
    }
    let word = match &global.key_file {
        Some(file) => key_file(file)?,
        None => new_word()?,
    };
    Ok(make(&folders.data, &word)?)
}

/// Makes the vault; another Lancet may have made it meanwhile, with the same passphrase.
///
/// # Errors
/// As [`Vault::create`] and [`Vault::open`].
pub fn make(dir: &Path, word: &Secret) -> Result<Vault, VaultError> {
    match Vault::create(dir, word) {
        Err(VaultError::Exists { .. }) => Vault::open(dir, word),
        other => other,
    }
}

/// An older generation becomes the present one.
///
/// # Errors
/// As [`open`].
pub fn restore(global: &Global, folders: &Folders, generation: u8) -> Result<Vault, Failure> {
    let restore = |word: &Secret| Vault::restore(&folders.data, generation, word);
    match &global.key_file {
        Some(file) => Ok(restore(&key_file(file)?)?),
        None => asked(&folders.data, restore),
    }
}

/// Asks until the answer opens.
fn asked(
    dir: &Path,
    open: impl Fn(&Secret) -> Result<Vault, VaultError>,
) -> Result<Vault, Failure> {
    let path = Vault::path(dir);
    let mut question = format!("passphrase of {}", path.display());
    for left in (0..TRIES).rev() {
        let word = ask::passphrase(&question)?;
        match open(&word) {
            Err(VaultError::WrongPassphrase { .. }) if left > 0 => {
                question = format!("that is not it; once more ({left} left)");
            }
            other => return Ok(other?),
        }
    }
    unreachable!("the last try returns")
}

/// Asks for a new passphrase, twice.
///
/// # Errors
/// Without a terminal, or when the user gives up.
pub fn new_word() -> Result<Secret, Failure> {
    let mut question = "new passphrase for the vault of API keys, 12 characters or more".to_owned();
    for _ in 0..TRIES {
        let word = ask::passphrase(&question)?;
        if let Err(why) = crate::vault::check_passphrase(&word) {
            question = why.to_string();
            continue;
        }
        let again = ask::passphrase("once more")?;
        if word.expose() == again.expose() {
            return Ok(word);
        }
        question = "the two differ; from the start".to_owned();
    }
    Err(Failure::Input("no passphrase was chosen".to_owned()))
}

/// Which of the wished labels is meant for this venue: the one whose key is for it, else one that must be wrong.
pub fn label_for<'a>(keys: &[StoredKey], venue: &Venue, global: &'a Global) -> Option<&'a str> {
    let of = |label: &str| keys.iter().find(|key| key.label.as_str() == label);
    let fits = |label: &&String| of(label).is_some_and(|key| key.venue == venue.id);
    let wrong = |label: &&String| of(label).is_none() || global.venues.len() < 2;
    let labels = &global.keys;
    let meant = labels
        .iter()
        .find(fits)
        .or_else(|| labels.iter().find(wrong));
    meant.map(String::as_str)
}

/// The key to use: the one with `label`, or the only one for this venue and world; `None` where there is none.
///
/// # Errors
/// A label that is not there or is for something else, and several keys without a label.
pub fn pick<'a>(
    keys: &'a [StoredKey],
    venue: &Venue,
    environment: Environment,
    label: Option<&str>,
) -> Result<Option<&'a StoredKey>, Failure> {
    let fits = |key: &&StoredKey| key.venue == venue.id && key.environment == environment;
    if let Some(label) = label {
        let key = named(keys, label)?;
        return match Some(key).filter(fits) {
            Some(key) => Ok(Some(key)),
            None => Err(Failure::Input(format!(
                "the key {label} is for {} {}, not for {} {}",
                key.venue,
                key.environment.word(),
                venue.id,
                environment.word()
            ))),
        };
    }
    let mut fitting = keys.iter().filter(fits).filter(|key| key.api_key.is_some());
    match (fitting.next(), fitting.next()) {
        (first, None) => Ok(first),
        (Some(one), Some(other)) => Err(Failure::Input(format!(
            "several keys fit ({}, {}, …): choose one with --key LABEL",
            one.label, other.label
        ))),
        (None, Some(_)) => Ok(None),
    }
}

/// The key with this label.
///
/// # Errors
/// When there is none, with the nearest label.
pub fn named<'a>(keys: &'a [StoredKey], label: &str) -> Result<&'a StoredKey, Failure> {
    let found = keys.iter().find(|key| key.label.as_str() == label);
    found.ok_or_else(|| {
        let near = did_you_mean(label, keys.iter().map(|key| key.label.as_str()));
        Failure::Input(format!("no key is labelled {label:?}{near}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VENUES;
    use crate::vault::material;

    fn key(label: &str, environment: Environment, api_key: Option<&str>) -> StoredKey {
        StoredKey {
            label: Account::new(label).unwrap(),
            venue: VENUES[0].id.to_owned(),
            environment,
            api_key: api_key.map(|text| Secret::of(text.as_bytes()).unwrap()),
            material: material::generate().unwrap(),
            passphrase: None,
            created_ms: 1,
            view_only: None,
            accepted: Vec::new(),
            audited_ms: None,
        }
    }

    fn picked(
        keys: &[StoredKey],
        environment: Environment,
        label: Option<&str>,
    ) -> Result<Option<String>, String> {
        pick(keys, &VENUES[0], environment, label)
            .map(|key| key.map(|key| key.label.to_string()))
            .map_err(|why| why.to_string())
    }

    #[test]
    fn the_only_key_that_fits_is_taken_and_several_must_be_told_apart() {
        use Environment::{Demo, Real, Sim};
        let keys = [
            key("main", Real, Some("k1")),
            key("play", Demo, Some("k2")),
            key("other", Demo, Some("k3")),
            key("new", Sim, None),
        ];
        assert_eq!(picked(&keys, Real, None), Ok(Some("main".to_owned())));
        assert_eq!(
            picked(&keys, Sim, None),
            Ok(None),
            "it waits for its API key"
        );
        assert!(
            picked(&keys, Demo, None)
                .unwrap_err()
                .contains("--key LABEL")
        );
        assert_eq!(
            picked(&keys, Demo, Some("other")),
            Ok(Some("other".to_owned()))
        );
        assert!(
            picked(&keys, Real, Some("mian"))
                .unwrap_err()
                .contains("main")
        );
    }

    #[test]
    fn a_key_never_signs_for_another_world() {
        let keys = [key("main", Environment::Real, Some("k1"))];
        let told = picked(&keys, Environment::Demo, Some("main")).unwrap_err();
        assert!(told.contains("live") && told.contains("demo"), "{told}");
    }
}
