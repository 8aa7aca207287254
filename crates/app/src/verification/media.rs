//! Whether a file is there and is the one that was sent.

use super::{Difference, DifferenceAspect};
use crate::ports::MediaStore;
use sha2::{Digest as _, Sha256};
use std::io::{self, ErrorKind, Read as _};
use storage::verification::FileRow;

/// Read at once.
const PIECE: usize = 64 << 10;

/// What is wrong with the file of a row, if something is. Files that are not wanted any more are
/// not looked for.
pub(super) fn verify_file(store: &dyn MediaStore, row: &FileRow) -> Option<Difference> {
    if !row.is_expected {
        return None;
    }
    let detail = match digest(store, row) {
        Ok((bytes, _)) if i64::try_from(bytes) != Ok(row.bytes) => {
            format!("the file has {bytes} bytes, {} were sent", row.bytes)
        }
        Ok((_, digest)) if row.sha256.is_some_and(|sent| sent != digest) => {
            "the file was altered".to_owned()
        }
        Ok(_) => return None,
        Err(error) if error.kind() == ErrorKind::NotFound => "the file is missing".to_owned(),
        Err(error) => format!("the file cannot be read: {error}"),
    };
    let (organization, task) = (row.organization.clone(), row.task.clone());
    Some(Difference {
        aspect: DifferenceAspect::File,
        organization,
        task,
        id: row.id.to_string(),
        detail,
    })
}

fn digest(store: &dyn MediaStore, row: &FileRow) -> io::Result<(u64, storage::Sha256Digest)> {
    let (mut file, mut hasher, mut bytes) = (store.open(&row.id)?, Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hasher.finalize().into())),
            read => {
                hasher.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{MediaDraft, MediaReader};
    use domain::id::MediaId;
    use std::io::Cursor;

    /// One file with these bytes; none when there are none.
    struct SingleFileStore(Option<&'static [u8]>);

    impl MediaStore for SingleFileStore {
        fn begin(&self, _: &MediaId) -> io::Result<Box<dyn MediaDraft>> {
            Err(ErrorKind::Unsupported.into())
        }

        fn open(&self, _: &MediaId) -> io::Result<Box<dyn MediaReader>> {
            let bytes = self.0.ok_or(ErrorKind::NotFound)?;
            Ok(Box::new(Cursor::new(bytes)))
        }

        fn remove(&self, _: &MediaId) -> io::Result<()> {
            Err(ErrorKind::Unsupported.into())
        }

        fn older_than(&self, _: u64) -> Box<dyn Iterator<Item = MediaId> + Send> {
            Box::new(std::iter::empty())
        }

        fn mark(&self) -> io::Result<Option<String>> {
            Ok(None)
        }

        fn set_mark(&self, _: &str) -> io::Result<String> {
            Err(ErrorKind::Unsupported.into())
        }

        fn set_aside(&self, _: &MediaId, _: &str) -> io::Result<()> {
            Err(ErrorKind::Unsupported.into())
        }

        fn forget_set_aside(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    fn row(bytes: &[u8]) -> FileRow {
        FileRow {
            id: "Me1".into(),
            organization: "Og1".into(),
            task: Some("Tk1".into()),
            bytes: i64::try_from(bytes.len()).unwrap(),
            sha256: Some(Sha256::digest(bytes).into()),
            is_expected: true,
        }
    }

    fn verification_detail(store: &SingleFileStore, row: &FileRow) -> Option<String> {
        verify_file(store, row).map(|found| found.detail)
    }

    #[test]
    fn a_file_that_is_missing_cut_or_altered_is_found_n4() {
        let sent = row(b"sent");
        assert_eq!(
            verification_detail(&SingleFileStore(None), &sent).as_deref(),
            Some("the file is missing")
        );
        assert_eq!(
            verification_detail(&SingleFileStore(Some(b"sen")), &sent).as_deref(),
            Some("the file has 3 bytes, 4 were sent")
        );
        assert_eq!(
            verification_detail(&SingleFileStore(Some(b"Sent")), &sent).as_deref(),
            Some("the file was altered")
        );
        assert_eq!(verification_detail(&SingleFileStore(Some(b"sent")), &sent), None);
    }

    #[test]
    fn a_file_that_is_not_wanted_any_more_is_not_looked_for() {
        let gone = FileRow { is_expected: false, ..row(b"sent") };
        assert_eq!(verification_detail(&SingleFileStore(None), &gone), None);
    }
}
