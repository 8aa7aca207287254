//! The services: the use cases in groups, one for each subject.
//!
//! Every service is a view of the one [`App`]: making one costs a counted reference, and through
//! [`Deref`] it has the app's storage, clock and settings, and the other services, at hand. The use
//! cases of a service are the methods in `impl …Service` blocks of its module; each is one file or
//! a few.

use crate::App;
use std::ops::Deref;

macro_rules! services {
    ($($(#[$doc:meta])* $name:ident = $accessor:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(App);

        impl Deref for $name {
            type Target = App;

            fn deref(&self) -> &App {
                &self.0
            }
        }

        impl $name {
            /// The app itself, for what is handed on.
            #[allow(dead_code, reason = "not every service hands it on")]
            pub(crate) fn app(&self) -> App {
                self.0.clone()
            }
        }

        impl App {
            $(#[$doc])*
            #[must_use]
            pub fn $accessor(&self) -> $name {
                $name(self.clone())
            }
        }
    )*};
}

services! {
    /// What candidates do: enter, start, answer, hand in; and what the clock does to them
    /// (`delivery`, `deadlines`, `throttle`).
    DeliveryService = delivery;
    /// Tasks, their steps and how long their results are kept (`tasks`, `retention`).
    TaskService = tasks;
    /// Registering, changing, importing and erasing candidates (`candidates`, `erasure`).
    CandidateService = candidates;
    /// Lists, searches, feeds and exports of results and answers (`results`, `change_feed`,
    /// `export`, `instance_search`, `expansion`, `answers`).
    ResultService = results;
    /// What staff do with one attempt: close, extend, ignore, reinstate, re-score
    /// (`administration`).
    InstanceService = instances;
    /// Corrections of how frozen questions are scored, and the jobs that recompute results
    /// (`corrections`, `correction_jobs`).
    CorrectionService = corrections;
    /// What evaluators do: waiting answers, grades, rubrics (`evaluation`).
    EvaluationService = evaluation;
    /// The tests of the organization and their versions (`test_library`).
    TestLibraryService = test_library;
    /// The question bank (`bank`).
    BankService = bank;
    /// Users, their roles and permissions (`users`, `user_search`).
    UserService = users;
    /// Staff's sign-in, passwords and sessions (`staff`).
    StaffService = staff;
    /// API keys (`keys`).
    KeyService = keys;
    /// Organizations and their settings (`organizations`).
    OrganizationService = organizations;
    /// Invitations and other mail (`mail`).
    MailService = mail;
    /// Webhooks, callbacks and the log of what was sent (`webhooks`, `outbox`).
    WebhookService = webhooks;
    /// Files that candidates send (`media`).
    FileService = files;
    /// Pictures, sound and film that authors show in questions (`media`).
    AuthorMediaService = author_media;
    /// Recordings, identity photos and flags (`proctoring`, `evidences`).
    ProctoringService = proctoring;
    /// Figures about groups and questions (`statistics`).
    StatisticsService = statistics;
    /// The event log and its verification (`audit`, `verification`).
    AuditService = audit;
    /// Simulated results for trials and benchmarks (`seeding`).
    SeedingService = seeding;
}
