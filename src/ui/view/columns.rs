//! Which columns a ladder has and where they stand. That depends on its width, on the widest texts seen and on what was chosen, never
//! on what a value is now.

use super::Widths;
use crate::nearest::did_you_mean;

/// A column that can be left out. Own orders, sizes, their bars and prices are always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// What waits ahead of and behind an own order.
    Queue,
    /// What was stacked on a row or pulled from it over the last second.
    Change,
    /// Sizes from the best price up to a row.
    Cum,
    /// Volume traded at the price, in the session.
    Traded,
    /// The same of the latest minutes.
    Recent,
    /// Bought less sold at the price, in the session.
    Delta,
    /// The same of the latest minutes.
    RecentDelta,
    /// How far away the price is.
    Ruler,
}

/// Every column from left to right; the first ones stand beside own orders, the others at the right edge.
pub const COLUMNS: [(Column, &str); 8] = [
    (Column::Queue, "queue"),
    (Column::Change, "change"),
    (Column::Cum, "cum"),
    (Column::Traded, "traded"),
    (Column::Recent, "recent"),
    (Column::Delta, "delta"),
    (Column::RecentDelta, "recent-delta"),
    (Column::Ruler, "ruler"),
];

/// Those that stand to the left of the bids.
const LEFT: [Column; 2] = [Column::Queue, Column::Change];

/// In which order they are given room: the last one goes first.
const RANK: [Column; 8] = [
    Column::Traded,
    Column::Change,
    Column::Queue,
    Column::Cum,
    Column::Delta,
    Column::Recent,
    Column::Ruler,
    Column::RecentDelta,
];

/// Names that are always there.
const ALWAYS: [&str; 5] = ["mine", "bid", "ask", "price", "bars"];

/// Sets to go through with a key: name and columns.
const SETS: [(&str, &[Column]); 4] = [
    ("plain", &[]),
    (
        "flow",
        &[
            Column::Change,
            Column::Recent,
            Column::Delta,
            Column::RecentDelta,
        ],
    ),
    ("depth", &[Column::Cum, Column::Ruler, Column::Queue]),
    (
        "all",
        &[
            Column::Queue,
            Column::Change,
            Column::Cum,
            Column::Traded,
            Column::Recent,
            Column::Delta,
            Column::RecentDelta,
            Column::Ruler,
        ],
    ),
];

/// What there is room for without being asked for.
const BY_ITSELF: [Column; 5] = [
    Column::Traded,
    Column::Change,
    Column::Queue,
    Column::Cum,
    Column::Delta,
];

/// The columns that a trader wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chosen {
    /// What there is room for while bars stay long.
    #[default]
    Auto,
    /// These, bars may become short for them.
    Named(Vec<Column>),
}

impl Chosen {
    /// Reads names: `auto`, a set, columns alone, or `+name` and `-name` that change this choice.
    ///
    /// # Errors
    /// One sentence that says which word is none, or what cannot be taken away.
    pub fn with<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut out = self.clone();
        let mut begun = false;
        for word in words {
            if let Some(name) = word.strip_prefix('+') {
                let mut columns = out.wanted().to_vec();
                columns.extend(column(name)?.filter(|one| !columns.contains(one)));
                out = Self::Named(columns);
            } else if let Some(name) = word.strip_prefix('-') {
                let gone =
                    column(name)?.ok_or("own orders, sizes, bars and prices are always there")?;
                let columns = out.wanted().iter().copied();
                out = Self::Named(columns.filter(|one| *one != gone).collect());
            } else if word == "auto" {
                out = Self::Auto;
            } else if let Some((_, columns)) = SETS.iter().find(|(name, _)| *name == word) {
                out = Self::Named(columns.to_vec());
            } else {
                let mut columns = if begun {
                    out.wanted().to_vec()
                } else {
                    Vec::new()
                };
                columns.extend(column(word)?.filter(|one| !columns.contains(one)));
                out = Self::Named(columns);
            }
            begun = true;
        }
        Ok(out)
    }

    /// The words that give this choice.
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Auto => vec!["auto"],
            Self::Named(columns) if columns.is_empty() => vec!["plain"],
            Self::Named(columns) => columns.iter().map(|column| column.name()).collect(),
        }
    }

    /// The set after this one.
    pub fn next(&self) -> Self {
        let at = SETS
            .iter()
            .position(|(_, columns)| *self == Self::Named(columns.to_vec()));
        match at {
            _ if *self == Self::Auto => Self::Named(SETS[0].1.to_vec()),
            Some(at) if at + 1 < SETS.len() => Self::Named(SETS[at + 1].1.to_vec()),
            _ => Self::Auto,
        }
    }

    /// The set's name, or what is chosen.
    pub fn title(&self) -> String {
        let named = SETS
            .iter()
            .find(|(_, columns)| *self == Self::Named(columns.to_vec()));
        named.map_or_else(|| self.words().join(" "), |(name, _)| (*name).to_owned())
    }

    /// The same choice by the names of the columns that found room.
    pub fn as_shown(&self, columns: &Columns) -> Self {
        let there = self.wanted().iter().copied();
        Self::Named(there.filter(|one| columns.place(*one).is_some()).collect())
    }

    /// True where it is wanted, whether there is room or not.
    pub fn has(&self, column: Column) -> bool {
        self.wanted().contains(&column)
    }

    fn wanted(&self) -> &[Column] {
        match self {
            Self::Auto => &BY_ITSELF,
            Self::Named(columns) => columns,
        }
    }
}

