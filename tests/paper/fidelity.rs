//! Paper against the truth: an order rests in the built-in exchange's own queue, and a paper order joins the same price right behind it.
//! Paper sees pictures and prints alone, the exchange knows every order. The paper order is never filled before the real one.

use std::sync::Arc;

use lancet::domain::message::MarketFact;
use lancet::domain::{
    Account, BookState, ClientId, Command, Depth, Fact, Intent, MarketKey, NewOrder, OrderKind,
    OrderRef, Print, Qty, Side, Stamp, TimeInForce, Touch,
};
use lancet::paper::{Fees, In, Paper, Queue, Terms};
use lancet::sim::crowd::{Bourse, CrowdSettings};
use lancet::sim::market::{
    AccountNo, AccountSpec, Kind, Leg, MarketEvent, SelfTrade, SpotTerms, Submit, SymbolNo, Tif,
    Which,
};
use rust_decimal::Decimal;

use super::approved;

/// Between two pictures, ms.
const PICTURE_MS: i64 = 16;
/// How long a pair of orders rests, pictures.
const PATIENCE: usize = 600;
/// What is as good as at once, pictures.
const PROMPT: usize = 6;
/// Size of both orders, lots.
const LOTS: i64 = 5;
/// The first symbol of the exchange.
const SYMBOL: SymbolNo = SymbolNo(0);

struct Pair {
    bourse: Bourse,
    owner: AccountNo,
    paper: Paper,
    key: MarketKey,
    now: Stamp,
    paper_filled: i64,
    names: u32,
}

impl Pair {
    fn new(seed: u64, queue: Queue) -> Self {
        let start_ms = 1_767_225_600_000;
        let mut bourse = Bourse::new(CrowdSettings { seed, mood: None }, start_ms);
        let instrument = bourse.market.spec(SYMBOL).unwrap().instrument.clone();
        let owner = bourse.market.open_account(AccountSpec {
            asset: instrument.settle,
            wallet: Decimal::from(1_000_000),
            maker_fee: Decimal::ZERO,
            taker_fee: Decimal::ZERO,
            spot: SpotTerms::default(),
        });
        let key = MarketKey {
            account: Account::new("paper").unwrap(),
            venue: instrument.venue,
            symbol: instrument.symbol,
            leg: None,
        };
        let paper = Paper::new(Terms {
            account: key.account,
            venue: key.venue,
            latency_ms: (0, 0),
            seed,
            queue,
            fees: Fees {
                maker: Decimal::ZERO,
                taker: Decimal::ZERO,
                spot_maker: Decimal::ZERO,
                spot_taker: Decimal::ZERO,
            },
            balance: Decimal::from(1_000_000),
            leverage: 10,
        });
        let now = Stamp {
            mono_ns: 60_000_000_000,
            wall_ns: start_ms * 1_000_000,
        };
        let mut pair = Self {
            bourse,
            owner,
            paper,
            key,
            now,
            paper_filled: 0,
            names: 0,
        };
        pair.tell(In::Start);
        pair.tell(In::Market(&MarketFact::Instruments(Arc::from([
            instrument,
        ]))));
        pair.pass(false);
        pair
    }

    fn tell(&mut self, event: In<'_>) {
        let mut facts = Vec::new();
        self.paper.on(self.now, event, &mut facts);
        for fact in facts {
            if let Fact::Fill(fill) = fact {
                self.paper_filled += fill.qty.0;
            }
        }
    }

    /// A picture's worth of time. The two streams come in either order, as they do from venues.
    fn pass(&mut self, picture_first: bool) {
        let events = self.bourse.run(PICTURE_MS);
        self.now = self.now.plus_ms(PICTURE_MS.unsigned_abs());
        let prints: Vec<Print> = events.into_iter().filter_map(|e| self.print(e)).collect();
        if picture_first {
            self.picture();
        }
        self.tell(In::Prints(&prints));
        if !picture_first {
            self.picture();
        }
    }

    fn print(&self, event: MarketEvent) -> Option<Print> {
        match event {
            MarketEvent::Trade(trade) if trade.symbol == SYMBOL => Some(Print {
                symbol: self.key.symbol,
                side: trade.side,
                price: trade.price,
                qty: trade.qty,
                venue_ms: trade.time_ms,
            }),
            _ => None,
        }
    }

