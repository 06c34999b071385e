//! The vault's files: every call to the file system is here or in [`super::checks`]. Knows nothing of what is in them.
//!
//! A writing is a list of steps. Whatever step it dies after, `keys.vault` is whole and no generation is lost: the next
//! writer finishes or removes what is left over.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::checks;
use super::error::{Older, VaultError};
use super::header::LARGEST;

/// The current generation.
pub const CURRENT: &str = "keys.vault";
/// A generation on its way in.
const NEW: &str = "keys.vault.new";
/// A generation on its way to an older place, where the file system knows no hard links.
const COPY: &str = "keys.vault.copy";

/// The older generations, the newest first.
pub const OLDER: [u8; 2] = [1, 2];

/// A writer waits this long for another one.
const PATIENCE: Duration = Duration::from_secs(2);

/// The name of an older generation.
pub fn name_of(generation: u8) -> String {
    format!("{CURRENT}.{generation}")
}

/// Where the current generation waits while an older one takes its place.
fn aside_of(generation: u8) -> String {
    format!("{CURRENT}.aside.{generation}")
}

/// The vault's directory, open and checked. Dropping it gives the lock back.
pub struct Dir {
    path: PathBuf,
    fd: OwnedFd,
}

/// One writing.
struct Job<'a> {
    bytes: &'a [u8],
    generation: u8,
}

