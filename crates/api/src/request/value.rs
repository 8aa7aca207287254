//! Readers of one value each: what it must be, and how the OpenAPI document says so.
//!
//! The bounds of a schema are those its reader checks, because both come from the same reader. Must
//! never accept what the schema refuses, nor refuse for its form what the schema accepts.

use super::RequestObject;
use super::schema;
use crate::body::BodyField;
use crate::values::{LAST_SECOND, LONGEST_TAG, MOST_ENTRIES};
use app::validation;
use domain::access::settings::AttemptLimit;
use domain::decimal::Decimal;
use domain::fault::ErrorCode;
use domain::json::JsonNode;
use domain::string_enum::StringEnum;
use domain::substring_search::SubstringSearch;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type,
};

/// How one kind of value is read and described.
pub trait ValueReader {
    /// What it is read as.
    type Value;

    /// None when it is absent or faulty; faults are reported at the field.
    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value>;

    /// What the OpenAPI document says of it.
    fn schema(&self) -> RefOr<Schema>;

    /// The schemas that [`schema`](Self::schema) refers to by name.
    fn components(&self, _components: &mut Vec<(String, RefOr<Schema>)>) {}
}

/// A text of so many characters, perhaps of a form.
#[derive(Clone)]
pub struct Text {
    length: RangeInclusive<usize>,
    form: Option<TextForm>,
}

/// A form of text: what it must be, in words, as a pattern and as a test. The pattern may be wider
/// than the test, never narrower.
#[derive(Clone, Copy)]
pub struct TextForm {
    /// What a fault says.
    pub should: &'static str,
    /// A regular expression of ECMA-262.
    pub pattern: Option<&'static str>,
    /// A format of JSON Schema, such as `email`.
    pub format: Option<&'static str>,
    /// Whether a text has the form.
    pub test: fn(&str) -> bool,
}

