//! A TCP relay that notes when the first byte of a new order passes. It stands between the program and the exchange's order socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use lancet::sim::Info;

use super::figures::now;

/// How a request to place an order names itself (Binance, WebSocket API, New Order).
const PLACE: &[u8] = b"\"order.place\"";

/// When a piece with an order came, and how long it was.
pub type Seen = (Instant, usize);

/// The orders that pass.
pub struct WireTap {
    pub orders: Receiver<Seen>,
}

/// Puts a relay before the order socket of the exchange; `info` leads there from now on.
pub fn relay(info: &mut Info) -> WireTap {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let here = listener.local_addr().expect("its address").to_string();
    let there = info.rest.trim_start_matches("http://").to_owned();
    info.ws_api = info.ws_api.replace(&there, &here);
    let (seen, orders) = sync_channel(1024);
    thread::spawn(move || {
        for inbound in listener.incoming().flatten() {
            let outbound = TcpStream::connect(&there).expect("the exchange");
            inbound.set_nodelay(true).expect("nodelay");
            outbound.set_nodelay(true).expect("nodelay");
            let (back_from, back_to) = (
                outbound.try_clone().expect("clone"),
                inbound.try_clone().expect("clone"),
            );
            let seen = seen.clone();
            thread::spawn(move || copy(inbound, outbound, Some(seen)));
            thread::spawn(move || copy(back_from, back_to, None));
        }
    });
    WireTap { orders }
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: Option<SyncSender<Seen>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let at = now();
        let piece = &buffer[..count];
        if let Some(seen) = &seen
            && has_order(piece)
        {
            // A full list means that nobody measures any more.
            let _ = seen.try_send((at, count));
        }
        if to.write_all(piece).is_err() {
            return;
        }
    }
}

/// Looks into the masked frames of a piece (RFC 6455, section 5.2).
fn has_order(mut piece: &[u8]) -> bool {
    while let Some((payload, rest)) = frame(piece) {
        if payload.windows(PLACE.len()).any(|window| window == PLACE) {
            return true;
        }
        piece = rest;
    }
    false
}

fn frame(piece: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let short = *piece.get(1)? & 0x7f;
    let (head, length) = match short {
        126 => (
            4,
            usize::from(u16::from_be_bytes([*piece.get(2)?, *piece.get(3)?])),
        ),
        127 => return None,
        short => (2, usize::from(short)),
    };
    let mask = piece.get(head..head + 4)?;
    let body = &piece[head + 4..];
    let (body, rest) = body.split_at(length.min(body.len()));
    let plain = body
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, mask)| byte ^ mask);
    Some((plain.collect(), rest))
}
