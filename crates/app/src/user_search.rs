//! Searching users.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::UserService;
use crate::users::{Role, UserView};
use domain::role::Right;
use domain::substring_search::SubstringSearch;
use storage::user::UserRow;

domain::string_enum! {
    /// What a user is to the organization.
    pub enum UserType {
        /// Everybody who is not regular.
        Teammate = "teammate",
        /// Has the role `USER` and no other.
        Regular = "regular",
    }
}

/// What all users of a list have; absent is any.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// One of these; the empty name is the default folder.
    pub folders: Option<Vec<String>>,
    /// One of these.
    pub groups: Option<Vec<String>>,
    /// At least one of these.
    pub labels: Option<Vec<String>>,
    pub favorite: Option<bool>,
    pub kind: Option<UserType>,
    pub username: Option<SubstringSearch>,
    pub active: Option<bool>,
}

impl UserService {
    /// Users in creation order that fit a filter, and how many there are.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `users:read`.
    pub async fn search_users(
        &self,
        caller: &Caller,
        filter: UserFilter,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<UserView>), Failure> {
        if filter.is_empty() && !caller.is_limited() {
            return self.list_users(caller, limit, skip).await;
        }
        caller.require(Right::ReadUsers)?;
        self.filtered_users(caller, filter, limit, skip).await
    }

    /// Users that fit a filter and lie within the caller's limits, found by looking at all of them.
    pub(crate) async fn filtered_users(
        &self,
        caller: &Caller,
        filter: UserFilter,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<UserView>), Failure> {
        self.read_for(caller, move |work| {
            let (mut total, mut found, mut failed) = (0, Vec::new(), None);
            storage::user::each(work.tx, work.organization, &mut |row| {
                if !work.caller.can_access_folder(&row.folder) {
                    return Ok(());
                }
                match filter.fits(&row) {
                    Ok(true) => {
                        if total >= skip && found.len() < limit as usize {
                            found.push(row);
                        }
                        total += 1;
                    }
                    Ok(false) => {}
                    Err(failure) => failed = Some(failure),
                }
                Ok(())
            })?;
            let views = found.into_iter().map(UserView::of).collect::<Result<_, Failure>>()?;
            failed.map_or(Ok((total, views)), Err)
        })
        .await
    }
}

impl UserFilter {
    fn is_empty(&self) -> bool {
        let is_any = self.folders.is_none() && self.groups.is_none() && self.labels.is_none();
        is_any
            && self.favorite.is_none()
            && self.kind.is_none()
            && self.username.is_none()
            && self.active.is_none()
    }

    fn fits(&self, row: &UserRow) -> Result<bool, Failure> {
        let plain = self.folders.as_ref().is_none_or(|folders| folders.contains(&row.folder))
            && self.groups.as_ref().is_none_or(|groups| groups.contains(&row.group_name))
            && self.favorite.is_none_or(|favorite| favorite == row.favorite)
            && self.active.is_none_or(|active| active == row.active)
            && self
                .username
                .as_ref()
                .is_none_or(|username| username.is_contained_in(&row.username));
        Ok(plain && self.has_label(row)? && self.has_kind(row)?)
    }

    fn has_label(&self, row: &UserRow) -> Result<bool, Failure> {
        let Some(labels) = &self.labels else { return Ok(true) };
        let own: Vec<String> = from_json(&row.labels)?;
        Ok(own.iter().any(|label| labels.contains(label)))
    }

    fn has_kind(&self, row: &UserRow) -> Result<bool, Failure> {
        let Some(kind) = self.kind else { return Ok(true) };
        let roles: Vec<Role> = from_json(&row.roles)?;
        Ok((kind == UserType::Regular) == (roles == [Role::User]))
    }
}