const PLAIN_NAME: TextForm = TextForm {
    should: "must not contain <, > or /",
    pattern: Some("^[^<>/]*$"),
    format: None,
    test: validation::is_plain_name,
};
/// What a folder may be called: nothing, which is the default one, or a name.
const FOLDER_NAME: TextForm = TextForm {
    pattern: Some("^([^<>/]{2,})?$"),
    // Of how many letters is the use case's, whose fault tells the bounds.
    ..PLAIN_NAME
};
/// The key of a part of a document.
const ELEMENT_KEY: TextForm = TextForm {
    should: "must be a key: A-Z, a-z, 0-9, _ and -",
    pattern: Some("^[A-Za-z0-9_-]*$"),
    format: None,
    test: |text| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    },
};
const EMAIL: TextForm = TextForm {
    should: "must be an e-mail address",
    pattern: None,
    format: Some("email"),
    test: validation::is_email,
};
const CALLBACK_URL: TextForm = TextForm {
    should: "must be an absolute https URL without user and fragment",
    pattern: None,
    format: Some("uri"),
    // Whether `http` is allowed, the use case knows.
    test: |text| validation::is_web_address(text, true),
};
const VISIBLE: TextForm = TextForm {
    should: "must have visible ASCII characters only",
    pattern: Some("^[!-~]*$"),
    format: None,
    test: |text| text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// A text of so many characters, without U+0000.
#[must_use]
pub const fn text(length: RangeInclusive<usize>) -> Text {
    Text { length, form: None }
}

/// A text of 1 to 200 characters.
#[must_use]
pub const fn label() -> Text {
    text(1..=validation::LONGEST_TEXT)
}

/// Free text of staff: 1 to 10,000 characters.
#[must_use]
pub const fn note() -> Text {
    text(1..=validation::LONGEST_NOTE)
}

/// The key of a part of a document: 1 to 64 characters.
#[must_use]
pub const fn element_key() -> Text {
    text(1..=64).of_form(ELEMENT_KEY)
}

/// A title, folder or label: 2 to 200 characters, none of `<`, `>`, `/`.
#[must_use]
pub const fn name() -> Text {
    text(2..=validation::LONGEST_TEXT).of_form(PLAIN_NAME)
}

/// A folder; the empty name is the default one.
#[must_use]
pub const fn folder() -> Text {
    text(0..=validation::LONGEST_TEXT).of_form(PLAIN_NAME)
}

/// A folder that a task or question is put into: the empty name is the default one, any other has 2
/// characters or more.
#[must_use]
pub const fn folder_name() -> Text {
    text(0..=validation::LONGEST_TEXT).of_form(FOLDER_NAME)
}

/// An e-mail address.
#[must_use]
pub const fn email() -> Text {
    text(3..=254).of_form(EMAIL)
}

/// An address that callbacks may go to.
#[must_use]
pub const fn callback_url() -> Text {
    text(1..=validation::LONGEST_ADDRESS).of_form(CALLBACK_URL)
}

/// An idempotency key that the client chooses: 1 to 255 visible ASCII characters.
#[must_use]
pub const fn client_token() -> Text {
    text(1..=255).of_form(VISIBLE)
}

impl Text {
    /// What is wrong with a text, if anything.
    ///
    /// # Errors
    /// The code of the fault and what the text should be.
    pub fn judge(&self, text: &str) -> Result<(), (ErrorCode, String)> {
        let (least, most) = (self.length.start(), self.length.end());
        if !self.length.contains(&text.chars().count()) {
            let should = format!("must have {least} to {most} characters");
            return Err((ErrorCode::InvalidLength, should));
        }
        match self.form {
            Some(form) if !(form.test)(text) => {
                Err((ErrorCode::InvalidFormat, form.should.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// The same of a form.
    #[must_use]
    pub const fn of_form(self, form: TextForm) -> Self {
        // The length is moved by parts: a constant function drops nothing.
        Self { form: Some(form), ..self }
    }
}

impl ValueReader for Text {
    type Value = String;

    fn read(&self, field: &BodyField<'_>) -> Option<String> {
        let length = self.length.clone();
        let text = match self.form {
            Some(form) => field.text_like(length, form.should, form.test),
            None => field.text(length),
        };
        text.map(str::to_owned)
    }

    fn schema(&self) -> RefOr<Schema> {
        let (least, most) = (*self.length.start(), *self.length.end());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(least).filter(|least| *least > 0))
            .max_length(Some(most).filter(|most| *most < usize::MAX))
            .pattern(self.form.and_then(|form| form.pattern))
            .format(
                self.form
                    .and_then(|form| form.format)
                    .map(|format| SchemaFormat::Custom(format.to_owned())),
            )
            .build()
            .into()
    }
}

/// A text to search by: of any length but not empty.
pub struct FilterText;

/// A text to search by: of any length, but not empty.
#[must_use]
pub const fn filter_text() -> FilterText {
    FilterText
}

impl ValueReader for FilterText {
    type Value = String;

    fn read(&self, field: &BodyField<'_>) -> Option<String> {
        field.filter_text().map(str::to_owned)
    }

    fn schema(&self) -> RefOr<Schema> {
        text(1..=usize::MAX).schema()
    }
}

/// A text that a name contains.
pub struct Substring;

/// A text that a name contains, whatever the case of the letters.
#[must_use]
pub const fn substring() -> Substring {
    Substring
}

impl ValueReader for Substring {
    type Value = SubstringSearch;

    fn read(&self, field: &BodyField<'_>) -> Option<SubstringSearch> {
        field.filter_text().map(SubstringSearch::new)
    }

    fn schema(&self) -> RefOr<Schema> {
        filter_text().schema()
    }
}

/// The id of a resource.
pub struct Id<T>(PhantomData<T>);

/// The id of a resource: 1 to 64 characters. Whether there is one is not a matter of form.
#[must_use]
pub const fn id<T: From<String>>() -> Id<T> {
    Id(PhantomData)
}

impl<T: From<String>> ValueReader for Id<T> {
    type Value = T;

    fn read(&self, field: &BodyField<'_>) -> Option<T> {
        text(1..=64).read(field).map(T::from)
    }

    fn schema(&self) -> RefOr<Schema> {
        text(1..=64).schema()
    }
}

/// True or false.
pub struct Boolean;

/// True or false.
#[must_use]
pub const fn boolean() -> Boolean {
    Boolean
}

impl ValueReader for Boolean {
    type Value = bool;

    fn read(&self, field: &BodyField<'_>) -> Option<bool> {
        field.boolean()
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).build().into()
    }
}

/// An integer within bounds.
pub struct Integer<T> {
    bounds: RangeInclusive<i64>,
    value: PhantomData<T>,
}

/// An integer within bounds, which all must be values of `T`.
#[must_use]
pub const fn integer<T: TryFrom<i64>>(bounds: RangeInclusive<i64>) -> Integer<T> {
    Integer { bounds, value: PhantomData }
}

impl<T: TryFrom<i64>> ValueReader for Integer<T> {
    type Value = T;

    fn read(&self, field: &BodyField<'_>) -> Option<T> {
        let number = field.integer(self.bounds.clone())?;
        Some(T::try_from(number).ok().expect("the bounds lie within the type"))
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(*self.bounds.start()))
            .maximum(Some(*self.bounds.end()))
            .build()
            .into()
    }
}

/// A moment in seconds since the epoch.
pub struct Moment;

/// A moment in seconds since the epoch, up to the end of the year 9999.
#[must_use]
pub const fn moment() -> Moment {
    Moment
}

impl ValueReader for Moment {
    type Value = Timestamp;

    fn read(&self, field: &BodyField<'_>) -> Option<Timestamp> {
        field.integer(0..=LAST_SECOND).map(Timestamp::from_seconds)
    }

    fn schema(&self) -> RefOr<Schema> {
        integer::<i64>(0..=LAST_SECOND).schema()
    }
}

/// How often a step may be taken.
pub struct AttemptLimitReader;

/// -1 for unlimited, or 1 to 2147483647.
#[must_use]
pub const fn attempt_limit() -> AttemptLimitReader {
    AttemptLimitReader
}

impl ValueReader for AttemptLimitReader {
    type Value = AttemptLimit;

    fn read(&self, field: &BodyField<'_>) -> Option<AttemptLimit> {
        let limit = AttemptLimit::try_from(field.integer(-1..=2_147_483_647)?);
        if limit.is_err() {
            field.refuse(ErrorCode::OutOfRange, "must be -1 or 1 to 2147483647");
        }
        limit.ok()
    }

    fn schema(&self) -> RefOr<Schema> {
        let unlimited = ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([-1]));
        let limited = integer::<i64>(1..=2_147_483_647).schema();
        let either = OneOfBuilder::new().item(unlimited).item(limited);
        RefOr::T(Schema::OneOf(either.build()))
    }
}

/// An exact decimal within bounds.
pub struct DecimalReader {
    bounds: (i64, i64),
    decimals: u32,
}

/// An exact decimal with at most so many decimals.
#[must_use]
pub const fn decimal(bounds: (i64, i64), decimals: u32) -> DecimalReader {
    DecimalReader { bounds, decimals }
}

impl ValueReader for DecimalReader {
    type Value = Decimal;

    fn read(&self, field: &BodyField<'_>) -> Option<Decimal> {
        let (least, most) = self.bounds;
        let decimal = Decimal::parse(field.number()?).filter(|decimal| {
            (Decimal::from(least)..=Decimal::from(most)).contains(decimal)
                && decimal.decimals() <= self.decimals
        });
        if decimal.is_none() {
            let should =
                format!("must be {least} to {most} with at most {} decimals", self.decimals);
            field.refuse(ErrorCode::OutOfRange, should);
        }
        decimal
    }

    fn schema(&self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(self.bounds.0))
            .maximum(Some(self.bounds.1))
            .build()
            .into()
    }
}

/// One of a closed set of words.
pub struct Word<T: 'static> {
    all: &'static [T],
}

