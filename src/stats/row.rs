//! One row of the journal as the statistics read it. Rows of earlier versions say less; what they do not say is guessed where there is
//! one right guess, and left out where there is not.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{Account, Asset, Environment, Leg, MarketKey, Side, Symbol, TradeId, VenueId};
use crate::engine::diary::running::Traded;
use crate::engine::diary::trip::{Setup, Terms};

/// A row that counts.
#[derive(Debug)]
pub enum Said {
    /// A run began, in this world.
    Session(String, Environment),
    /// A trade of ours.
    Fill(Box<Fill>),
    /// Funding: when the row was written, ms since 1970, and how much.
    Funding(Whose, i64, Decimal, Option<Asset>),
    /// Prices that were seen while a position was open, up to the end of a run.
    Seen(Whose, (Decimal, Decimal)),
    /// The trader's words on a trip.
    Diary(Whose, TradeId, Words),
}

/// Whose, where and in which world; of rows that do not name the world, the order's name leads to it.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The market.
    pub key: MarketKey,
    /// The world, where the row names it.
    pub environment: Option<Environment>,
    /// The order, where the row names one.
    pub order: String,
}

/// Tag or note.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// The tag.
    pub tag: Option<String>,
    /// The note.
    pub note: Option<String>,
}

/// A trade of ours.
#[derive(Debug)]
pub struct Fill {
    /// Whose.
    pub whose: Whose,
    /// What traded; its size is zero where the row does not say.
    pub traded: Traded,
    /// How it becomes money; `None` where the row does not say and there is no right guess.
    pub terms: Option<Terms>,
    /// True where it moved no position: the starting number held it already.
    pub is_held: bool,
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    t: Option<i64>,
    #[serde(default, borrow)]
    session: Cow<'a, str>,
    #[serde(default, borrow)]
    env: Cow<'a, str>,
    #[serde(default, borrow)]
    account: Cow<'a, str>,
    #[serde(default, borrow)]
    venue: Cow<'a, str>,
    #[serde(default, borrow)]
    symbol: Cow<'a, str>,
    leg: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    id: Cow<'a, str>,
    #[serde(default, borrow)]
    trade: Cow<'a, str>,
    #[serde(default, borrow)]
    side: Cow<'a, str>,
    price: Option<Decimal>,
    qty: Option<Decimal>,
    fee: Option<Decimal>,
    #[serde(default, borrow)]
    fee_asset: Cow<'a, str>,
    fee_worth: Option<Decimal>,
    realised: Option<Decimal>,
    venue_ms: Option<i64>,
    /// Absent, `null` and a pair say three different things.
    #[serde(default, borrow)]
    held: Option<&'a RawValue>,
    seen: Option<(Decimal, Decimal)>,
    setup: Option<RawSetup>,
    terms: Option<RawTerms>,
    amount: Option<Decimal>,
    asset: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    trip: Cow<'a, str>,
    tag: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
struct RawSetup {
    name: String,
    promised: Option<Decimal>,
    us: (Option<u64>, Option<u64>, Option<u64>),
}

#[derive(Deserialize)]
struct RawTerms {
    settle: String,
    base: String,
    tick: Decimal,
    lot: Decimal,
    multiplier: Decimal,
    spot_least: Option<Decimal>,
}

/// A line that should be a row of ours and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Kinds of rows that count, each up to the quote that ends it.
const KINDS: [&[u8]; 5] = [b"fill\"", b"funding\"", b"session\"", b"seen\"", b"diary\""];
/// What stands before the kind. It stands nowhere else in a row: quotes inside texts are escaped.
const KIND: &[u8] = br#""kind":""#;

/// Reads a line; `None` for a row that does not count.
///
/// # Errors
/// When it cannot be read.
pub fn read(line: &[u8]) -> Result<Option<Said>, Unreadable> {
    if line.is_empty() {
        return Ok(None);
    }
    if !line.starts_with(b"{") || !line.ends_with(b"}") {
        return Err(Unreadable);
    }
    let at = line.windows(KIND.len()).position(|part| part == KIND);
    let kind = at.map_or(&[][..], |at| &line[at + KIND.len()..]);
    if !KINDS.iter().any(|counts| kind.starts_with(counts)) {
        return Ok(None);
    }
    let raw: Raw<'_> = serde_json::from_slice(line).map_err(|_| Unreadable)?;
    said(raw).ok_or(Unreadable)
}

fn said(raw: Raw<'_>) -> Option<Option<Said>> {
    let said = match raw.kind.as_ref() {
        "session" => Said::Session(raw.session.to_string(), world(&raw.env)?),
        "fill" => Said::Fill(Box::new(fill(raw)?)),
        "funding" => {
            let asset = raw
                .asset
                .as_deref()
                .and_then(|asset| Asset::new(asset).ok());
            Said::Funding(whose(&raw)?, raw.t?, raw.amount?, asset)
        }
        "seen" => Said::Seen(whose(&raw)?, raw.seen?),
        "diary" => {
            let trip = TradeId::new(&raw.trip).ok()?;
            let whose = whose(&raw)?;
            let words = Words {
                tag: raw.tag.map(|tag| inert(&tag)),
                note: raw.note.map(|note| inert(&note)),
            };
            Said::Diary(whose, trip, words)
        }
        _ => return Some(None),
    };
    Some(Some(said))
}

/// Text from a file, safe for a terminal.
fn inert(text: &str) -> String {
    crate::domain::text::sanitise(text, 200)
}

fn world(word: &str) -> Option<Environment> {
    const ALL: [Environment; 5] = [
        Environment::Real,
        Environment::Demo,
        Environment::Paper,
        Environment::Sim,
        Environment::Replay,
    ];
    ALL.into_iter().find(|world| world.word() == word)
}

fn whose(raw: &Raw<'_>) -> Option<Whose> {
    let leg = match raw.leg.as_deref() {
        Some("LONG") => Some(Leg::Long),
        Some("SHORT") => Some(Leg::Short),
        _ => None,
    };
    Some(Whose {
        key: MarketKey {
            account: Account::new(&raw.account).ok()?,
            venue: VenueId::new(&raw.venue).ok()?,
            symbol: Symbol::new(&raw.symbol).ok()?,
            leg,
        },
        environment: world(&raw.env),
        order: raw.id.to_string(),
    })
}

fn fill(raw: Raw<'_>) -> Option<Fill> {
    let whose = whose(&raw)?;
    let fee_asset = Asset::new(&raw.fee_asset).ok()?;
    let terms = match &raw.terms {
        Some(terms) => told_terms(terms),
        None => guessed_terms(&raw, whose.key.venue.as_str()),
    };
    let before = match raw.held.map(RawValue::get) {
        None | Some("null") => None,
        Some(pair) => Some(serde_json::from_str::<(Decimal, Decimal)>(pair).ok()?),
    };
    let is_held = raw.held.is_none() && raw.setup.is_some();
    let setup = raw.setup.map(setup).unwrap_or_default();
    Some(Fill {
        traded: Traded {
            trade: TradeId::new(&raw.trade).ok()?,
            side: match raw.side.as_ref() {
                "BUY" => Side::Buy,
                "SELL" => Side::Sell,
                _ => return None,
            },
            price: raw.price?,
            size: raw.qty.unwrap_or_default().abs(),
            fee: raw.fee.unwrap_or_default(),
            fee_asset,
            fee_worth: raw.fee_worth,
            realised: raw.realised,
            at_ms: raw.venue_ms?,
            before,
            seen: raw.seen,
            setup,
        },
        whose,
        terms,
        is_held,
    })
}

fn setup(raw: RawSetup) -> Setup {
    Setup {
        name: crate::domain::text::sanitise(&raw.name, 40),
        promised: raw.promised,
        written_us: raw.us.0,
        acked_us: raw.us.1,
        filled_us: raw.us.2,
    }
}

fn told_terms(raw: &RawTerms) -> Option<Terms> {
    let above_zero = [raw.tick, raw.lot, raw.multiplier];
    if above_zero.iter().any(|part| *part <= Decimal::ZERO) {
        return None;
    }
    Some(Terms {
        settle: Asset::new(&raw.settle).ok()?,
        base: Asset::new(&raw.base).ok()?,
        tick: raw.tick,
        lot: raw.lot,
        multiplier: raw.multiplier,
        spot_least: raw.spot_least,
    })
}

/// Quote currencies that a symbol's name ends in, longest first.
const QUOTES: [&str; 5] = ["FDUSD", "USDT", "USDC", "BUSD", "USD"];

/// Of a row that an earlier version wrote: where size counts coins, the name of the symbol says the rest. Contracts of other sizes
/// are not valued.
fn guessed_terms(raw: &Raw<'_>, venue: &str) -> Option<Terms> {
    let counts_coins = matches!(venue, "binance-futures" | "binance-spot" | "bybit");
    let quote = QUOTES.iter().find(|quote| raw.symbol.ends_with(**quote));
    let quote = *quote.filter(|_| counts_coins)?;
    let base = raw.symbol.strip_suffix(quote)?;
    let step = Decimal::new(1, 8);
    Some(Terms {
        settle: Asset::new(quote).ok()?,
        base: Asset::new(base).ok()?,
        tick: Decimal::new(1, raw.price?.scale()),
        lot: step,
        multiplier: Decimal::ONE,
        spot_least: (venue == "binance-spot").then_some(Decimal::ONE),
    })
}
