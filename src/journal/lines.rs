//! Every line of the journal, oldest first, one at a time: however long the file is, one line of it is in memory.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Take};
use std::path::Path;

use super::NAME;

/// A longer line is no row, bytes.
const LONGEST: u64 = 64 * 1024;
/// Read at once, bytes.
const BUFFER: usize = 256 * 1024;

/// The lines of a journal.
#[derive(Debug)]
pub struct Lines {
    file: Option<BufReader<Take<File>>>,
    line: Vec<u8>,
}

/// How long the journal below `dir` is now, bytes; nothing where there is none.
pub fn length(dir: &Path) -> u64 {
    std::fs::metadata(dir.join(NAME)).map_or(0, |found| found.len())
}

impl Lines {
    /// Opens the first `up_to` bytes of the journal below `dir`; without a journal there is no line.
    ///
    /// # Errors
    /// When it is there and cannot be opened.
    pub fn open(dir: &Path, up_to: u64) -> io::Result<Self> {
        let file = match File::open(dir.join(NAME)) {
            Ok(file) => Some(BufReader::with_capacity(BUFFER, file.take(up_to))),
            Err(why) if why.kind() == io::ErrorKind::NotFound => None,
            Err(why) => return Err(why),
        };
        Ok(Self {
            file,
            line: Vec::new(),
        })
    }

    /// The next line without its end; of one that is too long only its beginning.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn advance(&mut self) -> io::Result<Option<&[u8]>> {
        let Some(file) = &mut self.file else {
            return Ok(None);
        };
        self.line.clear();
        let read = file
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        if self.line.ends_with(b"\n") {
            self.line.pop();
        } else if self.line.len() as u64 >= LONGEST {
            skip(file)?;
        }
        Ok(Some(&self.line))
    }
}

/// To the end of the line.
fn skip(file: &mut BufReader<Take<File>>) -> io::Result<()> {
    loop {
        let buffer = file.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |end| end + 1);
        let is_over = end.is_some() || buffer.is_empty();
        file.consume(used);
        if is_over {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(dir: &Path, up_to: u64) -> Vec<Vec<u8>> {
        let mut lines = Lines::open(dir, up_to).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.advance().unwrap() {
            all.push(line.to_vec());
        }
        all
    }

    #[test]
    fn lines_come_one_by_one_and_a_monster_is_cut_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        assert!(all(dir.path(), u64::MAX).is_empty(), "no journal, no line");
        let monster = "x".repeat(200_000);
        let text = format!("one\n{monster}\n\ntwo");
        std::fs::write(dir.path().join(NAME), &text).unwrap();
        let lines = all(dir.path(), u64::MAX);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], b"one");
        assert_eq!(lines[1].len(), usize::try_from(LONGEST).unwrap());
        assert_eq!(lines[2], b"");
        assert_eq!(lines[3], b"two");
        assert_eq!(all(dir.path(), 4), [b"one".to_vec()]);
        assert_eq!(length(dir.path()), u64::try_from(text.len()).unwrap());
    }
}
