//! Parameters of a query string: declared once, read with all faults at once, and described.
//!
//! A member of a [`query!`](crate::request::query!) declaration is one parameter, or several that
//! belong together, such as `limit` and `page`.

use super::schema;
use super::value::{self, Text, ValueReader as _};
use crate::detail_level::DetailLevel;
use crate::pagination::{HIGHEST_LIMIT, HIGHEST_PAGE, PageQuery};
use crate::query::QueryReader;
use crate::raw_request::RequestHead;
use domain::fault::Faults;
use domain::string_enum::StringEnum;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat, Type};

/// How one member of a query is read and described.
pub trait QueryMember {
    /// What the member is read as.
    type Value;

    /// Takes what was sent; faults are reported when the query is finished.
    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Self::Value;

    /// The parameters it reads, the first one described by `about`.
    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter>;
}

/// A query string whose parameters are all known.
pub trait RequestQuery: utoipa::IntoParams + Sized {
    /// Takes what was sent; whoever calls finishes the query.
    fn read(query: &mut QueryReader<'_>) -> Self;
}

/// The query of a request; its faults are reported with the others.
pub fn read_query<Q: RequestQuery>(head: &RequestHead, faults: &mut Faults) -> Q {
    let mut query = head.query();
    let read = Q::read(&mut query);
    query.finish(faults);
    read
}

/// The name and text of a filter, with the name the caller used.
pub type SentFilter = (&'static str, String);

/// Declares the parameters of a query string.
///
/// ```ignore
/// query! {
///     /// The tasks to list.
///     struct ListTasksQuery {
///         /// How much of each resource is printed; `basic` when omitted.
///         mode: DetailLevel = word_or(DetailLevel::Basic),
///         /// Only tasks whose title contains this.
///         title: Option<String> = text(),
///     }
/// }
/// ```
macro_rules! query {
    (
        $(#[$about:meta])*
        $visibility:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty = $reader:expr,)*
        }
    ) => {
        $(#[$about])*
        $visibility struct $name { $($(#[doc = $doc])* $visibility $field: $type,)* }

        impl $crate::request::query::RequestQuery for $name {
            fn read(query: &mut $crate::query::QueryReader<'_>) -> Self {
                // In declared order: faults about the query as a whole name parameters in it.
                let ($($field,)*) = ($($crate::request::query::QueryMember::read(
                    &$reader,
                    query,
                    $crate::request::wire_name!([] $field),
                ),)*);
                Self { $($field,)* }
            }
        }

        impl ::utoipa::IntoParams for $name {
            fn into_params(
                _: impl Fn() -> Option<::utoipa::openapi::path::ParameterIn>,
            ) -> Vec<::utoipa::openapi::path::Parameter> {
                let mut all = Vec::new();
                $(all.extend($crate::request::query::QueryMember::parameters(
                    &$reader,
                    $crate::request::wire_name!([] $field),
                    $crate::request::schema::text(&[$($doc),*]),
                ));)*
                all
            }
        }
    };
}
pub(crate) use query;

/// A parameter that may be left out, with its description and schema.
#[must_use]
pub fn parameter(name: &str, about: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about).filter(|about| !about.is_empty()))
        .schema(Some(schema))
        .build()
}

/// A text that is not empty.
pub struct QueryText<T>(PhantomData<T>);

/// A text that is not empty, such as a name to look for.
#[must_use]
pub const fn text() -> QueryText<String> {
    QueryText(PhantomData)
}

/// The id of a resource. Whether there is one is not a matter of form.
#[must_use]
pub const fn id<T: From<String>>() -> QueryText<T> {
    QueryText(PhantomData)
}

impl<T: From<String>> QueryMember for QueryText<T> {
    type Value = Option<T>;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Option<T> {
        query.text(name).map(T::from)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        vec![parameter(name, &about, text_schema())]
    }
}

fn text_schema() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).build().into()
}

/// A text of a form that bodies have too.
pub struct FormedText(Text);

/// A text of a form that bodies have too, such as a folder's name.
#[must_use]
pub const fn formed(text: Text) -> FormedText {
    FormedText(text)
}

/// A text that is not empty and has at most so many characters.
#[must_use]
pub const fn short_text(most: usize) -> FormedText {
    FormedText(value::text(1..=most))
}

impl QueryMember for FormedText {
    type Value = Option<String>;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Option<String> {
        let text = query.text(name)?;
        if let Err((code, should)) = self.0.judge(&text) {
            query.refuse(name, code, &should);
            return None;
        }
        Some(text)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        vec![parameter(name, &about, self.0.schema())]
    }
}

/// A parameter that must be sent.
pub struct RequiredParameter<M>(M);

/// A parameter that must be sent: `None` only when it is not or is faulty, which is reported.
#[must_use]
pub const fn required<T, M: QueryMember<Value = Option<T>>>(member: M) -> RequiredParameter<M> {
    RequiredParameter(member)
}

impl<T, M: QueryMember<Value = Option<T>>> QueryMember for RequiredParameter<M> {
    type Value = Option<T>;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Option<T> {
        query.require(name);
        self.0.read(query, name)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        let mut parameters = self.0.parameters(name, about);
        parameters.iter_mut().for_each(|parameter| parameter.required = Required::True);
        parameters
    }
}

/// An integer within bounds, which all must be values of `T`.
pub struct QueryInteger<T> {
    bounds: RangeInclusive<i64>,
    default: i64,
    value: PhantomData<T>,
}

/// An integer within bounds; the default when it is absent.
#[must_use]
pub const fn integer_or<T: TryFrom<i64>>(
    bounds: RangeInclusive<i64>,
    default: i64,
) -> QueryInteger<T> {
    QueryInteger { bounds, default, value: PhantomData }
}

impl<T: TryFrom<i64>> QueryMember for QueryInteger<T> {
    type Value = T;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> T {
        let number = query.integer(name, self.bounds.clone(), self.default);
        T::try_from(number).ok().expect("the bounds and the default are values of the type")
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        let schema = integer_schema(&self.bounds).default(Some(self.default.into()));
        vec![parameter(name, &about, schema.build().into())]
    }
}

fn integer_schema(bounds: &RangeInclusive<i64>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(*bounds.start()))
        .maximum(Some(*bounds.end()))
}

