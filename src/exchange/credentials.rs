//! A key of the trader's. Secrets never show in `Debug`.

/// One key of the trader's.
pub struct Credentials;
