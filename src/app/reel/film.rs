//! A venue's own recording as things that happened: its feed reads it, and what it makes of it is pictured as the session would have.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::blackbox::{Seen, What};
use crate::domain::{Account, Environment, Instrument, MarketKey, Stamp, Symbol};
use crate::exchange::machine::Out;
use crate::replay::{Player, ReplayError};

/// Pictures of books that changed come so often, ns: as a session paces them.
const PACE_NS: i64 = 16_000_000;
/// A book is proved so often, ns.
const PROOF_NS: i64 = 500_000_000;
/// Levels a side of a picture.
const LEVELS: usize = 1_000;

/// See the module.
pub struct Film {
    player: Player,
    markets: Vec<(MarketKey, Arc<Instrument>)>,
    waiting: VecDeque<Seen>,
    changed: BTreeSet<Symbol>,
    /// When what changed is pictured.
    due_ns: i64,
    proof_ns: i64,
    /// What was told already when it is gone through in silence.
    silent_to_ns: i64,
    begun: bool,
    failed: Option<ReplayError>,
}

impl Film {
    /// A recording from its beginning.
    pub fn new(player: Player, account: Account) -> Self {
        let key = |instrument: &Instrument| MarketKey {
            account,
            venue: instrument.venue,
            symbol: instrument.symbol,
            leg: None,
        };
        let markets = player.instruments().iter();
        let markets = markets.map(|of| (key(of), Arc::new(of.clone()))).collect();
        let from_ns = player.span_ns().0;
        Self {
            player,
            markets,
            waiting: VecDeque::new(),
            changed: BTreeSet::new(),
            due_ns: from_ns,
            proof_ns: from_ns,
            silent_to_ns: i64::MIN,
            begun: false,
            failed: None,
        }
    }

    /// The times of its first and last line, ns since 1970.
    pub const fn span_ns(&self) -> (i64, i64) {
        self.player.span_ns()
    }

    /// A moment on its own clocks.
    pub fn stamp(&self, at_ns: i64) -> Stamp {
        self.player.moment(at_ns)
    }

    /// Its markets.
    pub fn markets(&self) -> impl Iterator<Item = MarketKey> {
        self.markets.iter().map(|(key, _)| *key)
    }

    /// Their rules.
    pub fn rules(&self) -> Vec<Arc<Instrument>> {
        let rules = self.markets.iter();
        rules.map(|(_, rules)| Arc::clone(rules)).collect()
    }

    /// Why it cannot be read on, told once.
    pub const fn failed(&mut self) -> Option<ReplayError> {
        self.failed.take()
    }

    /// When the next thing happened; `None` at the end.
    pub fn peek(&mut self) -> Option<i64> {
        while self.waiting.is_empty() {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(why) => {
                    self.failed = Some(why);
                    return None;
                }
            }
        }
        self.waiting.front().map(|seen| seen.at_ns)
    }

    /// The next thing that happened.
    pub fn next(&mut self) -> Option<Seen> {
        self.peek()?;
        self.waiting.pop_front()
    }

    /// Goes to a moment: what comes next is the first thing after it. The feed reads all that was before, from the beginning.
    pub fn rewind(&mut self, to_ns: i64) {
        let from_ns = self.player.span_ns().0;
        if let Err(why) = self.player.restart() {
            self.failed = Some(why);
            return;
        }
        self.waiting.clear();
        self.changed.clear();
        self.due_ns = from_ns;
        self.proof_ns = from_ns;
        self.begun = false;
        self.silent_to_ns = to_ns;
        while self.peek().is_some_and(|at| at <= to_ns) {
            self.waiting.pop_front();
        }
        self.silent_to_ns = i64::MIN;
    }

    /// Makes the next thing, or several; false at the end.
    fn fill(&mut self) -> Result<bool, ReplayError> {
        if !self.begun {
            self.begin();
            return Ok(true);
        }
        let next = self.player.next_ns()?;
        let is_before = |due: i64| next.is_none_or(|next| due <= next);
        if !self.changed.is_empty() && self.due_ns <= self.proof_ns && is_before(self.due_ns) {
            let changed = std::mem::take(&mut self.changed);
            self.picture(self.due_ns, |symbol| changed.contains(&symbol), What::Book);
            return Ok(true);
        }
        let Some(next) = next else {
            return Ok(false);
        };
        if self.proof_ns <= next {
            self.picture(self.proof_ns, |_| true, What::Proof);
            self.proof_ns += PROOF_NS;
            return Ok(true);
        }
        self.play(next);
        Ok(true)
    }

    fn begin(&mut self) {
        self.begun = true;
        let at_ns = self.player.span_ns().0;
        for (key, rules) in &self.markets {
            let what = What::Rules(Environment::Replay, Arc::clone(rules));
            let key = *key;
            self.waiting.push_back(Seen { at_ns, key, what });
        }
    }

    fn play(&mut self, next: i64) {
        let mut out = Out::default();
        self.player.play_next(&mut out);
        let touched = out.touches.iter().map(|touch| touch.symbol);
        let changed: Vec<Symbol> = out.changed.iter().copied().chain(touched).collect();
        if self.changed.is_empty() && !changed.is_empty() {
            let from_ns = self.player.span_ns().0;
            let passed = next.saturating_sub(from_ns).div_euclid(PACE_NS) + 1;
            self.due_ns = from_ns.saturating_add(passed.saturating_mul(PACE_NS));
        }
        self.changed.extend(changed);
        for print in out.prints {
            let of = self
                .markets
                .iter()
                .find(|(key, _)| key.symbol == print.symbol);
            if let Some((key, _)) = of {
                self.waiting.push_back(Seen {
                    at_ns: next,
                    key: *key,
                    what: What::Print(print),
                });
            }
        }
    }

    /// Pictures the books of some symbols; in silence nothing is drawn that nobody sees.
    fn picture(
        &mut self,
        at_ns: i64,
        of: impl Fn(Symbol) -> bool,
        what: fn(Arc<crate::domain::Depth>) -> What,
    ) {
        if at_ns <= self.silent_to_ns {
            return;
        }
        let at = self.player.moment(at_ns);
        for (key, _) in self.markets.iter().filter(|(key, _)| of(key.symbol)) {
            if let Some(depth) = self.player.picture(key.symbol, at, LEVELS) {
                let (key, what) = (*key, what(depth));
                self.waiting.push_back(Seen { at_ns, key, what });
            }
        }
    }
}
