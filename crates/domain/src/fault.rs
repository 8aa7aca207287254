//! What is wrong with a request: the stable codes of the wire and the faults that carry them.
//!
//! `app` and `api` collect faults in these words and never send them one by one. This module must
//! never know how a problem is written to a response, nor hold a rule: it names refusals, it does
//! not decide them.

use crate::json::JsonPointer;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

string_enum! {
    /// A stable code of the REST API (REST specification, 1.5). Clients compare these; they never
    /// change.
    pub enum ErrorCode {
        ValidationFailed = "validation_failed",
        MalformedQuery = "malformed_query",
        MalformedPath = "malformed_path",
        UnknownParameter = "unknown_parameter",
        RepeatedParameter = "repeated_parameter",
        EmptyValue = "empty_value",
        InvalidType = "invalid_type",
        OutOfRange = "out_of_range",
        InvalidRange = "invalid_range",
        InvalidEnum = "invalid_enum",
        InvalidLength = "invalid_length",
        InvalidFormat = "invalid_format",
        Required = "required",
        UnknownKey = "unknown_key",
        DuplicateKey = "duplicate_key",
        MalformedJson = "malformed_json",
        UnexpectedBody = "unexpected_body",
        ConflictingFilters = "conflicting_filters",
        ConflictingValues = "conflicting_values",
        MissingCriterion = "missing_criterion",
        UnknownCursor = "unknown_cursor",
        UnknownReference = "unknown_reference",
        DuplicateUniqId = "duplicate_uniq_id",
        DuplicateCredentials = "duplicate_credentials",
        IdempotencyKeyReused = "idempotency_key_reused",
        Unauthenticated = "unauthenticated",
        InsufficientScope = "insufficient_scope",
        CandidateAlreadyParticipated = "candidate_already_participated",
        NotFound = "not_found",
        UnknownRoute = "unknown_route",
        MethodNotAllowed = "method_not_allowed",
        BodyTooLarge = "body_too_large",
        UnsupportedMediaType = "unsupported_media_type",
        RateLimited = "rate_limited",
        InternalError = "internal_error",
        Unavailable = "unavailable",
    }
}

impl ErrorCode {
    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::InsufficientScope | Self::CandidateAlreadyParticipated => 403,
            Self::NotFound | Self::UnknownRoute => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::InternalError => 500,
            Self::Unavailable => 503,
            _ => 400,
        }
    }

    /// What the code means, one English sentence for the help pages and the `detail` of a problem
    /// without faults.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ValidationFailed => "The request has several faults with different codes.",
            Self::MalformedQuery => {
                "The query has broken percent-encoding or UTF-8, or the target is too long."
            }
            Self::MalformedPath => "The path has broken percent-encoding or UTF-8.",
            Self::UnknownParameter => "The endpoint does not have this query parameter.",
            Self::RepeatedParameter => "The query parameter is given more than once.",
            Self::EmptyValue => "A parameter, a filter text or a filter list is empty.",
            Self::InvalidType => "The value is not of the required type.",
            Self::OutOfRange => "The number lies outside its bounds.",
            Self::InvalidRange => "The lower bound lies above the upper bound.",
            Self::InvalidEnum => "The value is not one of the listed words; case matters.",
            Self::InvalidLength => "The text, list or object is too short or too long.",
            Self::InvalidFormat => "The value has the wrong form.",
            Self::Required => "A required key is absent.",
            Self::UnknownKey => "The body has a key that its shape does not have.",
            Self::DuplicateKey => "A key is given twice in one object.",
            Self::MalformedJson => "The body is not one JSON object, or it is nested too deeply.",
            Self::UnexpectedBody => "The request has a body where none is taken.",
            Self::ConflictingFilters => "Two filters of the request exclude each other.",
            Self::ConflictingValues => "The same label is to be added and removed.",
            Self::MissingCriterion => "The search names no field to search by.",
            Self::UnknownCursor => {
                "The cursor was not issued for this task, or for a change that was lost when a backup was put back: read all again."
            }
            Self::UnknownReference => "An id or name in the body names nothing here.",
            Self::DuplicateUniqId => "The uniqId is taken within its scope.",
            Self::DuplicateCredentials => "The credentials are taken in this task.",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request.",
            Self::Unauthenticated => "The request carries no usable key.",
            Self::InsufficientScope => "The key lacks the scope that the route needs.",
            Self::CandidateAlreadyParticipated => {
                "The candidate has taken part and cannot be deleted any more."
            }
            Self::NotFound => "There is no such resource.",
            Self::UnknownRoute => "There is no such path.",
            Self::MethodNotAllowed => {
                "The path does not take this method; Allow lists those it takes."
            }
            Self::BodyTooLarge => "The body is larger than the route takes.",
            Self::UnsupportedMediaType => {
                "The body must be sent as plain application/json in UTF-8, or as the type that the operation names."
            }
            Self::RateLimited => "There were too many requests; Retry-After says when to go on.",
            Self::InternalError => "The server failed; the request may be tried again.",
            Self::Unavailable => {
                "The server cannot answer now; Retry-After says when to try again."
            }
        }
    }

    /// The code for the whole request: the one all faults share, otherwise `validation_failed`.
    #[must_use]
    pub fn common_code(faults: &[Fault]) -> Self {
        match faults {
            [first, rest @ ..] if rest.iter().all(|fault| fault.code == first.code) => first.code,
            _ => Self::ValidationFailed,
        }
    }
}

