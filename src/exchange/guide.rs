//! What a trader has to do at a venue to get a key, as data; every venue fills it in.

use super::credentials::KeyKind;

/// A venue's keys, explained.
#[derive(Clone, Copy, Debug)]
pub struct KeyGuide {
    /// Where keys are made for real money: the page, as a person finds it.
    pub page: &'static str,
    /// Where they are made for the demo network; empty where there is none.
    pub demo_page: &'static str,
    /// Rights to tick.
    pub tick: &'static [&'static str],
    /// Rights never to tick.
    pub never: &'static [&'static str],
    /// What else to know, a sentence each.
    pub notes: &'static [&'static str],
    /// The kinds of key that it takes, the best first.
    pub kinds: &'static [KeyKind],
    /// A third part goes with each key.
    pub passphrase: bool,
    /// True for text that looks like an API key of this venue.
    pub looks_like_key: fn(&str) -> bool,
    /// True for text that looks like a secret of this venue (HMAC).
    pub looks_like_secret: fn(&str) -> bool,
}
