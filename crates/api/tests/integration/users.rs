//! Users (chapter 8): list, search, fetch.

use crate::case_fixture::CaseFixture;
use app::users::{NewUser, Role};
use serde_json::{Value, json};
use storage::{StorageError, Transaction};
use testkit::{TestRequest, TestResponse, TestServer, V1};

struct UsersFixture {
    server: TestServer,
    ids: Vec<String>,
}

impl UsersFixture {
    async fn new() -> Self {
        let server = TestServer::new().await;
        let new =
            |username: &str, roles: &[Role], group: Option<&str>, labels: &[&str], folder: &str| {
                NewUser {
                    username: username.into(),
                    roles: roles.to_vec(),
                    group: group.map(str::to_owned),
                    labels: labels.iter().map(|label| (*label).to_owned()).collect(),
                    folder: Some(folder.to_owned()).filter(|folder| !folder.is_empty()),
                    ..NewUser::default()
                }
            };
        let all = [
            NewUser {
                fullname: Some("Ada Example".into()),
                email: Some("ada@example.com".into()),
                tags: [
                    ("City".to_owned(), "Izmir".to_owned()),
                    ("Age".to_owned(), "36".to_owned()),
                ]
                .into(),
                ..new("ada.l", &[], None, &["b", "a"], "Staff")
            },
            new("Adam", &[Role::Manager, Role::User], Some("east"), &["a"], ""),
            new("eve", &[Role::Operator], None, &[], "Staff"),
            new("ZADA", &[Role::User], Some("west"), &["c"], "Other"),
        ];
        let mut ids = Vec::new();
        for user in all {
            ids.push(
                server
                    .test_app
                    .app
                    .users()
                    .create_user(&server.operator(), user)
                    .await
                    .unwrap()
                    .id
                    .to_string(),
            );
        }
        // No use case switches a user off yet.
        let (organization, last) = (server.test_app.organization.clone(), ids[3].as_str().into());
        let switch_off = move |tx: &mut dyn Transaction| -> Result<bool, StorageError> {
            let user = storage::user::find(tx, &organization, &last)?.unwrap();
            storage::user::update(
                tx,
                &storage::user::UserRow { active: false, favorite: true, ..user },
            )
        };
        server.test_app.storage.write(switch_off).await.unwrap();
        Self { server, ids }
    }

    async fn search(&self, query: &str, body: &str) -> TestResponse {
        self.server.send_json("POST", &format!("/users/filter{query}"), body).await
    }
}

fn names(answer: &TestResponse) -> Vec<String> {
    answer.column("users", "username")
}

#[tokio::test]
async fn all_faults_of_a_list_or_search_of_users_are_told_at_once() {
    let staff = UsersFixture::new().await;
    let answer = staff.server.get("/users?username=&mode=x&user=1").await;
    assert_eq!(
        answer.faults(),
        ["username empty_value", "mode invalid_enum", "user unknown_parameter"]
    );
    let body = r#"{"folder":"x","group":[],"labels":[""],"favorite":0,"type":"","username":"","active":"yes","kind":1}"#;
    let expected = [
        "/folder invalid_type",
        "/group empty_value",
        "/labels/0 empty_value",
        "/favorite invalid_type",
        "/type empty_value",
        "/username empty_value",
        "/active invalid_type",
        "/kind unknown_key",
    ];
    assert_eq!(staff.search("", body).await.faults(), expected);
    assert_eq!(
        staff.search("", r#"{"group":[""],"type":"Regular"}"#).await.faults(),
        ["/group/0 empty_value", "/type invalid_enum"]
    );
}

#[tokio::test]
async fn users_are_found_by_all_that_is_given() {
    let staff = UsersFixture::new().await;
    assert_eq!(names(&staff.server.get("/users?username=ADA").await), ["ada.l", "Adam", "ZADA"]);
    let page = staff.server.get("/users?username=ADA&limit=2").await.json()["pagination"].clone();
    assert_eq!(
        (&page["totalItems"], &page["next"]),
        (&json!(3), &json!("?limit=2&page=2&mode=basic&username=ADA"))
    );
    let cases: [(&str, &[&str]); 9] = [
        ("{}", &["ada.l", "Adam", "eve", "ZADA"]),
        (r#"{"type":"regular"}"#, &["ada.l", "ZADA"]),
        (r#"{"type":"teammate"}"#, &["Adam", "eve"]),
        (r#"{"type":"regular","active":true,"group":["default"]}"#, &["ada.l"]),
        (r#"{"folder":["","Other"]}"#, &["Adam", "ZADA"]),
        (r#"{"labels":["a","c"]}"#, &["ada.l", "Adam", "ZADA"]),
        (r#"{"favorite":true}"#, &["ZADA"]),
        (r#"{"active":false,"group":["east"]}"#, &[]),
        (r#"{"username":"dA","group":["east","west"]}"#, &["Adam", "ZADA"]),
    ];
    for (body, expected) in cases {
        let answer = staff.search("?limit=50", body).await;
        assert_eq!(names(&answer), expected, "{body}");
        assert_eq!(answer.json()["pagination"]["totalItems"], expected.len(), "{body}");
    }
    assert_eq!(names(&staff.search("?limit=1&page=2", r#"{"type":"regular"}"#).await), ["ZADA"]);
}

#[tokio::test]
async fn a_user_is_printed_in_the_order_of_its_shape() {
    let staff = UsersFixture::new().await;
    let basic = staff.server.get(&format!("/users/{}", staff.ids[0])).await;
    let at = basic.json()["createdAt"].clone();
    let open = format!(
        r#"{{"userId":"{}","createdAt":{at},"username":"ada.l","fullname":"Ada Example","email":"ada@example.com""#,
        staff.ids[0]
    );
    assert_eq!(basic.text(), format!("{open}}}"));
    let detailed = staff.server.get(&format!("/users/{}?mode=detailed", staff.ids[0])).await;
    let rest = format!(
        r#","organizationId":"{}","folder":"Staff","tags":{{"Age":"36","City":"Izmir"}},"labels":["b","a"],"group":"default","favorite":false,"active":true,"roles":["USER"]}}"#,
        staff.server.test_app.organization
    );
    assert_eq!(detailed.text(), format!("{open}{rest}"));
    let listed = staff.server.get("/users?mode=detailed&limit=1").await.json();
    assert_eq!(listed["users"][0], detailed.json());
    let adam = staff.server.get(&format!("/users/{}", staff.ids[1])).await.json();
    assert_eq!((adam.get("fullname"), adam.get("email")), (None::<&Value>, None));
    let sent = TestRequest::get(format!("{V1}/users?limit=1")).bearer(&staff.server.key);
    let tag = staff.server.send(sent.clone()).await.tag().to_owned();
    assert_eq!(staff.server.send(sent.header("if-none-match", tag)).await.status, 304);
}

#[tokio::test]
async fn users_of_another_organization_are_not_found() {
    let class = CaseFixture::new().await;
    let target = class.fill(&format!("{V1}/users/{{U2}}"));
    assert_eq!(
        class.server.send(TestRequest::get(target.as_str()).bearer(class.value("K1"))).await.status,
        200
    );
    let foreign =
        class.server.send(TestRequest::get(target.as_str()).bearer(class.value("K9"))).await;
    let missing = class.server.get("/users/nosuch").await;
    assert_eq!((foreign.status, &foreign.body), (404, &missing.body));
    let list =
        class.server.send(TestRequest::get(format!("{V1}/users")).bearer(class.value("K9"))).await;
    assert_eq!(names(&list), Vec::<String>::new());
}
