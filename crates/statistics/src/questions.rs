//! What each question of a test does, from results that come one after the other: difficulty,
//! discrimination, choices; and how reliable the whole is.

use crate::moments::{Moments, PairedMoments};
use crate::to_f64;

/// How a question stands in one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionStatus {
    /// Its points are part of the total, its maximum of the total's.
    Counts,
    /// A blank that costs nothing: it earns nothing, and its maximum is no part of the total's.
    Disregarded,
    /// It never counts.
    Apart,
}

/// One question in one result.
#[derive(Clone, Copy, Debug)]
pub struct QuestionObservation<'a> {
    /// Which question, from 0; the caller numbers them.
    pub question: usize,
    pub status: QuestionStatus,
    pub points: f64,
    pub maximum: f64,
    pub is_blank: bool,
    /// The choices taken, from 0 each; none where there are none or they are not known.
    pub chosen: Option<&'a [usize]>,
}

/// The running sums of a group's questions.
#[derive(Clone, Debug, Default)]
pub struct QuestionTally {
    questions: Vec<QuestionSums>,
    /// Points of whole results.
    totals: Moments,
}

#[derive(Clone, Debug, Default)]
struct QuestionSums {
    answered: u64,
    blank: u64,
    /// Points of the maximum, where it counts.
    success: Moments,
    /// The same beside the rest of the result.
    with_rest: PairedMoments,
    /// Points, also of blanks that cost nothing.
    points: Moments,
    /// Results of which the choices are known.
    measured: u64,
    /// Ratios of the whole results in which each choice was taken.
    choices: Vec<Moments>,
}

/// What a question did.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemStatistics {
    /// Results that hold the question.
    pub answered: u64,
    /// The share of them without an answer.
    pub unanswered: f64,
    /// See [`QuestionTally::figures`].
    pub difficulty: Option<f64>,
    pub discrimination: Option<f64>,
    pub choices: Vec<ChoiceFrequency>,
}

/// What a choice did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChoiceFrequency {
    pub count: u64,
    /// Of the results of which the choices are known.
    pub share: f64,
    /// The mean ratio of the whole results in which it was taken.
    pub mean_total: Option<f64>,
}

/// How well a question tells strong results from weak ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discrimination {
    /// Below 0: strong results miss it more often than weak ones.
    Negative,
    /// Below 0.2.
    Low,
    /// Below 0.4.
    Fair,
    Good,
}

impl Discrimination {
    /// The bounds of Ebel and Frisbie, "Essentials of Educational Measurement" (5th edition, 1991),
    /// chapter 13: 0.40 and up is very good, below 0.20 is to be rejected or improved.
    #[must_use]
    pub fn of(correlation: f64) -> Self {
        match correlation {
            low if low < 0.0 => Self::Negative,
            low if low < 0.2 => Self::Low,
            fair if fair < 0.4 => Self::Fair,
            _ => Self::Good,
        }
    }
}

/// How reliable the points of whole results are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reliability {
    pub alpha: f64,
    /// In points; none where alpha is below 0.
    pub standard_error: Option<f64>,
    /// The questions it was computed from.
    pub questions: usize,
}

/// Why there is no reliability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReliability {
    FewResults,
    FewQuestions,
    /// Not all results hold the same counting questions.
    DifferentQuestions,
    /// All results are the same.
    NoSpread,
}

