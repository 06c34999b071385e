//! The limits by name: how each is read from and put into [`Limits`], and what its numbers may be.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Cap, Limits, Symbol};

use super::kept::Kept;

/// What a limit's number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, zero or more.
    Number,
    /// A whole number, zero or more.
    Count,
    /// A number, or `off`.
    NumberOrOff,
    /// A whole number of 1 or more, or `off`.
    CountOrOff,
}

/// One limit that `:set` knows.
#[derive(Clone, Copy, Debug)]
pub struct LimitRow {
    /// As it is typed: `risk.max_position`.
    pub name: &'static str,
    /// What it limits, in one sentence.
    pub doc: &'static str,
    /// It is of one symbol.
    pub by_symbol: bool,
    /// What its numbers may be.
    pub kind: Kind,
    get: fn(&Limits, Option<Symbol>) -> Cap,
    put: fn(&mut Limits, Option<Symbol>, Cap),
}

/// The day's loss, by its name in what is kept.
pub(super) const DAY_LOSS: &str = "max_day_loss";
/// The position's limit in quote currency.
pub(super) const POSITION: &str = "max_position_notional";
/// The order's.
pub(super) const ORDER: &str = "max_order_notional";

/// What stands before every name.
const PREFIX: &str = "risk.";

/// Every limit. Each is tighter the smaller it is.
pub const LIMITS: &[LimitRow] = &[
    LimitRow {
        name: "risk.max_order",
        doc: "largest order of this symbol, in its own unit",
        by_symbol: true,
        kind: Kind::NumberOrOff,
        get: |limits, symbol| size(&limits.max_order, symbol),
        put: |limits, symbol, cap| put_size(&mut limits.max_order, symbol, cap),
    },
    LimitRow {
        name: "risk.max_order_notional",
        doc: "largest order, quote currency",
        by_symbol: false,
        kind: Kind::Number,
        get: |limits, _| Cap::At(limits.max_order_notional),
        put: |limits, _, cap| limits.max_order_notional = number(cap),
    },
    LimitRow {
        name: "risk.max_position",
        doc: "largest position of this symbol, in its own unit",
        by_symbol: true,
        kind: Kind::NumberOrOff,
        get: |limits, symbol| size(&limits.max_position, symbol),
        put: |limits, symbol, cap| put_size(&mut limits.max_position, symbol, cap),
    },
    LimitRow {
        name: "risk.max_position_notional",
        doc: "largest position, quote currency",
        by_symbol: false,
        kind: Kind::Number,
        get: |limits, _| Cap::At(limits.max_position_notional),
        put: |limits, _, cap| limits.max_position_notional = number(cap),
    },
    LimitRow {
        name: "risk.max_open_orders",
        doc: "most open entries of a symbol",
        by_symbol: false,
        kind: Kind::Count,
        get: |limits, _| counted(limits.max_open_orders),
        put: |limits, _, cap| limits.max_open_orders = count(cap),
    },
    LimitRow {
        name: "risk.max_orders_per_second",
        doc: "most entries of a symbol in one second",
        by_symbol: false,
        kind: Kind::Count,
        get: |limits, _| counted(limits.max_orders_per_second),
        put: |limits, _, cap| limits.max_orders_per_second = count(cap),
    },
    LimitRow {
        name: "risk.max_orders_per_minute",
        doc: "most entries of a symbol in one minute",
        by_symbol: false,
        kind: Kind::Count,
        get: |limits, _| counted(limits.max_orders_per_minute),
        put: |limits, _, cap| limits.max_orders_per_minute = count(cap),
    },
    LimitRow {
        name: "risk.max_identical_per_second",
        doc: "most entries of one side, price and size in one second",
        by_symbol: false,
        kind: Kind::Count,
        get: |limits, _| counted(limits.max_identical_per_second),
        put: |limits, _, cap| limits.max_identical_per_second = count(cap),
    },
    LimitRow {
        name: "risk.collar_through",
        doc: "how far through the other side an entry may be priced, a fraction",
        by_symbol: false,
        kind: Kind::Number,
        get: |limits, _| Cap::At(limits.collar_through),
        put: |limits, _, cap| limits.collar_through = number(cap),
    },
    LimitRow {
        name: "risk.collar_away",
        doc: "how far away an entry may rest, a fraction",
        by_symbol: false,
        kind: Kind::Number,
        get: |limits, _| Cap::At(limits.collar_away),
        put: |limits, _, cap| limits.collar_away = number(cap),
    },
    LimitRow {
        name: "risk.max_trade_loss",
        doc: "loss of one trade at which it is closed, quote currency",
        by_symbol: false,
        kind: Kind::NumberOrOff,
        get: |limits, _| limits.max_trade_loss,
        put: |limits, _, cap| limits.max_trade_loss = cap,
    },
    LimitRow {
        name: "risk.max_session_loss",
        doc: "loss of the session at which entries end, quote currency",
        by_symbol: false,
        kind: Kind::NumberOrOff,
        get: |limits, _| limits.max_session_loss,
        put: |limits, _, cap| limits.max_session_loss = cap,
    },
    LimitRow {
        name: "risk.max_day_loss",
        doc: "loss of the day (UTC) at which entries end, quote currency",
        by_symbol: false,
        kind: Kind::Number,
        get: |limits, _| Cap::At(limits.max_day_loss),
        put: |limits, _, cap| limits.max_day_loss = number(cap),
    },
    LimitRow {
        name: "risk.max_losses_in_a_row",
        doc: "losing trades in a row after which entries end",
        by_symbol: false,
        kind: Kind::CountOrOff,
        get: |limits, _| limits.max_losses_in_a_row,
        put: |limits, _, cap| limits.max_losses_in_a_row = cap,
    },
];

