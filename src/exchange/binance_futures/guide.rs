//! What to do at Binance to get a key for futures.

use crate::exchange::binance::guide::{KINDS, NEVER, is_64_letters};
use crate::exchange::credentials::KeyKind;
use crate::exchange::guide::KeyGuide;

/// The guide (Binance: API key types FAQ; key permission endpoint of the wallet API; derivatives quick start).
pub const GUIDE: KeyGuide = KeyGuide {
    page: "binance.com: Account, API Management, Create API",
    demo_page: "demo.binance.com: API Management (keys of the real exchange do not work there)",
    tick: &["Enable Reading", "Enable Futures"],
    never: NEVER,
    notes: &[
        KINDS,
        "A key made before the futures account was opened cannot trade futures: make a new one.",
    ],
    kinds: &[KeyKind::Ed25519, KeyKind::Hmac, KeyKind::Rsa],
    passphrase: false,
    looks_like_key: is_64_letters,
    looks_like_secret: is_64_letters,
};
