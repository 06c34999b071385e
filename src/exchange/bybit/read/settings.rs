//! Answers about the account, its key and its symbols that are neither orders nor positions. Pure; owns nothing.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::ReadError;
use crate::domain::Asset;
use crate::domain::message::{Balance, MarginMode};

/// Reads `GET /v5/market/time`, ms since 1970.
///
/// # Errors
/// When it is unreadable.
pub fn server_time(bytes: &[u8]) -> Result<i64, ReadError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Time<'a> {
        ret_code: i64,
        #[serde(borrow)]
        result: Nanos<'a>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Nanos<'a> {
        #[serde(borrow)]
        time_nano: Cow<'a, str>,
    }
    let time: Time<'_> = serde_json::from_slice(bytes)?;
    let nanos: i64 = time.result.time_nano.parse().unwrap_or(0);
    if time.ret_code != 0 || nanos <= 0 {
        return Err(ReadError::Field("timeNano"));
    }
    Ok(nanos / 1_000_000)
}

/// What `GET /v5/account/info` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// Margin shared or set apart; of the whole account.
    pub margin: Option<MarginMode>,
    /// It is a unified account, the only kind that Lancet trades.
    pub unified: bool,
}

/// Reads the `result` of `GET /v5/account/info`.
///
/// # Errors
/// When it is unreadable.
pub fn account_info(result: &str) -> Result<AccountInfo, ReadError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Info<'a> {
        #[serde(borrow)]
        margin_mode: Option<Cow<'a, str>>,
        unified_margin_status: i64,
    }
    let info: Info<'_> = serde_json::from_str(result)?;
    Ok(AccountInfo {
        margin: match info.margin_mode.as_deref() {
            Some("ISOLATED_MARGIN") => Some(MarginMode::Isolated),
            Some("REGULAR_MARGIN" | "PORTFOLIO_MARGIN") => Some(MarginMode::Cross),
            _ => None,
        },
        // 1 is the classic account; 3 to 6 are the generations of the unified one (Bybit, Account Info).
        unified: info.unified_margin_status >= 3,
    })
}

/// Reads maker and taker fee of one instrument, as fractions, from the `result` of `GET /v5/account/fee-rate`.
///
/// # Errors
/// When it is unreadable, or lists nothing.
pub fn fee_rate(result: &str) -> Result<(Decimal, Decimal), ReadError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Rates {
        list: Vec<Rate>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Rate {
        taker_fee_rate: Decimal,
        maker_fee_rate: Decimal,
    }
    let rates: Rates = serde_json::from_str(result)?;
    let rate = rates.list.first().ok_or(ReadError::Field("list"))?;
    Ok((rate.maker_fee_rate, rate.taker_fee_rate))
}

/// What a key may do, from `GET /v5/user/query-api`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyInfo {
    /// It may only read.
    pub read_only: bool,
    /// It may place orders on derivatives and change positions there.
    pub linear: bool,
    /// It may trade coins.
    pub spot: bool,
    /// It may take money out.
    pub withdraw: bool,
    /// It may move money between accounts.
    pub transfer: bool,
    /// It works from named addresses only.
    pub ip_bound: bool,
    /// When it ends, ms since 1970; `None` where no end is named.
    pub expires_ms: Option<i64>,
    /// Rights that Lancet does not know, as the venue spells them.
    pub unknown: Vec<String>,
}

impl KeyInfo {
    /// It may place orders on something that Lancet trades.
    pub const fn can_trade(&self) -> bool {
        !self.read_only && (self.linear || self.spot)
    }
}

/// Rights that say nothing about what Lancet does: known, so that they are not reported as new.
const HARMLESS: [&str; 16] = [
    "Order",
    "Position",
    "SpotTrade",
    "DerivativesTrade",
    "OptionsTrade",
    "CopyTrading",
    "BlockTrade",
    "ExchangeHistory",
    "NFTQueryProductList",
    "Affiliate",
    "Earn",
    "FiatP2POrder",
    "FiatBybitPayOrder",
    "FiatConvertBroker",
    "BybitPay",
    "MasterDealer",
];
/// Rights to move money between accounts of one owner.
const TRANSFERS: [&str; 3] = [
    "AccountTransfer",
    "SubMemberTransfer",
    "SubMemberTransferList",
];

