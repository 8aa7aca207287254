//! One Markdown table, the sentences below it, and the same as JSON for a later run to compare
//! with.

use crate::process::ProcessCost;
use crate::request_samples::{
    RequestFigures, RequestKind, RequestSample, busiest_second, figures, millis, percentile, sorted,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

/// Saves when nobody enters and nobody hands in.
const CALM_SAVES: &str = "save, between the rushes";

/// Figures by the words of their kind.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct LoadReport {
    pub figures: BTreeMap<String, RequestFigures>,
    pub busiest_second: usize,
    /// How late the generator was with the 99th of 100 acts, in milliseconds.
    pub lag: f64,
    /// What the server cost, when its process was watched.
    #[serde(default)]
    pub server: Option<ProcessCost>,
}

impl LoadReport {
    /// `calm` is the time, since the beginning, in which nobody enters and nobody hands in.
    pub fn of(samples: &[RequestSample], lags: &[Duration], calm: &Range<Duration>) -> Self {
        let within: Vec<RequestSample> =
            samples.iter().copied().filter(|sample| calm.contains(&sample.wished)).collect();
        let calm =
            figures(&within, RequestKind::Save).map(|figures| (CALM_SAVES.to_owned(), figures));
        let kinds = RequestKind::ALL.into_iter();
        let kinds =
            kinds.filter_map(|kind| Some((kind.as_str().to_owned(), figures(samples, kind)?)));
        let lag = millis(percentile(&sorted(lags.iter().copied()), 99));
        Self {
            figures: kinds.chain(calm).collect(),
            busiest_second: busiest_second(samples),
            lag,
            server: None,
        }
    }

    /// The table; with another run beside it, a column with the ratio of the 99th percentiles.
    pub fn table(&self, beside: Option<&Self>) -> String {
        let mut columns = vec![
            "request",
            "count",
            "errors",
            "offered/s",
            "achieved/s",
            "p50 ms",
            "p99 ms",
            "max ms",
        ];
        columns.extend(beside.map(|_| "p99 / p99 without readers"));
        let mut table = row(&columns);
        table.push_str(&row(&vec!["---"; columns.len()]));
        for words in RequestKind::ALL.map(RequestKind::as_str).into_iter().chain([CALM_SAVES]) {
            let Some(figures) = self.figures.get(words) else { continue };
            let mut cells = cells(words, figures);
            cells.extend(beside.map(|other| ratio(figures, other.figures.get(words))));
            table.push_str(&row(&cells));
        }
        table
    }
}

/// Every try of a request as `kind,status,wished,latency`, in milliseconds since the beginning;
/// status 0 is no reply.
pub fn timeline(samples: &[RequestSample]) -> String {
    let mut lines = "kind,status,wished,latency\n".to_owned();
    for RequestSample { kind, status, wished, latency } in samples {
        let _ = writeln!(
            lines,
            "{},{status},{:.1},{:.1}",
            kind.as_str(),
            millis(*wished),
            millis(*latency)
        );
    }
    lines
}

fn cells(words: &str, figures: &RequestFigures) -> Vec<String> {
    let RequestFigures { count, errors, offered, achieved, p50, p99, max } = figures;
    vec![
        words.to_owned(),
        count.to_string(),
        said(errors),
        format!("{offered:.0}"),
        format!("{achieved:.0}"),
        format!("{p50:.1}"),
        format!("{p99:.1}"),
        format!("{max:.1}"),
    ]
}

fn ratio(figures: &RequestFigures, other: Option<&RequestFigures>) -> String {
    other.map_or_else(String::new, |other| format!("{:.2}", figures.p99 / other.p99.max(0.001)))
}

fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let mut row = "|".to_owned();
    for cell in cells {
        let _ = write!(row, " {} |", cell.as_ref());
    }
    row + "\n"
}

/// `0`, or `3 (503: 2, no reply: 1)`.
fn said(errors: &BTreeMap<u16, usize>) -> String {
    let total: usize = errors.values().sum();
    if total == 0 {
        return "0".to_owned();
    }
    let name = |status: &u16| if *status == 0 { "no reply".to_owned() } else { status.to_string() };
    let each: Vec<String> =
        errors.iter().map(|(status, count)| format!("{}: {count}", name(status))).collect();
    format!("{total} ({})", each.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_by_status() {
        assert_eq!(said(&BTreeMap::from([(0, 1), (503, 2)])), "3 (no reply: 1, 503: 2)");
        assert_eq!(said(&BTreeMap::new()), "0");
    }

    #[test]
    fn a_run_beside_another_has_a_column_of_ratios() {
        let report = |p99| {
            let figures = RequestFigures { count: 1, p99, ..RequestFigures::default() };
            LoadReport {
                figures: BTreeMap::from([(RequestKind::Save.as_str().to_owned(), figures)]),
                ..LoadReport::default()
            }
        };
        let table = report(3.0).table(Some(&report(2.0)));
        assert!(table.ends_with("| save an answer | 1 | 0 | 0 | 0 | 0.0 | 3.0 | 0.0 | 1.50 |\n"));
    }
}
