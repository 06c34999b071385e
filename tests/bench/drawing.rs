//! Frames of a live market through the screen's own writer into memory, beside ratatui's usual one on the same frames.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use lancet::config::Config;
use lancet::domain::message::{AccountTruth, LinkState, MarketFact, PositionMode};
use lancet::domain::{
    Account, BookState, Cap, ClientId, Depth, Environment, Fact, Instrument, Limits, MarketKey,
    OrderClass, OrderRef, OrderReport, OrderStatus, PositionReport, Price, Print, Qty, Side, Stamp,
    Touch, VenueId,
};
use lancet::engine::Desk;
use lancet::engine::event::Event;
use lancet::engine::settings::DeskSettings;
use lancet::market::Readings;
use lancet::sim::crowd::{Bourse, CrowdSettings};
use lancet::sim::market::{MarketEvent, SymbolNo};
use lancet::ui::help::HelpText;
use lancet::ui::screen::wire::Wire;
use lancet::ui::snapshot::{self, Beside, Snapshot};
use lancet::ui::theme::{ColourDepth, Theme};
use lancet::ui::view::View;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rust_decimal::Decimal;

use crate::figures::{Samples, now};

/// Ten seconds at 60 frames a second, after one second that is not counted.
pub const FRAMES: usize = 600;
pub const WARM_UP: usize = 60;
const FRAME_MS: u64 = 16;
const START_MS: i64 = 1_767_225_600_000;
const BTC: SymbolNo = SymbolNo(0);

