//! Organizations, the tenants: made by the operator, never over the API.

use crate::App;
use crate::audit::{Event, Kind, Named};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::Draw;
use domain::id::OrganizationId;
use storage::organization::{Installation, Organization};

impl App {
    /// Makes the installation's own row on a new database.
    pub(crate) async fn install(&self) -> Result<(), Failure> {
        let now = self.now();
        let row = Installation {
            epoch: hex::encode(self.chance().bytes::<16>()),
            receipt_key: self.chance().bytes::<32>().to_vec(),
            created_at: now,
        };
        self.storage()
            .write(move |tx| {
                storage::organization::install(tx, &row)?;
                Ok(())
            })
            .await
    }

    /// Makes an organization.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn create_organization(&self, name: &str) -> Result<Organization, Failure> {
        let now = self.now();
        let row = Organization { id: self.mint(now), name: name.to_owned(), last_ordinal: 0, created_at: now };
        let made = row.clone();
        let app = self.clone();
        let write = move |tx: &mut dyn storage::Transaction| -> Result<(), Failure> {
            storage::organization::insert(tx, &row)?;
            let doer = Named { organization: row.id.clone(), actor: Actor::system(), request: None };
            app.record(
                tx,
                now,
                &doer,
                Event::of_organization(Kind::OrganizationUpdated).about("organizationId", &row.id),
            )
        };
        self.storage().write(write).await?;
        Ok(made)
    }

    /// All organizations, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn organizations(&self) -> Result<Vec<Organization>, Failure> {
        self.storage().read(|tx| Ok(storage::organization::list(tx)?)).await
    }

    /// The organization of this id.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when there is none.
    pub async fn organization(&self, id: &OrganizationId) -> Result<Organization, Failure> {
        let id = id.clone();
        self.storage().read(move |tx| storage::organization::find(tx, &id)?.ok_or(Failure::NotFound)).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn answers(&self) -> Result<(), Failure> {
        let read = |tx: &mut dyn storage::Transaction| storage::organization::installation(tx);
        let row = self.storage().read(read).await?;
        row.map(|_| ()).ok_or_else(|| Failure::internal("nothing installed"))
    }
}
