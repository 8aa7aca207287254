//! The parts of a zip archive, unpacked as a stream within a budget.
//!
//! The archive's directory is believed in one thing only: where a part begins. How large anything
//! is, is counted while it is unpacked, nothing is allocated by a number that stands in the file,
//! and of two parts that overlap only what is really read costs anything.

use flate2::bufread::DeflateDecoder;
use std::cell::Cell;
use std::io::{self, Read};

/// All parts together may be so large when unpacked.
const MOST_INFLATED: u64 = 64 * 1024 * 1024;
/// Nothing that belongs together in a part (a tag with its attributes, a piece of text) may be
/// larger.
const MOST_EVENT: u64 = 256 * 1024;
/// An archive with more entries is no workbook of people.
const MOST_ENTRIES: usize = 10_000;

const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
/// Stands for a number that is kept in the longer form elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// What may still be unpacked, of everything and since the last piece was handled.
pub(super) struct InflateBudget {
    total: Cell<u64>,
    event: Cell<u64>,
    is_spent: Cell<bool>,
}

impl Default for InflateBudget {
    fn default() -> Self {
        Self {
            total: Cell::new(MOST_INFLATED),
            event: Cell::new(MOST_EVENT),
            is_spent: Cell::new(false),
        }
    }
}

impl InflateBudget {
    /// A piece has been handled, the next one begins.
    pub fn next_event(&self) {
        self.event.set(MOST_EVENT);
    }

    /// Whether more was to be inflated than the budget allows.
    pub fn is_spent(&self) -> bool {
        self.is_spent.get()
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let bytes = bytes as u64;
        let left = (self.total.get().checked_sub(bytes), self.event.get().checked_sub(bytes));
        let (Some(total), Some(event)) = left else {
            self.is_spent.set(true);
            return Err(io::Error::other("more is unpacked than may be"));
        };
        self.total.set(total);
        self.event.set(event);
        Ok(())
    }
}

/// One part, unpacked as it is read.
pub(super) struct InflatedPart<'archive> {
    source: Box<dyn Read + 'archive>,
    budget: &'archive InflateBudget,
    sum: flate2::Crc,
    expected_sum: u32,
}

impl Read for InflatedPart<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        if read == 0 && !into.is_empty() && self.sum.sum() != self.expected_sum {
            return Err(io::Error::other("the part is damaged"));
        }
        self.budget.take(read)?;
        self.sum.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A zip archive in memory.
pub(super) struct ZipArchive<'bytes> {
    bytes: &'bytes [u8],
    budget: &'bytes InflateBudget,
}

/// What the directory says of one part.
struct ZipEntry {
    method: u16,
    is_encrypted: bool,
    sum: u32,
    packed: usize,
    begins: usize,
}

impl<'bytes> ZipArchive<'bytes> {
    /// A reader of a ZIP archive that lies in memory.
    pub fn new(bytes: &'bytes [u8], budget: &'bytes InflateBudget) -> Self {
        Self { bytes, budget }
    }

