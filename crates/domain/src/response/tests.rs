use super::*;
use crate::document::model::{
    ColumnKind, Lang, MultipleChoice, Normalisation, PrivateOption, RecordingInput, TableColumn,
    TableRow, TabularInput, UploadInput,
};
use crate::fixture::{EITHER, choice, choices, field, item, key, matching, numeric, question};
use crate::json::JsonNode;

struct StoredUploads;

impl FinishedUploads for StoredUploads {
    fn finished(&self, id: &str) -> Option<FinishedUpload> {
        let (media_type, bytes) = match id {
            "image" => ("image/png", 100),
            "large" => ("image/png", 101),
            "sound" => ("audio/webm", 1),
            _ => return None,
        };
        Some(FinishedUpload { bytes, media_type: media_type.to_owned() })
    }
}

fn entered(question: &Question, json: &str) -> Result<Option<String>, ResponseFault> {
    let node = JsonNode::parse(json.as_bytes(), 8).unwrap();
    let response = read(question, &node, &StoredUploads)?;
    if let Some(response) = &response {
        assert_eq!(
            Response::parse_stored_response(question, &response.canonical()).as_ref(),
            Some(response)
        );
    }
    Ok(response.map(|response| response.canonical()))
}

fn stored(text: &str) -> Result<Option<String>, ResponseFault> {
    Ok(Some(text.to_owned()))
}

fn valid(question: &Question, json: &str) -> bool {
    let node = JsonNode::parse(json.as_bytes(), 8).unwrap();
    is_valid(question, &read(question, &node, &StoredUploads).unwrap().unwrap(), Lang::En)
}

fn choosing() -> Question {
    let body = choices(vec![choice("a", "0"), choice("b", "0"), choice("c", "0")]);
    question(
        "q",
        QuestionBody::MultipleChoice(MultipleChoice {
            min_selections: 2,
            max_selections: 2,
            ..body
        }),
    )
}

#[test]
fn choices_are_a_set_of_known_keys() {
    let question = choosing();
    for json in ["null", "\"a\"", "{}", "[1]", "[[\"a\"]]", "true"] {
        assert_eq!(entered(&question, json), Err(ResponseFault::WrongShape), "{json}");
    }
    assert_eq!(entered(&question, "[\"z\"]"), Err(ResponseFault::UnknownKey));
    assert_eq!(entered(&question, "[\"a\",\"b\",\"c\"]"), Err(ResponseFault::TooMany));
    assert_eq!(entered(&question, "[\"b\",\"a\",\"b\"]"), stored("[\"a\",\"b\"]"));
    assert_eq!(entered(&question, "[]"), Ok(None));
    assert!(!valid(&question, "[\"a\"]") && valid(&question, "[\"a\",\"c\"]"));
}

fn pairing() -> Question {
    let mut own = item("i3", &[]);
    own.options = vec![PrivateOption { key: key("p"), text: String::new() }];
    let mut body = matching(vec![item("i1", &[]), item("i2", &[]), own], &["o1", "o2"]);
    body.options[1].max_uses = 0;
    body.min_matches = 2;
    question("q", QuestionBody::Match(body))
}

#[test]
fn matches_name_known_items_and_options_that_these_may_use() {
    let question = pairing();
    for json in ["[]", "{\"i1\":[\"o1\"]}", "{\"i1\":\"o1\",\"i1\":\"o2\"}", "\"\""] {
        assert_eq!(entered(&question, json), Err(ResponseFault::WrongShape), "{json}");
    }
    for json in [
        "{\"i9\":\"o1\"}",
        "{\"i1\":\"o9\"}",
        "{\"i1\":\"p\"}",
        "{\"i3\":\"o1\"}",
        "{\"i 1\":\"o1\"}",
    ] {
        assert_eq!(entered(&question, json), Err(ResponseFault::UnknownKey), "{json}");
    }
    assert_eq!(entered(&question, "{\"i1\":\"o1\",\"i2\":\"o1\"}"), Err(ResponseFault::TooMany));
    assert_eq!(
        entered(&question, "{\"i2\":\"o2\",\"i1\":\"o2\"}"),
        stored("{\"i1\":\"o2\",\"i2\":\"o2\"}")
    );
    assert_eq!(entered(&question, "{}"), Ok(None));
    assert!(
        !valid(&question, "{\"i3\":\"p\"}") && valid(&question, "{\"i3\":\"p\",\"i1\":\"o1\"}")
    );
}

#[test]
fn texts_are_kept_as_typed_up_to_their_length() {
    let Input::Field(text) = field(Vec::new()) else { panic!("a field") };
    let question = question(
        "q",
        QuestionBody::Input(Input::Field(crate::document::model::TextInput {
            max_length: 3,
            ..text
        })),
    );
    assert_eq!(entered(&question, "[\"a\"]"), Err(ResponseFault::WrongShape));
    assert_eq!(entered(&question, "\"abcd\""), Err(ResponseFault::TooLong));
    assert_eq!(
        entered(&question, "\"\u{1f600}\u{e9}\u{e9}\""),
        stored("\"\u{1f600}\u{e9}\u{e9}\"")
    );
    assert_eq!(entered(&question, "\" a\""), stored("\" a\""));
    assert_eq!(entered(&question, "\" \\n\""), Ok(None));
}

