//! A layout's TOML into a [`Layout`]: what cannot be used is one line that names file, line and mend.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::plan::EDGE;
use super::{Column, Extent, Item, Layout, MOST_LADDERS, is_ladders};
use crate::domain::text::sanitise;
use crate::nearest::did_you_mean;
use crate::ui::panel::{self, PANELS, Panel, Stand};

/// Most columns of a layout, and most panels of a column.
const MOST: usize = 12;
/// Widest and tallest extent, cells.
const LONGEST: i64 = 400;
/// Open ladders that a panel can be linked to.
const LINKS: i64 = 9;

/// A layout that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {words}")]
pub struct LayoutError {
    /// As the user knows it.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// What is wrong and the mend.
    pub words: String,
}

type Value<'a> = Spanned<DeValue<'a>>;
/// Where in the text, and what is wrong there.
type Fault = (usize, String);

/// See [`Layout::read`].
pub fn read(name: &str, file: &str, text: &str) -> Result<Layout, LayoutError> {
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let error = |(at, words): Fault| LayoutError {
        file: sanitise(file, 200),
        line: line(at),
        words: sanitise(&words, 200),
    };
    let table = DeTable::parse(text).map_err(|fault| {
        let at = fault.span().map_or(0, |span| span.start);
        let words = fault.message().lines().next().unwrap_or("not TOML");
        error((at, words.to_owned()))
    })?;
    layout(name, table.get_ref()).map_err(error)
}

fn layout(name: &str, table: &DeTable<'_>) -> Result<Layout, Fault> {
    known(table, &["doc", "ladders", "column"])?;
    let doc = match table.get("doc") {
        Some(value) => text(value, "doc")?.to_owned(),
        None => String::new(),
    };
    let (ladders, more) = match table.get("ladders") {
        Some(value) => ladders(value)?,
        None => (1, 1),
    };
    let columns = match table.get("column") {
        Some(value) => list(value, "column")?
            .iter()
            .map(column)
            .collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let places = columns.iter().flat_map(|column| &column.items);
    if places.filter(|item| is_ladders(item)).count() != 1 {
        let words =
            "the panel \"ladder\" without a number stands once in a layout, in a [[column]]";
        return Err((0, words.to_owned()));
    }
    Ok(Layout {
        name: sanitise(name, 32),
        doc: sanitise(&doc, 80),
        ladders,
        more,
        columns,
    })
}

fn ladders(value: &Value<'_>) -> Result<(usize, usize), Fault> {
    let most = MOST_LADDERS as i64;
    let count = |value: &Value<'_>| {
        let number = number(value, "ladders", (1, most))?;
        Ok(usize::from(number))
    };
    match value.get_ref() {
        DeValue::Array(pair) => match pair.iter().collect::<Vec<_>>()[..] {
            [first, more] => {
                let (first, more) = (count(first)?, count(more)?);
                Ok((first, more.max(first)))
            }
            _ => Err((
                value.span().start,
                "ladders is a number or two, [1, 4]".to_owned(),
            )),
        },
        _ => count(value).map(|count| (count, count)),
    }
}

fn column(value: &Value<'_>) -> Result<Column, Fault> {
    let at = value.span().start;
    let Some(table) = value.get_ref().as_table() else {
        return Err((at, "a column is a table: [[column]]".to_owned()));
    };
    known(table, &["from", "tall", "width", "rank", "panels"])?;
    let Some(panels) = table.get("panels") else {
        return Err((at, "a column has panels = [\"…\"]".to_owned()));
    };
    let items = list(panels, "panels")?
        .iter()
        .map(item)
        .collect::<Result<Vec<_>, _>>()?;
    if items.is_empty() {
        return Err((panels.span().start, "a column has a panel".to_owned()));
    }
    let width = table.get("width").map(|value| extent(value, "width"));
    let width = width.transpose()?.unwrap_or_default();
    let column = Column {
        width,
        from: optional(table, "from", (0, 1_000))?,
        tall: optional(table, "tall", (0, 1_000))?,
        rank: optional(table, "rank", (0, 1_000))?,
        items,
    };
    let needs = |item: &Item| item.panel.least.0 + EDGE;
    let widest = column.items.iter().max_by_key(|item| needs(item));
    match (column.has_ladders(), table.get("width")) {
        (true, Some(width)) => Err((
            width.span().start,
            "the ladders take what the other columns leave: no width here".to_owned(),
        )),
        (false, None) => Err((
            at,
            "this column has no width, such as 38, \"38-58\" or \"25%\"".to_owned(),
        )),
        (false, Some(width)) => match (column.width, widest) {
            (Extent::Fixed(least) | Extent::Between(least, _), Some(item))
                if least < needs(item) =>
            {
                let words = format!("{} needs {} columns", item.panel.name, needs(item));
                Err((width.span().start, words))
            }
            _ => Ok(column),
        },
        _ => Ok(column),
    }
}

