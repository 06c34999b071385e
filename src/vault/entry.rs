//! Keys as the JSON inside the vault. No files, no cipher.
//!
//! Everything secret is base64: it never needs an escape, so that no parser copies it into a buffer of its own.

use std::borrow::Cow;
use std::io::{self, Write};

use data_encoding::BASE64;
use serde::{Deserialize, Serialize, Serializer};
use zeroize::Zeroizing;

use super::StoredKey;
use super::header::PAD;
use crate::domain::{Account, Environment};
use crate::exchange::audit::Accept;
use crate::exchange::credentials::{KeyKind, KeyMaterial};
use crate::secret::Secret;

/// The JSON was not written by this version or an earlier one. Its bytes are authentic, so a later one wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUnderstood;

#[derive(Serialize)]
struct Written<'a> {
    keys: Vec<WrittenKey<'a>>,
}

#[derive(Serialize)]
struct WrittenKey<'a> {
    label: &'a str,
    venue: &'a str,
    environment: &'static str,
    kind: KeyKind,
    api_key: Option<Covered<'a>>,
    secret: Covered<'a>,
    passphrase: Option<Covered<'a>>,
    created_ms: i64,
    view_only: Option<&'a str>,
    accepted: &'a [Accept],
    audited_ms: Option<i64>,
}

/// A secret that is written as base64.
struct Covered<'a>(&'a Secret);

impl Serialize for Covered<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.expose();
        let mut text = Zeroizing::new(String::with_capacity(BASE64.encode_len(bytes.len())));
        BASE64.encode_append(bytes, &mut text);
        to.serialize_str(&text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read<'a> {
    #[serde(borrow)]
    keys: Vec<ReadKey<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadKey<'a> {
    #[serde(borrow)]
    label: Cow<'a, str>,
    #[serde(borrow)]
    venue: Cow<'a, str>,
    environment: &'a str,
    kind: KeyKind,
    api_key: Option<&'a str>,
    secret: &'a str,
    passphrase: Option<&'a str>,
    created_ms: i64,
    view_only: Option<String>,
    accepted: Vec<Accept>,
    audited_ms: Option<i64>,
}

fn environment_of(word: &str) -> Option<Environment> {
    use Environment::{Demo, Paper, Real, Replay, Sim};
    [Real, Demo, Sim, Paper, Replay]
        .into_iter()
        .find(|environment| environment.word() == word)
}

const fn secret_of(material: &KeyMaterial) -> &Secret {
    match material {
        KeyMaterial::Hmac(secret) | KeyMaterial::Ed25519(secret) | KeyMaterial::Rsa(secret) => {
            secret
        }
    }
}

/// Counts what is written, so that the real buffer is made once and never grows.
struct Counted(usize);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The JSON of `keys`, padded with blanks to a multiple of [`PAD`].
///
/// # Errors
/// Never in practice: nothing here fails to be JSON.
pub fn write(keys: &[StoredKey]) -> Result<Zeroizing<Vec<u8>>, NotUnderstood> {
    let written = Written {
        keys: keys.iter().map(WrittenKey::of).collect(),
    };
    let mut counted = Counted(0);
    serde_json::to_writer(&mut counted, &written).map_err(|_| NotUnderstood)?;
    let mut padded = Zeroizing::new(vec![b' '; counted.0.next_multiple_of(PAD)]);
    serde_json::to_writer(&mut padded[..], &written).map_err(|_| NotUnderstood)?;
    Ok(padded)
}

/// The keys of such JSON.
///
/// # Errors
/// When it holds anything that this version does not know: better no key than a key that loses a field.
pub fn read(json: &[u8]) -> Result<Vec<StoredKey>, NotUnderstood> {
    let read: Read = serde_json::from_slice(json).map_err(|_| NotUnderstood)?;
    read.keys.into_iter().map(ReadKey::into_key).collect()
}

impl<'a> WrittenKey<'a> {
    fn of(key: &'a StoredKey) -> Self {
        Self {
            label: key.label.as_str(),
            venue: &key.venue,
            environment: key.environment.word(),
            kind: key.kind(),
            api_key: key.api_key.as_ref().map(Covered),
            secret: Covered(secret_of(&key.material)),
            passphrase: key.passphrase.as_ref().map(Covered),
            created_ms: key.created_ms,
            view_only: key.view_only.as_deref(),
            accepted: &key.accepted,
            audited_ms: key.audited_ms,
        }
    }
}

impl ReadKey<'_> {
    fn into_key(self) -> Result<StoredKey, NotUnderstood> {
        let secret = uncover(self.secret)?;
        Ok(StoredKey {
            label: Account::new(&self.label).map_err(|_| NotUnderstood)?,
            venue: self.venue.into_owned(),
            environment: environment_of(self.environment).ok_or(NotUnderstood)?,
            api_key: self.api_key.map(uncover).transpose()?,
            material: match self.kind {
                KeyKind::Hmac => KeyMaterial::Hmac(secret),
                KeyKind::Ed25519 => KeyMaterial::Ed25519(secret),
                KeyKind::Rsa => KeyMaterial::Rsa(secret),
            },
            passphrase: self.passphrase.map(uncover).transpose()?,
            created_ms: self.created_ms,
            view_only: self.view_only,
            accepted: self.accepted,
            audited_ms: self.audited_ms,
        })
    }
}

fn uncover(text: &str) -> Result<Secret, NotUnderstood> {
    let room = BASE64.decode_len(text.len()).map_err(|_| NotUnderstood)?;
    let mut bytes = Zeroizing::new(vec![0; room]);
    let len = BASE64
        .decode_mut(text.as_bytes(), &mut bytes)
        .map_err(|_| NotUnderstood)?;
    Secret::of(&bytes[..len]).map_err(|_| NotUnderstood)
}

#[cfg(test)]
mod tests;