    /// The part of this name, if there is one that can be read.
    pub fn part(&self, name: &str) -> Option<InflatedPart<'bytes>> {
        let entry = self.find(name)?;
        if entry.is_encrypted
            || self.bytes.get(entry.begins..entry.begins.checked_add(4)?)? != LOCAL
        {
            return None;
        }
        let (name_length, extra_length) =
            (self.u16(entry.begins, 26)?, self.u16(entry.begins, 28)?);
        let begins =
            entry.begins.checked_add(30 + usize::from(name_length) + usize::from(extra_length))?;
        let ends = begins.saturating_add(entry.packed).min(self.bytes.len());
        let packed = self.bytes.get(begins..ends)?;
        let source: Box<dyn Read + 'bytes> = match entry.method {
            0 => Box::new(packed),
            8 => Box::new(DeflateDecoder::new(packed)),
            _ => return None,
        };
        Some(InflatedPart {
            source,
            budget: self.budget,
            sum: flate2::Crc::new(),
            expected_sum: entry.sum,
        })
    }

    /// Walks the directory; it ends with the first thing in it that is no entry, whatever number it
    /// was said to have.
    fn find(&self, wanted: &str) -> Option<ZipEntry> {
        let mut at = self.directory()?;
        for _ in 0..MOST_ENTRIES {
            if self.bytes.get(at..at.checked_add(4)?)? != ENTRY {
                return None;
            }
            let (name_length, extra_length) =
                (usize::from(self.u16(at, 28)?), usize::from(self.u16(at, 30)?));
            let name_begins = at.checked_add(46)?;
            let extra_begins = name_begins.checked_add(name_length)?;
            if is_same_name(self.bytes.get(name_begins..extra_begins)?, wanted) {
                let extra =
                    self.bytes.get(extra_begins..extra_begins.checked_add(extra_length)?)?;
                return self.entry(at, extra);
            }
            at = extra_begins.checked_add(extra_length + usize::from(self.u16(at, 32)?))?;
        }
        None
    }

    fn entry(&self, at: usize, extra: &[u8]) -> Option<ZipEntry> {
        let mut long = ZipLongNumbers::new(extra);
        // Their order in the longer form: unpacked size, packed size, place.
        if self.u32(at, 24)? == ELSEWHERE {
            long.next()?;
        }
        let packed = long.number(self.u32(at, 20)?)?;
        let begins = long.number(self.u32(at, 42)?)?;
        Some(ZipEntry {
            method: self.u16(at, 10)?,
            is_encrypted: self.u16(at, 8)? & 1 != 0,
            sum: self.u32(at, 16)?,
            packed,
            begins,
        })
    }

    /// Where the directory begins: named by the record at the end of the archive, which a comment
    /// may follow.
    fn directory(&self) -> Option<usize> {
        let from = self.bytes.len().saturating_sub(22 + usize::from(u16::MAX));
        let tail = self.bytes.get(from..)?;
        let ends = |at: usize| Some(at + 22 + usize::from(self.u16(at, 20)?) == self.bytes.len());
        let found = tail
            .windows(4)
            .enumerate()
            .rev()
            .filter(|(_, four)| *four == END)
            .map(|(at, _)| from + at);
        let end = found.into_iter().find(|at| ends(*at) == Some(true))?;
        match self.u32(end, 16)? {
            ELSEWHERE => self.directory_64(end),
            begins => usize::try_from(begins).ok(),
        }
    }

    fn directory_64(&self, end: usize) -> Option<usize> {
        let locator = end.checked_sub(20)?;
        if self.bytes.get(locator..locator.checked_add(4)?)? != LOCATOR_64 {
            return None;
        }
        let record = usize::try_from(self.u64(locator, 8)?).ok()?;
        if self.bytes.get(record..record.checked_add(4)?)? != END_64 {
            return None;
        }
        usize::try_from(self.u64(record, 48)?).ok()
    }

    fn array<const N: usize>(&self, at: usize, offset: usize) -> Option<[u8; N]> {
        let from = at.checked_add(offset)?;
        self.bytes.get(from..from.checked_add(N)?)?.try_into().ok()
    }

    fn u16(&self, at: usize, offset: usize) -> Option<u16> {
        self.array(at, offset).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize, offset: usize) -> Option<u32> {
        self.array(at, offset).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize, offset: usize) -> Option<u64> {
        self.array(at, offset).map(u64::from_le_bytes)
    }
}

/// Writers differ in case and in the sign between folders.
fn is_same_name(found: &[u8], wanted: &str) -> bool {
    let same = |(found, wanted): (&u8, &u8)| {
        found.eq_ignore_ascii_case(wanted) || (*found == b'\\' && *wanted == b'/')
    };
    found.len() == wanted.len() && found.iter().zip(wanted.as_bytes()).all(same)
}

/// The numbers of an entry that are kept in its extra field because they did not fit.
struct ZipLongNumbers<'extra> {
    left: &'extra [u8],
}

impl<'extra> ZipLongNumbers<'extra> {
    fn new(mut extra: &'extra [u8]) -> Self {
        while let Some((&[kind_low, kind_high, length_low, length_high], rest)) =
            extra.split_first_chunk::<4>()
        {
            let length = usize::from(u16::from_le_bytes([length_low, length_high])).min(rest.len());
            let (field, behind) = rest.split_at(length);
            if [kind_low, kind_high] == [1, 0] {
                return Self { left: field };
            }
            extra = behind;
        }
        Self { left: &[] }
    }

    fn next(&mut self) -> Option<u64> {
        let (number, rest) = self.left.split_first_chunk::<8>()?;
        self.left = rest;
        Some(u64::from_le_bytes(*number))
    }

    fn number(&mut self, short: u32) -> Option<usize> {
        let number = if short == ELSEWHERE { self.next()? } else { u64::from(short) };
        usize::try_from(number).ok()
    }
}
