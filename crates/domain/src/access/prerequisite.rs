//! What a candidate must be or have done before a step (domain rules, 5.3, check 7).

use crate::decimal::Decimal;
use crate::id::StepId;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

crate::string_enum! {
    /// Which figure of several instances is compared.
    pub enum ScoreAggregate {
        Max = "max",
        Average = "average",
        /// By `completedAt`, then ordinal.
        Last = "last",
    }
}

/// The ratio a score must reach: -1 to 1, at most 6 decimals. Reads and writes as its plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinimumRatio(Decimal);

/// A number that is no achievement ratio to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a minimum is -1 to 1 with at most 6 decimals")]
pub struct InvalidMinimumRatio;

/// A condition on starting a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Prerequisite {
    /// The candidate is in one of these stages of the task, by name.
    Stage { stages: BTreeSet<String> },
    /// The candidate has one of these programs of the task, by uuid.
    Program { programs: BTreeSet<Uuid> },
    /// Another step has an instance of this candidate that is COMPLETE and not ignored.
    Completion { step: StepId },
    /// The figure over such instances reaches a minimum.
    Score { step: StepId, figure: ScoreAggregate, minimum: MinimumRatio },
}

/// An instance of the candidate that is COMPLETE and not ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishedAttempt {
    pub completed_at: Timestamp,
    pub ordinal: u64,
    /// The published `achievementRatio` of its latest version.
    pub ratio: Decimal,
}

/// What prerequisites ask about a candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateRecord {
    /// The name of the candidate's stage.
    pub stage: Option<String>,
    pub programs: BTreeSet<Uuid>,
    pub finished: BTreeMap<StepId, Vec<FinishedAttempt>>,
}

impl Prerequisite {
    /// Whether the candidate meets it.
    ///
    /// # Errors
    /// `prerequisite_` with its kind.
    pub fn check(&self, record: &CandidateRecord) -> Result<(), Refusal> {
        let finished = |step: &StepId| record.finished.get(step).map_or(&[][..], Vec::as_slice);
        let (is_met, refusal) = match self {
            Self::Stage { stages } => (
                record.stage.as_ref().is_some_and(|stage| stages.contains(stage)),
                Refusal::PrerequisiteStage,
            ),
            Self::Program { programs } => {
                (!programs.is_disjoint(&record.programs), Refusal::PrerequisiteProgram)
            }
            Self::Completion { step } => {
                (!finished(step).is_empty(), Refusal::PrerequisiteCompletion)
            }
            Self::Score { step, figure, minimum } => {
                (figure.reaches(finished(step), *minimum), Refusal::PrerequisiteScore)
            }
        };
        if is_met { Ok(()) } else { Err(refusal) }
    }
}

impl ScoreAggregate {
    /// Whether the figure over these instances is at least the minimum; over none it never is. The
    /// average is compared as sum against minimum times number, so that no rounding decides.
    fn reaches(self, finished: &[FinishedAttempt], MinimumRatio(minimum): MinimumRatio) -> bool {
        let Ok(number) = i64::try_from(finished.len()) else { return false };
        let ratios = finished.iter().map(|instance| instance.ratio);
        match self {
            Self::Max => ratios.max().is_some_and(|ratio| ratio >= minimum),
            Self::Average => {
                number > 0 && ratios.sum::<Decimal>() >= minimum * Decimal::from(number)
            }
            Self::Last => finished
                .iter()
                .max_by_key(|instance| (instance.completed_at, instance.ordinal))
                .is_some_and(|last| last.ratio >= minimum),
        }
    }
}

impl TryFrom<Decimal> for MinimumRatio {
    type Error = InvalidMinimumRatio;

    fn try_from(ratio: Decimal) -> Result<Self, InvalidMinimumRatio> {
        if ratio.abs() <= Decimal::ONE && ratio.decimals() <= 6 {
            Ok(Self(ratio))
        } else {
            Err(InvalidMinimumRatio)
        }
    }
}

impl TryFrom<String> for MinimumRatio {
    type Error = InvalidMinimumRatio;

    fn try_from(literal: String) -> Result<Self, InvalidMinimumRatio> {
        Decimal::parse(&literal).ok_or(InvalidMinimumRatio)?.try_into()
    }
}

