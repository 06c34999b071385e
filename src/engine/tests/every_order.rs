//! Whatever is told of one order, in whatever order it comes, the desk ends at the venue's truth.
//!
//! The venue here is a few numbers. A sequence is a word over the letters below; every word that the venue can speak is spoken, up to a
//! length. After each, what is still owed is delivered, and the desk is held against the venue.

use rust_decimal::Decimal;

use super::kit::*;
use crate::domain::message::{AccountTruth, Asked, LinkState, Proves};
use crate::domain::{Fill as Trade, *};
use crate::engine::action::Action;

/// What the order asks for at first, lots.
const LOTS: i64 = 4;
/// Words of the plain letters are spoken up to this length.
const LENGTH: usize = 8;
/// Words of all letters, with what is lost, doubled and late; one more under `LANCET_DEEP`.
const LENGTH_OF_ALL: usize = 5;

/// One event. Those that happen at the venue are told at once, but for `Lost`, which only account truth reveals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    /// The answer: taken.
    Ack,
    /// The answer: nobody knows.
    Unknown,
    /// The report that it rests.
    Rests,
    /// A lot fills.
    Partial,
    /// The rest fills.
    Fill,
    /// A lot fills and nobody tells.
    Lost,
    /// The trader cancels and the venue does it.
    Cancel,
    /// The same, and the answer is lost; the report comes.
    CancelUnknown,
    /// The venue ends it by itself.
    Expire,
    /// The trader moves it by a tick and the venue does it.
    Amend,
    /// The same, and the answer is lost; the report comes.
    AmendUnknown,
    /// The last report and the last trade once more.
    Twice,
    /// The first report once more, long after.
    Stale,
    /// The line goes and comes back with account truth.
    Reconnect,
}

use Letter::{
    Ack, Amend, AmendUnknown, Cancel, CancelUnknown, Expire, Fill, Lost, Partial, Reconnect, Rests,
    Stale, Twice, Unknown,
};

const PLAIN: [Letter; 8] = [Ack, Unknown, Rests, Partial, Fill, Cancel, Amend, Reconnect];

const ALL: [Letter; 14] = [
    Ack,
    Unknown,
    Rests,
    Partial,
    Fill,
    Lost,
    Cancel,
    CancelUnknown,
    Expire,
    Amend,
    AmendUnknown,
    Twice,
    Stale,
    Reconnect,
];

/// The venue and the desk before it.
#[derive(Clone)]
struct Play {
    kit: Kit,
    order: NewOrder,
    status: OrderStatus,
    filled: i64,
    price: i64,
    /// Trades so far, told or not.
    trades: Vec<Trade>,
    answered: bool,
    rested: bool,
    /// A report, and a trade, that were told last.
    last: Option<(OrderReport, Option<Trade>)>,
    first: Option<OrderReport>,
    word: Vec<Letter>,
}

impl Play {
    fn new() -> Self {
        let mut kit = Kit::ready();
        kit.volume(LOTS);
        kit.press(Action::Join(Side::Buy));
        let order = kit.only();
        kit.forget();
        Self {
            kit,
            order,
            status: OrderStatus::Working,
            filled: 0,
            price: BID,
            trades: Vec::new(),
            answered: false,
            rested: false,
            last: None,
            first: None,
            word: Vec::new(),
        }
    }

    fn count(&self, of: &[Letter]) -> usize {
        self.word
            .iter()
            .filter(|letter| of.contains(letter))
            .count()
    }

    /// The venue, or the trader, can do this now.
    fn can(&self, letter: Letter) -> bool {
        let lives = !self.status.is_final();
        let desk = self.kit.order(self.order.id);
        let own = desk.status == OrderStatus::Working && desk.cancelling.is_none();
        match letter {
            Ack | Unknown => !self.answered,
            // A stream tells of the birth before the life; account truth may have been first.
            Rests => lives && !self.rested && self.filled == 0 && self.word.last() != Some(&Rests),
            Partial => lives && self.filled + 1 < LOTS,
            Lost => lives && self.filled + 1 < LOTS && self.count(&[Lost]) == 0,
            Fill => lives,
            Cancel | CancelUnknown => lives && desk.is_live() && desk.cancelling.is_none(),
            Expire => lives,
            Amend | AmendUnknown => {
                lives && own && desk.amending.is_none() && self.count(&[Amend, AmendUnknown]) < 2
            }
            Twice => self.last.is_some() && self.count(&[Twice]) == 0,
            Stale => self.first.is_some() && self.count(&[Stale]) == 0,
            Reconnect => self.word.last() != Some(&Reconnect) && self.count(&[Reconnect]) < 2,
        }
    }

