//! Levels that a file gives: which market each of them means. And `lancet levels`, which lists, imports and exports them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

use super::alerting::Disk;
use super::{Failure, variable};
use crate::alerts::{Level, Market, given};
use crate::cli::Levels as Asked;
use crate::config::{Folders, file};
use crate::domain::text::sanitise;
use crate::domain::{Symbol, VenueId};
use crate::exchange::VENUES;
use crate::journal::Levels;
use crate::journal::levels::NAME;
use crate::nearest::did_you_mean;

/// Quote currencies that end the names of charting programs, longest first.
const QUOTES: [&str; 6] = ["FDUSD", "USDT", "USDC", "BTC", "ETH", "USD"];

/// How often the file of levels is looked at. One that is being written is read once it was still for as long.
const LOOK: Duration = Duration::from_millis(500);

/// What a file gave.
pub struct Imported {
    /// Each level with its market.
    pub levels: Vec<(Market, Level)>,
    /// Why a level was left out, the first of them; and how many were.
    pub left_out: Option<(String, usize)>,
}

impl Imported {
    /// `12 levels imported; 2 left out: line 4: NYSE is no venue of Lancet`.
    pub fn words(&self) -> String {
        let count = self.levels.len();
        let plural = if count == 1 { "" } else { "s" };
        let left_out = self.left_out.as_ref().map(|(why, count)| {
            let first = if *count == 1 { "" } else { ", the first" };
            format!("; {count} left out{first}: {why}")
        });
        format!(
            "{count} level{plural} imported{}",
            left_out.unwrap_or_default()
        )
    }
}

/// Reads a file of levels and keeps them. `here` is the venue of symbols that name none.
///
/// # Errors
/// One line that names the file, its line and what is wrong. Nothing is kept then.
pub fn import(state: &Path, path: &Path, here: VenueId) -> Result<Imported, String> {
    let path = at_home(path);
    let text = file::read(&path).map_err(|why| why.to_string())?;
    let name = path.display().to_string();
    let found =
        given::read(&name, &text).map_err(|why| sanitise(&format!("{name}, {why}"), 400))?;
    let mut imported = Imported {
        levels: Vec::new(),
        left_out: None,
    };
    for one in found {
        match market(one.venue.as_deref(), &one.symbol, here) {
            Ok(market) => imported.levels.push((
                market,
                Level {
                    price: one.price,
                    label: one.label,
                },
            )),
            Err(why) => {
                let first = || (format!("line {}: {why}", one.line), 0);
                imported.left_out.get_or_insert_with(first).1 += 1;
            }
        }
    }
    let levels = imported.levels.clone();
    Levels::change(state, |kept| {
        for (market, level) in levels {
            kept.add(market, level);
        }
    })
    .map_err(|why| why.to_string())?;
    Ok(imported)
}

/// Watches the file of levels: what it keeps after each change is told. The thread ends within a look after nobody listens any more.
///
/// # Errors
/// When the system has no thread left.
pub fn watch(state: PathBuf, told: mpsc::Sender<Disk>) -> io::Result<()> {
    let path = state.join(NAME);
    let stamp = move || {
        let about = fs::metadata(&path).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    let look = move || {
        // It may have changed since it was read: the first look reads it again.
        let (mut seen, mut before) = (None, None);
        while !told.is_closed() {
            let now = stamp();
            if now != seen && now == before {
                seen = now;
                let kept = Levels::load_with_changes(&state).map_err(|why| why.to_string());
                // Nobody listens any more: the loop ends.
                let _ = told.blocking_send(Disk::Reread(kept));
            }
            before = now;
            thread::park_timeout(LOOK);
        }
    };
    let named = thread::Builder::new().name("levels".to_owned());
    named.spawn(look).map(|_| ())
}

/// `~/levels.csv` as a shell means it: a `:` line goes through none.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), variable("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.to_owned(),
    }
}

/// The market that a file means, by Lancet's names or by those of charting programs (`BINANCE:BTCUSDT.P`).
fn market(venue: Option<&str>, symbol: &str, here: VenueId) -> Result<Market, String> {
    let symbol = symbol.trim().to_uppercase();
    let (plain, is_perpetual) = match symbol.strip_suffix(".P") {
        Some(plain) => (plain.to_owned(), true),
        None => (symbol, false),
    };
    let named = venue.map(str::to_lowercase);
    let (venue, symbol) = match (named.as_deref(), is_perpetual) {
        (Some("binance"), true) => ("binance-futures".to_owned(), plain),
        (Some("binance"), false) => ("binance-spot".to_owned(), plain),
        (Some("okx"), _) if !plain.contains('-') => ("okx".to_owned(), okx(&plain, is_perpetual)),
        (Some("bybit"), false) if venue == Some("BYBIT") => ("bybit".to_owned(), slashed(&plain)),
        (Some(venue), _) => (venue.to_owned(), plain),
        (None, _) => (here.to_string(), plain),
    };
    if !VENUES.iter().any(|row| row.id == venue) {
        let mend = did_you_mean(&venue, VENUES.iter().map(|row| row.id));
        return Err(format!(
            "{} is no venue of Lancet{mend}",
            sanitise(&venue, 24)
        ));
    }
    let symbol = Symbol::new(&symbol)
        .map_err(|why| format!("{}: the symbol {why}", sanitise(&symbol, 40)))?;
    let venue = VenueId::new(&venue).map_err(|why| format!("the venue {why}"))?;
    Ok(Market { venue, symbol })
}

