//! Reading an access form.

use crate::body::{Field, Object};
use crate::values::{self, MOST_ENTRIES};
use domain::access::form::{AccessForm, Assign, Field as FormField, FieldKind, Fixed};
use domain::fault::Code;

domain::words! {
    enum Target {
        Fullname = "fullname",
        Email = "email",
        Group = "group",
        Label = "label",
        Program = "program",
    }
}

pub(super) fn access_form(object: &Object<'_>) -> Option<AccessForm> {
    let fields = object.required("fields").list(1..=MOST_ENTRIES, |item| item.object(form_field).flatten());
    let fixed = object.optional("fixed");
    let fixed = if fixed.is_given() {
        fixed.list(0..=MOST_ENTRIES, |item| item.object(fixed_value).flatten())
    } else {
        Some(Vec::new())
    };
    Some(AccessForm { fields: fields?, fixed: fixed? })
}

fn form_field(object: &Object<'_>) -> Option<FormField> {
    let (key, label) = (values::text(&object.required("key")), values::text(&object.required("label")));
    let kind = object.required("kind").word(FieldKind::ALL, FieldKind::as_str);
    let required = object.optional("required").boolean().unwrap_or(false);
    let options = values::texts(&object.optional("options"));
    let assign = assign(&object.optional("assign"));
    Some(FormField { key: key?, label: label?, kind: kind?, required, options, assign })
}

fn fixed_value(object: &Object<'_>) -> Option<Fixed> {
    let (assign, value) = (assign(&object.required("assign")), values::text(&object.required("value")));
    Some(Fixed { assign: assign?, value: value? })
}

/// `"group"` and the like, or `{"tag": "City"}`.
fn assign(field: &Field<'_>) -> Option<Assign> {
    if field.is_object() {
        let tag = field.object(|object| values::text(&object.required("tag"))).flatten();
        return tag.map(Assign::Tag);
    }
    if !field.is_text() && field.is_given() {
        field.refuse(Code::InvalidType, "must be a word or an object with a tag");
        return None;
    }
    field.word(Target::ALL, Target::as_str).map(|target| match target {
        Target::Fullname => Assign::Fullname,
        Target::Email => Assign::Email,
        Target::Group => Assign::Group,
        Target::Label => Assign::Label,
        Target::Program => Assign::Program,
    })
}
