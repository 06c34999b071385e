//! Stream names and the routes that carry them.
//!
//! A name on the wrong route is accepted and silent, as at the venue (Binance, Important WebSocket Change Notice).

use crate::sim::binance::lines;
use crate::sim::binance::tape::interval;
use crate::sim::market::{Market, SymbolNo};

/// Which of the split stream addresses a line came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Depth, best prices, single trades.
    Public,
    /// Aggregated trades, mark price, candles, statistics.
    Market,
    /// A listen key's events.
    Private,
    /// No route: the address from before the split; it still carries what is public.
    Old,
}

/// The pace of a depth stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Every 100 ms.
    Fast,
    /// Every 250 ms, the usual one.
    Usual,
    /// Every 500 ms.
    Slow,
}

impl Pace {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Usual, Self::Slow];

    /// Milliseconds between two messages.
    pub const fn ms(self) -> i64 {
        match self {
            Self::Fast => 100,
            Self::Usual => 250,
            Self::Slow => 500,
        }
    }
}

/// What a stream carries. `None` for the symbol means all of them in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Changed levels.
    Depth(SymbolNo, Pace),
    /// The top so many levels.
    Top(SymbolNo, Pace, usize),
    /// Best prices of one symbol at once.
    BookTicker(SymbolNo),
    /// Best prices of every symbol, now and then.
    AllBookTickers,
    /// Single trades.
    Trade(SymbolNo),
    /// Trades of one taker at one price.
    AggTrade(SymbolNo),
    /// Mark price, every second (`true`) or three.
    Mark(Option<SymbolNo>, bool),
    /// Candles by place in [`INTERVALS`].
    Kline(SymbolNo, usize),
    /// 24 h statistics.
    Ticker(Option<SymbolNo>),
    /// The short form of them.
    MiniTicker(Option<SymbolNo>),
    /// Known, but nothing ever happens here (liquidations, contract changes).
    Quiet,
}

impl Stream {
    /// The route that carries it.
    pub const fn route(self) -> Route {
        match self {
            Self::Depth(..)
            | Self::Top(..)
            | Self::BookTicker(_)
            | Self::AllBookTickers
            | Self::Trade(_) => Route::Public,
            _ => Route::Market,
        }
    }
}

/// Reads a stream's name; `None` when nothing goes by it.
pub fn parse(name: &str, market: &Market) -> Option<Stream> {
    match name {
        "!bookTicker" => return Some(Stream::AllBookTickers),
        "!markPrice@arr" => return Some(Stream::Mark(None, false)),
        "!markPrice@arr@1s" => return Some(Stream::Mark(None, true)),
        "!ticker@arr" => return Some(Stream::Ticker(None)),
        "!miniTicker@arr" => return Some(Stream::MiniTicker(None)),
        "!forceOrder@arr" | "!contractInfo" | "!assetIndex@arr" => return Some(Stream::Quiet),
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
        return depth(symbol, levels, pace(speed)?);
    }
    Some(match (kind, speed) {
        ("rpiDepth", Some("500ms")) => Stream::Depth(symbol, Pace::Slow),
        ("bookTicker", None) => Stream::BookTicker(symbol),
        ("trade", None) => Stream::Trade(symbol),
        ("aggTrade", None) => Stream::AggTrade(symbol),
        ("markPrice", None) => Stream::Mark(Some(symbol), false),
        ("markPrice", Some("1s")) => Stream::Mark(Some(symbol), true),
        ("ticker", None) => Stream::Ticker(Some(symbol)),
        ("miniTicker", None) => Stream::MiniTicker(Some(symbol)),
        ("forceOrder", None) => Stream::Quiet,
        (kind, None) => Stream::Kline(symbol, interval(kind.strip_prefix("kline_")?)?),
        _ => return None,
    })
}

fn pace(speed: Option<&str>) -> Option<Pace> {
    Some(match speed {
        None | Some("250ms") => Pace::Usual,
        Some("100ms") => Pace::Fast,
        Some("500ms") => Pace::Slow,
        Some(_) => return None,
    })
}

fn depth(symbol: SymbolNo, levels: &str, pace: Pace) -> Option<Stream> {
    Some(match levels {
        "" => Stream::Depth(symbol, pace),
        "5" => Stream::Top(symbol, pace, 5),
        "10" => Stream::Top(symbol, pace, 10),
        "20" => Stream::Top(symbol, pace, 20),
        _ => return None,
    })
}

/// Reads a stream's name as one route carries it.
pub fn parse_on(name: &str, route: Route, market: &Market) -> Option<Stream> {
    let carried = |stream: &Stream| match route {
        Route::Old => stream.route() == Route::Public,
        other => stream.route() == other,
    };
    parse(name, market).filter(carried)
}