#[test]
fn a_numeric_response_that_is_no_number_is_kept_and_not_valid() {
    let question = question("q", QuestionBody::Input(numeric(Vec::new(), "0")));
    assert_eq!(entered(&question, "5"), Err(ResponseFault::WrongShape));
    assert_eq!(
        entered(&question, &format!("\"{}\"", "1".repeat(101))),
        Err(ResponseFault::TooLong)
    );
    assert_eq!(entered(&question, "\"about 5\""), stored("\"about 5\""));
    assert!(!valid(&question, "\"about 5\"") && valid(&question, "\"5,5\""));
}

fn table() -> Question {
    let column =
        |name| TableColumn { key: key(name), title: String::new(), kind: ColumnKind::Field };
    let row = |name| TableRow { key: key(name), title: String::new() };
    let input = TabularInput {
        columns: vec![column("c1"), column("c2")],
        rows: vec![row("r1"), row("r2")],
        cells: Vec::new(),
        normalisation: Normalisation::default(),
        separators: EITHER,
    };
    question("q", QuestionBody::Input(Input::Tabular(input)))
}

#[test]
fn cells_name_known_rows_and_columns() {
    let question = table();
    for json in
        ["[]", "{\"r1\":\"x\"}", "{\"r1\":{\"c1\":1}}", "{\"r1\":{\"c1\":\"a\",\"c1\":\"b\"}}"]
    {
        assert_eq!(entered(&question, json), Err(ResponseFault::WrongShape), "{json}");
    }
    for json in ["{\"r9\":{}}", "{\"r1\":{\"c9\":\"x\"}}"] {
        assert_eq!(entered(&question, json), Err(ResponseFault::UnknownKey), "{json}");
    }
    let long = format!("{{\"r1\":{{\"c1\":\"{}\"}}}}", "x".repeat(1001));
    assert_eq!(entered(&question, &long), Err(ResponseFault::TooLong));
    let sorted = "{\"r1\":{\"c1\":\"\",\"c2\":\"y\"},\"r2\":{\"c1\":\"x\"}}";
    assert_eq!(
        entered(&question, "{\"r2\":{\"c1\":\"x\"},\"r1\":{\"c2\":\"y\",\"c1\":\"\"}}"),
        stored(sorted)
    );
    assert_eq!(entered(&question, "{\"r1\":{\"c1\":\" \"},\"r2\":{}}"), Ok(None));
}

#[test]
fn uploads_must_be_finished_few_small_and_of_a_wanted_type() {
    let upload = |media_types: &[&str]| UploadInput {
        max_files: 1,
        max_bytes: 100,
        media_types: media_types.iter().map(|media_type| (*media_type).to_owned()).collect(),
    };
    let file = question("q", QuestionBody::Input(Input::File(upload(&[]))));
    assert_eq!(entered(&file, "\"image\""), Err(ResponseFault::WrongShape));
    assert_eq!(entered(&file, "[\"gone\"]"), Err(ResponseFault::UploadUnknown));
    assert_eq!(entered(&file, "[\"image\",\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&file, "[\"large\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&file, "[\"sound\"]"), stored("[\"sound\"]"));
    assert_eq!(entered(&file, "[]"), Ok(None));
    let pictures =
        question("q", QuestionBody::Input(Input::File(upload(&["image/jpeg", "IMAGE/PNG"]))));
    assert_eq!(entered(&pictures, "[\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&pictures, "[\"image\"]"), stored("[\"image\"]"));
    let photo = question("q", QuestionBody::Input(Input::Photo(upload(&[]))));
    assert_eq!(entered(&photo, "[\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
}

#[test]
fn a_recording_is_one_upload_named_alone_or_in_a_list() {
    let input =
        question("q", QuestionBody::Input(Input::Audio(RecordingInput { max_seconds: 300 })));
    assert_eq!(entered(&input, "[\"image\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&input, "[\"sound\",\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&input, "\"sound\""), stored("[\"sound\"]"));
    assert_eq!(entered(&input, "[\"sound\"]"), stored("[\"sound\"]"));
    assert_eq!(entered(&input, "\"\""), Ok(None));
}

#[test]
fn a_cleared_answer_is_kept_as_the_empty_value_of_its_kind() {
    let text = question("q", QuestionBody::Input(field(Vec::new())));
    for (question, empty) in
        [(choosing(), "[]"), (pairing(), "{}"), (table(), "{}"), (text, "\"\"")]
    {
        assert_eq!(canonical(&question, None), empty);
        assert_eq!(Response::parse_stored_response(&question, empty), None);
    }
}

#[test]
fn stored_text_of_another_shape_is_read_as_blank() {
    assert_eq!(Response::parse_stored_response(&choosing(), "{\"a\":\"b\"}"), None);
    assert_eq!(Response::parse_stored_response(&choosing(), "not json"), None);
}
