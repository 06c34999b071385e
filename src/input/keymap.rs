//! The keymap: which chord asks for what. Built once from rows of text; no state, no time.
//!
//! Later rows never silently win over earlier ones of the same file: two rows with one chord, or a chord that begins
//! another, are an error that names both.

use std::fmt;

use toml::Spanned;

use super::chord::{Chord, Code, Stroke};
use crate::engine::action::{ACTIONS, Action, Kind};
use crate::nearest::did_you_mean;
use crate::ui::view::{VIEW_ACTIONS, ViewAction};

/// What a chord asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Of the desk.
    Desk(Action),
    /// Of the screen.
    View(ViewAction),
}

/// One chord and what it asks for.
#[derive(Clone, Debug)]
pub struct Row {
    /// The keys.
    pub chord: Chord,
    /// What they ask for.
    pub binding: Binding,
    /// Its name in config.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    origin: Origin,
}

/// Where a row was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// File name as the user knows it.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Rows that do not make a keymap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct KeymapError {
    /// The row.
    pub at: Origin,
    /// What is wrong and how to mend it, in one sentence.
    pub what: String,
}

/// A row as a file spells it: `{ on = "g r", run = "reverse" }`, or several chords in `on`.
#[derive(Clone, Debug)]
pub struct SourceRow {
    on: Vec<String>,
    run: String,
    at: Origin,
}

/// What strokes mean so far.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A whole chord.
    Row(&'a Row),
    /// The beginning of at least one.
    Prefix,
    /// Nothing.
    Nothing,
}

/// All chords of the ladder.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<Row>,
}

impl Keymap {
    /// Puts the user's rows over the default ones. `run = "none"` takes a chord away.
    ///
    /// # Errors
    /// Names the row (and the other one, in a conflict) and says what to do.
    pub fn build(defaults: &[SourceRow], user: &[SourceRow]) -> Result<Self, KeymapError> {
        let mut rows = Vec::new();
        for layer in [defaults, user] {
            let layer = read_layer(layer)?;
            rows.retain(|row: &Row| layer.iter().all(|(chord, ..)| *chord != row.chord));
            rows.extend(layer.into_iter().filter_map(|(chord, bound, origin)| {
                bound.map(|(name, binding, doc)| Row {
                    chord,
                    binding,
                    name,
                    doc,
                    origin,
                })
            }));
        }
        check_prefixes(&rows)?;
        Ok(Self { rows })
    }

    /// All rows, in the order of the files.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What `strokes` mean. Letters of other layouts are tried by position when they mean nothing by themselves.
    pub fn find(&self, strokes: &[Stroke]) -> Found<'_> {
        match self.exactly(strokes) {
            Found::Nothing if strokes.iter().any(|s| s.by_position().is_some()) => {
                let placed: Vec<Stroke> = strokes
                    .iter()
                    .map(|s| s.by_position().unwrap_or(*s))
                    .collect();
                self.exactly(&placed)
            }
            found => found,
        }
    }

    fn exactly(&self, strokes: &[Stroke]) -> Found<'_> {
        let mut rows = self.rows.iter().filter(|r| r.chord.0.starts_with(strokes));
        match rows.next() {
            None => Found::Nothing,
            Some(row) if row.chord.0.len() == strokes.len() => Found::Row(row),
            Some(_) => Found::Prefix,
        }
    }

    /// What may follow `pending`, as (keys, sentence), for the hint line of a leader key.
    pub fn continuations(&self, pending: &[Stroke]) -> Vec<(String, &'static str)> {
        self.rows
            .iter()
            .filter(|row| row.chord.0.len() > pending.len() && row.chord.0.starts_with(pending))
            .map(|row| {
                let rest = Chord(row.chord.0[pending.len()..].to_vec());
                (rest.to_string(), row.doc)
            })
            .collect()
    }

    /// The first chord of an action, by the action's name, for hints.
    pub fn chord_of(&self, name: &str) -> Option<&Chord> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        Some(&row.chord)
    }
}

#[derive(serde::Deserialize)]
struct FileText {
    keys: Option<KeysText>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysText {
    #[serde(default)]
    ladder: Vec<Spanned<RowText>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
    on: OnText,
    run: String,
}

#[derive(serde::Deserialize)]
#[serde(
    untagged,
    expecting = "`on` must be a key in quotes, or a list of them"
)]
enum OnText {
    One(String),
    Many(Vec<String>),
}

