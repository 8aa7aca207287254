//! Cases 34 to 45, 49, 57 and 66: every slip of a query is told, never passed over.

use crate::case::{ApiCase, ask, fault, faults};
use serde_json::{Value, json};

pub fn cases() -> Vec<ApiCase> {
    [values(), conflicts(), names()].into_iter().flatten().collect()
}

fn values() -> Vec<ApiCase> {
    let empty = |name: &str| vec![fault("empty_value", name)];
    let broken = ["?externalId=%ZZ", "?externalId=%C3"];
    let unknown_key =
        json!({ "in": "query", "name": "key", "code": "unknown_parameter", "suggestion": null });
    let body = json!({ "in": "body", "pointer": "", "code": "unexpected_body" });
    vec![
        faults(
            35,
            "an empty external id never means all",
            &["?externalId="],
            "empty_value",
            empty("externalId"),
        ),
        faults(35, "nor an empty ticket id", &["?ticketId="], "empty_value", empty("ticketId")),
        faults(35, "nor a name alone", &["?candidateId"], "empty_value", empty("candidateId")),
        faults(
            36,
            "broken encoding and broken UTF-8",
            &broken,
            "malformed_query",
            vec![fault("malformed_query", "externalId")],
        ),
        faults(
            37,
            "U+0000",
            &["?externalId=EMP%00"],
            "invalid_format",
            vec![fault("invalid_format", "externalId")],
        ),
        faults(
            49,
            "a faulty request to a missing task is a faulty request",
            &[],
            "out_of_range",
            vec![fault("out_of_range", "limit")],
        )
        .with_requests(vec![
            ask("?limit=0").at("/api/integration/rest/v1/tasks/nosuchtask/test-instances"),
        ]),
        faults(
            57,
            "a key in the URL is a parameter like any other",
            &["?key={K1}"],
            "unknown_parameter",
            vec![unknown_key],
        ),
        faults(66, "a body on GET", &[], "unexpected_body", vec![body])
            .with_requests(vec![ask("").body("{\"limit\":5}")]),
    ]
}

fn conflicts() -> Vec<ApiCase> {
    let among = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| fault("conflicting_filters", name)).collect()
    };
    let code = "conflicting_filters";
    let (ticket, candidate, external) = ("ticketId", "candidateId", "externalId");
    let mut with_empty = vec![fault("empty_value", ticket)];
    with_empty.extend(among(&[ticket, external]));
    vec![
        faults(
            38,
            "two filters, one entry for each",
            &["?ticketId={C1}&externalId=EMP-2"],
            code,
            among(&[ticket, external]),
        ),
        faults(
            39,
            "whatever the candidate filter is called",
            &["?candidateId={C1}&externalId=EMP-2"],
            code,
            among(&[candidate, external]),
        ),
        faults(
            40,
            "equal values do not excuse it",
            &["?ticketId={C1}&candidateId={C1}"],
            code,
            among(&[ticket, candidate]),
        ),
        faults(
            41,
            "all three",
            &["?ticketId={C1}&candidateId={C1}&externalId=EMP-2"],
            code,
            among(&[ticket, candidate, external]),
        ),
        faults(
            41,
            "nor does an empty value",
            &["?ticketId=&externalId=EMP-2"],
            "validation_failed",
            with_empty,
        ),
    ]
}

fn names() -> Vec<ApiCase> {
    let unknown = |name: &str, suggestion: Value| {
        vec![
            json!({ "in": "query", "name": name, "code": "unknown_parameter", "suggestion": suggestion }),
        ]
    };
    let code = "unknown_parameter";
    let order = vec![
        fault("out_of_range", "limit"),
        fault("invalid_type", "page"),
        fault("invalid_enum", "mode"),
        fault("unknown_parameter", "foo"),
    ];
    vec![
        faults(
            34,
            "an ampersand that was not encoded",
            &["?externalId=A&B+1%2B1"],
            code,
            unknown("B 1+1", Value::Null),
        ),
        faults(
            42,
            "a name in another case",
            &["?ticketID={C1}"],
            code,
            unknown("ticketID", "ticketId".into()),
        ),
        faults(
            42,
            "a name with an underscore",
            &["?ticket_id={C1}"],
            code,
            unknown("ticket_id", "ticketId".into()),
        ),
        faults(
            43,
            "there is no filter on status",
            &["?status=COMPLETE"],
            code,
            unknown("status", Value::Null),
        ),
        faults(
            44,
            "a name given twice, with equal values",
            &["?limit=5&limit=5"],
            "repeated_parameter",
            vec![fault("repeated_parameter", "limit")],
        ),
        faults(
            44,
            "a name given twice",
            &["?mode=basic&mode=detailed"],
            "repeated_parameter",
            vec![fault("repeated_parameter", "mode")],
        ),
        faults(
            45,
            "all faults at once, in the order sent",
            &["?limit=0&page=x&mode=full&foo=1"],
            "validation_failed",
            order,
        ),
    ]
}
