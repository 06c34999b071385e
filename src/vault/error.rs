//! Why the vault cannot be used: one sentence each for the trader, which names the file and the mend and never a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::LEAST_PASSPHRASE;
use super::seal::Cost;

/// The newest older generation that lies beside a vault, for the end of a sentence about damage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Older(pub Option<u8>);

impl fmt::Display for Older {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(generation) => write!(
                f,
                "; an older generation is still there (.{generation}), get it back with `lancet keys restore`"
            ),
        }
    }
}

impl Older {
    /// How to get it back; `otherwise` where there is none.
    fn or(self, otherwise: &str) -> String {
        match self.0 {
            None => format!(": {otherwise}"),
            Some(generation) => format!(
                ", but an older generation is still there (.{generation}): get it back with `lancet keys restore {generation}`"
            ),
        }
    }
}

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault.
    #[error("there is no vault at {}{}", path.display(), older.or("make one with `lancet keys add`"))]
    NotThere {
        /// Where it was looked for.
        path: PathBuf,
        /// What lies beside it.
        older: Older,
    },
    /// One is to be made where one is.
    #[error("there is a vault at {} already: open it instead", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The header is whole and the passphrase does not fit it.
    #[error("wrong passphrase for {}", path.display())]
    WrongPassphrase {
        /// Which.
        path: PathBuf,
    },
    /// The end is missing.
    #[error("{} is cut short: its end is missing{older}", path.display())]
    Truncated {
        /// Which.
        path: PathBuf,
        /// What lies beside it.
        older: Older,
    },
    /// It does not begin as a vault does.
    #[error("{} is not a vault of Lancet, or its beginning is destroyed{older}", path.display())]
    NotAVault {
        /// Which.
        path: PathBuf,
        /// What lies beside it.
        older: Older,
    },
    /// Another program version wrote it.
    #[error("{} was written by a newer Lancet (format {version}): use that one; nothing was changed", path.display())]
    NewerVersion {
        /// Which.
        path: PathBuf,
        /// Its format.
        version: u16,
    },
    /// The format is known and holds what this version does not understand.
    #[error("{} holds what only a newer Lancet understands: use that one; nothing was changed", path.display())]
    NewerContents {
        /// Which.
        path: PathBuf,
    },
    /// The key derivation would be too weak or too costly, or is none that is known.
    #[error(
        "{} asks for refused parameters (memory {} KiB, {} passes, {} lanes): somebody has made or changed this file; do not type your passphrase for it{older}",
        path.display(), cost.m_kib, cost.passes, cost.lanes
    )]
    Parameters {
        /// Which.
        path: PathBuf,
        /// What it asks for.
        cost: Cost,
        /// What lies beside it.
        older: Older,
    },
    /// The header does not match its own checksum.
    #[error("the header of {} is damaged{older}", path.display())]
    HeaderDamaged {
        /// Which.
        path: PathBuf,
        /// What lies beside it.
        older: Older,
    },
    /// The passphrase fits and the contents were changed.
    #[error("{} is damaged: the passphrase is right, the contents are not as they were written{older}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What lies beside it.
        older: Older,
    },
    /// Others may read or write it.
    #[error("others may use {}: run `chmod {mend} {}`", path.display(), path.display())]
    Modes {
        /// Which file or directory.
        path: PathBuf,
        /// The mode that it must have.
        mend: &'static str,
    },
    /// It belongs to another user.
    #[error("{} belongs to another user (number {owner}): Lancet uses its own user's files only", path.display())]
    Owner {
        /// Which.
        path: PathBuf,
        /// Whose.
        owner: u32,
    },
    /// It is a symbolic link.
    #[error("{} is a symbolic link: put the file itself there", path.display())]
    Symlink {
        /// Which.
        path: PathBuf,
    },
    /// It is a directory, a pipe or a device.
    #[error("{} is not a regular file: move it away", path.display())]
    NotRegular {
        /// Which.
        path: PathBuf,
    },
    /// The directory is none.
    #[error("{} is not a directory: move it away", path.display())]
    NotADirectory {
        /// Which.
        path: PathBuf,
    },
    /// Larger than a vault or a key file can be.
    #[error("{} is larger than {most} bytes", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// How large it may be.
        most: usize,
    },
    /// Another Lancet is writing.
    #[error("another Lancet is writing to {}: try again", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// Another Lancet gave the vault another passphrase since this one opened it.
    #[error("the passphrase of {} was changed meanwhile: open it again; nothing was changed", path.display())]
    PassphraseChanged {
        /// Which.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {what} {}: {why}", path.display())]
    Io {
        /// A verb.
        what: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
    /// A new passphrase is too short.
    #[error(
        "a passphrase needs at least {LEAST_PASSPHRASE} characters: five words are easy to keep and hard to guess"
    )]
    ShortPassphrase,
    /// A key file holds too little.
    #[error("the key file {} needs at least {least} bytes: make one with `head -c 32 /dev/urandom | base64`", path.display())]
    KeyFileShort {
        /// Which.
        path: PathBuf,
        /// How many.
        least: usize,
    },
    /// There is no such generation.
    #[error("there is no generation {generation} of {}: `lancet keys restore` knows 1 and 2", path.display())]
    NoGeneration {
        /// The current file.
        path: PathBuf,
        /// The number asked for.
        generation: u8,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// There is not enough memory to derive the key.
    #[error("not enough memory to open the vault: it needs {0} KiB for a moment")]
    Memory(u32),
}
