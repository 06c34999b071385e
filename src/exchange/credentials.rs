//! An API key and its signing secret, as the signer needs them. Owns both; must never show either.
//!
//! The secret itself is dropped as soon as the MAC is keyed; each signature clones the keyed MAC, so the
//! order path neither touches the secret nor hashes it again.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A key pair of a venue that signs with HMAC-SHA256. Prints its fingerprint and nothing else.
#[derive(Clone)]
pub struct Credentials {
    api_key: SecretString,
    mac: Hmac<Sha256>,
}

/// Why a key pair cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The API key is empty, or holds what a header may not have.
    #[error("the API key must be printable ASCII without blanks")]
    Key,
    /// The secret is empty.
    #[error("the API secret is empty")]
    Secret,
}

impl Credentials {
    /// Takes a key pair and forgets the secret once the MAC is keyed.
    ///
    /// # Errors
    /// When the key cannot stand in an HTTP header and a JSON string as it is, or the secret is empty.
    pub fn hmac(api_key: SecretString, secret: &SecretString) -> Result<Self, CredentialsError> {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        let key = api_key.expose_secret();
        if key.is_empty() || !key.bytes().all(plain) {
            return Err(CredentialsError::Key);
        }
        let secret = secret.expose_secret().as_bytes();
        if secret.is_empty() {
            return Err(CredentialsError::Secret);
        }
        let mac = Hmac::new_from_slice(secret).map_err(|_| CredentialsError::Secret)?;
        Ok(Self { api_key, mac })
    }

    /// The API key, for the one header or parameter that carries it.
    pub fn api_key(&self) -> &str {
        self.api_key.expose_secret()
    }

    /// Appends the lower-case hex HMAC-SHA256 of `payload` to `out`.
    pub fn sign_hex(&self, payload: &[u8], out: &mut String) {
        let mut mac = self.mac.clone();
        mac.update(payload);
        HEXLOWER.encode_append(&mac.finalize().into_bytes(), out);
    }

    /// Eight hex digits by which a trader can tell keys apart; says nothing about the key.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.api_key.expose_secret().as_bytes());
        HEXLOWER.encode(&digest[..4])
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

    #[test]
    fn rule11_debug_prints_a_fingerprint_and_neither_key_nor_secret() {
        let pair = Credentials::hmac("the-public-part".into(), &"the-secret-part".into()).unwrap();
        let shown = format!("{pair:?} {pair:#?}");
        assert!(shown.contains(&pair.fingerprint()));
        assert!(!shown.contains("public-part") && !shown.contains("secret-part"));
    }

    #[test]
    fn keys_that_would_break_a_header_or_a_json_string_are_refused() {
        for bad in ["", "a b", "a\r\nb", "a\"b", "a\\b", "ключ"] {
            assert_eq!(
                Credentials::hmac(bad.into(), &"s".into()).err(),
                Some(CredentialsError::Key),
                "{bad:?}"
            );
        }
        assert_eq!(
            Credentials::hmac("k".into(), &"".into()).err(),
            Some(CredentialsError::Secret)
        );
    }
}
