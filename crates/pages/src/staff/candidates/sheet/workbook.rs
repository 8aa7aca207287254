//! A workbook (.xlsx), read as a stream of XML: cell by cell, never as a matrix.
//!
//! Read here and not by a library for spreadsheets, because those reserve memory by numbers that
//! stand in the file (the number of shared strings, of cells, of formulas, of archive entries). Of
//! formulas the value is read that they were kept with.

use super::MOST_CELL_BYTES;
use super::archive::{InflateBudget, InflatedPart, ZipArchive};
use super::collector::RowCollector;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::BufReader;

/// No part of a workbook nests its tags deeper than some dozen.
const MOST_NESTING: usize = 64;
/// The texts that cells share.
const MOST_SHARED_BYTES: usize = 16 * 1024 * 1024;
const MOST_SHARED: usize = 1_000_000;

const UNREADABLE: &str = "The workbook cannot be read; save the sheet as CSV.";
const TOO_LARGE: &str = "The workbook is too large unpacked; save the sheet as CSV.";

/// The rows of the first sheet that hold any text.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let budget = InflateBudget::default();
    let read = first_sheet(&ZipArchive::new(bytes, &budget), &budget);
    // Whatever the reader of XML made of it: where the budget was spent, that is the reason.
    if budget.is_spent() { Err(TOO_LARGE.to_owned()) } else { read }
}

fn first_sheet(
    archive: &ZipArchive<'_>,
    budget: &InflateBudget,
) -> Result<Vec<Vec<String>>, String> {
    let part = |name: &str| archive.part(name).map(|part| XmlPart::new(part, budget));
    let sheet_id = first_sheet_id(part("xl/workbook.xml").ok_or(UNREADABLE)?)?;
    let targets = match part("xl/_rels/workbook.xml.rels") {
        Some(part) => part_targets(part, &sheet_id)?,
        None => PartTargets::default(),
    };
    let shared = match part(targets.shared.as_deref().unwrap_or("xl/sharedStrings.xml")) {
        Some(part) => SharedStrings::read(part)?,
        None => SharedStrings::default(),
    };
    let sheet =
        part(targets.sheet.as_deref().unwrap_or("xl/worksheets/sheet1.xml")).ok_or(UNREADABLE)?;
    SheetReader::new(&shared).read(sheet)
}

/// One part of the archive as a stream of XML events, each within the budget.
struct XmlPart<'archive> {
    reader: Reader<BufReader<InflatedPart<'archive>>>,
    buffer: Vec<u8>,
    budget: &'archive InflateBudget,
    depth: usize,
}

impl<'archive> XmlPart<'archive> {
    fn new(part: InflatedPart<'archive>, budget: &'archive InflateBudget) -> Self {
        let mut reader = Reader::from_reader(BufReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), budget, depth: 0 }
    }

    /// The next event; none at the end.
    fn next(&mut self) -> Result<Option<Event<'_>>, String> {
        self.buffer.clear();
        self.budget.next_event();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|_| UNREADABLE)?;
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(UNREADABLE.to_owned()),
            Event::Eof => return Ok(None),
            _ => {}
        }
        if self.depth > MOST_NESTING { Err(UNREADABLE.to_owned()) } else { Ok(Some(event)) }
    }
}

/// An attribute's value by its name without prefix. Repeated names are not looked for: that would
/// cost their square.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut existing = attributes.with_checks(false).filter_map(Result::ok);
    let found =
        existing.find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
    let text = std::str::from_utf8(&found.value).ok()?;
    quick_xml::escape::unescape(text).ok().map(std::borrow::Cow::into_owned)
}

fn first_sheet_id(mut part: XmlPart<'_>) -> Result<String, String> {
    while let Some(event) = part.next()? {
        match event {
            Event::Start(tag) if tag.local_name().as_ref() == b"sheet" => {
                return Ok(attribute(&tag, "id").unwrap_or_default());
            }
            _ => {}
        }
    }
    Err("The workbook has no sheet.".to_owned())
}

/// Which parts hold the first sheet and the texts that cells share.
#[derive(Default)]
struct PartTargets {
    sheet: Option<String>,
    shared: Option<String>,
}

fn part_targets(mut part: XmlPart<'_>, sheet_id: &str) -> Result<PartTargets, String> {
    let mut targets = PartTargets::default();
    while let Some(event) = part.next()? {
        let Event::Start(tag) = event else { continue };
        let Some(target) = attribute(&tag, "Target") else { continue };
        // A target is named from the folder of the workbook, or from the root.
        let target = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
        if attribute(&tag, "Type").is_some_and(|kind| kind.ends_with("/sharedStrings")) {
            targets.shared = Some(target);
        } else if attribute(&tag, "Id").as_deref() == Some(sheet_id) {
            targets.sheet = Some(target);
        }
    }
    Ok(targets)
}

/// A text that may come in several pieces; readings of Japanese and Chinese words (`rPh`) are no
/// part of it.
#[derive(Default)]
struct TextPieces {
    text: String,
    /// Inside a tag whose text counts.
    is_open: bool,
    phonetic: usize,
}

