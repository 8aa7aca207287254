//! Media of authors: one row a file, known by its SHA-256, and who needs it. The file itself lies in
//! the media store; it is there before its row is.

use crate::{Encode, Sha256Digest, SqlValue, StorageError, Transaction, values};
use domain::id::{InstanceId, MediaId, OrganizationId, QuestionId, StepId, TestId};
use domain::instance::ActorKind;
use domain::media::MediaState;
use domain::time::Timestamp;

record! {
    /// One file of an organization's authors.
    pub struct AssetRow: "asset" {
        id: MediaId,
        organization_id: OrganizationId,
        sha256: Sha256Digest,
        media_type: String,
        bytes: i64,
        /// Of a picture.
        width: Option<i64>,
        height: Option<i64>,
        /// Of sound and film, where it is known.
        millis: Option<i64>,
        name: String,
        /// In lower case, for searches.
        folded_name: String,
        created_at: Timestamp,
        /// When it was last uploaded or became used.
        used_at: Timestamp,
        actor_kind: ActorKind,
        actor_id: Option<String>,
        state: MediaState,
    }
}

/// Who needs a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetHolder {
    /// With any of its versions.
    Test(TestId),
    /// With any of its versions.
    Question(QuestionId),
    /// With the documents that its instances were frozen from.
    Step(StepId),
}

impl AssetHolder {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Test(_) => "test",
            Self::Question(_) => "question",
            Self::Step(_) => "step",
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Test(id) => id.as_str(),
            Self::Question(id) => id.as_str(),
            Self::Step(id) => id.as_str(),
        }
    }
}

/// What needs a file, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetUse {
    /// `test`, `question` or `task`.
    pub kind: String,
    pub id: String,
    /// The title of the test or task, or the text of the question.
    pub title: String,
    /// Of the test or question; empty for a task.
    pub folder: String,
}

/// Which files are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Part of the name, in lower case; empty finds all.
    pub name: String,
    /// What the type begins with, such as `image/`; empty finds all.
    pub media_type: String,
    /// None sees all.
    pub reach: Option<AssetReach>,
}

/// Whose files are seen by somebody who does not see all: the own ones, and those that tests and
/// questions of some folders use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetReach {
    pub actor_kind: ActorKind,
    pub actor_id: String,
    pub folders: Vec<String>,
}

/// Demands that a file lies within somebody's reach; the values follow those there are.
fn within<'a>(reach: Option<&'a AssetReach>, values: &mut Vec<SqlValue<'a>>) -> String {
    let Some(reach) = reach else { return String::new() };
    let mut next = |value| {
        values.push(value);
        format!("${}", values.len())
    };
    let (kind, id) = (next(reach.actor_kind.encode()), next(SqlValue::Text(&reach.actor_id)));
    let places: Vec<_> = reach.folders.iter().map(|folder| next(SqlValue::Text(folder))).collect();
    let own = format!("(actor_kind = {kind} AND coalesce(actor_id, '') = {id})");
    if places.is_empty() {
        return format!(" AND {own}");
    }
    let of = "u.organization_id = asset.organization_id AND u.sha256 = asset.sha256";
    let places = places.join(", ");
    format!(
        " AND ({own} OR EXISTS (SELECT 1 FROM asset_use u JOIN test t ON t.id = u.holder_id \
        WHERE {of} AND u.holder_kind = 'test' AND t.folder IN ({places})) \
        OR EXISTS (SELECT 1 FROM asset_use u JOIN bank_question q ON q.id = u.holder_id \
        WHERE {of} AND u.holder_kind = 'question' AND q.folder IN ({places})))"
    )
}

/// Adds a file.
///
/// # Errors
/// [`StorageError::Conflict`] when the organization has a file of this digest.
pub fn insert(tx: &mut dyn Transaction, asset: &AssetRow) -> Result<(), StorageError> {
    asset.insert_row(tx)
}

/// The organization's file of a digest, within somebody's reach.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    sha256: &Sha256Digest,
    reach: Option<&AssetReach>,
) -> Result<Option<AssetRow>, StorageError> {
    let mut values = values![organization, sha256].to_vec();
    let within = within(reach, &mut values);
    let sql = format!(
        "SELECT {} FROM asset WHERE organization_id = $1 AND sha256 = $2 AND state = 'kept'{within}",
        AssetRow::columns()
    );
    tx.find(&sql, &values, AssetRow::read)
}

