//! The cases that the candidate's page is tested with as well: what is pasted there is cleaned by
//! the page to what the server would keep of it.

use assay_markup::rich_text::{is_sanitized, sanitize_rich_text};
use serde_json::Value;

const CASES: &str = include_str!("../../../tests/browser/documents/rich-text.json");

#[test]
fn the_server_keeps_of_each_clipboard_what_the_page_shows_of_it_f3() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    for case in cases {
        let (pasted, sanitized) =
            (case["pasted"].as_str().unwrap(), case["sanitized"].as_str().unwrap());
        assert!(is_sanitized(sanitized), "{}", case["name"]);
        let words = |html: &str| {
            let text = html.replace('<', " <");
            let text =
                text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
            text.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(&sanitize_rich_text(pasted)), words(sanitized), "{}", case["name"]);
        assert_eq!(sanitize_rich_text(sanitized), sanitized, "{}", case["name"]);
    }
}
