//! What a page could not do. It becomes a page of its own on the way out, when it is known in which
//! language.

use crate::lang::Language;
use crate::refusal::reason;
use app::Failure;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::refusal::Refusal;
use std::sync::{Arc, Mutex, PoisonError};

/// Why there is no page.
#[derive(Debug)]
pub enum PageError {
    Failed(Failure),
    /// A form came from another site's page.
    Foreign,
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A trouble on its way out: responses must be cloneable in their extensions.
#[derive(Clone)]
pub struct PageErrorExtension(Arc<Mutex<Option<PageError>>>);

impl PageErrorExtension {
    /// Takes the trouble out; none when it was taken before.
    pub fn take(&self) -> Option<PageError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Self::Failed(Failure::Refused(refused)) = &self
            && let Some(seconds) = refused.retry_after
        {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(PageErrorExtension(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

impl PageError {
    /// The status with which the page about it is sent.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::Failed(failure) => status_of(failure),
        }
    }

    /// What a person is told: a heading and a sentence.
    pub fn message(&self, words: &'static Language) -> (&'static str, &'static str) {
        match self {
            Self::Foreign => (words.error_foreign_title, words.error_foreign),
            Self::Failed(Failure::NotFound | Failure::InsufficientScope(_)) => {
                (words.error_missing_title, words.error_missing)
            }
            Self::Failed(Failure::Unauthenticated) => {
                (words.error_session_title, words.error_session)
            }
            Self::Failed(Failure::Refused(refused)) => {
                (words.error_refused_title, reason(words, refused.code))
            }
            Self::Failed(Failure::Busy | Failure::Unavailable(_)) => {
                (words.error_busy_title, words.error_busy)
            }
            Self::Failed(_) => (words.error_title, words.error),
        }
    }

    /// Writes what only the operator should read.
    pub fn log(&self) {
        if let Self::Failed(failure @ (Failure::Internal(_) | Failure::Unavailable(_))) = self {
            tracing::error!(target: "assay::pages", %failure, "a page could not be made");
        }
    }
}

/// As the APIs have it: 403 when it is about the person, 409 when it is about how things stand.
pub fn status_of(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Faults(_) | Failure::Document(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Unauthenticated => StatusCode::UNAUTHORIZED,
        Failure::InsufficientScope(_) => StatusCode::FORBIDDEN,
        Failure::NotFound => StatusCode::NOT_FOUND,
        Failure::Refused(refused) => match refused.code {
            Refusal::TooManyTries
            | Refusal::TooManyVersions
            | Refusal::TooManyUploads
            | Refusal::TooManyChecks => StatusCode::TOO_MANY_REQUESTS,
            Refusal::AccessDenied
            | Refusal::TaskInactive
            | Refusal::CandidateInactive
            | Refusal::StepInactive => StatusCode::FORBIDDEN,
            _ => StatusCode::CONFLICT,
        },
        Failure::Unfit { .. } | Failure::NotTaken { .. } | Failure::MediaInUse(_) => {
            StatusCode::CONFLICT
        }
        Failure::Busy | Failure::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
