//! What the table of results is asked for: filters, order and place, from the address and back into
//! one.

use app::export::people::ExportZone;
use app::results::result_table::{
    ExactCandidateFilter, InstanceMetaFilter, ResultCursor, ResultFilter, ResultOrder,
    ResultOutcome, ResultTableQuery, ResultTableStart,
};
use domain::decimal::Decimal;
use domain::instance::InstanceState;
use domain::person_search::PersonSearch;
use domain::time::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

/// Rows of a page.
pub const LIMIT: usize = 50;

/// The query of the address, as it was typed. Addresses of before, with exact names, go on working.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResultListQuery {
    /// One search in everything a candidate is called.
    pub q: String,
    pub outcome: String,
    pub level: String,
    pub score_from: String,
    pub score_to: String,
    pub completed_from: String,
    pub completed_to: String,
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
    /// The reader's time zone, which days are of; UTC without a script.
    pub zone: String,
    pub sort: String,
    pub after: String,
    pub before: String,
    pub last: String,
    /// The number of the first row, where it is known.
    pub at: String,
    /// What an export was refused for.
    pub refused: String,
    /// What was done before.
    pub said: String,
}

impl ResultListQuery {
    /// The query, and the fields that say nothing that can be asked.
    pub fn query(&self) -> (ResultTableQuery, Vec<&'static str>) {
        let (order, is_descending) = self.order();
        let (filter, faults) = self.filter();
        let query = ResultTableQuery {
            filter,
            order,
            is_descending,
            from: self.start_position(),
            limit: LIMIT,
        };
        (query, faults)
    }

    fn filter(&self) -> (ResultFilter, Vec<&'static str>) {
        let mut faults = Vec::new();
        let zone = self.zone();
        let mut read = |name, text: &str, value: &dyn Fn(&str) -> Option<i64>| {
            let text = text.trim();
            let read = (!text.is_empty()).then(|| value(text));
            if read == Some(None) {
                faults.push(name);
            }
            read.flatten()
        };
        let begin = |text: &str| zone.midnight(text);
        let end = |text: &str| zone.end_of_day(text);
        let meta = InstanceMetaFilter {
            group: non_empty(&self.group),
            step: non_empty(&self.step),
            state: InstanceState::parse(&self.status),
            from: read("from", &self.from, &begin).map(Timestamp),
            to: read("to", &self.to, &end).map(Timestamp),
        };
        let filter = ResultFilter {
            meta,
            candidate: self.person_filter(),
            person: non_empty(&self.candidate),
            external_id: non_empty(&self.external_id),
            label: non_empty(&self.label),
            text: PersonSearch::new(&self.q),
            outcome: match self.outcome.as_str() {
                "passed" => Some(ResultOutcome::Passed),
                "not-passed" => Some(ResultOutcome::NotPassed),
                _ => None,
            },
            level: non_empty(&self.level),
            is_waiting: self.outcome == "waiting" || self.status == "WAITING",
            ignored: (self.status == "EXCLUDED").then_some(true),
            ratio_from: read("scoreFrom", &self.score_from, &ratio_of_percent),
            ratio_to: read("scoreTo", &self.score_to, &ratio_of_percent),
            completed_from: read("completedFrom", &self.completed_from, &begin).map(Timestamp),
            completed_to: read("completedTo", &self.completed_to, &end).map(Timestamp),
        };
        (filter, faults)
    }

