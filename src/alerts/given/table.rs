//! A table of levels: commas, semicolons or tabs; with a head that names the columns, or symbol, price, label.

use rust_decimal::Decimal;

use super::{Given, GivenError, given, price_of, wrong};

/// Names of columns in heads, in lower case.
const VENUES: &[&str] = &["venue", "exchange"];
const SYMBOLS: &[&str] = &["symbol", "ticker", "instrument", "market", "pair"];
const PRICES: &[&str] = &["price", "level", "value"];
const LABELS: &[&str] = &[
    "label",
    "description",
    "name",
    "text",
    "title",
    "comment",
    "note",
    "message",
];

/// Where what is wanted stands in a row.
#[derive(Clone, Copy)]
struct Columns {
    venue: Option<usize>,
    symbol: usize,
    price: Option<usize>,
    label: Option<usize>,
}

pub(super) fn read(text: &str) -> Result<Vec<Given>, GivenError> {
    let separator = separator(text);
    let mut rows = records(text, separator)?.into_iter().peekable();
    let head = rows.peek().and_then(|(_, first)| columns(first));
    if head.is_some() {
        rows.next();
    }
    let columns = head.unwrap_or(Columns {
        venue: None,
        symbol: 0,
        price: Some(1),
        label: Some(2),
    });
    rows.map(|(line, row)| level(line, &row, columns, separator))
        .collect()
}

/// Which of the three the first row uses most.
fn separator(text: &str) -> char {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let count = |separator: &char| first.map_or(0, |line| line.matches(*separator).count());
    // The last of equals counts: a comma where none is there at all.
    [';', '\t', ',']
        .into_iter()
        .max_by_key(count)
        .unwrap_or(',')
}

/// The rows that say something, each with its line; a field in quotes may hold anything.
fn records(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>, GivenError> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let (mut line, mut start) = (1, 1);
    let (mut is_quoted, mut is_comment) = (false, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' if is_quoted || field.trim().is_empty() && !is_comment => is_quoted = !is_quoted,
            '\n' if !is_quoted => {
                end_row(&mut rows, start, &mut row, &mut field, is_comment);
                is_comment = false;
                start = line + 1;
            }
            '#' if row.is_empty() && field.trim().is_empty() => is_comment = true,
            _ if c == separator && !is_quoted => row.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
        line += usize::from(c == '\n');
    }
    if is_quoted {
        return Err(wrong(start, "a quote is opened here and not closed"));
    }
    end_row(&mut rows, start, &mut row, &mut field, is_comment);
    Ok(rows)
}

fn end_row(
    rows: &mut Vec<(usize, Vec<String>)>,
    line: usize,
    row: &mut Vec<String>,
    field: &mut String,
    is_comment: bool,
) {
    row.push(std::mem::take(field));
    let row = std::mem::take(row);
    let fields: Vec<String> = row.iter().map(|field| field.trim().to_owned()).collect();
    if !is_comment && fields.iter().any(|field| !field.is_empty()) {
        rows.push((line, fields));
    }
}

/// The columns that a head names; `None` where it is no head.
fn columns(head: &[String]) -> Option<Columns> {
    let head: Vec<String> = head.iter().map(|name| name.to_lowercase()).collect();
    let find = |names: &[&str]| {
        let place = |name: &&str| head.iter().position(|own| own == name);
        names.iter().find_map(place)
    };
    let (price, label) = (find(PRICES), find(LABELS));
    let symbol = find(SYMBOLS)?;
    (price.is_some() || label.is_some()).then_some(Columns {
        venue: find(VENUES),
        symbol,
        price,
        label,
    })
}

fn level(
    line: usize,
    row: &[String],
    columns: Columns,
    separator: char,
) -> Result<Given, GivenError> {
    let field = |at: Option<usize>| at.and_then(|at| row.get(at)).map(String::as_str);
    let symbol = field(Some(columns.symbol)).unwrap_or_default();
    let label = field(columns.label);
    let price = match columns.price {
        Some(at) => {
            let text = field(Some(at)).filter(|text| !text.is_empty());
            let text = text.ok_or_else(|| wrong(line, "a level needs symbol and price"))?;
            price_of(line, &plain(text, separator))?
        }
        // An exported alert names its price in its words: `BTCUSDT.P Crossing 61,200.00`.
        None => named(label.unwrap_or_default(), separator)
            .ok_or_else(|| wrong(line, "no price is named here"))?,
    };
    let venue = field(columns.venue).map(str::to_owned);
    given(line, venue, symbol, price, label.map(str::to_owned))
}

/// A number without what parts its thousands, and with a point for its decimals. Where semicolons part the columns a comma is the
/// decimal point.
fn plain(text: &str, separator: char) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '\'' | '$'))
        .collect();
    if separator == ';' && !text.contains('.') {
        text.replace(',', ".")
    } else {
        text.replace(',', "")
    }
}

/// The last number among words.
fn named(words: &str, separator: char) -> Option<Decimal> {
    let words = words.split_whitespace().rev();
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .find_map(|word| {
            plain(word.trim_end_matches(['.', ',']), separator)
                .parse()
                .ok()
        })
        .filter(|price: &Decimal| *price > Decimal::ZERO)
}
