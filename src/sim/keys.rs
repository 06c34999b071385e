//! The API keys that the built-in exchange gives out: who may do what from where, for how long, and what a signature is checked with.
//!
//! The exchange holds the secrets and prints them once, in its own JSON line; no log ever has them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use data_encoding::BASE64;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use ring::signature::{Ed25519KeyPair, KeyPair};

mod public;

pub(super) use public::LARGEST_FILE;
pub use public::{Public, PublicKeyError};

/// Label of the key that goes with a public key of the user's.
pub(super) const OWN: &str = "own";

const DAY_MS: i64 = 24 * 3_600_000;

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

/// What the exchange checks a key's signatures with.
#[derive(Clone)]
pub enum Kind {
    /// A secret that both sides hold, 64 letters and digits.
    Hmac(String),
    /// A pair that the exchange made itself.
    Made {
        /// The half that stays.
        public: Public,
        /// The half that it gives away: PKCS#8 PEM.
        private_key_pem: String,
    },
    /// The public half of a pair that somebody else made.
    Own(Public),
}

impl Kind {
    /// `hmac`, `ed25519` or `rsa`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "hmac",
            Self::Made { public, .. } | Self::Own(public) => public.word(),
        }
    }
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
    /// When its right to trade ends, ms since 1970; `None`: never.
    pub expires: Option<i64>,
    /// What it is called by, 64 letters and digits.
    pub api_key: String,
    /// What its signatures are checked with.
    pub kind: Kind,
}

impl Key {
    /// True when the key has this right at `now`, ms since 1970. Only trading ends with [`Key::expires`].
    pub fn may(&self, right: Right, now: i64) -> bool {
        self.rights.contains(&right) && (right != Right::Trade || !self.has_ended(now))
    }

    /// True when its authority to trade is over at `now`, ms since 1970.
    pub fn has_ended(&self, now: i64) -> bool {
        self.expires.is_some_and(|end| now >= end)
    }

    /// The secret that both sides hold; pairs have none.
    pub fn api_secret(&self) -> Option<&str> {
        match &self.kind {
            Kind::Hmac(secret) => Some(secret),
            Kind::Made { .. } | Kind::Own(_) => None,
        }
    }

    /// The private half, where the exchange made the pair.
    pub fn private_key_pem(&self) -> Option<&str> {
        match &self.kind {
            Kind::Made {
                private_key_pem, ..
            } => Some(private_key_pem),
            Kind::Hmac(_) | Kind::Own(_) => None,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("label", &self.label)
            .field("rights", &self.rights)
            .field("ip", &self.ip)
            .field("expires", &self.expires)
            .field("kind", &self.kind.word())
            .finish_non_exhaustive()
    }
}

const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
const ELSEWHERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)));
const READ: &[Right] = &[Right::Read];
const TRADE: &[Right] = &[Right::Read, Right::Trade];
const WITHDRAW: &[Right] = &[Right::Read, Right::Trade, Right::Withdraw];
const TRANSFER: &[Right] = &[Right::Read, Right::Trade, Right::Transfer];
const ALL: &[Right] = &[Right::Read, Right::Trade, Right::Withdraw, Right::Transfer];

/// Label, rights, address, and days until trading ends.
type Terms = (&'static str, &'static [Right], Option<IpAddr>, Option<i64>);

/// Every key with a shared secret. The first one is what a careful trader
/// would make; the others are what a client should warn of or be refused with. New ones come last: a seed's keys stay the same.
const SHARED: [Terms; 9] = [
    ("trade", TRADE, HERE, None),
    ("read", READ, HERE, None),
    ("careless", ALL, None, None),
    ("elsewhere", TRADE, ELSEWHERE, None),
    ("withdraw", WITHDRAW, HERE, None),
    ("transfer", TRANSFER, HERE, None),
    ("anywhere", TRADE, None, None),
    ("expired", TRADE, HERE, Some(-1)),
    ("ending", TRADE, HERE, Some(10)),
];

/// Makes the keys of an exchange that opens at `opened`, ms since 1970; the same bytes give the same keys. `own` is the public
/// half of a pair of the user's, for which there is a key of its own.
pub fn make(seed: [u8; 32], opened: i64, own: Option<Public>) -> Vec<Key> {
    let mut random = ChaCha20Rng::from_seed(seed);
    let mut keys: Vec<Key> = SHARED
        .iter()
        .map(|&(label, rights, ip, days)| Key {
            label,
            rights,
            ip,
            expires: days.map(|days| opened.saturating_add(days * DAY_MS)),
            api_key: letters(&mut random, 64),
            kind: Kind::Hmac(letters(&mut random, 64)),
        })
        .collect();
    let careful = |label, api_key, kind| Key {
        label,
        rights: TRADE,
        ip: HERE,
        expires: None,
        api_key,
        kind,
    };
    let api_key = letters(&mut random, 64);
    keys.extend(pair(&mut random).map(|kind| careful("ed25519", api_key, kind)));
    let api_key = letters(&mut random, 64);
    keys.extend(own.map(|public| careful(OWN, api_key, Kind::Own(public))));
    keys
}

/// The third part of every key of an exchange, for venues whose keys have one.
pub fn passphrase(seed: [u8; 32]) -> String {
    let mut random = ChaCha20Rng::from_seed(seed);
    // Another stream than the keys and the listen keys come from.
    random.set_stream(2);
    letters(&mut random, 12)
}

/// An Ed25519 pair. PKCS#8 of one is a fixed head and the 32 bytes of the seed (RFC 8410, section 7).
fn pair(random: &mut ChaCha20Rng) -> Option<Kind> {
    const HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let mut seed = [0; 32];
    random.fill_bytes(&mut seed);
    // Any 32 bytes are a seed: `None` cannot come.
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let public = pair.public_key().as_ref().try_into().ok()?;
    let body = BASE64.encode(&[&HEAD[..], &seed].concat());
    Some(Kind::Made {
        public: Public::Ed25519(public),
        private_key_pem: format!(
            "-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
        ),
    })
}

/// `count` letters and digits.
pub fn letters(random: &mut ChaCha20Rng, count: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..count)
        .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
        .collect()
}

#[cfg(test)]
mod tests;
