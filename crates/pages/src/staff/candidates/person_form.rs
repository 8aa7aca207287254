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
pub fn read(values: &FormValues, view: &TaskView, errors: &mut FormErrors) -> NewCandidate {
    let tracking = values.non_empty("uniqId").map(|uniq_id| UniqIdTracking {
        uniq_id,
        scope: UniqScope::parse(values.text("uniqScope")).unwrap_or(UniqScope::Task),
    });
    let person = match values.non_empty("user") {
        Some(user) => RegisteredPerson::User(UserId::from(user.as_str())),
        None => RegisteredPerson::Temporary(TemporaryPerson {
            fullname: values.non_empty("fullname"),
            email: values.non_empty("email"),
            credential1: values.non_empty("credential1"),
            credential2: values.non_empty("credential2"),
            tracking,
        }),
    };
    NewCandidate {
        external_id: values.non_empty("externalId"),
        group: values.non_empty("group"),
        labels: values.list("labels"),
        tags: choices::tags(values, errors, "/tags"),
        lang: InterfaceLang::parse(values.text("lang"))
            .filter(|lang| *lang != InterfaceLang::Default),
        programs: programs(values, view),
        extra_emails: values.list("extraEmails"),
        window: TimeWindow {
            after: values.instant("after", errors, "/dates/after"),
            before: values.instant("before", errors, "/dates/before"),
        },
        steps: own_dates(values, view, errors),
        time_factor: time_factor(values, errors, "/timeFactor"),
        stage: values.non_empty("stage"),
        notes: values.non_empty("notes"),
        ..NewCandidate::of(person)
    }
}

/// The uuids of the programs that were ticked.
pub fn programs(values: &FormValues, view: &TaskView) -> Vec<String> {
    let uuids = view.programs.iter().map(|program| program.uuid.to_string());
    uuids.filter(|uuid| values.is("program", uuid)).collect()
}

/// Reads the factor of a candidate's time; 1 when it is empty or wrong.
pub fn time_factor(values: &FormValues, errors: &mut FormErrors, place: &str) -> TimeFactor {
    values.non_empty("timeFactor").map_or(TimeFactor::ONE, |text| {
        TimeFactor::parse(&text).unwrap_or_else(|_| {
            errors.add(place, "Must be 1 to 10 with at most two decimals, such as 1.25.");
            TimeFactor::ONE
        })
    })
}

fn own_dates(
    values: &FormValues,
    view: &TaskView,
    errors: &mut FormErrors,
) -> Vec<CandidateStepDates> {
    let mut own = Vec::new();
    for (index, step) in view.steps.iter().enumerate() {
        let mut date = |field: &str| {
            values.instant(&format!("steps.{index}.{field}"), errors, &format!("/steps/{index}"))
        };
        let (after, before) = (date("after"), date("before"));
        // All of them, so that a fault's index is the step's; without dates nothing is the
        // candidate's own.
        own.push(CandidateStepDates { step: step.id.clone(), after, before });
    }
    own
}
