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

/// Rows whose keys and words count up together share one: `A 1-5  arm with volume 1 to 5`.
pub fn folded(rows: &[HelpRow]) -> Vec<HelpRow> {
    let mut out: Vec<HelpRow> = Vec::new();
    let mut rest = rows;
    while let Some((first, others)) = rest.split_first() {
        let run = (1..).zip(others);
        let run = run.take_while(|(step, row)| goes_on(first, row, *step));
        let last = run.map(|(_, row)| row).last();
        let (row, length) = match last.and_then(|last| together(first, last)) {
            Some((row, length)) => (row, length),
            None => (first.clone(), 1),
        };
        out.push(row);
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// A text around its first number.
fn around(text: &str) -> Option<(&str, u32, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = text.split_at(start);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    Some((before, number.parse().ok()?, after))
}

/// True when `row` is `first` with both numbers `step` higher.
fn goes_on(first: &HelpRow, row: &HelpRow, step: u32) -> bool {
    let counts = |a: &str, b: &str| match (around(a), around(b)) {
        (Some((before, from, after)), Some((before_b, to, after_b))) => {
            (before, after) == (before_b, after_b) && from.checked_add(step) == Some(to)
        }
        _ => false,
    };
    counts(&first.keys, &row.keys) && counts(&first.words, &row.words)
}

/// One row for a run from `first` to `last`, and how many rows it stands for.
fn together(first: &HelpRow, last: &HelpRow) -> Option<(HelpRow, usize)> {
    let (keys, from, keys_end) = around(&first.keys)?;
    let (_, to, _) = around(&last.keys)?;
    let (words, words_from, words_end) = around(&first.words)?;
    let (_, words_to, _) = around(&last.words)?;
    let row = HelpRow {
        action: first.action.clone(),
        keys: format!("{keys}{from}-{to}{keys_end}"),
        words: format!("{words}{words_from} to {words_to}{words_end}"),
    };
    let length = usize::try_from(to.checked_sub(from)?).ok()?;
    Some((row, length.checked_add(1)?))
}

impl HelpText {
    /// The first key of an action; `None` when no key does it.
    pub fn key(&self, action: &str) -> Option<&str> {
        let mut rows = self.groups.iter().flat_map(|group| &group.rows);
        let row = rows.find(|row| row.action == action)?;
        row.keys.split("  ").next().filter(|key| !key.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(keys: &str, words: &str) -> HelpRow {
        HelpRow {
            action: words.to_owned(),
            keys: keys.to_owned(),
            words: words.to_owned(),
        }
    }

    #[test]
    fn only_what_counts_up_together_shares_a_row() {
        let rows = [
            row("A 1", "arm with volume 1"),
            row("A 2", "arm with volume 2"),
            row("A 3", "arm with volume 3"),
            row("A 4", "arm with volume 5"),
            row("g 6", "volume 6, where there is one"),
            row("g 7", "volume 7, where there is one"),
            row("h 8", "volume 8, where there is one"),
            row("j", "cursor down"),
        ];
        let told: Vec<(String, String)> = folded(&rows)
            .into_iter()
            .map(|row| (row.keys, row.words))
            .collect();
        let told: Vec<(&str, &str)> = told.iter().map(|(k, w)| (k.as_str(), w.as_str())).collect();
        assert_eq!(
            told,
            [
                ("A 1-3", "arm with volume 1 to 3"),
                ("A 4", "arm with volume 5"),
                ("g 6-7", "volume 6 to 7, where there is one"),
                ("h 8", "volume 8, where there is one"),
                ("j", "cursor down"),
            ]
        );
        assert!(folded(&[]).is_empty());
    }
}
