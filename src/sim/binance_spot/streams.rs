//! Stream names.

use crate::sim::binance::tape::interval;
use crate::sim::market::{Market, SymbolNo};

/// The pace of a depth stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Every 100 ms.
    Fast,
    /// Every second, the usual one.
    Usual,
}

impl Pace {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Fast, Self::Usual];

    /// Milliseconds between two messages.
    pub const fn ms(self) -> i64 {
        match self {
            Self::Fast => 100,
            Self::Usual => 1000,
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Changes of the book.
    Depth(SymbolNo, Pace),
    /// The best levels.
    Top(SymbolNo, Pace, usize),
    /// Best prices as they change.
    BookTicker(SymbolNo),
    /// Single trades.
    Trade(SymbolNo),
    /// Trades of one taker at one price.
    AggTrade(SymbolNo),
    /// Candles of a length (its place in the intervals).
    Kline(SymbolNo, usize),
    /// The last 24 hours; `None`: of all pairs.
    Ticker(Option<SymbolNo>),
    /// Their short form; `None`: of all pairs.
    MiniTicker(Option<SymbolNo>),
    /// The average price.
    Average(SymbolNo),
}

/// Reads a stream's name; `None` when nothing goes by it: the venue takes such a name and says nothing.
pub fn parse(name: &str, market: &Market) -> Option<Stream> {
    match name {
        "!ticker@arr" => return Some(Stream::Ticker(None)),
        "!miniTicker@arr" => return Some(Stream::MiniTicker(None)),
        _ => {}
    }
    let (symbol, rest) = name.split_once('@')?;
    if symbol.chars().any(char::is_uppercase) {
        return None;
    }
    let symbol = market.symbol_no(&symbol.to_uppercase())?;
    let (kind, speed) = match rest.split_once('@') {
        Some((kind, speed)) => (kind, Some(speed)),
        None => (rest, None),
    };
    if let Some(levels) = kind.strip_prefix("depth") {
        let pace = match speed {
            None | Some("1000ms") => Pace::Usual,
            Some("100ms") => Pace::Fast,
            Some(_) => return None,
        };
        return Some(match levels {
            "" => Stream::Depth(symbol, pace),
            "5" => Stream::Top(symbol, pace, 5),
            "10" => Stream::Top(symbol, pace, 10),
            "20" => Stream::Top(symbol, pace, 20),
            _ => return None,
        });
    }
    if speed.is_some() {
        return None;
    }
    Some(match kind {
        "bookTicker" => Stream::BookTicker(symbol),
        "trade" => Stream::Trade(symbol),
        "aggTrade" => Stream::AggTrade(symbol),
        "ticker" => Stream::Ticker(Some(symbol)),
        "miniTicker" => Stream::MiniTicker(Some(symbol)),
        "avgPrice" => Stream::Average(symbol),
        kind => Stream::Kline(symbol, interval(kind.strip_prefix("kline_")?)?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::named;
    use super::*;
    use crate::sim::crowd::spots;

    #[test]
    fn names_are_read_with_their_speed() {
        let market = Market::new(spots().into_iter().map(named).collect(), 0);
        let btc = market.symbol_no("BTCUSDT").unwrap();
        let read = |name| parse(name, &market);
        for (name, stream) in [
            ("btcusdt@depth", Stream::Depth(btc, Pace::Usual)),
            ("btcusdt@depth@100ms", Stream::Depth(btc, Pace::Fast)),
            ("btcusdt@depth20@100ms", Stream::Top(btc, Pace::Fast, 20)),
            ("btcusdt@depth5", Stream::Top(btc, Pace::Usual, 5)),
            ("btcusdt@kline_1h", Stream::Kline(btc, 5)),
            ("!miniTicker@arr", Stream::MiniTicker(None)),
        ] {
            assert_eq!(read(name), Some(stream), "{name}");
        }
        for nothing in [
            "0",
            "BTCUSDT@depth",
            "nousdt@depth",
            "btcusdt@depth7",
            "btcusdt@depth@250ms",
            "btcusdt@kline_2s",
            "btcusdt@trade@100ms",
            "btcusdt@markPrice",
            "btcusdt",
        ] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
