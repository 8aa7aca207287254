//! Reads a zip archive that somebody sent.
//!
//! Of its directory only names, methods and places are believed, and only within bounds: how many
//! parts there are, how long the directory is, how much a part may become when it is unpacked, by
//! itself and in proportion to what is sent. What is unpacked is counted while it is read.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// Parts that an archive may have.
pub const MOST_PARTS: usize = 2000;
/// Bytes of the directory.
const LARGEST_DIRECTORY: u64 = 1 << 20;
/// The end of a directory with the longest comment behind it.
const TAIL: u64 = 22 + 65_535;
/// A part may become so many times as large as it is packed, and so many bytes more: real pictures
/// and texts stay far below.
const MOST_RATIO: u64 = 200;
const RATIO_ALLOWANCE: u64 = 1 << 20;
/// Letters of a name.
const LONGEST_NAME: usize = 300;

const END: &[u8; 4] = b"PK\x05\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";

/// What is wrong with an archive, as whoever sent it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadArchive(pub String);

/// One part, as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipPart {
    pub name: String,
    /// Bytes when unpacked, as the directory says; more are never read.
    pub bytes: u64,
    is_deflated: bool,
    packed: u64,
    sum: u32,
    begins: u64,
}

fn bad(reason: impl Into<String>) -> BadArchive {
    BadArchive(reason.into())
}

fn unreadable(error: &io::Error) -> BadArchive {
    BadArchive(format!("cannot be read: {error}"))
}

/// The parts of an archive in the order of its directory; folders are left out.
///
/// # Errors
/// When it is no archive, or one beyond the bounds.
pub fn parts(file: &mut File) -> Result<Vec<ZipPart>, BadArchive> {
    let length = file.seek(SeekFrom::End(0)).map_err(|error| unreadable(&error))?;
    let (end, count, begins, bytes) = directory_end(file, length)?;
    if count > MOST_PARTS {
        return Err(bad(format!("has more than {MOST_PARTS} parts")));
    }
    if bytes > LARGEST_DIRECTORY || begins.checked_add(bytes).is_none_or(|behind| behind > end) {
        return Err(bad("has a directory that does not fit"));
    }
    let directory = read_at(file, begins, bytes).map_err(|error| unreadable(&error))?;
    let (mut rest, mut parts, mut names) = (directory.as_slice(), Vec::new(), HashSet::new());
    for _ in 0..count {
        let (part, behind) = entry(rest)?;
        rest = behind;
        let Some(part) = part else { continue };
        if part.begins.checked_add(part.packed).is_none_or(|behind| behind > begins) {
            return Err(bad(format!("says of {} that it lies outside", part.name)));
        }
        if !names.insert(part.name.clone()) {
            return Err(bad(format!("has {} twice", part.name)));
        }
        parts.push(part);
    }
    Ok(parts)
}

