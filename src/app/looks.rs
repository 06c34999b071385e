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
use super::trade::Table;
use super::turn::App;
use crate::clock;
use crate::config::{Config, Folders, UserFile, file};
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

/// A file, when it was written and how long it is, bytes.
type Written = (PathBuf, Option<SystemTime>, u64);

/// The user's themes after a change of their files.
#[derive(Clone, Debug)]
pub struct Reread {
    /// All themes; one whose file is broken is as it was.
    pub rack: Rack,
    /// Names of the themes that changed.
    pub changed: Vec<String>,
    /// The theme that the config file names now, where that changed.
    pub wear: Option<String>,
    /// What is wrong with the files.
    pub faults: Vec<String>,
}

/// What the files said when they were last read.
struct Watch {
    folders: Folders,
    /// The config file that a flag named.
    flag: Option<PathBuf>,
    seen: Vec<Written>,
    /// The theme that the config file named; `None` before it was read.
    setting: Option<String>,
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
    table: Table<'_>,
    folders: &Folders,
) -> io::Result<mpsc::Receiver<Reread>> {
    let (settings, texts) = (&table.config.settings, table.themes);
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
    let watch = Watch {
        folders: folders.clone(),
        flag: table.file.map(Path::to_path_buf),
        // They may have changed since they were read: the first look reads them again.
        seen: Vec::new(),
        setting: None,
        texts: texts.clone(),
        rack,
        depth,
        glyphs,
    };
    watch.start(out)?;
    Ok(reread)
}

impl Watch {
    /// Starts the thread; it ends within a look after nobody listens any more.
    ///
    /// # Errors
    /// When the system has no thread left.
    fn start(mut self, out: mpsc::Sender<Reread>) -> io::Result<()> {
        let look = move || {
            let mut before = Vec::new();
            while !out.is_closed() {
                let now = self.stamps();
                if now != self.seen && now == before {
                    self.seen.clone_from(&now);
                    // Nobody listens any more: the loop ends.
                    let _ = self.read().map(|reread| out.blocking_send(reread));
                }
                before = now;
                thread::park_timeout(LOOK);
            }
        };
        let named = thread::Builder::new().name("themes".to_owned());
        named.spawn(look).map(|_| ())
    }

    /// What tells a change: the config file and each theme's, when it was written and how long it is.
    fn stamps(&self) -> Vec<Written> {
        let themes = fs::read_dir(self.folders.config.join("themes"));
        let mut paths: Vec<PathBuf> = themes
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .collect();
        let usual = || self.folders.config_file();
        paths.push(self.flag.clone().unwrap_or_else(usual));
        paths.sort();
        let stamp = |path: PathBuf| {
            let about = fs::metadata(&path).ok();
            let written = about.as_ref().and_then(|about| about.modified().ok());
            (path, written, about.map_or(0, |about| about.len()))
        };
        paths.into_iter().map(stamp).collect()
    }

    /// Reads all files again; `None` where nothing that matters here changed.
    fn read(&mut self) -> Option<Reread> {
        let mut faults = Vec::new();
        let changed = self.read_themes(&mut faults);
        let wear = self.read_setting(&mut faults);
        if changed.is_none() && wear.is_none() && faults.is_empty() {
            return None;
        }
        Some(Reread {
            rack: self.rack.clone(),
            changed: changed.unwrap_or_default(),
            wear,
            faults,
        })
    }

    /// The names of the themes whose text is another one; `None` where all files are as they were.
    fn read_themes(&mut self, faults: &mut Vec<String>) -> Option<Vec<String>> {
        let texts = file::themes(&self.folders)
            .map_err(|why| faults.push(why.to_string()))
            .ok()?;
        if texts == self.texts {
            return None;
        }
        let is_new = |text: &&(String, String)| !self.texts.contains(text);
        let changed: Vec<(String, String)> = texts.iter().filter(is_new).cloned().collect();
        let (rack, told) = theme::rack(&texts, self.depth, self.glyphs, &self.rack);
        faults.extend(told);
        self.texts = texts;
        self.rack = rack;
        Some(changed.into_iter().map(|(name, _)| name).collect())
    }

    /// The theme that the config file names, where it named another one before. Its other settings count from the next start.
    fn read_setting(&mut self, faults: &mut Vec<String>) -> Option<String> {
        let names = theme::names(&self.texts);
        let named = file::user(self.flag.as_deref(), &self.folders).and_then(|own| {
            let own = own.as_ref().map(|(name, text)| UserFile { name, text });
            Config::load(own, &[], &names)
        });
        let named = named
            .map_err(|why| faults.push(why.to_string()))
            .ok()?
            .settings
            .theme;
        let before = self.setting.replace(named.clone());
        before.filter(|before| *before != named).map(|_| named)
    }
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
        if let Some(name) = reread.wear {
            match self.screen.view.wear(&name) {
                Ok(()) => self.note(now, Loudness::Info, &format!("theme {name}")),
                Err(words) => self.note(now, Loudness::Warn, &words),
            }
        } else if reread.faults.is_empty() && reread.changed.contains(&worn) {
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
        let (depth, glyphs) = (ColourDepth::Truecolour, Glyphs::Unicode);
        let (rack, _) = theme::rack(&texts, depth, glyphs, &[]);
        let (out, reread) = channel::themes();
        let watch = Watch {
            folders,
            flag: None,
            seen: Vec::new(),
            setting: Some("dark".to_owned()),
            texts,
            rack: rack.clone(),
            depth,
            glyphs,
        };
        watch.start(out).unwrap();
        (dir, file, reread, rack)
    }

    fn bid(rack: &Rack) -> Option<ratatui::style::Color> {
        let own = rack.iter().find(|theme| theme.name == "own")?;
        own.style(Role::Bid).fg
    }

    #[test]
    fn a_changed_file_comes_by_itself_and_a_broken_one_keeps_the_old_theme_and_names_the_line() {
        let good = "inherits = \"dark\"\nbid = \"#000001\"\n";
        let (dir, file, mut reread, first) = watched(good);
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
        let config = dir.path().join("config/config.toml");
        fs::write(&config, "theme = \"ember\"\n").unwrap();
        let named = reread.blocking_recv().unwrap();
        assert_eq!(named.wear.as_deref(), Some("ember"));
        fs::write(&config, "theme = \"ember\"\n\nthemee = 1\n").unwrap();
        let wrong = reread.blocking_recv().unwrap();
        assert_eq!(wrong.wear, None);
        assert!(
            wrong.faults[0].contains("config.toml:3"),
            "{:?}",
            wrong.faults
        );
    }
}
