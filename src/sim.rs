//! The built-in exchange: a matching core, a seeded crowd, and a server that speaks a venue's wire with code of its own.
//!
//! [`start`] opens it on a loopback port in a thread of its own; everybody else, Lancet included, reaches it by sockets alone.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::clock;
use crate::domain::text;

pub mod binance;
pub mod binance_futures;
pub mod binance_spot;
pub mod bybit;
pub mod crowd;
pub mod fault;
pub mod keys;
pub mod market;
pub mod okx;
mod server;
pub mod wire;

pub use crowd::Mood;
pub use fault::{Fault, FaultError};
pub use keys::{Key, Public, PublicKeyError, Right};
use wire::{Settings, WireRow};

/// The wires that the built-in exchange speaks, the usual one first.
pub static WIRES: &[WireRow] = &[
    binance_futures::WIRE,
    binance_spot::WIRE,
    bybit::WIRE,
    okx::WIRE,
];

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
    /// PEM of the public half of a pair of the user's, for which there is a key of its own.
    pub public_key: Option<PathBuf>,
    /// How far its clock runs ahead of the host's, ms; negative: behind.
    pub skew_ms: i64,
    /// The mood of its crowd; `None`: moods change at random.
    pub mood: Option<Mood>,
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
    /// The file of the public key cannot be read.
    #[error("cannot read the public key {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The file holds no public key that can be used.
    #[error("{0}: {1}")]
    PublicKey(String, PublicKeyError),
    /// A public key of a kind that the venue gives no API key for.
    #[error("{0} takes no {1} keys: leave --public-key away")]
    Kind(&'static str, &'static str),
    /// No such wire.
    #[error("no wire is called {0:?}: use {own}", own = names())]
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
    /// The third part of every key, where the venue wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
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
    /// When its right to trade ends, ms since 1970.
    pub expires: Option<i64>,
    /// How it signs: `hmac`, `ed25519` or `rsa`.
    pub kind: &'static str,
    /// What it is called by.
    pub api_key: String,
    /// The secret that both sides hold; pairs have none.
    pub api_secret: Option<String>,
    /// The private half in PKCS#8 PEM, where the exchange made the pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_pem: Option<String>,
}

/// An open exchange; dropping it closes it.
#[derive(Debug)]
pub struct Running {
    /// How to reach it.
    pub info: Info,
    mood: watch::Sender<Option<Mood>>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// What sets the mood of its crowd while it runs.
    pub fn moods(&self) -> watch::Sender<Option<Mood>> {
        self.mood.clone()
    }
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
    let row = match options.wire.as_deref() {
        None => &WIRES[0],
        Some(id) => WIRES
            .iter()
            .find(|row| row.id == id)
            .ok_or_else(|| SimError::Wire(id.to_owned()))?,
    };
    let own = options.public_key.as_deref().map(public_key).transpose()?;
    let (listener, address) = listen(options.listen)?;
    let random = match options.seed {
        Some(seed) => seeded(seed),
        None => fresh()?,
    };
    let seed = options.seed.unwrap_or_else(|| {
        let [a, b, c, d, e, f, g, h, ..] = random;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    });
    let opened = clock::now();
    let opened_ms = opened.wall_ms().saturating_add(options.skew_ms);
    let keys = (row.issue)(keys::make(random, opened_ms, own.clone()));
    if let Some(own) = own
        && keys.iter().all(|key| key.label != keys::OWN)
    {
        return Err(SimError::Kind(row.id, own.word()));
    }
    let passphrase = keys::passphrase(random);
    let settings = Settings {
        seed,
        keys: keys.clone(),
        passphrase: passphrase.clone(),
        random,
        faults: options.faults,
        mood: options.mood,
    };
    let exchange = (row.open)(settings, opened_ms);
    let mut info = describe(row, address, exchange.symbol_names(), &keys);
    info.passphrase = row.has_passphrase.then_some(passphrase);
    let (stop, stopped) = watch::channel(false);
    let (mood, felt) = watch::channel(options.mood);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system)?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(system)?
    };
    let hall = server::Hall::new(exchange, opened, options.skew_ms, felt);
    let thread = std::thread::Builder::new()
        .name("sim".to_owned())
        .spawn(move || runtime.block_on(server::serve(hall, listener, stopped)))
        .map_err(system)?;
    Ok(Running {
        info,
        mood,
        stop,
        thread: Some(thread),
    })
}

/// The wires' names, for a sentence.
fn names() -> String {
    let ids: Vec<&str> = WIRES.iter().map(|row| row.id).collect();
    ids.join(", ")
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

/// Reads a user's public key; never more of the file than any public key has.
fn public_key(path: &Path) -> Result<Public, SimError> {
    let name = text::sanitise(&path.display().to_string(), 200);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| {
        let most = u64::try_from(keys::LARGEST_FILE).unwrap_or(u64::MAX);
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)
    });
    if let Err(error) = read {
        return Err(SimError::Unreadable(name, error));
    }
    String::from_utf8_lossy(&bytes)
        .parse()
        .map_err(|error| SimError::PublicKey(name, error))
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