/// A terminal in memory: counts what it is given.
#[derive(Clone, Default)]
pub struct Memory {
    held: Vec<u8>,
    bytes: Rc<Cell<usize>>,
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() > 1 << 16 {
            self.held.clear();
        }
        self.held.extend_from_slice(bytes);
        self.bytes.set(self.bytes.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The data of one frame and what it cost.
pub struct Step {
    pub snapshot: Snapshot,
    /// Telling the readings what the market did.
    pub reading: Duration,
    /// Collecting the data from desk and readings.
    pub collecting: Duration,
}

/// The built-in market with a desk that watches it and holds a position and an order.
pub struct Live {
    bourse: Bourse,
    pub desk: Desk,
    readings: Readings,
    key: MarketKey,
    now: Stamp,
}

fn limits() -> Limits {
    let much = Decimal::from(100_000);
    Limits {
        max_order: std::collections::BTreeMap::new(),
        max_order_notional: much,
        max_position: std::collections::BTreeMap::new(),
        max_position_notional: much,
        max_open_orders: 20,
        max_orders_per_second: 8,
        max_orders_per_minute: 120,
        max_identical_per_second: 3,
        collar_through: Decimal::new(5, 3),
        collar_away: Decimal::new(2, 1),
        max_trade_loss: Cap::Off,
        max_session_loss: Cap::Off,
        max_day_loss: much,
        max_losses_in_a_row: Cap::Off,
        cool_down_minutes: 30,
    }
}

impl Live {
    pub fn new() -> Self {
        let bourse = Bourse::new(
            CrowdSettings {
                seed: 7,
                mood: None,
            },
            START_MS,
        );
        let instrument = bourse
            .market
            .spec(BTC)
            .expect("the first symbol")
            .instrument
            .clone();
        let (account, venue) = (
            Account::new("sim").expect("a name"),
            VenueId::new("binance-futures").expect("a name"),
        );
        let key = MarketKey {
            account,
            venue,
            symbol: instrument.symbol,
            leg: None,
        };
        let mut desk = Desk::new(DeskSettings::new(
            Environment::Sim,
            account,
            venue,
            "L1".to_owned(),
            limits(),
        ));
        let now = Stamp {
            mono_ns: 1_000_000_000,
            wall_ns: START_MS * 1_000_000,
        };
        let best = bourse.market.best(BTC).bid.expect("a bid").price;
        for event in opening(key, instrument, best, now) {
            desk.handle(now, event);
        }
        let config = Config::load(None, &[], &["dark".to_owned()]).expect("the defaults");
        let mut readings = Readings::new(&config.settings.readings());
        // Without its rules no chart counts anything.
        readings.rules(desk.instrument(venue, key.symbol).expect("known by now"));
        Self {
            bourse,
            desk,
            readings,
            key,
            now,
        }
    }

    /// The data of the next frame, and how long it took to collect it from the desk.
    fn step(&mut self) -> (Snapshot, Duration) {
        let panels = &["ladder", "tape"];
        let step = self.busy_step(panels, 0);
        (step.snapshot, step.collecting)
    }

    /// The same with so many more prints and changes of the book, for the panels of these names.
    pub fn busy_step(&mut self, panels: &[&'static str], more: usize) -> Step {
        self.now = self.now.plus_ms(FRAME_MS);
        let symbol = self.key.symbol;
        let mut prints: Vec<Print> = self
            .bourse
            .run(FRAME_MS as i64)
            .into_iter()
            .filter_map(|event| match event {
                MarketEvent::Trade(t) if t.symbol == BTC => Some(Print {
                    symbol,
                    side: t.side,
                    price: t.price,
                    qty: t.qty,
                    venue_ms: t.time_ms,
                }),
                _ => None,
            })
            .collect();
        let (touch, mut depth) = self.pictures();
        self.add(more, &mut prints, &mut depth);
        let start = now();
        self.readings.prints(self.now, &prints);
        let mut reading = start.elapsed();
        self.desk
            .handle(self.now, Event::Prints(self.key.venue, prints));
        self.desk
            .handle(self.now, Event::Touch(self.key.venue, touch));
        let depth = Arc::new(depth);
        let start = now();
        self.readings.depth(self.now, &depth);
        self.readings.tick(self.now);
        reading += start.elapsed();
        self.desk
            .handle(self.now, Event::Depth(self.key.venue, depth));
        self.desk.handle(self.now, Event::Tick);
        let beside = Beside {
            focus: Some(self.key),
            dropped: 0,
            panels,
            frame: 0,
            levels: None,
        };
        let start = now();
        let snapshot = snapshot::of(&self.desk, Some(&self.readings), self.now, beside);
        Step {
            snapshot,
            reading,
            collecting: start.elapsed(),
        }
    }

    /// Prints at the touch and sizes of the nearest levels that are other ones every time, and the same in every run.
    fn add(&self, more: usize, prints: &mut Vec<Print>, depth: &mut Depth) {
        let draw = |at: usize| {
            let seed = self.now.mono_ns / 1_000_000 * 31 + at as u64;
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
        };
        let (mut bids, mut asks) = (depth.bids.to_vec(), depth.asks.to_vec());
        for at in 0..more {
            let draw = draw(at);
            let (side, levels) = if draw.is_multiple_of(2) {
                (Side::Buy, &mut asks)
            } else {
                (Side::Sell, &mut bids)
            };
            let Some(best) = levels.first().copied() else {
                continue;
            };
            prints.push(Print {
                symbol: self.key.symbol,
                side,
                price: best.price,
                qty: Qty((draw % 400) as i64 + 1),
                venue_ms: self.now.wall_ms(),
            });
            let near = (draw / 7) as usize % levels.len().min(60);
            levels[near].qty = Qty((draw % 9_000) as i64 + 1);
        }
        (depth.bids, depth.asks) = (bids.into(), asks.into());
    }

    fn pictures(&self) -> (Touch, Depth) {
        let (symbol, now) = (self.key.symbol, self.now);
        let best = self.bourse.market.best(BTC);
        let top = self.bourse.market.snapshot(BTC, 1_000).expect("a book");
        let touch = Touch {
            symbol,
            bid: best.bid,
            ask: best.ask,
            live: true,
            proved: now,
            at: now,
            venue_ms: now.wall_ms(),
        };
        let depth = Depth {
            symbol,
            state: BookState::Live,
            bids: top.bids.into(),
            asks: top.asks.into(),
            known_down_to: None,
            known_up_to: None,
            proved: now,
            changed: now,
            lag_ms: 1,
            gaps: 0,
        };
        (touch, depth)
    }
}

/// What the desk is told first: rules, lines, a long position and a bid below the best one.
fn opening(key: MarketKey, instrument: Instrument, best: Price, now: Stamp) -> Vec<Event> {
    let (account, venue) = (key.account, key.venue);
    let entry = instrument.price_decimal(best);
    let (size, liquidation, venue_ms) = (Decimal::new(50, 3), None, now.wall_ms());
    let order = OrderReport {
        leg: None,
        callback: None,
        triggered: false,
        key,
        order: OrderRef {
            client: ClientId::new("L1-1").expect("a name"),
            venue: Some(lancet::domain::OrderId::of_number(7)),
            class: OrderClass::Regular,
        },
        side: Side::Buy,
        price: Some(Price(best.0 - 8)),
        trigger: None,
        qty: Qty(20),
        filled: Qty::ZERO,
        average: None,
        reduce_only: false,
        status: OrderStatus::Working,
        reason: None,
        venue_ms,
        at: now,
    };
    let position = PositionReport {
        leg: None,
        key,
        size,
        entry,
        liquidation,
        venue_ms,
        at: now,
    };
    let truth = AccountTruth {
        orders: vec![order],
        positions: vec![position],
        at: now,
        ..AccountTruth::default()
    };
    let link = Fact::Link {
        account,
        venue,
        state: LinkState::Ready,
        why: String::new(),
        planned: false,
    };
    let mark = MarketFact::Mark {
        symbol: key.symbol,
        mark: entry,
        funding: Decimal::new(1, 4),
        next_funding_ms: venue_ms + 3_600_000,
    };
    vec![
        Event::Market(venue, MarketFact::Instruments(Arc::new([instrument]))),
        Event::Fact(Fact::Mode {
            account,
            venue,
            mode: PositionMode::OneWay,
            can_trade: true,
        }),
        Event::Fact(link),
        Event::Fact(Fact::Truth {
            account,
            venue,
            truth: Box::new(truth),
        }),
        Event::Market(venue, mark),
    ]
}

/// One way to write frames, and what it cost.
pub struct Painter<B: Backend> {
    terminal: Terminal<B>,
    theme: Theme,
    written: Rc<Cell<usize>>,
    before: Buffer,
    pub times: Samples,
    pub bytes: usize,
    pub cells: usize,
}

impl<B: Backend<Error = io::Error>> Painter<B> {
    pub fn new(terminal: Terminal<B>, memory: &Memory, area: Rect) -> Self {
        let theme = Theme::dark(ColourDepth::Truecolour);
        let written = Rc::clone(&memory.bytes);
        Self {
            terminal,
            theme,
            written,
            before: Buffer::empty(area),
            times: Samples::default(),
            bytes: 0,
            cells: 0,
        }
    }

    /// Draws one frame; how many bytes and cells it changed.
    pub fn draw(&mut self, snapshot: &Snapshot, view: &View) -> (usize, usize) {
        let before = self.written.get();
        let help = HelpText::default();
        let start = now();
        let drawn = self
            .terminal
            .draw(|frame| lancet::ui::draw(frame, snapshot, view, &self.theme, &help))
            .expect("memory");
        let time = start.elapsed();
        let (bytes, cells) = (
            self.written.get() - before,
            self.before.diff(drawn.buffer).len(),
        );
        self.before = drawn.buffer.clone();
        self.count(time, bytes, cells);
        (bytes, cells)
    }

    fn count(&mut self, time: Duration, bytes: usize, cells: usize) {
        self.times.add(time);
        self.bytes += bytes;
        self.cells += cells;
    }

    pub fn forget(&mut self) {
        (self.times, self.bytes, self.cells) = (Samples::default(), 0, 0);
    }

    fn print(&self, what: &str, changed: usize) {
        println!(
            "    {what:<36} p50 {:6.1} µs   p99 {:6.1} µs   {:6.0} bytes a changed frame   {:5.2} bytes a changed cell",
            self.times.micros(50),
            self.times.micros(99),
            self.bytes as f64 / changed as f64,
            self.bytes as f64 / self.cells as f64,
        );
    }
}

pub fn run() {
    for (columns, rows) in [(120, 40), (200, 60)] {
        at_size(columns, rows);
    }
    println!("  aim 6 bytes a changed cell, none when nothing changed");
}

fn at_size(columns: u16, rows: u16) {
    let area = Rect::new(0, 0, columns, rows);
    let mut live = Live::new();
    let mut view = View::new(columns, rows);
    let (wire, usual) = (Memory::default(), Memory::default());
    let mut ours = Painter::new(
        Terminal::new(Wire::new(wire.clone(), columns, rows)).expect("memory"),
        &wire,
        area,
    );
    // That backend would ask a real terminal for its size.
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let terminal =
        Terminal::with_options(CrosstermBackend::new(usual.clone()), options).expect("memory");
    let mut usual = Painter::new(terminal, &usual, area);
    let (mut changed, mut building) = (0, Samples::default());
    for frame in 0..WARM_UP + FRAMES {
        if frame == WARM_UP {
            ours.forget();
            usual.forget();
            changed = 0;
        }
        let (mut snapshot, time) = live.step();
        view.settle(&snapshot);
        let start = now();
        snapshot::add_viewed(&mut snapshot, &live.desk, &view);
        building.add(time + start.elapsed());
        changed += usize::from(ours.draw(&snapshot, &view).1 > 0);
        usual.draw(&snapshot, &view);
    }
    println!(
        "  {columns}x{rows}: {changed} of {FRAMES} frames changed, {} cells each",
        ours.cells / changed.max(1)
    );
    ours.print("the screen's writer", changed);
    usual.print("ratatui's crossterm backend", changed);
    println!(
        "    {:<36} p50 {:6.1} µs",
        "its data collected from the desk",
        building.micros(50)
    );
    let (mut snapshot, _) = live.step();
    view.settle(&snapshot);
    snapshot::add_viewed(&mut snapshot, &live.desk, &view);
    ours.draw(&snapshot, &view);
    println!(
        "    the same frame once more: {} bytes",
        ours.draw(&snapshot, &view).0
    );
}
