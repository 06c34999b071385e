//! A form to fill in, as it is drawn: rows, answers, what to do beside it. Plain data; it never holds a secret.

use crate::domain::Environment;

/// What the value of a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One of several, changed by the arrows.
    Choice(String),
    /// Text that may be read.
    Text(String),
    /// What is said about something that may not: `64 characters`.
    Masked(String),
    /// Something to do.
    Button(String),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, a word or two.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// A dim word behind it; empty for none.
    pub note: String,
}

/// How a line beside the rows is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The head of a group.
    Heading,
    /// Something to read.
    Plain,
    /// It is as it should be.
    Good,
    /// Not known yet.
    Waiting,
    /// Something to look at.
    Warn,
    /// Refused.
    Bad,
}

/// One line beside the rows; long ones are wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// How it is meant.
    pub tone: Tone,
    /// Words.
    pub words: String,
}

impl Aside {
    /// A line.
    pub fn new(tone: Tone, words: impl Into<String>) -> Self {
        Self {
            tone,
            words: words.into(),
        }
    }
}

/// The form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPicture {
    /// What it is for.
    pub title: String,
    /// Whose money is meant.
    pub environment: Environment,
    /// Rows, from the top.
    pub rows: Vec<Row>,
    /// Which row the keys go to.
    pub focus: usize,
    /// Lines beside the rows.
    pub asides: Vec<Aside>,
    /// Lines at the left edge with nothing else in them, to be copied with the terminal's own selection.
    pub to_copy: Vec<String>,
    /// What happened last.
    pub said: Option<Aside>,
    /// What the keys do.
    pub keys: String,
    /// It covers the whole screen; else it is a card over the ladder.
    pub covers: bool,
}
