//! Runs of a task's instances behind a position, in creation order, by what they are or whose they
//! are.

use super::candidate;
use super::listing::{ListedCallback, ListingDetail, read, select};
use crate::{SqlValue, StorageError, Transaction, values};
use domain::id::{InstanceId, OrganizationId, TaskId};
use domain::instance::InstanceState;
use domain::time::Timestamp;

/// What all instances of a run have; absent is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceMetaFilter {
    pub group: Option<String>,
    pub step: Option<String>,
    pub state: Option<InstanceState>,
    /// Started then or later.
    pub from: Option<Timestamp>,
    /// Started then or earlier.
    pub to: Option<Timestamp>,
}

impl InstanceMetaFilter {
    /// The condition and its parameters, numbered behind task, position and limit.
    fn condition(&self) -> (String, Vec<SqlValue<'_>>) {
        let mut sql = "task_id = $1 AND ordinal > $2".to_owned();
        let mut parameters = Vec::new();
        for (condition, value) in self.demands() {
            parameters.push(value);
            sql.push_str(&format!(" AND {condition} ${}", parameters.len() + 3));
        }
        (sql, parameters)
    }

    /// What is demanded: the beginning of a condition, and the parameter that ends it.
    pub(super) fn demands(&self) -> Vec<(&'static str, SqlValue<'_>)> {
        let mut demands = Vec::new();
        // What the partial indexes hold is said in their own words.
        if let Some(group) = &self.group {
            let index = if group == "default" {
                "group_name ="
            } else {
                "group_name <> 'default' AND group_name ="
            };
            demands.push((index, SqlValue::Text(group)));
        }
        if let Some(step) = &self.step {
            demands.push(("step_id =", SqlValue::Text(step)));
        }
        if let Some(state) = self.state {
            let index = if state.is_open() { "state <> 'COMPLETE' AND state =" } else { "state =" };
            demands.push((index, SqlValue::Text(state.as_str())));
        }
        if let Some(from) = self.from {
            demands.push(("started_at >=", SqlValue::Integer(from.0)));
        }
        if let Some(to) = self.to {
            demands.push(("started_at <=", SqlValue::Integer(to.0)));
        }
        demands
    }
}

