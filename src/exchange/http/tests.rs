use std::future::poll_fn;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const GUARD: Duration = Duration::from_secs(20);

fn call(tag: u64, lane: Lane, target: &str) -> Call {
    Call {
        tag,
        method: Method::Get,
        target: target.into(),
        headers: vec![("X-MBX-APIKEY", "key".into())],
        body: String::new(),
        deadline_ms: 10_000,
        lane,
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    (listener, base)
}

fn http(base: &str) -> Http {
    Http::open(&Net::this_host().unwrap(), base, true).unwrap()
}

async fn ended(http: &mut Http) -> Ended {
    timeout(GUARD, poll_fn(|cx| http.poll_ended(cx)))
        .await
        .unwrap()
}

/// Reads one request head; `None` when the client went.
async fn head(tcp: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(tcp.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// Answers each request by its path; `/silent` never.
async fn serve(listener: TcpListener) {
    while let Ok((mut tcp, _)) = listener.accept().await {
        tokio::spawn(async move {
            while let Some(head) = head(&mut tcp).await {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                if path == "/silent" {
                    std::future::pending::<()>().await;
                }
                let status = if path == "/moved" {
                    "302 Found\r\nLocation: /x"
                } else {
                    "200 OK"
                };
                let length = path.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\nX-MBX-Used-Weight-1M: 7\r\nContent-Length: {length}\r\n\r\n{path}"
                );
                tcp.write_all(answer.as_bytes()).await.unwrap();
            }
        });
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_comes_whole_with_lower_case_header_names() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&format!("{base}/below/"));
    http.submit(call(1, Lane::Query, "/v1/time?a=b"));
    let (tag, reply) = ended(&mut http).await;
    let reply = reply.unwrap();
    assert_eq!(
        (tag, reply.status, reply.body.as_slice()),
        (1, 200, b"/below/v1/time?a=b".as_slice())
    );
    assert!(
        reply
            .headers
            .contains(&("x-mbx-used-weight-1m".into(), "7".into()))
    );
}

#[tokio::test(flavor = "current_thread")]
async fn k9_a_redirect_is_an_answer_and_is_not_followed() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&base);
    http.submit(call(1, Lane::Query, "/moved"));
    assert_eq!(ended(&mut http).await.1.unwrap().status, 302);
}

#[tokio::test(flavor = "current_thread")]
async fn an_order_waits_neither_for_a_silent_query_nor_for_a_silent_order() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&base);
    http.submit(call(1, Lane::Query, "/silent"));
    http.submit(call(2, Lane::Order, "/silent"));
    http.submit(call(3, Lane::Order, "/order"));
    let (tag, reply) = ended(&mut http).await;
    assert_eq!((tag, reply.unwrap().body), (3, b"/order".to_vec()));
}

#[tokio::test(flavor = "current_thread")]
async fn queries_are_answered_in_the_order_in_which_they_were_asked() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&base);
    for tag in 1..=5 {
        http.submit(call(tag, Lane::Query, &format!("/{tag}")));
    }
    for tag in 1..=5 {
        let (of, reply) = ended(&mut http).await;
        assert_eq!(
            (of, reply.unwrap().body),
            (tag, format!("/{tag}").into_bytes())
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn b6_a_refused_connection_proves_that_nothing_was_sent() {
    let (listener, base) = listen().await;
    drop(listener);
    let mut http = http(&base);
    http.submit(call(1, Lane::Order, "/order"));
    assert!(matches!(
        ended(&mut http).await,
        (1, Err(CallError::NotSent(_)))
    ));
}

#[tokio::test(flavor = "current_thread")]
async fn b6_a_connection_that_ends_after_k_bytes_never_counts_as_not_sent() {
    for k in 0..40 {
        let (listener, base) = listen().await;
        let (seen_in, mut seen) = tokio::sync::mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let seen_in = seen_in.clone();
                tokio::spawn(async move {
                    let mut bytes = vec![0; k + 1];
                    if tcp.read_exact(&mut bytes).await.is_ok() {
                        let _ = seen_in.try_send(());
                    }
                });
            }
        });
        let mut http = http(&base);
        http.submit(call(1, Lane::Order, "/order"));
        let (_, answer) = ended(&mut http).await;
        seen.recv().await.unwrap();
        assert!(matches!(answer, Err(CallError::Lost(_))), "{k}: {answer:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn b6_an_answer_that_breaks_off_or_never_comes_is_lost() {
    let (listener, base) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Some(head) = head(&mut tcp).await {
                    if head.contains("/silent") {
                        std::future::pending::<()>().await;
                    }
                    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"";
                    tcp.write_all(half).await.unwrap();
                }
            });
        }
    });
    let mut http = http(&base);
    http.submit(call(1, Lane::Query, "/half"));
    assert!(matches!(
        ended(&mut http).await,
        (1, Err(CallError::Lost(_)))
    ));
    let mut silent = call(2, Lane::Query, "/silent");
    silent.deadline_ms = 50;
    http.submit(silent);
    assert!(matches!(
        ended(&mut http).await,
        (2, Err(CallError::Lost(_)))
    ));
}

