use super::*;
use crate::engine::settings::OnHangup;
use crate::engine::volume::Size;
use settings::ColorDepth;

fn themes() -> Vec<String> {
    ["dark", "sixteen"].map(str::to_owned).to_vec()
}

fn load(text: &str) -> Result<Config, String> {
    let file = UserFile {
        name: "config.toml",
        text,
    };
    Config::load(Some(file), &[], &themes()).map_err(|error| error.to_string())
}

fn error(text: &str) -> String {
    load(text).map(|_| ()).unwrap_err()
}

#[test]
fn the_embedded_defaults_are_valid_and_print_themselves() {
    let config = Config::load(None, &[], &themes()).unwrap();
    assert_eq!(config.settings.on_hangup, OnHangup::CancelEntries);
    assert_eq!(config.print(), DEFAULT_TOML);
}

#[test]
fn a_users_file_goes_over_the_defaults_and_flags_over_both() {
    let file = UserFile {
        name: "config.toml",
        text: "theme = \"sixteen\"\ncolor = \"16\"\n[limits]\nmax_open_orders = 3\n[symbol_volumes]\nBTCUSDT = [\"1x\", \"2x\", \"3x\", \"4x\", \"500\"]",
    };
    let flag = Flag {
        name: "--theme",
        setting: "theme",
        value: Value::String("dark".to_owned()),
    };
    let config = Config::load(Some(file), &[flag], &themes()).unwrap();
    let settings = &config.settings;
    assert_eq!(
        (settings.theme.as_str(), settings.color),
        ("dark", ColorDepth::Sixteen)
    );
    assert_eq!(settings.limits.max_open_orders, 3);
    assert_eq!(settings.limits.max_orders_per_second, 8);
    let btc = crate::domain::Symbol::new("BTCUSDT").unwrap();
    assert_eq!(settings.symbol_volumes[&btc][4], Size::Quote(500.into()));
    assert_ne!(config.print(), DEFAULT_TOML);
    assert!(load(&config.print()).is_ok());
}

#[test]
fn sites_and_proxy_are_read_printed_and_read_again() {
    let text = "[endpoints]\nbinance-futures.demo = \"testnet\"\n[network]\nproxy = \"http://10.0.0.1:3128\"";
    let config = load(text).unwrap();
    assert_eq!(
        config.settings.endpoints["binance-futures"]["demo"],
        "testnet"
    );
    let again = load(&config.print()).unwrap();
    assert_eq!(again.settings, config.settings);
    let told = config.fault("network.proxy", "no").to_string();
    assert_eq!(told, "config.toml:4: network.proxy: no");
}

#[test]
fn h1_every_mistake_is_one_line_with_file_line_and_the_nearest_name() {
    for (text, words) in [
        (
            "\nthemee = \"dark\"",
            "config.toml:2: unknown setting \"themee\", did you mean \"theme\"?",
        ),
        (
            "[limits]\n\nmax_order_notionl = 3",
            "config.toml:3: unknown setting \"max_order_notionl\", did you mean \"max_order_notional\"?",
        ),
        (
            "theme = \"drak\"",
            "config.toml:1: unknown theme \"drak\", did you mean \"dark\"?",
        ),
        (
            "volume = \"1\"",
            "config.toml:1: volume must be a whole number",
        ),
        (
            "[limits]\nmax_order_notional = 5000.5",
            "config.toml:2: limits.max_order_notional must be text in quotes",
        ),
        (
            "key = 1",
            "config.toml:1: unknown setting \"key\", did you mean \"keys\"?",
        ),
    ] {
        assert_eq!(error(text), words);
    }
    for text in [
        "theme = ",
        "on_hangup = \"cancel\"",
        "volumes = [\"1x\"]",
        "limits = 3",
        "[keys]\nlader = []",
        "symbols = [1]",
        "theme = {}",
    ] {
        let words = error(text);
        assert!(words.starts_with("config.toml:"), "{words}");
        assert_eq!(words.lines().count(), 1, "{words}");
    }
}