/// One of the words of an enum.
#[must_use]
pub const fn word<T: StringEnum>() -> Word<T> {
    Word { all: T::ALL }
}

/// One of some words of an enum.
#[must_use]
pub const fn word_of<T: StringEnum>(all: &'static [T]) -> Word<T> {
    Word { all }
}

impl<T: StringEnum> ValueReader for Word<T> {
    type Value = T;

    fn read(&self, field: &BodyField<'_>) -> Option<T> {
        field.one_of(self.all, T::as_str)
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::words(self.all.iter().copied().map(T::as_str))
    }
}

/// One of a closed set of words to search by.
pub struct FilterWord<T>(PhantomData<T>);

/// One of the words of an enum to search by; an empty text is no word left out.
#[must_use]
pub const fn filter_word<T: StringEnum>() -> FilterWord<T> {
    FilterWord(PhantomData)
}

impl<T: StringEnum> ValueReader for FilterWord<T> {
    type Value = T;

    fn read(&self, field: &BodyField<'_>) -> Option<T> {
        field.filter_one_of(T::ALL, T::as_str)
    }

    fn schema(&self) -> RefOr<Schema> {
        word::<T>().schema()
    }
}

/// A value that may be null.
pub struct Nullable<R>(R);

/// A value, or null.
#[must_use]
pub const fn nullable<R: ValueReader>(reader: R) -> Nullable<R> {
    Nullable(reader)
}

impl<R: ValueReader> ValueReader for Nullable<R> {
    type Value = Option<R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        if field.is_null() { Some(None) } else { self.0.read(field).map(Some) }
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::nullable(self.0.schema())
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}

/// A list of values.
pub struct List<R> {
    length: RangeInclusive<usize>,
    item: R,
}

/// A list of so many values; none when one of them is faulty.
#[must_use]
pub const fn list<R: ValueReader>(length: RangeInclusive<usize>, item: R) -> List<R> {
    List { length, item }
}

