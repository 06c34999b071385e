//! WebSocket lines: the handshake, and the task that carries frames for as long as a line lives.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{LARGEST_BODY, LINE_QUEUE, LineId, Out, Shared, plain};

/// Answers a handshake; the line begins when the client has it.
pub(super) fn upgrade(
    hall: &Shared,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Response<Full<Bytes>> {
    let Some(accept) = request
        .headers()
        .get(SEC_WEBSOCKET_KEY)
        .map(|key| derive_accept_key(key.as_bytes()))
        .and_then(|accept| HeaderValue::from_str(&accept).ok())
    else {
        return plain(StatusCode::BAD_REQUEST);
    };
    let (path, query) = (
        request.uri().path().to_owned(),
        request.uri().query().unwrap_or_default().to_owned(),
    );
    let (mailbox, letters) = mpsc::channel(LINE_QUEUE);
    let line = {
        let mut hall = hall.borrow_mut();
        let now = hall.now();
        match hall.exchange.accept(now, peer.ip(), &path, &query) {
            Ok(line) => {
                hall.mailboxes.insert(line, mailbox);
                line
            }
            Err(status) => {
                return plain(StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND));
            }
        }
    };
    let hall = hall.clone();
    tokio::task::spawn_local(async move {
        if let Ok(upgraded) = hyper::upgrade::on(&mut request).await {
            let io = TokioIo::new(upgraded);
            let socket =
                WebSocketStream::from_raw_socket(io, Role::Server, Some(small_frames())).await;
            carry(&hall, line, socket, letters).await;
        }
        let mut hall = hall.borrow_mut();
        hall.mailboxes.remove(&line);
        hall.exchange.closed(line);
    });
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn small_frames() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(LARGEST_BODY))
        .max_frame_size(Some(LARGEST_BODY))
}

async fn carry(
    hall: &Shared,
    line: LineId,
    socket: WebSocketStream<TokioIo<Upgraded>>,
    mut letters: mpsc::Receiver<Out>,
) {
    let (mut sink, mut source) = socket.split();
    loop {
        // A half-open line neither reads nor answers pings: nothing tells the other side.
        let frozen = hall.borrow().exchange.is_frozen(line);
        let sent = tokio::select! {
            // What was said to a line that is over comes before whatever else the other side sent: it is told why.
            biased;
            letter = letters.recv() => match letter {
                None | Some(Out::Cut) => return,
                Some(Out::Close(code)) => {
                    let reason = CloseFrame { code: code.into(), reason: Utf8Bytes::default() };
                    // The line is over whether or not the other side still hears why.
                    let _ = sink.send(Message::Close(Some(reason))).await;
                    return;
                }
                Some(Out::Text(text, _)) => sink.send(Message::text(text)).await,
                Some(Out::Ping) => sink.send(Message::Ping(Bytes::from_static(b"1"))).await,
            },
            frame = source.next(), if !frozen => match frame {
                None | Some(Err(_)) => return,
                Some(Ok(frame)) => match hear(hall, line, frame) {
                    // Pongs to the client's pings are queued by the socket itself and leave with the next flush.
                    true => sink.flush().await,
                    false => return,
                },
            },
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Hands one frame to the exchange; false ends the line.
fn hear(hall: &Shared, line: LineId, frame: Message) -> bool {
    let mut hall = hall.borrow_mut();
    let now = hall.now();
    let pong = matches!(frame, Message::Pong(_));
    let alive = match frame {
        Message::Close(_) => false,
        Message::Text(text) => hall.exchange.hear(now, line, &text),
        Message::Binary(_) | Message::Frame(_) => hall.exchange.hear(now, line, ""),
        Message::Ping(_) | Message::Pong(_) => hall.exchange.pinged(now, line, pong),
    };
    hall.deliver();
    alive
}
