//! Whose a file is and who may use it, asked of the open descriptor so that nobody can change it in between.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::disk::failed;
use super::error::VaultError;

/// How a secret file is opened: no links, and no waiting for the writer of a pipe.
pub const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

/// Makes a directory that is ours alone. One that is ours already is closed to others: what it holds was never a vault.
pub fn make_directory(path: &Path) -> io::Result<()> {
    if let Some(above) = path.parent() {
        std::fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&fd)?;
    if stat.st_uid == rustix::process::geteuid().as_raw() && is_open_to_others(&stat) {
        rustix::fs::fchmod(&fd, Mode::RWXU)?;
    }
    Ok(())
}

/// Checks an open directory.
pub fn directory(fd: &OwnedFd, path: &Path) -> Result<(), VaultError> {
    let stat = rustix::fs::fstat(fd).map_err(|why| failed("look at", path, why.into()))?;
    private(&stat, path, "700")
}

/// Checks what was opened with [`READ`]; `Ok(None)` when it is not there.
pub fn opened(opened: Result<OwnedFd, Errno>, path: &Path) -> Result<Option<File>, VaultError> {
    let fd = match opened {
        Ok(fd) => fd,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(VaultError::Symlink { path: path.into() }),
        // What opening a socket says.
        Err(Errno::NXIO) => return Err(VaultError::NotRegular { path: path.into() }),
        Err(why) => return Err(failed("open", path, why.into())),
    };
    let stat = rustix::fs::fstat(&fd).map_err(|why| failed("look at", path, why.into()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(VaultError::NotRegular { path: path.into() });
    }
    private(&stat, path, "600")?;
    Ok(Some(File::from(fd)))
}

fn private(stat: &Stat, path: &Path, mend: &'static str) -> Result<(), VaultError> {
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(VaultError::Owner {
            path: path.into(),
            owner: stat.st_uid,
        });
    }
    if is_open_to_others(stat) {
        return Err(VaultError::Modes {
            path: path.into(),
            mend,
        });
    }
    Ok(())
}

fn is_open_to_others(stat: &Stat) -> bool {
    Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO)
}
