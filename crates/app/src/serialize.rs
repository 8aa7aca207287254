//! How a test instance is printed (REST specification, 2.2): keys in the order of the shapes, no
//! white space.
//!
//! One text for lists, fetches, exports, the feed and callbacks. Results, labels and tags are ready
//! pieces of JSON; everything else is an id or a word.

use domain::id::{OrganizationId, TaskId};
use domain::json::quote;
use storage::instance::InstanceRow;
use storage::listing::{ListedDetails, ListedInstance, ListingDetail};

/// Prints one instance, basic or detailed, whichever was read.
pub fn serialize_instance(
    organization: &OrganizationId,
    task: &TaskId,
    listed: &ListedInstance<'_>,
    out: &mut String,
) {
    let mut member = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(value);
    };
    member("{\"testInstanceId\":\"", listed.id);
    member("\",\"taskId\":\"", task.as_str());
    member("\",\"stepId\":\"", listed.step_id);
    member("\",\"ticketId\":\"", listed.candidate_id);
    member("\",\"status\":\"", listed.state.as_str());
    member("\",\"ignored\":", if listed.ignored { "true" } else { "false" });
    let result =
        listed.details.as_ref().map_or(listed.result_basic, |details| details.result_detailed);
    let shown = result.filter(|_| !listed.state.is_open());
    member(",\"result\":", shown.unwrap_or("false"));
    if let Some(details) = &listed.details {
        print_details(organization, details, out);
    }
    out.push('}');
}

fn print_details(organization: &OrganizationId, details: &ListedDetails<'_>, out: &mut String) {
    let mut member = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(value);
    };
    member(",\"organizationId\":\"", organization.as_str());
    member("\",\"candidate\":{\"id\":\"", details.owner_id);
    member("\",\"kind\":\"", details.candidate_kind.as_str());
    member("\"},\"folder\":", &quote(details.folder));
    member(",\"group\":", &quote(details.group_name));
    member(",\"labels\":", details.labels);
    member(",\"tags\":", details.tags);
}

/// A whole row as a list would hand it over.
#[must_use]
pub(crate) fn as_listed(row: &InstanceRow, mode: ListingDetail) -> ListedInstance<'_> {
    let details = || ListedDetails {
        candidate_kind: row.candidate_kind,
        owner_id: &row.owner_id,
        folder: &row.folder,
        group_name: &row.group_name,
        labels: &row.labels,
        tags: &row.tags,
        result_detailed: row.result_detailed.as_deref(),
    };
    ListedInstance {
        id: row.id.as_str(),
        step_id: row.step_id.as_str(),
        candidate_id: row.candidate_id.as_str(),
        ordinal: row.ordinal,
        revision: row.revision,
        change_kind: row.change_kind,
        changed_at: row.changed_at,
        state: row.state,
        ignored: row.ignored,
        completed_at: row.completed_at,
        result_basic: row.result_basic.as_deref(),
        details: (mode == ListingDetail::Detailed).then(details),
    }
}
