//! The venue's feed, fed with depth messages, beside the path that anybody would write first: time and allocations a message.
//!
//! Both keep their books through all rounds and take the same slice of the stream in turn; both must end in the same best prices.

use std::time::Duration;

use lancet::domain::{Book, Side, Stamp};
use lancet::exchange::binance_futures::VENUE;
use lancet::exchange::machine::{In, Opcode, Out};
use lancet::exchange::recorded::RecordedFeed;
use lancet::sim::crowd::perpetuals;
use rust_decimal::Decimal;

use crate::figures::{median, time};
use crate::{naive, stream};

/// Rounds that count, after those that warm up.
const ROUNDS: usize = 101;
const WARM_UP: usize = 10;
/// Messages a round: few enough to stay in the cache, where a socket's read has just put a message.
const A_ROUND: usize = 250;

/// Prices and sizes of the best 20 bids and asks.
type Top<T> = [Vec<(T, T)>; 2];
type Message = (i64, String);

struct Ours {
    feed: Box<dyn RecordedFeed>,
    out: Out,
    top: Top<i64>,
}

fn at(event_ms: i64) -> Stamp {
    Stamp {
        mono_ns: event_ms.unsigned_abs() * 1_000_000,
        wall_ns: event_ms * 1_000_000,
    }
}

fn read(book: &Book, top: &mut Top<i64>) {
    for (side, top) in [Side::Buy, Side::Sell].into_iter().zip(top) {
        top.clear();
        top.extend(
            book.levels(side)
                .take(20)
                .map(|level| (level.price.0, level.qty.0)),
        );
    }
}

impl Ours {
    fn new(stream: &stream::Stream) -> Self {
        let (mut feed, mut out) = ((VENUE.recordings.feed)(), Out::default());
        let start = at(stream.messages[0].0);
        let instrument = perpetuals()[0].instrument.clone();
        feed.load(start, vec![instrument], 0, &mut out);
        feed.answer(
            start,
            "/fapi/v1/depth?symbol=BTCUSDT",
            &stream.snapshot(),
            &mut out,
        );
        Self {
            feed,
            out,
            top: Top::default(),
        }
    }

    fn take(&mut self, (event_ms, text): &Message) {
        self.out.clear();
        let event = In::Frame {
            line: 0,
            opcode: Opcode::Text,
            bytes: text.as_bytes(),
        };
        self.feed.on(at(*event_ms), event, &mut self.out);
    }

    fn read(&mut self) {
        read(self.feed.books()[0].book, &mut self.top);
    }

    /// Allocations of taking a message and of reading the top of its book; the list of books is made for this bench alone.
    fn allocations(&mut self, message: &Message) -> u64 {
        let taken = allocation_counter::measure(|| self.take(message)).count_total;
        let books = self.feed.books();
        taken + allocation_counter::measure(|| read(books[0].book, &mut self.top)).count_total
    }
}

struct Naive {
    book: naive::Book,
    top: Top<Decimal>,
}

impl Naive {
    fn take(&mut self, (_, text): &Message) {
        self.book.apply(text);
        self.book.read(&mut self.top);
    }

    /// In ticks and lots.
    fn steps(&self) -> Top<i64> {
        let steps = |value: Decimal, scale| {
            let mut value = value;
            value.rescale(scale);
            i64::try_from(value.mantissa()).expect("small")
        };
        self.top.each_ref().map(|side| {
            side.iter()
                .map(|(p, q)| (steps(*p, 1), steps(*q, 3)))
                .collect()
        })
    }
}

fn ns(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9 / A_ROUND as f64
}

/// Has every byte in the cache.
fn warm(slice: &[Message]) {
    let sum: u64 = slice
        .iter()
        .flat_map(|(_, text)| text.bytes())
        .map(u64::from)
        .sum();
    std::hint::black_box(sum);
}

pub fn run() {
    let stream = stream::depth(7, (WARM_UP + ROUNDS + 1) * A_ROUND);
    let mut slices = stream.messages.chunks_exact(A_ROUND);
    let mut ours = Ours::new(&stream);
    let mut naive = Naive {
        book: naive::Book::snapshot(&stream.bids, &stream.asks),
        top: Top::default(),
    };
    let (mut our_ns, mut naive_ns, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for (round, slice) in slices.by_ref().take(WARM_UP + ROUNDS).enumerate() {
        warm(slice);
        let us = ns(time(|| {
            for message in slice {
                ours.take(message);
                ours.read();
            }
        }));
        warm(slice);
        let them = ns(time(|| {
            slice.iter().for_each(|message| naive.take(message))
        }));
        assert_eq!(ours.top, naive.steps(), "both end in the same top 20");
        if round >= WARM_UP {
            our_ns.push(us);
            naive_ns.push(them);
            ratios.push(them / us);
        }
    }
    let slice = slices.next().expect("a slice for counting");
    let our_count: u64 = slice.iter().map(|message| ours.allocations(message)).sum();
    let naive_count: u64 = slice
        .iter()
        .map(|message| allocation_counter::measure(|| naive.take(message)).count_total)
        .sum();
    assert_eq!(ours.top, naive.steps(), "both end in the same top 20");
    let each = |count: u64| count as f64 / A_ROUND as f64;
    let bytes: usize = slice.iter().map(|(_, text)| text.len()).sum();
    println!(
        "  {} bytes a message, {ROUNDS} rounds of {A_ROUND} in turn, same top 20 after each",
        bytes / A_ROUND
    );
    println!(
        "  the feed                                     {:8.0} ns {:9.2} allocations",
        median(&our_ns),
        each(our_count)
    );
    println!(
        "  naive: serde_json, rust_decimal, BTreeMap    {:8.0} ns {:9.2} allocations",
        median(&naive_ns),
        each(naive_count)
    );
    println!(
        "  times faster                                 {:8.2} x  aim 7, without allocation",
        median(&ratios)
    );
}
