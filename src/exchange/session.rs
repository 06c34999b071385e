//! Moves the bytes of a venue's machines: sockets, calls and timers on one side, bounded ports to the desk on the other. Owns both
//! while it runs; it must not decide anything about a venue, an order or a book.
//!
//! One loop a session, in one task. A command goes to the machine and from there to the socket in the same turn. Facts are never
//! dropped: while the desk does not take them the session reads no frame, but it still takes commands and writes. Prints and recorded
//! lines that find no room are dropped and counted. Of pictures only the newest counts.

mod alarm;
mod lines;
mod pictures;
mod side;
mod tap;
mod wire;

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::Poll;
use std::time::Duration;

use tokio::select;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

pub use self::pictures::Latest;
pub use self::tap::Tap;

use self::pictures::Pictures;
use self::side::{AccountSide, FeedSide, Outbox, Side};
use self::wire::{Event, Wire, turn};
use super::dial::{DialError, Net};
use super::machine::{Account, Feed, In, Machine, Out};
use crate::clock;
use crate::domain::message::MarketFact;
use crate::domain::{Command, Fact, Print, Symbol};

/// Levels a side of a depth picture.
const LEVELS: usize = 1000;
/// What is left to write or to hand over after a stop gets this long.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where a feed's session meets the program.
pub struct FeedPorts {
    /// Never dropped.
    pub market: mpsc::Sender<MarketFact>,
    /// Dropped and counted when full.
    pub prints: mpsc::Sender<Vec<Print>>,
    /// The newest pictures.
    pub latest: watch::Sender<Latest>,
    /// What to follow; each set replaces the last.
    pub follow: mpsc::Receiver<Vec<Symbol>>,
    /// Prints dropped so far.
    pub dropped: Arc<AtomicU64>,
    /// The recorder's tap, if one records.
    pub tap: Option<Tap>,
}

/// Where an account's session meets the program. It has no tap: what an account hears is never recorded.
pub struct AccountPorts {
    /// Never dropped, never reordered.
    pub facts: mpsc::Sender<Fact>,
    /// Cancels, exits and queries: taken first.
    pub priority: mpsc::Receiver<Command>,
    /// The rest.
    pub ordinary: mpsc::Receiver<Command>,
}

/// Runs a feed until `stop` says true or its sender is gone.
///
/// # Errors
/// When the REST address cannot be used.
pub async fn run_feed(
    mut feed: Box<dyn Feed>,
    rest: String,
    net: Net,
    mut ports: FeedPorts,
    mut stop: watch::Receiver<bool>,
) -> Result<(), DialError> {
    let mut wire = Wire::new(net, rest, false, ports.tap)?;
    let mut out = Out::default();
    let mut side = FeedSide {
        market: Outbox::new(ports.market),
        prints: ports.prints,
        dropped: ports.dropped,
        pictures: Pictures::new(ports.latest),
    };
    let mut happened = Happened::Start;
    loop {
        let stopped = matches!(happened, Happened::Stop);
        match happened {
            Happened::Follow(symbols) => {
                let event = In::Follow(&symbols);
                turn(&mut *feed, &mut wire, &mut out, event, &mut side).await;
                side.pictures.follow(&symbols);
            }
            Happened::PicturesDue => {
                out.clear();
                side.deliver(clock::now(), &*feed, &mut out);
            }
            other => tell(other, &mut *feed, &mut wire, &mut out, &mut side).await,
        }
        if stopped {
            break;
        }
        let read = side.market.is_empty();
        happened = select! {
            biased;
            () = told_to_stop(&mut stop) => Happened::Stop,
            Some(symbols) = ports.follow.recv() => Happened::Follow(symbols),
            heard = side.market.hand_over_one(), if !read => taken(heard),
            () = poll_fn(|cx| side.pictures.poll_due(cx)) => Happened::PicturesDue,
            event = poll_fn(|cx| wire.poll_event(cx, read)) => Happened::Event(event),
        };
    }
    end(&mut wire, &mut side.market).await;
    Ok(())
}

/// Runs an account until `stop` says true or its sender is gone.
///
/// # Errors
/// When the REST address cannot be used.
pub async fn run_account(
    mut account: Box<dyn Account>,
    rest: String,
    net: Net,
    mut ports: AccountPorts,
    mut stop: watch::Receiver<bool>,
) -> Result<(), DialError> {
    let mut wire = Wire::new(net, rest, true, None)?;
    let mut out = Out::default();
    let mut side = AccountSide {
        facts: Outbox::new(ports.facts),
    };
    let mut happened = Happened::Start;
    loop {
        let stopped = matches!(happened, Happened::Stop);
        tell(happened, &mut *account, &mut wire, &mut out, &mut side).await;
        if stopped {
            break;
        }
        let read = side.facts.is_empty();
        happened = select! {
            biased;
            () = told_to_stop(&mut stop) => Happened::Stop,
            Some(command) = ports.priority.recv() => Happened::Command(command),
            Some(command) = ports.ordinary.recv() => Happened::Command(command),
            heard = side.facts.hand_over_one(), if !read => taken(heard),
            event = poll_fn(|cx| wire.poll_event(cx, read)) => Happened::Event(event),
        };
    }
    end(&mut wire, &mut side.facts).await;
    Ok(())
}

/// What ended a wait.
enum Happened {
    Start,
    Stop,
    Command(Command),
    Follow(Vec<Symbol>),
    PicturesDue,
    Event(Event),
    /// A fact was taken: there is nothing to tell.
    Taken,
}

/// Tells a machine what happened.
async fn tell<M: Machine + ?Sized>(
    happened: Happened,
    machine: &mut M,
    wire: &mut Wire,
    out: &mut Out,
    side: &mut impl Side<M>,
) {
    let moved;
    let event = match happened {
        Happened::Start => In::Start,
        Happened::Stop => In::Stop,
        Happened::Command(command) => {
            // The host may have slept since the last tick: the machine must know before it acts.
            if let Some(ms) = wire.slept() {
                turn(machine, wire, out, In::Resumed { ms }, side).await;
            }
            In::Command(command)
        }
        Happened::Event(Event::Moved(m)) => {
            moved = m;
            moved.told()
        }
        Happened::Event(Event::Ended((tag, result))) => In::Reply { tag, result },
        Happened::Event(Event::Wake) => In::Wake,
        Happened::Event(Event::Resumed { ms }) => In::Resumed { ms },
        Happened::Follow(_) | Happened::PicturesDue | Happened::Taken => return,
    };
    turn(machine, wire, out, event, side).await;
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone can never say it: the program is ending.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn taken(heard: bool) -> Happened {
    if heard {
        Happened::Taken
    } else {
        Happened::Stop
    }
}

/// Writes out what is queued, hands over the last facts, closes the lines.
async fn end<T>(wire: &mut Wire, outbox: &mut Outbox<T>) {
    let _ = timeout(LAST_WORDS, poll_fn(|cx| wire.poll_written(cx))).await;
    let _ = timeout(LAST_WORDS, outbox.hand_over_all()).await;
    poll_fn(|cx| {
        wire.close(cx);
        Poll::Ready(())
    })
    .await;
}

#[cfg(test)]
mod tests;
