//! What the OpenAPI document says where endpoints need not say it themselves: ids in paths, the
//! words that tell shapes apart, properties that may be null, and sentences that a doc comment breaks
//! over lines.

use crate::request::schema::{described, nullable};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{
    AdditionalProperties, AllOf, AnyOfBuilder, ArrayItems, OneOf, SchemaType,
};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema, Type};

/// Describes what follows from paths and shapes.
pub fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            describe_path(path, operation);
            join_lines_of_operation(operation);
        }
    }
    if let Some(components) = &mut document.components {
        components.schemas.values_mut().for_each(describe_detail_levels);
        components.schemas.values_mut().for_each(describe_shape);
        components.schemas.values_mut().for_each(join_lines_of_schema);
    }
}

/// A doc comment is broken at the width of the source; what it says is not.
fn join_lines_of_operation(operation: &mut Operation) {
    join_lines(&mut operation.summary);
    join_lines(&mut operation.description);
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        join_lines(&mut parameter.description);
        parameter.schema.iter_mut().for_each(join_lines_of_schema);
    }
}

fn join_lines_of_schema(schema: &mut RefOr<Schema>) {
    let schema = match schema {
        RefOr::Ref(reference) => {
            reference.description = joined(&reference.description);
            return;
        }
        RefOr::T(schema) => schema,
    };
    match schema {
        Schema::Object(object) => {
            join_lines(&mut object.description);
            object.properties.values_mut().for_each(join_lines_of_schema);
            if let Some(AdditionalProperties::RefOr(value)) =
                object.additional_properties.as_deref_mut()
            {
                join_lines_of_schema(value);
            }
        }
        Schema::Array(array) => {
            join_lines(&mut array.description);
            if let ArrayItems::RefOrSchema(item) = &mut array.items {
                join_lines_of_schema(item);
            }
        }
        Schema::OneOf(one_of) => {
            join_lines(&mut one_of.description);
            one_of.items.iter_mut().for_each(join_lines_of_schema);
        }
        Schema::AllOf(all_of) => {
            join_lines(&mut all_of.description);
            all_of.items.iter_mut().for_each(join_lines_of_schema);
        }
        Schema::AnyOf(any_of) => {
            join_lines(&mut any_of.description);
            any_of.items.iter_mut().for_each(join_lines_of_schema);
        }
        _ => {}
    }
}

fn join_lines(text: &mut Option<String>) {
    if let Some(text) = text {
        *text = joined(text);
    }
}

/// The text with its paragraphs and list items on a line each.
fn joined(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        all.push_str(line);
        let Some(next) = lines.peek() else { break };
        let is_break = line.is_empty() || next.is_empty() || next.starts_with(['-', '*', '|']);
        all.push(if is_break { '\n' } else { ' ' });
    }
    all
}

/// Ids in a path are of what the segment before them names.
fn describe_path(path: &str, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let (RefOr::T(parameter), Some(segments)) = (parameter, path.split_once("/v1/")) else {
            continue;
        };
        if parameter.parameter_in != ParameterIn::Path || parameter.description.is_some() {
            continue;
        }
        let placeholder = format!("{{{}}}", parameter.name);
        let before = segments
            .1
            .split('/')
            .zip(segments.1.split('/').skip(1))
            .find(|(_, segment)| *segment == placeholder);
        parameter.description = before.and_then(|(segment, _)| id_of(segment)).map(str::to_owned);
    }
}

fn id_of(segment: &str) -> Option<&'static str> {
    Some(match segment {
        "candidates" => "Id of the candidate.",
        "corrections" => "Id of the correction.",
        "deliveries" => "`eventId` of the delivery.",
        "evaluations" | "slots" => "The question's number in the instance, from 1.",
        "evidences" => "Id of the recording.",
        "instances" | "test-instances" => "Id of the test instance.",
        "keys" => "Id of the key.",
        "mails" => "Id of the mail.",
        "media" => "SHA-256 of the file, in lower-case hexadecimal.",
        "questions" => "Id of the question in the bank.",
        "steps" => "Id of the step.",
        "tasks" => "Id of the task.",
        "tests" => "Id of the test.",
        "users" => "Id of the user.",
        "webhooks" => "Id of the webhook.",
        _ => return None,
    })
}

