//! What is asked about signal levels, and how it is read from a line.

use super::Meant;
use super::words::Words;
use crate::domain::Price;

/// What is asked about signal levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Levels {
    /// One here, with these words.
    Set(Price, String),
    /// None here.
    Off(Price),
    /// Show them.
    List,
    /// Take those of a file.
    Import(String),
}

/// Reads what follows `level`.
pub(super) fn one(words: &mut Words<'_>) -> Result<Meant, String> {
    if words.takes("off") {
        return Ok(Meant::Levels(Levels::Off(words.price()?)));
    }
    let price = words.price()?;
    Ok(Meant::Levels(Levels::Set(price, words.rest(1).to_owned())))
}

/// Reads what follows `levels`.
pub(super) fn all(words: &mut Words<'_>) -> Result<Meant, String> {
    match words.next() {
        None => Ok(Meant::Levels(Levels::List)),
        Some("import") => match words.rest(1) {
            "" => Err(words.value("a file").err().unwrap_or_default()),
            file => Ok(Meant::Levels(Levels::Import(file.to_owned()))),
        },
        Some(word) => Err(words.unexpected(word)),
    }
}
