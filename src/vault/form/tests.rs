mod random;

use super::*;
use crate::exchange::audit::Finding;
use crate::ui::form::{FormPicture, Value};

const KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const WORD: &str = "correct horse battery";

fn form_with(vault: VaultState) -> Form {
    Form::new(Start {
        venue: &VENUES[0],
        environments: vec![Environment::Demo, Environment::Real],
        vault,
        waiting: Vec::new(),
        taken: Vec::new(),
        host: None,
        why: String::new(),
    })
}

fn form() -> Form {
    form_with(VaultState::Missing)
}

fn to(form: &mut Form, name: &str) {
    for _ in 0..20 {
        let picture = form.picture();
        let row = &picture.rows[picture.focus];
        let button = matches!(&row.value, Value::Button(text) if text.contains(name));
        if row.name == name || button {
            return;
        }
        form.key(Typed::Next);
    }
    panic!("no row {name}: {:?}", form.picture().rows);
}

fn entered() -> Form {
    let mut form = form();
    to(&mut form, "API key");
    form.paste(KEY.as_bytes());
    to(&mut form, "secret");
    form.paste(SECRET.as_bytes());
    form
}

fn good() -> Findings {
    Findings {
        reachable: Finding::Yes,
        signature: Finding::Yes,
        read: Finding::Yes,
        trade: Finding::Yes,
        withdraw: Finding::No,
        transfer: Finding::No,
        ip_bound: Finding::Yes,
        ..Findings::default()
    }
}

fn tested(findings: Findings) -> Form {
    let mut form = entered();
    to(&mut form, "Test");
    assert!(matches!(form.key(Typed::Enter), Wish::Test(_)));
    form.tested(findings, 1_800_000_000_000);
    form
}

fn saved(form: &mut Form) -> Option<Box<Finished>> {
    for row in ["vault", "once more"] {
        to(form, row);
        form.paste(WORD.as_bytes());
    }
    to(form, "Save");
    match form.key(Typed::Enter) {
        Wish::Save(finished) => Some(finished),
        _ => None,
    }
}

fn all_text(picture: &FormPicture) -> String {
    format!("{picture:?}")
}

fn said(form: &Form) -> String {
    form.picture()
        .said
        .map_or_else(String::new, |said| said.words)
}

#[test]
fn a_key_is_entered_tested_and_saved() {
    let mut form = entered();
    to(&mut form, "Test");
    let Wish::Test(candidate) = form.key(Typed::Enter) else {
        panic!("{}", said(&form));
    };
    assert_eq!(candidate.environment, Environment::Demo);
    assert_eq!(candidate.credentials.fingerprint(), fingerprint(KEY));
    form.tested(good(), 1_800_000_000_000);
    let finished = saved(&mut form).unwrap();
    assert_eq!(finished.key.api_key.unwrap().expose_str(), Some(KEY));
    assert_eq!(finished.key.label.as_str(), "main");
    assert_eq!(finished.key.view_only, None);
    assert_eq!(finished.passphrase.unwrap().expose_str(), Some(WORD));
}

#[test]
fn rule11_no_picture_of_any_stage_holds_a_secret() {
    let mut form = form();
    let mut seen = String::new();
    to(&mut form, "API key");
    for c in KEY.chars() {
        form.key(Typed::Char(c));
        seen.push_str(&all_text(&form.picture()));
    }
    to(&mut form, "secret");
    for c in SECRET.chars() {
        form.key(Typed::Char(c));
        seen.push_str(&all_text(&form.picture()));
    }
    to(&mut form, "Test");
    form.key(Typed::Enter);
    seen.push_str(&all_text(&form.picture()));
    form.tested(good(), 1);
    saved(&mut form);
    seen.push_str(&all_text(&form.picture()));
    for part in [&SECRET[..12], &KEY[..12], &KEY[40..], WORD] {
        assert!(!seen.contains(part), "{part}");
    }
    assert!(seen.contains("64 characters") && seen.contains("vmPU…Eh8A"));
}

