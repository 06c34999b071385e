//! TLS against servers on this host, with certificates made here.

use std::future::poll_fn;

use futures_util::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::exchange::http::Http;
use crate::exchange::machine::{Call, Lane, Method, Reply};

/// A CA of this test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    own: rcgen::Certificate,
}

/// A certificate with its key.
type Pair = (CertificateDer<'static>, PrivateKeyDer<'static>);

impl Authority {
    pub fn new() -> Self {
        Self::named("a CA of this test")
    }

    pub fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            own,
        }
    }

    pub fn pem(&self) -> String {
        self.own.pem()
    }

    pub fn root(&self) -> CertificateDer<'static> {
        self.own.der().clone()
    }

    pub fn sign(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), pkcs8(&key))
    }
}

fn pkcs8(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

fn self_signed(ca: bool) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let certificate = params.self_signed(&key).unwrap();
    (certificate.der().clone(), pkcs8(&key))
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS12, &version::TLS13];

/// Serves one body a request over TLS, and echoes on WebSockets at `/ws`; the port.
pub async fn serve(pair: Pair, versions: &[&'static SupportedProtocolVersion]) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.0], pair.1)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut first = [0; 1];
                // What refuses the certificate ends here; a peek tells REST from WebSocket by the listener's use alone.
                let Ok(mut tls) = acceptor.accept(tcp).await else {
                    return;
                };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(1) = tls.read(&mut first).await else {
                        return;
                    };
                    head.extend(first);
                }
                let version = format!("{:?}", tls.get_ref().1.protocol_version().unwrap());
                let text = String::from_utf8(head).unwrap();
                if text.starts_with("GET /ws ") {
                    echo(tls, &text).await;
                    return;
                }
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{version}",
                    version.len()
                );
                tls.write_all(answer.as_bytes()).await.unwrap();
                tls.flush().await.unwrap();
                let _ = tls.read(&mut first).await;
            });
        }
    });
    port
}

async fn echo(mut tls: tokio_rustls::server::TlsStream<TcpStream>, head: &str) {
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    use tokio_tungstenite::tungstenite::protocol::Role;
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    tls.write_all(answer.as_bytes()).await.unwrap();
    tls.flush().await.unwrap();
    let mut socket = WebSocketStream::from_raw_socket(tls, Role::Server, None).await;
    if let Some(Ok(message)) = socket.next().await {
        socket.send(message).await.unwrap();
    }
}

/// A net that trusts `root` and may dial `https://localhost:port`.
pub fn trusting(root: CertificateDer<'static>, port: u16) -> Net {
    let base = format!("https://localhost:{port}");
    Net::new(NetSettings {
        roots: vec![root],
        hosts: Hosts::of([base.as_str()]).unwrap(),
        proxy: None,
    })
    .unwrap()
}

/// One REST call over `net`.
pub async fn get(net: &Net, base: &str) -> Result<Reply, String> {
    let mut http = Http::open(net, base, false).unwrap();
    http.submit(Call {
        tag: 1,
        method: Method::Get,
        target: "/time".into(),
        headers: Vec::new(),
        body: String::new(),
        deadline_ms: 20_000,
        lane: Lane::Query,
    });
    let (_, ended) = poll_fn(|cx| http.poll_ended(cx)).await;
    ended.map_err(|why| why.to_string())
}

/// Both roads to a server on `port`: REST and WebSocket, each with why it was refused.
async fn refused(net: &Net, port: u16) -> [String; 2] {
    let rest = get(net, &format!("https://localhost:{port}")).await;
    let stream = net.open(&format!("wss://localhost:{port}/ws"), &[]).await;
    [
        rest.unwrap_err(),
        stream.map(|_| ()).unwrap_err().to_string(),
    ]
}

