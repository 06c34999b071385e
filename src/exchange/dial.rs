//! Opening sockets: addresses, TLS, the WebSocket handshake. Owns no connection; it must not follow a redirect, and it must not
//! put a venue's traffic on a wire in the clear.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, error::CapacityError};

use crate::domain::text::sanitise;

/// All addresses tried and TLS agreed.
const CONNECT: Duration = Duration::from_secs(5);
/// From a standing stream to a standing WebSocket.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The largest message taken from a WebSocket (catalogue row K2).
pub const MAX_MESSAGE: usize = 8 << 20;
/// The largest single frame.
const MAX_FRAME: usize = 4 << 20;

/// Why a connection does not stand. No byte of a request was handed to it.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The address cannot be used.
    #[error("bad address: {0}")]
    Address(&'static str),
    /// `http://` or `ws://` to another host.
    #[error("{0} without TLS: only this host itself may be spoken to in the clear")]
    Plaintext(String),
    /// The name did not resolve, or nothing answered.
    #[error("cannot reach {host}: {why}")]
    Unreachable {
        /// Whom.
        host: String,
        /// Why, sanitised.
        why: String,
    },
    /// TLS was not agreed.
    #[error("TLS with {host}: {why}")]
    Tls {
        /// With whom.
        host: String,
        /// Why, sanitised.
        why: String,
    },
    /// The WebSocket handshake was refused or broke.
    #[error("WebSocket handshake: {0}")]
    Handshake(String),
}

/// Where an address leads: `ws`, `http` in the clear, `wss`, `https` by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name or address, IPv6 without brackets.
    pub host: String,
    /// Port, 80 or 443 where the address names none.
    pub port: u16,
    /// Whether to speak TLS.
    pub tls: bool,
    /// What goes into a `Host` header.
    pub authority: String,
    /// The path without its last slash; empty for a bare host.
    pub path: String,
}

impl Target {
    /// Reads an address. Its text is never part of an error: it may hold a listen key.
    ///
    /// # Errors
    /// When it is no absolute address of the four schemes.
    pub fn read(address: &str) -> Result<Self, DialError> {
        let uri: Uri = address
            .parse()
            .map_err(|_| DialError::Address("it cannot be read"))?;
        let tls = match uri.scheme_str() {
            Some("ws" | "http") => false,
            Some("wss" | "https") => true,
            _ => return Err(DialError::Address("it names no ws, wss, http or https")),
        };
        let authority = uri
            .authority()
            .ok_or(DialError::Address("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(DialError::Address("it holds a user name"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        Ok(Self {
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            tls,
            authority: authority.as_str().to_owned(),
            path: uri.path().trim_end_matches('/').to_owned(),
            host,
        })
    }
}

/// What every connection of this run shares: the roots that are trusted. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    tls: TlsConnector,
}

