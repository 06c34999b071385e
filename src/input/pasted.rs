//! Text pasted into a terminal. It may be a secret: it is wiped when dropped and never shown.

use std::fmt;

use zeroize::Zeroizing;

use super::parser::MAX_PASTE;
use crate::domain::text::sanitise;

/// What stood between the paste markers, as it came, at most [`MAX_PASTE`] bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Pasted(Zeroizing<Vec<u8>>);

impl Pasted {
    /// A copy of what came.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The bytes, line ends and all.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// As one inert line, for a field that holds no secret: line ends become blanks, those at the end go.
    pub fn one_line(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let text = text
            .trim_end_matches(['\r', '\n'])
            .replace(['\r', '\n', '\t'], " ");
        sanitise(&text, MAX_PASTE)
    }

    /// How many characters.
    pub fn count(&self) -> usize {
        String::from_utf8_lossy(&self.0).chars().count()
    }
}

impl fmt::Debug for Pasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pasted({} bytes)", self.0.len())
    }
}
