//! What the risk guard must not forget, by account and world: limits in force, looser ones that wait, the cool-down, losing trades in a row.
//!
//! It is in the journal, and here too, for the journal is read from its end only. No secrets: names and numbers.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;

use crate::domain::Environment;
use crate::engine::DeskSettings;
use crate::engine::guard::Kept;

use super::Past;

/// The file's name below the state directory.
const NAME: &str = "guard.json";
/// What cannot be read is put aside under this name.
const ASIDE: &str = "guard.json.unread";
/// Largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// What is kept of every account.
type Guards = BTreeMap<String, Kept>;

/// An account's name here: the label, not the key, so that another key does not end a cool-down.
fn name(account: &str, venue: &str, environment: Environment) -> String {
    format!("{venue} {} {account}", environment.word())
}

/// What is kept of one account; nothing where there is no file yet.
///
/// # Errors
/// When the file cannot be read, or holds something else.
fn read(
    dir: &Path,
    account: &str,
    venue: &str,
    environment: Environment,
) -> io::Result<Option<Kept>> {
    Ok(load(dir)?.remove(&name(account, venue, environment)))
}

/// What the guard kept of an account: the journal's last word, else its file's. A file that cannot be read may have held a cool-down: one
/// begins, with a sentence for the trader.
pub fn restore(dir: &Path, past: &Past, of: &DeskSettings, now_ms: i64) -> (Kept, Option<String>) {
    let (account, venue, world) = (of.account.as_str(), of.venue.as_str(), of.environment);
    if let Some(kept) = past.guard(account, venue, world) {
        return (kept.clone().at_start(now_ms), None);
    }
    match read(dir, account, venue, world) {
        Ok(kept) => (kept.unwrap_or_default().at_start(now_ms), None),
        Err(why) => {
            let kept = Kept::unread(now_ms, of.limits.cool_down_minutes);
            let words = format!(
                "{NAME} cannot be read: the settings' limits count, and a cool-down begins ({why})"
            );
            (kept, Some(words))
        }
    }
}

/// Keeps what is known of one account now; the others' stays.
///
/// # Errors
/// When the file cannot be written; the old one stays.
pub fn write(
    dir: &Path,
    account: &str,
    venue: &str,
    environment: Environment,
    kept: Kept,
) -> io::Result<()> {
    let mut guards = load(dir).or_else(|_| {
        std::fs::rename(dir.join(NAME), dir.join(ASIDE)).map(|()| Guards::default())
    })?;
    guards.insert(name(account, venue, environment), kept);
    super::put(dir, NAME, &serde_json::to_vec_pretty(&guards)?)
}

fn load(dir: &Path) -> io::Result<Guards> {
    let mut text = Vec::new();
    let opened = OpenOptions::new().read(true).open(dir.join(NAME));
    match opened.and_then(|file| file.take(LARGEST).read_to_end(&mut text)) {
        Ok(_) => Ok(serde_json::from_slice(&text)?),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Guards::default()),
        Err(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cap, Stamp};
    use crate::engine::guard::kept::{Cause, CoolDown, KeptLimit, Loosening};
    use crate::engine::record::Row;

    fn kept() -> Kept {
        let waits = Loosening {
            to: Cap::Off,
            at_ms: 99,
        };
        let limit = KeptLimit {
            wish: Some(Cap::Off),
            held: Some(Cap::At("0.5".parse().unwrap())),
            loosens: Some(waits),
        };
        let mut kept = Kept::default();
        kept.limits.insert("max_position BTCUSDT".to_owned(), limit);
        kept.cool_down = Some(CoolDown {
            cause: Cause::Day,
            until_ms: 1_763_900_000_000,
        });
        kept.losses.count = 2;
        kept
    }

    fn of(dir: &Path, account: &str, environment: Environment) -> Option<Kept> {
        read(dir, account, "v", environment).unwrap()
    }

    #[test]
    fn what_is_kept_comes_back_and_each_account_and_world_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(of(dir.path(), "main", Environment::Demo), None);
        write(dir.path(), "main", "v", Environment::Demo, kept()).unwrap();
        write(dir.path(), "main", "v", Environment::Real, Kept::default()).unwrap();
        assert_eq!(of(dir.path(), "main", Environment::Demo), Some(kept()));
        let real = of(dir.path(), "main", Environment::Real);
        assert_eq!(real, Some(Kept::default()));
        assert_eq!(of(dir.path(), "other", Environment::Demo), None);
    }

    #[test]
    fn the_journals_last_word_counts_before_the_file_and_a_lost_file_begins_a_cool_down() {
        let dir = tempfile::tempdir().unwrap();
        let of = crate::engine::tests::kit::settings(Environment::Sim);
        let restored = |past: &Past| restore(dir.path(), past, &of, 1_763_820_000_000);
        let none = Past::default();
        assert_eq!(restored(&none), (Kept::default(), None));
        let (account, venue) = (of.account.as_str(), of.venue.as_str());
        write(dir.path(), account, venue, of.environment, kept()).unwrap();
        assert_eq!(restored(&none), (kept(), None));
        // A cool-down that ended meanwhile is over.
        let (later, _) = restore(dir.path(), &none, &of, 1_763_900_000_000);
        assert_eq!(later.cool_down, None);
        let row = Row::Guard {
            at: Stamp::default(),
            account: of.account,
            venue: of.venue,
            environment: of.environment,
            kept: Kept::default(),
        };
        let past = Past::read(row.json().to_string().as_bytes());
        assert_eq!(restored(&past), (Kept::default(), None));

        std::fs::write(dir.path().join(NAME), "{\"torn").unwrap();
        let (lost, words) = restored(&none);
        let cool_down = lost.cool_down.unwrap();
        assert_eq!(cool_down.cause, Cause::Unread);
        assert_eq!(cool_down.until_ms, 1_763_820_000_000 + 30 * 60_000);
        assert!(words.unwrap().starts_with("guard.json cannot be read"));
    }

    #[test]
    fn a_broken_file_is_told_at_every_cut_put_aside_and_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "main", "v", Environment::Demo, kept()).unwrap();
        let whole = std::fs::read(dir.path().join(NAME)).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(dir.path().join(NAME), &whole[..cut]).unwrap();
            assert!(read(dir.path(), "main", "v", Environment::Demo).is_err());
        }
        write(dir.path(), "main", "v", Environment::Demo, kept()).unwrap();
        assert_eq!(of(dir.path(), "main", Environment::Demo), Some(kept()));
        assert!(dir.path().join(ASIDE).exists());
    }
}
