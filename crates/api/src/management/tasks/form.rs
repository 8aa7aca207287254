//! An access form and the templates of invitations, as requests send them.

use crate::body::BodyField;
use crate::request::schema::ObjectSchema;
use crate::request::value::{boolean, label, labels, list, note, nullable, object, word};
use crate::request::{ValueReader, optional, or_default, request};
use crate::values::MOST_ENTRIES;
use app::tasks::EmailTemplate;
use domain::access::form::{AccessForm, AccessFormField, AssignTarget, FieldKind, FixedValue};
use domain::fault::ErrorCode;
use utoipa::openapi::{OneOfBuilder, RefOr, Schema};

request! {
    /// What is asked at first entry.
    pub(super) struct AccessFormRequest as "AccessForm" for AccessForm {
        /// The fields, in the order asked.
        fields = list(1..=MOST_ENTRIES, object::<FormFieldRequest>()),
        /// Values that everybody gets who fills it in.
        fixed = or_default(list(0..=MOST_ENTRIES, object::<FixedValueRequest>())),
    }
}

request! {
    /// One field of an access form.
    struct FormFieldRequest as "AccessFormField" for AccessFormField {
        /// Names the field in what is sent; each once.
        key = label(),
        /// What candidates read beside it.
        label = label(),
        /// What is typed or chosen.
        kind = word::<FieldKind>(),
        /// Whether it must be filled in; false when omitted.
        required = or_default(boolean()),
        /// What a `select` offers.
        options = or_default(labels()),
        /// Where the value goes besides the kept answers; nowhere when omitted.
        assign = optional(Assign),
    }
}

request! {
    /// A value that everybody gets who fills in the form.
    struct FixedValueRequest as "AccessFormValue" for FixedValue {
        /// Where it goes.
        assign = Assign,
        /// The value.
        value = label(),
    }
}

request! {
    /// A template of invitations. Subject and body may hold `{{fullname}}`, `{{task}}`,
    /// `{{organization}}`, `{{link}}`, `{{code}}`, `{{taskLink}}` and `{{credential1}}`.
    pub(super) struct EmailTemplateRequest as "NewEmailTemplate" for EmailTemplate {
        /// The name it is chosen by.
        name = label(),
        /// The subject of the mail.
        subject = label(),
        /// Plain text; null or omitted sends an invitation in the candidate's language.
        body = or_default(nullable(note())),
    }
}

domain::string_enum! {
    enum FormFieldTarget {
        Fullname = "fullname",
        Email = "email",
        Group = "group",
        Label = "label",
        Program = "program",
    }
}

/// `"group"` and the like, or `{"tag": "City"}`.
struct Assign;

impl ValueReader for Assign {
    type Value = AssignTarget;

    fn read(&self, field: &BodyField<'_>) -> Option<AssignTarget> {
        if field.is_object() {
            let tag = field.object(|object| label().read(&object.required("tag"))).flatten();
            return tag.map(AssignTarget::Tag);
        }
        if !field.is_text() && field.is_present() {
            field.refuse(ErrorCode::InvalidType, "must be a word or an object with a tag");
            return None;
        }
        word::<FormFieldTarget>().read(field).map(|target| match target {
            FormFieldTarget::Fullname => AssignTarget::Fullname,
            FormFieldTarget::Email => AssignTarget::Email,
            FormFieldTarget::Group => AssignTarget::Group,
            FormFieldTarget::Label => AssignTarget::Label,
            FormFieldTarget::Program => AssignTarget::Program,
        })
    }

    fn schema(&self) -> RefOr<Schema> {
        let tag = ObjectSchema::new(&["The tag of a name."]);
        let tag = tag.property("tag", "The tag's name.", true, label().schema()).build();
        let either = OneOfBuilder::new().item(word::<FormFieldTarget>().schema()).item(tag);
        RefOr::T(Schema::OneOf(either.build()))
    }
}