#[test]
fn h2_dangerous_values_are_refused_with_their_range() {
    for (text, words) in [
        (
            "[limits]\ncollar_through = \"0.5\"",
            "config.toml:2: limits.collar_through is 0.5, it must be 0 to 0.05",
        ),
        (
            "[arming]\nmismatch = false",
            "config.toml:2: arming.mismatch cannot be off: while own fills and the venue differ, nobody knows what an entry would add to",
        ),
        (
            "[limits.max_position]\nBTCUSDT = \"much\"",
            "config.toml:2: limits.max_position.BTCUSDT: a size is a number in quotes: \"0.5\"",
        ),
        (
            "[limits.max_order]\nBTCUSDT = 0.5",
            "config.toml:2: limits.max_order.BTCUSDT: a size is a number in quotes: \"0.5\"",
        ),
        (
            "[limits]\nmax_trade_loss = \"-1\"",
            "config.toml:2: limits.max_trade_loss: \"-1\" is no limit: write a number in quotes, or \"off\"",
        ),
        (
            "[limits]\nmax_losses_in_a_row = \"0\"",
            "config.toml:2: limits.max_losses_in_a_row is 0, it must be 1 to 100",
        ),
        (
            "[limits]\ncool_down_minutes = 0",
            "config.toml:2: limits.cool_down_minutes is 0, it must be 1 to 1440",
        ),
        (
            "view_only = [\"BTC USDT\"]",
            "config.toml:1: view_only: holds a character that a name may not have",
        ),
        (
            "[ladder]\ncolumns = [\"culm\"]",
            "config.toml:2: ladder.columns: no column culm, did you mean \"cum\"?: there are queue change cum traded recent delta recent-delta ruler",
        ),
        (
            "[ladder]\nhuge = \"many\"",
            "config.toml:2: ladder.huge: \"many\" is no size: write \"auto\", \"10\" (coins or contracts) or \"500000q\" (quote currency)",
        ),
        (
            "[ladder.symbol_large]\nBTCUSDT = \"-1\"",
            "config.toml:2: ladder.symbol_large.BTCUSDT: \"-1\" is no size: write \"auto\", \"10\" (coins or contracts) or \"500000q\" (quote currency)",
        ),
        (
            "[ladder]\nrecent_minutes = 0",
            "config.toml:2: ladder.recent_minutes is 0, it must be 1 to 240",
        ),
        (
            "[arming]\nidle_minutes = 0",
            "config.toml:2: arming.idle_minutes is 0, it must be 1 to 240",
        ),
    ] {
        assert_eq!(error(text), words);
    }
    for text in [
        "[limits]\nmax_order_notional = \"1000000001\"",
        "[limits]\nmax_open_orders = -1",
        "[limits]\nmax_session_loss = \"-1\"",
        "volumes = [\"0x\", \"1x\", \"1x\", \"1x\", \"1x\"]",
        "volumes = [\"1e99\", \"1x\", \"1x\", \"1x\", \"1x\"]",
        "volume = 6",
        "input.escape_ms = 0",
        "volume = 99999999999999999999999",
    ] {
        assert!(load(text).is_err(), "{text}");
    }
}

#[test]
fn h3_a_key_conflict_names_both_rows() {
    let words = error(
        "[keys]\nladder = [\n{ on = \"x\", run = \"buy-now\" },\n{ on = \"x\", run = \"sell-now\" } ]",
    );
    assert_eq!(
        words,
        "config.toml:4: x is already bound at config.toml:3: keep one of the two rows"
    );
}

