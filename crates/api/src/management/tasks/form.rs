//! Reading an access form.

use crate::body::{BodyField, BodyObject};
use crate::values::{self, MOST_ENTRIES};
use domain::access::form::{
    AccessForm, AccessFormField as FormField, AssignTarget, FieldKind, FixedValue,
};
use domain::fault::ErrorCode;

domain::string_enum! {
    enum FormFieldTarget {
        Fullname = "fullname",
        Email = "email",
        Group = "group",
        Label = "label",
        Program = "program",
    }
}

pub(super) fn read_access_form(object: &BodyObject<'_>) -> Option<AccessForm> {
    let fields =
        object.required("fields").list(1..=MOST_ENTRIES, |item| item.object(form_field).flatten());
    let fixed = object.optional("fixed");
    let fixed = if fixed.is_present() {
        fixed.list(0..=MOST_ENTRIES, |item| item.object(fixed_value).flatten())
    } else {
        Some(Vec::new())
    };
    Some(AccessForm { fields: fields?, fixed: fixed? })
}

fn form_field(object: &BodyObject<'_>) -> Option<FormField> {
    let (key, label) =
        (values::text(&object.required("key")), values::text(&object.required("label")));
    let kind = object.required("kind").one_of(FieldKind::ALL, FieldKind::as_str);
    let required = object.optional("required").boolean().unwrap_or(false);
    let options = values::texts(&object.optional("options"));
    let assign = assign(&object.optional("assign"));
    Some(FormField { key: key?, label: label?, kind: kind?, required, options, assign })
}

fn fixed_value(object: &BodyObject<'_>) -> Option<FixedValue> {
    let (assign, value) =
        (assign(&object.required("assign")), values::text(&object.required("value")));
    Some(FixedValue { assign: assign?, value: value? })
}

/// `"group"` and the like, or `{"tag": "City"}`.
fn assign(field: &BodyField<'_>) -> Option<AssignTarget> {
    if field.is_object() {
        let tag = field.object(|object| values::text(&object.required("tag"))).flatten();
        return tag.map(AssignTarget::Tag);
    }
    if !field.is_text() && field.is_present() {
        field.refuse(ErrorCode::InvalidType, "must be a word or an object with a tag");
        return None;
    }
    field.one_of(FormFieldTarget::ALL, FormFieldTarget::as_str).map(|target| match target {
        FormFieldTarget::Fullname => AssignTarget::Fullname,
        FormFieldTarget::Email => AssignTarget::Email,
        FormFieldTarget::Group => AssignTarget::Group,
        FormFieldTarget::Label => AssignTarget::Label,
        FormFieldTarget::Program => AssignTarget::Program,
    })
}
