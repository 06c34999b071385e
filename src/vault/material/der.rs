//! As much DER as private keys need. Pure; borrows, and copies nothing secret but what it returns in wiped room.

use zeroize::Zeroizing;

/// Why bytes are not what was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerError {
    /// They end before the length that they announce.
    Cut,
    /// Something else.
    Malformed,
}

pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_ID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;

pub const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
pub const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
pub const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// PKCS #5: the outside of an encrypted private key.
pub const PKCS5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];

/// `AlgorithmIdentifier` of RSA.
const RSA_ALGORITHM: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// `SubjectPublicKeyInfo` of Ed25519 up to the key (RFC 8410).
const ED25519_PUBLIC: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Reads elements off the front of a slice.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// Tag and contents of the next element.
    pub fn any(&mut self) -> Result<(u8, &'a [u8]), DerError> {
        let (&tag, rest) = self.0.split_first().ok_or(DerError::Cut)?;
        let (len, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(len).ok_or(DerError::Cut)?;
        self.0 = rest;
        Ok((tag, contents))
    }

    /// Contents of the next element, which has this tag.
    pub fn take(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        match self.any()? {
            (found, contents) if found == tag => Ok(contents),
            _ => Err(DerError::Malformed),
        }
    }

    /// Inside of the next element, a sequence.
    pub fn enter(&mut self) -> Result<Self, DerError> {
        self.take(SEQUENCE).map(Self)
    }

    /// Refuses anything more.
    pub const fn end(&self) -> Result<(), DerError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DerError::Malformed)
        }
    }
}

/// A length and what follows it.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), DerError> {
    let (&first, rest) = bytes.split_first().ok_or(DerError::Cut)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=3).contains(&count) {
        return Err(DerError::Malformed);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(DerError::Cut)?;
    let len = digits
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    Ok((len, rest))
}

/// Bits of a positive integer's contents.
pub fn bits(integer: &[u8]) -> usize {
    let first = integer.iter().position(|byte| *byte != 0);
    first.map_or(0, |at| {
        (integer.len() - at) * 8 - integer[at].leading_zeros() as usize
    })
}

/// Tag and length of an element.
fn head(tag: u8, len: usize) -> Vec<u8> {
    let digits = len.to_be_bytes();
    let from = digits
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(digits.len() - 1);
    let digits = &digits[from..];
    let mut head = vec![tag];
    if len >= 0x80 {
        head.push(0x80 | digits.len() as u8);
    }
    head.extend_from_slice(digits);
    head
}

/// PKCS #8 of a PKCS #1 private key.
pub fn pkcs8_of_rsa(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let version = [INTEGER, 1, 0];
    let octets = head(OCTET_STRING, pkcs1.len());
    let len = version.len() + RSA_ALGORITHM.len() + octets.len() + pkcs1.len();
    let sequence = head(SEQUENCE, len);
    let mut out = Zeroizing::new(Vec::with_capacity(sequence.len() + len));
    for piece in [&sequence, &version[..], RSA_ALGORITHM, &octets, pkcs1] {
        out.extend_from_slice(piece);
    }
    out
}

/// `SubjectPublicKeyInfo` of an Ed25519 key.
pub fn ed25519_public(key: &[u8; 32]) -> Vec<u8> {
    [ED25519_PUBLIC, key].concat()
}

/// `SubjectPublicKeyInfo` of an `RSAPublicKey`.
pub fn rsa_public(key: &[u8]) -> Vec<u8> {
    let bit_string = [&head(BIT_STRING, key.len() + 1)[..], &[0], key].concat();
    let contents = [RSA_ALGORITHM, &bit_string].concat();
    [&head(SEQUENCE, contents.len())[..], &contents].concat()
}
