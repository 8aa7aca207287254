//! What the table of results is asked for: filters, order and place, from the address and back into
//! one.

use app::results::result_table::{
    ExactCandidateFilter, InstanceMetaFilter, ResultCursor, ResultFilter, ResultOrder,
    ResultTableQuery, ResultTableStart,
};
use domain::instance::InstanceState;
use domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Rows of a page.
const LIMIT: usize = 50;
const DAY: i64 = 86_400_000;

/// The query of the address, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResultListQuery {
    pub name: String,
    pub email: String,
    pub code: String,
    pub uniq_id: String,
    pub candidate: String,
    pub external_id: String,
    pub group: String,
    pub label: String,
    pub step: String,
    pub status: String,
    pub from: String,
    pub to: String,
    pub sort: String,
    pub after: String,
    pub before: String,
    pub last: String,
}

impl ResultListQuery {
    /// The query, and the fields that say nothing that can be asked.
    pub fn query(&self) -> (ResultTableQuery, Vec<&'static str>) {
        let mut faults = Vec::new();
        let mut day = |name, text: &str, end: i64| {
            let read = (!text.is_empty()).then(|| midnight(text));
            if read == Some(None) {
                faults.push(name);
            }
            read.flatten().map(|at| Timestamp(at + end))
        };
        let meta = InstanceMetaFilter {
            group: non_empty(&self.group),
            step: non_empty(&self.step),
            state: InstanceState::parse(&self.status),
            from: day("from", self.from.trim(), 0),
            to: day("to", self.to.trim(), DAY - 1),
        };
        let (order, is_descending) = self.order();
        let query = ResultTableQuery {
            filter: ResultFilter {
                meta,
                candidate: self.person_filter(),
                person: non_empty(&self.candidate),
                external_id: non_empty(&self.external_id),
                label: non_empty(&self.label),
            },
            order,
            is_descending,
            from: self.start_position(),
            limit: LIMIT,
        };
        (query, faults)
    }

    fn person_filter(&self) -> Option<ExactCandidateFilter> {
        let whose = ExactCandidateFilter {
            fullname: non_empty(&self.name),
            email: non_empty(&self.email),
            code: non_empty(&self.code),
            credential1: None,
            uniq_id: non_empty(&self.uniq_id),
        };
        (whose != ExactCandidateFilter::default()).then_some(whose)
    }

    fn order(&self) -> (ResultOrder, bool) {
        let (name, is_descending) =
            self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |name| (name, true));
        match name {
            "ratio" => (ResultOrder::Ratio, is_descending),
            "completed" => (ResultOrder::Completed, is_descending),
            _ => (ResultOrder::Created, is_descending),
        }
    }

    fn start_position(&self) -> ResultTableStart {
        match (parse_cursor(&self.after), parse_cursor(&self.before)) {
            (Some(spot), _) => ResultTableStart::Behind(spot),
            (None, Some(spot)) => ResultTableStart::Before(spot),
            _ if !self.last.is_empty() => ResultTableStart::Last,
            _ => ResultTableStart::First,
        }
    }

    /// Whether anything narrows the table.
    pub fn is_filtered(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.trim().is_empty())
    }

    /// The address of the same rows in an order, at a place.
    pub fn address(&self, base: &str, sort: &str, place: &str) -> String {
        let fields = self
            .fields()
            .into_iter()
            .chain([("sort", sort)])
            .filter(|(_, value)| !value.trim().is_empty());
        let written = fields.map(|(name, value)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        let place = Some(place.to_owned()).filter(|place| !place.is_empty());
        let all: Vec<_> = written.chain(place).collect();
        if all.is_empty() { base.to_owned() } else { format!("{base}?{}", all.join("&")) }
    }

    fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("name", &self.name),
            ("email", &self.email),
            ("code", &self.code),
            ("uniqId", &self.uniq_id),
            ("candidate", &self.candidate),
            ("externalId", &self.external_id),
            ("group", &self.group),
            ("label", &self.label),
            ("step", &self.step),
            ("status", &self.status),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }
}

/// The place in the list as an address carries it: key and ordinal.
pub fn format_cursor(spot: ResultCursor) -> String {
    format!("{}.{}", spot.key, spot.ordinal)
}

fn parse_cursor(text: &str) -> Option<ResultCursor> {
    let (key, ordinal) = text.split_once('.')?;
    Some(ResultCursor { key: key.parse().ok()?, ordinal: ordinal.parse().ok()? })
}

fn non_empty(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The beginning of a day in UTC.
fn midnight(text: &str) -> Option<i64> {
    let day: Date = text.parse().ok()?;
    Some(TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_filters_and_order_and_drops_the_place_before() {
        let query = ResultListQuery {
            name: "Ada & Co".into(),
            after: "1.1".into(),
            ..ResultListQuery::default()
        };
        assert_eq!(
            query.address("/x", "-ratio", "after=5.2"),
            "/x?name=Ada%20%26%20Co&sort=%2Dratio&after=5.2"
        );
        assert_eq!(ResultListQuery::default().address("/x", "", ""), "/x");
    }

    #[test]
    fn days_are_whole_and_what_is_no_day_is_told() {
        let list_query = ResultListQuery {
            from: "2026-01-01".into(),
            to: "2026-01-01".into(),
            ..ResultListQuery::default()
        };
        let (query, faults) = list_query.query();
        let (from, to) = (query.filter.meta.from.unwrap(), query.filter.meta.to.unwrap());
        assert_eq!((to.0 - from.0, faults), (DAY - 1, vec![]));
        assert_eq!(
            ResultListQuery { to: "soon".into(), ..ResultListQuery::default() }.query().1,
            ["to"]
        );
    }

    #[test]
    fn a_place_that_does_not_read_is_the_beginning() {
        assert_eq!(
            ResultListQuery { after: "x".into(), ..ResultListQuery::default() }.query().0.from,
            ResultTableStart::First
        );
        assert_eq!(parse_cursor("-5.2"), Some(ResultCursor { key: -5, ordinal: 2 }));
    }
}
