//! What to do at Binance to get a key for spot.

use crate::exchange::binance::guide::{KINDS, NEVER, is_64_letters};
use crate::exchange::credentials::KeyKind;
use crate::exchange::guide::KeyGuide;

/// The guide (Binance: API key types FAQ; key permission endpoint of the wallet API; demo mode and spot testnet, general
/// information).
pub const GUIDE: KeyGuide = KeyGuide {
    page: "binance.com: Account, API Management, Create API",
    demo_page: "demo.binance.com: API Management; for the testnet testnet.binance.vision (each has keys of its own)",
    tick: &["Enable Reading", "Enable Spot & Margin Trading"],
    never: NEVER,
    notes: &[
        KINDS,
        "Spot and margin are one right: Lancet trades spot alone and never borrows.",
        "A self-generated Ed25519 key is the fastest: the venue then takes orders without a signature on each.",
    ],
    kinds: &[KeyKind::Ed25519, KeyKind::Hmac, KeyKind::Rsa],
    passphrase: false,
    looks_like_key: is_64_letters,
    looks_like_secret: is_64_letters,
};
