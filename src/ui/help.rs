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

/// A sequence of keys that waits for its next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// The keys pressed so far (`g`).
    pub keys: String,
    /// What may follow; `keys` of a row are those still to press.
    pub next: Vec<HelpRow>,
    /// What to know before going on; empty for nothing.
    pub warning: String,
}

impl HelpText {
    /// The first key of an action; `None` when no key does it.
    pub fn key(&self, action: &str) -> Option<&str> {
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        let row = rows.find(|row| row.action == action)?;
        row.keys.split("  ").next().filter(|key| !key.is_empty())
    }
}
