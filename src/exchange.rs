//! The venues, and the seam that each of them implements.
//!
//! A venue is two plain state machines, a [`machine::Feed`] and an [`machine::Account`]; [`session`] moves their bytes.

pub mod backoff;
pub mod dial;
pub mod http;
pub mod machine;
pub mod record;
pub mod session;
