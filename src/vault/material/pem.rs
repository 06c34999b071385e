//! Private keys as PEM, or as the base64 inside of one. Pure.

use data_encoding::BASE64;
use ed25519_dalek::SigningKey;
use ring::rsa::KeyPair as RsaKeyPair;
use zeroize::Zeroizing;

use super::der::{self, DerError, Reader};
use super::mistake::{Field, Mistake};
use crate::exchange::credentials::KeyMaterial;
use crate::secret::Secret;

type Found = Result<KeyMaterial, Mistake>;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Bits of an RSA key that venues ask for, and that the signer takes.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The private key in a text, or what is wrong with it; `None` when it is no PEM and nothing like one.
pub fn find(text: &str) -> Option<Found> {
    if is_ssh(text) {
        return Some(Err(Mistake::Ssh));
    }
    if is_ssh_public(text) {
        return Some(Err(Mistake::PublicKey(Field::Secret)));
    }
    if !text.contains(BEGIN) {
        return if text.contains(DASHES) {
            Some(Err(Mistake::PemCut))
        } else {
            naked(text)
        };
    }
    Some(blocks(text))
}

/// The first private key among the blocks; without one, what the first block is.
fn blocks(text: &str) -> Found {
    let mut first = None;
    for block in text.split(BEGIN).skip(1) {
        match of_block(block) {
            Err(mistake @ (Mistake::PublicKey(_) | Mistake::Certificate(_))) => {
                first.get_or_insert(mistake);
            }
            // Parameters stand before an elliptic-curve key.
            other => return other,
        }
    }
    Err(first.unwrap_or(Mistake::PemCut))
}

/// One block, from its label on.
fn of_block(block: &str) -> Found {
    let (label, rest) = block.split_once(DASHES).ok_or(Mistake::PemCut)?;
    match label.trim() {
        "PRIVATE KEY" | "RSA PRIVATE KEY" => {}
        "ENCRYPTED PRIVATE KEY" => return Err(Mistake::Encrypted),
        "OPENSSH PRIVATE KEY" => return Err(Mistake::Ssh),
        "EC PRIVATE KEY" | "EC PARAMETERS" => return Err(Mistake::EllipticCurve),
        "CERTIFICATE" | "CERTIFICATE REQUEST" | "TRUSTED CERTIFICATE" => {
            return Err(Mistake::Certificate(Field::Secret));
        }
        other if other.ends_with("PUBLIC KEY") => return Err(Mistake::PublicKey(Field::Secret)),
        _ => return Err(Mistake::UnknownKind),
    }
    if rest.contains("ENCRYPTED") {
        return Err(Mistake::Encrypted);
    }
    let (body, end) = rest.split_once(END).ok_or(Mistake::PemCut)?;
    let end = end.trim_start().strip_prefix(label.trim());
    let end = end.ok_or(Mistake::PemCut)?.trim_start();
    if !end.starts_with(DASHES) {
        return Err(Mistake::PemCut);
    }
    let der = decode(body)?;
    match label.trim() {
        "RSA PRIVATE KEY" => pkcs1(&der),
        _ => pkcs8(&der),
    }
}

/// The base64 of a private key without its lines; `None` when it is something else.
fn naked(text: &str) -> Option<Found> {
    let squeezed = squeeze(text);
    // Every private key is a sequence of more than 40 bytes that begins with its version, every public one with an algorithm.
    if squeezed.len() < 48 || !squeezed.starts_with(b"M") {
        return None;
    }
    let der = match decode(text) {
        Ok(der) => der,
        // Long text that begins as RSA in PKCS #8 or PKCS #1 does.
        Err(mistake) if squeezed.len() > 200 && squeezed.starts_with(b"MII") => {
            return Some(Err(mistake));
        }
        Err(_) => return None,
    };
    match Reader(&der).any() {
        Ok((der::SEQUENCE, _)) => Some(pkcs8(&der).or_else(|mistake| match mistake {
            Mistake::PemDamaged => pkcs1(&der),
            other => Err(other),
        })),
        Err(DerError::Cut) if squeezed.len() > 200 => Some(Err(Mistake::PemCut)),
        _ => None,
    }
}

/// The bytes of base64 in which anything blank may stand.
fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>, Mistake> {
    let squeezed = squeeze(body);
    if squeezed.is_empty() || !squeezed.len().is_multiple_of(4) {
        return Err(Mistake::PemCut);
    }
    let mut bytes = Zeroizing::new(vec![0; squeezed.len() / 4 * 3]);
    let len = BASE64
        .decode_mut(&squeezed, &mut bytes)
        .map_err(|_| Mistake::PemDamaged)?;
    bytes.truncate(len);
    Ok(bytes)
}

