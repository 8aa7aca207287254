use super::*;
use crate::fixture::{NOW, StorageFixture, instance};
use crate::instance::InstanceRow;
use std::collections::BTreeSet;

/// Six instances: the first open, the others complete with ratios 0, 3, 1, 3 and 2; even ones
/// with a label.
fn browsed() -> StorageFixture {
    let fixture = StorageFixture::with_two_candidates();
    fixture.write(|tx| {
        for (n, ratio) in (1..).zip([None, Some(0), Some(3), Some(1), Some(3), Some(2)]) {
            let row = InstanceRow {
                state: if ratio.is_some() {
                    InstanceState::Complete
                } else {
                    InstanceState::Started
                },
                ratio,
                completed_at: ratio.map(|_| NOW.plus_seconds(100 - n)),
                labels: if n % 2 == 0 { r#"["50%_x"]"#.into() } else { r#"["50 ax"]"#.into() },
                ..instance(&format!("Ti{n}"), if n % 2 == 1 { "Ca1" } else { "Ca2" }, n)
            };
            crate::instance::insert(tx, &row)?;
        }
        Ok(())
    });
    fixture
}

fn pages(
    fixture: &StorageFixture,
    result_filter: ResultFilter,
    order: ResultOrder,
    is_descending: bool,
) -> Vec<i64> {
    fixture.read(move |tx| {
        let (mut seen, mut behind) = (Vec::new(), None);
        loop {
            let run = ResultPageRange { order, is_descending, behind, limit: 2 };
            let rows = page(tx, &"Og1".into(), &"Tk1".into(), &result_filter, &run)?;
            let Some(last) = rows.last() else { return Ok(seen) };
            behind = Some(last.spot);
            seen.extend(rows.iter().map(|row| row.spot.ordinal));
        }
    })
}

#[test]
fn every_order_is_walked_page_by_page_without_a_gap_and_equals_keep_their_order() {
    let fixture = browsed();
    let walk =
        |order, is_descending| pages(&fixture, ResultFilter::default(), order, is_descending);
    assert_eq!(walk(ResultOrder::Created, false), [1, 2, 3, 4, 5, 6]);
    assert_eq!(walk(ResultOrder::Created, true), [6, 5, 4, 3, 2, 1]);
    assert_eq!(walk(ResultOrder::Ratio, false), [2, 4, 6, 3, 5]);
    assert_eq!(walk(ResultOrder::Ratio, true), [5, 3, 6, 4, 2]);
    assert_eq!(walk(ResultOrder::Completed, false), [6, 5, 4, 3, 2]);
}

#[test]
fn filters_hold_together() {
    let fixture = browsed();
    let found = |result_filter| pages(&fixture, result_filter, ResultOrder::Created, false);
    assert_eq!(
        found(ResultFilter { label: Some("50%_x".into()), ..ResultFilter::default() }),
        [2, 4, 6]
    );
    assert_eq!(
        found(ResultFilter { person: Some("Ca1".into()), ..ResultFilter::default() }),
        [1, 3, 5]
    );
    let open =
        InstanceMetaFilter { state: Some(InstanceState::Started), ..InstanceMetaFilter::default() };
    assert_eq!(found(ResultFilter { meta: open.clone(), ..ResultFilter::default() }), [1]);
    assert_eq!(
        found(ResultFilter { meta: open, person: Some("Ca2".into()), ..ResultFilter::default() }),
        Vec::<i64>::new()
    );
    let nobody = candidate::ExactCandidateFilter {
        email: Some("a@example.com".into()),
        ..Default::default()
    };
    assert_eq!(
        found(ResultFilter { candidate: Some(nobody), ..ResultFilter::default() }),
        Vec::<i64>::new()
    );
    assert_eq!(
        found(ResultFilter { external_id: Some("x".into()), ..ResultFilter::default() }),
        Vec::<i64>::new()
    );
}

#[test]
fn a_run_has_the_rows_of_the_table_behind_an_ordinal() {
    let fixture = browsed();
    let found = |organization: &'static str, result_filter: ResultFilter, after: i64| {
        fixture.read(move |tx| {
            let (organization, task, mut seen) = (organization.into(), "Tk1".into(), Vec::new());
            each_behind(
                tx,
                &organization,
                &task,
                &result_filter,
                after,
                3,
                ListingDetail::Detailed,
                &mut |row| {
                    seen.push(row.ordinal);
                    Ok(())
                },
            )?;
            Ok(seen)
        })
    };
    assert_eq!(found("Og1", ResultFilter::default(), 0), [1, 2, 3]);
    assert_eq!(
        found("Og1", ResultFilter { label: Some("50%_x".into()), ..ResultFilter::default() }, 2),
        [4, 6]
    );
    assert_eq!(found("Og2", ResultFilter::default(), 0), Vec::<i64>::new());
}

