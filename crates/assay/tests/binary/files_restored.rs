//! Candidates' files from the upload to a restored server: what a backup, a dump or a move of the
//! data promises is that the very bytes are served again, and that nothing of it differs.

use crate::file_exam::{FileExam, SubmittedFile};
use crate::keeping::{on_file, program, succeed};
use crate::support::{CommandOutcome, TestSandbox};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

fn media(place: &TestSandbox) -> PathBuf {
    place.data_dir().join("media")
}

/// Where a file lies in a directory of files.
fn place_of(directory: &Path, id: &str) -> PathBuf {
    directory.join(&id[id.len() - 2..]).join(id)
}

/// Writes other bytes under the name of a file; what was linked elsewhere stays.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// `assay verify` of a place, which must have looked at so many files and found nothing.
fn demand_clean(place: &TestSandbox, files: usize) {
    let done = place.run(&["verify"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    assert!(
        done.out.contains(&format!("{files} files")) && done.out.contains("0 differences"),
        "{}",
        done.out
    );
}

/// Copies a directory of files with its mark, as `cp -a` does.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let goal = to.join(entry.file_name());
        match entry.path() {
            path if path.is_dir() => copy_files(&path, &goal),
            path => assert_eq!(fs::copy(&path, goal).unwrap(), path.metadata().unwrap().len()),
        }
    }
}

/// Findings faults M5 and M10: the whole way, over a server that ran on and files that were lost
/// meanwhile.
#[test]
fn a_backup_restored_elsewhere_serves_the_files_it_was_made_of_m10() {
    let hall = FileExam::on(TestSandbox::embedded());
    let server = hall.place.serve(&[]);
    let (ada, bo) = (
        hall.submit_as(&server, "Ada", b"the work of Ada"),
        hall.submit_as(&server, "Bo", &[7; 300_000]),
    );
    assert_eq!(hall.file(&server, &ada), (200, ada.bytes.clone()));
    let before = server.json(&hall.path("/changes?mode=detailed"), &hall.key);
    let backup = hall.place.folder.path().join("backup.sqlite");
    hall.place.line(&["backup", backup.to_str().unwrap()]);
    let late = hall.submit_as(&server, "Cy", b"after the backup");
    let after = server.json(&hall.path("/changes"), &hall.key);
    drop(server);
    // Whatever went wrong with the disk: a file is gone, another is not what it was.
    fs::remove_file(place_of(&media(&hall.place), &ada.file)).unwrap();
    replace(&place_of(&media(&hall.place), &bo.file), &[8; 300_000]);
    assert_eq!(hall.place.run(&["verify"]).code, 1);

    let other =
        FileExam { place: TestSandbox::embedded(), task: hall.task.clone(), key: hall.key.clone() };
    let output = other.place.line(&["restore", backup.to_str().unwrap()]);
    assert!(
        output.contains("2 are known, 0 were there, 2 were restored, 0 are missing"),
        "{output}"
    );
    demand_clean(&other.place, 2);
    assert_eq!(other.place.run(&["doctor"]).code, 0);
    let server = other.place.serve(&[]);
    for handed_in in [&ada, &bo] {
        assert_eq!(other.file(&server, handed_in), (200, handed_in.bytes.clone()));
    }
    assert_eq!(
        server.json(&other.path("/changes?mode=detailed"), &other.key)["changes"],
        before["changes"]
    );
    let lost = format!("/changes?since={}", after["cursor"].as_str().unwrap());
    let (status, refusal) = server.get(&other.path(&lost), &other.key);
    assert!(status == 400 && refusal.contains("unknown_cursor"), "{status} {refusal}");
    assert_eq!(server.get(&other.path(&format!("/{}/answers", late.instance)), &other.key).0, 404);
    let again = other.submit_as(&server, "Dee", b"after the restore");
    assert_eq!(other.file(&server, &again), (200, again.bytes.clone()));
    assert_eq!(server.stop(), 0);
    demand_clean(&other.place, 3);
}

