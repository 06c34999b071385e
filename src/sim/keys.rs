//! The API keys that the built-in exchange gives out: who may do what from where.
//!
//! The exchange holds the secrets and prints them once, in its own JSON line; no log ever has them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Read the account.
    Read,
    /// Trade futures.
    Trade,
    /// Move coins out of the exchange.
    Withdraw,
    /// Move coins between accounts.
    Transfer,
}

/// One API key of the one account.
#[derive(Clone)]
pub struct Key {
    /// A name for people.
    pub label: &'static str,
    /// What it may do.
    pub rights: &'static [Right],
    /// The only address it works from; `None`: any.
    pub ip: Option<IpAddr>,
    /// The public half, 64 letters and digits.
    pub api_key: String,
    /// The secret half, 64 letters and digits.
    pub api_secret: String,
}

impl Key {
    /// True when the key has this right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("label", &self.label)
            .field("rights", &self.rights)
            .field("ip", &self.ip)
            .finish_non_exhaustive()
    }
}

/// Label, rights and address of every key. The first one is what a careful trader would make;
/// the others are what a client should warn of or be refused with.
const KEYS: [(&str, &[Right], Option<IpAddr>); 4] = [
    (
        "trade",
        &[Right::Read, Right::Trade],
        Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    ),
    (
        "read",
        &[Right::Read],
        Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    ),
    (
        "careless",
        &[Right::Read, Right::Trade, Right::Withdraw, Right::Transfer],
        None,
    ),
    (
        "elsewhere",
        &[Right::Read, Right::Trade],
        Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7))),
    ),
];

/// Makes the keys; the same bytes give the same keys.
pub fn make(seed: [u8; 32]) -> Vec<Key> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let mut word = || letters(&mut random, 64);
    KEYS.iter()
        .map(|&(label, rights, ip)| Key {
            label,
            rights,
            ip,
            api_key: word(),
            api_secret: word(),
        })
        .collect()
}

/// `count` letters and digits.
pub fn letters(random: &mut ChaCha20Rng, count: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..count)
        .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_keys_and_another_seed_gives_others() {
        let (one, again, other) = (make([1; 32]), make([1; 32]), make([2; 32]));
        assert_eq!(one[0].api_key, again[0].api_key);
        assert_ne!(one[0].api_key, other[0].api_key);
        assert_ne!(one[0].api_key, one[1].api_key);
        for key in &one {
            for word in [&key.api_key, &key.api_secret] {
                assert_eq!(word.len(), 64);
                assert!(word.bytes().all(|b| b.is_ascii_alphanumeric()));
            }
        }
    }

    #[test]
    fn the_first_key_trades_from_this_host_and_cannot_move_money() {
        let key = &make([3; 32])[0];
        assert!(key.may(Right::Read) && key.may(Right::Trade));
        assert!(!key.may(Right::Withdraw) && !key.may(Right::Transfer));
        assert_eq!(key.ip, Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn debug_shows_no_half_of_a_key() {
        let key = make([4; 32]).remove(0);
        let text = format!("{key:?}");
        assert!(!text.contains(&key.api_secret) && !text.contains(&key.api_key));
    }
}
