//! Which known name was probably meant (REST specification, 1.3). Must never judge whether a name
//! is allowed.

/// The known name closest to `unknown`: compared without case, `_` and `-`, at most two edits apart
/// and fewer edits than half the shorter name. Of equally close names the first counts.
#[must_use]
pub fn suggest<'name>(unknown: &str, names: &[&'name str]) -> Option<&'name str> {
    let unknown = folded(unknown);
    let close =
        names.iter().filter_map(|name| Some((edits_between(&unknown, &folded(name))?, *name)));
    close.min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

fn folded(name: &str) -> Vec<char> {
    // A name this long is close to nothing; the rest of it is not worth reading.
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-')).take(256);
    letters.flat_map(char::to_lowercase).collect()
}

/// The number of edits (insert, delete, replace), if it is small enough for a suggestion.
fn edits_between(left: &[char], right: &[char]) -> Option<usize> {
    if left.len().abs_diff(right.len()) > 2 {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], above + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    let edits = row[right.len()];
    (edits <= 2 && edits * 2 < left.len().min(right.len())).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["mode", "limit", "page", "ticketId", "candidateId", "externalId"];

    #[test]
    fn names_far_from_every_known_one_get_no_suggestion() {
        for name in ["status", "", "x", "tick", "key", "B 1+1", &"limit".repeat(9000)] {
            assert_eq!(suggest(name, KNOWN), None, "{name}");
        }
    }

    #[test]
    fn case_underscores_and_hyphens_do_not_count_as_edits() {
        for name in ["ticketID", "ticket_id", "TICKET-ID", "tiketid", "ticketIds"] {
            assert_eq!(suggest(name, KNOWN), Some("ticketId"), "{name}");
        }
    }

    #[test]
    fn edits_must_be_fewer_than_half_the_shorter_name() {
        assert_eq!(suggest("pag", KNOWN), Some("page"));
        assert_eq!(suggest("pa", KNOWN), None);
        assert_eq!(suggest("pgae", KNOWN), None);
        assert_eq!(suggest("limti", KNOWN), Some("limit"));
        assert_eq!(suggest("limitxyz", KNOWN), None);
    }
}
