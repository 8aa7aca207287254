//! Finding security A3: tables made to hurt. Every one is read, or refused in a sentence, within
//! bounded memory.

use super::*;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write as _;

const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
/// Bytes of memory that the whole run may have used at its highest.
const MOST_MEMORY: u64 = 512 * 1024 * 1024;

/// What an archive says of a part, against what is so.
#[derive(Clone, Copy, Default)]
struct ZipClaims {
    unpacked: Option<u32>,
    entries: Option<u16>,
}

/// A part: its name, its bytes packed, and the sum of its bytes unpacked.
struct PackedPart {
    name: &'static str,
    bytes: Vec<u8>,
    sum: u32,
    unpacked: u32,
}

fn packed(name: &'static str, pieces: impl IntoIterator<Item = Vec<u8>>) -> PackedPart {
    let (mut encoder, mut sum) =
        (DeflateEncoder::new(Vec::new(), Compression::best()), flate2::Crc::new());
    for piece in pieces {
        sum.update(&piece);
        encoder.write_all(&piece).unwrap();
    }
    PackedPart { name, bytes: encoder.finish().unwrap(), sum: sum.sum(), unpacked: sum.amount() }
}

fn zip(parts: &[PackedPart], claims: ZipClaims) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let begins = u32::try_from(bytes.len()).unwrap();
        let name_length = u16::try_from(part.name.len()).unwrap();
        let mut shared = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        shared.extend(part.sum.to_le_bytes());
        shared.extend(u32::try_from(part.bytes.len()).unwrap().to_le_bytes());
        shared.extend(claims.unpacked.unwrap_or(part.unpacked).to_le_bytes());
        shared.extend(name_length.to_le_bytes());
        shared.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&shared);
        bytes.extend(part.name.as_bytes());
        bytes.extend(&part.bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([0; 10]);
        directory.extend(begins.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let begins = u32::try_from(bytes.len()).unwrap();
    let entries = claims.entries.unwrap_or_else(|| u16::try_from(parts.len()).unwrap());
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00");
    bytes.extend([entries.to_le_bytes(), entries.to_le_bytes()].concat());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(begins.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn frame() -> Vec<PackedPart> {
    let workbook = format!(
        "<workbook xmlns=\"{NAMESPACE}\" xmlns:r=\"r\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let relations = "<Relationships><Relationship Id=\"rId1\" Type=\"t/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    vec![
        packed("xl/workbook.xml", [workbook.into_bytes()]),
        packed("xl/_rels/workbook.xml.rels", [relations.as_bytes().to_vec()]),
    ]
}

fn workbook_of(sheet: &str, shared: Option<&str>) -> Vec<u8> {
    let mut parts = frame();
    parts.push(packed("xl/worksheets/sheet1.xml", [sheet.as_bytes().to_vec()]));
    parts.extend(shared.map(|shared| packed("xl/sharedStrings.xml", [shared.as_bytes().to_vec()])));
    zip(&parts, ZipClaims::default())
}

fn sheet_of(rows: &str) -> String {
    format!("<worksheet xmlns=\"{NAMESPACE}\"><sheetData>{rows}</sheetData></worksheet>")
}

fn inline(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn refused(bytes: &[u8]) -> String {
    let sentence = read(bytes).unwrap_err();
    assert!(sentence.ends_with('.') && sentence.len() < 200, "{sentence}");
    sentence
}

/// A workbook as Excel writes it, with shared texts, numbers, a formula's value and an empty row.
fn sound() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(["Name", "E-mail", "Number", "Passed"]) {
        sheet.write(0, column, name).unwrap();
    }
    for (row, name) in (1..).zip(["Ada & Co", "<Grace>", "Şule", "日本"]) {
        sheet.write(row * 2, 0, name).unwrap();
        sheet.write(row * 2, 1, format!("a{row}@example.org")).unwrap();
        sheet.write(row * 2, 2, 2_024_000 + row).unwrap();
        sheet.write(row * 2, 3, row % 2 == 0).unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_the_rows_that_its_csv_gives() {
    let csv = "Name,E-mail,Number,Passed\nAda & Co,a1@example.org,2024001,false\n<Grace>,a2@example.org,2024002,true\n\
               Şule,a3@example.org,2024003,false\n日本,a4@example.org,2024004,true\n";
    assert_eq!(read(&sound()).unwrap(), read(csv.as_bytes()).unwrap());
}

#[test]
fn texts_are_read_whole_whatever_form_they_are_kept_in() {
    let shared = "<sst><si><r><t>A</t></r><r><t xml:space=\"preserve\"> &amp; &#66;</t></r><rPh><t>no</t></rPh></si><si/>\
                  <si><t><![CDATA[<x>]]></t></si></sst>";
    let rows = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c></row>\
                <row><c><v>7.0</v></c><c t=\"str\"><f>A1</f><v>f</v></c><c t=\"e\"><v>#N/A</v></c><c t=\"s\"><v>99</v></c></row>";
    let sheet = read(&workbook_of(&sheet_of(rows), Some(shared))).unwrap();
    assert_eq!(sheet.head, ["A & B", "", "<x>"]);
    assert_eq!(sheet.rows, [["7", "f", "#N/A"]]);
}

#[test]
fn a_table_that_begins_further_in_has_no_empty_columns_before_it() {
    let rows = format!(
        "<row>{}</row><row>{}{}</row>",
        inline("C3", "Name"),
        inline("C4", "Ada"),
        inline("D4", "x")
    );
    let sheet = read(&workbook_of(&sheet_of(&rows), None)).unwrap();
    assert_eq!(
        (sheet.head.as_slice(), sheet.cell(0, 1)),
        (&["Name".to_owned(), String::new()][..], "x")
    );
}

#[test]
fn two_cells_at_the_corners_of_a_sheet_are_refused_a3() {
    let corner = |reference: &str| {
        let rows = format!(
            "<row r=\"1\">{}</row><row>{}</row>",
            inline("A1", "Name"),
            inline(reference, "Name")
        );
        workbook_of(&sheet_of(&rows), None)
    };
    assert!(refused(&corner("XFD1048576")).contains("60 columns"));
    assert!(refused(&corner("BI2")).contains("60 columns"));
    for wrong in ["ZZZZ1", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1", "1", "", "-A1"] {
        assert!(refused(&corner(wrong)).contains("cannot be read"), "{wrong}");
    }
    // A row's number reserves nothing: these are two rows, whatever numbers they have.
    for far in ["Z2000000", "A99999999999999999999", "BH1048576"] {
        assert_eq!(read(&corner(far)).unwrap().rows.len(), 1, "{far}");
    }
}

#[test]
fn a_directory_that_lies_about_sizes_is_not_believed_a3() {
    let text = std::iter::once(b"<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>".to_vec());
    let mut parts = frame();
    parts.push(packed(
        "xl/worksheets/sheet1.xml",
        text.chain((0..70).map(|_| vec![b'A'; 1024 * 1024])),
    ));
    for unpacked in [None, Some(1_000), Some(0)] {
        assert!(
            refused(&zip(&parts, ZipClaims { unpacked, entries: None }))
                .contains("too large unpacked")
        );
    }
    refused(&zip(&parts, ZipClaims { unpacked: Some(u32::MAX), entries: Some(u16::MAX) }));
    // Many pieces, none of which is too large by itself.
    let piece = format!("<!--{}-->", "A".repeat(200_000)).into_bytes();
    let mut parts = frame();
    parts.push(packed("xl/worksheets/sheet1.xml", std::iter::repeat_n(piece, 400)));
    assert!(
        refused(&zip(&parts, ZipClaims { unpacked: Some(9), entries: Some(u16::MAX) }))
            .contains("too large unpacked")
    );
}

#[test]
fn a_text_shared_by_all_cells_does_not_multiply_a3() {
    let shared = format!(
        "<sst uniqueCount=\"18446744073709551615\"><si><t>{}</t></si></sst>",
        "x".repeat(30_000)
    );
    let rows = "<row><c t=\"s\"><v>0</v></c></row>".repeat(4_000);
    assert!(refused(&workbook_of(&sheet_of(&rows), Some(&shared))).contains("5 MiB together"));
    let many = format!("<sst>{}</sst>", "<si/>".repeat(1_000_001));
    assert!(refused(&workbook_of(&sheet_of("<row/>"), Some(&many))).contains("too large"));
    let long = format!("<sst><si><t>{}</t></si></sst>", "&amp;".repeat(200_000));
    assert!(refused(&workbook_of(&sheet_of("<row/>"), Some(&long))).contains("32,767"));
}

#[test]
fn xml_made_to_grow_is_refused_a3() {
    let entities = "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>";
    let row = |text: &str| {
        sheet_of(&format!("<row>{}</row><row>{}</row>", inline("A1", "Name"), inline("A2", text)))
    };
    assert!(
        refused(&workbook_of(&format!("{entities}{}", row("&b;")), None))
            .contains("cannot be read")
    );
    assert!(
        refused(&workbook_of(&sheet_of(&"<row>".repeat(100_000)), None)).contains("cannot be read")
    );
    assert!(refused(&workbook_of("", None)).contains("empty"));
    assert!(refused(&workbook_of(&row("&#0;&#x110000;"), None)).contains("cannot be read"));
    let attributes: String = (0..20_000).map(|number| format!(" a{number}=\"\"")).collect();
    let wide = sheet_of(&format!("<row><c{attributes} r=\"A1\" t=\"str\"><v>x</v></c></row>"));
    assert!(refused(&workbook_of(&wide, None)).contains("must have a row"));
    let formula = "<row><c r=\"A1\" t=\"str\"><f t=\"shared\" si=\"4294967294\" ref=\"A1:XFD1048576\">1</f><v>x</v></c></row>";
    assert!(refused(&workbook_of(&sheet_of(formula), None)).contains("must have a row"));
}

#[test]
fn archives_that_claim_what_is_not_there_are_refused_a3() {
    let sound = sound();
    for length in 0..sound.len().min(400) {
        refused(sound.get(..length + 4).unwrap_or(b"PK\x03\x04"));
    }
    // A zip64 record that promises a million million entries somewhere behind the end.
    let mut promised = b"PK\x03\x04PK\x06\x06".to_vec();
    promised.extend([0xff; 52]);
    promised.extend(
        b"PK\x06\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00PK\x05\x06",
    );
    promised.extend([0xff; 16]);
    promised.extend([0, 0]);
    assert!(refused(&promised).contains("cannot be read"));
    assert!(
        refused(&zip(&frame(), ZipClaims { unpacked: None, entries: Some(u16::MAX) }))
            .contains("cannot be read")
    );
    let mut parts = frame();
    let rows = format!("<row>{}</row><row>{}</row>", inline("A1", "Name"), inline("A2", "Ada"));
    parts.push(packed("xl/worksheets/sheet1.xml", [sheet_of(&rows).into_bytes()]));
    assert!(read(&zip(&parts, ZipClaims::default())).is_ok());
    parts.iter_mut().for_each(|part| part.sum ^= 1);
    let damaged = zip(&parts, ZipClaims::default());
    assert!(refused(&damaged).contains("cannot be read"));
}

#[test]
fn text_tables_have_the_same_limits_a3() {
    assert!(refused(format!("Name\n{}x", ",".repeat(4_000_000)).as_bytes()).contains("60 columns"));
    assert!(refused("a\n".repeat(2_000_000).as_bytes()).contains("5000 rows"));
    assert!(refused(&[b',', b'\n'].repeat(2_000_000)).contains("empty"));
    assert!(
        refused(format!("Name\n\"{}", "x\n".repeat(1_000_000)).as_bytes().repeat(3).as_slice())
            .ends_with('.')
    );
    // Cells without text beyond the last column do no harm.
    assert_eq!(read(format!("Name\nAda{}\n", ",".repeat(500)).as_bytes()).unwrap().rows, [["Ada"]]);
}

/// Numbers that look like chance and are the same in every run.
struct WorkbookDice(u64);

impl WorkbookDice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (end.max(1) as u64)).unwrap()
    }
}

const SPLINTERS: [&str; 20] = [
    "<row r=\"99999999\">",
    "</row>",
    "<c r=\"XFD1048576\" t=\"s\"><v>4294967295</v></c>",
    "<c r=\"A1\" t=\"inlineStr\"><is><t>",
    "</t></is></c>",
    "</sheetData>",
    "<si><t>",
    "<f t=\"shared\" si=\"999999999\">",
    "<dimension ref=\"A1:XFD1048576\"/>",
    "<sst count=\"9999999999\" uniqueCount=\"9999999999\">",
    "<![CDATA[",
    "<!--",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&#1114112;",
    "\u{0}",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    "<c r=\"",
    "\" r=\"B2\"",
    "<v>1e308</v>",
];

/// A piece of the text is doubled, taken out, overwritten, or a splinter is put in.
fn mutated(text: &mut Vec<u8>, dice: &mut WorkbookDice) {
    for _ in 0..=dice.below(6) {
        let (at, length) = (dice.below(text.len()), dice.below(64));
        let end = (at + length).min(text.len());
        match dice.below(5) {
            0 => drop(text.drain(at..end)),
            1 => {
                let piece = text.get(at..end).unwrap_or_default().repeat(1 + dice.below(2_000));
                text.splice(at..at, piece);
            }
            2 => drop(text.splice(
                at..at,
                SPLINTERS[dice.below(SPLINTERS.len())].bytes().cycle().take(20 * length),
            )),
            3 => drop(text.splice(
                at..end,
                (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect::<Vec<_>>(),
            )),
            _ => drop(text.splice(at..at, SPLINTERS[dice.below(SPLINTERS.len())].bytes())),
        }
    }
}

fn mutated_workbook(dice: &mut WorkbookDice) -> Vec<u8> {
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}</row>",
        inline("A1", "Name"),
        "<c r=\"A2\" t=\"s\"><v>0</v></c>".repeat(9)
    );
    let texts = [
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"S\" r:id=\"rId1\"/></sheets></workbook>".to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<R><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></R>".to_owned(),
        ),
        ("xl/worksheets/sheet1.xml", sheet_of(&rows)),
        (
            "xl/sharedStrings.xml",
            "<sst><si><t>Ada</t></si><si><r><t>B</t></r></si></sst>".to_owned(),
        ),
    ];
    let hit = dice.below(texts.len());
    let part = |(index, (name, text)): (usize, (&'static str, String))| {
        let mut bytes = text.into_bytes();
        if index == hit || dice.below(4) == 0 {
            mutated(&mut bytes, dice);
        }
        packed(name, [bytes])
    };
    let parts: Vec<_> = texts.into_iter().enumerate().map(part).collect();
    zip(&parts, ZipClaims::default())
}

/// Finding security A3: `ASSAY_HOSTILE_TABLES=10000` runs the full number.
#[test]
fn mutated_tables_are_read_or_refused_in_bounded_memory_a3() {
    let runs = std::env::var("ASSAY_HOSTILE_TABLES")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(300);
    let (sound, mut dice, mut read_well) = (sound(), WorkbookDice(0x9e37_79b9_7f4a_7c15), 0);
    for run in 0..runs {
        let mut bytes = match run % 4 {
            0 | 1 => mutated_workbook(&mut dice),
            2 => sound.clone(),
            _ => "Name;E-mail\n\"Ada\";a@example.org\n".repeat(1 + dice.below(50)).into_bytes(),
        };
        if run % 4 >= 2 {
            mutated(&mut bytes, &mut dice);
        }
        match read(&bytes) {
            Ok(sheet) => {
                read_well += 1;
                assert!(
                    sheet.rows.len() <= MOST_ROWS && sheet.head.len() <= MOST_COLUMNS,
                    "run {run}"
                );
            }
            Err(sentence) => assert!(sentence.ends_with('.'), "run {run}: {sentence}"),
        }
    }
    // Neither are all refused at the door, nor does a mutation leave everything as it was.
    assert!(read_well > runs / 20 && read_well < runs, "{read_well} of {runs} were read");
    if let Some(peak) = peak_memory() {
        assert!(peak < MOST_MEMORY, "{peak} bytes");
        eprintln!(
            "{runs} mutated tables: {read_well} read, the others refused; peak {} MiB",
            peak / 1024 / 1024
        );
    }
}

/// The most memory this process has had at once, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok().map(|kib: u64| kib * 1024)
}
