//! The keys, encrypted at rest in one file, and the reading of what people paste.
//!
//! It owns `keys.vault` and its two older generations below the data directory. A passphrase becomes a key by Argon2id; the keys
//! stand in the file as JSON under XChaCha20-Poly1305. The passphrase itself is never kept. [`material`] turns pasted text into
//! what can sign, or into a sentence about what is wrong with it.

pub mod form;
pub mod material;

mod checks;
mod disk;
mod entry;
mod error;
mod header;
mod passphrase;
mod seal;
mod stored;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::secret::Secret;
use disk::{CURRENT, Dir, OLDER, name_of};
use header::{HEADER, Header, HeaderError, LARGEST, TAG};
use seal::Derived;

pub use error::{Older, VaultError};
pub use passphrase::{LEAST_PASSPHRASE, check_passphrase, key_file};
pub use seal::Cost;
pub use stored::{StoredKey, StoredKeyError};

/// An opened vault. Holds the derived key and the keys, never the passphrase.
pub struct Vault {
    dir: PathBuf,
    derived: Derived,
    keys: Vec<StoredKey>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("dir", &self.dir)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Where the vault of a data directory is.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join(CURRENT)
    }

    /// True when something stands there, be it a vault or not, or an older generation alone: what is left of one is not begun anew.
    pub fn exists(dir: &Path) -> bool {
        let names = [CURRENT.to_owned()].into_iter().chain(OLDER.map(name_of));
        names
            .map(|name| dir.join(name))
            .any(|path| path.symlink_metadata().is_ok())
    }

    /// Makes an empty vault, and its directory for its owner alone.
    ///
    /// # Errors
    /// When there is one, the passphrase is short, or the disk does not take it.
    pub fn create(dir: &Path, passphrase: &Secret) -> Result<Self, VaultError> {
        check_passphrase(passphrase)?;
        Self::create_at(dir, passphrase, Cost::USUAL)
    }

    fn create_at(dir: &Path, passphrase: &Secret, cost: Cost) -> Result<Self, VaultError> {
        let path = Self::path(dir);
        if Self::exists(dir) {
            return Err(VaultError::Exists { path });
        }
        let derived = derive(passphrase, random()?, cost)?;
        let open = Dir::make(dir)?.lock()?;
        if open.has(CURRENT) || open.older().0.is_some() {
            return Err(VaultError::Exists { path });
        }
        let keys = Vec::new();
        open.replace(&sealed(&derived, &keys, &path)?)?;
        let dir = dir.to_owned();
        Ok(Self { dir, derived, keys })
    }

    /// Opens the vault: about a fifth of a second of one core and 64 MiB for a moment, by design.
    ///
    /// # Errors
    /// One variant for everything that can be wrong with the file; a wrong passphrase is told from damage.
    pub fn open(dir: &Path, passphrase: &Secret) -> Result<Self, VaultError> {
        let open = Dir::open(dir)?;
        let file = current(&open)?;
        Self::unlock(dir, &Sealed::parse(&open, CURRENT, &file)?, passphrase)
    }

    fn unlock(dir: &Path, sealed: &Sealed<'_>, passphrase: &Secret) -> Result<Self, VaultError> {
        let derived = derive(passphrase, sealed.header.salt, sealed.header.cost)?;
        if derived.check() != sealed.header.check {
            let path = sealed.path.clone();
            return Err(VaultError::WrongPassphrase { path });
        }
        let keys = sealed.keys(&derived)?;
        let dir = dir.to_owned();
        Ok(Self { dir, derived, keys })
    }

    /// The keys, in the order in which they were added.
    pub fn keys(&self) -> &[StoredKey] {
        &self.keys
    }

    /// Reads the file again under a lock, lets `change` work on its keys, and writes them: what another Lancet stored meanwhile is
    /// kept. Nothing changes, here or there, when it fails.
    ///
    /// # Errors
    /// When the file cannot be read or written, another writer does not end, or the passphrase was changed meanwhile.
    pub fn change<R>(
        &mut self,
        change: impl FnOnce(&mut Vec<StoredKey>) -> R,
    ) -> Result<R, VaultError> {
        let open = Dir::open(&self.dir)?.lock()?;
        let mut keys = self.reread(&open)?;
        let result = change(&mut keys);
        open.replace(&sealed(&self.derived, &keys, &open.join(CURRENT))?)?;
        self.keys = keys;
        Ok(result)
    }

    /// Gives the vault another passphrase, with a new salt and key. The older generations keep the one that they had: whoever
    /// changes it because the old one was seen must delete `keys.vault.1` and `.2`, or make two more changes.
    ///
    /// # Errors
    /// As [`Vault::change`], and when it is too short.
    pub fn change_passphrase(&mut self, new: &Secret) -> Result<(), VaultError> {
        check_passphrase(new)?;
        self.change_passphrase_at(new, Cost::USUAL)
    }

    fn change_passphrase_at(&mut self, new: &Secret, cost: Cost) -> Result<(), VaultError> {
        let derived = derive(new, random()?, cost)?;
        let open = Dir::open(&self.dir)?.lock()?;
        let keys = self.reread(&open)?;
        open.replace(&sealed(&derived, &keys, &open.join(CURRENT))?)?;
        self.keys = keys;
        self.derived = derived;
        Ok(())
    }

    /// Opens an older generation and lets it and the current one change places: nothing is lost, and doing it again undoes it.
    ///
    /// # Errors
    /// When there is no such generation or it does not open; nothing is changed then.
    pub fn restore(dir: &Path, generation: u8, passphrase: &Secret) -> Result<Self, VaultError> {
        let missing = || VaultError::NoGeneration {
            path: Self::path(dir),
            generation,
        };
        if !OLDER.contains(&generation) {
            return Err(missing());
        }
        let name = name_of(generation);
        let open = Dir::open(dir)?.lock()?;
        let file = open.read(&name)?.ok_or_else(missing)?;
        let vault = Self::unlock(dir, &Sealed::parse(&open, &name, &file)?, passphrase)?;
        open.exchange(&file, generation)?;
        Ok(vault)
    }

    /// The older generations that are there, with the time of their writing, ms since 1970.
    pub fn generations(dir: &Path) -> Vec<(u8, i64)> {
        let Ok(Some(open)) = Dir::find(dir) else {
            return Vec::new();
        };
        let written = |n| open.written_ms(&name_of(n)).map(|ms| (n, ms));
        OLDER.into_iter().filter_map(written).collect()
    }

    /// What is wrong with the modes and owners of the directory and its files, a sentence each. No vault is no problem.
    pub fn problems(dir: &Path) -> Vec<String> {
        let open = match Dir::find(dir) {
            Ok(Some(open)) => open,
            Ok(None) => return Vec::new(),
            Err(error) => return vec![error.to_string()],
        };
        let lost = (!open.has(CURRENT) && open.older().0.is_some()).then(|| VaultError::NotThere {
            path: Self::path(dir),
            older: open.older(),
        });
        let names = [CURRENT.to_owned()].into_iter().chain(OLDER.map(name_of));
        let wrong = names.filter_map(|name| open.check(&name).err());
        lost.into_iter()
            .chain(wrong)
            .map(|error| error.to_string())
            .collect()
    }

    fn reread(&self, open: &Dir) -> Result<Vec<StoredKey>, VaultError> {
        let file = current(open)?;
        let sealed = Sealed::parse(open, CURRENT, &file)?;
        if !self.derived.belongs_to(&sealed.header) {
            let path = sealed.path;
            return Err(VaultError::PassphraseChanged { path });
        }
        sealed.keys(&self.derived)
    }
}

