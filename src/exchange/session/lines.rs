//! The WebSocket lines of one session. Owns the sockets and what waits to be written to them; it must not look into a payload.
//!
//! There is no task and no channel a line: the session polls the sockets themselves, so a frame reaches the machine and a command
//! the socket in the same turn, and a socket that was replaced cannot deliver anything any more (catalogue row A12).

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::body::Bytes;
use tokio::time::{Sleep, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::domain::text::sanitise;
use crate::exchange::dial::{DialError, Net, Stream, words};
use crate::exchange::machine::{In, Line, LineOut, Opcode};

/// A write that is not taken within this time ends the line.
const WRITE: Duration = Duration::from_secs(1);
/// Frames that may wait behind one that is being written.
const MAX_QUEUED: usize = 256;

/// What happened on a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moved {
    Opened {
        line: Line,
    },
    Frame {
        line: Line,
        opcode: Opcode,
        bytes: Bytes,
    },
    Sent {
        line: Line,
        tag: u64,
        written: usize,
    },
    Closed {
        line: Line,
        why: String,
    },
}

impl Moved {
    /// The words in which a machine is told.
    pub(super) fn told(&self) -> In<'_> {
        match self {
            Self::Opened { line } => In::Opened { line: *line },
            Self::Frame {
                line,
                opcode,
                bytes,
            } => In::Frame {
                line: *line,
                opcode: *opcode,
                bytes,
            },
            Self::Sent { line, tag, written } => In::Sent {
                line: *line,
                tag: *tag,
                written: *written,
            },
            Self::Closed { line, why } => In::Closed { line: *line, why },
        }
    }
}

type Opening = Pin<Box<dyn Future<Output = Result<WebSocketStream<Stream>, DialError>>>>;

enum State {
    Opening(Opening),
    Open(Box<Socket>),
}

/// Every line that is open or opening.
pub(super) struct Lines {
    net: Net,
    lines: Vec<(Line, State)>,
    /// What writing brought about and the machine has not been told.
    done: VecDeque<Moved>,
    /// Which line is read first next time, so that a busy one does not starve the others.
    first: usize,
}

impl Lines {
    pub(super) fn new(net: Net) -> Self {
        Self {
            net,
            lines: Vec::new(),
            done: VecDeque::new(),
            first: 0,
        }
    }

    /// Does what the machine asked for. A frame is written at once as far as the kernel takes it.
    pub(super) fn carry_out(&mut self, wish: LineOut, cx: &mut Context<'_>) {
        match wish {
            LineOut::Open { line, url, headers } => {
                self.close(line, cx);
                let net = self.net.clone();
                let opening = Box::pin(async move { net.open(&url, &headers).await });
                self.lines.push((line, State::Opening(opening)));
            }
            LineOut::Close { line } => self.close(line, cx),
            LineOut::Send {
                line,
                tag,
                opcode,
                bytes,
            } => self.send(line, tag, message(opcode, bytes), cx),
        }
    }

    fn send(&mut self, line: Line, tag: u64, message: Option<Message>, cx: &mut Context<'_>) {
        let socket = self.lines.iter_mut().find_map(|(of, state)| match state {
            State::Open(socket) if *of == line => Some(socket),
            _ => None,
        });
        match (socket, message) {
            (Some(socket), Some(message)) if socket.queue.len() < MAX_QUEUED => {
                socket.queue.push_back((tag, message));
                if let Err(why) = socket.drive(line, &mut self.done, cx) {
                    self.end(line, Some(why));
                }
            }
            _ => sent(&mut self.done, line, tag, 0),
        }
    }

    /// Closes a line as the machine asked: it is not told of that, only what became of the frames.
    fn close(&mut self, line: Line, cx: &mut Context<'_>) {
        if let Some((_, State::Open(socket))) = self.lines.iter_mut().find(|(of, _)| *of == line) {
            // A courtesy: what the kernel does not take now is not waited for.
            let _ = socket.ws.poll_close_unpin(cx);
        }
        // What the old socket still had to tell is void; what became of its frames is not.
        self.done.retain(|moved| match moved {
            Moved::Sent { .. } => true,
            Moved::Opened { line: of }
            | Moved::Frame { line: of, .. }
            | Moved::Closed { line: of, .. } => *of != line,
        });
        self.end(line, None);
    }

    /// Closes every line.
    pub(super) fn close_all(&mut self, cx: &mut Context<'_>) {
        while let Some((line, _)) = self.lines.first() {
            self.close(*line, cx);
        }
    }

