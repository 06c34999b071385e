//! Binance spot: the row of the venue table and its addresses.

use super::audit::KeyAudit;
use super::binance::audit::{BinanceAudit, Subject};
use super::binance::feed::BinanceFeed;
use super::binance::product::{Kind, Page, Product, Sequence};
use super::binance::recorded;
use super::credentials::Credentials;
use super::machine::{Account, Feed};
use super::recorded::Recordings;
use super::{
    AccountSettings, CancelAllScope, Capabilities, DeadMan, Endpoints, NativeTrail, Probe, Site,
    Venue,
};
use crate::domain::Environment;

pub mod account;
pub mod error;
mod guide;
pub mod instruments;
pub mod read;
pub mod user_stream;
pub mod write;

/// The venue's name on the command line.
pub const ID: &str = "binance-spot";

/// What is different about its public side.
pub static PRODUCT: Product = Product {
    id: ID,
    root: "/api/v3",
    sequence: Sequence::Consecutive,
    public: &[Kind::Depth, Kind::BestPrices],
    market: &[Kind::Prints],
    // Binance, exchangeInfo, `rateLimits`.
    weight_limit: 6_000,
    // The permission sets of every symbol are most of the answer, and nothing here reads them (change log 2024-10-17).
    instruments: "/exchangeInfo?showPermissionSets=false",
    instruments_weight: 20,
    // Binance, Order book.
    pages: &[
        Page {
            levels: 5_000,
            weight: 250,
        },
        Page {
            levels: 1_000,
            weight: 50,
        },
        Page {
            levels: 100,
            weight: 5,
        },
    ],
    // Binance, Kline/Candlestick data: 1000 rows at most, the weight does not depend on them.
    past: (1_000, 2),
    load: instruments::load,
};

/// What is different about the audit of its keys.
pub const AUDIT: Subject = Subject {
    dead_man_switch: false,
    root: "/api/v3",
    right: "enableSpotAndMarginTrading",
    account: "/account",
    can_trade: |body| read::account(body).map(|holdings| holdings.can_trade),
    time: read::server_time,
    blind: "the key is good, but it may not see the spot account: tick Enable Reading",
};

/// The row of the venue table.
pub const VENUE: Venue = Venue {
    id: ID,
    title: "Binance spot",
    opens: "BTCUSDT",
    capabilities: Capabilities {
        // The venue only makes an order smaller in place (Binance, Order Amend Keep Priority).
        amend: false,
        cancel_all: CancelAllScope::Symbol,
        batch: 0,
        dead_man_switch: DeadMan::None,
        websocket_orders: true,
        triggers: &[],
        native_trail: NativeTrail {
            rate: None,
            distance: false,
        },
        max_conditional: 0,
        hedge: false,
        position_stops: false,
        key_rights_query: true,
    },
    sites,
    at,
    probe: Probe {
        time: "/api/v3/time",
        read_time: |body| read::server_time(body).ok(),
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
            "https://api.binance.com",
            "wss://stream.binance.com",
            "wss://ws-api.binance.com",
            Some("https://api.binance.com"),
        )],
        Environment::Demo => vec![
            of(
                "demo",
                "https://demo-api.binance.com",
                "wss://demo-stream.binance.com",
                "wss://demo-ws-api.binance.com",
                None,
            ),
            of(
                "testnet",
                "https://testnet.binance.vision",
                "wss://stream.testnet.binance.vision",
                "wss://ws-api.testnet.binance.vision",
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
    let api = format!("{api}/ws-api/v3");
    Endpoints {
        rest: rest.to_owned(),
        ws_public: streams.to_owned(),
        ws_market: streams.to_owned(),
        ws_private: api.clone(),
        ws_api: api,
        rights: None,
        headers: Vec::new(),
    }
}

fn sockets(endpoints: &Endpoints) -> Vec<(&'static str, String)> {
    vec![
        ("public stream", format!("{}/ws", endpoints.ws_public)),
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
    Box::new(account::BinanceSpotAccount::new(settings))
}
