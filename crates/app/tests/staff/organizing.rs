//! What is settled for a whole organization.

use app::Failure;
use app::organization_profile::{LOGO_BYTES, LONGEST_PROFILE_TEXT, ProfileUpdate};
use domain::instance::Scope;
use testkit::TestApp;
use testkit::failures::faults;

#[tokio::test]
async fn name_and_retention_change_together_or_not_at_all_and_are_recorded_once() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let before = app.organizations().organization_settings(&staff).await.unwrap();
    assert_eq!((before.evidence_days, before.erasing.as_slice()), (365, [].as_slice()));
    let wrong = app.organizations().update_organization(&staff, String::new(), 3651).await;
    assert_eq!(faults(wrong), ["/name invalid_length", "/evidenceDays out_of_range"]);
    assert_eq!(app.organizations().organization_settings(&staff).await.unwrap(), before);

    let events = "SELECT count(*) FROM event WHERE kind = 'organization.updated'";
    let reported = test_app.number(events).await;
    for _ in 0..2 {
        app.organizations()
            .update_organization(&staff, "School of sums".to_owned(), 30)
            .await
            .unwrap();
    }
    let after = app.organizations().organization_settings(&staff).await.unwrap();
    assert_eq!((after.organization.name.as_str(), after.evidence_days), ("School of sums", 30));
    assert_eq!(test_app.number(events).await, reported + 1, "no change, no event");
    let named = "SELECT count(*) FROM event WHERE detail LIKE '%School of sums%'";
    assert_eq!(test_app.number(named).await, 0, "events hold the names of fields, not names");
}

#[tokio::test]
async fn tasks_that_erase_by_themselves_are_told_and_only_who_manages_may_ask() {
    let test_app = TestApp::new().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    app.tasks().set_task_retention(&staff, &test_app.task, Some(90)).await.unwrap();
    let settings = app.organizations().organization_settings(&staff).await.unwrap();
    assert_eq!(
        settings.erasing.iter().map(|one| (&one.task, one.days)).collect::<Vec<_>>(),
        [(&test_app.task, 90)]
    );
    let narrow = test_app.key(&[Scope::TasksWrite, Scope::PersonsErase]);
    assert!(matches!(
        app.organizations().organization_settings(&narrow).await,
        Err(Failure::InsufficientScope(_))
    ));
    let refused = app.organizations().update_organization(&narrow, "Another".to_owned(), 30).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

#[tokio::test]
async fn what_candidates_see_of_an_organization_is_changed_together_or_not_at_all() {
    let test_app = TestApp::new().await;
    let (organizations, staff) = (test_app.app.organizations(), test_app.operator());
    let organization = test_app.organization.clone();
    let before = organizations.organization_profile(&organization).await.unwrap();
    assert_eq!((before.colour, before.logo, before.contact.as_str()), (None, None, ""));
    let wrong = ProfileUpdate {
        colour: Some("blue".into()),
        contact: Some("x".repeat(LONGEST_PROFILE_TEXT + 1)),
        privacy_notice: Some("a\0b".into()),
        imprint: Some("> ".repeat(60)),
        logo: Some(b"<svg onload=alert(1)>".to_vec()),
    };
    let refused = organizations.update_organization_profile(&staff, wrong).await;
    assert_eq!(
        faults(refused),
        [
            "/colour invalid_format",
            "/contact invalid_length",
            "/privacyNotice invalid_format",
            "/imprint invalid_format",
            "/logo invalid_format"
        ]
    );
    let large = ProfileUpdate {
        logo: Some([PNG, &vec![0; LOGO_BYTES]].concat()),
        ..ProfileUpdate::default()
    };
    let refused = organizations.update_organization_profile(&staff, large).await;
    assert_eq!(faults(refused), ["/logo out_of_range"]);
    assert!(organizations.logo(&organization).await.is_err(), "nothing was stored");

    let update = ProfileUpdate {
        colour: Some("#17577F".into()),
        contact: Some("Ask **Ada**.".into()),
        logo: Some(PNG.to_vec()),
        ..ProfileUpdate::default()
    };
    let events = "SELECT count(*) FROM event WHERE kind = 'organization.updated'";
    let recorded = test_app.number(events).await;
    for _ in 0..2 {
        organizations.update_organization_profile(&staff, update.clone()).await.unwrap();
    }
    assert_eq!(test_app.number(events).await, recorded + 1, "no change, no event");
    let after = organizations.organization_profile(&organization).await.unwrap();
    assert_eq!(
        (after.colour.as_deref(), after.contact.as_str()),
        (Some("#17577f"), "Ask **Ada**.")
    );
    assert_eq!(after.logo.as_ref().map(String::len), Some(16));
    assert_eq!(organizations.logo(&organization).await.unwrap().media_type, "image/png");
    let none = ProfileUpdate {
        colour: Some(String::new()),
        logo: Some(Vec::new()),
        ..ProfileUpdate::default()
    };
    organizations.update_organization_profile(&staff, none).await.unwrap();
    let after = organizations.organization_profile(&organization).await.unwrap();
    assert_eq!((after.colour, after.logo, after.contact.as_str()), (None, None, "Ask **Ada**."));
    let narrow = test_app.key(&[Scope::TasksWrite]);
    assert!(matches!(
        organizations.update_organization_profile(&narrow, update).await,
        Err(Failure::InsufficientScope(_))
    ));
}
