//! How many requests there were, by route, method and status, and how long they took to be
//! answered.
//!
//! A label is the template of a route, such as `/tasks/{taskId}`, or a word of ours. Must never
//! label anything with what a client wrote: ids, keys and codes would be told to whoever reads the
//! metrics, and each makes a series of its own.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use metrics::{Histogram, histogram};
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tower::{Layer, Service};

/// Seconds from the head of a request to the head of its answer; its count is the number of
/// requests.
pub const REQUESTS: &str = "assay_http_request_duration_seconds";

/// The label of requests that reached no route: unknown paths, keys that were refused.
const NO_ROUTE: &str = "none";

/// The template of the route that answered, on the way back to the outermost layer.
#[derive(Clone)]
pub struct RouteTemplate(MatchedPath);

/// Lets the answers of finished routes say which template they came from.
pub fn with_route_templates(routes: Router) -> Router {
    routes.layer(RouteTemplateLayer)
}

type RouteHistograms = HashMap<Box<str>, Histogram>;

/// Where requests are counted.
#[derive(Default)]
pub struct RequestMeters {
    /// Looking one up here costs a tenth of naming it anew.
    histograms: RwLock<HashMap<(&'static str, StatusCode), RouteHistograms>>,
}

impl RequestMeters {
    /// Counts a request by its answer.
    pub fn record(&self, method: &Method, response: &Response, took: Duration) {
        let route = response
            .extensions()
            .get::<RouteTemplate>()
            .map_or(NO_ROUTE, |RouteTemplate(path)| path.as_str());
        let kind = (method_label(method), response.status());
        let histograms = self.histograms.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = histograms.get(&kind).and_then(|routes| routes.get(route)) {
            return meter.record(took);
        }
        drop(histograms);
        let labels = [
            ("route", route.to_owned()),
            ("method", kind.0.to_owned()),
            ("status", response.status().as_str().to_owned()),
        ];
        let meter = histogram!(REQUESTS, &labels);
        meter.record(took);
        let mut histograms = self.histograms.write().unwrap_or_else(PoisonError::into_inner);
        histograms.entry(kind).or_default().insert(route.into(), meter);
    }
}

/// A client may invent methods.
fn method_label(method: &Method) -> &'static str {
    const WORDS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    WORDS.into_iter().find(|word| *word == method.as_str()).unwrap_or("other")
}

#[derive(Clone, Copy)]
struct RouteTemplateLayer;

impl<S> Layer<S> for RouteTemplateLayer {
    type Service = RouteTemplateService<S>;

    fn layer(&self, inner: S) -> RouteTemplateService<S> {
        RouteTemplateService(inner)
    }
}

#[derive(Clone)]
struct RouteTemplateService<S>(S);

impl<S> Service<Request> for RouteTemplateService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let template = request.extensions().get::<MatchedPath>().cloned().map(RouteTemplate);
        let answer = self.0.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            if let Some(template) = template {
                response.extensions_mut().insert(template);
            }
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_of_the_clients_own_is_told_by_our_word() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        assert_eq!(method_label(&Method::from_bytes(b"SECRET").unwrap()), "other");
    }
}
