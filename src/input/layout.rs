//! Letters of other keyboard layouts, by the place of their key on a QWERTY board. A fixed table, no state.
//!
//! Only letters outside ASCII are translated: an ASCII character always means itself, so that no layout can
//! turn one bound key into another. (The Hebrew layout puts `/` and `'` where `q` and `w` are; those two stay
//! what they are.) Upper case stays upper case: Shift alone never makes an order, in no alphabet.

/// The places, row by row, as QWERTY names them.
const QWERTY: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";

/// The same places in other layouts; a blank where the layout has no letter of its own.
const LAYOUTS: [&str; 4] = [
    // Russian ЙЦУКЕН
    "йцукенгшщзхъфывапролджэячсмитьбю",
    // Ukrainian, where it differs
    "           ї і        є         ",
    // Greek
    " ςερτυθιοπ  ασδφγηξκλ  ζχψωβνμ  ",
    // Hebrew
    "  קראטוןםפ  שדגכעיחלךף זסבהנמצתץ",
];

/// The QWERTY letter on the key that types `letter`; `None` for ASCII and for letters of no known layout.
pub fn qwerty(letter: char) -> Option<char> {
    if letter.is_ascii() {
        return None;
    }
    let lower = letter.to_lowercase().next()?;
    let place = LAYOUTS
        .iter()
        .find_map(|layout| layout.chars().position(|c| c == lower))?;
    let latin = QWERTY.chars().nth(place)?;
    Some(if letter.is_uppercase() {
        latin.to_ascii_uppercase()
    } else {
        latin
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_by_their_place_and_ascii_means_itself() {
        for (letter, latin) in [
            ('ц', 'w'),
            ('ч', 'x'),
            ('м', 'v'),
            ('Щ', 'O'),
            ('б', ','),
            ('і', 's'),
            ('ς', 'w'),
            ('χ', 'x'),
            ('Ψ', 'C'),
            ('ז', 'z'),
            ('ס', 'x'),
            ('ב', 'c'),
            ('ש', 'a'),
            ('ק', 'e'),
        ] {
            assert_eq!(qwerty(letter), Some(latin), "{letter}");
        }
        assert_eq!(qwerty('x'), None);
        assert_eq!(qwerty('é'), None);
    }

    #[test]
    fn every_layout_has_a_place_for_every_key() {
        for layout in LAYOUTS {
            assert_eq!(layout.chars().count(), QWERTY.chars().count(), "{layout}");
        }
    }
}
