//! Proctoring: what is recorded while a test is taken, what was seen in it, and what an instance is
//! marked with.

pub mod announcement;
pub mod fullscreen;
pub mod missing;

use crate::access::settings::{ScreenRecording, StepConduct, WebcamRecording};
use serde::{Deserialize, Serialize};

/// Bytes of one recording.
pub const PICTURE_BYTES: u64 = 5 << 20;
/// Bytes that one film may have.
pub const FILM_BYTES: u64 = 64 << 20;
/// Recordings of one kind an instance may have.
pub const MOST_PER_KIND: u64 = 5_000;
/// Days that files may stay after completion.
pub const RETENTION_DAYS: std::ops::RangeInclusive<i64> = 1..=3650;

crate::string_enum! {
    /// What a recording is.
    pub enum EvidenceKind {
        Video = "video",
        Photo = "photo",
        Screenshot = "screenshot",
        Screencapture = "screencapture",
    }

    /// What a recording shows, the worst last.
    pub enum EvidenceFlag {
        Seamless = "SEAMLESS",
        Suspicious = "SUSPICIOUS_ACTIVITY",
        Cheating = "CHEATING_ACTIVITY",
    }

    /// What an instance is marked with.
    pub enum InstanceFlag {
        /// Nothing is recorded in this step.
        Grey = "grey",
        Red = "red",
        Orange = "orange",
        /// Recordings are missing, or the candidate was away for too long.
        Brown = "brown",
        Green = "green",
    }

    /// When something was seen.
    pub enum DetectionOccasion {
        Live = "live-proctoring",
        Post = "post-proctoring",
    }

    /// Who saw it.
    pub enum DetectionMethod {
        Manual = "manual",
        Ai = "ai",
    }

    /// What was seen.
    pub enum DetectionSource {
        PersonCount = "person-count",
        CheatingActivity = "cheating-activity",
        SamePerson = "same-person",
        SuspiciousActivity = "suspicious-activity",
        ForbiddenObject = "forbidden-object",
        FacePosition = "face-position",
    }
}

/// Something that was seen in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    pub from: DetectionOccasion,
    pub method: DetectionMethod,
    pub source: DetectionSource,
}

impl Detection {
    /// Only what is called cheating is cheating; everything else that is worth telling is
    /// suspicious.
    const fn flag(self) -> EvidenceFlag {
        match self.source {
            DetectionSource::CheatingActivity => EvidenceFlag::Cheating,
            DetectionSource::PersonCount
            | DetectionSource::SamePerson
            | DetectionSource::SuspiciousActivity
            | DetectionSource::ForbiddenObject
            | DetectionSource::FacePosition => EvidenceFlag::Suspicious,
        }
    }
}

/// A recording's flag: the one set by hand, else the worst among what was seen.
#[must_use]
pub fn evidence_flag(by_hand: Option<EvidenceFlag>, detections: &[Detection]) -> EvidenceFlag {
    let worst = detections.iter().map(|detection| detection.flag()).max();
    by_hand.or(worst).unwrap_or(EvidenceFlag::Seamless)
}

impl EvidenceKind {
    /// Whether it is a film rather than a picture.
    #[must_use]
    pub const fn is_film(self) -> bool {
        matches!(self, Self::Video | Self::Screencapture)
    }

    /// How often the candidate's page takes one, in milliseconds: a picture every half minute, a
    /// piece of film every minute.
    #[must_use]
    pub const fn cadence_millis(self) -> i64 {
        if self.is_film() { 60_000 } else { 30_000 }
    }

    /// Bytes that one file of this kind may have.
    #[must_use]
    pub const fn max_bytes(self) -> u64 {
        if self.is_film() { FILM_BYTES } else { PICTURE_BYTES }
    }

    /// The media types that are taken, as `accept` writes them.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        if self.is_film() { "video/*" } else { "image/*" }
    }
}

/// What a step records.
#[must_use]
pub fn recorded_kinds(conduct: &StepConduct) -> Vec<EvidenceKind> {
    let webcam = match conduct.webcam_recording {
        WebcamRecording::None => None,
        WebcamRecording::Photo => Some(EvidenceKind::Photo),
        WebcamRecording::Video => Some(EvidenceKind::Video),
    };
    let screen = match conduct.screen_recording {
        ScreenRecording::None => None,
        ScreenRecording::Screenshot => Some(EvidenceKind::Screenshot),
        ScreenRecording::Screencapture => Some(EvidenceKind::Screencapture),
    };
    webcam.into_iter().chain(screen).collect()
}

/// What is known for marking an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceFlagInputs {
    pub by_hand: Option<InstanceFlag>,
    /// Whether the step records anything.
    pub is_recorded: bool,
    pub worst: Option<EvidenceFlag>,
    /// Whether something that the step records is not there although it should be.
    pub is_missing: bool,
    pub was_away_too_long: bool,
}

/// An instance's flag: the one set by hand, else the first that fits.
#[must_use]
pub fn instance_flag(seen: InstanceFlagInputs) -> InstanceFlag {
    let found = match seen.worst {
        _ if !seen.is_recorded => InstanceFlag::Grey,
        Some(EvidenceFlag::Cheating) => InstanceFlag::Red,
        Some(EvidenceFlag::Suspicious) => InstanceFlag::Orange,
        _ if seen.is_missing || seen.was_away_too_long => InstanceFlag::Brown,
        Some(EvidenceFlag::Seamless) | None => InstanceFlag::Green,
    };
    seen.by_hand.unwrap_or(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(source: DetectionSource) -> Detection {
        Detection { from: DetectionOccasion::Post, method: DetectionMethod::Manual, source }
    }

    #[test]
    fn a_recording_goes_by_its_worst_detection_unless_set_by_hand() {
        let (count, cheating) =
            (seen(DetectionSource::PersonCount), seen(DetectionSource::CheatingActivity));
        assert_eq!(evidence_flag(None, &[]), EvidenceFlag::Seamless);
        assert_eq!(evidence_flag(None, &[count]), EvidenceFlag::Suspicious);
        assert_eq!(evidence_flag(None, &[cheating, count]), EvidenceFlag::Cheating);
        assert_eq!(
            evidence_flag(Some(EvidenceFlag::Seamless), &[cheating]),
            EvidenceFlag::Seamless
        );
    }

    #[test]
    fn the_first_mark_that_fits_is_an_instances() {
        let recorded = InstanceFlagInputs { is_recorded: true, ..InstanceFlagInputs::default() };
        let with = |worst| InstanceFlagInputs { worst: Some(worst), is_missing: true, ..recorded };
        assert_eq!(
            instance_flag(InstanceFlagInputs { is_missing: true, ..InstanceFlagInputs::default() }),
            InstanceFlag::Grey
        );
        assert_eq!(instance_flag(with(EvidenceFlag::Cheating)), InstanceFlag::Red);
        assert_eq!(instance_flag(with(EvidenceFlag::Suspicious)), InstanceFlag::Orange);
        assert_eq!(instance_flag(with(EvidenceFlag::Seamless)), InstanceFlag::Brown);
        assert_eq!(
            instance_flag(InstanceFlagInputs { was_away_too_long: true, ..recorded }),
            InstanceFlag::Brown
        );
        assert_eq!(instance_flag(recorded), InstanceFlag::Green);
        assert_eq!(
            instance_flag(InstanceFlagInputs { by_hand: Some(InstanceFlag::Red), ..recorded }),
            InstanceFlag::Red
        );
    }
}
