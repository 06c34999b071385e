//! Private lines: authentication, the account's topics, and what is told on them.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Bybit;
use super::call::Guard;
use super::category::Category;
use super::error::Refused;
use super::lines::{Own, Use};
use super::sign;
use super::topics::Said;
use crate::sim::fault::What;
use crate::sim::market::SymbolNo;
use crate::sim::wire::LineId;

impl Bybit {
    /// Who authenticates a line: key, expiry (ms, later than now) and signature.
    pub(super) fn authenticate(
        &self,
        now: i64,
        ip: IpAddr,
        args: &[Value],
    ) -> Result<usize, Refused> {
        let [Value::String(api_key), expires, Value::String(signature)] = args else {
            return Err(Refused::new(10001, "Params Error"));
        };
        let expires = match expires {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(Refused::new(10001, "Params Error")),
        };
        let at = self.find_key(now, ip, api_key)?;
        if expires.parse::<i64>().map_or(true, |until| until <= now) {
            return Err(Refused::new(10004, "Request has expired"));
        }
        let payload = sign::session_payload(&expires);
        let kind = self.keys.get(at).map(|key| &key.kind);
        if !kind.is_some_and(|kind| sign::is_valid(kind, payload.as_bytes(), signature)) {
            return Err(Refused::new(10004, "Invalid sign"));
        }
        self.check_right(Guard::Read, now, at)?;
        Ok(at)
    }

    /// Answers a request on a private line.
    pub(super) fn hear_private(&mut self, now: i64, line: LineId, text: &str) {
        let Some(said) = Said::read(text) else {
            self.answer_line(line, None, None, "", Err("Params Error".to_owned()));
            return;
        };
        match said.op.as_str() {
            "ping" => {
                let mut pong = json!({
                    "op": "pong",
                    "args": [now.to_string()],
                    "conn_id": self.ids.connection(line),
                });
                if let Some(id) = said.id {
                    pong["req_id"] = id;
                }
                self.lines.text(line, pong.to_string(), 0);
            }
            "auth" => self.auth_private(now, line, said),
            "subscribe" => {
                let done = self.subscribe_own(line, &said);
                self.answer_line(line, None, said.id, "subscribe", done.map(|()| ""));
            }
            "unsubscribe" => {
                let names = said.names().unwrap_or_default();
                if let Some(Use::Private { topics, .. }) = self.what_mut(line) {
                    topics.retain(|(name, ..)| !names.contains(name));
                }
                self.answer_line(line, None, said.id, "unsubscribe", Ok(""));
            }
            op => {
                let why = format!("unknown op: {}", crate::domain::text::sanitise(op, 40));
                self.answer_line(line, None, said.id, op, Err(why));
            }
        }
    }

    pub(super) fn what_mut(&mut self, line: LineId) -> Option<&mut Use> {
        self.lines.open.get_mut(&line).map(|line| &mut line.what)
    }

    fn auth_private(&mut self, now: i64, line: LineId, said: Said) {
        let Some(ip) = self.lines.open.get(&line).map(|line| line.ip) else {
            return;
        };
        let result = self.authenticate(now, ip, &said.args);
        let answer = match result {
            Ok(at) => {
                if let Some(Use::Private { key, .. }) = self.what_mut(line) {
                    *key = Some(at);
                }
                Ok("")
            }
            Err(refused) => Err(refused.text),
        };
        let died = answer.is_err();
        self.answer_line(line, None, said.id, "auth", answer);
        if died {
            self.lines.cut(line);
        }
    }

