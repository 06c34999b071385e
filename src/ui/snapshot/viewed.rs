//! What a frame needs because of its screen's own state: the likely keys at its cursor, and the log while it is open. Pure.

use crate::domain::{Instrument, NewOrder, OrderKind, OrderStatus, Price, TimeInForce};
use crate::engine::action::Action;
use crate::engine::presses::{CameTo, Pressed, Trouble};
use crate::engine::{Desk, hint, words};
use crate::ui::view::{List, Mode, View};

use super::{LogEnd, LogRow, Snapshot};

/// Adds it to a snapshot that the view has settled on.
pub fn add_viewed(snapshot: &mut Snapshot, desk: &Desk, view: &View) {
    if !view.hints_off
        && let Some(market) = snapshot.market.key.and_then(|key| desk.market(&key))
    {
        snapshot.market.hints = hint::lines(desk, market, snapshot.now, view.cursor_price());
    }
    if matches!(view.mode, Mode::List(List::Log, _)) {
        snapshot.log = log(desk);
    }
}

/// What the latest keys did on a desk, newest first.
pub fn log(desk: &Desk) -> Vec<LogRow> {
    let latest = desk.presses().latest();
    latest.map(|press| row(desk, press)).collect()
}

fn row(desk: &Desk, press: &Pressed) -> LogRow {
    let instrument = desk.instrument(press.key.venue, press.key.symbol);
    let row = press.action.and_then(Action::row);
    LogRow {
        at_ms: press.at.wall_ms(),
        action: row.map_or("command-line", |row| row.name),
        symbol: press.key.symbol,
        words: came_to(press, instrument.map(AsRef::as_ref)),
        written_us: press.written_us(),
        acked_us: press.acked_us(),
        filled_us: press.first_fill_us.zip(press.last_fill_us),
        end: end(press),
    }
}

fn end(press: &Pressed) -> LogEnd {
    let nothing = press.filled.is_zero();
    match (&press.trouble, press.end) {
        (Some(Trouble::Unknown), _) => LogEnd::Unknown,
        (Some(Trouble::Refused(words)), _) => LogEnd::Refused(words.clone()),
        (None, Some(OrderStatus::Filled)) => LogEnd::Open,
        (None, Some(_)) if nothing => LogEnd::Nothing,
        (None, Some(_)) => LogEnd::Part,
        (None, None) => LogEnd::Open,
    }
}

fn came_to(press: &Pressed, instrument: Option<&Instrument>) -> String {
    match (&press.came_to, instrument) {
        (CameTo::Order(order, 0), Some(instrument)) => order_words(order, instrument),
        (CameTo::Order(order, cancels), Some(instrument)) => format!(
            "{}, cancels {cancels} before",
            order_words(order, instrument)
        ),
        (CameTo::Amend(amend), Some(instrument)) => format!(
            "move {} to {}",
            words::order(instrument, amend.side, amend.qty),
            words::price(instrument, amend.price)
        ),
        (CameTo::Cancels(1), _) => "cancels 1 order".to_owned(),
        (CameTo::Cancels(more), _) => format!("cancels {more} orders"),
        (CameTo::Words(words), _) => words.clone(),
        (CameTo::Order(order, _), None) => order.side.word().to_owned(),
        (CameTo::Amend(amend), None) => amend.side.word().to_owned(),
    }
}

/// `BUY 0.050 60 000.1 post`
fn order_words(order: &NewOrder, instrument: &Instrument) -> String {
    let what = words::order(instrument, order.side, order.qty);
    let at = |price: Price| words::price(instrument, price);
    match order.kind {
        OrderKind::Limit { price, tif } => {
            let tif = match tif {
                TimeInForce::Gtc => "",
                TimeInForce::Ioc => " ioc",
                TimeInForce::PostOnly => " post",
            };
            format!("{what} {}{tif}", at(price))
        }
        OrderKind::Market => format!("{what} market"),
        OrderKind::Stop { trigger, .. } => format!("{what} stop {}", at(trigger)),
        OrderKind::Trail { .. } => format!("{what} trail"),
    }
}
