//! Several servers on one database: what happens on one holds on all, and nothing happens twice.

use app::delivery::complete::SubmitRequest;
use app::delivery::page::EnterPage;
use app::{App, Failure};
use domain::id::{InstanceId, StepId};
use domain::instance::InstanceState;
use std::sync::Arc;
use testkit::{TestApp, candidate_session, client_context, write};

const PEOPLE: usize = 18;

fn code(person: usize) -> String {
    format!("7Q2M0K{person:04}")
}

async fn nodes(test_app: &TestApp) -> Arc<[App; 3]> {
    for person in 0..PEOPLE {
        test_app
            .add_candidate(test_app.candidate(&format!("Ca{}", person + 10), Some(&code(person))))
            .await;
    }
    Arc::new([test_app.app.clone(), test_app.another_node(2).await, test_app.another_node(3).await])
}

/// A person whose every request goes to another node, and whose impatient browser sends the
/// important ones twice.
async fn sit(nodes: Arc<[App; 3]>, step: StepId, person: usize) -> InstanceId {
    let services = [0, 1, 2].map(|node: usize| nodes[node].delivery());
    let node = |turn: usize| &services[(person + turn) % 3];
    let visitor =
        candidate_session(&node(0).enter_by_code(&client_context(1), &code(person)).await.unwrap());
    let (one, two) = tokio::join!(
        node(1).start(&visitor, &step, "start"),
        node(2).start(&visitor, &step, "start")
    );
    let instance = one.unwrap().instance_id;
    assert_eq!(two.unwrap().instance_id, instance);
    let first = EnterPage { page: 1, confirm: false, writes: Vec::new() };
    node(0).enter_page(&visitor, &instance, first).await.unwrap();
    let view = node(0).test_view(&visitor, &instance).await.unwrap();
    let numeric =
        view.compiled.slots.iter().position(|slot| slot.question.key.as_str() == "q2").unwrap();
    for seq in 1..=4 {
        let writes = || vec![write(u32::try_from(numeric).unwrap() + 1, seq, "\"12.1\"")];
        let (one, two) = tokio::join!(
            node(1).save_answers(&visitor, &instance, writes()),
            node(2).save_answers(&visitor, &instance, writes())
        );
        one.unwrap();
        two.unwrap();
    }
    let submit = || SubmitRequest {
        client_token: "end".into(),
        confirm: true,
        without_uploads: false,
        writes: Vec::new(),
    };
    let (one, two) = tokio::join!(
        node(0).submit_instance(&visitor, &instance, submit()),
        node(1).submit_instance(&visitor, &instance, submit())
    );
    assert_eq!(one.unwrap().receipt, two.unwrap().receipt);
    instance
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_nodes_number_every_start_and_every_change_once_and_without_gaps() {
    let test_app = TestApp::new().await;
    let nodes = nodes(&test_app).await;
    let sitting =
        (0..PEOPLE).map(|person| tokio::spawn(sit(nodes.clone(), test_app.step.clone(), person)));
    let mut instances = Vec::new();
    for sitting in sitting.collect::<Vec<_>>() {
        instances.push(sitting.await.unwrap());
    }
    for instance in &instances {
        let kinds = test_app.events(instance).await;
        let of = |kind: &str| kinds.iter().filter(|entry| *entry == kind).count();
        assert_eq!((of("instance.started"), of("instance.completed")), (1, 1), "{kinds:?}");
    }
    let people = i64::try_from(PEOPLE).unwrap();
    assert_eq!(test_app.number("SELECT count(*) FROM instance").await, people);
    assert_eq!(test_app.number("SELECT max(ordinal) FROM instance").await, people);
    assert_eq!(test_app.number("SELECT instance_count FROM task").await, people);
    assert_eq!(test_app.number("SELECT revision FROM task").await, 2 * people);
    assert_eq!(test_app.number("SELECT max(revision) FROM instance").await, 2 * people);
    // One receipt for each sequence number, whoever was faster.
    assert_eq!(test_app.number("SELECT count(*) FROM receipt").await, 4 * people);
    let organization = storage::event::EventChain::Organization(test_app.organization.clone());
    let verdict = test_app.write(move |tx| storage::event::verify(tx, &organization)).await;
    assert!(
        matches!(verdict, storage::event::ChainVerdict::Whole { events } if events >= people),
        "{verdict:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadline_that_all_nodes_see_completes_each_instance_once() {
    let test_app = TestApp::new().await;
    let nodes = nodes(&test_app).await;
    for person in 0..PEOPLE {
        let visitor = candidate_session(
            &nodes[0].delivery().enter_by_code(&client_context(1), &code(person)).await.unwrap(),
        );
        nodes[person % 3].delivery().start(&visitor, &test_app.step, "start").await.unwrap();
    }
    test_app.clock.pass_seconds(7200);
    let services = [0, 1, 2].map(|node: usize| nodes[node].delivery());
    let (a, b, c) = tokio::join!(
        services[0].sweep_deadlines(),
        services[1].sweep_deadlines(),
        services[2].sweep_deadlines()
    );
    let completed = [a, b, c].map(|swept: Result<_, Failure>| swept.unwrap().completed);
    assert_eq!(completed.iter().sum::<usize>(), PEOPLE);
    let people = i64::try_from(PEOPLE).unwrap();
    assert_eq!(test_app.number("SELECT revision FROM task").await, 2 * people);
    assert_eq!(test_app.number("SELECT count(*) FROM result_version").await, people);
    let id = test_app
        .write(|tx| tx.find("SELECT id FROM instance WHERE ordinal = 1", &[], |row| row.get(0)))
        .await;
    let first: InstanceId = id.unwrap();
    assert_eq!(test_app.row(&first).await.state, InstanceState::Complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rush_of_entries_on_all_nodes_lets_everybody_in() {
    const RUSH: usize = 120;
    let test_app = TestApp::new().await;
    for person in 0..RUSH {
        test_app
            .add_candidate(test_app.candidate(&format!("Ca{}", person + 10), Some(&code(person))))
            .await;
    }
    let nodes =
        [test_app.app.clone(), test_app.another_node(2).await, test_app.another_node(3).await];
    let entering = (0..RUSH).map(|person| {
        let node = nodes[person % 3].clone();
        tokio::spawn(async move {
            node.delivery().enter_by_code(&client_context(1), &code(person)).await.map(|_| ())
        })
    });
    for entered in entering.collect::<Vec<_>>() {
        entered.await.unwrap().unwrap();
    }
}
