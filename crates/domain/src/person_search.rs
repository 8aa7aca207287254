//! Substring search for people: accents, case and the four Turkish letters i do not matter.
//!
//! What is looked through is folded once, when it is stored ([`fold_name`]); what somebody types is
//! folded the same way, and each of its words has to occur.

use crate::document::typed_text::is_format_character;
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::UnicodeNormalization;

/// Words of a search that are looked for; more do not narrow it any further.
const MOST_WORDS: usize = 8;
/// Characters of a typed search that are read.
const LONGEST_SEARCH: usize = 200;

/// The words somebody is looked for by, folded. None is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSearch {
    words: Vec<String>,
}

impl PersonSearch {
    /// The search for a text; none when it has no word, which everybody would fit.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let start: String = text.chars().take(LONGEST_SEARCH).collect();
        let words: Vec<String> =
            fold_name(&start).split(' ').take(MOST_WORDS).map(str::to_owned).collect();
        words.iter().any(|word| !word.is_empty()).then_some(Self { words })
    }

    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether each word occurs in one of the texts, which are not folded yet.
    #[must_use]
    pub fn is_contained_in<'text>(&self, texts: impl IntoIterator<Item = &'text str>) -> bool {
        let folded: Vec<String> = texts.into_iter().map(fold_name).collect();
        self.words.iter().all(|word| folded.iter().any(|text| text.contains(word.as_str())))
    }
}

/// A text without accents, case and differences of white space. Letters that do not decompose go
/// with the plain ones people type for them: ı with i, ł with l, ø with o.
#[must_use]
pub fn fold_name(text: &str) -> String {
    if text.is_ascii() {
        return single_spaced(&text.to_ascii_lowercase());
    }
    let bare = without_marks(text);
    // Folding İ leaves a dot behind, and of some letters decomposes what it makes.
    let folded = without_marks(&caseless::default_case_fold_str(&bare));
    let mut plain = String::with_capacity(folded.len());
    for letter in folded.chars() {
        match plain_letters(letter) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(letter),
        }
    }
    single_spaced(&plain.nfc().collect::<String>())
}

fn without_marks(text: &str) -> String {
    let is_shown = |letter: &char| {
        get_general_category(*letter) != GeneralCategory::NonspacingMark
            && !is_format_character(*letter)
    };
    text.nfkd().filter(is_shown).collect()
}

const fn plain_letters(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return None,
    })
}

fn single_spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, texts: &[&str]) -> bool {
        PersonSearch::new(search).unwrap().is_contained_in(texts.iter().copied())
    }

    #[test]
    fn a_search_without_a_word_is_none() {
        for text in ["", "  ", "\u{301}", "\u{200b}", "\t\n"] {
            assert_eq!(PersonSearch::new(text), None, "{text:?}");
        }
    }

    #[test]
    fn accents_case_and_the_turkish_letters_i_do_not_matter() {
        let sukru = ["Şükrü Güneş", "sukru@example.org"];
        for search in
            ["Güneş", "gunes", "şükrü", "GÜNEŞ", "GUNES", "Gu\u{308}nes\u{327}", "kru gun"]
        {
            assert!(finds(search, &sukru), "{search}");
        }
        for search in ["ışıl", "IŞIL", "isil", "İŞİL", "öztürk Işıl"] {
            assert!(finds(search, &["Işıl Öztürk"]), "{search}");
        }
        for (search, name) in [
            ("ilker", "İlker"),
            ("İLKER", "ilker"),
            ("lodz", "Łódź"),
            ("SORENSEN", "Sørensen"),
            ("strasse", "Straße"),
            ("o'brien", "O’Brien"),
            ("王", "王小明"),
            ("김민", "김민수"),
            ("ΟΔΟΣ", "οδος"),
        ] {
            assert!(finds(search, &[name]), "{search} in {name}");
        }
    }

    #[test]
    fn each_word_has_to_occur_and_may_do_so_in_another_text() {
        let texts = ["Ada Lovelace", "ada@example.org", "EMP-7", "north"];
        assert!(finds("love emp-7", &texts) && finds("north  ada", &texts));
        assert!(!finds("love emp-8", &texts) && !finds("adalovelace", &texts));
        assert!(finds("%", &["100%"]) && !finds("%", &texts) && !finds("_", &texts));
    }

    #[test]
    fn a_fold_is_folded_for_good_and_a_long_search_is_cut() {
        for text in ["İSTANBUL", "ẞtraße", "ﬁnal", "a\u{345}", "Ǆ", "ŉ", "각", "\u{1f80}", "ΐ"]
        {
            assert_eq!(fold_name(&fold_name(text)), fold_name(text), "{text}");
        }
        assert_eq!(PersonSearch::new(&"ab ".repeat(500)).unwrap().words().len(), MOST_WORDS);
        assert!(PersonSearch::new(&"\u{fdfa}".repeat(10_000)).unwrap().words().len() <= MOST_WORDS);
    }
}