/// A file whose content may be read; whoever asks has shown that it may be.
pub fn find_stored(
    tx: &mut dyn Transaction,
    id: &MediaId,
) -> Result<Option<AssetRow>, StorageError> {
    let sql = format!("SELECT {} FROM asset WHERE id = $1 AND state = 'kept'", AssetRow::columns());
    tx.find(&sql, values![id], AssetRow::read)
}

/// Remembers that a file was uploaded again, or has become used. False when it is not kept.
pub fn touch(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    sha256: &Sha256Digest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE asset SET used_at = $3 WHERE organization_id = $1 AND sha256 = $2 AND state = 'kept'";
    Ok(tx.execute(sql, values![organization, sha256, now])? > 0)
}

/// How many bytes the files of an organization have together.
pub fn bytes_of(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<i64, StorageError> {
    let sql = "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM asset WHERE organization_id = $1 AND state = 'kept'";
    tx.find(sql, values![organization], |row| row.get(0)).map(Option::unwrap_or_default)
}

const MATCHES: &str = "organization_id = $1 AND state = 'kept' AND folded_name LIKE $2 ESCAPE '!' \
    AND media_type LIKE $3 ESCAPE '!'";

/// A page of an organization's files, the newest first.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    filter: &AssetFilter,
    limit: i64,
    before: i64,
) -> Result<Vec<AssetRow>, StorageError> {
    let (name, media_type) = patterns(filter);
    let mut values = values![organization, name, media_type, limit, before].to_vec();
    let within = within(filter.reach.as_ref(), &mut values);
    let sql = format!(
        "SELECT {} FROM asset WHERE {MATCHES}{within} ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5",
        AssetRow::columns()
    );
    tx.list(&sql, &values, AssetRow::read)
}

/// How many files a filter finds.
pub fn count(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    filter: &AssetFilter,
) -> Result<i64, StorageError> {
    let (name, media_type) = patterns(filter);
    let mut values = values![organization, name, media_type].to_vec();
    let within = within(filter.reach.as_ref(), &mut values);
    tx.integer(&format!("SELECT count(*) FROM asset WHERE {MATCHES}{within}"), &values)
}

fn patterns(filter: &AssetFilter) -> (String, String) {
    (format!("%{}%", escaped(&filter.name)), format!("{}%", escaped(&filter.media_type)))
}

fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// Writes down that somebody needs files; what was written before stays. False when one of them is
/// not kept (any more).
pub fn hold(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    digests: &[Sha256Digest],
    holder: &AssetHolder,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "INSERT INTO asset_use (organization_id, sha256, holder_kind, holder_id) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (organization_id, sha256, holder_kind, holder_id) DO NOTHING";
    let mut are_kept = true;
    for digest in digests {
        // First, because it waits for whoever is giving the file up.
        are_kept &= touch(tx, organization, digest, now)?;
        tx.execute(sql, values![organization, digest, holder.kind(), holder.id()])?;
    }
    Ok(are_kept)
}

/// What needs a file: tests and questions with any of their versions, and tasks. A test or question
/// that was archived before a moment needs nothing any more, unless a step still has it.
pub fn uses(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    sha256: &Sha256Digest,
    archived_before: Timestamp,
    limit: i64,
) -> Result<Vec<AssetUse>, StorageError> {
    let sql = format!(
        "SELECT kind, id, title, folder FROM (\
        SELECT 'test' AS kind, t.id AS id, t.title AS title, t.folder AS folder FROM asset_use u \
        JOIN test t ON t.id = u.holder_id WHERE u.organization_id = $1 AND u.sha256 = $2 \
        AND u.holder_kind = 'test' AND {TEST_NEEDS} UNION ALL \
        SELECT 'question', q.id, q.text, q.folder FROM asset_use u \
        JOIN bank_question q ON q.id = u.holder_id WHERE u.organization_id = $1 AND u.sha256 = $2 \
        AND u.holder_kind = 'question' AND {QUESTION_NEEDS} UNION ALL \
        SELECT 'task', k.id, k.title, '' FROM asset_use u JOIN step s ON s.id = u.holder_id \
        JOIN task k ON k.id = s.task_id WHERE u.organization_id = $1 AND u.sha256 = $2 AND u.holder_kind = 'step'\
        ) n ORDER BY kind DESC, id LIMIT $4"
    );
    tx.list(&sql, values![organization, sha256, archived_before, limit], |row| {
        Ok(AssetUse { kind: row.get(0)?, id: row.get(1)?, title: row.get(2)?, folder: row.get(3)? })
    })
}

