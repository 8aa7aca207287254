//! Staff's table of a task's instances: pages behind a place in one of its orders, with who sat and
//! how it went.
//!
//! Every order is an index read from a place onwards, so that the last page costs what the first
//! does. Nothing is counted and nothing is left out by number.

use super::listing::{self, ListedCallback, ListingDetail};
use super::{candidate, search::InstanceMetaFilter};
use crate::{Sha256Digest, SqlRow, SqlValue, StorageError, Transaction, values};
use domain::id::{OrganizationId, TaskId};
use domain::instance::{ClosingReason, InstanceState};
use domain::person_search::PersonSearch;
use domain::time::Timestamp;

/// What the rows are ordered by; the ordinal decides between equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultOrder {
    #[default]
    Created,
    /// Those that were completed only.
    Completed,
    /// Those that have a result only.
    Ratio,
    /// What the candidates are called now, folded; erased ones come first.
    Name,
}

/// How a settled result came out, where its test has a pass mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultOutcome {
    Passed,
    NotPassed,
}

/// A place in an order: the value it orders by, and the ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultCursor {
    pub key: i64,
    pub ordinal: i64,
}

/// Where a page begins and how it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultPageRange {
    pub order: ResultOrder,
    pub is_descending: bool,
    /// The row before the first; none is the beginning.
    pub behind: Option<ResultCursor>,
    pub limit: i64,
}

/// What all rows have; absent is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    pub meta: InstanceMetaFilter,
    pub candidate: Option<candidate::ExactCandidateFilter>,
    /// The candidate's own id, or the user's.
    pub person: Option<String>,
    pub external_id: Option<String>,
    /// One of the labels. Rows may come that only look as if they had it.
    pub label: Option<String>,
    /// What their candidates are called now: name, address, ids, group and labels.
    pub text: Option<PersonSearch>,
    pub outcome: Option<ResultOutcome>,
    pub level: Option<String>,
    /// Has an answer that waits for an evaluation.
    pub is_waiting: bool,
    /// Taken out of all figures, or not.
    pub ignored: Option<bool>,
    /// The achievement ratio in millionths.
    pub ratio_from: Option<i64>,
    pub ratio_to: Option<i64>,
    pub completed_from: Option<Timestamp>,
    pub completed_to: Option<Timestamp>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    pub id: String,
    pub step_id: String,
    pub candidate_id: String,
    pub spot: ResultCursor,
    pub state: InstanceState,
    pub ignored: bool,
    pub closing: Option<ClosingReason>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
    pub waiting: i64,
    pub result_basic: Option<String>,
    pub group_name: String,
    /// JSON list.
    pub labels: String,
    pub fullname: Option<String>,
    pub email: Option<String>,
    /// Of the latest version.
    pub passed: Option<bool>,
    pub level: Option<String>,
}

impl ResultOrder {
    const fn column(self) -> &'static str {
        match self {
            Self::Created | Self::Name => "ordinal",
            Self::Completed => "completed_at",
            Self::Ratio => "ratio",
        }
    }
}

const COLUMNS: &str = "id, step_id, candidate_id, ordinal, state, ignored, closing, started_at, completed_at, erased_at, \
    waiting, result_basic, group_name, labels, \
    (SELECT fullname FROM candidate c WHERE c.id = instance.candidate_id), \
    (SELECT email FROM candidate c WHERE c.id = instance.candidate_id), passed, level";

/// A page of a task's instances. The task was found with its organization.
pub fn page(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    run: &ResultPageRange,
) -> Result<Vec<ResultRow>, StorageError> {
    let is_narrowed = *result_filter != ResultFilter::default();
    let has_few = run.order != ResultOrder::Created
        && is_narrowed
        && count(tx, organization, task, result_filter, run.order, FEW + 1)? <= FEW;
    let patterns = ResultPatterns::of(result_filter);
    let mut builder = ResultQueryBuilder::new(organization, task, result_filter, &patterns);
    let sql = builder.ordered(run, has_few);
    tx.list(&sql, &builder.values, read)
}

