//! The recorder's tap: hands public messages to the disk thread as they came. Owns the count of those it could not hand over; it
//! must not make the session wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::exchange::record::RawLine;

/// A bounded way to the recorder; full means dropped and counted.
#[derive(Clone)]
pub struct Tap {
    lines: mpsc::Sender<RawLine>,
    dropped: Arc<AtomicU64>,
}

impl Tap {
    /// Hands lines to `lines`, counts the others in `dropped`.
    pub fn new(lines: mpsc::Sender<RawLine>, dropped: Arc<AtomicU64>) -> Self {
        Self { lines, dropped }
    }

    /// Hands a line over if there is room.
    pub fn offer(&self, line: RawLine) {
        if self.lines.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}
