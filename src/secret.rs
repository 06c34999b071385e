//! Secrets in memory: fixed room, locked pages, wiped when dropped.
//!
//! A [`Secret`] is neither printed, copied, compared by `==` nor written by serde: code that tries does not compile.
//!
//! ```
//! assert!(lancet::secret::Secret::new().is_empty());
//! ```
//! ```compile_fail
//! println!("{:?}", lancet::secret::Secret::new());
//! ```
//! ```compile_fail
//! println!("{}", lancet::secret::Secret::new());
//! ```
//! ```compile_fail
//! let copy = lancet::secret::Secret::new().clone();
//! ```
//! ```compile_fail
//! let text = serde_json::to_string(&lancet::secret::Secret::new());
//! ```

mod locked;

pub use locked::Locked;

/// Longest secret, bytes: an RSA key of 8192 bits as a PEM has 6 500. With its length it fills four pages.
pub const CAPACITY: usize = 16 * 1024 - 8;

/// The text is longer than [`CAPACITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("longer than {CAPACITY} bytes")]
pub struct TooLong;

/// Bytes that nobody may see. The room never grows, so that no outgrown copy is left behind in memory.
pub struct Secret {
    held: Locked<Held>,
}

struct Held {
    len: usize,
    bytes: [u8; CAPACITY],
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

impl Secret {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            held: Locked::new(Held {
                len: 0,
                bytes: [0; CAPACITY],
            }),
        }
    }

    /// A copy of `bytes`; the caller wipes its own.
    ///
    /// # Errors
    /// When they are too many.
    pub fn of(bytes: &[u8]) -> Result<Self, TooLong> {
        let mut secret = Self::new();
        secret.push(bytes)?;
        Ok(secret)
    }

    /// Appends all of `bytes` or nothing.
    ///
    /// # Errors
    /// When they are too many.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let end = self.held.len + bytes.len();
        let room = self.held.len..end;
        self.held
            .bytes
            .get_mut(room)
            .ok_or(TooLong)?
            .copy_from_slice(bytes);
        self.held.len = end;
        Ok(())
    }

    /// Takes the last character (UTF-8) away; does nothing when there is none.
    pub fn pop_char(&mut self) {
        while let Some(last) = self.held.len.checked_sub(1) {
            let byte = std::mem::take(&mut self.held.bytes[last]);
            self.held.len = last;
            if byte & 0xc0 != 0x80 {
                return;
            }
        }
    }

    /// Wipes it.
    pub fn clear(&mut self) {
        let len = std::mem::take(&mut self.held.len);
        zeroize::Zeroize::zeroize(&mut self.held.bytes[..len]);
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.held.len
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.held.len == 0
    }

    /// The bytes, for whoever signs or encrypts with them. Search for this word to see who does.
    pub fn expose(&self) -> &[u8] {
        &self.held.bytes[..self.held.len]
    }

    /// The bytes as text; `None` when they are none.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(self.expose()).ok()
    }

    /// True when the system keeps its pages out of swap.
    pub fn is_locked(&self) -> bool {
        self.held.is_locked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule11_a_secret_holds_what_fits_and_is_wiped_by_hand() {
        let mut secret = Secret::of("päss".as_bytes()).unwrap();
        assert_eq!(secret.expose_str(), Some("päss"));
        secret.pop_char();
        secret.pop_char();
        secret.pop_char();
        assert_eq!(secret.expose_str(), Some("p"));
        assert_eq!(secret.push(&[b'x'; CAPACITY]), Err(TooLong));
        assert_eq!(secret.expose(), b"p", "all or nothing");
        secret.clear();
        assert!(secret.is_empty() && secret.held.bytes.iter().all(|byte| *byte == 0));
        secret.pop_char();
        assert!(Secret::of(&[7; CAPACITY]).is_ok());
        assert!(Secret::of(&[7; CAPACITY + 1]).is_err());
    }
}
