//! Finding patterns in texts (domain rules, 2.7), at a price that is known before.
//!
//! The engine's time is linear in the text, and linear in the compiled size of the pattern: the
//! product is the *cost* of a match. What an author may write is bounded when a document is kept
//! ([`LARGEST_PATTERN`] and the budgets below). Documents kept before may hold larger ones, which
//! still mean what they meant; so whoever must not be held up, as the thread that writes the
//! database, looks within a budget: what would cost more is not looked for there, and is told to
//! the caller, who has it found elsewhere and comes again ([`within_budget`]).

use regex::{Regex, RegexBuilder};
use regex_automata::nfa::thompson;
use sha2::{Digest as _, Sha256};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The largest compiled size of a pattern that documents kept before may have, in bytes.
const LARGEST_KEPT: usize = 1 << 20;
/// The largest compiled size of a pattern in a document that is kept now, in bytes: of the program
/// it becomes.
pub const LARGEST_PATTERN: usize = 64 << 10;
/// The longest pattern as written, in bytes. A short class is a large set of characters before
/// anything is compiled.
pub const LONGEST_PATTERN: usize = 4 << 10;
/// The longest text that patterns may be looked for in, in characters.
pub const LONGEST_TEXT: u32 = 20_000;
/// What all rules of one question may cost: four of the largest patterns in the longest text.
pub const QUESTION_BUDGET: u64 = 4 * LARGEST_PATTERN as u64 * LONGEST_TEXT as u64;
/// What all rules of one document may cost.
pub const DOCUMENT_BUDGET: u64 = 32 * QUESTION_BUDGET;
/// The compiled size of all patterns of one document.
pub const DOCUMENT_PATTERNS: u64 = 16 << 20;
/// What one scoring may cost where nobody may be held up: some milliseconds at worst, and far more
/// than the rules of ordinary tests cost with the texts people write.
pub const INLINE_BUDGET: u64 = 20_000_000;

/// Bytes of compiled patterns that are kept.
const KEPT_BYTES: usize = 32 << 20;
/// Outcomes of costly matches that are remembered.
const KEPT_MATCHES: usize = 100_000;

/// A pattern ready to be looked for.
struct CompiledPattern {
    regex: Regex,
    size: u64,
}

/// Patterns by their text; `None` does not compile. A full cache is emptied: simple, and tests have
/// far fewer patterns.
#[derive(Default)]
struct PatternCache {
    cache: HashMap<String, Option<Arc<CompiledPattern>>>,
    bytes: usize,
}

static PATTERNS: LazyLock<Mutex<PatternCache>> = LazyLock::new(Mutex::default);

/// A match that was too dear where it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostlyMatch {
    pub pattern: String,
    /// As patterns meet it.
    pub text: Arc<str>,
}

/// Outcomes of costly matches, by what was looked for and where. Shared, so that work that was done
/// is never lost.
#[derive(Default)]
pub struct MatchMemo {
    cache: Mutex<MemoEntries>,
}

#[derive(Default)]
struct MemoEntries {
    outcomes: HashMap<[u8; 32], bool>,
    /// In the order they came, so that the oldest is forgotten first.
    order: VecDeque<[u8; 32]>,
}

/// What a thread may still spend, and what it had to leave.
struct MatchBudget {
    memo: Arc<MatchMemo>,
    left: u64,
    missing: Vec<CostlyMatch>,
    /// The text that was asked about last: a question's rules all ask about one.
    last: Option<(Arc<str>, [u8; 32])>,
}