/// Where a resource is printed whole or in short, whatever is whole has all that the short one has:
/// both fit, and a reader that tries them in turn is to find the whole one first. `oneOf` would
/// refuse what fits both.
fn describe_detail_levels(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(one_of)) = schema else { return };
    let is_of = |item: Option<&RefOr<Schema>>, prefix: &str| {
        let name = |reference: &Ref| reference.ref_location.rsplit('/').next().map(str::to_owned);
        let Some(RefOr::Ref(reference)) = item else { return false };
        name(reference).is_some_and(|name| name.starts_with(prefix))
    };
    if is_of(one_of.items.first(), "Detailed") && is_of(one_of.items.get(1), "Basic") {
        let mut any_of = AnyOfBuilder::new().description(one_of.description.take());
        for item in one_of.items.drain(..) {
            any_of = any_of.item(item);
        }
        *schema = RefOr::T(Schema::AnyOf(any_of.build()));
    } else if let Some(RefOr::T(Schema::Object(object))) = one_of.items.first_mut()
        && object.schema_type == SchemaType::Type(Type::Boolean)
    {
        // A truth value beside a shape is always `false`: there is none of that shape.
        object.enum_values = Some(vec![false.into()]);
    }
}

/// Goes through a shape and those inside it.
fn describe_shape(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            for property in object.properties.values_mut() {
                lift(property);
                join_words(property);
                describe_shape(property);
            }
        }
        Schema::OneOf(one_of) => {
            one_of.items.iter_mut().for_each(describe_tag);
            one_of.items.iter_mut().for_each(describe_shape);
        }
        Schema::AllOf(all_of) => all_of.items.iter_mut().for_each(describe_shape),
        Schema::AnyOf(any_of) => any_of.items.iter_mut().for_each(describe_shape),
        _ => {}
    }
}

/// What is said of a property that may be null belongs to the property, not to one of its
/// alternatives.
fn lift(property: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(one_of)) = property else { return };
    for item in &mut one_of.items {
        if let (None, RefOr::Ref(reference)) = (&one_of.description, item)
            && !reference.description.is_empty()
        {
            one_of.description = Some(std::mem::take(&mut reference.description));
        }
    }
}

/// Words beside their description, or beside null, are one shape instead of a list of two.
fn join_words(property: &mut RefOr<Schema>) {
    let RefOr::T(
        Schema::AllOf(AllOf { items, description, .. })
        | Schema::OneOf(OneOf { items, description, .. }),
    ) = property
    else {
        return;
    };
    let [words @ RefOr::T(Schema::Object(first)), RefOr::T(Schema::Object(beside))] =
        items.as_slice()
    else {
        return;
    };
    if first.enum_values.is_none() || beside.enum_values.is_some() || !beside.properties.is_empty()
    {
        return;
    }
    let is_null = beside.schema_type == SchemaType::Type(Type::Null);
    let joined = if is_null { nullable(words.clone()) } else { words.clone() };
    let about = description.take().or_else(|| beside.description.clone());
    *property = described(joined, about.unwrap_or_default());
}

/// The word that tells shapes apart is described as its shape.
fn describe_tag(shape: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(shape)) = shape else { return };
    for property in shape.properties.values_mut() {
        let RefOr::T(Schema::Object(word)) = property else { continue };
        let is_tag = word.enum_values.as_ref().is_some_and(|words| words.len() == 1);
        if is_tag && word.description.is_none() {
            word.description.clone_from(&shape.description);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{join_words, joined};
    use crate::request::schema::words;
    use utoipa::openapi::{AllOfBuilder, ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};

    #[test]
    fn words_stand_in_one_shape_with_their_description_and_null() {
        let printed = |schema: Schema| {
            let mut property = RefOr::T(schema);
            join_words(&mut property);
            serde_json::to_string(&property).unwrap()
        };
        let about = ObjectBuilder::new().description(Some("Why."));
        let described = AllOfBuilder::new().item(words(["a", "b"])).item(about).build();
        let expected = r#"{"type":"string","description":"Why.","enum":["a","b"]}"#;
        assert_eq!(printed(Schema::AllOf(described)), expected);
        let null = ObjectBuilder::new().schema_type(Type::Null);
        let either = OneOfBuilder::new().item(words(["a"])).item(null).description(Some("Why."));
        let expected = r#"{"type":["string","null"],"description":"Why.","enum":["a",null]}"#;
        assert_eq!(printed(Schema::OneOf(either.build())), expected);
        let shapes = OneOfBuilder::new()
            .item(words(["a"]))
            .item(ObjectBuilder::new().property("tag", words(["b"])));
        assert!(printed(Schema::OneOf(shapes.build())).starts_with(r#"{"oneOf""#));
    }

    #[test]
    fn a_sentence_broken_over_lines_is_one_line_and_paragraphs_and_lists_stay() {
        let text = "Saves answers. An\nanswer is durable.\n\nOne of:\n- a\n- b\n\nDone.";
        let expected = "Saves answers. An answer is durable.\n\nOne of:\n- a\n- b\n\nDone.";
        assert_eq!(joined(text), expected);
    }
}
