use super::*;

fn language(tag: &str) -> &'static Language {
    Language::of_tag(tag).unwrap()
}

#[test]
fn a_value_is_put_in_once_and_what_nobody_knows_stays() {
    let values: &[(&str, &dyn Display)] = &[("n", &"{m}"), ("m", &2)];
    assert_eq!(fill("{n} and {m} of {x} {", values), "{m} and 2 of {x} {");
}

#[test]
fn a_number_and_an_instant_are_written_as_the_language_does() {
    assert_eq!(language("en").number(12_345.5), "12,345.5");
    assert_eq!(language("tr").number(12_345.5), "12.345,5");
    assert_eq!(language("en").date_time(1_767_225_600), "Jan 1, 2026, 12:00\u{202f}AM UTC");
    assert_eq!(language("tr").date_time(1_767_225_600), "1 Oca 2026 00:00 UTC");
}

#[test]
fn a_length_of_time_names_only_what_there_is_of_it() {
    let english = language("en");
    let written = [0, 61, 3_600, 5_400].map(|seconds| english.duration(seconds));
    assert_eq!(written, ["0 seconds", "1 minute 1 second", "1 hour", "1 hour 30 minutes"]);
}

#[test]
fn a_size_is_never_nothing_and_never_more_than_what_is_allowed() {
    let english = language("en");
    let written = [1, 999, 1_000_000, 1_048_576, 1_500_000_000].map(|bytes| english.size(bytes));
    assert_eq!(written, ["1 byte", "999 bytes", "1 MB", "1 MB", "1.5 GB"]);
    assert_eq!(english.size(976_000), "976 kB");
    assert_eq!(language("tr").size(1_550_000), "1,5 MB");
}
