//! Tags, 304 and HEAD (1.4) on the endpoints themselves.

use crate::case_fixture::CaseFixture;
use testkit::{TestRequest, TestResponse, V1};

impl CaseFixture {
    fn list_request(&self, method: &str, path: &str) -> TestRequest {
        TestRequest::new(method, self.fill(&format!("{V1}/tasks/{{T1}}/test-instances{path}")))
            .bearer(&self.server.key)
    }

    async fn conditional(&self, path: &str, lines: &[&str], encoding: &str) -> TestResponse {
        let mut sent = self.list_request("GET", path).header("accept-encoding", encoding);
        for line in lines {
            sent = sent.header("if-none-match", *line);
        }
        self.server.send(sent).await
    }
}

const PATHS: [&str; 6] = [
    "",
    "?limit=1000&mode=detailed",
    "?page=7",
    "?ticketId=nobody",
    "/{I02}",
    "/{I05}?mode=detailed",
];

#[tokio::test]
async fn any_form_of_the_tag_gives_304_and_no_other_does() {
    let class = CaseFixture::new().await;
    for path in PATHS {
        let tag = class.server.send(class.list_request("GET", path)).await.tag().to_owned();
        let bare = tag.trim_matches('"');
        let (packed, other) = (format!("\"{bare}-gzip\""), format!("\"x{bare}\""));
        let existing = [
            vec![tag.clone()],
            vec!["*".to_owned()],
            vec![format!("W/{tag}")],
            vec![packed],
            vec![format!("W/\"{bare}-br\"")],
            vec![format!("\"a\", {tag} , \"b\"")],
            vec![other.clone(), tag.clone()],
        ];
        for lines in existing {
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            for encoding in ["identity", "gzip", "br"] {
                let answer = class.conditional(path, &lines, encoding).await;
                assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {lines:?}");
                assert!(answer.tag().starts_with(&format!("\"{bare}")), "{path} {lines:?}");
                for gone in ["content-type", "content-length", "content-encoding"] {
                    assert_eq!(answer.header(gone), "", "{path} {gone}");
                }
                assert_eq!(answer.header("cache-control"), "private, no-cache");
                assert_eq!(answer.header("vary"), "Authorization, Accept-Encoding");
            }
        }
        for line in [bare, &other, "\"\"", "W/*", "\"*\""] {
            assert_eq!(
                class.conditional(path, &[line], "identity").await.status,
                200,
                "{path} {line}"
            );
        }
    }
}

#[tokio::test]
async fn a_tag_hides_no_refusal() {
    let class = CaseFixture::new().await;
    let cases = [
        ("/nosuch", "K1", 404),
        ("?limit=0", "K1", 400),
        ("/{I02}", "K9", 404),
        ("", "K9", 404),
        ("", "KC", 403),
    ];
    for (path, key, status) in cases {
        let target = class.fill(&format!("{V1}/tasks/{{T1}}/test-instances{path}"));
        let sent = TestRequest::get(target).bearer(class.value(key)).header("if-none-match", "*");
        assert_eq!(class.server.send(sent).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_compressed_body_has_a_tag_of_its_own_that_is_known_in_any_coding() {
    let class = CaseFixture::new().await;
    for path in ["", "?limit=1000&mode=detailed"] {
        let plain = class.conditional(path, &[], "identity").await;
        let bare = plain.tag().trim_matches('"').to_owned();
        for (encoding, suffix) in [("gzip", "-gzip"), ("br", "-br")] {
            let packed = class.conditional(path, &[], encoding).await;
            assert_eq!(
                (packed.header("content-encoding"), packed.tag()),
                (encoding, &*format!("\"{bare}{suffix}\""))
            );
            for again in ["identity", "gzip", "br"] {
                assert_eq!(
                    class.conditional(path, &[packed.tag()], again).await.status,
                    304,
                    "{encoding} {again}"
                );
            }
        }
    }
}

#[tokio::test]
async fn head_answers_with_the_headers_of_get_whatever_is_asked() {
    let class = CaseFixture::new().await;
    let mut paths: Vec<_> = PATHS.to_vec();
    paths.extend(["?limit=0", "/nosuch", "/", "?limit=1000", "?mode=detailed"]);
    for path in paths {
        for encoding in ["identity", "gzip", "br", ""] {
            let with = |method| {
                let sent = class.list_request(method, path);
                if encoding.is_empty() { sent } else { sent.header("accept-encoding", encoding) }
            };
            let (get, head) =
                (class.server.send(with("GET")).await, class.server.send(with("HEAD")).await);
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path} {encoding}");
            assert_eq!(head.lasting_headers(), get.lasting_headers(), "{path} {encoding}");
            let tag = get.tag().to_owned();
            if !tag.is_empty() {
                let again = class.server.send(with("HEAD").header("if-none-match", tag)).await;
                assert_eq!((again.status, again.body.len()), (304, 0), "{path} {encoding}");
            }
        }
    }
}
