//! Candidates of a task. Erased ones keep their row and are in no list.

use crate::record::insert_sql;
use crate::{SqlRow, SqlValue, StorageError, Transaction, values};
use domain::id::{CandidateId, OrganizationId, TaskId, UserId};
use domain::instance::CandidateKind;
use domain::person_search::fold_name;
use domain::time::Timestamp;
use std::sync::LazyLock;

/// Characters of a folded name that decide its place; an index has to hold them.
const LONGEST_SEARCH_NAME: usize = 200;
/// Characters of a candidate that are looked through.
const LONGEST_SEARCH_TEXT: usize = 4000;
const SEARCH_FIELDS: &[&str] = &["search_name", "search_text"];
/// Rows in memory while the columns are filled.
const FILLED_AT_ONCE: i64 = 1000;

record! {
    /// One person's registration in one task.
    pub struct CandidateRow: "candidate" {
        id: CandidateId,
        organization_id: OrganizationId,
        task_id: TaskId,
        /// Creation order in the task, from [`crate::task::next_candidate_ordinal`].
        ordinal: i64,
        kind: CandidateKind,
        /// For kind `user`.
        user_id: Option<UserId>,
        /// `pre-registration` or `self-registration`.
        source: String,
        fullname: Option<String>,
        email: Option<String>,
        uniq_id: Option<String>,
        uniq_scope: Option<String>,
        credential1: Option<String>,
        /// No other candidate of the task may have this first credential exclusively.
        credential1_exclusive: bool,
        credential2_hash: Option<String>,
        /// None once erased.
        invitation_code: Option<String>,
        external_id: Option<String>,
        /// JSON object.
        external_data: Option<String>,
        lang: Option<String>,
        active: bool,
        active_after: Option<Timestamp>,
        active_before: Option<Timestamp>,
        /// A plain decimal.
        time_factor: String,
        group_name: String,
        /// JSON list.
        labels: String,
        /// JSON object.
        tags: String,
        stage: Option<String>,
        /// JSON list of uuids.
        programs: String,
        rating: Option<i64>,
        favorite: bool,
        notes: Option<String>,
        logged_in: bool,
        /// JSON list.
        extra_emails: String,
        /// JSON object.
        price: Option<String>,
        /// JSON object.
        callback: Option<String>,
        /// JSON object.
        room_form: Option<String>,
        /// JSON object by step id.
        step_overrides: String,
        created_at: Timestamp,
        last_activity_at: Option<Timestamp>,
        erased_at: Option<Timestamp>,
    }
}

/// Which candidates of a task a list holds: those that fit all values given, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExactCandidateFilter {
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub code: Option<String>,
    pub credential1: Option<String>,
    pub uniq_id: Option<String>,
}

impl ExactCandidateFilter {
    /// The condition and its parameters, numbered behind organization and task.
    pub(super) fn condition(&self) -> (String, Vec<SqlValue<'_>>) {
        let fields = [
            ("fullname", &self.fullname),
            ("email", &self.email),
            ("invitation_code", &self.code),
            ("credential1", &self.credential1),
            ("uniq_id", &self.uniq_id),
        ];
        let mut sql = "organization_id = $1 AND task_id = $2 AND erased_at IS NULL".to_owned();
        let mut parameters = Vec::new();
        for (column, value) in fields {
            if let Some(value) = value {
                parameters.push(SqlValue::Text(value));
                sql.push_str(&format!(" AND {column} = ${}", parameters.len() + 2));
            }
        }
        (sql, parameters)
    }
}

/// # Errors
/// [`crate::UniqueRule::InvitationCode`] or [`crate::UniqueRule::Credential`] when another
/// candidate has it.
pub fn insert(tx: &mut dyn Transaction, candidate: &CandidateRow) -> Result<(), StorageError> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        insert_sql(CandidateRow::TABLE, &[CandidateRow::FIELDS, SEARCH_FIELDS].concat())
    });
    let search = SearchColumns::of(candidate);
    let mut values = candidate.values();
    values.extend([SqlValue::Text(&search.name), SqlValue::Text(&search.text)]);
    tx.execute(&SQL, &values).map(|_| ())
}

/// The candidate of an id, erased or not.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<Option<CandidateRow>, StorageError> {
    let columns = CandidateRow::columns();
    let sql = format!(
        "SELECT {columns} FROM candidate WHERE organization_id = $1 AND task_id = $2 AND id = $3"
    );
    tx.find(&sql, values![organization, task, candidate], CandidateRow::read)
}

