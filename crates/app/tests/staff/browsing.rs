//! The table of results: the API's figures, page by page, within what the caller may see.

use crate::hall::Hall;
use crate::office::{candidate_a, is_not_found, key, operator};
use app::results::browse::{BrowseQuery, From, Order, Spot, Wanted, figures};
use domain::instance::Scope;

fn query(limit: usize) -> BrowseQuery {
    BrowseQuery { limit, ..BrowseQuery::default() }
}

#[tokio::test]
async fn another_organization_and_a_key_without_the_scope_see_no_table() {
    let hall = Hall::new().await;
    candidate_a(&hall).await;
    let other = hall.app.create_organization("Other").await.unwrap().id;
    let stranger = app::caller::Caller::operator(other, "Rq2".into());
    assert!(is_not_found(&hall.app.browse_instances(&stranger, &hall.task, query(5)).await.map(|_| ())));
    let writer = key(&hall, &[Scope::AnswersRead]);
    let refused = hall.app.browse_instances(&writer, &hall.task, query(5)).await;
    assert!(matches!(refused, Err(app::Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn a_row_has_the_published_figures_and_the_order_by_ratio_follows_them() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let leaf = hall.app.browse_instances(&operator(&hall), &hall.task, query(5)).await.unwrap();
    let row = hall.row(&instance).await;
    let shown = figures(&leaf.rows[0]).unwrap().unwrap();
    let published = row.result_basic.unwrap();
    assert!(published.contains(&format!(
        r#""pointsAchieved":{},"maxAchievablePoints":{},"achievementRatio":{}"#,
        shown.points, shown.maximum, shown.ratio
    )));
    assert_eq!(row.ratio, shown.ratio.millionths());
    let by_ratio = BrowseQuery { order: Order::Ratio, ..query(5) };
    let leaf = hall.app.browse_instances(&operator(&hall), &hall.task, by_ratio).await.unwrap();
    assert_eq!(leaf.rows[0].spot, Spot { key: row.ratio.unwrap(), ordinal: 1 });
}

#[tokio::test]
async fn names_are_for_whoever_may_see_candidates() {
    let hall = Hall::new().await;
    candidate_a(&hall).await;
    let reader = key(&hall, &[Scope::ResultsRead]);
    let leaf = hall.app.browse_instances(&reader, &hall.task, query(5)).await.unwrap();
    assert_eq!((&leaf.rows[0].fullname, &leaf.rows[0].email), (&None, &None));
}

#[tokio::test]
async fn pages_go_forth_and_back_and_a_label_thins_them_out() {
    let hall = Hall::new().await;
    hall.sql("UPDATE step SET attempt_limit = 3").await;
    let visitor = hall.enter().await;
    for token in ["a", "b", "c"] {
        let instance = hall.start(&visitor, token).await.unwrap();
        hall.complete(&visitor, &instance, token).await.unwrap();
        hall.sql("UPDATE candidate SET labels = '[\"even\"]'").await;
    }
    let page = |query: BrowseQuery| async {
        let leaf = hall.app.browse_instances(&operator(&hall), &hall.task, query).await.unwrap();
        let ordinals: Vec<_> = leaf.rows.iter().map(|row| row.spot.ordinal).collect();
        (ordinals, leaf.has_earlier, leaf.has_later)
    };
    let at = |from| BrowseQuery { from, ..query(2) };
    assert_eq!(page(at(From::First)).await, (vec![1, 2], false, true));
    assert_eq!(page(at(From::Behind(Spot { key: 2, ordinal: 2 }))).await, (vec![3], true, false));
    assert_eq!(page(at(From::Before(Spot { key: 3, ordinal: 3 }))).await, (vec![1, 2], false, true));
    assert_eq!(page(at(From::Last)).await, (vec![2, 3], true, false));
    let wanted = Wanted { label: Some("even".into()), ..Wanted::default() };
    assert_eq!(page(BrowseQuery { wanted, ..query(5) }).await, (vec![2, 3], false, false));
}
