//! Short names kept inline, and the one sanitiser through which foreign text passes.

use std::fmt;

/// A short UTF-8 text of at most `N` bytes, stored inline so that keys are `Copy` and never allocate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    len: u8,
    bytes: [u8; N],
}

/// A venue's instrument name, as the venue spells it (`BTCUSDT`, `BTC-USDT-SWAP`).
pub type Symbol = Text<32>;
/// The label of one of the trader's accounts.
pub type Account = Text<24>;
/// A currency or coin (`USDT`).
pub type Asset = Text<16>;

/// The text does not fit, or holds characters that a name may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Longer than the field allows.
    #[error("longer than {0} bytes")]
    TooLong(usize),
    /// Empty, or holds a blank, control or invisible character.
    #[error("holds a character that a name may not have")]
    Forbidden,
}

impl<const N: usize> Text<N> {
    /// Takes a name.
    ///
    /// # Errors
    /// When it is empty, longer than `N` bytes, or holds blanks, controls or invisible characters.
    pub fn new(text: &str) -> Result<Self, TextError> {
        if text.len() > N {
            return Err(TextError::TooLong(N));
        }
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || is_forbidden(c)) {
            return Err(TextError::Forbidden);
        }
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self {
            len: text.len() as u8,
            bytes,
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// True for what must never reach a terminal or a log: C0, C1, DEL, bidi controls, zero-width marks, tags.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Makes foreign text inert: every forbidden character becomes `?`, at most `max` characters are kept.
pub fn sanitise(text: &str, max: usize) -> String {
    let mut out: String = text
        .chars()
        .take(max)
        .map(|c| if is_forbidden(c) { '?' } else { c })
        .collect();
    if text.chars().nth(max).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_marks_become_question_marks() {
        assert_eq!(sanitise("a\u{1b}[2J\u{202e}b\u{9b}", 80), "a?[2J?b?");
        assert_eq!(sanitise("abcdef", 3), "abc…");
    }

    #[test]
    fn names_refuse_blanks_controls_and_length() {
        assert!(Symbol::new("BTCUSDT").is_ok());
        assert!(Symbol::new("BTC USDT").is_err());
        assert!(Symbol::new("BTC\u{200b}USDT").is_err());
        assert!(Symbol::new("").is_err());
        assert!(Symbol::new(&"A".repeat(33)).is_err());
        assert_eq!(
            Symbol::new("币安人生USDT").unwrap().as_str(),
            "币安人生USDT"
        );
    }
}
