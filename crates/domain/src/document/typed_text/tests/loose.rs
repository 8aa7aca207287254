//! Texts compared loosely: each row of the findings, more of each kind, and properties.

use super::*;

const LOOSE: Normalisation = Normalisation {
    case_sensitive: false,
    whitespace: Whitespace::Collapse,
    typography: Some(Typography::Loose),
};

fn is_same(key: &str, typed: &str, lang: Lang) -> bool {
    comparable(key, LOOSE, lang) == comparable(typed, LOOSE, lang)
}

#[test]
fn typographic_twins_are_the_same() {
    for (key, typed) in [
        ("don't", "don\u{2019}t"),
        ("don't", "don\u{2bc}t"),
        ("don't", "don\u{b4}t"),
        ("don't", "don\u{2032}t"),
        ("\u{2019}tis", "'tis"),
        ("\"quoted\"", "\u{201c}quoted\u{201d}"),
        ("\"quoted\"", "\u{201e}quoted\u{201c}"),
        ("\"quoted\"", "\u{ab}quoted\u{bb}"),
        ("'quoted'", "\u{2039}quoted\u{203a}"),
        ("e-mail", "e\u{2011}mail"),
        ("e-mail", "e\u{2010}mail"),
        ("e-mail", "e\u{ad}-mail"),
        ("1939-1945", "1939\u{2013}1945"),
        ("well - known", "well \u{2014} known"),
        ("x - y", "x \u{2212} y"),
        ("wait...", "wait\u{2026}"),
        ("H2O", "H\u{2082}O"),
        ("x2", "x\u{b2}"),
        ("office", "o\u{fb03}ce"),
        ("ABC", "\u{ff21}\u{ff22}\u{ff23}"),
        ("New York", "New\u{a0}York"),
        ("NewYork", "New\u{200b}York"),
        ("Paris", "Paris\u{200e}"),
        ("Paris", "\u{202a}Paris\u{202c}"),
        ("Paris", "\u{2066}Paris\u{2069}"),
        ("Paris", "\u{feff}Paris"),
        ("Caf\u{e9}", "CAFE\u{301}"),
        ("Stra\u{df}e", "STRASSE"),
        ("\u{3bf}\u{3b4}\u{3cc}\u{3c2}", "\u{39f}\u{394}\u{38c}\u{3a3}"),
    ] {
        assert!(is_same(key, typed, EN), "{key:?} and {typed:?}");
    }
    for (key, typed) in [
        ("don't", "dont"),
        ("e-mail", "email"),
        ("\"quoted\"", "'quoted'"),
        ("resume", "r\u{e9}sum\u{e9}"),
        ("New York", "NewYork"),
        ("a", "\u{430}"),
    ] {
        assert!(!is_same(key, typed, EN), "{key:?} and {typed:?}");
    }
}

#[test]
fn turkish_documents_fold_their_four_letters_i() {
    for (key, typed) in [
        ("\u{130}stanbul", "istanbul"),
        ("\u{130}stanbul", "\u{130}STANBUL"),
        ("istanbul", "\u{130}STANBUL"),
        ("Isparta", "\u{131}sparta"),
        ("\u{131}l\u{131}k", "ILIK"),
        ("Diyarbak\u{131}r", "D\u{130}YARBAKIR"),
        ("I\u{11f}d\u{131}r", "\u{131}\u{11f}d\u{131}r"),
        ("\u{130}zmir", "izmir"),
        ("\u{130}zmir", "I\u{307}zmir"),
        ("\u{130}zmir", "i\u{307}zmir"),
        ("K\u{131}r\u{131}kkale", "KIRIKKALE"),
        ("Ayd\u{131}n", "AYDIN"),
        ("i\u{15f}\u{131}k", "\u{130}\u{15e}IK"),
        ("a\u{11f}\u{131}r ba\u{15f}l\u{131}", "A\u{11e}IR BA\u{15e}LI"),
        ("\u{c7}anakkale", "c\u{327}anakkale"),
    ] {
        assert!(is_same(key, typed, Lang::Tr), "{key:?} and {typed:?}");
    }
    for (key, typed) in [("Isparta", "isparta"), ("\u{131}l\u{131}k", "ilik"), ("kir", "k\u{131}r")]
    {
        assert!(!is_same(key, typed, Lang::Tr), "{key:?} and {typed:?}");
    }
    assert!(is_same("Isparta", "isparta", EN), "the Turkic mappings are of Turkish documents only");
    assert!(!is_same("Isparta", "\u{131}sparta", Lang::De));
}

#[test]
fn documents_of_before_keep_the_folding_they_had() {
    let same = |key: &str, typed: &str| {
        comparable(key, EXACT, Lang::Tr) == comparable(typed, EXACT, Lang::Tr)
    };
    assert!(!same("\u{130}stanbul", "istanbul") && !same("Isparta", "\u{131}sparta"));
    assert!(same("Isparta", "isparta") && !same("don't", "don\u{2019}t"));
}