#[test]
fn another_organization_browses_nothing() {
    let fixture = browsed();
    let run = ResultPageRange {
        order: ResultOrder::Created,
        is_descending: false,
        behind: None,
        limit: 9,
    };
    let rows = fixture
        .read(move |tx| page(tx, &"Og2".into(), &"Tk1".into(), &ResultFilter::default(), &run));
    assert_eq!(rows, []);
}

fn plan(
    fixture: &StorageFixture,
    result_filter: &ResultFilter,
    make: impl Fn(&mut ResultQueryBuilder<'_>) -> String,
) -> String {
    let (organization, task) = ("Og1".into(), "Tk1".into());
    let patterns = ResultPatterns::of(result_filter);
    let mut builder = ResultQueryBuilder::new(&organization, &task, result_filter, &patterns);
    fixture.query_plan(&make(&mut builder))
}

fn run(order: ResultOrder, is_descending: bool) -> ResultPageRange {
    let behind = Some(ResultCursor { key: 1, ordinal: 1 });
    ResultPageRange { order, is_descending, behind, limit: 1 }
}

#[test]
fn every_order_goes_by_its_index_and_sorts_nothing() {
    let fixture = StorageFixture::embedded();
    for (order, index) in [
        (ResultOrder::Created, ["instance_by_ordinal (task_id=? AND", "ordinal"]),
        (ResultOrder::Ratio, ["instance_by_ratio (task_id=? AND", "(ratio,ordinal)"]),
        (
            ResultOrder::Completed,
            ["instance_by_completion (task_id=? AND", "(completed_at,ordinal)"],
        ),
        // The instances of one person are put in order.
        (
            ResultOrder::Name,
            ["candidate_by_search_name (task_id=? AND search_name", "instance_by_candidate"],
        ),
    ] {
        for is_descending in [false, true] {
            let plan = plan(&fixture, &ResultFilter::default(), |builder| {
                builder.ordered(&run(order, is_descending), false)
            });
            let sorts = plan.replace("TEMP B-TREE FOR LAST TERM", "").contains("TEMP B-TREE");
            assert!(index.iter().all(|part| plan.contains(part)) && !sorts, "{order:?}: {plan}");
        }
    }
}

#[test]
fn rare_results_are_found_and_counted_by_an_index() {
    let fixture = StorageFixture::embedded();
    let any = ResultFilter::default();
    let passed = ResultFilter { outcome: Some(ResultOutcome::Passed), ..any.clone() };
    for (wanted, index) in [
        (passed.clone(), "instance_by_outcome (task_id=? AND passed=?"),
        (
            ResultFilter { level: Some("A".into()), ..any.clone() },
            "instance_by_level (task_id=? AND level=?",
        ),
        (ResultFilter { is_waiting: true, ..any.clone() }, "instance_by_waiting ("),
        (ResultFilter { ignored: Some(true), ..any.clone() }, "instance_by_exclusion (task_id=?"),
        (
            ResultFilter { ratio_from: Some(1), ratio_to: Some(2), ..any.clone() },
            "instance_by_ratio (task_id=? AND ratio>? AND ratio<?",
        ),
        (
            ResultFilter { completed_from: Some(NOW), ..any.clone() },
            "instance_by_completion (task_id=? AND completed_at>?",
        ),
    ] {
        let plan = plan(&fixture, &wanted, |builder| {
            builder.values.push(SqlValue::Integer(1));
            builder.counted()
        });
        assert!(plan.contains(index), "{wanted:?}: {plan}");
    }
    let counted = plan(&fixture, &passed, |builder| builder.counted());
    assert!(counted.contains("COVERING INDEX"), "{counted}");
    assert!(fixture.query_plan(NEXT_LEVEL).contains("instance_by_level (task_id=? AND level>?"));
}

/// Şükrü (Ca1, passed with 70 %), İlker (Ca2, not passed), and Şükrü again: waiting, excluded.
fn judged() -> StorageFixture {
    let fixture = StorageFixture::with_two_candidates();
    fixture.write(|tx| {
        for (id, n, name) in [("Ca1", 1, "Şükrü Güneş"), ("Ca2", 2, "İlker 100%")] {
            let person = crate::candidate::CandidateRow {
                fullname: Some(name.into()),
                external_id: Some(format!("EMP_{n}")),
                ..crate::fixture::candidate(id, n)
            };
            crate::candidate::update(tx, &person)?;
        }
        for (n, person, ratio, waiting) in
            [(1, "Ca1", 700_000, 0), (2, "Ca2", 100_000, 0), (3, "Ca1", 800_000, 1)]
        {
            let row = InstanceRow {
                state: InstanceState::Complete,
                ratio: Some(ratio),
                completed_at: Some(NOW.plus_seconds(n)),
                waiting,
                ignored: n == 3,
                result_number: 1,
                ..instance(&format!("Ti{n}"), person, n)
            };
            crate::instance::insert(tx, &row)?;
            let version = crate::version::ResultVersionRow {
                passed: Some(ratio > 500_000),
                level: Some(if ratio > 500_000 { "High" } else { "Low" }.into()),
                ..version(&row.id)
            };
            crate::version::append(tx, &version)?;
        }
        Ok(())
    });
    fixture
}

fn version(instance: &domain::id::InstanceId) -> crate::version::ResultVersionRow {
    crate::version::ResultVersionRow {
        instance_id: instance.clone(),
        number: 1,
        at: NOW,
        actor_kind: domain::instance::ActorKind::System,
        actor_id: None,
        reason: domain::instance::VersionReason::Completed,
        note: None,
        waiting: 0,
        passed: None,
        level: None,
        inputs_digest: [5; 32],
        engine_version: "1".into(),
        slots: r#"[{"slot":1}]"#.into(),
        detailed: "{}".into(),
    }
}

#[test]
fn people_are_found_by_parts_of_their_names_without_accents_and_never_by_a_pattern() {
    let fixture = judged();
    let found = |text: &str| {
        let wanted = ResultFilter { text: PersonSearch::new(text), ..ResultFilter::default() };
        let by_name = pages(&fixture, wanted.clone(), ResultOrder::Name, false);
        let found = pages(&fixture, wanted, ResultOrder::Created, false);
        assert_eq!(by_name.iter().collect::<BTreeSet<_>>(), found.iter().collect());
        found
    };
    assert_eq!(found("GUNES"), [1, 3]);
    assert_eq!(found("gün şük"), [1, 3]);
    assert_eq!(found("ilker"), [2]);
    assert_eq!(found("emp_1"), [1, 3]);
    assert_eq!((found("0%"), found("%"), found("!")), (vec![2], vec![2], vec![]));
    assert_eq!((found("emp?1"), found("gunes ilker")), (vec![], vec![]));
}

#[test]
fn outcome_level_grading_exclusion_score_and_dates_narrow_a_table_and_are_counted() {
    let fixture = judged();
    let any = ResultFilter::default();
    for (wanted, expected) in [
        (ResultFilter { outcome: Some(ResultOutcome::Passed), ..any.clone() }, vec![1]),
        (ResultFilter { outcome: Some(ResultOutcome::NotPassed), ..any.clone() }, vec![2]),
        (ResultFilter { level: Some("High".into()), ..any.clone() }, vec![1, 3]),
        (ResultFilter { level: Some("high".into()), ..any.clone() }, vec![]),
        (ResultFilter { is_waiting: true, ..any.clone() }, vec![3]),
        (ResultFilter { ignored: Some(true), ..any.clone() }, vec![3]),
        (ResultFilter { ignored: Some(false), ..any.clone() }, vec![1, 2]),
        (ResultFilter { ratio_from: Some(700_000), ..any.clone() }, vec![1, 3]),
        (ResultFilter { ratio_to: Some(100_000), ..any.clone() }, vec![2]),
        (ResultFilter { completed_from: Some(NOW.plus_seconds(2)), ..any.clone() }, vec![2, 3]),
        (ResultFilter { completed_to: Some(NOW.plus_seconds(1)), ..any.clone() }, vec![1]),
    ] {
        let fitting = wanted.clone();
        let counted = fixture.read(move |tx| {
            count(tx, &"Og1".into(), &"Tk1".into(), &fitting, ResultOrder::Created, 9)
        });
        assert_eq!(counted, i64::try_from(expected.len()).unwrap(), "{wanted:?}");
        let found = pages(&fixture, wanted.clone(), ResultOrder::Created, false);
        assert_eq!(found, expected, "{wanted:?}");
    }
    let bounded = fixture
        .read(move |tx| count(tx, &"Og1".into(), &"Tk1".into(), &any, ResultOrder::Ratio, 2));
    assert_eq!(bounded, 2);
    let found = |task: &'static str, most| fixture.read(move |tx| levels(tx, &task.into(), most));
    assert_eq!(found("Tk1", 9), ["High", "Low"]);
    assert_eq!((found("Tk1", 1), found("Tk9", 9)), (vec!["High".to_owned()], vec![]));
}

#[test]
fn few_rows_and_many_come_in_the_same_order() {
    let fixture = judged();
    let wanted = ResultFilter { text: PersonSearch::new("gunes"), ..ResultFilter::default() };
    for order in [ResultOrder::Name, ResultOrder::Ratio, ResultOrder::Completed] {
        for is_descending in [false, true] {
            let ways = [false, true].map(|has_few| {
                let wanted = wanted.clone();
                fixture.read(move |tx| {
                    let (organization, task) = ("Og1".into(), "Tk1".into());
                    let patterns = ResultPatterns::of(&wanted);
                    let (mut seen, mut behind) = (Vec::new(), None);
                    loop {
                        let run = ResultPageRange { order, is_descending, behind, limit: 1 };
                        let mut builder =
                            ResultQueryBuilder::new(&organization, &task, &wanted, &patterns);
                        let sql = builder.ordered(&run, has_few);
                        let rows = tx.list(&sql, &builder.values, super::read)?;
                        let Some(last) = rows.last() else { return Ok(seen) };
                        behind = Some(last.spot);
                        seen.push(last.spot.ordinal);
                    }
                })
            });
            let expected = if is_descending { vec![3, 1] } else { vec![1, 3] };
            assert_eq!(ways, [expected.clone(), expected], "{order:?}");
        }
    }
}

#[test]
fn few_rows_are_found_by_the_filter_and_not_by_the_order() {
    let fixture = StorageFixture::embedded();
    let waiting = ResultFilter { is_waiting: true, ..ResultFilter::default() };
    for order in [ResultOrder::Name, ResultOrder::Ratio, ResultOrder::Completed] {
        let plan = plan(&fixture, &waiting, |builder| builder.ordered(&run(order, false), true));
        assert!(plan.contains("instance_by_waiting"), "{order:?}: {plan}");
    }
}

#[test]
fn names_are_an_order_too_page_by_page_and_both_ways() {
    let fixture = judged();
    let walk =
        |is_descending| pages(&fixture, ResultFilter::default(), ResultOrder::Name, is_descending);
    assert_eq!(walk(false), [2, 1, 3]);
    assert_eq!(walk(true), [3, 1, 2]);
    let passed = ResultFilter { outcome: Some(ResultOutcome::Passed), ..ResultFilter::default() };
    assert_eq!(pages(&fixture, passed, ResultOrder::Name, false), [1]);
}

#[test]
fn a_result_with_its_person_knows_names_attempt_and_on_demand_its_slots() {
    let fixture = judged();
    let read = |has_slots: bool, after: i64| {
        fixture.read(move |tx| {
            let (organization, task) = ("Og1".into(), "Tk1".into());
            let (any, mut seen) = (ResultFilter::default(), Vec::new());
            each_person_behind(tx, &organization, &task, &any, after, 5, has_slots, &mut |row| {
                let who = row.fullname.unwrap_or_default().to_owned();
                seen.push((who, row.attempt, row.slots.is_some(), row.passed));
                Ok(())
            })?;
            Ok(seen)
        })
    };
    let second = ("Şükrü Güneş".to_owned(), 2, true, Some(true));
    assert_eq!(read(true, 2), [second]);
    assert_eq!(
        read(false, 0).iter().map(|row| (row.1, row.2)).collect::<Vec<_>>(),
        [(1, false), (1, false), (2, false)]
    );
}
