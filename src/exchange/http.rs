//! REST calls over warm HTTP/1.1 connections. Owns the connections of one REST address; it must not decide what an answer means,
//! follow a redirect, or try a call twice.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HOST;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::{Mutex, Notify};
use tokio::time::{sleep, timeout};

use super::backoff::Backoff;
use super::dial::{DialError, Net, Target};
use super::machine::{Call, CallError, Lane, Method, Reply};
use crate::clock;
use crate::domain::text::sanitise;

/// The largest body taken.
const MAX_BODY: usize = 16 << 20;
/// Calls that may be under way or wait at one lane.
const MAX_WAITING: usize = 64;
/// Connections of the order lane: a call whose answer was lost must not hold up the cancel that follows it.
const ORDER_CONNECTIONS: usize = 2;

/// The tag of a call with what became of it.
pub type Ended = (u64, Result<Reply, CallError>);
/// The place whose connection carried it, and the call's end.
type Running = Pin<Box<dyn Future<Output = (usize, Ended)>>>;

/// The warm connections to one REST address. Each lane has its own, so that an order never queues behind a query.
pub struct Http {
    places: Vec<Place>,
    running: FuturesUnordered<Running>,
}

struct Place {
    lane: Lane,
    slot: Arc<Slot>,
    waiting: usize,
}

/// One connection, or the room for it. The lock is fair: calls go in the order in which they were asked for.
struct Slot {
    net: Net,
    base: Target,
    open: Mutex<Option<Sender>>,
    ended: Arc<Notify>,
}

type Sender = SendRequest<Full<Bytes>>;

impl Http {
    /// Opens the query connection, and those for orders when there is an account, ahead of the first call; what ends is opened
    /// again. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn open(net: &Net, rest: &str, for_orders: bool) -> Result<Self, DialError> {
        let base = Target::read(rest)?;
        let mut lanes = vec![Lane::Query];
        if for_orders {
            lanes.extend([Lane::Order; ORDER_CONNECTIONS]);
        }
        let places = lanes.into_iter().map(|lane| {
            let slot = Arc::new(Slot {
                net: net.clone(),
                base: base.clone(),
                open: Mutex::new(None),
                ended: Arc::new(Notify::new()),
            });
            tokio::spawn(keep_warm(Arc::downgrade(&slot), slot.ended.clone()));
            Place {
                lane,
                slot,
                waiting: 0,
            }
        });
        Ok(Self {
            places: places.collect(),
            running: FuturesUnordered::new(),
        })
    }

    /// Starts a call; its end comes out of [`Http::poll_ended`]. The deadline of the call counts from here.
    pub fn submit(&mut self, call: Call) {
        // A feed has no connection for orders.
        let has_lane = self.places.iter().any(|place| place.lane == call.lane);
        let lane = if has_lane { call.lane } else { Lane::Query };
        let (index, slot) = self
            .places
            .iter_mut()
            .enumerate()
            .filter(|(_, place)| place.lane == lane)
            .min_by_key(|(_, place)| place.waiting)
            .map_or((0, None), |(index, place)| {
                place.waiting += 1;
                let room = place.waiting <= MAX_WAITING;
                (index, room.then(|| place.slot.clone()))
            });
        let tag = call.tag;
        self.running.push(Box::pin(async move {
            let ended = match slot {
                Some(slot) => slot.perform(call).await,
                None => Err(CallError::NotSent("too many calls are waiting".into())),
            };
            (index, (tag, ended))
        }));
    }

    /// Opens idle connections anew: after a suspend the other side may have forgotten them, and a call would only find out by
    /// losing its answer.
    pub fn renew(&self) {
        for place in &self.places {
            if let Ok(mut idle) = place.slot.open.try_lock() {
                *idle = None;
            }
        }
    }

    /// The next call that ended; pending while none has.
    pub fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        match self.running.poll_next_unpin(cx) {
            Poll::Ready(Some((index, ended))) => {
                if let Some(place) = self.places.get_mut(index) {
                    place.waiting -= 1;
                }
                Poll::Ready(ended)
            }
            // An empty set is pending: whoever adds a call polls again.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

/// Where a call stands when its time is up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was given to the connection.
    Before,
    /// It was: bytes may have left.
    Given,
}