impl From<MinimumRatio> for String {
    fn from(minimum: MinimumRatio) -> Self {
        minimum.0.to_string()
    }
}

impl From<MinimumRatio> for Decimal {
    fn from(minimum: MinimumRatio) -> Self {
        minimum.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> StepId {
        StepId::from("St1")
    }

    fn score(figure: ScoreAggregate, minimum: &str) -> Prerequisite {
        Prerequisite::Score {
            step: step(),
            figure,
            minimum: MinimumRatio::try_from(minimum.to_owned()).unwrap(),
        }
    }

    fn finished(instances: &[(i64, u64, &str)]) -> CandidateRecord {
        let instance = |(seconds, ordinal, ratio): &(i64, u64, &str)| FinishedAttempt {
            completed_at: Timestamp::from_seconds(*seconds),
            ordinal: *ordinal,
            ratio: Decimal::parse(ratio).unwrap(),
        };
        CandidateRecord {
            finished: [(step(), instances.iter().map(instance).collect())].into(),
            ..CandidateRecord::default()
        }
    }

    #[test]
    fn without_a_completed_instance_completion_and_every_score_fail() {
        for record in [CandidateRecord::default(), finished(&[])] {
            assert_eq!(
                Prerequisite::Completion { step: step() }.check(&record),
                Err(Refusal::PrerequisiteCompletion)
            );
            for figure in ScoreAggregate::ALL {
                assert_eq!(
                    score(*figure, "-1").check(&record),
                    Err(Refusal::PrerequisiteScore),
                    "{figure}"
                );
            }
        }
    }

    #[test]
    fn without_a_listed_stage_or_program_the_candidate_waits() {
        let one = Uuid::from_u128(1);
        let stage = Prerequisite::Stage { stages: ["Interview".to_owned()].into() };
        let program = Prerequisite::Program { programs: [one].into() };
        let mut record = CandidateRecord {
            stage: Some("interview".into()),
            programs: [Uuid::from_u128(2)].into(),
            ..CandidateRecord::default()
        };
        assert_eq!(stage.check(&record), Err(Refusal::PrerequisiteStage));
        assert_eq!(program.check(&record), Err(Refusal::PrerequisiteProgram));
        record.stage = Some("Interview".into());
        record.programs.insert(one);
        assert_eq!(stage.check(&record), Ok(()));
        assert_eq!(program.check(&record), Ok(()));
    }

    #[test]
    fn an_average_is_not_rounded_into_reach() {
        let thirds = finished(&[(1, 1, "0.333333"), (2, 2, "0.333333"), (3, 3, "0.333334")]);
        assert_eq!(
            score(ScoreAggregate::Average, "0.333334").check(&thirds),
            Err(Refusal::PrerequisiteScore)
        );
        assert_eq!(score(ScoreAggregate::Average, "0.333333").check(&thirds), Ok(()));
        assert_eq!(
            score(ScoreAggregate::Average, "0.5").check(&finished(&[(1, 1, "0.4"), (2, 2, "0.6")])),
            Ok(())
        );
    }

    #[test]
    fn the_last_is_by_completion_then_ordinal_and_the_best_by_ratio() {
        let record = finished(&[(9, 1, "0.9"), (9, 3, "0.2"), (5, 4, "1")]);
        assert_eq!(
            score(ScoreAggregate::Last, "0.3").check(&record),
            Err(Refusal::PrerequisiteScore)
        );
        assert_eq!(score(ScoreAggregate::Last, "0.2").check(&record), Ok(()));
        assert_eq!(score(ScoreAggregate::Max, "1").check(&record), Ok(()));
    }

    #[test]
    fn a_prerequisite_reads_back_and_a_foreign_minimum_is_refused() {
        let text = r#"{"kind":"score","step":"St1","figure":"last","minimum":"0.25"}"#;
        let read: Prerequisite = serde_json::from_str(text).unwrap();
        assert_eq!(read, score(ScoreAggregate::Last, "0.25"));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        for minimum in ["1.1", "-2", "0.0000001", "x"] {
            assert!(
                serde_json::from_str::<Prerequisite>(&text.replace("0.25", minimum)).is_err(),
                "{minimum}"
            );
        }
    }
}
