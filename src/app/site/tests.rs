use super::*;
use crate::config::UserFile;
use crate::exchange::venue;

fn config(text: &str) -> Config {
    let file = UserFile {
        name: "config.toml",
        text,
    };
    Config::load(Some(file), &[], &["dark".to_owned()]).unwrap()
}

fn binance() -> &'static Venue {
    venue("binance-futures").unwrap()
}

fn chosen(text: &str, environment: Environment) -> Chosen {
    choose(&Global::default(), &config(text), binance(), environment).unwrap()
}

fn at(url: &str) -> Result<Chosen, Failure> {
    let global = Global {
        unsafe_endpoint: Some(url.to_owned()),
        ..Global::default()
    };
    choose(&global, &config(""), binance(), Environment::Real)
}

#[test]
fn the_usual_site_stands_unless_the_settings_choose_another_of_the_venues_own() {
    let usual = chosen("", Environment::Demo);
    assert_eq!(usual.endpoints.rest, "https://demo-fapi.binance.com");
    let other = chosen(
        "[endpoints]\nbinance-futures.demo = \"testnet\"",
        Environment::Demo,
    );
    assert_eq!(other.endpoints.rest, "https://testnet.binancefuture.com");
    assert!(!other.is_unsafe);
    // The list holds every site of that world and none of the other.
    assert_eq!(usual.hosts, other.hosts);
    let has = |address: &str| usual.hosts.has(&Target::read(address).unwrap());
    assert!(has("https://demo-fapi.binance.com") && has("https://testnet.binancefuture.com"));
    assert!(!has("https://fapi.binance.com"));
    // What is chosen for demo changes nothing for real money.
    let live = chosen(
        "[endpoints.binance-futures]\ndemo = \"testnet\"\nlive = \"main\"",
        Environment::Real,
    );
    assert_eq!(live, chosen("", Environment::Real));
}

#[test]
fn what_the_venue_does_not_have_is_one_line_with_the_nearest_name() {
    for (text, words) in [
        (
            "[endpoints]\nbinance-futurs.demo = \"testnet\"",
            "config.toml:2: endpoints.binance-futurs.demo: unknown venue \"binance-futurs\", did you mean \"binance-futures\"?",
        ),
        (
            "\n[endpoints]\nbinance-futures.dmo = \"testnet\"",
            "config.toml:3: endpoints.binance-futures.dmo: unknown world \"dmo\", did you mean \"demo\"?",
        ),
        (
            "[endpoints.binance-futures]\ndemo = \"tesnet\"",
            "config.toml:2: endpoints.binance-futures.demo: unknown site \"tesnet\", did you mean \"testnet\"? (demo, testnet)",
        ),
        (
            "[endpoints]\nbinance-futures.live = \"https://venue.invalid\"",
            "config.toml:2: endpoints.binance-futures.live: unknown site \"https://venue.invalid\" (main)",
        ),
    ] {
        assert_eq!(check(&config(text)).unwrap_err().to_string(), words);
    }
    for text in [
        "[endpoints]\nbinance-futures = \"testnet\"",
        "[endpoints]\nbinance-futures.demo = 3",
        "[endpoints]\nbinance-futures.demo.rest = \"x\"",
    ] {
        let file = UserFile {
            name: "config.toml",
            text,
        };
        let error = Config::load(Some(file), &[], &["dark".to_owned()])
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("config.toml:2: endpoints"), "{error}");
    }
}

#[test]
fn an_unsafe_endpoint_is_marked_and_alone_on_its_list() {
    let chosen = at("https://venue.example:8443/").unwrap();
    assert!(chosen.is_unsafe);
    assert_eq!(chosen.endpoints.rest, "https://venue.example:8443");
    assert_eq!(
        chosen.endpoints.ws_api,
        "wss://venue.example:8443/ws-fapi/v1"
    );
    let has = |address: &str| chosen.hosts.has(&Target::read(address).unwrap());
    assert!(has("wss://venue.example:8443/private"));
    assert!(!has("https://fapi.binance.com") && !has("https://venue.example"));
    assert!(at("http://127.0.0.1:9000").unwrap().is_unsafe);
}

#[test]
fn an_unsafe_endpoint_that_is_no_bare_address_is_one_sentence_and_never_echoed() {
    for url in [
        "",
        "venue.example",
        "ws://127.0.0.1:1",
        "ftp://127.0.0.1:1",
        "https://venue.example/secret-path",
        "https://me:secret-word@venue.example",
        "https://venue.example?secret-query",
        "http://venue.example:80",
        "http://192.0.2.1:80",
    ] {
        let words = at(url).map(|_| ()).unwrap_err().to_string();
        assert!(words.starts_with("--unsafe-endpoint: "), "{url}: {words}");
        assert!(!words.contains("secret"), "{words}");
        assert_eq!(words.lines().count(), 1);
    }
}

#[test]
fn a_key_signs_for_its_own_world_alone_and_real_money_never_for_an_unsafe_endpoint() {
    use Environment::{Demo, Paper, Real, Replay, Sim};
    for environment in [Real, Demo, Sim] {
        for is_unsafe in [false, true] {
            let chosen = Chosen {
                environment,
                is_unsafe,
                ..chosen("", Real)
            };
            for key in [Real, Demo, Sim, Paper, Replay] {
                let may = key == environment && !(is_unsafe && key == Real);
                assert_eq!(
                    may_sign(&chosen, key).is_ok(),
                    may,
                    "{key:?} on {environment:?}, unsafe: {is_unsafe}"
                );
            }
        }
    }
    let words = may_sign(&at("http://127.0.0.1:1").unwrap(), Real).unwrap_err();
    assert!(words.to_string().contains("never signs"), "{words}");
}
