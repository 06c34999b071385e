//! A key as it is written down: what it asked for, what was in sight, and what its order promised on the book of that moment.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::text::sanitise;
use crate::domain::{
    ClientId, Depth, Instrument, Intent, MarketKey, NewOrder, Price, Qty, Side, Stamp,
};
use crate::engine::preview;

/// Words are cut after so many characters.
const LONGEST_WORDS: usize = 120;

/// A key as the loop hands it over; what it promised is worked out where it is written.
#[derive(Clone, Debug)]
pub struct Pressed {
    /// When its first byte came.
    pub at: Stamp,
    /// The action's name; `command-line` for a typed line.
    pub action: &'static str,
    /// Price under the cursor.
    pub cursor: Option<Price>,
    /// Best bid and ask as drawn.
    pub drawn: (Option<Price>, Option<Price>),
    /// The order that it sent, if it sent one.
    pub order: Option<NewOrder>,
    /// What it came to instead, in words.
    pub words: String,
    /// The book as drawn.
    pub depth: Option<Arc<Depth>>,
    /// Maker and taker fee fractions.
    pub rates: Option<(Decimal, Decimal)>,
}

/// A key as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Of which market, its legs together.
    pub key: MarketKey,
    /// When its first byte came.
    pub at: Stamp,
    /// The action's name.
    pub action: String,
    /// Price under the cursor.
    pub cursor: Option<Price>,
    /// Best bid and ask as drawn.
    pub drawn: (Option<Price>, Option<Price>),
    /// What its order promised; `None` where it sent none.
    pub promise: Option<Promise>,
    /// What it came to instead, in words.
    pub words: String,
}

/// What an order promised before it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The order's own name.
    pub client: ClientId,
    /// Buy or sell.
    pub side: Side,
    /// Its size, lots.
    pub qty: Qty,
    /// Its limit, ticks; `None`: at any price.
    pub limit: Option<Price>,
    /// It could only reduce.
    pub is_exit: bool,
    /// The average price of what it would take at once, quote; for one that would rest its limit.
    pub average: Option<Decimal>,
    /// How much it would take at once, lots.
    pub takes: Qty,
    /// Its fee, quote.
    pub fee: Option<Decimal>,
}

impl Promise {
    fn of(
        order: &NewOrder,
        depth: Option<&Depth>,
        rules: &Instrument,
        rates: Option<(Decimal, Decimal)>,
    ) -> Self {
        let limit = order.kind.limit();
        let foreseen = depth.map(|depth| preview::on_picture(depth, rules, order, rates));
        let (taken, fee) = foreseen.unwrap_or((None, None));
        let rests = limit.map(|limit| rules.price_decimal(limit));
        Self {
            client: order.id,
            side: order.side,
            qty: order.qty,
            limit,
            is_exit: order.intent == Intent::Exit,
            average: taken.map(|taken| taken.average).or(rests),
            takes: taken.map_or(Qty::ZERO, |taken| taken.qty),
            fee,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Row {
    /// How long before the line the key came, µs.
    ago: u64,
    action: String,
    cursor: Option<String>,
    bid: Option<String>,
    ask: Option<String>,
    words: String,
    promise: Option<PromiseRow>,
}

#[derive(Serialize, Deserialize)]
struct PromiseRow {
    client: String,
    buy: bool,
    qty: String,
    limit: Option<String>,
    exit: bool,
    average: Option<Decimal>,
    takes: String,
    fee: Option<Decimal>,
}

/// A key as JSON; `ago_us` is how long before its line it came.
pub fn write(pressed: &Pressed, ago_us: u64, rules: &Instrument) -> String {
    let price = |price: Option<Price>| price.map(|price| rules.price_text(price));
    let promise = pressed.order.as_ref().map(|order| {
        let of = Promise::of(order, pressed.depth.as_deref(), rules, pressed.rates);
        PromiseRow {
            client: of.client.to_string(),
            buy: of.side == Side::Buy,
            qty: rules.qty_text(of.qty),
            limit: price(of.limit),
            exit: of.is_exit,
            average: of.average,
            takes: rules.qty_text(of.takes),
            fee: of.fee,
        }
    });
    let row = Row {
        ago: ago_us,
        action: pressed.action.to_owned(),
        cursor: price(pressed.cursor),
        bid: price(pressed.drawn.0),
        ask: price(pressed.drawn.1),
        words: sanitise(&pressed.words, LONGEST_WORDS),
        promise,
    };
    // A struct of texts and numbers is always JSON.
    serde_json::to_string(&row).unwrap_or_default()
}

/// The key of a line that was written at `at`.
pub fn read(text: &str, key: MarketKey, rules: &Instrument, at: Stamp) -> Option<Key> {
    let row: Row = serde_json::from_str(text).ok()?;
    let price = |text: Option<String>| text.and_then(|text| rules.price(text.as_bytes()).ok());
    let promise = match row.promise {
        None => None,
        Some(of) => Some(Promise {
            client: ClientId::new(&of.client).ok()?,
            side: if of.buy { Side::Buy } else { Side::Sell },
            qty: rules.qty(of.qty.as_bytes()).ok()?,
            limit: price(of.limit),
            is_exit: of.exit,
            average: of.average,
            takes: rules.qty(of.takes.as_bytes()).ok()?,
            fee: of.fee,
        }),
    };
    let ago = row.ago.saturating_mul(1_000);
    Some(Key {
        key,
        at: Stamp {
            mono_ns: at.mono_ns.saturating_sub(ago),
            wall_ns: at
                .wall_ns
                .saturating_sub(i64::try_from(ago).unwrap_or(i64::MAX)),
        },
        action: sanitise(&row.action, 40),
        cursor: price(row.cursor),
        drawn: (price(row.bid), price(row.ask)),
        promise,
        words: sanitise(&row.words, LONGEST_WORDS),
    })
}