    fn report(&mut self) -> OrderReport {
        let status = self.status;
        let mut report = self.kit.report_of(&self.order, status, self.filled);
        report.price = Some(Price(self.price));
        report
    }

    fn tell(&mut self, trade: Option<Trade>) {
        let report = self.report();
        if let Some(fill) = &trade {
            self.kit.fact(Fact::Fill(*fill));
        }
        self.kit.fact(Fact::Order(report.clone()));
        if trade.is_some() {
            self.tell_position();
        }
        if self.first.is_none() && report.status == OrderStatus::Working {
            self.first = Some(report.clone());
        }
        self.rested = true;
        self.last = Some((report, trade));
    }

    fn tell_position(&mut self) {
        let size = Decimal::new(self.filled, 3);
        self.kit.position(size, dec("60000"));
    }

    fn trade(&mut self, lots: i64) -> Trade {
        self.filled += lots;
        if self.filled == LOTS {
            self.status = OrderStatus::Filled;
        }
        let fill = self.kit.fill_of(&self.order, lots, "60000.0");
        self.trades.push(fill);
        fill
    }

    fn answer(&mut self, asked: Asked, taken: bool) {
        let outcome = if taken {
            Outcome::Accepted {
                venue: Some(crate::domain::OrderId::of_number(7)),
            }
        } else {
            Outcome::Unknown("no answer".to_owned())
        };
        self.kit.answer(self.order.id, asked, outcome);
    }

    fn speak(&mut self, letter: Letter) {
        self.word.push(letter);
        self.kit.said.clear();
        self.kit.now = self.kit.now.plus_ms(7);
        match letter {
            Ack | Unknown => {
                self.answered = true;
                self.answer(Asked::Place, letter == Ack);
            }
            Rests => self.tell(None),
            Partial => {
                let fill = self.trade(1);
                self.tell(Some(fill));
            }
            Fill => {
                let fill = self.trade(LOTS - self.filled);
                self.tell(Some(fill));
            }
            Lost => {
                self.trade(1);
            }
            Cancel | CancelUnknown => {
                self.kit.desk.market_mut(key()).selected = Some(self.order.id);
                self.kit.press(Action::CancelAt);
                self.status = OrderStatus::Cancelled;
                self.answer(Asked::Cancel, letter == Cancel);
                self.tell(None);
            }
            Expire => {
                self.status = OrderStatus::Expired;
                self.tell(None);
            }
            Amend | AmendUnknown => {
                self.kit.desk.market_mut(key()).selected = Some(self.order.id);
                self.kit.press(Action::Move(-1));
                let sent = |c: &Command| match c {
                    Command::Amend(amend) => Some(amend.get().price.0),
                    _ => None,
                };
                if let Some(price) = self.kit.sent.iter().rev().find_map(sent) {
                    self.price = price;
                    self.answer(Asked::Amend, letter == Amend);
                    self.tell(None);
                }
                self.kit.sent.retain(|c| !matches!(c, Command::Amend(_)));
            }
            Twice => {
                let (report, fill) = self.last.clone().unwrap();
                if let Some(fill) = fill {
                    self.kit.fact(Fact::Fill(fill));
                }
                self.kit.fact(Fact::Order(report));
            }
            Stale => {
                let first = self.first.clone().unwrap();
                self.kit.fact(Fact::Order(first));
            }
            Reconnect => self.reconnect(),
        }
        self.obey();
    }

    fn reconnect(&mut self) {
        self.kit.link(LinkState::Down);
        self.kit.now = self.kit.now.plus_ms(1_500);
        self.kit.link(LinkState::Reconciling);
        let orders = (!self.status.is_final()).then(|| self.report());
        self.first = self.first.take().or(orders.clone());
        self.rested |= orders.is_some();
        let fills = self.trades.iter().map(|fill| Trade {
            recovered: true,
            ..*fill
        });
        let position = self
            .kit
            .position_of(Decimal::new(self.filled, 3), dec("60000"));
        self.kit.truth(AccountTruth {
            orders: orders.into_iter().collect(),
            positions: (self.filled > 0).then_some(position).into_iter().collect(),
            fills: fills.collect(),
            ..AccountTruth::default()
        });
        self.kit.link(LinkState::Ready);
    }

