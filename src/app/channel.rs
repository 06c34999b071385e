//! Every channel of the program, its size and what happens when it is full. Owns none of them; no channel is made elsewhere.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::{mpsc, watch};

use crate::blackbox::Told;
use crate::domain::message::MarketFact;
use crate::domain::{Command, Fact, Print, Symbol};
use crate::engine::key::KeyStanding;
use crate::engine::line::Play;
use crate::engine::record::Row;
use crate::exchange::record::RawLine;
use crate::exchange::session::{AccountPorts, FeedPorts, Latest, Tap};
use crate::input::Input;

use super::alerting::Disk;
use super::entry::Answer;
use super::looks::Reread;
use super::past::Earlier;
use super::reel::thread::{Played, Wish};

/// Facts of an account. Full: its session reads no frame, goes on taking commands and writing; nothing is dropped.
const FACTS: usize = 1024;
/// Commands of each of the two lanes. Full: `try_send` fails and the refusal is spoken; the desk never waits.
const COMMANDS: usize = 64;
/// Market facts. Full: the feed's session reads no frame until there is room.
const MARKET: usize = 256;
/// Batches of prints, one a message. Full: dropped and counted, the count is shown.
const PRINTS: usize = 1024;
/// Sets of symbols to follow. Full: the asker tries again; a set replaces the last.
const FOLLOW: usize = 16;
/// Inputs of a terminal. Full: its reader thread waits, and the terminal keeps what comes.
const INPUTS: usize = 256;
/// Journal rows to the disk thread. Full: the row is lost, the desk is told and lets no new risk through.
const ROWS: usize = 4096;
/// What the disk thread tells. Full: it waits.
const TROUBLE: usize = 16;
/// What the trader asks of a player. Full: the key does nothing.
const CONTROLS: usize = 16;
/// Answers for a key-entry form. Full: whoever answers waits; the form asks one thing at a time.
const ANSWERS: usize = 4;
/// Themes read again. Full: the thread that reads them waits.
const THEMES: usize = 4;
/// Standings of the key. Full: the audit waits, which it does for an hour anyway.
const STANDINGS: usize = 4;
/// What comes back from the disk about levels. Full: the thread that says it waits.
const LEVELS: usize = 16;
/// What earlier sessions came to, a seat at a time. Full: the thread that reads them waits.
const EARLIER: usize = 4;
/// Raw lines to the recorder. Full: dropped and counted.
const TAP: usize = 8192;

/// Things for the black box. Full: dropped and counted. A picture in it may hold 32 kB, so this is what bounds the memory of a slow disk.
const BLACK_BOX: usize = 1024;

/// The desk's ends of an account's channels.
pub struct AccountDesk {
    /// Facts, in order.
    pub facts: mpsc::Receiver<Fact>,
    /// Cancels, exits, queries.
    pub priority: mpsc::Sender<Command>,
    /// The rest.
    pub ordinary: mpsc::Sender<Command>,
}

/// The channels between the desk and one account's session.
pub fn account() -> (AccountPorts, AccountDesk) {
    let (fact_in, facts) = mpsc::channel(FACTS);
    let (priority, priority_out) = mpsc::channel(COMMANDS);
    let (ordinary, ordinary_out) = mpsc::channel(COMMANDS);
    let ports = AccountPorts {
        facts: fact_in,
        priority: priority_out,
        ordinary: ordinary_out,
    };
    let desk = AccountDesk {
        facts,
        priority,
        ordinary,
    };
    (ports, desk)
}

/// The desk's ends of a feed's channels.
pub struct FeedDesk {
    /// Market facts, in order.
    pub market: mpsc::Receiver<MarketFact>,
    /// Prints, a batch a message.
    pub prints: mpsc::Receiver<Vec<Print>>,
    /// The newest best prices and depths; what was not looked at in time is replaced.
    pub latest: watch::Receiver<Latest>,
    /// What to follow.
    pub follow: mpsc::Sender<Vec<Symbol>>,
    /// Prints dropped so far.
    pub dropped: Arc<AtomicU64>,
}

