//! Binance USDⓈ-M futures: the row of the venue table and its addresses.

use super::audit::KeyAudit;
use super::credentials::Credentials;
use super::machine::{Account, Feed, Out};
use super::{
    AccountSettings, CancelAllScope, Capabilities, DeadMan, Endpoints, NativeTrail, Probe,
    RateRange, Site, Venue,
};
use crate::domain::message::MarketFact;
use crate::domain::{Environment, TriggerBy};

pub mod account;
pub mod answer;
mod audit;
mod calls;
mod depth_json;
pub mod depth_text;
pub mod error;
pub mod feed;
mod followed;
mod guide;
pub mod instruments;
mod link;
mod market_text;
pub mod read;
mod recorded;
pub mod resync;
pub mod sign;
mod streams;
pub mod user_stream;
pub mod write;

/// The venue's name on the command line.
pub const ID: &str = "binance-futures";

/// The row of the venue table.
pub const VENUE: Venue = Venue {
    id: ID,
    title: "Binance futures",
    opens: "BTCUSDT",
    capabilities: Capabilities {
        amend: true,
        cancel_all: CancelAllScope::Symbol,
        batch: 5,
        dead_man_switch: DeadMan::PerSymbol,
        websocket_orders: true,
        triggers: &[TriggerBy::Last, TriggerBy::Mark],
        native_trail: NativeTrail {
            // `callbackRate` is 0.1 to 20 per cent (Binance, New Algo Order; change log 2026-10-23). The step is not documented: one
            // digit after the point is what every example has.
            rate: Some(RateRange {
                min: 10,
                max: 2_000,
                step: 10,
            }),
            distance: false,
        },
        // Change log 2025-12-29.
        max_conditional: 200,
        hedge: true,
        position_stops: false,
        key_rights_query: true,
    },
    sites,
    at,
    probe: Probe {
        time: "/fapi/v1/time",
        read_time: |body| read::settings::server_time(body).ok(),
        sockets,
    },
    guide: &guide::GUIDE,
    audit: new_audit,
    feed: new_feed,
    account: new_account,
    recordings: recorded::RECORDINGS,
};

fn sites(environment: Environment) -> Vec<Site> {
    let of = |name, rest: &str, streams: &str, api: &str, rights: Option<&str>| Site {
        name,
        endpoints: Endpoints {
            rights: rights.map(str::to_owned),
            ..below(rest, streams, api)
        },
    };
    match environment {
        Environment::Real | Environment::Paper => vec![of(
            "main",
            "https://fapi.binance.com",
            "wss://fstream.binance.com",
            "wss://ws-fapi.binance.com",
            Some("https://api.binance.com"),
        )],
        Environment::Demo => vec![
            of(
                "demo",
                "https://demo-fapi.binance.com",
                "wss://fstream.binancefuture.com",
                "wss://testnet.binancefuture.com",
                None,
            ),
            of(
                "testnet",
                "https://testnet.binancefuture.com",
                "wss://fstream.binancefuture.com",
                "wss://testnet.binancefuture.com",
                None,
            ),
        ],
        Environment::Sim | Environment::Replay => Vec::new(),
    }
}

/// `http://host` serves streams at `ws://host`, `https://host` at `wss://host`.
fn at(base: &str) -> Endpoints {
    let streams = format!("ws{}", base.strip_prefix("http").unwrap_or(base));
    Endpoints {
        rights: Some(base.to_owned()),
        ..below(base, &streams, &streams)
    }
}

fn below(rest: &str, streams: &str, api: &str) -> Endpoints {
    Endpoints {
        rest: rest.to_owned(),
        ws_public: format!("{streams}/public"),
        ws_market: format!("{streams}/market"),
        ws_private: format!("{streams}/private"),
        ws_api: format!("{api}/ws-fapi/v1"),
        rights: None,
        headers: Vec::new(),
    }
}

fn sockets(endpoints: &Endpoints) -> Vec<(&'static str, String)> {
    vec![
        ("public stream", format!("{}/ws", endpoints.ws_public)),
        ("market stream", format!("{}/ws", endpoints.ws_market)),
        ("order line", endpoints.ws_api.clone()),
    ]
}

fn new_audit(credentials: Credentials, has_rights: bool) -> Box<dyn KeyAudit> {
    Box::new(audit::BinanceFuturesAudit::new(credentials, has_rights))
}

fn new_feed(endpoints: &Endpoints) -> Box<dyn Feed> {
    Box::new(feed::BinanceFuturesFeed::new(endpoints))
}

fn new_account(settings: AccountSettings) -> Box<dyn Account> {
    Box::new(account::BinanceFuturesAccount::new(settings))
}

/// One line for the trader; the words must be inert already.
fn note(out: &mut Out, words: String) {
    out.market.push(MarketFact::Note { words });
}