thread_local! {
    static ACCOUNT: RefCell<Option<MatchBudget>> = const { RefCell::new(None) };
    static REQUIRES_BUDGET: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread must never be held up: a debug build that looks for a pattern on it
/// outside of [`within_budget`] panics, so that every test which comes by such a place finds it.
/// Threads of databases and runtimes say so when they begin.
pub fn require_match_budget() {
    REQUIRES_BUDGET.set(true);
}

/// Runs some work on this thread in which matches may cost so much together. Outcomes in the memo
/// cost nothing.
///
/// # Errors
/// The matches that were too dear. What the work gave is worth nothing then.
pub fn within_budget<T>(
    memo: &Arc<MatchMemo>,
    budget: u64,
    work: impl FnOnce() -> T,
) -> Result<T, Vec<CostlyMatch>> {
    /// Ends the account also when the work panics.
    struct MatchBudgetGuard;
    impl Drop for MatchBudgetGuard {
        fn drop(&mut self) {
            ACCOUNT.take();
        }
    }
    ACCOUNT.set(Some(MatchBudget {
        memo: memo.clone(),
        left: budget,
        missing: Vec::new(),
        last: None,
    }));
    let ending = MatchBudgetGuard;
    let done = work();
    let missing = ACCOUNT.take().map(|account| account.missing).unwrap_or_default();
    drop(ending);
    if missing.is_empty() { Ok(done) } else { Err(missing) }
}

impl CostlyMatch {
    /// Looks, whatever it costs, and remembers the outcome, unless that is known by now. For
    /// threads that may be held up.
    pub fn find_and_remember(&self, memo: &MatchMemo) {
        let key = key(&digest_of(&self.text), &self.pattern);
        if memo.outcome(&key).is_some() {
            return;
        }
        let found =
            compiled(&self.pattern).is_some_and(|compiled| compiled.regex.is_match(&self.text));
        memo.remember(key, found);
    }
}

impl MatchMemo {
    fn entries(&self) -> MutexGuard<'_, MemoEntries> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcome(&self, key: &[u8; 32]) -> Option<bool> {
        self.entries().outcomes.get(key).copied()
    }

    fn remember(&self, key: [u8; 32], found: bool) {
        let mut existing = self.entries();
        if existing.outcomes.insert(key, found).is_none() {
            existing.order.push_back(key);
        }
        if existing.order.len() > KEPT_MATCHES
            && let Some(oldest) = existing.order.pop_front()
        {
            existing.outcomes.remove(&oldest);
        }
    }
}

fn digest_of(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn key(text: &[u8; 32], pattern: &str) -> [u8; 32] {
    Sha256::new().chain_update(text).chain_update(pattern).finalize().into()
}

impl MatchBudget {
    fn outcome(
        &mut self,
        pattern: &str,
        text: &str,
        existing: Option<&Option<Arc<CompiledPattern>>>,
    ) -> Option<bool> {
        if let Some(compiled) = existing {
            let compiled = compiled.as_deref()?;
            let cost = compiled.size.saturating_mul(text.len() as u64);
            if cost <= self.left {
                self.left -= cost;
                return Some(compiled.regex.is_match(text));
            }
        }
        let (text, digest) = self.shared(text);
        let outcome = self.memo.outcome(&key(&digest, pattern));
        if outcome.is_none() {
            self.missing.push(CostlyMatch { pattern: pattern.to_owned(), text });
        }
        Some(outcome.unwrap_or(false))
    }

    /// The text as one piece that all its matches share, and its digest.
    fn shared(&mut self, text: &str) -> (Arc<str>, [u8; 32]) {
        match &self.last {
            Some((last, digest)) if **last == *text => (last.clone(), *digest),
            _ => {
                let new: (Arc<str>, _) = (text.into(), digest_of(text));
                self.last = Some(new.clone());
                new
            }
        }
    }
}

/// Whether a pattern is found in a text; `None` when the pattern does not compile. Within
/// [`within_budget`] the answer to what is too dear is `Some(false)`, and worth nothing.
#[must_use]
pub fn is_found(pattern: &str, text: &str) -> Option<bool> {
    let existing = cached(pattern);
    ACCOUNT.with_borrow_mut(|account| match account {
        // A pattern that this process has not met is compiled elsewhere, too.
        Some(account) => account.outcome(pattern, text, existing.as_ref()),
        None => {
            debug_assert!(
                !REQUIRES_BUDGET.get(),
                "a pattern is looked for without a budget where nobody may be held up"
            );
            let compiled = existing.unwrap_or_else(|| compiled(pattern));
            compiled.map(|compiled| compiled.regex.is_match(text))
        }
    })
}

fn cache() -> MutexGuard<'static, PatternCache> {
    PATTERNS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cached(pattern: &str) -> Option<Option<Arc<CompiledPattern>>> {
    cache().cache.get(pattern).cloned()
}

/// Compiles a pattern as rules use it: no look-around or back-references, bounded size.
fn compiled(pattern: &str) -> Option<Arc<CompiledPattern>> {
    if let Some(existing) = cached(pattern) {
        return existing;
    }
    // Outside the lock: it may take a while.
    let regex = RegexBuilder::new(pattern).size_limit(LARGEST_KEPT).build().ok();
    let compiled = regex.map(|regex| {
        Arc::new(CompiledPattern { regex, size: size(pattern, LARGEST_KEPT).unwrap_or(0) })
    });
    let mut cache = cache();
    let bytes = pattern.len()
        + compiled.as_ref().map_or(0, |compiled| usize::try_from(compiled.size).unwrap_or(0));
    if cache.bytes + bytes > KEPT_BYTES {
        *cache = PatternCache::default();
    }
    cache.bytes += bytes;
    cache.cache.insert(pattern.to_owned(), compiled.clone());
    compiled
}

/// The compiled size of a pattern in bytes; none when it does not compile, or not within the limit.
fn size(pattern: &str, limit: usize) -> Option<u64> {
    let config = thompson::Config::new().nfa_size_limit(Some(limit));
    let nfa = thompson::Compiler::new().configure(config).build(pattern).ok()?;
    Some(nfa.memory_usage() as u64)
}

/// The compiled size of a pattern as authors may write it; none when it does not compile or is too
/// large.
#[must_use]
pub fn authored_size(pattern: &str) -> Option<u64> {
    if pattern.len() > LONGEST_PATTERN {
        return None;
    }
    // What is looked for has tables beside the program, for searching backwards; their limit is the
    // one of before.
    let is_usable = || RegexBuilder::new(pattern).size_limit(LARGEST_KEPT).build().is_ok();
    // The smaller work first, which ends as soon as it is too large. While it is made a program
    // takes more than when it is done.
    size(pattern, 4 * LARGEST_PATTERN)
        .filter(|size| *size <= LARGEST_PATTERN as u64)
        .filter(|_| is_usable())
}

/// The compiled sizes of patterns that an author wrote. Finding them is work: it is done once, and
/// ends when more was compiled than one document may hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternSizes {
    /// None of a pattern that cannot be used.
    cache: HashMap<String, Option<u64>>,
    compiled: u64,
}