/// The place of an instance in its task; none when the task has no such instance.
pub fn ordinal(
    tx: &mut dyn Transaction,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<Option<i64>, StorageError> {
    tx.find(
        "SELECT ordinal FROM instance WHERE task_id = $1 AND id = $2",
        values![task, instance],
        |row| row.get(0),
    )
}

/// Instances behind an ordinal that have all of this.
pub fn by_meta(
    tx: &mut dyn Transaction,
    task: &TaskId,
    after: i64,
    meta: &InstanceMetaFilter,
    limit: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let (condition, parameters) = meta.condition();
    let sql = select(mode, &format!("{condition} ORDER BY ordinal LIMIT $3"));
    let values = [values![task, after, limit], parameters.as_slice()].concat();
    tx.query(&sql, &values, &mut |row| each(read(row, mode)?))
}

/// Instances behind an ordinal whose candidates have all of this now.
#[allow(clippy::too_many_arguments, reason = "each is a different thing to say")]
pub fn by_candidate(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    after: i64,
    filter: &candidate::ExactCandidateFilter,
    limit: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let (condition, parameters) = filter.condition();
    let sql = by_candidate_sql(mode, &condition, parameters.len() + 3);
    let values =
        [values![organization, task], parameters.as_slice(), values![after, limit]].concat();
    tx.query(&sql, &values, &mut |row| each(read(row, mode)?))
}

fn by_candidate_sql(mode: ListingDetail, condition: &str, first: usize) -> String {
    let whose = format!("candidate_id IN (SELECT id FROM candidate WHERE {condition})");
    select(
        mode,
        &format!(
            "{whose} AND task_id = $2 AND ordinal > ${first} ORDER BY ordinal LIMIT ${}",
            first + 1
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, candidate, instance};
    use crate::instance::InstanceRow;

    fn ids(fixture: &StorageFixture, after: i64, meta: InstanceMetaFilter) -> Vec<i64> {
        fixture.read(move |tx| {
            let mut seen = Vec::new();
            by_meta(tx, &"Tk1".into(), after, &meta, 10, ListingDetail::Basic, &mut |row| {
                seen.push(row.ordinal);
                Ok(())
            })?;
            Ok(seen)
        })
    }

    /// Four instances of Ca1 and Ca2 in turn: the first open, the last in group g.
    fn searched() -> StorageFixture {
        let fixture = StorageFixture::with_two_candidates();
        fixture.write(|tx| {
            (1..=4).try_for_each(|n| {
                let row = InstanceRow {
                    state: if n == 1 { InstanceState::Started } else { InstanceState::Complete },
                    group_name: if n == 4 { "g".into() } else { "default".into() },
                    started_at: NOW.plus_seconds(n),
                    ..instance(&format!("Ti{n}"), if n % 2 == 1 { "Ca1" } else { "Ca2" }, n)
                };
                crate::instance::insert(tx, &row)
            })
        });
        fixture
    }

    #[test]
    fn all_that_is_given_must_hold() {
        let fixture = searched();
        let group = |name: &str| InstanceMetaFilter {
            group: Some(name.into()),
            ..InstanceMetaFilter::default()
        };
        assert_eq!(ids(&fixture, 0, InstanceMetaFilter::default()), [1, 2, 3, 4]);
        assert_eq!(ids(&fixture, 2, InstanceMetaFilter::default()), [3, 4]);
        assert_eq!(ids(&fixture, 0, group("g")), [4]);
        assert_eq!(ids(&fixture, 0, group("default")), [1, 2, 3]);
        assert_eq!(
            ids(
                &fixture,
                0,
                InstanceMetaFilter {
                    state: Some(InstanceState::Started),
                    ..InstanceMetaFilter::default()
                }
            ),
            [1]
        );
        assert_eq!(
            ids(
                &fixture,
                0,
                InstanceMetaFilter { state: Some(InstanceState::Complete), ..group("default") }
            ),
            [2, 3]
        );
        let (from, to) = (Some(NOW.plus_seconds(2)), Some(NOW.plus_seconds(3)));
        assert_eq!(
            ids(&fixture, 0, InstanceMetaFilter { from, to, ..InstanceMetaFilter::default() }),
            [2, 3]
        );
        assert_eq!(
            ids(
                &fixture,
                0,
                InstanceMetaFilter {
                    step: Some("St1".into()),
                    from,
                    ..InstanceMetaFilter::default()
                }
            ),
            [2, 3, 4]
        );
        assert_eq!(
            ids(
                &fixture,
                0,
                InstanceMetaFilter { step: Some("St2".into()), ..InstanceMetaFilter::default() }
            ),
            Vec::<i64>::new()
        );
    }

    #[test]
    fn whose_they_are_is_asked_of_candidates_as_they_are_now() {
        let fixture = searched();
        let renamed =
            crate::candidate::CandidateRow { fullname: Some("Ada".into()), ..candidate("Ca2", 2) };
        fixture.write(move |tx| crate::candidate::update(tx, &renamed));
        let of = |organization: &'static str, fullname: &str, after: i64| {
            let filter = crate::candidate::ExactCandidateFilter {
                fullname: Some(fullname.into()),
                ..Default::default()
            };
            fixture.read(move |tx| {
                let mut seen = Vec::new();
                let (organization, task) = (organization.into(), "Tk1".into());
                by_candidate(
                    tx,
                    &organization,
                    &task,
                    after,
                    &filter,
                    10,
                    ListingDetail::Basic,
                    &mut |row| {
                        seen.push(row.ordinal);
                        Ok(())
                    },
                )?;
                Ok(seen)
            })
        };
        assert_eq!(of("Og1", "Ada", 0), [2, 4]);
        assert_eq!(of("Og1", "Ada", 2), [4]);
        assert_eq!(of("Og1", "ada", 0), Vec::<i64>::new());
        assert_eq!(of("Og2", "Ada", 0), Vec::<i64>::new());
    }

    #[test]
    fn a_position_is_an_instance_of_the_task() {
        let fixture = searched();
        assert_eq!(fixture.read(|tx| ordinal(tx, &"Tk1".into(), &"Ti3".into())), Some(3));
        assert_eq!(fixture.read(|tx| ordinal(tx, &"Tk2".into(), &"Ti3".into())), None);
    }

    #[test]
    fn every_search_goes_by_an_index() {
        let fixture = StorageFixture::embedded();
        let plan = |meta: InstanceMetaFilter| {
            fixture.query_plan(&select(
                ListingDetail::Basic,
                &format!("{} ORDER BY ordinal LIMIT $3", meta.condition().0),
            ))
        };
        let open = plan(InstanceMetaFilter {
            state: Some(InstanceState::Resetup),
            ..InstanceMetaFilter::default()
        });
        assert!(open.contains("instance_by_openness (task_id=? AND ordinal>?"), "{open}");
        let group =
            plan(InstanceMetaFilter { group: Some("g".into()), ..InstanceMetaFilter::default() });
        assert!(
            group.contains("instance_by_group (task_id=? AND group_name=? AND ordinal>?"),
            "{group}"
        );
        let all = plan(InstanceMetaFilter::default());
        assert!(all.contains("instance_by_ordinal (task_id=? AND ordinal>?"), "{all}");
        let filter = candidate::ExactCandidateFilter {
            uniq_id: Some("x".into()),
            ..candidate::ExactCandidateFilter::default()
        };
        let whose =
            fixture.query_plan(&by_candidate_sql(ListingDetail::Basic, &filter.condition().0, 4));
        assert!(whose.contains("candidate_by_uniq_id") && !whose.contains("SCAN"), "{whose}");
    }
}
