//! A paper account on a small book, spoken to in short words.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::decimal::Step;
use crate::domain::message::{Asked, MarketFact};
use crate::domain::risk::{self, Exposure};
use crate::domain::*;
use crate::paper::{Fees, In, Paper, Queue, Terms};

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

pub fn key() -> MarketKey {
    MarketKey {
        account: Account::new("paper").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
        symbol: symbol(),
        leg: None,
    }
}

/// Tick 1, lot 1: a price of 100 is 100 USDT, a size of 5 is five coins.
pub fn instrument() -> Instrument {
    Instrument {
        venue: key().venue,
        symbol: symbol(),
        kind: InstrumentKind::Perpetual,
        base: Asset::new("BTC").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::parse("1").unwrap(),
        lot: Step::parse("1").unwrap(),
        multiplier: Decimal::ONE,
        unit: instrument::Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(1_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(1_000_000),
        min_notional: Decimal::ZERO,
        band: None,
        max_orders: 0,
        status: TradingStatus::Trading,
    }
}

pub fn terms() -> Terms {
    Terms {
        account: key().account,
        venue: key().venue,
        latency_ms: (40, 40),
        seed: 1,
        queue: Queue::Behind,
        fees: Fees {
            maker: dec("0.001"),
            taker: dec("0.002"),
            spot_maker: dec("0.01"),
            spot_taker: dec("0.02"),
        },
        balance: dec("100000"),
        leverage: 10,
    }
}

fn levels(levels: &[(i64, i64)]) -> Arc<[Level]> {
    levels.iter().map(|(p, q)| level(*p, *q)).collect()
}

fn level(price: i64, qty: i64) -> Level {
    Level {
        price: Price(price),
        qty: Qty(qty),
    }
}

pub fn depth(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Arc<Depth> {
    Arc::new(Depth {
        symbol: symbol(),
        state: BookState::Live,
        bids: levels(bids),
        asks: levels(asks),
        known_down_to: None,
        known_up_to: None,
        proved: proved(),
        changed: Stamp::default(),
        lag_ms: 0,
        gaps: 0,
    })
}

pub fn touch(bid: Option<(i64, i64)>, ask: Option<(i64, i64)>) -> Touch {
    Touch {
        symbol: symbol(),
        bid: bid.map(|(p, q)| level(p, q)),
        ask: ask.map(|(p, q)| level(p, q)),
        live: true,
        proved: proved(),
        at: Stamp::default(),
        venue_ms: 0,
    }
}

/// The line of these books has proved itself far into the test's time.
fn proved() -> Stamp {
    Stamp::default().plus_ms(100_000_000)
}

/// An order past checks that are not what is tested here.
pub fn approved(order: NewOrder) -> Approved<NewOrder> {
    risk::check(order, &instrument(), &wide(), &calm()).unwrap()
}

fn calm() -> Exposure {
    let reference = Price(100);
    Exposure {
        bid: Some(reference),
        ask: Some(reference),
        position: Decimal::ZERO,
        open_buys: Qty::ZERO,
        open_sells: Qty::ZERO,
        open_exits: Qty::ZERO,
        open_orders: 0,
        sent_last_second: 0,
        sent_last_minute: 0,
        identical_last_second: 0,
        day_result: Decimal::ZERO,
    }
}

fn wide() -> Limits {
    let much = Decimal::from(1_000_000_000);
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: much,
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: much,
        max_open_orders: 1_000,
        max_orders_per_second: 1_000,
        max_orders_per_minute: 10_000,
        max_identical_per_second: 1_000,
        collar_through: Decimal::from(10),
        collar_away: Decimal::from(10),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: much,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 1,
    }
}

pub fn limit(price: i64, tif: TimeInForce) -> OrderKind {
    OrderKind::Limit {
        price: Price(price),
        tif,
    }
}

pub fn stop(trigger: i64, by: TriggerBy) -> OrderKind {
    OrderKind::Stop {
        trigger: Price(trigger),
        limit: None,
        by,
    }
}

/// The same for coins themselves.
pub fn spot() -> Instrument {
    Instrument {
        kind: InstrumentKind::Spot,
        ..instrument()
    }
}

/// An account, its clock, and all it told.
#[derive(Clone)]
pub struct Kit {
    pub paper: Paper,
    pub now: Stamp,
    pub told: Vec<Fact>,
    names: u64,
}

impl Kit {
    /// Follows one symbol; bids 99×5 98×8 97×9, asks 101×3 102×4 103×9.
    pub fn ready() -> Self {
        Self::with(terms(), instrument())
    }

    pub fn with(terms: Terms, instrument: Instrument) -> Self {
        let mut kit = Self {
            paper: Paper::new(terms),
            now: Stamp::default().plus_ms(1_000_000),
            told: Vec::new(),
            names: 0,
        };
        kit.on(In::Start);
        kit.on(In::Market(&MarketFact::Instruments(Arc::from([
            instrument,
        ]))));
        kit.on(In::Command(Command::Follow(symbol())));
        kit.wait(40);
        kit.usual_book();
        kit.told.clear();
        kit
    }

    pub fn usual_book(&mut self) {
        self.book(
            &[(99, 5), (98, 8), (97, 9)],
            &[(101, 3), (102, 4), (103, 9)],
        );
    }

    pub fn on(&mut self, event: In<'_>) {
        self.paper.on(self.now, event, &mut self.told);
    }

    /// Time passes.
    pub fn wait(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.on(In::Wake);
    }

    /// A picture with its best prices.
    pub fn book(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        self.on(In::Depth(&depth(bids, asks)));
        self.on(In::Touch(&touch(
            bids.first().copied(),
            asks.first().copied(),
        )));
    }

    /// A trade of an aggressor on this side.
    pub fn print(&mut self, side: Side, price: i64, qty: i64) {
        self.on(In::Prints(&[Print {
            symbol: symbol(),
            side,
            price: Price(price),
            qty: Qty(qty),
            venue_ms: self.now.wall_ms(),
        }]));
    }

    pub fn mark(&mut self, mark: &str, rate: &str, next_funding_ms: i64) {
        self.on(In::Market(&MarketFact::Mark {
            symbol: symbol(),
            mark: dec(mark),
            funding: dec(rate),
            next_funding_ms,
        }));
    }

    /// Sends an order; it is on its way.
    pub fn send(&mut self, side: Side, qty: i64, kind: OrderKind, intent: Intent) -> ClientId {
        self.names += 1;
        let id = ClientId::new(&format!("n{}", self.names)).unwrap();
        let order = NewOrder {
            key: key(),
            id,
            side,
            qty: Qty(qty),
            kind,
            intent,
            leg: None,
        };
        self.on(In::Command(Command::Place(approved(order))));
        id
    }

    /// Sends an entry and waits until it has arrived.
    pub fn enter(&mut self, side: Side, qty: i64, kind: OrderKind) -> ClientId {
        let id = self.send(side, qty, kind, Intent::Entry);
        self.wait(40);
        id
    }

    /// The same for an exit.
    pub fn exit(&mut self, side: Side, qty: i64, kind: OrderKind) -> ClientId {
        let id = self.send(side, qty, kind, Intent::Exit);
        self.wait(40);
        id
    }

    pub fn cancel(&mut self, client: ClientId) {
        let order = OrderRef {
            client,
            venue: None,
            class: OrderClass::Regular,
        };
        self.on(In::Command(Command::Cancel { key: key(), order }));
        self.wait(40);
    }

    /// Every fill: order, price, lots.
    pub fn fills(&self) -> Vec<(ClientId, Decimal, i64)> {
        let fills = self.told.iter().filter_map(|fact| match fact {
            Fact::Fill(fill) => Some((fill.client, fill.price, fill.qty.0)),
            _ => None,
        });
        fills.collect()
    }

    /// Prices and lots of an order's fills.
    pub fn filled(&self, id: ClientId) -> Vec<(i64, i64)> {
        let own = self.fills().into_iter().filter(|(of, ..)| *of == id);
        own.map(|(_, price, qty)| (price.to_string().parse().unwrap(), qty))
            .collect()
    }

    /// The last word on an order.
    pub fn report(&self, id: ClientId) -> OrderReport {
        let reports = self.told.iter().rev().find_map(|fact| match fact {
            Fact::Order(report) if report.order.client == id => Some(report.clone()),
            _ => None,
        });
        reports.unwrap()
    }

    pub fn status(&self, id: ClientId) -> OrderStatus {
        self.report(id).status
    }

    /// The answer to what was asked of an order.
    pub fn answer(&self, id: ClientId, wanted: Asked) -> Option<Outcome> {
        self.told.iter().rev().find_map(|fact| match fact {
            Fact::Answer {
                client,
                asked,
                outcome,
                ..
            } if *client == id && *asked == wanted => Some(outcome.clone()),
            _ => None,
        })
    }

    /// The last word on the position: signed size and average.
    pub fn position(&self) -> (Decimal, Decimal) {
        let told = self.told.iter().rev().find_map(|fact| match fact {
            Fact::Position(report) => Some((report.size, report.entry)),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// The last word on a wallet: what is in it, and what is free.
    pub fn wallet(&self, asset: &str) -> (Decimal, Decimal) {
        let told = self.told.iter().rev().find_map(|fact| match fact {
            Fact::Balance { balance, .. } if balance.asset.as_str() == asset => {
                Some((balance.wallet, balance.available.unwrap()))
            }
            _ => None,
        });
        told.unwrap()
    }
}

/// The same for a change.
pub fn approved_change(amend: Amend) -> Approved<Amend> {
    risk::check_amend(amend, Intent::Entry, &instrument(), &wide(), &calm()).unwrap()
}
