//! Media of authors over the whole program: in with a document as one archive, carried by backup and
//! restore, looked at by verification, and out again.

use crate::file_exam::FileExam;
use crate::support::TestSandbox;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use testkit::media_files::{digest_of, png, wav};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const DOCUMENT: &str = r#"{"assay":1,"key":"rooms","title":"Rooms","sections":[{"key":"s","title":"S","pages":[
    {"key":"p","questions":[{"key":"q","kind":"input","type":"area",
        "text":"![A plan](media/floor plan.png) ![A talk](media/talk.wav?plays=2)"}]}]}]}"#;

fn archive(document: &str, media: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    };
    add("document.json", document.as_bytes());
    media.iter().for_each(|(name, bytes)| add(&format!("media/{name}"), bytes));
    writer.finish().unwrap().into_inner()
}

fn files(place: &TestSandbox) -> Vec<PathBuf> {
    let folders = fs::read_dir(place.data_dir().join("media")).into_iter().flatten().flatten();
    let inside = folders.filter(|folder| folder.path().is_dir());
    inside
        .flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten())
        .map(|file| file.path())
        .collect()
}

fn demand_clean(place: &TestSandbox, files: usize) {
    let done = place.run(&["verify"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    assert!(done.out.contains(&format!("{files} files")), "{}", done.out);
}

#[test]
fn an_archive_with_errors_leaves_no_file_and_says_what_is_wrong() {
    let exam = FileExam::on(TestSandbox::embedded());
    let whole = archive(DOCUMENT, &[("floor plan.png", png(4, 3, "plan"))]);
    for (name, bytes, words) in [
        ("missing.zip", whole.clone(), "names media/talk.wav, which is not in it"),
        ("cut.zip", whole[..whole.len() - 9].to_vec(), "is no zip archive"),
        ("text.zip", b"{}".to_vec(), "is no zip archive"),
        (
            "page.zip",
            archive(DOCUMENT, &[("floor plan.png", b"<html>".to_vec()), ("talk.wav", wav(1))]),
            "image/png",
        ),
    ] {
        let file = exam.place.file(name, bytes);
        let refused = exam.place.run(&["test", "import", &file]);
        assert!(refused.code != 0 && refused.err.contains(words), "{name}: {}", refused.err);
    }
    assert_eq!(files(&exam.place).len(), 0);
}

#[test]
fn authors_media_are_carried_by_backup_and_restore_and_come_out_as_they_went_in() {
    let exam = FileExam::on(TestSandbox::embedded());
    let media = [
        ("floor plan.png", png(4, 3, "plan")),
        ("talk.wav", wav(1)),
        ("unused.png", png(1, 1, "x")),
    ];
    let file = exam.place.file("rooms.zip", archive(DOCUMENT, &media));
    let test = exam.place.line(&["test", "import", &file]);
    assert_eq!(files(&exam.place).len(), 2, "what the document does not name is not kept");
    demand_clean(&exam.place, 2);
    let backup = exam.place.folder.path().join("backup.sqlite");
    exam.place.line(&["backup", backup.to_str().unwrap()]);
    let path = files(&exam.place).remove(0);
    fs::remove_file(&path).unwrap();
    assert_eq!(exam.place.run(&["verify"]).code, 1);
    assert_eq!(exam.place.run(&["doctor"]).code, 1);

    let other = TestSandbox::embedded();
    let output = other.line(&["restore", backup.to_str().unwrap()]);
    assert!(
        output.contains("2 are known, 0 were there, 2 were restored, 0 are missing"),
        "{output}"
    );
    demand_clean(&other, 2);
    let out = other.folder.path().join("out.zip");
    assert_eq!(other.run(&["test", "export", &test, out.to_str().unwrap()]).code, 0);
    let again = other.run(&["test", "export", &test, out.to_str().unwrap()]);
    assert!(again.code != 0 && again.err.contains("out.zip"), "nothing is overwritten");
    assert_ne!(other.run(&["test", "export", "TeNone", "none.zip"]).code, 0);
    let mut exported = zip::ZipArchive::new(fs::File::open(&out).unwrap()).unwrap();
    let mut names: Vec<String> =
        exported.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    let mut wanted = vec![
        "document.json".to_owned(),
        format!("media/{}.png", digest_of(&media[0].1)),
        format!("media/{}.wav", digest_of(&media[1].1)),
    ];
    wanted.sort();
    assert_eq!(names, wanted);
    let sizes: Vec<u64> =
        (0..exported.len()).map(|n| exported.by_index(n).unwrap().size()).collect();
    assert_eq!(sizes.len(), 3);
    // What came out goes in again: the same test, and not a file more.
    let same = other.line(&["test", "import", out.to_str().unwrap(), "--test", &test]);
    assert_eq!((same, files(&other).len()), (test, 2));
}