    fn subscribe_own(&mut self, line: LineId, said: &Said) -> Result<(), String> {
        let names = said.names().filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| "Params Error".to_owned())?;
        let Some(Use::Private { key, topics }) = self.what_mut(line) else {
            return Err("Params Error".to_owned());
        };
        if key.is_none() {
            return Err("Request not authorized".to_owned());
        }
        let mut wanted = Vec::new();
        for name in names {
            let (own, only) = own_topic(&name)
                .ok_or_else(|| format!("error:handler not found,topic:{}", inert(&name)))?;
            if topics.iter().any(|(there, ..)| *there == name) {
                return Err(format!("error:already subscribed,topic:{name}"));
            }
            wanted.push((name, own, only));
        }
        let mixed = wanted.iter().any(|(_, own, only)| {
            only.is_none() && wanted.iter().any(|(_, o, c)| o == own && c.is_some())
        });
        if mixed {
            return Err("all-in-one and categorised topics cannot be in one request".to_owned());
        }
        topics.append(&mut wanted);
        Ok(())
    }

    /// Tells the account what happened since the last time: executions before the orders that they changed, then positions and money.
    pub(super) fn tell_own(&mut self, now: i64) {
        let fast: Vec<_> = std::mem::take(&mut self.news.fast)
            .into_iter()
            .map(|row| (Category::Linear, row))
            .collect();
        self.tell_topic(now, Own::Fast, &fast);
        let executions = std::mem::take(&mut self.news.executions);
        self.tell_topic(now, Own::Executions, &executions);
        let orders: Vec<_> = std::mem::take(&mut self.news.orders)
            .into_iter()
            .map(|(category, _, row)| (category, row))
            .collect();
        self.tell_topic(now, Own::Orders, &orders);
        let touched = std::mem::take(&mut self.news.positions);
        let rows: Vec<_> = touched
            .into_iter()
            .flat_map(|s| self.position_rows(s))
            .collect();
        self.tell_topic(now, Own::Positions, &rows);
        if std::mem::take(&mut self.news.wallet)
            && let Some(row) = self.wallet_row()
        {
            self.tell_topic(now, Own::Wallet, &[(Category::Linear, row)]);
        }
    }

    fn position_rows(&self, symbol: SymbolNo) -> Vec<(Category, Value)> {
        let Ok(spec) = self.spec(symbol) else {
            return Vec::new();
        };
        let positions = self.bourse.market.positions(self.account, symbol);
        let rows = positions.iter().map(|p| self.position_told(spec, p));
        rows.map(|row| (Category::Linear, row)).collect()
    }

    fn tell_topic(&mut self, now: i64, own: Own, rows: &[(Category, Value)]) {
        if rows.is_empty() {
            return;
        }
        for (line, name, only) in self.lines.owners(own) {
            let wanted = rows
                .iter()
                .filter(|(c, _)| only.is_none_or(|only| only == *c));
            let data: Vec<&Value> = wanted.map(|(_, row)| row).collect();
            if data.is_empty() {
                continue;
            }
            self.messages += 1;
            let mut message = json!({"topic": name, "creationTime": now, "data": data});
            if own != Own::Fast {
                message["id"] = self.ids.message(self.messages).into();
            }
            self.send_struck(line, message.to_string(), What::Private);
        }
    }
}

fn inert(name: &str) -> String {
    crate::domain::text::sanitise(name, 80)
}

fn own_topic(name: &str) -> Option<(Own, Option<Category>)> {
    let (front, rest) = match name.split_once('.') {
        Some((front, rest)) => (front, Some(rest)),
        None => (name, None),
    };
    let own = match (front, rest) {
        ("execution", Some("fast")) => return Some((Own::Fast, None)),
        ("execution", Some("fast.linear")) => return Some((Own::Fast, Some(Category::Linear))),
        ("dcp", Some("future" | "spot" | "option")) | ("greeks", None) => {
            return Some((Own::Quiet, None));
        }
        ("spread", Some("order" | "execution")) => return Some((Own::Quiet, None)),
        ("order", _) => Own::Orders,
        ("execution", _) => Own::Executions,
        ("position", _) => Own::Positions,
        ("wallet", None) => Own::Wallet,
        _ => return None,
    };
    match rest {
        None => Some((own, None)),
        Some("inverse" | "option") => Some((Own::Quiet, None)),
        Some("spot") if own == Own::Positions => None,
        Some(word) => Category::parse(word).map(|category| (own, Some(category))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_all_in_one_or_of_a_category() {
        assert_eq!(own_topic("order"), Some((Own::Orders, None)));
        let linear = Some(Category::Linear);
        assert_eq!(own_topic("order.linear"), Some((Own::Orders, linear)));
        assert_eq!(own_topic("execution.fast"), Some((Own::Fast, None)));
        assert_eq!(own_topic("position.inverse"), Some((Own::Quiet, None)));
        for bad in [
            "orders",
            "position.spot",
            "wallet.linear",
            "order.futures",
            "",
        ] {
            assert_eq!(own_topic(bad), None, "{bad}");
        }
    }
}
