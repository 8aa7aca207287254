//! One-line texts (choices, items, options, names, titles): what is shown is what was written.

use assay_markup::{Renderer, look_of, rich_text, to_inline_text, to_plain_text};
use proptest::prelude::*;

/// What a browser shows of finished HTML: its text.
fn visible(html: &str) -> String {
    let mut text = String::new();
    for (index, part) in html.split('<').enumerate() {
        match (index, part.split_once('>')) {
            (0, _) => text.push_str(part),
            (_, Some((_, behind))) => text.push_str(behind),
            (_, None) => {}
        }
    }
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

fn inline(text: &str) -> String {
    Renderer::new().inline(text)
}

const AS_WRITTEN: &[&str] = &[
    "> 5",
    ">5",
    ">= 5",
    "> > 5",
    ">",
    "- 5",
    "-5",
    "+ 5",
    "* 5",
    "*",
    "+",
    "-",
    "1. Dünya Savaşı",
    "2. Dünya Savaşı",
    "10) ten",
    "3.",
    "1.",
    "12. May 1848",
    "999999999. x",
    "# heading",
    "## two",
    "#",
    "#tag",
    "#include <stdio.h>",
    "---",
    "***",
    "___",
    "===",
    "* * *",
    "- - -",
    "--",
    "==",
    "_",
    "__",
    "<b>",
    "<i>",
    "</b>",
    "<br",
    "<p>",
    "<div>",
    "<html>",
    "<!DOCTYPE html>",
    "<!-- note -->",
    "<?php ?>",
    "<script>",
    "<img>",
    "<b></b>",
    "Vec<String>",
    "Map<K, V>",
    "com.x.<UID>.plist",
    "a<b>c",
    "x < y > z",
    "List<List<int>>",
    "<String>",
    "<T>(x: T)",
    "std::vector<int>",
    "vector<std::string>",
    "<T:Clone>",
    "<https>",
    "__init__",
    "__init__.py",
    "self.__dict__",
    "__name__ == \"__main__\"",
    "_a_b_",
    "snake_case_name",
    "__x",
    "x__",
    "2*3*4",
    "2**3**4",
    "a*b*c",
    "p*q and r*s",
    "(a)*b*(c)",
    "2*x*(y+1)",
    "a * b * c",
    "~5",
    "~5 to ~6",
    "5~6~7",
    "*.txt",
    "5 % 2",
    "a_1",
    "    indented",
    "\tindented",
    "[a]: b",
    "[x]",
    "[ ]",
    "f(x) = {x}",
    "C#",
    "F# minor",
    "$5",
    "costs $5 and $6",
    "a\\b",
    "100 %",
    "&",
    "&&",
    "R&D",
    "\"quoted\"",
    "'single'",
    "it's",
    "…",
    "*p < 0.05",
    "C*-algebra and W*-algebra",
    "|a|",
    "||",
    "a | b",
    "^",
    "x^2",
    "H~2~O",
    "…* 5",
    "😀",
    "שלום!",
    "> مرحبا",
];

/// Every row: what is written is shown, in the page and in a list to choose from.
#[test]
fn signs_numbers_and_tags_show_as_they_were_written_f4() {
    for text in AS_WRITTEN {
        assert_eq!(visible(&inline(text)).trim(), text.trim(), "in the page: {}", inline(text));
        assert_eq!(to_inline_text(text), text.trim(), "in a list");
    }
}

#[test]
fn inline_markup_with_clear_delimiters_works() {
    for (text, html, plain) in [
        ("*half* of 8", "<em>half</em> of 8", "half of 8"),
        ("_half_ of 8", "<em>half</em> of 8", "half of 8"),
        ("**all** of it", "<strong>all</strong> of it", "all of it"),
        ("__two words__", "<strong>two words</strong>", "two words"),
        ("the *n*th", "the <em>n</em>th", "the nth"),
        ("这是*强调*文本", "这是<em>强调</em>文本", "这是强调文本"),
        (
            "`2*3*4` and `__init__`",
            "<code>2*3*4</code> and <code>__init__</code>",
            "2*3*4 and __init__",
        ),
        ("`> 5` or `<b>`", "<code>&gt; 5</code> or <code>&lt;b&gt;</code>", "> 5 or <b>"),
        ("~~old~~ new", "<del>old</del> new", "old new"),
        ("\\*as it is\\*", "*as it is*", "*as it is*"),
        ("&lt;b&gt; &copy;", "&lt;b&gt; ©", "<b> ©"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O", "H₂O"),
        ("x<SUP>10</SUP>", "x<sup>10</sup>", "x¹⁰"),
        ("x<sup>a,b</sup>", "x<sup>a,b</sup>", "x^(a,b)"),
        ("<b class=\"x\">bold</b> text", "<b>bold</b> text", "bold text"),
        ("<span style=\"x\">plain</span>", "plain", "plain"),
        ("<kbd>Ctrl</kbd>", "<code>Ctrl</code>", "Ctrl"),
        ("<b>open and <i>closed</i>", "&lt;b&gt;open and <i>closed</i>", "<b>open and closed"),
        ("one<br>two", "one<br>\ntwo", "one two"),
        ("> 5 and *x*", "&gt; 5 and <em>x</em>", "> 5 and x"),
        ("**1.** first", "<strong>1.</strong> first", "1. first"),
    ] {
        assert_eq!(inline(text), html, "{text}");
        assert_eq!(to_inline_text(text), plain, "{text}");
    }
    assert!(inline("[site](https://x.example)").contains("href=\"https://x.example\""));
    assert_eq!(to_inline_text("[site](https://x.example)"), "site");
}

#[test]
fn texts_of_several_lines_keep_lines_code_and_tables_and_begin_no_other_blocks() {
    assert_eq!(visible(&inline("a\n- b\n> c\n===")), "a\n- b\n&gt; c\n===".replace("&gt;", ">"));
    assert_eq!(
        inline("```rust\n    let a = 2*3*4;\n# x\n```"),
        "<pre><code>    let a = 2*3*4;\n# x\n</code></pre>\n"
    );
    assert_eq!(to_inline_text("```\n- a\n  > b\n```"), "- a\n  > b");
    assert!(inline("| a | b |\n|---|---|\n| 1 | 2 |").contains("<td>1</td>"));
    assert_eq!(to_inline_text("| a | b |\n|---|---|\n| 1 | 2 |"), "a b 1 2");
    assert!(inline("one\n\ntwo").contains("<p>two</p>"));
    assert_eq!(to_inline_text("one\n\ntwo"), "one two");
}

#[test]
fn simple_formulas_are_words_in_a_list() {
    for (formula, words) in [
        ("\\frac{1}{2}", "1/2"),
        ("1\\frac{1}{2}", "1 1/2"),
        ("\\frac{x+1}{2y}", "(x+1)/2y"),
        ("x^2", "x²"),
        ("x^{-1}", "x⁻¹"),
        ("x_{12}", "x₁₂"),
        ("x_i^2", "xᵢ²"),
        ("\\sqrt{2}", "√2"),
        ("\\sqrt{x+1}", "√(x+1)"),
        ("\\sqrt[3]{8}", "³√8"),
        ("\\alpha + \\beta", "α + β"),
        ("2\\pi r", "2π r"),
        ("a \\le b \\ne c", "a ≤ b ≠ c"),
        ("\\sin\\theta", "sin θ"),
        ("3 \\times 10^8\\,\\text{m/s}", "3 × 10⁸ m/s"),
        ("90^\\circ", "90°"),
        ("\\left(\\frac12\\right)^2", "(1/2)²"),
        ("\\vec{v}", "v\u{20d7}"),
        ("f'(x)", "f′(x)"),
        ("e^{i\\pi} = -1", "e^(iπ) = −1"),
        ("\\{1, 2\\}", "{1, 2}"),
        ("\\text{two-way}", "two-way"),
    ] {
        assert_eq!(to_inline_text(&format!("${formula}$")), words, "{formula}");
    }
    // What does not fit a line is read as it was written, and never as nothing.
    for formula in ["\\begin{matrix}1&2\\end{matrix}", "\\unknown{x}", "\\frac{1", "\\binom{n}{k}"]
    {
        assert_eq!(to_inline_text(&format!("${formula}$")), formula);
    }
    assert_eq!(to_plain_text("Is $\\frac{1}{2}$ right?"), "Is 1/2 right?");
}

#[test]
fn the_plain_form_is_never_empty_when_something_is_shown() {
    for text in [
        "![](data:image/png;base64,AAAA)",
        "![dot](data:image/png;base64,AAAA)",
        "$\\quad$",
        "<br>",
        "[](https://x.example)",
        "****",
        "&nbsp;",
        "<b> </b>",
        "\\",
    ] {
        assert!(!to_inline_text(text).trim().is_empty(), "{text}");
        assert!(!inline(text).trim().is_empty(), "{text}");
    }
}

#[test]
fn lists_in_long_texts_keep_their_marks_in_plain_text() {
    assert_eq!(
        to_plain_text("Choose:\n\n1. one\n2. two\n\n- a\n- b"),
        "Choose: 1. one 2. two - a - b"
    );
    assert_eq!(to_plain_text("A `Vec<String>` or Vec<String>?"), "A Vec<String> or Vec<String>?");
    let html = Renderer::new().blocks("What is a Vec<String>?\n\n<div>kept <b>words</b></div>");
    assert_eq!(html, "<p>What is a Vec&lt;String&gt;?</p>\nkept <b>words</b>");
}

#[test]
fn texts_that_show_the_same_look_alike() {
    for (left, right) in [
        ("**a**", "a"),
        ("a  b", "a b"),
        ("a\u{200b}", "a"),
        ("$x^2$", "x²"),
        ("`a`", "a"),
        ("&amp;", "&"),
    ] {
        assert_eq!(look_of(left), look_of(right), "{left} and {right}");
    }
    for (left, right) in [
        ("> 5", "5"),
        ("- 5", "5"),
        ("1. a", "2. a"),
        ("<b>", "<i>"),
        ("A", "a"),
        ("![p](data:image/png;base64,AAAA)", "![p](data:image/png;base64,BBBB)"),
    ] {
        assert_ne!(look_of(left), look_of(right), "{left} and {right}");
    }
}

#[test]
fn hostile_one_line_texts_take_time_in_proportion_to_their_length() {
    for piece in [
        "_a",
        "__",
        "*a",
        "a*",
        "2*3",
        "<b>",
        "</b>",
        "<b></i>",
        "<x>",
        "[",
        "](",
        "`",
        "$",
        "$x",
        "> ",
        "- ",
        "|",
        "~",
        "\\",
        "&",
        "<!--",
        "(a)*",
        "<sub>",
        "<sub>1</sub>",
        "$\\sqrt{",
        "\u{e000}",
        "\u{2000}",
        "1. ",
        "\n",
        "\n\n>",
        "```\n",
    ] {
        let text = piece.repeat(60_000 / piece.len());
        let _ = (inline(&text).len(), to_inline_text(&text).len(), look_of(&text).len());
    }
    let private: String = ('\u{e000}'..='\u{f8ff}').collect();
    assert_eq!(visible(&inline(&format!("{private}<b>"))), format!("{private}<b>"));
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn colons_and_dashes_below_a_line_make_it_no_head_of_a_table() {
    for text in ["+\n:-", "Ratio\n:-:", "a\n  :---\nb", "4\n:-\n2", "x\n:"] {
        assert_eq!(letters_of(&visible(&inline(text))), letters_of(text), "{text}");
        assert_eq!(letters_of(&to_inline_text(text)), letters_of(text), "{text}");
    }
    assert!(inline("| a | b |\n|:-|-:|\n| 1 | 2 |").contains("<table"), "one with bars is one");
    assert!(inline("a | b\n:-|-:\n1 | 2").contains("<table"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    /// Without the marks of inline Markdown every character is shown, at every place of a line.
    #[test]
    fn no_visible_character_is_lost_outside_of_markup(text in "[a-z0-9 .,;:>#+()=/<%äİ‑\\-\n]{0,40}") {
        prop_assert_eq!(letters_of(&visible(&inline(&text))), letters_of(&text));
        prop_assert_eq!(letters_of(&to_inline_text(&text)), letters_of(&text));
    }

    /// Letters and digits are never lost, whatever marks stand among them.
    #[test]
    fn letters_and_digits_are_never_lost(text in "[a-z0-9 *_~>#+.\\-]{0,40}") {
        let kept = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        prop_assert_eq!(kept(&visible(&inline(&text))), kept(&text));
        prop_assert_eq!(kept(&to_inline_text(&text)), kept(&text));
    }

    /// The plain form of a plain form is itself, and is what the page shows.
    #[test]
    fn the_plain_form_is_what_is_shown_and_stays_so(text in "[a-z0-9 .,>#+()\\-]{0,12}(\\*\\*[a-z ]{1,5}\\*\\*| `[a-z*_<>]{1,5}`)?[a-z .>#]{0,8}") {
        let plain = to_inline_text(&text);
        prop_assert_eq!(letters_of(&plain), letters_of(&visible(&inline(&text))));
        if !plain.contains(['*', '_', '`', '<']) {
            prop_assert_eq!(to_inline_text(&plain), plain);
        }
    }

    #[test]
    fn any_text_at_all_shows_something_where_it_has_something(text in "\\PC{1,40}|[<>/a-z &;#0-9=\"'!*_`$\\[\\]()\\\\\\-]{1,40}") {
        if assay_markup::is_visible(&text) {
            prop_assert!(!to_inline_text(&text).trim().is_empty());
            prop_assert!(!inline(&text).trim().is_empty());
        }
        prop_assert!(rich_text::is_sanitized(&rich_text::sanitize_rich_text(&inline(&text))));
    }
}
