//! What eyes make of a theme: contrast as WCAG 2 defines it, loudness, and colours seen without one kind of cone.

use super::*;

/// Linear red, green and blue, 0 to 1.
fn linear(colour: Color) -> [f64; 3] {
    let (r, g, b) = match colour {
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Indexed(index) => of_index(index),
        _ => panic!("{colour:?} is the terminal's to choose"),
    };
    [r, g, b].map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    })
}

/// What xterm shows for a place of its cube or its grey ramp.
fn of_index(index: u8) -> (u8, u8, u8) {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return (grey, grey, grey);
    }
    let at = usize::from(index.checked_sub(16).expect("one of the sixteen"));
    let step = [0, 95, 135, 175, 215, 255];
    (step[at / 36], step[at / 6 % 6], step[at % 6])
}

/// Contrast of two colours, 1 to 21.
pub fn contrast(a: Color, b: Color) -> f64 {
    let light = |colour| {
        let [r, g, b] = linear(colour);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Lightness and two axes of hue, in which distances are as the eye sees them (OKLab).
fn seen([r, g, b]: [f64; 3]) -> [f64; 3] {
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
}

/// How far apart two colours are; a hue among greys is found before a brightness, so it weighs `hue` times as much.
fn apart(a: [f64; 3], b: [f64; 3], hue: f64) -> f64 {
    let (a, b) = (seen(a), seen(b));
    let [l, x, y] = [0, 1, 2].map(|i| a[i] - b[i]);
    (l * l + hue * hue * (x * x + y * y)).sqrt()
}

/// What is left of a colour without one kind of cone (Machado, Oliveira and Fernandes 2009, the strongest form).
fn without_cone([r, g, b]: [f64; 3], cone: usize) -> [f64; 3] {
    const SEES: [[[f64; 3]; 3]; 3] = [
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];
    SEES[cone].map(|[x, y, z]| (x * r + y * g + z * b).clamp(0.0, 1.0))
}

/// How much the eye is drawn: by the letters on their patch, by the patch on the screen, by weight.
fn draws_the_eye(style: Style, ground: Color) -> f64 {
    let patch = linear(style.bg.unwrap_or(ground));
    let letters = linear(style.fg.expect("a colour"));
    let bold = style.add_modifier.contains(Modifier::BOLD);
    apart(letters, patch, 4.0)
        + 1.5 * apart(patch, linear(ground), 4.0)
        + if bold { 0.25 } else { 0.0 }
}

const COLOURED: [&str; 7] = [
    "dark", "light", "safe", "contrast", "ember", "abyss", "vellum",
];

fn coloured(depth: ColourDepth) -> impl Iterator<Item = Theme> {
    COLOURED
        .iter()
        .map(move |name| Theme::load(name, &[], depth).unwrap().0)
}

#[test]
fn every_theme_that_is_not_the_terminals_own_is_looked_at() {
    let plain = ["sixteen", "mono"];
    for (name, _) in THEMES {
        assert!(COLOURED.contains(name) != plain.contains(name), "{name}");
    }
    assert!(THEMES.len() >= 8);
}

#[test]
fn letters_stand_out_from_every_ground_that_they_are_written_on() {
    use Role::*;
    let anywhere = [
        Dim,
        Faint,
        Bright,
        Heading,
        Large,
        Last,
        Mine,
        MinePending,
        Profit,
        Loss,
        Warn,
        Live,
        Armed,
        Key,
        Bid,
        Ask,
        Stale,
    ];
    for depth in [ColourDepth::Truecolour, ColourDepth::Indexed] {
        for theme in coloured(depth) {
            let ground = |role| theme.style(role).bg.unwrap();
            let check = |letters: Color, on: Color, what: &dyn std::fmt::Debug| {
                let found = contrast(letters, on);
                assert!(found >= 4.5, "{} {depth:?} {what:?} {found:.2}", theme.name);
            };
            for role in anywhere {
                for on in [Text, Bar, Overlay, Cursor] {
                    check(theme.style(role).fg.unwrap(), ground(on), &(role, on));
                }
            }
            check(theme.style(Stale).fg.unwrap(), ground(Entry), &Stale);
            for (role, on) in [Dim, Bright, Last]
                .iter()
                .flat_map(|role| [BestBid, BestAsk, Entry].map(|on| (*role, on)))
            {
                check(theme.style(role).fg.unwrap(), ground(on), &(role, on));
            }
            for on in [TradedBuy, TradedSell] {
                check(theme.style(Bright).fg.unwrap(), ground(on), &on);
            }
            for (role, ..) in ROLES {
                let style = theme.style(*role);
                if let (Some(letters), Some(on)) = (style.fg, style.bg) {
                    check(letters, on, role);
                }
            }
        }
    }
}

#[test]
fn what_matters_more_draws_the_eye_more() {
    for theme in coloured(ColourDepth::Truecolour) {
        let ground = theme.style(Role::Text).bg.unwrap();
        let draws = |role| draws_the_eye(theme.style(role), ground);
        let touch = |role| {
            let price = theme.style(Role::Bright).patch(theme.style(role));
            draws_the_eye(price.add_modifier(Modifier::BOLD), ground)
        };
        let least = |values: &[f64]| values.iter().copied().fold(f64::MAX, f64::min);
        let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let danger = [Role::Alarm, Role::ExitsOnly, Role::Locked, Role::Real].map(draws);
        let best = [Role::BestBid, Role::BestAsk].map(touch);
        let rest = [
            Role::Bid,
            Role::Ask,
            Role::Text,
            Role::Dim,
            Role::Faint,
            Role::Stale,
            Role::BidBar,
            Role::AskBar,
        ]
        .map(draws);
        let order = [
            least(&danger),
            draws(Role::Position),
            most(&best),
            draws(Role::Mine),
            draws(Role::Large),
            most(&rest),
        ];
        // A best price and an own order are as loud as one another within what a palette can do.
        let slack = |at: usize| if at == 2 { 0.08 } else { 0.0 };
        for (at, pair) in order.windows(2).enumerate() {
            assert!(
                pair[0] + slack(at) > pair[1],
                "{} {at} {order:.2?}",
                theme.name
            );
        }
        assert!(least(&best) > draws(Role::Large), "{}", theme.name);
    }
}

#[test]
fn numbers_are_the_loudest_thing_in_a_row_and_greys_go_down_in_steps() {
    for theme in coloured(ColourDepth::Truecolour) {
        let ground = theme.style(Role::Text).bg.unwrap();
        let fg = |role| contrast(theme.style(role).fg.unwrap(), ground);
        for (number, bar) in [(Role::Bid, Role::BidBar), (Role::Ask, Role::AskBar)] {
            assert!(fg(number) > 2.0 * fg(bar), "{} {number:?}", theme.name);
        }
        let greys = [Role::Bright, Role::Text, Role::Dim, Role::Faint, Role::Rule].map(fg);
        for pair in greys.windows(2) {
            assert!(pair[0] > 1.1 * pair[1], "{} {greys:.1?}", theme.name);
        }
        assert!(greys[0] >= 12.0 && greys[1] >= 7.0);
        if theme.name == "contrast" {
            for role in [Role::Dim, Role::Faint, Role::Bid, Role::Ask, Role::Mine] {
                assert!(fg(role) >= 7.0, "{role:?}");
            }
        }
    }
}

#[test]
fn in_the_safe_theme_no_eye_takes_one_thing_for_another() {
    for depth in [ColourDepth::Truecolour, ColourDepth::Indexed] {
        let theme = Theme::load("safe", &[], depth).unwrap().0;
        let fg = |role| linear(theme.style(role).fg.unwrap());
        let alarm = linear(theme.style(Role::Alarm).bg.unwrap());
        let hues = [
            fg(Role::Bid),
            fg(Role::Ask),
            fg(Role::Mine),
            fg(Role::Warn),
            alarm,
        ];
        let bars = [fg(Role::BidBar), fg(Role::AskBar)];
        for cone in 0..3 {
            for (at, one) in hues.iter().enumerate() {
                for (with, other) in hues.iter().enumerate().skip(at + 1) {
                    let (one, other) = (without_cone(*one, cone), without_cone(*other, cone));
                    let far = apart(one, other, 1.0);
                    // Few of the 256 are pale and no grey: a warning is told from the rest by its words too.
                    let is_warning = at == 3 || with == 3;
                    let least = if is_warning { 0.06 } else { 0.1 };
                    assert!(far >= least, "{depth:?} cone {cone}: {at} {with} {far:.3}");
                }
            }
            let far = apart(
                without_cone(bars[0], cone),
                without_cone(bars[1], cone),
                1.0,
            );
            assert!(far >= 0.1, "{depth:?} cone {cone}: bars {far:.3}");
        }
    }
}
