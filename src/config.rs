//! Every setting and every key: `default.toml` is the defaults, a user's file and then flags go over it. Between the default keys and
//! the user's own lies a preset.
//!
//! Tables are merged and deserialized once. Must not apply a setting: whoever owns it does.

pub mod arming;
pub mod black_box;
pub mod charts;
pub mod file;
pub mod ladder;
pub mod limits;
pub mod paper;
pub mod preset;
pub mod prints;
pub mod protect;
pub mod settings;

use std::collections::BTreeMap;
use std::fmt;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

pub use black_box::BlackBoxSettings;
pub use file::Folders;
pub use preset::PRESETS;
pub use settings::Settings;

use crate::alerts::Kind;
use crate::domain::text::sanitise;
use crate::input::keymap::{self, Keymap, KeymapError};
use crate::nearest::did_you_mean;

/// The defaults, with their comments.
pub const DEFAULT_TOML: &str = include_str!("config/default.toml");
/// What the defaults are called in messages.
const DEFAULT_NAME: &str = "default.toml";
/// Settings that are a text, and a list for those who want more.
const LISTS_TOO: [&str; 1] = ["protect.take"];
/// Settings that moved, each with those that took its place: an old file goes on working, and says so.
const MOVED: [(&str, &str, &[Kind]); 3] = [
    ("bell", "fill", &[Kind::Fill]),
    ("bell", "reject", &[Kind::Order]),
    ("bell", "alarm", &[Kind::Stop, Kind::Risk, Kind::Link]),
];
/// Longest message, characters.
const MAX_WORDS: usize = 400;

/// Settings that cannot be used: one line that names file, line and mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

fn fault(words: impl fmt::Display) -> ConfigError {
    ConfigError(sanitise(&words.to_string(), MAX_WORDS))
}

impl From<KeymapError> for ConfigError {
    fn from(error: KeymapError) -> Self {
        fault(error)
    }
}

/// Settings and keys.
#[derive(Clone, Debug)]
pub struct Config {
    /// Settings.
    pub settings: Settings,
    /// Keys.
    pub keymap: Keymap,
    effective: Table,
    origins: BTreeMap<String, String>,
    told: Vec<String>,
}

/// The user's config file: its name for messages, and its text.
#[derive(Clone, Copy, Debug)]
pub struct UserFile<'a> {
    /// As the user knows it.
    pub name: &'a str,
    /// TOML.
    pub text: &'a str,
}

/// One setting given on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// As the user typed it (`--theme`).
    pub name: &'static str,
    /// Which setting.
    pub setting: &'static str,
    /// Its value.
    pub value: Value,
}

impl Config {
    /// Merges default ← file ← flags. `themes` are the names that `theme` takes.
    ///
    /// # Errors
    /// The first setting or key row that cannot be used, with its line and the nearest valid name.
    pub fn load(
        user: Option<UserFile<'_>>,
        flags: &[Flag],
        themes: &[String],
    ) -> Result<Self, ConfigError> {
        let mut table = defaults()?;
        let mut told = Vec::new();
        let changes = changes(user, flags, &table, &mut told)?;
        let mut effective = table.clone();
        for change in &changes {
            change.apply(&mut effective);
        }
        let settings = match settings_of(&effective, themes) {
            Ok(settings) => settings,
            Err(error) => return Err(culprit(&mut table, &changes, themes).unwrap_or(error)),
        };
        Ok(Self {
            keymap: keymap_of(&settings, user)?,
            settings,
            effective,
            told,
            origins: changes
                .into_iter()
                .map(|change| (change.path.join("."), change.origin))
                .collect(),
        })
    }

    /// What the trader should know of the file, a line each.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// A setting that its owner cannot use, `limits.max_open_orders`, as one line that names file and line, or flag.
    pub fn fault(&self, setting: &str, words: impl fmt::Display) -> ConfigError {
        let origin = self
            .origins
            .get(setting)
            .map_or(DEFAULT_NAME, String::as_str);
        about(origin, setting, &words.to_string())
    }

    /// What `--print-config` shows: the commented defaults, or, when something differs from them, all values in force.
    pub fn print(&self) -> String {
        match defaults() {
            Ok(table) if table == self.effective => DEFAULT_TOML.to_owned(),
            _ => {
                let values = toml::to_string(&self.effective).unwrap_or_default();
                format!(
                    "{values}\n{}",
                    crate::input::listing::keys_toml(&self.keymap)
                )
            }
        }
    }
}

