//! `GET klines`: the minutes before a symbol was followed. Owns nothing; the feed does.

use serde_json::value::RawValue;

use super::calls::Body;
use super::feed::BinanceFeed;
use crate::domain::{Stamp, Symbol};
use crate::exchange::machine::Out;
use crate::exchange::past::Row;

impl BinanceFeed {
    /// Asks for the past of one symbol, where that is wanted: after its book, and one at a time, so that nothing waits for it.
    pub(super) fn ask_past(&mut self, now: Stamp, out: &mut Out) {
        if self.followed.iter().any(|f| f.past.is_flying()) || !self.market.health().is_open() {
            return;
        }
        let Some(venue_ms) = self.calls.clock.venue_ms(now) else {
            return;
        };
        let due = |f: &super::followed::Followed| {
            f.past.is_due(now) && f.state(now, self.line_view()).is_live()
        };
        let Some(index) = self.followed.iter().position(due) else {
            return;
        };
        let followed = &mut self.followed[index];
        match self.calls.past(now, followed.symbol(), out) {
            Ok(()) => followed.past.asked(venue_ms),
            Err(until) => followed.past.wait_until(until),
        }
    }

    pub(super) fn past_came(&mut self, now: Stamp, symbol: &Symbol, body: Body, out: &mut Out) {
        let venue_ms = self.calls.clock.venue_ms(now);
        let Some(index) = self.index(symbol) else {
            return;
        };
        let followed = &mut self.followed[index];
        let rows = match &body {
            Ok(body) => rows(body),
            Err(why) => Err(why.clone()),
        };
        let instrument = followed.instrument.clone();
        followed.past.came(now, venue_ms, &instrument, rows, out);
    }
}

/// The rows of an answer, the newest first. (Binance, Kline/Candlestick Data, spot and USDⓈ-M futures: the oldest is first there.)
///
/// # Errors
/// When it is no list of such rows, in words.
fn rows(body: &[u8]) -> Result<Vec<Row<'_>>, String> {
    let list: Vec<Vec<&RawValue>> = serde_json::from_slice(body).map_err(|why| why.to_string())?;
    let rows = list.iter().rev().map(|row| {
        let text = |at: usize| row.get(at).map(|raw| raw.get().trim_matches('"'));
        Some(Row {
            began: text(0)?,
            prices: [text(1)?, text(2)?, text(3)?, text(4)?],
            qty: text(5)?,
            bought: Some(text(9)?),
        })
    });
    rows.collect::<Option<_>>()
        .ok_or_else(|| "a row is too short".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_documented_whatever_follows() {
        let first = Row {
            began: "1499040000000",
            prices: ["0.01634790", "0.80000000", "0.01575800", "0.01577100"],
            qty: "148976.11427815",
            bought: Some("1756.87402397"),
        };
        let futures = include_str!("../../../tests/wire/binance_futures/klines_example.json");
        let spot = include_str!("../../../tests/wire/binance_spot/klines_example.json");
        assert_eq!(rows(futures.as_bytes()).as_deref(), Ok(&[first][..]));
        assert_eq!(rows(spot.as_bytes()).as_deref(), Ok(&[first][..]));
        let newer = r#",[1499644800000,"2","4","1","3","8",0,"0",1,"5","0","0",{"more":[1]}]]"#;
        let two = spot.trim_end().strip_suffix(']').unwrap().to_owned() + newer;
        let two = rows(two.as_bytes()).unwrap();
        assert_eq!((two[0].prices, two[1]), (["2", "4", "1", "3"], first));
    }

    #[test]
    fn what_is_no_list_of_rows_is_refused() {
        for wrong in ["", "{}", "[1]", "[[]]", r#"[[1,"2","3"]]"#, "[[1,2,3,4,5"] {
            assert!(rows(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(rows(b"[]"), Ok(Vec::new()));
    }
}
