//! The public half of a user's own pair, read from SubjectPublicKeyInfo PEM (RFC 5280, section 4.1; RFC 8410; RFC 3279, section 2.3.1).
//!
//! Strict: one block, one key, nothing behind it. Never quotes what it read.

use std::str::FromStr;

use data_encoding::BASE64;

/// A public key that signatures are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Public {
    /// The 32 bytes of the point.
    Ed25519([u8; 32]),
    /// `RSAPublicKey` in DER: modulus and exponent.
    Rsa(Vec<u8>),
}

impl Public {
    /// `ed25519` or `rsa`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "ed25519",
            Self::Rsa(_) => "rsa",
        }
    }
}

/// Why a file holds no usable public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// A private key by mistake.
    #[error(
        "this is a private key, which no exchange may see: give the public half, openssl pkey -in FILE -pubout"
    )]
    Private,
    /// Not PEM at all.
    #[error("no PEM public key is in it: a line -----BEGIN PUBLIC KEY----- has to begin it")]
    NoPem,
    /// PEM of something else.
    #[error("the PEM in it is no PUBLIC KEY: give what openssl pkey -pubout writes")]
    OtherPem,
    /// More than one block.
    #[error("more than one PEM block is in it: give one public key")]
    Several,
    /// Cut off or changed on the way.
    #[error("the public key in it is damaged or cut off")]
    Damaged,
    /// An elliptic-curve key.
    #[error("it is an elliptic-curve (EC) key: the exchange takes Ed25519 and RSA keys")]
    EllipticCurve,
    /// Another algorithm.
    #[error("it is a key of another algorithm: the exchange takes Ed25519 and RSA keys")]
    Algorithm,
    /// An RSA key that is too short or too long, bits.
    #[error("its RSA key has {0} bits: the exchange takes 2048 to 4096")]
    Bits(usize),
    /// More than any public key.
    #[error("it is too large for a public key")]
    TooLarge,
}

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Twice the PEM of the longest RSA key with room for blanks, bytes.
pub const LARGEST_FILE: usize = 8192;
const SHORTEST_RSA: usize = 2048;
const LONGEST_RSA: usize = 4096;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;
/// 1.3.101.112
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// An algorithm without parameters writes NULL.
const NULL: &[u8] = &[0x05, 0x00];

impl FromStr for Public {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        of_der(&unarmoured(text)?)
    }
}

/// The bytes inside the one PEM block.
fn unarmoured(text: &str) -> Result<Vec<u8>, PublicKeyError> {
    if text.len() > LARGEST_FILE {
        return Err(PublicKeyError::TooLarge);
    }
    if text.contains("PRIVATE KEY-----") {
        return Err(PublicKeyError::Private);
    }
    match text.matches("-----BEGIN ").count() {
        0 => return Err(PublicKeyError::NoPem),
        1 => {}
        _ => return Err(PublicKeyError::Several),
    }
    let (_, rest) = text.split_once(BEGIN).ok_or(PublicKeyError::OtherPem)?;
    let (body, _) = rest.split_once(END).ok_or(PublicKeyError::Damaged)?;
    let body: String = body.split_ascii_whitespace().collect();
    BASE64
        .decode(body.as_bytes())
        .map_err(|_| PublicKeyError::Damaged)
}

fn of_der(der: &[u8]) -> Result<Public, PublicKeyError> {
    read(der).ok_or(PublicKeyError::Damaged)?
}

/// `SEQUENCE { SEQUENCE { algorithm, parameters }, BIT STRING }`; `None`: it is something else or cut off.
fn read(der: &[u8]) -> Option<Result<Public, PublicKeyError>> {
    let (outer, nothing) = element(der, SEQUENCE)?;
    let (algorithm, rest) = element(outer, SEQUENCE)?;
    let (bits, nothing_more) = element(rest, BIT_STRING)?;
    if !nothing.is_empty() || !nothing_more.is_empty() {
        return None;
    }
    // The first byte counts unused bits of the last one.
    let (&0, key) = bits.split_first()? else {
        return None;
    };
    let (name, parameters) = element(algorithm, OBJECT)?;
    match name {
        ED25519 if parameters.is_empty() => Some(Ok(Public::Ed25519(key.try_into().ok()?))),
        RSA if parameters == NULL => {
            let bits = modulus_bits(key)?;
            Some(if (SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
                Ok(Public::Rsa(key.to_vec()))
            } else {
                Err(PublicKeyError::Bits(bits))
            })
        }
        EC => Some(Err(PublicKeyError::EllipticCurve)),
        ED25519 | RSA => None,
        _ => Some(Err(PublicKeyError::Algorithm)),
    }
}

/// Bits of the modulus of `SEQUENCE { INTEGER, INTEGER }`.
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let (numbers, nothing) = element(key, SEQUENCE)?;
    let (modulus, rest) = element(numbers, INTEGER)?;
    let (exponent, nothing_more) = element(rest, INTEGER)?;
    if !nothing.is_empty() || !nothing_more.is_empty() || exponent.is_empty() {
        return None;
    }
    // A zero in front keeps the number positive.
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let first = modulus.first().filter(|first| **first != 0)?;
    Some(modulus.len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// The content of the DER element that `bytes` begin with, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => {
            let length = u16::from_be_bytes([*rest.first()?, *rest.get(1)?]);
            (usize::from(length), rest.get(2..)?)
        }
        _ => return None,
    };
    if found != tag {
        return None;
    }
    rest.split_at_checked(length)
}