/// The channels between the desk and one feed's session, with the recorder's tap if one records.
pub fn feed(tap: Option<Tap>) -> (FeedPorts, FeedDesk) {
    let (market_in, market) = mpsc::channel(MARKET);
    let (prints_in, prints) = mpsc::channel(PRINTS);
    let (latest_in, latest) = watch::channel(Latest::default());
    let (follow, follow_out) = mpsc::channel(FOLLOW);
    let dropped = Arc::new(AtomicU64::new(0));
    let ports = FeedPorts {
        market: market_in,
        prints: prints_in,
        latest: latest_in,
        follow: follow_out,
        dropped: dropped.clone(),
        tap,
    };
    let desk = FeedDesk {
        market,
        prints,
        latest,
        follow,
        dropped,
    };
    (ports, desk)
}

/// A feed's channels where somebody stands between feed and desk: the near ends, and the ways on.
pub struct Tee {
    /// From the feed.
    pub feed: FeedDesk,
    /// On to the desk. Full: whoever stands between waits, and the feed with it.
    pub market: mpsc::Sender<MarketFact>,
    /// On to the desk. Full: dropped and counted, as by the feed.
    pub prints: mpsc::Sender<Vec<Print>>,
}

/// The same channels once more, for somebody between feed and desk; pictures and wishes to follow go past.
pub fn tee(feed: FeedDesk) -> (Tee, FeedDesk) {
    let (market_in, market) = mpsc::channel(MARKET);
    let (prints_in, prints) = mpsc::channel(PRINTS);
    let desk = FeedDesk {
        market,
        prints,
        latest: feed.latest.clone(),
        follow: feed.follow.clone(),
        dropped: feed.dropped.clone(),
    };
    let tee = Tee {
        feed,
        market: market_in,
        prints: prints_in,
    };
    (tee, desk)
}

/// The recorder's tap, its lines (taken on the disk thread with `blocking_recv`), and the count of lines that found no room.
pub fn tap() -> (Tap, mpsc::Receiver<RawLine>, Arc<AtomicU64>) {
    let (line_in, lines) = mpsc::channel(TAP);
    let dropped = Arc::new(AtomicU64::new(0));
    (Tap::new(line_in, dropped.clone()), lines, dropped)
}

/// What the black box writes down; its thread looks by itself.
pub fn black_box() -> (mpsc::Sender<Told>, mpsc::Receiver<Told>) {
    mpsc::channel(BLACK_BOX)
}

/// Inputs of one terminal, from its reader thread.
pub fn inputs() -> (mpsc::Sender<Input>, mpsc::Receiver<Input>) {
    mpsc::channel(INPUTS)
}

/// Rows for the disk thread.
pub fn rows() -> (mpsc::Sender<Row>, mpsc::Receiver<Row>) {
    mpsc::channel(ROWS)
}

/// What the disk thread tells: words of a failure, `None` once it writes again.
pub fn trouble() -> (mpsc::Sender<Option<String>>, mpsc::Receiver<Option<String>>) {
    mpsc::channel(TROUBLE)
}

/// What earlier sessions came to.
pub fn earlier() -> (mpsc::Sender<Earlier>, mpsc::Receiver<Earlier>) {
    mpsc::channel(EARLIER)
}

/// What the trader asks of a player.
pub fn player() -> (mpsc::Sender<Play>, mpsc::Receiver<Play>) {
    mpsc::channel(CONTROLS)
}

/// Both ends of a channel of which the newest counts.
type Watched<T> = (watch::Sender<T>, watch::Receiver<T>);

/// What is looked at of a recording, and what it shows: of both the newest counts.
pub fn reel() -> (Watched<Wish>, Watched<Arc<Played>>) {
    (
        watch::channel(Wish::default()),
        watch::channel(Arc::default()),
    )
}

/// What comes back to a key-entry form.
pub fn answers() -> (mpsc::Sender<Answer>, mpsc::Receiver<Answer>) {
    mpsc::channel(ANSWERS)
}

/// What audits of the key in use come to.
pub fn standings() -> (mpsc::Sender<KeyStanding>, mpsc::Receiver<KeyStanding>) {
    mpsc::channel(STANDINGS)
}

/// What comes back from the disk about levels.
pub fn levels() -> (mpsc::Sender<Disk>, mpsc::Receiver<Disk>) {
    mpsc::channel(LEVELS)
}

/// Themes that were read again.
pub fn themes() -> (mpsc::Sender<Reread>, mpsc::Receiver<Reread>) {
    mpsc::channel(THEMES)
}

/// The word to stop, said once to every session.
pub fn stop() -> (watch::Sender<bool>, watch::Receiver<bool>) {
    watch::channel(false)
}
