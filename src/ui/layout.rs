//! Layouts: which panels stand where, as data. A layout is TOML, a shipped one or the user's; [`plan`] fits it to a screen.
//!
//! Pure; it must not look at market data, so that nothing moves when a value changes.

pub mod plan;
mod read;

use std::sync::{Arc, LazyLock};

pub use plan::{FULL, LEAST, Line, Place, Plan, Room};
pub use read::LayoutError;

use super::panel::{self, Panel};

/// The shipped layouts by name. The first is the default.
pub const LAYOUTS: &[(&str, &str)] = &[
    ("solo", include_str!("layout/solo.toml")),
    ("pair", include_str!("layout/pair.toml")),
    ("quad", include_str!("layout/quad.toml")),
    ("phone", include_str!("layout/phone.toml")),
    ("desk", include_str!("layout/desk.toml")),
];

/// Most ladders that a layout stands beside each other.
pub const MOST_LADDERS: usize = 9;

/// How long a side of a column or of a panel is, in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// So many.
    Fixed(u16),
    /// Its part of what is left, within these bounds.
    Between(u16, u16),
    /// So many hundredths of the whole.
    Share(u16),
    /// Its part of what is left.
    #[default]
    Rest,
}

/// One panel in a column.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Which.
    pub panel: &'static Panel,
    /// How tall.
    pub rows: Extent,
    /// Of which open ladder, from 0; `None` for the one with the keys.
    pub ladder: Option<usize>,
    /// Rows of the screen from which it stands.
    pub tall: u16,
}

/// Panels one over the other.
#[derive(Clone, Debug)]
pub struct Column {
    /// How wide; of the ladders' column it is what the others leave.
    pub width: Extent,
    /// Columns of the screen from which it stands.
    pub from: u16,
    /// Rows of the screen from which it stands.
    pub tall: u16,
    /// Where the ladders would get too narrow, the lowest goes first.
    pub rank: u16,
    /// From top to bottom.
    pub items: Vec<Item>,
}

impl Column {
    fn has_ladders(&self) -> bool {
        self.items.iter().any(is_ladders)
    }
}

/// True for the place of the ladders.
fn is_ladders(item: &Item) -> bool {
    item.panel.name == panel::LADDER && item.ladder.is_none()
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub doc: String,
    /// So many ladders find room before any other column does …
    pub ladders: usize,
    /// … and so many where there is room left.
    pub more: usize,
    /// From left to right; one of them has the ladders.
    pub columns: Vec<Column>,
}

impl Layout {
    /// Reads a layout; `file` is what messages call its text.
    ///
    /// # Errors
    /// The first thing in it that cannot be used, with its line and the mend.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Self, LayoutError> {
        read::read(name, file, text)
    }

    fn plain() -> Self {
        let ladder = Item {
            panel: &panel::PANELS[0],
            rows: Extent::Rest,
            ladder: None,
            tall: 0,
        };
        Self {
            name: "plain".to_owned(),
            doc: String::new(),
            ladders: 1,
            more: 1,
            columns: vec![Column {
                width: Extent::Rest,
                from: 0,
                tall: 0,
                rank: 0,
                items: vec![ladder],
            }],
        }
    }
}

/// The shipped layouts, read.
pub fn shipped() -> &'static [Arc<Layout>] {
    // Each is proved by a test; one that did not read would be left out.
    static SHIPPED: LazyLock<Vec<Arc<Layout>>> = LazyLock::new(|| {
        let read = |(name, text): &(&str, &str)| Layout::read(name, name, text).ok();
        LAYOUTS.iter().filter_map(read).map(Arc::new).collect()
    });
    &SHIPPED
}

/// The shipped layouts and a user's own, which win over shipped ones of the same name.
pub fn with_own(own: Vec<Layout>) -> Vec<Arc<Layout>> {
    let mut all = shipped().to_vec();
    for layout in own {
        let layout = Arc::new(layout);
        match all.iter().position(|known| known.name == layout.name) {
            Some(at) => all[at] = layout,
            None => all.push(layout),
        }
    }
    all
}

/// Every layout by name with what it is; of a user's own (name, file and text) that cannot be used, why.
pub fn listing(own: &[(String, String, String)]) -> Vec<(String, String)> {
    let known = shipped().iter();
    let mut all: Vec<(String, String)> = known
        .map(|layout| (layout.name.clone(), layout.doc.clone()))
        .collect();
    for (name, file, text) in own {
        let words = match Layout::read(name, file, text) {
            Ok(layout) => layout.doc,
            Err(why) => why.to_string(),
        };
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(row) => row.1 = words,
            None => all.push((name.clone(), words)),
        }
    }
    all
}

/// The default layout.
pub fn solo() -> Arc<Layout> {
    let first = shipped().first().cloned();
    first.unwrap_or_else(|| Arc::new(Layout::plain()))
}

#[cfg(test)]
mod tests;