/// A file whose header is whole.
struct Sealed<'a> {
    path: PathBuf,
    older: Older,
    header: Header,
    head: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Sealed<'a> {
    fn parse(dir: &Dir, name: &str, file: &'a [u8]) -> Result<Self, VaultError> {
        let (path, older) = (dir.join(name), dir.older());
        match Header::split(file) {
            Ok((header, head, rest)) => Ok(Self {
                path,
                older,
                header,
                head,
                rest,
            }),
            Err(HeaderError::Truncated) => Err(VaultError::Truncated { path, older }),
            Err(HeaderError::NotAVault) => Err(VaultError::NotAVault { path, older }),
            Err(HeaderError::Damaged) => Err(VaultError::HeaderDamaged { path, older }),
            Err(HeaderError::Newer(version)) => Err(VaultError::NewerVersion { path, version }),
            Err(HeaderError::Parameters(cost)) => Err(VaultError::Parameters { path, cost, older }),
        }
    }

    fn keys(&self, derived: &Derived) -> Result<Vec<StoredKey>, VaultError> {
        let plain = derived.unseal(&self.header, self.head, self.rest);
        let plain = plain.ok_or_else(|| VaultError::Damaged {
            path: self.path.clone(),
            older: self.older,
        })?;
        entry::read(&plain).map_err(|_| VaultError::NewerContents {
            path: self.path.clone(),
        })
    }
}

fn current(open: &Dir) -> Result<Vec<u8>, VaultError> {
    open.read(CURRENT)?.ok_or_else(|| VaultError::NotThere {
        path: open.join(CURRENT),
        older: open.older(),
    })
}

/// The whole file for `keys`, under a fresh nonce.
fn sealed(derived: &Derived, keys: &[StoredKey], path: &Path) -> Result<Vec<u8>, VaultError> {
    let too_large = || VaultError::TooLarge {
        path: path.to_owned(),
        most: LARGEST,
    };
    let plain = entry::write(keys).map_err(|_| too_large())?;
    if HEADER + plain.len() + TAG > LARGEST {
        return Err(too_large());
    }
    derived.seal(plain, random()?).ok_or_else(too_large)
}

fn derive(passphrase: &Secret, salt: [u8; 16], cost: Cost) -> Result<Derived, VaultError> {
    Derived::of(passphrase, salt, cost).map_err(|_| VaultError::Memory(cost.m_kib))
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(VaultError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
