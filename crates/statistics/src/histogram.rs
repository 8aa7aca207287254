//! Values counted in bins of one width.

use crate::Distribution;
use crate::to_f64;

/// The values from `from` on and below `to`; the last bin holds `to` too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistogramBin {
    pub from: i64,
    pub to: i64,
    pub count: u64,
}

/// What a histogram shows whatever the values are, and the widths its bins may have.
#[derive(Clone, Copy, Debug)]
pub struct HistogramScale<'a> {
    pub from: i64,
    pub to: i64,
    /// Ascending; each divides `to - from`.
    pub widths: &'a [i64],
}

impl Distribution {
    /// The values in bins that cover the scale. Values below the scale get more bins, at most as
    /// many as the scale itself has; the first of them takes what lies still lower. Values above
    /// belong to the last bin.
    ///
    /// The width is the smallest allowed one that is no smaller than `2 IQR / cbrt(n)` (Freedman
    /// and Diaconis, "On the histogram as a density estimator: L2 theory", Zeitschrift für
    /// Wahrscheinlichkeitstheorie 57 (1981)), or else the largest. No bins of nothing.
    #[must_use]
    pub fn histogram(&self, scale: &HistogramScale<'_>) -> Vec<HistogramBin> {
        let (Some(summary), Some(width)) = (self.summary(), self.width(scale)) else {
            return Vec::new();
        };
        let whole = (scale.to - scale.from) / width;
        let missing = (scale.from - summary.minimum).max(0);
        let lower = ((missing + width - 1) / width).min(whole);
        let first = scale.from - lower * width;
        let edge = |bin: i64| first + bin * width;
        let mut bins: Vec<HistogramBin> = (0..lower + whole)
            .map(|bin| HistogramBin { from: edge(bin), to: edge(bin + 1), count: 0 })
            .collect();
        for (value, count) in self.value_counts() {
            let index = usize::try_from((value - first).div_euclid(width)).unwrap_or(0);
            let last = bins.len() - 1;
            bins[index.min(last)].count += count;
        }
        if let Some(bin) = bins.first_mut() {
            bin.from = bin.from.min(summary.minimum);
        }
        if let Some(bin) = bins.last_mut() {
            bin.to = bin.to.max(summary.maximum);
        }
        bins
    }

    fn width(&self, scale: &HistogramScale<'_>) -> Option<i64> {
        let summary = self.summary()?;
        let wanted =
            2.0 * (summary.upper_quartile - summary.lower_quartile) / to_f64(summary.count).cbrt();
        #[allow(clippy::cast_precision_loss, reason = "widths are small")]
        let is_enough = |width: &&i64| **width as f64 >= wanted;
        let mut widths = scale.widths.iter().filter(|width| **width > 0);
        widths.clone().find(is_enough).or_else(|| widths.next_back()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIOS: HistogramScale<'static> =
        HistogramScale { from: 0, to: 1_000_000, widths: &[20_000, 50_000, 100_000, 200_000] };

    fn counts(values: &[i64]) -> Vec<(i64, i64, u64)> {
        let group: Distribution = values.iter().map(|value| (*value, 1)).collect();
        group.histogram(&RATIOS).iter().map(|bin| (bin.from, bin.to, bin.count)).collect()
    }

    #[test]
    fn few_values_get_wide_bins_over_the_whole_scale() {
        let bins = counts(&[0, 200_000, 450_000, 999_999, 1_000_000]);
        assert_eq!(
            bins,
            [
                (0, 200_000, 1),
                (200_000, 400_000, 1),
                (400_000, 600_000, 1),
                (600_000, 800_000, 0),
                (800_000, 1_000_000, 2)
            ]
        );
    }

    #[test]
    fn many_values_get_narrow_bins() {
        let group = Distribution::from_ascending((0..=1_000_000).map(|value| (value, 1)));
        assert_eq!(group.histogram(&RATIOS).len(), 50);
    }

    #[test]
    fn values_below_the_scale_get_bins_of_their_own_but_not_without_end() {
        let bins = counts(&[-250_000, 100_000, 900_000]);
        assert_eq!((bins[0], bins.len()), ((-400_000, -200_000, 1), 7));
        let bins = counts(&[-90_000_000, 100_000, 900_000]);
        assert_eq!((bins[0], bins.len()), ((-90_000_000, -800_000, 1), 10));
    }

    #[test]
    fn nothing_has_no_bins() {
        assert_eq!(counts(&[]), []);
    }
}
