//! Pages of `docs/` that are written from the program. For tests only.

mod collection;

use std::path::Path;

/// Compares a page with the one checked in, or writes it when `UPDATE_DOCS` is set.
pub fn check(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == expected,
        "docs/{name} is not up to date; run: UPDATE_DOCS=1 cargo test -p assay"
    );
}