/// Without blanks, line ends, and line ends that were written out as `\n`.
fn squeeze(body: &str) -> Zeroizing<Vec<u8>> {
    let mut squeezed = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut bytes = body.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let written_out = byte == b'\\' && bytes.next_if(|b| b"nr".contains(b)).is_some();
        if !written_out && !byte.is_ascii_whitespace() {
            squeezed.push(byte);
        }
    }
    squeezed
}

impl From<DerError> for Mistake {
    fn from(error: DerError) -> Self {
        match error {
            DerError::Cut => Self::PemCut,
            DerError::Malformed => Self::PemDamaged,
        }
    }
}

/// A key in PKCS #8, version 1 or 2 (RFC 5958).
fn pkcs8(der: &[u8]) -> Found {
    let mut whole = Reader(der);
    let mut info = whole.enter()?;
    whole.end()?;
    let (tag, version) = info.any()?;
    if tag == der::SEQUENCE {
        return Err(without_version(Reader(version), info));
    }
    if tag != der::INTEGER || !matches!(version, [0 | 1]) {
        return Err(Mistake::PemDamaged);
    }
    let mut algorithm = match info.any()? {
        (der::SEQUENCE, contents) => Reader(contents),
        _ => return Err(Mistake::PemDamaged),
    };
    let id = algorithm.take(der::OBJECT_ID)?;
    let private = info.take(der::OCTET_STRING)?;
    match id {
        der::ED25519 => ed25519(private, info),
        der::RSA => pkcs1(private),
        der::EC => Err(Mistake::EllipticCurve),
        _ => Err(Mistake::UnknownKind),
    }
}

/// What a sequence is that begins with a sequence: a public key, an encrypted private key, a certificate.
fn without_version(mut algorithm: Reader<'_>, mut rest: Reader<'_>) -> Mistake {
    let id = algorithm.take(der::OBJECT_ID).unwrap_or_default();
    match rest.any() {
        Ok((der::OCTET_STRING, _)) if id.starts_with(der::PKCS5) => Mistake::Encrypted,
        Ok((der::BIT_STRING, _)) => Mistake::PublicKey(Field::Secret),
        Ok((der::SEQUENCE, _)) => Mistake::Certificate(Field::Secret),
        _ => Mistake::PemDamaged,
    }
}

/// `private` holds the seed; a public half that follows it must be its own.
fn ed25519(private: &[u8], mut rest: Reader<'_>) -> Found {
    let mut inner = Reader(private);
    let seed = inner.take(der::OCTET_STRING)?;
    inner.end()?;
    let key = SigningKey::try_from(seed).map_err(|_| Mistake::PemDamaged)?;
    while !rest.0.is_empty() {
        let (tag, contents) = rest.any()?;
        match (tag, contents.split_last_chunk::<32>()) {
            // [1]: the public half as a bit string; older writers wrap it in a second one.
            (0x81, Some(([0], public))) | (0xa1, Some(([0x03, 33, 0], public)))
                if public == key.verifying_key().as_bytes() => {}
            // [0]: attributes, which say nothing about the key.
            (0xa0, _) => {}
            _ => return Err(Mistake::PemDamaged),
        }
    }
    held(seed).map(KeyMaterial::Ed25519)
}

/// An RSA key in PKCS #1, checked by the one that will sign with it.
fn pkcs1(der: &[u8]) -> Found {
    let mut whole = Reader(der);
    let mut key = whole.enter()?;
    whole.end()?;
    if key.take(der::INTEGER)? != [0] {
        return Err(Mistake::PemDamaged);
    }
    let bits = der::bits(key.take(der::INTEGER)?);
    // Exponents, primes, and what is derived from them.
    for _ in 0..7 {
        key.take(der::INTEGER)?;
    }
    key.end()?;
    if bits < *RSA_BITS.start() {
        return Err(Mistake::RsaShort(bits));
    }
    if bits > *RSA_BITS.end() {
        return Err(Mistake::RsaLong(bits));
    }
    let pkcs8 = der::pkcs8_of_rsa(der);
    RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| Mistake::PemDamaged)?;
    held(&pkcs8).map(KeyMaterial::Rsa)
}

fn held(bytes: &[u8]) -> Result<Secret, Mistake> {
    Secret::of(bytes).map_err(|_| Mistake::TooLong(Field::Secret))
}

fn is_ssh(text: &str) -> bool {
    text.contains("BEGIN OPENSSH PRIVATE KEY") || text.starts_with("PuTTY-User-Key-File")
}

fn is_ssh_public(text: &str) -> bool {
    ["ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-", "---- BEGIN SSH2"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// A PEM of `SubjectPublicKeyInfo`.
pub fn public(der: &[u8]) -> String {
    let base64 = BASE64.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in base64.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    pem
}
