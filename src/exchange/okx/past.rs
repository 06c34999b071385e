//! `GET candles`: the minutes before an instrument was followed. Pure; owns nothing.

use crate::exchange::past::{Row, rows};

/// Minutes of one instrument.
pub const TARGET: &str = "/api/v5/market/candles";

/// Reads an answer, the newest row first. Sizes count what orders count: contracts of derivatives, the coin of spot; who took is not
/// said. (OKX, Get candlesticks.)
///
/// # Errors
/// When it is none, or a refusal, in words.
pub fn read(body: &[u8]) -> Result<Vec<Row<'_>>, String> {
    #[derive(serde::Deserialize)]
    struct Reply<'a> {
        #[serde(borrow)]
        code: &'a str,
        #[serde(borrow, default)]
        data: Vec<Vec<&'a str>>,
    }
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|why| why.to_string())?;
    if reply.code != "0" {
        return Err(format!("refused with code {}", reply.code));
    }
    rows(&reply.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_documented() {
        let documented = include_bytes!("../../../tests/wire/okx/klines_example.json");
        let rows = read(documented).unwrap();
        let first = Row {
            began: "1597026383085",
            prices: ["3.721", "3.743", "3.677", "3.708"],
            qty: "8422410",
            bought: None,
        };
        assert_eq!((rows.len(), rows[0]), (2, first));
        assert_eq!(rows[1].qty, "24912403");
    }

    #[test]
    fn refusals_and_what_is_no_list_of_rows_have_words() {
        let refused = br#"{"code":"51001","msg":"Instrument ID doesn't exist.","data":[]}"#;
        assert_eq!(read(refused), Err("refused with code 51001".to_owned()));
        let short = br#"{"code":"0","msg":"","data":[["1","2","3","4","5"]]}"#;
        assert_eq!(read(short), Err("a row is too short".to_owned()));
        for wrong in ["", "[]", r#"{"code":"0","data":[[1,2,3,4,5,6]]}"#] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
