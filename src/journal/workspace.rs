//! What a trader arranged: pages of ladders, their layouts, zooms, columns, leaders; kept apart for each set of venues and worlds, so that a
//! workspace of real money never opens on another. No secrets: names and numbers. A file that is lost costs an arrangement, nothing more.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The file's name below the state directory.
const NAME: &str = "workspace.json";
/// What cannot be read is put aside under this name.
const ASIDE: &str = "workspace.json.unread";
/// Largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// What was arranged in one world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspace {
    /// The pages, in their order.
    pub pages: Vec<Page>,
    /// The one in front, from 0.
    pub front: usize,
    /// What the settings asked for then: where they ask for something else now, they win.
    pub wished: Wished,
    /// How each ladder stands, by `venue:symbol`.
    pub ladders: BTreeMap<String, Stands>,
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Its layout's name.
    pub layout: String,
    /// Its ladders, `venue:symbol`, from left to right.
    pub ladders: Vec<String>,
    /// The one with the keys, from 0.
    pub front: usize,
}

/// The settings that a workspace stands instead of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wished {
    /// The symbols to open.
    pub symbols: Vec<String>,
    /// The layout.
    pub layout: String,
}

/// How one ladder stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stands {
    /// Ticks a row, where the trader chose them.
    pub zoom: Option<i64>,
    /// Its columns as they are typed, where the trader chose them.
    pub columns: Option<String>,
    /// The symbol of its leader line, where the trader chose it; empty for none.
    pub leader: Option<String>,
}

/// One change of the file after another, whichever thread makes it.
static CHANGES: Mutex<()> = Mutex::new(());

type Worlds = BTreeMap<String, Workspace>;

/// What was arranged in a world, and a sentence for the trader where the file could not be read and was put aside.
pub fn load(dir: &Path, world: &str) -> (Option<Workspace>, Option<String>) {
    match read(dir) {
        Ok(mut worlds) => (worlds.remove(world), None),
        Err(why) => {
            let moved = std::fs::rename(dir.join(NAME), dir.join(ASIDE));
            let left = match moved {
                Ok(()) => format!("it is {ASIDE} now"),
                Err(why) => format!("and it cannot be put aside: {why}"),
            };
            let words = format!(
                "{NAME} cannot be read ({why}): the ladders open as the settings say; {left}"
            );
            (None, Some(words))
        }
    }
}

/// Keeps what is arranged in a world now; the others' stays.
///
/// # Errors
/// When the file cannot be written; the old one stays.
pub fn keep(dir: &Path, world: &str, workspace: &Workspace) -> io::Result<()> {
    let _one = CHANGES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut worlds = read(dir)?;
    worlds.insert(world.to_owned(), workspace.clone());
    super::put(dir, NAME, &serde_json::to_vec_pretty(&worlds)?)
}

fn read(dir: &Path) -> io::Result<Worlds> {
    let file = match OpenOptions::new().read(true).open(dir.join(NAME)) {
        Ok(file) => file,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Worlds::new()),
        Err(why) => return Err(why),
    };
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(symbol: &str) -> Workspace {
        Workspace {
            pages: vec![Page {
                name: "main".to_owned(),
                layout: "pair".to_owned(),
                ladders: vec![format!("okx:{symbol}")],
                front: 0,
            }],
            ladders: BTreeMap::from([(
                format!("okx:{symbol}"),
                Stands {
                    zoom: Some(5),
                    columns: Some("change cum".to_owned()),
                    leader: Some("BTCUSDT".to_owned()),
                },
            )]),
            ..Workspace::default()
        }
    }

    #[test]
    fn each_world_gets_back_what_was_arranged_in_it_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path(), "okx real"), (None, None));
        keep(dir.path(), "okx real", &arranged("BTC-USDT-SWAP")).unwrap();
        keep(dir.path(), "okx sim", &arranged("DOGE-USDT-SWAP")).unwrap();
        let (real, told) = load(dir.path(), "okx real");
        assert_eq!((real, told), (Some(arranged("BTC-USDT-SWAP")), None));
        assert_eq!(load(dir.path(), "okx demo"), (None, None));
    }

    #[test]
    fn a_broken_file_is_told_and_left_aside_and_the_next_one_is_written() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), "{\"okx real\": 3").unwrap();
        let (none, told) = load(dir.path(), "okx real");
        assert_eq!(none, None);
        let told = told.unwrap();
        assert!(told.starts_with("workspace.json cannot be read"), "{told}");
        let aside = std::fs::read_to_string(dir.path().join(ASIDE)).unwrap();
        assert_eq!(aside, "{\"okx real\": 3");
        keep(dir.path(), "okx real", &arranged("X")).unwrap();
        assert_eq!(load(dir.path(), "okx real").0, Some(arranged("X")));
    }
}
