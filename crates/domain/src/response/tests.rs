use super::*;
use crate::document::model::{
    ColumnKind, MultipleChoice, Normalisation, NumberSeparators, PrivateOption, RecordingInput,
    TableColumn, TableRow, TabularInput, UploadInput,
};
use crate::fixture::{choice, choices, field, item, key, matching, numeric, question};
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

fn kept(text: &str) -> Result<Option<String>, ResponseFault> {
    Ok(Some(text.to_owned()))
}

fn valid(question: &Question, json: &str) -> bool {
    let node = JsonNode::parse(json.as_bytes(), 8).unwrap();
    is_valid(question, &read(question, &node, &StoredUploads).unwrap().unwrap())
}

fn choosing() -> Question {
    let asked = choices(vec![choice("a", "0"), choice("b", "0"), choice("c", "0")]);
    question(
        "q",
        QuestionBody::MultipleChoice(MultipleChoice {
            min_selections: 2,
            max_selections: 2,
            ..asked
        }),
    )
}

#[test]
fn choices_are_a_set_of_known_keys() {
    let asked = choosing();
    for json in ["null", "\"a\"", "{}", "[1]", "[[\"a\"]]", "true"] {
        assert_eq!(entered(&asked, json), Err(ResponseFault::WrongShape), "{json}");
    }
    assert_eq!(entered(&asked, "[\"z\"]"), Err(ResponseFault::UnknownKey));
    assert_eq!(entered(&asked, "[\"a\",\"b\",\"c\"]"), Err(ResponseFault::TooMany));
    assert_eq!(entered(&asked, "[\"b\",\"a\",\"b\"]"), kept("[\"a\",\"b\"]"));
    assert_eq!(entered(&asked, "[]"), Ok(None));
    assert!(!valid(&asked, "[\"a\"]") && valid(&asked, "[\"a\",\"c\"]"));
}

fn pairing() -> Question {
    let mut own = item("i3", &[]);
    own.options = vec![PrivateOption { key: key("p"), text: String::new() }];
    let mut asked = matching(vec![item("i1", &[]), item("i2", &[]), own], &["o1", "o2"]);
    asked.options[1].max_uses = 0;
    asked.min_matches = 2;
    question("q", QuestionBody::Match(asked))
}

#[test]
fn matches_name_known_items_and_options_that_these_may_use() {
    let asked = pairing();
    for json in ["[]", "{\"i1\":[\"o1\"]}", "{\"i1\":\"o1\",\"i1\":\"o2\"}", "\"\""] {
        assert_eq!(entered(&asked, json), Err(ResponseFault::WrongShape), "{json}");
    }
    for json in [
        "{\"i9\":\"o1\"}",
        "{\"i1\":\"o9\"}",
        "{\"i1\":\"p\"}",
        "{\"i3\":\"o1\"}",
        "{\"i 1\":\"o1\"}",
    ] {
        assert_eq!(entered(&asked, json), Err(ResponseFault::UnknownKey), "{json}");
    }
    assert_eq!(entered(&asked, "{\"i1\":\"o1\",\"i2\":\"o1\"}"), Err(ResponseFault::TooMany));
    assert_eq!(
        entered(&asked, "{\"i2\":\"o2\",\"i1\":\"o2\"}"),
        kept("{\"i1\":\"o2\",\"i2\":\"o2\"}")
    );
    assert_eq!(entered(&asked, "{}"), Ok(None));
    assert!(!valid(&asked, "{\"i3\":\"p\"}") && valid(&asked, "{\"i3\":\"p\",\"i1\":\"o1\"}"));
}

#[test]
fn texts_are_kept_as_typed_up_to_their_length() {
    let Input::Field(text) = field(Vec::new()) else { panic!("a field") };
    let asked = question(
        "q",
        QuestionBody::Input(Input::Field(crate::document::model::TextInput {
            max_length: 3,
            ..text
        })),
    );
    assert_eq!(entered(&asked, "[\"a\"]"), Err(ResponseFault::WrongShape));
    assert_eq!(entered(&asked, "\"abcd\""), Err(ResponseFault::TooLong));
    assert_eq!(entered(&asked, "\"\u{1f600}\u{e9}\u{e9}\""), kept("\"\u{1f600}\u{e9}\u{e9}\""));
    assert_eq!(entered(&asked, "\" a\""), kept("\" a\""));
    assert_eq!(entered(&asked, "\" \\n\""), Ok(None));
}

