use super::*;

fn levels(name: &str, text: &str) -> Vec<(Option<String>, String, String, String)> {
    let found = read(name, text).unwrap();
    let row = |given: Given| {
        (
            given.venue,
            given.symbol,
            given.price.to_string(),
            given.label,
        )
    };
    found.into_iter().map(row).collect()
}

fn one(
    venue: &str,
    symbol: &str,
    price: &str,
    label: &str,
) -> (Option<String>, String, String, String) {
    let venue = (!venue.is_empty()).then(|| venue.to_owned());
    (venue, symbol.to_owned(), price.to_owned(), label.to_owned())
}

#[test]
fn a_plain_table_is_symbol_price_label() {
    let text = "# mine\nBTCUSDT,61200,range high\n\nETHUSDT, 3050.5\n";
    assert_eq!(
        levels("a.csv", text),
        [
            one("", "BTCUSDT", "61200", "range high"),
            one("", "ETHUSDT", "3050.5", "")
        ]
    );
}

#[test]
fn a_head_says_what_is_where() {
    let text = "Label;Exchange;Price;Symbol\n\"a; \"\"b\"\"\";bybit;61 200,5;BTCUSDT\n";
    assert_eq!(
        levels("a.csv", text),
        [one("bybit", "BTCUSDT", "61200.5", "a; \"b\"")]
    );
    let text = "\u{feff}Alert ID,Ticker,Name,Description,Time\n7,BINANCE:BTCUSDT.P,,\"BTCUSDT.P Crossing 61,200.50\",x\n";
    assert_eq!(
        levels("alerts.csv", text),
        [one(
            "BINANCE",
            "BTCUSDT.P",
            "61200.50",
            "BTCUSDT.P Crossing 61,200.50"
        )]
    );
    assert_eq!(
        levels("a.tsv", "symbol\tprice\nBTCUSDT\t61,200\n"),
        [one("", "BTCUSDT", "61200", "")]
    );
}

#[test]
fn toml_keeps_its_digits() {
    let text = "[[level]]\nsymbol = \"okx:BTC-USDT-SWAP\"\nprice = 61200.10\nlabel = \"a\\tb\"\n[[level]]\nvenue = \"bybit\"\nsymbol = \"ETHUSDT\"\nprice = \"3050\"\n";
    assert_eq!(
        levels("a.TOML", text),
        [
            one("okx", "BTC-USDT-SWAP", "61200.10", "a b"),
            one("bybit", "ETHUSDT", "3050", "")
        ]
    );
}

#[test]
fn what_is_wrong_names_its_line() {
    for (name, text, words) in [
        (
            "a.csv",
            "symbol,price\nBTCUSDT,1\nBTCUSDT,abc\n",
            "line 3: \"abc\" is no price",
        ),
        ("a.csv", "BTCUSDT,-1\n", "line 1: \"-1\" is no price"),
        (
            "a.csv",
            "BTCUSDT\n",
            "line 1: a level needs symbol and price",
        ),
        ("a.csv", "\n,61200\n", "line 2: a level needs a symbol"),
        (
            "a.csv",
            "BTCUSDT,1,\"x\n",
            "line 1: a quote is opened here and not closed",
        ),
        (
            "a.csv",
            "ticker,name\nX,no number\n",
            "line 2: no price is named here",
        ),
        (
            "a.toml",
            "[[level]]\nsymbol = \"X\"\n",
            "line 1: a level needs a price",
        ),
        (
            "a.toml",
            "[[level]]\nsymbol = \"X\"\nprice = 1\nsize = 2\n",
            "line 1: a level has no \"size\", only venue, symbol, price, label",
        ),
        (
            "a.toml",
            "\n[levels]\n",
            "line 2: levels are written [[level]], with symbol, price and label",
        ),
        ("a.toml", "x = \n", "line 1: "),
    ] {
        let error = read(name, text).unwrap_err().to_string();
        assert!(error.starts_with(words), "{text:?}: {error}");
    }
    let many = "BTCUSDT,1\n".repeat(MOST + 1);
    assert!(
        read("a.csv", &many)
            .unwrap_err()
            .to_string()
            .starts_with("line 10001: ")
    );
}

#[test]
fn hostile_words_are_inert_and_short() {
    let text = format!("BTCUSDT,1,\"\x1b]0;x\x07 {}\"\n", "a".repeat(99));
    let label = &levels("a.csv", &text)[0].3;
    assert!(
        !label.contains(char::is_control) && label.chars().count() <= 41,
        "{label:?}"
    );
}

proptest::proptest! {
    #[test]
    fn what_is_written_is_read_back(
        prices in proptest::collection::vec((1_i64..10_000_000, 0_u32..6, "[ -~äß,;\"#]{0,30}"), 0..20),
    ) {
        let given: Vec<(&str, &str, Decimal, String)> = prices
            .into_iter()
            .map(|(units, scale, label)| {
                let price = Decimal::new(units, scale).normalize();
                ("binance-futures", "BTCUSDT", price, short(&label))
            })
            .collect();
        let rows = || given.iter().map(|(v, s, p, l)| (*v, *s, *p, l.as_str()));
        for (name, text) in [("a.toml", to_toml(rows())), ("a.csv", to_csv(rows()))] {
            let back: Vec<_> = read(name, &text)
                .unwrap()
                .into_iter()
                .map(|g| (g.venue.unwrap(), g.symbol, g.price, g.label))
                .collect();
            let wanted: Vec<_> =
                rows().map(|(v, s, p, l)| (v.to_owned(), s.to_owned(), p, l.to_owned())).collect();
            proptest::prop_assert_eq!(back, wanted);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in ".{0,400}") {
        let _ = read("a.csv", &text);
        let _ = read("a.toml", &text);
    }
}
