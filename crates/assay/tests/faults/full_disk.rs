//! A disk that is full: a tmpfs of its own, in a mount namespace that ends with the test.

use crate::acknowledgements;
use crate::fixture::FaultFixture;
use crate::http_client::TestHttpClient;
use crate::saver::{SaveOutcome, Saver};
use crate::server::KillableServer;
use crate::test_rng::TestRng;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const SAVERS: usize = 16;
const LONGEST_TEXT: u64 = 8_000;
/// What is left of the tmpfs for the server, beside the ballast.
const FREE: u64 = 3 << 20;
/// More answers than fit into the tmpfs at a page each.
const MOST: usize = 10_000;
/// Set where the test runs inside its namespace: the tmpfs.
const INSIDE: &str = "ASSAY_FAULTS_TMPFS";

#[test]
fn a_full_disk_is_told_as_unavailable_and_loses_nothing_that_was_acknowledged() {
    match std::env::var_os(INSIDE) {
        Some(tmpfs) => {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(fill_and_free(PathBuf::from(tmpfs)));
        }
        None => run_inside_a_namespace(),
    }
}

/// Runs this very test again where it may mount.
fn run_inside_a_namespace() {
    const NAME: &str =
        "full_disk::a_full_disk_is_told_as_unavailable_and_loses_nothing_that_was_acknowledged";
    let place = tempfile::tempdir().unwrap();
    let flags = ["-rm", "-m"].into_iter().find(|flags| may_mount(flags, place.path()));
    let flags = flags.expect(
        "this test mounts a small tmpfs: it needs `unshare -rm` (util-linux, user namespaces allowed) or to run as root",
    );
    let script = r#"mount -t tmpfs -o size=14m tmpfs "$1" && exec "$2" --exact "$3" --nocapture"#;
    let status = Command::new("unshare")
        .args([flags, "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(std::env::current_exe().unwrap())
        .arg(NAME)
        .env(INSIDE, place.path())
        .status();
    assert!(status.unwrap().success());
}

fn may_mount(flags: &str, place: &Path) -> bool {
    let tried = Command::new("unshare")
        .args([flags, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(place)
        .stderr(std::process::Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

async fn fill_and_free(tmpfs: PathBuf) {
    let mut dice = TestRng::of_test("full disk");
    let directory = tmpfs.join("data");
    fs::create_dir(&directory).unwrap();
    let (fixture, seats) = FaultFixture::build_on_file(&directory, SAVERS, 0).await;
    let mut savers: Vec<_> =
        seats.into_iter().map(|seat| Saver::new(seat, dice.another(), LONGEST_TEXT)).collect();
    let ballast = DiskFiller::leaving(&tmpfs, FREE);
    let mut server = KillableServer::on(&directory).await;

    let saved = save_until_refused(&mut savers, &server).await;
    println!("{saved} answers were acknowledged before the disk was full");
    assert!(saved > 100);
    reading_goes_on(&fixture, &savers, &server).await;
    assert!(!server.has_ended());

    // The same server, as soon as there is room.
    ballast.remove();
    save_some(&mut savers, &server).await;
    server.until_logged("viewings that had to wait are recorded").await;

    // And a server that is killed on a full disk.
    let ballast = DiskFiller::leaving(&tmpfs, 1 << 20);
    save_until_refused(&mut savers, &server).await;
    server.kill();
    ballast.remove();
    let server = KillableServer::on(&directory).await;
    save_some(&mut savers, &server).await;
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    for saver in &mut savers {
        saver.resume_and_submit(&mut line).await;
    }
    server.stop();
    acknowledgements::audit(
        &fixture,
        savers.into_iter().map(|saver| (saver.seat.instance, saver.acknowledged)).collect(),
    )
    .await;
    fixture.demand_sound();
}

/// Each candidate saves until a save is refused. Gives the number of acknowledged ones.
async fn save_until_refused(savers: &mut [Saver], server: &KillableServer) -> usize {
    let mut saved = 0;
    for saver in savers {
        let mut line = TestHttpClient::connect(server.address).await.unwrap();
        let reply = loop {
            match saver.save(&mut line).await.unwrap() {
                SaveOutcome::Acknowledged => saved += 1,
                SaveOutcome::Refused(reply) => break reply,
            }
            assert!(saved < MOST, "more was acknowledged than the disk can hold");
        };
        assert_eq!(
            (reply.status, reply.body["code"].as_str()),
            (503, Some("unavailable")),
            "{reply:?}"
        );
        assert!(
            reply.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()),
            "{reply:?}"
        );
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
    assert!(server.logged("full") > 0, "the operator is told why");
    saved
}

async fn reading_goes_on(fixture: &FaultFixture, savers: &[Saver], server: &KillableServer) {
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    for saver in savers {
        let (seat, token) = (&saver.seat, &saver.seat.token);
        assert_eq!(line.get(&seat.path(""), token).await.unwrap().ok()["state"], "STARTED");
        let answers = line.get(&seat.path("/answers"), token).await.unwrap().ok();
        assert_eq!(
            answers["answers"].as_array().unwrap().is_empty(),
            saver.acknowledged.is_empty()
        );
        line.get(&seat.path("/test"), token).await.unwrap().ok();
    }
    let list = line.get(&fixture.list_path(), &fixture.key).await.unwrap().ok();
    assert_eq!(list["testInstances"].as_array().unwrap().len(), SAVERS);
    line.get("/healthz", "").await.unwrap().ok();
    // What staff read is recorded later (finding faults, minor).
    for saver in savers {
        let path = format!(
            "/api/integration/rest/v1/tasks/{}/test-instances/{}/answers",
            fixture.task, saver.seat.instance
        );
        line.get(&path, &fixture.key).await.unwrap().ok();
    }
    assert!(server.logged("a viewing is recorded later") > 0);
}

async fn save_some(savers: &mut [Saver], server: &KillableServer) {
    let mut line = TestHttpClient::connect(server.address).await.unwrap();
    for saver in savers {
        for _ in 0..3 {
            match saver.save(&mut line).await.unwrap() {
                SaveOutcome::Acknowledged => {}
                SaveOutcome::Refused(reply) => panic!("there is room: {reply:?}"),
            }
        }
    }
}

/// A file that takes room away.
struct DiskFiller(PathBuf);

impl DiskFiller {
    /// Fills the disk up to so many bytes.
    fn leaving(tmpfs: &Path, free: u64) -> Self {
        let spare = tmpfs.join("spare");
        File::create(&spare).unwrap().write_all(&vec![1; usize::try_from(free).unwrap()]).unwrap();
        let path = tmpfs.join("ballast");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        fs::remove_file(spare).unwrap();
        Self(path)
    }

    fn remove(self) {
        fs::remove_file(self.0).unwrap();
    }
}