    /// What the desk asks for is answered: a query by where the order stands, a further cancel by how it ended.
    fn obey(&mut self) {
        for command in std::mem::take(&mut self.kit.sent) {
            match command {
                Command::Place(order) => panic!("{order:?} was sent after {:?}", self.word),
                Command::Query { .. } => {
                    let report = self.report();
                    self.kit.fact(Fact::Order(report));
                }
                Command::Cancel { .. } if self.status.is_final() => {
                    let outcome = Outcome::Rejected {
                        code: -2011,
                        words: "unknown order".to_owned(),
                        proves: Proves::NotFound,
                    };
                    self.kit.answer(self.order.id, Asked::Cancel, outcome);
                }
                _ => {}
            }
        }
        if !self.kit.sent.is_empty() {
            self.obey();
        }
    }

    /// Nothing happens any more: what is owed comes, and time goes on.
    fn settle(&mut self) {
        if !self.answered {
            self.answered = true;
            self.answer(Asked::Place, true);
        }
        self.reconnect();
        self.obey();
        for _ in 0..3 {
            let order = self.kit.order(self.order.id);
            if order.cancelling.is_none() && order.amending.is_none() {
                break;
            }
            self.kit.silence(1_100);
            self.obey();
        }
    }

    fn check(mut self) {
        self.settle();
        let word = self.word.clone();
        let order = self.kit.order(self.order.id).clone();
        assert_eq!(order.status, self.status, "{word:?}");
        assert_eq!(order.filled, Qty(self.filled), "{word:?}");
        assert_eq!((order.cancelling, order.amending), (None, None), "{word:?}");
        if !self.status.is_final() {
            assert_eq!(order.price, Some(Price(self.price)), "{word:?}");
        }
        let market = self.kit.market();
        let size = Decimal::new(self.filled, 3);
        assert_eq!(market.ledger.size(), size, "{word:?}");
        assert_eq!(market.ledger.own().size, size, "{word:?}");
        assert!(!market.ledger.is_mismatch(), "{word:?}");
        let open = if self.status.is_final() {
            0
        } else {
            LOTS - self.filled
        };
        let counted = market.orders.remaining(Side::Buy, Intent::Entry);
        assert_eq!(counted, Qty(open), "{word:?}");
    }
}

/// Speaks every word that goes on from here; how many there were.
fn every(play: &Play, letters: &[Letter], left: usize) -> u64 {
    play.clone().check();
    if left == 0 {
        return 1;
    }
    let mut words = 1;
    for &letter in letters {
        if play.can(letter) {
            let mut next = play.clone();
            next.speak(letter);
            words += every(&next, letters, left - 1);
        }
    }
    words
}

#[test]
fn every_order_of_events_ends_in_the_venues_truth() {
    speak(&PLAIN, LENGTH);
}

#[test]
fn every_order_of_events_lost_doubled_and_late_ends_in_the_venues_truth() {
    let deep = std::env::var_os("LANCET_DEEP").is_some();
    speak(&ALL, LENGTH_OF_ALL + usize::from(deep));
}

fn speak(letters: &[Letter], length: usize) {
    let start = Play::new();
    // Each first pair of letters is a piece of work of its own.
    let mut pieces = Vec::new();
    for first in letters.iter().copied().filter(|letter| start.can(*letter)) {
        let mut one = start.clone();
        one.speak(first);
        one.clone().check();
        for second in letters.iter().copied().filter(|letter| one.can(*letter)) {
            let mut two = one.clone();
            two.speak(second);
            pieces.push(two);
        }
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let words = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..workers {
            scope.spawn(|| {
                use std::sync::atomic::Ordering::Relaxed;
                while let Some(piece) = pieces.get(next.fetch_add(1, Relaxed)) {
                    words.fetch_add(every(piece, letters, length - 2), Relaxed);
                }
            });
        }
    });
    let words = words.into_inner();
    assert!(words > 10_000, "{words} words prove nothing");
    eprintln!("{words} words of up to {length} letters");
}
