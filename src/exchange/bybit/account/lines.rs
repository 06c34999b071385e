//! The two sockets beyond their standing: address, authentication, subscription, heartbeat. Owns what is known of each; what
//! arrives on them is read elsewhere.

use super::BybitAccount;
use crate::domain::Stamp;
use crate::exchange::account::upkeep::{ORDERS, PRIVATE, Upkeep};
use crate::exchange::bybit::private::{Control, TOPICS};
use crate::exchange::machine::{Line, LineOut, Out};

/// The venue wants to hear of a client this often, ms (Bybit, WebSocket Connect: "every 20 seconds").
const HEARTBEAT_MS: u64 = 20_000;
/// An authentication or a subscription without an answer ends a line after this, ms.
const ANSWER_MS: u64 = 5_000;
/// A key that the venue does not take is tried again after this, ms: its owner may mend it meanwhile.
pub(super) const KEY_AGAIN_MS: u64 = 60_000;

/// How far a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nobody was told who we are.
    Stranger,
    /// Authentication was asked for then.
    Authenticating(Stamp),
    /// Subscription was asked for then.
    Subscribing(Stamp),
    /// It serves.
    Ready,
}

/// One socket.
pub struct Socket {
    line: Line,
    url: String,
    numbered: &'static str,
    /// Whether it stands.
    pub upkeep: Upkeep,
    step: Step,
    /// It takes nothing new: it is to be replaced when nothing waits on it.
    pub worn: bool,
}

impl Socket {
    /// A socket that was not asked for yet; an empty address: there is none in this environment. `numbered` is its word for a
    /// request's number.
    pub fn new(line: Line, url: String, numbered: &'static str) -> Self {
        Self {
            line,
            url,
            numbered,
            upkeep: Upkeep::new(line),
            step: Step::Stranger,
            worn: false,
        }
    }

    /// The environment has no such line.
    pub fn is_absent(&self) -> bool {
        self.url.is_empty()
    }

    /// It stands, knows us and is subscribed where that is needed.
    pub fn is_ready(&self) -> bool {
        self.upkeep.is_open() && self.step == Step::Ready
    }

    /// A request may be handed to it.
    pub fn is_proved(&self, now: Stamp) -> bool {
        self.is_ready() && !self.worn && self.upkeep.is_proved(now)
    }

    /// Asks for the socket; an older one is dropped.
    pub fn open(&mut self, now: Stamp, out: &mut Out) {
        if self.is_absent() {
            return;
        }
        (self.step, self.worn) = (Step::Stranger, false);
        self.upkeep.open(now, self.url.clone(), out);
    }

    /// It stands.
    pub fn opened(&mut self, now: Stamp) {
        (self.step, self.worn) = (Step::Stranger, false);
        self.upkeep.opened(now);
    }

    /// It ended, or could not be opened.
    pub fn closed(&mut self, now: Stamp) {
        self.step = Step::Stranger;
        self.upkeep.closed(now);
    }

    /// It is ended from here and tried again after `ms`; `None`: soon.
    fn give_up(&mut self, ms: Option<u64>, now: Stamp, out: &mut Out) {
        self.step = Step::Stranger;
        match ms {
            Some(ms) => {
                out.lines.push(LineOut::Close { line: self.line });
                self.upkeep.closed_for(now, ms);
            }
            None => self.upkeep.close(now, out),
        }
    }

    /// An answer that it needs did not come.
    pub fn is_mute(&self, now: Stamp) -> bool {
        let (Step::Authenticating(since) | Step::Subscribing(since)) = self.step else {
            return false;
        };
        self.upkeep.is_open() && now.ms_since(since) >= ANSWER_MS
    }

    /// When that is known.
    pub fn next(&self) -> Option<Stamp> {
        let answer = match self.step {
            Step::Authenticating(since) | Step::Subscribing(since) => {
                Some(since.plus_ms(ANSWER_MS))
            }
            Step::Stranger | Step::Ready => None,
        };
        let next = self.upkeep.next();
        answer.into_iter().chain(next).min()
    }
}

impl BybitAccount {
    /// Tells each line that stands who we are. It needs the venue's time: a signature that ended already is refused.
    pub(super) fn log_on(&mut self, now: Stamp, out: &mut Out) {
        if self.caller.clock.venue_ms(now).is_none() {
            return;
        }
        for socket in [&mut self.order_line, &mut self.private_line] {
            if socket.upkeep.is_open() && socket.step == Step::Stranger {
                socket.step = Step::Authenticating(now);
                self.caller.auth(socket.line, socket.numbered, now, out);
            }
        }
    }

    /// The order line answered the authentication.
    pub(super) fn order_line_authenticated(
        &mut self,
        answer: Result<(), (i64, String)>,
        now: Stamp,
        out: &mut Out,
    ) {
        match answer {
            Ok(()) => {
                self.order_line.step = Step::Ready;
                self.want_truth(now);
                self.relink("", out);
            }
            Err((_, words)) => self.line_refused(ORDERS, &words, now, out),
        }
    }

    /// The private line said something of itself.
    pub(super) fn private_said(&mut self, control: Control, now: Stamp, out: &mut Out) {
        match control {
            Control::Auth(Ok(())) => {
                self.private_line.step = Step::Subscribing(now);
                let id = self.caller.number();
                let text = format!(r#"{{"req_id":"{id}","op":"subscribe","args":[{TOPICS}]}}"#);
                out.send(PRIVATE, 0, text);
            }
            Control::Subscribed(Ok(())) => {
                self.private_line.step = Step::Ready;
                self.want_truth(now);
                self.relink("", out);
            }
            Control::Auth(Err(words)) => self.line_refused(PRIVATE, &words, now, out),
            Control::Subscribed(Err(words)) => {
                self.bad(&format!("private line: {words}"), out);
                self.private_line.give_up(None, now, out);
                self.private_ended();
                self.relink(&words, out);
            }
            Control::Other => {}
        }
    }

    /// A line does not take the authentication: our clock may be off, or the key is refused. No hurry: asking again soon would only
    /// get an address banned.
    fn line_refused(&mut self, line: Line, words: &str, now: Stamp, out: &mut Out) {
        let late = words.to_lowercase().contains("expire");
        if late {
            self.measure_clock(now, out);
        } else {
            self.refuse_key(words, out);
        }
        let wait = (!late).then_some(KEY_AGAIN_MS);
        self.socket(line).give_up(wait, now, out);
        if line == ORDERS {
            self.order_line_ended(now, out);
        } else {
            self.private_ended();
        }
        self.relink(words, out);
    }

    /// Each line is told that we are there.
    pub(super) fn heartbeat(&mut self, now: Stamp, out: &mut Out) {
        self.next_heartbeat = Some(now.plus_ms(HEARTBEAT_MS));
        for (line, socket) in [(ORDERS, &self.order_line), (PRIVATE, &self.private_line)] {
            if socket.upkeep.is_open() {
                out.send(line, 0, r#"{"op":"ping"}"#.to_owned());
            }
        }
    }
}
