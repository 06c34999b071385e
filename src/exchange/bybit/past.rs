//! `GET kline`: the minutes before a symbol was followed. Pure; owns nothing.

use crate::exchange::past::{Row, rows};

/// Minutes of one instrument.
pub const TARGET: &str = "/v5/market/kline";

/// Reads an answer, the newest row first. Sizes count the coin, of linear contracts as of spot; who took is not said. (Bybit, Get Kline.)
///
/// # Errors
/// When it is none, or a refusal, in words.
pub fn read(body: &[u8]) -> Result<Vec<Row<'_>>, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reply<'a> {
        ret_code: i64,
        #[serde(borrow)]
        result: Option<Rows<'a>>,
    }
    #[derive(serde::Deserialize)]
    struct Rows<'a> {
        #[serde(borrow, default)]
        list: Vec<Vec<&'a str>>,
    }
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|why| why.to_string())?;
    if reply.ret_code != 0 {
        return Err(format!("refused with code {}", reply.ret_code));
    }
    let list = reply.result.map_or_else(Vec::new, |rows| rows.list);
    rows(&list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_documented() {
        let documented = include_bytes!("../../../tests/wire/bybit/klines_example.json");
        let rows = read(documented).unwrap();
        let first = Row {
            began: "1670608800000",
            prices: ["17071", "17073", "17027", "17055.5"],
            qty: "268611",
            bought: None,
        };
        assert_eq!((rows.len(), rows[0]), (3, first));
        assert_eq!(rows[2].began, "1670601600000");
    }

    #[test]
    fn refusals_and_what_is_no_list_of_rows_have_words() {
        let refused = br#"{"retCode":10001,"retMsg":"params error: symbol invalid","result":{}}"#;
        assert_eq!(read(refused), Err("refused with code 10001".to_owned()));
        let short = br#"{"retCode":0,"result":{"list":[["1","2","3","4","5"]]}}"#;
        assert_eq!(read(short), Err("a row is too short".to_owned()));
        for wrong in [
            "",
            "[]",
            r#"{"retCode":0,"result":{"list":[[1,2,3,4,5,6]]}}"#,
        ] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