impl<R: ValueReader> ValueReader for List<R> {
    type Value = Vec<R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        field.list(self.length.clone(), |item| self.item.read(&item))
    }

    fn schema(&self) -> RefOr<Schema> {
        list_schema(&self.length, self.item.schema())
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.item.components(components);
    }
}

fn list_schema(length: &RangeInclusive<usize>, item: RefOr<Schema>) -> RefOr<Schema> {
    ArrayBuilder::new()
        .items(item)
        .min_items(Some(*length.start()).filter(|least| *least > 0))
        .max_items(Some(*length.end()).filter(|most| *most < usize::MAX))
        .build()
        .into()
}

/// Repeated members are dropped before they are counted, so that all words of a closed set are never
/// too many, however often each is sent.
fn set_schema(length: &RangeInclusive<usize>, item: RefOr<Schema>) -> RefOr<Schema> {
    let words = match &item {
        RefOr::T(Schema::Object(object)) => object.enum_values.as_ref().map(Vec::len),
        _ => None,
    };
    let is_bounded = words.is_none_or(|words| words > *length.end());
    let most = if is_bounded { *length.end() } else { usize::MAX };
    list_schema(&(*length.start()..=most), item)
}

/// A list that acts as a set.
pub struct Set<R> {
    length: RangeInclusive<usize>,
    item: R,
}

/// A list that acts as a set: repeated members are dropped, then counted.
#[must_use]
pub const fn set<R: ValueReader<Value: Hash + Eq + Clone>>(
    length: RangeInclusive<usize>,
    item: R,
) -> Set<R> {
    Set { length, item }
}

/// A set of texts of 1 to 200 characters.
#[must_use]
pub const fn labels() -> Set<Text> {
    set(0..=MOST_ENTRIES, label())
}

/// A set of names.
#[must_use]
pub const fn names() -> Set<Text> {
    set(0..=MOST_ENTRIES, name())
}

impl<R: ValueReader<Value: Hash + Eq + Clone>> ValueReader for Set<R> {
    type Value = Vec<R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        field.set(self.length.clone(), |item| self.item.read(&item))
    }

    fn schema(&self) -> RefOr<Schema> {
        set_schema(&self.length, self.item.schema())
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.item.components(components);
    }
}

/// A set to search by.
pub struct FilterSet<R>(R);

/// A set to search by: not empty.
#[must_use]
pub const fn filter_set<R: ValueReader<Value: Hash + Eq + Clone>>(item: R) -> FilterSet<R> {
    FilterSet(item)
}

impl<R: ValueReader<Value: Hash + Eq + Clone>> ValueReader for FilterSet<R> {
    type Value = Vec<R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        field.filter_set(MOST_ENTRIES, |item| self.0.read(&item))
    }

    fn schema(&self) -> RefOr<Schema> {
        list_schema(&(1..=MOST_ENTRIES), self.0.schema())
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.0.components(components);
    }
}

/// An object with keys of the caller's choice.
pub struct Map<K, R> {
    length: RangeInclusive<usize>,
    key: PhantomData<K>,
    value: R,
}

/// An object with so many keys of the caller's choice, each of 1 to 200 characters. Entries that
/// are faulty are left out, so that what needs data can still be judged of the others.
#[must_use]
pub const fn map_of<K: From<String> + Ord, R: ValueReader>(
    length: RangeInclusive<usize>,
    value: R,
) -> Map<K, R> {
    Map { length, key: PhantomData, value }
}

/// As [`map_of`], with texts as keys.
#[must_use]
pub const fn map<R: ValueReader>(length: RangeInclusive<usize>, value: R) -> Map<String, R> {
    map_of(length, value)
}

/// Names with values of up to 1000 characters.
#[must_use]
pub const fn tags() -> Map<String, Text> {
    map(0..=MOST_ENTRIES, text(0..=LONGEST_TAG))
}

impl<K: From<String> + Ord, R: ValueReader> ValueReader for Map<K, R> {
    type Value = BTreeMap<K, R::Value>;

    fn read(&self, field: &BodyField<'_>) -> Option<Self::Value> {
        let mut readable = BTreeMap::new();
        field.map(self.length.clone(), |name, value| {
            readable.extend(self.value.read(&value).map(|value| (K::from(name.to_owned()), value)));
            Some(())
        });
        Some(readable).filter(|_| field.is_present())
    }

