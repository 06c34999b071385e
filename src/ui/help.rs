//! The keys in words, made by the app from the action tables and the keymap. Plain data; it must not know either.

/// One line of the overlay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpRow {
    /// Name of the action in its table.
    pub action: String,
    /// The keys that do it (`x`, `Ctrl-x Ctrl-x`).
    pub keys: String,
    /// What it does.
    pub words: String,
}

/// A group of lines under one word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpGroup {
    /// The word.
    pub title: String,
    /// Its lines.
    pub rows: Vec<HelpRow>,
}

/// Everything that the overlay shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpText {
    /// Groups in order.
    pub groups: Vec<HelpGroup>,
}

impl HelpText {
    /// The first key of an action; `None` when no key does it.
    pub fn key(&self, action: &str) -> Option<&str> {
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        let row = rows.find(|row| row.action == action)?;
        row.keys.split("  ").next().filter(|key| !key.is_empty())
    }
}
