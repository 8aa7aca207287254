//! Findings of the operator's part: nothing is made by serving, nothing is changed by looking, a
//! backup is whole.

use crate::support::{CommandOutcome, TestSandbox};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use storage::{DatabaseAccess, Storage, StorageOptions, Transaction};

/// A row about a file of some candidate who is there.
const FILE: &str = "INSERT INTO media (id, organization_id, task_id, candidate_id, purpose, client_key, created_at, bytes, \
    media_type, sha256, detections, state, file_gone) \
    SELECT $1, organization_id, task_id, id, 'answer', $1, 1, 3, 'text/plain', $2, '[]', 'kept', 0 FROM candidate LIMIT 1";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Runs a command whatever its umask, as one whose shell lets everybody read.
fn run_with_open_umask(place: &TestSandbox, arguments: &[&str]) -> CommandOutcome {
    let command = place.command(arguments);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", "umask 0; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    CommandOutcome::of(&shell.current_dir(place.folder.path()).output().unwrap())
}

/// A place with a candidate and files of hers: ids and whether the file is there.
fn with_files(files: &[(&str, bool)]) -> TestSandbox {
    let place = TestSandbox::embedded();
    place.line(&["seed", "--instances", "1"]);
    let path = place.data_dir().join("assay.sqlite");
    let storage = Storage::open(&StorageOptions {
        access: DatabaseAccess::Beside,
        ..StorageOptions::new(path)
    })
    .unwrap();
    for (id, is_there) in files {
        let id = (*id).to_owned();
        if *is_there {
            let folder = place.data_dir().join("media").join(&id[id.len() - 2..]);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(&id), "abc").unwrap();
        }
        let digest: [u8; 32] =
            hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        storage
            .write_blocking(move |tx: &mut dyn Transaction| {
                tx.execute(FILE, &[storage::SqlValue::Text(&id), storage::SqlValue::Blob(&digest)])
            })
            .unwrap();
    }
    place
}

fn hex(text: &str) -> [u8; 32] {
    std::array::from_fn(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap())
}

