//! The document as text: importing it, writing it without a script, and taking it away as a file.

use super::faults::{FaultExcerpt, with_excerpts, without_excerpt};
use super::{ADDRESS, TestTabs, address, page_layout};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::media::FileReceiver as _;
use app::test_library::{ImportedTest, TEST_CHANGED, TestImportOptions};
use askama::Template;
use axum::body::Body;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFormat;
use domain::id::TestId;
use serde::Deserialize;
use tokio::time::timeout;

#[derive(Template)]
#[template(path = "staff/tests/source.html")]
struct TestSourcePage {
    frame: StaffLayout,
    /// None while a new test is imported.
    tabs: Option<TestTabs>,
    errors: FormErrors,
    faults: Vec<FaultExcerpt>,
    form: TestSourceForm,
    /// Another version is on top by now.
    has_changed: bool,
}

/// A document as text, to be checked and saved.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TestSourceForm {
    /// Empty makes a new test.
    test: String,
    /// Hex of the digest the writer began with.
    based: String,
    text: String,
    folder: String,
    labels: String,
}

/// The version whose text is shown; none is the present one.
#[derive(Deserialize)]
pub struct TestSourceQuery {
    version: Option<i64>,
}

/// `GET /staff/tests/import`.
pub async fn import_form(staff: SignedInStaff) -> Result<Response, PageError> {
    page(&staff, None, FormErrors::default(), Vec::new(), TestSourceForm::default(), false)
}

/// `GET /staff/tests/{test}/source`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
) -> Result<Response, PageError> {
    let test = TestId::from(test);
    let title = state.app.test_library().test(staff.caller(), &test).await?.title;
    let text = state
        .app
        .test_library()
        .test_text(staff.caller(), &test, None, DocumentFormat::Yaml)
        .await?;
    let form = TestSourceForm {
        test: test.to_string(),
        based: hex::encode(text.digest),
        text: text.text,
        ..TestSourceForm::default()
    };
    page(&staff, Some(&title), FormErrors::default(), Vec::new(), form, false)
}

/// `POST /staff/tests/do/import`.
pub async fn import(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(form): Form<TestSourceForm>,
) -> Result<Response, PageError> {
    let options = options(&form);
    let title = match &options.test {
        Some(test) => Some(state.app.test_library().test(staff.caller(), test).await?.title),
        None => None,
    };
    match state
        .app
        .test_library()
        .import_test(staff.caller(), form.text.as_bytes(), DocumentFormat::Guess, options)
        .await
    {
        Ok(stored) => {
            let said = if stored.is_new_version { "kept" } else { "same" };
            Ok(reply::redirect(&address(&stored.test.id, &format!("?said={said}"))))
        }
        Err(Failure::Document(faults)) => {
            let faults = with_excerpts(&faults, &form.text);
            page(&staff, title.as_deref(), FormErrors::default(), faults, form, false)
        }
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => {
            page(&staff, title.as_deref(), FormErrors::default(), Vec::new(), form, true)
        }
        Err(failure) => {
            page(&staff, title.as_deref(), FormErrors::of(failure)?, Vec::new(), form, false)
        }
    }
}

/// `GET /staff/tests/{test}/get/{file}`: `document.json`, `document.yaml` or `document.zip` with its
/// media, of the latest version
/// unless one is named.
pub async fn export(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((test, file)): Path<(String, String)>,
    Query(query): Query<TestSourceQuery>,
) -> Result<Response, PageError> {
    if file == "document.zip" {
        return archive(&state, &staff, &TestId::from(test), query.version).await;
    }
    let (format, ending, kind) = match file.as_str() {
        "document.json" => (DocumentFormat::Json, "json", "application/json"),
        "document.yaml" => (DocumentFormat::Yaml, "yaml", "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let test = TestId::from(test);
    let key = state.app.test_library().test(staff.caller(), &test).await?.key;
    let text =
        state.app.test_library().test_text(staff.caller(), &test, query.version, format).await?;
    let disposition = format!("attachment; filename=\"{key}-{}.{ending}\"", text.number);
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text.text).into_response())
}