impl PatternSizes {
    /// Whether no more is compiled.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.compiled > DOCUMENT_PATTERNS
    }

    /// Finds the size of a pattern unless it is known; none when it cannot be used, or is not
    /// looked at any more.
    pub fn find(&mut self, pattern: &str) -> Option<u64> {
        if let Some(existing) = self.cache.get(pattern) {
            return *existing;
        }
        if self.is_full() {
            return None;
        }
        let size = authored_size(pattern);
        // One that is refused was compiled as far as the limit.
        self.compiled += size.unwrap_or(LARGEST_PATTERN as u64);
        self.cache.insert(pattern.to_owned(), size);
        size
    }

    /// The size of a pattern that was looked at before and can be used.
    #[must_use]
    pub fn of(&self, pattern: &str) -> Option<u64> {
        self.cache.get(pattern).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn memo() -> Arc<MatchMemo> {
        Arc::new(MatchMemo::default())
    }

    #[test]
    fn patterns_are_found_anywhere_and_hostile_ones_are_refused() {
        assert_eq!(is_found("b+", "abbc"), Some(true));
        assert_eq!(is_found("^b", "abbc"), Some(false));
        assert_eq!(is_found("(?i)B", "abbc"), Some(true));
        for hostile in ["(a)\\1", "(?=a)", "(", "((a{200}){200}){200}"] {
            assert_eq!(is_found(hostile, "a"), None, "{hostile}");
        }
    }

    #[test]
    fn a_full_cache_of_patterns_still_answers() {
        let large = |number: usize| format!("[ab]{{{}}}c", 5_000 + number);
        for number in 0..60 {
            assert_eq!(is_found(&large(number), "abc"), Some(false));
        }
        assert!(cache().bytes <= KEPT_BYTES);
    }

    /// Finding security A6: a pattern of 1 MiB compiled and a text of a million characters held the
    /// writing thread for eleven seconds.
    #[test]
    fn what_is_too_dear_is_not_looked_for_here_and_once_it_was_found_costs_nothing_a6() {
        let (memo, text) = (memo(), "ab".repeat(30_000) + "c");
        let score = || is_found("a[ab]{201}c", &text);
        let dear = within_budget(&memo, INLINE_BUDGET, score).unwrap_err();
        assert_eq!(dear.len(), 1);
        dear.iter().for_each(|dear| dear.find_and_remember(&memo));
        assert_eq!(within_budget(&memo, INLINE_BUDGET, score), Ok(Some(true)));
        assert_eq!(within_budget(&memo, 0, score), Ok(Some(true)), "an outcome costs nothing");
        assert_eq!(is_found("a[ab]{201}c", &text), Some(true), "and nothing is left of the budget");
    }

    #[test]
    fn a_pattern_that_was_never_met_is_not_compiled_within_a_budget() {
        let memo = memo();
        let dear =
            within_budget(&memo, u64::MAX, || is_found("never met [a-z]{3}", "x")).unwrap_err();
        dear.iter().for_each(|dear| dear.find_and_remember(&memo));
        assert_eq!(
            within_budget(&memo, u64::MAX, || is_found("never met [a-z]{3}", "x")),
            Ok(Some(false))
        );
        assert_eq!(
            within_budget(&memo, INLINE_BUDGET, || is_found("never met [a-z]{3}", "y")),
            Ok(Some(false))
        );
    }

    #[test]
    fn all_that_is_too_dear_is_told_at_once_and_shares_its_text() {
        let text = "x".repeat(1000);
        let all =
            || (0..50).map(|number| is_found(&format!("told at once {number}"), &text)).count();
        let dear = within_budget(&memo(), u64::MAX, all).unwrap_err();
        assert_eq!(dear.len(), 50);
        assert!(dear.iter().all(|one| Arc::ptr_eq(&one.text, &dear[0].text)));
    }

    #[test]
    fn a_thread_that_must_not_be_held_up_looks_within_a_budget_only() {
        require_match_budget();
        let look = || is_found("held up", "nobody is held up");
        assert!(std::panic::catch_unwind(look).is_err());
        let memo = memo();
        within_budget(&memo, INLINE_BUDGET, look)
            .unwrap_err()
            .iter()
            .for_each(|dear| dear.find_and_remember(&memo));
        assert_eq!(within_budget(&memo, INLINE_BUDGET, look), Ok(Some(true)));
    }

    #[test]
    fn a_budget_ends_with_its_work_even_when_that_panics() {
        let panicked =
            std::panic::catch_unwind(|| within_budget(&memo(), 0, || panic!("as a test")));
        assert!(panicked.is_err());
        assert_eq!(is_found("ends with its work", "it ends with its work"), Some(true));
    }

    #[test]
    fn authors_may_write_patterns_of_64_kib_and_no_larger_ones_a6() {
        for usable in [
            "^F.x$",
            "(?i)\\bphoto\\w*synthesis\\b",
            "[A-Z]{2}\\d{2}( ?\\d{4}){4}",
            "a[ab]{500}c",
            "\\w+@\\w+",
        ] {
            let size = authored_size(usable).unwrap();
            assert!(size > 0 && size <= LARGEST_PATTERN as u64, "{usable}: {size}");
        }
        let long = "a".repeat(LONGEST_PATTERN + 1);
        for refused in ["a[ab]{5000}c", "\\w{100}", "(a)\\1", "(", "(?=a)", long.as_str()] {
            assert_eq!(authored_size(refused), None, "{refused}");
        }
    }

    #[test]
    fn only_so_many_outcomes_are_remembered() {
        let memo = memo();
        for number in 0..KEPT_MATCHES + 10 {
            memo.remember(key(&digest_of("text"), &number.to_string()), true);
        }
        assert_eq!(memo.entries().outcomes.len(), KEPT_MATCHES);
        assert_eq!(memo.outcome(&key(&digest_of("text"), "0")), None);
    }

    proptest! {
        /// What a budget leaves to others comes out as it would have without one.
        #[test]
        fn a_budget_never_changes_an_outcome(
            patterns in prop::collection::vec("[ab.]{1,6}", 1..6),
            texts in prop::collection::vec("[abc]{0,40}", 1..4),
            budget in 0_u64..200_000,
        ) {
            let score = || -> Vec<_> {
                let of_text = |text: &String| patterns.iter().map(|it| is_found(it, text)).collect::<Vec<_>>();
                texts.iter().map(of_text).collect()
            };
            let (memo, mut tries) = (memo(), 0);
            let found = loop {
                tries += 1;
                match within_budget(&memo, budget, score) {
                    Ok(found) => break found,
                    Err(dear) => dear.iter().for_each(|dear| dear.find_and_remember(&memo)),
                }
            };
            prop_assert_eq!(found, score());
            // What is compiled after the first try may cost what others cost before; nothing
            // changes any more after that.
            prop_assert!(tries <= 3, "all that is missing is told at once");
        }
    }
}
