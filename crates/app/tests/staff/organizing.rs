//! What is settled for a whole organization.

use app::Failure;
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
