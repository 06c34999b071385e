//! The way through a proxy, against one on this host.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::trusted::{Authority, get, serve};
use super::*;

/// A name that only the proxy can look up.
const HOST: &str = "venue.invalid";

/// A proxy that leads every CONNECT to `port` of this host, or answers `status`; its requests come out of the channel.
async fn proxy(status: u16, port: u16) -> (Proxy, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, requests) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let asked = asked.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = near.read_u8().await else {
                        return;
                    };
                    head.push(byte);
                }
                let _ = asked.send(String::from_utf8(head).unwrap()).await;
                let answer = format!("HTTP/1.1 {status} Told\r\nVia: test\r\n\r\n");
                let _ = near.write_all(answer.as_bytes()).await;
                if status == 200 {
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    let proxy = Proxy::read(&format!("http://{address}")).unwrap().unwrap();
    (proxy, requests)
}

fn through(proxy: Proxy, root: CertificateDer<'static>, base: &str) -> Net {
    Net::new(NetSettings {
        roots: vec![root],
        hosts: Hosts::of([base]).unwrap(),
        proxy: Some(proxy),
    })
    .unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn tls_goes_through_the_tunnel_end_to_end_and_the_proxy_looks_the_name_up() {
    let ca = Authority::new();
    let port = serve(ca.sign(HOST, |_| {}), &[&rustls::version::TLS13]).await;
    let (proxy, mut requests) = proxy(200, port).await;
    let base = format!("https://{HOST}");
    let net = through(proxy, ca.root(), &base);
    assert_eq!(get(&net, &base).await.unwrap().status, 200);
    assert_eq!(
        requests.recv().await.unwrap(),
        format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n")
    );
    let socket = net.open(&format!("wss://{HOST}/ws"), &[]).await;
    assert!(socket.is_ok(), "{}", socket.map(|_| ()).unwrap_err());
}

#[tokio::test(flavor = "current_thread")]
async fn a_proxy_cannot_stand_in_for_the_venue() {
    let (ca, own) = (Authority::new(), Authority::named("the proxy's own"));
    let port = serve(own.sign(HOST, |_| {}), &[&rustls::version::TLS13]).await;
    let (proxy, _requests) = proxy(200, port).await;
    let base = format!("https://{HOST}");
    let words = get(&through(proxy, ca.root(), &base), &base)
        .await
        .unwrap_err();
    assert!(
        words.contains(HOST) && words.contains("unknown issuer"),
        "{words}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_other_than_200_is_told_with_its_status() {
    let base = format!("https://{HOST}");
    for (status, more) in [
        (403, "CONNECT"),
        (407, "password"),
        (502, "CONNECT"),
        (302, "CONNECT"),
    ] {
        let (proxy, _requests) = proxy(status, 0).await;
        let at = proxy.to_string();
        let to = Target::read(&base).unwrap();
        let error = through(proxy, Authority::new().root(), &base)
            .connect(&to)
            .await
            .map(|_| ())
            .unwrap_err();
        let words = error.to_string();
        assert!(
            words.contains(&status.to_string()) && words.contains(more) && words.contains(&at),
            "{words}"
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn this_host_is_never_dialled_through_the_proxy() {
    let ca = Authority::new();
    let port = serve(ca.sign("localhost", |_| {}), &[&rustls::version::TLS13]).await;
    let (proxy, mut requests) = proxy(502, 0).await;
    let base = format!("https://localhost:{port}");
    let net = through(proxy, ca.root(), &base);
    assert_eq!(get(&net, &base).await.unwrap().status, 200);
    assert!(requests.try_recv().is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn an_unlisted_host_is_not_even_named_to_the_proxy() {
    let (proxy, mut requests) = proxy(502, 0).await;
    let net = through(proxy, Authority::new().root(), "https://fapi.binance.com");
    let to = Target::read("https://venue.invalid").unwrap();
    assert!(matches!(
        net.connect(&to).await,
        Err(DialError::NotListed(_))
    ));
    assert!(requests.try_recv().is_err());
}

#[test]
fn a_proxy_is_an_http_address_and_holds_no_secret() {
    assert_eq!(Proxy::read(""), Ok(None));
    for (text, shown) in [
        ("http://10.0.0.1:3128", "10.0.0.1:3128"),
        (
            "http://proxy.company.example:8080/",
            "proxy.company.example:8080",
        ),
        ("http://[::1]:3128", "[::1]:3128"),
    ] {
        assert_eq!(Proxy::read(text).unwrap().unwrap().to_string(), shown);
    }
    for text in [
        "http://me:secret-word@proxy:1",
        "http://me@proxy:1",
        "me:secret-word@proxy:1",
    ] {
        let error = Proxy::read(text).unwrap_err();
        assert_eq!(error, ProxyError::User);
        assert!(!error.to_string().contains("secret-word"));
    }
    for text in [
        "proxy:3128",
        "https://proxy:3128",
        "socks5://proxy:1080",
        "http://proxy",
        "http://:3128",
        "http://proxy:99999",
        "http://proxy:1/path",
        "http://proxy:1?x",
        " http://proxy:1",
    ] {
        assert_eq!(Proxy::read(text), Err(ProxyError::Form), "{text}");
    }
}
