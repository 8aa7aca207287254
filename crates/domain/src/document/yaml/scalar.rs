//! What a plain scalar means in the core schema (YAML 1.2.2, 10.3.2). Number literals are kept
//! exactly.

use crate::json::JsonNode;

/// The value of a plain scalar; `None` for infinities and what is no number, which JSON does not
/// have.
pub fn resolve(text: &str) -> Option<JsonNode> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(JsonNode::Null),
        "true" | "True" | "TRUE" => return Some(JsonNode::Bool(true)),
        "false" | "False" | "FALSE" => return Some(JsonNode::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ => {}
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return None;
    }
    let whole = radix(text).or_else(|| number(digits).map(|number| format!("{sign}{number}")));
    Some(whole.map_or_else(|| JsonNode::Text(text.to_owned()), JsonNode::Number))
}

/// Octal and hexadecimal integers, which have no sign. Those beyond 128 bits are left to be text.
fn radix(text: &str) -> Option<String> {
    let (digits, base) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text.strip_prefix("0o")?, 8),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain
        .then(|| u128::from_str_radix(digits, base).ok())
        .flatten()
        .map(|number| number.to_string())
}

/// A decimal number without sign as a JSON literal.
fn number(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let trimmed = whole.trim_start_matches('0');
    let mut literal = if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() };
    if !fraction.is_empty() {
        literal.push('.');
        literal.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !all_digits(digits) {
            return None;
        }
        literal.push('e');
        literal.push_str(exponent);
    }
    Some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_decides_what_a_plain_scalar_is() {
        let number = |literal: &str| Some(JsonNode::Number(literal.to_owned()));
        for (text, literal) in [
            ("12", "12"),
            ("-007", "-7"),
            ("+1.50", "1.50"),
            (".5", "0.5"),
            ("1.", "1"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("1e3", "1e3"),
        ] {
            assert_eq!(resolve(text), number(literal), "{text}");
        }
        for text in [
            "1_000",
            "yes",
            "no",
            "on",
            "0b1",
            "1.2.3",
            "-",
            "+",
            ".",
            "e3",
            "0x",
            "12:30",
            "-0x1",
            "1e",
            "2020-01-01",
        ] {
            assert_eq!(resolve(text), Some(JsonNode::Text(text.to_owned())), "{text}");
        }
        assert_eq!(resolve("~"), Some(JsonNode::Null));
        assert_eq!(resolve("TRUE"), Some(JsonNode::Bool(true)));
        assert_eq!(resolve("-.inf"), None);
    }
}
