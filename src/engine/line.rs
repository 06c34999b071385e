//! The language of the `:` line: a command is one row of [`LINES`]; every action is one by its name. Reads text and does nothing.

pub mod complete;
mod levels;
mod play;
pub mod told;
mod words;

use std::str::FromStr;

use rust_decimal::Decimal;

use crate::domain::message::{MarginMode, PositionMode};
use crate::domain::text::sanitise;
use crate::domain::{Instrument, Side, TimeInForce};
use crate::nearest::did_you_mean;

use super::action::{ACTIONS, Action, Kind};
use super::ask::{Ask, At, Named, SETTABLE, Trade};
use super::scale::Scale;
pub use levels::Levels;
pub use play::Play;
use words::Words;

/// What a line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// What a key can do too.
    Act(Action),
    /// A wish with words of its own.
    Ask(Ask),
    /// An action of the screen, by its name.
    Screen(&'static str),
    /// Open this symbol.
    Open(String),
    /// The layout of this name.
    Layout(String),
    /// The tab of this name, which is opened where there is none.
    Tab(String),
    /// The symbol of the leader line of this ladder; `None` for no line.
    Leader(Option<String>),
    /// Open the key-entry form.
    Keys,
    /// Steer the player of a recording.
    Play(Play),
    /// The mood of the built-in exchange, by its name.
    Mood(String),
    /// Begin a drill on the built-in exchange, by its name.
    Drill(String),
    /// Change the ladder's columns as these words say.
    Columns(String),
    /// Wear the theme of this name.
    Theme(String),
    /// Signal levels.
    Levels(Levels),
}

impl Meant {
    /// True where every word of it is one that Lancet knows: what was pasted by mistake is none.
    pub fn is_known(&self, symbols: &[String]) -> bool {
        match self {
            Self::Open(symbol) | Self::Leader(Some(symbol)) => symbols.contains(symbol),
            Self::Layout(_) | Self::Tab(_) => false,
            Self::Leader(None) => true,
            Self::Ask(Ask::Set { name, .. }) => SETTABLE.contains(&name.as_str()),
            // Others know the names of themes, columns, moods and drills.
            Self::Theme(_) | Self::Columns(_) | Self::Mood(_) | Self::Drill(_) => false,
            Self::Act(_)
            | Self::Ask(_)
            | Self::Screen(_)
            | Self::Keys
            | Self::Play(_)
            | Self::Levels(_) => true,
        }
    }