/// Reads the `result` of `GET /v5/user/query-api`.
///
/// # Errors
/// When it is unreadable: no right is ever guessed.
pub fn key_info(result: &str) -> Result<KeyInfo, ReadError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Info {
        read_only: u8,
        permissions: std::collections::BTreeMap<String, Option<Vec<String>>>,
        ips: Option<Vec<String>>,
        expired_at: Option<String>,
    }
    let info: Info = serde_json::from_str(result)?;
    let rights = |group: &str| info.permissions.get(group).and_then(Option::as_ref);
    let has = |group: &str, right: &str| {
        rights(group).is_some_and(|rights| rights.iter().any(|r| r == right))
    };
    let all = || info.permissions.values().flatten().flatten();
    let ips = info.ips.unwrap_or_default();
    let ip_bound = !ips.is_empty() && ips.iter().all(|ip| ip != "*");
    let unknown = all().filter(|right| {
        let known = HARMLESS.iter().chain(&TRANSFERS);
        known.chain(&["Withdraw"]).all(|known| known != right)
    });
    Ok(KeyInfo {
        read_only: info.read_only != 0,
        linear: (has("ContractTrade", "Order") && has("ContractTrade", "Position"))
            || has("Derivatives", "DerivativesTrade"),
        spot: has("Spot", "SpotTrade"),
        // Wherever it stands: a right that moves money must not be overlooked for its group's name.
        withdraw: all().any(|right| right == "Withdraw"),
        transfer: all().any(|right| TRANSFERS.contains(&right.as_str())),
        ip_bound,
        expires_ms: info.expired_at.as_deref().and_then(moment),
        unknown: unknown
            .map(|right| crate::domain::text::sanitise(right, 40))
            .take(8)
            .collect(),
    })
}

/// `2023-12-22T07:20:25Z` as ms since 1970; a year of long ago means that there is none.
fn moment(text: &str) -> Option<i64> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_millisecond()).filter(|ms| *ms > 0)
}

/// Reads the coins of one account of a wallet, each by itself; what cannot be read is given apart.
///
/// # Errors
/// When the account is unreadable.
pub fn coins(account: &str) -> Result<(Vec<Balance>, Vec<ReadError>), ReadError> {
    #[derive(Deserialize)]
    struct Wallet<'a> {
        #[serde(borrow)]
        coin: Vec<&'a RawValue>,
    }
    let wallet: Wallet<'_> = serde_json::from_str(account)?;
    let (mut balances, mut bad) = (Vec::new(), Vec::new());
    for raw in wallet.coin {
        match balance(raw.get()) {
            Ok(balance) => balances.push(balance),
            Err(error) => bad.push(error),
        }
    }
    Ok((balances, bad))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coin<'a> {
    #[serde(borrow)]
    coin: Cow<'a, str>,
    #[serde(borrow)]
    wallet_balance: Cow<'a, str>,
    #[serde(borrow, rename = "totalOrderIM")]
    total_order_im: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "totalPositionIM")]
    total_position_im: Option<Cow<'a, str>>,
    #[serde(borrow)]
    locked: Option<Cow<'a, str>>,
    #[serde(borrow)]
    bonus: Option<Cow<'a, str>>,
}

