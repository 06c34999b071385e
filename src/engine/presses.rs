//! What each key did, and how long it took: key → handed to the socket → acknowledged → filled. The latest presses, in memory alone.

use std::collections::VecDeque;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::message::Asked;
use crate::domain::{
    Amend, ClientId, Command, Depth, Fill, Instrument, MarketKey, NewOrder, OrderReport,
    OrderStatus, Outcome, Price, Qty, Stamp,
};

use super::action::Action;
use super::diary::trip::Setup;
use super::effect::Effect;
use super::market::Market;
use super::preview;

/// Presses kept.
const KEPT: usize = 200;
/// Requests of one press whose answers are followed; a key that cancels more is told by these.
const FOLLOWED: usize = 32;

/// One press and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pressed {
    /// When the first byte of the key came, for a line that of its Enter.
    pub at: Stamp,
    /// What it asked for; `None` for a typed line.
    pub action: Option<Action>,
    /// Of which market.
    pub key: MarketKey,
    /// What it came to.
    pub came_to: CameTo,
    /// What went wrong with it at the venue.
    pub trouble: Option<Trouble>,
    /// How its order ended, once proved.
    pub end: Option<OrderStatus>,
    /// Filled of its order so far, lots.
    pub filled: Qty,
    /// Key to first fill, µs.
    pub first_fill_us: Option<u64>,
    /// Key to latest fill, µs.
    pub last_fill_us: Option<u64>,
    promise: Promise,
    requests: Vec<Request>,
}

/// What the preview of a press's order promised. A walk through the book is no work for the way of an order to its socket: the picture
/// is kept, and walked when somebody asks, or by the next tick.
#[derive(Clone, Debug, PartialEq)]
enum Promise {
    /// The picture of the book and the best price that the order met.
    Seen(Option<Arc<Depth>>, Option<Price>),
    /// The average price, quote currency.
    Known(Option<Decimal>),
}

/// What a press came to.
#[derive(Clone, Debug, PartialEq)]
pub enum CameTo {
    /// An order, and so many cancels before it.
    Order(NewOrder, usize),
    /// A change of a resting order.
    Amend(Amend),
    /// Cancels of so many orders.
    Cancels(usize),
    /// No command; what was said, empty where it was nothing.
    Words(String),
}

/// What went wrong with it at the venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Not proved either way.
    Unknown,
    /// Refused, or never sent; in words.
    Refused(String),
}

/// One command of a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Request {
    client: ClientId,
    asked: Asked,
    written_us: Option<u64>,
    acked_us: Option<u64>,
}

impl Pressed {
    /// Key to the last of its commands handed to the socket, µs; `None` while one is not.
    pub fn written_us(&self) -> Option<u64> {
        self.slowest(|request| request.written_us)
    }

    /// Key to the last of the venue's first words on its commands, µs; `None` while one is missing.
    pub fn acked_us(&self) -> Option<u64> {
        self.slowest(|request| request.acked_us)
    }

    fn slowest(&self, time: impl Fn(&Request) -> Option<u64>) -> Option<u64> {
        let times: Option<Vec<u64>> = self.requests.iter().map(time).collect();
        times?.into_iter().max()
    }

    /// The average price that the preview promised, quote currency.
    fn promised(&mut self, instrument: &Instrument) -> Option<Decimal> {
        if let Promise::Seen(depth, far) = &self.promise {
            let order = match &self.came_to {
                CameTo::Order(order, _) => Some(order),
                _ => None,
            };
            let price = order
                .and_then(|order| preview::promised(instrument, order, *far, depth.as_deref()));
            self.promise = Promise::Known(price);
        }
        match self.promise {
            Promise::Known(price) => price,
            Promise::Seen(..) => None,
        }
    }

    fn us(&self, at: Stamp) -> u64 {
        at.since(self.at) / 1_000
    }

    fn request(&mut self, client: ClientId, asked: Asked) -> Option<&mut Request> {
        self.requests
            .iter_mut()
            .find(|request| request.client == client && request.asked == asked)
    }

    fn has(&self, client: ClientId, asked: Asked) -> bool {
        self.requests
            .iter()
            .any(|request| request.client == client && request.asked == asked)
    }

    fn acked(&mut self, client: ClientId, asked: Asked, at: Stamp) {
        let us = self.us(at);
        if let Some(request) = self.request(client, asked) {
            request.acked_us.get_or_insert(us);
        }
    }

    /// Evidence from the venue, after which nothing is unknown.
    fn proved(&mut self, client: ClientId, asked: Asked, at: Stamp) {
        self.acked(client, asked, at);
        if self.trouble == Some(Trouble::Unknown) {
            self.trouble = None;
        }
    }
}

/// The latest presses.
#[derive(Clone, Debug, Default)]
pub struct Presses {
    latest: VecDeque<Pressed>,
}

impl Presses {
    /// Newest first.
    pub fn latest(&self) -> impl Iterator<Item = &Pressed> {
        self.latest.iter()
    }

    /// Notes a press or a line, and what the desk asked for because of it.
    pub(super) fn pressed(
        &mut self,
        action: Option<Action>,
        key: MarketKey,
        at: Stamp,
        effects: &[Effect],
        market: Option<&Market>,
    ) {
        let came_to = came_to(effects);
        let promise = match (&came_to, market) {
            (CameTo::Order(order, _), Some(market)) => {
                Promise::Seen(market.depth.clone(), market.best(order.side.opposite()))
            }
            _ => Promise::Known(None),
        };
        self.latest.truncate(KEPT - 1);
        self.latest.push_front(Pressed {
            at,
            action,
            key,
            came_to,
            promise,
            trouble: None,
            end: None,
            filled: Qty::ZERO,
            first_fill_us: None,
            last_fill_us: None,
            requests: commands(effects)
                .filter_map(request)
                .take(FOLLOWED)
                .collect(),
        });
    }

