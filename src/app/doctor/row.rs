//! One check, and how all of them are printed. Plain text: it goes into bug reports.

use std::fmt::Write;

use serde::Serialize;

use crate::domain::text::sanitise;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Lancet works, worse than it could.
    Warn,
    /// Something does not work.
    Fail,
    /// There was nothing to look at.
    Skipped,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What was seen, inert.
    pub words: String,
    /// What to do about it, inert; empty when there is nothing to do.
    pub mend: String,
}

impl Row {
    fn new(state: State, name: &str, words: &str, mend: &str) -> Self {
        Self {
            name: name.to_owned(),
            state,
            words: sanitise(words, 240),
            mend: sanitise(mend, 240),
        }
    }

    /// As it should be.
    pub fn ok(name: &str, words: &str) -> Self {
        Self::new(State::Ok, name, words, "")
    }

    /// Worse than it could be.
    pub fn warn(name: &str, words: &str, mend: &str) -> Self {
        Self::new(State::Warn, name, words, mend)
    }

    /// Broken.
    pub fn fail(name: &str, words: &str, mend: &str) -> Self {
        Self::new(State::Fail, name, words, mend)
    }

    /// Nothing to look at.
    pub fn skipped(name: &str, words: &str) -> Self {
        Self::new(State::Skipped, name, words, "")
    }
}

#[derive(Serialize)]
struct Report<'a> {
    checks: &'a [Row],
    failed: usize,
}

/// How many failed.
pub fn failed(rows: &[Row]) -> usize {
    count(rows, State::Fail)
}

fn count(rows: &[Row], state: State) -> usize {
    rows.iter().filter(|row| row.state == state).count()
}

/// One JSON object on one line.
pub fn json(rows: &[Row]) -> String {
    let report = Report {
        checks: rows,
        failed: failed(rows),
    };
    // Text and numbers alone: there is nothing that could not be written.
    serde_json::to_string(&report).unwrap_or_default()
}

/// Aligned columns, a mend below its row, and last how many problems there are.
pub fn table(rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:<7}  {:<width$}  {}",
            row.state.word(),
            row.name,
            row.words
        );
        if !row.mend.is_empty() {
            let _ = writeln!(out, "{:<7}  {:<width$}  -> {}", "", "", row.mend);
        }
    }
    let problems = plural(failed(rows), "problem");
    let warnings = plural(count(rows, State::Warn), "warning");
    let _ = writeln!(out, "{problems}, {warnings}");
    out
}

fn plural(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_ends_with_the_count() {
        let rows = [
            Row::ok("size", "120x40"),
            Row::fail("locked memory", "none", "ulimit -l 64"),
            Row::warn("tmux", "waits\u{1b}[31m", "less"),
        ];
        assert_eq!(
            table(&rows),
            "ok       size           120x40\n\
             fail     locked memory  none\n\
             \x20                       -> ulimit -l 64\n\
             warn     tmux           waits?[31m\n\
             \x20                       -> less\n\
             1 problem, 1 warning\n"
        );
        assert_eq!(table(&[]), "no problems, no warnings\n");
    }

    #[test]
    fn the_json_is_one_line_with_the_four_fields() {
        let text = json(&[Row::fail("a", "b", "c"), Row::skipped("d", "e")]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["failed"], 1);
        assert_eq!(
            value["checks"][0],
            serde_json::json!({"name":"a","state":"fail","words":"b","mend":"c"})
        );
        assert_eq!(value["checks"][1]["state"], "skipped");
        assert!(!text.contains('\n'));
    }
}
