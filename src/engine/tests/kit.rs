//! A desk at a small venue, spoken to in short words. Time is virtual.

use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::decimal::Step;
use crate::domain::message::{
    AccountTruth, Asked, LinkState, MarketFact, PositionMode, Proves, SymbolSettings,
};
use crate::domain::*;
use crate::engine::Desk;
use crate::engine::action::Action;
use crate::engine::ask::{Ask, Seen};
use crate::engine::effect::{About, Effect, Effects};
use crate::engine::event::{Event, Press};
use crate::engine::line::{self, Meant};
use crate::engine::settings::DeskSettings;
use crate::engine::volume::Size;
use crate::engine::working::Order;

pub fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn venue() -> VenueId {
    VenueId::new("binance-futures").unwrap()
}

pub fn key() -> MarketKey {
    MarketKey {
        account: Account::new("sim").unwrap(),
        venue: venue(),
        symbol: Symbol::new("BTCUSDT").unwrap(),
        leg: None,
    }
}

/// Tick 0.1, lot 0.001, minimum 50 in quote currency.
pub fn instrument() -> Instrument {
    Instrument {
        venue: venue(),
        symbol: key().symbol,
        kind: crate::domain::InstrumentKind::Perpetual,
        base: Asset::new("BTC").unwrap(),
        quote: Asset::new("USDT").unwrap(),
        settle: Asset::new("USDT").unwrap(),
        tick: Step::parse("0.1").unwrap(),
        lot: Step::parse("0.001").unwrap(),
        multiplier: Decimal::ONE,
        unit: instrument::Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(10_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(120_000),
        min_notional: dec("50"),
        band: None,
        max_orders: 200,
        status: TradingStatus::Trading,
    }
}

pub fn limits() -> Limits {
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: dec("100000"),
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: dec("200000"),
        max_open_orders: 20,
        max_orders_per_second: 10,
        max_orders_per_minute: 600,
        max_identical_per_second: 3,
        collar_through: dec("0.005"),
        collar_away: dec("0.2"),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: dec("1000"),
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

pub fn settings(environment: Environment) -> DeskSettings {
    DeskSettings::new(
        environment,
        key().account,
        venue(),
        "mabc12345x".to_owned(),
        limits(),
    )
}

/// A desk, its clock, and every command that it sent.
#[derive(Clone)]
pub struct Kit {
    pub desk: Desk,
    pub now: Stamp,
    pub sent: Vec<Command>,
    pub said: Vec<String>,
    pub alerts: Vec<About>,
    trade: u64,
    venue_ms: i64,
}

pub const BID: i64 = 600_000;
pub const ASK: i64 = 600_003;

impl Kit {
    /// In sync, live book 60 000.0 / 60 000.3, volume 0.050.
    pub fn ready() -> Self {
        Self::with(settings(Environment::Sim))
    }

    pub fn with(settings: DeskSettings) -> Self {
        let mut kit = Self::bare(settings);
        kit.book(BID, ASK);
        kit.volume(50);
        kit.truth(AccountTruth::default());
        kit.link(LinkState::Ready);
        kit.forget();
        kit
    }

    /// Knows the instrument and nothing else.
    pub fn bare(settings: DeskSettings) -> Self {
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        Self::bare_at(settings, now)
    }

    /// The same at another time.
    pub fn bare_at(settings: DeskSettings, now: Stamp) -> Self {
        let mut kit = Self {
            desk: Desk::new(settings),
            now,
            sent: Vec::new(),
            said: Vec::new(),
            alerts: Vec::new(),
            trade: 1_000,
            venue_ms: 1_000,
        };
        kit.event(Event::Market(
            venue(),
            MarketFact::Instruments(Arc::from([instrument()])),
        ));
        kit.fact(Fact::Settings(SymbolSettings {
            key: key(),
            leverage: Some(10),
            margin: None,
            maker_fee: Some(dec("0.0002")),
            taker_fee: Some(dec("0.0005")),
        }));
        kit
    }

    pub fn event(&mut self, event: Event) -> Effects {
        let effects = self.desk.handle(self.now, event);
        for effect in &effects.0 {
            match effect {
                Effect::Send(command) => self.sent.push(command.clone()),
                Effect::Notice(_, words) => self.said.push(words.clone()),
                Effect::Alert(alert) => self.alerts.push(alert.about),
                Effect::Journal(_) | Effect::Keep(_) => {}
            }
        }
        effects
    }

    pub fn fact(&mut self, fact: Fact) -> Effects {
        self.event(Event::Fact(fact))
    }

    pub fn forget(&mut self) {
        self.sent.clear();
        self.said.clear();
        self.alerts.clear();
    }

    /// Time passes; the book goes on proving itself.
    pub fn wait(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        let market = self.desk.market(&key()).unwrap();
        if let (Some(bid), Some(ask)) = (market.best(Side::Buy), market.best(Side::Sell)) {
            self.book(bid.0, ask.0);
        }
        self.event(Event::Tick);
    }

    /// Time passes in silence.
    pub fn silence(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
        self.event(Event::Tick);
    }

    pub fn book(&mut self, bid: i64, ask: i64) {
        self.book_in(BookState::Live, bid, ask);
    }

    pub fn book_in(&mut self, state: BookState, bid: i64, ask: i64) {
        let level = |price| Level {
            price: Price(price),
            qty: Qty(600),
        };
        self.event(Event::Touch(
            venue(),
            Touch {
                symbol: key().symbol,
                bid: Some(level(bid)),
                ask: Some(level(ask)),
                live: state.is_live(),
                proved: self.now,
                at: self.now,
                venue_ms: 0,
            },
        ));
        self.event(Event::Depth(
            venue(),
            Arc::new(Depth {
                symbol: key().symbol,
                state,
                bids: (0..20).map(|i| level(bid - i)).collect(),
                asks: (0..20).map(|i| level(ask + i)).collect(),
                known_down_to: None,
                known_up_to: None,
                proved: self.now,
                changed: self.now,
                lag_ms: 1,
                gaps: 0,
            }),
        ));
    }

    pub fn link(&mut self, state: LinkState) {
        self.fact(Fact::Link {
            account: key().account,
            venue: venue(),
            state,
            why: String::new(),
            planned: false,
        });
    }

    pub fn truth(&mut self, mut truth: AccountTruth) {
        truth.at = self.now;
        self.fact(Fact::Truth {
            account: key().account,
            venue: venue(),
            truth: Box::new(truth),
        });
    }

    pub fn mode(&mut self, mode: PositionMode, can_trade: bool) {
        self.fact(Fact::Mode {
            account: key().account,
            venue: venue(),
            mode,
            can_trade,
        });
    }

    /// Working volume 1 is so many lots.
    pub fn volume(&mut self, lots: i64) {
        self.ask(Ask::Volume(1, Some(Size::Lots(lots))));
    }

    pub fn ask(&mut self, ask: Ask) -> Effects {
        let seen = Seen {
            key: key(),
            cursor: Some(Price(BID - 50)),
            drawn: self.drawn(),
            at: self.now,
        };
        self.event(Event::Ask { ask, seen })
    }

    /// A `:` line, which must be understood.
    pub fn line(&mut self, text: &str) -> Effects {
        match line::read(text, Some(&instrument()), []) {
            Ok(Meant::Ask(ask)) => self.ask(ask),
            Ok(Meant::Act(action)) => self.press(action),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn drawn(&self) -> (Option<Price>, Option<Price>) {
        let market = self.desk.market(&key());
        market.map_or((None, None), |m| (m.best(Side::Buy), m.best(Side::Sell)))
    }

    pub fn press(&mut self, action: Action) -> Effects {
        self.press_at(action, Some(BID - 50))
    }

    pub fn press_at(&mut self, action: Action, cursor: Option<i64>) -> Effects {
        let drawn = self.drawn();
        self.event(Event::Press(Press {
            action,
            key: key(),
            cursor: cursor.map(Price),
            row: None,
            pointed: false,
            drawn,
            at: self.now,
        }))
    }

    /// The orders that were sent.
    pub fn placed(&self) -> Vec<NewOrder> {
        self.sent
            .iter()
            .filter_map(|command| match command {
                Command::Place(order) => Some(*order.get()),
                _ => None,
            })
            .collect()
    }

    /// The only order that was sent.
    pub fn only(&self) -> NewOrder {
        let placed = self.placed();
        assert_eq!(placed.len(), 1, "{:?}, said {:?}", placed, self.said);
        placed[0]
    }

    /// The changes that were sent.
    pub fn amends(&self) -> Vec<Amend> {
        self.sent
            .iter()
            .filter_map(|command| match command {
                Command::Amend(amend) => Some(*amend.get()),
                _ => None,
            })
            .collect()
    }

    /// Names of orders whose cancel was sent.
    pub fn cancelled(&self) -> Vec<ClientId> {
        self.sent
            .iter()
            .filter_map(|command| match command {
                Command::Cancel { order, .. } => Some(order.client),
                _ => None,
            })
            .collect()
    }

    pub fn answer(&mut self, client: ClientId, asked: Asked, outcome: Outcome) {
        self.fact(Fact::Answer {
            key: key(),
            client,
            asked,
            outcome,
            at: self.now,
        });
    }

    pub fn accepted(&mut self, client: ClientId) {
        self.answer(
            client,
            Asked::Place,
            Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            },
        );
    }

    pub fn refused(&mut self, client: ClientId, code: i64, proves: Proves) {
        let words = "would take (post-only)".to_owned();
        let outcome = Outcome::Rejected {
            code,
            words,
            proves,
        };
        self.answer(client, Asked::Place, outcome);
    }

    pub fn report(&mut self, order: &NewOrder, status: OrderStatus, filled: i64) {
        let report = self.report_of(order, status, filled);
        self.fact(Fact::Order(report));
    }

    pub fn report_of(&mut self, order: &NewOrder, status: OrderStatus, filled: i64) -> OrderReport {
        self.venue_ms += 1;
        OrderReport {
            leg: order.leg,
            callback: None,
            triggered: false,
            key: order.key,
            order: OrderRef {
                client: order.id,
                venue: Some(crate::domain::OrderId::of_number(7)),
                class: order.kind.class(),
            },
            side: order.side,
            price: order.kind.limit(),
            trigger: order.kind.trigger(),
            qty: order.qty,
            filled: Qty(filled),
            average: None,
            reduce_only: order.intent == Intent::Exit,
            status,
            reason: None,
            venue_ms: self.venue_ms,
            at: self.now,
        }
    }

    pub fn fill_of(&mut self, order: &NewOrder, qty: i64, price: &str) -> Fill {
        self.trade += 1;
        self.venue_ms += 1;
        Fill {
            leg: order.leg,
            key: order.key,
            client: order.id,
            order: crate::domain::OrderId::of_number(7),
            trade: crate::domain::OrderId::of_number(self.trade),
            side: order.side,
            price: dec(price),
            qty: Qty(qty),
            fee: dec("0.6"),
            fee_asset: Asset::new("USDT").unwrap(),
            realised: None,
            liquidity: Liquidity::Maker,
            venue_ms: self.venue_ms,
            at: self.now,
            recovered: false,
        }
    }

    /// A fill and the position that follows from it, as a venue tells them.
    pub fn fill(&mut self, order: &NewOrder, qty: i64, price: &str) {
        let fill = self.fill_of(order, qty, price);
        self.fact(Fact::Fill(fill));
        let market = self.desk.market(&key().of_leg(order.leg)).unwrap();
        let own = *market.ledger.own();
        let report = PositionReport {
            leg: order.leg,
            ..self.position_of(own.size, own.entry)
        };
        self.fact(Fact::Position(report));
    }

    pub fn position(&mut self, size: Decimal, entry: Decimal) {
        let report = self.position_of(size, entry);
        self.fact(Fact::Position(report));
    }

    pub fn position_of(&self, size: Decimal, entry: Decimal) -> PositionReport {
        PositionReport {
            leg: None,
            key: key(),
            size,
            entry,
            liquidation: None,
            venue_ms: self.venue_ms,
            at: self.now,
        }
    }

    pub fn market(&self) -> &crate::engine::market::Market {
        self.desk.market(&key()).unwrap()
    }

    pub fn order(&self, client: ClientId) -> &Order {
        let markets = self.desk.of_symbol(key());
        markets
            .filter_map(|market| market.orders.get(client))
            .next()
            .unwrap()
    }

    pub fn live(&self) -> usize {
        self.market().orders.live().count()
    }

    pub fn size(&self) -> Decimal {
        self.market().ledger.size()
    }

    pub fn heard(&self, part: &str) -> bool {
        self.said.iter().any(|words| words.contains(part))
    }

    /// A resting order of a key.
    pub fn rest(&mut self, action: Action) -> NewOrder {
        self.rest_at(action, BID - 50)
    }

    /// The same with the cursor here.
    pub fn rest_at(&mut self, action: Action, cursor: i64) -> NewOrder {
        self.forget();
        self.press_at(action, Some(cursor));
        let order = self.only();
        self.accepted(order.id);
        self.report(&order, OrderStatus::Working, 0);
        order
    }

    /// A protective stop of so many lots below a long, proved to wait at the venue.
    pub fn stop(&mut self, lots: i64, trigger: i64) -> ClientId {
        let report = self.stop_report(lots, trigger);
        let client = report.order.client;
        self.fact(Fact::Order(report));
        self.forget();
        client
    }

    /// The venue's word on such a stop.
    pub fn stop_report(&mut self, lots: i64, trigger: i64) -> OrderReport {
        self.venue_ms += 1;
        OrderReport {
            key: key(),
            order: OrderRef {
                client: ClientId::new("mabc12345xstop").unwrap(),
                venue: Some(crate::domain::OrderId::of_number(9_000)),
                class: OrderClass::Conditional,
            },
            side: Side::Sell,
            price: None,
            trigger: Some(Price(trigger)),
            callback: None,
            leg: None,
            triggered: false,
            qty: Qty(lots),
            filled: Qty::ZERO,
            average: None,
            reduce_only: true,
            status: OrderStatus::Working,
            reason: None,
            venue_ms: self.venue_ms,
            at: self.now,
        }
    }

    /// A long position of so many lots at the bid.
    pub fn long(&mut self, lots: i64) {
        self.volume(lots);
        let order = self.rest(Action::Join(Side::Buy));
        self.fill(&order, lots, "60000.0");
        self.forget();
        assert_eq!(self.size(), instrument().qty_decimal(Qty(lots)));
    }
}
