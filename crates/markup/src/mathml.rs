//! MathML written anew from an allow-list.
//!
//! The text is read strictly: tags are tags of the list, written as the library writes them, well
//! nested, and text is escaped. Whatever is otherwise makes the whole of it unusable; nothing is
//! repaired, because a repair is a guess at what a browser would do.

/// Elements that hold elements.
const HOLDERS: [&str; 20] = [
    "math",
    "mrow",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "merror",
    "mpadded",
    "mphantom",
    "menclose",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mtable",
    "mtr",
    "mtd",
];
/// Elements that hold text alone. Browsers read HTML in them, so no element may be inside.
const TOKENS: [&str; 5] = ["mi", "mo", "mn", "ms", "mtext"];
/// Elements that hold nothing.
const EMPTY: [&str; 3] = ["mspace", "mprescripts", "none"];
/// What the library puts around words of `mtext`, without attributes.
const WORDS: [&str; 8] = ["b", "i", "em", "code", "s", "u", "span", "a"];
const ATTRIBUTES: [&str; 27] = [
    "display",
    "accent",
    "accentunder",
    "mathvariant",
    "stretchy",
    "fence",
    "separator",
    "form",
    "lspace",
    "rspace",
    "minsize",
    "maxsize",
    "movablelimits",
    "largeop",
    "symmetric",
    "linethickness",
    "displaystyle",
    "scriptlevel",
    "width",
    "height",
    "depth",
    "voffset",
    "columnspan",
    "rowspan",
    "notation",
    "dir",
    "intent",
];

/// All elements of formulas that the cleaner of pages lets pass.
pub fn elements() -> impl Iterator<Item = &'static str> {
    HOLDERS.into_iter().chain(TOKENS).chain(EMPTY)
}

/// Their attributes.
pub fn attributes() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.into_iter()
}

/// The same formula with nothing in it but what is listed here; none when it holds anything that is
/// not as it must be.
pub fn sanitize_mathml(mathml: &str) -> Option<String> {
    let mut writer = MathmlWriter { open: Vec::new(), out: String::with_capacity(mathml.len()) };
    let mut rest = mathml;
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        writer.text(&rest[..end])?;
        rest = &rest[end..];
        if let Some(tag) = rest.strip_prefix('<') {
            // No value of an attribute holds an angle bracket: the library writes none, and this
            // reads no other.
            let (tag, behind) = tag.split_once('>')?;
            writer.tag(tag)?;
            rest = behind;
        }
    }
    let is_whole = writer.open.is_empty() && writer.out.starts_with("<math");
    is_whole.then_some(writer.out)
}

struct MathmlWriter<'text> {
    open: Vec<&'text str>,
    out: String,
}

impl<'text> MathmlWriter<'text> {
    fn text(&mut self, text: &str) -> Option<()> {
        let holds_text =
            self.open.last().is_some_and(|name| TOKENS.contains(name) || WORDS.contains(name));
        if !holds_text {
            return text.chars().all(char::is_whitespace).then_some(());
        }
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (letter, length) =
                if letter == '&' { entity(rest)? } else { (letter, letter.len_utf8()) };
            match letter {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                control if control.is_control() && control != '\n' && control != '\t' => {
                    return None;
                }
                letter => self.out.push(letter),
            }
            rest = &rest[length..];
        }
        Some(())
    }

    fn tag(&mut self, tag: &'text str) -> Option<()> {
        if let Some(name) = tag.strip_prefix('/') {
            return self.close(name);
        }
        let (tag, closes_itself) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        self.may_hold(name)?;
        if !WORDS.contains(&name) {
            self.out.push('<');
            self.out.push_str(name);
            self.attributes(attributes)?;
            self.out.push('>');
        } else if is_shown(name) {
            self.out.push_str(&format!("<{name}>"));
        }
        self.open.push(name);
        if closes_itself { self.close(name) } else { Some(()) }
    }

    fn close(&mut self, name: &str) -> Option<()> {
        self.open.pop().filter(|open| *open == name)?;
        if !WORDS.contains(&name) || is_shown(name) {
            self.out.push_str(&format!("</{name}>"));
        }
        Some(())
    }

    /// Whether the innermost open element may hold an element of this name.
    fn may_hold(&self, name: &str) -> Option<()> {
        let may = match self.open.last() {
            None => name == "math" && self.out.is_empty(),
            Some(&("mtext" | "b")) => WORDS.contains(&name),
            Some(open) if HOLDERS.contains(open) => {
                name != "math" && elements().any(|entry| entry == name)
            }
            Some(_) => false,
        };
        may.then_some(())
    }

    /// Attributes of the list with plain values; others are left out.
    fn attributes(&mut self, text: &str) -> Option<()> {
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (name, behind) = rest.split_once("=\"")?;
            let (value, behind) = behind.split_once('"')?;
            let is_plain =
                |letter: char| letter.is_ascii_alphanumeric() || " .%-+#".contains(letter);
            if ATTRIBUTES.contains(&name) && value.chars().all(is_plain) {
                self.out.push_str(&format!(" {name}=\"{value}\""));
            }
            rest = behind.trim_start();
        }
        Some(())
    }
}

/// A link in a formula is its text, and `span` has nothing to say without attributes.
fn is_shown(word: &str) -> bool {
    !matches!(word, "a" | "span")
}

/// The character of a reference at the beginning of a text, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    const KNOWN: [(&str, char); 6] = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
        ("&quot;", '"'),
        ("&#39;", '\''),
        ("&nbsp;", '\u{a0}'),
    ];
    KNOWN
        .iter()
        .find(|(written, _)| text.starts_with(written))
        .map(|(written, letter)| (*letter, written.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_the_library_writes_it_makes_the_whole_unusable() {
        for broken in [
            "<math><mo><script/src=/x></script></mo></math>",
            "<math><mo>a<b</mo></math>",
            "<math><mo><mi>x</mi></mo></math>",
            "<math><mi>x</mo></math>",
            "<math><mi>x</mi>",
            "<math></math><math></math>",
            "<math>text</math>",
            "<math><mi>&#60;</mi></math>",
            "<math><mi>a & b</mi></math>",
            "<math><annotation-xml></annotation-xml></math>",
            "<math><style></style></math>",
            "<math><!-- --></math>",
            "<math><mi a='b'>x</mi></math>",
            "<p>x</p>",
            "x",
            "",
        ] {
            assert_eq!(sanitize_mathml(broken), None, "{broken}");
        }
    }

    #[test]
    fn attributes_outside_the_list_and_links_are_left_out() {
        let written = "<math display=\"block\" style=\"x:url(y)\" onload=\"a\"><mtext><a href=\"javascript:x\">t</a><b>u</b></mtext>\
                       <mspace width=\"1em\" class=\"c\"/></math>";
        let expected = "<math display=\"block\"><mtext>t<b>u</b></mtext><mspace width=\"1em\"></mspace></math>";
        assert_eq!(sanitize_mathml(written).as_deref(), Some(expected));
    }
}
