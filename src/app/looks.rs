//! The themes of the running program: a thread reads the user's again when their files change, keys and lines choose one.
//!
//! Neither the loop that trades nor the thread that draws ever reads a file for them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

use super::screen::Screen;
use super::turn::App;
use crate::clock;
use crate::config::{Config, Folders, file};
use crate::domain::Stamp;
use crate::engine::effect::Loudness;
use crate::input::chord::Code;
use crate::input::key::{Input, Kind};
use crate::ui::theme::{self, ColourDepth, Glyphs, Theme};
use crate::ui::view::{List, Mode, Wardrobe};

/// How often the folder is looked at. A file that is being written is read once it was still for as long.
const LOOK: Duration = Duration::from_millis(500);

/// Every theme at the depth and in the signs of the terminal.
pub type Rack = Arc<[Arc<Theme>]>;

/// The user's themes after a change of their files.
#[derive(Clone, Debug)]
pub struct Reread {
    /// All themes; one whose file is broken is as it was.
    pub rack: Rack,
    /// Names of the themes that changed.
    pub changed: Vec<String>,
    /// What is wrong with their files.
    pub faults: Vec<String>,
}

/// What the folder held when it was last read.
struct Folder {
    config: Folders,
    seen: Vec<(PathBuf, Option<SystemTime>, u64)>,
    texts: Vec<(String, String)>,
    rack: Rack,
    depth: ColourDepth,
    glyphs: Glyphs,
}

/// Fills the screen's wardrobe and has the user's folder of themes watched; what is worn already stays on.
///
/// # Errors
/// When the system has no thread left.
pub fn dress(
    screen: &mut Screen,
    config: &Config,
    texts: &[(String, String)],
    folders: &Folders,
) -> io::Result<mpsc::Receiver<Reread>> {
    let settings = &config.settings;
    let depth = settings.color.resolve(super::variable);
    let glyphs = settings.glyphs.resolve(super::variable);
    let (rack, _) = theme::rack(texts, depth, glyphs, &[]);
    let wardrobe = &mut screen.view.wardrobe;
    if wardrobe.worn().is_some() {
        wardrobe.refill(rack.clone());
    } else {
        *wardrobe = Wardrobe::new(rack.clone(), &settings.theme);
    }
    let (out, reread) = super::channel::themes();
    watch(folders, texts.to_vec(), rack, (depth, glyphs), out)?;
    Ok(reread)
}

/// Starts the thread that watches the user's folder of themes; it ends within a look after nobody listens any more.
/// `texts` are the user's themes as they were read, `rack` what was made of them.
///
/// # Errors
/// When the system has no thread left.
fn watch(
    folders: &Folders,
    texts: Vec<(String, String)>,
    rack: Rack,
    (depth, glyphs): (ColourDepth, Glyphs),
    out: mpsc::Sender<Reread>,
) -> io::Result<()> {
    let mut folder = Folder {
        config: folders.clone(),
        // They may have changed since they were read: the first look reads them again.
        seen: Vec::new(),
        texts,
        rack,
        depth,
        glyphs,
    };
    thread::Builder::new()
        .name("themes".to_owned())
        .spawn(move || {
            let mut before = folder.seen.clone();
            while !out.is_closed() {
                thread::park_timeout(LOOK);
                let now = stamps(&folder.config.config.join("themes"));
                if now != folder.seen && now == before {
                    folder.seen.clone_from(&now);
                    // Nobody listens any more: the loop above ends.
                    let _ = folder.read().map(|reread| out.blocking_send(reread));
                }
                before = now;
            }
        })
        .map(|_| ())
}

impl Folder {
    /// Reads all files again; `None` where nothing in them changed.
    fn read(&mut self) -> Option<Reread> {
        let texts = match file::themes(&self.config) {
            Ok(texts) => texts,
            Err(why) => {
                return Some(Reread {
                    rack: self.rack.clone(),
                    changed: Vec::new(),
                    faults: vec![why.to_string()],
                });
            }
        };
        let is_new = |text: &&(String, String)| !self.texts.contains(text);
        let changed: Vec<String> = texts
            .iter()
            .filter(is_new)
            .map(|(name, _)| name.clone())
            .collect();
        if changed.is_empty() && texts.len() == self.texts.len() {
            return None;
        }
        let (rack, faults) = theme::rack(&texts, self.depth, self.glyphs, &self.rack);
        self.texts = texts;
        self.rack = rack.clone();
        Some(Reread {
            rack,
            changed,
            faults,
        })
    }
}

