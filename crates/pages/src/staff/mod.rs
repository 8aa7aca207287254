//! Staff's pages: signing in, running assessments, reading results.
//!
//! Every handler takes [`support::SignedInStaff`], which sends whoever is not signed in to where
//! one does that, and asks `app` with its caller. What a page offers follows the permissions, but
//! whether something is allowed is always asked by doing it. An area of the pages is a module with
//! a `routes()` of its own, listed in [`routes`].

mod account;
mod audit;
mod bank;
mod candidates;
mod error_pages;
mod evaluate;
mod home;
mod keys;
mod live;
mod mail;
mod media;
mod organization;
mod organization_profile;
mod results;
mod sign_in;
mod support;
mod tasks;
mod test_library;
mod users;
mod webhooks;

pub use error_pages::error_page;
pub use support::ROOT;

use crate::PageRoute;
use crate::state::PagesState;
use axum::routing::MethodRouter;
use support::AreaRoutes;

/// Every route with its handlers.
pub fn routes() -> impl Iterator<Item = (PageRoute, MethodRouter<PagesState>)> {
    let areas: [AreaRoutes; 18] = [
        sign_in::routes(),
        home::routes(),
        account::routes(),
        tasks::routes(),
        candidates::routes(),
        test_library::routes(),
        bank::routes(),
        media::routes(),
        results::routes(),
        evaluate::routes(),
        live::routes(),
        organization::routes(),
        organization_profile::routes(),
        users::routes(),
        keys::routes(),
        webhooks::routes(),
        mail::routes(),
        audit::routes(),
    ];
    areas.into_iter().flatten().map(|(path, method)| (PageRoute(path), method))
}

/// Whether a person opens the route. What forms and scripts are sent to has a segment `do`, and
/// what is a file or a piece of a page has a segment `get`.
pub fn is_page(route: PageRoute) -> bool {
    !route.0.split('/').any(|segment| segment == "do" || segment == "get")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_area_of_the_navigation_and_every_tab_of_a_task_has_a_page() {
        let routed: BTreeSet<&str> = routes().map(|(route, _)| route.0).collect();
        let areas = support::layout::area_addresses().map(str::to_owned);
        let missing: Vec<_> = areas
            .chain(tasks::tabs::tab_routes())
            .filter(|route| !routed.contains(route.as_str()))
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
