//! The data of the cases of 2.7: task T1 with 23 instances and everything around it, made by the
//! use cases. Texts of cases name things by their short names in braces.

use app::candidates::{CandidateView, NewCandidate, RegisteredPerson};
use app::keys::NewKey;
use app::users::NewUser;
use domain::id::InstanceId;
use domain::instance::Scope;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use testkit::{TaskWithSteps, TestServer, temporary};

pub struct CaseFixture {
    pub server: TestServer,
    pub t1: TaskWithSteps,
    /// C1, C2 and so on, by number.
    pub candidates: BTreeMap<u32, CandidateView>,
    /// I01 to I23.
    pub instances: Vec<InstanceId>,
    names: BTreeMap<String, String>,
}

impl CaseFixture {
    pub async fn new() -> Self {
        Self::with_quota(None).await
    }

    pub async fn with_quota(quota: Option<NonZeroU32>) -> Self {
        let server = TestServer::with_quota(quota).await;
        let t1 = server.task(2).await;
        let mut class = Self {
            server,
            t1,
            candidates: BTreeMap::new(),
            instances: Vec::new(),
            names: BTreeMap::new(),
        };
        class.register().await;
        class.start_instances().await;
        class.name_the_rest().await;
        class
    }

    async fn register(&mut self) {
        let app = &self.server.test_app.app;
        let user = NewUser { username: "u2".into(), ..NewUser::default() };
        let user = app.users().create_user(&self.server.operator(), user).await.unwrap().id;
        self.names.insert("U2".into(), user.to_string());
        let tags = BTreeMap::from([
            ("City".to_owned(), "Izmir".to_owned()),
            ("\u{c7}a".into(), "<&\"\u{1f600}".into()),
        ]);
        let second = NewCandidate {
            external_id: Some("EMP-2".into()),
            labels: vec!["north".into(), "east".into()],
            tags,
            ..NewCandidate::of(RegisteredPerson::User(user))
        };
        let named = [(1, temporary(Some("A&B 1+1"))), (2, second), (3, temporary(Some("EMP-3")))];
        for (number, new) in
            named.into_iter().chain((6..=23).map(|number| (number, temporary(None))))
        {
            let candidate = self.server.candidate(&self.t1.id, new).await;
            self.names.insert(format!("C{number}"), candidate.id.to_string());
            self.candidates.insert(number, candidate);
        }
    }

    /// The instances in their order, each with what becomes of it.
    async fn start_instances(&mut self) {
        let owners = [1, 2, 1, 2, 1].into_iter().chain(6..=23);
        for (index, owner) in owners.enumerate() {
            let number = index + 1;
            // C1 has I03 open when starting I05, so that one is of the other step.
            let step = &self.t1.steps[usize::from(number == 5)];
            let visitor = self.server.enter(&self.candidates[&owner]).await;
            let instance = self.server.start(&visitor, step, &format!("start-{number}")).await;
            self.server.test_app.clock.pass_seconds(1);
            if matches!(number, 1 | 2 | 4 | 5) {
                self.server.answer(&visitor, &instance).await;
                self.server.complete(&visitor, &instance, &format!("complete-{number}")).await;
            }
            self.names.insert(format!("I{number:02}"), instance.to_string());
            self.instances.push(instance);
        }
        self.server.reinstate(&self.t1.id, &self.instances[3], "reinstate").await;
        self.server.ignore(&self.t1.id, &self.instances[4]).await;
    }

    async fn name_the_rest(&mut self) {
        let app = &self.server.test_app.app;
        let other = app.organizations().create_organization("Other").await.unwrap().id;
        let other_organizations_task = self.foreign_task(&other).await;
        let t0 = self.server.task(1).await.id;
        let own = self.server.test_app.organization.clone();
        let revoked = self.key_to_end(|new| new, true).await;
        let soon = app.now().plus_millis(1000);
        let expired = self.key_to_end(|new| NewKey { expires_at: Some(soon), ..new }, false).await;
        self.server.test_app.clock.pass_seconds(1);
        let names = [
            ("O1", own.to_string()),
            ("O9", other.to_string()),
            ("T1", self.t1.id.to_string()),
            ("T0", t0.to_string()),
            ("T9", other_organizations_task),
            ("K1", self.server.key.clone()),
            ("KC", self.server.new_key(&own, &[Scope::CandidatesRead]).await),
            ("K9", self.server.new_key(&other, &testkit::INTEGRATION_SCOPES).await),
            ("KREVOKED", revoked),
            ("KEXPIRED", expired),
        ];
        self.names.extend(names.map(|(name, value)| (name.to_owned(), value)));
    }

    async fn foreign_task(&self, organization: &domain::id::OrganizationId) -> String {
        self.server.task_of(organization, 1).await.id.to_string()
    }

    async fn key_to_end(&self, adjust: impl FnOnce(NewKey) -> NewKey, revoke: bool) -> String {
        let app = &self.server.test_app.app;
        let operator = self.server.operator();
        let scopes = testkit::INTEGRATION_SCOPES.to_vec();
        let new =
            NewKey { name: "to end".into(), scopes, tasks: None, folders: None, expires_at: None };
        let created = app.keys().create_key(&operator, adjust(new)).await.unwrap();
        if revoke {
            app.keys().revoke_key(&operator, &created.key.id).await.unwrap();
        }
        created.secret
    }

    /// Replaces short names in braces.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.names {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    pub fn value(&self, name: &str) -> &str {
        &self.names[name]
    }

    /// The ids of instances by number, from 1.
    pub fn ids(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
        numbers.into_iter().map(|number| self.instances[number - 1].to_string()).collect()
    }
}
