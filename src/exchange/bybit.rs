//! Bybit v5: the row of the venue table and its addresses. Linear perpetuals and dated futures, and spot.

use super::audit::KeyAudit;
use super::credentials::Credentials;
use super::machine::{Account, Feed};
use super::pushed::PushedFeed;
use super::{
    AccountSettings, CancelAllScope, Capabilities, DeadMan, Endpoints, NativeTrail, Probe, Site,
    Venue,
};
use crate::domain::{Environment, TriggerBy};

mod account;
pub mod answer;
mod audit;
pub mod error;
mod feed;
mod guide;
pub mod instruments;
mod market_text;
mod past;
pub mod private;
pub mod read;
mod recorded;
pub mod sign;
pub mod slot;
pub mod write;

use feed::Bybit;

/// The venue's name on the command line.
pub const ID: &str = "bybit";

/// What it can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    amend: true,
    cancel_all: CancelAllScope::Symbol,
    // 20 on linear, 10 on spot (Bybit, Batch Place Order).
    batch: 10,
    // Cancel on disconnect is for institutional clients only (Bybit, Set DCP).
    dead_man_switch: DeadMan::None,
    websocket_orders: true,
    triggers: &[TriggerBy::Last, TriggerBy::Mark],
    native_trail: NativeTrail {
        rate: None,
        distance: true,
    },
    // A symbol (Bybit, Place Order).
    max_conditional: 10,
    hedge: true,
    position_stops: true,
    key_rights_query: true,
};

/// The row of the venue table.
pub const VENUE: Venue = Venue {
    id: ID,
    title: "Bybit",
    opens: "BTCUSDT",
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

/// Its addresses, the usual ones first.
pub fn sites(environment: Environment) -> Vec<Site> {
    let of = |name, rest: &str, streams: &str| Site {
        name,
        endpoints: below(rest, streams, streams),
    };
    let whole = |name, host: &str| {
        let (rest, streams) = (
            format!("https://api.{host}"),
            format!("wss://stream.{host}"),
        );
        of(name, &rest, &streams)
    };
    let main = "wss://stream.bybit.com";
    match environment {
        // The site must be the one at which the account was registered, else every key is refused (Bybit, Integration Guidance).
        Environment::Real | Environment::Paper => vec![
            whole("main", "bybit.com"),
            of("bytick", "https://api.bytick.com", main),
            of("nl", "https://api.bybit.nl", main),
            of("ae", "https://api.bybit.ae", main),
            of("eu", "https://api.bybit.eu", main),
            whole("tr", "bybit.tr"),
            whole("kz", "bybit.kz"),
            whole("id", "bybit.id"),
            of(
                "ge",
                "https://api.bybitgeorgia.ge",
                "wss://stream.bybitgeorgia.ge",
            ),
            of("jp", "https://api.manepa.jp", "wss://stream.manepa.jp"),
        ],
        Environment::Demo => vec![
            // Prices are those of real money; orders go over REST, there is no order line, and a key's rights are not told (Bybit, Demo
            // Trading Service).
            Site {
                name: "demo",
                endpoints: Endpoints {
                    ws_api: String::new(),
                    rights: None,
                    ..below(
                        "https://api-demo.bybit.com",
                        main,
                        "wss://stream-demo.bybit.com",
                    )
                },
            },
            of(
                "testnet",
                "https://api-testnet.bybit.com",
                "wss://stream-testnet.bybit.com",
            ),
        ],
        Environment::Sim | Environment::Replay => Vec::new(),
    }
}

/// `http://host` serves streams at `ws://host`, `https://host` at `wss://host`.
pub fn at(base: &str) -> Endpoints {
    let streams = format!("ws{}", base.strip_prefix("http").unwrap_or(base));
    below(base, &streams, &streams)
}

fn below(rest: &str, public: &str, private: &str) -> Endpoints {
    Endpoints {
        rest: rest.to_owned(),
        ws_public: format!("{public}/v5/public/linear"),
        ws_market: format!("{public}/v5/public/spot"),
        ws_private: format!("{private}/v5/private"),
        ws_api: format!("{private}/v5/trade"),
        rights: Some(rest.to_owned()),
        headers: Vec::new(),
    }
}

fn sockets(endpoints: &Endpoints) -> Vec<(&'static str, String)> {
    let mut sockets = vec![
        ("linear stream", endpoints.ws_public.clone()),
        ("spot stream", endpoints.ws_market.clone()),
    ];
    if !endpoints.ws_api.is_empty() {
        sockets.push(("order line", endpoints.ws_api.clone()));
    }
    sockets
}

fn new_feed(endpoints: &Endpoints) -> Box<dyn Feed> {
    Box::new(PushedFeed::new(Bybit, endpoints))
}

fn new_audit(credentials: Credentials, has_rights: bool) -> Box<dyn KeyAudit> {
    Box::new(audit::BybitAudit::new(credentials, has_rights))
}

fn new_account(settings: AccountSettings) -> Box<dyn Account> {
    Box::new(account::BybitAccount::new(settings))
}