/// The column of a name; `None` for one that is always there.
fn column(name: &str) -> Result<Option<Column>, String> {
    if ALWAYS.contains(&name) {
        return Ok(None);
    }
    let found = COLUMNS.iter().find(|(_, known)| *known == name);
    found.map(|(column, _)| Some(*column)).ok_or_else(|| {
        let names = COLUMNS.iter().map(|(_, known)| *known);
        let mend = did_you_mean(name, names.clone());
        let all: Vec<&str> = names.collect();
        let name = crate::domain::text::sanitise(name, 20);
        format!("no column {name}{mend}: there are {}", all.join(" "))
    })
}

impl Column {
    /// Its name in settings.
    pub fn name(self) -> &'static str {
        let found = COLUMNS.iter().find(|(column, _)| *column == self);
        found.map_or("", |(_, name)| name)
    }

    /// What it shows, in one line.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Queue => "waiting ahead of your order and behind",
            Self::Change => "stacked or pulled in the last second",
            Self::Cum => "all sizes from the best price to here",
            Self::Traded => "traded there since it was opened",
            Self::Recent => "traded there in the last minutes",
            Self::Delta => "bought less sold since it was opened",
            Self::RecentDelta => "bought less sold in the last minutes",
            Self::Ruler => "how far the price is",
        }
    }

    /// Cells it takes; figures are written short, so it never grows.
    const fn width(self) -> u16 {
        match self {
            Self::Queue => 13,
            Self::Cum | Self::Traded | Self::Recent => 7,
            Self::Change | Self::Delta | Self::RecentDelta | Self::Ruler => 8,
        }
    }
}

/// Columns as (first, one past the last), from the panel's left edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Own orders.
    pub mine: (u16, u16),
    /// Bid sizes, right-aligned.
    pub bid_size: (u16, u16),
    /// Bid bars, growing to the left.
    pub bid_bar: (u16, u16),
    /// Prices, right-aligned; one column on each side is for marks.
    pub price: (u16, u16),
    /// Ask bars, growing to the right.
    pub ask_bar: (u16, u16),
    /// Ask sizes, right-aligned.
    pub ask_size: (u16, u16),
    /// One place a column of [`COLUMNS`].
    others: [Option<(u16, u16)>; COLUMNS.len()],
}

/// Widest bar: longer ones carry no more than this.
const LONGEST_BAR: u16 = 40;
/// Shortest bar beside columns that nobody asked for, and beside those that somebody did.
const LONG_BAR: u16 = 20;
const SHORT_BAR: u16 = 4;

impl Columns {
    /// The columns of a ladder `width` wide.
    pub fn of(width: u16, widths: Widths, chosen: &Chosen) -> Self {
        let price = widths.price.max(7);
        let size = widths.size.max(6);
        let mine = if width >= 56 { 12.max(size + 2) } else { 8 };
        let fixed = 1 + mine + 1 + size + 1 + 2 + price + 2 + 1 + size + 1;
        let least = match chosen {
            Chosen::Auto => LONG_BAR,
            Chosen::Named(_) => SHORT_BAR,
        };
        let shown = fitting(width.saturating_sub(fixed + 2 * least), chosen.wanted());
        let taken: u16 = shown.iter().map(|column| column.width() + 1).sum();
        let bar = (width.saturating_sub(fixed + taken) / 2).min(LONGEST_BAR);
        let mut others = [None; COLUMNS.len()];
        let mut stand = |left: bool, mut end: u16| {
            for ((column, _), place) in COLUMNS.iter().zip(&mut others) {
                if LEFT.contains(column) == left && shown.contains(column) {
                    *place = Some((end + 1, end + 1 + column.width()));
                    end += 1 + column.width();
                }
            }
            end
        };
        let after = |end: u16, gap: u16, wide: u16| (end + gap, end + gap + wide);
        let mine = (1, 1 + mine);
        let bid_size = after(stand(true, mine.1), 1, size);
        let bid_bar = after(bid_size.1, 1, bar);
        let price = after(bid_bar.1, 2, price);
        let ask_bar = after(price.1, 2, bar);
        let ask_size = after(ask_bar.1, 1, size);
        stand(false, ask_size.1);
        Self {
            mine,
            bid_size,
            bid_bar,
            price,
            ask_bar,
            ask_size,
            others,
        }
    }

