//! Signal levels, kept from run to run as TOML: prices as text, never as ticks. Whoever looks at a market sees them, on every account.
//!
//! A file that cannot be read is left as it is: it may be the trader's own work of months.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rust_decimal::Decimal;

use crate::alerts::given::{self, Row};
use crate::alerts::{Level, Market};
use crate::domain::{Symbol, VenueId};

/// The file's name below the state directory.
pub const NAME: &str = "levels.toml";
/// Largest file that is read, bytes.
const LARGEST: u64 = 4 << 20;

/// Why levels cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum LevelsError {
    /// The file is there and not understood.
    #[error("{}: {why}; mend or remove it", path.display())]
    Broken {
        /// Which.
        path: PathBuf,
        /// Line and words.
        why: String,
    },
    /// The disk says no.
    #[error("{}: {why}", path.display())]
    Disk {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
}

/// Every market's levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(pub BTreeMap<Market, Vec<Level>>);

/// One change of the file after another.
static WRITTEN: Mutex<Written> = Mutex::new(Written {
    newest: BTreeMap::new(),
    changes: 0,
});

/// Changes that this process has begun. It counts on when the screen opens anew: what was written stays written.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// What this process wrote.
struct Written {
    /// Of each level the number of the newest change.
    newest: BTreeMap<(Market, Decimal), u64>,
    /// Changes that are done with, also those that failed.
    changes: u64,
}

/// What changed in one market since a moment: a level that another process puts there meanwhile stays.
#[derive(Clone, Debug)]
pub struct Change {
    number: u64,
    market: Market,
    gone: Vec<Decimal>,
    come: Vec<Level>,
}

impl Change {
    /// From the levels `before` to those `after`.
    pub fn between(market: Market, before: &[Level], after: &[Level]) -> Self {
        let gone = before.iter().map(|level| level.price);
        let stays = |price: &Decimal| after.iter().any(|level| level.price == *price);
        let come = after.iter().filter(|level| !before.contains(level));
        Self {
            number: BEGUN.fetch_add(1, Ordering::Relaxed) + 1,
            market,
            gone: gone.filter(|price| !stays(price)).collect(),
            come: come.cloned().collect(),
        }
    }

    /// Writes it, level by level, unless a later change of the level was written before: threads may come out of order.
    ///
    /// # Errors
    /// As [`Levels::change`].
    pub fn keep(self, dir: &Path) -> Result<(), LevelsError> {
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        written.changes += 1;
        let mut is_newest = |price: Decimal| {
            let newest = written.newest.entry((self.market, price)).or_default();
            *newest = self.number.max(*newest);
            *newest == self.number
        };
        let gone: Vec<Decimal> = self
            .gone
            .into_iter()
            .filter(|price| is_newest(*price))
            .collect();
        let come: Vec<Level> = self
            .come
            .into_iter()
            .filter(|level| is_newest(level.price))
            .collect();
        Levels::rewrite(dir, |kept| {
            if let Some(of_market) = kept.0.get_mut(&self.market) {
                of_market.retain(|level| !gone.contains(&level.price));
            }
            for level in come {
                kept.add(self.market, level);
            }
        })
    }
}

impl Levels {
    /// What the file below `dir` keeps; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read or is not understood.
    pub fn load(dir: &Path) -> Result<Self, LevelsError> {
        let path = dir.join(NAME);
        let mut text = String::new();
        let read = OpenOptions::new()
            .read(true)
            .open(&path)
            .and_then(|file| file.take(LARGEST).read_to_string(&mut text));
        match read {
            Ok(_) => {}
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(why) => return Err(LevelsError::Disk { path, why }),
        }
        let broken = |why: String| LevelsError::Broken {
            path: path.clone(),
            why,
        };
        let given = given::read(NAME, &text).map_err(|why| broken(why.to_string()))?;
        let mut levels = Self::default();
        for one in given {
            let line = one.line;
            let venue = one.venue.as_deref().map(VenueId::new);
            let (Some(Ok(venue)), Ok(symbol)) = (venue, Symbol::new(&one.symbol)) else {
                let words = format!("line {line}: a level needs a venue and a symbol");
                return Err(broken(words));
            };
            let level = Level {
                price: one.price,
                label: one.label,
            };
            levels.add(Market { venue, symbol }, level);
        }
        Ok(levels)
    }

    /// The same, and how many changes of this process are done with by then: it may count only once all that began are.
    ///
    /// # Errors
    /// As [`Levels::load`].
    pub fn load_with_changes(dir: &Path) -> Result<(Self, u64), LevelsError> {
        let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((Self::load(dir)?, written.changes))
    }

    /// Changes that this process has begun.
    pub fn changes_begun() -> u64 {
        BEGUN.load(Ordering::Relaxed)
    }

    /// Adds a level, or gives one at the same price other words.
    pub fn add(&mut self, market: Market, level: Level) {
        let of_market = self.0.entry(market).or_default();
        of_market.retain(|known| known.price != level.price);
        of_market.push(level);
        of_market.sort_by_key(|level| level.price);
    }

