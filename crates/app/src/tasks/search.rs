//! Searching tasks.

use super::TaskView;
use super::list::{task_page, task_view};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::ListingDetail;
use crate::services::TaskService;
use domain::role::Right;
use domain::substring_search::SubstringSearch;
use storage::task::TaskRow;

/// What all tasks of a list have; absent is any.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// One of these; the empty name is the default folder.
    pub folders: Option<Vec<String>>,
    /// At least one of these.
    pub labels: Option<Vec<String>>,
    pub favorite: Option<bool>,
    pub title: Option<SubstringSearch>,
}

impl TaskService {
    /// Tasks in creation order that fit a filter and that the key may see, and how many there are.
    /// With [`ListingDetail::Basic`] their steps are left out.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `tasks:read`.
    pub async fn search_tasks(
        &self,
        caller: &Caller,
        filter: TaskFilter,
        mode: ListingDetail,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<TaskView>), Failure> {
        self.read_as(caller, Right::ReadTasks, move |work| {
            let fits = (!filter.is_empty()).then_some(|row: &TaskRow| filter.fits(row));
            let (total, rows) = task_page(work.tx, work.caller, fits, limit, skip)?;
            let view = |row| match mode {
                ListingDetail::Basic => TaskView::of(row, Vec::new(), &[]),
                ListingDetail::Detailed => task_view(work.tx, row),
            };
            Ok((total, rows.into_iter().map(view).collect::<Result<_, Failure>>()?))
        })
        .await
    }
}

impl TaskFilter {
    fn is_empty(&self) -> bool {
        self.folders.is_none()
            && self.labels.is_none()
            && self.favorite.is_none()
            && self.title.is_none()
    }

    fn fits(&self, row: &TaskRow) -> Result<bool, Failure> {
        let plain = self.folders.as_ref().is_none_or(|folders| folders.contains(&row.folder))
            && self.favorite.is_none_or(|favorite| favorite == row.favorite)
            && self.title.as_ref().is_none_or(|title| title.is_contained_in(&row.title));
        match &self.labels {
            Some(labels) if plain => {
                let own: Vec<String> = from_json(&row.labels)?;
                Ok(own.iter().any(|label| labels.contains(label)))
            }
            _ => Ok(plain),
        }
    }
}
