//! Invitation codes: short enough to dictate, hard to guess (domain rules, 7.2).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Digits and capitals without those that are read as digits (I, L, O) and without U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: usize = 10;
const BITS_PER_LETTER: usize = 5;

/// A code in its kept and published form: 10 characters, capitals, no separator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvitationCode(String);

/// A text that cannot be a code. Entering it is refused like a wrong code: `access_denied`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation code")]
pub struct InvalidInvitationCode;

impl InvitationCode {
    /// The code of the lower 50 of these random bits.
    #[must_use]
    pub fn from_bits(random: u64) -> Self {
        let letter = |index: usize| {
            ALPHABET[(random >> (BITS_PER_LETTER * (LETTERS - 1 - index)) & 31) as usize]
        };
        Self((0..LETTERS).map(|index| char::from(letter(index))).collect())
    }

    /// Reads a code as a person enters it: case, spaces and hyphens do not matter, O is 0, I and L
    /// are 1.
    ///
    /// # Errors
    /// When what remains is not 10 characters of the alphabet.
    pub fn parse_entered(spelling: &str) -> Result<Self, InvalidInvitationCode> {
        let mut code = String::with_capacity(LETTERS);
        for letter in spelling.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let read = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let is_known = u8::try_from(read).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !is_known || code.len() == LETTERS {
                return Err(InvalidInvitationCode);
            }
            code.push(read);
        }
        if code.len() == LETTERS { Ok(Self(code)) } else { Err(InvalidInvitationCode) }
    }

    /// The code as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for InvitationCode {
    type Error = InvalidInvitationCode;

    fn try_from(stored: String) -> Result<Self, InvalidInvitationCode> {
        Self::parse_entered(&stored)
    }
}

impl From<InvitationCode> for String {
    fn from(code: InvitationCode) -> Self {
        code.0
    }
}

impl fmt::Display for InvitationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_a_code_is_refused() {
        for spelling in [
            "",
            "K7QX92MD4",
            "K7QX92MD4TT",
            "K7QX92MD4U",
            "K7QX92MD4_",
            "K7QX92MD4É",
            "Ｋ7QX92MD4T",
            "----",
        ] {
            assert_eq!(
                InvitationCode::parse_entered(spelling),
                Err(InvalidInvitationCode),
                "{spelling:?}"
            );
        }
    }

    #[test]
    fn letters_that_look_like_digits_are_read_as_digits() {
        assert_eq!(InvitationCode::parse_entered(" ol-iq x92md4").unwrap().as_str(), "011QX92MD4");
    }

    #[test]
    fn bits_beyond_the_fiftieth_do_not_matter() {
        assert_eq!(InvitationCode::from_bits(u64::MAX).as_str(), "ZZZZZZZZZZ");
        assert_eq!(InvitationCode::from_bits(1 << 50), InvitationCode::from_bits(0));
    }

    /// One way a person may spell a letter of a code.
    fn spell(letter: char, choice: u8) -> String {
        let other = match (letter, choice % 4) {
            ('0', 1) => 'o',
            ('0', 2) => 'O',
            ('1', 1) => 'i',
            ('1', 2) => 'L',
            ('1', 3) => 'l',
            (letter, 1) => letter.to_ascii_lowercase(),
            (letter, _) => letter,
        };
        let separator = [" ", "-", "", "\t- "][usize::from(choice / 4 % 4)];
        format!("{other}{separator}")
    }

    proptest! {
        /// Invariant 35: codes are of the alphabet, and every allowed spelling finds the same code.
        #[test]
        fn every_allowed_spelling_finds_the_code(random: u64, choices in proptest::collection::vec(any::<u8>(), 10)) {
            let code = InvitationCode::from_bits(random);
            prop_assert_eq!(code.as_str().len(), 10);
            prop_assert!(code.as_str().bytes().all(|byte| ALPHABET.contains(&byte)));
            let spelling: String = code.as_str().chars().zip(choices).map(|(letter, choice)| spell(letter, choice)).collect();
            prop_assert_eq!(InvitationCode::parse_entered(&spelling), Ok(code));
        }

        #[test]
        fn different_bits_make_different_codes(a in 0u64..1 << 50, b in 0u64..1 << 50) {
            prop_assert_eq!(a == b, InvitationCode::from_bits(a) == InvitationCode::from_bits(b));
        }

        #[test]
        fn no_entered_text_makes_it_panic(spelling in ".{0,20}") {
            let _ = InvitationCode::parse_entered(&spelling);
        }
    }
}