/// The table's instances behind an ordinal, in creation order, as lists have them. The task was
/// found with its organization.
#[allow(clippy::too_many_arguments, reason = "each is a different thing to say")]
pub fn each_behind(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    after: i64,
    limit: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let patterns = ResultPatterns::of(result_filter);
    let mut builder = ResultQueryBuilder::new(organization, task, result_filter, &patterns);
    builder.add_text_search();
    builder.add_condition("ordinal >", SqlValue::Integer(after), "");
    builder.values.push(SqlValue::Integer(limit));
    let sql = listing::select(
        mode,
        &format!("{OWN}{} ORDER BY ordinal LIMIT ${}", builder.sql, builder.values.len()),
    );
    tx.query(&sql, &builder.values, &mut |row| each(listing::read(row, mode)?))
}

/// How many instances a table has in an order, counted as far as `most`.
pub fn count(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    order: ResultOrder,
    most: i64,
) -> Result<i64, StorageError> {
    let patterns = ResultPatterns::of(result_filter);
    let mut builder = ResultQueryBuilder::new(organization, task, result_filter, &patterns);
    builder.add_text_search();
    builder.leave_out_unordered(order, "");
    builder.values.push(SqlValue::Integer(most));
    tx.integer(&builder.counted(), &builder.values)
}

/// The levels that results of a task have, in ascending order, at most so many. Each is found by
/// one look into an index.
pub fn levels(
    tx: &mut dyn Transaction,
    task: &TaskId,
    most: usize,
) -> Result<Vec<String>, StorageError> {
    let mut levels: Vec<String> = Vec::new();
    while levels.len() < most {
        let last = levels.last().map(String::as_str).unwrap_or_default();
        let next = tx.list(NEXT_LEVEL, values![task, last], |row| row.get::<Option<String>>(0))?;
        let Some(next) = next.into_iter().flatten().next() else { break };
        levels.push(next);
    }
    Ok(levels)
}

/// So few rows are found by the filter and put in order; of more the order is walked and the filter
/// looked at on the way.
const FEW: i64 = 2000;

const NEXT_LEVEL: &str =
    "SELECT min(level) FROM instance WHERE task_id = $1 AND level IS NOT NULL AND level > $2";

/// A result with its person, as files for people have it; it lives as long as its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonResult<'row> {
    pub id: &'row str,
    pub step_id: &'row str,
    pub candidate_id: &'row str,
    pub ordinal: i64,
    pub state: InstanceState,
    pub ignored: bool,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
    pub waiting: i64,
    pub group_name: &'row str,
    /// JSON list.
    pub labels: &'row str,
    /// Of the latest version.
    pub passed: Option<bool>,
    pub level: Option<&'row str>,
    /// JSON, the detailed result.
    pub detailed: Option<&'row str>,
    pub document_digest: Sha256Digest,
    pub seed: &'row [u8],
    pub time_factor: &'row str,
    pub fullname: Option<&'row str>,
    pub email: Option<&'row str>,
    pub external_id: Option<&'row str>,
    /// How often the candidate had begun this step, this time included.
    pub attempt: i64,
    /// JSON, rate and points per slot; read on demand only.
    pub slots: Option<&'row str>,
}

/// What takes results with their persons.
pub type PersonResultCallback<'a> = &'a mut dyn FnMut(PersonResult<'_>) -> Result<(), StorageError>;

/// The table's instances behind an ordinal with their persons, in creation order. The task was
/// found with its organization.
#[allow(clippy::too_many_arguments, reason = "each is a different thing to say")]
pub fn each_person_behind(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    after: i64,
    limit: i64,
    has_slots: bool,
    each: PersonResultCallback<'_>,
) -> Result<(), StorageError> {
    let patterns = ResultPatterns::of(result_filter);
    let mut builder = ResultQueryBuilder::new(organization, task, result_filter, &patterns);
    builder.add_text_search();
    builder.add_condition("ordinal >", SqlValue::Integer(after), "");
    builder.values.push(SqlValue::Integer(limit));
    let sql = builder.with_persons(has_slots);
    tx.query(&sql, &builder.values, &mut |row| each(read_person(row)?))
}

fn read_person(row: &dyn SqlRow) -> Result<PersonResult<'_>, StorageError> {
    Ok(PersonResult {
        id: row.get(0)?,
        step_id: row.get(1)?,
        candidate_id: row.get(2)?,
        ordinal: row.get(3)?,
        state: row.get(4)?,
        ignored: row.get(5)?,
        started_at: row.get(6)?,
        completed_at: row.get(7)?,
        erased_at: row.get(8)?,
        waiting: row.get(9)?,
        group_name: row.get(10)?,
        labels: row.get(11)?,
        passed: row.get(12)?,
        level: row.get(13)?,
        detailed: row.get(14)?,
        document_digest: row.get(15)?,
        seed: row.get(16)?,
        time_factor: row.get(17)?,
        fullname: row.get(18)?,
        email: row.get(19)?,
        external_id: row.get(20)?,
        attempt: row.get(21)?,
        slots: row.get(22)?,
    })
}