fn describe(row: &WireRow, address: SocketAddr, symbols: Vec<String>, keys: &[Key]) -> Info {
    let rows: Vec<KeyInfo> = keys
        .iter()
        .map(|key| KeyInfo {
            label: key.label,
            rights: key.rights,
            ip: key.ip.map(|ip| ip.to_string()),
            expires: key.expires,
            kind: key.kind.word(),
            api_key: key.api_key.clone(),
            api_secret: key.api_secret().map(str::to_owned),
            private_key_pem: key.private_key_pem().map(str::to_owned),
        })
        .collect();
    let first = rows.first();
    let at = (row.addresses)(address);
    Info {
        venue: row.id,
        rest: at.rest,
        ws_public: at.ws_public,
        ws_market: at.ws_market,
        ws_private: at.ws_private,
        ws_api: at.ws_api,
        symbols,
        api_key: first.map_or_else(String::new, |key| key.api_key.clone()),
        api_secret: first
            .and_then(|key| key.api_secret.clone())
            .unwrap_or_default(),
        passphrase: None,
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
    let own = info.keys.iter().find(|key| key.label == keys::OWN);
    let own = own.map_or_else(String::new, |key| {
        format!(
            "\nyour key    {} ({}, for your public key)",
            key.api_key, key.kind
        )
    });
    let third = info.passphrase.as_ref();
    let third = third.map_or_else(String::new, |text| format!("\npassphrase  {text}"));
    format!(
        "The built-in exchange speaks {} at {} with {}. No real money. Ctrl-C closes it.\n\
         api key     {}\napi secret  {}{third}{own}",
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
    fn a_public_key_that_the_venue_has_no_use_for_is_refused() {
        for (wire, file, words) in [
            (
                "bybit",
                "own_ed25519.pem",
                Some("bybit takes no ed25519 keys"),
            ),
            ("okx", "own_rsa_2048.pem", Some("okx takes no rsa keys")),
            ("bybit", "own_rsa_2048.pem", None),
        ] {
            let opened = start(Options {
                wire: Some(wire.to_owned()),
                public_key: Some(data(file)),
                ..Options::default()
            });
            match (opened, words) {
                (Err(error), Some(words)) => assert!(error.to_string().starts_with(words)),
                (Ok(running), None) => {
                    let own = running.info.keys.last().unwrap();
                    assert_eq!((own.label, own.api_key.len()), ("own", 18));
                }
                (opened, _) => panic!("{wire} {file}: {opened:?}"),
            }
        }
    }

    fn data(name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        folder.join("tests/wire/binance_futures/server").join(name)
    }

    #[test]
    fn the_json_line_tells_kind_and_end_of_each_key_and_a_half_only_where_there_is_one() {
        let running = start(Options {
            seed: Some(1),
            public_key: Some(data("own_rsa_2048.pem")),
            skew_ms: -5000,
            ..Options::default()
        })
        .unwrap();
        let line = serde_json::to_value(&running.info).unwrap();
        let row = |label: &str| {
            let mut rows = line["keys"].as_array().unwrap().iter();
            rows.find(|row| row["label"] == label).unwrap()
        };
        assert_eq!(row("trade")["kind"], "hmac");
        assert_eq!(row("trade")["expires"], serde_json::Value::Null);
        assert!(row("trade").get("private_key_pem").is_none());
        let days = row("ending")["expires"].as_i64().unwrap()
            - row("expired")["expires"].as_i64().unwrap();
        assert_eq!(days, 11 * 24 * 3_600_000);
        let pair = row("ed25519");
        assert_eq!(
            (&pair["kind"], &pair["api_secret"]),
            (&"ed25519".into(), &serde_json::Value::Null)
        );
        assert!(
            pair["private_key_pem"]
                .as_str()
                .unwrap()
                .starts_with("-----BEGIN PRIVATE KEY-----\n")
        );
        let own = row("own");
        assert_eq!(
            (&own["kind"], &own["api_secret"]),
            (&"rsa".into(), &serde_json::Value::Null)
        );
        assert!(own.get("private_key_pem").is_none());
        assert_eq!(own["rights"], serde_json::json!(["read", "trade"]));
        assert_eq!(own["ip"], "127.0.0.1");
        assert!(told(&running.info).contains(own["api_key"].as_str().unwrap()));
    }

    #[test]
    fn a_file_that_is_no_public_key_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.pem");
        let refused = |path: PathBuf| {
            let error = start(Options {
                public_key: Some(path.clone()),
                ..Options::default()
            })
            .unwrap_err()
            .to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
            assert!(error.contains(&*path.display().to_string()), "{error}");
            error
        };
        assert!(refused(file.clone()).contains("No such file"));
        assert!(refused(folder.path().to_owned()).contains("directory"));
        for (content, why) in [
            (vec![0x30, 0x82, 0xff, 0x00], "no PEM"),
            (b"-----BEGIN PRIVATE KEY-----".to_vec(), "private key"),
            (vec![b'-'; 1 << 20], "too large"),
        ] {
            std::fs::write(&file, content).unwrap();
            assert!(refused(file.clone()).contains(why), "{why}");
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

    #[test]
    fn a_wire_whose_keys_have_three_parts_tells_the_third_and_its_own_addresses() {
        let running = start(Options {
            seed: Some(1),
            wire: Some("okx".to_owned()),
            ..Options::default()
        })
        .unwrap();
        let line = serde_json::to_value(&running.info).unwrap();
        assert_eq!(line["venue"], "okx");
        assert_eq!(line["symbols"][0], "BTC-USDT-SWAP");
        for (name, path) in [
            ("ws_public", "public"),
            ("ws_market", "business"),
            ("ws_private", "private"),
            ("ws_api", "private"),
        ] {
            let address = line[name].as_str().unwrap();
            assert!(address.ends_with(&format!("/ws/v5/{path}")), "{address}");
        }
        let passphrase = line["passphrase"].as_str().unwrap();
        assert!(told(&running.info).contains(passphrase));
    }
}