#[test]
fn a_paste_goes_into_the_focused_row_and_submits_nothing() {
    let mut form = form();
    to(&mut form, "secret");
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n";
    form.paste(pem.as_bytes());
    let picture = form.picture();
    assert_eq!(picture.rows[picture.focus].name, "secret");
    assert_eq!(
        picture.rows[picture.focus].value,
        Value::Masked("PEM, 3 lines".to_owned())
    );
    let key = picture
        .rows
        .iter()
        .find(|row| row.name == "API key")
        .unwrap();
    assert_eq!(key.value, Value::Masked("empty".to_owned()));
}

#[test]
fn in_an_unfinished_pem_enter_is_a_new_line_and_elsewhere_the_next_row() {
    let mut form = form();
    to(&mut form, "secret");
    for c in "-----BEGIN PRIVATE KEY-----".chars() {
        form.key(Typed::Char(c));
    }
    form.key(Typed::Enter);
    let picture = form.picture();
    assert_eq!(picture.rows[picture.focus].name, "secret");
    to(&mut form, "label");
    form.key(Typed::Enter);
    let picture = form.picture();
    assert_eq!(picture.rows[picture.focus].name, "API key");
}

#[test]
fn a_mistake_leads_back_to_its_row_and_quotes_nothing() {
    let mut form = form();
    to(&mut form, "API key");
    form.paste(&KEY.as_bytes()[..40]);
    to(&mut form, "secret");
    form.paste(SECRET.as_bytes());
    to(&mut form, "Test");
    assert!(matches!(form.key(Typed::Enter), Wish::Nothing));
    let picture = form.picture();
    assert_eq!(picture.rows[picture.focus].name, "API key");
    assert!(!said(&form).is_empty() && !said(&form).contains(&KEY[..12]));
}

#[test]
fn g1_a_key_that_may_withdraw_cannot_be_saved() {
    let form = tested(Findings {
        withdraw: Finding::Yes,
        ..good()
    });
    assert!(said(&form).contains("WITHDRAW"));
    assert!(
        form.picture()
            .rows
            .iter()
            .all(|row| !matches!(&row.value, Value::Button(text) if text.contains("Save")))
    );
}

#[test]
fn g2_without_the_typed_word_a_careless_key_is_for_viewing_only() {
    let careless = || Findings {
        ip_bound: Finding::No,
        ..good()
    };
    let mut form = tested(careless());
    assert!(all_text(&form.picture()).contains("Save for viewing only"));
    let finished = saved(&mut form).unwrap();
    assert!(finished.key.view_only.unwrap().contains("no-ip"));
    assert!(finished.key.accepted.is_empty());

    let mut form = tested(careless());
    to(&mut form, "type no-ip");
    for c in "no-ip".chars() {
        form.key(Typed::Char(c));
    }
    let finished = saved(&mut form).unwrap();
    assert_eq!(finished.key.view_only, None);
    assert_eq!(finished.key.accepted, [Accept::NoIp]);
}

#[test]
fn what_was_tested_is_what_is_saved() {
    let mut form = tested(good());
    to(&mut form, "secret");
    form.key(Typed::Backspace);
    assert!(form.picture().rows.iter().all(|row| row.name != "vault"));
}

#[test]
fn another_label_is_no_other_key() {
    let mut form = tested(good());
    to(&mut form, "label");
    form.key(Typed::Char('2'));
    let finished = saved(&mut form).expect("it was tested");
    assert_eq!(finished.key.label.as_str(), "main2");
}

#[test]
fn rule11_a_secret_in_a_row_that_is_shown_is_not_taken() {
    let mut form = entered();
    to(&mut form, "label");
    form.paste(SECRET.as_bytes());
    assert!(said(&form).contains("24 characters"), "{}", said(&form));
    let mut form = tested(Findings {
        ip_bound: Finding::No,
        ..good()
    });
    to(&mut form, "type no-ip");
    for c in WORD.chars() {
        form.key(Typed::Char(c));
    }
    form.paste(WORD.as_bytes());
    assert!(said(&form).contains("the word no-ip"));
    let seen = all_text(&form.picture());
    assert!(!seen.contains(&SECRET[..8]) && !seen.contains("horse") && !seen.contains("correct"));
}

