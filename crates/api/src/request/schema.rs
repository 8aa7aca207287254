//! Schemas put together from what the readers say of themselves.

use super::MemberReader;
use std::borrow::Cow;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{Discriminator, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};

/// The schema of an object whose keys are all known.
pub struct ObjectSchema(ObjectBuilder);

impl ObjectSchema {
    /// An object without members yet; `about` are the lines of its doc comment.
    #[must_use]
    pub fn new(about: &[&str]) -> Self {
        let closed = AdditionalProperties::FreeForm(false);
        let object = ObjectBuilder::new().schema_type(Type::Object);
        Self(object.additional_properties(Some(closed)).description(Some(text(about))))
    }

    /// Adds a member as its reader describes it.
    #[must_use]
    pub fn member<R: MemberReader>(self, name: &str, about: &[&str], reader: &R) -> Self {
        if R::IS_FLATTENED {
            return self.flattened(reader.member_schema());
        }
        self.property(name, &text(about), R::IS_REQUIRED, reader.member_schema())
    }

    /// Adds a property that no reader reads.
    #[must_use]
    pub fn property(
        self,
        name: &str,
        about: &str,
        is_required: bool,
        schema: RefOr<Schema>,
    ) -> Self {
        let object = self.0.property(name, described(schema, about.to_owned()));
        Self(if is_required { object.required(name) } else { object })
    }

    fn flattened(mut self, part: RefOr<Schema>) -> Self {
        if let RefOr::T(Schema::Object(part)) = part {
            for (name, schema) in part.properties {
                let is_required = part.required.contains(&name);
                let object = self.0.property(name.clone(), schema);
                self.0 = if is_required { object.required(name) } else { object };
            }
        }
        self
    }

    /// The whole.
    #[must_use]
    pub fn build(self) -> RefOr<Schema> {
        self.0.build().into()
    }
}

/// The lines of a doc comment as one text.
#[must_use]
pub fn text(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// A schema with a description in place of its own.
#[must_use]
pub fn described(schema: RefOr<Schema>, description: String) -> RefOr<Schema> {
    match schema {
        RefOr::Ref(mut reference) => {
            reference.description = description;
            RefOr::Ref(reference)
        }
        RefOr::T(mut schema) => {
            let place = match &mut schema {
                Schema::Object(object) => &mut object.description,
                Schema::Array(array) => &mut array.description,
                Schema::OneOf(one_of) => &mut one_of.description,
                Schema::AllOf(all_of) => &mut all_of.description,
                Schema::AnyOf(any_of) => &mut any_of.description,
                _ => return RefOr::T(schema),
            };
            *place = Some(description);
            RefOr::T(schema)
        }
    }
}

/// The same, or null.
#[must_use]
pub fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(object.schema_type);
            if let Some(words) = &mut object.enum_values {
                words.push(serde_json::Value::Null);
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = or_null(array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        other => {
            let null = ObjectBuilder::new().schema_type(Type::Null);
            RefOr::T(Schema::OneOf(OneOfBuilder::new().item(null).item(other).build()))
        }
    }
}

fn or_null(schema_type: SchemaType) -> SchemaType {
    match schema_type {
        SchemaType::Type(plain) => SchemaType::Array(vec![plain, Type::Null]),
        SchemaType::Array(mut types) => {
            types.push(Type::Null);
            SchemaType::Array(types)
        }
        SchemaType::AnyValue => SchemaType::AnyValue,
    }
}

/// A reference to a schema by its name.
#[must_use]
pub fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

/// Adds a schema and those it refers to, once.
pub fn add_component<T: ToSchema>(components: &mut Vec<(String, RefOr<Schema>)>) {
    let name = T::name();
    if components.iter().all(|(entry, _)| *entry != name) {
        components.push((name.into_owned(), T::schema()));
        T::schemas(components);
    }
}

/// Objects that the word under `tag` tells apart, each a schema of its own: what is generated from
/// the document has names for them.
#[must_use]
pub fn union(about: &[&str], tag: &str, variants: &[(&str, Cow<'static, str>)]) -> RefOr<Schema> {
    let place = |name: &str| Ref::from_schema_name(name);
    let mapping = variants.iter().map(|(word, name)| (*word, place(name).ref_location));
    let mut union = OneOfBuilder::new()
        .description(Some(text(about)))
        .discriminator(Some(Discriminator::with_mapping(tag, mapping)));
    for (_, name) in variants {
        union = union.item(place(name));
    }
    RefOr::T(Schema::OneOf(union.build()))
}

/// Adds the schema of one of a union's objects, with the word that tells it apart, once.
pub fn add_variant<T: ToSchema>(
    components: &mut Vec<(String, RefOr<Schema>)>,
    tag: &str,
    word: &str,
) {
    let name = T::name();
    if components.iter().all(|(entry, _)| *entry != name) {
        add_variant_as(components, &name, tag, word, T::schema());
        T::schemas(components);
    }
}

/// The same of a schema written by hand.
pub fn add_variant_as(
    components: &mut Vec<(String, RefOr<Schema>)>,
    name: &str,
    tag: &str,
    word: &str,
    schema: RefOr<Schema>,
) {
    if components.iter().all(|(entry, _)| entry != name) {
        components.push((name.to_owned(), tagged(tag, word, schema)));
    }
}

/// An object's schema with the word that tells it apart, which comes first.
fn tagged(tag: &str, word: &str, schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    let one_word = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([word]))
        .description(object.description.clone());
    object.properties.insert(tag.to_owned(), one_word.into());
    object.required.insert(0, tag.to_owned());
    RefOr::T(Schema::Object(object))
}

/// A set of words.
#[must_use]
pub fn words(words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build().into()
}

/// A number within bounds, with steps of so much. Numbers are read as exact decimals.
#[must_use]
pub fn number(least: f64, most: f64, step: f64) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Number);
    number.minimum(Some(least)).maximum(Some(most)).multiple_of(Some(step)).build().into()
}

/// A number from a bound on.
#[must_use]
pub fn number_from(least: f64) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(least)).build().into()
}
