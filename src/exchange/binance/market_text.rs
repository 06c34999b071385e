//! The text of the smaller public events → domain words, borrowed from the frame. (Binance, market streams of spot and USDⓈ-M
//! futures.)

use rust_decimal::Decimal;

use super::depth_json::{DepthError, unwrap_envelope};
use super::depth_text::Grid;
use crate::domain::{Level, Print, Side, Symbol, text::sanitise};

/// Best prices of one `bookTicker`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestPrices {
    /// `u`, the update id it was taken at.
    pub id: u64,
    /// `E`, venue ms since 1970; spot does not say it.
    pub event_ms: Option<i64>,
    /// Best bid, if any.
    pub bid: Option<Level>,
    /// Best ask, if any.
    pub ask: Option<Level>,
}

/// One event that is not a depth event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarketText {
    /// `bookTicker`
    BestPrices(Symbol, BestPrices),
    /// `aggTrade`, `trade`; `in_book` is false when no resting order of the visible book was hit.
    Print {
        /// The trade.
        print: Print,
        /// Whether the visible book must show it.
        in_book: bool,
    },
    /// `markPriceUpdate`
    Mark {
        /// Instrument.
        symbol: Symbol,
        /// `p`, quote currency.
        mark: Decimal,
        /// `r`, fraction.
        funding: Decimal,
        /// `T`, venue ms since 1970.
        next_funding_ms: i64,
    },
    /// `depthUpdate` that the scanner left.
    Depth,
    /// `serverShutdown`: the venue is about to end this connection.
    Shutdown,
    /// The venue refused one of our messages; in words, sanitised.
    Refused(String),
    /// Something that nobody asked for, or the answer to a subscription.
    Other,
}

#[derive(serde::Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    e: Option<&'a str>,
    code: Option<i64>,
    #[serde(borrow)]
    msg: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<Refusal<'a>>,
    /// Best prices of spot carry no `e`; their id and their sizes tell them apart.
    u: Option<serde::de::IgnoredAny>,
    #[serde(rename = "A")]
    ask_qty: Option<serde::de::IgnoredAny>,
}

impl Kind<'_> {
    const fn is_spot_ticker(&self) -> bool {
        self.e.is_none() && self.u.is_some() && self.ask_qty.is_some()
    }
}

#[derive(serde::Deserialize)]
struct Refusal<'a> {
    #[serde(borrow)]
    msg: Option<std::borrow::Cow<'a, str>>,
}

#[derive(serde::Deserialize)]
struct BookTicker<'a> {
    u: u64,
    s: &'a str,
    b: &'a str,
    #[serde(rename = "B")]
    bid_qty: &'a str,
    a: &'a str,
    #[serde(rename = "A")]
    ask_qty: &'a str,
    #[serde(rename = "E")]
    event_ms: Option<i64>,
}

#[derive(serde::Deserialize)]
struct Trade<'a> {
    s: &'a str,
    p: &'a str,
    q: &'a str,
    /// Quantity without retail-price-improvement fills, which rest outside the visible book.
    #[serde(borrow)]
    nq: Option<&'a str>,
    #[serde(rename = "T")]
    trade_ms: i64,
    m: bool,
    /// `trade` only: `MARKET`, or an insurance or deleveraging fill.
    #[serde(rename = "X", borrow)]
    kind: Option<&'a str>,
}

#[derive(serde::Deserialize)]
struct MarkPrice<'a> {
    s: &'a str,
    p: &'a str,
    r: &'a str,
    #[serde(rename = "T")]
    next_funding_ms: i64,
}

