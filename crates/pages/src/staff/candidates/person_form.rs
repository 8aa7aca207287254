//! The fields of a candidate, read into what `app` takes.

use super::choices;
use crate::staff::support::{FormErrors, FormValues};
use app::candidates::{
    CandidateStepDates, NewCandidate, RegisteredPerson, TemporaryPerson, UniqIdTracking,
};
use app::tasks::TaskView;
use domain::access::settings::InterfaceLang;
use domain::candidate::uniqueness::UniqScope;
use domain::id::UserId;
use domain::time::TimeWindow;
use domain::time_factor::TimeFactor;

/// Fields that app names otherwise than the form does.
const RENAMED: [(&str, &str); 3] =
    [("/tracking/uniqId", "/uniqId"), ("/customizedSteps", "/steps"), ("/programIds", "/programs")];

/// Where the form shows what app says of a place.
pub fn form_field_path(of_app: &str) -> String {
    let found = RENAMED
        .iter()
        .find_map(|(app, form)| of_app.strip_prefix(app).map(|rest| format!("{form}{rest}")));
    found.unwrap_or_else(|| of_app.to_owned())
}

/// Reads a candidate from the form. What is wrong goes into `told`; the candidate is then of no
/// use.
pub fn read(given: &FormValues, view: &TaskView, told: &mut FormErrors) -> NewCandidate {
    let tracking = given.non_empty("uniqId").map(|uniq_id| UniqIdTracking {
        uniq_id,
        scope: UniqScope::parse(given.text("uniqScope")).unwrap_or(UniqScope::Task),
    });
    let person = match given.non_empty("user") {
        Some(user) => RegisteredPerson::User(UserId::from(user.as_str())),
        None => RegisteredPerson::Temporary(TemporaryPerson {
            fullname: given.non_empty("fullname"),
            email: given.non_empty("email"),
            credential1: given.non_empty("credential1"),
            credential2: given.non_empty("credential2"),
            tracking,
        }),
    };
    NewCandidate {
        external_id: given.non_empty("externalId"),
        group: given.non_empty("group"),
        labels: given.list("labels"),
        tags: choices::tags(given, told, "/tags"),
        lang: InterfaceLang::parse(given.text("lang"))
            .filter(|lang| *lang != InterfaceLang::Default),
        programs: programs(given, view),
        extra_emails: given.list("extraEmails"),
        window: TimeWindow {
            after: given.instant("after", told, "/dates/after"),
            before: given.instant("before", told, "/dates/before"),
        },
        steps: own_dates(given, view, told),
        time_factor: time_factor(given, told, "/timeFactor"),
        stage: given.non_empty("stage"),
        notes: given.non_empty("notes"),
        ..NewCandidate::of(person)
    }
}

/// The uuids of the programs that were ticked.
pub fn programs(given: &FormValues, view: &TaskView) -> Vec<String> {
    let uuids = view.programs.iter().map(|program| program.uuid.to_string());
    uuids.filter(|uuid| given.is("program", uuid)).collect()
}

/// Reads the factor of a candidate's time; 1 when it is empty or wrong.
pub fn time_factor(given: &FormValues, told: &mut FormErrors, place: &str) -> TimeFactor {
    given.non_empty("timeFactor").map_or(TimeFactor::ONE, |text| {
        TimeFactor::parse(&text).unwrap_or_else(|_| {
            told.add(place, "Must be 1 to 10 with at most two decimals, such as 1.25.");
            TimeFactor::ONE
        })
    })
}

fn own_dates(
    given: &FormValues,
    view: &TaskView,
    told: &mut FormErrors,
) -> Vec<CandidateStepDates> {
    let mut own = Vec::new();
    for (index, step) in view.steps.iter().enumerate() {
        let mut date = |field: &str| {
            given.instant(&format!("steps.{index}.{field}"), told, &format!("/steps/{index}"))
        };
        let (after, before) = (date("after"), date("before"));
        // All of them, so that a fault's index is the step's; without dates nothing is the
        // candidate's own.
        own.push(CandidateStepDates { step: step.id.clone(), after, before });
    }
    own
}
