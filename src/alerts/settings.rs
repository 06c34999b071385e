//! What the trader set about alerts. `default.toml` says what each means.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::Kind;

/// How a desktop notice is asked of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// By what the terminal is.
    #[default]
    Auto,
    /// iTerm2's, which many others take.
    Osc9,
    /// kitty's.
    Osc99,
    /// urxvt's, and foot's.
    Osc777,
    /// Never.
    Off,
}

/// What one kind does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ways {
    /// It is a row of the list.
    pub list: bool,
    /// It rings.
    pub bell: bool,
    /// It is a desktop notice.
    pub notice: bool,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How desktop notices are asked of the terminal.
    pub notice: Way,
    /// Desktop notices may name sizes, profit and loss.
    pub notice_money: bool,
    /// A level that alerted does so again once the price was so many ticks away ...
    pub rearm_ticks: i64,
    /// ... and this fraction of the level.
    pub rearm: Decimal,
    /// From here on a print is large, by symbol, in its own unit.
    pub print_from: BTreeMap<String, Decimal>,
    /// From here on a size is large, by symbol, in its own unit.
    pub size_from: BTreeMap<String, Decimal>,
    pub(super) level: Ways,
    #[serde(rename = "large-print")]
    pub(super) large_print: Ways,
    #[serde(rename = "large-size")]
    pub(super) large_size: Ways,
    pub(super) iceberg: Ways,
    pub(super) fill: Ways,
    pub(super) order: Ways,
    pub(super) stop: Ways,
    pub(super) risk: Ways,
    pub(super) link: Ways,
}

impl Default for Settings {
    /// All of it in the list, and nothing else.
    fn default() -> Self {
        let ways = Ways {
            list: true,
            ..Ways::default()
        };
        Self {
            notice: Way::Auto,
            notice_money: false,
            rearm_ticks: 20,
            rearm: Decimal::new(5, 4),
            print_from: BTreeMap::new(),
            size_from: BTreeMap::new(),
            level: ways,
            large_print: ways,
            large_size: ways,
            iceberg: ways,
            fill: ways,
            order: ways,
            stop: ways,
            risk: ways,
            link: ways,
        }
    }
}

impl Settings {
    /// What one kind does.
    pub const fn of(&self, kind: Kind) -> Ways {
        match kind {
            Kind::Level => self.level,
            Kind::LargePrint => self.large_print,
            Kind::LargeSize => self.large_size,
            Kind::Iceberg => self.iceberg,
            Kind::Fill => self.fill,
            Kind::Order => self.order,
            Kind::Stop => self.stop,
            Kind::Risk => self.risk,
            Kind::Link => self.link,
        }
    }

    /// From where on prints and sizes of a symbol are large, in its own unit; `None`: by what is usual there.
    pub fn large_from(&self, symbol: &str) -> (Option<Decimal>, Option<Decimal>) {
        let from = |by_symbol: &BTreeMap<String, Decimal>| by_symbol.get(symbol).copied();
        (from(&self.print_from), from(&self.size_from))
    }

    /// The first value of a symbol that is none, as one sentence.
    pub fn out_of_range(&self) -> Option<String> {
        let named = [
            ("print_from", &self.print_from),
            ("size_from", &self.size_from),
        ];
        named.iter().find_map(|(name, by_symbol)| {
            let (symbol, _) = by_symbol.iter().find(|(_, from)| **from <= Decimal::ZERO)?;
            Some(format!("alerts.{name}.{symbol} must be above zero"))
        })
    }

    /// Changes what one kind does.
    pub const fn set(&mut self, kind: Kind, ways: Ways) {
        let place = match kind {
            Kind::Level => &mut self.level,
            Kind::LargePrint => &mut self.large_print,
            Kind::LargeSize => &mut self.large_size,
            Kind::Iceberg => &mut self.iceberg,
            Kind::Fill => &mut self.fill,
            Kind::Order => &mut self.order,
            Kind::Stop => &mut self.stop,
            Kind::Risk => &mut self.risk,
            Kind::Link => &mut self.link,
        };
        *place = ways;
    }
}