/// Where the end of the directory stands, how many parts it has, where it begins and how long it is.
fn directory_end(file: &mut File, length: u64) -> Result<(u64, usize, u64, u64), BadArchive> {
    let start = length.saturating_sub(TAIL);
    let tail = read_at(file, start, length - start).map_err(|error| unreadable(&error))?;
    let is_end = |place: &usize| {
        let comment = tail.get(place + 20..place + 22).map(|two| usize::from(little(two) as u16));
        tail.get(*place..place + 4) == Some(END)
            && comment.is_some_and(|comment| place + 22 + comment == tail.len())
    };
    let last = tail.len().checked_sub(22).ok_or_else(|| bad("is no zip archive"))?;
    let place = (0..=last).rev().find(is_end).ok_or_else(|| bad("is no zip archive"))?;
    let at = |from: usize, bytes: usize| tail.get(place + from..place + from + bytes).map(little);
    let fields = (at(4, 4), at(8, 2), at(10, 2), at(12, 4), at(16, 4));
    let (Some(0), Some(here), Some(count), Some(bytes), Some(begins)) = fields else {
        return Err(bad("is one of several files of an archive"));
    };
    if count == 0xffff || bytes == 0xffff_ffff || begins == 0xffff_ffff {
        return Err(bad("is too large: up to 4 GB are taken"));
    }
    if here != count {
        return Err(bad("is one of several files of an archive"));
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok((start + place as u64, count, begins, bytes))
}

/// One entry of the directory, none for a folder; and what stands behind it.
fn entry(rest: &[u8]) -> Result<(Option<ZipPart>, &[u8]), BadArchive> {
    let cut = || bad("has a directory that is cut");
    let head = rest.get(..46).filter(|head| head.starts_with(ENTRY)).ok_or_else(cut)?;
    let at = |from: usize, bytes: usize| head.get(from..from + bytes).map_or(0, little);
    let lengths = [28, 30, 32].map(|from| usize::try_from(at(from, 2)).unwrap_or(usize::MAX));
    let [name_bytes, extra, comment] = lengths;
    let name = rest.get(46..46 + name_bytes).ok_or_else(cut)?;
    let behind = rest.get(46 + name_bytes + extra + comment..).ok_or_else(cut)?;
    let name = plain_name(name)?;
    let (flags, method, packed, bytes) = (at(8, 2), at(10, 2), at(20, 4), at(24, 4));
    if name.ends_with('/') {
        return Ok((None, behind));
    }
    if flags & 1 != 0 {
        return Err(bad(format!("has {name} encrypted")));
    }
    if method != 0 && method != 8 {
        return Err(bad(format!("has {name} packed in a way that is not taken")));
    }
    if packed == 0xffff_ffff || bytes == 0xffff_ffff || (method == 0 && packed != bytes) {
        return Err(bad(format!("says of {name} a size that cannot be")));
    }
    if bytes > packed.saturating_mul(MOST_RATIO).saturating_add(RATIO_ALLOWANCE) {
        return Err(bad(format!("would make {name} more than {MOST_RATIO} times as large")));
    }
    let sum = u32::try_from(at(16, 4)).unwrap_or_default();
    let part = ZipPart { name, bytes, is_deflated: method == 8, packed, sum, begins: at(42, 4) };
    Ok((Some(part), behind))
}

/// A name that leads nowhere but into the archive.
fn plain_name(name: &[u8]) -> Result<String, BadArchive> {
    let name = std::str::from_utf8(name).map_err(|_| bad("has a name that is not UTF-8"))?;
    let is_plain = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('/')
        && !name.contains(['\\', ':'])
        && !name.chars().any(char::is_control)
        && !name.split('/').any(|step| step == ".." || step == ".");
    if is_plain { Ok(name.to_owned()) } else { Err(bad("has a name that leads out of it")) }
}

/// Unpacks a part piece by piece; `each` may end it.
///
/// # Errors
/// When the part is damaged or becomes larger than the directory says.
pub fn unpack(
    file: &mut File,
    part: &ZipPart,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<(), BadArchive> {
    let damaged = |why: &str| bad(format!("has {} damaged: {why}", part.name));
    let head = read_at(file, part.begins, 30).map_err(|_| damaged("it is cut"))?;
    if !head.starts_with(LOCAL) {
        return Err(damaged("it does not begin where it should"));
    }
    let lengths = [26, 28].map(|from| head.get(from..from + 2).map_or(0, little));
    let begins = part.begins + 30 + lengths.iter().sum::<u64>();
    file.seek(SeekFrom::Start(begins)).map_err(|error| unreadable(&error))?;
    let packed = io::BufReader::new((&*file).take(part.packed));
    let mut source: Box<dyn Read + '_> =
        if part.is_deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
    let (mut left, mut sum, mut piece) = (part.bytes, Crc::new(), vec![0; 64 << 10]);
    loop {
        let read = match source.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            read => read.map_err(|error| damaged(&error.to_string()))?,
        };
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        left = left
            .checked_sub(read as u64)
            .ok_or_else(|| damaged("it is larger than its directory says"))?;
        sum.update(bytes);
        if !each(bytes) {
            return Ok(());
        }
    }
    if left == 0 && sum.sum() == part.sum { Ok(()) } else { Err(damaged("its sum differs")) }
}

fn read_at(file: &mut File, place: u64, bytes: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(place))?;
    let mut read = Vec::new();
    (&*file).take(bytes).read_to_end(&mut read)?;
    if read.len() as u64 == bytes { Ok(read) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Up to eight bytes as a number, the lowest first.
fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests;
