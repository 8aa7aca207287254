//! What it means that a member of a body is absent.

use super::{RequestObject, ValueReader};
use crate::body::BodyObject;
use std::marker::PhantomData;
use utoipa::openapi::{RefOr, Schema};

/// How one member of an object is read and described. A [`ValueReader`] alone is a member that must
/// be there.
pub trait MemberReader {
    /// What the member is read as.
    type Value;

    /// Whether the member must be there.
    const IS_REQUIRED: bool;

    /// Whether its schema is an object whose members stand among those of the whole.
    const IS_FLATTENED: bool = false;

    /// None when it is faulty, or absent and required; the fault is reported.
    fn read_member(&self, object: &BodyObject<'_>, name: &'static str) -> Option<Self::Value>;

    /// The schema of the member's value.
    fn member_schema(&self) -> RefOr<Schema>;

    /// The schemas that [`member_schema`](Self::member_schema) refers to by name.
    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>);
}

impl<R: ValueReader> MemberReader for R {
    type Value = R::Value;

    const IS_REQUIRED: bool = true;

    fn read_member(&self, object: &BodyObject<'_>, name: &'static str) -> Option<R::Value> {
        self.read(&object.required(name))
    }

    fn member_schema(&self) -> RefOr<Schema> {
        self.schema()
    }

    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.components(components);
    }
}

/// A member that may be absent; `null` is no way to leave it out unless the value is nullable.
pub struct Optional<R>(R);

/// A member that may be absent: `None` then, and when it is faulty.
pub const fn optional<R: ValueReader>(reader: R) -> Optional<R> {
    Optional(reader)
}

impl<R: ValueReader> MemberReader for Optional<R> {
    type Value = Option<R::Value>;

    const IS_REQUIRED: bool = false;

    fn read_member(&self, object: &BodyObject<'_>, name: &'static str) -> Option<Self::Value> {
        // A faulty member was reported: the request is refused whatever is read on.
        Some(self.0.read(&object.optional(name)))
    }

    fn member_schema(&self) -> RefOr<Schema> {
        self.0.schema()
    }

    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}

/// A member with a value for when it is absent.
pub struct OrElse<R, F>(R, F);

/// A member that may be absent and is the default of its type then.
pub const fn or_default<R: ValueReader<Value: Default>>(
    reader: R,
) -> OrElse<R, impl Fn() -> R::Value> {
    OrElse(reader, R::Value::default)
}

/// A member that may be absent and has this value then.
pub const fn or_value<R: ValueReader<Value: Clone>>(
    reader: R,
    value: R::Value,
) -> OrElse<R, impl Fn() -> R::Value> {
    OrElse(reader, move || value.clone())
}

impl<R: ValueReader, F: Fn() -> R::Value> MemberReader for OrElse<R, F> {
    type Value = R::Value;

    const IS_REQUIRED: bool = false;

    fn read_member(&self, object: &BodyObject<'_>, name: &'static str) -> Option<R::Value> {
        Some(self.0.read(&object.optional(name)).unwrap_or_else(&self.1))
    }

    fn member_schema(&self) -> RefOr<Schema> {
        self.0.schema()
    }

    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}

/// A member that must be there, whose fault does not keep the rest from being judged.
pub struct RequiredOr<R, T>(R, fn(Option<<R as ValueReader>::Value>) -> T)
where
    R: ValueReader;

/// A member that must be there; `None` when it is not, or is faulty, so that what needs data can
/// still be judged of the rest.
pub const fn required_or_none<R: ValueReader>(reader: R) -> RequiredOr<R, Option<R::Value>> {
    RequiredOr(reader, std::convert::identity)
}

/// As [`required_or_none`], with the default of its type.
pub const fn required_or_default<R: ValueReader<Value: Default>>(
    reader: R,
) -> RequiredOr<R, R::Value> {
    RequiredOr(reader, Option::unwrap_or_default)
}

impl<R: ValueReader, T> MemberReader for RequiredOr<R, T> {
    type Value = T;

    const IS_REQUIRED: bool = true;

    fn read_member(&self, object: &BodyObject<'_>, name: &'static str) -> Option<T> {
        Some((self.1)(self.0.read(&object.required(name))))
    }

    fn member_schema(&self) -> RefOr<Schema> {
        self.0.schema()
    }

    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}

/// The members of another object among those of this one.
pub struct Flattened<T>(PhantomData<T>);

/// The members of another object, not told apart from those of this one; the member's own name is
/// never sent. Not for a variant of a union, which must list its keys.
pub const fn flattened<T: RequestObject>() -> Flattened<T> {
    Flattened(PhantomData)
}

impl<T: RequestObject> MemberReader for Flattened<T> {
    type Value = T::Value;

    const IS_REQUIRED: bool = false;
    const IS_FLATTENED: bool = true;

    fn read_member(&self, object: &BodyObject<'_>, _: &'static str) -> Option<T::Value> {
        T::read(object)
    }

    fn member_schema(&self) -> RefOr<Schema> {
        T::schema()
    }

    fn member_components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(components);
    }
}