fn okx(plain: &str, is_perpetual: bool) -> String {
    let swap = if is_perpetual { "-SWAP" } else { "" };
    parted(plain, "-").map_or_else(|| plain.to_owned(), |name| format!("{name}{swap}"))
}

/// Spot at Bybit is `BASE/QUOTE` here, because the venue gives its contracts the same name.
fn slashed(plain: &str) -> String {
    parted(plain, "/").unwrap_or_else(|| plain.to_owned())
}

fn parted(plain: &str, by: &str) -> Option<String> {
    let quote = QUOTES.iter().find(|quote| plain.ends_with(*quote))?;
    let base = plain.strip_suffix(quote).filter(|base| !base.is_empty())?;
    Some(format!("{base}{by}{quote}"))
}

/// `lancet levels`.
///
/// # Errors
/// When a file cannot be read, understood or written.
pub fn levels(venue: Option<&str>, asked: &Asked, out: &mut impl Write) -> Result<(), Failure> {
    let state = Folders::find(variable)?.state;
    let kept = || Levels::load(&state).map_err(|why| Failure::Input(why.to_string()));
    match asked {
        Asked::List { json } => Ok(list(&kept()?, *json, out)?),
        Asked::Export { file: None } => Ok(out.write_all(kept()?.to_csv().as_bytes())?),
        Asked::Export { file: Some(path) } => {
            let kept = kept()?;
            let is_toml = path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("toml"));
            let text = if is_toml {
                kept.to_toml()
            } else {
                kept.to_csv()
            };
            let told = |why: io::Error| Failure::World(format!("{}: {why}", path.display()));
            std::fs::write(path, text).map_err(told)
        }
        Asked::Import { file } => {
            let here = venue.unwrap_or(VENUES[0].id);
            let here = VenueId::new(here).map_err(|why| Failure::Input(why.to_string()))?;
            std::fs::create_dir_all(&state)?;
            let imported = import(&state, file, here).map_err(Failure::Input)?;
            Ok(writeln!(out, "{}", imported.words())?)
        }
    }
}

fn list(kept: &Levels, json: bool, out: &mut impl Write) -> io::Result<()> {
    for (market, level) in kept.all() {
        let (venue, symbol) = (market.venue.as_str(), market.symbol.as_str());
        let (price, label) = (level.price.normalize().to_string(), &level.label);
        if json {
            let row = serde_json::json!({
                "venue": venue, "symbol": symbol, "price": price, "label": label,
            });
            writeln!(out, "{row}")?;
        } else {
            let row = format!("{venue:<16} {symbol:<18} {price:>14}  {label}");
            writeln!(out, "{}", row.trim_end())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(venue: Option<&str>, symbol: &str) -> Result<String, String> {
        let here = VenueId::new("bybit").unwrap();
        market(venue, symbol, here).map(|market| format!("{}:{}", market.venue, market.symbol))
    }

    #[test]
    fn a_name_of_a_charting_program_means_one_of_ours() {
        for (venue, symbol, ours) in [
            (None, "btcusdt", "bybit:BTCUSDT"),
            (Some("okx"), "BTC-USDT-SWAP", "okx:BTC-USDT-SWAP"),
            (Some("OKX"), "BTCUSDT.P", "okx:BTC-USDT-SWAP"),
            (Some("OKX"), "BTCUSDT", "okx:BTC-USDT"),
            (Some("BINANCE"), "BTCUSDT.P", "binance-futures:BTCUSDT"),
            (Some("BINANCE"), "BTCUSDT", "binance-spot:BTCUSDT"),
            (Some("BYBIT"), "BTCUSDT.P", "bybit:BTCUSDT"),
            (Some("BYBIT"), "BTCUSDT", "bybit:BTC/USDT"),
            (Some("bybit"), "BTCUSDT", "bybit:BTCUSDT"),
            (
                Some("binance-futures"),
                "ETHUSDT",
                "binance-futures:ETHUSDT",
            ),
        ] {
            assert_eq!(named(venue, symbol).as_deref(), Ok(ours));
        }
        let told = named(Some("NYSE"), "GME").unwrap_err();
        assert!(told.starts_with("nyse is no venue of Lancet"), "{told}");
        assert!(named(None, "BTC USDT").is_err());
    }

    #[test]
    fn a_file_is_kept_whole_or_not_at_all_and_strangers_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let here = VenueId::new("binance-futures").unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, "NYSE:GME,20\nBTCUSDT,61200,high\nBTCUSDT,61100\n").unwrap();
        let imported = import(dir.path(), &path, here).unwrap();
        assert_eq!(
            imported.words(),
            "2 levels imported; 1 left out: line 1: nyse is no venue of Lancet"
        );
        assert_eq!(Levels::load(dir.path()).unwrap().all().len(), 2);
        std::fs::write(&path, "BTCUSDT,61300\nBTCUSDT,x\n").unwrap();
        let why = import(dir.path(), &path, here).err().unwrap();
        assert!(why.ends_with("a.csv, line 2: \"x\" is no price"), "{why}");
        assert_eq!(Levels::load(dir.path()).unwrap().all().len(), 2);
        let none = import(dir.path(), &dir.path().join("none.csv"), here)
            .err()
            .unwrap();
        assert!(none.contains("none.csv"), "{none}");
    }
}
