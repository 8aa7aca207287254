//! How far a long command has come: a bar on a terminal, otherwise a line every few seconds. On
//! standard error, so that results can be piped.

use crate::system::Stopwatch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, Write};
use std::time::Duration;

const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Counts things done out of a known number.
pub struct ProgressReporter {
    what: &'static str,
    total: u64,
    done: u64,
    watch: Stopwatch,
    reported_at: Duration,
    /// Only on a terminal.
    bar: Option<ProgressBar>,
}

impl ProgressReporter {
    /// `what` is the plural of the things counted.
    #[must_use]
    pub fn start(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let form = "{bar:30} {human_pos} of {human_len} {msg}, {per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(form).expect("the form is fixed and tested"));
        bar.set_message(what);
        let bar = Some(bar).filter(|bar| !bar.is_hidden());
        Self { what, total, done: 0, watch: Stopwatch::start(), reported_at: Duration::ZERO, bar }
    }

    /// So many more are done.
    pub fn advance(&mut self, more: u64) {
        self.reach(self.done + more);
    }

    /// So many are done altogether.
    pub fn reach(&mut self, done: u64) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            return;
        }
        let elapsed = self.watch.elapsed();
        if elapsed.saturating_sub(self.reported_at) >= BETWEEN_LINES {
            self.reported_at = elapsed;
            write_line(&under_way(self.done, self.total, self.what, elapsed));
        }
    }

    /// Ends with a line that tells the number, the time and the rate.
    pub fn finish(self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
        let elapsed = self.watch.elapsed();
        let rate = grouped(rate(self.done, elapsed));
        write_line(&format!(
            "{} {} in {}, {rate} a second",
            grouped(self.done),
            self.what,
            clock(elapsed)
        ));
    }
}

/// A progress line that cannot be written is no reason to stop working.
fn write_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn under_way(done: u64, total: u64, what: &str, elapsed: Duration) -> String {
    let rate = rate(done, elapsed);
    let left = total
        .saturating_sub(done)
        .checked_div(rate)
        .map_or("unknown time".to_owned(), |seconds| clock(Duration::from_secs(seconds)));
    format!(
        "{} of {} {what}, {} a second, {left} left",
        grouped(done),
        grouped(total),
        grouped(rate)
    )
}

/// Things a second, whole.
fn rate(done: u64, elapsed: Duration) -> u64 {
    let millis = elapsed.as_millis().max(1);
    u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX)
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `7 s`, `3 min 20 s`, `2 h 5 min`.
fn clock(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_done_yet_promises_no_time() {
        assert_eq!(
            under_way(0, 10, "instances", Duration::from_secs(5)),
            "0 of 10 instances, 0 a second, unknown time left"
        );
    }

    #[test]
    fn a_line_tells_the_rate_and_the_time_left() {
        let line = under_way(25_000, 1_000_000, "instances", Duration::from_secs(5));
        assert_eq!(line, "25,000 of 1,000,000 instances, 5,000 a second, 3 min 15 s left");
    }

    #[test]
    fn numbers_and_durations_are_written_for_people() {
        assert_eq!([grouped(0), grouped(999), grouped(1000)], ["0", "999", "1,000"]);
        assert_eq!(
            [clock(Duration::from_secs(59)), clock(Duration::from_secs(7500))],
            ["59 s", "2 h 5 min"]
        );
    }

    #[test]
    fn without_a_terminal_counting_goes_on_without_a_bar() {
        let mut progress = ProgressReporter::start("instances", 10);
        progress.advance(4);
        progress.advance(6);
        assert_eq!(progress.done, 10);
        progress.finish();
    }
}
