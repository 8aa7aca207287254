//! Files: sent, answered with, read by signed links, recorded as evidence, removed.

use app::Failure;
use app::caller::CandidateSession;
use app::delivery::fullscreen::FullscreenEvent;
use app::delivery::upload::{EvidenceUpload, UploadRequest};
use app::erasure::ErasureOptions;
use app::media::{FileReceiver as _, IncomingUpload, SignedLink, StoredMedia};
use courier::media_files::FileMediaStore;
use domain::id::InstanceId;
use domain::proctoring::{
    Detection, DetectionMethod, DetectionOccasion, DetectionSource, EvidenceFlag, EvidenceKind,
    InstanceFlag,
};
use domain::refusal::Refusal;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use testkit::failures::{outcome_code, refusal};
use testkit::{TestApp, write};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

const PAPER: &str = r#"{"assay": 1, "key": "files", "title": "Files", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "f", "kind": "input", "type": "file", "text": "Hand in.", "maxFiles": 2, "maxBytes": 100,
            "mediaTypes": ["image/png", "text/plain"]},
        {"key": "v", "kind": "input", "type": "video", "text": "Speak."},
        {"key": "t", "kind": "input", "type": "field", "text": "Type."}]}]}]}"#;

pub struct MediaUploadFixture {
    pub test_app: TestApp,
    pub visitor: CandidateSession,
    pub instance: InstanceId,
    pub folder: TempDir,
}

impl MediaUploadFixture {
    pub async fn with_setting(settings: &'static str) -> Self {
        let test_app = TestApp::with(PAPER).await;
        let folder = tempfile::tempdir().unwrap();
        test_app
            .app
            .files()
            .set_media_store(Arc::new(FileMediaStore::new(folder.path().to_owned())));
        test_app.sql(settings).await;
        let (visitor, instance) = test_app.start_on_first_page().await;
        Self { test_app, visitor, instance, folder }
    }

    async fn plain() -> Self {
        Self::with_setting("UPDATE step SET title = title").await
    }

    async fn send(
        &self,
        slot: u32,
        bytes: &[u8],
        kind: &str,
        token: &str,
    ) -> Result<StoredMedia, Failure> {
        let client_token = Some(token).filter(|token| !token.is_empty()).map(str::to_owned);
        let sent =
            UploadRequest { media_type: kind.into(), name: Some("work".into()), client_token };
        poured(
            self.test_app
                .app
                .delivery()
                .begin_upload(&self.visitor, &self.instance, slot, sent)
                .await?,
            bytes,
        )
        .await
    }

    pub async fn record_evidence(
        &self,
        kind: EvidenceKind,
        number: u64,
    ) -> Result<StoredMedia, Failure> {
        let sent =
            EvidenceUpload { kind, number, client_time: None, media_type: "image/png".into() };
        poured(
            self.test_app
                .app
                .delivery()
                .begin_evidence(&self.visitor, &self.instance, sent)
                .await?,
            PNG,
        )
        .await
    }

    fn files(&self) -> usize {
        let count = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
        std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|folder| count(&folder.unwrap().path()))
            .sum()
    }
}

async fn poured(mut receiving: IncomingUpload, bytes: &[u8]) -> Result<StoredMedia, Failure> {
    for piece in bytes.chunks(7) {
        receiving.write_chunk(piece).await?;
    }
    receiving.finish().await
}

fn code<T>(outcome: Result<T, Failure>) -> &'static str {
    match outcome {
        Err(Failure::NotTaken { .. }) => "upload_not_allowed",
        Err(Failure::Unfit { code, .. }) => code,
        Err(Failure::Refused(refused)) => refused.code.as_str(),
        Err(Failure::NotFound) => "not_found",
        Err(other) => panic!("{other}"),
        Ok(_) => "done",
    }
}

