//! The thread that goes through a recording: disk and arithmetic of a replay never meet the loop that trades. What it shows is handed
//! over so that only the newest counts.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::sync::watch;

use super::{Place, Reel};
use crate::app::channel;
use crate::clock;
use crate::domain::{MarketKey, Side, Stamp};
use crate::engine::line::Play;
use crate::ui::snapshot::{PlayState, Playing, Snapshot, TripCard};

/// Between two looks at the recording, ms.
const STEP_MS: u64 = 16;
/// Work is done for at most so long before what was reached is shown, ms.
const SLICE_MS: u64 = 40;
/// A key stays in sight for so long, ns of the recording.
const KEY_NS: i64 = 3_000_000_000;

/// What somebody looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Which ladders, the one with the keys first, each with the names of the panels that show it.
    pub ladders: Vec<(MarketKey, Vec<&'static str>)>,
    /// The number of the charts' time frame.
    pub frame: usize,
}

/// What is shown.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Each wished ladder, as far as it is known.
    pub ladders: Vec<(MarketKey, Arc<Snapshot>)>,
    /// How the recording stands.
    pub playing: Arc<Playing>,
    /// It cannot be shown, in words.
    pub failed: Option<String>,
    /// The market that it is about, once it is found.
    pub of: Option<MarketKey>,
}

/// A recording, ready to be gone through.
pub struct Ready {
    /// It.
    pub reel: Reel,
    /// The market that it is about.
    pub of: MarketKey,
    /// The trip that it is about.
    pub card: Option<Arc<TripCard>>,
}

/// The loop's end of the thread; it ends when this is dropped.
pub struct Showing {
    /// What is asked.
    pub asked: mpsc::Sender<Play>,
    /// What is looked at.
    pub wish: watch::Sender<Wish>,
    /// What is shown.
    pub played: watch::Receiver<Arc<Played>>,
}

/// Starts the thread; `open` makes the recording ready there.
///
/// # Errors
/// When the thread cannot be started.
pub fn start(open: impl FnOnce() -> Result<Ready, String> + Send + 'static) -> io::Result<Showing> {
    let (asked, asked_out) = channel::player();
    let ((wish, wished), (played_in, played)) = channel::reel();
    thread::Builder::new()
        .name("reel".to_owned())
        .spawn(move || match open() {
            Ok(ready) => run(ready, asked_out, wished, &played_in),
            Err(words) => {
                let failed = Some(words);
                let played = Played {
                    failed,
                    ..Played::default()
                };
                // Nobody listens any more only when it was closed.
                let _ = played_in.send(Arc::new(played));
            }
        })?;
    Ok(Showing {
        asked,
        wish,
        played,
    })
}

fn run(
    mut ready: Ready,
    mut asked: mpsc::Receiver<Play>,
    mut wished: watch::Receiver<Wish>,
    played: &watch::Sender<Arc<Played>>,
) {
    let mut shown = false;
    while !played.is_closed() {
        let mut news = !shown;
        loop {
            match asked.try_recv() {
                Ok(asked) => {
                    ready.reel.ask(asked);
                    news = true;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        let now = clock::now();
        news |= ready.reel.advance(now, || within(now));
        news |= wished.has_changed().unwrap_or(false);
        if news {
            let wish = wished.borrow_and_update().clone();
            shown = true;
            if played.send(Arc::new(picture(&mut ready, &wish))).is_err() {
                return;
            }
        }
        let spent = clock::now().ms_since(now);
        thread::park_timeout(Duration::from_millis(STEP_MS.saturating_sub(spent).max(1)));
    }
}

fn within(start: Stamp) -> bool {
    clock::now().ms_since(start) < SLICE_MS
}

fn picture(ready: &mut Ready, wish: &Wish) -> Played {
    let failed = ready.reel.failed().map(|why| why.to_string());
    let stage = ready.reel.stage();
    let mut ladders = Vec::new();
    for (key, panels) in &wish.ladders {
        if let Some(snapshot) = stage.snapshot(*key, panels, wish.frame) {
            ladders.push((*key, Arc::new(snapshot)));
        }
    }
    Played {
        ladders,
        playing: Arc::new(playing(ready)),
        failed,
        of: Some(ready.of),
    }
}

fn playing(ready: &Ready) -> Playing {
    let place = ready.reel.place();
    let at_ms = place.at_ns / 1_000_000;
    let trades = ready.reel.trades().iter();
    let recent = |at_ns: i64| (0..KEY_NS).contains(&place.at_ns.saturating_sub(at_ns));
    let key = ready.reel.stage().key();
    let key = key.filter(|key| recent(key.at.wall_ns));
    Playing {
        from_ms: place.from_ns / 1_000_000,
        to_ms: place.to_ns / 1_000_000,
        at_ms,
        speed: place.speed,
        state: state(&place),
        leaps: place.leaps,
        trades: trades
            .map(|(at_ns, side)| (at_ns / 1_000_000, *side == Side::Buy))
            .collect(),
        key: key.map(|key| key.action.clone()).unwrap_or_default(),
        card: ready.card.clone(),
        live: None,
    }
}

const fn state(place: &Place) -> PlayState {
    match place {
        Place {
            is_seeking: true, ..
        } => PlayState::Seeking,
        Place {
            has_ended: true, ..
        } => PlayState::Ended,
        Place {
            is_paused: true, ..
        } => PlayState::Paused,
        _ => PlayState::Playing,
    }
}
