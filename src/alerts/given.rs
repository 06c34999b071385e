//! Levels as a file gives them: a table (CSV, what charting programs export among it) or TOML. Reads text; must not open a file.

mod table;

use std::str::FromStr;

use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue};

use super::level::LONGEST_LABEL;
use crate::domain::text::sanitise;

/// Most levels that one file may give.
const MOST: usize = 10_000;
/// Fields of a level in TOML.
const FIELDS: [&str; 4] = ["venue", "symbol", "price", "label"];

/// One level of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its line in the file, from 1.
    pub line: usize,
    /// The venue where one is named, as it is spelled there (`okx`, `BINANCE`).
    pub venue: Option<String>,
    /// The symbol, as it is spelled there (`BTCUSDT`, `BTCUSDT.P`).
    pub symbol: String,
    /// Quote currency, above zero.
    pub price: Decimal,
    /// Words; may be empty. Sanitised.
    pub label: String,
}

/// A file that is not understood: which line, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {words}")]
pub struct GivenError {
    /// From 1.
    pub line: usize,
    /// One sentence.
    pub words: String,
}

fn wrong(line: usize, words: impl Into<String>) -> GivenError {
    GivenError {
        line,
        words: words.into(),
    }
}

/// Reads a file's text: TOML where its name ends so, else a table.
///
/// # Errors
/// The first line that is not understood. A file is read whole or not at all.
pub fn read(name: &str, text: &str) -> Result<Vec<Given>, GivenError> {
    let text = text.trim_start_matches('\u{feff}');
    let found = if name.to_lowercase().ends_with(".toml") {
        toml(text)?
    } else {
        table::read(text)?
    };
    match found.get(MOST) {
        Some(one) => Err(wrong(
            one.line,
            format!("a file may give {MOST} levels at most"),
        )),
        None => Ok(found),
    }
}

/// A level to write: venue, symbol, price, label.
pub type Row<'a> = (&'a str, &'a str, Decimal, &'a str);

/// Levels as TOML, which [`read`] reads back.
pub fn to_toml<'a>(levels: impl IntoIterator<Item = Row<'a>>) -> String {
    let mut out = String::new();
    for (venue, symbol, price, label) in levels {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        out.push_str("[[level]]\n");
        for (field, value) in [
            ("venue", venue),
            ("symbol", symbol),
            ("price", &price.normalize().to_string()),
            ("label", label),
        ] {
            if !value.is_empty() {
                out.push_str(&format!("{field} = {}\n", quoted(value)));
            }
        }
        out.push('\n');
    }
    out
}

/// The same as a table with a head, which [`read`] reads back.
pub fn to_csv<'a>(levels: impl IntoIterator<Item = Row<'a>>) -> String {
    let mut out = "venue,symbol,price,label\n".to_owned();
    for (venue, symbol, price, label) in levels {
        let label = if label.contains([',', '"', ';', '\t', '#']) {
            format!("\"{}\"", label.replace('"', "\"\""))
        } else {
            label.to_owned()
        };
        out.push_str(&format!("{venue},{symbol},{},{label}\n", price.normalize()));
    }
    out
}

fn toml(text: &str) -> Result<Vec<Given>, GivenError> {
    let line = |offset: usize| text.as_bytes()[..offset].split(|b| *b == b'\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        wrong(line(offset.min(text.len())), error.message())
    })?;
    let mut found = Vec::new();
    for (key, value) in table.get_ref() {
        let at = line(key.span().start);
        let (true, DeValue::Array(levels)) = (key.get_ref() == "level", value.get_ref()) else {
            let words = "levels are written [[level]], with symbol, price and label";
            return Err(wrong(at, words));
        };
        for level in levels {
            let at = line(level.span().start);
            match level.get_ref() {
                DeValue::Table(fields) => found.push(of_fields(at, fields)?),
                _ => return Err(wrong(at, "a level is a table: [[level]]")),
            }
        }
    }
    Ok(found)
}

fn of_fields(line: usize, fields: &DeTable<'_>) -> Result<Given, GivenError> {
    if let Some((odd, _)) = fields
        .iter()
        .find(|(key, _)| !FIELDS.contains(&key.get_ref().as_ref()))
    {
        let odd = sanitise(odd.get_ref(), 20);
        let words = format!("a level has no \"{odd}\", only {}", FIELDS.join(", "));
        return Err(wrong(line, words));
    }
    let text = |name: &str| {
        fields.get(name).map(|value| match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => String::new(),
        })
    };
    let symbol = text("symbol").filter(|symbol| !symbol.trim().is_empty());
    let symbol = symbol.ok_or_else(|| wrong(line, "a level needs a symbol"))?;
    let price = text("price").ok_or_else(|| wrong(line, "a level needs a price"))?;
    given(
        line,
        text("venue"),
        &symbol,
        price_of(line, &price)?,
        text("label"),
    )
}

fn given(
    line: usize,
    venue: Option<String>,
    symbol: &str,
    price: Decimal,
    label: Option<String>,
) -> Result<Given, GivenError> {
    let symbol = symbol.trim();
    let (prefix, symbol) = match symbol.split_once(':') {
        Some((venue, symbol)) => (Some(venue.to_owned()), symbol),
        None => (None, symbol),
    };
    let venue = venue.filter(|venue| !venue.trim().is_empty()).or(prefix);
    if symbol.is_empty() {
        return Err(wrong(line, "a level needs a symbol"));
    }
    Ok(Given {
        line,
        venue: venue.map(|venue| venue.trim().to_owned()),
        symbol: symbol.to_owned(),
        price,
        label: label.map_or_else(String::new, |label| short(&label)),
    })
}

/// A label that can be drawn and kept.
pub fn short(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    let label: String = words.join(" ").chars().take(LONGEST_LABEL).collect();
    sanitise(&label, LONGEST_LABEL)
}

/// Plain decimal digits, above zero.
fn price_of(line: usize, text: &str) -> Result<Decimal, GivenError> {
    let price = Decimal::from_str(text.trim()).ok();
    price
        .filter(|price| *price > Decimal::ZERO)
        .ok_or_else(|| wrong(line, format!("\"{}\" is no price", sanitise(text, 24))))
}

#[cfg(test)]
mod tests;
