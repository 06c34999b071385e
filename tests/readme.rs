//! The README says what the program says.

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// What stands between `<!-- NAME… -->` and `<!-- /NAME -->`.
fn between(name: &str) -> String {
    let text = readme();
    let (_, rest) = text
        .split_once(&format!("<!-- {name}: "))
        .unwrap_or_else(|| panic!("no mark {name}"));
    let (_, rest) = rest.split_once("-->\n").unwrap();
    let (inner, _) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    inner.trim().to_owned()
}

fn the_table_is_the_keymap_of(preset: &str, mark: &str) {
    let flag = lancet::config::Flag {
        name: "--preset",
        setting: "preset",
        value: preset.into(),
    };
    let config = lancet::config::Config::load(None, &[flag], &["dark".to_owned()]).unwrap();
    let table = lancet::input::listing::readme_key_table(&config.keymap);
    assert!(
        between(mark) == table.trim(),
        "the table between the key marks should be:\n{table}"
    );
}

#[test]
fn the_key_table_is_the_keymap() {
    the_table_is_the_keymap_of("lancet", "keys");
}

#[test]
fn the_key_table_of_cscalp_is_its_keymap() {
    the_table_is_the_keymap_of("cscalp", "keys cscalp");
}

#[test]
fn pictures_and_files_that_it_names_exist() {
    for part in readme().split("](").skip(1) {
        let target = part.split(')').next().unwrap();
        if !target.contains("://") {
            assert!(
                std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join(target)
                    .exists(),
                "{target}"
            );
        }
    }
}
