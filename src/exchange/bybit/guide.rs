//! What to do at Bybit to get a key.

use crate::exchange::credentials::KeyKind;
use crate::exchange::guide::KeyGuide;

/// The guide (Bybit: API Key Information; Demo Trading Service; Integration Guidance).
pub const GUIDE: KeyGuide = KeyGuide {
    page: "bybit.com: Account, API, Create New Key, System-generated API Keys",
    demo_page: "bybit.com: switch to Demo Trading, then API (keys of the real exchange do not work there); testnet.bybit.com has its own",
    tick: &[
        "Read-Write",
        "Unified Trading: Contract (Orders, Positions)",
        "Unified Trading: SPOT (Trade)",
    ],
    never: &[
        "Wallet: Withdrawal",
        "Wallet: Account Transfer",
        "Wallet: Subaccount Transfer",
    ],
    notes: &[
        "Lancet trades the unified account: a classic one must be upgraded at the exchange first.",
        "A key without bound addresses ends after three months; one bound to this host's address does not.",
        "Accounts of a regional Bybit (EU, Turkey, Kazakhstan, ...) have hosts of their own: choose the site in the settings.",
    ],
    kinds: &[KeyKind::Hmac, KeyKind::Rsa],
    passphrase: false,
    looks_like_key: is_18_letters,
    looks_like_secret: is_36_letters,
};

/// A key is 18 letters and digits.
fn is_18_letters(text: &str) -> bool {
    is_plain(text, 18)
}

/// A secret is 36 letters and digits.
fn is_36_letters(text: &str) -> bool {
    is_plain(text, 36)
}

fn is_plain(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