    /// Lets go of the pictures that promises were made on.
    pub(super) fn settle<'a>(&mut self, rules: impl Fn(MarketKey) -> Option<&'a Instrument>) {
        let waits = |press: &&mut Pressed| matches!(press.promise, Promise::Seen(..));
        for press in self.latest.iter_mut().filter(waits) {
            match rules(press.key) {
                Some(instrument) => {
                    press.promised(instrument);
                }
                None => press.promise = Promise::Known(None),
            }
        }
    }

    /// What is known of the key that placed an order.
    pub(super) fn setup(&mut self, client: ClientId, instrument: Option<&Instrument>) -> Setup {
        let Some(press) = self.latest_with(client, Asked::Place) else {
            return Setup::default();
        };
        let row = press.action.and_then(Action::row);
        Setup {
            name: row.map_or("typed", |row| row.name).to_owned(),
            promised: instrument.and_then(|instrument| press.promised(instrument)),
            written_us: press.written_us(),
            acked_us: press.acked_us(),
            filled_us: press.first_fill_us,
        }
    }

    /// A command found its lane full.
    pub(super) fn not_sent(&mut self, command: &Command, words: &str) {
        if let Some(request) = request(command)
            && let Some(press) = self.latest_with(request.client, request.asked)
        {
            press.trouble = Some(Trouble::Refused(words.to_owned()));
        }
    }

    /// The newest press with such a command: a cancel or a move of an order may be asked for again.
    fn latest_with(&mut self, client: ClientId, asked: Asked) -> Option<&mut Pressed> {
        self.latest
            .iter_mut()
            .find(|press| press.has(client, asked))
    }

    /// The first byte of a command was handed to the socket.
    pub(super) fn written(&mut self, client: ClientId, asked: Asked, at: Stamp) {
        if let Some(press) = self.latest_with(client, asked) {
            let us = press.us(at);
            if let Some(request) = press.request(client, asked) {
                request.written_us.get_or_insert(us);
            }
        }
    }

    /// The venue answered a command, or did not.
    pub(super) fn answered(
        &mut self,
        client: ClientId,
        asked: Asked,
        outcome: &Outcome,
        at: Stamp,
    ) {
        let Some(press) = self.latest_with(client, asked) else {
            return;
        };
        match outcome {
            Outcome::Accepted { .. } => press.acked(client, asked, at),
            Outcome::Rejected { code, words, .. } => {
                press.acked(client, asked, at);
                press.trouble = Some(Trouble::Refused(format!("refused: {words} {code}")));
            }
            Outcome::NotSent(words) => {
                press.trouble = Some(Trouble::Refused(format!("not sent: {words}")));
            }
            Outcome::Unknown(_) => press.trouble = Some(Trouble::Unknown),
        }
    }

    /// The venue's word on an order: it proves what was unknown.
    pub(super) fn reported(&mut self, report: &OrderReport) {
        if report.status == OrderStatus::Unknown {
            return;
        }
        let client = report.order.client;
        let end = Some(report.status).filter(|status| status.is_final());
        if let Some(press) = self.latest_with(client, Asked::Place) {
            press.proved(client, Asked::Place, report.at);
            press.end = press.end.or(end);
        }
        if end.is_some()
            && let Some(press) = self.latest_with(client, Asked::Cancel)
        {
            press.proved(client, Asked::Cancel, report.at);
        }
        if let Some(press) = self.latest_with(client, Asked::Amend)
            && matches!(press.came_to, CameTo::Amend(amend)
                if report.price == Some(amend.price) && report.qty == amend.qty)
        {
            press.proved(client, Asked::Amend, report.at);
        }
    }

    /// An order traded; told once a trade.
    pub(super) fn filled(&mut self, fill: &Fill) {
        let Some(press) = self.latest_with(fill.client, Asked::Place) else {
            return;
        };
        let us = press.us(fill.at);
        press.proved(fill.client, Asked::Place, fill.at);
        press.filled = press.filled.plus(fill.qty);
        press.first_fill_us.get_or_insert(us);
        press.last_fill_us = Some(us);
    }
}

fn commands(effects: &[Effect]) -> impl Iterator<Item = &Command> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Send(command) => Some(command),
        _ => None,
    })
}

fn came_to(effects: &[Effect]) -> CameTo {
    let cancels = commands(effects)
        .filter(|command| matches!(command, Command::Cancel { .. }))
        .count();
    let order = commands(effects).find_map(|command| match command {
        Command::Place(order) => Some(CameTo::Order(*order.get(), cancels)),
        Command::Amend(amend) => Some(CameTo::Amend(*amend.get())),
        _ => None,
    });
    let said = || {
        let words = effects.iter().find_map(|effect| match effect {
            Effect::Notice(_, words) => Some(words.clone()),
            _ => None,
        });
        CameTo::Words(words.unwrap_or_default())
    };
    match cancels {
        0 => order.unwrap_or_else(said),
        more => order.unwrap_or(CameTo::Cancels(more)),
    }
}

fn request(command: &Command) -> Option<Request> {
    let (client, asked) = match command {
        Command::Place(order) => (order.get().id, Asked::Place),
        Command::Amend(amend) => (amend.get().order.client, Asked::Amend),
        Command::Cancel { order, .. } => (order.client, Asked::Cancel),
        _ => return None,
    };
    Some(Request {
        client,
        asked,
        written_us: None,
        acked_us: None,
    })
}
