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

    /// A number as a name of plain digits; what does not fit is cut in front, which no `u64` does where `N` is 20 or more.
    pub fn of_number(mut number: u64) -> Self {
        let mut bytes = [0; N];
        let mut digits = [0; 20];
        let mut count = 0;
        loop {
            digits[19 - count] = b'0' + (number % 10) as u8;
            count += 1;
            number /= 10;
            if number == 0 || count == N.min(20) {
                break;
            }
        }
        bytes[..count].copy_from_slice(&digits[20 - count..]);
        Self {
            len: count as u8,
            bytes,
        }
    }

    /// The number that the name spells, where it is one in plain digits.
    pub fn number(&self) -> Option<u64> {
        let text = self.as_str();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
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

/// True for what must never reach a terminal or a log: C0, C1, DEL, bidi controls, zero-width marks, tags, and the selectors after
/// which terminals disagree about how wide a sign is.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
        assert_eq!(sanitise("❤\u{fe0f}a\u{200d}b", 80), "❤?a?b");
    }

    #[test]
    fn a_number_is_spelled_and_read_back() {
        for number in [0, 7, 10, 5_123_135_475_514, u64::MAX] {
            let name = Text::<36>::of_number(number);
            assert_eq!(name.as_str(), number.to_string());
            assert_eq!(name.number(), Some(number));
        }
        for none in ["+1", "a4c1718e", "18446744073709551616"] {
            assert_eq!(Text::<36>::new(none).unwrap().number(), None);
        }
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