/// The document with the media that it names.
async fn archive(
    state: &PagesState,
    staff: &SignedInStaff,
    test: &TestId,
    version: Option<i64>,
) -> Result<Response, PageError> {
    let library = state.app.test_library();
    let archive = library.export_archive(staff.caller(), test, version).await?;
    let name = format!("attachment; filename=\"{}-{}.zip\"", archive.key, archive.number);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CONTENT_LENGTH, archive.bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(archive.into_pieces())).into_response())
}

/// `POST /staff/tests/do/import-archive`: an archive of a document with its media, as a new test.
pub async fn import_archive(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    mut parts: Multipart,
) -> Result<Response, PageError> {
    let options = TestImportOptions { folder: Some(String::new()), ..TestImportOptions::default() };
    match received(&state, &staff, &mut parts, options).await {
        Ok(stored) => Ok(reply::redirect(&address(&stored.test.id, "?said=kept"))),
        Err(Failure::Document(faults)) => {
            let faults = faults.iter().map(without_excerpt).collect();
            page(&staff, None, FormErrors::default(), faults, TestSourceForm::default(), false)
        }
        Err(Failure::NotTaken { why, .. }) => {
            let mut errors = FormErrors::default();
            errors.add("archive", why.to_string());
            page(&staff, None, errors, Vec::new(), TestSourceForm::default(), false)
        }
        Err(failure) => {
            let errors = FormErrors::of(failure)?;
            page(&staff, None, errors, Vec::new(), TestSourceForm::default(), false)
        }
    }
}

/// The file of the form, taken in piece by piece.
async fn received(
    state: &PagesState,
    staff: &SignedInStaff,
    parts: &mut Multipart,
    options: TestImportOptions,
) -> Result<ImportedTest, Failure> {
    let library = state.app.test_library();
    let mut receiving = library.begin_archive(staff.caller(), options, None).await?;
    while let Ok(Some(mut field)) = parts.next_field().await {
        if field.name() != Some("archive") {
            continue;
        }
        loop {
            let Ok(piece) = timeout(receiving.chunk_timeout(), field.chunk()).await else {
                return Err(receiving.timeout_failure());
            };
            match piece {
                Ok(Some(bytes)) => receiving.write_chunk(&bytes).await?,
                Ok(None) => return receiving.finish().await,
                Err(_) => return Err(receiving.timeout_failure()),
            }
        }
    }
    receiving.finish().await
}

fn options(form: &TestSourceForm) -> TestImportOptions {
    let is_new = form.test.is_empty();
    let labels =
        form.labels.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned);
    TestImportOptions {
        test: (!is_new).then(|| TestId::from(form.test.clone())),
        folder: is_new.then(|| form.folder.trim().to_owned()),
        labels: is_new.then(|| labels.collect()),
        based_on: parse_base_digest(&form.based),
    }
}

/// The digest a writer began with; none writes over whatever is there.
pub fn parse_base_digest(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

fn page(
    staff: &SignedInStaff,
    title: Option<&str>,
    errors: FormErrors,
    faults: Vec<FaultExcerpt>,
    form: TestSourceForm,
    has_changed: bool,
) -> Result<Response, PageError> {
    let status = match (has_changed, errors.is_empty() && faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::OK,
        (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let frame = match title {
        None => {
            StaffLayout::new(staff, StaffArea::Tests, "Import a test").with_crumb("Tests", ADDRESS)
        }
        Some(title) => page_layout(staff, title),
    };
    let tabs =
        title.is_some().then(|| TestTabs::of(staff, &TestId::from(form.test.clone()), "source"));
    let frame = frame.with_script("staff/editor/source.js");
    reply::page(status, &TestSourcePage { frame, tabs, errors, faults, form, has_changed })
}