/// Their names, as they are typed.
pub const NAMES: [&str; LIMITS.len()] = {
    let mut names = [""; LIMITS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = LIMITS[at].name;
        at += 1;
    }
    names
};

impl LimitRow {
    /// The row of a name as it is typed.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        LIMITS.iter().find(|row| row.name == name)
    }

    /// The limit's name in what is kept.
    pub(super) fn kept_name(&self, symbol: Option<Symbol>) -> String {
        let short = self.name.strip_prefix(PREFIX).unwrap_or(self.name);
        match symbol.filter(|_| self.by_symbol) {
            Some(symbol) => format!("{short} {symbol}"),
            None => short.to_owned(),
        }
    }

    /// The symbol of a name in what is kept, when it is of this row and names one.
    pub(super) fn symbol_of(&self, kept: &str) -> Option<Symbol> {
        let short = self.name.strip_prefix(PREFIX)?;
        let (name, symbol) = kept.split_once(' ')?;
        (self.by_symbol && name == short)
            .then(|| Symbol::new(symbol).ok())
            .flatten()
    }

    /// Every limit that there is: each row, those of symbols once for each symbol that the settings or what is kept name.
    pub(super) fn every(outer: &Limits, kept: &Kept) -> Vec<(&'static Self, Option<Symbol>)> {
        let of_row = |row: &'static Self| {
            let sizes = outer.max_order.keys().chain(outer.max_position.keys());
            let kept = kept.limits.keys().filter_map(|name| row.symbol_of(name));
            let symbols: BTreeSet<Symbol> = sizes.copied().chain(kept).collect();
            if row.by_symbol {
                symbols.into_iter().map(|s| (row, Some(s))).collect()
            } else {
                vec![(row, None)]
            }
        };
        LIMITS.iter().flat_map(of_row).collect()
    }

    /// What stands in `limits`.
    pub(super) fn get(&self, limits: &Limits, symbol: Option<Symbol>) -> Cap {
        (self.get)(limits, symbol)
    }

    /// Puts it there.
    pub(super) fn put(&self, limits: &mut Limits, symbol: Option<Symbol>, cap: Cap) {
        (self.put)(limits, symbol, cap);
    }

    /// What was typed, as a limit.
    ///
    /// # Errors
    /// When it is none, with what it may be.
    pub(super) fn read(&self, text: &str) -> Result<Cap, String> {
        let wanted = match self.kind {
            Kind::Number => "a number",
            Kind::Count => "a whole number",
            Kind::NumberOrOff => "a number or off",
            Kind::CountOrOff => "a whole number of 1 or more, or off",
        };
        let fits = |cap: &Cap| match (self.kind, cap) {
            (Kind::Number | Kind::NumberOrOff, Cap::At(_)) => true,
            (Kind::Count, Cap::At(most)) => most.fract().is_zero() && most.to_u32().is_some(),
            (Kind::CountOrOff, Cap::At(most)) => {
                most.fract().is_zero() && most.to_u32().is_some_and(|most| most > 0)
            }
            (Kind::NumberOrOff | Kind::CountOrOff, Cap::Off) => true,
            (Kind::Number | Kind::Count, Cap::Off) => false,
        };
        let cap = Cap::try_from(text.to_owned()).ok().filter(fits);
        cap.ok_or_else(|| format!("{} is {wanted}", self.name))
    }
}

fn size(of: &BTreeMap<Symbol, Decimal>, symbol: Option<Symbol>) -> Cap {
    symbol
        .and_then(|symbol| of.get(&symbol))
        .map_or(Cap::Off, |most| Cap::At(*most))
}

fn put_size(sizes: &mut BTreeMap<Symbol, Decimal>, symbol: Option<Symbol>, cap: Cap) {
    let Some(symbol) = symbol else { return };
    match cap {
        Cap::At(most) => sizes.insert(symbol, most),
        Cap::Off => sizes.remove(&symbol),
    };
}

fn counted(most: u32) -> Cap {
    Cap::At(most.into())
}

/// A limit that is never off lets nothing through should it ever be.
fn number(cap: Cap) -> Decimal {
    cap.at().unwrap_or_default()
}

fn count(cap: Cap) -> u32 {
    number(cap).to_u32().unwrap_or_default()
}
