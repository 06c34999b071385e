//! The README says what the program says.

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

#[test]
fn the_key_table_is_the_keymap() {
    let config = lancet::config::Config::load(None, &[], &["dark".to_owned()]).unwrap();
    let table = lancet::input::listing::readme_key_table(&config.keymap);
    assert!(
        readme().contains(table.trim()),
        "the table between the key marks should be:\n{table}"
    );
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
