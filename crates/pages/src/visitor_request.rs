//! Who looks at a page: the log-in session of the cookie, the language, where the request came
//! from.

use crate::candidate_session::session_token;
use crate::cookies::cookie;
use crate::lang::{self, Language};
use crate::state::PagesState;
use app::Failure;
use app::caller::{CandidateSession, ClientContext, session_hash};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use domain::id::RequestId;
use std::convert::Infallible;
use std::net::SocketAddr;

/// The language that was chosen on a page.
pub const LANGUAGE: &str = "assay-lang";

/// What a request to a page shows.
#[derive(Clone, Debug)]
pub struct VisitorRequest {
    /// What was chosen on a page before.
    chosen: Option<&'static Language>,
    /// The best of what the browser asks for.
    accepted: &'static Language,
    token: Option<String>,
    client: ClientContext,
}

impl FromRequestParts<PagesState> for VisitorRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &PagesState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

impl VisitorRequest {
    /// Reads language, session token and client address from a request's head.
    pub fn of(parts: &Parts, state: &PagesState) -> Self {
        let request = parts.extensions.get::<RequestId>().cloned();
        let accepted =
            parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok());
        Self {
            chosen: cookie(&parts.headers, LANGUAGE).and_then(Language::of_tag),
            accepted: lang::of_accepted(accepted.unwrap_or_default()),
            token: session_token(&parts.headers).map(str::to_owned),
            client: ClientContext {
                address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
                request: request.unwrap_or_else(|| state.app.new_id(state.app.now())),
            },
        }
    }

    /// The words of a page that belongs to nobody.
    pub fn texts(&self) -> &'static Language {
        self.chosen.unwrap_or(self.accepted)
    }

    /// The words of a page of a task or candidate, whose language comes before the browser's.
    pub fn texts_for(&self, own: &str) -> &'static Language {
        self.chosen.or_else(|| Language::of_tag(own)).unwrap_or(self.accepted)
    }

    /// Where the request came from, for throttles and the audit log.
    pub fn client_context(&self) -> &ClientContext {
        &self.client
    }

    /// The log-in session the cookie shows. Whether it stands is asked in the use case.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] when there is no cookie.
    pub fn candidate_session(&self) -> Result<CandidateSession, Failure> {
        let token = self.token.as_deref().ok_or(Failure::Unauthenticated)?;
        let ClientContext { address, request } = self.client.clone();
        Ok(CandidateSession { token_hash: session_hash(token), address, request })
    }

    /// The session's token, for the delivery API.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}
