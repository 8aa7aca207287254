//! Cases 19 to 33: filters that match exactly, and links that keep them.

use crate::case::{ApiCase, page, rows, same};
use serde_json::{Value, json};

pub fn cases() -> Vec<ApiCase> {
    [by_ticket(), by_person(), by_external_id()].into_iter().flatten().collect()
}

fn by_ticket() -> Vec<ApiCase> {
    let first = "?limit=2&page=1&mode=basic&ticketId={C1}";
    vec![
        page(19, "all attempts of a candidate, ignored ones too", &["?ticketId={C1}"], {
            rows([1, 3, 5]).where_rows(the_last_is_ignored)
        }),
        page(20, "the filter goes into the link", &["?ticketId={C1}&limit=2"], {
            rows([1, 3]).of(3, 2).at(2, 1).next("?limit=2&page=2&mode=basic&ticketId={C1}")
        }),
        page(21, "the last page of a filtered list", &["?ticketId={C1}&limit=2&page=2"], {
            rows([5]).of(3, 2).at(2, 2).previous(first)
        }),
        page(22, "past the end of a filtered list", &["?ticketId={C1}&page=7"], {
            rows([]).of(3, 1).at(10, 7).previous("?limit=10&page=1&mode=basic&ticketId={C1}")
        }),
        page(23, "an instance that was reopened has no result", &["?ticketId={C2}"], {
            rows([2, 4]).where_rows(the_last_is_reopened)
        }),
        page(24, "ticketId does not match user ids", &["?ticketId={U2}"], rows([])),
    ]
}

fn by_person() -> Vec<ApiCase> {
    vec![
        page(25, "candidateId matches user ids", &["?candidateId={U2}"], rows([2, 4])),
        page(26, "the filter keeps the name it was sent under", &["?candidateId={C2}&limit=1"], {
            rows([2]).of(2, 2).at(1, 1).next("?limit=1&page=2&mode=basic&candidateId={C2}")
        }),
        page(27, "a candidate who has not started has no rows", &["?ticketId={C3}"], rows([])),
        same(28, "nobody looks like one who has not started", &["?ticketId=nobody"], 27),
        page(
            29,
            "an empty list has no previous page",
            &["?ticketId=nobody&page=5"],
            rows([]).at(10, 5),
        ),
    ]
}

fn by_external_id() -> Vec<ApiCase> {
    let near = ["?externalId=emp-2", "?externalId=EMP", "?externalId=%20EMP-2"];
    vec![
        page(30, "the caller's own id finds the instances", &["?externalId=EMP-2"], rows([2, 4])),
        page(31, "it matches exactly or not at all", &near, rows([])),
        page(
            32,
            "special characters are encoded again in the link",
            &["?externalId=A%26B%201%2B1&limit=2"],
            {
                rows([1, 3])
                    .of(3, 2)
                    .at(2, 1)
                    .next("?limit=2&page=2&mode=basic&externalId=A%26B%201%2B1")
            },
        ),
        same(33, "a plus sign means a space", &["?externalId=A%26B+1%2B1&limit=2"], 32),
    ]
}

fn the_last_is_ignored(rows: &Value) {
    let marks: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["ignored"]).collect();
    assert_eq!(marks, [&json!(false), &json!(false), &json!(true)]);
    assert!(rows[2]["result"]["completedAt"].is_i64(), "{rows}");
}

fn the_last_is_reopened(rows: &Value) {
    assert_eq!((&rows[1]["status"], &rows[1]["result"]), (&json!("RESETUP"), &json!(false)));
    assert!(rows[0]["result"].is_object(), "{rows}");
}
