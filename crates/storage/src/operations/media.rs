//! Files of candidates: one row a file. The file itself lies in the media store; it is there before
//! its row is. What concerns all files of the store also covers those of authors
//! ([`crate::asset`]).

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::{CandidateId, InstanceId, MediaId, OrganizationId, TaskId};
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::{EvidenceFlag, EvidenceKind};
use domain::time::Timestamp;

record! {
    /// One file that a candidate's browser sent.
    pub struct MediaRow: "media" {
        id: MediaId,
        organization_id: OrganizationId,
        task_id: TaskId,
        candidate_id: CandidateId,
        /// None for what comes before the first start.
        instance_id: Option<InstanceId>,
        purpose: MediaPurpose,
        /// Of an answer's file.
        slot: Option<i64>,
        /// Of an evidence.
        kind: Option<EvidenceKind>,
        /// Of an evidence, from 1 per instance and kind.
        nth: Option<i64>,
        /// The same for an upload that is repeated.
        client_key: String,
        created_at: Timestamp,
        /// What the browser's clock said.
        client_time: Option<Timestamp>,
        /// Of the file, or of the document asked for; none once erased.
        name: Option<String>,
        bytes: i64,
        media_type: String,
        /// None once erased.
        sha256: Option<Sha256Digest>,
        /// Set by hand.
        flag: Option<EvidenceFlag>,
        /// JSON list.
        detections: String,
        state: MediaState,
        /// Whether the file was removed from the media store.
        file_gone: bool,
    }
}

/// # Errors
/// [`StorageError::Conflict`] when the instance has a file of this client key.
pub fn insert(tx: &mut dyn Transaction, media: &MediaRow) -> Result<(), StorageError> {
    media.insert_row(tx)
}

/// A file whose content may be read; whoever asks has shown that it may be.
pub fn find_stored(
    tx: &mut dyn Transaction,
    id: &MediaId,
) -> Result<Option<MediaRow>, StorageError> {
    let sql = format!("SELECT {} FROM media WHERE id = $1 AND state = 'kept'", MediaRow::columns());
    tx.find(&sql, values![id], MediaRow::read)
}

/// Whether there is a row about a file, whatever its state.
pub fn exists(tx: &mut dyn Transaction, id: &MediaId) -> Result<bool, StorageError> {
    let sql = "SELECT 1 FROM media WHERE id = $1 UNION ALL SELECT 1 FROM asset WHERE id = $1";
    tx.find(sql, values![id], |_| Ok(())).map(|found| found.is_some())
}

/// Those of some files that no row is about.
pub fn missing_among(
    tx: &mut dyn Transaction,
    ids: &[MediaId],
) -> Result<Vec<MediaId>, StorageError> {
    let mut unknown = Vec::new();
    for id in ids {
        if !exists(tx, id)? {
            unknown.push(id.clone());
        }
    }
    Ok(unknown)
}

/// What is known of a file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub id: MediaId,
    pub bytes: i64,
    pub sha256: Option<Sha256Digest>,
}

/// Hands over every file that is kept behind an id, in the order of ids, at most so many.
pub fn stored_behind(
    tx: &mut dyn Transaction,
    after: &str,
    limit: i64,
) -> Result<Vec<StoredFile>, StorageError> {
    let sql = "SELECT id, bytes, sha256 FROM media WHERE state = 'kept' AND id > $1 UNION ALL \
        SELECT id, bytes, sha256 FROM asset WHERE state = 'kept' AND id > $1 ORDER BY id LIMIT $2";
    tx.list(sql, values![after, limit], |row| {
        Ok(StoredFile { id: row.get(0)?, bytes: row.get(1)?, sha256: row.get(2)? })
    })
}

/// How many files are kept.
pub fn count_stored(tx: &mut dyn Transaction) -> Result<u64, StorageError> {
    let sql = "SELECT (SELECT count(*) FROM media WHERE state = 'kept') \
        + (SELECT count(*) FROM asset WHERE state = 'kept')";
    let count = tx.integer(sql, &[])?;
    u64::try_from(count).map_err(|error| StorageError::Statement(error.to_string()))
}

/// Whether any file is kept.
pub fn has_any_stored(tx: &mut dyn Transaction) -> Result<bool, StorageError> {
    let is_there =
        |tx: &mut dyn Transaction, sql| tx.find(sql, &[], |_| Ok(())).map(|found| found.is_some());
    Ok(is_there(tx, "SELECT 1 FROM media WHERE state = 'kept' LIMIT 1")?
        || is_there(tx, "SELECT 1 FROM asset WHERE state = 'kept' LIMIT 1")?)
}

