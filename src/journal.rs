//! What happened, as JSON lines on the disk thread: appended, never rewritten. All of its I/O is here.
//!
//! It owns one file below the state directory. It never decides anything and never blocks the order path: the disk
//! thread owns it, and a row that cannot be written is told to the desk, which lets no new risk through until it can.

pub mod accounts;
pub mod guards;
pub mod history;
pub mod levels;
pub mod lines;
pub mod past;
pub mod session;
pub mod workspace;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::domain::{Environment, Stamp};
use crate::engine::record::Row;

pub use accounts::Accounts;
pub use history::History;
pub use levels::Levels;
pub use past::Past;

/// The file's name below the state directory.
const NAME: &str = "journal.jsonl";
/// How much of the end of an earlier journal is read at the start, bytes.
const READ_AT_MOST: u64 = 8 * 1024 * 1024;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory cannot be made.
    #[error("cannot make the state directory {}: {why}", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
    /// The file cannot be opened, read or written.
    #[error("cannot write the journal {}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
}

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    line: Vec<u8>,
    /// The last write may have left a part of a line.
    torn: bool,
}

impl Journal {
    /// Opens the journal below `dir`, making both where they are not there, and reads what an earlier run left.
    ///
    /// # Errors
    /// When the directory or the file cannot be made, read or written.
    pub fn open(dir: &Path) -> Result<(Self, Past), JournalError> {
        std::fs::create_dir_all(dir).map_err(|why| JournalError::Directory {
            path: dir.to_owned(),
            why,
        })?;
        let path = dir.join(NAME);
        let opened = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| tail(&mut file, READ_AT_MOST).map(|text| (file, text)));
        let (file, text) = opened.map_err(|why| JournalError::File {
            path: path.clone(),
            why,
        })?;
        let torn = !text.is_empty() && !text.ends_with(b"\n");
        let journal = Self {
            file,
            path,
            line: Vec::with_capacity(512),
            torn,
        };
        Ok((journal, Past::read(&text)))
    }

    /// Appends the first row of a run, which says in which world its money is.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn begin(&mut self, now: Stamp, session: &str, environment: Environment) -> io::Result<()> {
        self.append(&json!({
            "t": now.wall_ms(),
            "kind": "session",
            "session": session,
            "env": environment.word(),
        }))
    }

    /// Appends one row.
    ///
    /// # Errors
    /// When the disk does not take it; the row is lost, the next one begins on a line of its own.
    pub fn append(&mut self, row: &serde_json::Value) -> io::Result<()> {
        self.line.clear();
        if self.torn {
            self.line.push(b'\n');
        }
        serde_json::to_writer(&mut self.line, row)?;
        self.line.push(b'\n');
        self.torn = true;
        self.file.write_all(&self.line)?;
        self.torn = false;
        Ok(())
    }

    /// Appends a row; what the guard must not forget goes to its own file as well.
    ///
    /// # Errors
    /// As [`Journal::append`], and when that file cannot be written.
    pub fn take(&mut self, row: Row) -> io::Result<()> {
        let guard = match &row {
            Row::Guard {
                account,
                venue,
                environment,
                kept,
                ..
            } => Some((*account, *venue, *environment, kept.clone())),
            _ => None,
        };
        self.append(&row.json())?;
        let Some((account, venue, environment, kept)) = guard else {
            return Ok(());
        };
        let dir = self.path.parent().unwrap_or(Path::new(""));
        guards::write(dir, account.as_str(), venue.as_str(), environment, kept)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Puts a whole file in the place of the old one, which stays until the new one is on the disk.
fn put(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = dir.join(format!("{name}.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, dir.join(name))
}

/// The end of a file, from the first whole line in it.
fn tail(file: &mut File, most: u64) -> io::Result<Vec<u8>> {
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut text = Vec::new();
    file.take(most).read_to_end(&mut text)?;
    if start > 0 {
        let first = text.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
        text.drain(..first);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_a_torn_last_line_is_counted_not_fatal() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, past) = Journal::open(dir.path()).unwrap();
        assert_eq!(past, Past::default());
        journal
            .begin(Stamp::default(), "mabc12345xy", Environment::Sim)
            .unwrap();
        drop(journal);
        let path = dir.path().join(NAME);
        let mut whole = std::fs::read(&path).unwrap();
        whole.extend_from_slice(br#"{"kind":"intent","id":"#);
        std::fs::write(&path, &whole).unwrap();

        let (mut journal, past) = Journal::open(dir.path()).unwrap();
        assert_eq!(past.sessions, ["mabc12345xy"]);
        assert_eq!(past.unreadable, 1);
        journal
            .begin(Stamp::default(), "mabc12346xy", Environment::Sim)
            .unwrap();
        drop(journal);
        let (_, past) = Journal::open(dir.path()).unwrap();
        assert_eq!(past.sessions, ["mabc12345xy", "mabc12346xy"]);
        assert_eq!(past.unreadable, 1);
    }

    #[test]
    fn i5_a_state_directory_that_cannot_be_made_is_one_clear_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plain");
        std::fs::write(&file, b"x").unwrap();
        let error = Journal::open(&file.join("lancet")).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot make the state directory"),
            "{error}"
        );
    }

    #[test]
    fn i4_a_full_disk_is_told_and_the_next_row_begins_a_line_of_its_own() {
        let Ok(full) = OpenOptions::new().append(true).open("/dev/full") else {
            return;
        };
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        let real = std::mem::replace(&mut journal.file, full);
        assert!(journal.append(&json!({"kind": "note"})).is_err());
        journal.file = real;
        journal.append(&json!({"kind": "note"})).unwrap();
        let text = std::fs::read_to_string(journal.path()).unwrap();
        assert_eq!(text, "\n{\"kind\":\"note\"}\n");
    }
}