#[test]
fn h6_only_regular_files_up_to_a_mebibyte_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert!(file::read(&path).is_err());
    assert!(file::read(folder.path()).is_err());
    assert!(file::read("/dev/zero".as_ref()).is_err());
    std::fs::write(&path, " ".repeat(1024 * 1024)).unwrap();
    assert!(file::read(&path).is_ok());
    std::fs::write(&path, " ".repeat(1024 * 1024 + 1)).unwrap();
    assert!(
        file::read(&path)
            .unwrap_err()
            .to_string()
            .contains("larger than 1 MiB")
    );
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(file::read(&path).is_err());
    for deep in [
        format!("x = {}", "[".repeat(100_000)),
        format!("symbol_volumes = {}", "{a=".repeat(100_000)),
        format!("symbol_volumes.{}a = 1", "a.".repeat(400_000)),
        format!("[symbol_volumes.{}a]", "a.".repeat(400_000)),
    ] {
        assert!(load(&deep).is_err());
    }
}

#[test]
fn the_users_themes_are_found_by_name() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::find(|_| Some(home.path().display().to_string())).unwrap();
    assert_eq!(file::themes(&folders), Ok(Vec::new()));
    let folder = folders.config.join("themes");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("mine.toml"), "x").unwrap();
    std::fs::write(folder.join("notes.txt"), "y").unwrap();
    assert_eq!(
        file::themes(&folders),
        Ok(vec![("mine".to_owned(), "x".to_owned())])
    );
}

#[test]
fn every_theme_that_the_default_file_names_is_there() {
    for name in crate::ui::theme::names(&[]) {
        let line = DEFAULT_TOML
            .lines()
            .find(|line| line.starts_with("# Colours:"));
        assert!(line.is_some_and(|line| line.contains(&name)), "{name}");
    }
}

