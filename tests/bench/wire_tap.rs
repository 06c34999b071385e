//! A TCP relay that notes when the first byte of an order passes. It stands between the program and the built-in exchange's order socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use super::figures::now;

/// Larger than the frame of any query or ping, smaller than any order frame.
const ORDER_BYTES: usize = 200;

/// Where to connect instead, and when orders passed.
pub struct WireTap {
    pub address: String,
    pub orders: Receiver<Instant>,
}

/// Starts a relay to `to` (`host:port`).
pub fn relay(to: String) -> WireTap {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("its address").to_string();
    let (seen, orders) = sync_channel(1024);
    thread::spawn(move || {
        for inbound in listener.incoming().flatten() {
            let outbound = TcpStream::connect(&to).expect("the exchange");
            inbound.set_nodelay(true).expect("nodelay");
            outbound.set_nodelay(true).expect("nodelay");
            let (back_from, back_to) = (outbound.try_clone().expect("clone"), inbound.try_clone().expect("clone"));
            let seen = seen.clone();
            thread::spawn(move || copy(inbound, outbound, Some(seen)));
            thread::spawn(move || copy(back_from, back_to, None));
        }
    });
    WireTap { address, orders }
}

fn copy(mut from: TcpStream, mut to: TcpStream, seen: Option<SyncSender<Instant>>) {
    let mut buffer = [0; 16 * 1024];
    let mut handshaken = false;
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let at = now();
        if let Some(seen) = &seen {
            // The first write is the HTTP upgrade.
            if handshaken && count >= ORDER_BYTES {
                let _ = seen.try_send(at);
            }
            handshaken = true;
        }
        if to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}