/// An integer within bounds that may be absent.
pub struct OptionalQueryInteger {
    bounds: RangeInclusive<i64>,
}

/// An integer within bounds; `None` when it is absent.
#[must_use]
pub const fn integer(bounds: RangeInclusive<i64>) -> OptionalQueryInteger {
    OptionalQueryInteger { bounds }
}

impl QueryMember for OptionalQueryInteger {
    type Value = Option<i64>;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Option<i64> {
        let least = *self.bounds.start();
        query.has(name).then(|| query.integer(name, self.bounds.clone(), least)).or_else(|| {
            // Known even when it was not sent: unknown names are reported beside the known ones.
            query.integer(name, self.bounds.clone(), least);
            None
        })
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        vec![parameter(name, &about, integer_schema(&self.bounds).build().into())]
    }
}

/// One of the words of an enum.
pub struct QueryWord<T>(PhantomData<T>);

/// One of the words of an enum; `None` when it is absent.
#[must_use]
pub const fn word<T: StringEnum>() -> QueryWord<T> {
    QueryWord(PhantomData)
}

impl<T: StringEnum> QueryMember for QueryWord<T> {
    type Value = Option<T>;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> Option<T> {
        query.one_of(name, T::ALL, T::as_str)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        vec![parameter(name, &about, schema::words(T::ALL.iter().copied().map(T::as_str)))]
    }
}

/// One of the words of an enum, with one for when it is absent.
pub struct QueryWordOr<T>(T);

/// One of the words of an enum; the default when it is absent.
#[must_use]
pub const fn word_or<T: StringEnum>(default: T) -> QueryWordOr<T> {
    QueryWordOr(default)
}

impl<T: StringEnum> QueryMember for QueryWordOr<T> {
    type Value = T;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> T {
        query.one_of(name, T::ALL, T::as_str).unwrap_or(self.0)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(T::ALL.iter().copied().map(T::as_str)))
            .default(Some(self.0.as_str().into()));
        vec![parameter(name, &about, words.build().into())]
    }
}

/// `mode`.
pub struct Mode;

/// `mode`: how much of each resource is printed.
#[must_use]
pub const fn mode() -> Mode {
    Mode
}