impl QuestionTally {
    /// Takes one result with its points and maximum. A question comes once at most; one that is
    /// taken out of scoring does not come.
    pub fn add(&mut self, points: f64, maximum: f64, seen: &[QuestionObservation<'_>]) {
        self.totals.add(points);
        let total = (maximum > 0.0).then(|| points / maximum);
        for one in seen {
            if self.questions.len() <= one.question {
                self.questions.resize_with(one.question + 1, QuestionSums::default);
            }
            self.questions[one.question].add(one, points, maximum, total);
        }
    }

    /// Results so far.
    #[must_use]
    pub const fn results(&self) -> u64 {
        self.totals.count()
    }

    /// What a question did; none when it never came.
    ///
    /// - **Difficulty** is the mean of points by maximum over the results where it counts, blanks
    ///   as 0: the index p of classical test theory, where 1 is easiest (Crocker and Algina,
    ///   "Introduction to Classical and Modern Test Theory" (1986), chapter 14).
    /// - **Discrimination** is the corrected item-total correlation: Pearson's, between points by
    ///   maximum and the rest of the result, `(total - points) / (total's maximum - maximum)`, so
    ///   that the question does not go with itself (Henrysson, "Correction of item-total
    ///   correlations in item analysis", Psychometrika 28 (1963)). Where all have the same
    ///   questions it equals the correlation with the rest's points.
    #[must_use]
    pub fn figures(&self, question: usize) -> Option<ItemStatistics> {
        let sums = self.questions.get(question).filter(|sums| sums.answered > 0)?;
        let share = |count: u64, of: u64| if of == 0 { 0.0 } else { to_f64(count) / to_f64(of) };
        let chosen = |totals: &Moments| ChoiceFrequency {
            count: totals.count(),
            share: share(totals.count(), sums.measured),
            mean_total: totals.mean(),
        };
        Some(ItemStatistics {
            answered: sums.answered,
            unanswered: share(sums.blank, sums.answered),
            difficulty: sums.success.mean(),
            discrimination: sums.with_rest.correlation(),
            choices: sums.choices.iter().map(chosen).collect(),
        })
    }

    /// Cronbach's alpha,
    /// `k / (k - 1) (1 - sum of the questions' variances / variance of the totals)` (Cronbach,
    /// "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951)), and the
    /// standard error of measurement, `standard deviation of the totals * sqrt(1 - alpha)`
    /// (Standards for Educational and Psychological Testing (2014), chapter 2). Blanks that cost
    /// nothing are 0 points.
    ///
    /// # Errors
    /// [`NoReliability`] where it cannot be computed.
    pub fn reliability(&self) -> Result<Reliability, NoReliability> {
        let counting: Vec<&Moments> = self
            .questions
            .iter()
            .map(|sums| &sums.points)
            .filter(|points| points.count() > 0)
            .collect();
        let whole = self
            .totals
            .variance()
            .filter(|_| self.results() > 2)
            .ok_or(NoReliability::FewResults)?;
        if counting.len() < 2 {
            return Err(NoReliability::FewQuestions);
        }
        if counting.iter().any(|points| points.count() != self.results()) {
            return Err(NoReliability::DifferentQuestions);
        }
        if self.totals.is_flat() {
            return Err(NoReliability::NoSpread);
        }
        let k = to_f64(counting.len() as u64);
        let parts: f64 = counting.iter().filter_map(|points| points.variance()).sum();
        // Rounding must not lift it above its bound.
        let alpha = (k / (k - 1.0) * (1.0 - parts / whole)).min(1.0);
        let standard_error = (alpha >= 0.0).then(|| (whole * (1.0 - alpha)).sqrt());
        Ok(Reliability { alpha, standard_error, questions: counting.len() })
    }
}

impl QuestionSums {
    fn add(
        &mut self,
        seen: &QuestionObservation<'_>,
        points: f64,
        maximum: f64,
        total: Option<f64>,
    ) {
        self.answered += 1;
        self.blank += u64::from(seen.is_blank);
        match seen.status {
            QuestionStatus::Counts => {
                self.points.add(seen.points);
                self.add_success(seen, points, maximum);
            }
            QuestionStatus::Disregarded => self.points.add(0.0),
            QuestionStatus::Apart => {}
        }
        let Some(chosen) = seen.chosen else { return };
        self.measured += 1;
        let most = chosen.iter().max().map_or(0, |most| most + 1);
        if self.choices.len() < most {
            self.choices.resize_with(most, Moments::default);
        }
        for choice in chosen {
            // A result without a maximum has no ratio; it was chosen all the same.
            self.choices[*choice].add(total.unwrap_or(0.0));
        }
    }

    fn add_success(&mut self, seen: &QuestionObservation<'_>, points: f64, maximum: f64) {
        if seen.maximum <= 0.0 {
            return;
        }
        let success = seen.points / seen.maximum;
        self.success.add(success);
        let rest = maximum - seen.maximum;
        // What is left of a maximum after rounding is no rest.
        if rest > maximum * 1e-9 {
            self.with_rest.add(success, (points - seen.points) / rest);
        }
    }
}

impl Moments {
    fn is_flat(&self) -> bool {
        self.variance().is_none_or(|variance| variance <= 1e-18)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(question: usize, points: f64) -> QuestionObservation<'static> {
        QuestionObservation {
            question,
            status: QuestionStatus::Counts,
            points,
            maximum: 1.0,
            is_blank: false,
            chosen: None,
        }
    }

    /// Four results with three questions of one point: 3, 2, 1 and 0 points.
    fn ladder() -> QuestionTally {
        let mut tally = QuestionTally::default();
        for row in [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]] {
            let questions: Vec<_> =
                row.iter().enumerate().map(|(question, points)| seen(question, *points)).collect();
            tally.add(row.iter().sum(), 3.0, &questions);
        }
        tally
    }