/// The default keys, the preset's over them, the user's over both.
fn keymap_of(settings: &Settings, user: Option<UserFile<'_>>) -> Result<Keymap, KeymapError> {
    let defaults = keymap::read_layer(DEFAULT_NAME, DEFAULT_TOML)?;
    let preset = match preset::preset(&settings.preset) {
        Some(preset) => keymap::read_layer(preset.file, preset.text)?,
        None => keymap::Layer::default(),
    };
    let own = match user {
        Some(file) => keymap::read_layer(file.name, file.text)?,
        None => keymap::Layer::default(),
    };
    Keymap::build(&[&defaults, &preset, &own])
}

/// One value over a default one.
struct Change {
    path: Vec<String>,
    value: Value,
    origin: String,
}

impl Change {
    fn apply(&self, table: &mut Table) {
        let Some((last, parents)) = self.path.split_last() else {
            return;
        };
        let mut table = table;
        for parent in parents {
            let entry = table
                .entry(parent)
                .or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = entry else { return };
            table = inner;
        }
        table.insert(last.clone(), self.value.clone());
    }
}

fn defaults() -> Result<Table, ConfigError> {
    let mut table: Table = DEFAULT_TOML
        .parse()
        .map_err(|error: toml::de::Error| fault(format!("{DEFAULT_NAME}: {}", error.message())))?;
    table.remove("keys");
    Ok(table)
}

fn changes(
    user: Option<UserFile<'_>>,
    flags: &[Flag],
    defaults: &Table,
    told: &mut Vec<String>,
) -> Result<Vec<Change>, ConfigError> {
    let mut changes = Vec::new();
    if let Some(file) = user {
        let parsed = DeTable::parse(file.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at(file, offset, error.message())
        })?;
        // What stands at its new place wins.
        moved(file, parsed.get_ref(), &mut changes, told)?;
        walk(
            file,
            parsed.get_ref(),
            defaults,
            &mut Vec::new(),
            &mut changes,
        )?;
    }
    changes.extend(flags.iter().map(|flag| Change {
        path: vec![flag.setting.to_owned()],
        value: flag.value.clone(),
        origin: flag.name.to_owned(),
    }));
    Ok(changes)
}

fn at(file: UserFile<'_>, offset: usize, words: &str) -> ConfigError {
    let line = keymap::line_of(file.text, offset);
    let words: Vec<&str> = words.split_whitespace().collect();
    fault(format!("{}:{line}: {}", file.name, words.join(" ")))
}

/// Collects what stands where it stood before it moved.
fn moved(
    file: UserFile<'_>,
    table: &DeTable<'_>,
    changes: &mut Vec<Change>,
    told: &mut Vec<String>,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let old = |moved: &&(&str, &str, &[Kind])| moved.0 == key.get_ref().as_ref();
        let rows: Vec<_> = MOVED.iter().filter(old).collect();
        let DeValue::Table(inner) = value.get_ref() else {
            continue;
        };
        for (name, value) in inner.iter().filter(|_| !rows.is_empty()) {
            let path = [key.get_ref().to_string(), name.get_ref().to_string()];
            let Some((_, _, kinds)) = rows.iter().find(|row| row.1 == path[1]) else {
                let near = did_you_mean(&path[1], rows.iter().map(|row| row.1));
                let words = format!("unknown setting \"{}\"{near}", path.join("."));
                return Err(at(file, name.span().start, &words));
            };
            let old = leaf(file, &path, Some(&Value::Boolean(true)), value)?;
            let places = kinds.iter().map(|kind| format!("{}.bell", kind.name()));
            let places: Vec<String> = places.map(|place| format!("alerts.{place}")).collect();
            told.push(format!(
                "{}: {} still works; it is now {}",
                old.origin,
                path.join("."),
                places.join(", ")
            ));
            changes.extend(places.iter().map(|place| Change {
                path: place.split('.').map(str::to_owned).collect(),
                value: old.value.clone(),
                origin: old.origin.clone(),
            }));
        }
    }
    Ok(())
}

