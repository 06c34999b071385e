//! What can be alerted about: name in the settings, word on the screen, one row each; nothing else lists them.

/// One kind of alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A signal level of the trader's.
    Level,
    /// A large print.
    LargePrint,
    /// A large size came or went near the best price.
    LargeSize,
    /// More traded at a price than was ever shown there.
    Iceberg,
    /// A fill of ours.
    Fill,
    /// An order that was refused or whose outcome is unknown.
    Order,
    /// A stop was placed, fired, or is missing.
    Stop,
    /// A limit, a cool-down, a loss, a mismatch.
    Risk,
    /// A book or an account line that is not what it should be.
    Link,
}

/// Every kind: its table below `[alerts]`, and its word in the list.
pub const KINDS: [(Kind, &str, &str); 9] = [
    (Kind::Level, "level", "level"),
    (Kind::LargePrint, "large-print", "print"),
    (Kind::LargeSize, "large-size", "size"),
    (Kind::Iceberg, "iceberg", "iceberg"),
    (Kind::Fill, "fill", "fill"),
    (Kind::Order, "order", "order"),
    (Kind::Stop, "stop", "stop"),
    (Kind::Risk, "risk", "risk"),
    (Kind::Link, "link", "link"),
];

impl Kind {
    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// Its word in the list, at most seven letters.
    pub fn word(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str)> {
        KINDS.iter().find(|row| row.0 == self)
    }

    /// True for what the market does: a wild one does it hundreds of times a minute.
    pub const fn is_of_market(self) -> bool {
        matches!(self, Self::LargePrint | Self::LargeSize | Self::Iceberg)
    }

    /// Shortest time between two bells of this kind, ms.
    pub const fn bell_gap_ms(self) -> u64 {
        if self.is_of_market() { 10_000 } else { 500 }
    }

    /// Shortest time between two desktop notices of this kind, ms.
    pub const fn notice_gap_ms(self) -> u64 {
        if self.is_of_market() { 30_000 } else { 5_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_row_and_a_word_that_fits_its_column() {
        for (at, (kind, name, word)) in KINDS.iter().enumerate() {
            assert!(KINDS[at + 1..].iter().all(|other| other.0 != *kind));
            assert!(KINDS[at + 1..].iter().all(|other| other.1 != *name));
            assert_eq!((kind.name(), kind.word()), (*name, *word));
            assert!(word.len() <= 7, "{word}");
        }
    }
}