impl TextPieces {
    fn take(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"rPh" => self.phonetic += 1,
                b"t" | b"v" => self.is_open = self.phonetic == 0,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                b"rPh" => self.phonetic = self.phonetic.saturating_sub(1),
                b"t" | b"v" => self.is_open = false,
                _ => {}
            },
            Event::Text(text) if self.is_open => {
                self.text.push_str(&text.decode().map_err(|_| UNREADABLE)?)
            }
            Event::CData(text) if self.is_open => {
                self.text.push_str(&text.decode().map_err(|_| UNREADABLE)?)
            }
            Event::GeneralRef(reference) if self.is_open => self.text.push(character(reference)?),
            _ => {}
        }
        if self.text.len() > MOST_CELL_BYTES {
            return Err("A cell must have at most 32,767 characters.".to_owned());
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.is_open = false;
        self.phonetic = 0;
    }
}

/// Only the five entities that XML itself knows: what a document declares is never put in.
fn character(reference: &BytesRef<'_>) -> Result<char, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| UNREADABLE)? {
        return Ok(character);
    }
    match reference.decode().map_err(|_| UNREADABLE)?.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(UNREADABLE.to_owned()),
    }
}

/// The texts that cells share, in one text with the place where each ends.
#[derive(Default)]
struct SharedStrings {
    text: String,
    ends: Vec<usize>,
}

impl SharedStrings {
    fn read(mut part: XmlPart<'_>) -> Result<Self, String> {
        let (mut shared, mut pieces) = (Self::default(), TextPieces::default());
        while let Some(event) = part.next()? {
            pieces.take(&event)?;
            if matches!(&event, Event::End(tag) if tag.local_name().as_ref() == b"si") {
                shared.text.push_str(&pieces.text);
                shared.ends.push(shared.text.len());
                pieces.clear();
            }
            if shared.text.len() > MOST_SHARED_BYTES || shared.ends.len() > MOST_SHARED {
                return Err(TOO_LARGE.to_owned());
            }
        }
        Ok(shared)
    }

    fn get(&self, index: usize) -> &str {
        let begin =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(index).and_then(|end| self.text.get(begin..*end)).unwrap_or_default()
    }
}

/// Reads the cells of a sheet one after the other.
struct SheetReader<'shared> {
    shared: &'shared SharedStrings,
    collector: RowCollector,
    pieces: TextPieces,
    /// Of the cell that is being read.
    column: usize,
    kind: String,
    next_column: usize,
    is_over: bool,
}

impl<'shared> SheetReader<'shared> {
    fn new(shared: &'shared SharedStrings) -> Self {
        let (collector, pieces) = (RowCollector::default(), TextPieces::default());
        Self {
            shared,
            collector,
            pieces,
            column: 0,
            kind: String::new(),
            next_column: 0,
            is_over: false,
        }
    }

    fn read(mut self, mut part: XmlPart<'_>) -> Result<Vec<Vec<String>>, String> {
        while let Some(event) = part.next()? {
            if self.is_over {
                continue;
            }
            self.pieces.take(&event)?;
            match &event {
                Event::Start(tag) if tag.local_name().as_ref() == b"c" => self.begin_cell(tag)?,
                Event::End(tag) => match tag.local_name().as_ref() {
                    b"c" => self.end_cell()?,
                    b"row" => {
                        self.next_column = 0;
                        self.collector.end_row()?;
                    }
                    // What follows (merged cells, filters, pictures) says nothing of the rows. It
                    // is read all the same, because only at its end a damaged part is known.
                    b"sheetData" => self.is_over = true,
                    _ => {}
                },
                _ => {}
            }
        }
        self.collector.finish().map(without_empty_margin)
    }

    fn begin_cell(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.pieces.clear();
        self.kind = attribute(tag, "t").unwrap_or_default();
        self.column = match attribute(tag, "r") {
            Some(reference) => column_number(&reference).ok_or(UNREADABLE)?,
            None => self.next_column,
        };
        self.next_column = self.column.saturating_add(1);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), String> {
        let raw = self.pieces.text.as_str();
        let number;
        let text = match self.kind.as_str() {
            "s" => raw.trim().parse().map(|index| self.shared.get(index)).unwrap_or_default(),
            "b" if raw.trim() == "1" => "true",
            "b" => "false",
            "" | "n" => {
                number = plain_number(raw);
                number.as_deref().unwrap_or(raw)
            }
            _ => raw,
        };
        self.collector.cell(self.column, text)?;
        self.pieces.clear();
        Ok(())
    }
}

/// The column of a reference such as `AB12`, from 0; none when it is no reference.
fn column_number(reference: &str) -> Option<usize> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase());
    let number =
        letters.take(4).fold(0, |number, letter| number * 26 + usize::from(letter - b'A') + 1);
    // The last column that a sheet may have is XFD.
    (1..=16_384).contains(&number).then(|| number - 1)
}

/// A number as people write it: workbooks keep 7 as `7.0` or `7E0` too.
fn plain_number(raw: &str) -> Option<String> {
    raw.trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number.to_string())
}

/// Without the empty columns on the left, and with a name, if an empty one, for every column that
/// is used.
fn without_empty_margin(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let margin = |row: &Vec<String>| row.iter().take_while(|cell| cell.is_empty()).count();
    let left = rows.iter().map(margin).min().unwrap_or(0);
    rows.iter_mut().for_each(|row| drop(row.drain(..left)));
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    if let Some(head) = rows.first_mut() {
        head.resize(width, String::new());
    }
    rows
}
