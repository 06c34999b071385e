//! The built-in exchange in a process of its own, and a plain signed client that shares no code with the connector.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// A running `lancet sim --json`.
pub struct Exchange {
    child: Child,
    pub info: Value,
    file: PathBuf,
    _dir: tempfile::TempDir,
}

impl Exchange {
    /// Starts it with extra arguments (`--fault`, …) and the seed 7, unless they name another.
    pub fn start(extra: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(super::binary())
            .args(["sim", "--json"])
            .args(if extra.contains(&"--seed") {
                &[][..]
            } else {
                &["--seed", "7"]
            })
            .args(extra)
            .env("XDG_STATE_HOME", dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let file = dir.path().join("exchange.json");
        std::fs::write(&file, &line).unwrap();
        Self {
            child,
            info: serde_json::from_str(&line).unwrap(),
            file,
            _dir: dir,
        }
    }

    /// The file for `--sim`.
    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn symbol(&self) -> &str {
        self.info["symbols"][0].as_str().unwrap()
    }

    /// A signed GET as the account's owner, straight over HTTP.
    pub fn get(&self, path: &str, query: &str) -> Value {
        self.call("GET", path, query)
    }

    #[allow(clippy::disallowed_methods)]
    pub fn call(&self, method: &str, path: &str, query: &str) -> Value {
        let millis = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis();
        let joint = if query.is_empty() { "" } else { "&" };
        let payload = format!("{query}{joint}timestamp={millis}&recvWindow=10000");
        let secret = self.info["api_secret"].as_str().unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(payload.as_bytes());
        let signature = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
        let key = self.info["api_key"].as_str().unwrap();
        let target = format!("{path}?{payload}&signature={signature}");
        self.fetch(method, &target, &[("X-MBX-APIKEY", key)])
    }

    /// The JSON that a call comes to, with these headers and no body.
    pub fn fetch(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Value {
        let host = self.info["rest"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .to_owned();
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let mut stream = TcpStream::connect(&host).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8(answer).unwrap();
        let body = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer to {target}: {text:?}"))
            .1;
        let json = &body[body.find(['{', '[']).unwrap()..=body.rfind(['}', ']']).unwrap()];
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{target}: {error}: {body}"))
    }

    /// Every order of the account on the first symbol, ended ones too.
    pub fn orders(&self) -> Vec<Value> {
        self.get("/fapi/v1/allOrders", &format!("symbol={}", self.symbol()))
            .as_array()
            .unwrap()
            .clone()
    }

    pub fn open_orders(&self) -> Vec<Value> {
        self.get("/fapi/v1/openOrders", &format!("symbol={}", self.symbol()))
            .as_array()
            .unwrap()
            .clone()
    }

    /// Signed position on the first symbol, as text.
    pub fn position(&self) -> String {
        let rows = self.get(
            "/fapi/v2/positionRisk",
            &format!("symbol={}", self.symbol()),
        );
        rows[0]["positionAmt"].as_str().unwrap().to_owned()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
