//! Keys, desk and paper account as function calls in virtual time, on a book that wanders. Whatever keys come: nothing is ever unknown,
//! own fills and the account agree, its money is the desk's result, and panic ends flat.

use std::sync::Arc;

use lancet::domain::decimal::Step;
use lancet::domain::instrument::Unit;
use lancet::domain::message::MarketFact;
use lancet::domain::{
    Asset, BookState, Command, Depth, Environment, Fact, Instrument, InstrumentKind, Level, Payoff,
    Price, Print, Qty, Side, Stamp, Touch, TradingStatus,
};
use lancet::engine::event::Event;
use lancet::paper::{Fees, In, Paper, Queue, Terms};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rust_decimal::Decimal;

use crate::desk::{Seat, bytes, key, venue};

/// The world moves on in steps of so many ms.
const STEP_MS: u64 = 10;
/// A frame is drawn every so many of them.
const FRAME_STEPS: u64 = 5;
/// Keys that a wild hand presses; arming again comes often, since much ends it.
const KEYS: &[&str] = &[
    "w", "e", "r", "t", "x", "c", "v", "b", "x", "c", "v", "b", "7", "8", "9", "0", "p", "i", "o",
    "u", "Space", "d", "s", "g r", "g x", "g t", "y w", "y x", "y r", "y v", "y e", "y c", "y s",
    "j", "k", "J", "K", "m", "1", "2", "3", "= ", "-", "A 1", "A 2",
];

fn instrument(kind: InstrumentKind) -> Instrument {
    let asset = |name| Asset::new(name).unwrap();
    Instrument {
        venue: venue(),
        symbol: key("BTCUSDT").symbol,
        kind,
        base: asset("BTC"),
        quote: asset("USDT"),
        settle: asset("USDT"),
        tick: Step::parse("0.1").unwrap(),
        lot: Step::parse("0.001").unwrap(),
        multiplier: Decimal::ONE,
        unit: Unit::Base,
        payoff: Payoff::Linear,
        min_price: Price(1),
        max_price: Price(10_000_000),
        min_qty: Qty(1),
        max_qty: Qty(1_000_000),
        max_market_qty: Qty(120_000),
        min_notional: Decimal::from(50),
        band: None,
        max_orders: 200,
        status: TradingStatus::Trading,
    }
}

struct World {
    seat: Seat,
    paper: Paper,
    now: Stamp,
    dice: ChaCha20Rng,
    middle: i64,
    wallet: Decimal,
    coins: Decimal,
    fills: u32,
}

