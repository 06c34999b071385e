//! Addresses, read.

use hyper::Uri;

use super::{DialError, names_this_host};

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
    /// True when it leads to this host itself, by its name or its address.
    pub fn is_this_host(&self) -> bool {
        names_this_host(&self.host)
    }

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
