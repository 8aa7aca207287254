//! A new candidate as it is sent (REST specification, 6.3), shared by the APIs that register
//! candidates.
//!
//! Reads forms only; what needs the task is the use case's.

use crate::body::{BodyField, BodyObject};
use crate::request::value::{
    ValueReader, and_then, any_object, callback_url, email, id, label, labels, list, map, moment,
    note, object, set, tags, text, word, word_of,
};
use crate::request::{
    optional, or_default, or_value, request, request_union, required_or_none, schema,
};
use crate::values::{LONGEST_TAG, MOST_ENTRIES};
use app::candidates::{
    CallbackResource, CandidateCallback, CandidateStepDates, Currency, Invitation, NewCandidate,
    Price, RegisteredPerson, TemporaryPerson, UniqIdTracking,
};
use domain::access::settings::InterfaceLang;
use domain::candidate::uniqueness::UniqScope;
use domain::decimal::Decimal;
use domain::fault::ErrorCode;
use domain::id::{StepId, UserId};
use domain::time::{TimeWindow, Timestamp};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use utoipa::openapi::{RefOr, Schema};

const MOST_EXTERNAL_DATA: usize = 16 * 1024;

request_union! {
    /// A candidate to be registered.
    pub struct CreateCandidateRequest as "CreateCandidateRequest" for NewCandidate,
        by one_of "kind"
    {
        "temporary-candidate" => TemporaryCandidateRequest,
        "internal-candidate" => InternalCandidateRequest,
    }
}

request_union! {
    /// A candidate to be registered, with what only staff's own systems may set.
    pub struct RegisterCandidateRequest as "RegisterCandidateRequest" for NewCandidate,
        by one_of "kind"
    {
        "temporary-candidate" => RegisterTemporaryRequest,
        "internal-candidate" => RegisterInternalRequest,
    }
}

