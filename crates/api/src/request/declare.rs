//! The macros that declare a request's object, and objects told apart by a word.

use crate::body::BodyObject;

/// An object of a body: read as one value, described as one schema of its own name.
pub trait RequestObject: utoipa::ToSchema {
    /// What the object is read as.
    type Value;

    /// Every key it may have.
    const KEYS: &'static [&'static str];

    /// Reads all members, so that every fault is reported; `None` when a required one is missing or
    /// faulty.
    fn read(object: &BodyObject<'_>) -> Option<Self::Value>;
}

/// Declares an object of a request body.
///
/// ```ignore
/// request! {
///     /// A key to be made.
///     pub struct CreateApiKeyRequest as "NewApiKey" {
///         /// A name for staff.
///         name: String = label(),
///         /// When it ends, in seconds since the epoch; null is never.
///         expires_at: Option<Option<Timestamp>> = optional(nullable(moment())),
///         /// ExactCandidateFilter names on the wire are not the field's in camel case say so.
///         "programIds" programs: Vec<String> = or_default(set(0..=100, label())),
///     }
/// }
/// ```
///
/// With `for Type`, the members are read into a struct of another crate and no types are written:
/// `struct CreateApiKeyRequest as "NewApiKey" for NewKey { name = label(), }`; `..base` at the end
/// fills the rest. With `into Type by function`, the members as read become the value by
/// `fn(Request, &BodyObject<'_>) -> Option<Type>`, which reports what members forbid each other.
macro_rules! request {
    (
        $(#[doc = $about:literal])+
        $visibility:vis struct $name:ident as $schema:literal for $target:path {
            $($(#[doc = $doc:literal])+ $($wire:literal)? $field:ident = $reader:expr,)*
            $(..$rest:expr)?
        }
    ) => {
        $(#[doc = $about])+
        $visibility struct $name;

        $crate::request::request_object! {
            $name, $schema, [$($about)+], $target, [$({[$($doc)+] [$($wire)?] $field, $reader})*],
            object { use $target as Target; Some(Target { $($field: $field?,)* $(..$rest)? }) }
        }
    };
    (
        $(#[doc = $about:literal])+
        $visibility:vis struct $name:ident as $schema:literal into $value:ident by $convert:ident {
            $($(#[doc = $doc:literal])+ $($wire:literal)? $field:ident: $type:ty = $reader:expr,)*
        }
    ) => {
        $(#[doc = $about])+
        $visibility struct $name { $($(#[doc = $doc])+ $field: $type,)* }

        $crate::request::request_object! {
            $name, $schema, [$($about)+], $value, [$({[$($doc)+] [$($wire)?] $field, $reader})*],
            object { $convert($name { $($field: $field?,)* }, object) }
        }
    };
    (
        $(#[doc = $about:literal])+
        $visibility:vis struct $name:ident as $schema:literal {
            $($(#[doc = $doc:literal])+ $($wire:literal)? $field:ident: $type:ty = $reader:expr,)*
        }
    ) => {
        $(#[doc = $about])+
        $visibility struct $name { $($(#[doc = $doc])+ $visibility $field: $type,)* }

        $crate::request::request_object! {
            $name, $schema, [$($about)+], $name, [$({[$($doc)+] [$($wire)?] $field, $reader})*],
            object { Some($name { $($field: $field?,)* }) }
        }
    };
}

macro_rules! request_object {
    (
        $name:ident, $schema:literal, [$($about:literal)+], $value:path,
        [$({[$($doc:literal)+] [$($wire:literal)?] $field:ident, $reader:expr})*],
        $object:ident $build:block
    ) => {
        impl $crate::request::RequestObject for $name {
            type Value = $value;

            const KEYS: &'static [&'static str] =
                &[$($crate::request::wire_name!([$($wire)?] $field),)*];

            fn read($object: &$crate::body::BodyObject<'_>) -> Option<Self::Value> {
                // All at once: a field may have the name of a reader that a later one uses.
                let ($($field,)*) = ($($crate::request::MemberReader::read_member(
                    &$reader,
                    $object,
                    $crate::request::wire_name!([$($wire)?] $field),
                ),)*);
                $build
            }
        }

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                let object = $crate::request::schema::ObjectSchema::new(&[$($about),+]);
                $(let object = object.member(
                    $crate::request::wire_name!([$($wire)?] $field),
                    &[$($doc),+],
                    &$reader,
                );)*
                object.build()
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $schema.into()
            }

            fn schemas(
                components: &mut Vec<(
                    String,
                    ::utoipa::openapi::RefOr<::utoipa::openapi::Schema>,
                )>,
            ) {
                $($crate::request::MemberReader::member_components(&$reader, components);)*
            }
        }
    };
}

/// The name of a member on the wire: as written, or the field's in camel case.
macro_rules! wire_name {
    ([$wire:literal] $field:ident) => {
        $wire
    };
    ([] $field:ident) => {{
        const FIELD: &str = stringify!($field);
        const BYTES: [u8; $crate::request::declare::camel_case_length(FIELD)] =
            $crate::request::declare::camel_case(FIELD);
        const NAME: &str = match ::std::str::from_utf8(&BYTES) {
            Ok(name) => name,
            Err(_) => FIELD,
        };
        NAME
    }};
}

/// Declares objects that a word tells apart: `by one_of "kind"` (or `filter_one_of`, for searches,
/// where an empty word has a fault of its own), each variant an object declared with
/// `request!` (without the word itself), whose value becomes the target's with `Into`. With
/// `_ => Shared`, members that all variants have are judged even where the word is wrong.
macro_rules! request_union {
    (
        $(#[doc = $about:literal])+
        $visibility:vis struct $name:ident as $schema:literal for $target:path, by $one_of:ident $tag:literal {
            $($word:literal => $variant:ty,)*
            $(_ => $shared:ty,)?
        }
    ) => {
        $(#[doc = $about])+
        $visibility struct $name;

        impl $crate::request::RequestObject for $name {
            type Value = $target;

            const KEYS: &'static [&'static str] = &[$tag];

            fn read(object: &$crate::body::BodyObject<'_>) -> Option<Self::Value> {
                let words: &[&'static str] = &[$($word),*];
                match object.required($tag).$one_of(words, |word| word) {
                    $(Some($word) => {
                        <$variant as $crate::request::RequestObject>::read(object).map(Into::into)
                    })*
                    _ => {
                        $(<$shared as $crate::request::RequestObject>::read(object);)?
                        // Which keys belong to it is not known: none is refused beside the word.
                        $(object.allow_keys(
                            <$variant as $crate::request::RequestObject>::KEYS,
                        );)*
                        None
                    }
                }
            }
        }

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                $crate::request::schema::union(
                    &[$($about),+],
                    $tag,
                    &[$(($word, <$variant as ::utoipa::ToSchema>::name())),*],
                )
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                $schema.into()
            }

            fn schemas(
                components: &mut Vec<(
                    String,
                    ::utoipa::openapi::RefOr<::utoipa::openapi::Schema>,
                )>,
            ) {
                $($crate::request::schema::add_variant::<$variant>(components, $tag, $word);)*
            }
        }
    };
}

pub(crate) use {request, request_object, request_union, wire_name};

/// Bytes of a field's name in camel case: the underscores go.
pub const fn camel_case_length(field: &str) -> usize {
    let (bytes, mut at, mut length) = (field.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] != b'_' {
            length += 1;
        }
        at += 1;
    }
    length
}

/// A field's name in camel case: `active_after` is `activeAfter`. At compile time, since names of
/// keys live as long as the program.
pub const fn camel_case<const LENGTH: usize>(field: &str) -> [u8; LENGTH] {
    let (bytes, mut name) = (field.as_bytes(), [0; LENGTH]);
    let (mut from, mut to, mut is_start) = (0, 0, false);
    while from < bytes.len() {
        if bytes[from] == b'_' {
            is_start = true;
        } else {
            name[to] = if is_start { bytes[from].to_ascii_uppercase() } else { bytes[from] };
            to += 1;
            is_start = false;
        }
        from += 1;
    }
    name
}
