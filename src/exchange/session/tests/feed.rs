//! What is a feed's alone: pictures, prints, the recorder's tap.

use std::sync::atomic::Ordering;

use tokio::io::AsyncReadExt;

use super::*;
use crate::domain::{Price, Qty, Side as TradeSide, Touch};
use crate::exchange::machine::{Call, Lane, Method};
use crate::exchange::record::RawLine;

struct FeedEnds {
    market: mpsc::Receiver<MarketFact>,
    prints: mpsc::Receiver<Vec<Print>>,
    latest: watch::Receiver<Latest>,
    lines: mpsc::Receiver<RawLine>,
    dropped: Arc<AtomicU64>,
    _follow: mpsc::Sender<Vec<Symbol>>,
    _stop: watch::Sender<bool>,
    _heard: mpsc::Receiver<Heard>,
}

/// A feed session with room for one batch of prints.
fn session(
    rest: String,
    react: impl FnMut(&Heard, &mut Out) + Send + 'static,
) -> (Running, FeedEnds) {
    let (heard_in, heard) = mpsc::channel(64);
    let (market_in, market) = mpsc::channel(1);
    let (print_in, prints) = mpsc::channel(1);
    let (latest_in, latest) = watch::channel(Latest::default());
    let (follow_in, follow) = mpsc::channel(1);
    let (line_in, lines) = mpsc::channel(8);
    let (stop, stopped) = watch::channel(false);
    let dropped = Arc::new(AtomicU64::new(0));
    let machine = Box::new(Script {
        react: Box::new(react),
        heard: heard_in,
    });
    let ports = FeedPorts {
        market: market_in,
        prints: print_in,
        latest: latest_in,
        follow,
        dropped: dropped.clone(),
        tap: Some(Tap::new(line_in, Arc::new(AtomicU64::new(0)))),
    };
    let running = run_feed(machine, rest, Net::this_host().unwrap(), ports, stopped);
    let ends = FeedEnds {
        market,
        prints,
        latest,
        lines,
        dropped,
        _follow: follow_in,
        _stop: stop,
        _heard: heard,
    };
    (Box::pin(running), ends)
}

#[tokio::test(flavor = "current_thread")]
async fn j1_a_slow_reader_costs_prints_which_are_counted_and_nothing_else() {
    let (listener, url) = listen().await;
    let symbol = Symbol::new("BTCUSDT").unwrap();
    let print = Print {
        symbol,
        side: TradeSide::Buy,
        price: Price(1),
        qty: Qty(1),
        venue_ms: 0,
    };
    let touch = move |venue_ms| Touch {
        symbol,
        bid: None,
        ask: None,
        live: true,
        proved: Stamp::default(),
        at: Stamp::default(),
        venue_ms,
    };
    let mut frames = 0;
    let react = move |heard: &Heard, out: &mut Out| match heard {
        Heard::Start => open(out, &url),
        Heard::Opened => out.send(LINE, 0, "never recorded".into()),
        Heard::Frame(Opcode::Text, _) => {
            frames += 1;
            out.prints.extend([print, print]);
            out.touches.push(touch(frames));
            if frames == 3 {
                out.market.push(MarketFact::Note {
                    words: "done".into(),
                });
            }
        }
        _ => {}
    };
    let (running, mut ends) = session("http://127.0.0.1:9".into(), react);
    beside(running, async {
        let mut server = accept(&listener).await;
        for words in ["1", "2", "3"] {
            server.send(Message::text(words)).await.unwrap();
        }
        timeout(GUARD, ends.market.recv()).await.unwrap().unwrap();
        assert_eq!(ends.prints.recv().await.unwrap().len(), 2);
        assert_eq!(ends.dropped.load(Ordering::Relaxed), 4);
        // The note comes before the pictures of the same message.
        let newest = ends.latest.wait_for(|latest| latest.touches == [touch(3)]);
        assert!(timeout(GUARD, newest).await.unwrap().is_ok());
        for words in ["1", "2", "3"] {
            let line = ends.lines.recv().await.unwrap();
            assert_eq!((line.url, &line.message[..]), (None, words.as_bytes()));
        }
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_is_recorded_with_its_address_where_it_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rest = format!("http://{}", listener.local_addr().unwrap());
    let (running, mut ends) = session(rest.clone(), |heard, out| {
        if *heard == Heard::Start {
            out.calls.push(Call {
                tag: 1,
                method: Method::Get,
                target: "/fapi/v1/depth?symbol=A&limit=5".into(),
                headers: Vec::new(),
                body: String::new(),
                deadline_ms: 10_000,
                lane: Lane::Query,
            });
        }
    });
    beside(running, async {
        let (mut tcp, _) = listener.accept().await.unwrap();
        tcp.read_u8().await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        tcp.write_all(answer).await.unwrap();
        let line = timeout(GUARD, ends.lines.recv()).await.unwrap().unwrap();
        let url = format!("{rest}/fapi/v1/depth?symbol=A&limit=5");
        assert_eq!((line.url, &line.message[..]), (Some(url), &b"{}"[..]));
    })
    .await;
}
