//! Duplicating a test: a new test with the same content, apart from the first from then on.

use super::{ImportedTest, TestImportOptions};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::TestLibraryService;
use crate::validation::copied_title;
use domain::document::DocumentFormat;
use domain::id::TestId;
use serde_json::Value;

impl TestLibraryService {
    /// Makes a new test of the latest version of one, in the same folder with the same labels. Its
    /// parts get uuids of their own, so that nobody takes their figures for the first one's.
    ///
    /// # Errors
    /// As [`TestLibraryService::import_test`]; [`Failure::Document`] when what the document refers
    /// to is gone.
    pub async fn duplicate_test(
        &self,
        caller: &Caller,
        test: &TestId,
    ) -> Result<ImportedTest, Failure> {
        let view = self.test(caller, test).await?;
        let stored = self.test_text(caller, test, None, DocumentFormat::Json).await?;
        let mut document: Value = from_json(&stored.text)?;
        remove_uuids(&mut document);
        if let Some(written) = document.get_mut("title") {
            *written = Value::String(copied_title(&view.title));
        }
        let options = TestImportOptions {
            folder: Some(view.folder),
            labels: Some(view.labels),
            ..TestImportOptions::default()
        };
        self.import_test(caller, document.to_string().as_bytes(), DocumentFormat::Json, options)
            .await
    }
}

/// Documents are nested no deeper than their reader allows, so this ends soon.
fn remove_uuids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove_uuids),
        Value::Object(members) => {
            members.remove("uuid");
            members.values_mut().for_each(remove_uuids);
        }
        _ => {}
    }
}
