//! What of a candidate may be changed (REST specification, 6.4), as far as the APIs that change
//! candidates share it.
//!
//! Reads forms only; what needs the task is the use case's.

use crate::body::{BodyField, BodyObject};
use crate::request::value::{
    Map, Object, ValueReader, attempt_limit, boolean, labels, map_of, moment, nullable, object,
};
use crate::request::{optional, or_default, request, schema};
use crate::values::MOST_ENTRIES;
use app::candidates::{CandidateStepUpdate, LabelChange};
use domain::access::settings::{AttemptLimit, Overridable};
use domain::id::StepId;
use domain::time::Timestamp;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};

request! {
    /// Labels to add and to remove; removing an absent one does nothing.
    pub struct LabelChangeRequest as "LabelPatch" for LabelChange {
        /// Labels to add.
        add = or_default(labels()),
        /// Labels to remove.
        remove = or_default(labels()),
    }
}

/// The candidate's own values by step.
pub const fn own_steps() -> Map<StepId, Object<OwnStepRequest>> {
    map_of(0..=MOST_ENTRIES, object::<OwnStepRequest>())
}

request! {
    /// A candidate's own values for a step; what is absent stays.
    pub struct OwnStepRequest as "OwnStepPatch" into CandidateStepUpdate by to_step_update {
        /// Whether the step is open for this candidate.
        active: Option<Overridable<bool>> = optional(own_value(boolean())),
        /// From when until when it is open.
        dates: Option<Overridable<OwnDates>> = optional(own_value(object::<OwnDates>())),
        /// How often it may be attempted.
        limit: Option<Overridable<AttemptLimit>> = optional(own_value(attempt_limit())),
    }
}

request! {
    /// From when until when a step is open for the candidate; what is absent stays.
    struct OwnDates as "OwnDatePair" {
        /// Not open before this moment; null is no limit.
        after: OwnDateChange = optional(own_value(nullable(moment()))),
        /// Not open from this moment on; null is no limit.
        before: OwnDateChange = optional(own_value(nullable(moment()))),
    }
}

type OwnDateChange = Option<Overridable<Option<Timestamp>>>;

fn to_step_update(sent: OwnStepRequest, _: &BodyObject<'_>) -> Option<CandidateStepUpdate> {
    let (after, before) = match sent.dates {
        Some(Overridable::Default) => (Some(Overridable::Default), Some(Overridable::Default)),
        Some(Overridable::Value(OwnDates { after, before })) => (after, before),
        None => (None, None),
    };
    Some(CandidateStepUpdate { active: sent.active, after, before, limit: sent.limit })
}

/// The step's own value, or the candidate's.
struct OwnValue<R>(R);

/// `{"isDefault": true}`, or `{"isDefault": false, "value": ...}`.
const fn own_value<R: ValueReader>(reader: R) -> OwnValue<R> {
    OwnValue(reader)
}

impl<R: ValueReader> ValueReader for OwnValue<R> {
    type Value = Overridable<R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        let read = |object: &BodyObject<'_>| match object.required("isDefault").boolean() {
            Some(true) => Some(Overridable::Default),
            Some(false) => self.0.read(&object.required("value")).map(Overridable::Value),
            None => {
                object.allow_keys(&["value"]);
                None
            }
        };
        field.object(read).flatten()
    }

    fn schema(&self) -> RefOr<Schema> {
        let case = |is_default: bool, about: &str| {
            let word = ObjectBuilder::new()
                .schema_type(Type::Boolean)
                .enum_values(Some([is_default]))
                .description(Some(about));
            ObjectBuilder::new()
                .schema_type(Type::Object)
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
                .property("isDefault", word)
                .required("isDefault")
        };
        let about = "The candidate's own value.".to_owned();
        let own = case(false, "The candidate has a value of its own.")
            .property("value", schema::described(self.0.schema(), about))
            .required("value");
        let either = OneOfBuilder::new().item(case(true, "What the step says holds.")).item(own);
        RefOr::T(Schema::OneOf(either.build()))
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}
