//! The keymap: which chord asks for what. Built once from rows of text; no state, no time.
//!
//! Layers go over each other: the defaults, a preset, the user's own. Later rows never silently win over earlier ones of the same
//! file: two rows with one chord, or a chord that begins another, are an error that names both.

mod layer;

use std::fmt;

use super::chord::{Chord, Code, Stroke};
use crate::engine::action::{ACTIONS, Action, Kind};
use crate::nearest::did_you_mean;
use crate::ui::view::{VIEW_ACTIONS, ViewAction};

pub use layer::{Layer, line_of, read_layer};
use layer::{Leader, SourceRow};

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
    /// Puts layers over each other, the lowest first. `run = "none"` takes a chord away. Actions keep the order in which the layers
    /// name them first; of several chords of one action those of the highest layer stand in front.
    ///
    /// # Errors
    /// Names the row (and the other one, in a conflict) and says what to do.
    pub fn build(layers: &[&Layer]) -> Result<Self, KeymapError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut order: Vec<&str> = Vec::new();
        for layer in layers {
            move_leaders(&mut rows, &layer.leaders)?;
            let bound = read_all(&layer.rows)?;
            rows.retain(|row| bound.iter().all(|(chord, ..)| *chord != row.chord));
            let fresh = bound.into_iter().filter_map(|(chord, named, origin)| {
                let (name, binding, doc) = named?;
                Some(Row {
                    chord,
                    binding,
                    name,
                    doc,
                    origin,
                })
            });
            rows.splice(0..0, fresh);
            for row in &rows {
                if !order.contains(&row.name) {
                    order.push(row.name);
                }
            }
        }
        rows.sort_by_key(|row| order.iter().position(|name| *name == row.name));
        check_prefixes(&rows)?;
        Ok(Self { rows })
    }

    /// All rows, those of one action together.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What `strokes` mean. Letters of other layouts are tried by position when they mean nothing by themselves.
    pub fn find(&self, strokes: &[Stroke]) -> Found<'_> {
        match self.exactly(strokes) {
            Found::Nothing if strokes.iter().any(|s| s.by_position().is_some()) => {
                self.exactly(&by_position(strokes))
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

    /// What may follow `pending`, as (keys, row), for the hints of a leader key.
    pub fn continuations(&self, pending: &[Stroke]) -> Vec<(String, &Row)> {
        let found = self.longer(pending);
        if found.is_empty() {
            return self.longer(&by_position(pending));
        }
        found
    }

    fn longer(&self, pending: &[Stroke]) -> Vec<(String, &Row)> {
        self.rows
            .iter()
            .filter(|row| row.chord.0.len() > pending.len() && row.chord.0.starts_with(pending))
            .map(|row| {
                let rest = Chord(row.chord.0[pending.len()..].to_vec());
                (rest.to_string(), row)
            })
            .collect()
    }

    /// The first chord of an action, by the action's name, for hints.
    pub fn chord_of(&self, name: &str) -> Option<&Chord> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        Some(&row.chord)
    }
}

fn by_position(strokes: &[Stroke]) -> Vec<Stroke> {
    let placed = strokes.iter().map(|s| s.by_position().unwrap_or(*s));
    placed.collect()
}

/// Gives the sequences of the layers underneath another first key.
fn move_leaders(rows: &mut [Row], leaders: &[Leader]) -> Result<(), KeymapError> {
    for leader in leaders {
        let fault = |what| KeymapError {
            at: leader.at.clone(),
            what,
        };
        let key = |text: &str| {
            let stroke = text.parse::<Stroke>();
            stroke.map_err(|error| fault(error.to_string()))
        };
        let (from, to) = (key(&leader.from)?, key(&leader.to)?);
        if is_never_bound(to) {
            return Err(fault(format!(
                "{to} is never bound: {}",
                why_never_bound(to)
            )));
        }
        for at in 0..rows.len() {
            let mut chord = rows[at].chord.clone();
            if chord.0.len() == 1 || chord.0[0] != from {
                continue;
            }
            chord.0[0] = to;
            if let Some(other) = rows.iter().find(|row| row.chord == chord) {
                return Err(fault(format!(
                    "{chord} is already bound at {}: move the leader {from} to another key",
                    other.origin
                )));
            }
            rows[at].chord = chord;
        }
    }
    Ok(())
}

type Named = (&'static str, Binding, &'static str);
type Bound = (Chord, Option<Named>, Origin);

fn read_all(rows: &[SourceRow]) -> Result<Vec<Bound>, KeymapError> {
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
