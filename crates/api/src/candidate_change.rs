//! What of a candidate may be changed (REST specification, 6.4), as far as the APIs that change candidates share it.
//!
//! Reads forms only; what needs the task is the use case's.

use crate::body::{Field, Object};
use crate::values::{self, MOST_ENTRIES};
use app::candidates::{LabelChange, StepChange};
use domain::access::settings::Own;
use domain::id::StepId;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// The candidate's own values by step; faulty ones are left out, so that the others can still be judged.
pub fn steps(field: &Field<'_>) -> BTreeMap<StepId, StepChange> {
    let mut steps = BTreeMap::new();
    field.map(0..=MOST_ENTRIES, |id, field| {
        steps.extend(step(&field).map(|step| (StepId::from(id), step)));
        Some(())
    });
    steps
}

/// Labels to add and to remove.
pub fn labels(object: &Object<'_>) -> LabelChange {
    LabelChange { add: values::texts(&object.optional("add")), remove: values::texts(&object.optional("remove")) }
}

fn step(field: &Field<'_>) -> Option<StepChange> {
    let shape = |object: &Object<'_>| {
        let dates = own(&object.optional("dates"), |field| field.object(dates));
        let (after, before) = match dates {
            Some(Own::Default) => (Some(Own::Default), Some(Own::Default)),
            Some(Own::Value(dates)) => dates,
            None => (None, None),
        };
        StepChange {
            active: own(&object.optional("active"), |field| field.boolean()),
            after,
            before,
            limit: own(&object.optional("limit"), values::attempt_limit),
        }
    };
    field.object(shape)
}

type OwnDate = Option<Own<Option<Timestamp>>>;

fn dates(object: &Object<'_>) -> (OwnDate, OwnDate) {
    (own_date(&object.optional("after")), own_date(&object.optional("before")))
}

fn own_date(field: &Field<'_>) -> OwnDate {
    own(field, |field| if field.is_null() { Some(None) } else { values::moment(field).map(Some) })
}

/// `{"isDefault": true}` or `{"isDefault": false, "value": ...}`.
fn own<T>(field: &Field<'_>, value: impl FnOnce(&Field<'_>) -> Option<T>) -> Option<Own<T>> {
    let shape = |object: &Object<'_>| match object.required("isDefault").boolean() {
        Some(true) => Some(Own::Default),
        Some(false) => value(&object.required("value")).map(Own::Value),
        None => {
            object.known(&["value"]);
            None
        }
    };
    field.object(shape).flatten()
}
