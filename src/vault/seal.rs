//! From a passphrase to a key, from keys to bytes and back. No files.

use std::collections::TryReserveError;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{AeadInOut, Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::header::{HEADER, Header, TAG};
use crate::secret::{Locked, Secret};

/// What one derivation costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, KiB.
    pub m_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// Of a new vault: RFC 9106's second recommendation in one lane.
    pub const USUAL: Self = Self {
        m_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };
    /// The least that is opened: OWASP's floor for Argon2id.
    pub const LEAST: Self = Self {
        m_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };
    /// The most that is opened.
    pub const MOST: Self = Self {
        m_kib: 256 * 1024,
        passes: 8,
        lanes: 4,
    };

    /// False for what a downgrade or a memory bomb would ask for; asked before anything is allocated.
    pub const fn is_allowed(self) -> bool {
        self.m_kib >= Self::LEAST.m_kib
            && self.m_kib <= Self::MOST.m_kib
            && self.passes >= Self::LEAST.passes
            && self.passes <= Self::MOST.passes
            && self.lanes >= Self::LEAST.lanes
            && self.lanes <= Self::MOST.lanes
    }
}

/// The memory for a derivation cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl From<TryReserveError> for NoMemory {
    fn from(_: TryReserveError) -> Self {
        Self
    }
}

/// What a passphrase became: 32 bytes of cipher key, and 32 bytes of which a hash stands in the header as the passphrase check.
pub struct Derived {
    bytes: Locked<[u8; 64]>,
    /// With what it was derived.
    pub cost: Cost,
    /// With what it was derived.
    pub salt: [u8; 16],
}

impl Derived {
    /// Derives; takes a moment by design.
    ///
    /// # Errors
    /// When the memory cannot be had.
    pub fn of(passphrase: &Secret, salt: [u8; 16], cost: Cost) -> Result<Self, NoMemory> {
        let params = Params::new(cost.m_kib, cost.passes, cost.lanes, Some(64));
        let params = params.map_err(|_| NoMemory)?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count())?;
        memory.resize(params.block_count(), Block::new());
        let mut bytes = Locked::new([0; 64]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let done = argon.hash_password_into_with_memory(
            passphrase.expose(),
            &salt,
            &mut *bytes,
            &mut memory[..],
        );
        for block in &mut memory {
            block.zeroize();
        }
        done.map_err(|_| NoMemory)?;
        Ok(Self { bytes, cost, salt })
    }

    /// The passphrase check.
    pub fn check(&self) -> [u8; 16] {
        let digest = Sha256::new()
            .chain_update(b"lancet vault check")
            .chain_update(&self.bytes[32..])
            .finalize();
        let mut cut = [0; 16];
        cut.copy_from_slice(&digest[..16]);
        cut
    }

    /// True when a file was written with the same salt and cost: this key may fit it.
    pub fn belongs_to(&self, header: &Header) -> bool {
        self.salt == header.salt && self.cost == header.cost
    }

    fn cipher(&self) -> Option<XChaCha20Poly1305> {
        let key = <&Key>::try_from(&self.bytes[..32]).ok()?;
        Some(XChaCha20Poly1305::new(key))
    }

    /// Encrypts padded `plain` in place and makes the whole file of it; `nonce` must be fresh.
    pub fn seal(&self, mut plain: Zeroizing<Vec<u8>>, nonce: [u8; 24]) -> Option<Vec<u8>> {
        let header = Header {
            cost: self.cost,
            salt: self.salt,
            nonce,
            payload: u32::try_from(plain.len() + TAG).ok()?,
            check: self.check(),
        };
        let head = header.encode();
        let tag = self
            .cipher()?
            .encrypt_inout_detached(&XNonce::from(nonce), &head, plain.as_mut_slice().into())
            .ok()?;
        let mut file = Vec::with_capacity(HEADER + plain.len() + TAG);
        file.extend_from_slice(&head);
        file.extend_from_slice(&plain);
        file.extend_from_slice(&tag);
        Some(file)
    }

    /// Decrypts what followed a header; `None` when anything was changed.
    pub fn unseal(&self, header: &Header, head: &[u8], rest: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (sealed, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let nonce = XNonce::from(header.nonce);
        let tag = Tag::try_from(tag).ok()?;
        self.cipher()?
            .decrypt_inout_detached(&nonce, head, plain.as_mut_slice().into(), &tag)
            .ok()?;
        Some(plain)
    }
}