/// Of a test `t`, `$3` being the moment before which an archived one was forgotten.
const TEST_NEEDS: &str = "(t.archived_at IS NULL OR t.archived_at >= $3 \
    OR EXISTS (SELECT 1 FROM step p WHERE p.test_id = t.id))";
/// Of a question `q` of the bank.
const QUESTION_NEEDS: &str = "(q.archived_at IS NULL OR q.archived_at >= $3)";

/// Kept files that nobody needs and that were last uploaded or used before a moment.
pub fn unneeded(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    used_before: Timestamp,
    archived_before: Timestamp,
    limit: i64,
) -> Result<Vec<AssetRow>, StorageError> {
    let columns: Vec<_> = AssetRow::FIELDS.iter().map(|field| format!("a.{field}")).collect();
    let of = "u.organization_id = a.organization_id AND u.sha256 = a.sha256";
    let sql = format!(
        "SELECT {} FROM asset a WHERE a.organization_id = $1 AND a.state = 'kept' AND a.used_at < $2 \
        AND NOT EXISTS (SELECT 1 FROM asset_use u WHERE {of} AND u.holder_kind = 'step') \
        AND NOT EXISTS (SELECT 1 FROM asset_use u JOIN test t ON t.id = u.holder_id \
            WHERE {of} AND u.holder_kind = 'test' AND {TEST_NEEDS}) \
        AND NOT EXISTS (SELECT 1 FROM asset_use u JOIN bank_question q ON q.id = u.holder_id \
            WHERE {of} AND u.holder_kind = 'question' AND {QUESTION_NEEDS}) \
        ORDER BY a.created_at, a.id LIMIT $4",
        columns.join(", ")
    );
    tx.list(&sql, values![organization, used_before, archived_before, limit], AssetRow::read)
}

/// Gives a file up. True when it was kept until now.
pub fn expire(tx: &mut dyn Transaction, id: &MediaId) -> Result<bool, StorageError> {
    let sql = "UPDATE asset SET state = 'expired' WHERE id = $1 AND state = 'kept'";
    Ok(tx.execute(sql, values![id])? > 0)
}

/// How often an instance has played what stands at a place.
pub fn plays(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    place: &str,
) -> Result<i64, StorageError> {
    let sql = "SELECT plays FROM asset_play WHERE instance_id = $1 AND place = $2";
    tx.find(sql, values![instance, place], |row| row.get(0)).map(Option::unwrap_or_default)
}

