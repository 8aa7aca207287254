//! A language is added by a file, and nothing else has to know of it.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

use std::path::Path;

#[path = "../build.rs"]
#[allow(dead_code, reason = "its main runs when the crate is built")]
mod build;

/// The texts of this crate and a file of another language, made of the German one.
fn generated_with(change: impl Fn(String) -> String) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let languages = Path::new(env!("CARGO_MANIFEST_DIR")).join("languages");
    for entry in std::fs::read_dir(&languages).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let german = std::fs::read_to_string(languages.join("de.toml")).unwrap();
    let finnish = german.replace("tag = \"de\"", "tag = \"fi\"");
    let finnish = finnish.replace("locale = \"de\"", "locale = \"fi\"");
    std::fs::write(folder.path().join("fi.toml"), change(finnish)).unwrap();
    build::generated_code(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn a_new_file_is_a_new_language_with_its_texts() {
    let code = generated_with(|file| file.replace("Zum Inhalt springen", "Siirry")).unwrap();
    assert!(code.contains("static FI: Language"));
    assert!(code.contains("&EN, &AR") && code.contains("&ES, &FI, &FR"), "English is the first");
    assert!(code.contains("skip: \"Siirry\","));
}

#[test]
fn what_a_new_language_lacks_is_english_until_it_is_translated() {
    let without = |file: String| {
        file.lines().filter(|line| !line.starts_with("skip =")).collect::<Vec<_>>().join("\n")
    };
    let code = generated_with(without).unwrap();
    let (_, finnish) = code.split_once("static FI: Language").unwrap();
    let (finnish, _) = finnish.split_once("static ").unwrap();
    assert!(finnish.contains("skip: \"Skip to the content\","), "{finnish}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_what_is_wrong() {
    let errors = [
        generated_with(|file| file.replace("[script]", "[script")),
        generated_with(|file| file.replace("tag = \"fi\"", "tag = \"fin\"")),
        generated_with(|file| file.replace("locale = \"fi\"\n", "")),
        generated_with(|file| file.replace("[mail]", "[mails]")),
    ];
    let wanted = ["fi.toml is no TOML", "must be \"fi\"", "lacks locale", "has no section [mail]"];
    for (error, wanted) in errors.into_iter().zip(wanted) {
        let error = error.unwrap_err();
        assert!(error.contains("fi.toml") && error.contains(wanted), "{error}");
    }
}
