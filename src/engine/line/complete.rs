//! What may stand where a line ends: names of commands and actions, then names and the words of the command's row.

use super::{LINES, Line, row, split};
use crate::engine::action::{ACTIONS, Action};
use crate::engine::ask::SETTABLE;

/// Names that may stand in a line and that others know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    /// Symbols that can be opened.
    pub symbols: &'a [String],
    /// The layouts that there are.
    pub layouts: &'a [&'a str],
    /// The themes that there are.
    pub themes: &'a [&'a str],
    /// The columns that a ladder may have.
    pub columns: &'a [&'a str],
    /// The tabs that are open.
    pub tabs: &'a [&'a str],
}

/// The words that the line's last word may become: names first, then the words of the row in its order. `screen` names the screen's
/// actions.
pub fn candidates(
    text: &str,
    names: Names<'_>,
    screen: impl IntoIterator<Item = &'static str>,
) -> Vec<String> {
    let (name, rest) = split(text);
    if rest.is_empty() && !text.ends_with(char::is_whitespace) {
        let commands = commands(&name.to_lowercase(), screen);
        return commands.into_iter().map(str::to_owned).collect();
    }
    let Some(line) = row(&name.to_lowercase()) else {
        return Vec::new();
    };
    let begun = last_word(text);
    let before = &rest[..rest.len() - begun.len()];
    let literals = literals(line).filter(|word| word.starts_with(begun));
    values(line, names, begun, before.trim().is_empty())
        .into_iter()
        .chain(literals.map(str::to_owned))
        .filter(|word| before.split_whitespace().all(|used| used != word))
        .collect()
}

/// The names that a row's words in capitals stand for, as far as they fit.
fn values(line: &Line, names: Names<'_>, begun: &str, is_first: bool) -> Vec<String> {
    let takes = |word: &str| words(line).any(|one| one == word);
    let (sign, typed) = match begun.split_at_checked(1) {
        Some((sign @ ("+" | "-"), typed)) if takes("COLUMN") => (sign, typed),
        _ => ("", begun),
    };
    let symbols: Vec<&str>;
    let known: &[&str] = if takes("COLUMN") {
        names.columns
    } else if !is_first {
        &[]
    } else if takes("SYMBOL") {
        symbols = names.symbols.iter().map(String::as_str).collect();
        &symbols
    } else if takes("SETTING") {
        SETTABLE
    } else if takes("LAYOUT") {
        names.layouts
    } else if takes("THEME") {
        names.themes
    } else if takes("TAB") {
        names.tabs
    } else {
        &[]
    };
    let fits = |name: &&&str| {
        let begin = name.get(..typed.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(typed))
    };
    let found = known.iter().filter(fits);
    found.map(|name| format!("{sign}{name}")).collect()
}

/// The word that is being typed: empty behind a space.
pub fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or(text)
}

fn commands(typed: &str, screen: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
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
    let plain = |word: &&str| {
        word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    words(line).filter(plain)
}

/// What may follow a row's name, word by word.
fn words(line: &Line) -> impl Iterator<Item = &'static str> {
    let marks = |c: char| matches!(c, '[' | ']' | '|' | ' ');
    line.syntax.split(marks).filter(|word| !word.is_empty())
}
