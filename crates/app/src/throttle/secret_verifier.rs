//! Checking secrets that people choose. Argon2id takes 19 MiB and a core for a while, so few run at
//! once, on threads that may block, and those who wait are bounded.

use crate::failure::Failure;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::{Arc, LazyLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Secrets that wait for their turn or are being checked; at more the server says that it is busy.
const MOST_WAITING: usize = 1024;

/// Checks secrets, a few at once.
pub(crate) struct SecretVerifier {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl SecretVerifier {
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }

    /// The hash, if it is of this secret. Without one the same work is done for nothing, so that
    /// the time taken does not tell whether there is such a person.
    ///
    /// # Errors
    /// [`Failure::Busy`] when too many wait.
    pub(crate) async fn verify(
        &self,
        hash: Option<String>,
        secret: String,
    ) -> Result<Option<String>, Failure> {
        let _place = self.places.try_acquire().map_err(|_| Failure::Busy)?;
        let turn = self.acquire().await?;
        let verify = move || {
            // The turn ends with the work, not with the request: hanging up must not let more run
            // at once.
            let _turn = turn;
            let existing = hash.as_deref().unwrap_or(&NOBODY);
            let is_right = Argon2::default().verify_password(secret.as_bytes(), existing).is_ok();
            hash.filter(|_| is_right)
        };
        tokio::task::spawn_blocking(verify).await.map_err(Failure::internal)
    }

    /// The right to run Argon2 until it is dropped.
    ///
    /// # Errors
    /// When the server is being taken down.
    pub(crate) async fn acquire(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.turns.clone().acquire_owned().await.map_err(Failure::internal)
    }
}

/// A hash of nobody's secret, to be checked where there is no such person.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let hash = Argon2::default().hash_password_with_salt(b"", b"nobody in here!!");
    hash.expect("the default parameters and a salt of 16 bytes are valid").to_string()
});
