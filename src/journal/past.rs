//! What the rows of earlier runs tell: their names, what the last one left open, how it ended. Pure.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::Environment;
use crate::domain::text::sanitise;
use crate::engine::guard::Kept;

/// What earlier runs left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Names of earlier runs, oldest first, at most 200.
    pub sessions: Vec<String>,
    /// Orders of which no end is written: symbol and name.
    pub open_orders: Vec<(String, String)>,
    /// Positions that were not flat when last told: symbol and signed size.
    pub positions: Vec<(String, String)>,
    /// The last note of a run (`screen lost: …`), if it was its last word.
    pub last_note: Option<String>,
    /// What each run settled: account, venue, the day (UTC, since 1970) of its last word on it, and how much.
    pub results: Vec<DayResult>,
    /// What the guard of each account, venue and world kept last.
    pub guards: BTreeMap<(String, String, String), Kept>,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// What one run settled on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayResult {
    account: String,
    venue: String,
    environment: String,
    day: i64,
    settled: Decimal,
    run: usize,
}

/// A day, ms.
const DAY_MS: i64 = 86_400_000;

/// How many runs are remembered by name: orders of older ones count as foreign.
const REMEMBERED: usize = 200;
/// Longest text that is taken from a row.
const LONGEST: usize = 200;

impl Past {
    /// Reads journal lines; one that cannot be read is counted and skipped.
    pub fn read(text: &[u8]) -> Self {
        let mut past = Self::default();
        let mut orders: BTreeMap<(String, String), bool> = BTreeMap::new();
        let mut positions: BTreeMap<String, String> = BTreeMap::new();
        let mut on_paper = false;
        for line in text.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Value>(line) {
                Ok(row) => {
                    on_paper = is_on_paper(&row).unwrap_or(on_paper);
                    if !(on_paper && is_of_what_is_open(&row)) {
                        past.take(&row, &mut orders, &mut positions);
                    }
                }
                Err(_) => past.unreadable += 1,
            }
        }
        let surplus = past.sessions.len().saturating_sub(REMEMBERED);
        past.sessions.drain(..surplus);
        past.open_orders = orders
            .into_iter()
            .filter_map(|(order, open)| open.then_some(order))
            .collect();
        past.positions = positions.into_iter().collect();
        past
    }

    fn take(
        &mut self,
        row: &Value,
        orders: &mut BTreeMap<(String, String), bool>,
        positions: &mut BTreeMap<String, String>,
    ) {
        let kind = row.get("kind").and_then(Value::as_str).unwrap_or_default();
        let order = || text(row, "symbol").zip(text(row, "id"));
        match kind {
            "session" => self.sessions.extend(text(row, "session")),
            "intent" => {
                if let Some(order) = order() {
                    orders.insert(order, true);
                }
            }
            "order" => {
                let open = row.get("open").and_then(Value::as_bool);
                if let (Some(order), Some(open)) = (order(), open) {
                    orders.insert(order, open);
                }
            }
            "position" => {
                if let (Some(symbol), Some(size)) = (text(row, "symbol"), text(row, "size")) {
                    let flat = size.bytes().all(|b| matches!(b, b'0' | b'.' | b'-'));
                    if flat {
                        positions.remove(&symbol);
                    } else {
                        positions.insert(symbol, size);
                    }
                }
            }
            "result" => self.take_result(row),
            "guard" => self.take_guard(row),
            _ => {}
        }
        self.last_note = match kind {
            "note" => text(row, "words"),
            "session" => None,
            _ => self.last_note.take(),
        };
    }

    fn take_guard(&mut self, row: &Value) {
        let whose = text(row, "account")
            .zip(text(row, "venue"))
            .zip(text(row, "env"));
        let kept = row.get("kept").cloned().map(serde_json::from_value);
        if let (Some(((account, venue), env)), Some(Ok(kept))) = (whose, kept) {
            self.guards.insert((account, venue, env), kept);
        }
    }

    /// What the guard of one account of one world kept last.
    pub fn guard(&self, account: &str, venue: &str, environment: Environment) -> Option<&Kept> {
        let whose = [account, venue, environment.word()].map(str::to_owned);
        let [account, venue, env] = whose;
        self.guards.get(&(account, venue, env))
    }

    /// A later word of the same run about the same day replaces the earlier one.
    fn take_result(&mut self, row: &Value) {
        let Some(result) = self.result(row) else {
            return;
        };
        let same = |old: &DayResult| {
            (old.run, old.day) == (result.run, result.day)
                && (&old.account, &old.venue) == (&result.account, &result.venue)
                && old.environment == result.environment
        };
        self.results
            .retain(|old| old.day == result.day && !same(old));
        self.results.push(result);
    }

    fn result(&self, row: &Value) -> Option<DayResult> {
        Some(DayResult {
            account: text(row, "account")?,
            venue: text(row, "venue")?,
            environment: text(row, "env")?,
            day: row.get("t")?.as_i64()?.div_euclid(DAY_MS),
            settled: text(row, "settled")?.parse().ok()?,
            run: self.sessions.len(),
        })
    }

    /// What earlier runs settled for an account of one world on the day (UTC) of `now_ms`, quote currency.
    pub fn day_result(
        &self,
        account: &str,
        venue: &str,
        environment: Environment,
        now_ms: i64,
    ) -> Decimal {
        let day = now_ms.div_euclid(DAY_MS);
        self.results
            .iter()
            .filter(|result| (result.account.as_str(), result.venue.as_str()) == (account, venue))
            .filter(|result| result.environment == environment.word() && result.day == day)
            .fold(Decimal::ZERO, |sum, result| {
                sum.saturating_add(result.settled)
            })
    }

    /// What a start should tell the trader; `None` when nothing was left.
    pub fn words(&self) -> Option<String> {
        let mut parts = Vec::new();
        parts.extend(self.last_note.clone());
        if !self.positions.is_empty() {
            let list: Vec<String> = self
                .positions
                .iter()
                .map(|(symbol, size)| format!("{symbol} {size}"))
                .collect();
            parts.push(format!("position {}", list.join(", ")));
        }
        if !self.open_orders.is_empty() {
            parts.push(format!(
                "{} orders not proved ended",
                self.open_orders.len()
            ));
        }
        (!parts.is_empty()).then(|| format!("last session: {}", parts.join("; ")))
    }
}

