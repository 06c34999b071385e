//! The rows under `[keys]` of one file, as they are spelled there. Knows TOML; must not know what a chord or an action is.

use toml::Spanned;

use super::{KeymapError, Origin};

/// What one file says about keys.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    pub(super) rows: Vec<SourceRow>,
    pub(super) leaders: Vec<Leader>,
}

/// A row as a file spells it: `{ on = "g r", run = "reverse" }`, or several chords in `on`.
#[derive(Clone, Debug)]
pub(super) struct SourceRow {
    pub(super) on: Vec<String>,
    pub(super) run: String,
    pub(super) at: Origin,
}

/// `leaders = { y = ";" }`: what the layers underneath begin with `y` begins with `;` instead.
#[derive(Clone, Debug)]
pub(super) struct Leader {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) at: Origin,
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
    #[serde(default)]
    leaders: std::collections::BTreeMap<String, Spanned<String>>,
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

/// Reads what stands under `[keys]` of a config file's text; everything else in it is left alone.
///
/// # Errors
/// When the text is no TOML or a row is misshapen.
pub fn read_layer(file: &str, text: &str) -> Result<Layer, KeymapError> {
    let origin = |offset: usize| Origin {
        file: file.to_owned(),
        line: line_of(text, offset),
    };
    let parsed: FileText = toml::from_str(text).map_err(|error| KeymapError {
        at: origin(error.span().map_or(0, |span| span.start)),
        what: one_line(error.message()),
    })?;
    let Some(keys) = parsed.keys else {
        return Ok(Layer::default());
    };
    let rows = keys.ladder.into_iter().map(|row| {
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
    });
    let leaders = keys.leaders.into_iter().map(|(from, to)| Leader {
        from,
        at: origin(to.span().start),
        to: to.into_inner(),
    });
    Ok(Layer {
        rows: rows.collect(),
        leaders: leaders.collect(),
    })
}

/// The line of a byte offset, counted from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
