//! Media of authors: taken in, named by documents, given up when nobody needs them.

use app::caller::{Caller, KeyGrant, UserGrant};
use app::media::authored::{AuthorMediaSearch, AuthorMediaView};
use app::media::{FileReceiver as _, SignedLink};
use app::test_library::TestImportOptions;
use app::{Failure, Settings};
use courier::media_files::FileMediaStore;
use domain::document::{DocumentFaultCode, DocumentFormat};
use domain::id::TestId;
use domain::instance::Scope;
use domain::media::UploadRejection;
use domain::role::Permission;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use testkit::TestApp;
use testkit::failures::is_not_found;
use testkit::fixtures::DESK_SCREENING;
use testkit::media_files::{digest_of, mp4, pdf, png, svg, vtt, wav};

const DAY: i64 = 24 * 3600;

struct Library {
    test_app: TestApp,
    folder: TempDir,
}

impl Library {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let test_app = TestApp::with_settings(DESK_SCREENING, settings).await;
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FileMediaStore::new(folder.path().to_owned()));
        test_app.app.files().set_media_store(store);
        Self { test_app, folder }
    }

    async fn add(&self, name: &str, bytes: &[u8]) -> Result<AuthorMediaView, Failure> {
        self.add_as(&self.test_app.operator(), name, bytes).await
    }

    async fn add_as(
        &self,
        caller: &Caller,
        name: &str,
        bytes: &[u8],
    ) -> Result<AuthorMediaView, Failure> {
        let library = self.test_app.app.author_media();
        library.add_author_media(caller, Some(name.to_owned()), bytes).await
    }

    async fn import_as(&self, caller: &Caller, text: &str) -> Result<TestId, Failure> {
        let library = self.test_app.app.test_library();
        let options = TestImportOptions::default();
        let document = document(text);
        let imported =
            library.import_test(caller, document.as_bytes(), DocumentFormat::Json, options).await?;
        Ok(imported.test.id)
    }

    async fn import(&self, text: &str) -> Result<TestId, Failure> {
        self.import_as(&self.test_app.operator(), text).await
    }

    async fn names(&self, caller: &Caller) -> Vec<String> {
        let library = self.test_app.app.author_media();
        let search = AuthorMediaSearch::default();
        let page = library.list_author_media(caller, search, 99, 0).await.unwrap();
        assert_eq!(page.total, page.media.len() as u64);
        let mut names: Vec<_> = page.media.into_iter().map(|media| media.name).collect();
        names.sort();
        names
    }

    async fn clean_up(&self) -> u64 {
        self.test_app.app.files().clean_up_media().await.unwrap().removed
    }

    fn files(&self) -> usize {
        let of = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        of(self.folder.path()).map(|folder| of(&folder.path()).count()).sum()
    }
}

fn document(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        r#"{{"assay":1,"key":"m","title":"Media","sections":[{{"key":"s","title":"S","pages":[
        {{"key":"p","questions":[{{"key":"q","kind":"input","type":"area","text":{text}}}]}}]}}]}}"#
    )
}

fn rejection<T>(outcome: Result<T, Failure>) -> UploadRejection {
    match outcome {
        Err(Failure::NotTaken { why, .. }) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    }
}