fn item(value: &Value<'_>) -> Result<Item, Fault> {
    let at = value.span().start;
    match value.get_ref() {
        DeValue::String(_) => Ok(Item {
            panel: panel(value)?,
            rows: Extent::Rest,
            ladder: None,
            tall: 0,
        }),
        DeValue::Table(table) => {
            known(table, &["panel", "rows", "ladder", "tall"])?;
            let Some(name) = table.get("panel") else {
                return Err((at, "which panel? { panel = \"…\" }".to_owned()));
            };
            let rows = table.get("rows").map(|value| extent(value, "rows"));
            let link = table.get("ladder");
            let link = link.map(|value| number(value, "ladder", (1, LINKS)));
            Ok(Item {
                panel: panel(name)?,
                rows: rows.transpose()?.unwrap_or_default(),
                ladder: link.transpose()?.map(|number| usize::from(number) - 1),
                tall: optional(table, "tall", (0, 1_000))?,
            })
        }
        _ => Err((at, "a panel is a name or { panel = \"…\" }".to_owned())),
    }
}

fn panel(value: &Value<'_>) -> Result<&'static Panel, Fault> {
    let name = text(value, "a panel")?;
    let free = || PANELS.iter().filter(|panel| panel.stand != Stand::Fixed);
    let found = panel::find(name).filter(|panel| panel.stand != Stand::Fixed);
    found.ok_or_else(|| {
        let near = did_you_mean(name, free().map(|panel| panel.name));
        let words = match panel::find(name) {
            Some(_) => format!("{name} stands by itself: no layout names it"),
            None => format!("there is no panel \"{name}\"{near}"),
        };
        (value.span().start, words)
    })
}

fn extent(value: &Value<'_>, what: &str) -> Result<Extent, Fault> {
    let bad = || {
        let words = format!("{what} is a number, \"24-28\", \"25%\" or \"rest\"");
        (value.span().start, words)
    };
    let Some(text) = value.get_ref().as_str() else {
        return Ok(Extent::Fixed(number(value, what, (1, LONGEST))?));
    };
    let part = |text: &str, most: u16| {
        let number = text.trim().parse::<u16>().ok();
        number.filter(|number| (1..=most).contains(number))
    };
    let most = LONGEST as u16;
    if text == "rest" {
        return Ok(Extent::Rest);
    }
    if let Some(share) = text.strip_suffix('%') {
        return part(share, 100).map(Extent::Share).ok_or_else(bad);
    }
    let (least, most) = match text.split_once('-') {
        Some((least, up_to)) => (part(least, most), part(up_to, most)),
        None => (part(text, most), part(text, most)),
    };
    match least.zip(most) {
        Some((least, most)) if least == most => Ok(Extent::Fixed(least)),
        Some((least, most)) if least < most => Ok(Extent::Between(least, most)),
        _ => Err(bad()),
    }
}

fn known(table: &DeTable<'_>, names: &[&'static str]) -> Result<(), Fault> {
    for (key, _) in table {
        let name = key.get_ref().as_ref();
        if !names.contains(&name) {
            let near = did_you_mean(name, names.iter().copied());
            return Err((
                key.span().start,
                format!("there is no \"{name}\" here{near}"),
            ));
        }
    }
    Ok(())
}

fn optional(table: &DeTable<'_>, name: &str, bounds: (i64, i64)) -> Result<u16, Fault> {
    let value = table.get(name).map(|value| number(value, name, bounds));
    Ok(value.transpose()?.unwrap_or(0))
}

fn number(value: &Value<'_>, what: &str, (least, most): (i64, i64)) -> Result<u16, Fault> {
    let number = value.get_ref().as_integer();
    let number =
        number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    number
        .filter(|number| (least..=most).contains(number))
        .and_then(|number| u16::try_from(number).ok())
        .ok_or_else(|| {
            let words = format!("{what} is a whole number, {least} to {most}");
            (value.span().start, words)
        })
}

fn text<'a>(value: &'a Value<'_>, what: &str) -> Result<&'a str, Fault> {
    let text = value.get_ref().as_str();
    text.ok_or_else(|| (value.span().start, format!("{what} is a text in quotes")))
}

fn list<'a, 'b>(value: &'a Value<'b>, what: &str) -> Result<&'a [Value<'b>], Fault> {
    let at = value.span().start;
    match value.get_ref() {
        DeValue::Array(values) if values.len() <= MOST => Ok(values),
        DeValue::Array(_) => Err((at, format!("{what}: {MOST} at most"))),
        _ if what == "column" => Err((at, "a column is written [[column]]".to_owned())),
        _ => Err((at, format!("{what} is a list in brackets"))),
    }
}