/// The file an instance has under a client key.
pub fn find_sent(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    client_key: &str,
) -> Result<Option<MediaRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM media WHERE instance_id = $1 AND client_key = $2",
        MediaRow::columns()
    );
    tx.find(&sql, values![instance, client_key], MediaRow::read)
}

/// An evidence of an instance.
pub fn find_evidence(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    id: &MediaId,
) -> Result<Option<MediaRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM media WHERE id = $2 AND instance_id = $1 AND purpose = 'evidence' AND state <> 'erased'",
        MediaRow::columns()
    );
    tx.find(&sql, values![instance, id], MediaRow::read)
}

/// Files of an instance for one purpose in the order they came; not those of an erased person.
pub fn list(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    purpose: MediaPurpose,
) -> Result<Vec<MediaRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM media WHERE instance_id = $1 AND purpose = $2 AND state <> 'erased' ORDER BY created_at, id",
        MediaRow::columns()
    );
    tx.list(&sql, values![instance, purpose], MediaRow::read)
}

/// Files sent for one slot of an instance.
pub fn list_of_slot(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    slot: i64,
) -> Result<Vec<MediaRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM media WHERE instance_id = $1 AND purpose = 'answer' AND slot = $2 AND state = 'kept' \
        ORDER BY created_at, id",
        MediaRow::columns()
    );
    tx.list(&sql, values![instance, slot], MediaRow::read)
}

/// Files of a candidate for one purpose, the newest last.
pub fn list_of_candidate(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    purpose: MediaPurpose,
) -> Result<Vec<MediaRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM media WHERE candidate_id = $1 AND purpose = $2 AND state <> 'erased' ORDER BY created_at, id",
        MediaRow::columns()
    );
    tx.list(&sql, values![candidate, purpose], MediaRow::read)
}

/// How many evidences of a kind an instance has had.
pub fn count_of_kind(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    kind: EvidenceKind,
) -> Result<i64, StorageError> {
    let sql =
        "SELECT count(*) FROM media WHERE instance_id = $1 AND purpose = 'evidence' AND kind = $2";
    tx.find(sql, values![instance, kind], |row| row.get(0)).map(Option::unwrap_or_default)
}

/// The highest number that a browser gave an evidence of a kind; 0 without any. Another device goes
/// on from there: a number that was used would be taken for a repeat.
pub fn highest_number(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    kind: EvidenceKind,
) -> Result<i64, StorageError> {
    let sql = "SELECT max(CAST(substr(client_key, $3) AS bigint)) FROM media \
        WHERE instance_id = $1 AND purpose = 'evidence' AND kind = $2";
    // Behind `kind/`; places in a text are counted from 1.
    let behind = i64::try_from(kind.as_str().len()).unwrap_or(i64::MAX).saturating_add(2);
    let highest = tx.find(sql, values![instance, kind, behind], |row| row.get::<Option<i64>>(0))?;
    Ok(highest.flatten().unwrap_or(0))
}

/// How many bytes the kept files of an instance for one purpose have together.
pub fn bytes_of(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    purpose: MediaPurpose,
) -> Result<i64, StorageError> {
    let sql = "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM media \
        WHERE instance_id = $1 AND purpose = $2 AND state = 'kept'";
    tx.find(sql, values![instance, purpose], |row| row.get(0)).map(Option::unwrap_or_default)
}

/// Writes what was seen in an evidence and what it is marked with.
pub fn set_summary(tx: &mut dyn Transaction, media: &MediaRow) -> Result<(), StorageError> {
    let sql = "UPDATE media SET flag = $2, detections = $3 WHERE id = $1";
    tx.execute(sql, values![media.id, media.flag, media.detections]).map(|_| ())
}

/// Marks everything of a candidate as erased and removes what tells about its content. Gives how
/// many files of a purpose there were.
pub fn erase(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    purpose: MediaPurpose,
) -> Result<u64, StorageError> {
    let sql = "UPDATE media SET state = 'erased', name = NULL, sha256 = NULL, client_time = NULL, detections = '[]', \
        flag = NULL WHERE candidate_id = $1 AND purpose = $2 AND state <> 'erased'";
    tx.execute(sql, values![candidate, purpose])
}

/// Replaces earlier files of a candidate for a purpose and name: their time is over.
pub fn replace(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    purpose: MediaPurpose,
    name: Option<&str>,
) -> Result<u64, StorageError> {
    let sql = "UPDATE media SET state = 'expired' \
        WHERE candidate_id = $1 AND purpose = $2 AND coalesce(name, '') = coalesce($3, '') AND state = 'kept'";
    tx.execute(sql, values![candidate, purpose, name])
}

