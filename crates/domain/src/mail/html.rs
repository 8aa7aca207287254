//! The HTML part of a mail: its text in paragraphs, with links that can be followed. A pure
//! function of the text, so it is never kept.

/// A page that says what the text says. `lang` is the tag of its language, `title` its subject.
#[must_use]
pub fn page(text: &str, lang: &str, title: &str) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n",
        escaped(title)
    );
    for paragraph in paragraphs(text) {
        // A mail in Arabic may hold a paragraph in English, and the other way round.
        page.push_str("<p dir=\"auto\">");
        for (index, line) in paragraph.iter().enumerate() {
            if index > 0 {
                page.push_str("<br>\n");
            }
            push_line(&mut page, line);
        }
        page.push_str("</p>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// Lines between empty lines.
fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let groups = lines.split(|line| line.is_empty()).filter(|group| !group.is_empty());
    groups.map(<[&str]>::to_vec).collect()
}

fn push_line(page: &mut String, line: &str) {
    for (index, word) in line.split(' ').enumerate() {
        if index > 0 {
            page.push(' ');
        }
        let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        if is_link(address) {
            let shown = escaped(address);
            page.push_str(&format!(
                "<a href=\"{shown}\">{shown}</a>{}",
                escaped(&word[address.len()..])
            ));
        } else {
            page.push_str(&escaped(word));
        }
    }
}

fn is_link(word: &str) -> bool {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_in_the_text_is_markup() {
        let page = page("<script>alert('x')</script> https://a.example/\"onclick=\"x", "en", "<b>");
        assert!(
            !page.contains("<script") && !page.contains("\"onclick") && !page.contains("<b>"),
            "{page}"
        );
    }

    #[test]
    fn lines_paragraphs_and_links_stay() {
        let page = page("Hello\nAda\n\nOpen https://a.example/enter/AB?x=1&y=2.\n", "tr", "Hi");
        assert!(
            page.contains("<html lang=\"tr\">")
                && page.contains("<p dir=\"auto\">Hello<br>\nAda</p>"),
            "{page}"
        );
        let link = "https://a.example/enter/AB?x=1&amp;y=2";
        assert!(
            page.contains(&format!("<p dir=\"auto\">Open <a href=\"{link}\">{link}</a>.</p>")),
            "{page}"
        );
    }

    proptest! {
        #[test]
        fn every_tag_is_one_of_ours(text in "[a-z<>\"'&/: \\n]{0,80}") {
            let page = page(&text, "en", &text);
            let existing = ["!doctype", "html", "head", "meta", "title", "/title", "/head", "body", "p", "/p", "br", "a",
                "/a", "/body", "/html"];
            for tag in page.split('<').skip(1) {
                let name = tag.split(['>', ' ']).next().unwrap_or_default();
                prop_assert!(existing.contains(&name), "{}", name);
            }
        }
    }
}