    /// Forgets a socket, after saying what became of its frames.
    fn end(&mut self, line: Line, why: Option<String>) {
        let Some(index) = self.lines.iter().position(|(of, _)| *of == line) else {
            return;
        };
        if let (_, State::Open(socket)) = self.lines.swap_remove(index) {
            let written = socket.ws.get_ref().written();
            if let Some((tag, before)) = socket.writing {
                sent(&mut self.done, line, tag, written - before);
            }
            for (tag, _) in socket.queue {
                sent(&mut self.done, line, tag, 0);
            }
        }
        if let Some(why) = why {
            tracing::info!(line, why, "a line ended");
            self.done.push_back(Moved::Closed { line, why });
        }
    }

    /// What is known already and was not told.
    pub(super) fn take_done(&mut self) -> Option<Moved> {
        self.done.pop_front()
    }

    /// Writes on, opens on, and reads where `read` says so; gives the next thing that happened.
    pub(super) fn poll_moved(&mut self, cx: &mut Context<'_>, read: bool) -> Poll<Moved> {
        // A line that is passed over here is not woken by what it receives.
        let first = self.first;
        for step in 0..self.lines.len() {
            if !self.done.is_empty() {
                break;
            }
            let index = (first + step) % self.lines.len();
            let (line, state) = &mut self.lines[index];
            let line = *line;
            match state {
                State::Opening(opening) => match opening.as_mut().poll(cx) {
                    Poll::Ready(Ok(ws)) => {
                        tracing::info!(line, "a line stands");
                        *state = State::Open(Box::new(Socket::new(ws)));
                        self.done.push_back(Moved::Opened { line });
                    }
                    Poll::Ready(Err(error)) => self.end(line, Some(error.to_string())),
                    Poll::Pending => {}
                },
                State::Open(socket) => {
                    let mut moved = socket.drive(line, &mut self.done, cx);
                    if moved.is_ok() && read {
                        moved = socket.read(line, &mut self.done, cx);
                    }
                    if let Err(why) = moved {
                        self.end(line, Some(why));
                    }
                }
            }
            self.first = index + 1;
        }
        self.done.pop_front().map_or(Poll::Pending, Poll::Ready)
    }

    /// Ready when every frame was written or its line ended.
    pub(super) fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut broken = Vec::new();
        let mut waits = false;
        for (line, state) in &mut self.lines {
            if let State::Open(socket) = state {
                match socket.drive(*line, &mut self.done, cx) {
                    Ok(()) => waits |= socket.stalled.is_some(),
                    Err(_) => broken.push(*line),
                }
            }
        }
        for line in broken {
            self.end(line, None);
        }
        if waits {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

/// A standing WebSocket.
struct Socket {
    ws: WebSocketStream<Stream>,
    /// Frames of which no byte was given to the socket.
    queue: VecDeque<(u64, Message)>,
    /// The frame that was given: its tag, and the stream's count of bytes before it.
    writing: Option<(u64, u64)>,
    /// Runs while the kernel takes nothing more.
    stalled: Option<Pin<Box<Sleep>>>,
    /// A pong waits to be written.
    pong: bool,
}

impl Socket {
    fn new(ws: WebSocketStream<Stream>) -> Self {
        Self {
            ws,
            queue: VecDeque::new(),
            writing: None,
            stalled: None,
            pong: false,
        }
    }

    /// Writes as much as the kernel takes.
    ///
    /// # Errors
    /// Why the line must end.
    fn drive(
        &mut self,
        line: Line,
        done: &mut VecDeque<Moved>,
        cx: &mut Context<'_>,
    ) -> Result<(), String> {
        while self.writing.is_some() || self.pong || !self.queue.is_empty() {
            let flushed = match self.ws.poll_flush_unpin(cx) {
                Poll::Pending => return self.wait(cx),
                Poll::Ready(flushed) => flushed,
            };
            flushed.map_err(|error| words(&error))?;
            self.pong = false;
            let written = self.ws.get_ref().written();
            if let Some((tag, before)) = self.writing.take() {
                sent(done, line, tag, written - before);
            }
            if let Some((tag, message)) = self.queue.pop_front() {
                self.writing = Some((tag, written));
                self.ws
                    .start_send_unpin(message)
                    .map_err(|error| words(&error))?;
            }
        }
        self.stalled = None;
        Ok(())
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Result<(), String> {
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(WRITE)));
        match stalled.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err("the venue takes no more bytes: a write stood for 1 s".into()),
        }
    }

