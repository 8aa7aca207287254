//! A document with its media as one archive: `document.json` (or `.yaml`) and a folder `media`.
//!
//! Going out, media are called by their digests. Coming in, they may have any name: a text names
//! them by their digest as everywhere, or by their place in the archive
//! (`![A plan](media/plan.png)`).

mod zip_reader;

use super::{ImportedTest, TestImportOptions};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::media::authored::AuthorMediaView;
use crate::media::{FileReceiver, LEAST_PER_SECOND, UploadPermit, blocking, patience};
use crate::ports::MediaStore;
use crate::services::TestLibraryService;
use domain::authored_media::{AuthoredMediaType, HEAD_BYTES, taken_types};
use domain::document::{DocumentFormat, LARGEST_DOCUMENT};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::TestId;
use domain::json::JsonPointer;
use domain::media::UploadRejection;
use domain::media_reference::find_digests;
use domain::role::Right;
use futures_util::stream::{self, Stream};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::Sha256Digest;
use tokio::sync::mpsc;
use tokio::time::Instant;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};
use zip_reader::{BadArchive, ZipPart, parts, unpack};

/// The folder of media.
const FOLDER: &str = "media/";
/// What a document is called.
const DOCUMENTS: [&str; 3] = ["document.json", "document.yaml", "document.yml"];
/// Pieces of a file that wait to be written.
const WAITING_PIECES: usize = 2;
/// Bytes that are read at once.
const PIECE: usize = 128 << 10;

/// An archive that goes out.
pub struct TestArchive {
    /// The test's key, for the name of the file.
    pub key: String,
    /// Number of the version.
    pub number: i64,
    pub bytes: u64,
    /// At its beginning.
    pub file: File,
}

/// An archive that was looked through.
struct ReadArchive {
    file: File,
    document: Vec<u8>,
    format: DocumentFormat,
    /// One part for each digest.
    media: BTreeMap<Sha256Digest, ZipPart>,
}

impl TestLibraryService {
    /// A version of a test with the media that it names, the latest unless a number is given.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`]; [`Failure::Busy`] when too many are
    /// made at once; [`Failure::Unavailable`] when the disk has no room.
    pub async fn export_archive(
        &self,
        caller: &Caller,
        test: &TestId,
        version: Option<i64>,
    ) -> Result<TestArchive, Failure> {
        let key = self.test(caller, test).await?.key;
        let text = self.test_text(caller, test, version, DocumentFormat::Json).await?;
        let _place = self.export_limiter().acquire(&caller.organization, "").await?;
        let media =
            self.author_media().kept_media(&caller.organization, find_digests(&text.text)).await?;
        let store = self.media().configured_store();
        let written = blocking(move || write_archive(&text.text, &media, store.as_deref())).await?;
        let (file, bytes) =
            written.map_err(|error| Failure::Unavailable(format!("an archive: {error}")))?;
        Ok(TestArchive { key, number: text.number, bytes, file })
    }

    /// Keeps the document of an archive as [`import_test`](Self::import_test) does, and the media
    /// that it names in the library. Nothing is kept of a document with errors.
    ///
    /// # Errors
    /// As [`import_test`](Self::import_test), and as adding the files; a fault of the body when it
    /// is no archive of a document.
    pub async fn import_archive(
        &self,
        caller: &Caller,
        archive: File,
        options: TestImportOptions,
    ) -> Result<ImportedTest, Failure> {
        caller.require(Right::WriteTests)?;
        caller.require_any_folder()?;
        let _place = self.export_limiter().acquire(&caller.organization, "").await?;
        let most = self.settings().author_media_bytes;
        let ReadArchive { file, document, format, media } =
            blocking(move || read_archive(archive, most)).await?.map_err(refused)?;
        let contained: HashSet<Sha256Digest> = media.keys().copied().collect();
        // Reported before any file is kept.
        self.read_with(caller, &document, format, self.random_uuid(), &contained).await?;
        let named = match std::str::from_utf8(&document) {
            Ok(text) => find_digests(text),
            Err(_) => {
                return Err(refused(BadArchive("has a document that is not UTF-8".to_owned())));
            }
        };
        let file = Arc::new(file);
        for (digest, part) in media {
            if named.contains(&digest) {
                self.add_part(caller, &file, part).await?;
            }
        }
        self.import_test(caller, &document, format, options).await
    }

    /// Begins to take an archive from somewhere slow; it is imported when it is finished.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; `too_many_uploads`; [`Failure::Busy`].
    pub async fn begin_archive(
        &self,
        caller: &Caller,
        options: TestImportOptions,
        address: Option<IpAddr>,
    ) -> Result<IncomingArchive, Failure> {
        caller.require(Right::WriteTests)?;
        let place = self.media().admit_author(&caller.organization, &caller.actor().id, address)?;
        let file = blocking(tempfile::tempfile).await?;
        Ok(IncomingArchive {
            library: self.clone(),
            caller: caller.clone(),
            options,
            file: file.map_err(|error| Failure::Unavailable(format!("an archive: {error}")))?,
            bytes: 0,
            began: Instant::now(),
            _place: place,
        })
    }

