//! One account at one venue as the loop sees it: its desk, and this end of its channels. A program has one or more.
//!
//! The channels of all seats lie beside each other, kind by kind, so that the loop can wait for the most urgent kind of all of them
//! first.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use futures_util::future::select_all;
use tokio::sync::{mpsc, watch};

use super::channel::{AccountDesk, FeedDesk};
use super::entry::Opening;
use crate::domain::message::MarketFact;
use crate::domain::{Command, Depth, Fact, Minute, Print, Stamp, Symbol, VenueId};
use crate::engine::Desk;
use crate::engine::key::KeyStanding;
use crate::exchange::session::Latest;
use crate::market::{self, Readings};

/// See the module.
pub struct Seat {
    /// Where.
    pub venue: VenueId,
    /// What is known and wanted there.
    pub desk: Desk,
    /// What is derived from the book and the prints of each followed symbol.
    pub readings: BTreeMap<Symbol, Readings>,
    /// How that is done.
    pub reads: market::Settings,
    /// What a key-entry form opens with; `None` where no key can be entered.
    pub entry: Box<dyn Fn() -> Option<Opening>>,
    /// The account's name in what is remembered.
    pub account: String,
    /// When its venue told its first instruments; more lists may follow.
    pub listed: Option<Stamp>,
}

impl Seat {
    /// Takes prints of any of its symbols.
    pub fn prints(&mut self, now: Stamp, prints: &[Print]) {
        let symbols: BTreeSet<Symbol> = prints.iter().map(|print| print.symbol).collect();
        for symbol in symbols {
            let of_symbol = prints.iter().filter(|print| print.symbol == symbol);
            let own: Vec<Print> = of_symbol.copied().collect();
            let rules = self.desk.instrument(self.venue, symbol).cloned();
            let readings = self.of_symbol(symbol);
            if let Some(rules) = rules {
                readings.rules(&rules);
            }
            readings.prints(now, &own);
        }
    }

    /// Takes the minutes before a symbol was followed.
    pub fn past(&mut self, symbol: Symbol, minutes: &[Minute]) {
        let rules = self.desk.instrument(self.venue, symbol).cloned();
        let readings = self.of_symbol(symbol);
        if let Some(rules) = rules {
            readings.rules(&rules);
        }
        readings.past(minutes);
    }

    /// Takes a picture of a book.
    pub fn depth(&mut self, now: Stamp, depth: &Arc<Depth>) {
        self.of_symbol(depth.symbol).depth(now, depth);
    }

    /// The readings of a symbol, new ones where there are none yet.
    pub fn of_symbol(&mut self, symbol: Symbol) -> &mut Readings {
        let reads = &self.reads;
        let entry = self.readings.entry(symbol);
        entry.or_insert_with(|| Readings::new(reads))
    }

    /// Time went on.
    pub fn tick(&mut self, now: Stamp) {
        for readings in self.readings.values_mut() {
            readings.tick(now);
        }
    }
}

/// The two lanes of commands to one account.
pub struct Lanes {
    /// Cancels, exits, queries.
    pub priority: mpsc::Sender<Command>,
    /// The rest.
    pub ordinary: mpsc::Sender<Command>,
}

/// This end of every seat's channels; each list has one place a seat.
#[derive(Default)]
pub struct Lines {
    /// Facts; `None` without a key.
    pub facts: Vec<Option<mpsc::Receiver<Fact>>>,
    /// Commands; `None` without a key.
    pub lanes: Vec<Option<Lanes>>,
    /// Market facts.
    pub market: Vec<Option<mpsc::Receiver<MarketFact>>>,
    /// Prints.
    pub prints: Vec<Option<mpsc::Receiver<Vec<Print>>>>,
    /// Newest best prices and pictures.
    pub latest: Vec<watch::Receiver<Latest>>,
    /// What to follow.
    pub follow: Vec<mpsc::Sender<Vec<Symbol>>>,
    /// What audits of the key come to; `None` without a key of the vault.
    pub standings: Vec<Option<mpsc::Receiver<KeyStanding>>>,
    dropped: Vec<Arc<AtomicU64>>,
}

impl Lines {
    /// Adds the channels of one more seat.
    pub fn add(
        &mut self,
        feed: FeedDesk,
        account: Option<AccountDesk>,
        standings: Option<mpsc::Receiver<KeyStanding>>,
    ) {
        let (facts, lanes) = account.map_or((None, None), |account| {
            let lanes = Lanes {
                priority: account.priority,
                ordinary: account.ordinary,
            };
            (Some(account.facts), Some(lanes))
        });
        self.facts.push(facts);
        self.lanes.push(lanes);
        self.market.push(Some(feed.market));
        self.prints.push(Some(feed.prints));
        self.latest.push(feed.latest);
        self.follow.push(feed.follow);
        self.standings.push(standings);
        self.dropped.push(feed.dropped);
    }

    /// Prints of a seat that were dropped so far.
    pub fn dropped(&self, seat: usize) -> u64 {
        self.dropped[seat].load(Ordering::Relaxed)
    }
}

/// The first thing that waits in any of these, with its seat; a channel that ended is left out from then on.
pub async fn first<T>(all: &mut [Option<mpsc::Receiver<T>>]) -> (usize, T) {
    poll_fn(|cx| {
        for (seat, place) in all.iter_mut().enumerate() {
            let Some(receiver) = place else { continue };
            match receiver.poll_recv(cx) {
                Poll::Ready(Some(one)) => return Poll::Ready((seat, one)),
                Poll::Ready(None) => *place = None,
                Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}

/// The seat whose newest pictures changed; never, once every feed has ended.
pub async fn changed(all: &mut [watch::Receiver<Latest>]) -> usize {
    let mut left: Vec<_> = all
        .iter_mut()
        .enumerate()
        .map(|(seat, latest)| Box::pin(async move { latest.changed().await.map(|()| seat) }))
        .collect();
    while !left.is_empty() {
        let (ended, _, others) = select_all(left).await;
        match ended {
            Ok(seat) => return seat,
            Err(_) => left = others,
        }
    }
    std::future::pending().await
}
