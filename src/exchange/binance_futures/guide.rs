//! What to do at Binance to get a key for futures.

use crate::exchange::credentials::KeyKind;
use crate::exchange::guide::KeyGuide;

/// The guide (Binance: API key types FAQ; key permission endpoint of the wallet API; derivatives quick start).
pub const GUIDE: KeyGuide = KeyGuide {
    page: "binance.com: Account, API Management, Create API",
    demo_page: "demo.binance.com: API Management (keys of the real exchange do not work there)",
    tick: &["Enable Reading", "Enable Futures"],
    never: &[
        "Enable Withdrawals",
        "Permits Universal Transfer",
        "Enable Internal Transfer",
    ],
    notes: &[
        "Choose \"Self-generated\" for a pair made here, \"System generated\" for a key with a secret.",
        "A key made before the futures account was opened cannot trade futures: make a new one.",
    ],
    kinds: &[KeyKind::Ed25519, KeyKind::Hmac, KeyKind::Rsa],
    passphrase: false,
    looks_like_key: is_64_letters,
    looks_like_secret: is_64_letters,
};

/// Keys and secrets alike are 64 letters and digits.
fn is_64_letters(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