#[test]
fn a_numeric_response_that_is_no_number_is_kept_and_not_valid() {
    let asked = question("q", QuestionBody::Input(numeric(Vec::new(), "0")));
    assert_eq!(entered(&asked, "5"), Err(ResponseFault::WrongShape));
    assert_eq!(entered(&asked, &format!("\"{}\"", "1".repeat(101))), Err(ResponseFault::TooLong));
    assert_eq!(entered(&asked, "\"about 5\""), kept("\"about 5\""));
    assert!(!valid(&asked, "\"about 5\"") && valid(&asked, "\"5,5\""));
}

fn table() -> Question {
    let column =
        |name| TableColumn { key: key(name), title: String::new(), kind: ColumnKind::Field };
    let row = |name| TableRow { key: key(name), title: String::new() };
    let asked = TabularInput {
        columns: vec![column("c1"), column("c2")],
        rows: vec![row("r1"), row("r2")],
        cells: Vec::new(),
        normalisation: Normalisation::default(),
        separators: NumberSeparators::default(),
    };
    question("q", QuestionBody::Input(Input::Tabular(asked)))
}

#[test]
fn cells_name_known_rows_and_columns() {
    let asked = table();
    for json in
        ["[]", "{\"r1\":\"x\"}", "{\"r1\":{\"c1\":1}}", "{\"r1\":{\"c1\":\"a\",\"c1\":\"b\"}}"]
    {
        assert_eq!(entered(&asked, json), Err(ResponseFault::WrongShape), "{json}");
    }
    for json in ["{\"r9\":{}}", "{\"r1\":{\"c9\":\"x\"}}"] {
        assert_eq!(entered(&asked, json), Err(ResponseFault::UnknownKey), "{json}");
    }
    let long = format!("{{\"r1\":{{\"c1\":\"{}\"}}}}", "x".repeat(1001));
    assert_eq!(entered(&asked, &long), Err(ResponseFault::TooLong));
    let sorted = "{\"r1\":{\"c1\":\"\",\"c2\":\"y\"},\"r2\":{\"c1\":\"x\"}}";
    assert_eq!(
        entered(&asked, "{\"r2\":{\"c1\":\"x\"},\"r1\":{\"c2\":\"y\",\"c1\":\"\"}}"),
        kept(sorted)
    );
    assert_eq!(entered(&asked, "{\"r1\":{\"c1\":\" \"},\"r2\":{}}"), Ok(None));
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
    assert_eq!(entered(&file, "[\"sound\"]"), kept("[\"sound\"]"));
    assert_eq!(entered(&file, "[]"), Ok(None));
    let pictures =
        question("q", QuestionBody::Input(Input::File(upload(&["image/jpeg", "IMAGE/PNG"]))));
    assert_eq!(entered(&pictures, "[\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&pictures, "[\"image\"]"), kept("[\"image\"]"));
    let photo = question("q", QuestionBody::Input(Input::Photo(upload(&[]))));
    assert_eq!(entered(&photo, "[\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
}

#[test]
fn a_recording_is_one_upload_named_alone_or_in_a_list() {
    let asked =
        question("q", QuestionBody::Input(Input::Audio(RecordingInput { max_seconds: 300 })));
    assert_eq!(entered(&asked, "[\"image\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&asked, "[\"sound\",\"sound\"]"), Err(ResponseFault::UploadNotAllowed));
    assert_eq!(entered(&asked, "\"sound\""), kept("[\"sound\"]"));
    assert_eq!(entered(&asked, "[\"sound\"]"), kept("[\"sound\"]"));
    assert_eq!(entered(&asked, "\"\""), Ok(None));
}

#[test]
fn a_cleared_answer_is_kept_as_the_empty_value_of_its_kind() {
    let text = question("q", QuestionBody::Input(field(Vec::new())));
    for (asked, empty) in [(choosing(), "[]"), (pairing(), "{}"), (table(), "{}"), (text, "\"\"")] {
        assert_eq!(canonical(&asked, None), empty);
        assert_eq!(Response::parse_stored_response(&asked, empty), None);
    }
}

#[test]
fn stored_text_of_another_shape_is_read_as_blank() {
    assert_eq!(Response::parse_stored_response(&choosing(), "{\"a\":\"b\"}"), None);
    assert_eq!(Response::parse_stored_response(&choosing(), "not json"), None);
}
