//! One listener for everything: HTTP, streams and the WebSocket API on one host and port.
//!
//! Moves bytes between sockets and the exchange, which runs in this one thread; knows nothing of what the bytes mean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, UPGRADE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;

use super::crowd::Mood;
use super::wire::{Answer, LineId, Out, Request as Asked, Wire};
use crate::clock;
use crate::domain::Stamp;

mod socket;

const TICK: Duration = Duration::from_millis(10);
/// Messages that may wait for a slow reader before its line is closed.
const LINE_QUEUE: usize = 4096;
const LARGEST_BODY: usize = 1 << 20;
/// Falling this far behind the wall clock means that the host slept, ms.
const JUMP_MS: i64 = 1000;

/// A reason to drop a connection without an answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is cut")]
struct Cut;

/// The exchange and the sockets' mailboxes, shared by the tasks of one thread; never borrowed across an await.
pub struct Hall {
    exchange: Box<dyn Wire>,
    mailboxes: BTreeMap<LineId, mpsc::Sender<Out>>,
    opened: Stamp,
    skipped_ms: i64,
    skew_ms: i64,
    /// The mood that was last chosen for the crowd.
    mood: watch::Receiver<Option<Mood>>,
}

impl Hall {
    /// An exchange whose time began at `opened` and runs `skew_ms` ahead of the host's; `mood` brings what is chosen for its crowd.
    pub fn new(
        exchange: Box<dyn Wire>,
        opened: Stamp,
        skew_ms: i64,
        mood: watch::Receiver<Option<Mood>>,
    ) -> Self {
        Self {
            exchange,
            mailboxes: BTreeMap::new(),
            opened,
            skipped_ms: 0,
            skew_ms,
            mood,
        }
    }

    /// Milliseconds since 1970 that never go back, even when the wall clock does. After a suspend, which the monotonic clock
    /// does not count, they jump forward: else every client's timestamp would lie in the future.
    fn now(&mut self) -> i64 {
        let stamp = clock::now();
        let passed = i64::try_from(stamp.ms_since(self.opened)).unwrap_or(i64::MAX);
        let now = self
            .opened
            .wall_ms()
            .saturating_add(passed)
            .saturating_add(self.skipped_ms);
        let behind = stamp.wall_ms().saturating_sub(now);
        let behind = if behind > JUMP_MS { behind } else { 0 };
        self.skipped_ms = self.skipped_ms.saturating_add(behind);
        now.saturating_add(behind).saturating_add(self.skew_ms)
    }

    /// Hands what the exchange wants said to the sockets. A reader that is thousands of messages behind is dropped.
    fn deliver(&mut self) {
        for (line, out) in self.exchange.take_outs() {
            let Some(mailbox) = self.mailboxes.get(&line) else {
                continue;
            };
            let cut = matches!(out, Out::Cut | Out::Close(_));
            if let Out::Text(text, delay_ms @ 1..) = out {
                let mailbox = mailbox.clone();
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(Duration::from_millis(delay_ms)).await;
                    // A full or closed mailbox means that the line is gone already.
                    let _ = mailbox.try_send(Out::Text(text, 0));
                });
                continue;
            }
            if mailbox.try_send(out).is_err() || cut {
                self.mailboxes.remove(&line);
                self.exchange.closed(line);
            }
        }
    }
}

type Shared = Rc<RefCell<Hall>>;

/// Serves until told to stop.
pub async fn serve(hall: Hall, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let hall: Shared = Rc::new(RefCell::new(hall));
    let local = LocalSet::new();
    local
        .run_until(async {
            tokio::task::spawn_local(pulse(hall.clone()));
            loop {
                tokio::select! {
                    changed = stop.changed() => {
                        if changed.is_err() || *stop.borrow() {
                            return;
                        }
                    }
                    accepted = listener.accept() => {
                        if let Ok((stream, peer)) = accepted {
                            tokio::task::spawn_local(attend(hall.clone(), stream, peer));
                        }
                    }
                }
            }
        })
        .await;
}

/// Lets the exchange's time pass.
async fn pulse(hall: Shared) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut hall = hall.borrow_mut();
        let now = hall.now();
        // Nobody is left to choose when the exchange ends.
        if hall.mood.has_changed().unwrap_or(false) {
            let mood = *hall.mood.borrow_and_update();
            hall.exchange.set_mood(mood);
        }
        hall.exchange.tick(now);
        hall.deliver();
    }
}

/// Serves one connection for as long as it lives.
async fn attend(hall: Shared, stream: TcpStream, peer: SocketAddr) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| answer(hall.clone(), request, peer));
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // A client that goes away in the middle is none of our trouble.
    let _ = connection.await;
}

async fn answer(
    hall: Shared,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<Full<Bytes>>, Cut> {
    if request.headers().contains_key(UPGRADE) {
        return Ok(socket::upgrade(&hall, request, peer));
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let asked = Asked {
        verb: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        headers: head
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect(),
        ip: peer.ip(),
    };
    let answer = {
        let mut hall = hall.borrow_mut();
        let now = hall.now();
        let answer = hall.exchange.rest(now, &asked);
        hall.deliver();
        answer
    };
    match answer {
        Answer::Reply(reply, delay_ms) => {
            if delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            }
            let mut response = Response::new(Full::new(Bytes::from(reply.body)));
            *response.status_mut() =
                StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            for (name, value) in reply.headers {
                if let Ok(value) = HeaderValue::from_str(&value) {
                    headers.insert(name, value);
                }
            }
            Ok(response)
        }
        Answer::Never => match std::future::pending::<Infallible>().await {},
        Answer::Cut => Err(Cut),
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