fn link(url: &str) -> SignedLink {
    let (path, query) = url.split_once("/media/").unwrap().1.split_once('?').unwrap();
    let (ends, signature) = query.strip_prefix("exp=").unwrap().split_once("&sig=").unwrap();
    SignedLink {
        media: path.into(),
        ends: ends.parse().unwrap(),
        instance: None,
        signature: signature.into(),
    }
}

#[tokio::test]
async fn a_file_of_another_kind_too_large_empty_or_for_another_question_is_refused_and_leaves_nothing()
 {
    let fixture = MediaUploadFixture::plain().await;
    assert_eq!(
        code(fixture.send(1, b"%PDF-1.7", "application/pdf", "").await),
        "upload_not_allowed"
    );
    assert_eq!(code(fixture.send(1, b"<html>", "image/png", "").await), "upload_not_allowed");
    assert_eq!(code(fixture.send(1, &[b'a'; 101], "text/plain", "").await), "upload_not_allowed");
    assert_eq!(code(fixture.send(1, b"", "text/plain", "").await), "upload_not_allowed");
    assert_eq!(code(fixture.send(3, b"text", "text/plain", "").await), "upload_not_allowed");
    assert_eq!(code(fixture.send(9, b"text", "text/plain", "").await), "not_found");
    assert_eq!(fixture.files(), 0);
}

#[tokio::test]
async fn files_are_answers_and_are_read_by_links_that_end() {
    let fixture = MediaUploadFixture::plain().await;
    let (test_app, app) = (&fixture.test_app, &fixture.test_app.app);
    let picture = fixture.send(1, PNG, "image/png", "a").await.unwrap();
    assert_eq!(
        fixture.send(1, PNG, "image/png", "a").await.unwrap().id,
        picture.id,
        "a repeat is harmless"
    );
    let text = fixture.send(1, b"my work", "text/plain; charset=utf-8", "b").await.unwrap();
    assert_eq!((text.media_type.as_str(), text.bytes, fixture.files()), ("text/plain", 7, 2));
    let both = format!("[\"{}\",\"{}\"]", picture.id, text.id);
    let written = test_app.answer(&fixture.visitor, &fixture.instance, write(1, 1, &both)).await;
    assert_eq!(outcome_code(&written), "kept");
    let foreign = format!("[\"{}\"]", picture.id);
    assert_eq!(
        outcome_code(
            &test_app.answer(&fixture.visitor, &fixture.instance, write(2, 1, &foreign)).await
        ),
        "upload_unknown"
    );
    let answers = app
        .results()
        .instance_answers(&fixture.test_app.operator(), &test_app.task, &fixture.instance)
        .await
        .unwrap();
    let answer = answers.list[0].answer.clone().unwrap();
    let app::answers::AnswerContent::Uploads(uploads) = answer.content else { panic!("no files") };
    assert_eq!(
        uploads.iter().map(|one| one.media.id.clone()).collect::<Vec<_>>(),
        [picture.id, text.id]
    );
    let link = link(&uploads[1].url);
    let mut open = app.files().open_media(&link).await.unwrap();
    open.seek(3).await.unwrap();
    assert_eq!((open.next_chunk(99).await.unwrap(), open.is_shown), (b"work".to_vec(), false));
    let later = SignedLink { ends: link.ends + 3600, ..link.clone() };
    assert_eq!(code(app.files().open_media(&later).await), "not_found", "the end is signed");
    test_app.clock.pass_seconds(7200);
    assert_eq!(code(app.files().open_media(&link).await), "not_found", "its time is over");
}

#[tokio::test]
async fn nobody_sends_files_once_the_test_is_handed_in() {
    let fixture = MediaUploadFixture::plain().await;
    fixture.test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    assert_eq!(
        refusal(fixture.send(1, PNG, "image/png", "").await),
        Some(Refusal::InstanceComplete)
    );
}