/// Declares a new candidate: what is particular to its kind, what all have, and what only the
/// management API takes.
macro_rules! new_candidate {
    (
        $(#[doc = $about:literal])+
        struct $name:ident as $schema:literal by $convert:ident:
        kind { $($own:tt)* } person $person:ident
        languages $languages:expr;
        staff { $($staff:tt)* } sets { $($field:ident: $value:expr),* } of $sent:ident
    ) => {
        request! {
            $(#[doc = $about])+
            struct $name as $schema into NewCandidate by $convert {
                $($own)*
                /// `default` when omitted.
                group: Option<String> = optional(label()),
                /// Free marks.
                labels: Vec<String> = or_default(labels()),
                /// Names with values, such as `City: Izmir`.
                tags: BTreeMap<String, String> = or_default(tags()),
                /// The caller's own id for the person.
                external_id: Option<String> = optional(label()),
                /// Any object up to 16 KiB, kept for the caller.
                external_data: Option<String> = optional(external_data()),
                /// The language of the pages, as two letters.
                lang: Option<InterfaceLang> = optional(word_of(&$languages[1..])),
                /// Uuids of the task's programs.
                program_ids: Vec<String> = or_default(labels()),
                /// Further addresses that invitations go to.
                extra_emails: Vec<String> = or_default(set(0..=MOST_ENTRIES, email())),
                /// From when until when the candidate gets in.
                dates: TimeWindow = or_default(object::<CandidateDates>()),
                /// What the caller has charged for it.
                price: Option<Price> = optional(object::<CandidatePrice>()),
                /// The candidate's own dates for steps.
                customized_steps: Vec<CandidateStepDates> =
                    or_default(list(0..=MOST_ENTRIES, object::<CustomizedStep>())),
                /// Sends an invitation.
                invite_by_email: Option<Invitation> = optional(object::<InvitationRequest>()),
                /// Where events of the candidate's instances are reported to.
                callback: Option<CandidateCallback> = optional(object::<CallbackRequest>()),
                $($staff)*
            }
        }

        fn $convert($sent: $name, _: &BodyObject<'_>) -> Option<NewCandidate> {
            Some(NewCandidate {
                group: $sent.group,
                labels: $sent.labels,
                tags: $sent.tags,
                external_id: $sent.external_id,
                external_data: $sent.external_data,
                lang: $sent.lang,
                programs: $sent.program_ids,
                extra_emails: $sent.extra_emails,
                window: $sent.dates,
                price: $sent.price,
                steps: $sent.customized_steps,
                invitation: $sent.invite_by_email,
                callback: $sent.callback,
                $($field: $value,)*
                ..NewCandidate::of($person!($sent))
            })
        }
    };
}

/// The members of somebody who is known in one task, in both APIs.
macro_rules! temporary_candidate {
    (
        $(#[doc = $about:literal])+
        struct $name:ident as $schema:literal by $convert:ident: $($rest:tt)*
    ) => {
        new_candidate! {
            $(#[doc = $about])+
            struct $name as $schema by $convert:
            kind {
                /// The full name.
                fullname: Option<String> = optional(label()),
                /// The e-mail address.
                email: Option<String> = optional(email()),
                /// What the candidate gets in with, where the task asks for credentials; unique in
                /// the task.
                credential1: Option<String> = optional(label()),
                /// The second credential, where the task asks for two; never returned.
                credential2: Option<String> = optional(label()),
                /// A value that no other candidate may have.
                tracking: Option<UniqIdTracking> = optional(object::<TrackingRequest>()),
            } person temporary_person
            $($rest)*
        }
    };
}

/// The members of a user of the organization, in both APIs.
macro_rules! internal_candidate {
    (
        $(#[doc = $about:literal])+
        struct $name:ident as $schema:literal by $convert:ident: $($rest:tt)*
    ) => {
        new_candidate! {
            $(#[doc = $about])+
            struct $name as $schema by $convert:
            kind {
                /// The userId.
                id: Option<UserId> = required_or_none(id::<UserId>()),
            } person internal_person
            $($rest)*
        }
    };
}

macro_rules! temporary_person {
    ($sent:ident) => {
        RegisteredPerson::Temporary(TemporaryPerson {
            fullname: $sent.fullname,
            email: $sent.email,
            credential1: $sent.credential1,
            credential2: $sent.credential2,
            tracking: $sent.tracking,
        })
    };
}

macro_rules! internal_person {
    ($sent:ident) => {
        // Read on without an id: every fault is reported at once.
        $sent.id.map_or(RegisteredPerson::Unread, RegisteredPerson::User)
    };
}

temporary_candidate! {
    /// A person who is known in this task only.
    struct TemporaryCandidateRequest as "TemporaryCandidate" by to_temporary:
    languages InterfaceLang::OF_CONTRACT;
    staff {} sets {} of sent
}

internal_candidate! {
    /// A user of the organization.
    struct InternalCandidateRequest as "InternalCandidate" by to_internal:
    languages InterfaceLang::OF_CONTRACT;
    staff {} sets {} of sent
}

temporary_candidate! {
    /// A person who is known in this task only.
    struct RegisterTemporaryRequest as "RegisterTemporaryCandidate" by to_registered_temporary:
    languages InterfaceLang::ALL;
    staff {
        /// The candidate's time is longer by this: 1 to 10 with at most 2 decimals.
        time_factor: TimeFactor = or_value(time_factor(), TimeFactor::ONE),
        /// The name of one of the task's stages.
        stage: Option<String> = optional(label()),
        /// Words for other staff.
        notes: Option<String> = optional(note()),
    } sets { time_factor: sent.time_factor, stage: sent.stage, notes: sent.notes } of sent
}

internal_candidate! {
    /// A user of the organization.
    struct RegisterInternalRequest as "RegisterInternalCandidate" by to_registered_internal:
    languages InterfaceLang::ALL;
    staff {
        /// The candidate's time is longer by this: 1 to 10 with at most 2 decimals.
        time_factor: TimeFactor = or_value(time_factor(), TimeFactor::ONE),
        /// The name of one of the task's stages.
        stage: Option<String> = optional(label()),
        /// Words for other staff.
        notes: Option<String> = optional(note()),
    } sets { time_factor: sent.time_factor, stage: sent.stage, notes: sent.notes } of sent
}

request! {
    /// A value that is unique among candidates.
    struct TrackingRequest as "NewTracking" into UniqIdTracking by to_tracking {
        /// The value, such as a number of staff.
        uniq_id: String = label(),
        /// Among whom it is unique: the task (when omitted), or its candidates of the same group,
        /// with a common label or program.
        scope: Option<UniqScope> = optional(word::<UniqScope>()),
    }
}

fn to_tracking(sent: TrackingRequest, object: &BodyObject<'_>) -> Option<UniqIdTracking> {
    // In a scope that cannot be read the uniqId cannot be judged.
    let is_sent = object.optional("scope").is_present();
    let scope = sent.scope.or((!is_sent).then_some(UniqScope::Task))?;
    Some(UniqIdTracking { uniq_id: sent.uniq_id, scope })
}

request! {
    /// From when until when, in seconds since the epoch.
    struct CandidateDates as "NewDates" for TimeWindow {
        /// The candidate gets in until this moment.
        before = optional(moment()),
        /// The candidate gets in from this moment on.
        after = optional(moment()),
    }
}

request! {
    /// Kept and never charged.
    struct CandidatePrice as "NewPrice" for Price {
        /// The amount, 0 or more.
        amount = Amount,
        /// The currency.
        currency = word::<Currency>(),
    }
}

request! {
    /// The candidate's own dates for a step.
    struct CustomizedStep as "CustomizedStep" into CandidateStepDates by to_own_dates {
        /// Id of the step.
        step_id: StepId = id::<StepId>(),
        /// The dates.
        customization: StepCustomization = object::<StepCustomization>(),
    }
}

request! {
    /// Seconds since the epoch.
    struct StepCustomization as "StepCustomization" {
        /// Not open before this moment.
        active_after: Option<Timestamp> = optional(moment()),
        /// Not open from this moment on.
        active_before: Option<Timestamp> = optional(moment()),
    }
}

fn to_own_dates(sent: CustomizedStep, _: &BodyObject<'_>) -> Option<CandidateStepDates> {
    let StepCustomization { active_after: after, active_before: before } = sent.customization;
    Some(CandidateStepDates { step: sent.step_id, after, before })
}

request! {
    /// An invitation to be sent.
    struct InvitationRequest as "NewInvitation" for Invitation {
        /// One of the task's templates.
        "emailTemplateName" template = label(),
        /// Seconds since the epoch; at once when omitted or past.
        "dateToSend" at = optional(moment()),
    }
}

request! {
    /// Where events of the candidate's instances are reported to.
    struct CallbackRequest as "NewCallback" for CandidateCallback {
        /// Absolute, https, without user and fragment.
        url = callback_url(),
        /// What to send along, name to value of up to 2000 characters.
        params = or_default(map(0..=MOST_ENTRIES, text(0..=LONGEST_TAG))),
        /// How much of an instance is sent.
        resource = word::<CallbackResource>(),
    }
}

/// The candidate's time factor.
pub struct TimeFactorReader;

/// 1 to 10 with at most 2 decimals.
pub const fn time_factor() -> TimeFactorReader {
    TimeFactorReader
}

impl ValueReader for TimeFactorReader {
    type Value = TimeFactor;

    fn read(&self, field: &BodyField<'_>) -> Option<TimeFactor> {
        let factor = TimeFactor::parse(field.number()?);
        if factor.is_err() {
            field.refuse(ErrorCode::OutOfRange, "must be 1 to 10 with at most 2 decimals");
        }
        factor.ok()
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::number(1.0, 10.0, 0.01)
    }
}

/// An amount of money.
struct Amount;

impl ValueReader for Amount {
    type Value = Decimal;

    fn read(&self, field: &BodyField<'_>) -> Option<Decimal> {
        let amount = Decimal::parse(field.number()?).filter(|amount| !amount.is_negative());
        if amount.is_none() {
            field.refuse(ErrorCode::OutOfRange, "must be a plain decimal of at least 0");
        }
        amount
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::number_from(0.0)
    }
}

fn external_data() -> impl ValueReader<Value = String> {
    and_then(any_object(), |node, field| {
        let text = node.canonical();
        if text.len() > MOST_EXTERNAL_DATA {
            field.refuse(ErrorCode::InvalidLength, "must have at most 16 KiB");
            return None;
        }
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::BodyDocument;
    use crate::request::RequestObject as _;
    use domain::fault::Faults;

    fn read_text(body: &str) -> (Option<NewCandidate>, Vec<String>) {
        let document = BodyDocument::parse(body.as_bytes());
        let new = document.read(RegisterCandidateRequest::read).flatten();
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
