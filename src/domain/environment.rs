//! Which world the money is in.

/// Which world the money is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Environment {
    /// The built-in exchange.
    #[default]
    Sim,
    /// A venue's demo or test network.
    Demo,
    /// Simulated fills on a live book.
    Paper,
    /// Real money.
    Real,
    /// A recording: view-only.
    Replay,
}

impl Environment {
    /// Its word on the command line, in the vault and in the journal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Real => "live",
            Self::Demo => "demo",
            Self::Sim => "sim",
            Self::Paper => "paper",
            Self::Replay => "replay",
        }
    }
}