    async fn add_part(
        &self,
        caller: &Caller,
        archive: &Arc<File>,
        part: ZipPart,
    ) -> Result<(), Failure> {
        let name = part.name.clone();
        let library = self.author_media();
        let mut receiving = library.begin_author_media(caller, Some(name), None).await?;
        receiving.check_declared_size(part.bytes)?;
        let (sender, mut pieces) = mpsc::channel::<Vec<u8>>(WAITING_PIECES);
        let mut archive = archive.try_clone().map_err(Failure::internal)?;
        let reading = tokio::task::spawn_blocking(move || {
            unpack(&mut archive, &part, &mut |piece| sender.blocking_send(piece.to_vec()).is_ok())
        });
        while let Some(piece) = pieces.recv().await {
            receiving.write_chunk(&piece).await?;
        }
        reading.await.map_err(Failure::internal)?.map_err(refused)?;
        receiving.finish().await.map(|_| ())
    }
}

fn refused(BadArchive(reason): BadArchive) -> Failure {
    let place = FaultLocation::Body(JsonPointer::root());
    let should =
        format!("must be a zip archive with document.json and the folder media; it {reason}");
    Fault::new(place, ErrorCode::InvalidFormat, should).into()
}

/// Looks through an archive: its document, with media named by their digests, and the digests of
/// its media.
fn read_archive(mut file: File, most: u64) -> Result<ReadArchive, BadArchive> {
    let parts = parts(&mut file)?;
    let parts: Vec<_> = parts.into_iter().filter(|part| !is_litter(&part.name)).collect();
    if parts.iter().map(|part| part.bytes).sum::<u64>() > most {
        return Err(BadArchive(format!("has more than {most} bytes when it is unpacked")));
    }
    let is_document = |part: &&ZipPart| DOCUMENTS.contains(&part.name.as_str());
    let mut documents = parts.iter().filter(is_document);
    let (Some(document), None) = (documents.next(), documents.next()) else {
        return Err(BadArchive("has not one document".to_owned()));
    };
    if let Some(other) =
        parts.iter().find(|part| !is_document(part) && !part.name.starts_with(FOLDER))
    {
        return Err(BadArchive(format!("has {} outside of the folder media", other.name)));
    }
    if document.bytes > LARGEST_DOCUMENT as u64 {
        return Err(BadArchive("has a document of more than 4 MiB".to_owned()));
    }
    let format = match document.name.ends_with("json") {
        true => DocumentFormat::Json,
        false => DocumentFormat::Yaml,
    };
    let mut text = Vec::new();
    unpack(&mut file, document, &mut |piece| {
        text.extend_from_slice(piece);
        true
    })?;
    let (mut media, mut names) = (BTreeMap::new(), Vec::new());
    for part in parts.iter().filter(|part| part.name.starts_with(FOLDER)) {
        let (mut digest, mut head) = (Sha256::new(), Vec::new());
        unpack(&mut file, part, &mut |piece| {
            digest.update(piece);
            head.extend(piece.iter().take(HEAD_BYTES.saturating_sub(head.len())));
            true
        })?;
        require_medium(part, &head)?;
        let digest: Sha256Digest = digest.finalize().into();
        names.push((part.name.clone(), hex::encode(digest)));
        media.entry(digest).or_insert_with(|| part.clone());
    }
    let document = named_by_digest(text, &names);
    if let Some(name) = missing_medium(&document) {
        return Err(BadArchive(format!("names {name}, which is not in it")));
    }
    Ok(ReadArchive { file, document, format, media })
}

/// Demands that a part is something that questions can show.
fn require_medium(part: &ZipPart, head: &[u8]) -> Result<(), BadArchive> {
    let seen = infer::get(head).map(|kind| kind.mime_type());
    let Some(media_type) = AuthoredMediaType::detect(head, seen) else {
        let types = taken_types().join(", ");
        return Err(BadArchive(format!("has {}, which is none of {types}", part.name)));
    };
    media_type
        .check_size(part.bytes)
        .map_err(|why| BadArchive(format!("has {} too large: {why}", part.name)))
}

/// A place in the archive that a document names yet, once all there are were replaced.
fn missing_medium(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    let rest = text.split_once("](media/")?.1;
    let name: String = rest.chars().take_while(|letter| !")? \\\"".contains(*letter)).collect();
    Some(format!("{FOLDER}{name}"))
}

/// What systems put into archives beside what people do.
fn is_litter(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.ends_with(".DS_Store") || name.ends_with("Thumbs.db")
}

