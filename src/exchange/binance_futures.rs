//! Binance USDⓈ-M futures: the row of the venue table and its addresses.

use super::audit::KeyAudit;
use super::binance::audit::{BinanceAudit, Subject};
use super::binance::feed::BinanceFeed;
use super::binance::product::{Kind, Page, Product, Sequence};
use super::binance::recorded;
use super::credentials::Credentials;
use super::machine::{Account, Feed};
use super::recorded::Recordings;
use super::{
    AccountSettings, CancelAllScope, Capabilities, DeadMan, Endpoints, NativeTrail, Probe,
    RateRange, Site, Venue,
};
use crate::domain::{Environment, TriggerBy};

pub mod account;
pub mod error;
mod guide;
pub mod instruments;
pub mod read;
pub mod user_stream;
pub mod write;

/// The venue's name on the command line.
pub const ID: &str = "binance-futures";

/// What is different about its public side.
pub static PRODUCT: Product = Product {
    id: ID,
    root: "/fapi/v1",
    sequence: Sequence::Linked,
    public: &[Kind::Depth, Kind::BestPrices],
    market: &[Kind::Prints, Kind::Mark],
    // Binance, exchangeInfo.
    weight_limit: 2_400,
    instruments: "/exchangeInfo",
    instruments_weight: 1,
    // Binance, Order Book.
    pages: &[Page {
        levels: 1_000,
        weight: 20,
    }],
    // Binance, Kline/Candlestick Data: below 500 rows the weight is 2.
    past: (499, 2),
    load: instruments::load,
};

/// What is different about the audit of its keys.
pub const AUDIT: Subject = Subject {
    dead_man_switch: true,
    root: "/fapi/v1",
    right: "enableFutures",
    account: "/accountConfig",
    can_trade: |body| read::settings::account_config(body).map(|(_, can_trade)| can_trade),
    time: read::settings::server_time,
    blind: "the key is good, but it may not see futures: tick Enable Futures; a key made before the futures account was opened must be made anew",
};

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
    recordings: Recordings {
        survey: |survey, url, text| recorded::survey(&PRODUCT, survey, url, text),
        feed: || recorded::feed(&PRODUCT),
    },
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
    Box::new(BinanceAudit::new(AUDIT, credentials, has_rights))
}

fn new_feed(endpoints: &Endpoints) -> Box<dyn Feed> {
    Box::new(BinanceFeed::new(&PRODUCT, endpoints))
}

fn new_account(settings: AccountSettings) -> Box<dyn Account> {
    Box::new(account::BinanceFuturesAccount::new(settings))
}