    /// Where a column stands, if it does.
    pub fn place(&self, column: Column) -> Option<(u16, u16)> {
        let at = COLUMNS.iter().position(|(one, _)| *one == column)?;
        self.others[at]
    }

    /// Chosen columns that found no room.
    pub fn missing(&self, chosen: &Chosen) -> Vec<&'static str> {
        let Chosen::Named(columns) = chosen else {
            return Vec::new();
        };
        let gone = columns
            .iter()
            .filter(|column| self.place(**column).is_none());
        gone.map(|column| column.name()).collect()
    }
}

/// The wanted columns that a room has place for, the most useful first.
fn fitting(mut room: u16, wanted: &[Column]) -> Vec<Column> {
    let mut out = Vec::new();
    for column in RANK.iter().filter(|column| wanted.contains(column)) {
        if let Some(left) = room.checked_sub(column.width() + 1) {
            room = left;
            out.push(*column);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Chosen {
        Chosen::Auto.with(["all"]).unwrap()
    }

    #[test]
    fn no_column_stands_on_another_and_none_outside_where_there_is_room_for_the_least() {
        for width in 0..=260 {
            for (price, size) in [(0, 0), (9, 7), (24, 24)] {
                for chosen in [Chosen::Auto, all()] {
                    let columns = Columns::of(width, Widths { price, size }, &chosen);
                    let Columns {
                        mine,
                        bid_size,
                        bid_bar,
                        price,
                        ask_bar,
                        ask_size,
                        others,
                    } = columns;
                    let mut places = vec![mine, bid_size, bid_bar, price, ask_bar, ask_size];
                    places.extend(others.into_iter().flatten());
                    places.sort_unstable();
                    for pair in places.windows(2) {
                        assert!(pair[0].1 < pair[1].0, "{width} {places:?}");
                    }
                    if others.iter().any(Option::is_some) {
                        assert!(places.last().unwrap().1 <= width, "{width} {places:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn columns_that_do_not_fit_go_by_rank_and_todays_ladder_stays_as_it_is() {
        let widths = Widths { price: 8, size: 6 };
        let shown = |width, chosen: &Chosen| {
            let columns = Columns::of(width, widths, chosen);
            let there = RANK.iter().filter(|one| columns.place(**one).is_some());
            there.map(|one| one.name()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(58, &Chosen::Auto), "");
        assert_eq!(shown(80, &Chosen::Auto), "");
        assert_eq!(shown(114, &Chosen::Auto), "traded change queue");
        assert_eq!(shown(58, &all()), "traded");
        assert_eq!(shown(80, &all()), "traded change queue");
        let but_the_last = "traded change queue cum delta recent ruler";
        assert_eq!(shown(122, &all()), but_the_last);
        assert_eq!(shown(123, &all()), format!("{but_the_last} recent-delta"));
        let plain = Columns::of(80, widths, &Chosen::Auto);
        assert_eq!(plain.bid_bar.1 - plain.bid_bar.0, 19);
        assert_eq!(Columns::of(58, widths, &all()).missing(&all()).len(), 7);
    }

    #[test]
    fn a_choice_is_made_of_names_and_of_changes() {
        let read = |words: &str| {
            Chosen::Auto
                .with(words.split(' '))
                .map(|c| c.words().join(" "))
        };
        assert_eq!(read("cum ruler").unwrap(), "cum ruler");
        assert_eq!(read("plain").unwrap(), "plain");
        assert_eq!(
            read("flow +cum -delta").unwrap(),
            "change recent recent-delta cum"
        );
        assert_eq!(read("-queue -change").unwrap(), "traded cum delta");
        assert_eq!(read("mine cum cum").unwrap(), "cum");
        assert!(read("-mine").unwrap_err().contains("always"));
        assert!(read("+culm").unwrap_err().contains("did you mean \"cum\""));
        let mut chosen = Chosen::Auto;
        let mut titles = Vec::new();
        for _ in 0..6 {
            titles.push(chosen.title());
            chosen = chosen.next();
        }
        assert_eq!(titles, ["auto", "plain", "flow", "depth", "all", "auto"]);
        for words in ["auto", "plain", "cum delta"] {
            assert_eq!(read(words).unwrap(), words, "what is kept is read again");
        }
    }
}
