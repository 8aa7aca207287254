//! Numbers as people type them now: each row of the findings, more of each kind, and properties.

use super::*;
use crate::document::model::Typography;

fn format(decimal_separator: DecimalSeparator, lang: Lang) -> NumberFormat<'static> {
    let separators = NumberSeparators { decimal_separator, group_separator: GroupSeparator::None };
    NumberFormat { separators, typography: Some(Typography::Loose), unit: "", lang }
}

fn auto(text: &str, lang: Lang) -> Result<String, NumberFault> {
    read(text, format(DecimalSeparator::Auto, lang)).map(|number| number.to_string())
}

fn with_unit(text: &str, unit: &str) -> Result<String, NumberFault> {
    let format = NumberFormat { unit, ..format(DecimalSeparator::Auto, Lang::En) };
    read(text, format).map(|number| number.to_string())
}

fn either(text: &str) -> Result<String, NumberFault> {
    read(text, format(DecimalSeparator::Either, Lang::En)).map(|number| number.to_string())
}

const OTHERS: [Lang; 11] = [
    Lang::Tr,
    Lang::Es,
    Lang::Fr,
    Lang::Nl,
    Lang::It,
    Lang::Sr,
    Lang::Sv,
    Lang::De,
    Lang::No,
    Lang::Ru,
    Lang::Pt,
];