const PERSON_COLUMNS: &str = "id, step_id, candidate_id, ordinal, state, ignored, started_at, completed_at, erased_at, \
    waiting, group_name, labels, passed, level, result_detailed, document_digest, seed, time_factor, \
    person.person_name, person.person_email, person.person_external_id, \
    (SELECT count(*) FROM instance p WHERE p.candidate_id = instance.candidate_id \
    AND p.step_id = instance.step_id AND p.ordinal <= instance.ordinal)";

/// Texts that patterns of a statement are made of.
struct ResultPatterns {
    label: Option<String>,
    words: Vec<String>,
}

impl ResultPatterns {
    fn of(result_filter: &ResultFilter) -> Self {
        let words = result_filter.text.as_ref().map(PersonSearch::words).unwrap_or_default();
        Self {
            label: result_filter.label.as_deref().map(domain::json::quote),
            words: words.iter().map(|word| containing(word)).collect(),
        }
    }
}

/// Whose instances all of a table are. Indexes begin with the task.
const OWN: &str = "organization_id = $1 AND task_id = $2";
/// The same for counting, without a look at any row: the organization is in few indexes.
const OWN_TASK: &str =
    "EXISTS (SELECT 1 FROM task t WHERE t.id = $2 AND t.organization_id = $1) AND task_id = $2";

/// A statement while it is put together.
struct ResultQueryBuilder<'a> {
    /// Conditions behind those of [`OWN`], each with its AND.
    sql: String,
    values: Vec<SqlValue<'a>>,
    /// Patterns of what candidates are called, not among the conditions yet.
    words: &'a [String],
}

impl<'a> ResultQueryBuilder<'a> {
    /// Its first parameters are those of [`OWN`].
    fn new(
        organization: &'a OrganizationId,
        task: &'a TaskId,
        result_filter: &'a ResultFilter,
        patterns: &'a ResultPatterns,
    ) -> Self {
        let mut builder = Self {
            sql: String::new(),
            words: &[],
            values: vec![SqlValue::Text(organization.as_str()), SqlValue::Text(task.as_str())],
        };
        builder.add_filter(result_filter, patterns);
        builder
    }

    /// Puts `before $n after` to the conditions.
    fn add_condition(&mut self, before: &str, value: SqlValue<'a>, after: &str) {
        self.values.push(value);
        self.sql.push_str(&format!(" AND {before} ${}{after}", self.values.len()));
    }

    fn add_filter(&mut self, result_filter: &'a ResultFilter, patterns: &'a ResultPatterns) {
        if let Some(filter) = &result_filter.candidate {
            let (condition, parameters) = filter.condition();
            self.values.extend(parameters);
            self.sql.push_str(&format!(
                " AND candidate_id IN (SELECT id FROM candidate WHERE {condition})"
            ));
        }
        if let Some(person) = &result_filter.person {
            // As in lists: two searches put together, because an OR would walk the whole task.
            self.values.push(SqlValue::Text(person));
            let n = self.values.len();
            self.sql.push_str(&format!(
                " AND id IN (SELECT id FROM instance WHERE task_id = $2 AND candidate_id = ${n} UNION ALL \
                SELECT id FROM instance WHERE task_id = $2 AND owner_id = ${n} AND owner_id <> candidate_id)"
            ));
        }
        if let Some(id) = &result_filter.external_id {
            self.add_condition("external_id =", SqlValue::Text(id), "");
        }
        for (condition, value) in result_filter.meta.demands() {
            self.add_condition(condition, value, "");
        }
        if let Some(label) = &patterns.label {
            // No LIKE: SQLite's takes upper and lower case for the same.
            self.add_condition("labels <> replace(labels,", SqlValue::Text(label), ", '')");
        }
        self.words = &patterns.words;
        self.add_figures_filter(result_filter);
    }

