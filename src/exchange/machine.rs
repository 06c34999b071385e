//! The sans-IO seam: what a session tells a venue's state machine, and what the machine asks of the session.
//!
//! Every timer, resync step, heartbeat, listen key and REST call belongs to the machine. The session opens lines, moves bytes,
//! performs calls and wakes; it decides nothing.

use std::sync::Arc;

use crate::domain::message::MarketFact;
use crate::domain::{Command, Depth, Fact, Print, Stamp, Symbol, Touch};

/// One of a machine's sockets (`0`, `1`, …; each venue names its own).
pub type Line = u8;

/// What a WebSocket frame is. Continuations are joined before they get here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
    /// A ping; the session has already answered it.
    Ping,
    /// The pong to a ping of ours.
    Pong,
}

/// What happened, told to a machine together with the time.
#[derive(Debug)]
pub enum In<'a> {
    /// The first thing that a machine is told.
    Start,
    /// A line stands. `epoch` counts the openings of this line; frames of older ones are not delivered.
    Opened {
        /// Which line.
        line: Line,
    },
    /// A frame came.
    Frame {
        /// Which line.
        line: Line,
        /// What it is.
        opcode: Opcode,
        /// Its payload, at most 8 MiB.
        bytes: &'a [u8],
    },
    /// A frame with a tag was handed to the kernel (`written > 0`), or could not be (`written == 0`).
    Sent {
        /// Which line.
        line: Line,
        /// The tag given with [`Out::send`].
        tag: u64,
        /// Bytes handed to the kernel; 0 proves that nothing left this host.
        written: usize,
    },
    /// A line ended or could not be opened; a machine is not told of its own [`LineOut::Close`]. In words, sanitised.
    Closed {
        /// Which line.
        line: Line,
        /// Why.
        why: &'a str,
    },
    /// A REST call ended.
    Reply {
        /// The tag given with the call.
        tag: u64,
        /// What came back.
        result: Result<Reply, CallError>,
    },
    /// The desk asks (accounts only).
    Command(Command),
    /// Follow these symbols from now on (feeds only; replaces the earlier set).
    Follow(&'a [Symbol]),
    /// The host was suspended for `ms`: nothing that was proved before is proved now.
    Resumed {
        /// How long, ms.
        ms: u64,
    },
    /// The time asked for by [`Out::wake_at`] came.
    Wake,
    /// End cleanly: close lines; nothing more will be told.
    Stop,
}

/// The answer to a REST call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers a machine may want, names in lower case (rate limits, retry-after, date, content-type).
    pub headers: Vec<(String, String)>,
    /// At most 16 MiB.
    pub body: Vec<u8>,
}

/// Why a REST call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No byte of it was handed to the socket.
    #[error("not sent: {0}")]
    NotSent(String),
    /// Bytes left, no usable answer came: the outcome is unknown.
    #[error("no answer: {0}")]
    Lost(String),
}

/// HTTP verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

/// Which warm connection carries a call, so that an order never queues behind an account query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Orders, cancels.
    Order,
    /// Everything else.
    Query,
}

/// A REST call.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Comes back in [`In::Reply`].
    pub tag: u64,
    /// Verb.
    pub method: Method,
    /// Path with query (`/fapi/v1/depth?symbol=BTCUSDT&limit=1000`), below the venue's REST address. May hold a signature: never logged.
    pub target: String,
    /// Header name and value. May hold an API key: never logged.
    pub headers: Vec<(&'static str, String)>,
    /// Body, usually empty.
    pub body: String,
    /// Whole-call deadline, ms.
    pub deadline_ms: u64,
    /// Which connection.
    pub lane: Lane,
}

/// The path alone: what of a call may be logged.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} {}",
            self.method,
            self.target.split('?').next().unwrap_or_default()
        )
    }
}

/// What to do with the bytes of a line.
#[derive(PartialEq, Eq)]
pub enum LineOut {
    /// Open it at this WebSocket address (`ws://` or `wss://`); an older socket of the same line is dropped first. Never logged whole.
    Open {
        /// Which line.
        line: Line,
        /// Address.
        url: String,
        /// Extra header name and value, may hold a key.
        headers: Vec<(&'static str, String)>,
    },
    /// Close it.
    Close {
        /// Which line.
        line: Line,
    },
    /// Send a frame; `tag` comes back in [`In::Sent`] when it is not zero.
    Send {
        /// Which line.
        line: Line,
        /// Tag, 0 for "do not tell".
        tag: u64,
        /// Text, or [`Opcode::Ping`].
        opcode: Opcode,
        /// Payload. May hold a signature: never logged.
        bytes: Vec<u8>,
    },
}

/// What a machine asks of its session, in order. Reused from call to call.
#[derive(Default)]
pub struct Out {
    /// Lines to open, close, write.
    pub lines: Vec<LineOut>,
    /// REST calls.
    pub calls: Vec<Call>,
    /// Account facts (accounts only).
    pub facts: Vec<Fact>,
    /// Market facts (feeds only).
    pub market: Vec<MarketFact>,
    /// Best prices after this message, at most one a symbol (feeds only).
    pub touches: Vec<Touch>,
    /// Prints (feeds only).
    pub prints: Vec<Print>,
    /// Symbols whose depth picture or state changed (feeds only); the session asks for it at most 60 times a second.
    pub changed: Vec<Symbol>,
    /// The earliest time that the machine wants [`In::Wake`]; replaced by each later wish, `None` keeps the earlier one.
    pub wake_at: Option<Stamp>,
}

impl Out {
    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.calls.clear();
        self.facts.clear();
        self.market.clear();
        self.touches.clear();
        self.prints.clear();
        self.changed.clear();
        self.wake_at = None;
    }

    /// Asks for a text frame.
    pub fn send(&mut self, line: Line, tag: u64, text: String) {
        self.lines.push(LineOut::Send {
            line,
            tag,
            opcode: Opcode::Text,
            bytes: text.into_bytes(),
        });
    }

    /// Asks for a ping.
    pub fn ping(&mut self, line: Line) {
        self.lines.push(LineOut::Send {
            line,
            tag: 0,
            opcode: Opcode::Ping,
            bytes: Vec::new(),
        });
    }
}

/// A venue's state machine. Pure: it reads no clock and does no I/O.
pub trait Machine {
    /// Takes one event, appends wishes to `out` (which the session cleared).
    fn on(&mut self, now: Stamp, event: In<'_>, out: &mut Out);
}

/// A venue's public side: instruments, clock, books, prints.
pub trait Feed: Machine + Send {
    /// The picture of a followed symbol's book as of now, at most `levels` a side.
    fn depth(&self, symbol: Symbol, now: Stamp, levels: usize) -> Option<Arc<Depth>>;
}

/// A venue's private side, for one key: orders, positions, signed REST.
pub trait Account: Machine {}