/// The candidate of an invitation code; the code is unique in the database.
pub fn find_by_code(
    tx: &mut dyn Transaction,
    code: &str,
) -> Result<Option<CandidateRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM candidate WHERE invitation_code = $1", CandidateRow::columns());
    tx.find(&sql, values![code], CandidateRow::read)
}

/// The candidate of a task whose first credential is exclusive and equal to this one.
pub fn find_by_credential(
    tx: &mut dyn Transaction,
    task: &TaskId,
    credential1: &str,
) -> Result<Option<CandidateRow>, StorageError> {
    let columns = CandidateRow::columns();
    let sql = format!(
        "SELECT {columns} FROM candidate WHERE task_id = $1 AND credential1 = $2 AND credential1_exclusive"
    );
    tx.find(&sql, values![task, credential1], CandidateRow::read)
}

/// All candidates of a task with a uniqId, for the rule about its scope (domain rules, 7.3).
pub fn list_by_uniq_id(
    tx: &mut dyn Transaction,
    task: &TaskId,
    uniq_id: &str,
) -> Result<Vec<CandidateRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM candidate WHERE task_id = $1 AND uniq_id = $2 ORDER BY ordinal",
        CandidateRow::columns()
    );
    tx.list(&sql, values![task, uniq_id], CandidateRow::read)
}

