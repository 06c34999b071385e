//! Signal levels, kept from run to run as TOML: prices as text, never as ticks. Whoever looks at a market sees them, on every account.
//!
//! A file that cannot be read is left as it is: it may be the trader's own work of months.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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

/// One change of the file after another; of each market the number of the newest that was written.
static CHANGES: Mutex<BTreeMap<Market, u64>> = Mutex::new(BTreeMap::new());

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
        let _one = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
        Self::rewrite(dir, change)
    }

    /// Keeps the levels of one market, unless a change with a higher number was kept before: threads may come out of order.
    ///
    /// # Errors
    /// As [`Levels::change`].
    pub fn keep(
        dir: &Path,
        number: u64,
        market: Market,
        levels: Vec<Level>,
    ) -> Result<(), LevelsError> {
        let mut newest = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
        let last = newest.entry(market).or_default();
        if *last > number {
            return Ok(());
        }
        *last = number;
        Self::rewrite(dir, |kept| {
            if levels.is_empty() {
                kept.0.remove(&market);
            } else {
                kept.0.insert(market, levels);
            }
        })
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
        Levels::keep(dir.path(), 1, eth, vec![level("3050.125")]).unwrap();
        Levels::keep(dir.path(), 3, btc, vec![level("61200"), level("61300.5")]).unwrap();
        Levels::keep(dir.path(), 2, btc, vec![]).unwrap();
        Levels::change(dir.path(), |kept| kept.add(eth, level("3000"))).unwrap();
        let kept = Levels::load(dir.path()).unwrap();
        assert_eq!(kept.0[&btc], [level("61200"), level("61300.5")]);
        assert_eq!(kept.0[&eth], [level("3000"), level("3050.125")]);
        assert_eq!(kept.all().len(), 4);
        assert_eq!(kept.to_csv().lines().count(), 5);
        Levels::keep(dir.path(), 4, btc, vec![]).unwrap();
        assert!(!Levels::load(dir.path()).unwrap().0.contains_key(&btc));
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
            assert!(Levels::keep(dir.path(), u64::MAX, market("A"), vec![level("1")]).is_err());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