fn assert_told(words: [String; 2], kind: &str) {
    for words in words {
        assert!(
            words.contains("localhost") && words.contains("refused") && words.contains(kind),
            "{kind}: {words}"
        );
        assert!(!words.contains('\n'), "{words}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_certificate_of_the_right_ca_is_taken_under_tls_1_2_and_1_3() {
    let ca = Authority::new();
    for (versions, name) in [
        (&[&version::TLS12][..], "TLSv1_2"),
        (&[&version::TLS13][..], "TLSv1_3"),
        (BOTH, "TLSv1_3"),
    ] {
        let port = serve(ca.sign("localhost", |_| {}), versions).await;
        let net = trusting(ca.root(), port);
        let reply = get(&net, &format!("https://localhost:{port}"))
            .await
            .unwrap();
        assert_eq!(String::from_utf8(reply.body).unwrap(), name);
        let mut socket = net
            .open(&format!("wss://localhost:{port}/ws"), &[])
            .await
            .unwrap();
        socket.send("hello".into()).await.unwrap();
        let echoed = socket.next().await.unwrap().unwrap();
        assert_eq!(echoed.into_text().unwrap().as_str(), "hello");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn roots_read_from_pem_are_the_ones_trusted() {
    let ca = Authority::new();
    let roots = read_pem(ca.pem().as_bytes()).unwrap();
    let port = serve(ca.sign("127.0.0.1", |_| {}), BOTH).await;
    let base = format!("https://127.0.0.1:{port}");
    let net = Net::new(NetSettings {
        roots,
        hosts: Hosts::of([base.as_str()]).unwrap(),
        proxy: None,
    });
    assert_eq!(get(&net.unwrap(), &base).await.unwrap().status, 200);
}

#[tokio::test(flavor = "current_thread")]
async fn e2_a_certificate_that_proves_nothing_is_refused_with_its_kind() {
    let ca = Authority::new();
    let other = Authority::named("another CA");
    let namesake = Authority::new();
    let past = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2999, 1, 1);
    for (pair, kind) in [
        (other.sign("localhost", |_| {}), "unknown issuer"),
        (
            namesake.sign("localhost", |_| {}),
            "not signed by the issuer",
        ),
        (ca.sign("venue.example", |_| {}), "for another name"),
        (ca.sign("localhost", past), "expired"),
        (ca.sign("localhost", future), "not valid yet"),
        (self_signed(false), "unknown issuer"),
        (self_signed(true), "signed by itself"),
    ] {
        let port = serve(pair, BOTH).await;
        assert_told(refused(&trusting(ca.root(), port), port).await, kind);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_bundled_roots_do_not_vouch_for_a_company_of_our_own() {
    let ca = Authority::new();
    let port = serve(ca.sign("localhost", |_| {}), BOTH).await;
    let net = net(&[&format!("https://localhost:{port}")]);
    assert_told(refused(&net, port).await, "--ca-file");
}

/// A server that answers whatever comes with `bytes` and ends.
async fn answer(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut hello = vec![0; 4096];
                let _ = tcp.read(&mut hello).await;
                let _ = tcp.write_all(bytes).await;
                let _ = tcp.shutdown().await;
                // Its end is read too: a reset could overtake the answer.
                while tcp.read(&mut hello).await.is_ok_and(|count| count > 0) {}
            });
        }
    });
    port
}

/// A ServerHello of TLS 1.1 (suite ECDHE-RSA-AES128-GCM-SHA256, no session, no extensions).
const HELLO_1_1: &[u8] = &[
    22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0xc0, 0x2f, 0,
];
/// The fatal alert "protocol version".
const ALERT_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];

#[tokio::test(flavor = "current_thread")]
async fn what_speaks_no_tls_or_an_old_one_is_refused_with_its_kind() {
    let ca = Authority::new();
    for (bytes, kind) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..],
            "does not speak TLS",
        ),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "does not speak TLS"),
        (HELLO_1_1, "neither TLS 1.2 nor 1.3"),
        (ALERT_VERSION, "neither TLS 1.2 nor 1.3"),
        (b"", "ended the connection"),
    ] {
        let port = answer(bytes).await;
        assert_told(refused(&trusting(ca.root(), port), port).await, kind);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn k9_a_websocket_that_is_sent_elsewhere_does_not_go() {
    let port =
        answer(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            .await;
    let url = format!("ws://127.0.0.1:{port}/ws");
    let error = net(&[&url]).open(&url, &[]).await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("302"), "{error}");
}