impl QueryMember for Mode {
    type Value = DetailLevel;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> DetailLevel {
        word_or(DetailLevel::Basic).read(query, name)
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        let usual = "How much of each resource is printed; `basic` when omitted.";
        let about = if about.is_empty() { usual.to_owned() } else { about };
        word_or(DetailLevel::Basic).parameters(name, about)
    }
}

/// `limit`.
pub struct Limit;

/// `limit` alone, for runs by cursor: 1 to 1000, 10 when it is absent.
#[must_use]
pub const fn limit() -> Limit {
    Limit
}

impl Limit {
    const ROWS: QueryInteger<u32> = integer_or(1..=HIGHEST_LIMIT, 10);
}

impl QueryMember for Limit {
    type Value = u32;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> u32 {
        Self::ROWS.read(query, name)
    }

    fn parameters(&self, name: &'static str, _: String) -> Vec<Parameter> {
        Self::ROWS.parameters(name, "The number of rows a page may have.".into())
    }
}

/// `limit` and `page`.
pub struct Page;

/// `limit` and `page`: which part of a list is printed.
#[must_use]
pub const fn page() -> Page {
    Page
}

impl QueryMember for Page {
    type Value = PageQuery;

    fn read(&self, query: &mut QueryReader<'_>, _: &'static str) -> PageQuery {
        let limit = limit().read(query, "limit");
        PageQuery { limit, number: integer_or(1..=HIGHEST_PAGE, 1).read(query, "page") }
    }

    fn parameters(&self, _: &'static str, _: String) -> Vec<Parameter> {
        let mut both = limit().parameters("limit", String::new());
        let number = integer_or::<i64>(1..=HIGHEST_PAGE, 1);
        both.extend(number.parameters("page", "The number of the page, from 1.".into()));
        both
    }
}

/// Filters that exclude each other.
pub struct OneFilter<const N: usize>([(&'static str, &'static str); N]);

/// At most one of these filters (name and description), with the name the caller used.
#[must_use]
pub const fn one_filter<const N: usize>(
    filters: [(&'static str, &'static str); N],
) -> OneFilter<N> {
    OneFilter(filters)
}

impl<const N: usize> QueryMember for OneFilter<N> {
    type Value = Option<SentFilter>;

    fn read(&self, query: &mut QueryReader<'_>, _: &'static str) -> Self::Value {
        let names = self.0.map(|(name, _)| name);
        let texts = names.map(|name| (name, query.text(name)));
        query.exclusive(&names);
        texts.into_iter().find_map(|(name, text)| Some((name, text?)))
    }

    fn parameters(&self, _: &'static str, _: String) -> Vec<Parameter> {
        self.0.iter().map(|(name, about)| parameter(name, about, text_schema())).collect()
    }
}

domain::string_enum! {
    enum TrueOrFalse {
        True = "true",
        False = "false",
    }
}

/// True or false.
pub struct Flag;

/// True or false; false when it is absent.
#[must_use]
pub const fn flag() -> Flag {
    Flag
}

impl QueryMember for Flag {
    type Value = bool;

    fn read(&self, query: &mut QueryReader<'_>, name: &'static str) -> bool {
        word_or(TrueOrFalse::False).read(query, name) == TrueOrFalse::True
    }

    fn parameters(&self, name: &'static str, about: String) -> Vec<Parameter> {
        let flag = ObjectBuilder::new().schema_type(Type::Boolean).default(Some(false.into()));
        vec![parameter(name, &about, flag.build().into())]
    }
}

/// A query without parameters.
pub struct NoQuery;

impl RequestQuery for NoQuery {
    fn read(_: &mut QueryReader<'_>) -> Self {
        Self
    }
}

impl utoipa::IntoParams for NoQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Vec::new()
    }
}

query! {
    /// How one resource is printed.
    pub struct ModeQuery {
        mode: DetailLevel = mode(),
    }
}

query! {
    /// Which page of a list is printed, where there is one way to print it.
    pub struct PageNumberQuery {
        /// Taken and repeated in links, as on every list; each row is printed as a whole.
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
    }
}

query! {
    /// Which page of a list is printed, and how.
    pub struct PagedQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
    }
}