    fn picture(&mut self) {
        let top = self.bourse.market.snapshot(SYMBOL, 100).unwrap();
        let touch = Touch {
            symbol: self.key.symbol,
            bid: top.bids.first().copied(),
            ask: top.asks.first().copied(),
            live: true,
            proved: self.now,
            at: self.now,
            venue_ms: 0,
        };
        let depth = Arc::new(Depth {
            symbol: self.key.symbol,
            state: BookState::Live,
            bids: top.bids.into(),
            asks: top.asks.into(),
            known_down_to: None,
            known_up_to: None,
            proved: self.now,
            changed: self.now,
            lag_ms: 0,
            gaps: 0,
        });
        self.tell(In::Depth(&depth));
        self.tell(In::Touch(&touch));
    }

    /// Both orders join the best price, the real one first, and wait: when each was filled, pictures from the start.
    fn join(&mut self, side: Side) -> (Option<usize>, Option<usize>) {
        let best = self.bourse.market.best(SYMBOL);
        let best = if side == Side::Buy {
            best.bid
        } else {
            best.ask
        };
        let price = best.unwrap().price;
        self.names += 1;
        self.paper_filled = 0;
        let client = ClientId::new(&format!("n{}", self.names)).unwrap();
        let (real, tif) = (
            Kind::Limit {
                price,
                tif: Tif::Gtx,
            },
            TimeInForce::PostOnly,
        );
        let ask = Submit {
            symbol: SYMBOL,
            client: Some(client),
            side,
            leg: Leg::Both,
            kind: real,
            qty: Qty(LOTS),
            reduce_only: false,
            self_trade: SelfTrade::Allow,
        };
        let now_ms = self.bourse.market.now_ms();
        self.bourse.market.submit(now_ms, self.owner, ask).unwrap();
        self.picture();
        let order = NewOrder {
            key: self.key,
            id: client,
            side,
            qty: Qty(LOTS),
            kind: OrderKind::Limit { price, tif },
            intent: Intent::Entry,
            leg: None,
        };
        let rules = self.bourse.market.spec(SYMBOL).unwrap().instrument.clone();
        self.tell(In::Command(Command::Place(approved(order, &rules))));
        self.tell(In::Wake);
        let (mut first, mut second) = (None, None);
        for turn in 0..PATIENCE {
            self.pass(turn % 2 == 0);
            let real = self.real_filled(client);
            assert!(
                self.paper_filled <= real,
                "paper {} before the real {real} of order {client}",
                self.paper_filled
            );
            if real == LOTS {
                first.get_or_insert(turn);
            }
            if self.paper_filled == LOTS {
                second = Some(turn);
                break;
            }
        }
        let now_ms = self.bourse.market.now_ms();
        // One that is filled is not there to be cancelled.
        let _ = self
            .bourse
            .market
            .cancel(now_ms, self.owner, SYMBOL, Which::Client(client));
        let order = OrderRef {
            client,
            venue: None,
            class: lancet::domain::OrderClass::Regular,
        };
        let key = self.key;
        self.tell(In::Command(Command::Cancel { key, order }));
        self.tell(In::Wake);
        (first, second)
    }

    fn real_filled(&self, client: ClientId) -> i64 {
        let which = Which::Client(client);
        let order = self.bourse.market.order(self.owner, SYMBOL, which);
        order.unwrap().filled.0
    }
}

#[test]
fn paper_is_never_filled_before_the_order_in_front_of_it_and_seldom_much_later() {
    for queue in [Queue::Behind, Queue::Even] {
        let (mut real, mut paper, mut prompt) = (0, 0, 0);
        for seed in 0..2 {
            let mut pair = Pair::new(seed, queue);
            for turn in 0..16 {
                let side = if turn % 2 == 0 { Side::Buy } else { Side::Sell };
                let (first, second) = pair.join(side);
                real += i32::from(first.is_some());
                paper += i32::from(second.is_some());
                let later = first.zip(second).map(|(first, second)| second - first);
                prompt += i32::from(later.is_some_and(|pictures| pictures <= PROMPT));
            }
        }
        assert!(real > 16, "{real} real orders filled");
        assert!(
            paper * 10 >= real * 9,
            "{real} real ones filled, {paper} on paper"
        );
        assert!(
            prompt * 10 >= real * 7,
            "{real} real ones filled, {prompt} promptly"
        );
    }
}