#[test]
fn a_mask_counts_what_counts() {
    let mut form = form();
    to(&mut form, "secret");
    form.paste(format!(" {SECRET}\r\n").as_bytes());
    let picture = form.picture();
    let value = &picture.rows[picture.focus].value;
    assert_eq!(*value, Value::Masked("64 characters".to_owned()));
}

#[test]
fn the_judgement_of_a_careless_key_names_what_is_wrong_and_the_word() {
    let form = tested(Findings {
        ip_bound: Finding::No,
        transfer: Finding::Yes,
        ..good()
    });
    let told = said(&form);
    for part in ["works from any address", "move money", "no-ip and transfer"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_short_or_mistyped_vault_word_is_refused() {
    let mut form = tested(good());
    to(&mut form, "vault");
    form.paste(b"short");
    to(&mut form, "Save");
    assert!(matches!(form.key(Typed::Enter), Wish::Nothing));
    assert!(said(&form).contains("12"));
    to(&mut form, "vault");
    form.paste(b" but longer now");
    to(&mut form, "once more");
    form.paste(b"something else entirely");
    to(&mut form, "Save");
    assert!(matches!(form.key(Typed::Enter), Wish::Nothing));
    assert!(said(&form).contains("differ"));
}

#[test]
fn an_open_vault_asks_for_no_word_and_a_closed_one_for_one() {
    for (vault, count) in [(VaultState::Open, 0), (VaultState::Closed, 1)] {
        let mut form = form_with(vault);
        to(&mut form, "API key");
        form.paste(KEY.as_bytes());
        to(&mut form, "secret");
        form.paste(SECRET.as_bytes());
        to(&mut form, "Test");
        form.key(Typed::Enter);
        form.tested(good(), 1);
        let words = form
            .picture()
            .rows
            .iter()
            .filter(|row| matches!(row.name.as_str(), "vault" | "once more"))
            .count();
        assert_eq!(words, count, "{vault:?}");
    }
}

#[test]
fn a_pair_made_here_shows_its_public_half_and_asks_for_no_secret() {
    let mut form = form();
    to(&mut form, "kind");
    form.key(Typed::Right);
    let picture = form.picture();
    assert_eq!(picture.to_copy[0], "-----BEGIN PUBLIC KEY-----");
    assert!(picture.rows.iter().all(|row| row.name != "secret"));
    to(&mut form, "API key");
    form.paste(KEY.as_bytes());
    to(&mut form, "Test");
    let Wish::Test(candidate) = form.key(Typed::Enter) else {
        panic!("{}", said(&form));
    };
    assert_eq!(candidate.credentials.kind(), KeyKind::Ed25519);
}

#[test]
fn a_pair_made_here_stays_the_same_whatever_is_chosen_in_between() {
    let mut form = form();
    to(&mut form, "kind");
    form.key(Typed::Right);
    let public = form.picture().to_copy;
    // An exchange that takes no pair: it is laid by, and taken up where a pair is chosen again.
    with_exchange(&mut form, "bybit");
    assert!(form.picture().to_copy.is_empty());
    with_exchange(&mut form, VENUES[0].id);
    to(&mut form, "kind");
    form.key(Typed::Right);
    for row in ["exchange", "money", "kind"] {
        to(&mut form, row);
        form.key(Typed::Right);
        form.key(Typed::Left);
        assert_eq!(form.picture().to_copy, public, "{row}");
    }
}

fn with_exchange(form: &mut Form, id: &str) {
    to(form, "exchange");
    while form.venue().id != id {
        form.key(Typed::Right);
    }
}

#[test]
fn the_guide_names_an_address_of_this_host_and_the_loopback_for_the_built_in_exchange_alone() {
    let mut form = Form::new(Start {
        environments: vec![Environment::Sim, Environment::Real],
        host: Some("203.0.113.9".parse().unwrap()),
        venue: &VENUES[0],
        vault: VaultState::Missing,
        waiting: Vec::new(),
        taken: Vec::new(),
        why: String::new(),
    });
    assert!(all_text(&form.picture()).contains("this host: 127.0.0.1"));
    to(&mut form, "money");
    form.key(Typed::Right);
    let real = all_text(&form.picture());
    assert!(real.contains("this host: 203.0.113.9") && !real.contains("127.0.0.1"));
    assert!(real.contains("PEM"));
    with_exchange(&mut form, "okx");
    assert!(
        !all_text(&form.picture()).contains("PEM"),
        "it takes no pair"
    );
}

#[test]
fn the_third_part_is_asked_for_and_kept_where_a_key_has_one_and_nowhere_else() {
    let mut form = form();
    with_exchange(&mut form, "okx");
    to(&mut form, "API key");
    form.paste(b"a1b2c3d4-0000-4abc-8def-0123456789ab");
    to(&mut form, "secret");
    form.paste(b"22582BD0CFF14C41EDBF1AB98506286D");
    to(&mut form, "Test");
    assert!(matches!(form.key(Typed::Enter), Wish::Nothing));
    assert!(said(&form).contains("Passphrase"), "{}", said(&form));
    let picture = form.picture();
    assert_eq!(picture.rows[picture.focus].name, "passphrase");
    form.paste(b" Third-Part1!\n");
    to(&mut form, "Test");
    let Wish::Test(candidate) = form.key(Typed::Enter) else {
        panic!("{}", said(&form));
    };
    let third = candidate.credentials.passphrase().unwrap();
    assert_eq!(third.expose_str(), Some("Third-Part1!"));
    form.tested(good(), 1_800_000_000_000);
    with_exchange(&mut form, "binance-futures");
    for (row, text) in [("API key", KEY), ("secret", SECRET)] {
        to(&mut form, row);
        for _ in 0..64 {
            form.key(Typed::Backspace);
        }
        form.paste(text.as_bytes());
    }
    to(&mut form, "Test");
    let Wish::Test(candidate) = form.key(Typed::Enter) else {
        panic!("{}", said(&form));
    };
    assert!(candidate.credentials.passphrase().is_none());
    form.tested(good(), 1_800_000_000_000);
    assert!(saved(&mut form).unwrap().key.passphrase.is_none());
}

#[test]
fn a_pair_that_waits_for_its_key_is_taken_up() {
    let pair = StoredKey {
        label: Account::new("desk").unwrap(),
        venue: VENUES[0].id.to_owned(),
        environment: Environment::Demo,
        api_key: None,
        material: material::generate().unwrap(),
        passphrase: None,
        created_ms: 1,
        view_only: None,
        accepted: Vec::new(),
        audited_ms: None,
    };
    let public = material::public_pem(&pair.material).unwrap();
    let form = Form::new(Start {
        waiting: vec![pair],
        taken: vec![Account::new("desk").unwrap()],
        vault: VaultState::Open,
        venue: &VENUES[0],
        environments: vec![Environment::Demo],
        host: None,
        why: String::new(),
    });
    let picture = form.picture();
    assert_eq!(picture.to_copy.join("\n"), public.trim_end());
    assert!(all_text(&picture).contains("desk"));
    assert_eq!(form.checked_label().unwrap().as_str(), "desk");
}

#[test]
fn esc_leaves_at_any_stage() {
    assert!(matches!(form().key(Typed::Esc), Wish::Leave));
    assert!(matches!(tested(good()).key(Typed::Esc), Wish::Leave));
    let mut form = entered();
    to(&mut form, "Test");
    form.key(Typed::Enter);
    assert!(
        matches!(form.key(Typed::Enter), Wish::Nothing),
        "asked once"
    );
    assert!(matches!(form.key(Typed::Esc), Wish::Leave));
}
