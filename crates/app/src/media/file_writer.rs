//! A file being written to the store: piece by piece, counted and digested, its first bytes
//! remembered.

use super::blocking;
use crate::failure::Failure;
use crate::ports::{MediaDraft, MediaStore};
use domain::id::MediaId;
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::Arc;

/// Bytes that are written at once.
const PIECE: usize = 256 * 1024;

/// A file on its way into the store. Dropped before it is kept, it leaves nothing behind.
pub(crate) struct FileWriter {
    draft: Option<Box<dyn MediaDraft>>,
    head: Vec<u8>,
    head_bytes: usize,
    piece: Vec<u8>,
    digest: Sha256,
    bytes: u64,
}

impl FileWriter {
    /// # Errors
    /// When the store cannot be written to.
    pub(crate) async fn begin(
        store: Arc<dyn MediaStore>,
        id: MediaId,
        head_bytes: usize,
    ) -> Result<Self, Failure> {
        let draft = written(blocking(move || store.begin(&id)).await?)?;
        Ok(Self {
            draft: Some(draft),
            head: Vec::new(),
            head_bytes,
            piece: Vec::new(),
            digest: Sha256::new(),
            bytes: 0,
        })
    }

    /// How many there are.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The first ones.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the first ones have all come.
    pub(crate) fn has_head(&self) -> bool {
        self.head.len() >= self.head_bytes
    }

    /// # Errors
    /// When the store cannot be written to.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.head.extend(bytes.iter().take(self.head_bytes.saturating_sub(self.head.len())));
        self.digest.update(bytes);
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    /// Keeps the file, and gives its digest.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub(crate) async fn keep(mut self) -> Result<storage::Sha256Digest, Failure> {
        self.flush().await?;
        let draft = self.draft.take().ok_or_else(twice)?;
        written(blocking(move || draft.keep()).await?)?;
        Ok(self.digest.finalize().into())
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        let mut draft = self.draft.take().ok_or_else(twice)?;
        let piece = std::mem::take(&mut self.piece);
        let (draft, outcome) = blocking(move || {
            let outcome = draft.write(&piece);
            (draft, outcome)
        })
        .await?;
        self.draft = Some(draft);
        written(outcome)
    }
}

fn twice() -> Failure {
    Failure::internal("a file is written twice at once")
}

fn written<T>(outcome: io::Result<T>) -> Result<T, Failure> {
    outcome.map_err(|error| Failure::Unavailable(format!("the media store: {error}")))
}