    /// Reads one frame, if there is one.
    ///
    /// # Errors
    /// Why the line must end.
    fn read(
        &mut self,
        line: Line,
        done: &mut VecDeque<Moved>,
        cx: &mut Context<'_>,
    ) -> Result<(), String> {
        let message = match self.ws.poll_next_unpin(cx) {
            Poll::Pending => return Ok(()),
            Poll::Ready(None) => return Err("closed by the venue".into()),
            Poll::Ready(Some(Err(error))) => return Err(words(&error)),
            Poll::Ready(Some(Ok(message))) => message,
        };
        let opcode = match &message {
            Message::Text(_) => Opcode::Text,
            Message::Binary(_) | Message::Frame(_) => Opcode::Binary,
            Message::Ping(_) => {
                // Its pong is queued inside the socket already; nothing else may come by to push it out.
                self.pong = true;
                Opcode::Ping
            }
            Message::Pong(_) => Opcode::Pong,
            Message::Close(frame) => {
                let _ = self.ws.poll_flush_unpin(cx);
                return Err(frame.as_ref().map_or_else(
                    || "closed by the venue".into(),
                    |frame| {
                        let reason = sanitise(frame.reason.as_str(), 120);
                        format!("closed by the venue: {} {reason}", u16::from(frame.code))
                    },
                ));
            }
        };
        let bytes = message.into_data();
        done.push_back(Moved::Frame {
            line,
            opcode,
            bytes,
        });
        Ok(())
    }
}

fn sent(done: &mut VecDeque<Moved>, line: Line, tag: u64, written: u64) {
    if tag != 0 {
        let written = usize::try_from(written).unwrap_or(usize::MAX);
        done.push_back(Moved::Sent { line, tag, written });
    }
}

/// The frame to write; `None` for text that is no UTF-8, which no peer would take.
fn message(opcode: Opcode, bytes: Vec<u8>) -> Option<Message> {
    Some(match opcode {
        Opcode::Text => Message::text(String::from_utf8(bytes).ok()?),
        Opcode::Binary => Message::binary(bytes),
        Opcode::Ping => Message::Ping(bytes.into()),
        Opcode::Pong => Message::Pong(bytes.into()),
    })
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn a12_what_an_old_socket_had_still_to_tell_is_void_but_not_what_became_of_its_frames() {
        let frame = |line| Moved::Frame {
            line,
            opcode: Opcode::Text,
            bytes: Bytes::from_static(b"old"),
        };
        let sent = || Moved::Sent {
            line: 1,
            tag: 7,
            written: 0,
        };
        let mut cx = Context::from_waker(Waker::noop());
        for wish in [
            LineOut::Close { line: 1 },
            LineOut::Open {
                line: 1,
                url: "ws://127.0.0.1:9".into(),
                headers: Vec::new(),
            },
        ] {
            let mut lines = Lines::new(Net::this_host().unwrap());
            let closed = Moved::Closed {
                line: 1,
                why: "broken".into(),
            };
            lines.done.extend([sent(), frame(1), frame(2), closed]);
            lines.carry_out(wish, &mut cx);
            assert_eq!(lines.take_done(), Some(sent()));
            assert_eq!(lines.take_done(), Some(frame(2)));
            assert_eq!(lines.take_done(), None);
        }
    }

    #[tokio::test]
    async fn every_line_that_is_passed_over_is_woken_by_its_next_frame() {
        const GUARD: Duration = Duration::from_secs(20);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let mut lines = Lines::new(Net::this_host().unwrap());
        let mut servers = Vec::new();
        for line in 0..3 {
            let open = LineOut::Open {
                line,
                url: url.clone(),
                headers: Vec::new(),
            };
            lines.carry_out(open, &mut Context::from_waker(Waker::noop()));
            let opened = std::future::poll_fn(|cx| lines.poll_moved(cx, true));
            let accepted = async {
                let (stream, _) = listener.accept().await.unwrap();
                tokio_tungstenite::accept_async(stream).await.unwrap()
            };
            let (moved, server) = tokio::join!(opened, accepted);
            assert_eq!(moved, Moved::Opened { line });
            servers.push(server);
        }
        // Nothing else wakes this task: a lost waker hangs until the guard.
        for round in 0..9_u8 {
            let line = round % 3;
            let text = Message::binary(vec![round]);
            let moved = std::future::poll_fn(|cx| lines.poll_moved(cx, true));
            let (moved, sent) = tokio::join!(
                tokio::time::timeout(GUARD, moved),
                servers[usize::from(line)].send(text)
            );
            sent.unwrap();
            let frame = Moved::Frame {
                line,
                opcode: Opcode::Binary,
                bytes: Bytes::from(vec![round]),
            };
            assert_eq!(moved.unwrap(), frame);
        }
    }
}
