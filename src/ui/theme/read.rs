//! A theme's TOML into styles: `[palette]`, `inherits`, one row a role. A bad row is a warning with its line, never a failure.

use crate::nearest::did_you_mean;
use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::role::ROLES;

/// What a theme file says, before fallbacks.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// What it is, in a few words.
    pub doc: String,
    /// Colours by name.
    pub palette: BTreeMap<String, Color>,
    /// Colours whose place in the 256-colour palette the theme chose itself.
    pub chosen: Vec<(Color, u8)>,
    /// Styles by role, in the order of [`ROLES`].
    pub styles: Vec<Option<Style>>,
    /// What is wrong with it.
    pub warnings: Vec<ThemeWarning>,
}

/// Something in a theme that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("theme {theme}, line {line}: {words}")]
pub struct ThemeWarning {
    /// Which theme.
    pub theme: String,
    /// Line in its file, from 1.
    pub line: usize,
    /// What is wrong and the mend.
    pub words: String,
}

struct Reader<'a> {
    theme: &'a str,
    text: &'a str,
    sheet: Sheet,
}

/// Reads a theme: its texts by name, from the oldest that it builds on to its own. All palettes come before all roles, so that a
/// theme that only changes colours changes them in the roles that it takes over.
///
/// # Errors
/// One sentence when a text is no TOML at all.
pub fn read(chain: &[(String, &str)]) -> Result<Sheet, ThemeWarning> {
    let mut tables = Vec::with_capacity(chain.len());
    for (theme, text) in chain {
        let table = DeTable::parse(text).map_err(|error| ThemeWarning {
            theme: theme.clone(),
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            words: first_line(error.message()),
        })?;
        tables.push((theme.as_str(), *text, table));
    }
    let mut sheet = Sheet {
        styles: vec![None; ROLES.len()],
        ..Sheet::default()
    };
    for pass in [Reader::palette_of, Reader::roles_of] {
        for (theme, text, table) in &tables {
            let mut reader = Reader { theme, text, sheet };
            pass(&mut reader, table.get_ref());
            sheet = reader.sheet;
        }
    }
    sheet.warnings.sort_by_key(|warning| warning.line);
    Ok(sheet)
}

/// The name of the theme that a text builds on, if it says so.
pub fn inherits(text: &str) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let value = table.get_ref().get("inherits")?;
    Some(value.get_ref().as_str()?.to_owned())
}

impl Reader<'_> {
    fn warn(&mut self, at: usize, words: String) {
        let line = line_of(self.text, at);
        let words = crate::domain::text::sanitise(&words, 160);
        self.sheet.warnings.push(ThemeWarning {
            theme: self.theme.to_owned(),
            line,
            words,
        });
    }

    fn palette_of(&mut self, table: &DeTable<'_>) {
        if let Some(palette) = table.get("palette") {
            self.palette(palette);
        }
    }

    fn roles_of(&mut self, table: &DeTable<'_>) {
        self.sheet.doc.clear();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "palette" | "inherits" => {}
                "doc" => {
                    let doc = value.get_ref().as_str().unwrap_or_default();
                    self.sheet.doc = crate::domain::text::sanitise(doc, 80);
                }
                name => self.role(name, key.span().start, value),
            }
        }
    }

    fn palette(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(table) = value.get_ref().as_table() else {
            self.warn(
                value.span().start,
                "palette is a table: [palette]".to_owned(),
            );
            return;
        };
        for (key, value) in table {
            let (colour, index) = match value.get_ref() {
                DeValue::Array(pair) => (pair.first(), pair.get(1)),
                _ => (Some(value), None),
            };
            let Some(colour) = colour.and_then(|colour| self.colour(colour)) else {
                continue;
            };
            if let Some(index) = index.and_then(|index| self.index(index)) {
                self.sheet.chosen.push((colour, index));
            }
            self.sheet.palette.insert(key.get_ref().to_string(), colour);
        }
    }

    /// A place in the 256-colour palette.
    fn index(&mut self, value: &Spanned<DeValue<'_>>) -> Option<u8> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| number.as_str().parse().ok());
        if number.is_none() {
            self.warn(
                value.span().start,
                "the second of a pair is a place in the 256 colours, 0 to 255".to_owned(),
            );
        }
        number
    }

    fn role(&mut self, name: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let Some(place) = ROLES.iter().position(|row| row.1 == name) else {
            let mend = did_you_mean(name, ROLES.iter().map(|row| row.1));
            self.warn(at, format!("there is no role {name}{mend}"));
            return;
        };
        let style = match value.get_ref() {
            DeValue::String(_) => self.colour(value).map(|fg| Style::new().fg(fg)),
            DeValue::Table(table) => Some(self.style(table)),
            _ => {
                self.warn(
                    at,
                    format!("{name} is a colour or {{ fg, bg, bold, dim, reverse, underline }}"),
                );
                None
            }
        };
        if let Some(slot) = self.sheet.styles.get_mut(place)
            && style.is_some()
        {
            *slot = style;
        }
    }

    fn style(&mut self, table: &DeTable<'_>) -> Style {
        let mut style = Style::new();
        for (key, value) in table {
            let on = value.get_ref().as_bool() == Some(true);
            let modifier = match key.get_ref().as_ref() {
                "fg" => {
                    style.fg = self.colour(value).or(style.fg);
                    continue;
                }
                "bg" => {
                    style.bg = self.colour(value).or(style.bg);
                    continue;
                }
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "reverse" => Modifier::REVERSED,
                "underline" => Modifier::UNDERLINED,
                other => {
                    let known = ["fg", "bg", "bold", "dim", "reverse", "underline"];
                    let mend = did_you_mean(other, known);
                    self.warn(key.span().start, format!("there is no field {other}{mend}"));
                    continue;
                }
            };
            if on {
                style = style.add_modifier(modifier);
            }
        }
        style
    }

    fn colour(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Color> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            self.warn(
                at,
                "a colour is text such as \"#4fb3c8\", \"cyan\" or a palette name".to_owned(),
            );
            return None;
        };
        if let Some(colour) = self.sheet.palette.get(text) {
            return Some(*colour);
        }
        match text.parse::<Color>() {
            Ok(colour) => Some(colour),
            Err(_) => {
                let mend = did_you_mean(text, self.sheet.palette.keys().map(String::as_str));
                self.warn(at, format!("{text} is no colour{mend}"));
                None
            }
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn first_line(text: &str) -> String {
    crate::domain::text::sanitise(text.lines().next().unwrap_or("not TOML"), 160)
}
