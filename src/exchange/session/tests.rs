//! A scripted machine on one side, loopback servers on the other.

mod feed;

use std::collections::BTreeMap;
use std::pin::Pin;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::*;
use crate::domain::{Depth, Stamp};
use crate::exchange::machine::{LineOut, Opcode};

const GUARD: Duration = Duration::from_secs(20);
const LINE: u8 = 3;

/// What a scripted machine was told.
#[derive(Debug, PartialEq)]
enum Heard {
    Start,
    Opened,
    Frame(Opcode, Vec<u8>),
    Sent(u64, usize),
    Closed(String),
    Command(Command),
    Stop,
    Other,
}

impl Heard {
    fn of(event: &In<'_>) -> Self {
        match event {
            In::Start => Self::Start,
            In::Opened { .. } => Self::Opened,
            In::Frame { opcode, bytes, .. } => Self::Frame(*opcode, bytes.to_vec()),
            In::Sent { tag, written, .. } => Self::Sent(*tag, *written),
            In::Closed { why, .. } => Self::Closed((*why).to_owned()),
            In::Command(command) => Self::Command(command.clone()),
            In::Stop => Self::Stop,
            _ => Self::Other,
        }
    }
}

type React = Box<dyn FnMut(&Heard, &mut Out) + Send>;

struct Script {
    react: React,
    heard: mpsc::Sender<Heard>,
}

impl Machine for Script {
    fn on(&mut self, _: Stamp, event: In<'_>, out: &mut Out) {
        let heard = Heard::of(&event);
        (self.react)(&heard, out);
        self.heard.try_send(heard).unwrap();
    }
}

impl Account for Script {}

impl Feed for Script {
    fn depth(&self, _: Symbol, _: Stamp, _: usize) -> Option<Arc<Depth>> {
        None
    }
}

/// The other ends of a session under test.
struct Ends {
    heard: mpsc::Receiver<Heard>,
    facts: mpsc::Receiver<Fact>,
    priority: mpsc::Sender<Command>,
    ordinary: mpsc::Sender<Command>,
    stop: watch::Sender<bool>,
}

impl Ends {
    async fn next(&mut self) -> Heard {
        timeout(GUARD, self.heard.recv()).await.unwrap().unwrap()
    }

