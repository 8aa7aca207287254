//! The JSON Schema of an authored document, generated from the types of the stored form.

use super::model::Test;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (2020-12) that editors use while a document is written.
///
/// It accepts every valid document; what compares values (unknown paths, sums, duplicates) only validation finds.
#[must_use]
pub fn json_schema() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Test>();
    schema.to_value()
}

#[cfg(test)]
mod tests {
    #[test]
    fn dump() {
        std::fs::write("/tmp/schema.json", serde_json::to_string_pretty(&super::json_schema()).unwrap()).unwrap();
    }
}
