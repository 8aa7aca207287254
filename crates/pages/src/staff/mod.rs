//! Staff's pages: signing in, running assessments, reading results.
//!
//! Every handler takes [`Staff`], which sends whoever is not signed in to where one does that, and asks `app` with its
//! caller. What a page offers follows the permissions, but whether something is allowed is always asked by doing it.
//! An area of the pages is a module with a `table()` of its routes, listed in [`table`].

mod account;
mod audit;
mod bank;
mod candidates;
mod evaluate;
mod frame;
mod given;
mod home;
mod keys;
mod live;
mod mail;
mod organization;
mod results;
mod session;
mod sign_in;
mod tasks;
mod tests;
mod told;
mod trouble;
mod users;
mod webhooks;

pub use trouble::explain;

use crate::PageRoute;
use crate::desk::Desk;
use axum::routing::MethodRouter;
use frame::{Area, Frame};
use given::Given;
use session::Staff;
use told::Told;

/// Where staff's pages begin.
pub const ROOT: &str = "/staff";

/// The routes of one area: the template of a route, and what answers there.
type Table = Vec<(&'static str, MethodRouter<Desk>)>;

/// Every route with its handlers.
pub fn table() -> impl Iterator<Item = (PageRoute, MethodRouter<Desk>)> {
    let areas: [Table; 16] = [
        sign_in::table(),
        home::table(),
        account::table(),
        tasks::table(),
        candidates::table(),
        tests::table(),
        bank::table(),
        results::table(),
        evaluate::table(),
        live::table(),
        organization::table(),
        users::table(),
        keys::table(),
        webhooks::table(),
        mail::table(),
        audit::table(),
    ];
    areas.into_iter().flatten().map(|(path, method)| (PageRoute(path), method))
}

/// Whether a person opens the route. What forms and scripts are sent to has a segment `do`, and what is a file or a piece
/// of a page has a segment `get`.
pub fn is_opened(route: PageRoute) -> bool {
    !route.0.split('/').any(|segment| segment == "do" || segment == "get")
}
