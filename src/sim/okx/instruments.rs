//! What trades here: perpetual swaps counted in contracts and spot pairs, under the venue's names; and their rows.

use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::digits::{plain, price, qty};
use super::ids;
use super::shapes::{inst_type, is_spot};
use crate::domain::decimal::Step;
use crate::domain::{Price, Qty, Symbol, Unit};
use crate::sim::crowd::{perpetuals, spots};
use crate::sim::market::{SymbolNo, SymbolSpec};

/// When everything here was listed, ms.
const LISTED_MS: i64 = 1_611_916_828_000;
/// Open orders of one instrument (OKX, "Trade", order limits).
const MOST_ORDERS: u32 = 500;
/// What a market order on spot may be worth, USDT.
const MOST_MARKET_WORTH: &str = "1000000";

/// One swap: its coin, coins in a contract, steps of contracts, and the largest limit and market order, contracts.
struct Swap {
    base: &'static str,
    contract: Decimal,
    lot: &'static str,
    max: i64,
    max_market: i64,
    leverage: u32,
}

static SWAPS: [Swap; 4] = [
    Swap {
        base: "BTC",
        contract: dec!(0.01),
        lot: "0.01",
        max: 100_000_000,
        max_market: 12_000,
        leverage: 100,
    },
    Swap {
        base: "ETH",
        contract: dec!(0.1),
        lot: "0.01",
        max: 100_000_000,
        max_market: 20_000,
        leverage: 100,
    },
    Swap {
        base: "DOGE",
        contract: dec!(1000),
        lot: "0.01",
        max: 100_000_000,
        max_market: 15_000,
        leverage: 50,
    },
    Swap {
        base: "KAVA",
        contract: dec!(10),
        lot: "1",
        max: 10_000_000,
        max_market: 9_000,
        leverage: 20,
    },
];

/// Everything that trades, swaps first.
pub fn all() -> Vec<SymbolSpec> {
    let swaps = perpetuals().into_iter().filter_map(swap);
    swaps.chain(spots().into_iter().filter_map(pair)).collect()
}

/// A perpetual counted in contracts.
fn swap(mut spec: SymbolSpec) -> Option<SymbolSpec> {
    let i = &mut spec.instrument;
    let swap = SWAPS.iter().find(|s| s.base == i.base.as_str())?;
    i.symbol = Symbol::new(&format!("{}-{}-SWAP", i.base, i.quote)).ok()?;
    i.lot = Step::parse(swap.lot).ok()?;
    i.multiplier = swap.contract;
    i.unit = Unit::Contract;
    let lots = |contracts: i64| i.lot.floor(Decimal::from(contracts)).map(Qty);
    i.min_qty = Qty(1);
    i.max_qty = lots(swap.max)?;
    i.max_market_qty = lots(swap.max_market)?;
    i.min_notional = Decimal::ZERO;
    i.max_orders = MOST_ORDERS;
    spec.max_leverage = swap.leverage;
    spec.default_leverage = spec.default_leverage.min(swap.leverage);
    Some(spec)
}

/// A pair under its name here. The venue has no smallest worth.
fn pair(mut spec: SymbolSpec) -> Option<SymbolSpec> {
    let i = &mut spec.instrument;
    i.symbol = Symbol::new(&ids::family(i)).ok()?;
    i.min_notional = Decimal::ZERO;
    i.max_orders = MOST_ORDERS;
    Some(spec)
}

/// An instrument's row.
pub fn row(symbol: SymbolNo, spec: &SymbolSpec) -> Value {
    let i = &spec.instrument;
    let spot = is_spot(spec);
    let largest = qty(i, i.max_qty);
    let market = if spot {
        MOST_MARKET_WORTH.to_owned()
    } else {
        qty(i, i.max_market_qty)
    };
    let on = |spot_text: &str, swap_text: &str| {
        if spot {
            spot_text.to_owned()
        } else {
            swap_text.to_owned()
        }
    };
    json!({
        "alias": "",
        "auctionEndTime": "",
        "baseCcy": on(i.base.as_str(), ""),
        "category": "1",
        "contTdSwTime": "",
        "ctMult": on("", "1"),
        "ctType": on("", "linear"),
        "ctVal": on("", &plain(i.multiplier)),
        "ctValCcy": on("", i.base.as_str()),
        "expTime": "",
        "futureSettlement": false,
        "instFamily": on("", &ids::family(i)),
        "instId": i.symbol.as_str(),
        "instIdCode": ids::code(symbol),
        "instType": inst_type(spec),
        "lever": on("", &spec.max_leverage.to_string()),
        "listTime": LISTED_MS.to_string(),
        "lotSz": qty(i, Qty(1)),
        "maxIcebergSz": largest,
        "maxLmtAmt": "20000000",
        "maxLmtSz": largest,
        "maxMktAmt": on(MOST_MARKET_WORTH, ""),
        "maxMktSz": market,
        "maxStopSz": market,
        "maxTriggerSz": largest,
        "maxTwapSz": largest,
        "minSz": qty(i, i.min_qty),
        "openType": "",
        "optType": "",
        "quoteCcy": on(i.quote.as_str(), ""),
        "ruleType": "normal",
        "settleCcy": on("", i.settle.as_str()),
        "state": "live",
        "stk": "",
        "tickSz": price(i, Price(1)),
        "tradeQuoteCcyList": if spot { json!([i.quote.as_str()]) } else { json!([]) },
        "uly": on("", &ids::family(i)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swaps_count_contracts_and_pairs_count_coins() {
        let all = all();
        let names: Vec<_> = all.iter().map(|s| s.instrument.symbol.as_str()).collect();
        assert_eq!(names[0], "BTC-USDT-SWAP");
        assert!(names.contains(&"BTC-USDT") && names.contains(&"KAVA-USDT-SWAP"));
        let swap = row(SymbolNo(0), &all[0]);
        for (field, text) in [
            ("ctVal", "0.01"),
            ("lotSz", "0.01"),
            ("minSz", "0.01"),
            ("tickSz", "0.1"),
            ("maxMktSz", "12000"),
            ("uly", "BTC-USDT"),
            ("baseCcy", ""),
            ("settleCcy", "USDT"),
        ] {
            assert_eq!(swap[field], text, "{field}");
        }
        assert_eq!(swap["instIdCode"], 10_459);
        let at = names.iter().position(|name| *name == "BTC-USDT").unwrap();
        let pair = row(SymbolNo(4), &all[at]);
        for (field, text) in [
            ("baseCcy", "BTC"),
            ("quoteCcy", "USDT"),
            ("ctVal", ""),
            ("settleCcy", ""),
        ] {
            assert_eq!(pair[field], text, "{field}");
        }
    }
}
