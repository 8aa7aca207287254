//! An instance's events in words.

use crate::html_time::{HtmlTime, format_duration};
use app::administration::RecordedEvent;
use serde_json::{Map, Value};

/// An event as it is read.
pub struct TimelineEvent {
    pub at: HtmlTime,
    pub kind: String,
    pub by: String,
    /// In words where there are any, else as it is recorded.
    pub words: Option<String>,
    pub detail: String,
}

impl TimelineEvent {
    /// A line of an instance's history, in words where its kind is known.
    pub fn of(recorded: &RecordedEvent) -> Self {
        let event = &recorded.event;
        let detail: Map<String, Value> = serde_json::from_str(&event.detail).unwrap_or_default();
        let words = words(&event.kind, &detail);
        Self {
            at: event.at.into(),
            kind: event.kind.clone(),
            by: event.actor_id.clone().unwrap_or_else(|| event.actor_kind.as_str().to_owned()),
            detail: Some(event.detail.clone())
                .filter(|it| it != "{}" && words.is_none())
                .unwrap_or_default(),
            words,
        }
    }
}

fn words(kind: &str, detail: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    let number = |name: &str| detail.get(name).and_then(Value::as_u64);
    let span = |seconds: u64| format_duration(u32::try_from(seconds).unwrap_or(u32::MAX));
    match kind {
        "instance.time_extended" => {
            let place = match (text("place")?, number("number")) {
                (place, Some(number)) => format!("{place} {number}"),
                (place, None) => format!("the {place}"),
            };
            Some(format!("{} more for {place}", span(number("seconds")?)))
        }
        "instance.reinstated" => {
            let pages: Vec<_> =
                detail.get("pages")?.as_array()?.iter().map(Value::to_string).collect();
            let time =
                detail.get("time").and_then(Value::as_object).map(|time| granted_time(time, span));
            let time = time.unwrap_or_else(|| "what was left of the time".to_owned());
            Some(format!("{}: pages {} with {time}", text("reason")?, pages.join(", ")))
        }
        "instance.fullscreen_left" if detail.get("allowed").and_then(Value::as_bool)? => {
            Some("for choosing a file or a device".to_owned())
        }
        "instance.fullscreen_returned" => {
            Some(format!("{} counted", span(number("countedMillis")? / 1000)))
        }
        "instance.ignored" | "instance.reacknowledged" => text("reason").map(str::to_owned),
        "answer.checked" => number("slot").map(|slot| format!("question {slot}")),
        "instance.page_entered" => number("page").map(|page| format!("page {page}")),
        _ => None,
    }
}

/// Times by place, such as `test`, `section-2` or `page-3`.
fn granted_time(time: &Map<String, Value>, span: impl Fn(u64) -> String) -> String {
    let one = |(place, seconds): (&String, &Value)| {
        let place = place.replace('-', " ");
        match seconds.as_u64() {
            Some(seconds) => format!("{} for {place}", span(seconds)),
            None => format!("no limit for {place}"),
        }
    };
    time.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(kind: &str, detail: &str) -> Option<String> {
        words(kind, &serde_json::from_str(detail).unwrap())
    }

    #[test]
    fn time_that_was_given_is_told_in_words() {
        let extended =
            describe("instance.time_extended", r#"{"place":"section","number":2,"seconds":300}"#);
        assert_eq!(extended.unwrap(), "5:00 more for section 2");
        let extended =
            describe("instance.time_extended", r#"{"place":"test","number":null,"seconds":90}"#);
        assert_eq!(extended.unwrap(), "1:30 more for the test");
        let reinstated =
            r#"{"reason":"power-cut","pages":[1,2],"start":1,"time":{"page-2":null,"test":600}}"#;
        assert_eq!(
            describe("instance.reinstated", reinstated).unwrap(),
            "power-cut: pages 1, 2 with no limit for page 2, 10:00 for test"
        );
        let stored = describe("instance.reinstated", r#"{"reason":"x","pages":[3],"start":3}"#);
        assert_eq!(stored.unwrap(), "x: pages 3 with what was left of the time");
    }

    #[test]
    fn what_has_no_words_is_shown_as_it_is_recorded() {
        assert_eq!(describe("instance.completed", r#"{"closing":"submitted"}"#), None);
        assert_eq!(describe("instance.fullscreen_left", r#"{"allowed":false}"#), None);
    }
}
