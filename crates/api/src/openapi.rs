//! The OpenAPI 3.1 document, served at `/openapi.json`, and Swagger UI at `/docs`, both without a
//! key and offline.
//!
//! Endpoints describe themselves with `#[utoipa::path]`; this module adds what they share. Must
//! never describe what an endpoint does.

use crate::etag::EntityTag;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use domain::fault::ErrorCode;
use domain::string_enum::StringEnum;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Response as Described, ResponseBuilder, Schema, Type,
};
use utoipa::{IntoResponses, PartialSchema, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

const SWAGGER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/// How a problem is printed; see `problem::Problem` for the one that is answered with.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
#[schema(as = Problem)]
struct ProblemSchema {
    /// `<public base URL>/problems/<code>`
    r#type: String,
    /// The reason phrase of the status.
    title: String,
    /// The HTTP status.
    status: u16,
    /// One English sentence; its wording may change.
    detail: String,
    /// Stable, snake_case.
    code: String,
    /// Empty unless the status is 400.
    errors: Vec<FaultSchema>,
    /// The number of faults beyond the first 100.
    #[serde(rename = "moreErrors")]
    #[schema(nullable = false)]
    more_errors: Option<u64>,
}

/// One fault of a request.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
#[schema(as = Fault)]
struct FaultSchema {
    /// Which part of the request is meant.
    r#in: FaultPlace,
    /// Parameter or header name; absent if unreadable.
    #[schema(nullable = false)]
    name: Option<String>,
    /// For `body`: a JSON pointer (RFC 6901); the empty text is the whole body.
    #[schema(nullable = false)]
    pointer: Option<String>,
    /// Stable, snake_case.
    code: String,
    /// Says what is allowed.
    message: String,
    /// A name that exists and is close to the one that was sent.
    #[schema(nullable = false)]
    suggestion: Option<String>,
    /// The least that is allowed.
    #[schema(nullable = false)]
    minimum: Option<i64>,
    /// The most that is allowed.
    #[schema(nullable = false)]
    maximum: Option<i64>,
    /// The words that are allowed.
    #[schema(nullable = false)]
    allowed: Option<Vec<String>>,
}

/// A part of a request.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used")]
#[serde(rename_all = "lowercase")]
enum FaultPlace {
    Query,
    Path,
    Body,
    Header,
}

/// The errors of every endpoint: 400, 401, 403, 405, 429, 500 and 503.
pub struct CommonErrors;
/// The error of endpoints with ids in their path: 404.
pub struct PathErrors;
/// The errors of endpoints that take a body: 413 and 415.
pub struct BodyErrors;
/// The error of endpoints that how things stand may forbid, with a code of its own for each reason:
/// 409.
pub struct StateErrors;

impl IntoResponses for CommonErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        problems(&[400, 401, 403, 405, 429, 500, 503])
    }
}

impl IntoResponses for PathErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        problems(&[404])
    }
}

impl IntoResponses for BodyErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        problems(&[413, 415])
    }
}

impl IntoResponses for StateErrors {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        problems(&[409])
    }
}

fn problems(statuses: &[u16]) -> BTreeMap<String, RefOr<Described>> {
    statuses.iter().map(|status| (status.to_string(), problem(*status).into())).collect()
}

fn problem(status: u16) -> Described {
    let description = match status {
        400 => "Faults of the path, query, headers or body, all at once; see errors.",
        401 => ErrorCode::Unauthenticated.meaning(),
        403 => "The key lacks the scope, or the state of the resource forbids it.",
        404 => ErrorCode::NotFound.meaning(),
        405 => ErrorCode::MethodNotAllowed.meaning(),
        409 => "How things stand does not allow this; the code says why.",
        413 => ErrorCode::BodyTooLarge.meaning(),
        415 => ErrorCode::UnsupportedMediaType.meaning(),
        429 => ErrorCode::RateLimited.meaning(),
        503 => ErrorCode::Unavailable.meaning(),
        _ => ErrorCode::InternalError.meaning(),
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

/// The schema of a property that holds one of a closed set of words. `ToSchema` cannot be derived
/// inside `string_enum!` (it would print the names of the variants), and types of other crates
/// cannot have it; their fields say `#[schema(schema_with = ...)]` with a function that calls this.
/// The description is part of it, since doc comments of such fields are not read.
#[must_use]
pub fn string_enum_schema<T: Copy>(
    description: &str,
    all: &[T],
    spelling: fn(T) -> &'static str,
) -> RefOr<Schema> {
    words(all, spelling).description(Some(description)).build().into()
}

/// A closed set of words as the items of a list.
#[must_use]
pub fn words<T: Copy>(all: &[T], spelling: fn(T) -> &'static str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(all.iter().copied().map(spelling)))
}

/// One of a closed set of words, in a response. Fields have a type alias for each enum and say
/// `#[schema(inline)]`, so that the words stand beside what the field's doc comment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumWord<T>(pub T);

impl<T> From<T> for EnumWord<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: StringEnum> Serialize for EnumWord<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<T: StringEnum> PartialSchema for EnumWord<T> {
    fn schema() -> RefOr<Schema> {
        words(T::ALL, T::as_str).build().into()
    }
}

impl<T: StringEnum> ToSchema for EnumWord<T> {}

/// Puts the documents of the APIs together, each under its prefix.
#[must_use]
pub fn assemble(version: &str, apis: impl IntoIterator<Item = (&'static str, OpenApi)>) -> OpenApi {
    let information = InfoBuilder::new().title("assay").version(version).build();
    let mut document = OpenApiBuilder::new().info(information).build();
    for (prefix, api) in apis {
        document = document.nest(prefix, api);
    }
    describe_successes(&mut document);
    let components = document.components.get_or_insert_default();
    for (name, schema) in shared_schemas() {
        components.schemas.insert(name, schema);
    }
    crate::descriptions::describe(&mut document);
    let components = document.components.get_or_insert_default();
    for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
        components.add_security_scheme(name, scheme);
    }
    let none: [&str; 0] = [];
    document.security =
        Some(["bearer", "basic"].map(|name| SecurityRequirement::new(name, none)).into());
    document
}

/// A response must have a description; endpoints that say all with the body's schema leave it out.
fn describe_successes(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    "Done.".clone_into(&mut response.description);
                }
            }
        }
    }
}

fn shared_schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(ProblemSchema::name().into_owned(), ProblemSchema::schema())];
    ProblemSchema::schemas(&mut schemas);
    schemas
}

/// `GET /openapi.json` and Swagger UI at `/docs`.
///
/// # Errors
/// When the document cannot be printed.
pub fn routes(document: &OpenApi) -> Result<Router, serde_json::Error> {
    let bytes = Bytes::from(document.to_json()?);
    let tag = EntityTag::of_bytes(&bytes);
    let serve = move |headers: HeaderMap| {
        let (tag, bytes) = (tag.clone(), bytes.clone());
        async move { tag.not_modified(&headers).unwrap_or_else(|| tag.apply_to(json(bytes))) }
    };
    let swagger: Router = SwaggerUi::new("/docs").config(Config::from("/openapi.json")).into();
    Ok(swagger.layer(map_response(allow_swagger)).route("/openapi.json", get(serve)))
}

fn json(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

async fn allow_swagger(mut response: Response) -> Response {
    let policy = HeaderValue::from_static(SWAGGER_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
