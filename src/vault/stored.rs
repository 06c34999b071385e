//! One key as the vault keeps it.

use std::fmt;

use crate::domain::{Account, Environment};
use crate::exchange::audit::Accept;
use crate::exchange::credentials::{
    Credentials, CredentialsError, KeyKind, KeyMaterial, fingerprint,
};
use crate::secret::Secret;

/// One key as it is kept. Prints its fingerprint and nothing else of it.
pub struct StoredKey {
    /// The trader's name for it; names are unique in a vault by the care of whoever adds one.
    pub label: Account,
    /// Its venue's name.
    pub venue: String,
    /// Which world it is for.
    pub environment: Environment,
    /// What the venue calls it; `None` for a pair made here that still waits for it.
    pub api_key: Option<Secret>,
    /// What signs.
    pub material: KeyMaterial,
    /// The third part that some venues want.
    pub passphrase: Option<Secret>,
    /// When it was put here, ms since 1970.
    pub created_ms: i64,
    /// Why it must not trade; `None` when it may.
    pub view_only: Option<String>,
    /// What the trader accepted by typing it.
    pub accepted: Vec<Accept>,
    /// When its rights were last verified, ms since 1970.
    pub audited_ms: Option<i64>,
}

/// Why a stored key cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredKeyError {
    /// The venue has not named it yet.
    #[error(
        "the key {0} waits for its API key: give its public half to the exchange and enter what it answers"
    )]
    Waiting(Account),
    /// It is of no use to a signer.
    #[error(transparent)]
    Unusable(#[from] CredentialsError),
}

impl StoredKey {
    /// By what a trader can tell keys apart; says nothing about the key.
    pub fn fingerprint(&self) -> String {
        match self.api_key.as_ref().and_then(Secret::expose_str) {
            Some(api_key) => fingerprint(api_key),
            None => "waits for its API key".to_owned(),
        }
    }

    /// How it signs.
    pub const fn kind(&self) -> KeyKind {
        self.material.kind()
    }

    /// Makes it ready to sign.
    ///
    /// # Errors
    /// When it has no API key yet, or the signer does not take it.
    pub fn credentials(&self) -> Result<Credentials, StoredKeyError> {
        let api_key = self
            .api_key
            .as_ref()
            .ok_or(StoredKeyError::Waiting(self.label))?;
        let api_key = api_key.expose_str().ok_or(CredentialsError::Key)?;
        let copied = self.passphrase.as_ref().map(|it| Secret::of(it.expose()));
        let passphrase = copied.transpose().map_err(|_| CredentialsError::Secret)?;
        Ok(Credentials::new(api_key, &self.material, passphrase)?)
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("label", &self.label)
            .field("venue", &self.venue)
            .field("environment", &self.environment)
            .field("kind", &self.kind())
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}
