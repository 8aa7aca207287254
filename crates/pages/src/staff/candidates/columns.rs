//! Which column of a table is which field of a candidate: guessed from its name, chosen by people.

use super::sheet::ImportTable;
use app::candidates::{NewCandidate, RegisteredPerson, TemporaryPerson, UniqIdTracking};
use domain::candidate::uniqueness::UniqScope;
use domain::time_factor::TimeFactor;

/// What a column may be: word and name.
pub const TARGETS: [(&str, &str); 13] = [
    ("", "Ignore column"),
    ("fullname", "Name"),
    ("email", "E-mail"),
    ("externalId", "External ID"),
    ("group", "Group"),
    ("labels", "Labels"),
    ("stage", "Stage"),
    ("uniqId", "Unique ID"),
    ("credential1", "First credential"),
    ("credential2", "Second credential"),
    ("timeFactor", "Time factor"),
    ("notes", "Notes"),
    ("tag", "Tag with this name"),
];

/// Names that columns of people have, in lower case.
const NAMES: [(&str, &[&str]); 11] = [
    (
        "email",
        &[
            "e-mail",
            "email",
            "mail",
            "e-mail address",
            "email address",
            "e-posta",
            "eposta",
            "e-posta adresi",
        ],
    ),
    (
        "fullname",
        &[
            "name",
            "full name",
            "fullname",
            "first name",
            "last name",
            "surname",
            "firstname",
            "lastname",
            "candidate",
            "ad",
            "soyad",
            "ad soyad",
            "adı",
            "soyadı",
            "isim",
            "ad-soyad",
            "adı soyadı",
        ],
    ),
    (
        "externalId",
        &[
            "external id",
            "externalid",
            "id",
            "candidate id",
            "number",
            "no",
            "student number",
            "numara",
        ],
    ),
    ("group", &["group", "class", "grup", "sınıf", "department"]),
    ("labels", &["label", "labels", "etiket", "etiketler"]),
    ("stage", &["stage", "aşama"]),
    ("uniqId", &["unique id", "uniqid", "uniq id"]),
    (
        "credential1",
        &[
            "credential1",
            "credential 1",
            "first credential",
            "user name",
            "username",
            "kullanıcı adı",
        ],
    ),
    (
        "credential2",
        &["credential2", "credential 2", "second credential", "password", "şifre", "parola"],
    ),
    ("timeFactor", &["time factor", "timefactor", "extra time"]),
    ("notes", &["notes", "note", "remark", "remarks", "not", "notlar"]),
];

/// The field that a column's head most likely means; empty when nothing fits.
pub fn guess_target(head: &str) -> &'static str {
    let name = head.trim().to_lowercase();
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(target, _)| *target)
        .unwrap_or_default()
}

/// By what a person is known to be registered already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CandidateMatchKey {
    Email,
    ExternalId,
    /// By the column of unique ids, if there is one.
    UniqId,
}

/// A row as a candidate, or what is wrong with its text.
pub fn read_candidate_row(
    sheet: &ImportTable,
    row: usize,
    targets: &[&str],
    match_key: CandidateMatchKey,
) -> (NewCandidate, Vec<String>) {
    let cells = |target: &'static str| {
        let columns = targets.iter().enumerate().filter(move |(_, chosen)| **chosen == target);
        columns
            .map(move |(column, _)| (column, sheet.cell(row, column)))
            .filter(|(_, cell)| !cell.is_empty())
    };
    let text = |target| {
        let parts: Vec<_> = cells(target).map(|(_, cell)| cell).collect();
        Some(parts.join(" ")).filter(|text| !text.is_empty())
    };
    let (email, external_id) = (text("email"), text("externalId"));
    let uniq_id = match match_key {
        CandidateMatchKey::Email => email.clone().map(|email| email.to_lowercase()),
        CandidateMatchKey::ExternalId => external_id.clone(),
        CandidateMatchKey::UniqId => text("uniqId"),
    };
    let person = TemporaryPerson {
        fullname: text("fullname"),
        email,
        credential1: text("credential1"),
        credential2: text("credential2"),
        tracking: uniq_id.map(|uniq_id| UniqIdTracking { uniq_id, scope: UniqScope::Task }),
    };
    let mut new = NewCandidate {
        external_id,
        group: text("group"),
        labels: cells("labels")
            .flat_map(|(_, cell)| cell.split([',', ';']))
            .map(|label| label.trim().to_owned())
            .filter(|label| !label.is_empty())
            .collect(),
        stage: text("stage"),
        notes: text("notes"),
        tags: cells("tag")
            .map(|(column, cell)| {
                (sheet.head.get(column).cloned().unwrap_or_default(), cell.to_owned())
            })
            .collect(),
        ..NewCandidate::of(RegisteredPerson::Temporary(person))
    };
    let mut wrong = Vec::new();
    if let Some(text) = text("timeFactor") {
        match TimeFactor::parse(&text.replace(',', ".")) {
            Ok(factor) => new.time_factor = factor,
            Err(_) => {
                wrong.push("Time factor: must be 1 to 10 with at most two decimals.".to_owned())
            }
        }
    }
    if sheet.rows.get(row).is_some_and(|cells| cells.len() > sheet.head.len()) {
        wrong.push("Has more cells than there are columns.".to_owned());
    }
    (new, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_guessed_by_their_usual_names() {
        for (head, target) in
            [("E-Mail", "email"), (" Ad Soyad ", "fullname"), ("Shoe size", ""), ("Sınıf", "group")]
        {
            assert_eq!(guess_target(head), target, "{head}");
        }
        assert!(NAMES.iter().all(|(target, _)| TARGETS.iter().any(|(entry, _)| entry == target)));
    }

    #[test]
    fn a_row_becomes_a_candidate_and_two_columns_one_name() {
        let sheet = super::super::sheet::read(
            "First,Last,Mail,City,Factor\nAda,Lovelace,A@x.org,London,\"1,25\"\nBob,,,,much\n"
                .as_bytes(),
        )
        .unwrap();
        let targets = ["fullname", "fullname", "email", "tag", "timeFactor"];
        let (ada, wrong) = read_candidate_row(&sheet, 0, &targets, CandidateMatchKey::Email);
        let RegisteredPerson::Temporary(person) = &ada.person else { panic!("a user") };
        assert_eq!(person.fullname.as_deref(), Some("Ada Lovelace"));
        assert_eq!(person.tracking.as_ref().unwrap().uniq_id, "a@x.org");
        assert_eq!(
            (ada.tags["City"].as_str(), ada.time_factor.hundredths(), wrong.len()),
            ("London", 125, 0)
        );
        assert_eq!(read_candidate_row(&sheet, 1, &targets, CandidateMatchKey::Email).1.len(), 1);
    }
}