/// Collects the values of a user's table; each must be a known setting of the right kind.
fn walk(
    file: UserFile<'_>,
    table: &DeTable<'_>,
    known: &Table,
    path: &mut Vec<String>,
    changes: &mut Vec<Change>,
) -> Result<(), ConfigError> {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let is_elsewhere = name == "keys" || MOVED.iter().any(|moved| moved.0 == name);
        if path.is_empty() && is_elsewhere {
            continue;
        }
        // Tables whose names only their owner knows.
        let open = matches!(
            path.iter().map(String::as_str).collect::<Vec<_>>()[..],
            ["symbol_volumes" | "symbol_leaders" | "endpoints", ..]
                | ["limits", "max_order" | "max_position"]
                | ["alerts", "print_from" | "size_from"]
                | ["ladder", "symbol_large" | "symbol_huge" | "symbol_bar_full"]
        );
        let expected = known.get(name);
        if expected.is_none() && !open {
            let keys = known.keys().map(String::as_str);
            let near = did_you_mean(name, keys.chain(path.is_empty().then_some("keys")));
            return Err(at(
                file,
                key.span().start,
                &format!("unknown setting \"{name}\"{near}"),
            ));
        }
        path.push(name.to_owned());
        match (expected, value.get_ref()) {
            (Some(Value::Table(inner)), DeValue::Table(table)) => {
                walk(file, table, inner, path, changes)?;
            }
            (None, DeValue::Table(table)) => walk(file, table, &Table::new(), path, changes)?,
            (expected, _) => changes.push(leaf(file, path, expected, value)?),
        }
        path.pop();
    }
    Ok(())
}

fn leaf(
    file: UserFile<'_>,
    path: &[String],
    expected: Option<&Value>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Change, ConfigError> {
    let offset = value.span().start;
    let owned = own(value.get_ref()).ok_or_else(|| {
        at(
            file,
            offset,
            &format!("{} has a value that does not fit", path.join(".")),
        )
    })?;
    let name = path.join(".");
    let list = owned.is_array() && LISTS_TOO.contains(&name.as_str());
    if let Some(expected) = expected
        && !expected.same_type(&owned)
        && !list
    {
        let words = format!("{name} must be {}", kind(expected));
        return Err(at(file, offset, &words));
    }
    let line = keymap::line_of(file.text, offset);
    Ok(Change {
        path: path.to_vec(),
        value: owned,
        origin: format!("{}:{line}", file.name),
    })
}

fn own(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().ok()?),
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Datetime(moment) => Value::Datetime(*moment),
        DeValue::Array(values) => Value::Array(
            values
                .iter()
                .map(|v| own(v.get_ref()))
                .collect::<Option<_>>()?,
        ),
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), own(value.get_ref())?)))
                .collect::<Option<_>>()?,
        ),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list in brackets",
        Value::Table(_) => "a table",
    }
}

fn settings_of(table: &Table, themes: &[String]) -> Result<Settings, ConfigError> {
    let settings: Settings = table.clone().try_into().map_err(|error: toml::de::Error| {
        fault(error.message().lines().next().unwrap_or("not usable"))
    })?;
    if let Some(words) = settings.out_of_range() {
        return Err(fault(words));
    }
    if preset::preset(&settings.preset).is_none() {
        let near = did_you_mean(&settings.preset, PRESETS.iter().map(|p| p.name));
        return Err(fault(format!(
            "unknown preset \"{}\"{near}",
            settings.preset
        )));
    }
    if !themes.contains(&settings.theme) {
        let near = did_you_mean(&settings.theme, themes.iter().map(String::as_str));
        return Err(fault(format!("unknown theme \"{}\"{near}", settings.theme)));
    }
    Ok(settings)
}

/// Finds the change that breaks the settings, by applying one after another.
fn culprit(table: &mut Table, changes: &[Change], themes: &[String]) -> Option<ConfigError> {
    changes.iter().find_map(|change| {
        change.apply(table);
        let error = settings_of(table, themes).err()?;
        let name = change.path.join(".");
        Some(about(&change.origin, &name, &error.0))
    })
}

/// What is wrong with a setting and where it was set; its name is not said twice.
fn about(origin: &str, setting: &str, words: &str) -> ConfigError {
    fault(match words.contains(setting) {
        true => format!("{origin}: {words}"),
        false => format!("{origin}: {setting}: {words}"),
    })
}

#[cfg(test)]
mod tests;
