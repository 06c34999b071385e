//! The seat between a feed and the desk, with real channels.

use rust_decimal::Decimal;

use super::*;
use crate::domain::message::{LinkState, SymbolSettings};
use crate::domain::{Price, Qty, Side, Symbol};
use crate::exchange::recorded::Survey;

fn terms() -> Terms {
    Terms {
        account: Account::new("paper").unwrap(),
        venue: VenueId::new("binance-futures").unwrap(),
        latency_ms: (0, 0),
        seed: 1,
        queue: Queue::Behind,
        fees: Fees {
            maker: Decimal::new(2, 4),
            taker: Decimal::new(5, 4),
            spot_maker: Decimal::ZERO,
            spot_taker: Decimal::ZERO,
        },
        balance: Decimal::from(10_000),
        leverage: 10,
    }
}

fn symbol() -> Symbol {
    Symbol::new("BTCUSDT").unwrap()
}

fn instruments() -> MarketFact {
    let mut survey = Survey::default();
    survey.note("BTCUSDT", "60000.1", "0.001").unwrap();
    MarketFact::Instruments(Arc::from(survey.instruments(terms().venue)))
}

#[tokio::test(flavor = "current_thread")]
async fn it_answers_the_desk_and_passes_on_all_that_the_feed_tells() {
    let local = LocalSet::new();
    let (ports, feed) = channel::feed(None);
    let (stop, stopped) = channel::stop();
    let (mut feed, mut account) = open(terms(), feed, Pace::new(1.into()), &local, stopped);
    let talk = async {
        let mut facts = Vec::new();
        while !matches!(facts.last(), Some(Fact::Link { .. })) {
            facts.push(account.facts.recv().await.unwrap());
        }
        let ready = |fact: &Fact| {
            matches!(
                fact,
                Fact::Link {
                    state: LinkState::Ready,
                    ..
                }
            )
        };
        assert!(facts.iter().any(ready));
        // Asked for before the venue told what it trades: answered when it has.
        account
            .ordinary
            .try_send(Command::Follow(symbol()))
            .unwrap();
        ports.market.send(instruments()).await.unwrap();
        assert_eq!(feed.market.recv().await, Some(instruments()));
        let settings: SymbolSettings = loop {
            if let Fact::Settings(settings) = account.facts.recv().await.unwrap() {
                break settings;
            }
        };
        assert_eq!(settings.taker_fee, Some(Decimal::new(5, 4)));
        let print = Print {
            symbol: symbol(),
            side: Side::Buy,
            price: Price(600_001),
            qty: Qty(1),
            venue_ms: 0,
        };
        ports.prints.send(vec![print]).await.unwrap();
        assert_eq!(feed.prints.recv().await, Some(vec![print]));
        feed.follow.try_send(vec![symbol()]).unwrap();
        stop.send(true).unwrap();
        assert_eq!(feed.market.recv().await, None, "it ends with the program");
    };
    local.run_until(talk).await;
}
