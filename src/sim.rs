//! The built-in exchange: a matching core, a seeded crowd, and a server that speaks a venue's wire with code of its own.
//!
//! [`start`] opens it on a loopback port in a thread of its own; everybody else, Lancet included, reaches it by sockets alone.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::clock;

pub mod binance_futures;
pub mod crowd;
pub mod fault;
pub mod keys;
pub mod market;
mod server;

pub use fault::{Fault, FaultError};
pub use keys::{Key, Right};

/// The wires that the built-in exchange speaks, the usual one first.
pub const WIRES: [&str; 1] = ["binance-futures"];

/// How the built-in exchange is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to listen; `None`: a free port on 127.0.0.1.
    pub listen: Option<SocketAddr>,
    /// Same seed, same crowd, same keys; `None`: another market every time.
    pub seed: Option<u64>,
    /// The wire's name; `None`: the first of [`WIRES`].
    pub wire: Option<String>,
    /// Faults to be made.
    pub faults: Vec<Fault>,
}

/// Why it could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Somebody else listens there.
    #[error("{0} is in use: choose another port, or leave --listen away for a free one")]
    InUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Money is simulated, keys are printed: nobody else may reach it.
    #[error("{0} is not this host: the built-in exchange listens on 127.0.0.1 only")]
    NotLoopback(SocketAddr),
    /// No such wire.
    #[error("no wire is called {0:?}: use binance-futures")]
    Wire(String),
    /// The operating system gave no thread or no randomness.
    #[error("the built-in exchange could not start: {0}")]
    System(String),
}

/// What a client needs to know; its JSON is the first line that `lancet sim --json` prints.
#[derive(Clone, serde::Serialize)]
pub struct Info {
    /// The wire's name.
    pub venue: &'static str,
    /// Base address of REST, without a path.
    pub rest: String,
    /// Base address of public streams.
    pub ws_public: String,
    /// Base address of market streams.
    pub ws_market: String,
    /// Base address of user streams.
    pub ws_private: String,
    /// Address of the WebSocket API.
    pub ws_api: String,
    /// Instruments, the one that opens first in front.
    pub symbols: Vec<String>,
    /// The trader's key.
    pub api_key: String,
    /// Its secret.
    pub api_secret: String,
    /// Every key, the trader's first.
    pub keys: Vec<KeyInfo>,
}

impl std::fmt::Debug for Info {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Info")
            .field("venue", &self.venue)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

/// One key as the JSON line shows it.
#[derive(Clone, serde::Serialize)]
pub struct KeyInfo {
    /// A name for people.
    pub label: &'static str,
    /// What it may do.
    pub rights: &'static [Right],
    /// The only address it works from.
    pub ip: Option<String>,
    /// When it ends, ms since 1970; these keys never do.
    pub expires: Option<i64>,
    /// The public half.
    pub api_key: String,
    /// The secret half.
    pub api_secret: String,
}

/// An open exchange; dropping it closes it.
#[derive(Debug)]
pub struct Running {
    /// How to reach it.
    pub info: Info,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // Its own panic has been reported by the panic hook.
            let _ = thread.join();
        }
    }
}

/// Opens the exchange in a thread of its own.
///
/// # Errors
/// A [`SimError`]; then nothing listens.
pub fn start(options: Options) -> Result<Running, SimError> {
    if let Some(wire) = options.wire.as_deref().filter(|w| !WIRES.contains(w)) {
        return Err(SimError::Wire(wire.to_owned()));
    }
    let (listener, address) = listen(options.listen)?;
    let random = match options.seed {
        Some(seed) => seeded(seed),
        None => fresh()?,
    };
    let seed = options.seed.unwrap_or_else(|| {
        let [a, b, c, d, e, f, g, h, ..] = random;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    });
    let keys = keys::make(random);
    let opened = clock::now();
    let exchange = binance_futures::BinanceFutures::new(
        binance_futures::Settings {
            seed,
            keys: keys.clone(),
            random,
            faults: options.faults,
        },
        opened.wall_ms(),
    );
    let info = describe(address, exchange.symbol_names(), &keys);
    let (stop, stopped) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system)?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(system)?
    };
    let hall = server::Hall::new(exchange, opened);
    let thread = std::thread::Builder::new()
        .name("sim".to_owned())
        .spawn(move || runtime.block_on(server::serve(hall, listener, stopped)))
        .map_err(system)?;
    Ok(Running {
        info,
        stop,
        thread: Some(thread),
    })
}

