//! The first hundred bytes of a vault, little-endian. Pure.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic |
//! | 2 | format |
//! | 1, 1 | key derivation (1: Argon2id, version 0x13), cipher (1: XChaCha20-Poly1305) |
//! | 4, 4, 4 | its memory in KiB, passes, lanes |
//! | 16, 24 | salt, nonce |
//! | 4 | length of what follows the header: padded JSON and the cipher's tag |
//! | 16 | passphrase check, see [`super::seal`] |
//! | 16 | SHA-256 of all before it, cut: tells accidental damage from a wrong passphrase. Every format keeps it here |
//!
//! All of it is authenticated by the cipher: the checksum protects from accidents, the cipher from people.

use sha2::{Digest, Sha256};

use super::seal::Cost;

/// Length of the header, bytes.
pub const HEADER: usize = 100;
/// Length of the cipher's tag, bytes.
pub const TAG: usize = 16;
/// What is encrypted is a multiple of this, bytes.
pub const PAD: usize = 1024;
/// Largest vault, bytes.
pub const LARGEST: usize = 1024 * 1024;

const MAGIC: &[u8; 8] = b"LANCETKV";
const FORMAT: u16 = 1;
const ARGON2ID: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;
/// Where the checksum begins.
const SUMMED: usize = HEADER - 16;

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Cost of the key derivation; within its bounds.
    pub cost: Cost,
    /// Its salt.
    pub salt: [u8; 16],
    /// Nonce of the cipher; another for every writing.
    pub nonce: [u8; 24],
    /// Length of what follows, bytes.
    pub payload: u32,
    /// Passphrase check.
    pub check: [u8; 16],
}

/// Why bytes are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// They end too early.
    Truncated,
    /// They begin as something else.
    NotAVault,
    /// The checksum differs.
    Damaged,
    /// A later format.
    Newer(u16),
    /// Refused parameters.
    Parameters(Cost),
}

impl Header {
    /// The bytes of a file's header.
    pub fn encode(&self) -> [u8; HEADER] {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&[ARGON2ID, XCHACHA20_POLY1305]);
        for number in [self.cost.m_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.payload.to_le_bytes());
        bytes.extend_from_slice(&self.check);
        bytes.extend_from_slice(&checksum(&bytes));
        let mut out = [0; HEADER];
        out.copy_from_slice(&bytes);
        out
    }

    /// Splits a whole file into its header, the header's bytes and what follows.
    ///
    /// # Errors
    /// See [`HeaderError`]; nothing was allocated or derived.
    pub fn split(file: &[u8]) -> Result<(Self, &[u8], &[u8]), HeaderError> {
        let magic = file.get(..MAGIC.len()).unwrap_or(file);
        if !MAGIC.starts_with(magic) {
            return Err(HeaderError::NotAVault);
        }
        let (head, rest) = file
            .split_at_checked(HEADER)
            .ok_or(HeaderError::Truncated)?;
        if checksum(&head[..SUMMED]) != head[SUMMED..] {
            return Err(HeaderError::Damaged);
        }
        let mut at = Cursor(&head[MAGIC.len()..]);
        match u16::from_le_bytes(at.take()) {
            FORMAT => {}
            0 => return Err(HeaderError::Damaged),
            later => return Err(HeaderError::Newer(later)),
        }
        let methods: [u8; 2] = at.take();
        let cost = Cost {
            m_kib: u32::from_le_bytes(at.take()),
            passes: u32::from_le_bytes(at.take()),
            lanes: u32::from_le_bytes(at.take()),
        };
        if methods != [ARGON2ID, XCHACHA20_POLY1305] || !cost.is_allowed() {
            return Err(HeaderError::Parameters(cost));
        }
        let header = Self {
            cost,
            salt: at.take(),
            nonce: at.take(),
            payload: u32::from_le_bytes(at.take()),
            check: at.take(),
        };
        header.measure(rest)?;
        Ok((header, head, rest))
    }

    /// Compares what follows with the length that was written.
    fn measure(&self, rest: &[u8]) -> Result<(), HeaderError> {
        let payload = self.payload as usize;
        let padded = payload.saturating_sub(TAG);
        if padded == 0 || padded % PAD != 0 || payload > LARGEST - HEADER || rest.len() > payload {
            return Err(HeaderError::Damaged);
        }
        if rest.len() < payload {
            return Err(HeaderError::Truncated);
        }
        Ok(())
    }
}

fn checksum(bytes: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(bytes);
    let mut cut = [0; 16];
    cut.copy_from_slice(&digest[..16]);
    cut
}

/// Takes fixed pieces off the front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// The next `N` bytes; zeros past the end, which a header of full length never reaches.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((piece, rest)) = self.0.split_first_chunk::<N>() else {
            return [0; N];
        };
        self.0 = rest;
        *piece
    }
}