/// What the path and query of a WebSocket address ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which route.
    pub route: Route,
    /// Messages come inside `{"stream","data"}`.
    pub combined: bool,
    /// Stream names or listen keys asked for in the address.
    pub names: Vec<String>,
    /// Listen keys asked for by `listenKey=`, each with the events wanted (none: all).
    pub listen: Vec<(String, Vec<String>)>,
}

/// Reads the address of a stream line; `None` when there is no such place.
pub fn address(path: &str, query: &str) -> Option<Address> {
    let (route, rest) = [
        ("/public", Route::Public),
        ("/market", Route::Market),
        ("/private", Route::Private),
    ]
    .iter()
    .find_map(|(prefix, route)| Some((*route, path.strip_prefix(prefix)?)))
    .unwrap_or((Route::Old, path));
    let (combined, names) = lines::address(rest, query)?;
    let mut listen: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "listenKey" => listen.push((value.to_owned(), Vec::new())),
            "events" => {
                if let Some((_, events)) = listen.last_mut() {
                    let value = lines::unescaped(value);
                    let names = value.split('/').filter(|name| !name.is_empty());
                    *events = names.map(str::to_owned).collect();
                }
            }
            _ => {}
        }
    }
    Some(Address {
        route,
        combined,
        names,
        listen,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::crowd::perpetuals;

    #[test]
    fn names_are_read_with_their_speed() {
        let market = Market::new(perpetuals(), 0);
        let btc = market.symbol_no("BTCUSDT").unwrap();
        let read = |name| parse(name, &market);
        assert_eq!(read("btcusdt@depth"), Some(Stream::Depth(btc, Pace::Usual)));
        assert_eq!(
            read("btcusdt@depth@100ms"),
            Some(Stream::Depth(btc, Pace::Fast))
        );
        assert_eq!(
            read("btcusdt@depth20@500ms"),
            Some(Stream::Top(btc, Pace::Slow, 20))
        );
        assert_eq!(
            read("btcusdt@markPrice@1s"),
            Some(Stream::Mark(Some(btc), true))
        );
        assert_eq!(read("btcusdt@kline_1h"), Some(Stream::Kline(btc, 5)));
        for nothing in [
            "0",
            "BTCUSDT@depth",
            "nousdt@depth",
            "btcusdt@depth7",
            "btcusdt@depth@0ms",
            "btcusdt@kline_2s",
            "btcusdt",
        ] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn each_stream_has_one_route() {
        let market = Market::new(perpetuals(), 0);
        let route = |name| parse(name, &market).unwrap().route();
        for public in [
            "btcusdt@depth",
            "btcusdt@depth5",
            "btcusdt@bookTicker",
            "!bookTicker",
            "btcusdt@trade",
        ] {
            assert_eq!(route(public), Route::Public, "{public}");
        }
        for market_side in [
            "btcusdt@aggTrade",
            "btcusdt@markPrice",
            "btcusdt@kline_1m",
            "!ticker@arr",
            "btcusdt@forceOrder",
        ] {
            assert_eq!(route(market_side), Route::Market, "{market_side}");
        }
    }

    #[test]
    fn a_name_on_the_wrong_route_is_nothing() {
        let market = Market::new(perpetuals(), 0);
        for (name, route) in [
            ("btcusdt@depth", Route::Market),
            ("btcusdt@aggTrade", Route::Public),
            ("btcusdt@aggTrade", Route::Old),
            ("btcusdt@depth", Route::Private),
        ] {
            assert_eq!(parse_on(name, route, &market), None, "{name}");
        }
        let public = parse_on("btcusdt@depth", Route::Old, &market);
        assert_eq!(public, parse("btcusdt@depth", &market));
    }

    #[test]
    fn addresses_raw_combined_private_and_old() {
        let raw = address("/public/ws/btcusdt@depth/btcusdt@trade", "").unwrap();
        assert_eq!(
            (raw.route, raw.combined, raw.names.len()),
            (Route::Public, false, 2)
        );
        let combined = address(
            "/market/stream",
            "streams=btcusdt%40aggTrade/ethusdt@aggTrade",
        )
        .unwrap();
        assert_eq!(combined.names, ["btcusdt@aggTrade", "ethusdt@aggTrade"]);
        let private = address(
            "/private/ws",
            "listenKey=abc&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE",
        )
        .unwrap();
        assert_eq!(private.listen[0].0, "abc");
        assert_eq!(private.listen[0].1.len(), 2);
        assert_eq!(address("/private/ws/abc", "").unwrap().names, ["abc"]);
        assert_eq!(address("/ws/btcusdt@depth", "").unwrap().route, Route::Old);
        assert_eq!(address("/public/elsewhere", ""), None);
        assert_eq!(address("/ws-fapi/v1", ""), None);
    }
}