#[test]
fn xdg_variables_move_the_folders() {
    let folders = Folders::find(|name| Some(format!("/nowhere/{name}"))).unwrap();
    assert_eq!(
        folders.config_file(),
        std::path::Path::new("/nowhere/XDG_CONFIG_HOME/lancet/config.toml")
    );
    assert_eq!(
        folders.state,
        std::path::Path::new("/nowhere/XDG_STATE_HOME/lancet")
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_settings_or_one_line(text in ".{0,80}") {
        if let Err(words) = load(&text) {
            proptest::prop_assert_eq!(words.lines().count(), 1);
        }
    }
}

fn with_preset(name: &str, text: &str) -> Keymap {
    let flag = Flag {
        name: "--preset",
        setting: "preset",
        value: Value::String(name.to_owned()),
    };
    let file = UserFile {
        name: "config.toml",
        text,
    };
    Config::load(Some(file), &[flag], &themes()).unwrap().keymap
}

#[test]
fn every_preset_has_a_key_for_every_action() {
    for preset in PRESETS {
        let keymap = with_preset(preset.name, "");
        let names = keymap::action_names().filter(|name| *name != "none");
        let missing: Vec<&str> = names
            .filter(|name| keymap.chord_of(name).is_none())
            .collect();
        assert!(
            missing.is_empty(),
            "{} has no key for {missing:?}",
            preset.name
        );
    }
}

#[test]
fn cscalp_has_the_keys_that_are_known_of_it() {
    let keymap = with_preset("cscalp", "");
    for (name, key) in [
        ("volume-1", "1"),
        ("volume-5", "5"),
        ("cancel-entries", "Space"),
        ("buy-now", "t"),
        ("sell-now", "y"),
        ("close-100", "d"),
        ("panic", "Ctrl-x Ctrl-x"),
        ("lock", "a"),
    ] {
        assert_eq!(keymap.chord_of(name).unwrap().to_string(), key, "{name}");
    }
    // No key of the other preset is left that takes at once.
    let takes = keymap
        .rows()
        .iter()
        .filter(|row| ["buy-now", "sell-now"].contains(&row.name));
    assert_eq!(takes.count(), 2);
}

#[test]
fn the_users_rows_win_over_a_preset_and_a_flag_over_the_file() {
    let own = "preset = \"lancet\"\nkeys.ladder = [ { on = \"t\", run = \"help\" } ]";
    let keymap = with_preset("cscalp", own);
    assert_eq!(keymap.chord_of("help").unwrap().to_string(), "t");
    assert_eq!(keymap.chord_of("sell-now").unwrap().to_string(), "y");
    let config = load("preset = \"cscalp\"").unwrap();
    assert_eq!(
        config.keymap.chord_of("close-100").unwrap().to_string(),
        "d"
    );
    assert!(load(&config.print()).is_ok());
    assert_eq!(
        error("\npreset = \"cscal\""),
        "config.toml:2: unknown preset \"cscal\", did you mean \"cscalp\"?"
    );
}

#[test]
fn limits_of_symbols_what_arms_and_what_is_looked_at_only_are_read_printed_and_read_again() {
    let text = "view_only = [\"ETHUSDT\"]\n[limits]\nmax_trade_loss = \"25\"\n[limits.max_position]\nBTCUSDT = \"0.5\"\n[arming]\nidle = false\nfocus_loss = true";
    let config = load(text).unwrap();
    let settings = &config.settings;
    let symbol = |name| crate::domain::Symbol::new(name).unwrap();
    assert_eq!(
        settings.limits.max_position[&symbol("BTCUSDT")].to_string(),
        "0.5"
    );
    assert_eq!(settings.arming.triggers().idle_ms, None);
    assert!(settings.arming.triggers().focus_loss);
    assert!(settings.view_only.contains(&symbol("ETHUSDT")));
    let again = load(&config.print()).unwrap();
    assert_eq!(again.settings, config.settings);
}

#[test]
fn bells_of_an_older_file_ring_as_before_and_say_where_they_are_now() {
    use crate::alerts::Kind;
    let text = "[bell]\nfill = false\nalarm = false\n[alerts]\nrisk = { list = true, bell = true, notice = true }\n";
    let file = UserFile {
        name: "config.toml",
        text,
    };
    let config = Config::load(Some(file), &[], &["dark".to_owned()]).unwrap();
    let bell = |kind| config.settings.alerts.of(kind).bell;
    assert!(!bell(Kind::Fill) && !bell(Kind::Stop) && !bell(Kind::Link));
    assert!(bell(Kind::Order), "not named");
    assert!(bell(Kind::Risk), "what stands at its new place wins");
    assert_eq!(
        config.told(),
        [
            "config.toml:3: bell.alarm still works; it is now alerts.stop.bell, alerts.risk.bell, alerts.link.bell",
            "config.toml:2: bell.fill still works; it is now alerts.fill.bell",
        ]
    );
    for (text, words) in [
        (
            "[bell]\nfil = true\n",
            "config.toml:2: unknown setting \"bell.fil\"",
        ),
        (
            "[bell]\nfill = 1\n",
            "config.toml:2: bell.fill must be true or false",
        ),
        (
            "[alerts.fill]\nring = true\n",
            "config.toml:2: unknown setting \"ring\"",
        ),
        ("[alerts]\nnotice = \"loud\"\n", "config.toml:2: "),
        (
            "[alerts]\nrearm = \"0.2\"\n",
            "config.toml:2: alerts.rearm is 0.2, it must be 0 to 0.1",
        ),
    ] {
        let file = UserFile { text, ..file };
        let error = Config::load(Some(file), &[], &["dark".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(words), "{error}");
    }
}

#[test]
fn how_prints_are_read_has_ranges_and_the_defaults_are_those_of_the_readings() {
    let settings = load("").unwrap().settings;
    let usual = crate::market::Settings {
        charts: settings.charts.clone(),
        ..crate::market::Settings::default()
    };
    assert_eq!(settings.readings(), usual);
    let set =
        load("[tape]\nfrom = \"5000q\"\nlarge = \"off\"\nfiltered = \"hide\"\n[flow]\nlevels = 5")
            .unwrap();
    assert_eq!(set.settings.readings().flow.levels, 5);
    assert!(load(&set.print()).unwrap().settings == set.settings);
    assert_eq!(
        error("[tape]\nmerge_ms = 9000"),
        "config.toml:2: tape.merge_ms is 9000, it must be 0 to 5000"
    );
    let words = error("[tape]\nfrom = \"5kq\"");
    assert!(
        words.starts_with("config.toml:2: ") && words.contains("is no size"),
        "{words}"
    );
}