#[tokio::test]
async fn evidences_are_numbered_marked_and_gone_after_erasure() {
    let fixture = MediaUploadFixture::with_setting(
        r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO"}'"#,
    )
    .await;
    let (app, task, staff) =
        (&fixture.test_app.app, fixture.test_app.task.clone(), fixture.test_app.operator());
    assert_eq!(
        code(fixture.record_evidence(EvidenceKind::Screenshot, 1).await),
        "upload_not_allowed",
        "not recorded here"
    );
    let first = fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    assert_eq!(
        fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap().id,
        first.id,
        "a repeat is harmless"
    );
    fixture.record_evidence(EvidenceKind::Photo, 2).await.unwrap();
    let evidences = app.proctoring().evidences(&staff, &task, &fixture.instance).await.unwrap();
    assert_eq!(evidences.iter().map(|one| one.nth).collect::<Vec<_>>(), [1, 2]);
    let seen = Detection {
        from: DetectionOccasion::Post,
        method: DetectionMethod::Ai,
        source: DetectionSource::CheatingActivity,
    };
    let marked = app
        .proctoring()
        .add_detection(&staff, &task, &fixture.instance, &first.id, seen)
        .await
        .unwrap();
    assert_eq!((marked.flag, marked.detections.len()), (EvidenceFlag::Cheating, 1));
    assert_eq!(
        app.proctoring().proctoring_view(&staff, &task, &fixture.instance).await.unwrap().flag,
        InstanceFlag::Red
    );
    app.proctoring()
        .set_evidence_flag(
            &staff,
            &task,
            &fixture.instance,
            &first.id,
            Some(EvidenceFlag::Seamless),
        )
        .await
        .unwrap();
    let view = app
        .proctoring()
        .set_instance_flag(&staff, &task, &fixture.instance, None, Some(true))
        .await
        .unwrap();
    assert_eq!((view.flag, view.is_held), (InstanceFlag::Green, true));
    let events = fixture.test_app.events(&fixture.instance).await;
    for kind in
        ["evidence.stored", "evidence.viewed", "evidence.detection_added", "instance.flag_set"]
    {
        assert!(events.iter().any(|entry| entry == kind), "{kind}: {events:?}");
    }
    let candidate = fixture.test_app.row(&fixture.instance).await.candidate_id;
    let refused = app
        .candidates()
        .erase_candidate(&staff, &task, &candidate, ErasureOptions::default())
        .await;
    assert_eq!(refusal(refused), Some(Refusal::InstanceHeld));
    assert_eq!(fixture.files(), 2);
    let confirmed = ErasureOptions { confirm: true, ..ErasureOptions::default() };
    app.candidates().erase_candidate(&staff, &task, &candidate, confirmed).await.unwrap();
    assert_eq!(fixture.files(), 0);
    assert!(app.proctoring().evidences(&staff, &task, &fixture.instance).await.unwrap().is_empty());
}

#[tokio::test]
async fn files_of_completed_instances_go_when_their_days_are_over_and_the_row_stays() {
    let fixture = MediaUploadFixture::with_setting(
        r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO"}'"#,
    )
    .await;
    let (app, task, staff) =
        (&fixture.test_app.app, fixture.test_app.task.clone(), fixture.test_app.operator());
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    app.proctoring().set_evidence_days(&staff, 10).await.unwrap();
    assert!(
        app.proctoring().set_evidence_days(&staff, 0).await.is_err()
            && app.proctoring().set_evidence_days(&staff, 3651).await.is_err()
    );
    fixture.test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    fixture.test_app.clock.pass_seconds(10 * 24 * 3600);
    assert_eq!(app.files().clean_up_media().await.unwrap().expired, 0);
    fixture.test_app.clock.pass_seconds(1);
    let tidied = app.files().clean_up_media().await.unwrap();
    assert_eq!((tidied.expired, tidied.removed, fixture.files()), (1, 1, 0));
    let left = app.proctoring().evidences(&staff, &task, &fixture.instance).await.unwrap();
    assert_eq!((left.len(), left[0].url.clone()), (1, None));
}