    /// Each word occurs in what a candidate is called.
    fn add_text_search(&mut self) {
        if self.words.is_empty() {
            return;
        }
        self.sql.push_str(" AND candidate_id IN (SELECT id FROM candidate WHERE task_id = $2");
        self.add_text_search_in("search_text");
        self.sql.push(')');
    }

    fn add_text_search_in(&mut self, column: &str) {
        for word in std::mem::take(&mut self.words) {
            self.add_condition(&format!("{column} LIKE"), SqlValue::Text(word), " ESCAPE '!'");
        }
    }

    fn add_figures_filter(&mut self, result_filter: &'a ResultFilter) {
        // What the partial indexes hold is said in their own words.
        if let Some(outcome) = result_filter.outcome {
            self.add_condition(
                "passed IS NOT NULL AND state = 'COMPLETE' AND waiting = 0 AND passed =",
                SqlValue::Boolean(outcome == ResultOutcome::Passed),
                "",
            );
        }
        if let Some(level) = &result_filter.level {
            let index = "level IS NOT NULL AND state = 'COMPLETE' AND level =";
            self.add_condition(index, SqlValue::Text(level), "");
        }
        if result_filter.is_waiting {
            self.sql.push_str(" AND organization_id = $1 AND waiting > 0");
        }
        match result_filter.ignored {
            None => {}
            Some(true) => self.sql.push_str(" AND ignored"),
            Some(false) => self.sql.push_str(" AND NOT ignored"),
        }
        for (condition, bound) in [
            ("ratio IS NOT NULL AND ratio >=", result_filter.ratio_from),
            ("ratio IS NOT NULL AND ratio <=", result_filter.ratio_to),
            (
                "completed_at IS NOT NULL AND completed_at >=",
                result_filter.completed_from.map(|at| at.0),
            ),
            (
                "completed_at IS NOT NULL AND completed_at <=",
                result_filter.completed_to.map(|at| at.0),
            ),
        ] {
            if let Some(bound) = bound {
                self.add_condition(condition, SqlValue::Integer(bound), "");
            }
        }
    }

    fn leave_out_unordered(&mut self, order: ResultOrder, plus: &str) {
        match order {
            ResultOrder::Created | ResultOrder::Name => {}
            ResultOrder::Completed | ResultOrder::Ratio => {
                self.sql.push_str(&format!(" AND {plus}{} IS NOT NULL", order.column()));
            }
        }
    }

    /// The number of rows, up to the last value.
    fn counted(&self) -> String {
        let (condition, limit) = (&self.sql, self.values.len());
        format!(
            "SELECT count(*) FROM (SELECT 1 FROM instance WHERE {OWN_TASK}{condition} LIMIT ${limit}) AS fitting"
        )
    }

    /// Rows with their persons, as many as the last value says.
    fn with_persons(&self, has_slots: bool) -> String {
        let (condition, limit) = (&self.sql, self.values.len());
        let slots = if has_slots {
            "(SELECT slots FROM result_version v WHERE v.instance_id = instance.id AND v.number = instance.result_number)"
        } else {
            "CAST(NULL AS TEXT)"
        };
        format!(
            "SELECT {PERSON_COLUMNS}, {slots} FROM instance JOIN (SELECT id AS person_id, fullname AS person_name, \
            email AS person_email, external_id AS person_external_id FROM candidate) AS person \
            ON person.person_id = instance.candidate_id WHERE {OWN}{condition} ORDER BY ordinal LIMIT ${limit}"
        )
    }

    /// A page in an order. Where few rows fit, they are put in it, and no index is walked for it.
    fn ordered(&mut self, run: &ResultPageRange, has_few: bool) -> String {
        if run.order == ResultOrder::Name {
            return self.ordered_by_name(run, has_few);
        }
        self.add_text_search();
        let column = run.order.column();
        let (sign, way) = run.direction();
        // With its sign a column is no longer that of an index.
        let plus = if has_few { "+" } else { "" };
        self.leave_out_unordered(run.order, plus);
        if let Some(ResultCursor { key, ordinal }) = run.behind {
            if run.order == ResultOrder::Created {
                self.add_condition(&format!("ordinal {sign}"), SqlValue::Integer(ordinal), "");
            } else {
                let place = format!("({plus}{column}, {plus}ordinal) {sign} (");
                self.add_condition(&place, SqlValue::Integer(key), "");
                self.values.push(SqlValue::Integer(ordinal));
                self.sql.push_str(&format!(", ${})", self.values.len()));
            }
        }
        self.values.push(SqlValue::Integer(run.limit));
        let order = if run.order == ResultOrder::Created {
            String::new()
        } else {
            format!("{plus}{column} {way}, ")
        };
        let condition = &self.sql;
        let limit = self.values.len();
        format!(
            "SELECT {COLUMNS}, {column} FROM instance WHERE {OWN}{condition} \
            ORDER BY {order}{plus}ordinal {way} LIMIT ${limit}"
        )
    }

