//! What the trader set about alerts. `default.toml` says what each means.

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
    level: Ways,
    #[serde(rename = "large-print")]
    large_print: Ways,
    #[serde(rename = "large-size")]
    large_size: Ways,
    iceberg: Ways,
    fill: Ways,
    order: Ways,
    stop: Ways,
    risk: Ways,
    link: Ways,
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
