//! What a key of Binance looks like, and what it must never be allowed, whatever the product. Plain data.

/// Rights never to tick.
pub const NEVER: &[&str] = &[
    "Enable Withdrawals",
    "Permits Universal Transfer",
    "Enable Internal Transfer",
];

/// Which kind of key to make.
pub const KINDS: &str =
    "Choose \"Self-generated\" for a pair made here, \"System generated\" for a key with a secret.";

/// Keys and secrets alike are 64 letters and digits.
pub fn is_64_letters(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