    /// How the input guard treats it; arming lets entries through and is treated as one.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Act(Action::Arm(_)) => Kind::Entry,
            Self::Act(action) => action.row().map_or(Kind::Entry, |row| row.kind),
            Self::Ask(Ask::Trade(_) | Ask::Scale(_)) => Kind::Entry,
            Self::Ask(Ask::Stop(_) | Ask::Take(_) | Ask::Close(_) | Ask::Cancel(_)) => Kind::Exit,
            Self::Ask(_)
            | Self::Screen(_)
            | Self::Open(_)
            | Self::Layout(_)
            | Self::Tab(_)
            | Self::Leader(_)
            | Self::Keys
            | Self::Play(_)
            | Self::Mood(_)
            | Self::Drill(_)
            | Self::Columns(_)
            | Self::Theme(_)
            | Self::Levels(_) => Kind::Setting,
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Its first word.
    pub name: &'static str,
    /// What may follow. `[…]` can be left out, `a|b` is one of them as it stands, words in capitals stand for a value.
    pub syntax: &'static str,
    /// One sentence for help.
    pub doc: &'static str,
    read: fn(&mut Words<'_>) -> Result<Meant, String>,
}

impl Line {
    /// Its name and what may follow.
    pub fn form(&self) -> String {
        format!("{} {}", self.name, self.syntax)
            .trim_end()
            .to_owned()
    }
}

const fn line(
    name: &'static str,
    syntax: &'static str,
    doc: &'static str,
    read: fn(&mut Words<'_>) -> Result<Meant, String>,
) -> Line {
    Line {
        name,
        syntax,
        doc,
        read,
    }
}

/// Every command that takes words.
pub const LINES: &[Line] = &[
    line(
        "buy",
        "[SIZE] [@ PRICE] [post|ioc]",
        "buy at a price; post alone joins the bid; neither: now, bounded",
        |words| trade(words, Side::Buy),
    ),
    line(
        "sell",
        "[SIZE] [@ PRICE] [post|ioc]",
        "sell at a price; post alone joins the ask; neither: now, bounded",
        |words| trade(words, Side::Sell),
    ),
    line(
        "chase",
        "buy|sell [SIZE]",
        "join the best price and follow it, a few times and not far",
        |words| special(words, |_| Ok(At::Chase)),
    ),
    line(
        "lean",
        "buy|sell [SIZE] [@ PRICE]",
        "rest in front of the wall there, at the cursor, or the nearest one",
        lean,
    ),
    line(
        "scale",
        "buy|sell N SIZE FROM..TO",
        "N orders, 2 to 20, of this size together, between two prices",
        scale,
    ),
    line(
        "buy-stop",
        "[SIZE] @ TRIGGER",
        "buy, bounded, when the price rises to the trigger",
        |words| stop_entry(words, Side::Buy),
    ),
    line(
        "sell-stop",
        "[SIZE] @ TRIGGER",
        "sell, bounded, when the price falls to the trigger",
        |words| stop_entry(words, Side::Sell),
    ),
    line(
        "stop",
        "PRICE|-20t|+5t|off",
        "stop there, or ticks from the entry: - loses, + wins; off, entered twice: none",
        |words| Ok(Meant::Ask(Ask::Stop(words.place(-1)?))),
    ),
    line(
        "take",
        "PRICE|+40t|off",
        "take there, or ticks from the entry, for what no exit covers; off cancels takes",
        |words| Ok(Meant::Ask(Ask::Take(words.place(1)?))),
    ),
    line(
        "close",
        "[25|50|75|100]",
        "close so many percent of the position, all without a number",
        close,
    ),
    line(
        "cancel",
        "[entries|all|stops|takes|external|everywhere]",
        "cancel entries here, or what is named; all spares nothing here",
        cancel,
    ),
    line(
        "volume",
        "N [SIZE|default]",
        "choose volume N, or make it so large and keep that for the symbol",
        volume,
    ),
    line(
        "leverage",
        "TIMES",
        "leverage of the symbol, 1 to 125",
        leverage,
    ),
    line(
        "margin",
        "cross|isolated",
        "margin mode of the symbol",
        margin,
    ),
    line(
        "mode",
        "one-way|hedge",
        "one position a symbol, or a long and a short each",
        mode,
    ),
    line(
        "baseline",
        "SIZE",
        "spot: so many of the account's coins are Lancet's to sell, 0 for none",
        baseline,
    ),
    line(
        "view-only",
        "on|off",
        "no entries on this symbol; off needs ARMED",
        view_only,
    ),
    line("open", "SYMBOL", "open a symbol's ladder", |words| {
        Ok(Meant::Open(symbol(words.value("a symbol")?)))
    }),
    line(
        "level",
        "PRICE|off [WORDS|PRICE]",
        "signal level: alerts when the price gets there; off takes it away",
        levels::one,
    ),
    line(
        "levels",
        "[import FILE]",
        "the signal levels here, or those of a file (CSV, TOML)",
        levels::all,
    ),
    line(
        "layout",
        "LAYOUT",
        "stand the panels so; --list-layouts names them",
        |words| {
            let name = words.value("a layout's name")?;
            Ok(Meant::Layout(name.to_owned()))
        },
    ),
    line(
        "tab",
        "TAB|close",
        "go to the tab of this name, or open it; or close this one",
        tab,
    ),
    line(
        "leader",
        "SYMBOL|off",
        "a line over this ladder about another symbol, VENUE:SYMBOL elsewhere",
        leader,
    ),
    line(
        "set",
        "SETTING VALUE",
        "change a setting while Lancet runs",
        |words| {
            Ok(Meant::Ask(Ask::Set {
                name: words.value("a setting's name")?.to_owned(),
                value: words.value("a value")?.to_owned(),
            }))
        },
    ),
    line(
        "tag",
        "WORD",
        "a word for the open trip, or for the one that ended last",
        |words| Ok(Meant::Ask(Ask::Tag(words.whole("a word")?))),
    ),
    line(
        "note",
        "WORDS",
        "a sentence about the open trip, or about the one that ended last",
        |words| Ok(Meant::Ask(Ask::Note(words.whole("a sentence")?))),
    ),
    line("keys", "", "open the key screen", |_| Ok(Meant::Keys)),
    line(
        "play",
        "pause|step|faster|slower|TIMESx|+S|-S|at HH:MM:SS|next|prev|begin",
        "steer a recording: stop or go on, its speed, seconds on or back, own trades",
        play::read,
    ),
    line(
        "mood",
        "calm|trending|violent|changing",
        "mood of the built-in exchange that Lancet opened, for practice",
        |words| Ok(Meant::Mood(words.value("a mood")?.to_owned())),
    ),
    line(
        "drill",
        "trips|stop|flat|off",
        "a small task on the built-in exchange that counts how it went",
        |words| Ok(Meant::Drill(words.value("a drill")?.to_owned())),
    ),
    line(
        "columns",
        "[auto|plain|flow|depth|all|COLUMN|+COLUMN|-COLUMN]",
        "columns of the ladder beside sizes and prices; without a word: choose",
        columns,
    ),
    line(
        "theme",
        "[THEME]",
        "wear a theme until the end; without a name: choose one",
        |words| {
            Ok(match words.next() {
                Some(name) => Meant::Theme(name.to_owned()),
                None => Meant::Screen("themes"),
            })
        },
    ),
    line("q", "", "quit", |_| Ok(Meant::Screen("quit"))),
];

/// Reads a line. `screen` names the screen's own actions; the instrument's steps decide which prices and sizes there are.
///
/// # Errors
/// One sentence that says what is wrong and what is expected.
pub fn read(
    text: &str,
    instrument: Option<&Instrument>,
    screen: impl IntoIterator<Item = &'static str> + Clone,
) -> Result<Meant, String> {
    let (name, rest) = split(text);
    let name = name.to_lowercase();
    if let Some(line) = row(&name) {
        let mut words = Words::new(rest, line, instrument);
        let meant = (line.read)(&mut words)?;
        words.end()?;
        return Ok(meant);
    }
    let meant = ACTIONS
        .iter()
        .find(|row| row.name == name)
        .map(|row| Meant::Act(row.action))
        .or_else(|| {
            Some(Meant::Screen(
                screen.clone().into_iter().find(|own| *own == name)?,
            ))
        });
    match meant {
        Some(_) if !rest.trim().is_empty() => Err(format!("{name} takes no words after it")),
        Some(meant) => Ok(meant),
        None => {
            let names = LINES.iter().map(|line| line.name);
            let names = names
                .chain(ACTIONS.iter().map(|row| row.name))
                .chain(screen);
            let mend = did_you_mean(&name, names);
            Err(format!("no command {}{mend}", sanitise(&name, 40)))
        }
    }
}

/// The row of a command.
pub fn row(name: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.name == name)
}

/// The first word of a line and what follows it.
pub fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

fn trade(words: &mut Words<'_>, side: Side) -> Result<Meant, String> {
    let (mut size, mut price, mut tif) = (None, None, None);
    while let Some(word) = words.next() {
        match word {
            "@" if price.is_none() => price = Some(words.price()?),
            "post" if tif.is_none() => tif = Some(TimeInForce::PostOnly),
            "ioc" if tif.is_none() => tif = Some(TimeInForce::Ioc),
            _ if size.is_none() && starts_number(word) => size = Some(words.size(word)?),
            _ => return Err(words.unexpected(word)),
        }
    }
    let at = match (price, tif) {
        (Some(price), tif) => Some(At::Price(price, tif.unwrap_or(TimeInForce::Gtc))),
        (None, Some(TimeInForce::PostOnly)) => Some(At::Best),
        (None, _) => None,
    };
    Ok(Meant::Ask(Ask::Trade(Trade { side, size, at })))
}

/// `buy|sell`, a size that may be missing, and what `end` reads.
fn special<'a>(
    words: &mut Words<'a>,
    end: impl Fn(&mut Words<'a>) -> Result<At, String>,
) -> Result<Meant, String> {
    let side = words.side()?;
    let size = words.size_if_any()?;
    let at = Some(end(words)?);
    Ok(Meant::Ask(Ask::Trade(Trade { side, size, at })))
}

fn lean(words: &mut Words<'_>) -> Result<Meant, String> {
    special(words, |words| {
        Ok(At::Lean(match words.next() {
            None => None,
            Some("@") => Some(words.price()?),
            Some(word) => return Err(words.unexpected(word)),
        }))
    })
}

fn scale(words: &mut Words<'_>) -> Result<Meant, String> {
    let side = words.side()?;
    let count = words.value("the number of orders")?.parse().ok();
    let count = count
        .filter(|count| (2..=20).contains(count))
        .ok_or("a scale has 2 to 20 orders")?;
    let word = words.value("a size")?;
    let size = words.size(word)?;
    let (from, to) = words.range()?;
    let (low, high) = (from.min(to), from.max(to));
    let between = match side {
        Side::Buy => (high, low),
        Side::Sell => (low, high),
    };
    Ok(Meant::Ask(Ask::Scale(Scale {
        side,
        count,
        size,
        between,
    })))
}

fn stop_entry(words: &mut Words<'_>, side: Side) -> Result<Meant, String> {
    let size = words.size_if_any()?;
    let at = match words.value("@ and a trigger")? {
        "@" => Some(At::Stop(words.price()?)),
        word => return Err(words.unexpected(word)),
    };
    Ok(Meant::Ask(Ask::Trade(Trade { side, size, at })))
}

fn starts_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
}

