//! What the server and a wire say to each other.

use std::net::IpAddr;

/// One WebSocket connection, for its whole life.
pub type LineId = u64;

/// Something to do on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Send a text frame, this many milliseconds from now.
    Text(String, u64),
    /// Send a ping.
    Ping,
    /// Close the connection.
    Cut,
}

/// An HTTP request, read.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `DELETE`.
    pub verb: String,
    /// The path.
    pub path: String,
    /// Behind the question mark, as it was sent.
    pub query: String,
    /// The body, as it was sent.
    pub body: String,
    /// Names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// From where.
    pub ip: IpAddr,
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Answered, so many milliseconds late.
    Reply(Reply, u64),
    /// Never answered; the connection stays.
    Never,
    /// The connection is closed without an answer.
    Cut,
}