/// All candidates of an organization that stand for a user.
pub fn list_by_user(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Vec<CandidateRow>, StorageError> {
    let columns = CandidateRow::columns();
    let sql = format!(
        "SELECT {columns} FROM candidate WHERE organization_id = $1 AND user_id = $2 ORDER BY created_at, id"
    );
    tx.list(&sql, values![organization, user], CandidateRow::read)
}

/// A user's candidates made behind a moment and id, in the order of making, at most so many.
pub fn list_by_user_behind(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    user: &UserId,
    (created_at, id): (Timestamp, &CandidateId),
    limit: i64,
) -> Result<Vec<CandidateRow>, StorageError> {
    let columns = CandidateRow::columns();
    let sql = format!(
        "SELECT {columns} FROM candidate WHERE organization_id = $1 AND user_id = $2 AND (created_at, id) > ($3, $4) \
        ORDER BY created_at, id LIMIT $5"
    );
    tx.list(&sql, values![organization, user, created_at, id, limit], CandidateRow::read)
}

/// How many candidates a list with this filter holds.
pub fn count(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    filter: &ExactCandidateFilter,
) -> Result<i64, StorageError> {
    let (condition, parameters) = filter.condition();
    let values = [values![organization, task], parameters.as_slice()].concat();
    tx.integer(&format!("SELECT count(*) FROM candidate WHERE {condition}"), &values)
}

/// Candidates in creation order, some left out at the front.
pub fn page(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    filter: &ExactCandidateFilter,
    limit: i64,
    skip: i64,
) -> Result<Vec<CandidateRow>, StorageError> {
    let (condition, parameters) = filter.condition();
    let (columns, first) = (CandidateRow::columns(), parameters.len() + 3);
    let sql = format!(
        "SELECT {columns} FROM candidate WHERE {condition} ORDER BY ordinal LIMIT ${first} OFFSET ${}",
        first + 1
    );
    let values =
        [values![organization, task], parameters.as_slice(), values![limit, skip]].concat();
    tx.list(&sql, &values, CandidateRow::read)
}

/// Candidates of a task with settings of their own for steps, and these settings.
pub fn list_overrides(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Vec<(CandidateId, String)>, StorageError> {
    let sql = "SELECT id, step_overrides FROM candidate \
        WHERE organization_id = $1 AND task_id = $2 AND step_overrides <> '{}' ORDER BY ordinal";
    tx.list(sql, values![organization, task], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Writes a candidate's own settings for steps.
pub fn set_overrides(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    candidate: &CandidateId,
    overrides: &str,
) -> Result<(), StorageError> {
    let sql = "UPDATE candidate SET step_overrides = $3 WHERE organization_id = $1 AND id = $2";
    tx.execute(sql, values![organization, candidate, overrides]).map(|_| ())
}

/// Writes all that may change of a candidate back. True when there was such a candidate.
///
/// # Errors
/// As [`insert`].
pub fn update(tx: &mut dyn Transaction, candidate: &CandidateRow) -> Result<bool, StorageError> {
    let c = candidate;
    let search = SearchColumns::of(candidate);
    let sql = "UPDATE candidate SET fullname = $4, email = $5, uniq_id = $6, uniq_scope = $7, credential1 = $8, \
        credential1_exclusive = $9, credential2_hash = $10, invitation_code = $11, external_id = $12, \
        external_data = $13, lang = $14, active = $15, active_after = $16, active_before = $17, time_factor = $18, \
        group_name = $19, labels = $20, tags = $21, stage = $22, programs = $23, rating = $24, favorite = $25, \
        notes = $26, logged_in = $27, extra_emails = $28, price = $29, callback = $30, room_form = $31, \
        step_overrides = $32, last_activity_at = $33, erased_at = $34, search_name = $35, search_text = $36 \
        WHERE organization_id = $1 AND task_id = $2 AND id = $3";
    let values = values![
        c.organization_id,
        c.task_id,
        c.id,
        c.fullname,
        c.email,
        c.uniq_id,
        c.uniq_scope,
        c.credential1,
        c.credential1_exclusive,
        c.credential2_hash,
        c.invitation_code,
        c.external_id,
        c.external_data,
        c.lang,
        c.active,
        c.active_after,
        c.active_before,
        c.time_factor,
        c.group_name,
        c.labels,
        c.tags,
        c.stage,
        c.programs,
        c.rating,
        c.favorite,
        c.notes,
        c.logged_in,
        c.extra_emails,
        c.price,
        c.callback,
        c.room_form,
        c.step_overrides,
        c.last_activity_at,
        c.erased_at,
        search.name,
        search.text,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

/// What a candidate is found and ordered by, folded: derived whenever the row is written.
struct SearchColumns {
    name: String,
    text: String,
}

/// What the columns are derived from.
struct SearchSource<'row> {
    fullname: Option<&'row str>,
    email: Option<&'row str>,
    external_id: Option<&'row str>,
    uniq_id: Option<&'row str>,
    group_name: &'row str,
    /// JSON list.
    labels: &'row str,
}

impl SearchColumns {
    fn of(row: &CandidateRow) -> Self {
        if row.erased_at.is_some() {
            return Self { name: String::new(), text: String::new() };
        }
        Self::of_source(&SearchSource {
            fullname: row.fullname.as_deref(),
            email: row.email.as_deref(),
            external_id: row.external_id.as_deref(),
            uniq_id: row.uniq_id.as_deref(),
            group_name: &row.group_name,
            labels: &row.labels,
        })
    }

    fn of_source(source: &SearchSource<'_>) -> Self {
        let labels: Vec<String> = serde_json::from_str(source.labels).unwrap_or_default();
        let group = Some(source.group_name).filter(|group| *group != "default");
        let texts = [source.fullname, source.email, source.external_id, source.uniq_id, group]
            .into_iter()
            .flatten()
            .chain(labels.iter().map(String::as_str));
        // Every text is a line: a word is never found across the end of one.
        let lines: Vec<String> = texts.map(fold_name).collect();
        let name = source.fullname.or(source.email).unwrap_or_default();
        Self {
            name: fold_name(name).chars().take(LONGEST_SEARCH_NAME).collect(),
            text: lines.join("\n").chars().take(LONGEST_SEARCH_TEXT).collect(),
        }
    }
}

/// Fills the search columns of all candidates: part of the migration that made them, so it names
/// its columns and knows none that came later.
pub(crate) fn fill_search_columns(tx: &mut dyn Transaction) -> Result<(), StorageError> {
    let sql = "SELECT id, fullname, email, external_id, uniq_id, group_name, labels FROM candidate \
        WHERE id > $1 AND erased_at IS NULL ORDER BY id LIMIT $2";
    let mut last = String::new();
    loop {
        let read = |row: &dyn SqlRow| {
            let source = SearchSource {
                fullname: row.get(1)?,
                email: row.get(2)?,
                external_id: row.get(3)?,
                uniq_id: row.get(4)?,
                group_name: row.get(5)?,
                labels: row.get(6)?,
            };
            Ok((row.get::<String>(0)?, SearchColumns::of_source(&source)))
        };
        let found = tx.list(sql, values![last, FILLED_AT_ONCE], read)?;
        for (id, search) in &found {
            let update = "UPDATE candidate SET search_name = $2, search_text = $3 WHERE id = $1";
            tx.execute(update, values![id, search.name, search.text])?;
        }
        match found.into_iter().next_back() {
            Some((id, _)) => last = id,
            None => return Ok(()),
        }
    }
}

/// Remembers that a candidate entered the task.
pub fn enter(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    at: Timestamp,
) -> Result<(), StorageError> {
    let sql = "UPDATE candidate SET logged_in = TRUE, last_activity_at = $2 WHERE id = $1";
    tx.execute(sql, values![candidate, at]).map(|_| ())
}

/// Deletes a candidate without instances, and its log-in sessions. True when there was such a
/// candidate.
///
/// # Errors
/// [`StorageError::Statement`] when the candidate has an instance.
pub fn delete(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<bool, StorageError> {
    let ours = values![organization, task, candidate];
    tx.execute("DELETE FROM login_session WHERE organization_id = $1 AND task_id = $2 AND candidate_id = $3", ours)?;
    Ok(tx.execute(
        "DELETE FROM candidate WHERE organization_id = $1 AND task_id = $2 AND id = $3",
        ours,
    )? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UniqueRule;
    use crate::fixture::{NOW, StorageFixture, candidate, instance};

    fn exclusive(id: &str, ordinal: i64) -> CandidateRow {
        CandidateRow {
            credential1: Some("ada".into()),
            credential1_exclusive: true,
            ..candidate(id, ordinal)
        }
    }

    #[test]
    fn a_code_is_taken_once_in_the_database() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &candidate("Ca1", 1)));
        let twin = CandidateRow {
            invitation_code: candidate("Ca1", 1).invitation_code,
            ..candidate("Ca2", 2)
        };
        let refused = fixture.try_write(move |tx| insert(tx, &twin));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::InvitationCode)));
    }

    #[test]
    fn an_exclusive_credential_is_taken_once_in_the_task_and_others_may_repeat() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &exclusive("Ca1", 1)));
        let refused = fixture.try_write(|tx| insert(tx, &exclusive("Ca2", 2)));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::Credential)));
        fixture.write(|tx| {
            insert(tx, &CandidateRow { credential1_exclusive: false, ..exclusive("Ca3", 3) })
        });
        let found = fixture.read(|tx| find_by_credential(tx, &"Tk1".into(), "ada")).unwrap();
        assert_eq!(found.id.as_str(), "Ca1");
    }

    #[test]
    fn a_candidate_with_an_instance_cannot_be_deleted() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &candidate("Ca1", 1)));
        fixture.write(|tx| crate::instance::insert(tx, &instance("Ti1", "Ca1", 1)));
        let refused =
            fixture.try_write(|tx| delete(tx, &"Og1".into(), &"Tk1".into(), &"Ca1".into()));
        assert!(matches!(refused, Err(StorageError::Statement(_))));
    }

    #[test]
    fn another_organization_or_task_finds_and_deletes_nothing() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &candidate("Ca1", 1)));
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Tk1".into(), &"Ca1".into())), None);
        assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), &"Tk2".into(), &"Ca1".into())), None);
        assert!(!fixture.write(|tx| delete(tx, &"Og2".into(), &"Tk1".into(), &"Ca1".into())));
        assert_eq!(
            fixture.read(|tx| count(
                tx,
                &"Og2".into(),
                &"Tk1".into(),
                &ExactCandidateFilter::default()
            )),
            0
        );
    }

    #[test]
    fn an_erased_candidate_is_in_no_list_and_still_found() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &candidate("Ca1", 1)));
        let erased =
            CandidateRow { erased_at: Some(NOW), invitation_code: None, ..candidate("Ca1", 1) };
        let expected = erased.clone();
        assert!(fixture.write(move |tx| update(tx, &erased)));
        assert_eq!(
            fixture.read(|tx| count(
                tx,
                &"Og1".into(),
                &"Tk1".into(),
                &ExactCandidateFilter::default()
            )),
            0
        );
        assert_eq!(
            fixture.read(|tx| find(tx, &"Og1".into(), &"Tk1".into(), &"Ca1".into())),
            Some(expected)
        );
    }

    #[test]
    fn filters_all_hold_and_pages_follow_creation() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            (1..=4).try_for_each(|n| {
                let fullname = Some(if n % 2 == 0 { "Ada".to_owned() } else { "Bob".to_owned() });
                let email = Some(format!("{n}@example.org"));
                insert(tx, &CandidateRow { fullname, email, ..candidate(&format!("Ca{n}"), n) })
            })
        });
        let ada = ExactCandidateFilter {
            fullname: Some("Ada".into()),
            ..ExactCandidateFilter::default()
        };
        let second = ExactCandidateFilter { email: Some("2@example.org".into()), ..ada.clone() };
        let ids = |filter: ExactCandidateFilter, limit, skip| {
            let rows = fixture
                .read(move |tx| page(tx, &"Og1".into(), &"Tk1".into(), &filter, limit, skip));
            rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ids(ada, 10, 1), ["Ca4"]);
        assert_eq!(ids(second, 10, 0), ["Ca2"]);
        assert_eq!(ids(ExactCandidateFilter::default(), 2, 1), ["Ca2", "Ca3"]);
    }

    #[test]
    fn a_filtered_list_goes_by_its_index() {
        let fixture = StorageFixture::embedded();
        let supplied = || Some(String::from("x"));
        let cases = [
            (
                ExactCandidateFilter { fullname: supplied(), ..ExactCandidateFilter::default() },
                "candidate_by_fullname (task_id=? AND fullname=?",
            ),
            (
                ExactCandidateFilter { email: supplied(), ..ExactCandidateFilter::default() },
                "candidate_by_email (task_id=? AND email=?",
            ),
            (
                ExactCandidateFilter { uniq_id: supplied(), ..ExactCandidateFilter::default() },
                "candidate_by_uniq_id (task_id=? AND uniq_id=?",
            ),
            (
                ExactCandidateFilter { code: supplied(), ..ExactCandidateFilter::default() },
                "candidate_by_code (invitation_code=?",
            ),
            (
                ExactCandidateFilter { credential1: supplied(), ..ExactCandidateFilter::default() },
                "(task_id=? AND credential1=?",
            ),
            (ExactCandidateFilter::default(), "candidate_by_ordinal (task_id=?"),
        ];
        for (filter, index) in cases {
            let plan = fixture.query_plan(&format!(
                "SELECT id FROM candidate WHERE {} ORDER BY ordinal",
                filter.condition().0
            ));
            assert!(plan.contains(index), "{filter:?}: {plan}");
        }
    }

    #[test]
    fn entering_is_remembered_and_a_deleted_candidate_frees_its_code() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &candidate("Ca1", 1)));
        fixture.write(|tx| enter(tx, &"Ca1".into(), NOW));
        let code = candidate("Ca1", 1).invitation_code.unwrap();
        let again = code.clone();
        assert!(fixture.read(move |tx| find_by_code(tx, &code)).unwrap().logged_in);
        assert!(fixture.write(|tx| delete(tx, &"Og1".into(), &"Tk1".into(), &"Ca1".into())));
        assert_eq!(fixture.read(move |tx| find_by_code(tx, &again)), None);
    }

    /// Name and text a candidate is found by.
    fn search_columns(fixture: &StorageFixture, id: &'static str) -> (String, String) {
        let sql = "SELECT search_name, search_text FROM candidate WHERE id = $1";
        let read = move |tx: &mut dyn Transaction| {
            tx.find(sql, values![id], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        fixture.read(read).unwrap()
    }

    fn sukru() -> CandidateRow {
        CandidateRow {
            fullname: Some("Şükrü  Güneş".into()),
            email: Some("SG@example.org".into()),
            external_id: Some("EMP-7".into()),
            group_name: "İzmir".into(),
            labels: r#"["Gece vardiyası"]"#.into(),
            ..candidate("Ca1", 1)
        }
    }

    #[test]
    fn a_candidate_is_found_by_all_it_is_called_until_it_is_erased() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &sukru()));
        let text = "sukru gunes\nsg@example.org\nemp-7\nizmir\ngece vardiyasi";
        assert_eq!(search_columns(&fixture, "Ca1"), ("sukru gunes".into(), text.into()));
        let renamed = CandidateRow {
            fullname: None,
            external_id: None,
            group_name: "default".into(),
            labels: "[]".into(),
            ..sukru()
        };
        fixture.write(move |tx| update(tx, &renamed));
        assert_eq!(
            search_columns(&fixture, "Ca1"),
            ("sg@example.org".into(), "sg@example.org".into())
        );
        fixture.write(|tx| update(tx, &CandidateRow { erased_at: Some(NOW), ..sukru() }));
        assert_eq!(search_columns(&fixture, "Ca1"), (String::new(), String::new()));
    }

    #[test]
    fn candidates_of_before_are_found_after_the_migration_and_a_long_name_fits_an_index() {
        let fixture = StorageFixture::with_task();
        let long = CandidateRow { fullname: Some("王".repeat(1000)), ..candidate("Ca2", 2) };
        fixture.write(move |tx| {
            insert(tx, &sukru())?;
            insert(tx, &long)?;
            tx.execute("UPDATE candidate SET search_name = '', search_text = ''", &[])?;
            fill_search_columns(tx)
        });
        assert_eq!(search_columns(&fixture, "Ca1").0, "sukru gunes");
        assert_eq!(search_columns(&fixture, "Ca2").0, "王".repeat(LONGEST_SEARCH_NAME));
    }
}
