//! Moods of a symbol, what they change, and when they switch.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::domain::Side;

/// How a symbol feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mood {
    /// Narrow and slow.
    Calm,
    /// Drifting one way.
    Trending,
    /// Wide, fast, in both directions.
    Violent,
}

/// The word for moods that change at random.
pub const CHANGING: &str = "changing";

/// The words that a mood is chosen by: each mood's own, and the one for moods that change.
pub const WORDS: [(&str, Option<Mood>); 4] = [
    ("calm", Some(Mood::Calm)),
    ("trending", Some(Mood::Trending)),
    ("violent", Some(Mood::Violent)),
    (CHANGING, None),
];

/// What a word chooses: a mood that stays, or `Some(None)` for moods that change; `None` where it is no such word.
pub fn chosen(word: &str) -> Option<Option<Mood>> {
    let found = WORDS.iter().find(|(known, _)| *known == word);
    found.map(|(_, mood)| *mood)
}

/// What a mood multiplies.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Changes of the book.
    pub changes: f64,
    /// Takers that come by themselves.
    pub takes: f64,
    /// News that move the fair price.
    pub news: f64,
    /// How far news move it.
    pub reach: f64,
    /// Distance that makers keep.
    pub spread: f64,
    /// Size that makers show.
    pub depth: f64,
    /// How much more often news and takers go the way of the trend, −0.5 to 0.5.
    pub lean: f64,
    /// Chance that a missing best price is quoted again at the next event.
    pub refill: f64,
}

impl Mood {
    /// What this mood multiplies.
    pub const fn weather(self) -> Weather {
        match self {
            Self::Calm => Weather {
                changes: 1.0,
                takes: 1.0,
                news: 1.0,
                reach: 1.0,
                spread: 1.0,
                depth: 1.0,
                lean: 0.0,
                refill: 0.9,
            },
            Self::Trending => Weather {
                changes: 1.5,
                takes: 1.6,
                news: 2.0,
                reach: 1.3,
                spread: 1.3,
                depth: 0.8,
                lean: 0.14,
                refill: 0.6,
            },
            Self::Violent => Weather {
                changes: 2.4,
                takes: 2.6,
                news: 4.0,
                reach: 3.5,
                spread: 3.0,
                depth: 0.5,
                lean: 0.0,
                refill: 0.25,
            },
        }
    }
}

/// The mood of now and how long it lasts.
#[derive(Debug)]
pub struct Moods {
    fixed: bool,
    pub mood: Mood,
    /// The way of a trend.
    pub way: Side,
    until_ms: f64,
}

impl Moods {
    pub fn new(fixed: Option<Mood>) -> Self {
        Self {
            fixed: fixed.is_some(),
            mood: fixed.unwrap_or(Mood::Calm),
            way: Side::Buy,
            until_ms: f64::NEG_INFINITY,
        }
    }

    /// Stays in one mood from now on, or changes at random again.
    pub const fn set(&mut self, fixed: Option<Mood>) {
        self.fixed = fixed.is_some();
        if let Some(mood) = fixed {
            self.mood = mood;
        }
    }

    /// Switches when the time has come. The first mood is calm, so that nobody starts in a storm.
    pub fn pass(&mut self, now_ms: f64, rng: &mut ChaCha8Rng) {
        if now_ms < self.until_ms {
            return;
        }
        let first = self.until_ms == f64::NEG_INFINITY;
        if !self.fixed && !first {
            self.mood = match rng.random::<f64>() {
                u if u < 0.50 => Mood::Calm,
                u if u < 0.84 => Mood::Trending,
                _ => Mood::Violent,
            };
        }
        self.way = if rng.random::<bool>() {
            Side::Buy
        } else {
            Side::Sell
        };
        let (least, most) = match self.mood {
            Mood::Calm => (40_000.0, 150_000.0),
            Mood::Trending => (20_000.0, 80_000.0),
            Mood::Violent => (8_000.0, 35_000.0),
        };
        self.until_ms = now_ms + rng.random_range(least..most);
    }
}
