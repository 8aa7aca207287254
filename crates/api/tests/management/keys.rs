//! Keys make, rotate and revoke only keys that are no wider than themselves (finding security A4,
//! amendment A8).

use app::caller::Caller;
use app::keys::{KeyRow, NewKey};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::key_limits::KeyLimits;
use domain::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testkit::{ManagementClient, TestApp};

async fn secret_of(program: &ManagementClient, new: &Value) -> String {
    let (status, made) = program.post("/keys", new).await;
    assert_eq!(status, 200, "{made}");
    made["secret"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_limited_manage_key_stays_limited_whatever_it_does_with_keys_a4() {
    let test_app = TestApp::empty().await;
    let admin = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let end = test_app.app.now().seconds() + 3600;
    let own = json!({"name": "lim", "scopes": ["manage"], "tasks": ["Tk1"], "folders": ["north"], "expiresAt": end});
    let limited = admin.with_secret(secret_of(&admin, &own).await);
    let narrower = |changes: Value| {
        let mut body = own.clone();
        changes.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        body
    };
    for (wider, said) in [
        (json!({"tasks": null}), "tasks must be given"),
        (json!({"tasks": ["Tk1", "Tk2"]}), "tasks must be given"),
        (json!({"folders": null}), "folders must be given"),
        (json!({"folders": ["south"]}), "folders must be given"),
        (json!({"expiresAt": null}), "expiresAt must be given"),
        (json!({"expiresAt": end + 1}), "at most"),
        (
            json!({"tasks": null, "folders": null, "expiresAt": null}),
            "tasks must be given, and be some of its own; folders",
        ),
    ] {
        let (status, problem) = limited.post("/keys", &narrower(wider)).await;
        assert_eq!(
            (status, problem["code"].as_str()),
            (403, Some("insufficient_scope")),
            "{problem}"
        );
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
    let (_, all) = admin.get("/keys").await;
    let wide =
        all["keys"].as_array().unwrap().iter().find(|key| key["name"] == "A program").unwrap();
    let (_, missing) = limited.send("DELETE", "/keys/nosuch", None, String::new()).await;
    let first = wide["keyId"].as_str().unwrap();
    assert_eq!(
        limited.post(&format!("/keys/{first}/rotate"), &json!({})).await,
        (404, missing.clone())
    );
    assert_eq!(
        limited.send("DELETE", &format!("/keys/{first}"), None, String::new()).await,
        (404, missing)
    );
    assert_eq!(admin.get("/keys").await.1, all, "nothing was changed");
    // What is no wider it makes, sees, rotates and ends, itself among them.
    let child = narrower(json!({"scopes": ["results:read"], "expiresAt": end - 1}));
    secret_of(&limited, &child).await;
    let (_, seen) = limited.get("/keys").await;
    assert_eq!(seen["keys"].as_array().unwrap().len(), 2, "{seen}");
    // The one that acts comes last: it ends itself.
    let mut ends = seen["keys"].as_array().unwrap().clone();
    ends.sort_by_key(|key| key["name"] == "lim" && key["scopes"][0] == "manage");
    for key in &ends {
        let id = key["keyId"].as_str().unwrap();
        assert_eq!(limited.post(&format!("/keys/{id}/rotate"), &json!({})).await.0, 200);
        assert_eq!(
            limited.send("DELETE", &format!("/keys/{id}"), None, String::new()).await.0,
            200
        );
    }
}

/// What somebody does with a key that is at hand; the numbers choose keys and go round.
#[derive(Clone, Debug)]
enum KeyAct {
    Create(usize, NewKey),
    Rotate(usize, usize),
    Revoke(usize, usize),
}

const NOW: Timestamp = Timestamp::from_seconds(2_000_000_000);

fn new_key() -> impl Strategy<Value = NewKey> {
    let scopes = prop_oneof![
        3 => Just(vec![Scope::Manage]),
        1 => proptest::sample::subsequence(Scope::ALL.to_vec(), 1..4),
    ];
    let tasks = proptest::option::weighted(
        0.6,
        proptest::sample::subsequence(vec!["Tk1", "Tk2", "Tk3"], 1..3),
    );
    let folders = proptest::option::weighted(
        0.6,
        proptest::sample::subsequence(vec!["", "north", "south"], 1..3),
    );
    let end = proptest::option::weighted(0.6, 1..4_i64);
    (scopes, tasks, folders, end).prop_map(|(scopes, tasks, folders, end)| NewKey {
        name: "generated".to_owned(),
        scopes,
        tasks: tasks.map(|tasks| tasks.into_iter().map(TaskId::from).collect()),
        folders: folders.map(|folders| folders.into_iter().map(str::to_owned).collect()),
        expires_at: end.map(|hours| NOW.plus_seconds(hours * 3600)),
    })
}

fn act() -> impl Strategy<Value = KeyAct> {
    let number = 0..12_usize;
    prop_oneof![
        3 => (number.clone(), new_key()).prop_map(|(by, new)| KeyAct::Create(by, new)),
        2 => (number.clone(), number.clone()).prop_map(|(by, of)| KeyAct::Rotate(by, of)),
        1 => (number.clone(), number).prop_map(|(by, of)| KeyAct::Revoke(by, of)),
    ]
}

fn limits_of(key: &KeyRow) -> KeyLimits {
    KeyLimits {
        scopes: serde_json::from_str(&key.scopes).unwrap(),
        tasks: key.task_ids.as_deref().map(|text| serde_json::from_str(text).unwrap()),
        folders: key.folders.as_deref().map(|text| serde_json::from_str(text).unwrap()),
        expires_at: key.expires_at,
    }
}

async fn caller(test_app: &TestApp, secret: &str) -> Option<Caller> {
    test_app.app.keys().authenticate(None, secret, "Rq1".into()).await.ok()
}

/// Everything that can be reached from one key by these acts is no wider than that key.
async fn walk(
    test_app: &TestApp,
    first: NewKey,
    others: Vec<NewKey>,
    acts: Vec<KeyAct>,
) -> Result<(), TestCaseError> {
    let (app, operator) = (&test_app.app, test_app.operator());
    let first = app.keys().create_key(&operator, first).await.unwrap();
    let (own, mut secrets) = (limits_of(&first.key), vec![first.secret]);
    let mut rows = vec![first.key];
    for other in others {
        rows.push(app.keys().create_key(&operator, other).await.unwrap().key);
    }
    for act in acts {
        let by = match &act {
            KeyAct::Create(by, _) | KeyAct::Rotate(by, _) | KeyAct::Revoke(by, _) => {
                by % secrets.len()
            }
        };
        let Some(by) = caller(test_app, &secrets[by]).await else { continue };
        let reached = match act {
            KeyAct::Create(_, new) => app.keys().create_key(&by, new).await.ok(),
            KeyAct::Rotate(_, of) => {
                app.keys().rotate_key(&by, &rows[of % rows.len()].id).await.ok()
            }
            KeyAct::Revoke(_, of) => {
                let of = &rows[of % rows.len()];
                prop_assert!(
                    app.keys().revoke_key(&by, &of.id).await.is_err() || own.covers(&limits_of(of))
                );
                None
            }
        };
        if let Ok(listed) = app.keys().list_keys(&by).await {
            prop_assert!(listed.iter().all(|key| own.covers(&limits_of(key))));
        }
        let Some(reached) = reached else { continue };
        prop_assert!(
            own.covers(&limits_of(&reached.key)),
            "{own:?} reached {:?}",
            limits_of(&reached.key)
        );
        secrets.push(reached.secret);
        rows.push(reached.key);
    }
    Ok(())
}

#[test]
fn no_sequence_of_key_operations_reaches_further_than_the_first_key_a4() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let test_app = runtime.block_on(TestApp::empty());
    test_app.clock.set(NOW);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (new_key(), vec(new_key(), 1..4), vec(act(), 1..16));
    let outcome = runner.run(&strategy, |(first, others, acts)| {
        runtime.block_on(walk(&test_app, first, others, acts))
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test]
async fn a_refusal_for_want_of_a_scope_names_it_in_the_sentence_and_in_the_header() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::TasksRead]).await;
    let request = axum::http::Request::get("/api/management/v1/users")
        .header("authorization", format!("Bearer {}", program.secret))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(program.router.clone(), request).await.unwrap();
    assert_eq!(response.status(), 403);
    let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert_eq!(challenge, "Bearer error=\"insufficient_scope\", scope=\"users:read\"");
    let (_, problem) = program.get("/users").await;
    assert_eq!(problem["detail"], "The key lacks the scope users:read.");
}
