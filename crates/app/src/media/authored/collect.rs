//! Giving up files that nobody needs any more.

use super::library::{archived_before, give_up};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::AuthorMediaService;
use domain::authored_media::UNUSED_DAYS;
use domain::id::{OrganizationId, RequestId};

const AT_ONCE: i64 = 200;
const DAY_SECONDS: i64 = 24 * 3600;

impl AuthorMediaService {
    /// Gives up an organization's files that nothing needs and nothing has used for a while. Gives
    /// how many they were; their bytes are removed by the next tidying.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub(crate) async fn collect_author_media(
        &self,
        organization: OrganizationId,
    ) -> Result<u64, Failure> {
        let system = Caller::operator(organization, RequestId::from(""));
        let mut count = 0;
        loop {
            let given_up = self
                .write_for(&system, |work| {
                    let used_before = work.now.plus_seconds(-UNUSED_DAYS * DAY_SECONDS);
                    let moment = archived_before(work.now);
                    let of = work.organization;
                    let rows = storage::asset::unneeded(work.tx, of, used_before, moment, AT_ONCE)?;
                    rows.iter().try_for_each(|row| give_up(work, row))?;
                    Ok(rows.len())
                })
                .await?;
            count += given_up as u64;
            if i64::try_from(given_up).is_ok_and(|number| number < AT_ONCE) {
                return Ok(count);
            }
        }
    }
}