/// The document with media named by their digests where it names them by their places.
fn named_by_digest(text: Vec<u8>, names: &[(String, String)]) -> Vec<u8> {
    let Ok(mut text) = String::from_utf8(text) else { return Vec::new() };
    if !text.contains(FOLDER) {
        return text.into_bytes();
    }
    for (name, digest) in names {
        // As a target may hold it: a space ends it, unless it is written in another way.
        let spaced = name.replace(' ', "%20");
        for name in [name, &spaced] {
            for end in [")", "?", " ", "\\"] {
                text = text.replace(&format!("]({name}{end}"), &format!("](asset:{digest}{end}"));
            }
            for end in [")", "&", " ", "\\"] {
                let captions = format!("captions={name}{end}");
                text = text.replace(&captions, &format!("captions={digest}{end}"));
            }
        }
    }
    text.into_bytes()
}

/// Writes an archive into a file without a name. Media are packed already and are only stored.
fn write_archive(
    document: &str,
    media: &[AuthorMediaView],
    store: Option<&dyn MediaStore>,
) -> io::Result<(File, u64)> {
    let mut writer = ZipWriter::new(tempfile::tempfile()?);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.start_file("document.json", packed)?;
    writer.write_all(document.as_bytes())?;
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for entry in media {
        let store = store.ok_or_else(|| io::Error::other("there is no media store"))?;
        let (digest, ending) = (entry.digest(), entry.media_type.extension());
        writer.start_file(format!("{FOLDER}{digest}.{ending}"), stored)?;
        let mut file = store.open(&entry.file)?;
        io::copy(&mut file.by_ref().take(entry.bytes), &mut writer)?;
    }
    let mut file = writer.finish()?;
    let bytes = file.stream_position()?;
    file.rewind()?;
    Ok((file, bytes))
}

impl TestArchive {
    /// The bytes, piece by piece.
    pub fn into_pieces(self) -> impl Stream<Item = io::Result<Vec<u8>>> + Send {
        stream::try_unfold(self.file, |file| async move {
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = Vec::with_capacity(PIECE);
                let read = (&file).take(PIECE as u64).read_to_end(&mut piece);
                read.map(|_| (piece, file))
            });
            let (piece, file) = read.await.map_err(io::Error::other)??;
            Ok(if piece.is_empty() { None } else { Some((piece, file)) })
        })
    }
}

/// An archive on its way in. Dropped before it is finished, it leaves nothing behind.
pub struct IncomingArchive {
    library: TestLibraryService,
    caller: Caller,
    options: TestImportOptions,
    file: File,
    bytes: u64,
    began: Instant,
    _place: UploadPermit,
}

impl IncomingArchive {
    /// What an archive may have: what the organization's media may, and the document; and what it
    /// can say of itself.
    fn most(&self) -> u64 {
        let most = self.library.settings().author_media_bytes;
        most.saturating_add(LARGEST_DOCUMENT as u64).min(u64::from(u32::MAX))
    }
}

impl FileReceiver for IncomingArchive {
    type Stored = ImportedTest;

    fn check_declared_size(&self, bytes: u64) -> Result<(), Failure> {
        let why = UploadRejection::Bytes(self.most());
        if bytes > self.most() { Err(Failure::NotTaken { why, slots: Vec::new() }) } else { Ok(()) }
    }

    fn chunk_timeout(&self) -> Duration {
        patience(&self.library, self.began, self.bytes)
    }

    fn timeout_failure(&self) -> Failure {
        let why = UploadRejection::TooSlow(LEAST_PER_SECOND);
        Failure::NotTaken { why, slots: Vec::new() }
    }

    async fn write_chunk(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.check_declared_size(self.bytes)?;
        let (mut file, piece) = (self.file.try_clone().map_err(Failure::internal)?, bytes.to_vec());
        let written = blocking(move || file.write_all(&piece)).await?;
        written.map_err(|error| Failure::Unavailable(format!("an archive: {error}")))
    }

    async fn finish(self) -> Result<ImportedTest, Failure> {
        let Self { library, caller, options, file, _place, .. } = self;
        library.import_archive(&caller, file, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_are_named_by_their_place_in_the_archive_as_well() {
        let names = [
            ("media/a b.png".to_owned(), "D1".to_owned()),
            ("media/a.vtt".to_owned(), "D2".to_owned()),
            ("media/a.wav".to_owned(), "D3".to_owned()),
        ];
        let text = "![p](media/a%20b.png) ![s](media/a.wav?plays=2&captions=media/a.vtt) \
            ![x](media/a.wavx) media/a.wav \\\"![q](media/a.wav \\\"t\\\")";
        let wanted = "![p](asset:D1) ![s](asset:D3?plays=2&captions=D2) \
            ![x](media/a.wavx) media/a.wav \\\"![q](asset:D3 \\\"t\\\")";
        let named = named_by_digest(text.as_bytes().to_vec(), &names);
        assert_eq!(String::from_utf8(named).unwrap(), wanted);
    }
}