impl Net {
    /// Trusts the Mozilla roots and `extra` ones (a company's proxy, a test's own).
    ///
    /// # Errors
    /// When an extra root is no certificate.
    pub fn new(extra: &[CertificateDer<'static>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for root in extra {
            roots.add(root.clone())?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Connects within 5 s: every address of the host in turn, `TCP_NODELAY`, TLS where asked for.
    ///
    /// # Errors
    /// When nothing stands, in words; plaintext to anything but this host is refused before a name is looked up.
    pub async fn connect(&self, to: &Target) -> Result<Stream, DialError> {
        let host = sanitise(&to.host, 80);
        if !to.tls && !names_this_host(&to.host) {
            return Err(DialError::Plaintext(host));
        }
        let late = || DialError::Unreachable {
            host: host.clone(),
            why: "no answer within 5 s".into(),
        };
        timeout(CONNECT, async {
            let tcp = tcp(to).await.map_err(|error| DialError::Unreachable {
                host: host.clone(),
                why: sanitise(&error.to_string(), 160),
            })?;
            self.wrap(tcp, to).await.map_err(|error| DialError::Tls {
                host: host.clone(),
                why: sanitise(&error.to_string(), 160),
            })
        })
        .await
        .map_err(|_| late())?
    }

    async fn wrap(&self, tcp: TcpStream, to: &Target) -> io::Result<Stream> {
        let wire = if to.tls {
            let name = ServerName::try_from(to.host.clone()).map_err(io::Error::other)?;
            Wire::Tls(Box::new(self.tls.connect(name, tcp).await?))
        } else {
            Wire::Plain(tcp)
        };
        Ok(Stream { wire, written: 0 })
    }

    /// Opens a WebSocket. Any answer but the upgrade ends it: a redirect is not followed.
    ///
    /// # Errors
    /// In words, without the address and the headers: both may hold a key.
    pub async fn open(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
    ) -> Result<WebSocketStream<Stream>, DialError> {
        let to = Target::read(url)?;
        let mut request = url
            .into_client_request()
            .map_err(|_| DialError::Address("it cannot be read"))?;
        for (name, value) in headers {
            let unfit = DialError::Address("a header of it cannot be sent");
            let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value))
            else {
                return Err(unfit);
            };
            request.headers_mut().insert(name, value);
        }
        let stream = self.connect(&to).await?;
        let config = WebSocketConfig::default()
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_MESSAGE)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_FRAME));
        let shake = tokio_tungstenite::client_async_with_config(request, stream, Some(config));
        match timeout(HANDSHAKE, shake).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(error)) => Err(DialError::Handshake(words(&error))),
            Err(_) => Err(DialError::Handshake("no answer within 5 s".into())),
        }
    }
}

/// What broke a WebSocket, in words, sanitised.
pub fn words(error: &WsError) -> String {
    match error {
        WsError::Http(reply) => format!("refused with HTTP {}", reply.status().as_u16()),
        WsError::Capacity(CapacityError::MessageTooLong { size, .. }) => {
            format!("oversized message ({size} bytes)")
        }
        other => sanitise(&other.to_string(), 160),
    }
}

fn names_this_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

async fn tcp(to: &Target) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((to.host.as_str(), to.port))
        .await?
        .filter(|address| to.tls || address.ip().is_loopback())
        .collect();
    // One address that swallows packets must not eat the time of the others.
    let share = CONNECT / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// A stream that counts what it takes, because "was a byte of this handed over" is a question about money.
pub struct Stream {
    wire: Wire,
    written: u64,
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Bytes taken for writing so far. Under TLS those taken by TLS: they may have left, so they count.
    pub fn written(&self) -> u64 {
        self.written
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let taken = match &mut this.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        };
        if let Poll::Ready(Ok(count)) = taken {
            this.written += count as u64;
        }
        taken
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_bad_ones_never_echo() {
        let to = Target::read("wss://fstream.binance.com/private/ws/secret-key").unwrap();
        assert_eq!(
            (to.host.as_str(), to.port, to.tls),
            ("fstream.binance.com", 443, true)
        );
        let to = Target::read("http://[::1]:9/base/").unwrap();
        assert_eq!(
            (to.host.as_str(), to.port, to.path.as_str()),
            ("::1", 9, "/base")
        );
        for bad in ["ftp://a/secret-key", "secret-key", "wss://me:secret-key@a/"] {
            let words = Target::read(bad).unwrap_err().to_string();
            assert!(!words.contains("secret-key"), "{words}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn plaintext_to_another_host_is_refused_without_dialling() {
        let net = Net::new(&[]).unwrap();
        // A documentation address: a dial would time out, so a refusal at once is one before the dial.
        for far in [
            "http://192.0.2.1:80",
            "ws://venue.invalid/ws",
            "http://localhost.venue.invalid",
        ] {
            let to = Target::read(far).unwrap();
            assert!(
                matches!(net.connect(&to).await, Err(DialError::Plaintext(_))),
                "{far}"
            );
        }
    }
}
