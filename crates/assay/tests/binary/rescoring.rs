//! Whole steps computed anew and corrected, by the command line and over the API, beside a server
//! and across a kill.

use crate::support::{ServerProcess, TestSandbox, pause};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const INSTANCES: usize = 240;
/// The first so many are of the first step.
const OF_FIRST: usize = 150;
/// More of the first step, so that a correction is not done with its first batches.
const MORE: usize = 600;
/// How often it is asked whether a job is done, with a pause in between.
const TRIES: usize = 2000;

/// A task of two steps with the same test, results in both, and a key that may do everything.
struct Bench {
    place: TestSandbox,
    task: String,
    steps: Vec<String>,
    key: String,
}

impl Bench {
    fn new() -> Self {
        let place = TestSandbox::new();
        // The task that `seed` makes tells its test.
        let seeded = place.line(&["seed", "--instances", "1"]);
        let test =
            place.json(&["test", "list", "--json"])[0]["testId"].as_str().unwrap().to_owned();
        let task =
            place.line(&["task", "create", "--title", "Two", "--test", &test, "--test", &test]);
        assert_ne!(seeded, task);
        place.line(&["seed", "--instances", &INSTANCES.to_string(), "--task", &task]);
        let key = place.line(&["key", "create", "--name", "all", "--scope", "manage"]);
        let server = place.serve(&[]);
        let reply = server.json(&format!("/api/management/v1/tasks/{task}"), &key);
        let steps = reply["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["id"].as_str().unwrap().to_owned());
        let steps: Vec<_> = steps.collect();
        assert_eq!(server.stop(), 0);
        let moved = format!(
            "UPDATE instance SET step_id = '{}' WHERE task_id = '{task}' AND ordinal > {OF_FIRST}",
            steps[1]
        );
        assert_eq!(place.alter(&moved), (INSTANCES - OF_FIRST) as u64);
        Self { place, task, steps, key }
    }

    fn manage(&self, rest: &str) -> String {
        format!("/api/management/v1/tasks/{}{rest}", self.task)
    }

    fn rows(&self, server: &ServerProcess) -> BTreeMap<String, Value> {
        let path = format!(
            "/api/integration/rest/v1/tasks/{}/test-instances?mode=detailed&limit=1000",
            self.task
        );
        let mut rows = BTreeMap::new();
        for page in 1..=2 {
            let page = server.json(&format!("{path}&page={page}"), &self.key);
            let of =
                |row: &Value| (row["testInstanceId"].as_str().unwrap().to_owned(), row.clone());
            rows.extend(page["testInstances"].as_array().unwrap().iter().map(of));
        }
        rows
    }

    /// The changes behind a cursor: kinds and instances, and where to go on.
    fn changes(
        &self,
        server: &ServerProcess,
        since: Option<&str>,
    ) -> (Vec<(String, String)>, String) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of = |change: &Value| {
            (text(&change["kind"]), text(&change["testInstance"]["testInstanceId"]))
        };
        let path = format!(
            "/api/integration/rest/v1/tasks/{}/test-instances/changes?limit=1000",
            self.task
        );
        let (mut changes, mut since) = (Vec::new(), since.map(str::to_owned));
        loop {
            let behind =
                since.as_ref().map_or_else(String::new, |cursor| format!("&since={cursor}"));
            let run = server.json(&format!("{path}{behind}"), &self.key);
            changes.extend(run["changes"].as_array().unwrap().iter().map(of));
            if run["hasMore"] == false {
                return (changes, text(&run["cursor"]));
            }
            since = Some(text(&run["cursor"]));
        }
    }

    /// Nothing differs but what [`Bench::new`] altered: half of the instances began with the other
    /// step.
    fn demand_clean(&self) {
        let done = self.place.run(&["verify", "--json"]);
        let lines = done.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let (moved, others): (Vec<_>, Vec<_>) = lines
            .filter(|line| line["aspect"].is_string())
            .partition(|line| line["detail"] == "it began with another step");
        assert!(others.is_empty(), "{others:?}");
        assert_eq!(moved.len(), INSTANCES - OF_FIRST, "{}", done.err);
    }
}

