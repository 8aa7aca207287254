use super::*;

/// Finding security A2: a text of 3 KB ended the process.
#[test]
fn a_formula_of_1500_braces_is_refused_and_not_read_a2() {
    let deep = format!("{}{}", "{".repeat(1500), "}".repeat(1500));
    assert!(matches!(formula_flaw(&deep), Some(MarkupFlaw::FormulaTooDeep(_))));
    assert_eq!(to_mathml(&deep, false), None);
}

#[test]
fn every_way_to_nest_is_counted_a2() {
    for (open, close) in [
        ("{", "}"),
        ("\\frac{", "}{1}"),
        ("\\frac{1}{", "}"),
        ("\\sqrt{", "}"),
        ("\\sqrt[", "]{x}"),
        ("\\left(", "\\right)"),
        ("\\left\\{", "\\right\\}"),
        ("\\overline", ""),
        ("\\sqrt", ""),
        ("\\hat", ""),
        ("\\not", ""),
        ("\\text{", "}"),
        ("x^{", "}"),
        ("x_{", "}"),
        ("x^\\sqrt", ""),
        ("\\begin{matrix}", "\\end{matrix}"),
        ("\\begin{array}{c}", "\\end{array}"),
        ("\\displaystyle x", ""),
        ("\\color{red}x", ""),
        ("\\mathop{", "}"),
        ("\\mathop", ""),
        ("\\overset{a}", ""),
        ("\\xrightarrow[a]", ""),
        ("\\xrightarrow[", "]{a}"),
        ("\\phantom", ""),
        ("\\cancel", ""),
        ("\\operatorname{", "}"),
        ("\\frac{1}", ""),
        ("\\frac1", ""),
        ("\\sqrt[3]", ""),
        ("\\overbrace{a}^", ""),
        ("\\frac\\left(1\\right)", ""),
        ("\\frac\\begin{matrix}1\\end{matrix}", ""),
        ("\\prescript12", ""),
        ("\\sideset{_1}{_2}", ""),
        ("\\binom\\alpha", ""),
    ] {
        let nested = |count: usize| format!("{}x{}", open.repeat(count), close.repeat(count));
        assert!(depth(&nested(51)) > FORMULA_NESTING, "{open}: {}", depth(&nested(51)));
        assert!(depth(&nested(16)) <= FORMULA_NESTING, "{open}");
        assert_eq!(to_mathml(&nested(120), false), None, "{open}");
        to_mathml(&nested(16), false);
    }
}

/// The second line of defence: what the scan would let through by mistake finds a stack that is
/// large enough.
#[test]
fn the_stack_is_large_enough_for_whatever_a_longest_formula_can_nest_a2() {
    for open in [
        "{",
        "\\sqrt",
        "\\hat",
        "x^{",
        "\\left(",
        "\\frac1",
        "\\frac{",
        "\\text{",
        "\\begin{matrix}",
        "\\color{red}x",
        "\\not",
        "\\sqrt[",
    ] {
        let source = open.repeat(FORMULA_CHARACTERS / open.len());
        thread::scope(|scope| {
            let reader = thread::Builder::new().stack_size(STACK);
            reader
                .spawn_scoped(scope, || converted(&source, MathDisplay::Inline))
                .unwrap()
                .join()
                .unwrap();
        });
    }
}

#[test]
fn fifty_levels_of_groups_fractions_roots_scripts_and_delimiters_are_taken() {
    for (open, close) in [
        ("{", "}"),
        ("\\frac{", "}{1}"),
        ("\\sqrt{", "}"),
        ("\\left(", "\\right)"),
        ("x^{", "}"),
        ("\\sqrt", ""),
        ("\\begin{matrix}", "\\end{matrix}"),
    ] {
        let nested = |count: usize| format!("{}x{}", open.repeat(count), close.repeat(count));
        assert_eq!((depth(&nested(50)), depth(&nested(51))), (50, 51), "{open}");
        assert!(to_mathml(&nested(50), false).is_some(), "{open}");
    }
}

#[test]
fn a_long_formula_is_refused_by_its_characters_not_its_bytes() {
    assert_eq!(formula_flaw(&"é".repeat(4_000)), None);
    assert!(matches!(formula_flaw(&"é".repeat(4_001)), Some(MarkupFlaw::FormulaTooLong(_))));
}

#[test]
fn ordinary_formulas_are_shallow_and_become_mathml() {
    for source in [
        "x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}",
        "\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}",
        "\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt\\pi}{2}",
        "\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}",
        "\\alpha\\beta\\gamma\\delta\\epsilon\\zeta\\eta\\theta",
        "\\text{if } a < b \\text{ and } c > d",
        "\\lim_{x \\to 0} \\frac{\\sin x}{x}",
        "\\mathbb{R}^n, \\vec{v}, \\overline{AB}, 45^\\circ, 3\\cdot 4",
        "f(x) = \\begin{cases} x & x > 0 \\\\ -x & \\text{otherwise} \\end{cases}",
        "\\left( \\frac{1}{2} \\right)^2 \\leq 5\\%",
    ] {
        assert!(depth(source) <= 10, "{source}: {}", depth(source));
        let mathml = to_mathml(source, true).unwrap_or_else(|| panic!("{source}"));
        assert!(mathml.starts_with("<math") && mathml.ends_with("</math>"), "{mathml}");
    }
}

/// Finding security A1, cause 1.
#[test]
fn markup_in_the_name_of_an_operator_makes_no_formula_a1() {
    for source in [
        "\\operatorname{<script/src=/x></script>}",
        "\\operatorname{<iframe/srcdoc=\\&\\#60;script\\&\\#62;>}",
        "\\operatorname{<img/src=x/onerror=alert(1)>}",
        "\\operatorname*{</mo></math><script>}",
        "\\operatorname{<mi>x</mi>}",
        "\\operatorname{<!--}",
    ] {
        let made = to_mathml(source, false);
        assert!(
            made.as_ref().is_none_or(|mathml| !mathml.contains("script") && !mathml.contains("<i")),
            "{made:?}"
        );
    }
    let named = to_mathml("\\operatorname{sgn} x", false).unwrap();
    assert!(named.contains("sgn"), "{named}");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const PIECES: [&str; 40] = [
        "{",
        "}",
        "[",
        "]",
        "\\left(",
        "\\right)",
        "\\left\\{",
        "\\right.",
        "\\frac",
        "\\sqrt",
        "^",
        "_",
        "x",
        "1",
        " ",
        "\\begin{matrix}",
        "\\end{matrix}",
        "&",
        "\\\\",
        "\\displaystyle",
        "\\color{red}",
        "\\text{",
        "\\operatorname{",
        "<",
        ">",
        "\\&",
        "\\#",
        "\"",
        "'",
        "\\over",
        "\\mathop",
        "\\not",
        "\\overset",
        "\\hat",
        "\\xrightarrow[",
        "\\limits",
        "\\begin{array}{c|c}",
        "\\end{array}",
        "\\middle|",
        "\\rm",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// Whatever the scan takes for shallow, the library reads on little stack.
        #[test]
        fn a_mutated_formula_neither_panics_nor_overflows_and_comes_out_as_allowed(
            pieces in proptest::collection::vec((0..PIECES.len(), 1_usize..60), 0..60)
        ) {
            let source: String = pieces.iter().map(|(piece, times)| PIECES[*piece].repeat(1 + times / 12)).collect();
            let source: String = source.chars().take(FORMULA_CHARACTERS).collect();
            if let Some(made) = to_mathml(&source, false) {
                prop_assert_eq!(crate::mathml::sanitize_mathml(&made), Some(made.clone()));
            }
        }
    }
}
