//! What holds of every group: bounds, order, and agreement with the formulas written out naively.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_statistics as statistics;

use proptest::collection::vec;
use proptest::prelude::*;
use statistics::{
    Distribution, HistogramScale, Moments, PairedMoments, QuestionObservation, QuestionStatus,
    QuestionTally,
};

const RATIOS: HistogramScale<'static> =
    HistogramScale { from: 0, to: 1_000_000, widths: &[20_000, 50_000, 100_000, 200_000] };

fn group(values: &[i64]) -> Distribution {
    values.iter().map(|value| (*value, 1)).collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * (1.0 + one.abs().max(other.abs()))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let middle = mean(values);
    values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// Pearson's correlation, written out; none where a side does not change.
fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let (mx, my) = (mean(one), mean(other));
    let products: f64 = one.iter().zip(other).map(|(x, y)| (x - mx) * (y - my)).sum();
    let squares = |values: &[f64], middle: f64| {
        values.iter().map(|value| (value - middle).powi(2)).sum::<f64>()
    };
    let below = (squares(one, mx) * squares(other, my)).sqrt();
    (below > 1e-9).then(|| products / below)
}

fn ratios() -> impl Strategy<Value = Vec<i64>> {
    vec(prop_oneof![-300_000_i64..=1_000_000, Just(500_000), Just(1_000_000)], 1..80)
}

/// Results by questions: each cell 0, a half or 1.
fn grid() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2_usize..7).prop_flat_map(|questions| {
        vec(vec((0_u8..=2).prop_map(|halves| f64::from(halves) / 2.0), questions), 3..40)
    })
}

fn tally(rows: &[Vec<f64>]) -> QuestionTally {
    let mut tally = QuestionTally::default();
    for row in rows {
        let cell = |(question, points): (usize, &f64)| QuestionObservation {
            question,
            status: QuestionStatus::Counts,
            points: *points,
            maximum: 1.0,
            is_blank: *points == 0.0,
            chosen: Some(&[0]),
        };
        let seen: Vec<_> = row.iter().enumerate().map(cell).collect();
        tally.add(row.iter().sum(), row.len() as f64, &seen);
    }
    tally
}

