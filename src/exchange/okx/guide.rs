//! What to do at OKX to get a key.

use crate::exchange::credentials::KeyKind;
use crate::exchange::guide::KeyGuide;

/// The guide (OKX v5, API key creation; account configuration).
pub const GUIDE: KeyGuide = KeyGuide {
    page: "okx.com (or the site of your region): profile, API, Create API key, API trading",
    demo_page: "okx.com: Trade, Demo trading, then Demo trading API (keys of the real exchange do not work there)",
    tick: &["Read", "Trade"],
    never: &["Withdraw"],
    notes: &[
        "The passphrase is the key's third part: you choose it when you make the key, and nobody can tell it again.",
        "Swaps need the account in futures mode or higher (Trade, Settings, Account mode); spot mode trades spot alone.",
        "A key with the right to trade that is bound to no address ends after 14 days without use.",
        "The right to trade includes moving money between your own accounts.",
        "Keys belong to the site that they were made at: www, eea and us do not know each other's.",
    ],
    kinds: &[KeyKind::Hmac],
    passphrase: true,
    looks_like_key: is_uuid,
    looks_like_secret: is_32_hex,
};

/// `8-4-4-4-12` hex digits.
fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && is_hex(part))
}

fn is_32_hex(text: &str) -> bool {
    text.len() == 32 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_secret_are_told_apart() {
        let key = "a1b2c3d4-0000-4abc-8def-0123456789ab";
        let secret = "22582BD0CFF14C41EDBF1AB98506286D";
        assert!(is_uuid(key) && !is_uuid(secret));
        assert!(is_32_hex(secret) && !is_32_hex(key));
    }
}
