//! The audit log: what happened, by whom, in the order of its chain. Reading it is itself recorded.

mod event_row;

use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::Failure;
use app::audit::{AuditEventKind, AuditPage, AuditQuery, AuditSubject, ChainVerdict, EventFilter};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use event_row::AuditEventRow;

const ADDRESS: &str = "/staff/audit";
const PER_PAGE: i64 = 50;
/// Events of one file. Whoever wants more asks for the span before it.
const MOST_EXPORTED: i64 = 10_000;

/// The audit log as a page and as newline-delimited JSON.
pub fn routes() -> AreaRoutes {
    vec![(ADDRESS, get(show)), ("/staff/audit/get/events.ndjson", get(export))]
}

#[derive(Template)]
#[template(path = "staff/audit/list.html")]
struct AuditLogPage {
    frame: StaffLayout,
    values: FormValues,
    errors: FormErrors,
    kinds: Vec<&'static str>,
    lines: Vec<AuditEventRow>,
    verdict: Option<ChainVerdict>,
    check: String,
    export: String,
    older: Option<String>,
    is_of_instance: bool,
}

/// `GET /staff/audit`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let query = query(&values, &mut errors, PER_PAGE);
    let subject = query.subject.clone();
    let run = match state.app.audit().audit_log(staff.caller(), query).await {
        Ok(run) => run,
        Err(Failure::NotFound) => {
            errors.add("/instance", "There is no such result, or you may not see it.");
            AuditPage { events: Vec::new(), has_more: false }
        }
        Err(failure) => return Err(failure.into()),
    };
    let verdict = match values.has("check") && errors.is_empty() {
        true => Some(state.app.audit().verify_events(staff.caller(), subject.clone()).await?),
        false => None,
    };
    let last = run.events.last().map(|recorded| recorded.n).filter(|_| run.has_more);
    let page = AuditLogPage {
        frame: StaffLayout::new(&staff, StaffArea::Audit, "Audit log"),
        kinds: AuditEventKind::ALL.iter().map(|kind| kind.as_str()).collect(),
        older: last.map(|n| address(&values, ADDRESS, &format!("before={n}"))),
        check: address(&values, ADDRESS, "check=yes"),
        export: address(&values, "/staff/audit/get/events.ndjson", ""),
        lines: run.events.iter().map(AuditEventRow::of).collect(),
        is_of_instance: subject != AuditSubject::Organization,
        verdict,
        values,
        errors,
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/audit/get/events.ndjson`: one event a line, the newest first.
pub async fn export(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let query = query(&FormValues(pairs), &mut FormErrors::default(), MOST_EXPORTED);
    let run = state.app.audit().audit_log(staff.caller(), query).await?;
    let mut text = String::new();
    for recorded in &run.events {
        text.push_str(&app::audit::event_line(recorded));
        text.push('\n');
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"events.ndjson\""),
        ),
    ];
    Ok((headers, text).into_response())
}

fn query(values: &FormValues, errors: &mut FormErrors, limit: i64) -> AuditQuery {
    let filter = EventFilter {
        kind: values.non_empty("kind"),
        actor: values.non_empty("actor"),
        mention: values.non_empty("mention"),
        since: values.instant("since", errors, "/since"),
        until: values.instant("until", errors, "/until"),
    };
    let subject = values
        .non_empty("instance")
        .map_or(AuditSubject::Organization, |id| AuditSubject::Instance(id.into()));
    AuditQuery { subject, filter, behind: values.text("before").parse().ok(), limit }
}

/// The same filters at another address.
fn address(values: &FormValues, path: &str, more: &str) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let names = ["kind", "actor", "mention", "since", "until", "instance"];
    let filters = names
        .iter()
        .filter_map(|name| Some(format!("{name}={}", encode(&values.non_empty(name)?))));
    let all: Vec<_> = filters.chain((!more.is_empty()).then(|| more.to_owned())).collect();
    if all.is_empty() { path.to_owned() } else { format!("{path}?{}", all.join("&")) }
}
