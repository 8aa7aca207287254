//! The bodies that make and change candidates, as the OpenAPI document describes them. Reading them
//! is the work of `candidate_shape` and `candidate_change`; nothing here is ever filled.

use crate::integration::tasks::update::{LabelPatch, languages};
use crate::openapi::string_enum_schema;
use app::candidates::{CallbackResource, Currency};
use domain::candidate::uniqueness::UniqScope;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A candidate to be registered.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub enum CreateCandidateRequest {
    TemporaryCandidate(TemporaryCandidate),
    InternalCandidate(InternalCandidate),
}

macro_rules! new_candidate {
    ($(#[$doc:meta])* $name:ident: $kind:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(ToSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[allow(dead_code, reason = "only its schema is used")]
        pub struct $name {
            #[schema(schema_with = $kind)]
            kind: String,
            $($own)*
            /// `default` when omitted.
            #[schema(nullable = false, min_length = 1, max_length = 200)]
            group: Option<String>,
            /// Free marks.
            #[schema(nullable = false, max_items = 100)]
            labels: Option<Vec<String>>,
            /// Names with values, such as `City: Izmir`.
            #[schema(nullable = false)]
            tags: Option<BTreeMap<String, String>>,
            /// The caller's own id for the person.
            #[schema(nullable = false, min_length = 1, max_length = 200)]
            external_id: Option<String>,
            /// Any object up to 16 KiB, kept for the caller.
            #[schema(nullable = false, value_type = Option<Object>)]
            external_data: Option<serde_json::Value>,
            #[schema(schema_with = languages, required = false)]
            lang: Option<String>,
            /// Uuids of the task's programs.
            #[schema(nullable = false, max_items = 100)]
            program_ids: Option<Vec<String>>,
            /// Further addresses that invitations go to.
            #[schema(nullable = false, max_items = 100)]
            extra_emails: Option<Vec<String>>,
            /// From when until when the candidate gets in.
            #[schema(nullable = false)]
            dates: Option<NewDates>,
            /// What the caller has charged for it.
            #[schema(nullable = false)]
            price: Option<NewPrice>,
            /// The candidate's own dates for steps.
            #[schema(nullable = false, max_items = 100)]
            customized_steps: Option<Vec<CustomizedStep>>,
            /// Sends an invitation.
            #[schema(nullable = false)]
            invite_by_email: Option<NewInvitation>,
            /// Where events of the candidate's instances are reported to.
            #[schema(nullable = false)]
            callback: Option<NewCallback>,
        }
    };
}

new_candidate! {
    /// Known in this task only.
    TemporaryCandidate: temporary {
        /// The full name.
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        fullname: Option<String>,
        /// The e-mail address.
        #[schema(nullable = false, min_length = 3, max_length = 254)]
        email: Option<String>,
        /// What the candidate gets in with, where the task asks for credentials; unique in the
        /// task.
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        credential1: Option<String>,
        /// The second credential, where the task asks for two; never returned.
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        credential2: Option<String>,
        /// A value that no other candidate may have.
        #[schema(nullable = false)]
        tracking: Option<NewTracking>,
    }
}

new_candidate! {
    /// A user of the organization.
    InternalCandidate: internal {
        /// The userId.
        #[schema(min_length = 1, max_length = 64)]
        id: String,
    }
}

fn temporary() -> RefOr<Schema> {
    string_enum_schema(
        "A person who is known in this task only.",
        &["temporary-candidate"],
        |word| word,
    )
}

fn internal() -> RefOr<Schema> {
    string_enum_schema("A user of the organization.", &["internal-candidate"], |word| word)
}

/// A value that is unique among candidates; `task` is the default scope.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewTracking {
    /// The value, such as a number of staff.
    #[schema(min_length = 1, max_length = 200)]
    uniq_id: String,
    #[schema(schema_with = scopes, required = false)]
    scope: Option<String>,
}

fn scopes() -> RefOr<Schema> {
    string_enum_schema(
        "Among whom it is unique: the task, or its candidates of the same group, with a common label or program.",
        UniqScope::ALL,
        UniqScope::as_str,
    )
}

/// Seconds since the epoch.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewDates {
    /// The candidate gets in until this moment.
    #[schema(nullable = false)]
    before: Option<i64>,
    /// The candidate gets in from this moment on.
    #[schema(nullable = false)]
    after: Option<i64>,
}

