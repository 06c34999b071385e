use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::vault::material::tests::{mutate, tries};
use crate::vault::tests::every_kind;

#[test]
fn what_is_written_is_padded_and_comes_back_as_it_was() {
    let keys = every_kind();
    let json = write(&keys).unwrap();
    assert!(json.len().is_multiple_of(PAD));
    let again = read(&json).unwrap();
    assert_eq!(again.len(), keys.len());
    for (key, again) in keys.iter().zip(&again) {
        assert_eq!(
            secret_of(&key.material).expose(),
            secret_of(&again.material).expose()
        );
        let bytes = |it: &Option<Secret>| it.as_ref().map(|it| it.expose().to_vec());
        assert_eq!(bytes(&key.api_key), bytes(&again.api_key));
        assert_eq!(bytes(&key.passphrase), bytes(&again.passphrase));
        assert_eq!(format!("{key:?}"), format!("{again:?}"));
        let rest = |key: &StoredKey| {
            let texts = (key.venue.clone(), key.view_only.clone());
            (texts, key.created_ms, key.accepted.clone(), key.audited_ms)
        };
        assert_eq!(rest(key), rest(again));
    }
    assert_eq!(*write(&again).unwrap(), *json);
    assert!(read(&write(&[]).unwrap()).unwrap().is_empty());
}

#[test]
fn what_a_later_version_would_write_is_refused_and_not_lost() {
    let json = String::from_utf8(write(&every_kind()).unwrap().to_vec()).unwrap();
    let newer = [
        json.replacen("{\"keys\"", "{\"sealed_by\":1,\"keys\"", 1),
        json.replacen("{\"label\"", "{\"colour\":\"red\",\"label\"", 1),
        json.replacen("\"hmac\"", "\"ed448\"", 1),
        json.replacen("\"live\"", "\"moon\"", 1),
        json.replacen("\"no-ip\"", "\"no-limits\"", 1),
        json.replacen("\"main\"", "\"a label longer than any label may be\"", 1),
    ];
    for (number, text) in newer.iter().enumerate() {
        assert_ne!(text, &json, "{number}");
        assert_eq!(read(text.as_bytes()).err(), Some(NotUnderstood), "{number}");
    }
}

#[test]
fn mutated_entries_never_panic() {
    let json = write(&every_kind()).unwrap().to_vec();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let mut understood = 0;
    for _ in 0..tries(4000) {
        let mut text = json.clone();
        mutate(&mut rng, &mut text);
        if let Ok(keys) = read(&text) {
            understood += 1;
            let _ = format!("{keys:?}");
            write(&keys).unwrap();
        }
    }
    assert!(understood > 0, "some mutations are harmless");
}
