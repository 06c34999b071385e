//! What people paste, read: an API key, a secret, a private key; or one sentence about what is wrong with it, which quotes nothing.
//!
//! Tolerant in form (blanks, quotes, line ends, labels, lost line breaks), strict in substance: what comes out of here can sign.

mod der;
mod mistake;
mod paste;
mod pem;
mod shape;
mod third;

use ed25519_dalek::SigningKey;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::KeyPair as _;
use zeroize::Zeroizing;

use super::VaultError;
use crate::exchange::Venue;
use crate::exchange::credentials::KeyMaterial;
use crate::secret::Secret;

pub use mistake::{Field, Mistake};
pub use paste::{clean, describe};
pub use third::{ThirdMistake, passphrase};

/// The API key in pasted text.
///
/// # Errors
/// See [`Mistake`].
pub fn api_key(raw: &Secret, venue: &Venue) -> Result<Secret, Mistake> {
    let cleaned = clean(raw.expose(), Field::ApiKey)?;
    let text = text_of(&cleaned, Field::ApiKey)?;
    match pem::find(text) {
        Some(Ok(_)) => return Err(Mistake::Swapped(Field::ApiKey)),
        Some(Err(Mistake::PublicKey(_))) => return Err(Mistake::PublicKey(Field::ApiKey)),
        Some(Err(Mistake::Certificate(_))) => return Err(Mistake::Certificate(Field::ApiKey)),
        Some(Err(_)) => return Err(Mistake::Swapped(Field::ApiKey)),
        None => {}
    }
    shape::judge(text, Field::ApiKey, venue)?;
    Ok(cleaned)
}

/// The secret or private key in pasted text.
///
/// # Errors
/// See [`Mistake`].
pub fn secret(raw: &Secret, venue: &Venue) -> Result<KeyMaterial, Mistake> {
    let cleaned = clean(raw.expose(), Field::Secret)?;
    let text = text_of(&cleaned, Field::Secret)?;
    let material = match pem::find(text) {
        Some(found) => found?,
        None => {
            shape::judge(text, Field::Secret, venue)?;
            KeyMaterial::Hmac(cleaned)
        }
    };
    let kind = material.kind();
    if !venue.guide.kinds.contains(&kind) {
        return Err(Mistake::Kind {
            kind: kind.word(),
            venue: venue.title,
        });
    }
    Ok(material)
}

/// Both fields, and what only both together show.
///
/// # Errors
/// See [`Mistake`]; the first one, the API key's before the secret's.
pub fn pair(
    api_key: &Secret,
    secret: &Secret,
    venue: &Venue,
) -> Result<(Secret, KeyMaterial), Mistake> {
    let in_key = clean(api_key.expose(), Field::ApiKey)?;
    let in_secret = clean(secret.expose(), Field::Secret)?;
    if in_key.expose() == in_secret.expose() {
        return Err(Mistake::Same);
    }
    let key = self::api_key(&in_key, venue)?;
    let material = self::secret(&in_secret, venue)?;
    Ok((key, material))
}

/// A new Ed25519 pair from the system's random bytes.
///
/// # Errors
/// When the system gives none.
pub fn generate() -> Result<KeyMaterial, VaultError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(VaultError::Random)?;
    let mut held = Secret::new();
    // 32 bytes always fit.
    let _ = held.push(&*seed);
    Ok(KeyMaterial::Ed25519(held))
}

/// The public half as a PEM, to give to the venue; `None` for an HMAC secret, which has none.
pub fn public_pem(material: &KeyMaterial) -> Option<String> {
    let der = match material {
        KeyMaterial::Hmac(_) => return None,
        KeyMaterial::Ed25519(seed) => {
            let key = SigningKey::try_from(seed.expose()).ok()?;
            der::ed25519_public(key.verifying_key().as_bytes())
        }
        KeyMaterial::Rsa(der) => {
            let pair = RsaKeyPair::from_pkcs8(der.expose()).ok()?;
            der::rsa_public(pair.public_key().as_ref())
        }
    };
    Some(pem::public(&der))
}

fn text_of(cleaned: &Secret, field: Field) -> Result<&str, Mistake> {
    cleaned.expose_str().ok_or(Mistake::NotText(field))
}

#[cfg(test)]
pub(crate) mod tests;