/// Kept and never charged.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewPrice {
    /// The amount, 0 or more.
    #[schema(minimum = 0)]
    amount: f64,
    #[schema(schema_with = currencies)]
    currency: String,
}

fn currencies() -> RefOr<Schema> {
    string_enum_schema("The currency.", Currency::ALL, Currency::as_str)
}

/// The candidate's own dates for a step.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct CustomizedStep {
    /// Id of the step.
    step_id: String,
    /// The dates.
    customization: StepCustomization,
}

/// Seconds since the epoch.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct StepCustomization {
    /// Not open before this moment.
    #[schema(nullable = false)]
    active_after: Option<i64>,
    /// Not open from this moment on.
    #[schema(nullable = false)]
    active_before: Option<i64>,
}

/// An invitation to be sent.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewInvitation {
    /// One of the task's templates.
    email_template_name: String,
    /// Seconds since the epoch; at once when omitted or past.
    #[schema(nullable = false)]
    date_to_send: Option<i64>,
}

/// Where events of the candidate's instances are reported to.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewCallback {
    /// Absolute, https, without user and fragment.
    #[schema(max_length = 2000)]
    url: String,
    /// What to send along, name to value of up to 10000 characters.
    #[schema(nullable = false)]
    params: Option<BTreeMap<String, String>>,
    #[schema(schema_with = resources)]
    resource: String,
}

fn resources() -> RefOr<Schema> {
    string_enum_schema(
        "How much of an instance is sent.",
        CallbackResource::ALL,
        CallbackResource::as_str,
    )
}

/// A change of a candidate; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct CandidatePatch {
    /// What changes about the candidate; it may be empty.
    fields: CandidatePatchFields,
    /// Own values by step id.
    #[schema(nullable = false)]
    steps: Option<BTreeMap<String, OwnStepPatch>>,
}

/// What changes about the candidate; what is absent stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct CandidatePatchFields {
    /// The full name.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    fullname: Option<String>,
    /// The e-mail address.
    #[schema(nullable = false, min_length = 3, max_length = 254)]
    email: Option<String>,
    /// The group; instances that exist keep theirs.
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    group: Option<String>,
    /// Whether it is marked as a favourite.
    #[schema(nullable = false)]
    favorite: Option<bool>,
    /// Switched off, the candidate is kept out at once.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Labels to add and to remove.
    #[schema(nullable = false)]
    labels: Option<LabelPatch>,
    /// Seconds since the epoch; null removes the limit.
    active_after: Option<i64>,
    /// Seconds since the epoch; null removes the limit.
    active_before: Option<i64>,
}

/// A candidate's own values for a step; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnStepPatch {
    /// Whether the step is open for this candidate.
    #[schema(nullable = false)]
    active: Option<OwnSwitch>,
    /// From when until when it is open.
    #[schema(nullable = false)]
    dates: Option<OwnDatesPatch>,
    /// How often it may be attempted.
    #[schema(nullable = false)]
    limit: Option<OwnLimit>,
}

/// The step's own switch, or the candidate's `value`; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnSwitch {
    /// Whether the step's own setting holds.
    is_default: bool,
    /// Whether the step is open.
    #[schema(nullable = false)]
    value: Option<bool>,
}

/// The step's own dates, or the candidate's `value`; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDatesPatch {
    /// Whether the step's own setting holds.
    is_default: bool,
    /// The candidate's own dates.
    #[schema(nullable = false)]
    value: Option<OwnDatePair>,
}

/// From when until when a step is open for the candidate.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDatePair {
    /// Not open before this moment.
    #[schema(nullable = false)]
    after: Option<OwnDatePatch>,
    /// Not open from this moment on.
    #[schema(nullable = false)]
    before: Option<OwnDatePatch>,
}

/// The step's own date, or the candidate's `value`, null for none; `{"isDefault":true}` takes no
/// value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDatePatch {
    /// Whether the step's own setting holds.
    is_default: bool,
    /// The moment, in seconds since the epoch.
    value: Option<i64>,
}

/// The step's own limit, or the candidate's `value`, -1 for unlimited; `{"isDefault":true}` takes
/// no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnLimit {
    /// Whether the step's own setting holds.
    is_default: bool,
    /// How many attempts.
    #[schema(nullable = false, minimum = -1, maximum = 2_147_483_647_i64)]
    value: Option<i64>,
}