#[test]
fn case_and_blanks_count_where_they_are_said_to() {
    let strict = Normalisation { case_sensitive: true, whitespace: Whitespace::Exact, ..LOOSE };
    assert_eq!(comparable("Don\u{2019}t ", strict, EN), "Don't ");
    assert_ne!(comparable("DON'T", strict, EN), comparable("don't", strict, EN));
}

fn finds(pattern: &str, typed: &str) -> bool {
    let pattern = normalised_pattern(pattern, LOOSE);
    crate::pattern::is_found(&pattern, &normalised(typed, LOOSE)).unwrap()
}

#[test]
fn patterns_find_what_they_say_literally_however_it_is_written() {
    for (pattern, typed) in [
        ("^don\u{2019}t$", "don't"),
        ("^don't$", "don\u{2019}t"),
        ("^don\\u{2019}t$", "don't"),
        ("(?i)^E\u{2011}mail$", "e-mail"),
        ("^wait\u{2026}$", "wait..."),
        ("^(?:wait\u{2026})+$", "wait\u{2026}wait..."),
        ("^a\u{2026}+$", "a......"),
        ("^[\u{2018}\u{2019}]x$", "'x"),
        ("^[\u{2013}+]5$", "-5"),
        ("^New\u{a0}York$", "New York"),
        ("(?x) New\\u{a0}York", "New York"),
        ("^H\u{2082}O$", "H2O"),
        ("^cafe\u{301}$", "caf\u{e9}"),
        ("^\u{ff0a}+$", "**"),
    ] {
        assert!(finds(pattern, typed), "{pattern:?} in {typed:?}");
    }
    assert!(!finds("^wait\u{2026}$", "waitxyz"), "what is put in is literal");
    assert!(!finds("^\u{ff0a}$", ""), "what is put in is literal");
    for pattern in ["^a.b$", "\\d+", "[a-z]", "\u{e9}", "(\u{2019}", "[\u{2010}-\u{2015}]"] {
        assert_eq!(normalised_pattern(pattern, LOOSE), pattern, "{pattern:?} stays");
    }
    assert_eq!(normalised_pattern("\u{2019}", EXACT), "\u{2019}");
}

fn any_text() -> impl Strategy<Value = String> {
    let twins = "[a-cA-CiI\u{130}\u{131}\u{307}\u{301}'\"\u{2018}-\u{201f}\u{ab}\u{bb}\u{2010}-\u{2015}\
                 \u{2026}\u{ad}\u{200b}-\u{200f}\u{df}\u{1e9e}\u{345}\u{37a}\u{3c2}\u{fb03} \u{a0}\u{b4}\
                 \u{2460}\u{2082}]{0,12}";
    prop_oneof![twins.prop_map(|text| text), any::<String>()]
}

fn any_lang() -> impl Strategy<Value = Lang> {
    prop::sample::select(vec![Lang::En, Lang::Tr, Lang::De, Lang::Ru])
}

fn any_how() -> impl Strategy<Value = Normalisation> {
    let whitespace = vec![Whitespace::Collapse, Whitespace::Trim, Whitespace::Exact];
    (any::<bool>(), prop::sample::select(whitespace)).prop_map(|(case_sensitive, whitespace)| {
        Normalisation { case_sensitive, whitespace, ..LOOSE }
    })
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in any_text(), how in any_how(), lang in any_lang()) {
        let once = comparable(&text, how, lang).into_owned();
        let twice = comparable(&once, how, lang).into_owned();
        prop_assert_eq!(&twice, &once, "{:?}", text);
    }

    #[test]
    fn key_and_answer_may_change_places(
        key in any_text(),
        typed in any_text(),
        how in any_how(),
        lang in any_lang(),
    ) {
        let typed_first = comparable(&typed, how, lang) == comparable(&key, how, lang);
        let key_first = comparable(&key, how, lang) == comparable(&typed, how, lang);
        prop_assert_eq!(typed_first, key_first);
        // A text and what it is normalised to are one answer.
        let other = comparable(&key, how, lang).into_owned();
        prop_assert!(comparable(&other, how, lang) == comparable(&key, how, lang));
    }

    #[test]
    fn a_text_is_found_by_itself_as_a_pattern(text in any_text()) {
        let pattern = format!("^{}$", regex::escape(&normalised(&text, LOOSE)));
        prop_assert!(finds(&pattern, &text), "{:?}", text);
        let as_typed = regex::escape(text.trim());
        prop_assert!(regex::Regex::new(&normalised_pattern(&as_typed, LOOSE)).is_ok());
    }

    #[test]
    fn texts_of_before_are_compared_as_by_engine_version_1(
        text in any_text(),
        case_sensitive in any::<bool>(),
        lang in any_lang(),
    ) {
        let how = Normalisation { case_sensitive, ..EXACT };
        let nfc: String = text.nfc().collect();
        let collapsed = nfc.split_whitespace().collect::<Vec<_>>().join(" ");
        let version_1 = if case_sensitive {
            collapsed
        } else {
            caseless::default_case_fold_str(&collapsed)
        };
        prop_assert_eq!(&*comparable(&text, how, lang), &*version_1);
        let said = Normalisation { typography: Some(Typography::Exact), ..how };
        prop_assert_eq!(comparable(&text, said, lang), version_1);
    }
}
