//! The third part of a key, which its owner chose, at venues whose keys have one.

use crate::exchange::Venue;
use crate::secret::Secret;

/// What can be wrong with it. A sentence each; none quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThirdMistake {
    /// The venue wants one.
    #[error("Passphrase: nothing is entered; each key of {0} has one, chosen when it was made")]
    Missing(&'static str),
    /// The venue knows none.
    #[error("Passphrase: keys of {0} have none; the passphrase of the vault is no part of the key")]
    Stray(&'static str),
    /// No header can carry it.
    #[error("Passphrase: letters, digits and signs of ASCII only; copy it again")]
    Unfit,
}

/// The passphrase in pasted text; what is blank around it came with the copying.
///
/// # Errors
/// See [`ThirdMistake`].
pub fn passphrase(raw: &Secret, venue: &Venue) -> Result<Option<Secret>, ThirdMistake> {
    let text = raw.expose_str().ok_or(ThirdMistake::Unfit)?.trim();
    match (text.is_empty(), venue.guide.passphrase) {
        (true, true) => Err(ThirdMistake::Missing(venue.title)),
        (true, false) => Ok(None),
        (false, false) => Err(ThirdMistake::Stray(venue.title)),
        (false, true) if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
            Err(ThirdMistake::Unfit)
        }
        (false, true) => Secret::of(text.as_bytes())
            .map(Some)
            .map_err(|_| ThirdMistake::Unfit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::VENUES;

    fn read(text: &str, wanted: bool) -> Result<Option<Vec<u8>>, ThirdMistake> {
        let venue = VENUES.iter().find(|v| v.guide.passphrase == wanted);
        let raw = Secret::of(text.as_bytes()).unwrap();
        let found = passphrase(&raw, venue.unwrap())?;
        Ok(found.map(|secret| secret.expose().to_vec()))
    }

    #[test]
    fn it_is_taken_where_keys_have_one_without_what_copying_brings() {
        for text in ["Ab1!\"x y", " Ab1!\"x y\n", "Ab1!\"x y\r\n"] {
            assert_eq!(read(text, true), Ok(Some(b"Ab1!\"x y".to_vec())));
        }
        for text in ["", " \n"] {
            assert!(matches!(read(text, true), Err(ThirdMistake::Missing(_))));
            assert_eq!(read(text, false), Ok(None));
        }
        assert!(matches!(read("x", false), Err(ThirdMistake::Stray(_))));
        for text in ["pässe", "a\nb", "a\u{7}b"] {
            assert_eq!(read(text, true), Err(ThirdMistake::Unfit), "{text:?}");
        }
    }
}
