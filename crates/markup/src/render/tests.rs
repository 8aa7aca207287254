use super::*;

fn blocks(text: &str) -> String {
    Renderer::new().blocks(text)
}

fn inline(text: &str) -> String {
    Renderer::new().inline(text)
}

#[test]
fn raw_html_scripts_and_other_hosts_are_dropped() {
    for text in [
        "<script>alert(1)</script>",
        "<b onclick=x>bold</b>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/p.png) <img src=https://evil.example/p.png>",
        "![x](//evil.example/p.png)",
        "![x](data:image/svg+xml;base64,PHN2Zy8+)",
        "[x](data:text/html;base64,PHN2Zy8+)",
        "$\\href{javascript:alert(1)}{x}$",
        "\u{F0000}0\u{F0001}",
    ] {
        let html = blocks(text);
        for evil in [
            "<script",
            "onclick",
            "javascript:",
            "=\"https://evil",
            "=\"//evil",
            "svg+xml",
            "text/html",
        ] {
            assert!(!html.contains(evil), "{text}: {html}");
        }
    }
}

/// Finding security A1, cause 1: MathML was put behind the cleaner.
#[test]
fn a_formula_with_raw_markup_in_an_operators_name_shows_no_element_a1() {
    for text in [
        "Welcome $\\operatorname{<script/src=\\&\\#47;media\\&\\#47;x></script>}$",
        "$\\operatorname{<iframe/srcdoc=\\&\\#60;form\\&\\#62;>}$",
        "$$\\operatorname*{<img/src=x/onerror=alert(1)>}$$",
        "$\\operatorname{</mo></math><form data-send-at-once>}$",
        "$<script>alert(1)</script>$",
    ] {
        let html = blocks(text);
        for evil in ["<script", "<iframe", "<img", "<form"] {
            assert!(!html.contains(evil), "{text}: {html}");
        }
        assert!(html.contains("&lt;"), "what was written is still readable: {html}");
    }
}

#[test]
fn a_list_entry_of_ours_cannot_be_imitated_by_markup_that_mathml_would_hold_a1() {
    let inside = "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">";
    let html = sanitize::sanitize_html(inside);
    assert!(!html.contains("onerror=") || html.contains("&lt;img"), "{html}");
    assert!(!html.contains("<style") && !html.contains("<mglyph"), "{html}");
}

/// Finding security A2: the process ended by a stack overflow when such a text was shown.
#[test]
fn a_text_kept_before_with_a_bottomless_formula_is_shown_as_written_a2() {
    let deep = format!("${}{}$", "{".repeat(1500), "}".repeat(1500));
    assert!(blocks(&deep).contains("<code>{{{{"));
}

/// Finding security A2: 30,000 quotes took 5.3 s.
#[test]
fn thirty_thousand_quotes_are_shown_as_plain_text_a2() {
    for text in [
        "> ".repeat(30_000),
        "- ".repeat(30_000) + "a",
        "1. ".repeat(20_000),
        format!("{}a", ">".repeat(60_000)),
    ] {
        let html = blocks(&text);
        assert!(html.starts_with("<p>") && !html.contains("<blockquote") && !html.contains("<li"));
    }
}

#[test]
fn a_table_that_rows_would_fill_with_half_a_million_cells_is_plain_text_a2() {
    let (columns, rows) = (2_000, 2_000);
    let text =
        format!("{}\n{}|\n{}", "|".repeat(columns + 1), "|-".repeat(columns), "|a\n".repeat(rows));
    assert!(!blocks(&text).contains("<table"));
    let quoted = text.lines().map(|line| format!("> {line}\n")).collect::<String>();
    assert!(!blocks(&quoted).contains("<table"));
    assert!(!blocks(&format!("|a|b|\n|-|-|\n{}", "|\n".repeat(6_000))).contains("<table"));
}

#[test]
fn a_page_of_a_thousand_worst_texts_stays_within_its_budget() {
    let worst = "$\\begin{matrix}".to_owned() + &"&\\\\".repeat(1_300) + "\\end{matrix}$ ";
    let worst = worst.repeat(16);
    let renderer = Renderer::new();
    let bytes: usize = (0..100).map(|_| renderer.blocks(&worst).len()).sum();
    assert!(bytes < 3 * PAGE_BUDGET, "{bytes}");
    assert!(renderer.blocks("*late*").contains("*late*"), "after the budget texts are plain");
}

#[test]
fn tables_formulas_and_pictures_in_the_text_are_shown() {
    assert!(blocks("| a | b |\n| - | - |\n| 1 | 2 |").contains("<table>"));
    let formula = blocks("Solve $x^2 = \\frac{1}{4}$.");
    assert!(formula.contains("<math") && formula.contains("<mfrac>"), "{formula}");
    assert!(blocks("$$\\sum_{i=1}^n i$$").contains("<math display=\"block\">"));
    assert!(blocks("![dot](data:image/png;base64,iVBORw0KGgo=)").contains("src=\"data:image/png"));
    assert!(blocks("It costs $5 and then $6.").contains("$5"));
    assert!(blocks("$a<b$ and $\\text{a}$").contains("<mo>&lt;</mo>"));
}