/// Reads the rows under `[keys]` of a config file's text; everything else in it is left alone.
///
/// # Errors
/// When the text is no TOML or a row is misshapen.
pub fn read_rows(file: &str, text: &str) -> Result<Vec<SourceRow>, KeymapError> {
    let origin = |offset: usize| Origin {
        file: file.to_owned(),
        line: line_of(text, offset),
    };
    let parsed: FileText = toml::from_str(text).map_err(|error| KeymapError {
        at: origin(error.span().map_or(0, |span| span.start)),
        what: one_line(error.message()),
    })?;
    let rows = parsed.keys.map(|keys| keys.ladder).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| {
            let at = origin(row.span().start);
            let row = row.into_inner();
            let on = match row.on {
                OnText::One(chord) => vec![chord],
                OnText::Many(chords) => chords,
            };
            SourceRow {
                on,
                run: row.run,
                at,
            }
        })
        .collect())
}

/// The line of a byte offset, counted from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

type Named = (&'static str, Binding, &'static str);
type Bound = (Chord, Option<Named>, Origin);

fn read_layer(rows: &[SourceRow]) -> Result<Vec<Bound>, KeymapError> {
    let mut layer: Vec<Bound> = Vec::new();
    for row in rows {
        for chord in &row.on {
            let (chord, named) = read_row(chord, &row.run).map_err(|what| KeymapError {
                at: row.at.clone(),
                what,
            })?;
            if let Some((.., other)) = layer.iter().find(|(taken, ..)| *taken == chord) {
                return Err(KeymapError {
                    at: row.at.clone(),
                    what: format!("{chord} is already bound at {other}: keep one of the two rows"),
                });
            }
            layer.push((chord, named, row.at.clone()));
        }
    }
    Ok(layer)
}

fn read_row(chord: &str, run: &str) -> Result<(Chord, Option<Named>), String> {
    let chord: Chord = chord.parse().map_err(|error| format!("{error}"))?;
    if run == "none" {
        return Ok((chord, None));
    }
    if let Some(stroke) = chord.0.iter().find(|s| is_never_bound(**s)) {
        return Err(format!(
            "{stroke} is never bound: {}",
            why_never_bound(*stroke)
        ));
    }
    let (name, binding, doc) = named(run).ok_or_else(|| {
        format!(
            "unknown action \"{run}\"{}",
            did_you_mean(run, action_names())
        )
    })?;
    if let Binding::Desk(action) = binding
        && makes_order(action)
        && let [stroke] = chord.0.as_slice()
        && stroke.is_shift_alone()
    {
        return Err(format!(
            "{chord} cannot be {name}: Shift alone never makes an order"
        ));
    }
    Ok((chord, Some((name, binding, doc))))
}

/// Every name that `run` takes.
pub fn action_names() -> impl Iterator<Item = &'static str> {
    let desk = ACTIONS.iter().map(|row| row.name);
    let view = VIEW_ACTIONS.iter().map(|row| row.name);
    desk.chain(view).chain(std::iter::once("none"))
}

fn named(run: &str) -> Option<Named> {
    if let Some(row) = ACTIONS.iter().find(|row| row.name == run) {
        return Some((row.name, Binding::Desk(row.action), row.doc));
    }
    let row = VIEW_ACTIONS.iter().find(|row| row.name == run)?;
    Some((row.name, Binding::View(row.action), row.doc))
}

/// True for whatever can change an order or a position: entries, exits, and those that are still to come.
fn makes_order(action: Action) -> bool {
    match action {
        Action::Lock => false,
        _ => action.row().is_some_and(|row| row.kind != Kind::Setting),
    }
}

fn is_never_bound(stroke: Stroke) -> bool {
    let plain = !stroke.ctrl && !stroke.alt;
    plain && matches!(stroke.code, Code::Char('[' | 'O' | 'f' | 'z' | '~'))
}

fn why_never_bound(stroke: Stroke) -> &'static str {
    match stroke.code {
        Code::Char('[' | 'O') => "a late escape sequence begins with it",
        Code::Char('~') => "a late escape sequence, and an ssh escape, holds it",
        _ => "it lies between the money keys and catches slips of the finger",
    }
}

fn check_prefixes(rows: &[Row]) -> Result<(), KeymapError> {
    for row in rows {
        let longer = |other: &&Row| other.chord != row.chord && row.chord.begins(&other.chord);
        if let Some(other) = rows.iter().find(longer) {
            return Err(KeymapError {
                at: row.origin.clone(),
                what: format!(
                    "{} begins {} at {}: move one of them, or give one `run = \"none\"`",
                    row.chord, other.chord, other.origin
                ),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
