//! Links to the media that some texts name, for whoever is shown these texts.

use super::AuthorMediaView;
use crate::failure::Failure;
use crate::services::AuthorMediaService;
use domain::id::{InstanceId, OrganizationId};
use std::collections::{BTreeSet, HashMap};
use storage::{Sha256Digest, Transaction};

/// Who is shown a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaAudience {
    /// Staff who may read the test, or a candidate before the start and after the end.
    Reader,
    /// A candidate at work: the links end with the instance.
    Instance(InstanceId),
}

/// A file with the address at which it can be read for one to two hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedMedia {
    pub media: AuthorMediaView,
    pub url: String,
}

/// Files by their digests in hexadecimal.
pub type MediaLinks = HashMap<String, LinkedMedia>;

impl AuthorMediaService {
    /// Links to those files of an organization that are kept; whoever asks has found out that they
    /// may be shown. Where there is nothing to link nothing is read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn media_links(
        &self,
        organization: &OrganizationId,
        digests: BTreeSet<Sha256Digest>,
        audience: &MediaAudience,
    ) -> Result<MediaLinks, Failure> {
        if digests.is_empty() {
            return Ok(MediaLinks::new());
        }
        let now = self.now();
        let organization = organization.clone();
        let read = move |tx: &mut dyn Transaction| -> Result<Vec<AuthorMediaView>, Failure> {
            find_all(tx, &organization, &digests)
        };
        let found = self.storage().read(read).await?;
        found
            .into_iter()
            .map(|media| {
                let url = match audience {
                    MediaAudience::Reader => self.files().media_url(&media.file, now)?,
                    MediaAudience::Instance(instance) => {
                        self.files().media_url_of_instance(&media.file, instance, now)?
                    }
                };
                Ok((media.digest(), LinkedMedia { media, url }))
            })
            .collect()
    }
}

impl AuthorMediaService {
    /// Those files of an organization that are kept, of these digests.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn kept_media(
        &self,
        organization: &OrganizationId,
        digests: BTreeSet<Sha256Digest>,
    ) -> Result<Vec<AuthorMediaView>, Failure> {
        let organization = organization.clone();
        let read = move |tx: &mut dyn Transaction| -> Result<Vec<AuthorMediaView>, Failure> {
            find_all(tx, &organization, &digests)
        };
        self.storage().read(read).await
    }
}

pub(crate) fn find_all(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    digests: &BTreeSet<Sha256Digest>,
) -> Result<Vec<AuthorMediaView>, Failure> {
    let mut found = Vec::new();
    for digest in digests {
        let row = storage::asset::find(tx, organization, digest, None)?;
        found.extend(row.map(AuthorMediaView::of).transpose()?);
    }
    Ok(found)
}
