//! The words of `lancet keys`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// `lancet keys`.
#[derive(Clone, Debug, Subcommand)]
pub enum Keys {
    /// Enter a key: on a screen, or one JSON object from standard input
    ///
    /// The object: {"venue","env","label","api_key","api_secret"|"private_key_pem","passphrase"}. The key is tested at the
    /// exchange before it is stored; a key that may withdraw is refused. Of a pair made by `lancet keys generate` only the
    /// label and the API key are needed.
    Add {
        /// Read the key from standard input and never ask
        #[arg(long)]
        stdin: bool,
        /// Accept what would make the key view-only: that it works from any address, or that it can move money between accounts
        #[arg(long, value_name = "WHAT", requires = "stdin")]
        accept: Vec<AcceptWord>,
        /// Print the result as one JSON object
        #[arg(long, requires = "stdin")]
        json: bool,
    },
    /// List the keys, none of their content
    List {
        /// Print them as one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Ask the exchange what a key may do; places no order
    Test {
        /// Which key
        label: String,
        /// Print the answers as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take a key out of the vault
    Remove {
        /// Which key
        label: String,
        /// Print the result as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make an Ed25519 pair here and print its public half; the private half never leaves the vault
    Generate {
        /// Your name for it
        #[arg(long, value_name = "LABEL", default_value = "main")]
        label: String,
        /// Print the result as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the public half of a pair again
    ExportPublic {
        /// Which key
        label: String,
        /// Print it as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Give the vault another passphrase
    Passphrase {
        /// Take the new one from this file instead of asking
        #[arg(long, value_name = "FILE")]
        new_key_file: Option<PathBuf>,
    },
    /// Let an older generation of the vault and the present one change places
    Restore {
        /// 1 is the last one, 2 the one before
        #[arg(value_name = "GENERATION", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        generation: u8,
    },
}

/// What can be accepted without a typed word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AcceptWord {
    /// The key works from any address.
    NoIp,
    /// The key can move money between accounts.
    Transfer,
}
