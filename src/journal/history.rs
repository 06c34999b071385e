//! The `:` lines of this and earlier sessions, to be called back. No line that may hold a secret is remembered: one with a word longer
//! than any name or number. Losing the file costs nothing else.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The file's name below the state directory.
const NAME: &str = "lines";
/// Lines remembered.
const LINES: usize = 200;
/// Of the file so much is read, bytes; a larger one is cut.
const READ_AT_MOST: u64 = 64 * 1024;
/// Longest word of a line that is remembered, characters: keys and secrets are longer than any name, price or size.
const LONGEST_WORD: usize = 24;

/// The lines, and where the trader is among them.
#[derive(Clone, Debug, Default)]
pub struct History {
    lines: Vec<String>,
    at: Option<usize>,
    draft: String,
}

impl History {
    /// What the file below `dir` remembers; nothing where it cannot be read.
    pub fn load(dir: &Path) -> Self {
        let text = tail(dir).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut history = Self::default();
        for line in text.lines() {
            history.add(line);
        }
        history
    }

    /// Remembers a line for this session; nothing where it may hold a secret or is the last one again.
    pub fn add(&mut self, line: &str) {
        self.leave();
        if !is_kept(line) || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        if self.lines.len() == LINES {
            self.lines.remove(0);
        }
        self.lines.push(line.to_owned());
    }

    /// The line before the one in sight; `typed` is what stands there before the first. `None` at the oldest.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let from = self.at.unwrap_or_else(|| {
            typed.clone_into(&mut self.draft);
            self.lines.len()
        });
        self.at = Some(from.checked_sub(1)?);
        self.lines.get(from - 1).map(String::as_str)
    }

    /// The line after the one in sight, in the end what was typed before the first. `None` there.
    pub fn newer(&mut self) -> Option<&str> {
        let next = self.at? + 1;
        match self.lines.get(next) {
            Some(line) => {
                self.at = Some(next);
                Some(line)
            }
            None => {
                self.at = None;
                Some(&self.draft)
            }
        }
    }

    /// The field was closed: the next call back begins at the newest line.
    pub fn leave(&mut self) {
        self.at = None;
        self.draft.clear();
    }

    /// Writes a line to the end of the file below `dir`; nothing where it may hold a secret.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(dir: &Path, line: &str) -> io::Result<()> {
        if !is_kept(line) {
            return Ok(());
        }
        let path = dir.join(NAME);
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        if file.metadata()?.len() <= READ_AT_MOST {
            return Ok(());
        }
        let new = dir.join(format!("{NAME}.{}", std::process::id()));
        let mut cut = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        for line in &Self::load(dir).lines {
            writeln!(cut, "{line}")?;
        }
        std::fs::rename(new, path)
    }
}

fn is_kept(line: &str) -> bool {
    let short = |word: &str| word.chars().count() <= LONGEST_WORD;
    !line.trim().is_empty()
        && !line.contains(char::is_control)
        && line.split_whitespace().all(short)
}

/// The end of the file, from the first whole line in it.
fn tail(dir: &Path) -> io::Result<Vec<u8>> {
    let mut file = OpenOptions::new().read(true).open(dir.join(NAME))?;
    super::tail(&mut file, READ_AT_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_called_back_from_the_newest_and_what_was_typed_comes_last() {
        let mut history = History::default();
        assert_eq!(history.older("bu"), None);
        history.leave();
        for line in ["buy 1", "buy 1", "stop off", "buy 1"] {
            history.add(line);
        }
        assert_eq!(history.older("se"), Some("buy 1"));
        assert_eq!(history.older("buy 1"), Some("stop off"));
        assert_eq!(history.older("stop off"), Some("buy 1"), "twice is once");
        assert_eq!(history.older("buy 1"), None);
        assert_eq!(history.newer(), Some("stop off"));
        assert_eq!(history.newer(), Some("buy 1"));
        assert_eq!(history.newer(), Some("se"));
        assert_eq!(history.newer(), None);
        history.older("x");
        history.leave();
        assert_eq!(history.older(""), Some("buy 1"));
    }

    #[test]
    fn lines_come_back_in_the_next_session_and_the_file_stays_small() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(History::load(dir.path()).older(""), None);
        for number in 0..10_000 {
            History::keep(dir.path(), &format!("buy {number}")).unwrap();
        }
        let length = std::fs::metadata(dir.path().join(NAME)).unwrap().len();
        assert!(length <= READ_AT_MOST, "{length}");
        let mut history = History::load(dir.path());
        assert_eq!(history.lines.len(), LINES);
        assert_eq!(history.older(""), Some("buy 9999"));
    }

    #[test]
    fn what_may_be_a_secret_is_remembered_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let secret = "open vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
        History::keep(dir.path(), secret).unwrap();
        assert!(!dir.path().join(NAME).exists());
        let mut history = History::default();
        history.add(secret);
        assert_eq!(history.older(""), None);
    }

    #[test]
    fn a_broken_file_is_no_trouble() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), b"buy 1\n\xff\xfe\0\x1b[2J\n\nstop").unwrap();
        let mut history = History::load(dir.path());
        assert_eq!(history.older(""), Some("stop"));
        assert_eq!(history.older(""), Some("buy 1"));
    }
}