/// Reads one event. `grid` names the steps of a followed symbol; events of others are [`MarketText::Other`].
///
/// # Errors
/// When it is no JSON, lacks a documented field, or a number is no whole step.
pub fn parse(text: &str, grid: impl Fn(&str) -> Option<Grid>) -> Result<MarketText, DepthError> {
    let mut text = text;
    let mut kind: Kind<'_> = serde_json::from_str(text)?;
    if kind.e.is_none() && !kind.is_spot_ticker() {
        text = unwrap_envelope(text);
        kind = serde_json::from_str(text)?;
    }
    if kind.is_spot_ticker() {
        return best_prices(text, grid);
    }
    match kind.e {
        Some("bookTicker") => best_prices(text, grid),
        Some("aggTrade" | "trade") => print(text, grid),
        Some("markPriceUpdate") => mark(text, grid),
        Some("depthUpdate") => Ok(MarketText::Depth),
        Some("serverShutdown") => Ok(MarketText::Shutdown),
        Some(_) => Ok(MarketText::Other),
        None => Ok(refusal(kind)),
    }
}

fn refusal(kind: Kind<'_>) -> MarketText {
    let words = match (kind.code, kind.error) {
        (_, Some(error)) => error.msg,
        (Some(_), None) => kind.msg,
        (None, None) => return MarketText::Other,
    };
    MarketText::Refused(sanitise(words.as_deref().unwrap_or("refused"), 120))
}

fn best_prices(text: &str, grid: impl Fn(&str) -> Option<Grid>) -> Result<MarketText, DepthError> {
    let ticker: BookTicker<'_> = serde_json::from_str(text)?;
    let Some(grid) = grid(ticker.s) else {
        return Ok(MarketText::Other);
    };
    Ok(MarketText::BestPrices(
        grid.symbol,
        BestPrices {
            id: ticker.u,
            event_ms: ticker.event_ms,
            bid: level(grid, ticker.b, ticker.bid_qty)?,
            ask: level(grid, ticker.a, ticker.ask_qty)?,
        },
    ))
}

/// A level, or nothing where the side is empty (price or size zero).
fn level(grid: Grid, price: &str, qty: &str) -> Result<Option<Level>, DepthError> {
    let level = Level {
        price: crate::domain::Price(grid.tick.count(price.as_bytes())?),
        qty: crate::domain::Qty(grid.lot.count(qty.as_bytes())?),
    };
    if level.price.0 < 0 || level.qty.0 < 0 {
        return Err(DepthError::Negative);
    }
    Ok((level.price.0 > 0 && level.qty.0 > 0).then_some(level))
}

fn print(text: &str, grid: impl Fn(&str) -> Option<Grid>) -> Result<MarketText, DepthError> {
    let trade: Trade<'_> = serde_json::from_str(text)?;
    let Some(grid) = grid(trade.s) else {
        return Ok(MarketText::Other);
    };
    let level = level(grid, trade.p, trade.q)?;
    let visible = trade.nq.map_or(Ok(1), |nq| grid.lot.count(nq.as_bytes()))?;
    let Some(level) = level else {
        // Deleveraging fills of the `trade` stream may carry zeros; they are no prints.
        return Ok(MarketText::Other);
    };
    Ok(MarketText::Print {
        print: Print {
            symbol: grid.symbol,
            side: if trade.m { Side::Sell } else { Side::Buy },
            price: level.price,
            qty: level.qty,
            venue_ms: trade.trade_ms,
        },
        in_book: visible > 0 && trade.kind.is_none_or(|kind| kind == "MARKET"),
    })
}