    /// The zone days are of.
    pub fn zone(&self) -> ExportZone {
        ExportZone::named(self.zone.trim())
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
            "name" => (ResultOrder::Name, is_descending),
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

    /// Filters that have no field of their own, and are carried along.
    pub fn exact_fields(&self) -> Vec<(&'static str, &str)> {
        let exact = ["name", "email", "code", "uniqId", "candidate", "externalId"];
        self.set_fields().into_iter().filter(|(name, _)| exact.contains(name)).collect()
    }

    /// The filters that are set.
    pub fn set_fields(&self) -> Vec<(&'static str, &str)> {
        self.fields().into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
    }

    /// The address of the same rows in an order, at a place.
    pub fn address(&self, base: &str, sort: &str, place: &str) -> String {
        let zone = if self.has_days() { self.zone.as_str() } else { "" };
        let fields = self.fields().into_iter().chain([("zone", zone), ("sort", sort)]);
        let written = fields.filter(|(_, value)| !value.trim().is_empty()).map(|(name, value)| {
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        });
        let place = Some(place.to_owned()).filter(|place| !place.is_empty());
        let all: Vec<_> = written.chain(place).collect();
        if all.is_empty() { base.to_owned() } else { format!("{base}?{}", all.join("&")) }
    }

    fn has_days(&self) -> bool {
        let days = [&self.from, &self.to, &self.completed_from, &self.completed_to];
        days.iter().any(|day| !day.trim().is_empty())
    }

    /// The same rows without one of the filters, or with another value of it.
    pub fn with(&self, field: &str, value: &str) -> Self {
        let mut query = Self {
            after: String::new(),
            before: String::new(),
            last: String::new(),
            at: String::new(),
            refused: String::new(),
            said: String::new(),
            ..self.clone()
        };
        let place = match field {
            "q" => &mut query.q,
            "outcome" => &mut query.outcome,
            "level" => &mut query.level,
            "scoreFrom" => &mut query.score_from,
            "scoreTo" => &mut query.score_to,
            "completedFrom" => &mut query.completed_from,
            "completedTo" => &mut query.completed_to,
            "name" => &mut query.name,
            "email" => &mut query.email,
            "code" => &mut query.code,
            "uniqId" => &mut query.uniq_id,
            "candidate" => &mut query.candidate,
            "externalId" => &mut query.external_id,
            "group" => &mut query.group,
            "label" => &mut query.label,
            "step" => &mut query.step,
            "status" => &mut query.status,
            "from" => &mut query.from,
            "to" => &mut query.to,
            _ => return query,
        };
        value.clone_into(place);
        query
    }

    /// The filters by their names in the address.
    pub fn fields(&self) -> [(&'static str, &str); 19] {
        [
            ("q", &self.q),
            ("outcome", &self.outcome),
            ("level", &self.level),
            ("scoreFrom", &self.score_from),
            ("scoreTo", &self.score_to),
            ("completedFrom", &self.completed_from),
            ("completedTo", &self.completed_to),
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

/// Per cent with a point or a comma, as a ratio in millionths.
fn ratio_of_percent(text: &str) -> Option<i64> {
    let literal = text.trim_end_matches(['%', ' ']).replace(',', ".");
    let percent = Decimal::parse(&literal).filter(|percent| percent.abs() <= Decimal::HUNDRED)?;
    percent.divide_round6(Decimal::HUNDRED).millionths()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn an_address_keeps_filters_and_order_and_drops_the_place_before() {
        let query = ResultListQuery {
            q: "Ada & Co".into(),
            after: "1.1".into(),
            zone: "Europe/Istanbul".into(),
            ..ResultListQuery::default()
        };
        assert_eq!(
            query.address("/x", "-ratio", "after=5.2"),
            "/x?q=Ada%20%26%20Co&sort=%2Dratio&after=5.2"
        );
        let dated = ResultListQuery { from: "2026-01-01".into(), ..query };
        assert!(dated.address("/x", "", "").ends_with("&zone=Europe%2FIstanbul"));
        assert_eq!(ResultListQuery::default().address("/x", "", ""), "/x");
        for (name, _) in ResultListQuery::default().fields() {
            let set = ResultListQuery::default().with(name, "v");
            assert!(set.fields().contains(&(name, "v")), "{name}");
        }
    }

    #[test]
    fn days_are_whole_and_of_the_readers_zone_and_what_is_no_day_is_named() {
        let list_query = ResultListQuery {
            from: "2026-01-01".into(),
            to: "2026-01-01".into(),
            ..ResultListQuery::default()
        };
        let (query, faults) = list_query.query();
        let (from, to) = (query.filter.meta.from.unwrap(), query.filter.meta.to.unwrap());
        assert_eq!((to.0 - from.0, faults), (DAY - 1, vec![]));
        let abroad = ResultListQuery { zone: "Europe/Istanbul".into(), ..list_query.clone() };
        assert_eq!(abroad.query().0.filter.meta.from.unwrap().0, from.0 - 3 * 3_600_000);
        let lost = ResultListQuery { zone: "Nowhere".into(), ..list_query };
        assert_eq!(lost.query().0.filter.meta.from, Some(from));
        let bad = ResultListQuery {
            to: "soon".into(),
            completed_from: "2026-02-30".into(),
            score_to: "much".into(),
            score_from: "101".into(),
            ..ResultListQuery::default()
        };
        assert_eq!(bad.query().1, ["to", "scoreFrom", "scoreTo", "completedFrom"]);
    }

    #[test]
    fn scores_are_read_in_per_cent_with_point_or_comma() {
        for (text, millionths) in
            [("60", 600_000), ("66,67", 666_700), ("66.67 %", 666_700), ("-12.5", -125_000)]
        {
            assert_eq!(ratio_of_percent(text), Some(millionths), "{text}");
        }
        for text in ["", "six", "1e3", "60,5.0", "1000"] {
            assert_eq!(ratio_of_percent(text), None, "{text}");
        }
    }

    #[test]
    fn a_place_that_does_not_read_is_the_beginning() {
        assert_eq!(
            ResultListQuery { after: "x".into(), ..ResultListQuery::default() }.query().0.from,
            ResultTableStart::First
        );
        assert_eq!(parse_cursor("-5.2"), Some(ResultCursor { key: -5, ordinal: 2 }));
    }

    #[test]
    fn addresses_of_before_ask_what_they_asked() {
        let list_query = ResultListQuery {
            name: "Ada Lovelace".into(),
            email: "ada@example.org".into(),
            status: "RESETUP".into(),
            sort: "-ratio".into(),
            ..ResultListQuery::default()
        };
        let (query, faults) = list_query.query();
        let person = query.filter.candidate.unwrap();
        assert_eq!(person.fullname.as_deref(), Some("Ada Lovelace"));
        assert_eq!(person.email.as_deref(), Some("ada@example.org"));
        assert_eq!(query.filter.meta.state, Some(InstanceState::Resetup));
        assert_eq!((query.order, query.is_descending), (ResultOrder::Ratio, true));
        assert!(faults.is_empty());
    }
}
