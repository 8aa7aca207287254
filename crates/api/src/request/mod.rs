//! One declaration per request: what a request may hold is written once, and the type, the reader
//! that reports all faults at once, and the schema in the OpenAPI document follow from it.
//!
//! ```text
//! request! { struct NewThing as "NewThing" { name: String = name(), … } }
//!        │ read(&BodyObject)                       │ ToSchema
//!        ▼                                         ▼
//!  BodyDocument: faults with pointers        OpenAPI: types, bounds, words, null
//! ```
//!
//! A value reader (`value`) knows one kind of value: how to read it and how to describe it. A member
//! reader ([`optional`], [`or_default`], or a value reader alone for what is required) says what
//! absence means. Parameters of a query are declared alike (`query`). Must never hold a rule that
//! needs data: those are the use case's.

pub mod declare;
mod member;
pub mod query;
pub mod schema;
pub mod value;

pub use declare::RequestObject;
pub(crate) use declare::{request, request_object, request_union, wire_name};
pub use member::{
    MemberReader, flattened, optional, or_default, or_value, required_or_default, required_or_none,
};
pub use value::ValueReader;

#[cfg(test)]
mod tests;
