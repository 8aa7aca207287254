//! Where the values of a document stand in its text, so that a fault can be shown beside its line.
//!
//! Only for showing: what a document says is decided in `read` alone. A text the parser cannot
//! follow has no lines.

use crate::json::JsonPointer;
use saphyr_parser::{Event, Parser};
use std::collections::HashMap;

/// The line, from 1, of every value of a document written in JSON or YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineIndex(HashMap<String, usize>);

/// A collection whose end has not come yet.
enum OpenCollection {
    List(JsonPointer, usize),
    /// The name that waits for its value, with its line.
    Object(JsonPointer, Option<(String, usize)>),
}

impl LineIndex {
    /// Reads as far as the text can be followed. JSON is read as the YAML it is; tabs are but
    /// spaces there.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_json = text.trim_start().starts_with('{');
        let text = if is_json { text.replace('\t', " ") } else { text.to_owned() };
        let mut lines = Self::default();
        let mut open: Vec<OpenCollection> = Vec::new();
        for event in Parser::new_from_str(&text) {
            let Ok((event, span)) = event else { break };
            lines.take(&mut open, &event, span.start.line());
        }
        lines
    }

    /// The line of a place, or of what is nearest around it: a field that is missing stands
    /// nowhere.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<usize> {
        let mut place = pointer;
        loop {
            if let Some(line) = self.0.get(place) {
                return Some(*line);
            }
            place = &place[..place.rfind('/')?];
        }
    }

    fn take(&mut self, open: &mut Vec<OpenCollection>, event: &Event<'_>, line: usize) {
        match event {
            Event::Scalar(text, ..) => {
                if let Some(OpenCollection::Object(_, waiting @ None)) = open.last_mut() {
                    *waiting = Some((text.to_string(), line));
                } else {
                    self.place(open, line);
                }
            }
            Event::SequenceStart(..) => {
                let place = self.place(open, line);
                open.push(OpenCollection::List(place, 0));
            }
            Event::MappingStart(..) => {
                let place = self.place(open, line);
                open.push(OpenCollection::Object(place, None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
            }
            _ => {}
        }
    }

    /// Notes the next value's place: a member stands where its name does.
    fn place(&mut self, open: &mut [OpenCollection], line: usize) -> JsonPointer {
        let (place, line) = match open.last_mut() {
            None => (JsonPointer::root(), line),
            Some(OpenCollection::List(list, next)) => {
                *next += 1;
                (list.at(*next - 1), line)
            }
            Some(OpenCollection::Object(object, waiting)) => {
                let (name, line) = waiting.take().unwrap_or((String::new(), line));
                (object.at(name), line)
            }
        };
        self.0.insert(place.as_str().to_owned(), line);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_yaml_has_the_line_it_stands_on() {
        let lines = LineIndex::of(
            "assay: 1\nsections:\n- key: a\n  pages:\n  - key: p\n    text: |\n      One\n      two\n- key: b\n",
        );
        assert_eq!(lines.line("/assay"), Some(1));
        assert_eq!(lines.line("/sections/0/pages/0/text"), Some(6));
        assert_eq!(lines.line("/sections/1/key"), Some(9));
    }

    #[test]
    fn json_has_lines_too_also_with_tabs() {
        let lines = LineIndex::of("{\n\t\"a~b\": [\n\t\t1,\n\t\t{\"x\": \"y\"}\n\t]\n}");
        assert_eq!((lines.line("/a~0b/0"), lines.line("/a~0b/1/x")), (Some(3), Some(4)));
    }

    #[test]
    fn what_is_missing_stands_where_it_should_be() {
        let lines = LineIndex::of("{\n \"sections\": [\n {}\n ]\n}");
        assert_eq!(lines.line("/sections/0/title"), Some(3));
        assert_eq!(lines.line("/title"), Some(1));
        assert_eq!(lines.line(""), Some(1));
    }

    #[test]
    fn text_that_cannot_be_followed_has_lines_up_to_there() {
        let lines = LineIndex::of("{\"a\": 1,\n\"b\": ]");
        assert_eq!(lines.line("/a"), Some(1));
        assert_eq!(LineIndex::of("\u{0}").line("/a"), None);
    }
}
