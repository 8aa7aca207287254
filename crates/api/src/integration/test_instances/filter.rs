//! The filters of lists of test instances: one of three ways to name a person.

use crate::request::query::{OneFilter, SentFilter, one_filter};
use app::results::InstanceFilter;

/// At most one of the filters of an instance list.
pub(super) const fn instance_filter() -> OneFilter<3> {
    one_filter([
        ("ticketId", "Only instances whose `ticketId` is exactly this."),
        ("candidateId", "Only instances whose `ticketId` or `candidate.id` is exactly this."),
        (
            "externalId",
            "Only instances whose candidate was given exactly this external id before the start.",
        ),
    ])
}

/// The filter as the use case takes it.
pub(super) fn to_instance_filter(sent: Option<&SentFilter>) -> Option<InstanceFilter> {
    let (name, text) = sent?;
    Some(match *name {
        "ticketId" => InstanceFilter::Ticket(text.clone()),
        "candidateId" => InstanceFilter::Candidate(text.clone()),
        _ => InstanceFilter::ExternalId(text.clone()),
    })
}

/// Name and text, empty without a filter.
pub(super) fn name_and_text(sent: Option<&SentFilter>) -> (&'static str, &str) {
    sent.map_or(("", ""), |(name, text)| (*name, text.as_str()))
}