fn mark(text: &str, grid: impl Fn(&str) -> Option<Grid>) -> Result<MarketText, DepthError> {
    let update: MarkPrice<'_> = serde_json::from_str(text)?;
    let Some(grid) = grid(update.s) else {
        return Ok(MarketText::Other);
    };
    let decimal = |text: &str| {
        text.parse::<Decimal>()
            .map_err(|_| crate::domain::decimal::DecimalError::Malformed)
    };
    Ok(MarketText::Mark {
        symbol: grid.symbol,
        mark: decimal(update.p)?,
        // Quarterly contracts have no funding and send an empty text.
        funding: if update.r.is_empty() {
            Decimal::ZERO
        } else {
            decimal(update.r)?
        },
        next_funding_ms: update.next_funding_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Step;
    use crate::domain::{Price, Qty};

    fn grid(name: &str) -> Option<Grid> {
        let grid = Grid {
            sequence: crate::exchange::binance::product::Sequence::Linked,
            symbol: Symbol::new("BTCUSDT").unwrap(),
            tick: Step::parse("0.1").unwrap(),
            lot: Step::parse("0.001").unwrap(),
        };
        (name == "BTCUSDT").then_some(grid)
    }

    #[test]
    fn reads_the_documented_events() {
        let ticker = r#"{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BTCUSDT","b":"60000.1","B":"31.2","a":"60000.2","A":"40.6","ps":"BTCUSDT","st":1}"#;
        let Ok(MarketText::BestPrices(_, best)) = parse(ticker, grid) else {
            panic!()
        };
        assert_eq!(best.id, 400_900_217);
        assert_eq!(best.bid.unwrap().qty, Qty(31_200));
        let trade = r#"{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":123456789,"s":"BTCUSDT","a":5933014,"p":"60000.1","q":"0.100","nq":"0.000","f":100,"l":105,"T":123456785,"m":true,"st":1}}"#;
        let Ok(MarketText::Print { print, in_book }) = parse(trade, grid) else {
            panic!()
        };
        assert_eq!((print.side, print.price), (Side::Sell, Price(600_001)));
        assert!(!in_book);
        let mark = r#"{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"60001.25","ap":"60001.0","i":"60000.9","P":"60000.5","r":"0.00010000","T":1562306400000,"st":1}"#;
        let Ok(MarketText::Mark { mark, .. }) = parse(mark, grid) else {
            panic!()
        };
        assert_eq!(mark.to_string(), "60001.25");
    }

    #[test]
    fn spot_events_are_read_bare_and_in_their_envelope() {
        let ticker =
            r#"{"u":400900217,"s":"BTCUSDT","b":"25.3","B":"31.21","a":"25.4","A":"40.66"}"#;
        for text in [
            ticker.to_owned(),
            format!(r#"{{"stream":"btcusdt@bookTicker","data":{ticker}}}"#),
        ] {
            let Ok(MarketText::BestPrices(_, best)) = parse(&text, grid) else {
                panic!("{text}")
            };
            assert_eq!((best.id, best.event_ms), (400_900_217, None));
            assert_eq!(best.ask.unwrap().price, Price(254));
        }
        let trade = r#"{"e":"aggTrade","E":1672515782136,"s":"BTCUSDT","a":12345,"p":"0.1","q":"100","f":100,"l":105,"T":1672515782136,"m":false,"M":true}"#;
        let Ok(MarketText::Print { print, in_book }) = parse(trade, grid) else {
            panic!()
        };
        assert_eq!((print.side, in_book), (Side::Buy, true));
        for shutdown in [
            r#"{"e":"serverShutdown","E":1770123456789}"#,
            r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#,
        ] {
            assert_eq!(parse(shutdown, grid).unwrap(), MarketText::Shutdown);
        }
    }

    #[test]
    fn answers_refusals_and_strangers() {
        assert_eq!(
            parse(r#"{"result":null,"id":1}"#, grid).unwrap(),
            MarketText::Other
        );
        assert_eq!(
            parse(r#"{"code":2,"msg":"Invalid request: \u001b[2J"}"#, grid).unwrap(),
            MarketText::Refused("Invalid request: ?[2J".to_owned())
        );
        let other =
            r#"{"e":"bookTicker","u":1,"E":1,"T":1,"s":"ETHUSDT","b":"1","B":"1","a":"2","A":"1"}"#;
        assert_eq!(parse(other, grid).unwrap(), MarketText::Other);
        for bad in ["", "{", "[]x", r#"{"e":"bookTicker"}"#, r#"{"e":1}"#] {
            assert!(parse(bad, grid).is_err(), "{bad}");
        }
    }
}
