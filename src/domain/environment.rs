//! Which world the money is in.

/// Which world the money is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
