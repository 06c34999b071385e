//! The net of this run: allow-list, extra roots and proxy, from the command line and the settings. No variable of the environment
//! is asked.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Failure;
use crate::cli::Global;
use crate::config::{Config, ConfigError};
use crate::domain::text::sanitise;
use crate::exchange::dial::{Hosts, Net, NetSettings, Proxy, read_pem};

/// Largest file of `--ca-file`, bytes: the whole Mozilla bundle is a quarter of it.
const MAX_PEM: u64 = 1 << 20;

/// A net that reaches `hosts` and nobody else.
///
/// # Errors
/// A `--ca-file` that gives no roots, a proxy that is none.
pub fn net(global: &Global, config: &Config, hosts: Hosts) -> Result<Net, Failure> {
    let roots = match &global.ca_file {
        Some(file) => {
            let told = |why: &dyn std::fmt::Display| {
                let words = format!("--ca-file {} {why}", file.display());
                Failure::Input(sanitise(&words, 400))
            };
            let text = read(file).map_err(|why| told(&format_args!("cannot be read: {why}")))?;
            read_pem(&text).map_err(|why| told(&why))?
        }
        None => Vec::new(),
    };
    Net::new(NetSettings {
        roots,
        hosts,
        proxy: proxy(config)?,
    })
    .map_err(|why| Failure::World(why.to_string()))
}

/// The proxy that the settings name.
///
/// # Errors
/// When it is not of the form `http://host:port`, with its line.
pub fn proxy(config: &Config) -> Result<Option<Proxy>, ConfigError> {
    Proxy::read(&config.settings.network.proxy)
        .map_err(|why| config.fault("network.proxy", format_args!("it {why}")))
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if !std::fs::metadata(file)?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(file)?
        .take(MAX_PEM + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_PEM {
        return Err(std::io::Error::other("larger than 1 MiB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