fn findings(place: &TestSandbox) -> Vec<Value> {
    let output = place.run(&["doctor", "--json"]).out;
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of(findings: &[Value], check: &str) -> Vec<Value> {
    findings.iter().filter(|finding| finding["check"] == check).cloned().collect()
}

/// Finding faults M4.
#[test]
fn serving_makes_no_installation_m4() {
    let place = TestSandbox::embedded();
    let refused = || {
        let done = place.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert!(
            done.code == 3 && done.err.contains("assay org create NAME"),
            "{} {}",
            done.code,
            done.err
        );
    };
    refused();
    assert!(!place.data_dir().exists());
    fs::create_dir(place.data_dir()).unwrap();
    fs::write(place.data_dir().join("assay.sqlite"), "").unwrap();
    refused();
    assert_eq!(fs::metadata(place.data_dir().join("assay.sqlite")).unwrap().len(), 0);
    assert_eq!(fs::read_dir(place.data_dir()).unwrap().count(), 1, "nothing was made beside it");
    place.line(&["org", "create", "Example"]);
    assert_eq!(place.serve(&[]).stop(), 0);
}

/// Finding faults M4: what a server whose files vanish says, and that it goes on once they are
/// back.
#[test]
fn a_server_whose_database_is_gone_says_so_and_takes_nothing_m4() {
    let place = TestSandbox::embedded();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    assert_eq!(server.get("/healthz", "").0, 200);
    let (file, aside) = (place.data_dir().join("assay.sqlite"), place.folder.path().join("aside"));
    fs::rename(&file, &aside).unwrap();
    assert_eq!(server.get("/healthz", "").0, 503);
    fs::copy(&aside, &file).unwrap();
    assert_eq!(
        server.get("/healthz", "").0,
        503,
        "another file in its place is not the one that is open"
    );
    fs::rename(&aside, &file).unwrap();
    assert_eq!(server.get("/healthz", "").0, 200);
    assert_eq!(server.stop(), 0);
}

/// Finding faults B1: another installation's database on the directory of the files.
#[test]
fn a_server_refuses_the_files_of_another_installation_b1() {
    let (ours, theirs) = (with_files(&[("MeFile0001", true)]), TestSandbox::embedded());
    let media = ours.data_dir().join("media");
    assert_eq!(ours.serve(&[]).stop(), 0);
    theirs.line(&["org", "create", "Staging"]);
    let on_ours = |place: &TestSandbox| {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        CommandOutcome::of(&command.env("ASSAY_MEDIA_DIRECTORY", &media).output().unwrap())
    };
    let done = on_ours(&theirs);
    assert!(
        done.code == 4 && done.err.contains("belong to the installation"),
        "{} {}",
        done.code,
        done.err
    );
    fs::remove_file(media.join(".assay-installation")).unwrap();
    let done = on_ours(&theirs);
    assert!(done.code == 4 && done.err.contains("None of the files"), "{} {}", done.code, done.err);
    assert!(media.join("01/MeFile0001").exists());
    // The disk of the files is not mounted.
    fs::rename(&media, ours.folder.path().join("elsewhere")).unwrap();
    let done = ours.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(done.code == 4 && done.err.contains("there is none in"), "{} {}", done.code, done.err);
    assert!(!media.exists());
}

/// Finding faults M6: the table of it, as far as a test can bring it about; the rest is in the
/// tests of `checkup`.
#[test]
fn doctor_tells_missing_files_lost_writes_and_foreign_files_m6() {
    let place = with_files(&[("MeFile0001", true), ("MeFile0002", true)]);
    let state = |place: &TestSandbox, check: &str| {
        of(&findings(place), check)[0]["state"].as_str().unwrap().to_owned()
    };
    let before = place.folder.path().join("before.sqlite");
    assert_eq!(place.serve(&[]).stop(), 0);
    fs::copy(place.data_dir().join("assay.sqlite"), &before).unwrap();
    assert_eq!(
        (state(&place, "files"), state(&place, "witness")),
        ("good".to_owned(), "good".to_owned())
    );
    fs::remove_file(place.data_dir().join("media/02/MeFile0002")).unwrap();
    let files = &of(&findings(&place), "files")[0];
    assert!(
        files["state"] == "bad" && files["message"].as_str().unwrap().contains("MeFile0002"),
        "{files}"
    );
    fs::write(place.data_dir().join("media/02/MeFile0002"), "abc").unwrap();
    // A server that keeps something, and then the file of before in its place.
    let server = place.serve(&[]);
    place.line(&["key", "create", "--name", "crm"]);
    assert_eq!(server.stop(), 0);
    fs::copy(&before, place.data_dir().join("assay.sqlite")).unwrap();
    let witness = &of(&findings(&place), "witness")[0];
    assert_eq!(witness["state"], "bad", "{witness}");
    assert!(!witness["advice"].as_str().unwrap().to_lowercase().contains("restore"));
    assert_eq!(place.serve(&[]).stop(), 0);
    assert_eq!(state(&place, "witness"), "warning", "it stays told");
    fs::write(place.data_dir().join("media/.assay-installation"), "another\n").unwrap();
    let files = of(&findings(&place), "files");
    assert!(
        files.iter().any(|one| one["message"].as_str().unwrap().contains("another")),
        "{files:?}"
    );
}

/// Finding faults M6: after a crash, beside the log that is still to be folded.
#[test]
fn doctor_after_a_crash_leaves_the_log_as_it_is_m6() {
    let place = TestSandbox::embedded();
    place.line(&["org", "create", "Example"]);
    let server = place.serve(&[]);
    place.line(&["key", "create", "--name", "crm"]);
    drop(server);
    let log = place.data_dir().join("assay.sqlite-wal");
    let before = fs::read(&log).unwrap();
    assert!(!before.is_empty());
    assert_eq!(place.run(&["doctor"]).code, 0);
    assert_eq!(fs::read(&log).unwrap(), before);
    assert_eq!(place.serve(&[]).stop(), 0, "and it starts");
}

/// Finding faults, minor: a ruin is not served.
#[test]
fn a_database_that_a_crash_left_damaged_is_not_served() {
    let place = TestSandbox::embedded();
    place.line(&["seed", "--instances", "200"]);
    let file = place.data_dir().join("assay.sqlite");
    let mut bytes = fs::read(&file).unwrap();
    // Behind the pages that tell of the schema: so it can be opened.
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 8 * 4096].fill(0xA5);
    fs::write(&file, bytes).unwrap();
    // As a killed server leaves it.
    fs::write(place.data_dir().join("assay.sqlite-wal"), "a log").unwrap();
    let done = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(done.code == 1 && done.err.contains("is damaged"), "{} {}", done.code, done.err);
    assert!(done.err.contains("Copy the whole data directory aside"), "{}", done.err);
}

