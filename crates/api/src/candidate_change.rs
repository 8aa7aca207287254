//! What of a candidate may be changed (REST specification, 6.4), as far as the APIs that change
//! candidates share it.
//!
//! Reads forms only; what needs the task is the use case's.

use crate::body::{BodyField, BodyObject};
use crate::values::{self, MOST_ENTRIES};
use app::candidates::{CandidateStepUpdate, LabelChange};
use domain::access::settings::Overridable;
use domain::id::StepId;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// The candidate's own values by step; faulty ones are left out, so that the others can still be
/// judged.
pub fn steps(field: &BodyField<'_>) -> BTreeMap<StepId, CandidateStepUpdate> {
    let mut steps = BTreeMap::new();
    field.map(0..=MOST_ENTRIES, |id, field| {
        steps.extend(step(&field).map(|step| (StepId::from(id), step)));
        Some(())
    });
    steps
}

/// Labels to add and to remove.
pub fn labels(object: &BodyObject<'_>) -> LabelChange {
    LabelChange {
        add: values::texts(&object.optional("add")),
        remove: values::texts(&object.optional("remove")),
    }
}

fn step(field: &BodyField<'_>) -> Option<CandidateStepUpdate> {
    let shape = |object: &BodyObject<'_>| {
        let dates = read_own_value(&object.optional("dates"), |field| field.object(dates));
        let (after, before) = match dates {
            Some(Overridable::Default) => (Some(Overridable::Default), Some(Overridable::Default)),
            Some(Overridable::Value(dates)) => dates,
            None => (None, None),
        };
        CandidateStepUpdate {
            active: read_own_value(&object.optional("active"), |field| field.boolean()),
            after,
            before,
            limit: read_own_value(&object.optional("limit"), values::attempt_limit),
        }
    };
    field.object(shape)
}

type OwnDateChange = Option<Overridable<Option<Timestamp>>>;

fn dates(object: &BodyObject<'_>) -> (OwnDateChange, OwnDateChange) {
    (own_date(&object.optional("after")), own_date(&object.optional("before")))
}

fn own_date(field: &BodyField<'_>) -> OwnDateChange {
    read_own_value(field, |field| {
        if field.is_null() { Some(None) } else { values::moment(field).map(Some) }
    })
}

/// `{"isDefault": true}` or `{"isDefault": false, "value": ...}`.
fn read_own_value<T>(
    field: &BodyField<'_>,
    value: impl FnOnce(&BodyField<'_>) -> Option<T>,
) -> Option<Overridable<T>> {
    let shape = |object: &BodyObject<'_>| match object.required("isDefault").boolean() {
        Some(true) => Some(Overridable::Default),
        Some(false) => value(&object.required("value")).map(Overridable::Value),
        None => {
            object.allow_keys(&["value"]);
            None
        }
    };
    field.object(shape).flatten()
}