fn close(words: &mut Words<'_>) -> Result<Meant, String> {
    let Some(word) = words.next() else {
        return Ok(Meant::Ask(Ask::Close(100)));
    };
    let percent = word.strip_suffix('%').unwrap_or(word).parse();
    match percent {
        Ok(percent @ 1..=100) => Ok(Meant::Ask(Ask::Close(percent))),
        _ => Err("close takes a whole number of percent, 1 to 100".to_owned()),
    }
}

fn cancel(words: &mut Words<'_>) -> Result<Meant, String> {
    Ok(match words.next() {
        None | Some("entries") => Meant::Act(Action::CancelEntries),
        Some("all") => Meant::Act(Action::CancelSymbol),
        Some("everywhere") => Meant::Act(Action::CancelEntriesEverywhere),
        Some("stops") => Meant::Ask(Ask::Cancel(Named::Stops)),
        Some("takes") => Meant::Ask(Ask::Cancel(Named::Takes)),
        Some("external") => Meant::Ask(Ask::Cancel(Named::External)),
        Some(word) => return Err(words.unexpected(word)),
    })
}

fn volume(words: &mut Words<'_>) -> Result<Meant, String> {
    let index = words.value("a volume's number")?.parse();
    let index = index.map_err(|_| "volumes are numbered from 1".to_owned())?;
    Ok(match words.next() {
        None => Meant::Act(Action::Volume(index)),
        Some("default") => Meant::Ask(Ask::Volume(index, None)),
        Some(word) => Meant::Ask(Ask::Volume(index, Some(words.size(word)?))),
    })
}