    /// Walks candidates by their index of names, and of each the few instances; or the instances,
    /// where few fit. The place is an instance: where its candidate stands in the order now is looked
    /// up.
    fn ordered_by_name(&mut self, run: &ResultPageRange, has_few: bool) -> String {
        let (sign, way) = run.direction();
        if has_few {
            self.add_text_search();
        } else {
            self.add_text_search_in("person.person_text");
        }
        if let Some(ResultCursor { ordinal, .. }) = run.behind {
            self.values.push(SqlValue::Integer(ordinal));
            let n = self.values.len();
            let of_place = |columns: &str| {
                format!(
                    "(SELECT {columns} FROM instance AS at_place JOIN candidate AS at_person \
                    ON at_person.id = at_place.candidate_id WHERE at_place.task_id = $2 AND at_place.ordinal = ${n})"
                )
            };
            // The first condition is the second's, in a form that both databases look up by.
            self.sql.push_str(&format!(
                " AND person.person_name {sign}= {} AND (person.person_name, person.person_place, ordinal) {sign} {}",
                of_place("at_person.search_name"),
                of_place("at_person.search_name, at_person.ordinal, at_place.ordinal"),
            ));
        }
        self.values.push(SqlValue::Integer(run.limit));
        let (condition, limit) = (&self.sql, self.values.len());
        // CROSS JOIN keeps SQLite's order of the two, and without a condition on their task it looks
        // instances up by candidate.
        let (tables, own) = if has_few {
            (format!("instance CROSS JOIN {PERSONS}"), OWN)
        } else {
            let own =
                "person.person_owner = $1 AND person.person_task = $2 AND person.person_name >= ''";
            (format!("{PERSONS} CROSS JOIN instance"), own)
        };
        format!(
            "SELECT {COLUMNS}, ordinal FROM {tables} WHERE {own} AND instance.candidate_id = person.person_id{condition} \
            ORDER BY person.person_name {way}, person.person_place {way}, ordinal {way} LIMIT ${limit}"
        )
    }
}

/// Candidates under names that no column of an instance has.
const PERSONS: &str = "(SELECT id AS person_id, organization_id AS person_owner, task_id AS person_task, \
    search_name AS person_name, search_text AS person_text, ordinal AS person_place FROM candidate) AS person";

impl ResultPageRange {
    /// The sign of what follows, and the word.
    const fn direction(&self) -> (&'static str, &'static str) {
        if self.is_descending { ("<", "DESC") } else { (">", "ASC") }
    }
}

/// The pattern of texts with this one in it.
fn containing(text: &str) -> String {
    let escaped: String = text.chars().fold(String::new(), |mut out, letter| {
        if matches!(letter, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(letter);
        out
    });
    format!("%{escaped}%")
}

fn read(row: &dyn SqlRow) -> Result<ResultRow, StorageError> {
    Ok(ResultRow {
        id: row.get(0)?,
        step_id: row.get(1)?,
        candidate_id: row.get(2)?,
        spot: ResultCursor { key: row.get(18)?, ordinal: row.get(3)? },
        state: row.get(4)?,
        ignored: row.get(5)?,
        closing: row.get(6)?,
        started_at: row.get(7)?,
        completed_at: row.get(8)?,
        erased_at: row.get(9)?,
        waiting: row.get(10)?,
        result_basic: row.get(11)?,
        group_name: row.get(12)?,
        labels: row.get(13)?,
        fullname: row.get(14)?,
        email: row.get(15)?,
        passed: row.get(16)?,
        level: row.get(17)?,
    })
}

#[cfg(test)]
mod tests;
