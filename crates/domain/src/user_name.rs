//! Names that users sign in with: no name may be taken for another one.

use unicode_normalization::UnicodeNormalization;

/// Letters of other scripts that look like a Latin one, with that one.
const LOOK_ALIKES: [(char, char); 37] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ѵ', 'v'),
    ('ӏ', 'l'),
    ('к', 'k'),
    ('т', 't'),
    ('м', 'm'),
    ('в', 'b'),
    ('н', 'h'),
    ('г', 'r'),
    ('п', 'n'),
    ('α', 'a'),
    ('ο', 'o'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('κ', 'k'),
    ('ρ', 'p'),
    ('τ', 't'),
    ('υ', 'u'),
    ('χ', 'x'),
    ('γ', 'y'),
    ('ε', 'e'),
    ('η', 'n'),
    ('ω', 'w'),
    ('ϲ', 'c'),
];

/// What is wrong with a name, as what it must be.
#[must_use]
pub fn validation_error(name: &str) -> Option<&'static str> {
    if name.chars().any(is_invisible) {
        return Some("must not have invisible characters");
    }
    if name.trim() != name || name.contains("  ") {
        return Some("must not begin or end with a blank, or have two in a row");
    }
    if name.nfc().ne(name.nfkc()) {
        return Some("must be written with plain letters and digits");
    }
    let scripts = [is_latin, is_cyrillic, is_greek, is_other_look_alike];
    let used = scripts.iter().filter(|is_of| name.chars().any(**is_of)).count();
    (used > 1).then_some("must not mix letters of scripts that look alike")
}

/// The Latin name, in small letters, that a name without any Latin letter looks like.
#[must_use]
pub fn latin_look_alike(name: &str) -> Option<String> {
    if name.is_ascii() || name.chars().any(is_latin) {
        return None;
    }
    let latin = |letter: char| match LOOK_ALIKES.iter().find(|(other, _)| *other == letter) {
        Some((_, latin)) => Some(*latin),
        None => (!letter.is_alphabetic()).then_some(letter),
    };
    name.to_lowercase().chars().map(latin).collect()
}

/// Control characters, those that only steer how text is set, and letters that show nothing.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || (letter.is_alphabetic()
            && matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}

fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}')
}

fn is_greek(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')
}

/// Armenian, Cherokee, Coptic, Lisu.
fn is_other_look_alike(letter: char) -> bool {
    matches!(letter, '\u{530}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{2c80}'..='\u{2cff}' | '\u{a4d0}'..='\u{a4ff}' | '\u{ab70}'..='\u{abbf}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_taken_for_another_are_refused() {
        for (name, said) in [
            ("ada\u{200b}", "invisible"),
            ("\u{202e}ada", "invisible"),
            ("a\u{ad}da", "invisible"),
            ("ada\u{fe0f}", "invisible"),
            ("ada\u{0}", "invisible"),
            (" ada", "blank"),
            ("ada  b", "blank"),
            ("ａda", "plain letters"),
            ("ada\u{a0}b", "plain letters"),
            ("𝐚da", "plain letters"),
            ("ﬁona", "plain letters"),
            ("аda", "look alike"),
            ("αdmin", "look alike"),
            ("adminս", "look alike"),
        ] {
            assert!(
                validation_error(name).is_some_and(|should| should.contains(said)),
                "{name:?}: {:?}",
                validation_error(name)
            );
        }
    }

    #[test]
    fn names_of_one_script_are_names() {
        for name in [
            "ada.l",
            "ada@example.org",
            "Şule Çelik",
            "иван.петров",
            "Ωμέγα",
            "田中 太郎",
            "محمد",
            "a-1_b+c",
            "José",
            "हिन्दी",
        ] {
            assert_eq!(validation_error(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_latin_one_is_told() {
        assert_eq!(latin_look_alike("сосо7").as_deref(), Some("coco7"));
        assert_eq!(latin_look_alike("АРХ").as_deref(), Some("apx"));
        for other in ["ada", "иван", "田中", "José"] {
            assert_eq!(latin_look_alike(other), None, "{other}");
        }
    }
}
