//! An API key and what signs for it, as the signer needs them. Owns both; must never show either.
//!
//! A secret is dropped as soon as its signer is keyed; the keyed state lives in locked pages, so that the order path neither
//! touches the secret nor hashes it again. (An RSA key lives in `ring`'s own memory, which is neither locked nor wiped.)

use std::fmt;
use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use sha2::{Digest, Sha256};

use crate::secret::{Locked, Secret};

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A secret that the venue made and knows too: HMAC-SHA256.
    Hmac,
    /// A pair whose private half never left its owner: Ed25519.
    Ed25519,
    /// The same with RSA: PKCS #1 v1.5 with SHA-256.
    Rsa,
}

impl KeyKind {
    /// As on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hmac => "HMAC",
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
        }
    }
}

/// What a key signs with, before it is a signer.
pub enum KeyMaterial {
    /// The secret as the venue shows it.
    Hmac(Secret),
    /// The private half: 32 bytes.
    Ed25519(Secret),
    /// The private half: PKCS #8 as DER.
    Rsa(Secret),
}

impl KeyMaterial {
    /// Which kind it is.
    pub const fn kind(&self) -> KeyKind {
        match self {
            Self::Hmac(_) => KeyKind::Hmac,
            Self::Ed25519(_) => KeyKind::Ed25519,
            Self::Rsa(_) => KeyKind::Rsa,
        }
    }

    /// A copy, made knowingly.
    pub fn copy(&self) -> Self {
        // What fits one secret fits another.
        let copied = |secret: &Secret| Secret::of(secret.expose()).unwrap_or_default();
        match self {
            Self::Hmac(secret) => Self::Hmac(copied(secret)),
            Self::Ed25519(seed) => Self::Ed25519(copied(seed)),
            Self::Rsa(der) => Self::Rsa(copied(der)),
        }
    }
}

/// A key of a venue, ready to sign. Prints its fingerprint and nothing else; a clone shares the one signer.
#[derive(Clone)]
pub struct Credentials {
    inner: Arc<Inner>,
}

struct Inner {
    api_key: Secret,
    signer: Signer,
    passphrase: Option<Secret>,
}

enum Signer {
    Hmac(Locked<Hmac<Sha256>>),
    Ed25519(Locked<SigningKey>),
    Rsa(Box<RsaKeyPair>),
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The API key is empty, or holds what a header may not have.
    #[error("the API key must be printable ASCII without blanks")]
    Key,
    /// The secret is empty.
    #[error("the API secret is empty")]
    Secret,
    /// The private key cannot be read.
    #[error("the private key cannot be read")]
    Private,
}

impl Credentials {
    /// Takes a key and forgets its secret once the signer is keyed. `passphrase` is the third part that some venues want.
    ///
    /// # Errors
    /// When the key cannot stand in an HTTP header and a JSON string as it is, or nothing can sign with the material.
    pub fn new(
        api_key: &str,
        material: &KeyMaterial,
        passphrase: Option<Secret>,
    ) -> Result<Self, CredentialsError> {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if api_key.is_empty() || !api_key.bytes().all(plain) {
            return Err(CredentialsError::Key);
        }
        let signer = Signer::of(material)?;
        let api_key = Secret::of(api_key.as_bytes()).map_err(|_| CredentialsError::Key)?;
        Ok(Self {
            inner: Arc::new(Inner {
                api_key,
                signer,
                passphrase,
            }),
        })
    }

    /// A key with a secret that the venue made.
    ///
    /// # Errors
    /// As [`Credentials::new`].
    pub fn hmac(api_key: &str, secret: &str) -> Result<Self, CredentialsError> {
        let secret = Secret::of(secret.as_bytes()).map_err(|_| CredentialsError::Secret)?;
        Self::new(api_key, &KeyMaterial::Hmac(secret), None)
    }

    /// The API key, for the one header or parameter that carries it.
    pub fn api_key(&self) -> &str {
        self.inner.api_key.expose_str().unwrap_or_default()
    }

    /// How it signs.
    pub fn kind(&self) -> KeyKind {
        match self.inner.signer {
            Signer::Hmac(_) => KeyKind::Hmac,
            Signer::Ed25519(_) => KeyKind::Ed25519,
            Signer::Rsa(_) => KeyKind::Rsa,
        }
    }

    /// The third part that some venues want.
    pub fn passphrase(&self) -> Option<&Secret> {
        self.inner.passphrase.as_ref()
    }

