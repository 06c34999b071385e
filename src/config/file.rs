//! Where settings are and how their text is read: regular files of at most 1 MiB, never a device or a pipe.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::{ConfigError, fault};
use crate::domain::text::sanitise;

/// Largest config file, bytes.
const MAX_BYTES: u64 = 1024 * 1024;
/// Longest theme name, characters.
const MAX_NAME: usize = 64;

/// Lancet's folders; `XDG_*_HOME` move them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `config.toml`, `themes/`.
    pub config: PathBuf,
    /// Log and journal.
    pub state: PathBuf,
    /// Kept data.
    pub data: PathBuf,
    /// What can be fetched again.
    pub cache: PathBuf,
}

impl Folders {
    /// The user's folders. `variable` reads the environment.
    ///
    /// # Errors
    /// When the user has no home.
    pub fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let dirs = ProjectDirs::from("", "", "lancet");
        let folder = |name: &str, standard: Option<&Path>| {
            let moved = variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute());
            moved
                .map(|path| path.join("lancet"))
                .or_else(|| standard.map(Path::to_path_buf))
                .ok_or_else(|| fault(format!("no home directory: set {name}")))
        };
        let dirs = dirs.as_ref();
        let state = dirs.map(|d| d.state_dir().unwrap_or_else(|| d.data_local_dir()));
        Ok(Self {
            config: folder("XDG_CONFIG_HOME", dirs.map(ProjectDirs::config_dir))?,
            state: folder("XDG_STATE_HOME", state)?,
            data: folder("XDG_DATA_HOME", dirs.map(ProjectDirs::data_dir))?,
            cache: folder("XDG_CACHE_HOME", dirs.map(ProjectDirs::cache_dir))?,
        })
    }

    /// The user's config file, whether it is there or not.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

/// The user's settings as (name for messages, text): the file that a flag named, which must be there, or the one in
/// the config folder if there is one.
///
/// # Errors
/// As [`read`].
pub fn user(
    flag: Option<&Path>,
    folders: &Folders,
) -> Result<Option<(String, String)>, ConfigError> {
    let path = match flag {
        Some(path) => path.to_path_buf(),
        None => folders.config_file(),
    };
    if flag.is_none() && !path.exists() {
        return Ok(None);
    }
    let text = read(&path)?;
    Ok(Some((path.display().to_string(), text)))
}

/// The user's themes, `themes/*.toml` in the config folder, as (name, text) sorted by name.
///
/// # Errors
/// As [`read`], for the first file that cannot be used.
pub fn themes(folders: &Folders) -> Result<Vec<(String, String)>, ConfigError> {
    let Ok(entries) = std::fs::read_dir(folders.config.join("themes")) else {
        return Ok(Vec::new());
    };
    let mut themes = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|_| path.extension().is_some_and(|e| e == "toml")) {
            themes.push((sanitise(name, MAX_NAME), read(&path)?));
        }
    }
    themes.sort();
    Ok(themes)
}

/// The user's layouts, `layouts/*.toml` in the config folder, as (name, file, text) sorted by name.
///
/// # Errors
/// As [`read`], for the first file that cannot be used.
pub fn layouts(folders: &Folders) -> Result<Vec<(String, String, String)>, ConfigError> {
    let Ok(entries) = std::fs::read_dir(folders.config.join("layouts")) else {
        return Ok(Vec::new());
    };
    let mut layouts = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|_| path.extension().is_some_and(|e| e == "toml")) {
            let file = path.display().to_string();
            layouts.push((sanitise(name, MAX_NAME), file, read(&path)?));
        }
    }
    layouts.sort();
    Ok(layouts)
}

/// Reads a config file.
///
/// # Errors
/// When it is not there, is no regular file, is larger than 1 MiB, or is no UTF-8.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    let name = path.display();
    let about = std::fs::metadata(path).map_err(|error| fault(format!("{name}: {error}")))?;
    if !about.is_file() {
        return Err(fault(format!("{name}: not a regular file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| fault(format!("{name}: {error}")))?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fault(format!("{name}: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(fault(format!("{name}: larger than 1 MiB")));
    }
    String::from_utf8(bytes).map_err(|_| fault(format!("{name}: not UTF-8 text")))
}
