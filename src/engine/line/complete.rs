//! What may stand where a line ends: names of commands and actions, then the words of the command's row.

use super::{LINES, Line, row, split};
use crate::engine::action::{ACTIONS, Action};
use crate::engine::ask::SETTABLE;

/// The words that the line's last word may become, in the table's order. `symbols` can be opened; `screen` names the screen's actions.
pub fn candidates<'a>(
    text: &'a str,
    symbols: &'a [String],
    screen: impl IntoIterator<Item = &'static str>,
) -> Vec<&'a str> {
    let (name, rest) = split(text);
    if rest.is_empty() && !text.ends_with(char::is_whitespace) {
        return names(&name.to_lowercase(), screen);
    }
    let Some(line) = row(&name.to_lowercase()) else {
        return Vec::new();
    };
    let begun = last_word(text);
    let before = &rest[..rest.len() - begun.len()];
    match before.split_whitespace().count() {
        0 if line.syntax.starts_with("SYMBOL") => {
            let typed = begun.to_uppercase();
            let symbols = symbols.iter().map(String::as_str);
            symbols.filter(|s| s.starts_with(&typed)).collect()
        }
        0 if line.syntax.starts_with("NAME ") => {
            let names = SETTABLE.iter().copied();
            names.filter(|name| name.starts_with(begun)).collect()
        }
        _ => literals(line)
            .filter(|word| word.starts_with(begun))
            .filter(|word| before.split_whitespace().all(|used| used != *word))
            .collect(),
    }
}

/// The word that is being typed: empty behind a space.
pub fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or(text)
}

fn names(typed: &str, screen: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
    let lines = LINES.iter().map(|line| line.name);
    // Panic is typed in full.
    let actions = ACTIONS
        .iter()
        .filter(|row| !matches!(row.action, Action::Panic | Action::PanicSymbol));
    lines
        .chain(actions.map(|row| row.name))
        .chain(screen)
        .filter(|name| name.starts_with(typed))
        .collect()
}

/// The words of a row that are typed as they stand.
fn literals(line: &Line) -> impl Iterator<Item = &'static str> {
    let marks = |c: char| matches!(c, '[' | ']' | '|' | ' ');
    let plain = |word: &&str| {
        word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    let words = line.syntax.split(marks);
    words.filter(|word| !word.is_empty()).filter(plain)
}
