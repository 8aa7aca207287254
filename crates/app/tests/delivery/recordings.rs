//! Recordings that are missing are seen, whatever way they went missing (F12).

use crate::files::MediaUploadFixture;
use app::administration::Reinstatement;
use app::delivery::page::EnterPage;
use domain::proctoring::missing::MissingRecordings;
use domain::proctoring::{EvidenceKind, InstanceFlag};
use std::collections::BTreeMap;

const PHOTOS: &str = r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO"}'"#;

async fn seen(fixture: &MediaUploadFixture) -> (InstanceFlag, Vec<MissingRecordings>) {
    let test_app = &fixture.test_app;
    let (staff, task) = (test_app.operator(), test_app.task.clone());
    let view =
        test_app.app.proctoring().proctoring_view(&staff, &task, &fixture.instance).await.unwrap();
    (view.flag, view.missing)
}

/// Takes photos of these numbers, half a minute apart.
async fn photos(fixture: &MediaUploadFixture, numbers: &[u64]) {
    for number in numbers {
        fixture.record_evidence(EvidenceKind::Photo, *number).await.unwrap();
        fixture.test_app.clock.pass_seconds(30);
    }
}

#[tokio::test]
async fn whoever_records_all_the_time_is_green_and_stays_so_after_completion() {
    let fixture = MediaUploadFixture::with_setting(PHOTOS).await;
    photos(&fixture, &[1, 2, 3, 4, 5, 6]).await;
    assert_eq!(seen(&fixture).await, (InstanceFlag::Green, vec![]));
    fixture.test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    fixture.test_app.clock.pass_seconds(86_400);
    assert_eq!(seen(&fixture).await, (InstanceFlag::Green, vec![]));
}

#[tokio::test]
async fn two_photos_in_four_minutes_are_brown_and_say_how_many_never_came() {
    let fixture = MediaUploadFixture::with_setting(PHOTOS).await;
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    fixture.test_app.clock.pass_seconds(240);
    fixture.record_evidence(EvidenceKind::Photo, 9).await.unwrap();
    fixture.test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    let (flag, missing) = seen(&fixture).await;
    assert_eq!(flag, InstanceFlag::Brown);
    assert_eq!(missing.iter().map(|gap| gap.lost).collect::<Vec<_>>(), [7]);
    assert_eq!(missing[0].until.0 - missing[0].from.0, 240_000);
}

#[tokio::test]
async fn a_camera_that_is_switched_off_after_the_first_photo_is_brown() {
    let fixture = MediaUploadFixture::with_setting(PHOTOS).await;
    photos(&fixture, &[1]).await;
    assert_eq!(seen(&fixture).await.0, InstanceFlag::Green, "it may still come");
    fixture.test_app.clock.pass_seconds(60);
    let (flag, missing) = seen(&fixture).await;
    assert_eq!((flag, missing.len(), missing[0].lost), (InstanceFlag::Brown, 1, 0));
}

#[tokio::test]
async fn photos_1_2_3_and_6_miss_two() {
    let fixture = MediaUploadFixture::with_setting(PHOTOS).await;
    photos(&fixture, &[1, 2, 3, 6]).await;
    let (flag, missing) = seen(&fixture).await;
    assert_eq!((flag, missing.len(), missing[0].lost), (InstanceFlag::Brown, 1, 2));
}

#[tokio::test]
async fn nothing_is_missing_while_a_reopened_test_waits_for_its_candidate() {
    let fixture = MediaUploadFixture::with_setting(PHOTOS).await;
    photos(&fixture, &[1, 2]).await;
    fixture.test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    fixture.test_app.clock.pass_seconds(86_400);
    let how = Reinstatement {
        client_token: "r".into(),
        pages: None,
        start: None,
        time: BTreeMap::new(),
        reason: "power_cut".into(),
    };
    let (staff, task) = (fixture.test_app.operator(), fixture.test_app.task.clone());
    let app = &fixture.test_app.app;
    app.instances().reinstate(&staff, &task, &fixture.instance, how).await.unwrap();
    fixture.test_app.clock.pass_seconds(86_400);
    assert_eq!(seen(&fixture).await, (InstanceFlag::Green, vec![]));
    app.delivery().open_instance(&fixture.visitor, &fixture.instance).await.unwrap();
    let first = EnterPage { page: 1, confirm: true, writes: Vec::new() };
    app.delivery().enter_page(&fixture.visitor, &fixture.instance, first).await.unwrap();
    photos(&fixture, &[3]).await;
    assert_eq!(seen(&fixture).await, (InstanceFlag::Green, vec![]));
}
