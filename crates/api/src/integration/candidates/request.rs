//! The bodies that make and change candidates, as the OpenAPI document describes them. Reading them is the work of
//! `candidate_shape` and `candidate_change`; nothing here is ever filled.

use crate::integration::tasks::update::{LabelPatch, languages};
use crate::openapi::word_schema;
use app::candidates::{CallbackResource, Currency};
use domain::candidate::uniqueness::UniqScope;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A candidate to be registered.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub enum NewCandidate {
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
            #[schema(nullable = false, max_items = 100)]
            labels: Option<Vec<String>>,
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
            #[schema(nullable = false, max_items = 100)]
            extra_emails: Option<Vec<String>>,
            #[schema(nullable = false)]
            dates: Option<NewDates>,
            #[schema(nullable = false)]
            price: Option<NewPrice>,
            #[schema(nullable = false, max_items = 100)]
            customized_steps: Option<Vec<CustomizedStep>>,
            #[schema(nullable = false)]
            invite_by_email: Option<NewInvitation>,
            #[schema(nullable = false)]
            callback: Option<NewCallback>,
        }
    };
}

new_candidate! {
    /// Known in this task only.
    TemporaryCandidate: temporary {
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        fullname: Option<String>,
        #[schema(nullable = false, min_length = 3, max_length = 254)]
        email: Option<String>,
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        credential1: Option<String>,
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        credential2: Option<String>,
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
    word_schema(&["temporary-candidate"], |word| word)
}

fn internal() -> RefOr<Schema> {
    word_schema(&["internal-candidate"], |word| word)
}

/// A value that is unique among candidates; `task` is the default scope.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewTracking {
    #[schema(min_length = 1, max_length = 200)]
    uniq_id: String,
    #[schema(schema_with = scopes, required = false)]
    scope: Option<String>,
}

fn scopes() -> RefOr<Schema> {
    word_schema(UniqScope::ALL, UniqScope::as_str)
}

/// Seconds since the epoch.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewDates {
    #[schema(nullable = false)]
    before: Option<i64>,
    #[schema(nullable = false)]
    after: Option<i64>,
}

/// Kept and never charged.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct NewPrice {
    #[schema(minimum = 0)]
    amount: f64,
    #[schema(schema_with = currencies)]
    currency: String,
}

fn currencies() -> RefOr<Schema> {
    word_schema(Currency::ALL, Currency::as_str)
}

/// The candidate's own dates for a step.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct CustomizedStep {
    step_id: String,
    customization: Customization,
}

/// Seconds since the epoch.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Customization {
    #[schema(nullable = false)]
    active_after: Option<i64>,
    #[schema(nullable = false)]
    active_before: Option<i64>,
}

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
    #[schema(nullable = false)]
    params: Option<BTreeMap<String, String>>,
    #[schema(schema_with = resources)]
    resource: String,
}

fn resources() -> RefOr<Schema> {
    word_schema(CallbackResource::ALL, CallbackResource::as_str)
}

/// A change of a candidate; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct CandidatePatch {
    fields: CandidatePatchFields,
    /// Own values by step id.
    #[schema(nullable = false)]
    steps: Option<BTreeMap<String, OwnStepPatch>>,
}

#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct CandidatePatchFields {
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    fullname: Option<String>,
    #[schema(nullable = false, min_length = 3, max_length = 254)]
    email: Option<String>,
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    group: Option<String>,
    #[schema(nullable = false)]
    favorite: Option<bool>,
    #[schema(nullable = false)]
    active: Option<bool>,
    #[schema(nullable = false)]
    labels: Option<LabelPatch>,
    /// Seconds since the epoch; null removes the limit.
    active_after: Option<i64>,
    /// Seconds since the epoch; null removes the limit.
    active_before: Option<i64>,
}

#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnStepPatch {
    #[schema(nullable = false)]
    active: Option<OwnSwitch>,
    #[schema(nullable = false)]
    dates: Option<OwnDates>,
    #[schema(nullable = false)]
    limit: Option<OwnLimit>,
}

/// The step's own switch, or the candidate's `value`; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnSwitch {
    is_default: bool,
    #[schema(nullable = false)]
    value: Option<bool>,
}

/// The step's own dates, or the candidate's `value`; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDates {
    is_default: bool,
    #[schema(nullable = false)]
    value: Option<OwnDatePair>,
}

#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDatePair {
    #[schema(nullable = false)]
    after: Option<OwnDate>,
    #[schema(nullable = false)]
    before: Option<OwnDate>,
}

/// The step's own date, or the candidate's `value`, null for none; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnDate {
    is_default: bool,
    value: Option<i64>,
}

/// The step's own limit, or the candidate's `value`, -1 for unlimited; `{"isDefault":true}` takes no value.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct OwnLimit {
    is_default: bool,
    #[schema(nullable = false, minimum = -1, maximum = 2_147_483_647_i64)]
    value: Option<i64>,
}
