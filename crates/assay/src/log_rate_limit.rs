//! Keeps the log from flooding: warnings and errors of one place in the program are written down at
//! once while they are few, and beyond that once a second with the number of those that were left
//! out.
//!
//! A full disk makes several lines of each request that it refuses, thousands a second, and the log
//! may lie on that very disk. Lines of other levels are not limited: a line a request is what
//! `info` is for.

use crate::system::Stopwatch;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::callsite::Identifier;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Lines of one place that are written at once.
const BURST: u32 = 20;
/// After them, one each of these.
const PERIOD: Duration = Duration::from_secs(1);

/// Lines of one place in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CallSiteBudget {
    /// Lines that may still be written, at `refilled`.
    left: u32,
    refilled: Duration,
    left_out: u64,
}

impl CallSiteBudget {
    const fn new(now: Duration) -> Self {
        Self { left: BURST, refilled: now, left_out: 0 }
    }

    /// Whether a line may be written now, and then how many were left out before it.
    fn take(&mut self, now: Duration) -> Option<u64> {
        let periods = now.saturating_sub(self.refilled).as_secs() / PERIOD.as_secs();
        if periods > 0 {
            self.left =
                BURST.min(self.left.saturating_add(u32::try_from(periods).unwrap_or(BURST)));
            self.refilled = now;
        }
        if self.left == 0 {
            self.left_out += 1;
            return None;
        }
        self.left -= 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

/// Writes events as another format does, but not too many of one place.
pub struct RateLimitedFormat<Format> {
    format: Format,
    is_json: bool,
    clock: Stopwatch,
    places: Mutex<HashMap<Identifier, CallSiteBudget>>,
}

impl<Format> RateLimitedFormat<Format> {
    /// `format`, with warnings and errors of one place in the program limited.
    pub fn new(format: Format, is_json: bool) -> Self {
        Self { format, is_json, clock: Stopwatch::start(), places: Mutex::default() }
    }

    fn take(&self, event: &Event<'_>) -> Option<u64> {
        if *event.metadata().level() > Level::WARN {
            return Some(0);
        }
        let now = self.clock.elapsed();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // There are as many places as the program has lines that warn.
        places
            .entry(event.metadata().callsite())
            .or_insert_with(|| CallSiteBudget::new(now))
            .take(now)
    }
}

impl<S, N, Format> FormatEvent<S, N> for RateLimitedFormat<Format>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
    Format: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(left_out) = self.take(event) else { return Ok(()) };
        if left_out > 0 && self.is_json {
            let level = event.metadata().level();
            writeln!(
                writer,
                r#"{{"level":"{level}","message":"lines like the next one were left out","count":{left_out}}}"#
            )?;
        } else if left_out > 0 {
            writeln!(writer, "{left_out} lines like the next one were left out")?;
        }
        self.format.format_event(context, writer, event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::Arc;

    #[test]
    fn a_flood_becomes_a_line_a_second_with_the_number_of_the_others() {
        let mut place = CallSiteBudget::new(Duration::ZERO);
        let written =
            (0..1000).filter(|_| place.take(Duration::from_millis(300)).is_some()).count();
        assert_eq!(written, 20);
        assert_eq!(place.take(Duration::from_millis(1300)), Some(980));
        assert_eq!(place.take(Duration::from_millis(1900)), None);
        assert_eq!(place.take(Duration::from_secs(3)), Some(1));
        assert_eq!(place.take(Duration::from_secs(900)), Some(0), "it begins anew after a pause");
    }

    #[derive(Clone, Default)]
    struct CapturedLines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for CapturedLines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Finding faults, minor, log flood.
    #[test]
    fn a_full_disk_does_not_fill_itself_with_lines_and_other_lines_are_all_there() {
        let lines = CapturedLines::default();
        let (format, writer) = (tracing_subscriber::fmt::format(), lines.clone());
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .event_format(RateLimitedFormat::new(format, false))
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            for request in 0..5000 {
                tracing::error!(request, "a group of writes was not kept");
                tracing::info!("a request");
            }
            tracing::error!("something else");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let count = |of: &str| text.lines().filter(|line| line.contains(of)).count();
        // A slow machine may take some seconds for it.
        assert!((20..100).contains(&count("was not kept")), "{}", count("was not kept"));
        assert_eq!((count("a request"), count("something else")), (5000, 1));
    }
}
