//! The shape of a new candidate (REST specification, 6.3), shared by the APIs that register
//! candidates.
//!
//! Reads forms only; what needs the task is the use case's.

use crate::body::{BodyField, BodyObject};
use crate::values::{self, LONGEST_TAG, MOST_ENTRIES};
use app::candidates::{
    CallbackResource, CandidateCallback, CandidateStepDates, Currency, Invitation, NewCandidate,
    Price, RegisteredPerson, TemporaryPerson, UniqIdTracking,
};
use app::validation::{LONGEST_ADDRESS, is_email, is_web_address};
use domain::access::settings::InterfaceLang;
use domain::candidate::uniqueness::UniqScope;
use domain::decimal::Decimal;
use domain::fault::ErrorCode;
use domain::id::{StepId, UserId};
use domain::json::JsonNode;
use domain::time::TimeWindow;
use domain::time_factor::TimeFactor;

domain::string_enum! {
    enum NewCandidateKind {
        Temporary = "temporary-candidate",
        Internal = "internal-candidate",
    }
}

/// Which keys are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateKeySet {
    /// Those of the integration API.
    Integration,
    /// The same and `timeFactor`, `stage`, `notes`.
    Management,
}

const COMMON: &[&str] = &[
    "group",
    "labels",
    "tags",
    "externalId",
    "externalData",
    "lang",
    "programIds",
    "extraEmails",
    "dates",
    "price",
    "customizedSteps",
    "inviteByEmail",
    "callback",
];
const OF_A_KIND: &[&str] = &["fullname", "email", "credential1", "credential2", "tracking", "id"];
const OF_MANAGEMENT: &[&str] = &["timeFactor", "stage", "notes"];
const MOST_EXTERNAL_DATA: usize = 16 * 1024;

/// Reads a new candidate. Nothing without its kind; the faults say the rest.
pub fn read(object: &BodyObject<'_>, keys: CandidateKeySet) -> Option<NewCandidate> {
    let kind = object.required("kind").one_of(NewCandidateKind::ALL, NewCandidateKind::as_str);
    let Some(kind) = kind else {
        object.allow_keys(COMMON);
        object.allow_keys(OF_A_KIND);
        if keys == CandidateKeySet::Management {
            object.allow_keys(OF_MANAGEMENT);
        }
        return None;
    };
    let person = match kind {
        NewCandidateKind::Temporary => RegisteredPerson::Temporary(temporary(object)),
        // Read on without an id: every fault is reported at once.
        NewCandidateKind::Internal => object
            .required("id")
            .text(1..=64)
            .map_or(RegisteredPerson::Unread, |id| RegisteredPerson::User(UserId::from(id))),
    };
    Some(common(object, person, keys))
}

fn temporary(object: &BodyObject<'_>) -> TemporaryPerson {
    TemporaryPerson {
        fullname: values::text(&object.optional("fullname")),
        email: email(&object.optional("email")),
        credential1: values::text(&object.optional("credential1")),
        credential2: values::text(&object.optional("credential2")),
        tracking: object.optional("tracking").object(tracking).flatten(),
    }
}

fn tracking(object: &BodyObject<'_>) -> Option<UniqIdTracking> {
    let uniq_id = values::text(&object.required("uniqId"));
    let sent = object.optional("scope");
    // In a scope that cannot be read the uniqId cannot be judged.
    let scope = sent
        .one_of(UniqScope::ALL, UniqScope::as_str)
        .or((!sent.is_present()).then_some(UniqScope::Task));
    Some(UniqIdTracking { uniq_id: uniq_id?, scope: scope? })
}

fn common(
    object: &BodyObject<'_>,
    person: RegisteredPerson,
    keys: CandidateKeySet,
) -> NewCandidate {
    let mut new = NewCandidate {
        group: values::text(&object.optional("group")),
        labels: values::texts(&object.optional("labels")),
        tags: values::tags(&object.optional("tags")),
        external_id: values::text(&object.optional("externalId")),
        external_data: external_data(&object.optional("externalData")),
        lang: object.optional("lang").one_of(&InterfaceLang::ALL[1..], InterfaceLang::as_str),
        programs: values::texts(&object.optional("programIds")),
        extra_emails: object
            .optional("extraEmails")
            .set(0..=MOST_ENTRIES, |item| email(&item))
            .unwrap_or_default(),
        window: object.optional("dates").object(dates).unwrap_or_default(),
        price: object.optional("price").object(price).flatten(),
        steps: object
            .optional("customizedSteps")
            .list(0..=MOST_ENTRIES, own_dates)
            .unwrap_or_default(),
        invitation: object.optional("inviteByEmail").object(invitation).flatten(),
        callback: object.optional("callback").object(callback).flatten(),
        ..NewCandidate::of(person)
    };
    if keys == CandidateKeySet::Management {
        new.time_factor = time_factor(&object.optional("timeFactor")).unwrap_or(TimeFactor::ONE);
        new.stage = values::text(&object.optional("stage"));
        new.notes = values::note(&object.optional("notes"));
    }
    new
}

/// An e-mail address.
pub fn email(field: &BodyField<'_>) -> Option<String> {
    field.text_like(3..=254, "must be an e-mail address", is_email).map(str::to_owned)
}

