use super::*;

fn read(line: &str) -> Result<Plan, Stop> {
    let words = std::iter::once("lancet").chain(line.split_whitespace());
    Plan::read(
        words.map(Into::into),
        &["binance-futures"],
        &["binance-futures"],
    )
}

fn refused(line: &str) -> String {
    let stop = read(line).map(|_| ()).unwrap_err();
    assert_eq!(stop.code, EXIT_USAGE, "{line}");
    assert_eq!(stop.words.lines().count(), 1, "{line}: {}", stop.words);
    stop.words.trim_end().to_owned()
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn plain_lancet_opens_the_screen() {
    let plan = read("").unwrap();
    assert!(matches!(plan.mode, Mode::Screen));
    assert!(plan.global.settings().is_empty());
}

#[test]
fn the_contract_of_the_command_line_is_read() {
    let plan = read(
        "sim --seed 7 --json --fault place:silent@1 --fault depth:gap%5 --listen 127.0.0.1:9000",
    )
    .unwrap();
    let Mode::Sim(sim) = plan.mode else { panic!() };
    assert_eq!((sim.seed, sim.json, sim.faults.len()), (Some(7), true, 2));
    assert_eq!(sim.wire, "binance-futures");
    let Mode::Sim(sim) = read("sim --seed 7 --tape 1000").unwrap().mode else {
        panic!()
    };
    assert_eq!(sim.tape, Some(1000));
    let Mode::Sim(sim) = read("sim --public-key own.pem --skew -2500").unwrap().mode else {
        panic!()
    };
    assert_eq!(
        sim.public_key.as_deref(),
        Some(std::path::Path::new("own.pem"))
    );
    assert_eq!(sim.skew_ms, -2500);
    let plan = read("replay book.jsonl.gz --venue binance-futures --speed 10").unwrap();
    assert!(matches!(plan.mode, Mode::Replay(Replay { speed: 10, .. })));
    assert!(matches!(
        read("replay x --headless --json").unwrap().mode,
        Mode::Replay(Replay { json: true, .. })
    ));
    let plan =
        read("record --venue binance-futures --symbol BTCUSDT out.jsonl --sim sim.json").unwrap();
    assert!(matches!(plan.mode, Mode::Record(_)));
    assert!(!plan.global.sim_files.is_empty());
    let plan =
        read("--venue binance-futures --env demo --symbol A --symbol B --theme dark --color 256")
            .unwrap();
    assert_eq!(plan.global.env, Some(Env::Demo));
    let names: Vec<_> = plan
        .global
        .settings()
        .iter()
        .map(|flag| flag.setting)
        .collect();
    assert_eq!(names, ["theme", "color", "symbols"]);
    assert!(matches!(
        read("--list-keys --preset lancet").unwrap().mode,
        Mode::Print(List::Keys)
    ));
    let plan = read("replay x --preset cscalp").unwrap();
    assert_eq!(plan.global.settings()[0].setting, "preset");
    assert!(matches!(
        read("--list-presets").unwrap().mode,
        Mode::Print(List::Presets)
    ));
    assert!(matches!(
        read("completions zsh").unwrap().mode,
        Mode::Completions(_)
    ));
    assert!(matches!(read("man").unwrap().mode, Mode::Man));
}

#[test]
fn help_and_version_are_no_errors() {
    for line in ["--help", "--version", "sim --help", "help replay"] {
        assert_eq!(read(line).map(|_| ()).unwrap_err().code, 0, "{line}");
    }
}

#[test]
fn bad_usage_is_one_line_with_the_nearest_name() {
    for (line, near) in [
        ("--theem dark", "--theme"),
        ("--lst-keys", "--list-keys"),
        ("sim --sead 3", "--seed"),
        ("replya x", "replay"),
        ("--venue binance-future", "binance-futures"),
        ("sim --wire binance", "binance-futures"),
        ("--list-keys --preset lance", "lancet"),
        ("--env dmo", "demo"),
        ("--color trucolor", "truecolor"),
    ] {
        let words = refused(line);
        assert!(
            words.contains(&format!("did you mean \"{near}\"?")),
            "{words}"
        );
    }
    for line in [
        "--paper --env demo --venue binance-futures",
        "--paper --key main",
        "--paper --view-only",
        "doctor --paper",
        "replay x --paper --headless --json",
        "replay",
        "replay x --speed 0",
        "replay x --headless",
        "record out.jsonl",
        "sim --listen nowhere",
        "sim --skew soon",
        "sim --skew 86400001",
        "sim --seed 7 --tape 10 --skew 5",
        "--list-keys --list-themes",
        "--list-keys sim",
        "sim --seed \u{1b}[2J",
    ] {
        refused(line);
    }
}

#[test]
fn completions_and_manual_are_printed() {
    let mut out = Vec::new();
    lists::completions(clap_complete::Shell::Bash, &mut out).unwrap();
    assert!(
        String::from_utf8(std::mem::take(&mut out))
            .unwrap()
            .contains("--list-keys")
    );
    lists::man(&mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.contains("replay") && page.contains("fault"));
}

#[test]
fn lists_print_the_name_first() {
    let themes = ["dark".to_owned()];
    let config = crate::config::Config::load(None, &[], &themes).unwrap();
    for (list, first) in [
        (List::Keys, "w "),
        (List::Actions, "sell-now "),
        (List::Layouts, "solo    one ladder"),
        (List::Themes, "dark"),
        (List::Presets, "lancet  "),
        (List::Config, "# Lancet"),
    ] {
        let mut out = Vec::new();
        lists::print(
            list,
            &config,
            &themes,
            &crate::ui::layout::listing(&[]),
            &mut out,
        )
        .unwrap();
        assert!(String::from_utf8(out).unwrap().starts_with(first));
    }
}

#[test]
fn the_network_flags_are_read_and_an_unsafe_endpoint_needs_its_venue() {
    let plan = read("doctor --json --ca-file ca.pem --venue binance-futures --env demo --unsafe-endpoint https://a:1").unwrap();
    assert!(matches!(plan.mode, Mode::Doctor(Doctor { json: true })));
    assert!(plan.global.ca_file.is_some());
    assert_eq!(plan.global.unsafe_endpoint.as_deref(), Some("https://a:1"));
    assert!(refused("--unsafe-endpoint https://a:1").contains("needs --venue"));
    refused("--venue binance-futures --env sim --unsafe-endpoint https://a:1");
    refused("--venue binance-futures --sim x --unsafe-endpoint https://a:1");
}