#[tokio::test(flavor = "current_thread")]
async fn a_call_whose_time_ends_behind_another_was_not_sent_and_the_lane_goes_on() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&base);
    let mut first = call(1, Lane::Query, "/silent");
    first.deadline_ms = 200;
    let mut second = call(2, Lane::Query, "/late");
    second.deadline_ms = 20;
    http.submit(first);
    http.submit(second);
    http.submit(call(3, Lane::Query, "/after"));
    assert!(matches!(
        ended(&mut http).await,
        (2, Err(CallError::NotSent(_)))
    ));
    assert!(matches!(
        ended(&mut http).await,
        (1, Err(CallError::Lost(_)))
    ));
    let (tag, reply) = ended(&mut http).await;
    assert_eq!((tag, reply.unwrap().body), (3, b"/after".to_vec()));
}

#[tokio::test(flavor = "current_thread")]
async fn too_many_waiting_calls_are_refused_unsent() {
    let (listener, base) = listen().await;
    tokio::spawn(serve(listener));
    let mut http = http(&base);
    for tag in 0..=MAX_WAITING as u64 {
        http.submit(call(tag, Lane::Query, "/silent"));
    }
    let (tag, answer) = ended(&mut http).await;
    assert_eq!(tag, MAX_WAITING as u64);
    assert!(matches!(answer, Err(CallError::NotSent(_))));
}

#[tokio::test(flavor = "current_thread")]
async fn connections_stand_before_the_first_call_and_come_back_after_an_end() {
    let (listener, base) = listen().await;
    let mut http = http(&base);
    // Three ahead; then each of them ends, and one comes again without a call.
    let accept = async {
        let mut ahead: Vec<(TcpStream, SocketAddr)> = Vec::new();
        for _ in 0..3 {
            ahead.push(listener.accept().await.unwrap());
        }
        drop(ahead);
        listener.accept().await.unwrap()
    };
    tokio::select! {
        again = timeout(GUARD, accept) => assert!(again.is_ok()),
        _ = poll_fn(|cx| http.poll_ended(cx)) => panic!("no call was made"),
    }
}

#[tokio::test(flavor = "current_thread")]
async fn d4_after_a_suspend_idle_connections_are_opened_anew() {
    let (listener, base) = listen().await;
    let http = http(&base);
    let renewed = async {
        let mut old = Vec::new();
        for _ in 0..3 {
            old.push(listener.accept().await.unwrap().0);
        }
        // A connection is idle once its handshake is done on this side, so ask until each has ended.
        for mut tcp in old {
            loop {
                http.renew();
                tokio::select! {
                    biased;
                    read = tcp.read_u8() => break assert!(read.is_err()),
                    () = tokio::task::yield_now() => {}
                }
            }
        }
        listener.accept().await.unwrap();
    };
    timeout(GUARD, renewed).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn k2_a_body_beyond_the_cap_is_lost() {
    let (listener, base) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                if head(&mut tcp).await.is_some() {
                    let length = MAX_BODY + 1;
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
                    tcp.write_all(answer.as_bytes()).await.unwrap();
                    let _ = tcp.write_all(&vec![b'x'; length]).await;
                }
            });
        }
    });
    let mut http = http(&base);
    http.submit(call(1, Lane::Query, "/big"));
    assert!(matches!(
        ended(&mut http).await,
        (1, Err(CallError::Lost(_)))
    ));
}
