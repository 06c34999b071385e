//! Every venue of the table against its own wire of the built-in exchange, as function calls in virtual time: what each connector must
//! do whatever its protocol looks like. A venue that is added to `VENUES` is tested here without another line.

mod auditor;
mod books;
mod hostile;
mod orders;
mod past;
mod rig;
mod stops;
mod storm;
mod trouble;
