//! Mutated formulas, Markdown and rich answers: nothing panics, overflows a stack, grows without
//! bound, or shows an element that is not on the list. `ASSAY_HOSTILE_TEXTS=10000` makes more of
//! them than the tests of every day.

use assay_markup as markup;
use markup::{Renderer, find_flaws, rich_text, to_plain_text};
use std::thread;

const SEEDS: [&str; 24] = [
    "x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}",
    "\\sum_{i=1}^{n} \\left( \\begin{matrix} 1 & 2 \\\\ 3 & 4 \\end{matrix} \\right)",
    "\\operatorname{<script/src=/x></script>}",
    "\\begin{array}{c|c} \\hline a & \\text{b \\textbf{c}} \\end{array} \\overbrace{x}^{n}",
    "\\displaystyle \\color{red} x \\over y \\prescript{1}{2}{X} \\not= \\mathop{a}\\limits_b",
    "> quote\n> 1. one\n>    - two\n\n| a | b |\n|---|:-:|\n| $x$ | **y** |\n",
    "# head\n\n*a **b ~~c~~ `d`** [e](https://x.example \"t\") ![f](data:image/png;base64,AAAA)\n\n---\n",
    "```rust\nfn a() {}\n```\n\n    code\n\n<b onclick=x>raw</b> &amp; &#60;\n",
    "<p>a</p><ul><li>b<li>c</ul><table><tr><td>d<td>e</table><a href=https://x.example>f</a>",
    "<script>alert(1)</script><svg><style><img src=x onerror=y></style></svg><math><mtext><table><mglyph><style>",
    "{",
    "}",
    "$",
    "$$",
    "\\left(",
    "\\sqrt",
    "^",
    "_",
    "> ",
    "- ",
    "|",
    "<b>",
    "\u{202e}\u{0}\u{1f468}\u{200d}",
    "&",
];

/// Numbers that are the same at every run (xorshift).
struct XorshiftNumbers(u64);

impl XorshiftNumbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("a remainder of a usize is one")
    }

    fn piece(&mut self) -> &'static str {
        SEEDS[self.below(SEEDS.len())]
    }

    /// Pieces repeated, cut into each other and altered.
    fn text(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(6) {
            let times = if self.below(8) == 0 { 1 + self.below(400) } else { 1 };
            let piece = self.piece();
            let wrapped = if self.below(3) == 0 { format!("${piece}$") } else { piece.to_owned() };
            text.push_str(&wrapped.repeat(times));
            text.push_str(["", " ", "\n", "\n\n"][self.below(4)]);
        }
        for _ in 0..self.below(4) {
            let cut: Vec<char> = text.chars().collect();
            let at = self.below(cut.len() + 1);
            let behind = (at + self.below(5)).min(cut.len());
            text = cut[..at].iter().collect::<String>()
                + self.piece()
                + &cut[behind..].iter().collect::<String>();
        }
        text.chars().take(20_000).collect()
    }
}

fn names_of_elements(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .map(|tag| tag.trim_start_matches('/').split([' ', '>', '/']).next().unwrap_or_default())
}

#[test]
fn mutated_texts_neither_end_the_process_nor_show_what_is_not_on_the_list_a1_a2_a11() {
    const LISTED: &str = " p h1 h2 h3 h4 h5 h6 em strong del code pre blockquote ul ol li hr br a img table thead tbody tr th \
        td b i u s sub sup math mrow mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup munder mover \
        munderover mmultiscripts mtable mtr mtd mi mo mn ms mtext mspace mprescripts none ";
    let count = std::env::var("ASSAY_HOSTILE_TEXTS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(600);
    // A small stack, so that a text that nests further than the scan believes is found out.
    let look = thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let mut numbers = XorshiftNumbers(0x9E37_79B9_7F4A_7C15);
        for number in 0..count {
            let text = numbers.text();
            let renderer = Renderer::new();
            let shown = [
                renderer.blocks(&text),
                renderer.inline(&text),
                renderer.blocks(&format!("${text}$")),
            ];
            for html in &shown {
                assert!(
                    html.len() <= markup::PAGE_BUDGET + 2 * text.len(),
                    "{number}: {} bytes",
                    html.len()
                );
                // The address of another host's picture stands in an element of ours.
                let html = &html.replace("<span class=\"no-medium\">", "").replace("</span>", "");
                for name in names_of_elements(html) {
                    assert!(LISTED.contains(&format!(" {name} ")), "{number}: {name} in {html}");
                }
            }
            let cleaned = rich_text::sanitize_rich_text(&text);
            assert!(rich_text::is_sanitized(&cleaned), "{number}: {cleaned}");
            // Whatever is taken when it is stored is shown as it is meant.
            if find_flaws(&text).is_empty()
                && text.len() <= markup::budget::TEXT_BYTES
                && !text.trim().is_empty()
            {
                assert!(
                    !shown[0].is_empty() || to_plain_text(&text).trim().is_empty(),
                    "{number}: {text}"
                );
            }
        }
    });
    look.unwrap().join().unwrap();
}
