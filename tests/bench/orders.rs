//! From the desk to the wire, beside a bare write of as many bytes in the same turns of the same thread.

use std::time::Duration;

use lancet::sim;
use tokio::task::LocalSet;
use tokio::time::Instant;

use crate::echo::Bare;
use crate::figures::{Samples, beside};
use crate::trade::{Trade, runtime};
use crate::wire_tap::{self, WireTap};

const ORDERS: usize = 520;
/// Orders before those that count.
const WARM_UP: usize = 20;
/// Between an order and a bare write: below the venue's 300 orders in 10 s, less the fifth that is kept for exits.
const HALF: Duration = Duration::from_millis(26);
/// Orders that rest before all are taken back.
const RESTING: usize = 10;

pub fn run() {
    let running = sim::start(sim::Options {
        seed: Some(11),
        ..sim::Options::default()
    })
    .expect("the exchange");
    let mut info = running.info.clone();
    let tap = wire_tap::relay(&mut info);
    let local = LocalSet::new();
    let runtime = runtime();
    let (ours, bare) = runtime.block_on(local.run_until(async {
        let mut trade = Trade::start(&info, &local);
        trade.ready().await;
        measure(&mut trade, &tap).await
    }));
    beside(
        ("desk, risk, sign, frame, write", &ours),
        ("bare TCP write and read, as many bytes", &bare),
    );
    println!("  aim 1.7 at p50");
}

async fn measure(trade: &mut Trade, tap: &WireTap) -> (Samples, Samples) {
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    let mut bare = Bare::open();
    let mut frame = vec![b'x'; 512];
    for count in 0..ORDERS {
        tap.orders.try_iter().for_each(drop);
        let entered = trade.order().await;
        trade.until(Instant::now() + HALF).await;
        match tap.orders.try_iter().next() {
            Some((at, bytes)) => {
                frame.resize(bytes, b'x');
                if count >= WARM_UP {
                    ours.add(at.saturating_duration_since(entered));
                }
            }
            None => println!(
                "  an order was not on the wire within {HALF:?}: {}",
                trade.last_line()
            ),
        }
        let start = bare.write(&frame);
        trade.until(Instant::now() + HALF).await;
        if let Some(heard) = bare.heard().filter(|_| count >= WARM_UP) {
            theirs.add(heard.saturating_duration_since(start));
        }
        if count % RESTING == RESTING - 1 {
            trade.cancel().await;
            trade.until(Instant::now() + HALF).await;
        }
    }
    (ours, theirs)
}
