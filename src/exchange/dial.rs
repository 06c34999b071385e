//! Opening sockets: who may be spoken to, addresses, proxy, TLS, the WebSocket handshake. Owns no connection; it must not follow a
//! redirect, must not speak to a host that is not on its list, and must not put a venue's traffic on a wire in the clear.

mod hosts;
mod proxy;
mod roots;
mod stream;
mod target;
mod tls;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, error::CapacityError};

pub use hosts::Hosts;
pub use proxy::{Proxy, ProxyError};
pub use roots::{RootsError, read_pem};
pub use stream::Stream;
pub use target::Target;

use crate::domain::text::sanitise;

/// All addresses tried, the proxy asked and TLS agreed.
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
    /// The host is not on the list; its name was not looked up.
    #[error("{0} is not an endpoint of this venue: nothing was sent to it")]
    NotListed(String),
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
    /// The proxy of the settings did not open a way.
    #[error("proxy {proxy}: {why}")]
    Proxy {
        /// Which, `host:port`.
        proxy: String,
        /// Why, sanitised.
        why: String,
    },
    /// TLS was not agreed.
    #[error("TLS with {host} refused: {why}")]
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

/// What every connection of a run is made with.
#[derive(Clone, Debug, Default)]
pub struct NetSettings {
    /// Trusted beside the Mozilla roots: a company's proxy, a test's own.
    pub roots: Vec<CertificateDer<'static>>,
    /// Who may be spoken to; nobody by default.
    pub hosts: Hosts,
    /// Through which proxy; `None` is straight. Variables of the environment never name one.
    pub proxy: Option<Proxy>,
}

/// What every connection of this run shares: whom it may reach, how, and the roots that are trusted. Cheap to clone.
#[derive(Clone)]
pub struct Net {
    tls: TlsConnector,
    hosts: Arc<Hosts>,
    proxy: Option<Arc<Proxy>>,
}

impl Net {
    /// A net of these settings.
    ///
    /// # Errors
    /// When an extra root is no certificate.
    pub fn new(settings: NetSettings) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for root in settings.roots {
            roots.add(root)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            hosts: Arc::new(settings.hosts),
            proxy: settings.proxy.map(Arc::new),
        })
    }

    /// A net that reaches this host alone, on every port.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn this_host() -> Result<Self, rustls::Error> {
        Self::new(NetSettings {
            hosts: Hosts::this_host(),
            ..NetSettings::default()
        })
    }

    /// True when connections to `to` go through the proxy: its name is then looked up there, not here.
    pub fn is_proxied(&self, to: &Target) -> bool {
        self.proxy.is_some() && !to.is_this_host()
    }

    /// Whether `to` may be dialled at all.
    ///
    /// # Errors
    /// When it is not on the list, or in the clear to another host than this.
    pub fn allows(&self, to: &Target) -> Result<(), DialError> {
        let host = || sanitise(&to.host, 80);
        if !to.tls && !to.is_this_host() {
            return Err(DialError::Plaintext(host()));
        }
        if !self.hosts.has(to) {
            return Err(DialError::NotListed(host()));
        }
        Ok(())
    }

    /// Connects within 5 s: every address of the host in turn or through the proxy, `TCP_NODELAY`, TLS where asked for.
    ///
    /// # Errors
    /// When nothing stands, in words; what is not allowed is refused before a name is looked up.
    pub async fn connect(&self, to: &Target) -> Result<Stream, DialError> {
        self.allows(to)?;
        let late = || DialError::Unreachable {
            host: sanitise(&to.host, 80),
            why: "no answer within 5 s".into(),
        };
        timeout(CONNECT, async {
            let tcp = self.tcp(to).await?;
            if !to.tls {
                return Ok(Stream::plain(tcp));
            }
            self.agree(tcp, to).await
        })
        .await
        .map_err(|_| late())?
    }

    async fn tcp(&self, to: &Target) -> Result<TcpStream, DialError> {
        match &self.proxy {
            Some(proxy) if self.is_proxied(to) => proxy.tunnel(to).await,
            _ => dial(&to.host, to.port, !to.tls)
                .await
                .map_err(|error| DialError::Unreachable {
                    host: sanitise(&to.host, 80),
                    why: sanitise(&error.to_string(), 160),
                }),
        }
    }

    async fn agree(&self, tcp: TcpStream, to: &Target) -> Result<Stream, DialError> {
        let refused = |why: String| DialError::Tls {
            host: sanitise(&to.host, 80),
            why,
        };
        let name = ServerName::try_from(to.host.clone())
            .map_err(|_| refused("its name cannot stand in a certificate".into()))?;
        match self.tls.connect(name, tcp).await {
            Ok(tls) => Ok(Stream::tls(tls)),
            Err(error) => Err(refused(tls::words(&error))),
        }
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

/// The addresses of `host`.
///
/// # Errors
/// When its name has none, or nobody to ask answers.
pub async fn lookup(host: &str, port: u16) -> io::Result<impl Iterator<Item = SocketAddr>> {
    tokio::net::lookup_host((host, port)).await.map_err(|why| {
        let words = why.to_string();
        let short = words.trim_start_matches("failed to lookup address information: ");
        io::Error::new(why.kind(), format!("name lookup failed ({short})"))
    })
}

/// Connects to one of the addresses of `host`; `here` takes those of this host alone.
async fn dial(host: &str, port: u16, here: bool) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup(host, port)
        .await?
        .filter(|address| !here || address.ip().is_loopback())
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

#[cfg(test)]
mod tests;
