//! A candidate reads what was recorded of the own instance: page by page, with its times and the
//! day of its deletion.

use crate::files::MediaUploadFixture;
use app::Failure;
use app::delivery::fullscreen::FullscreenEvent;
use app::delivery::recorded::{RecordedEventKind, RecordedView};
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::EvidenceKind;
use domain::refusal::Refusal;
use storage::media::MediaRow;
use testkit::failures::refusal;

const WATCHED: &str = r#"UPDATE step SET settings =
    '{"webcamRecording":"PHOTO","fullscreen":{"resume":{"maxCount":5,"maxSeconds":600}}}'"#;
const DAY: i64 = 86_400;

impl MediaUploadFixture {
    async fn recorded(&self, page: u64) -> Result<RecordedView, Failure> {
        self.test_app.app.delivery().recorded(&self.visitor, &self.instance, page).await
    }

    async fn submit(&self) {
        self.test_app.complete(&self.visitor, &self.instance, "t").await.unwrap();
    }

    async fn report(&self, event: FullscreenEvent) {
        let delivery = self.test_app.app.delivery();
        delivery.report_fullscreen(&self.visitor, &self.instance, event).await.unwrap();
    }
}

#[tokio::test]
async fn before_the_test_is_handed_in_nothing_is_shown() {
    let fixture = MediaUploadFixture::with_setting(WATCHED).await;
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    assert_eq!(refusal(fixture.recorded(1).await), Some(Refusal::InstanceOpen));
}

#[tokio::test]
async fn files_events_and_what_is_missing_are_told_with_their_times() {
    let fixture = MediaUploadFixture::with_setting(WATCHED).await;
    let clock = &fixture.test_app.clock;
    let first = fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    clock.pass_seconds(10);
    fixture.report(FullscreenEvent::Left { is_allowed: false }).await;
    clock.pass_seconds(15);
    fixture.report(FullscreenEvent::Returned).await;
    clock.pass_seconds(60);
    fixture.record_evidence(EvidenceKind::Photo, 4).await.unwrap();
    fixture.submit().await;
    let seen = fixture.recorded(1).await.unwrap();
    assert_eq!(
        seen.items.iter().map(|item| item.as_str()).collect::<Vec<_>>(),
        ["photo", "fullscreen", "answers"]
    );
    assert_eq!((seen.page, seen.pages, seen.total_files), (1, 1, 2));
    assert_eq!(seen.files[0].id, first.id);
    assert_eq!((seen.files[1].nth, seen.files[1].url.is_some()), (Some(2), true));
    assert_eq!(seen.missing.iter().map(|gap| gap.lost).collect::<Vec<_>>(), [2]);
    let events: Vec<_> = seen.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        events,
        [
            RecordedEventKind::Started,
            RecordedEventKind::PageEntered,
            RecordedEventKind::FullscreenLeft,
            RecordedEventKind::FullscreenReturned,
            RecordedEventKind::Submitted
        ]
    );
    assert_eq!(seen.events[3].counted_millis, Some(15_000));
    assert_eq!(seen.events[3].at.0 - seen.events[2].at.0, 15_000);
    assert_eq!((seen.events[1].page, seen.events[0].page), (Some(1), None));
}

#[tokio::test]
async fn the_day_of_deletion_follows_the_organizations_days_and_a_hold_leaves_it_open() {
    let fixture = MediaUploadFixture::with_setting(WATCHED).await;
    let (app, staff) = (&fixture.test_app.app, fixture.test_app.operator());
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    fixture.submit().await;
    app.proctoring().set_evidence_days(&staff, 10).await.unwrap();
    let seen = fixture.recorded(1).await.unwrap();
    let end = seen.completed_at.plus_seconds(10 * DAY);
    assert_eq!((seen.recordings_deleted_at, seen.identity_deleted_at), (Some(end), Some(end)));
    assert_eq!((seen.retention.recording_days, seen.retention.erase_after_days), (10, None));
    let task = fixture.test_app.task.clone();
    app.proctoring()
        .set_instance_flag(&staff, &task, &fixture.instance, None, Some(true))
        .await
        .unwrap();
    let seen = fixture.recorded(1).await.unwrap();
    assert_eq!((seen.recordings_deleted_at, seen.identity_deleted_at), (None, None));
}

#[tokio::test]
async fn a_deleted_recording_is_still_named_and_leads_nowhere() {
    let fixture = MediaUploadFixture::with_setting(WATCHED).await;
    let (app, staff) = (&fixture.test_app.app, fixture.test_app.operator());
    app.proctoring().set_evidence_days(&staff, 1).await.unwrap();
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    fixture.submit().await;
    fixture.test_app.clock.pass_seconds(DAY + 1);
    assert_eq!(app.files().clean_up_media().await.unwrap().expired, 1);
    let seen = fixture.recorded(1).await.unwrap();
    assert_eq!((seen.files.len(), seen.files[0].url.clone()), (1, None));
}

#[tokio::test]
async fn thousands_of_recordings_come_in_pages_and_behind_the_last_there_is_nothing() {
    let fixture = MediaUploadFixture::with_setting(WATCHED).await;
    let row = |nth: i64| MediaRow {
        id: format!("Md{nth:05}").as_str().into(),
        organization_id: fixture.test_app.organization.clone(),
        task_id: fixture.test_app.task.clone(),
        candidate_id: "Ca1".into(),
        instance_id: Some(fixture.instance.clone()),
        purpose: MediaPurpose::Evidence,
        slot: None,
        kind: Some(EvidenceKind::Photo),
        nth: Some(nth),
        client_key: format!("photo/{nth}"),
        created_at: fixture.test_app.now().plus_seconds(nth),
        client_time: None,
        name: None,
        bytes: 10,
        media_type: "image/jpeg".into(),
        sha256: Some([7; 32]),
        flag: None,
        detections: "[]".into(),
        state: MediaState::Kept,
        file_gone: false,
    };
    let rows: Vec<_> = (1..=1230).map(row).collect();
    fixture
        .test_app
        .write(move |tx| rows.iter().try_for_each(|row| storage::media::insert(tx, row)))
        .await;
    fixture.submit().await;
    let mut numbers = Vec::new();
    for page in 1..=21 {
        let seen = fixture.recorded(page).await.unwrap();
        assert_eq!((seen.pages, seen.total_files), (21, 1230));
        numbers.extend(seen.files.iter().filter_map(|file| file.nth));
    }
    assert_eq!(numbers, (1..=1230).collect::<Vec<_>>());
    for page in [22, u64::MAX] {
        let behind = fixture.recorded(page).await.unwrap();
        assert_eq!((behind.files.len(), behind.events.len(), behind.pages), (0, 0, 21));
    }
}
