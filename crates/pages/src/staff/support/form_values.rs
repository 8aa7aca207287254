//! What was typed into a form, by the names of its fields: read from a request, or written from
//! what is kept so that the same page shows both.

use super::form_errors::FormErrors;
use domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The pairs of a form in the order sent.
#[derive(Clone, Debug, Default)]
pub struct FormValues(pub Vec<(String, String)>);

impl FormValues {
    /// The value of a field as it was typed; empty when there is none.
    pub fn text(&self, name: impl AsRef<str>) -> &str {
        let name = name.as_ref();
        self.0
            .iter()
            .find(|(entry, _)| entry == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The trimmed value of a field, unless it is empty.
    pub fn non_empty(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Whether a field was sent at all, as a checkbox is only when it is on.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(entry, _)| entry == name)
    }

    /// How many numbered blocks were sent, by a field that every block has.
    pub fn block_count(&self, name_of: impl Fn(usize) -> String) -> usize {
        (0..).find(|index| !self.has(&name_of(*index))).unwrap_or_default()
    }

    /// Whether a choice was made, as the page asks it.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(entry, sent)| entry == name && sent == value)
    }

    /// Every value of a field that may be sent several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(entry, _)| entry == name).map(|(_, value)| value.as_str())
    }

    /// Entries that are separated by commas or lines.
    pub fn list(&self, name: &str) -> Vec<String> {
        let entries = self.text(name).split([',', '\n']).map(str::trim);
        entries.filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
    }

    /// The lines of a text area, trimmed, without empty ones.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.text(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// A whole number; a fault at the place for what is none.
    pub fn number<N: std::str::FromStr>(
        &self,
        name: &str,
        errors: &mut FormErrors,
        place: &str,
    ) -> Option<N> {
        let text = self.non_empty(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            errors.add(place, "Must be a whole number.");
        }
        number
    }

    /// A date and time in UTC as the browser's control writes it; a fault at the place for what is
    /// none.
    pub fn instant(&self, name: &str, errors: &mut FormErrors, place: &str) -> Option<Timestamp> {
        let text = self.non_empty(name)?;
        let instant =
            text.parse::<DateTime>().ok().and_then(|civil| TimeZone::UTC.to_timestamp(civil).ok());
        if instant.is_none() {
            errors.add(place, "Must be a date with a time, such as 2030-05-31T09:00.");
        }
        instant.map(|instant| Timestamp::from_seconds(instant.as_second()))
    }

    /// Adds a value, for a form that shows what is stored.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds a moment in the form that `datetime-local` takes; empty for none.
    pub fn set_instant(&mut self, name: impl Into<String>, at: Option<Timestamp>) {
        self.set(name, at.map(datetime_local).unwrap_or_default());
    }

    /// A choice that is on.
    pub fn set_if(&mut self, name: impl Into<String>, is_on: bool) {
        if is_on {
            self.set(name, "on");
        }
    }
}

/// An instant as a browser's control for date and time takes it, in UTC.
pub fn datetime_local(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .unwrap_or_default()
        .strftime("%Y-%m-%dT%H:%M")
        .to_string()
}

/// Whether two texts of a template, owned or not, are the same.
pub fn same(one: impl AsRef<str>, other: impl AsRef<str>) -> bool {
    one.as_ref() == other.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_comes_back_as_it_was_written_and_nonsense_is_told() {
        let mut values = FormValues::default();
        values.set_instant("after", Some(Timestamp::from_seconds(1_900_000_020)));
        values.set("before", "tomorrow");
        let mut errors = FormErrors::default();
        assert_eq!(
            values.instant("after", &mut errors, "/after"),
            Some(Timestamp::from_seconds(1_900_000_020))
        );
        assert_eq!(values.instant("before", &mut errors, "/before"), None);
        assert!(errors.at("/after").is_none() && errors.at("/before").is_some());
    }

    #[test]
    fn lists_are_split_at_commas_and_lines_without_blanks() {
        let values = FormValues(vec![("labels".into(), " A, B\n\n C ,".into())]);
        assert_eq!(values.list("labels"), ["A", "B", "C"]);
        assert_eq!(values.non_empty("none"), None);
    }
}
