//! Questions of the bank and their versions. The documents themselves are in [`crate::document`].

use crate::{Sha256Digest, SqlValue, StorageError, Transaction, values};
use domain::id::{OrganizationId, QuestionId};
use domain::instance::ActorKind;
use domain::time::Timestamp;

record! {
    /// A question of the bank.
    pub struct BankQuestionRow: "bank_question" {
        id: QuestionId,
        organization_id: OrganizationId,
        /// Creation order in the organization, from [`crate::organization::next_ordinal`].
        ordinal: i64,
        uuid: String,
        key: String,
        /// `multiplechoice`, `match` or `input`.
        kind: String,
        /// The latest version's, Markdown.
        text: String,
        folder: String,
        /// JSON list.
        labels: String,
        /// JSON object.
        tags: String,
        /// The latest version's document.
        digest: Sha256Digest,
        /// The latest version's number.
        version: i64,
        submitted_kind: ActorKind,
        submitted_by: Option<String>,
        created_at: Timestamp,
        updated_at: Timestamp,
        /// None: it waits for somebody who may approve it.
        approved_at: Option<Timestamp>,
        archived_at: Option<Timestamp>,
    }
}

record! {
    /// One version of a question.
    pub struct BankQuestionVersionRow: "bank_question_version" {
        question_id: QuestionId,
        /// From 1.
        number: i64,
        digest: Sha256Digest,
        created_at: Timestamp,
        actor_kind: ActorKind,
        actor_id: Option<String>,
    }
}

/// Adds a question; its first version is added beside it.
pub fn insert(tx: &mut dyn Transaction, question: &BankQuestionRow) -> Result<(), StorageError> {
    question.insert_row(tx)
}

/// Adds a version of a question; earlier ones stay.
pub fn insert_version(
    tx: &mut dyn Transaction,
    version: &BankQuestionVersionRow,
) -> Result<(), StorageError> {
    version.insert_row(tx)
}

/// A question of this organization, an archived one too.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    question: &QuestionId,
) -> Result<Option<BankQuestionRow>, StorageError> {
    find_where(tx, "id = $2", values![organization, question])
}

/// The question with this uuid, for documents that come back.
pub fn find_by_uuid(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    uuid: &str,
) -> Result<Option<BankQuestionRow>, StorageError> {
    find_where(tx, "uuid = $2", values![organization, uuid])
}