/// Findings faults M10 and security M1.
#[test]
fn whatever_is_written_is_for_its_owner_only_whatever_the_umask_m10() {
    let place = TestSandbox::embedded();
    let task = run_with_open_umask(&place, &["seed", "--instances", "2"]).out;
    let (copy, export) =
        (place.folder.path().join("copy.sqlite"), place.folder.path().join("rows.csv"));
    assert_eq!(run_with_open_umask(&place, &["backup", copy.to_str().unwrap()]).code, 0);
    assert_eq!(
        run_with_open_umask(&place, &["export", task.trim(), export.to_str().unwrap()]).code,
        0
    );
    let data = place.data_dir();
    assert_eq!(mode(&data), 0o700);
    let files =
        [data.join("assay.sqlite"), copy, place.folder.path().join("copy.manifest.jsonl"), export];
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(mode(&place.folder.path().join("copy.media")), 0o700);
}

/// Finding faults M10: a backup is whole, and says what is not.
#[test]
fn a_backup_holds_the_files_and_a_list_of_everything_m10() {
    let place = with_files(&[("MeFile0001", true), ("MeFile0002", false)]);
    let name = |ending: &str| place.folder.path().join(format!("copy{ending}"));
    let made = place.run(&["backup", name(".sqlite").to_str().unwrap()]);
    assert_eq!((made.code, made.out.trim()), (0, name(".sqlite").to_str().unwrap()));
    assert!(made.err.contains("are not there"), "{}", made.err);
    assert_eq!(fs::read(name(".media/01/MeFile0001")).unwrap(), b"abc");
    let list = fs::read_to_string(name(".manifest.jsonl")).unwrap();
    let lines: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let head = &lines[0];
    assert_eq!((&head["format"], &head["media"]), (&1.into(), &2.into()));
    assert_eq!(head["database"]["bytes"], fs::metadata(name(".sqlite")).unwrap().len());
    assert!(head["commits"].as_i64().unwrap() > 0 && head["schema"].as_i64().unwrap() > 0);
    assert_eq!(lines[1]["id"], "MeFile0001");
    assert!(
        lines[1]["sha256"].as_str().unwrap().starts_with("ba7816bf")
            && lines[1]["missing"].is_null()
    );
    assert_eq!((&lines[2]["id"], &lines[2]["missing"]), (&"MeFile0002".into(), &true.into()));
    let names = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect()
    };
    let left = names(place.folder.path()).len();
    assert_eq!(left, 2, "the database and the list, nothing else");
    assert_eq!(place.run(&["backup", name(".sqlite").to_str().unwrap()]).code, 4);
    assert_eq!(
        place.run(&["backup", place.folder.path().join("none/copy.sqlite").to_str().unwrap()]).code,
        1
    );
}

/// Finding faults M2: commands that only read make no log of their own and need no lock.
#[test]
fn commands_that_only_read_write_nothing_m2() {
    let place = TestSandbox::embedded();
    let task = place.line(&["seed", "--instances", "2"]);
    let storage = Storage::open(&StorageOptions {
        access: DatabaseAccess::Beside,
        ..StorageOptions::new(place.data_dir().join("assay.sqlite"))
    });
    let storage = storage.unwrap();
    let count =
        |storage: &Storage| storage.read_blocking(storage::organization::write_count).unwrap();
    let before = count(&storage);
    for command in [
        vec!["task", "list"],
        vec!["org", "list"],
        vec!["key", "list"],
        vec!["user", "list"],
        vec!["test", "list"],
        vec!["question", "list"],
        vec!["webhook", "list"],
        vec!["results", &task],
        vec!["doctor"],
        vec!["backup", place.folder.path().join("copy.sqlite").to_str().unwrap()],
    ] {
        assert_eq!(place.run(&command).code, 0, "{command:?}");
        assert_eq!(count(&storage), before, "{command:?}");
    }
}

/// Finding faults, minor (boot order): a PostgreSQL that is not there yet is waited for.
#[test]
fn a_server_waits_for_its_postgresql() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;
    let place = TestSandbox::embedded();
    // It takes connections and says nothing sensible, as a server that is only starting.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env(
        "ASSAY_DATABASE_URL",
        format!("postgres://assay@127.0.0.1:{port}/assay?sslmode=disable"),
    );
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let reply = lines.by_ref().filter(|line| line.contains("does not answer yet")).take(2).count();
    let has_ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((reply, has_ended), (2, false));
}