#[tokio::test]
async fn a_step_that_asks_for_a_photo_and_a_document_starts_once_both_are_there() {
    let test_app = TestApp::with(PAPER).await;
    let folder = tempfile::tempdir().unwrap();
    test_app.app.files().set_media_store(Arc::new(FileMediaStore::new(folder.path().to_owned())));
    test_app
        .sql(r#"UPDATE step SET settings = '{"identityPhoto":true,"documents":["Passport"]}'"#)
        .await;
    let visitor = test_app.enter().await;
    assert_eq!(refusal(test_app.start(&visitor, "a").await), Some(Refusal::EvidenceRequired));
    let photo =
        test_app.app.delivery().begin_identity_photo(&visitor, "image/png".into()).await.unwrap();
    poured(photo, PNG).await.unwrap();
    assert_eq!(refusal(test_app.start(&visitor, "b").await), Some(Refusal::EvidenceRequired));
    assert_eq!(
        code(
            test_app
                .app
                .delivery()
                .begin_document(&visitor, "Diploma".into(), "image/png".into())
                .await
        ),
        "not_found"
    );
    let passport = test_app
        .app
        .delivery()
        .begin_document(&visitor, "Passport".into(), "image/png".into())
        .await
        .unwrap();
    poured(passport, PNG).await.unwrap();
    test_app.start(&visitor, "c").await.unwrap();
}

#[tokio::test]
async fn leaving_full_screen_for_too_long_ends_the_instance_at_the_moment_the_limit_was_passed() {
    let settings =
        r#"UPDATE step SET settings = '{"fullscreen":{"resume":{"maxCount":2,"maxSeconds":30}}}'"#;
    let fixture = MediaUploadFixture::with_setting(settings).await;
    let (test_app, app) = (&fixture.test_app, &fixture.test_app.app);
    let delivery = app.delivery();
    let report = |report| delivery.report_fullscreen(&fixture.visitor, &fixture.instance, report);
    report(FullscreenEvent::Left { is_allowed: false }).await.unwrap();
    test_app.clock.pass_seconds(10);
    let back = report(FullscreenEvent::Returned).await.unwrap();
    assert_eq!((back.count, back.seconds, back.is_terminated), (1, 10, false));
    report(FullscreenEvent::Left { is_allowed: false }).await.unwrap();
    let left_at = test_app.now();
    test_app.clock.pass_seconds(29);
    assert_eq!(app.delivery().end_absences().await.unwrap(), 0);
    test_app.clock.pass_seconds(5);
    assert_eq!(app.delivery().end_absences().await.unwrap(), 1);
    let row = test_app.row(&fixture.instance).await;
    assert_eq!(row.completed_at, Some(left_at.plus_seconds(30)));
    assert_eq!(row.closing, Some(domain::instance::ClosingReason::Terminated));
    assert_eq!(refusal(report(FullscreenEvent::Returned).await), Some(Refusal::InstanceComplete));
}

#[tokio::test]
async fn four_hundred_days_ahead_at_a_start_no_file_is_deleted_m8() {
    let fixture = MediaUploadFixture::with_setting(
        r#"UPDATE step SET settings = '{"webcamRecording":"PHOTO"}'"#,
    )
    .await;
    let test_app = &fixture.test_app;
    test_app.app.watch_clock().await.unwrap();
    fixture.record_evidence(EvidenceKind::Photo, 1).await.unwrap();
    test_app.complete(&fixture.visitor, &fixture.instance, "t").await.unwrap();
    test_app.clock.jump_millis(400 * 86_400_000);
    test_app.app.watch_clock().await.unwrap();
    let tidied = test_app.app.files().clean_up_media().await.unwrap();
    assert_eq!((tidied.expired, tidied.removed, fixture.files()), (0, 0, 1));
    test_app.app.confirm_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    assert_eq!(
        (test_app.app.files().clean_up_media().await.unwrap().expired, fixture.files()),
        (1, 0)
    );
}