fn system(error: std::io::Error) -> SimError {
    SimError::System(error.to_string())
}

fn listen(wanted: Option<SocketAddr>) -> Result<(TcpListener, SocketAddr), SimError> {
    let wanted = wanted.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    if !matches!(wanted.ip(), IpAddr::V4(ip) if ip.is_loopback()) {
        return Err(SimError::NotLoopback(wanted));
    }
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AddrInUse => SimError::InUse(wanted),
        _ => SimError::Listen(wanted, error),
    };
    let listener = TcpListener::bind(wanted).map_err(failed)?;
    listener.set_nonblocking(true).map_err(system)?;
    let address = listener.local_addr().map_err(system)?;
    Ok((listener, address))
}

fn seeded(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes
}

fn fresh() -> Result<[u8; 32], SimError> {
    let mut bytes = [0; 32];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| SimError::System("no randomness".to_owned()))?;
    Ok(bytes)
}

fn describe(address: SocketAddr, symbols: Vec<String>, keys: &[Key]) -> Info {
    let rows: Vec<KeyInfo> = keys
        .iter()
        .map(|key| KeyInfo {
            label: key.label,
            rights: key.rights,
            ip: key.ip.map(|ip| ip.to_string()),
            expires: None,
            api_key: key.api_key.clone(),
            api_secret: key.api_secret.clone(),
        })
        .collect();
    let first = rows.first();
    Info {
        venue: WIRES[0],
        rest: format!("http://{address}"),
        ws_public: format!("ws://{address}/public"),
        ws_market: format!("ws://{address}/market"),
        ws_private: format!("ws://{address}/private"),
        ws_api: format!("ws://{address}/ws-fapi/v1"),
        symbols,
        api_key: first.map_or_else(String::new, |key| key.api_key.clone()),
        api_secret: first.map_or_else(String::new, |key| key.api_secret.clone()),
        keys: rows,
    }
}

/// `lancet sim`: opens the exchange, says where it is, serves until SIGTERM or SIGINT. `json` prints the one JSON line
/// instead of sentences.
///
/// # Errors
/// A [`SimError`]; signals cannot be awaited, or stdout is gone.
pub fn run_command(options: Options, json: bool) -> Result<(), SimError> {
    let running = start(options)?;
    let text = if json {
        serde_json::to_string(&running.info).map_err(|e| SimError::System(e.to_string()))?
    } else {
        told(&running.info)
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(system)?;
    drop(out);
    wait_for_signal()
}

fn told(info: &Info) -> String {
    format!(
        "The built-in exchange speaks {} at {} with {}. No real money. Ctrl-C closes it.\n\
         api key     {}\napi secret  {}",
        info.venue,
        info.rest,
        info.symbols.join(" "),
        info.api_key,
        info.api_secret
    )
}

fn wait_for_signal() -> Result<(), SimError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system)?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).map_err(system)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_and_a_foreign_address_are_refused_in_one_sentence() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let at = taken.local_addr().unwrap();
        let open = |listen| {
            start(Options {
                listen: Some(listen),
                ..Options::default()
            })
            .unwrap_err()
            .to_string()
        };
        assert!(open(at).contains("in use"));
        for foreign in ["0.0.0.0:0", "[::1]:0"] {
            assert!(open(foreign.parse().unwrap()).contains("not this host"));
        }
    }

    #[test]
    fn all_addresses_share_one_host_and_port() {
        let running = start(Options {
            seed: Some(1),
            ..Options::default()
        })
        .unwrap();
        let line = serde_json::to_value(&running.info).unwrap();
        let host = line["rest"]
            .as_str()
            .unwrap()
            .strip_prefix("http://")
            .unwrap();
        for (name, end) in [
            ("ws_public", "/public"),
            ("ws_market", "/market"),
            ("ws_private", "/private"),
            ("ws_api", "/ws-fapi/v1"),
        ] {
            assert_eq!(line[name], format!("ws://{host}{end}"));
        }
        assert_eq!(line["venue"], "binance-futures");
        assert_eq!(
            line["keys"][0]["rights"],
            serde_json::json!(["read", "trade"])
        );
        assert_eq!(line["keys"][0]["ip"], "127.0.0.1");
        assert_eq!(line["api_key"], line["keys"][0]["api_key"]);
    }
}