    #[test]
    fn a_ladder_has_the_figures_computed_by_hand() {
        let tally = ladder();
        let figures: Vec<_> = (0..3).map(|question| tally.figures(question).unwrap()).collect();
        for (figures, difficulty) in figures.iter().zip([0.75, 0.5, 0.25]) {
            assert!((figures.difficulty.unwrap() - difficulty).abs() < 1e-12);
        }
        // The second question 1 1 0 0 beside the rests 2 1 1 0: products 1, squares 1 and 2.
        assert!((figures[1].discrimination.unwrap() - 1.0 / 2.0_f64.sqrt()).abs() < 1e-12);
        // Variances 1/4, 1/3, 1/4 of the questions and 5/3 of the totals: 3/2 (1 - 5/6 * 3/5) =
        // 0.75.
        let reliability = tally.reliability().unwrap();
        assert!((reliability.alpha - 0.75).abs() < 1e-12);
        assert!(
            (reliability.standard_error.unwrap() - (5.0_f64 / 3.0 * 0.25).sqrt()).abs() < 1e-12
        );
    }

    #[test]
    fn choices_have_their_shares_and_the_mean_results_of_who_took_them() {
        let mut tally = QuestionTally::default();
        for (chosen, points) in [(&[0, 1][..], 8.0), (&[1], 4.0), (&[], 2.0)] {
            let one = QuestionObservation {
                is_blank: chosen.is_empty(),
                chosen: Some(chosen),
                ..seen(0, 0.0)
            };
            tally.add(points, 10.0, &[one]);
        }
        tally.add(10.0, 10.0, &[seen(0, 1.0)]);
        let figures = tally.figures(0).unwrap();
        assert_eq!((figures.answered, figures.unanswered), (4, 0.25));
        assert_eq!(figures.choices.iter().map(|choice| choice.count).collect::<Vec<_>>(), [1, 2]);
        assert!((figures.choices[1].share - 2.0 / 3.0).abs() < 1e-12);
        assert!((figures.choices[1].mean_total.unwrap() - 0.6).abs() < 1e-12);
    }

    #[test]
    fn reliability_says_why_there_is_none() {
        assert_eq!(QuestionTally::default().reliability(), Err(NoReliability::FewResults));
        let tally_of = |rows: &[&[QuestionObservation<'_>]]| {
            let mut tally = QuestionTally::default();
            rows.iter().for_each(|row| tally.add(row.iter().map(|it| it.points).sum(), 9.0, row));
            tally.reliability()
        };
        let (one, other) = (seen(0, 1.0), seen(1, 0.0));
        assert_eq!(tally_of(&[&[one], &[one], &[one]]), Err(NoReliability::FewQuestions));
        assert_eq!(
            tally_of(&[&[one, other], &[one], &[one, other]]),
            Err(NoReliability::DifferentQuestions)
        );
        assert_eq!(
            tally_of(&[&[one, other], &[one, other], &[one, other]]),
            Err(NoReliability::NoSpread)
        );
    }

    #[test]
    fn a_blank_that_costs_nothing_is_no_failure_but_earns_nothing_towards_reliability() {
        let mut tally = QuestionTally::default();
        let left_out = QuestionObservation {
            status: QuestionStatus::Disregarded,
            is_blank: true,
            ..seen(0, 0.0)
        };
        for (first, second) in
            [(seen(0, 1.0), 1.0), (left_out, 1.0), (seen(0, 1.0), 0.0), (left_out, 0.0)]
        {
            tally.add(first.points + second, 2.0, &[first, seen(1, second)]);
        }
        assert_eq!(tally.figures(0).unwrap().difficulty, Some(1.0));
        // Independent questions of equal variance: nothing holds them together.
        assert!(tally.reliability().unwrap().alpha.abs() < 1e-12);
    }

    #[test]
    fn what_never_counts_has_neither_difficulty_nor_discrimination() {
        let mut tally = QuestionTally::default();
        for points in [1.0, 2.0, 3.0] {
            tally.add(
                points,
                3.0,
                &[QuestionObservation {
                    status: QuestionStatus::Apart,
                    chosen: Some(&[0]),
                    ..seen(0, 1.0)
                }],
            );
        }
        let figures = tally.figures(0).unwrap();
        assert_eq!((figures.difficulty, figures.discrimination), (None, None));
        assert!((figures.choices[0].mean_total.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(tally.figures(1), None);
    }

    #[test]
    fn words_for_discrimination_begin_at_their_bounds() {
        use Discrimination::{Fair, Good, Low, Negative};
        let words = [-0.01, 0.0, 0.19, 0.2, 0.39, 0.4].map(Discrimination::of);
        assert_eq!(words, [Negative, Low, Low, Fair, Fair, Good]);
    }
}