/// The same in the place where it went wrong: what is there and right stays, and what is not is
/// kept beside.
#[test]
fn a_backup_restored_in_its_own_place_mends_files_and_keeps_those_of_later() {
    let hall = FileExam::on(TestSandbox::embedded());
    let server = hall.place.serve(&[]);
    let sat: Vec<SubmittedFile> = ["Ada", "Bo", "Cy", "Dee"]
        .map(|name| hall.submit_as(&server, name, name.as_bytes()))
        .into();
    let backup = hall.place.folder.path().join("backup.sqlite");
    hall.place.line(&["backup", backup.to_str().unwrap()]);
    let late = hall.submit_as(&server, "Eve", b"after the backup");
    drop(server);
    let at = |handed_in: &SubmittedFile| place_of(&media(&hall.place), &handed_in.file);
    fs::remove_file(at(&sat[0])).unwrap();
    replace(&at(&sat[1]), b"B");
    // As long as it was, and something else.
    replace(&at(&sat[2]), b"Xy");
    let output = hall.place.line(&["restore", backup.to_str().unwrap(), "--move-aside"]);
    assert!(
        output.contains("4 are known, 1 were there, 3 were restored, 0 are missing; 1 others"),
        "{output}"
    );
    demand_clean(&hall.place, 4);
    for (handed_in, bytes) in [(&sat[1], "B"), (&sat[2], "Xy")] {
        let stored = at(handed_in).with_file_name(format!("{}.replaced", handed_in.file));
        assert_eq!(fs::read_to_string(stored).unwrap(), bytes, "nothing is deleted");
    }
    assert_eq!(fs::read(at(&late)).unwrap(), late.bytes, "nothing is deleted");
    let server = hall.place.serve(&[]);
    for handed_in in &sat {
        assert_eq!(hall.file(&server, handed_in), (200, handed_in.bytes.clone()));
    }
    assert_eq!(server.stop(), 0);
}

/// Files that are not in the backup and nowhere else are named by every command that looks.
#[test]
fn a_restore_without_the_files_names_them_and_verify_does_too() {
    let hall = FileExam::on(TestSandbox::embedded());
    let server = hall.place.serve(&[]);
    let ada = hall.submit_as(&server, "Ada", b"the work of Ada");
    let backup = hall.place.folder.path().join("backup.sqlite");
    hall.place.line(&["backup", backup.to_str().unwrap()]);
    drop(server);
    fs::remove_dir_all(hall.place.folder.path().join("backup.media")).unwrap();
    let other = TestSandbox::embedded();
    let output = other.line(&["restore", backup.to_str().unwrap()]);
    assert!(
        output.contains("1 are missing") && output.contains(&format!("missing {}", ada.file)),
        "{output}"
    );
    let verified = other.run(&["verify"]);
    assert!(verified.code == 1 && verified.out.contains(&ada.file), "{}", verified.out);
    let served = other.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        served.code == 4 && served.err.contains("there is none in"),
        "{} {}",
        served.code,
        served.err
    );
}