/// Where in a request a fault lies. A name is absent when it could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultLocation {
    Query(Option<String>),
    Path(Option<String>),
    Header(Option<String>),
    Body(JsonPointer),
}

impl FaultLocation {
    /// The query parameter of this name.
    #[must_use]
    pub fn query(name: impl Into<String>) -> Self {
        Self::Query(Some(name.into()))
    }

    /// The path parameter of this name.
    #[must_use]
    pub fn path(name: impl Into<String>) -> Self {
        Self::Path(Some(name.into()))
    }

    /// The header of this name.
    #[must_use]
    pub fn header(name: impl Into<String>) -> Self {
        Self::Header(Some(name.into()))
    }

    /// The part of the request, as `in` of a fault spells it.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Path(_) => "path",
            Self::Header(_) => "header",
            Self::Body(_) => "body",
        }
    }

    const fn name(&self) -> Option<&String> {
        match self {
            Self::Query(name) | Self::Path(name) | Self::Header(name) => name.as_ref(),
            Self::Body(_) => None,
        }
    }
}

/// As the subject of a message: `limit`, `/fields/title`, `The body`.
impl fmt::Display for FaultLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(pointer) if pointer.as_str().is_empty() => formatter.write_str("The body"),
            Self::Body(pointer) => formatter.write_str(pointer.as_str()),
            named => match named.name() {
                Some(name) => formatter.write_str(name),
                None => write!(formatter, "The {}", named.part()),
            },
        }
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub place: FaultLocation,
    pub code: ErrorCode,
    /// What should hold there, in English, such as `must be a boolean`; its wording may change and
    /// decides nothing.
    pub should: String,
    /// Whether what it collides with is an earlier entry of the same list, not something kept.
    pub is_within_list: bool,
    /// The known name that was probably meant.
    pub suggestion: Option<String>,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    /// The words that are allowed; empty when the fault is not about words.
    pub allowed: Vec<&'static str>,
}

impl Fault {
    /// A fault with what should hold at its place, for example `must be a boolean`.
    #[must_use]
    pub fn new(place: FaultLocation, code: ErrorCode, should: impl fmt::Display) -> Self {
        Self {
            place,
            code,
            should: should.to_string(),
            is_within_list: false,
            suggestion: None,
            minimum: None,
            maximum: None,
            allowed: Vec::new(),
        }
    }

    /// The whole sentence: the place and what should hold there.
    #[must_use]
    pub fn message(&self) -> String {
        format!("{} {}.", self.place, self.should)
    }

    /// The same fault, colliding with an earlier entry of its list.
    #[must_use]
    pub const fn within_list(mut self) -> Self {
        self.is_within_list = true;
        self
    }

    /// The same fault, naming what was probably meant.
    #[must_use]
    pub fn with_suggestion(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }

    /// The same fault with the bounds that hold.
    #[must_use]
    pub const fn with_bounds(mut self, minimum: Option<i64>, maximum: Option<i64>) -> Self {
        (self.minimum, self.maximum) = (minimum, maximum);
        self
    }

    /// A number outside `minimum..=maximum`.
    #[must_use]
    pub fn out_of_range(place: FaultLocation, minimum: i64, maximum: i64) -> Self {
        let should = format!("must be an integer from {minimum} to {maximum}");
        Self::new(place, ErrorCode::OutOfRange, should).with_bounds(Some(minimum), Some(maximum))
    }