#[test]
fn an_english_document_takes_points_before_decimals_and_commas_between_thousands() {
    let cases = [
        ("10000", "10000"),
        ("10,000", "10000"),
        ("1,234.5", "1234.5"),
        ("1,234,567.891", "1234567.891"),
        ("12.5", "12.5"),
        ("10.000", "10"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("5.", "5"),
        ("999,999", "999999"),
        ("-1,000", "-1000"),
    ];
    for (text, number) in cases {
        assert_eq!(auto(text, Lang::En).as_deref(), Ok(number), "{text:?}");
    }
    for text in ["1,5", "10 000", "1.234,5", "1,00", "1,0000", "1,23,456", "1'000", ",123", "0,125"]
    {
        assert_eq!(auto(text, Lang::En), Err(NumberFault::NotANumber), "{text:?}");
    }
}

#[test]
fn all_other_documents_take_commas_before_decimals_and_what_their_people_write_between_thousands() {
    let cases = [
        ("10000", "10000"),
        ("10.000", "10000"),
        ("10 000", "10000"),
        ("10\u{a0}000", "10000"),
        ("10\u{2009}000", "10000"),
        ("10\u{202f}000,25", "10000.25"),
        ("10'000", "10000"),
        ("10\u{2019}000", "10000"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        (",5", "0.5"),
    ];
    for lang in OTHERS {
        for (text, number) in cases {
            assert_eq!(auto(text, lang).as_deref(), Ok(number), "{text:?} in {lang:?}");
        }
        for text in
            ["12.5", "10,000.5", "1.00", "1.0000", "1.234 567", "0.125", "1 00", "1..000", "1.000."]
        {
            assert_eq!(auto(text, lang), Err(NumberFault::NotANumber), "{text:?} in {lang:?}");
        }
    }
}

#[test]
fn either_takes_both_and_says_so_where_thousands_may_be_meant() {
    for (text, number) in [("12.5", "12.5"), ("12,5", "12.5"), ("10000", "10000"), ("1.0000", "1")]
    {
        assert_eq!(either(text).as_deref(), Ok(number), "{text:?}");
    }
    for text in ["10,000", "10.000", "1.234", "999,999", "-5.000", "\u{2013}5,000"] {
        assert_eq!(either(text), Err(NumberFault::Ambiguous), "{text:?}");
    }
    for text in ["1.234,5", "10 000", "1,234,567"] {
        assert_eq!(either(text), Err(NumberFault::NotANumber), "{text:?}");
    }
    let separators = NumberSeparators {
        decimal_separator: DecimalSeparator::Either,
        group_separator: GroupSeparator::Space,
    };
    let spaced = NumberFormat { separators, ..format(DecimalSeparator::Either, Lang::En) };
    let read = |text| read(text, spaced).map(|number| number.to_string());
    assert_eq!(read("1 234,567").as_deref(), Ok("1234.567"), "the thousands are plain to see");
    assert_eq!(read("1,234"), Err(NumberFault::Ambiguous));
}

#[test]
fn a_chosen_separator_holds_in_every_language_and_groups_are_of_three() {
    let separators = NumberSeparators {
        decimal_separator: DecimalSeparator::Point,
        group_separator: GroupSeparator::Apostrophe,
    };
    let swiss = NumberFormat { separators, ..format(DecimalSeparator::Point, Lang::De) };
    let read = |text| read(text, swiss).map(|number| number.to_string());
    assert_eq!(read("1'234.5").as_deref(), Ok("1234.5"));
    assert_eq!(read("10.000").as_deref(), Ok("10"));
    for text in ["1'23", "12,5", "1.234'5", "1234'567", "1 234"] {
        assert_eq!(read(text), Err(NumberFault::NotANumber), "{text:?}");
    }
}

#[test]
fn signs_of_keyboards_and_word_processors_may_stand_before_blanks() {
    for sign in
        ["-", "\u{2212}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{fe63}", "\u{ff0d}"]
    {
        for between in ["", " ", "\u{a0}", "\u{2009}"] {
            let text = format!("{sign}{between}5");
            assert_eq!(auto(&text, Lang::En).as_deref(), Ok("-5"), "{text:?}");
        }
    }
    assert_eq!(auto("+ 5", Lang::En).as_deref(), Ok("5"));
    for text in ["--5", "5-", "- -5", "\u{2014}5", "+-5", "-", "- "] {
        assert_eq!(auto(text, Lang::En), Err(NumberFault::NotANumber), "{text:?}");
    }
}

#[test]
fn format_characters_count_for_nothing() {
    for text in [
        "\u{200e}-5",
        "-5\u{200e}",
        "\u{202a}-5\u{202c}",
        "\u{2067}-5\u{2069}",
        "\u{feff}-5",
        "-\u{200b}5",
        "-\u{2060}5",
        "\u{ad}-5",
        " \u{200f}-5 ",
        "-5\u{200d}",
    ] {
        assert_eq!(auto(text, Lang::En).as_deref(), Ok("-5"), "{text:?}");
    }
}

#[test]
fn digits_of_any_one_script_are_read() {
    for (text, number) in [
        ("\u{ff15}", "5"),
        ("\u{ff11}\u{ff12}.\u{ff15}", "12.5"),
        ("\u{661}\u{662}\u{663}", "123"),
        ("\u{6f4}\u{6f2}", "42"),
        ("\u{967}\u{966}\u{966}", "100"),
        ("\u{9e7},\u{9e6}\u{9e6}\u{9e6}", "1000"),
        ("\u{e51}\u{e52}", "12"),
        ("\u{1d7d9}\u{1d7d8}", "10"),
        ("\u{1d7ce}\u{1d7cf}", "1"),
        ("\u{104a5}", "5"),
        ("-\u{669}", "-9"),
    ] {
        assert_eq!(auto(text, Lang::En).as_deref(), Ok(number), "{text:?}");
    }
    for text in ["1\u{662}", "\u{ff11}2", "\u{661}\u{6f2}", "\u{2460}", "\u{bd}", "10\u{b2}"] {
        assert_eq!(auto(text, Lang::En), Err(NumberFault::NotANumber), "{text:?}");
    }
}

#[test]
fn the_questions_own_unit_may_stand_after_the_number() {
    for (text, unit) in [
        ("100 cm", "cm"),
        ("100cm", "cm"),
        ("100 CM", "cm"),
        ("100\u{a0}cm", "cm"),
        ("100 \u{20ac}", "\u{20ac}"),
        ("100 m2", "m\u{b2}"),
        ("100 m\u{b2}", "m\u{b2}"),
        ("100\u{2103}", "\u{b0}C"),
        ("100 \u{3bc}m", "\u{b5}m"),
        ("100 %", "%"),
        ("100 km/h", "km/h"),
        ("100 \u{200e}EUR", "EUR"),
        ("100 per  year", "per year"),
        ("100", "cm"),
    ] {
        assert_eq!(with_unit(text, unit).as_deref(), Ok("100"), "{text:?} in {unit:?}");
    }
    for (text, unit) in [
        ("100 m", "cm"),
        ("cm 100", "cm"),
        ("cm", "cm"),
        ("100 cm cm", "cm"),
        ("100 c m", "cm"),
        ("54 euros", "EUR"),
        ("five", ""),
        ("100 cm", ""),
    ] {
        assert_eq!(with_unit(text, unit), Err(NumberFault::NotANumber), "{text:?} in {unit:?}");
    }
    let kilometres = NumberFormat { unit: "km", ..format(DecimalSeparator::Either, Lang::En) };
    assert_eq!(read("10,000 km", kilometres), Err(NumberFault::Ambiguous));
}

#[test]
fn what_is_no_number_stays_none() {
    for text in ["", " ", "e", "1e3", "0x10", "1/2", "NaN", "\u{221e}", "1.2.3", "(5)", "5 5"] {
        assert_eq!(auto(text, Lang::En), Err(NumberFault::NotANumber), "{text:?}");
    }
    assert_eq!(auto("1234567890123456789", Lang::En), Err(NumberFault::NotANumber));
    assert_eq!(auto("0.1234567890", Lang::En), Err(NumberFault::NotANumber));
}

#[test]
fn every_decimal_digit_of_unicode_is_worth_what_its_script_says() {
    let digits = regex::Regex::new(r"^\p{Nd}$").unwrap();
    let mut zero = None;
    for code in 0..=u32::from(char::MAX) {
        let Some(letter) = char::from_u32(code) else { continue };
        let mut utf8 = [0; 4];
        if !digits.is_match(letter.encode_utf8(&mut utf8)) {
            zero = None;
            continue;
        }
        let first = *zero.get_or_insert(code);
        let (_, digit) = decimal_digit(letter).unwrap();
        assert_eq!(digit.to_digit(10), Some((code - first) % 10), "U+{code:04X}");
    }
}

/// How a document's people write a number.
#[derive(Clone, Debug)]
struct Style {
    lang: Lang,
    sign: &'static str,
    after_sign: &'static str,
    zero: char,
    group: Option<&'static str>,
    around: &'static str,
}

fn style() -> impl Strategy<Value = Style> {
    let signs = vec!["-", "\u{2212}", "\u{2010}", "\u{2013}", "\u{fe63}", "\u{ff0d}"];
    let blanks = vec!["", " ", "\u{a0}", "\u{200e}"];
    let zeros = vec!['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}', '\u{1d7ce}'];
    let groups = vec![".", " ", "\u{a0}", "\u{2009}", "\u{202f}", "'", "\u{2019}"];
    let langs: Vec<Lang> = OTHERS.into_iter().chain([Lang::En]).collect();
    let select = prop::sample::select::<&'static str>;
    (
        prop::sample::select(langs),
        select(signs),
        select(blanks.clone()),
        prop::sample::select(zeros),
        prop::option::of(select(groups)),
        select(blanks),
    )
        .prop_map(|(lang, sign, after_sign, zero, group, around)| {
            let group = if lang == Lang::En { group.map(|_| ",") } else { group };
            Style { lang, sign, after_sign, zero, group, around }
        })
}

fn written(number: Decimal, style: &Style) -> String {
    let plain = number.abs().to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let script = |digits: &str| -> String {
        let digit = |digit: char| {
            char::from_u32(u32::from(style.zero) + digit.to_digit(10).unwrap()).unwrap()
        };
        digits.chars().map(digit).collect()
    };
    let mut out = String::from(style.around);
    if number.is_negative() {
        out.push_str(style.sign);
        out.push_str(style.after_sign);
    }
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push_str(style.group.unwrap_or_default());
        }
        out.push_str(&script(&digit.to_string()));
    }
    if !fraction.is_empty() {
        out.push(if style.lang == Lang::En { '.' } else { ',' });
        out.push_str(&script(fraction));
    }
    out.push_str(style.around);
    out
}

