//! When a candidate does what: fixed before the exam begins, so that a slow server is not asked
//! less often.

use crate::rng::LoadRng;
use std::time::Duration;

/// How an exam goes, the same for all candidates.
#[derive(Clone, Copy, Debug)]
pub struct ExamPlan {
    /// Seconds from the first entry to the last moment of handing in.
    pub length: f64,
    /// All enter within these seconds from the beginning.
    pub start_window: f64,
    /// All hand in within these seconds before the end.
    pub end_window: f64,
    /// Mean seconds between two answers.
    pub every: f64,
    pub jitter: Jitter,
    pub pages: u32,
}

impl ExamPlan {
    /// When nobody enters and nobody hands in.
    pub fn calm(&self) -> std::ops::Range<Duration> {
        let moment = |seconds: f64| Duration::from_secs_f64(seconds.max(0.0));
        moment(self.start_window)..moment(self.length - self.end_window)
    }
}

/// How the time between two answers is distributed around its mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Jitter {
    /// As by chance: many short pauses and a few long ones.
    Exponential,
    /// Half to one and a half times the mean.
    Uniform,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateAction {
    /// Enters, starts and opens page 1, one request after the other.
    Enter,
    /// Turns to this page, from 2.
    Turn(u32),
    /// Saves one answer.
    Answer,
    HandIn,
}

/// Moments since the beginning of the exam, in order: enter, then answers and turns, then hand in.
pub fn timetable(course: &ExamPlan, chance: &mut LoadRng) -> Vec<(Duration, CandidateAction)> {
    let enter = chance.unit_fraction() * course.start_window;
    let hand_in = (course.length - chance.unit_fraction() * course.end_window).max(enter);
    let mut answers = Vec::new();
    let mut now = enter + pause(course, chance);
    while now < hand_in {
        answers.push(now);
        now += pause(course, chance);
    }
    let mut acts = vec![(enter, CandidateAction::Enter)];
    let mut page = 1;
    let mut before = enter;
    for (index, moment) in answers.iter().enumerate() {
        let due = page_of(index, answers.len(), course.pages);
        while page < due {
            page += 1;
            acts.push((before.midpoint(*moment), CandidateAction::Turn(page)));
        }
        acts.push((*moment, CandidateAction::Answer));
        before = *moment;
    }
    acts.push((hand_in, CandidateAction::HandIn));
    acts.into_iter().map(|(moment, act)| (Duration::from_secs_f64(moment), act)).collect()
}

fn pause(course: &ExamPlan, chance: &mut LoadRng) -> f64 {
    let factor = match course.jitter {
        Jitter::Exponential => chance.exponential(),
        Jitter::Uniform => 0.5 + chance.unit_fraction(),
    };
    (course.every * factor).max(0.001)
}

/// Answers are spread evenly over the pages.
fn page_of(index: usize, answers: usize, pages: u32) -> u32 {
    let pages = usize::try_from(pages).unwrap_or(1);
    u32::try_from(index * pages / answers.max(1)).unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(jitter: Jitter) -> ExamPlan {
        ExamPlan {
            length: 60.0,
            start_window: 10.0,
            end_window: 10.0,
            every: 6.0,
            jitter,
            pages: 3,
        }
    }

    #[test]
    fn an_exam_too_short_for_an_answer_is_entered_and_handed_in() {
        let course =
            ExamPlan { length: 0.0, start_window: 0.0, end_window: 0.0, ..course(Jitter::Uniform) };
        let acts: Vec<CandidateAction> =
            timetable(&course, &mut LoadRng::of(1, 1)).into_iter().map(|(_, act)| act).collect();
        assert_eq!(acts, [CandidateAction::Enter, CandidateAction::HandIn]);
    }

    #[test]
    fn everybody_enters_at_the_beginning_hands_in_at_the_end_and_turns_each_page_once() {
        for candidate in 0..500 {
            let acts = timetable(&course(Jitter::Uniform), &mut LoadRng::of(1, candidate));
            assert!(acts.is_sorted_by_key(|(moment, _)| *moment));
            assert!(acts[0].1 == CandidateAction::Enter && acts[0].0 < Duration::from_secs(10));
            let (last, act) = acts[acts.len() - 1];
            assert!(
                act == CandidateAction::HandIn
                    && last > Duration::from_secs(50)
                    && last <= Duration::from_secs(60)
            );
            let turns: Vec<CandidateAction> = acts
                .iter()
                .map(|(_, act)| *act)
                .filter(|act| matches!(act, CandidateAction::Turn(_)))
                .collect();
            assert_eq!(turns, [CandidateAction::Turn(2), CandidateAction::Turn(3)]);
        }
    }

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    fn answers_come_at_the_mean_that_was_asked_for() {
        // 50 seconds on average; even pauses lose about half an answer to the pause that the end
        // cuts off.
        for (jitter, expected) in
            [(Jitter::Exponential, 50.0 / 6.0), (Jitter::Uniform, 50.0 / 6.0 - 0.46)]
        {
            let answers: usize = (0..4000)
                .map(|candidate| timetable(&course(jitter), &mut LoadRng::of(1, candidate)))
                .map(|acts| acts.iter().filter(|(_, act)| *act == CandidateAction::Answer).count())
                .sum();
            let mean = answers as f64 / 4000.0;
            assert!((mean - expected).abs() < 0.2, "{jitter:?}: {mean}");
        }
    }
}