fn find_where(
    tx: &mut dyn Transaction,
    condition: &str,
    values: &[SqlValue<'_>],
) -> Result<Option<BankQuestionRow>, StorageError> {
    let columns = BankQuestionRow::columns();
    let sql =
        format!("SELECT {columns} FROM bank_question WHERE organization_id = $1 AND {condition}");
    tx.find(&sql, values, BankQuestionRow::read)
}

/// Hands over the questions of an organization in creation order, those of one folder if one is
/// named, archived and waiting ones included.
pub fn each(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    folder: Option<&str>,
    each: &mut dyn FnMut(BankQuestionRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let condition = if folder.is_some() { " AND folder = $2" } else { "" };
    let mut values = values![organization].to_vec();
    values.extend(folder.map(SqlValue::Text));
    let columns = BankQuestionRow::columns();
    let sql = format!(
        "SELECT {columns} FROM bank_question WHERE organization_id = $1{condition} ORDER BY ordinal"
    );
    tx.query(&sql, &values, &mut |row| each(BankQuestionRow::read(row)?))
}

/// The versions of a question of this organization, oldest first.
pub fn versions(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    question: &QuestionId,
) -> Result<Vec<BankQuestionVersionRow>, StorageError> {
    let sql = "SELECT v.question_id, v.number, v.digest, v.created_at, v.actor_kind, v.actor_id \
        FROM bank_question_version v JOIN bank_question q ON q.id = v.question_id \
        WHERE q.organization_id = $1 AND q.id = $2 ORDER BY v.number";
    tx.list(sql, values![organization, question], BankQuestionVersionRow::read)
}

/// Writes all that may change of a question back. True when there was such a question.
pub fn update(tx: &mut dyn Transaction, question: &BankQuestionRow) -> Result<bool, StorageError> {
    let sql = "UPDATE bank_question SET key = $3, kind = $4, text = $5, folder = $6, labels = $7, tags = $8, \
        digest = $9, version = $10, updated_at = $11, approved_at = $12, archived_at = $13 \
        WHERE organization_id = $1 AND id = $2";
    let values = values![
        question.organization_id,
        question.id,
        question.key,
        question.kind,
        question.text,
        question.folder,
        question.labels,
        question.tags,
        question.digest,
        question.version,
        question.updated_at,
        question.approved_at,
        question.archived_at,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::fixture::{NOW, StorageFixture};

    fn question(id: &str, ordinal: i64, folder: &str) -> BankQuestionRow {
        BankQuestionRow {
            id: id.into(),
            organization_id: "Og1".into(),
            ordinal,
            uuid: format!("uuid of {id}"),
            key: "q".into(),
            kind: "input".into(),
            text: "Why?".into(),
            folder: folder.into(),
            labels: "[]".into(),
            tags: "{}".into(),
            digest: [1; 32],
            version: 1,
            submitted_kind: ActorKind::Key,
            submitted_by: Some("Ky1".into()),
            created_at: NOW,
            updated_at: NOW,
            approved_at: None,
            archived_at: None,
        }
    }

    fn ids(
        fixture: &StorageFixture,
        organization: &'static str,
        folder: Option<&'static str>,
    ) -> Vec<String> {
        fixture.read(move |tx| {
            let mut ids = Vec::new();
            each(tx, &organization.into(), folder, &mut |row| {
                ids.push(row.id.to_string());
                Ok(())
            })?;
            Ok(ids)
        })
    }

    fn with_questions() -> StorageFixture {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            document::insert_if_absent(tx, &[1; 32], "{}")?;
            insert(tx, &question("Qu1", 1, "a"))?;
            insert(tx, &question("Qu2", 2, ""))
        });
        fixture
    }

    #[test]
    fn questions_come_in_creation_order_by_folder_and_to_their_own_organization_only() {
        let fixture = with_questions();
        assert_eq!(ids(&fixture, "Og1", None), ["Qu1", "Qu2"]);
        assert_eq!(ids(&fixture, "Og1", Some("a")), ["Qu1"]);
        assert_eq!(ids(&fixture, "Og1", Some("")), ["Qu2"]);
        assert_eq!(ids(&fixture, "Og2", None), [""; 0]);
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Qu1".into())), None);
        assert_eq!(fixture.read(|tx| find_by_uuid(tx, &"Og2".into(), "uuid of Qu1")), None);
        assert_eq!(fixture.read(|tx| versions(tx, &"Og2".into(), &"Qu1".into())), []);
    }

    #[test]
    fn what_changed_of_a_question_is_read_back_and_its_uuid_finds_it() {
        let fixture = with_questions();
        let changed = BankQuestionRow {
            text: "Why not?".into(),
            folder: "b".into(),
            version: 2,
            approved_at: Some(NOW),
            archived_at: Some(NOW),
            ..question("Qu1", 1, "a")
        };
        let written = changed.clone();
        assert!(fixture.write(move |tx| update(tx, &written)));
        assert_eq!(
            fixture.read(|tx| find_by_uuid(tx, &"Og1".into(), "uuid of Qu1")),
            Some(changed)
        );
        assert!(!fixture.write(|tx| update(tx, &question("Qu9", 9, "a"))));
    }

    #[test]
    fn two_questions_of_an_organization_never_have_one_uuid() {
        let fixture = with_questions();
        let twin = BankQuestionRow { uuid: "uuid of Qu1".into(), ..question("Qu3", 3, "a") };
        assert!(matches!(
            fixture.try_write(move |tx| insert(tx, &twin)),
            Err(StorageError::Conflict(_))
        ));
    }

    #[test]
    fn a_folder_is_found_by_its_index() {
        let fixture = StorageFixture::embedded();
        let sql = "SELECT id FROM bank_question WHERE organization_id = $1 AND folder = $2 ORDER BY ordinal";
        let plan = fixture.query_plan(sql);
        assert!(
            plan.contains("bank_question_by_folder") && !plan.contains("TEMP B-TREE"),
            "{plan}"
        );
    }
}