    /// Appends the signature of `payload` to `out`: an HMAC in lower-case hex, another signature in base64.
    pub fn sign(&self, payload: &[u8], out: &mut String) {
        match &self.inner.signer {
            Signer::Hmac(keyed) => {
                let mut mac = Hmac::clone(keyed);
                mac.update(payload);
                HEXLOWER.encode_append(&mac.finalize().into_bytes(), out);
            }
            Signer::Ed25519(key) => BASE64.encode_append(&key.sign(payload).to_bytes(), out),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let random = SystemRandom::new();
                // Fails only without randomness for blinding; an empty signature is then refused by the venue.
                if pair
                    .sign(&RSA_PKCS1_SHA256, &random, payload, &mut signature)
                    .is_ok()
                {
                    BASE64.encode_append(&signature, out);
                }
            }
        }
    }

    /// Appends the signature of `payload` to `out` in base64, an HMAC too (OKX).
    pub fn sign_base64(&self, payload: &[u8], out: &mut String) {
        match &self.inner.signer {
            Signer::Hmac(keyed) => {
                let mut mac = Hmac::clone(keyed);
                mac.update(payload);
                BASE64.encode_append(&mac.finalize().into_bytes(), out);
            }
            Signer::Ed25519(_) | Signer::Rsa(_) => self.sign(payload, out),
        }
    }

    /// By what a trader can tell keys apart; says nothing about the key. See [`fingerprint`].
    pub fn fingerprint(&self) -> String {
        fingerprint(self.api_key())
    }
}

/// The first 16 hex digits of the SHA-256 of an API key, in groups: `1f3a 90bc 12de 77aa`.
pub fn fingerprint(api_key: &str) -> String {
    let digest = Sha256::digest(api_key.as_bytes());
    let groups: Vec<String> = digest[..8]
        .chunks(2)
        .map(|two| HEXLOWER.encode(two))
        .collect();
    groups.join(" ")
}

impl Signer {
    fn of(material: &KeyMaterial) -> Result<Self, CredentialsError> {
        match material {
            KeyMaterial::Hmac(secret) if secret.is_empty() => Err(CredentialsError::Secret),
            KeyMaterial::Hmac(secret) => Hmac::new_from_slice(secret.expose())
                .map(|mac| Self::Hmac(Locked::new(mac)))
                .map_err(|_| CredentialsError::Secret),
            KeyMaterial::Ed25519(seed) => SigningKey::try_from(seed.expose())
                .map(|key| Self::Ed25519(Locked::new(key)))
                .map_err(|_| CredentialsError::Private),
            KeyMaterial::Rsa(der) => RsaKeyPair::from_pkcs8(der.expose())
                .map(|pair| Self::Rsa(Box::new(pair)))
                .map_err(|_| CredentialsError::Private),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Verifier as _;

    #[test]
    fn rule11_debug_prints_a_fingerprint_and_neither_key_nor_secret() {
        let pair = Credentials::hmac("the-public-part", "the-secret-part").unwrap();
        let shown = format!("{pair:?} {pair:#?}");
        assert!(shown.contains(&pair.fingerprint()));
        assert!(!shown.contains("public-part") && !shown.contains("secret-part"));
    }

    #[test]
    fn keys_that_would_break_a_header_or_a_json_string_are_refused() {
        for bad in ["", "a b", "a\r\nb", "a\"b", "a\\b", "ключ"] {
            assert_eq!(
                Credentials::hmac(bad, "s").err(),
                Some(CredentialsError::Key),
                "{bad:?}"
            );
        }
        assert_eq!(
            Credentials::hmac("k", "").err(),
            Some(CredentialsError::Secret)
        );
        let short = KeyMaterial::Ed25519(Secret::of(&[1; 31]).unwrap());
        assert_eq!(
            Credentials::new("k", &short, None).err(),
            Some(CredentialsError::Private)
        );
    }

    #[test]
    fn an_ed25519_signature_is_the_standards_own_and_verifies() {
        // RFC 8032, section 7.1, test 2.
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let material = KeyMaterial::Ed25519(Secret::of(&seed).unwrap());
        let pair = Credentials::new("k", &material, None).unwrap();
        let mut text = String::new();
        pair.sign(&[0x72], &mut text);
        let signature = BASE64.decode(text.as_bytes()).unwrap();
        assert_eq!(
            data_encoding::HEXLOWER.encode(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        let public = SigningKey::try_from(&seed[..]).unwrap().verifying_key();
        let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
        public.verify(&[0x72], &signature).unwrap();
    }
}
