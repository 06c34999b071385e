//! What opens a vault: a passphrase that somebody types, or a file on a host that nobody sits at.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::Mode;
use zeroize::Zeroizing;

use super::checks;
use super::disk::failed;
use super::error::VaultError;
use crate::secret::{CAPACITY, Secret};

/// Fewest characters of a new passphrase.
pub const LEAST_PASSPHRASE: usize = 12;
/// Fewest bytes of a key file.
const LEAST_KEY_FILE: usize = 32;

/// Judges a new passphrase by its length alone: every cleverer rule has made people choose worse ones.
///
/// # Errors
/// When it has fewer than [`LEAST_PASSPHRASE`] characters.
pub fn check_passphrase(new: &Secret) -> Result<(), VaultError> {
    let characters = new
        .expose_str()
        .map_or(new.len(), |text| text.chars().count());
    if characters < LEAST_PASSPHRASE {
        return Err(VaultError::ShortPassphrase);
    }
    Ok(())
}

/// The passphrase in a key file: its bytes less one newline at the end.
///
/// # Errors
/// When it is not a regular file of ours that others cannot use, or holds fewer than 32 bytes, or more than a secret can.
pub fn key_file(path: &Path) -> Result<Secret, VaultError> {
    let opened = rustix::fs::open(path, checks::READ, Mode::empty());
    let not_there = || failed("open", path, io::ErrorKind::NotFound.into());
    let file = checks::opened(opened, path)?.ok_or_else(not_there)?;
    let mut bytes = Zeroizing::new(vec![0; CAPACITY + 2]);
    let len = fill(file, &mut bytes).map_err(|why| failed("read", path, why))?;
    let held = &bytes[..len];
    let held = held.strip_suffix(b"\n").unwrap_or(held);
    if held.len() < LEAST_KEY_FILE {
        return Err(VaultError::KeyFileShort {
            path: path.to_owned(),
            least: LEAST_KEY_FILE,
        });
    }
    Secret::of(held).map_err(|_| VaultError::TooLarge {
        path: path.to_owned(),
        most: CAPACITY,
    })
}

/// Reads until the file ends or `room` is full.
fn fill(mut file: File, room: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < room.len() {
        match file.read(&mut room[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(len)
}