    /// A text that is none of the words.
    #[must_use]
    pub fn invalid_enum(place: FaultLocation, allowed: &[&'static str]) -> Self {
        let mut fault = Self::new(
            place,
            ErrorCode::InvalidEnum,
            format_args!("must be one of {}", allowed.join(", ")),
        );
        fault.allowed = allowed.to_vec();
        fault
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("in", self.place.part())?;
        match &self.place {
            FaultLocation::Body(pointer) => map.serialize_entry("pointer", pointer.as_str())?,
            named => named.name().map_or(Ok(()), |name| map.serialize_entry("name", name))?,
        }
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("message", &self.message())?;
        if let Some(suggestion) = &self.suggestion {
            map.serialize_entry("suggestion", suggestion)?;
        }
        if let Some(minimum) = self.minimum {
            map.serialize_entry("minimum", &minimum)?;
        }
        if let Some(maximum) = self.maximum {
            map.serialize_entry("maximum", &maximum)?;
        }
        if !self.allowed.is_empty() {
            map.serialize_entry("allowed", &self.allowed)?;
        }
        map.end()
    }
}

/// The faults of one request in the order they are reported: the first hundred and the number of
/// the others.
///
/// Push in order: path, query, headers, body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    entries: Vec<Fault>,
    more: u64,
}

impl Faults {
    /// How many faults a response lists.
    pub const LISTED: usize = 100;

    /// No fault yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), more: 0 }
    }

    /// Adds a fault; beyond [`Self::LISTED`] they are only counted.
    pub fn push(&mut self, fault: Fault) {
        if self.entries.len() < Self::LISTED {
            self.entries.push(fault);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// Counts faults that are known to lie beyond the first hundred.
    pub const fn add_beyond_limit(&mut self, number: u64) {
        self.more = self.more.saturating_add(number);
    }

    /// Whether everything was right.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The faults that are listed, in the order they were found.
    #[must_use]
    pub fn entries(&self) -> &[Fault] {
        &self.entries
    }

    /// The number of faults beyond those in [`Self::entries`].
    #[must_use]
    pub const fn count_beyond_limit(&self) -> u64 {
        self.more
    }

    /// The code for the whole request.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::common_code(&self.entries)
    }

    /// Nothing when there is no fault.
    ///
    /// # Errors
    /// All faults, when there is one.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self { entries: vec![fault], more: 0 }
    }
}

impl Extend<Fault> for Faults {
    fn extend<I: IntoIterator<Item = Fault>>(&mut self, faults: I) {
        faults.into_iter().for_each(|fault| self.push(fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_with_different_codes_make_the_request_invalid_as_a_whole() {
        let small = Fault::out_of_range(FaultLocation::query("limit"), 1, 1000);
        let word = Fault::invalid_enum(FaultLocation::query("mode"), &["basic", "detailed"]);
        assert_eq!(ErrorCode::common_code(&[small.clone(), word]), ErrorCode::ValidationFailed);
        assert_eq!(ErrorCode::common_code(&[small.clone(), small]), ErrorCode::OutOfRange);
    }

    #[test]
    fn a_fault_prints_its_keys_in_the_published_order_and_leaves_out_what_it_lacks() {
        let fault = Fault::out_of_range(FaultLocation::query("limit"), 1, 1000);
        let expected = r#"{"in":"query","name":"limit","code":"out_of_range","message":"limit must be an integer from 1 to 1000.","minimum":1,"maximum":1000}"#;
        assert_eq!(serde_json::to_string(&fault).unwrap(), expected);
        let body = Fault::new(
            FaultLocation::Body(JsonPointer::root()),
            ErrorCode::MalformedJson,
            "must be one JSON object",
        );
        let expected = r#"{"in":"body","pointer":"","code":"malformed_json","message":"The body must be one JSON object."}"#;
        assert_eq!(serde_json::to_string(&body).unwrap(), expected);
        let unreadable = Fault::new(
            FaultLocation::Query(None),
            ErrorCode::MalformedQuery,
            "must be percent-encoded UTF-8",
        );
        assert!(!serde_json::to_string(&unreadable).unwrap().contains("\"name\""));
    }

    #[test]
    fn faults_beyond_the_first_hundred_are_only_counted() {
        let mut faults = Faults::new();
        faults.extend(
            (0..103)
                .map(|index| Fault::out_of_range(FaultLocation::query(format!("p{index}")), 0, 1)),
        );
        assert_eq!((faults.entries().len(), faults.count_beyond_limit()), (100, 3));
        assert_eq!(faults.into_result().unwrap_err().code(), ErrorCode::OutOfRange);
    }

    #[test]
    fn only_refusals_without_faults_have_another_status_than_400() {
        assert_eq!(ErrorCode::DuplicateUniqId.status(), 400);
        assert_eq!(ErrorCode::RateLimited.status(), 429);
        assert_eq!(ErrorCode::ALL.iter().filter(|code| code.status() == 400).count(), 25);
    }
}
