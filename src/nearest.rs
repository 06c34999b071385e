//! The nearest valid name to one that was mistyped. Pure; every message about an unknown name uses it.

/// The valid name most like `typed`; `None` when nothing is near enough to be meant.
pub fn nearest<'a>(typed: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    valid
        .into_iter()
        .map(|name| (likeness(&typed, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > NEAR_ENOUGH)
        // Of those that are as like, the shortest is the plain word.
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.len().cmp(&a.1.len())))
        .map(|(_, name)| name)
}

/// Names less alike than this are not offered.
const NEAR_ENOUGH: f64 = 0.7;

/// 0 (nothing in common) to 1 (the same). A name that begins with all that was typed is certainly near.
fn likeness(typed: &str, name: &str) -> f64 {
    let likeness = strsim::jaro_winkler(typed, name);
    if typed.len() >= 2 && name.starts_with(typed) {
        return likeness.max(0.9);
    }
    likeness
}

/// `, did you mean "x"?` or nothing: the end of a message about an unknown name.
pub fn did_you_mean<'a>(typed: &str, valid: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, valid).map_or_else(String::new, |name| format!(", did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_nonsense_finds_none() {
        let names = ["buy-now", "sell-now", "cancel-entries", "panic"];
        assert_eq!(nearest("buy-nwo", names), Some("buy-now"));
        assert_eq!(nearest("PANIK", names), Some("panic"));
        assert_eq!(nearest("cancel", names), Some("cancel-entries"));
        assert_eq!(nearest("qqqq", names), None);
        assert_eq!(nearest("vol", ["volume", "volume-1"]), Some("volume"));
        assert_eq!(did_you_mean("qqqq", names), "");
    }
}