proptest! {
    #[test]
    fn a_number_written_as_people_do_reads_back(
        scaled in -999_999_999_999_i64..999_999_999_999,
        decimals in 0_u32..7,
        style in style(),
    ) {
        let literal = format!("{scaled}e-{decimals}");
        let digits = scaled.unsigned_abs().to_string();
        let digits = format!("{digits:0>width$}", width = decimals as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
        let plain = if decimals == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") };
        let plain = if scaled < 0 { format!("-{plain}") } else { plain };
        let number = Decimal::parse(&plain).unwrap();
        let text = written(number, &style);
        prop_assert_eq!(auto(&text, style.lang), Ok(number.to_string()), "{} as {:?}", literal, text);
    }

    #[test]
    fn whatever_is_typed_is_judged_without_a_panic(
        text in "[0-9.,' \u{a0}\u{2019}\u{660}-\u{669}\u{2212}\u{200e}a-z+-]{0,20}|\\PC{0,20}",
        unit in "(cm|m\u{b2}|%|1|)",
    ) {
        for separator in [
            DecimalSeparator::Auto,
            DecimalSeparator::Either,
            DecimalSeparator::Point,
            DecimalSeparator::Comma,
        ] {
            for typography in [None, Some(Typography::Exact), Some(Typography::Loose)] {
                for lang in [Lang::En, Lang::Tr] {
                    let base = format(separator, lang);
                    let _ = read(&text, NumberFormat { unit: &unit, typography, ..base });
                }
            }
        }
    }

    #[test]
    fn documents_of_before_read_as_exact_ones(text in "[0-9., '+\u{2212}-]{0,12}") {
        for separator in
            [DecimalSeparator::Either, DecimalSeparator::Point, DecimalSeparator::Comma]
        {
            let before = NumberFormat { typography: None, ..format(separator, Lang::Tr) };
            let exact = NumberFormat { typography: Some(Typography::Exact), ..before };
            prop_assert_eq!(read(&text, before), read(&text, exact));
        }
    }
}
