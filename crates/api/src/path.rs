//! The parameters of a path. A broken encoding is a fault; a malformed id is not: it merely names
//! nothing, and the answer is the one 404. Must never tell the two apart any further.

use crate::percent;
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use std::collections::HashMap;

/// The decoded parameters of a path, by the names of its template.
pub struct PathValues<'path> {
    values: HashMap<&'path str, String>,
    faults: Vec<Fault>,
}

impl<'path> PathValues<'path> {
    /// Lays a template such as `/tasks/{taskId}` over the path that matched it, segment by segment.
    #[must_use]
    pub fn parse(template: &'path str, path: &'path str) -> Self {
        let mut read = Self { values: HashMap::new(), faults: Vec::new() };
        for (pattern, segment) in template.split('/').zip(path.split('/')) {
            let Some(name) = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            else {
                continue;
            };
            read.take(name, segment);
        }
        read
    }

    fn take(&mut self, name: &'path str, segment: &str) {
        match percent::decode_segment(segment) {
            Ok(value) => {
                self.values.insert(name, value.into_owned());
            }
            Err(percent::InvalidPercentEncoding) => {
                let should = "must be percent-encoded UTF-8";
                self.faults.push(Fault::new(
                    FaultLocation::path(name),
                    ErrorCode::MalformedPath,
                    should,
                ));
            }
        }
    }

    /// The value of a parameter; the empty text, which no id has, when it could not be read or
    /// holds a NUL, which not every database takes.
    pub fn take_text(&mut self, name: &str) -> String {
        self.values.remove(name).filter(|text| !text.contains('\0')).unwrap_or_default()
    }

    /// Reports what could not be read, in the order of the path.
    pub fn finish(self, faults: &mut Faults) {
        faults.extend(self.faults);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "/v1/tasks/{taskId}/candidates/{id}";

    #[test]
    fn broken_segments_are_reported_by_the_name_of_their_parameter() {
        let values = PathValues::parse(TEMPLATE, "/v1/tasks/%ZZ/candidates/%C3");
        let mut faults = Faults::new();
        values.finish(&mut faults);
        assert_eq!(faults.code(), ErrorCode::MalformedPath);
        let places: Vec<_> = faults.entries().iter().map(|fault| fault.place.clone()).collect();
        assert_eq!(places, [FaultLocation::path("taskId"), FaultLocation::path("id")]);
    }

    #[test]
    fn any_other_text_is_read_as_it_is() {
        let mut values = PathValues::parse(TEMPLATE, "/v1/tasks/a%2Fb%20+/candidates/%0A");
        assert_eq!(values.take_text("taskId"), "a/b +");
        assert_eq!(values.take_text("id"), "\n");
        assert_eq!(values.take_text("nothing"), "");
    }

    #[test]
    fn a_text_with_a_nul_names_nothing() {
        let mut values = PathValues::parse(TEMPLATE, "/v1/tasks/Tk%001/candidates/%00");
        assert_eq!(
            (values.take_text("taskId"), values.take_text("id")),
            (String::new(), String::new())
        );
    }
}