/// Counts a play unless there were so many already. True when it was counted.
pub fn count_play(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    place: &str,
    most: i64,
) -> Result<bool, StorageError> {
    let sql = "INSERT INTO asset_play (instance_id, place, plays) VALUES ($1, $2, 1) \
        ON CONFLICT (instance_id, place) DO UPDATE SET plays = asset_play.plays + 1 WHERE asset_play.plays < $3";
    Ok(most > 0
        && tx.execute(
            sql,
            &[SqlValue::Text(instance.as_str()), SqlValue::Text(place), SqlValue::Integer(most)],
        )? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};
    use crate::media;

    fn asset(id: &str, digest: u8) -> AssetRow {
        AssetRow {
            id: id.into(),
            organization_id: "Og1".into(),
            sha256: [digest; 32],
            media_type: "image/png".into(),
            bytes: 10,
            width: Some(4),
            height: Some(3),
            millis: None,
            name: format!("Plan {id}_100%.png"),
            folded_name: format!("plan {}_100%.png", id.to_lowercase()),
            created_at: NOW,
            used_at: NOW,
            actor_kind: ActorKind::User,
            actor_id: Some("Us1".into()),
            state: MediaState::Kept,
        }
    }

    fn filter(name: &str, media_type: &str) -> AssetFilter {
        AssetFilter { name: name.into(), media_type: media_type.into(), reach: None }
    }

    fn unneeded_ids(fixture: &StorageFixture, archived_before: Timestamp) -> Vec<String> {
        let later = NOW.plus_seconds(1);
        fixture
            .read(move |tx| unneeded(tx, &"Og1".into(), later, archived_before, 9))
            .into_iter()
            .map(|row| row.id.to_string())
            .collect()
    }

    #[test]
    fn another_organization_neither_finds_nor_lists_a_file() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &asset("Me1", 1)));
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &[1; 32], None)), None);
        assert_eq!(fixture.read(|tx| count(tx, &"Og2".into(), &AssetFilter::default())), 0);
        assert_eq!(fixture.read(|tx| bytes_of(tx, &"Og2".into())), 0);
        assert_eq!(
            fixture.read(|tx| find(tx, &"Og1".into(), &[1; 32], None)),
            Some(asset("Me1", 1))
        );
        assert_eq!(fixture.read(|tx| bytes_of(tx, &"Og1".into())), 10);
    }

    #[test]
    fn an_organization_keeps_one_file_of_a_digest_and_may_keep_it_again_once_it_was_given_up() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &asset("Me1", 1)));
        let twin = fixture.try_write(|tx| insert(tx, &asset("Me2", 1)));
        assert!(matches!(twin, Err(StorageError::Conflict(_))));
        assert!(fixture.write(|tx| expire(tx, &"Me1".into())));
        assert!(!fixture.write(|tx| expire(tx, &"Me1".into())));
        fixture.write(|tx| insert(tx, &asset("Me2", 1)));
        assert_eq!(fixture.read(|tx| media::list_to_remove(tx, 9)), ["Me1".into()]);
        fixture.write(|tx| media::mark_removed(tx, &"Me1".into()));
        assert_eq!(fixture.read(|tx| media::list_to_remove(tx, 9)), []);
        assert!(!fixture.read(|tx| media::exists(tx, &"Me1".into())));
    }

    #[test]
    fn whoever_does_not_see_all_sees_the_own_files_and_those_of_tests_in_reach() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            (1..=3_u8).try_for_each(|n| insert(tx, &asset(&format!("Me{n}"), n)))?;
            tx.execute("UPDATE asset SET actor_id = 'Us2' WHERE id <> 'Me1'", &[])?;
            tx.execute("UPDATE test SET folder = 'a' WHERE id = 'Te1'", &[])?;
            hold(tx, &"Og1".into(), &[[2; 32]], &AssetHolder::Test("Te1".into()), NOW)
        });
        let seen = |folders: &'static [&'static str]| {
            let reach = AssetReach {
                actor_kind: ActorKind::User,
                actor_id: "Us1".into(),
                folders: folders.iter().map(|folder| (*folder).to_owned()).collect(),
            };
            let is_found = {
                let reach = reach.clone();
                fixture.read(move |tx| find(tx, &"Og1".into(), &[2; 32], Some(&reach))).is_some()
            };
            let filter = AssetFilter { reach: Some(reach), ..AssetFilter::default() };
            let its_filter = filter.clone();
            let listed = fixture.read(move |tx| list(tx, &"Og1".into(), &filter, 9, 0));
            let count = fixture.read(move |tx| count(tx, &"Og1".into(), &its_filter));
            assert_eq!(usize::try_from(count), Ok(listed.len()));
            let ids: Vec<_> = listed.iter().map(|row| row.id.to_string()).collect();
            (is_found, ids)
        };
        assert_eq!(seen(&[]), (false, vec!["Me1".to_owned()]));
        assert_eq!(seen(&["b"]), (false, vec!["Me1".to_owned()]));
        assert_eq!(seen(&["b", "a"]), (true, vec!["Me2".to_owned(), "Me1".to_owned()]));
    }

    #[test]
    fn a_search_takes_letters_as_they_are() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            insert(tx, &asset("Me1", 1))?;
            insert(tx, &AssetRow { media_type: "audio/mpeg".into(), ..asset("Me2", 2) })
        });
        let found = |name: &'static str, kind: &'static str| {
            fixture.read(move |tx| count(tx, &"Og1".into(), &filter(name, kind)))
        };
        assert_eq!(
            (found("me1_", ""), found("me_", ""), found("0%", ""), found("%m", "")),
            (1, 0, 2, 0)
        );
        assert_eq!((found("", "audio/"), found("", "image/")), (1, 1));
        let page = fixture.read(|tx| list(tx, &"Og1".into(), &AssetFilter::default(), 1, 1));
        assert_eq!(page.len(), 1);
    }

    #[test]
    fn files_of_authors_are_among_all_files_that_a_backup_takes_and_a_sweep_knows() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| insert(tx, &asset("Me1", 1)));
        let stored = fixture.read(|tx| media::stored_behind(tx, "", 9));
        assert_eq!(stored.len(), 1);
        assert_eq!((stored[0].id.as_str(), stored[0].sha256), ("Me1", Some([1; 32])));
        assert_eq!(fixture.read(|tx| media::count_stored(tx)), 1);
        assert!(fixture.read(|tx| media::has_any_stored(tx)));
        assert_eq!(
            fixture.read(|tx| media::missing_among(tx, &["Me1".into(), "Me2".into()])),
            ["Me2".into()]
        );
    }

    #[test]
    fn a_file_is_needed_by_a_test_until_that_was_archived_a_while_ago_and_no_step_has_it() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            insert(tx, &asset("Me1", 1))?;
            hold(tx, &"Og1".into(), &[[1; 32]], &AssetHolder::Test("Te1".into()), NOW)
        });
        let uses_of = |moment: Timestamp| {
            fixture.read(move |tx| uses(tx, &"Og1".into(), &[1; 32], moment, 9))
        };
        assert_eq!(unneeded_ids(&fixture, NOW), [""; 0]);
        fixture.write(|tx| {
            tx.execute("UPDATE test SET archived_at = $1 WHERE id = 'Te1'", values![NOW])
        });
        assert_eq!(unneeded_ids(&fixture, NOW.plus_seconds(1)), [""; 0], "a step has it");
        assert_eq!(uses_of(NOW.plus_seconds(1)).len(), 1);
        fixture.write(|tx| tx.execute("DELETE FROM step", &[]));
        assert_eq!(unneeded_ids(&fixture, NOW), [""; 0], "it may be put back");
        assert_eq!(unneeded_ids(&fixture, NOW.plus_seconds(1)), ["Me1"]);
        assert_eq!(uses_of(NOW.plus_seconds(1)), []);
    }

    #[test]
    fn a_step_needs_what_its_instances_were_frozen_from_for_ever() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            insert(tx, &asset("Me1", 1))?;
            hold(tx, &"Og1".into(), &[[1; 32]], &AssetHolder::Step("St1".into()), NOW)
        });
        assert_eq!(unneeded_ids(&fixture, NOW), [""; 0]);
        let uses = fixture.read(|tx| uses(tx, &"Og1".into(), &[1; 32], NOW, 9));
        let named: Vec<_> =
            uses.iter().map(|entry| (entry.kind.as_str(), entry.id.as_str())).collect();
        assert_eq!(named, [("task", "Tk1")]);
    }

    #[test]
    fn to_use_a_file_that_is_not_kept_is_told() {
        let fixture = StorageFixture::with_task();
        let held = |digest: u8| {
            fixture.write(move |tx| {
                hold(tx, &"Og1".into(), &[[digest; 32]], &AssetHolder::Test("Te1".into()), NOW)
            })
        };
        fixture.write(|tx| insert(tx, &asset("Me1", 1)));
        assert!(held(1) && !held(2));
    }

    #[test]
    fn plays_are_counted_by_instance_and_place_up_to_their_number() {
        let fixture = StorageFixture::with_instance();
        let play =
            |place: &'static str| fixture.write(move |tx| count_play(tx, &"Ti1".into(), place, 2));
        assert_eq!((play("s1"), play("s1"), play("s1"), play("s2")), (true, true, false, true));
        assert_eq!(fixture.read(|tx| plays(tx, &"Ti1".into(), "s1")), 2);
        assert!(!fixture.write(|tx| count_play(tx, &"Ti1".into(), "s3", 0)));
    }
}