    /// The next thing heard that `fits`; gives what came before it as well.
    async fn until(&mut self, fits: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().await);
            if fits(&all[all.len() - 1]) {
                return all;
            }
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Result<(), DialError>>>>;

/// An account session with room for `room` facts. Its REST address answers nothing.
fn account(room: usize, react: impl FnMut(&Heard, &mut Out) + Send + 'static) -> (Running, Ends) {
    let (heard_in, heard) = mpsc::channel(65_536);
    let (fact_in, facts) = mpsc::channel(room);
    let (priority, priority_out) = mpsc::channel(8);
    let (ordinary, ordinary_out) = mpsc::channel(8);
    let (stop, stopped) = watch::channel(false);
    let machine = Box::new(Script {
        react: Box::new(react),
        heard: heard_in,
    });
    let ports = AccountPorts {
        facts: fact_in,
        priority: priority_out,
        ordinary: ordinary_out,
    };
    let net = Net::this_host().unwrap();
    let running = run_account(machine, "http://127.0.0.1:9".into(), net, ports, stopped);
    let ends = Ends {
        heard,
        facts,
        priority,
        ordinary,
        stop,
    };
    (Box::pin(running), ends)
}

/// Runs a session beside its test.
async fn beside(running: Running, test: impl Future<Output = ()>) {
    tokio::select! {
        ended = running => panic!("the session ended: {ended:?}"),
        () = test => {}
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/stream", listener.local_addr().unwrap());
    (listener, url)
}

async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (tcp, _) = timeout(GUARD, listener.accept()).await.unwrap().unwrap();
    tokio_tungstenite::accept_async(tcp).await.unwrap()
}

fn open(out: &mut Out, url: &str) {
    out.lines.push(LineOut::Open {
        line: LINE,
        url: url.to_owned(),
        headers: Vec::new(),
    });
}

fn text(words: &str) -> Heard {
    Heard::Frame(Opcode::Text, words.as_bytes().to_vec())
}

fn bad(words: &str) -> Fact {
    Fact::Bad {
        venue: crate::domain::VenueId::new("test").unwrap(),
        words: words.into(),
    }
}

fn follow(name: &str) -> Command {
    Command::Follow(Symbol::new(name).unwrap())
}

/// Opens the line at the start, and sends one tagged frame a command.
fn trader(url: String) -> impl FnMut(&Heard, &mut Out) + Send + 'static {
    let mut tag = 0;
    move |heard, out| match heard {
        Heard::Start => open(out, &url),
        Heard::Command(_) => {
            tag += 1;
            out.send(LINE, tag, "order".into());
        }
        Heard::Frame(Opcode::Text, bytes) => {
            out.facts.push(bad(&String::from_utf8_lossy(bytes)));
        }
        _ => {}
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_command_goes_out_and_its_bytes_are_told() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, trader(url));
    beside(running, async {
        let mut server = accept(&listener).await;
        ends.until(|heard| *heard == Heard::Opened).await;
        ends.ordinary.send(Command::Reconcile).await.unwrap();
        assert_eq!(
            server.next().await.unwrap().unwrap(),
            Message::text("order")
        );
        assert_eq!(ends.next().await, Heard::Command(Command::Reconcile));
        // Two bytes of header, four of mask, five of text.
        assert_eq!(ends.next().await, Heard::Sent(1, 11));
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn b6_a_frame_for_a_line_that_is_down_was_provably_not_sent() {
    let (listener, url) = listen().await;
    drop(listener);
    let (running, mut ends) = account(8, trader(url));
    beside(running, async {
        let closed = ends.until(|heard| matches!(heard, Heard::Closed(_))).await;
        assert_eq!(closed.len(), 2, "{closed:?}");
        ends.priority.send(Command::Reconcile).await.unwrap();
        assert_eq!(ends.next().await, Heard::Command(Command::Reconcile));
        assert_eq!(ends.next().await, Heard::Sent(1, 0));
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn a12_nothing_of_an_old_socket_comes_after_the_line_was_opened_anew() {
    let (old, old_url) = listen().await;
    let (new, new_url) = listen().await;
    let mut replaced = false;
    let (running, mut ends) = account(8, move |heard, out| match heard {
        Heard::Start => open(out, &old_url),
        // A tagged frame, so that a frame of the old socket is read beside the word that it was sent.
        Heard::Opened if !replaced => out.send(LINE, 1, "subscribe".into()),
        Heard::Sent(1, _) => out.send(LINE, 2, "again".into()),
        Heard::Sent(2, _) => {
            replaced = true;
            open(out, &new_url);
        }
        _ => {}
    });
    beside(running, async {
        let mut server = accept(&old).await;
        tokio::spawn(async move { while server.send(Message::text("old")).await.is_ok() {} });
        let mut server = accept(&new).await;
        server.send(Message::text("new")).await.unwrap();
        ends.until(|heard| matches!(heard, Heard::Sent(2, _))).await;
        let after = ends.until(|heard| *heard == text("new")).await;
        assert_eq!(after, [Heard::Opened, text("new")]);
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn half_a_frame_is_no_frame() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, trader(url));
    beside(running, async {
        let mut server = accept(&listener).await;
        let tcp = server.get_mut();
        tcp.write_all(b"\x81\x0ahello").await.unwrap();
        tcp.write_all(b"world").await.unwrap();
        let heard = ends.until(|heard| matches!(heard, Heard::Frame(..))).await;
        assert_eq!(heard.last(), Some(&text("helloworld")));
        tcp.write_all(b"\x81\x0ahello").await.unwrap();
        drop(server);
        assert!(matches!(ends.next().await, Heard::Closed(_)));
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_venue_that_stops_reading_costs_the_line_and_every_frame_is_accounted_for() {
    const FRAMES: u64 = 40;
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, move |heard, out| match heard {
        Heard::Start => open(out, &url),
        Heard::Opened => {
            for tag in 1..=FRAMES {
                out.send(LINE, tag, "x".repeat(1 << 20));
            }
        }
        _ => {}
    });
    beside(running, async {
        let _deaf = accept(&listener).await;
        ends.until(|heard| matches!(heard, Heard::Sent(..))).await;
        let heard = ends.until(|heard| matches!(heard, Heard::Closed(_))).await;
        let Some(Heard::Closed(why)) = heard.last() else {
            panic!()
        };
        assert!(why.contains("takes no more bytes"), "{why}");
        let told: BTreeMap<u64, usize> = heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Sent(tag, written) => Some((*tag, *written)),
                _ => None,
            })
            .collect();
        assert_eq!(told.len() as u64, FRAMES - 1);
        assert_eq!(told[&FRAMES], 0, "no byte of the last one can have left");
        let unsent = told.values().filter(|written| **written == 0).count();
        let partly = told
            .values()
            .filter(|written| **written > 0 && **written < 1 << 20);
        assert!(partly.count() <= 1 && unsent < FRAMES as usize - 1);
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn facts_that_find_no_room_do_not_stop_commands_and_none_is_lost() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(1, trader(url));
    beside(running, async {
        let mut server = accept(&listener).await;
        for number in 0..50 {
            server
                .send(Message::text(number.to_string()))
                .await
                .unwrap();
        }
        // The second fact finds no room: reading stops there.
        ends.until(|heard| *heard == text("1")).await;
        ends.ordinary.send(Command::Reconcile).await.unwrap();
        assert_eq!(
            server.next().await.unwrap().unwrap(),
            Message::text("order")
        );
        let heard = ends.until(|heard| matches!(heard, Heard::Sent(..))).await;
        assert!(
            !heard.iter().any(|heard| matches!(heard, Heard::Frame(..))),
            "{heard:?}"
        );
        for number in 0..50 {
            let fact = timeout(GUARD, ends.facts.recv()).await.unwrap().unwrap();
            assert_eq!(fact, bad(&number.to_string()));
        }
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn rule5_priority_commands_are_taken_before_ordinary_ones() {
    let (running, mut ends) = account(8, |_, _| {});
    for name in ["AAAUSDT", "BBBUSDT"] {
        ends.ordinary.try_send(follow(name)).unwrap();
    }
    ends.priority.try_send(Command::Reconcile).unwrap();
    beside(running, async {
        let heard = ends
            .until(|heard| *heard == Heard::Command(follow("BBBUSDT")))
            .await;
        let commands: Vec<_> = heard
            .iter()
            .filter(|h| matches!(h, Heard::Command(_)))
            .collect();
        assert_eq!(commands[0], &Heard::Command(Command::Reconcile));
        assert_eq!(commands.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn k2_an_oversized_message_closes_the_line_in_clear_words() {
    for pieces in [1, 9] {
        let (listener, url) = listen().await;
        let (running, mut ends) = account(8, trader(url));
        beside(running, async {
            let mut server = accept(&listener).await;
            let whole = (9 << 20) / pieces;
            tokio::spawn(async move {
                for piece in 0..pieces {
                    let first = if piece == 0 {
                        Data::Text
                    } else {
                        Data::Continue
                    };
                    let last = piece + 1 == pieces;
                    let frame = Frame::message(vec![b'x'; whole], OpCode::Data(first), last);
                    if server.send(Message::Frame(frame)).await.is_err() {
                        return;
                    }
                }
                while let Some(Ok(_)) = server.next().await {}
            });
            let heard = ends.until(|heard| matches!(heard, Heard::Closed(_))).await;
            let Some(Heard::Closed(why)) = heard.last() else {
                panic!()
            };
            assert!(why.starts_with("oversized message"), "{why}");
        })
        .await;
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_ping_is_answered_and_told_and_so_is_a_pong() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, move |heard, out| match heard {
        Heard::Start => open(out, &url),
        Heard::Frame(Opcode::Ping, _) => out.ping(LINE),
        _ => {}
    });
    beside(running, async {
        let mut server = accept(&listener).await;
        server
            .send(Message::Ping("are you there".into()))
            .await
            .unwrap();
        let answer = timeout(GUARD, server.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(answer, Message::Pong("are you there".into()));
        assert!(server.next().await.unwrap().unwrap().is_ping());
        tokio::spawn(async move { while let Some(Ok(_)) = server.next().await {} });
        ends.until(|heard| matches!(heard, Heard::Frame(Opcode::Pong, _)))
            .await;
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_ping_is_answered_even_when_its_own_facts_stop_the_reading() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(1, move |heard, out| match heard {
        Heard::Start => open(out, &url),
        Heard::Frame(Opcode::Ping, _) => out.facts.extend([bad("1"), bad("2")]),
        _ => {}
    });
    beside(running, async {
        let mut server = accept(&listener).await;
        server.send(Message::Ping("x".into())).await.unwrap();
        let answer = timeout(GUARD, server.next()).await;
        assert_eq!(answer.unwrap().unwrap().unwrap(), Message::Pong("x".into()));
        assert_eq!(ends.facts.recv().await, Some(bad("1")));
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn the_words_of_a_venue_that_closes_are_inert() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, trader(url));
    beside(running, async {
        let mut server = accept(&listener).await;
        // Close, code 1008, with an escape sequence as its reason.
        server
            .get_mut()
            .write_all(b"\x88\x06\x03\xf0\x1b[2J")
            .await
            .unwrap();
        let heard = ends.until(|heard| matches!(heard, Heard::Closed(_))).await;
        assert_eq!(
            heard.last(),
            Some(&Heard::Closed("closed by the venue: 1008 ?[2J".into()))
        );
    })
    .await;
}

#[tokio::test(flavor = "current_thread")]
async fn a_stop_is_told_last_words_are_written_and_the_lines_are_closed() {
    let (listener, url) = listen().await;
    let (running, mut ends) = account(8, move |heard, out| match heard {
        Heard::Start => open(out, &url),
        Heard::Stop => {
            out.send(LINE, 1, "goodbye".into());
            out.facts.push(bad("ended"));
        }
        _ => {}
    });
    let test = async {
        let mut server = accept(&listener).await;
        ends.until(|heard| *heard == Heard::Opened).await;
        ends.stop.send(true).unwrap();
        assert_eq!(
            server.next().await.unwrap().unwrap(),
            Message::text("goodbye")
        );
        assert!(server.next().await.unwrap().unwrap().is_close());
        assert_eq!(ends.facts.recv().await, Some(bad("ended")));
    };
    let (ended, ()) = tokio::join!(running, test);
    assert!(ended.is_ok());
}
