//! What stands before every call: keys, limits, faults, and the lines that are open.

use super::Venue;
use super::limits::Limits;
use super::lines::{Lines, envelope};
use crate::sim::fault::{Faults, How, What};
use crate::sim::keys::Key;
use crate::sim::wire::LineId;

/// Keys, limits, faults and lines of one exchange.
pub struct Gate<V: Venue> {
    /// The keys of the one account, the trader's first.
    pub keys: Vec<Key>,
    /// What addresses and the account have used.
    pub limits: Limits,
    /// Faults to be made.
    pub faults: Faults,
    /// Who is connected.
    pub lines: Lines<V::Stream, V::Route>,
    /// When the exchange was opened, ms since 1970.
    pub started_ms: i64,
}

impl<V: Venue> Gate<V> {
    /// Sends a payload to these lines, each as it wants it; faults strike it under this name.
    pub fn send(
        &mut self,
        listeners: Vec<(LineId, Option<String>)>,
        payload: &str,
        what: Option<What>,
    ) {
        for (line, name) in listeners {
            let text = envelope(name.as_deref(), payload);
            match what {
                Some(what) => self.send_struck(line, text, what),
                None => self.lines.text(line, text, 0),
            }
        }
    }

    /// Sends a message of a stream that faults may strike.
    pub fn send_struck(&mut self, line: LineId, text: String, what: What) {
        match self.faults.strike(&[what]) {
            None => self.lines.text(line, text, 0),
            Some(How::Delay(ms)) => self.lines.text(line, text, ms),
            Some(How::Dup) => {
                self.lines.text(line, text.clone(), 0);
                self.lines.text(line, text, 0);
            }
            Some(How::Cut) => self.lines.cut(line),
            Some(How::HalfOpen) => self.lines.freeze(line),
            Some(_) => {}
        }
    }
}
