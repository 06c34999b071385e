//! OKX v5: the row of the venue table and its addresses. Swaps, dated futures and spot.

use super::audit::KeyAudit;
use super::credentials::Credentials;
use super::machine::{Account, Feed};
use super::pushed::PushedFeed;
use super::{
    AccountSettings, CancelAllScope, Capabilities, DeadMan, Endpoints, NativeTrail, Probe,
    RateRange, Site, Venue,
};
use crate::domain::{Environment, TriggerBy};

pub mod account;
pub mod answer;
mod audit;
pub mod error;
mod feed;
mod guide;
pub mod instruments;
mod market_text;
mod past;
pub mod read;
mod recorded;
pub mod sign;
pub mod write;

use feed::Okx;

/// The venue's name on the command line.
pub const ID: &str = "okx";

/// The header by which a REST call or a handshake means demo trading (OKX, Demo Trading Services).
const DEMO: (&str, &str) = ("x-simulated-trading", "1");

/// What it can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    amend: true,
    // There is no such call but for market makers of options: the account cancels in batches.
    cancel_all: CancelAllScope::Symbol,
    batch: 20,
    // Cancel all after, 10 to 120 s (OKX, Cancel All After).
    dead_man_switch: DeadMan::PerAccount,
    websocket_orders: true,
    triggers: &[TriggerBy::Last, TriggerBy::Mark],
    native_trail: NativeTrail {
        // `callbackRatio` is written with at most four digits after the point (OKX, Place algo order).
        rate: Some(RateRange {
            min: 10,
            max: 10_000,
            step: 1,
        }),
        distance: true,
    },
    // Stops and takes on one instrument (OKX, Place algo order).
    max_conditional: 100,
    hedge: true,
    position_stops: false,
    key_rights_query: true,
};

/// The row of the venue table.
pub const VENUE: Venue = Venue {
    id: ID,
    title: "OKX",
    opens: "BTC-USDT-SWAP",
    capabilities: CAPABILITIES,
    sites,
    at,
    probe: Probe {
        time: feed::TIME,
        read_time: feed::read_time,
        sockets,
    },
    guide: &guide::GUIDE,
    audit: new_audit,
    feed: new_feed,
    account: new_account,
    recordings: recorded::RECORDINGS,
};

/// The site must be that of the region in which the account was opened.
pub fn sites(environment: Environment) -> Vec<Site> {
    let of = |name, rest: &str, streams: &str, demo: bool| Site {
        name,
        endpoints: Endpoints {
            headers: if demo {
                vec![(DEMO.0, DEMO.1.to_owned())]
            } else {
                Vec::new()
            },
            ..below(rest, streams)
        },
    };
    match environment {
        Environment::Real | Environment::Paper => vec![
            of(
                "main",
                "https://www.okx.com",
                "wss://ws.okx.com:8443",
                false,
            ),
            of(
                "eea",
                "https://eea.okx.com",
                "wss://wseea.okx.com:8443",
                false,
            ),
            of("us", "https://us.okx.com", "wss://wsus.okx.com:8443", false),
        ],
        Environment::Demo => vec![
            of(
                "demo",
                "https://www.okx.com",
                "wss://wspap.okx.com:8443",
                true,
            ),
            of(
                "demo-eea",
                "https://eea.okx.com",
                "wss://wseeapap.okx.com:8443",
                true,
            ),
            of(
                "demo-us",
                "https://us.okx.com",
                "wss://wsuspap.okx.com:8443",
                true,
            ),
        ],
        Environment::Sim | Environment::Replay => Vec::new(),
    }
}

/// `http://host` serves streams at `ws://host`, `https://host` at `wss://host`.
pub fn at(base: &str) -> Endpoints {
    let streams = format!("ws{}", base.strip_prefix("http").unwrap_or(base));
    below(base, &streams)
}

fn below(rest: &str, streams: &str) -> Endpoints {
    Endpoints {
        rest: rest.to_owned(),
        ws_public: format!("{streams}/ws/v5/public"),
        ws_market: format!("{streams}/ws/v5/business"),
        ws_private: format!("{streams}/ws/v5/private"),
        ws_api: format!("{streams}/ws/v5/private"),
        rights: Some(rest.to_owned()),
        headers: Vec::new(),
    }
}

fn sockets(endpoints: &Endpoints) -> Vec<(&'static str, String)> {
    vec![
        ("public stream", endpoints.ws_public.clone()),
        ("business stream", endpoints.ws_market.clone()),
        ("order line", endpoints.ws_api.clone()),
    ]
}

fn new_audit(credentials: Credentials, _has_rights: bool) -> Box<dyn KeyAudit> {
    Box::new(audit::OkxAudit::new(credentials))
}

fn new_account(settings: AccountSettings) -> Box<dyn Account> {
    Box::new(account::OkxAccount::new(settings))
}

fn new_feed(endpoints: &Endpoints) -> Box<dyn Feed> {
    Box::new(PushedFeed::new(Okx, endpoints))
}
