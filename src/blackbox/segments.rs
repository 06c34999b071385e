//! The files of the box: their names, their order, and which of them must go.

use std::path::{Path, PathBuf};

use super::BoxError;

/// What a segment's name ends in.
pub const ENDING: &str = ".box.gz";
/// A segment holds so much time, ms.
pub const LENGTH_MS: u64 = 60_000;
/// A segment is at most this part of all that the box may take.
const PARTS: u64 = 8;

/// How much the box may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How far back, ms.
    pub reach_ms: u64,
    /// All of it on the disk, bytes.
    pub bytes: u64,
}

impl Bounds {
    /// Most bytes of one segment.
    pub const fn segment_bytes(self) -> u64 {
        self.bytes / PARTS
    }
}

/// One file of the box.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// When it began, ms since 1970.
    pub from_ms: i64,
    /// The run that wrote it.
    pub run: String,
    /// Where it is.
    pub path: PathBuf,
    /// On the disk, bytes.
    pub bytes: u64,
}

/// A name that sorts by time: `1764158600123-RUN.box.gz`.
pub fn name(from_ms: i64, run: &str) -> String {
    format!("{from_ms:013}-{run}{ENDING}")
}

/// The segments in a folder, oldest first; a folder that is not there has none.
///
/// # Errors
/// When the folder cannot be read.
pub fn segments(folder: &Path) -> Result<Vec<Segment>, BoxError> {
    let failed = |why| BoxError::File {
        path: folder.to_owned(),
        why,
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(failed(why)),
    };
    let mut found: Vec<Segment> = entries.flatten().filter_map(|entry| of(&entry)).collect();
    found.sort();
    Ok(found)
}

fn of(entry: &std::fs::DirEntry) -> Option<Segment> {
    // One that another Lancet deletes meanwhile is none.
    let bytes = entry.metadata().ok()?.len();
    segment(entry.path(), bytes)
}

/// What a file's name tells of a segment; `None` where it is none.
pub fn segment(path: PathBuf, bytes: u64) -> Option<Segment> {
    let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
    let (from_ms, run) = name.split_once('-')?;
    let (from_ms, run) = (from_ms.parse().ok()?, run.to_owned());
    Some(Segment {
        from_ms,
        run,
        path,
        bytes,
    })
}

/// Deletes what lies too far back, and the oldest until there is room for one more segment.
///
/// # Errors
/// When the folder cannot be read; a file that cannot be deleted is tried again later.
pub fn prune(folder: &Path, bounds: Bounds, now_ms: i64) -> Result<(), BoxError> {
    let reach = bounds.reach_ms.saturating_add(LENGTH_MS);
    let oldest = now_ms.saturating_sub(i64::try_from(reach).unwrap_or(i64::MAX));
    let room = bounds.bytes.saturating_sub(bounds.segment_bytes());
    let found = segments(folder)?;
    let mut held: u64 = found.iter().map(|segment| segment.bytes).sum();
    for segment in found {
        if segment.from_ms >= oldest && held <= room {
            break;
        }
        if std::fs::remove_file(&segment.path).is_ok() {
            held = held.saturating_sub(segment.bytes);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, from_ms: i64, bytes: usize) {
        std::fs::write(folder.join(name(from_ms, "run")), vec![0; bytes]).unwrap();
    }

    #[test]
    fn what_lies_too_far_back_goes_and_the_oldest_until_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let bounds = Bounds {
            reach_ms: 3_600_000,
            bytes: 800,
        };
        let now = 1_764_158_600_000;
        put(dir.path(), now - 3_700_000, 10);
        for ago in [3_500_000, 120_000, 60_000] {
            put(dir.path(), now - ago, 250);
        }
        std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        prune(dir.path(), bounds, now).unwrap();
        let left: Vec<i64> = segments(dir.path())
            .unwrap()
            .iter()
            .map(|segment| now - segment.from_ms)
            .collect();
        assert_eq!(left, [120_000, 60_000]);
        assert!(dir.path().join("notes.txt").exists());
        assert_eq!(segments(&dir.path().join("none")).unwrap(), []);
    }
}
