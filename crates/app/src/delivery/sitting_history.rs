//! What an instance's events tell proctoring: absences from full screen, and when the candidate was
//! at the test at all.

use crate::audit::AuditEventKind;
use crate::failure::Failure;
use crate::json::from_json;
use domain::access::settings::StepConduct;
use domain::proctoring::missing::{
    ArrivedRecording, MissingRecordings, RecordingPause, missing_recordings,
};
use domain::proctoring::{EvidenceKind, recorded_kinds};
use domain::time::Timestamp;
use serde::Deserialize;
use storage::Transaction;
use storage::event::EventChain;
use storage::instance::InstanceRow;

/// Events of an instance that are looked through.
const MOST_EVENTS: i64 = 10_000;
/// Those that say when the candidate was there: recordings, of which there are thousands, do not.
const KINDS: [&str; 7] = [
    AuditEventKind::InstanceOpened.as_str(),
    AuditEventKind::InstancePageEntered.as_str(),
    AuditEventKind::InstanceFullscreenLeft.as_str(),
    AuditEventKind::InstanceFullscreenReturned.as_str(),
    AuditEventKind::InstanceCompleted.as_str(),
    AuditEventKind::InstanceTerminated.as_str(),
    AuditEventKind::InstanceForceClosed.as_str(),
];

/// One absence from full screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullscreenAbsence {
    pub left_at: Timestamp,
    /// None when the browser never reported a return.
    pub returned_at: Option<Timestamp>,
    /// For choosing a file or granting a device.
    pub is_allowed: bool,
    /// What of it counted; none without a return.
    pub counted_millis: Option<i64>,
}

/// When the candidate was at the test, and when not in full screen.
#[derive(Debug, Default)]
pub(crate) struct SittingHistory {
    /// Absences from full screen, oldest first.
    pub absences: Vec<FullscreenAbsence>,
    /// When the first page was entered; recording begins there.
    first_page: Option<Timestamp>,
    /// From each completion to the opening after it.
    pauses: Vec<RecordingPause>,
    completed_at: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AbsenceDetail {
    allowed: bool,
    counted_millis: Option<i64>,
}

impl SittingHistory {
    /// # Errors
    /// When the database cannot be read.
    pub fn load(tx: &mut dyn Transaction, row: &InstanceRow) -> Result<Self, Failure> {
        let chain = EventChain::Instance(row.id.clone());
        let mut history = Self::default();
        let organization = &row.organization_id;
        let events = storage::event::list_of_kinds(tx, organization, &chain, &KINDS, MOST_EVENTS)?;
        for event in events.into_iter().map(|recorded| recorded.event) {
            if let Some(kind) = AuditEventKind::parse(&event.kind) {
                history.add(kind, event.at, &event.detail)?;
            }
        }
        Ok(history)
    }

    fn add(&mut self, kind: AuditEventKind, at: Timestamp, detail: &str) -> Result<(), Failure> {
        if kind == AuditEventKind::InstanceFullscreenLeft {
            self.absences.push(FullscreenAbsence {
                left_at: at,
                returned_at: None,
                is_allowed: from_json::<AbsenceDetail>(detail)?.allowed,
                counted_millis: None,
            });
        } else if kind == AuditEventKind::InstanceFullscreenReturned
            && let Some(last) = self.absences.last_mut().filter(|last| last.returned_at.is_none())
        {
            last.returned_at = Some(at);
            last.counted_millis = from_json::<AbsenceDetail>(detail)?.counted_millis;
        } else if kind == AuditEventKind::InstancePageEntered {
            self.first_page.get_or_insert(at);
            self.resume(at);
        } else if kind == AuditEventKind::InstanceOpened {
            self.resume(at);
        } else if matches!(
            kind,
            AuditEventKind::InstanceCompleted
                | AuditEventKind::InstanceTerminated
                | AuditEventKind::InstanceForceClosed
        ) {
            self.completed_at.get_or_insert(at);
        }
        Ok(())
    }

    fn resume(&mut self, at: Timestamp) {
        self.pauses.extend(self.completed_at.take().map(|completed_at| (completed_at, at)));
    }

    /// What is missing of what the step records, oldest first. Nothing is planned before the first
    /// page.
    pub fn missing(
        &self,
        row: &InstanceRow,
        conduct: &StepConduct,
        arrived: &[(EvidenceKind, ArrivedRecording)],
        now: Timestamp,
    ) -> Vec<MissingRecordings> {
        let Some(begin) = self.first_page else { return Vec::new() };
        // Reopened and not opened yet: the last completion is still the end.
        let end = row.completed_at.or(self.completed_at).unwrap_or(now);
        let mut missing: Vec<_> = recorded_kinds(conduct)
            .into_iter()
            .flat_map(|kind| {
                let of_kind = arrived.iter().filter(|(arrived_kind, _)| *arrived_kind == kind);
                let of_kind: Vec<_> = of_kind.map(|(_, recording)| *recording).collect();
                missing_recordings(kind, &of_kind, begin, end, &self.pauses)
            })
            .collect();
        missing.sort_by_key(|gap| gap.from);
        missing
    }
}