    fn schema(&self) -> RefOr<Schema> {
        let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::RefOr(self.value.schema())))
            .property_names(Some(Schema::from(key.max_length(Some(200)))))
            .min_properties(Some(*self.length.start()).filter(|least| *least > 0))
            .max_properties(Some(*self.length.end()).filter(|most| *most < usize::MAX))
            .build()
            .into()
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.value.components(components);
    }
}

/// An object of a shape of its own.
pub struct Object<T>(PhantomData<T>);

/// An object declared with `request!` or `request_union!`.
#[must_use]
pub const fn object<T: RequestObject>() -> Object<T> {
    Object(PhantomData)
}

impl<T: RequestObject> ValueReader for Object<T> {
    type Value = T::Value;

    fn read(&self, field: &BodyField<'_>) -> Option<T::Value> {
        field.object(|object| T::read(object)).flatten()
    }

    fn schema(&self) -> RefOr<Schema> {
        schema::reference::<T>()
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        schema::add_component::<T>(components);
    }
}

/// Any JSON value, kept as it is.
pub struct AnyValue;

/// Any JSON value, kept as it is: what it means depends on more than the request.
#[must_use]
pub const fn any_value() -> AnyValue {
    AnyValue
}

impl ValueReader for AnyValue {
    type Value = JsonNode;

    fn read(&self, field: &BodyField<'_>) -> Option<JsonNode> {
        field.any().cloned()
    }

    fn schema(&self) -> RefOr<Schema> {
        utoipa::openapi::schema::empty().into()
    }
}

/// Any JSON object, kept as it is.
pub struct AnyObject;

/// Any JSON object, kept as it is; keys given twice are refused at every depth.
#[must_use]
pub const fn any_object() -> AnyObject {
    AnyObject
}

impl ValueReader for AnyObject {
    type Value = JsonNode;

    fn read(&self, field: &BodyField<'_>) -> Option<JsonNode> {
        field.any_object().cloned()
    }

    fn schema(&self) -> RefOr<Schema> {
        let open = AdditionalProperties::FreeForm(true);
        let object = ObjectBuilder::new().schema_type(Type::Object);
        object.additional_properties(Some(open)).build().into()
    }
}

/// A value read by another reader, and then judged or made into something else.
pub struct AndThen<R, F> {
    reader: R,
    then: F,
}

/// What `then` makes of a value; it reports at the field why it makes nothing of it.
#[must_use]
pub const fn and_then<R: ValueReader, T>(
    reader: R,
    then: impl Fn(R::Value, &BodyField<'_>) -> Option<T>,
) -> AndThen<R, impl Fn(R::Value, &BodyField<'_>) -> Option<T>> {
    AndThen { reader, then }
}

impl<R: ValueReader, T, F: Fn(R::Value, &BodyField<'_>) -> Option<T>> ValueReader
    for AndThen<R, F>
{
    type Value = T;

    fn read(&self, field: &BodyField<'_>) -> Option<T> {
        (self.then)(self.reader.read(field)?, field)
    }

    fn schema(&self) -> RefOr<Schema> {
        self.reader.schema()
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        self.reader.components(components);
    }
}

const CODE: TextForm = TextForm {
    should: "must be 1 to 64 of a-z, 0-9, _ and -",
    pattern: Some("^[a-z0-9_-]{1,64}$"),
    format: None,
    test: |text| {
        let is_right = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        text.len() <= 64 && text.bytes().all(|byte| is_right(byte) || b"_-".contains(&byte))
    },
};

/// A code that says why: 1 to 64 of `a-z0-9_-`.
#[must_use]
pub const fn code() -> Text {
    label().of_form(CODE)
}

/// An exact decimal.
pub struct PlainDecimal {
    bounds: Option<(f64, f64, f64)>,
}

/// An exact decimal, written without an exponent. The use case judges what it may be beyond that.
#[must_use]
pub const fn plain_decimal() -> PlainDecimal {
    PlainDecimal { bounds: None }
}

/// The same, with the bounds and the step that the use case keeps it to.
#[must_use]
pub const fn plain_decimal_within(least: f64, most: f64, step: f64) -> PlainDecimal {
    PlainDecimal { bounds: Some((least, most, step)) }
}

impl ValueReader for PlainDecimal {
    type Value = Decimal;

    fn read(&self, field: &BodyField<'_>) -> Option<Decimal> {
        let decimal = Decimal::parse(field.number()?);
        if decimal.is_none() {
            field.refuse(ErrorCode::InvalidFormat, "must be a plain decimal");
        }
        decimal
    }

    fn schema(&self) -> RefOr<Schema> {
        match self.bounds {
            Some((least, most, step)) => schema::number(least, most, step),
            None => ObjectBuilder::new().schema_type(Type::Number).build().into(),
        }
    }
}
