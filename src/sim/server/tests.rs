//! The server over real loopback sockets: one port for everything, and faults that only a socket can show.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use crate::sim::{Options, Running, start};

fn open(faults: &[&str]) -> Running {
    start(Options {
        seed: Some(3),
        faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
        ..Options::default()
    })
    .unwrap()
}

fn dial(running: &Running) -> TcpStream {
    let host = running.info.rest.strip_prefix("http://").unwrap();
    let stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// Asks on a connection and reads one whole answer; `None` when it is closed instead.
fn ask(stream: &mut TcpStream, path: &str) -> Option<(u16, Value)> {
    ask_as(stream, path, "")
}

/// The same with an API key.
fn ask_as(stream: &mut TcpStream, path: &str, api_key: &str) -> Option<(u16, Value)> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: sim\r\nX-MBX-APIKEY: {api_key}\r\n\r\n"
    )
    .unwrap();
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(0) => return None,
            Ok(_) => text.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("{error}"),
        }
    }
    let head = String::from_utf8(text).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some((status, serde_json::from_slice(&body).unwrap()))
}

fn listen(running: &Running, address: &str) -> WebSocket<TcpStream> {
    client(address, dial(running)).unwrap().0
}

fn next(socket: &mut WebSocket<TcpStream>) -> Value {
    loop {
        if let Message::Text(text) = socket.read().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[test]
fn one_connection_carries_many_calls_and_one_port_carries_every_door() {
    let running = open(&[]);
    let mut http = dial(&running);
    for _ in 0..3 {
        assert_eq!(ask(&mut http, "/fapi/v1/ping").unwrap().0, 200);
    }
    let info = &running.info;
    let mut depth = listen(
        &running,
        &format!("{}/ws/btcusdt@depth@100ms", info.ws_public),
    );
    assert_eq!(next(&mut depth)["e"], "depthUpdate");
    let mut mark = listen(
        &running,
        &format!("{}/stream?streams=btcusdt@markPrice@1s", info.ws_market),
    );
    assert_eq!(next(&mut mark)["stream"], "btcusdt@markPrice@1s");
    let mut api = listen(&running, &info.ws_api);
    let request = r#"{"id":1,"method":"ticker.price","params":{"symbol":"BTCUSDT"}}"#;
    api.send(Message::text(request)).unwrap();
    assert_eq!(next(&mut api)["status"], 200);
    let elsewhere = info.ws_api.replace("/ws-fapi/v1", "/elsewhere");
    assert!(client(elsewhere.as_str(), dial(&running)).is_err());
}

#[test]
fn its_clock_runs_off_the_hosts_by_as_much_as_was_asked_for() {
    for skew_ms in [-60_000, 90_000] {
        let running = start(Options {
            seed: Some(3),
            skew_ms,
            ..Options::default()
        })
        .unwrap();
        let before = crate::clock::now().wall_ms();
        let time = ask(&mut dial(&running), "/fapi/v1/time").unwrap().1;
        let off = time["serverTime"].as_i64().unwrap() - before;
        assert!((skew_ms - 500..skew_ms + 20_000).contains(&off), "{off}");
        // The time is looked at before the signature: whoever takes the host's is told so.
        let query = format!("timestamp={}&signature=0", crate::clock::now().wall_ms());
        let path = format!("/fapi/v3/account?{query}");
        let refused = ask_as(&mut dial(&running), &path, &running.info.api_key).unwrap();
        assert_eq!((refused.0, &refused.1["code"]), (400, &(-1021).into()));
    }
}

#[test]
fn pings_are_answered_and_the_line_goes_on() {
    let running = open(&[]);
    let mut socket = listen(&running, &running.info.ws_api);
    socket
        .send(Message::Ping(b"hello".to_vec().into()))
        .unwrap();
    assert_eq!(
        socket.read().unwrap(),
        Message::Pong(b"hello".to_vec().into())
    );
    socket.send(Message::text("{")).unwrap();
    assert_eq!(next(&mut socket)["error"]["code"], -1135);
}

#[test]
fn a_cut_closes_the_connection_and_a_delay_only_delays() {
    let running = open(&["rest:cut@2", "rest:delay=30@3"]);
    let mut http = dial(&running);
    assert!(ask(&mut http, "/fapi/v1/time").is_some());
    assert!(ask(&mut http, "/fapi/v1/time").is_none());
    let mut again = dial(&running);
    assert!(ask(&mut again, "/fapi/v1/time").is_some());
}

#[test]
fn a_cut_stream_ends_and_the_others_live() {
    let running = open(&["depth:cut@3"]);
    let address = format!("{}/ws/btcusdt@depth@100ms", running.info.ws_public);
    let mut socket = listen(&running, &address);
    let mut seen = 0;
    while let Ok(message) = socket.read() {
        seen += usize::from(message.is_text());
    }
    assert_eq!(seen, 2);
    let mut another = listen(&running, &address);
    assert_eq!(next(&mut another)["e"], "depthUpdate");
}

#[test]
fn closing_the_exchange_closes_its_port() {
    let running = open(&[]);
    let host = running
        .info
        .rest
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    drop(running);
    assert!(TcpStream::connect(host).is_err());
}

#[test]
fn a_line_that_is_closed_for_a_reason_hears_the_last_words_and_the_code() {
    let running = start(Options {
        seed: Some(3),
        wire: Some("okx".to_owned()),
        ..Options::default()
    })
    .unwrap();
    let mut socket = listen(&running, &running.info.ws_private);
    let login = r#"{"op":"login","args":[{}]}"#;
    socket.send(Message::text(login)).unwrap();
    assert_eq!(next(&mut socket)["code"], "60001");
    match socket.read().unwrap() {
        Message::Close(Some(frame)) => assert_eq!(u16::from(frame.code), 4001),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_that_is_cut_for_what_it_said_hears_why_whatever_else_it_sent() {
    let running = start(Options {
        seed: Some(3),
        wire: Some("bybit".to_owned()),
        ..Options::default()
    })
    .unwrap();
    let info = &running.info;
    for (address, refused) in [(&info.ws_private, "success"), (&info.ws_api, "retCode")] {
        let mut socket = listen(&running, address);
        let auth = r#"{"op":"auth","args":["nobody",9999999999999,"00"]}"#;
        for text in [auth, r#"{"op":"ping"}"#] {
            socket.write(Message::text(text)).unwrap();
        }
        socket.flush().unwrap();
        let answer = next(&mut socket);
        assert_eq!(answer["op"], "auth");
        assert!(
            answer[refused] == false || answer[refused] == 10003,
            "{answer}"
        );
        assert!(socket.read().is_err());
    }
}
