//! All of HTTP as one router: the APIs behind their authentication, the documents, the help pages,
//! the layers.

use crate::auth_layer::{AuthLayer, Authenticate, INTEGRATION, KeyRejection, mount_with_auth};
use crate::authorization::Credentials;
use crate::fallback::with_fallbacks;
use crate::layers::{LayerConfig, apply_layers};
use crate::meters::with_route_templates;
use crate::response_cache::ResponseCache;
use crate::state::{ApiState, BUILD, HttpSettings};
use crate::{
    delivery, health, integration, management, media, media_origin, openapi, problem_pages,
};
use app::caller::Caller;
use app::{App, Failure};
use axum::Router;
use domain::id::{KeyId, RequestId};
use governor::clock::DefaultClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use utoipa::openapi::OpenApi;

/// The keys as the gate asks for them.
struct AppAuthenticator(App);

impl Authenticate for AppAuthenticator {
    type Caller = Caller;
    type RateLimitKey = Option<KeyId>;

    async fn authenticate(
        &self,
        credentials: Credentials,
        request: RequestId,
    ) -> Result<Caller, KeyRejection> {
        let Credentials { organization, secret } = credentials;
        self.0.keys().authenticate(organization.as_deref(), &secret, request).await.map_err(
            |failure| match failure {
                Failure::Unauthenticated => KeyRejection::Unusable,
                other => {
                    tracing::error!(target: "assay::app", %other, "a key could not be looked up");
                    KeyRejection::Unavailable
                }
            },
        )
    }

    fn was_recently_authenticated(&self, credentials: &Credentials) -> bool {
        self.0.keys().was_recently_authenticated(&credentials.secret)
    }

    fn rate_limit_key(caller: &Caller) -> Option<KeyId> {
        caller.key().cloned()
    }
}

/// The router of a server that has programs for clients only.
///
/// # Errors
/// When the OpenAPI document cannot be printed.
pub fn router(app: &App, settings: &HttpSettings) -> Result<Router, serde_json::Error> {
    router_with(app, settings, |_| PageRoutes::default())
}

/// Routes for people: pages, and what answers whoever opens an address that does not exist.
#[derive(Default)]
pub struct PageRoutes {
    pub routes: Router,
    pub not_found: Option<Router>,
}

impl From<Router> for PageRoutes {
    fn from(routes: Router) -> Self {
        Self { routes, not_found: None }
    }
}

/// The router of the whole server. `pages` makes the routes for people out of those of the delivery
/// API (without their prefix), which their scripts speak; they get the same layers, and may bring
/// headers of their own.
///
/// # Errors
/// When the OpenAPI document cannot be printed.
pub fn router_with<Pages: Into<PageRoutes>>(
    app: &App,
    settings: &HttpSettings,
    pages: impl FnOnce(Router) -> Pages,
) -> Result<Router, serde_json::Error> {
    let state = ApiState { app: app.clone(), pages: ResponseCache::new(settings.page_cache_bytes) };
    let (integration, integration_document) =
        integration::routes().with_state(state.clone()).split_for_parts();
    let (delivery, delivery_document) =
        delivery::routes().with_state(state.clone()).split_for_parts();
    let (management, management_document) =
        management::routes().with_state(state).split_for_parts();
    let apis = [
        (INTEGRATION[0], integration_document),
        (delivery::PREFIX, delivery_document),
        (management::PREFIX, management_document),
    ];
    let document = openapi::assemble(BUILD, apis);
    let gate = Arc::new(AuthLayer::new(
        AppAuthenticator(app.clone()),
        settings.quota,
        DefaultClock::default(),
    ));
    let open = openapi::routes(&document)?
        .merge(problem_pages::routes())
        .merge(health::routes(app.clone()))
        .merge(media::routes(app.clone()));
    let meter = |routes| if settings.are_metered { with_route_templates(routes) } else { routes };
    let delivery = with_fallbacks(meter(delivery));
    let PageRoutes { routes: pages, not_found } = pages(delivery.clone()).into();
    let routes = mount_with_auth(gate.clone(), &INTEGRATION, meter(integration))
        .merge(mount_with_auth(gate, &[management::PREFIX], meter(management)))
        .nest_service(delivery::PREFIX, delivery)
        .merge(meter(open.merge(pages)));
    let routes = media_origin::split_media_origin(
        routes,
        &app.settings().public_url,
        app.settings().media_url.as_deref(),
    );
    let surroundings = LayerConfig {
        base_url: app.settings().public_url.as_str().into(),
        new_request_id: request_ids(app.clone()),
        timeout: settings.timeout,
        meters: settings.are_metered.then(Arc::default),
        not_found,
    };
    Ok(apply_layers(routes, surroundings))
}

/// Makes ids of requests: unique as all ids are, and no secret, so the system's random source is
/// asked only once.
fn request_ids(app: App) -> Arc<dyn Fn() -> RequestId + Send + Sync> {
    // An odd step meets every number before one comes again; the lowest bits are no part of an id.
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let last = AtomicU64::new(app.random_u64());
    Arc::new(move || RequestId::generate(app.now(), last.fetch_add(STEP, Ordering::Relaxed)))
}

/// The OpenAPI 3.1 document of all APIs.
#[must_use]
pub fn document() -> OpenApi {
    let apis = [
        (INTEGRATION[0], integration::routes()),
        (delivery::PREFIX, delivery::routes()),
        (management::PREFIX, management::routes()),
    ];
    openapi::assemble(BUILD, apis.map(|(prefix, routes)| (prefix, routes.split_for_parts().1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// The document of all APIs has one list of components, in which a later one replaces an
    /// earlier one of its name without a word.
    #[test]
    fn two_shapes_of_different_apis_never_share_a_name() {
        let apis = [integration::routes(), delivery::routes(), management::routes()];
        let mut shapes: HashMap<String, serde_json::Value> = HashMap::new();
        for routes in apis {
            let components = routes.split_for_parts().1.components.unwrap_or_default();
            for (name, schema) in components.schemas {
                let shape = serde_json::to_value(schema).unwrap_or_default();
                let first = shapes.entry(name.clone()).or_insert_with(|| shape.clone());
                assert_eq!(*first, shape, "{name}");
            }
        }
        assert!(shapes.len() > 100, "{}", shapes.len());
    }
}
