//! A look at a database that changes nothing: no file is made, no log is folded, no schema is
//! brought up. For whoever wants to know how it is before anything is done with it.

use crate::error::StorageError;
use crate::migration::{self, POSTGRES, SQLITE, SchemaState};
use crate::options::Database;
use crate::postgres::{self, ConnectionPurpose, PostgresAddress, PostgresConnection};
use crate::sqlite::{self, SqliteTransaction, translate};
use crate::transaction::Transaction;
use rusqlite::Connection;

/// A connection that only reads.
pub struct DatabaseInspection(InspectionEngine);

enum InspectionEngine {
    File(Connection),
    Server(Box<PostgresConnection>),
}

impl DatabaseInspection {
    /// Blocks; on PostgreSQL outside of any asynchronous runtime.
    ///
    /// # Errors
    /// When the database cannot be opened or reached.
    pub fn open(database: &Database) -> Result<Self, StorageError> {
        Ok(Self(match database {
            Database::Sqlite(path) => {
                sqlite::refuse_foreign_log(path)?;
                InspectionEngine::File(sqlite::open_immutable(path)?)
            }
            Database::Postgres(url) => {
                InspectionEngine::Server(Box::new(PostgresConnection::connect_without_timeouts(
                    &PostgresAddress::parse(&url.0)?,
                    ConnectionPurpose::Read,
                )?))
            }
        }))
    }

    /// How far the schema is.
    ///
    /// # Errors
    /// [`StorageError::Foreign`], [`StorageError::NewerSchema`], [`StorageError::EditedMigration`],
    /// [`StorageError::Damaged`]; when it cannot be read.
    pub fn schema(&mut self) -> Result<SchemaState, StorageError> {
        match &mut self.0 {
            InspectionEngine::File(connection) => {
                migration::state(&mut SqliteTransaction::new(connection), SQLITE)
            }
            InspectionEngine::Server(line) => postgres::schema_state(line, POSTGRES),
        }
    }

    /// Reads in one transaction.
    ///
    /// # Errors
    /// What `read` returns; when the transaction cannot be begun.
    pub fn read<T>(
        &mut self,
        read: impl FnOnce(&mut dyn Transaction) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        match &mut self.0 {
            InspectionEngine::File(connection) => {
                connection.execute_batch("BEGIN").map_err(translate)?;
                let outcome = read(&mut SqliteTransaction::new(connection));
                connection.execute_batch("ROLLBACK").map_err(translate)?;
                outcome
            }
            InspectionEngine::Server(line) => line.transaction(|tx| read(tx)),
        }
    }

    /// What is damaged in a file, at most ten lines. Long for a large one. A PostgreSQL looks after
    /// its own files.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn integrity_errors(&mut self) -> Result<Vec<String>, StorageError> {
        match &self.0 {
            InspectionEngine::File(connection) => sqlite::integrity_errors(connection),
            InspectionEngine::Server(_) => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::StorageFixture;
    use crate::{DatabaseAccess, Storage, StorageOptions, organization};
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    /// Names and contents of the files of a folder.
    fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let read = |entry: fs::DirEntry| {
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        };
        fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap())).collect()
    }

    /// Finding faults M6: `doctor` mends nothing, migrates nothing, makes no file.
    #[test]
    fn a_look_changes_no_byte_and_makes_no_file_m6() {
        let StorageFixture { storage, scratch } = StorageFixture::embedded();
        drop(storage);
        let path = scratch.folder().join("assay.sqlite");
        let before = contents(scratch.folder());
        let database = Database::Sqlite(path.clone());
        let mut look = DatabaseInspection::open(&database).unwrap();
        assert_eq!(look.schema().unwrap(), SchemaState::Current);
        assert_eq!(look.read(organization::list).unwrap().len(), 2);
        assert_eq!(look.integrity_errors().unwrap(), [""; 0]);
        drop(look);
        assert_eq!(contents(scratch.folder()), before);
        fs::write(&path, "").unwrap();
        assert_eq!(
            DatabaseInspection::open(&database).unwrap().schema().unwrap(),
            SchemaState::Missing
        );
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }

    /// An older schema, as the program before this one left it.
    fn older(path: &Path) {
        let connection = Connection::open(path).unwrap();
        connection
            .execute("DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)", [])
            .unwrap();
    }

    /// Findings faults M2 and M6: only the server brings a database to another schema.
    #[test]
    fn whoever_opens_a_database_beside_its_server_changes_no_schema_m6() {
        let StorageFixture { storage, scratch } = StorageFixture::embedded();
        drop(storage);
        let path = scratch.folder().join("assay.sqlite");
        older(&path);
        for access in [DatabaseAccess::Beside, DatabaseAccess::Read] {
            let opened = Storage::open(&StorageOptions { access, ..StorageOptions::new(&path) });
            assert!(matches!(opened.err(), Some(StorageError::OlderSchema { .. })), "{access:?}");
        }
        let state = DatabaseInspection::open(&Database::Sqlite(path)).unwrap().schema().unwrap();
        assert!(matches!(state, SchemaState::Older { .. }), "{state:?}");
    }

    #[test]
    fn whoever_opens_an_empty_file_beside_a_server_makes_no_database_of_it_m4() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.sqlite");
        fs::write(&path, "").unwrap();
        for access in [DatabaseAccess::Beside, DatabaseAccess::Read] {
            let opened = Storage::open(&StorageOptions { access, ..StorageOptions::new(&path) });
            assert_eq!(opened.err(), Some(StorageError::NoSchema), "{access:?}");
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }

    #[test]
    fn who_opens_a_database_to_read_cannot_write() {
        let fixture = StorageFixture::new();
        let options = StorageOptions { access: DatabaseAccess::Read, ..fixture.scratch.options() };
        let reader = Storage::open(&options).unwrap();
        let written = reader.write_blocking(|tx| organization::rename(tx, &"Og1".into(), "x"));
        assert_eq!(written, Err(StorageError::Closed));
        assert_eq!(reader.read_blocking(organization::list).unwrap().len(), 2);
    }
}