proptest! {
    #[test]
    fn a_summary_agrees_with_the_naive_formulas(values in ratios()) {
        let summary = group(&values).summary().unwrap();
        let floats: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        prop_assert!(close(summary.mean, mean(&floats)));
        match summary.standard_deviation {
            Some(deviation) => prop_assert!(close(deviation, variance(&floats).sqrt())),
            None => prop_assert_eq!(values.len(), 1),
        }
        let mut sorted = values.clone();
        sorted.sort_unstable();
        prop_assert_eq!((summary.minimum, summary.maximum), (sorted[0], sorted[sorted.len() - 1]));
        for (p, quantile) in [(0.25, summary.lower_quartile), (0.5, summary.median), (0.75, summary.upper_quartile)] {
            let place = (sorted.len() - 1) as f64 * p;
            let (below, above) = (sorted[place.floor() as usize] as f64, sorted[place.ceil() as usize] as f64);
            prop_assert!(close(quantile, below + (place - place.floor()) * (above - below)));
        }
    }

    #[test]
    fn no_figure_of_a_group_depends_on_the_order(values in ratios(), seed in any::<u64>()) {
        let mut turned = values.clone();
        let steps = (seed as usize) % values.len();
        turned.rotate_left(steps);
        turned.reverse();
        prop_assert_eq!(group(&values), group(&turned));
    }

    #[test]
    fn quantiles_rise_with_the_share_and_stay_within_the_group(values in ratios(), p in 0.0..=1.0_f64, q in 0.0..=1.0_f64) {
        let group = group(&values);
        let (low, high) = (group.quantile(p.min(q)).unwrap(), group.quantile(p.max(q)).unwrap());
        let summary = group.summary().unwrap();
        prop_assert!(low <= high);
        prop_assert!(summary.minimum as f64 <= low && high <= summary.maximum as f64);
        prop_assert!(summary.lower_quartile <= summary.median && summary.median <= summary.upper_quartile);
    }

    #[test]
    fn ranks_rise_with_the_value_and_are_0_to_100(values in ratios(), one in -400_000_i64..1_100_000, other in -400_000_i64..1_100_000) {
        let group = group(&values);
        let (low, high) = (group.percentile_rank(one.min(other)).unwrap(), group.percentile_rank(one.max(other)).unwrap());
        prop_assert!(0.0 <= low && low <= high && high <= 100.0);
        let (below, same) = values.iter().fold((0, 0), |(below, same), value| (below + u32::from(*value < one), same + u32::from(*value == one)));
        let naive = 100.0 * (f64::from(below) + f64::from(same) / 2.0) / values.len() as f64;
        prop_assert!(close(group.percentile_rank(one).unwrap(), naive));
    }

    #[test]
    fn the_mean_rank_of_a_group_in_itself_is_50(values in ratios()) {
        let group = group(&values);
        let ranks: Vec<f64> = values.iter().map(|value| group.percentile_rank(*value).unwrap()).collect();
        prop_assert!(close(mean(&ranks), 50.0));
    }

    #[test]
    fn bins_join_cover_the_scale_and_hold_every_value_once(values in ratios()) {
        let bins = group(&values).histogram(&RATIOS);
        prop_assert!(bins[0].from <= 0 && bins[bins.len() - 1].to >= 1_000_000 && bins.len() <= 100);
        prop_assert!(bins.windows(2).all(|pair| pair[0].to == pair[1].from));
        prop_assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), values.len() as u64);
        for (index, bin) in bins.iter().enumerate() {
            let is_last = index + 1 == bins.len();
            let inside = values.iter().filter(|value| **value >= bin.from && (**value < bin.to || (is_last && **value == bin.to)));
            prop_assert_eq!(inside.count() as u64, bin.count);
        }
    }

    #[test]
    fn running_sums_agree_with_the_naive_formulas(pairs in vec((-50.0..50.0_f64, -50.0..50.0_f64), 3..60)) {
        let (mut moments, mut pair) = (Moments::default(), PairedMoments::default());
        for (one, other) in &pairs {
            moments.add(*one);
            pair.add(*one, *other);
        }
        let (ones, others): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        prop_assert!(close(moments.mean().unwrap(), mean(&ones)));
        prop_assert!(close(moments.variance().unwrap(), variance(&ones)));
        prop_assert!(close(pair.correlation().unwrap(), correlation(&ones, &others).unwrap()));
    }

    #[test]
    fn questions_agree_with_the_naive_formulas(rows in grid()) {
        let tally = tally(&rows);
        let totals: Vec<f64> = rows.iter().map(|row| row.iter().sum()).collect();
        for question in 0..rows[0].len() {
            let figures = tally.figures(question).unwrap();
            let own: Vec<f64> = rows.iter().map(|row| row[question]).collect();
            let rests: Vec<f64> = totals.iter().zip(&own).map(|(total, own)| total - own).collect();
            prop_assert!(close(figures.difficulty.unwrap(), mean(&own)));
            prop_assert!((0.0..=1.0).contains(&figures.difficulty.unwrap()) && (0.0..=1.0).contains(&figures.unanswered));
            match (figures.discrimination, correlation(&own, &rests)) {
                (Some(found), Some(naive)) => {
                    prop_assert!(close(found, naive));
                    prop_assert!((-1.0..=1.0).contains(&found));
                }
                (found, naive) => prop_assert_eq!((found.is_some(), naive.is_some()), (false, false)),
            }
        }
    }

    #[test]
    fn alpha_agrees_with_the_naive_formula_and_is_at_most_1(rows in grid()) {
        let totals: Vec<f64> = rows.iter().map(|row| row.iter().sum()).collect();
        let Ok(reliability) = tally(&rows).reliability() else {
            prop_assert!(variance(&totals) < 1e-9);
            return Ok(());
        };
        let k = rows[0].len() as f64;
        let parts: f64 = (0..rows[0].len()).map(|question| variance(&rows.iter().map(|row| row[question]).collect::<Vec<_>>())).sum();
        prop_assert!(close(reliability.alpha, k / (k - 1.0) * (1.0 - parts / variance(&totals))));
        prop_assert!(reliability.alpha <= 1.0);
        if let Some(error) = reliability.standard_error {
            prop_assert!(error >= 0.0 && error <= variance(&totals).sqrt() * (1.0 + 1e-9));
        }
    }

    #[test]
    fn questions_figures_do_not_depend_on_the_order_of_results(rows in grid()) {
        let mut turned = rows.clone();
        turned.reverse();
        let (one, other) = (tally(&rows), tally(&turned));
        for question in 0..rows[0].len() {
            let (one, other) = (one.figures(question).unwrap(), other.figures(question).unwrap());
            prop_assert!(close(one.difficulty.unwrap(), other.difficulty.unwrap()));
            prop_assert_eq!(one.discrimination.is_some(), other.discrimination.is_some());
            prop_assert!(close(one.discrimination.unwrap_or(0.0), other.discrimination.unwrap_or(0.0)));
            prop_assert_eq!(one.choices.len(), other.choices.len());
        }
    }

    #[test]
    fn alpha_of_questions_that_always_agree_is_1(column in vec(0_u8..=2, 3..30), questions in 2_usize..6) {
        prop_assume!(column.iter().any(|cell| *cell != column[0]));
        let rows: Vec<Vec<f64>> = column.iter().map(|cell| vec![f64::from(*cell) / 2.0; questions]).collect();
        prop_assert!(close(tally(&rows).reliability().unwrap().alpha, 1.0));
    }
}