type Step = fn(&Dir, &Job<'_>) -> io::Result<()>;

/// The current generation becomes `.1`, that one `.2`.
const REPLACE: [Step; 6] = [
    |dir, _| dir.clean_up(),
    |dir, job| dir.write_exclusive(NEW, job.bytes),
    |dir, _| dir.shift(),
    |dir, _| dir.keep_current(),
    |dir, _| dir.rename(NEW, CURRENT),
    |dir, _| Ok(rustix::fs::fsync(&dir.fd)?),
];

/// An older generation and the current one change places.
const EXCHANGE: [Step; 6] = [
    |dir, _| dir.clean_up(),
    |dir, job| dir.write_exclusive(NEW, job.bytes),
    |dir, job| dir.set_aside(job.generation),
    |dir, _| dir.rename(NEW, CURRENT),
    |dir, job| dir.take_back(job.generation),
    |dir, _| Ok(rustix::fs::fsync(&dir.fd)?),
];

impl Dir {
    /// Opens and checks the directory; `Ok(None)` when there is none.
    pub fn find(path: &Path) -> Result<Option<Self>, VaultError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NOTDIR) => return Err(VaultError::NotADirectory { path: path.into() }),
            Err(why) => return Err(failed("open", path, why.into())),
        };
        checks::directory(&fd, path)?;
        let path = path.to_owned();
        Ok(Some(Self { path, fd }))
    }

    /// Opens the directory of a vault.
    pub fn open(path: &Path) -> Result<Self, VaultError> {
        let none = || VaultError::NotThere {
            path: path.join(CURRENT),
            older: Older(None),
        };
        Self::find(path)?.ok_or_else(none)
    }

    /// Opens the directory for a new vault: makes it, or closes one of ours to others.
    pub fn make(path: &Path) -> Result<Self, VaultError> {
        checks::make_directory(path).map_err(|why| failed("make", path, why))?;
        Self::open(path)
    }

    /// Keeps other writers out until this is dropped.
    pub fn lock(self) -> Result<Self, VaultError> {
        let since = Instant::now();
        loop {
            match rustix::fs::flock(&self.fd, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(self),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if since.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(Errno::WOULDBLOCK) => return Err(VaultError::Busy { path: self.path }),
                Err(why) => return Err(failed("lock", &self.path, why.into())),
            }
        }
    }

    /// The path of one of its files.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// True when there is something with this name.
    pub fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// The newest older generation that is there.
    pub fn older(&self) -> Older {
        Older(OLDER.into_iter().find(|n| self.has(&name_of(*n))))
    }

    /// Opens and checks one of its files; `Ok(None)` when it is not there.
    pub fn check(&self, name: &str) -> Result<Option<File>, VaultError> {
        let path = self.join(name);
        let opened = rustix::fs::openat(&self.fd, name, checks::READ, Mode::empty());
        checks::opened(opened, &path)
    }

    /// A whole file, checked; `Ok(None)` when it is not there.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(file) = self.check(name)? else {
            return Ok(None);
        };
        let path = self.join(name);
        let bytes = limited(file).map_err(|why| failed("read", &path, why))?;
        if bytes.len() > LARGEST {
            return Err(VaultError::TooLarge {
                path,
                most: LARGEST,
            });
        }
        Ok(Some(bytes))
    }

    /// When a file was written, ms since 1970; `None` when it is not there.
    pub fn written_ms(&self, name: &str) -> Option<i64> {
        let stat = rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let ns = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Some(stat.st_mtime.saturating_mul(1000) + ns / 1_000_000)
    }

    /// Makes `bytes` the current generation. Call it on a locked one.
    pub fn replace(&self, bytes: &[u8]) -> Result<(), VaultError> {
        self.run(&REPLACE, bytes, 0)
    }

    /// Makes `bytes`, which are those of an older generation, the current one, and the current one that older one.
    pub fn exchange(&self, bytes: &[u8], generation: u8) -> Result<(), VaultError> {
        self.run(&EXCHANGE, bytes, generation)
    }

    fn run(&self, steps: &[Step], bytes: &[u8], generation: u8) -> Result<(), VaultError> {
        let job = Job { bytes, generation };
        let done = steps.iter().try_for_each(|step| step(self, &job));
        done.map_err(|why| failed("write", &self.join(CURRENT), why))
    }

    /// Ends what a writer left that died.
    fn clean_up(&self) -> io::Result<()> {
        self.remove(NEW)?;
        self.remove(COPY)?;
        for generation in OLDER {
            let aside = aside_of(generation);
            if !self.has(&aside) {
                continue;
            }
            if self.same(&aside, CURRENT) {
                self.remove(&aside)?;
            } else {
                self.rename(&aside, &name_of(generation))?;
            }
        }
        Ok(())
    }

    /// `.1` becomes `.2`, unless `.1` is the current one: then a writer died after keeping it, and `.2` is still wanted.
    fn shift(&self) -> io::Result<()> {
        let first = name_of(1);
        if !self.has(CURRENT) || !self.has(&first) || self.same(&first, CURRENT) {
            return Ok(());
        }
        self.rename(&first, &name_of(2))
    }

    fn keep_current(&self) -> io::Result<()> {
        let first = name_of(1);
        if !self.has(CURRENT) || self.same(&first, CURRENT) {
            return Ok(());
        }
        self.duplicate(CURRENT, &first)
    }

    fn set_aside(&self, generation: u8) -> io::Result<()> {
        if !self.has(CURRENT) {
            return Ok(());
        }
        self.duplicate(CURRENT, &aside_of(generation))
    }

    fn take_back(&self, generation: u8) -> io::Result<()> {
        let aside = aside_of(generation);
        if !self.has(&aside) {
            return Ok(());
        }
        self.rename(&aside, &name_of(generation))
    }

    /// Gives a file a second name, or makes a copy where the file system has one name a file.
    fn duplicate(&self, from: &str, to: &str) -> io::Result<()> {
        match rustix::fs::linkat(&self.fd, from, &self.fd, to, AtFlags::empty()) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(Errno::EXIST.into()),
            Err(_) => self.copy(from, to),
        }
    }

    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let bytes = self.raw(from)?;
        self.write_exclusive(COPY, &bytes)?;
        self.rename(COPY, to)
    }

    fn write_exclusive(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        let mut file = File::from(fd);
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// True when two files hold the same; false when one of them cannot be read.
    fn same(&self, one: &str, other: &str) -> bool {
        match (self.raw(one), self.raw(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
    }

    fn raw(&self, name: &str) -> io::Result<Vec<u8>> {
        let fd = rustix::fs::openat(&self.fd, name, checks::READ, Mode::empty())?;
        limited(File::from(fd))
    }
}

/// At most one byte more than the largest vault.
fn limited(file: File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The error for something that the system refused.
pub fn failed(what: &'static str, path: &Path, why: io::Error) -> VaultError {
    VaultError::Io {
        what,
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests;