/// On PostgreSQL: a dump, and the directory after it, as docs/operations.md says.
#[test]
fn a_dump_and_a_copy_of_the_directory_serve_the_files_again() {
    let place = TestSandbox::new();
    let Some(url) = place.url() else { return };
    let hall = FileExam::on(place);
    let server = hall.place.serve(&[]);
    let ada = hall.submit_as(&server, "Ada", b"the work of Ada");
    let dump = hall.place.folder.path().join("assay.dump");
    succeed(program("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(&url));
    let late = hall.submit_as(&server, "Bo", b"between the dump and the copy");
    let other = TestSandbox::new();
    copy_files(&media(&hall.place), &media(&other));
    assert_eq!(server.stop(), 0);
    let restored = other.url().unwrap();
    succeed(
        program("pg_restore").args(["--clean", "--if-exists", "--dbname", &restored]).arg(&dump),
    );
    demand_clean(&other, 1);
    let other = FileExam { place: other, task: hall.task.clone(), key: hall.key.clone() };
    let server = other.place.serve(&[]);
    assert_eq!(other.file(&server, &ada), (200, ada.bytes.clone()));
    assert_eq!(server.get(&other.path(&format!("/{}/answers", late.instance)), &other.key).0, 404);
    assert_eq!(server.stop(), 0);
    assert!(
        place_of(&media(&other.place), &late.file).exists(),
        "a file the database does not know is left alone"
    );
}

/// `migrate-data` moves rows, not files: the same directory goes on, and another one is refused
/// until it has them.
#[test]
fn files_stay_where_they_are_when_the_data_move_to_another_database() {
    let file = FileExam::on(TestSandbox::embedded());
    let server = file.place.serve(&[]);
    let ada = file.submit_as(&server, "Ada", b"the work of Ada");
    assert_eq!(server.stop(), 0);
    let moved = TestSandbox::new();
    let Some(url) = moved.url() else { return };
    let directory = file.place.data_dir();
    moved.line(&["migrate-data", "to-postgres", "--data-dir", directory.to_str().unwrap()]);

    // Another directory of files has none of them.
    let refused = moved.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        refused.code == 4 && refused.err.contains("there is none in"),
        "{} {}",
        refused.code,
        refused.err
    );
    copy_files(&media(&file.place), &media(&moved));
    demand_clean(&moved, 1);
    let moved = FileExam { place: moved, task: file.task.clone(), key: file.key.clone() };
    let server = moved.place.serve(&[]);
    assert_eq!(moved.file(&server, &ada), (200, ada.bytes.clone()));
    let bo = moved.submit_as(&server, "Bo", b"on PostgreSQL");
    assert_eq!(server.stop(), 0);

    // And back, into a directory of its own.
    let back =
        FileExam { place: TestSandbox::embedded(), task: file.task.clone(), key: file.key.clone() };
    let arguments = ["migrate-data", "to-file", "--database-url", &url];
    assert_eq!(on_file(&back.place, &arguments).code, 0);
    copy_files(&media(&moved.place), &media(&back.place));
    demand_clean(&back.place, 2);
    let server = back.place.serve(&[]);
    for handed_in in [&ada, &bo] {
        assert_eq!(back.file(&server, handed_in), (200, handed_in.bytes.clone()));
    }
    assert_eq!(server.json(&back.path(""), &back.key)["pagination"]["totalItems"], json!(2));
    assert_eq!(server.stop(), 0);
}

/// A directory that was copied to another disk and named with `media.directory` is the
/// installation's.
#[test]
fn a_directory_of_files_that_was_copied_to_another_disk_is_served_from_there() {
    let hall = FileExam::on(TestSandbox::embedded());
    let server = hall.place.serve(&[]);
    let ada = hall.submit_as(&server, "Ada", b"the work of Ada");
    assert_eq!(server.stop(), 0);
    let disk = hall.place.folder.path().join("disk");
    copy_files(&media(&hall.place), &disk);
    fs::remove_dir_all(media(&hall.place)).unwrap();
    let setting = [("ASSAY_MEDIA_DIRECTORY", disk.to_str().unwrap())];
    let server = hall.place.serve(&setting);
    assert_eq!(hall.file(&server, &ada), (200, ada.bytes.clone()));
    let bo = hall.submit_as(&server, "Bo", b"on the other disk");
    assert!(place_of(&disk, &bo.file).exists() && !media(&hall.place).exists());
    assert_eq!(server.stop(), 0);
    let done = CommandOutcome::of(&hall.place.command(&["verify"]).envs(setting).output().unwrap());
    assert!(done.code == 0 && done.out.contains("2 files"), "{} {}", done.out, done.err);
}