fn codes<T>(outcome: Result<T, Failure>) -> Vec<DocumentFaultCode> {
    match outcome {
        Err(Failure::Document(faults)) => faults.iter().map(|fault| fault.code).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[tokio::test]
async fn what_is_no_medium_is_refused_and_leaves_nothing_whatever_it_is_called() {
    let library = Library::new().await;
    for bytes in [
        &b"<!doctype html><script>alert(1)</script>"[..],
        b"alert(1)",
        b"body { color: red }",
        b"PK\x03\x04rest",
        b"MZ\x90\0\x03",
        b"\0\0\0\x10ftypqt  \0\0\0\0",
    ] {
        let refused = rejection(library.add("picture.png", bytes).await);
        assert!(matches!(refused, UploadRejection::Type(_)), "{bytes:?}: {refused:?}");
    }
    assert_eq!(rejection(library.add("a.png", b"").await), UploadRejection::Empty);
    assert_eq!((library.files(), library.names(&library.test_app.operator()).await.len()), (0, 0));
}

#[tokio::test]
async fn a_file_is_known_by_its_bytes_with_what_a_page_needs_of_it() {
    let library = Library::new().await;
    let picture = library.add("plans\\floor.jpg", &png(640, 480, "")).await.unwrap();
    assert_eq!(
        (picture.media_type.as_str(), picture.width, picture.height, picture.name.as_str()),
        ("image/png", Some(640), Some(480), "floor.jpg")
    );
    assert_eq!(picture.digest(), digest_of(&png(640, 480, "")));
    let mut kinds = Vec::new();
    for bytes in [svg("a"), wav(3), mp4(7), vtt("Hello"), pdf()] {
        let media = library.add("", &bytes).await.unwrap();
        kinds.push((media.media_type.as_str(), media.seconds(), media.name));
    }
    let named: Vec<_> =
        kinds.iter().map(|(kind, seconds, name)| (*kind, *seconds, name.as_str())).collect();
    assert_eq!(
        named,
        [
            ("image/svg+xml", None, "picture.svg"),
            ("audio/wav", Some(3), "sound.wav"),
            ("video/mp4", Some(7), "film.mp4"),
            ("text/vtt", None, "captions.vtt"),
            ("application/pdf", None, "document.pdf"),
        ]
    );
}

#[tokio::test]
async fn a_file_is_kept_once_in_an_organization_and_every_organization_has_its_own() {
    let library = Library::new().await;
    let first = library.add("one.png", &png(1, 1, "")).await.unwrap();
    assert_eq!(library.add("two.png", &png(1, 1, "")).await.unwrap(), first);
    assert_eq!(library.files(), 1);
    let neighbour = library.test_app.neighbour(DESK_SCREENING).await.operator();
    assert!(
        codes(library.import_as(&neighbour, &shown(&first)).await)
            .contains(&DocumentFaultCode::AssetUnknown)
    );
    let theirs = library.add_as(&neighbour, "theirs.png", &png(1, 1, "")).await.unwrap();
    assert_eq!((theirs.digest(), library.files()), (first.digest(), 2));
    assert_eq!(library.names(&neighbour).await, ["theirs.png"]);
    let media = library.test_app.app.author_media();
    media.delete_author_media(&neighbour, &first.digest()).await.unwrap();
    assert_eq!((library.files(), library.names(&neighbour).await.len()), (1, 0));
    assert!(is_not_found(&media.open_author_media(&neighbour, &first.digest()).await.map(|_| ())));
    assert!(media.open_author_media(&library.test_app.operator(), &first.digest()).await.is_ok());
}

fn shown(media: &AuthorMediaView) -> String {
    format!("![A plan](asset:{})", media.digest())
}

#[tokio::test]
async fn only_a_film_may_be_large_and_all_files_together_stay_within_their_bytes() {
    let settings = Settings { author_media_bytes: 30 << 20, ..Settings::default() };
    let library = Library::with(settings).await;
    let mut large = png(1, 1, "");
    large.resize((20 << 20) + 1, 0);
    let limit = UploadRejection::Bytes(20 << 20);
    assert_eq!(rejection(library.add("large.png", &large).await), limit);
    // Found out as soon as it is known what it is, not at the end.
    let operator = library.test_app.operator();
    let media = library.test_app.app.author_media();
    let mut slow = media.begin_author_media(&operator, None, None).await.unwrap();
    let mut refused = Ok(());
    for piece in large.chunks(300 << 10) {
        refused = slow.write_chunk(piece).await;
        if refused.is_err() {
            break;
        }
    }
    assert_eq!(rejection(refused), limit);
    drop(slow);
    let mut film = mp4(1);
    film.resize(21 << 20, 0);
    library.add("film.mp4", &film).await.unwrap();
    film.push(1);
    let share = UploadRejection::OrganizationShare(30 << 20);
    assert_eq!(rejection(library.add("film.mp4", &film).await), share);
    assert_eq!(library.files(), 1);
}

#[tokio::test]
async fn a_document_names_only_what_there_is_and_a_file_that_it_names_is_not_deleted() {
    let library = Library::new().await;
    let operator = library.test_app.operator();
    let unknown = format!("![A plan](asset:{})", digest_of(b"nothing"));
    assert_eq!(codes(library.import(&unknown).await), [DocumentFaultCode::AssetUnknown]);
    let sound = library.add("talk.wav", &wav(2)).await.unwrap();
    let captions = library.add("talk.vtt", &vtt("Hello")).await.unwrap();
    let of = |query: &str| format!("![A talk](asset:{}?{query})", sound.digest());
    for query in ["plays=0", "captions=1", "volume=9"] {
        let refused = codes(library.import(&of(query)).await);
        assert_eq!(refused, [DocumentFaultCode::AssetUnknown], "{query}");
    }
    let text = of(&format!("plays=2&captions={}", captions.digest()));
    let test = library.import(&text).await.unwrap();
    let media = library.test_app.app.author_media();
    for file in [&sound, &captions] {
        let refused = media.delete_author_media(&operator, &file.digest()).await;
        let Err(Failure::MediaInUse(sentence)) = refused else { panic!("{refused:?}") };
        assert!(sentence.contains(&format!("the test \"Media\" ({test})")), "{sentence}");
    }
    assert_eq!(library.files(), 2);
}

#[tokio::test]
async fn files_go_once_their_test_was_archived_for_a_month_and_nothing_used_them_for_three() {
    let library = Library::new().await;
    let operator = library.test_app.operator();
    let used = library.add("used.png", &png(1, 1, "used")).await.unwrap();
    library.add("never used.png", &png(1, 1, "never")).await.unwrap();
    let test = library.import(&shown(&used)).await.unwrap();
    library.test_app.clock.pass_seconds(89 * DAY);
    assert_eq!((library.clean_up().await, library.files()), (0, 2));
    library.test_app.clock.pass_seconds(2 * DAY);
    assert_eq!(
        (library.clean_up().await, library.names(&operator).await),
        (1, vec!["used.png".to_owned()])
    );
    let tests = library.test_app.app.test_library();
    tests.archive_test(&operator, &test, true).await.unwrap();
    library.test_app.clock.pass_seconds(29 * DAY);
    assert_eq!(library.clean_up().await, 0, "the test may be put back");
    library.test_app.clock.pass_seconds(2 * DAY);
    assert_eq!((library.clean_up().await, library.files()), (1, 0));
    // Kept anew, the same file is there again.
    library.add("again.png", &png(1, 1, "used")).await.unwrap();
    assert_eq!(library.files(), 1);
}

#[tokio::test]
async fn pictures_that_stand_in_an_imported_document_become_files() {
    const DOT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let library = Library::new().await;
    let operator = library.test_app.operator();
    let text = format!("![A dot](data:image/png;base64,{DOT}) ![It](data:image/png;base64,{DOT})");
    let broken = document(&text).replace("\"key\":\"p\"", "\"key\":\"p p\"");
    let tests = library.test_app.app.test_library();
    let options = TestImportOptions::default();
    let refused =
        tests.import_test(&operator, broken.as_bytes(), DocumentFormat::Json, options).await;
    assert_eq!(codes(refused), [DocumentFaultCode::BadKey]);
    assert_eq!(library.files(), 0, "a document with errors leaves no files");
    let test = library.import(&text).await.unwrap();
    assert_eq!(library.names(&operator).await, ["picture.png"]);
    let stored = tests.test_text(&operator, &test, None, DocumentFormat::Json).await.unwrap().text;
    assert!(!stored.contains("data:") && stored.matches("asset:").count() == 2, "{stored}");
}

#[tokio::test]
async fn who_is_limited_to_folders_sees_the_own_files_and_those_of_tests_within() {
    let library = Library::new().await;
    let grant = KeyGrant {
        organization: library.test_app.organization.clone(),
        key: "Ky9".into(),
        scopes: vec![Scope::TestsRead, Scope::TestsWrite],
        tasks: None,
        folders: Some(vec!["hr".to_owned()]),
        expires_at: None,
    };
    let limited = Caller::with_key(Arc::new(grant.clone()), "Rq1".into());
    let secret = library.add("secret.png", &png(1, 1, "secret")).await.unwrap();
    library.add_as(&limited, "own.png", &png(1, 1, "own")).await.unwrap();
    assert_eq!(library.names(&limited).await, ["own.png"]);
    let media = library.test_app.app.author_media();
    assert!(is_not_found(&media.author_media_file(&limited, &secret.digest()).await));
    assert!(is_not_found(&media.delete_author_media(&limited, &secret.digest()).await));
    // Nor does naming it in a document lead to it.
    let tests = library.test_app.app.test_library();
    let options =
        || TestImportOptions { folder: Some("hr".to_owned()), ..TestImportOptions::default() };
    let text = document(&shown(&secret));
    let import = |caller: Caller| {
        let (tests, text) = (tests.clone(), text.clone());
        async move { tests.import_test(&caller, text.as_bytes(), DocumentFormat::Json, options()).await }
    };
    assert_eq!(codes(import(limited.clone()).await), [DocumentFaultCode::AssetUnknown]);
    import(library.test_app.operator()).await.unwrap();
    assert_eq!(library.names(&limited).await, ["own.png", "secret.png"]);
    let of_task = KeyGrant { tasks: Some(vec!["Tk1".into()]), folders: None, ..grant };
    let of_task = Caller::with_key(Arc::new(of_task), "Rq1".into());
    let search = AuthorMediaSearch::default();
    assert!(is_not_found(&media.list_author_media(&of_task, search, 9, 0).await));
}

#[tokio::test]
async fn whoever_may_neither_write_tests_nor_questions_takes_no_file_in() {
    let library = Library::new().await;
    let user = |permissions: &[Permission]| {
        let grant = UserGrant {
            organization: library.test_app.organization.clone(),
            user: "Us1".into(),
            roles: Vec::new(),
            permissions: permissions.to_vec(),
            tasks: None,
            folders: None,
        };
        Caller::with_user(Arc::new(grant), "Rq1".into())
    };
    for caller in
        [user(&[]), user(&[Permission::ReadTests]), library.test_app.key(&[Scope::TestsRead])]
    {
        let refused = library.add_as(&caller, "a.png", &png(1, 1, "")).await;
        assert!(matches!(refused, Err(Failure::InsufficientScope(_))), "{refused:?}");
    }
    let submitter = user(&[Permission::UseBank]);
    library.add("other.png", &png(1, 1, "other")).await.unwrap();
    library.add_as(&submitter, "own.png", &png(1, 1, "own")).await.unwrap();
    assert_eq!(library.names(&submitter).await, ["own.png"]);
}

#[tokio::test]
async fn a_search_finds_by_name_and_kind_in_pages() {
    let library = Library::new().await;
    let operator = library.test_app.operator();
    for (name, bytes) in [
        ("Grundriß ÖST.png", png(1, 1, "a")),
        ("Grundriss.png", png(1, 1, "b")),
        ("talk.wav", wav(1)),
    ] {
        library.add(name, &bytes).await.unwrap();
        library.test_app.clock.pass_seconds(1);
    }
    let media = library.test_app.app.author_media();
    let found = |name: &str, kind: Option<&str>| {
        let kind = kind.and_then(domain::authored_media::AuthoredMediaKind::parse);
        let (media, operator) = (media.clone(), operator.clone());
        let search = AuthorMediaSearch { name: name.to_owned(), kind };
        async move {
            let page = media.list_author_media(&operator, search, 1, 0).await.unwrap();
            (page.total, page.media.first().map(|media| media.name.clone()).unwrap_or_default())
        }
    };
    assert_eq!(found("öst", None).await, (1, "Grundriß ÖST.png".to_owned()));
    assert_eq!(found("grundri", None).await, (2, "Grundriss.png".to_owned()));
    assert_eq!(found("", Some("sound")).await, (1, "talk.wav".to_owned()));
    assert_eq!(found("%", None).await.0, 0);
}

#[tokio::test]
async fn erasing_a_candidate_and_a_wrong_link_leave_authors_media_alone() {
    let library = Library::new().await;
    let (_, instance) = library.test_app.start_on_first_page().await;
    let media = library.add("a.png", &png(1, 1, "")).await.unwrap();
    library.import(&shown(&media)).await.unwrap();
    let candidates = library.test_app.app.candidates();
    let options = app::erasure::ErasureOptions { confirm: true, ..Default::default() };
    let (operator, task) = (library.test_app.operator(), library.test_app.task.clone());
    candidates.erase_candidate(&operator, &task, &"Ca1".into(), options).await.unwrap();
    library.clean_up().await;
    assert_eq!(library.files(), 1);
    let link = SignedLink {
        media: "Me1".into(),
        ends: i64::MAX,
        instance: Some(instance),
        signature: "x".into(),
    };
    assert!(is_not_found(&library.test_app.app.files().open_media(&link).await.map(|_| ())));
}