/// 1 to 10 with at most 2 decimals.
pub fn time_factor(field: &BodyField<'_>) -> Option<TimeFactor> {
    let factor = TimeFactor::parse(field.number()?);
    if factor.is_err() {
        field.refuse(ErrorCode::OutOfRange, "must be 1 to 10 with at most 2 decimals");
    }
    factor.ok()
}

fn external_data(field: &BodyField<'_>) -> Option<String> {
    let text = field.any_object().map(JsonNode::canonical)?;
    if text.len() > MOST_EXTERNAL_DATA {
        field.refuse(ErrorCode::InvalidLength, "must have at most 16 KiB");
        return None;
    }
    Some(text)
}

fn dates(object: &BodyObject<'_>) -> TimeWindow {
    let before = values::moment(&object.optional("before"));
    TimeWindow { after: values::moment(&object.optional("after")), before }
}

fn price(object: &BodyObject<'_>) -> Option<Price> {
    let amount = amount(&object.required("amount"));
    let currency = object.required("currency").one_of(Currency::ALL, Currency::as_str);
    Some(Price { amount: amount?, currency: currency? })
}

fn amount(field: &BodyField<'_>) -> Option<Decimal> {
    let amount = Decimal::parse(field.number()?).filter(|amount| !amount.is_negative());
    if amount.is_none() {
        field.refuse(ErrorCode::OutOfRange, "must be a plain decimal of at least 0");
    }
    amount
}

fn own_dates(field: BodyField<'_>) -> Option<CandidateStepDates> {
    let shape = |object: &BodyObject<'_>| {
        let step = object.required("stepId").text(1..=64).map(StepId::from);
        let customization = |object: &BodyObject<'_>| {
            (
                values::moment(&object.optional("activeAfter")),
                values::moment(&object.optional("activeBefore")),
            )
        };
        let (after, before) = object.required("customization").object(customization)?;
        Some(CandidateStepDates { step: step?, after, before })
    };
    field.object(shape).flatten()
}

fn invitation(object: &BodyObject<'_>) -> Option<Invitation> {
    let template = values::text(&object.required("emailTemplateName"));
    let at = values::moment(&object.optional("dateToSend"));
    Some(Invitation { template: template?, at })
}

/// An address that callbacks may go to; whether `http` is allowed, the use case knows.
pub fn callback_url(field: &BodyField<'_>) -> Option<String> {
    let should = "must be an absolute https URL without user and fragment";
    field
        .text_like(1..=LONGEST_ADDRESS, should, |text| is_web_address(text, true))
        .map(str::to_owned)
}

fn callback(object: &BodyObject<'_>) -> Option<CandidateCallback> {
    let url = callback_url(&object.required("url"));
    let params = values::map(&object.optional("params"), LONGEST_TAG);
    let resource =
        object.required("resource").one_of(CallbackResource::ALL, CallbackResource::as_str);
    Some(CandidateCallback { url: url?, params, resource: resource? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::BodyDocument;
    use domain::fault::Faults;

    fn read_text(body: &str) -> (Option<NewCandidate>, Vec<String>) {
        let document = BodyDocument::parse(body.as_bytes());
        let new = document.read(|object| read(object, CandidateKeySet::Management)).flatten();
        let mut faults = Faults::new();
        document.finish(&mut faults);
        (
            new,
            faults
                .entries()
                .iter()
                .map(|fault| format!("{} {}", fault.place, fault.code))
                .collect(),
        )
    }

    #[test]
    fn without_a_kind_only_the_kind_and_keys_of_no_kind_are_told() {
        let (new, faults) = read_text(r#"{"email":5,"id":7,"nonsense":1}"#);
        assert_eq!(new, None);
        assert_eq!(faults, ["/nonsense unknown_key", "/kind required"]);
    }

    #[test]
    fn all_faults_of_form_are_told_in_the_order_of_the_body() {
        let body = r#"{"kind":"temporary-candidate","email":"x","labels":["a",""],"timeFactor":11,
            "callback":{"url":"ftp://example.org","resource":"basic"},"tracking":{"scope":"moon"},"id":"Us1"}"#;
        let (_, faults) = read_text(body);
        let expected = [
            "/email invalid_length",
            "/labels/1 invalid_length",
            "/timeFactor out_of_range",
            "/callback/url invalid_format",
            "/tracking/scope invalid_enum",
            "/id unknown_key",
            "/tracking/uniqId required",
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_whole_candidate_is_read() {
        let body = r#"{"kind":"temporary-candidate","fullname":"Ada","tags":{"City":"Tokyo"},"dates":{"after":5},
            "timeFactor":1.25,"tracking":{"uniqId":"7","scope":"group"},"price":{"amount":1.5,"currency":"EUR"}}"#;
        let (new, faults) = read_text(body);
        let new = new.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(new.time_factor.to_string(), "1.25");
        assert_eq!(new.window.after.map(|at| at.0), Some(5000));
        let RegisteredPerson::Temporary(person) = new.person else {
            panic!("a temporary candidate")
        };
        assert_eq!(person.tracking.unwrap().scope, UniqScope::Group);
    }
}