impl Slot {
    async fn perform(&self, call: Call) -> Result<Reply, CallError> {
        let mut stage = Stage::Before;
        let deadline = Duration::from_millis(call.deadline_ms);
        let late = format!("no answer within {} ms", call.deadline_ms);
        let ended = timeout(deadline, self.exchange(call, &mut stage)).await;
        match (ended, stage) {
            (Ok(ended), _) => ended,
            // The dropped request closes its connection; whether hyper had written it is not known.
            (Err(_), Stage::Given) => Err(CallError::Lost(late)),
            (Err(_), Stage::Before) => Err(CallError::NotSent(late)),
        }
    }

    async fn exchange(&self, call: Call, stage: &mut Stage) -> Result<Reply, CallError> {
        let request = self.request(call)?;
        let mut open = self.open.lock().await;
        // Taken out while it is used: a call that is given up takes its connection with it.
        let mut sender = self
            .idle(open.take())
            .await
            .map_err(|error| CallError::NotSent(error.to_string()))?;
        *stage = Stage::Given;
        let response = sender.try_send_request(request).await;
        let reply = match response {
            Ok(response) => read(response).await?,
            Err(mut error) => {
                let words = sanitise(&error.error().to_string(), 160);
                // hyper gives the message back only when it never began to write it.
                return Err(match error.take_message() {
                    Some(_) => CallError::NotSent(words),
                    None => CallError::Lost(words),
                });
            }
        };
        *open = Some(sender);
        Ok(reply)
    }

    fn request(&self, call: Call) -> Result<Request<Full<Bytes>>, CallError> {
        let method = match call.method {
            Method::Get => hyper::Method::GET,
            Method::Post => hyper::Method::POST,
            Method::Put => hyper::Method::PUT,
            Method::Delete => hyper::Method::DELETE,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{}", self.base.path, call.target))
            .header(HOST, &self.base.authority);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        // The words of the error may hold the target, and that a signature.
        request
            .body(Full::new(Bytes::from(call.body)))
            .map_err(|_| CallError::NotSent("the request cannot be written".into()))
    }

    /// The open connection if it still stands, else a new one.
    async fn idle(&self, open: Option<Sender>) -> Result<Sender, DialError> {
        if let Some(mut sender) = open
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let stream = self.net.connect(&self.base).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| DialError::Handshake(sanitise(&error.to_string(), 160)))?;
        let ended = self.ended.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a REST connection ended");
            }
            ended.notify_one();
        });
        Ok(sender)
    }
}

/// Opens a slot's connection ahead of its calls, and again whenever it ended. Ends with the slot.
async fn keep_warm(slot: Weak<Slot>, ended: Arc<Notify>) {
    let mut backoff = Backoff::default();
    let mut stood_since = clock::now();
    while let Some(alive) = slot.upgrade() {
        let mut open = alive.open.lock().await;
        let opened = alive.idle(open.take()).await;
        let failed = opened.is_err();
        *open = opened.ok();
        drop(open);
        drop(alive);
        if !failed {
            stood_since = clock::now();
            ended.notified().await;
        }
        let now = clock::now();
        let stood = if failed { 0 } else { now.ms_since(stood_since) };
        sleep(Duration::from_millis(backoff.failed(stood, now.mono_ns))).await;
    }
}

/// Takes the answer whole. Whatever breaks here, the request had left.
async fn read(response: Response<Incoming>) -> Result<Reply, CallError> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_BODY)
        .collect()
        .await
        .map_err(|error| {
            CallError::Lost(sanitise(&format!("the answer broke off: {error}"), 160))
        })?;
    Ok(Reply {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str().to_owned(), value.into_owned())
            })
            .collect(),
        body: body.to_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests;
