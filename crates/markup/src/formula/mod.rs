//! Formulas as MathML.
//!
//! The library that reads them (`math-core`) calls itself for everything that may hold something,
//! and writes names of operators unescaped. So it is only given what [`depth`] has found shallow,
//! and what it gives is written anew by [`crate::mathml`]. Because a stack that overflows ends the
//! process, the scan is not all that stands between: whatever could nest at all more often than is
//! certainly harmless is read on a stack that is large enough for every formula.

mod depth;
mod symbols;
mod words;

use crate::budget::{FORMULA_CHARACTERS, FORMULA_NESTING, MarkupFlaw};
use crate::mathml;
use depth::{depth, openers};
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::thread;
pub use words::{lowered, raised, to_words};

/// Bytes of MathML that a formula may become; the largest honest ones have some 50,000.
const MATHML_BYTES: usize = 512 * 1024;
/// Things in a formula that could hold others, up to which a stack of any thread is certainly large
/// enough.
const HARMLESS_OPENERS: usize = 40;
/// Bytes of stack in which the library can nest once for each character of the longest formula: it
/// takes 3 to 10 KB a level. The memory is only taken as far as it is used.
const STACK: usize = 64 << 20;
/// Characters of a formula that a flaw shows.
const SHOWN: usize = 40;

static FORMULAS: LazyLock<Option<LatexToMathML>> = LazyLock::new(|| {
    let config = MathCoreConfig {
        annotation: false,
        ignore_unknown_commands: true,
        ..MathCoreConfig::default()
    };
    LatexToMathML::new(config).ok()
});

/// Why a formula is not read.
pub fn formula_flaw(source: &str) -> Option<MarkupFlaw> {
    let begin = || source.chars().take(SHOWN).collect();
    if source.len() > FORMULA_CHARACTERS && source.chars().nth(FORMULA_CHARACTERS).is_some() {
        Some(MarkupFlaw::FormulaTooLong(begin()))
    } else if depth(source) > FORMULA_NESTING {
        Some(MarkupFlaw::FormulaTooDeep(begin()))
    } else {
        None
    }
}

/// A formula as MathML of the allow-list; none when it is beyond its budget or none can be made of
/// it.
pub fn to_mathml(source: &str, is_block: bool) -> Option<String> {
    if formula_flaw(source).is_some() {
        return None;
    }
    let display = if is_block { MathDisplay::Block } else { MathDisplay::Inline };
    let converted = if openers(source) <= HARMLESS_OPENERS {
        converted(source, display)
    } else {
        thread::scope(|scope| {
            let reader = thread::Builder::new().stack_size(STACK);
            reader.spawn_scoped(scope, || converted(source, display)).ok()?.join().ok().flatten()
        })
    };
    mathml::sanitize_mathml(&converted?).filter(|mathml| mathml.len() <= MATHML_BYTES)
}

fn converted(source: &str, display: MathDisplay) -> Option<String> {
    let formulas = FORMULAS.as_ref()?;
    // Some malformed formulas trip assertions inside the library. It keeps no state that a panic
    // could leave broken.
    let converted =
        catch_unwind(AssertUnwindSafe(|| formulas.convert_with_local_state(source, display)));
    converted.ok()?.ok().map(|converted| converted.mathml)
}

#[cfg(test)]
mod tests;
