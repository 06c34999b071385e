//! A way through an HTTP proxy: CONNECT, and nothing else is ever said to it. Names are looked up by the proxy; TLS goes through
//! the tunnel from end to end.

use std::fmt;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{DialError, Target, dial};
use crate::domain::text::sanitise;

/// The longest answer of a proxy, bytes.
const MAX_ANSWER: usize = 8 << 10;

/// Why a setting names no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Not of the form `http://host:port`.
    #[error("must be \"http://host:port\", or \"\" for none")]
    Form,
    /// It holds a user name or a password.
    #[error(
        "must not hold a user name or password: settings keep no secrets; let the proxy know this host by its address"
    )]
    User,
}

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", sanitise(&self.host, 80), self.port)
        }
    }
}

impl Proxy {
    /// Reads `http://host:port`; empty text is none. The text is never part of an error.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(text: &str) -> Result<Option<Self>, ProxyError> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.contains('@') {
            return Err(ProxyError::User);
        }
        let authority = text.strip_prefix("http://").ok_or(ProxyError::Form)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let to = Target::read(text).map_err(|_| ProxyError::Form)?;
        let named = authority
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        if to.authority != authority || named != Some(to.port) || to.host.is_empty() {
            return Err(ProxyError::Form);
        }
        Ok(Some(Self {
            host: to.host,
            port: to.port,
        }))
    }

    /// A connection to `to` through the proxy.
    ///
    /// # Errors
    /// When the proxy is not there or answers anything but 200.
    pub(super) async fn tunnel(&self, to: &Target) -> Result<TcpStream, DialError> {
        let told = |why: &dyn fmt::Display| DialError::Proxy {
            proxy: self.to_string(),
            why: sanitise(&why.to_string(), 160),
        };
        let mut tcp = dial(&self.host, self.port, false)
            .await
            .map_err(|why| told(&format_args!("cannot be reached: {why}")))?;
        let host = bracketed(&to.host);
        let port = to.port;
        let ask = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
        tcp.write_all(ask.as_bytes())
            .await
            .map_err(|why| told(&why))?;
        match status(&mut tcp).await {
            Ok(200) => Ok(tcp),
            Ok(407) => Err(told(
                &"answered 407: it wants a password, and Lancet gives none; let it know this host by its address",
            )),
            Ok(status) => Err(told(&format_args!(
                "answered {status} to CONNECT {host}:{port}"
            ))),
            Err(why) => Err(told(&why)),
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// The status of the proxy's answer, read to its empty line. What stands behind it would be the other host's, which is silent until
/// TLS begins: more is not taken.
async fn status(tcp: &mut TcpStream) -> Result<u16, String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_ANSWER {
            return Err("its answer is too long".into());
        }
        let byte = tcp.read_u8().await;
        head.push(byte.map_err(|_| "ended the connection without an answer")?);
    }
    let text = String::from_utf8_lossy(&head);
    let mut words = text.split(' ');
    match (words.next(), words.next().and_then(|word| word.get(..3))) {
        (Some("HTTP/1.1" | "HTTP/1.0"), Some(code)) => {
            code.parse().map_err(|_| "does not speak HTTP".to_owned())
        }
        _ => Err("does not speak HTTP".into()),
    }
}