/// Evidences, photos and documents whose time is over: those of completed instances without a hold.
/// Photos and documents are of no instance; they go when the last instance of their candidate could
/// let them go, or by their own age when there is none. Files of answers belong to the result and
/// stay.
pub fn overdue(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<MediaRow>, StorageError> {
    let columns: Vec<_> = MediaRow::FIELDS.iter().map(|field| format!("m.{field}")).collect();
    let sql = format!(
        "SELECT {} FROM media m LEFT JOIN instance i ON i.id = m.instance_id \
        LEFT JOIN proctoring p ON p.instance_id = m.instance_id \
        WHERE m.organization_id = $1 AND m.created_at < $2 AND m.state = 'kept' AND m.purpose <> 'answer' \
        AND coalesce(p.held, FALSE) = FALSE \
        AND (m.instance_id IS NULL OR (i.state = 'COMPLETE' AND i.completed_at < $2)) \
        AND (m.instance_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM instance o \
            LEFT JOIN proctoring q ON q.instance_id = o.id WHERE o.candidate_id = m.candidate_id \
            AND (o.state <> 'COMPLETE' OR o.completed_at >= $2 OR coalesce(q.held, FALSE)))) \
        ORDER BY m.created_at LIMIT $3",
        columns.join(", ")
    );
    tx.list(&sql, values![organization, before, limit], MediaRow::read)
}

/// Ends a file's time. True when it was kept until now.
pub fn expire(tx: &mut dyn Transaction, id: &MediaId) -> Result<bool, StorageError> {
    Ok(tx.execute(
        "UPDATE media SET state = 'expired' WHERE id = $1 AND state = 'kept'",
        values![id],
    )? > 0)
}

/// Files that are to be removed from the media store.
pub fn list_to_remove(tx: &mut dyn Transaction, limit: i64) -> Result<Vec<MediaId>, StorageError> {
    let sql = "SELECT id FROM media WHERE state <> 'kept' AND NOT file_gone UNION ALL \
        SELECT id FROM asset WHERE state <> 'kept' ORDER BY id LIMIT $1";
    tx.list(sql, values![limit], |row| row.get(0))
}

/// Writes down that a file was removed. That a candidate's was there is still told; an author's
/// leaves nothing.
pub fn mark_removed(tx: &mut dyn Transaction, id: &MediaId) -> Result<(), StorageError> {
    tx.execute("UPDATE media SET file_gone = TRUE WHERE id = $1", values![id])?;
    tx.execute("DELETE FROM asset WHERE id = $1 AND state <> 'kept'", values![id]).map(|_| ())
}

/// Days that files of an organization stay after completion.
pub fn days(tx: &mut dyn Transaction, organization: &OrganizationId) -> Result<i64, StorageError> {
    let sql = "SELECT evidence_days FROM organization WHERE id = $1";
    tx.find(sql, values![organization], |row| row.get(0)).map(|days| days.unwrap_or(365))
}

/// Sets for how many days evidences stay after completion.
pub fn set_days(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    days: i64,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE organization SET evidence_days = $2 WHERE id = $1",
        values![organization, days],
    )
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn evidence(id: &str, nth: i64) -> MediaRow {
        MediaRow {
            id: id.into(),
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            candidate_id: "Ca1".into(),
            instance_id: Some("Ti1".into()),
            purpose: MediaPurpose::Evidence,
            slot: None,
            kind: Some(EvidenceKind::Photo),
            nth: Some(nth),
            client_key: format!("photo/{nth}"),
            created_at: NOW,
            client_time: Some(NOW),
            name: None,
            bytes: 10,
            media_type: "image/png".into(),
            sha256: Some([7; 32]),
            flag: None,
            detections: "[]".into(),
            state: MediaState::Kept,
            file_gone: false,
        }
    }

    #[test]
    fn a_repeated_upload_is_known_by_its_client_key() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &evidence("Me1", 1)));
        let again = MediaRow { id: "Me2".into(), ..evidence("Me1", 1) };
        assert!(matches!(
            fixture.try_write(move |tx| insert(tx, &again)),
            Err(StorageError::Conflict(_))
        ));
        assert_eq!(
            fixture.read(|tx| find_sent(tx, &"Ti1".into(), "photo/1")),
            Some(evidence("Me1", 1))
        );
        assert_eq!(fixture.read(|tx| count_of_kind(tx, &"Ti1".into(), EvidenceKind::Photo)), 1);
        assert_eq!(fixture.read(|tx| count_of_kind(tx, &"Ti1".into(), EvidenceKind::Video)), 0);
    }

    #[test]
    fn bytes_are_added_up_by_purpose_while_files_are_kept() {
        let fixture = StorageFixture::with_instance();
        let bytes = |fixture: &StorageFixture| {
            fixture.read(|tx| bytes_of(tx, &"Ti1".into(), MediaPurpose::Evidence))
        };
        assert_eq!(bytes(&fixture), 0);
        fixture.write(|tx| {
            insert(tx, &evidence("Me1", 1))?;
            insert(tx, &MediaRow { bytes: 5_000_000_000, ..evidence("Me2", 2) })?;
            insert(
                tx,
                &MediaRow {
                    purpose: MediaPurpose::Answer,
                    client_key: "slot/1/a".into(),
                    ..evidence("Me3", 1)
                },
            )
        });
        assert_eq!(bytes(&fixture), 5_000_000_010);
        fixture.write(|tx| expire(tx, &"Me2".into()));
        assert_eq!(bytes(&fixture), 10);
    }

    #[test]
    fn erasing_leaves_a_row_that_tells_nothing_until_the_file_is_gone() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &evidence("Me1", 1)));
        assert_eq!(fixture.write(|tx| erase(tx, &"Ca1".into(), MediaPurpose::Evidence)), 1);
        assert_eq!(fixture.write(|tx| erase(tx, &"Ca1".into(), MediaPurpose::Evidence)), 0);
        assert!(fixture.read(|tx| list(tx, &"Ti1".into(), MediaPurpose::Evidence)).is_empty());
        assert_eq!(fixture.read(|tx| find_stored(tx, &"Me1".into())), None);
        assert_eq!(fixture.read(|tx| list_to_remove(tx, 9)), ["Me1".into()]);
        fixture.write(|tx| mark_removed(tx, &"Me1".into()));
        assert!(fixture.read(|tx| list_to_remove(tx, 9)).is_empty());
        assert!(fixture.read(|tx| exists(tx, &"Me1".into())));
    }

    #[test]
    fn files_of_open_or_held_instances_and_of_answers_do_not_expire() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| {
            insert(tx, &evidence("Me1", 1))?;
            insert(
                tx,
                &MediaRow {
                    purpose: MediaPurpose::Answer,
                    client_key: "slot/1/a".into(),
                    ..evidence("Me2", 1)
                },
            )
        });
        let later = NOW.plus_seconds(10);
        let due = |fixture: &StorageFixture| {
            fixture.read(move |tx| overdue(tx, &"Og1".into(), later, 9)).len()
        };
        assert_eq!(due(&fixture), 0, "the instance is open");
        fixture.write(|tx| {
            let sql = "UPDATE instance SET state = 'COMPLETE', completed_at = $1 WHERE id = 'Ti1'";
            tx.execute(sql, values![NOW])
        });
        assert_eq!(due(&fixture), 1);
        let held = crate::proctoring::ProctoringRow {
            held: true,
            ..crate::proctoring::ProctoringRow::empty_for("Ti1".into())
        };
        fixture.write(move |tx| crate::proctoring::upsert(tx, &held));
        assert_eq!(due(&fixture), 0, "the instance is held");
    }

    #[test]
    fn a_photo_stays_as_long_as_an_instance_of_its_candidate_needs_it() {
        let fixture = StorageFixture::with_instance();
        let photo = MediaRow {
            purpose: MediaPurpose::IdentityPhoto,
            instance_id: None,
            kind: None,
            nth: None,
            ..evidence("Me1", 1)
        };
        fixture.write(move |tx| insert(tx, &photo));
        let due = |fixture: &StorageFixture, seconds| {
            fixture.read(move |tx| overdue(tx, &"Og1".into(), NOW.plus_seconds(seconds), 9)).len()
        };
        assert_eq!(due(&fixture, 1), 0, "the instance is open");
        fixture.write(|tx| {
            let sql = "UPDATE instance SET state = 'COMPLETE', completed_at = $1 WHERE id = 'Ti1'";
            tx.execute(sql, values![NOW.plus_seconds(5)])
        });
        assert_eq!((due(&fixture, 5), due(&fixture, 6)), (0, 1), "it counts from the completion");
        let held = crate::proctoring::ProctoringRow {
            held: true,
            ..crate::proctoring::ProctoringRow::empty_for("Ti1".into())
        };
        fixture.write(move |tx| crate::proctoring::upsert(tx, &held));
        assert_eq!(due(&fixture, 6), 0, "the instance is held");
        fixture
            .write(|tx| tx.execute("UPDATE media SET candidate_id = 'Ca2' WHERE id = 'Me1'", &[]));
        assert_eq!(due(&fixture, 1), 1, "who never started has only the photo's own age");
    }
}
