//! Users of an organization.

use crate::{SqlRow, StorageError, Transaction, values};
use domain::id::{OrganizationId, UserId};
use domain::time::Timestamp;

record! {
    /// A person with a log-in.
    pub struct UserRow: "user_account" {
        id: UserId,
        organization_id: OrganizationId,
        /// Creation order in the organization, from [`crate::organization::next_ordinal`].
        ordinal: i64,
        username: String,
        fullname: Option<String>,
        email: Option<String>,
        folder: String,
        group_name: String,
        /// JSON list.
        labels: String,
        /// JSON object.
        tags: String,
        favorite: bool,
        active: bool,
        /// JSON list of roles.
        roles: String,
        created_at: Timestamp,
        /// Argon2id; none when the user cannot sign in.
        password_hash: Option<String>,
        /// JSON: what a joker may do, and where.
        chosen_permissions: Option<String>,
    }
}

/// # Errors
/// [`crate::UniqueRule::Username`] when the organization has the name.
pub fn insert(tx: &mut dyn Transaction, user: &UserRow) -> Result<(), StorageError> {
    user.insert_row(tx)
}

/// A user of this organization, an inactive one too.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<UserRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM user_account WHERE organization_id = $1 AND id = $2",
        UserRow::columns()
    );
    tx.find(&sql, values![organization, user], UserRow::read)
}

/// A user by the name to sign in with, which is unique in an organization.
pub fn find_by_name(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    username: &str,
) -> Result<Option<UserRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM user_account WHERE organization_id = $1 AND username = $2",
        UserRow::columns()
    );
    tx.find(&sql, values![organization, username], UserRow::read)
}

/// Active users with the role `MANAGER`.
pub fn count_managers(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<i64, StorageError> {
    let sql = "SELECT count(*) FROM user_account WHERE organization_id = $1 AND active AND roles LIKE '%\"MANAGER\"%'";
    tx.integer(sql, values![organization])
}

/// How many users an organization has, inactive ones too.
pub fn count(tx: &mut dyn Transaction, organization: &OrganizationId) -> Result<i64, StorageError> {
    tx.integer(
        "SELECT count(*) FROM user_account WHERE organization_id = $1",
        values![organization],
    )
}

/// Users in creation order, some left out at the front.
pub fn page(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    limit: i64,
    skip: i64,
) -> Result<Vec<UserRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM user_account WHERE organization_id = $1 ORDER BY ordinal LIMIT $2 OFFSET $3",
        UserRow::columns()
    );
    tx.list(&sql, values![organization, limit, skip], UserRow::read)
}

/// Hands over every user of an organization in creation order, for searches that SQL cannot do
/// alike on both databases.
pub fn each(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    take: &mut dyn FnMut(UserRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let sql = format!(
        "SELECT {} FROM user_account WHERE organization_id = $1 ORDER BY ordinal",
        UserRow::columns()
    );
    tx.query(&sql, values![organization], &mut |row: &dyn SqlRow| take(UserRow::read(row)?))
}

/// Writes all that may change of a user back. True when there was such a user.
///
/// # Errors
/// [`crate::UniqueRule::Username`] when another user of the organization has the name.
pub fn update(tx: &mut dyn Transaction, user: &UserRow) -> Result<bool, StorageError> {
    let sql = "UPDATE user_account SET username = $3, fullname = $4, email = $5, folder = $6, group_name = $7, \
        labels = $8, tags = $9, favorite = $10, active = $11, roles = $12, password_hash = $13, \
        chosen_permissions = $14 WHERE organization_id = $1 AND id = $2";
    let values = values![
        user.organization_id,
        user.id,
        user.username,
        user.fullname,
        user.email,
        user.folder,
        user.group_name,
        user.labels,
        user.tags,
        user.favorite,
        user.active,
        user.roles,
        user.password_hash,
        user.chosen_permissions,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UniqueRule;
    use crate::fixture::{StorageFixture, user};

    #[test]
    fn a_name_is_taken_once_per_organization() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &user("Us1", 1, "ada")));
        let refused = fixture.try_write(|tx| insert(tx, &user("Us2", 2, "ada")));
        assert_eq!(refused, Err(StorageError::Conflict(UniqueRule::Username)));
        let elsewhere = UserRow { organization_id: "Og2".into(), ..user("Us3", 1, "ada") };
        fixture.write(move |tx| insert(tx, &elsewhere));
    }

    #[test]
    fn another_organization_finds_and_changes_nothing() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &user("Us1", 1, "ada")));
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Us1".into())), None);
        let foreign = UserRow { organization_id: "Og2".into(), ..user("Us1", 1, "eve") };
        assert!(!fixture.write(move |tx| update(tx, &foreign)));
        assert_eq!(
            fixture.read(|tx| find_by_name(tx, &"Og1".into(), "ada")),
            Some(user("Us1", 1, "ada"))
        );
    }

    #[test]
    fn users_are_listed_in_creation_order() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            (1..=5)
                .try_for_each(|n| insert(tx, &user(&format!("Us{}", 9 - n), n, &format!("u{n}"))))
        });
        assert_eq!(fixture.read(|tx| count(tx, &"Og1".into())), 5);
        let names: Vec<String> = fixture
            .read(|tx| page(tx, &"Og1".into(), 2, 2))
            .into_iter()
            .map(|user| user.username)
            .collect();
        assert_eq!(names, ["u3", "u4"]);
        let changed = UserRow { active: false, ..user("Us8", 1, "renamed") };
        assert!(fixture.write(move |tx| update(tx, &changed)));
        let all = fixture.read(|tx| {
            let mut names = Vec::new();
            each(tx, &"Og1".into(), &mut |user| {
                names.push((user.username, user.active));
                Ok(())
            })?;
            Ok(names)
        });
        assert_eq!(all[0], ("renamed".to_owned(), false));
    }
}
