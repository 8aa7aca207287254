//! Files that the database does not know (finding faults B1): they are never removed for want of a
//! row.

use crate::files::MediaUploadFixture;
use app::media::{MediaClaim, MediaSweep};
use courier::media_files::MARK;
use domain::proctoring::EvidenceKind;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const RECORDED: &str = r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO"}'"#;

/// Every file below a folder but marks.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false if entry.file_name() == MARK => {}
            false => found.push(entry.path()),
        }
    }
    found
}

fn is_lost(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "lost")
}

/// Makes every file two days old.
fn age(folder: &Path) {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    files(folder).iter().for_each(|path| File::open(path).unwrap().set_modified(then).unwrap());
}

async fn recorded(count: u64) -> MediaUploadFixture {
    let fixture = MediaUploadFixture::with_setting(RECORDED).await;
    for number in 1..=count {
        fixture.record_evidence(EvidenceKind::Photo, number).await.unwrap();
    }
    age(fixture.folder.path());
    fixture
}

#[tokio::test]
async fn a_database_that_knows_no_file_moves_none_b1() {
    let fixture = recorded(25).await;
    for rows in [0, 3] {
        fixture
            .test_app
            .sql(if rows == 0 { "DELETE FROM media" } else { "DELETE FROM media WHERE nth > 21" })
            .await;
        let swept = fixture.test_app.app.files().sweep_media().await.unwrap();
        assert_eq!(swept, MediaSweep { stopped: true, ..MediaSweep::default() });
        assert_eq!(files(fixture.folder.path()).iter().filter(|path| !is_lost(path)).count(), 25);
    }
}

#[tokio::test]
async fn a_large_share_of_unknown_files_moves_none_either_b1() {
    let fixture = recorded(20).await;
    fixture.test_app.sql("DELETE FROM media WHERE nth > 16").await;
    assert!(fixture.test_app.app.files().sweep_media().await.unwrap().stopped);
    assert_eq!(files(fixture.folder.path()).len(), 20);
}

#[tokio::test]
async fn a_few_unknown_files_are_set_aside_and_stay_for_a_month_b1() {
    let fixture = recorded(20).await;
    fixture.test_app.sql("DELETE FROM media WHERE nth > 18").await;
    let app = &fixture.test_app.app;
    let swept = app.files().sweep_media().await.unwrap();
    assert_eq!(swept, MediaSweep { set_aside: 2, ..MediaSweep::default() });
    let lost = |fixture: &MediaUploadFixture| {
        files(fixture.folder.path()).iter().filter(|path| is_lost(path)).count()
    };
    assert_eq!((files(fixture.folder.path()).len(), lost(&fixture)), (20, 2), "nothing is gone");
    fixture.test_app.clock.pass_seconds(30 * 24 * 3600);
    assert_eq!(app.files().sweep_media().await.unwrap(), MediaSweep::default());
    assert_eq!(lost(&fixture), 2);
    fixture.test_app.clock.pass_seconds(24 * 3600);
    assert_eq!(
        app.files().sweep_media().await.unwrap(),
        MediaSweep { forgotten: 2, ..MediaSweep::default() }
    );
    assert_eq!((files(fixture.folder.path()).len(), lost(&fixture)), (18, 0));
}

#[tokio::test]
async fn files_that_came_today_are_left_alone_b1() {
    let fixture = MediaUploadFixture::with_setting(RECORDED).await;
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    fixture.test_app.sql("DELETE FROM media").await;
    assert_eq!(fixture.test_app.app.files().sweep_media().await.unwrap(), MediaSweep::default());
}

#[tokio::test]
async fn a_directory_without_a_mark_is_claimed_by_whoever_knows_its_files_b1() {
    let fixture = recorded(2).await;
    let app = &fixture.test_app.app;
    let installation = app.files().installation_id().await.unwrap();
    assert_eq!(app.files().claim_media().await.unwrap(), MediaClaim::Ours);
    assert_eq!(fs::read_to_string(fixture.folder.path().join(MARK)).unwrap().trim(), installation);
    let other = MediaUploadFixture::with_setting(RECORDED).await;
    // In tests chance is the same everywhere.
    other
        .test_app
        .sql("UPDATE installation SET receipt_key = (SELECT digest FROM document LIMIT 1)")
        .await;
    let theirs = other.test_app.app.files().installation_id().await.unwrap();
    assert_ne!(theirs, installation);
    for path in files(fixture.folder.path()) {
        let folder = other.folder.path().join(path.parent().unwrap().file_name().unwrap());
        fs::create_dir_all(&folder).unwrap();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    let claim = other.test_app.app.files().claim_media().await.unwrap();
    assert_eq!(claim, MediaClaim::Unknown { installation: theirs.clone() });
    fs::copy(fixture.folder.path().join(MARK), other.folder.path().join(MARK)).unwrap();
    let claim = other.test_app.app.files().claim_media().await.unwrap();
    assert_eq!(claim, MediaClaim::Foreign { mark: installation, installation: theirs });
}

#[tokio::test]
async fn an_empty_directory_is_claimed_unless_files_are_known_b1() {
    let fixture = MediaUploadFixture::with_setting(RECORDED).await;
    assert_eq!(fixture.test_app.app.files().claim_media().await.unwrap(), MediaClaim::Ours);
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    fs::remove_dir_all(fixture.folder.path()).unwrap();
    let claim = fixture.test_app.app.files().claim_media().await.unwrap();
    assert!(matches!(claim, MediaClaim::Missing { .. }), "it is not mounted: {claim:?}");
    assert!(!fixture.folder.path().exists());
}
