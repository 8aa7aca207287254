//! The form a task may ask at first entry (domain rules, 7.4). No step starts before it is filled
//! in.

use serde::{Deserialize, Serialize};

crate::string_enum! {
    /// What is typed or chosen in a field.
    pub enum FieldKind {
        Text = "text",
        Email = "email",
        Number = "number",
        Date = "date",
        Select = "select",
        Checkbox = "checkbox",
    }
}

/// Where the value of a field goes besides the kept answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssignTarget {
    Fullname,
    Email,
    Group,
    Label,
    Program,
    /// The tag of this name.
    Tag(String),
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessFormField {
    pub key: String,
    /// Names the answer in `roomForm`.
    pub label: String,
    pub kind: FieldKind,
    #[serde(default)]
    pub required: bool,
    /// What a `select` offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assign: Option<AssignTarget>,
}

/// The fields in the order asked, and values that everybody gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessForm {
    pub fields: Vec<AccessFormField>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixedValue>,
}

/// A value assigned to everybody who fills in the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedValue {
    pub assign: AssignTarget,
    pub value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_kept_as_it_was_read() {
        let text = r#"{"fields":[{"key":"c","label":"City","kind":"text","required":true,"assign":{"tag":"City"}},
            {"key":"d","label":"Day","kind":"date","required":false}],"fixed":[{"assign":"group","value":"A"}]}"#;
        let form: AccessForm = serde_json::from_str(text).unwrap();
        let stored = serde_json::to_string(&form).unwrap();
        assert_eq!(serde_json::from_str::<AccessForm>(&stored).unwrap(), form);
        assert!(serde_json::from_str::<AccessForm>(r#"{"fields":[],"more":1}"#).is_err());
    }
}