/// Whether a run traded on paper, where its first row this is.
fn is_on_paper(row: &Value) -> Option<bool> {
    let begins = row.get("kind").and_then(Value::as_str) == Some("session");
    begins.then(|| text(row, "env").as_deref() == Some(Environment::Paper.word()))
}

/// What a run leaves open: on paper it ends with the run.
fn is_of_what_is_open(row: &Value) -> bool {
    let kind = row.get("kind").and_then(Value::as_str);
    matches!(kind, Some("intent" | "order" | "position" | "note"))
}

fn text(row: &Value, field: &str) -> Option<String> {
    row.get(field)
        .and_then(Value::as_str)
        .map(|text| sanitise(text, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_open_is_told_at_the_next_start() {
        let rows = br#"{"kind":"session","session":"mabc12345xy"}
{"kind":"intent","symbol":"BTCUSDT","id":"mabc12345xy1"}
{"kind":"intent","symbol":"BTCUSDT","id":"mabc12345xy2"}
not json
{"kind":"order","symbol":"BTCUSDT","id":"mabc12345xy1","open":true}
{"kind":"order","symbol":"BTCUSDT","id":"mabc12345xy2","open":false}
{"kind":"position","symbol":"BTCUSDT","size":"0.050"}
{"kind":"position","symbol":"ETHUSDT","size":"1"}
{"kind":"position","symbol":"ETHUSDT","size":"0.000"}
{"kind":"note","words":"screen lost: entries end"}
"#;
        let past = Past::read(rows);
        assert_eq!(past.unreadable, 1);
        assert_eq!(
            past.open_orders,
            [("BTCUSDT".to_owned(), "mabc12345xy1".to_owned())]
        );
        assert_eq!(
            past.words().unwrap(),
            "last session: screen lost: entries end; position BTCUSDT 0.050; 1 orders not proved ended"
        );
        assert_eq!(Past::default().words(), None);
    }

    #[test]
    fn paper_leaves_nothing_open_and_touches_nothing_that_is() {
        let rows = br#"{"kind":"session","session":"one","env":"live"}
{"kind":"position","symbol":"BTCUSDT","size":"0.050"}
{"kind":"session","session":"two","env":"paper"}
{"kind":"intent","symbol":"ETHUSDT","id":"two1"}
{"kind":"position","symbol":"ETHUSDT","size":"3"}
{"kind":"position","symbol":"BTCUSDT","size":"0"}
"#;
        let past = Past::read(rows);
        assert_eq!(past.sessions, ["one", "two"]);
        assert!(past.open_orders.is_empty());
        assert_eq!(
            past.words().unwrap(),
            "last session: position BTCUSDT 0.050"
        );
    }

    #[test]
    fn f14_text_from_a_file_is_made_inert() {
        let past = Past::read(b"{\"kind\":\"note\",\"words\":\"a\\u001b[2Jb\"}\n");
        assert_eq!(past.last_note.unwrap(), "a?[2Jb");
    }

    #[test]
    fn rule10_the_results_of_one_day_add_up_over_its_runs() {
        let day = 20_000 * DAY_MS;
        let mut text = String::new();
        for (kind, t, more) in [
            ("session", day - 9, r#""session":"one""#),
            (
                "result",
                day - 5,
                r#""account":"main","venue":"v","env":"demo","settled":"-100""#,
            ),
            (
                "result",
                day + 1,
                r#""account":"main","venue":"v","env":"demo","settled":"-3""#,
            ),
            (
                "result",
                day + 2,
                r#""account":"main","venue":"v","env":"demo","settled":"-5.5""#,
            ),
            (
                "result",
                day + 3,
                r#""account":"other","venue":"v","env":"demo","settled":"7""#,
            ),
            ("session", day + 4, r#""session":"two""#),
            (
                "result",
                day + 5,
                r#""account":"main","venue":"v","env":"demo","settled":"2""#,
            ),
        ] {
            text.push_str(&format!("{{\"t\":{t},\"kind\":\"{kind}\",{more}}}\n"));
        }
        let past = Past::read(text.as_bytes());
        assert_eq!(
            past.day_result("main", "v", Environment::Demo, day + 9)
                .to_string(),
            "-3.5"
        );
        assert_eq!(
            past.day_result("other", "v", Environment::Demo, day + 9)
                .to_string(),
            "7"
        );
        assert_eq!(
            past.day_result("main", "v", Environment::Demo, day + DAY_MS),
            Decimal::ZERO
        );
        // What was won on demo does not widen what real money may lose.
        assert_eq!(
            past.day_result("main", "v", Environment::Real, day + 9),
            Decimal::ZERO
        );
    }
}