    /// Each level with its market, as one looks for them: by venue, symbol and price.
    pub fn all(&self) -> Vec<(Market, &Level)> {
        let mut all: Vec<(Market, &Level)> = Vec::new();
        for (market, levels) in &self.0 {
            all.extend(levels.iter().map(|level| (*market, level)));
        }
        // A name's own order puts the short ones first.
        all.sort_by(|(one, _), (other, _)| {
            let names = |market: &Market| (market.venue.to_string(), market.symbol.to_string());
            names(one).cmp(&names(other))
        });
        all
    }

    /// Writes what `change` makes of what the file keeps now.
    ///
    /// # Errors
    /// When the file cannot be read, is not understood, or cannot be written; the old one stays.
    pub fn change(dir: &Path, change: impl FnOnce(&mut Self)) -> Result<(), LevelsError> {
        let _one = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        Self::rewrite(dir, change)
    }

    fn rewrite(dir: &Path, change: impl FnOnce(&mut Self)) -> Result<(), LevelsError> {
        let mut levels = Self::load(dir)?;
        change(&mut levels);
        levels.0.retain(|_, of_market| !of_market.is_empty());
        let text = format!(
            "# Signal levels of Lancet. `lancet levels` lists, imports and exports them.\n\n{}",
            levels.to_toml()
        );
        super::put(dir, NAME, text.as_bytes()).map_err(|why| LevelsError::Disk {
            path: dir.join(NAME),
            why,
        })
    }

    /// As TOML.
    pub fn to_toml(&self) -> String {
        given::to_toml(Self::rows(&self.all()))
    }

    /// As a table with a head.
    pub fn to_csv(&self) -> String {
        given::to_csv(Self::rows(&self.all()))
    }

    fn rows<'a>(all: &'a [(Market, &Level)]) -> impl Iterator<Item = Row<'a>> {
        all.iter().map(|(market, level)| {
            let (venue, symbol) = (market.venue.as_str(), market.symbol.as_str());
            (venue, symbol, level.price, level.label.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(symbol: &str) -> Market {
        Market {
            venue: VenueId::new("okx").unwrap(),
            symbol: Symbol::new(symbol).unwrap(),
        }
    }

    fn level(price: &str) -> Level {
        Level {
            price: price.parse().unwrap(),
            label: format!("at {price}"),
        }
    }

    #[test]
    fn levels_come_back_with_their_digits_and_the_newest_change_wins() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Levels::load(dir.path()).unwrap(), Levels::default());
        let (btc, eth) = (market("BTC-USDT-SWAP"), market("ETH-USDT-SWAP"));
        let (low, high) = (level("61200"), level("61300.5"));
        let change =
            |market, before: &[Level], after: &[Level]| Change::between(market, before, after);
        let keep = |change: Change| change.keep(dir.path()).unwrap();
        keep(change(eth, &[], &[level("3050.125")]));
        let older = change(btc, &[], &[level("61000"), low.clone()]);
        keep(change(btc, &[level("61000")], std::slice::from_ref(&high)));
        keep(older);
        Levels::change(dir.path(), |kept| kept.add(eth, level("3000"))).unwrap();
        let kept = Levels::load(dir.path()).unwrap();
        assert_eq!(kept.0[&btc], [low.clone(), high.clone()]);
        assert_eq!(kept.0[&eth], [level("3000"), level("3050.125")]);
        assert_eq!(kept.all().len(), 4);
        assert_eq!(kept.to_csv().lines().count(), 5);
        keep(change(btc, &[low, high], &[]));
        assert!(!Levels::load(dir.path()).unwrap().0.contains_key(&btc));
    }

    #[test]
    fn what_another_process_put_there_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let btc = market("BTC-USDT");
        let (ours, theirs) = (level("61200"), level("61300"));
        let set = Change::between(btc, &[], std::slice::from_ref(&ours));
        set.keep(dir.path()).unwrap();
        let text = Levels(BTreeMap::from([(btc, vec![ours.clone(), theirs.clone()])])).to_toml();
        std::fs::write(dir.path().join(NAME), text).unwrap();
        let off = Change::between(btc, &[ours], &[]);
        off.keep(dir.path()).unwrap();
        let (kept, done) = Levels::load_with_changes(dir.path()).unwrap();
        assert_eq!(kept.0[&btc], [theirs]);
        assert!(done >= 2);
    }

    #[test]
    fn a_broken_file_is_told_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        for (text, words) in [
            (
                "[[level]]\nsymbol = \"X\"\n",
                "levels.toml: line 1: a level needs a price; mend",
            ),
            (
                "[[level]]\nsymbol = \"X\"\nprice = 1\n",
                "line 1: a level needs a venue and a symbol",
            ),
            ("\0", "levels.toml: line 1: "),
        ] {
            std::fs::write(&path, text).unwrap();
            let told = Levels::load(dir.path()).unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
            let change = Change::between(market("A"), &[], &[level("1")]);
            assert!(change.keep(dir.path()).is_err());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