impl World {
    fn new(seed: u64, kind: InstrumentKind) -> Self {
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: 1_763_820_000_000_000_000,
        };
        let own = "ticks_moved = 1000\n[protect]\nstop = \"40t\"\ntake = \"60t\"\n";
        let terms = Terms {
            account: key("BTCUSDT").account,
            venue: venue(),
            latency_ms: (5, 60),
            seed,
            queue: if seed.is_multiple_of(2) {
                Queue::Behind
            } else {
                Queue::Even
            },
            fees: Fees {
                maker: Decimal::new(2, 4),
                taker: Decimal::new(5, 4),
                spot_maker: Decimal::new(1, 3),
                spot_taker: Decimal::new(1, 3),
            },
            balance: Decimal::from(10_000),
            leverage: 10,
        };
        let mut world = Self {
            seat: Seat::new(Environment::Paper, now, (120, 40), own),
            paper: Paper::new(terms),
            now,
            dice: ChaCha20Rng::seed_from_u64(seed),
            middle: 600_000,
            wallet: Decimal::from(10_000),
            coins: Decimal::ZERO,
            fills: 0,
        };
        world.tell(In::Start);
        let all = MarketFact::Instruments(Arc::from([instrument(kind)]));
        world.tell(In::Market(&all));
        world.seat.tell(Event::Market(venue(), all));
        world.tell(In::Command(Command::Follow(key("BTCUSDT").symbol)));
        world.pass(300);
        world
    }

    /// Tells the account one thing and the desk what it answers, until both are silent.
    fn tell(&mut self, event: In<'_>) {
        let mut facts = Vec::new();
        self.paper.on(self.now, event, &mut facts);
        loop {
            for fact in facts.drain(..) {
                self.note(&fact);
                self.seat.fact(fact);
            }
            let sent = std::mem::take(&mut self.seat.sent);
            if sent.is_empty() {
                return;
            }
            for command in sent {
                self.paper.on(self.now, In::Command(command), &mut facts);
            }
        }
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Balance { balance, .. } if balance.asset.as_str() == "BTC" => {
                self.coins = balance.wallet;
            }
            Fact::Balance { balance, .. } => self.wallet = balance.wallet,
            Fact::Fill(_) => self.fills += 1,
            _ => {}
        }
    }

    fn pass(&mut self, ms: u64) {
        for step in 0..ms / STEP_MS {
            self.now = self.now.plus_ms(STEP_MS);
            self.tell(In::Wake);
            self.trade();
            self.picture();
            if step % FRAME_STEPS == 0 {
                self.seat.turn(self.now);
            } else {
                self.seat.wake(self.now);
            }
            self.tell(In::Wake);
            self.check();
        }
    }

    /// Somebody trades, now and then, a little inside or outside the book of the last picture.
    fn trade(&mut self) {
        if self.dice.random_range(0..3) > 0 {
            return;
        }
        let side = if self.dice.random() {
            Side::Buy
        } else {
            Side::Sell
        };
        let reach = self.dice.random_range(1..4);
        let print = Print {
            symbol: key("BTCUSDT").symbol,
            side,
            price: Price(self.middle + side.sign() * reach),
            qty: Qty(self.dice.random_range(1..400)),
            venue_ms: self.now.wall_ms(),
        };
        self.tell(In::Prints(&[print]));
        self.seat.tell(Event::Prints(venue(), vec![print]));
    }

    fn picture(&mut self) {
        self.middle += self.dice.random_range(-3..4);
        let mut levels = |side: Side| -> Arc<[Level]> {
            let level = |far: i64| Level {
                price: Price(self.middle - side.sign() * far),
                qty: Qty(self.dice.random_range(1..200)),
            };
            (1..60).map(level).collect()
        };
        let (bids, asks) = (levels(Side::Buy), levels(Side::Sell));
        let touch = Touch {
            symbol: key("BTCUSDT").symbol,
            bid: bids.first().copied(),
            ask: asks.first().copied(),
            live: true,
            proved: self.now,
            at: self.now,
            venue_ms: self.now.wall_ms(),
        };
        let depth = Arc::new(Depth {
            symbol: touch.symbol,
            state: BookState::Live,
            bids,
            asks,
            known_down_to: None,
            known_up_to: None,
            proved: self.now,
            changed: self.now,
            lag_ms: 0,
            gaps: 0,
        });
        self.tell(In::Depth(&depth));
        self.tell(In::Touch(&touch));
        self.seat.tell(Event::Touch(venue(), touch));
        self.seat.tell(Event::Depth(venue(), depth));
    }

    fn press(&mut self, keys: &str) {
        for read in bytes(keys) {
            self.seat.read(&read);
            self.tell(In::Wake);
        }
    }

    fn check(&self) {
        for words in &self.seat.said {
            for never in [
                "UNKNOWN",
                "MISMATCH",
                "more than was ordered",
                "another account",
                "EXTERNAL",
            ] {
                assert!(!words.contains(never), "{words}");
            }
        }
    }
}

/// A wild hand, then panic.
fn storm(seed: u64, kind: InstrumentKind) -> World {
    let mut world = World::new(seed, kind);
    world.press("A 1");
    for _ in 0..150 {
        let which = world.dice.random_range(0..KEYS.len());
        world.press(KEYS[which]);
        let wait = world.dice.random_range(1..30) * STEP_MS;
        world.pass(wait);
    }
    world.press("ctrl-x ctrl-x");
    world.pass(8_000);
    assert_eq!(world.seat.desk.open_orders(), 0, "seed {seed}");
    world
}

#[test]
fn whatever_keys_come_desk_and_paper_agree_and_panic_ends_flat() {
    let mut fills = 0;
    for seed in 0..3 {
        let world = storm(seed, InstrumentKind::Perpetual);
        let market = world.seat.desk.market(&key("BTCUSDT")).unwrap();
        let last = world.seat.said.last();
        assert!(market.ledger.size().is_zero(), "seed {seed}: {last:?}");
        let apart = world.wallet - Decimal::from(10_000) - world.seat.desk.settled_result();
        assert!(apart.abs() < Decimal::new(1, 6), "seed {seed}: {apart}");
        fills += world.fills;
    }
    assert!(fills > 50, "the storm trades: {fills}");
}

#[test]
fn on_spot_the_coins_are_the_fills_less_their_fees_and_panic_leaves_dust() {
    let mut fills = 0;
    for seed in 10..12 {
        let world = storm(seed, InstrumentKind::Spot);
        let market = world.seat.desk.market(&key("BTCUSDT")).unwrap();
        let rules = instrument(InstrumentKind::Spot);
        let last = world.seat.said.last();
        assert_eq!(market.ledger.size(), world.coins, "seed {seed}: {last:?}");
        assert!(!world.coins.is_sign_negative());
        assert_eq!(market.ledger.lots(&rules), 0, "seed {seed}: {last:?}");
        fills += world.fills;
    }
    assert!(fills > 5, "the storm trades: {fills}");
}
