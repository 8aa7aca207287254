//! The table of results: the API's figures, page by page, within what the caller may see.

use app::results::result_table::{
    ResultCursor, ResultFilter, ResultOrder, ResultTableQuery, ResultTableStart, published_figures,
};
use domain::instance::Scope;
use testkit::TestApp;
use testkit::failures::is_not_found;

fn query(limit: usize) -> ResultTableQuery {
    ResultTableQuery { limit, ..ResultTableQuery::default() }
}

#[tokio::test]
async fn another_organization_and_a_key_without_the_scope_see_no_table() {
    let test_app = TestApp::new().await;
    test_app.submit_candidate_a().await;
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(is_not_found(
        &test_app
            .app
            .results()
            .result_table_page(&stranger, &test_app.task, query(5))
            .await
            .map(|_| ())
    ));
    let writer = test_app.key(&[Scope::AnswersRead]);
    let refused = test_app.app.results().result_table_page(&writer, &test_app.task, query(5)).await;
    assert!(matches!(refused, Err(app::Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn a_row_has_the_published_figures_and_the_order_by_ratio_follows_them() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let leaf = test_app
        .app
        .results()
        .result_table_page(&test_app.operator(), &test_app.task, query(5))
        .await
        .unwrap();
    let row = test_app.row(&instance).await;
    let shown = published_figures(&leaf.rows[0]).unwrap().unwrap();
    let published = row.result_basic.unwrap();
    assert!(published.contains(&format!(
        r#""pointsAchieved":{},"maxAchievablePoints":{},"achievementRatio":{}"#,
        shown.points, shown.maximum, shown.ratio
    )));
    assert_eq!(row.ratio, shown.ratio.millionths());
    let by_ratio = ResultTableQuery { order: ResultOrder::Ratio, ..query(5) };
    let leaf = test_app
        .app
        .results()
        .result_table_page(&test_app.operator(), &test_app.task, by_ratio)
        .await
        .unwrap();
    assert_eq!(leaf.rows[0].spot, ResultCursor { key: row.ratio.unwrap(), ordinal: 1 });
}

#[tokio::test]
async fn names_are_for_whoever_may_see_candidates() {
    let test_app = TestApp::new().await;
    test_app.submit_candidate_a().await;
    let reader = test_app.key(&[Scope::ResultsRead]);
    let leaf =
        test_app.app.results().result_table_page(&reader, &test_app.task, query(5)).await.unwrap();
    assert_eq!((&leaf.rows[0].fullname, &leaf.rows[0].email), (&None, &None));
}

#[tokio::test]
async fn pages_go_forth_and_back_and_a_label_thins_them_out() {
    let test_app = TestApp::new().await;
    test_app.sql("UPDATE step SET attempt_limit = 3").await;
    let visitor = test_app.enter().await;
    for token in ["a", "b", "c"] {
        let instance = test_app.start(&visitor, token).await.unwrap();
        test_app.complete(&visitor, &instance, token).await.unwrap();
        test_app.sql("UPDATE candidate SET labels = '[\"even\"]'").await;
    }
    let page = |query: ResultTableQuery| async {
        let leaf = test_app
            .app
            .results()
            .result_table_page(&test_app.operator(), &test_app.task, query)
            .await
            .unwrap();
        let ordinals: Vec<_> = leaf.rows.iter().map(|row| row.spot.ordinal).collect();
        (ordinals, leaf.has_earlier, leaf.has_later)
    };
    let at = |from| ResultTableQuery { from, ..query(2) };
    assert_eq!(page(at(ResultTableStart::First)).await, (vec![1, 2], false, true));
    assert_eq!(
        page(at(ResultTableStart::Behind(ResultCursor { key: 2, ordinal: 2 }))).await,
        (vec![3], true, false)
    );
    assert_eq!(
        page(at(ResultTableStart::Before(ResultCursor { key: 3, ordinal: 3 }))).await,
        (vec![1, 2], false, true)
    );
    assert_eq!(page(at(ResultTableStart::Last)).await, (vec![2, 3], true, false));
    let wanted = ResultFilter { label: Some("even".into()), ..ResultFilter::default() };
    assert_eq!(
        page(ResultTableQuery { filter: wanted, ..query(5) }).await,
        (vec![2, 3], false, false)
    );
}