/// What tells a change of the folder: each theme's file, when it was written and how long it is.
fn stamps(folder: &Path) -> Vec<(PathBuf, Option<SystemTime>, u64)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut stamps: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let about = fs::metadata(&path).ok();
            let written = about.as_ref().and_then(|about| about.modified().ok());
            (path, written, about.map_or(0, |about| about.len()))
        })
        .collect();
    stamps.sort();
    stamps
}

impl App {
    /// Takes the themes as their files are now: the next frame wears them.
    pub(super) fn reread(&mut self, reread: Reread) {
        let now = clock::now();
        self.hurry = true;
        self.screen.view.wardrobe.refill(reread.rack);
        for words in &reread.faults {
            self.note(now, Loudness::Warn, words);
        }
        let worn = self.screen.view.wardrobe.worn();
        let worn = worn.map(|theme| theme.name.clone()).unwrap_or_default();
        if reread.faults.is_empty() && reread.changed.contains(&worn) {
            self.note(now, Loudness::Info, &format!("theme {worn} read again"));
        }
    }

    /// Enter in the list of themes wears the one at its mark. Whatever else that key is bound to is not meant there.
    pub(super) fn wears(&mut self, now: Stamp, input: &Input) -> bool {
        let Mode::List(List::Themes, _) = self.screen.view.mode else {
            return false;
        };
        let Input::Key(key) = input else {
            return false;
        };
        if key.stroke.code != Code::Enter {
            return false;
        }
        if key.kind == Kind::Press
            && let Some(name) = self.screen.view.keep_theme()
        {
            self.say_worn(now, &name);
        }
        true
    }

    /// Wears the theme of this name until the end.
    pub(super) fn wear(&mut self, now: Stamp, name: &str) {
        match self.screen.view.wear(name) {
            Ok(()) => self.say_worn(now, name),
            Err(words) => self.note(now, Loudness::Warn, &words),
        }
    }

    fn say_worn(&mut self, now: Stamp, name: &str) {
        let file = self.folders.config_file();
        let words = format!(
            "theme {name} until the end; for good: theme = \"{name}\" in {}",
            file.display()
        );
        self.note(now, Loudness::Info, &words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::channel;
    use crate::ui::theme::Role;

    /// A watched folder in which `own.toml` makes bids a colour.
    fn watched(text: &str) -> (tempfile::TempDir, PathBuf, mpsc::Receiver<Reread>, Rack) {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let folders = Folders {
            config: path("config"),
            state: path("state"),
            data: path("data"),
            cache: path("cache"),
        };
        let file = folders.config.join("themes/own.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let texts = file::themes(&folders).unwrap();
        let look = (ColourDepth::Truecolour, Glyphs::Unicode);
        let (rack, _) = theme::rack(&texts, look.0, look.1, &[]);
        let (out, reread) = channel::themes();
        watch(&folders, texts, rack.clone(), look, out).unwrap();
        (dir, file, reread, rack)
    }

    fn bid(rack: &Rack) -> Option<ratatui::style::Color> {
        let own = rack.iter().find(|theme| theme.name == "own")?;
        own.style(Role::Bid).fg
    }

    #[test]
    fn a_changed_file_comes_by_itself_and_a_broken_one_keeps_the_old_theme_and_names_the_line() {
        let good = "inherits = \"dark\"\nbid = \"#000001\"\n";
        let (_dir, file, mut reread, first) = watched(good);
        fs::write(&file, "inherits = \"dark\"\nbid = \"#00000002\"\nask = ").unwrap();
        let broken = reread.blocking_recv().unwrap();
        assert_eq!(bid(&broken.rack), bid(&first));
        assert!(bid(&first).is_some());
        assert!(
            broken.faults[0].starts_with("theme own, line 3:"),
            "{:?}",
            broken.faults
        );
        fs::write(&file, "inherits = \"dark\"\n\n\nbid = \"#000003\"\n").unwrap();
        let mended = reread.blocking_recv().unwrap();
        assert_eq!(mended.faults, [] as [String; 0]);
        assert_eq!(mended.changed, ["own"]);
        assert_ne!(bid(&mended.rack), bid(&first));
        fs::remove_file(&file).unwrap();
        let gone = reread.blocking_recv().unwrap();
        assert_eq!(bid(&gone.rack), None);
    }
}
