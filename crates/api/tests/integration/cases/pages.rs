//! Cases 1 to 18, 46 and 50: pages, limits and modes.

use crate::case::{ApiCase, ask, fault, faults, page, rows, same};
use serde_json::{Value, json};

pub fn cases() -> Vec<ApiCase> {
    [turning(), bounds(), words()].into_iter().flatten().collect()
}

fn turning() -> Vec<ApiCase> {
    let past = |at: u64| rows([]).of(23, 3).at(10, at).previous("?limit=10&page=3&mode=basic");
    vec![
        page(
            1,
            "the first ten, oldest first",
            &[""],
            rows(1..=10).of(23, 3).next("?limit=10&page=2&mode=basic"),
        ),
        page(2, "the second page has both neighbours", &["?page=2"], {
            let expected = rows(11..=20).of(23, 3).at(10, 2);
            expected.next("?limit=10&page=3&mode=basic").previous("?limit=10&page=1&mode=basic")
        }),
        page(3, "the last page is short and keeps the limit asked for", &["?page=3"], {
            rows(21..=23).of(23, 3).at(10, 3).previous("?limit=10&page=2&mode=basic")
        }),
        page(4, "a page past the end is empty and leads back", &["?page=4"], past(4)),
        page(
            5,
            "so is the last page there can be",
            &["?page=9007199254740991"],
            past(9_007_199_254_740_991),
        ),
        page(
            7,
            "a limit of exactly all rows makes one page",
            &["?limit=23"],
            rows(1..=23).of(23, 1).at(23, 1),
        ),
        page(8, "a limit one below makes two", &["?limit=22"], {
            rows(1..=22).of(23, 2).at(22, 1).next("?limit=22&page=2&mode=basic")
        }),
        page(9, "pages of one row", &["?limit=1&page=23"], {
            rows([23]).of(23, 23).at(1, 23).previous("?limit=1&page=22&mode=basic")
        }),
        page(
            10,
            "the highest limit is not reduced",
            &["?limit=1000"],
            rows(1..=23).of(23, 1).at(1000, 1),
        ),
        page(
            18,
            "links have a fixed order whatever was sent",
            &["?page=2&limit=5&mode=detailed"],
            {
                let expected = rows(6..=10).of(23, 5).at(5, 2);
                expected
                    .next("?limit=5&page=3&mode=detailed")
                    .previous("?limit=5&page=1&mode=detailed")
            },
        ),
        page(50, "a task without instances has no pages", &[], rows([]))
            .with_requests(vec![ask("").at("/api/integration/rest/v1/tasks/{T0}/test-instances")]),
    ]
}

fn bounds() -> Vec<ApiCase> {
    let low = ["?limit=0", "?limit=-1", "?limit=99999999999999999999"];
    let no_integers =
        ["?limit=ten", "?limit=10.0", "?limit=1e1", "?limit=010", "?limit=+10", "?limit=%2010"];
    let bounded = |name: &str, maximum: i64| json!({ "in": "query", "name": name, "code": "out_of_range", "minimum": 1, "maximum": maximum });
    vec![
        faults(
            6,
            "a page above what a double can count is refused",
            &["?page=9007199254740992"],
            "out_of_range",
            vec![bounded("page", 9_007_199_254_740_991)],
        ),
        faults(
            11,
            "a limit above the maximum is refused and the maximum told",
            &["?limit=1001"],
            "out_of_range",
            vec![bounded("limit", 1000)],
        ),
        faults(
            12,
            "limits below one and of any length",
            &low,
            "out_of_range",
            vec![bounded("limit", 1000)],
        ),
        faults(
            12,
            "a page below one",
            &["?page=0"],
            "out_of_range",
            vec![bounded("page", 9_007_199_254_740_991)],
        ),
        faults(
            13,
            "integers by the grammar of JSON only",
            &no_integers,
            "invalid_type",
            vec![fault("invalid_type", "limit")],
        ),
        faults(
            14,
            "an empty limit",
            &["?limit="],
            "empty_value",
            vec![fault("empty_value", "limit")],
        ),
        faults(
            14,
            "a page without a value",
            &["?page"],
            "empty_value",
            vec![fault("empty_value", "page")],
        ),
        faults(14, "an empty mode", &["?mode="], "empty_value", vec![fault("empty_value", "mode")]),
    ]
}

fn words() -> Vec<ApiCase> {
    let allowed = json!({ "in": "query", "name": "mode", "code": "invalid_enum", "allowed": ["basic", "detailed"] });
    vec![
        same(15, "basic is the default", &["?mode=basic"], 1),
        page(16, "detailed rows, and the mode is kept in the link", &["?mode=detailed"], {
            let expected = rows(1..=10).of(23, 3).next("?limit=10&page=2&mode=detailed");
            expected.where_rows(are_detailed)
        }),
        faults(
            17,
            "words of another case or meaning",
            &["?mode=Detailed", "?mode=full", "?mode=default"],
            "invalid_enum",
            vec![allowed],
        ),
        same(46, "empty pieces of a query are skipped", &["?", "?&&limit=10&"], 1),
    ]
}

fn are_detailed(rows: &Value) {
    for row in rows.as_array().unwrap() {
        let scoreboard = &row["result"]["scoreboard"];
        assert!(row["candidate"]["kind"].is_string(), "{row}");
        assert_eq!(scoreboard.is_object(), row["status"] == "COMPLETE", "{row}");
        assert_eq!(scoreboard["noOfQuestions"].is_u64(), row["status"] == "COMPLETE", "{row}");
    }
}