fn leverage(words: &mut Words<'_>) -> Result<Meant, String> {
    let times = words.value("a number")?;
    match times.strip_suffix('x').unwrap_or(times).parse() {
        Ok(times @ 1..=125) => Ok(Meant::Ask(Ask::Leverage(times))),
        _ => Err("leverage is a whole number from 1 to 125".to_owned()),
    }
}

fn margin(words: &mut Words<'_>) -> Result<Meant, String> {
    let mode = match words.next() {
        Some("cross") => MarginMode::Cross,
        Some("isolated") => MarginMode::Isolated,
        _ => return Err("margin is cross or isolated".to_owned()),
    };
    Ok(Meant::Ask(Ask::Margin(mode)))
}

fn mode(words: &mut Words<'_>) -> Result<Meant, String> {
    match words.next() {
        Some("one-way") => Ok(Meant::Ask(Ask::Mode(PositionMode::OneWay))),
        Some("hedge") => Ok(Meant::Ask(Ask::Mode(PositionMode::Hedge))),
        _ => Err("the mode is one-way or hedge".to_owned()),
    }
}

fn columns(words: &mut Words<'_>) -> Result<Meant, String> {
    let Some(mut all) = words.next().map(str::to_owned) else {
        return Ok(Meant::Screen("columns-list"));
    };
    while let Some(word) = words.next() {
        all.push(' ');
        all.push_str(word);
    }
    Ok(Meant::Columns(all))
}

fn baseline(words: &mut Words<'_>) -> Result<Meant, String> {
    let word = words.value("a size in coins")?;
    let size = Decimal::from_str(word).map_err(|_| words.unexpected(word))?;
    Ok(Meant::Ask(Ask::Baseline(size)))
}

fn tab(words: &mut Words<'_>) -> Result<Meant, String> {
    match words.value("a tab's name, or close")? {
        "close" => Ok(Meant::Screen("tab-close")),
        name => Ok(Meant::Tab(sanitise(name, 12))),
    }
}

fn leader(words: &mut Words<'_>) -> Result<Meant, String> {
    match words.value("a symbol, or off")? {
        "off" => Ok(Meant::Leader(None)),
        name => Ok(Meant::Leader(Some(symbol(name)))),
    }
}

/// A symbol in capitals; the venue in front of a colon keeps its letters.
fn symbol(word: &str) -> String {
    match word.split_once(':') {
        Some((venue, symbol)) => format!("{}:{}", venue.to_lowercase(), symbol.to_uppercase()),
        None => word.to_uppercase(),
    }
}

fn view_only(words: &mut Words<'_>) -> Result<Meant, String> {
    match words.next() {
        Some("on") => Ok(Meant::Ask(Ask::ViewOnly(true))),
        Some("off") => Ok(Meant::Ask(Ask::ViewOnly(false))),
        _ => Err("view-only is on or off".to_owned()),
    }
}

#[cfg(test)]
mod tests;
