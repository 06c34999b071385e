//! What every account machine does the same way: lines kept standing, requests in flight, unknown outcomes, what was told.
//!
//! Plain parts without a venue's words; each venue's account puts them together.

pub mod proof;
pub mod request;
pub mod told;
pub mod upkeep;