/// The whole of a step by the command line, the rest by batches of the API; both beside the server.
#[test]
fn a_whole_step_is_computed_anew_by_the_command_line_and_the_rest_by_batches_of_the_api() {
    let bench = Bench::new();
    let Bench { place, task, steps, key } = &bench;
    bench.demand_clean();
    let server = place.serve(&[]);
    let (right, (_, cursor)) = (bench.rows(&server), bench.changes(&server, None));
    // Every third of all is published wrongly.
    let altered = place.alter(&format!(
        "UPDATE instance SET result_basic = '{{}}', result_detailed = '{{}}', ratio = 1 \
         WHERE task_id = '{task}' AND ordinal % 3 = 0"
    ));
    assert_eq!(altered, (INSTANCES / 3) as u64);
    assert_eq!(place.run(&["verify"]).code, 1);

    let output = place.line(&["rescore", "--task", task, "--step", &steps[0]]);
    assert_eq!(
        output,
        format!("{OF_FIRST} computed: 0 have a new version, {} were mended.", OF_FIRST / 3)
    );
    let (mended, cursor) = bench.changes(&server, Some(&cursor));
    assert_eq!(mended.len(), OF_FIRST / 3, "readers of the feed are told");
    assert!(mended.iter().all(|(kind, _)| kind == "rescored"), "{mended:?}");
    assert_eq!(place.run(&["verify"]).code, 1, "the other step is as it was");
    let again = place.line(&["rescore", "--task", task, "--step", &steps[0]]);
    assert!(again.contains("0 have a new version, 0 were mended"), "{again}");

    let (mut after, mut batches, mut sums) = (json!(0), 0, [0, 0, 0]);
    while after != Value::Null {
        let batch = server.post(
            &bench.manage("/rescore"),
            key,
            &json!({ "stepId": steps[1], "after": after }),
        );
        assert_eq!(batch["total"], INSTANCES);
        for (sum, name) in sums.iter_mut().zip(["lookedAt", "versions", "repaired"]) {
            *sum += batch[name].as_u64().unwrap();
        }
        after = batch["next"].clone();
        batches += 1;
    }
    let of_second = (INSTANCES - OF_FIRST) as u64;
    assert_eq!(sums, [of_second, 0, of_second / 3]);
    assert!(batches > 2, "{batches}");
    assert_eq!(bench.changes(&server, Some(&cursor)).0.len(), (INSTANCES - OF_FIRST) / 3);
    assert_eq!(bench.rows(&server), right, "everything is published as it was");
    bench.demand_clean();
    let one = right.keys().next().unwrap();
    assert_eq!(place.line(&["rescore", "--task", task, "--instance", one]), "1 computed.");
    for arguments in [["--step", "St-none"], ["--instance", "Ti-none"]] {
        let refused = place.run(&[["rescore", "--task", task].as_slice(), &arguments].concat());
        assert_eq!(refused.code, 3, "{arguments:?} {}", refused.err);
    }
    let (status, refused) =
        server.send("POST", &bench.manage("/rescore"), key, Some(r#"{"after":-1,"stepId":7}"#));
    assert_eq!(status, 400, "{refused}");
    assert!(refused.contains("/after") && refused.contains("/stepId"), "{refused}");
    assert_eq!(server.stop(), 0);
}

/// A correction of a step over the API, with the server killed in the middle of it, and its
/// withdrawal.
#[test]
fn a_correction_of_a_step_outlives_the_server_and_its_withdrawal_brings_everything_back() {
    let bench = Bench::new();
    let Bench { place, task, steps, key } = &bench;
    place.line(&["seed", "--instances", &MORE.to_string(), "--task", task]);
    let of_first = OF_FIRST + MORE;
    let server = place.serve(&[]);
    let (before, (_, cursor)) = (bench.rows(&server), bench.changes(&server, None));
    let path = bench.manage(&format!("/steps/{}/corrections", steps[0]));
    let body = json!({ "correction": { "question": "q2", "change": "ignore" }, "reason": "It was misprinted." });
    let done = server.post(&path, key, &body);
    let correction = done["correctionId"].as_str().unwrap().to_owned();
    // Dropping it kills it, wherever the job has got to.
    drop(server);
    let server = place.serve(&[]);
    let progress = until_done(&server, &correction, key);
    assert_eq!(progress["total"], INSTANCES + MORE);
    let of = |name: &str| progress[name].as_u64().unwrap();
    assert_eq!(
        (of("versions") + of("unchanged"), of("open"), of("failed")),
        (of_first as u64, 0, 0),
        "{progress}"
    );
    assert!(of("versions") > 500, "{progress}");
    let corrected = bench.rows(&server);
    let changed = corrected.iter().filter(|(id, row)| before[*id] != **row).count();
    assert_eq!(changed as u64, of("versions"), "each once");
    assert_eq!(bench.changes(&server, Some(&cursor)).0.len() as u64, of("versions"));
    let other = corrected
        .iter()
        .filter(|(id, row)| row["stepId"] == steps[1].as_str() && before[*id] != **row);
    assert_eq!(other.count(), 0, "the other step is as it was");

    let (status, withdrawn) =
        server.send("DELETE", &format!("/api/management/v1/corrections/{correction}"), key, None);
    assert_eq!(status, 200, "{withdrawn}");
    drop(server);
    let server = place.serve(&[]);
    let progress = until_done(&server, &correction, key);
    assert_eq!(progress["withdrawn"], true);
    let without_version = |rows: BTreeMap<String, Value>| -> BTreeMap<String, Value> {
        rows.into_iter().map(|(id, mut row)| (id, row["result"]["scoreboard"].take())).collect()
    };
    assert_eq!(without_version(bench.rows(&server)), without_version(before));
    assert_eq!(server.stop(), 0);
    bench.demand_clean();
}

fn until_done(server: &ServerProcess, correction: &str, key: &str) -> Value {
    for _ in 0..TRIES {
        let progress = server.json(&format!("/api/management/v1/corrections/{correction}"), key);
        if progress["state"] == "done" {
            return progress;
        }
        pause();
    }
    Value::Null
}
