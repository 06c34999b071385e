use rust_decimal::dec;

use super::*;
use crate::config::{Config, UserFile};

fn load(text: &str) -> Result<ProtectSettings, String> {
    let text = format!("[protect]\n{text}");
    let file = UserFile {
        name: "config.toml",
        text: &text,
    };
    let config = Config::load(Some(file), &[], &["dark".to_owned()]);
    let config = config.map_err(|error| error.to_string())?;
    // What is printed is read the same.
    let printed = config.print();
    let again = UserFile {
        name: "printed.toml",
        text: &printed,
    };
    let again = Config::load(Some(again), &[], &["dark".to_owned()]).unwrap();
    assert_eq!(again.settings, config.settings, "{printed}");
    Ok(config.settings.protect)
}

#[test]
fn a_take_is_one_distance_or_a_list_of_rungs() {
    let takes = |text: &str| {
        load(&format!("stop = \"20t\"\ntake = {text}"))
            .unwrap()
            .take
    };
    assert_eq!(takes("\"0\""), []);
    assert_eq!(takes("\"25q\""), [Rung::whole(Distance::Quote(dec!(25)))]);
    let half = |at| Rung {
        at,
        part: dec!(0.5),
    };
    assert_eq!(
        takes("[{ at = \"40t\", part = \"50%\" }, { at = \"2r\", part = \"50%\" }]"),
        [half(Distance::Ticks(40)), half(Distance::Risk(dec!(2)))]
    );
    assert_eq!(takes("[]"), []);
}

#[test]
fn what_cannot_be_used_is_one_line_that_names_the_place() {
    for (text, words) in [
        (
            "stop = \"40\"",
            "config.toml:2: protect.stop: \"40\" is no distance: write",
        ),
        (
            "stop = \"2r\"",
            "config.toml:2: protect.stop: \"2r\" is no distance of a stop",
        ),
        (
            "take = \"2r\"",
            "config.toml:2: protect.take counts in the stop's distance (r), but protect.stop is \"0\"",
        ),
        (
            "take = [{ at = \"40t\", part = \"60%\" }, { at = \"80t\", part = \"60%\" }]",
            "config.toml:2: protect.take: the takes are 120% of the position",
        ),
        (
            "take = [{ at = \"40t\", part = \"half\" }]",
            "config.toml:2: protect.take: \"half\" is no part of a position",
        ),
        (
            "take = [{ at = \"0\", part = \"50%\" }]",
            "config.toml:2: protect.take: a take of a list stands somewhere",
        ),
        (
            "take = [{ at = \"40t\" }]",
            "config.toml:2: protect.take: missing field",
        ),
        (
            "take = 3",
            "config.toml:2: protect.take must be text in quotes",
        ),
        (
            "trail = \"both\"",
            "config.toml:2: protect.trail: unknown variant",
        ),
        (
            "trigger = \"index\"",
            "config.toml:2: protect.trigger: unknown variant",
        ),
    ] {
        let told = load(text).unwrap_err();
        assert!(told.starts_with(words), "{text}: {told}");
        assert!(!told.contains('\n'));
    }
}