#[test]
fn what_a_page_shows_reads_back_as_the_same() {
    for text in [
        "$\\frac{1}{2}\\quad\\sqrt[3]{x}$ and *text* with `code` & <b>raw</b>",
        "> quote\n> 1. one\n> 2. two\n\n| a | b |\n|:-:|--:|\n| $x$ | ~~y~~ |",
        "# Head\n\n---\n\n[link](https://example.org \"t\") ![p](data:image/gif;base64,AAAA)",
        "$\\text{a \\textbf{b}} \\begin{cases} 1 & 2 \\\\ 3 & 4 \\end{cases}$",
    ] {
        let html = blocks(text);
        assert_eq!(sanitize::sanitize_html(&html), html, "{text}");
    }
}

#[test]
fn a_single_paragraph_goes_into_a_line_and_plain_text_has_no_marks() {
    assert_eq!(inline("*half* of 8"), "<em>half</em> of 8");
    assert!(inline("one\n\ntwo").contains("<p>"));
    assert_eq!(crate::to_plain_text("*half* of `8`, $x_1$"), "half of 8, x₁");
}

#[test]
fn rules_lists_and_quotes_of_an_honest_text_are_within_the_budget() {
    let rule = "- ".repeat(70);
    let nested =
        (0..30).map(|depth| format!("{}- entry\n", "  ".repeat(depth))).collect::<String>();
    let quotes = format!("{} deep", ">".repeat(50));
    for text in [
        rule,
        nested,
        quotes,
        "* * *".to_owned(),
        "2 * 3 * 4 ".repeat(500),
        "_a_ **b** ".repeat(900),
    ] {
        assert_eq!(crate::find_flaws(&text), [], "{}", text.chars().take(40).collect::<String>());
    }
}

fn with_player(text: &str) -> String {
    let shown = |media: &EmbeddedMedia<'_>| {
        let name = media.target.strip_prefix("asset:")?;
        let (scope, nth, description) =
            (media.scope, media.nth, escape_attribute(media.description));
        Some(format!(
            "<video data-name=\"{name}\" data-at=\"{scope}/{nth}\" aria-label=\"{description}\"></video>"
        ))
    };
    let renderer = Renderer::with_media(Some(Box::new(shown)));
    renderer.enter("s1".to_owned());
    renderer.blocks(text)
}

#[test]
fn a_picture_from_elsewhere_is_its_description_and_its_address() {
    let shown = blocks("See ![a *plan*](https://example.org/a?b=1&c=\"<x>\") here.");
    assert!(shown.contains("a plan <code>https://example.org/a?b=1&amp;c="), "{shown}");
    assert!(!shown.contains("<img") && !shown.contains("<x>"), "{shown}");
    assert_eq!(
        blocks("![A plan](asset:12)"),
        "<p><span class=\"no-medium\">A plan</span></p>\n",
        "what is not there is described"
    );
}

#[test]
fn media_stand_where_their_text_names_them_and_know_their_places() {
    let shown =
        with_player("One ![a \"b\" & c](asset:1) and **![](asset:2)**\n\n![x](https://e.org/)");
    assert!(
        shown.contains("One <video data-name=\"1\" data-at=\"s1/0\" aria-label=\"a &quot;b&quot; &amp; c\"></video> and"),
        "{shown}"
    );
    assert!(shown.contains("<strong><video data-name=\"2\" data-at=\"s1/1\""), "{shown}");
    assert!(shown.contains("<code>https://e.org/</code>"), "{shown}");
    let nested = with_player("![a ![b](asset:2)](asset:1)");
    assert_eq!(nested.matches("<video").count(), 1, "{nested}");
    assert_eq!(with_player("`![a](asset:1)`").matches("<video").count(), 0);
}

#[test]
fn nobody_writes_a_mark_of_ours_into_a_text() {
    for text in ["\u{fdd0}0\u{fdd0} ![a](asset:1)", "![a](asset:1) \u{fdd0}", "\u{fdd0}7\u{fdd0}"] {
        let shown = with_player(text);
        let wanted = text.matches("asset:").count();
        assert_eq!(shown.matches("<video").count(), wanted, "{shown}");
        assert!(!shown.contains('\u{fdd0}'), "{shown}");
    }
}

#[test]
fn the_pictures_of_a_text_are_listed_as_they_are_rendered() {
    let images = crate::images("![a *b*](asset:1) `![c](asset:2)` ![d](<asset:3> \"t\")");
    let listed: Vec<_> =
        images.iter().map(|image| (image.target.as_str(), image.description.as_str())).collect();
    assert_eq!(listed, [("asset:1", "a b"), ("asset:3", "d")]);
    assert!(crate::images(&"![a](asset:1)".repeat(20_000)).is_empty(), "beyond the budget");
}