/// What is free of a coin is what orders, positions and locks leave of it (Bybit, Wallet Balance); in cross margin other coins may
/// stand in for it, which is not counted.
fn balance(raw: &str) -> Result<Balance, ReadError> {
    let coin: Coin<'_> = serde_json::from_str(raw)?;
    let wallet =
        super::decimal(Some(&coin.wallet_balance)).ok_or(ReadError::Field("walletBalance"))?;
    let used = [
        &coin.total_order_im,
        &coin.total_position_im,
        &coin.locked,
        &coin.bonus,
    ];
    let mut available = Some(wallet);
    for part in used {
        let part = match part.as_deref() {
            None | Some("") => Decimal::ZERO,
            Some(text) => super::decimal(Some(text)).unwrap_or_default(),
        };
        available = available.and_then(|left| left.checked_sub(part));
    }
    Ok(Balance {
        asset: Asset::new(&coin.coin).map_err(|_| ReadError::Field("coin"))?,
        wallet,
        available: available.map(|left| left.max(Decimal::ZERO)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::super::tests::example;
    use super::*;
    use crate::exchange::bybit::answer::Envelope;

    fn result(path: &str) -> String {
        let whole = example(path);
        let envelope = Envelope::read(whole.as_bytes()).unwrap();
        envelope.result().unwrap().to_owned()
    }

    #[test]
    fn documented_settings_are_read() {
        let info = account_info(&result("/v5/account/info")).unwrap();
        assert_eq!(
            info,
            AccountInfo {
                margin: Some(MarginMode::Cross),
                unified: true
            }
        );
        let (maker, taker) = fee_rate(&result("/v5/account/fee-rate")).unwrap();
        assert_eq!(
            (maker.to_string(), taker.to_string()),
            ("0.0001".to_owned(), "0.0006".to_owned())
        );
        let time = br#"{"retCode":0,"retMsg":"OK","result":{"timeSecond":"1688639403","timeNano":"1688639403423213947"},"retExtInfo":{},"time":1688639403423}"#;
        assert_eq!(server_time(time), Ok(1_688_639_403_423));
        assert!(server_time(br#"{"serverTime":1}"#).is_err());
    }

    #[test]
    fn a_documented_wallet_is_read_coin_by_coin() {
        let result = result("/v5/account/wallet-balance");
        let page = Page::read(&result).unwrap();
        let (balances, bad) = coins(page.list[0].get()).unwrap();
        assert_eq!((balances.len(), bad.len()), (1, 0));
        assert_eq!(balances[0].asset.as_str(), "BTC");
        let free = r#"{"coin":[{"coin":"USDT","walletBalance":"1000.5","totalOrderIM":"100","totalPositionIM":"","locked":"0.5","bonus":"0"},{"coin":"X Y","walletBalance":"1"}]}"#;
        let (balances, bad) = coins(free).unwrap();
        assert_eq!(balances[0].wallet.to_string(), "1000.5");
        assert_eq!(balances[0].available.unwrap().to_string(), "900.0");
        assert_eq!(bad.len(), 1);
    }

    #[test]
    fn a_documented_key_is_read_right_by_right() {
        let result = result("/v5/user/query-api");
        let info = key_info(&result).unwrap();
        assert!(!info.read_only && info.linear && info.spot && info.can_trade());
        assert!(info.transfer && !info.withdraw && !info.ip_bound);
        assert_eq!(info.expires_ms, Some(1_703_229_625_000));
        assert!(info.unknown.is_empty(), "{:?}", info.unknown);
        let changed = |from: &str, to: &str| {
            let text = result.replace(from, to);
            assert_ne!(text, result, "{from}");
            key_info(&text).unwrap()
        };
        assert!(changed("\"AccountTransfer\"", "\"Withdraw\"").withdraw);
        assert!(changed("\"*\"", "\"203.0.113.7\"").ip_bound);
        assert!(!changed("\"readOnly\":0", "\"readOnly\":1").can_trade());
        assert_eq!(
            changed("\"SpotTrade\"", "\"Teleport\"").unknown,
            ["Teleport"]
        );
        assert_eq!(
            changed("2023-12-22T07:20:25Z", "1970-01-01T00:00:00Z").expires_ms,
            None
        );
        assert!(key_info("{}").is_err());
    }
}
