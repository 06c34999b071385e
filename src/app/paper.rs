//! A paper account between a feed and the desk: it hears everything that the feed tells, passes it on, and answers the desk as a venue's
//! account would. Owns the ends of both; it must not send anything to anybody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::select;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::sleep;

use super::Failure;
use super::channel::{self, AccountDesk, FeedDesk, Tee};
use crate::clock;
use crate::config::Config;
use crate::config::paper::{FeeSettings, QueueWord};
use crate::domain::message::MarketFact;
use crate::domain::{Account, Command, Depth, Fact, Print, Stamp, Touch, VenueId};
use crate::exchange::Venue;
use crate::exchange::session::{AccountPorts, Latest};
use crate::paper::{Fees, In, Paper, Queue, Terms};

/// How many times as fast as the host's clock the market's time runs; zero while it stands still.
pub type Pace = Arc<AtomicU32>;

/// What a paper account of this name is opened with at a venue.
///
/// # Errors
/// A venue whose fees the settings do not say.
pub fn terms(config: &Config, venue: &Venue, account: Account) -> Result<Terms, Failure> {
    let settings = &config.settings.paper;
    let fees = settings.fees.get(venue.id).ok_or_else(|| {
        let words = format!("there is no table [paper.fees.{}]", venue.id);
        config.fault("paper.fees", words)
    })?;
    let id = VenueId::new(venue.id);
    Ok(Terms {
        account,
        venue: id.unwrap_or_else(|_| unreachable!("a venue's id is a name")),
        latency_ms: (settings.latency_ms.0, settings.latency_ms.1),
        seed: clock::now().mono_ns,
        queue: match settings.queue {
            QueueWord::Behind => Queue::Behind,
            QueueWord::Even => Queue::Even,
        },
        fees: rates(fees),
        balance: settings.balance,
        leverage: settings.leverage,
    })
}

fn rates(fees: &FeeSettings) -> Fees {
    Fees {
        maker: fees.maker,
        taker: fees.taker,
        spot_maker: fees.spot_maker.unwrap_or(fees.maker),
        spot_taker: fees.spot_taker.unwrap_or(fees.taker),
    }
}

/// Opens a paper account on what a feed tells: the desk's ends of both.
pub fn open(
    terms: Terms,
    feed: FeedDesk,
    pace: Pace,
    local: &LocalSet,
    stopped: watch::Receiver<bool>,
) -> (FeedDesk, AccountDesk) {
    let (tee, feed) = channel::tee(feed);
    let (ports, account) = channel::account();
    let seat = Seat {
        paper: Paper::new(terms),
        seen: Latest::default(),
        tee,
        ports,
        pace,
    };
    local.spawn_local(seat.run(stopped));
    (feed, account)
}

/// Everything that a paper account needs to run.
struct Seat {
    paper: Paper,
    /// The pictures and best prices that it was told last.
    seen: Latest,
    tee: Tee,
    ports: AccountPorts,
    pace: Pace,
}

/// What ended a wait.
enum Happened {
    Start,
    Command(Command),
    Market(MarketFact),
    Prints(Vec<Print>),
    Latest,
    Wake,
    Stop,
}

impl Seat {
    /// Turns until the end of the program, or of either side.
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut happened = Happened::Start;
        let mut facts = Vec::new();
        loop {
            let now = clock::now();
            self.paper.set_pace(self.pace.load(Ordering::Relaxed));
            match happened {
                Happened::Stop => return,
                Happened::Start => self.paper.on(now, In::Start, &mut facts),
                Happened::Command(command) => self.paper.on(now, In::Command(command), &mut facts),
                Happened::Market(fact) => {
                    self.paper.on(now, In::Market(&fact), &mut facts);
                    // The desk is gone only when the program ends.
                    let _ = self.tee.market.send(fact).await;
                }
                Happened::Prints(prints) => {
                    self.paper.on(now, In::Prints(&prints), &mut facts);
                    self.pass_on(prints);
                }
                Happened::Latest => self.latest(now, &mut facts),
                Happened::Wake => self.paper.on(now, In::Wake, &mut facts),
            }
            for fact in facts.drain(..) {
                if self.ports.facts.send(fact).await.is_err() {
                    return;
                }
            }
            happened = self.wait(&mut stopped).await;
        }
    }

    async fn wait(&mut self, stopped: &mut watch::Receiver<bool>) -> Happened {
        let left_ns = self.paper.wake_at().map(|at| at.since(clock::now()));
        let wake = async {
            match left_ns {
                Some(left_ns) => sleep(Duration::from_nanos(left_ns)).await,
                None => std::future::pending().await,
            }
        };
        let (ports, feed) = (&mut self.ports, &mut self.tee.feed);
        select! {
            biased;
            _ = stopped.wait_for(|stop| *stop) => Happened::Stop,
            Some(command) = ports.priority.recv() => Happened::Command(command),
            Some(command) = ports.ordinary.recv() => Happened::Command(command),
            () = wake => Happened::Wake,
            Some(fact) = feed.market.recv() => Happened::Market(fact),
            Some(prints) = feed.prints.recv() => Happened::Prints(prints),
            Ok(()) = feed.latest.changed() => Happened::Latest,
            else => Happened::Stop,
        }
    }

    fn pass_on(&self, prints: Vec<Print>) {
        let count = prints.len() as u64;
        if self.tee.prints.try_send(prints).is_err() {
            self.tee.feed.dropped.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Pictures and best prices that were not there last time; of a symbol the picture first, which is never newer.
    fn latest(&mut self, now: Stamp, facts: &mut Vec<Fact>) {
        let latest = self.tee.feed.latest.borrow_and_update().clone();
        let is_new =
            |depth: &&Arc<Depth>| !self.seen.depths.iter().any(|old| Arc::ptr_eq(old, depth));
        for depth in latest.depths.iter().filter(is_new) {
            self.paper.on(now, In::Depth(depth), facts);
        }
        let is_new = |touch: &&Touch| !self.seen.touches.contains(touch);
        for touch in latest.touches.iter().filter(is_new) {
            self.paper.on(now, In::Touch(touch), facts);
        }
        self.seen = latest;
    }
}

#[cfg(test)]
mod tests;
