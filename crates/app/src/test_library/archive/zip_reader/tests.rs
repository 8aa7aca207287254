use super::*;
use std::io::Write as _;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn refused(bytes: &[u8]) -> String {
    let mut file = file(bytes);
    let all = parts(&mut file)
        .and_then(|parts| parts.iter().try_for_each(|part| unpack(&mut file, part, &mut |_| true)));
    all.expect_err("it was taken").0
}

/// An archive with some bytes replaced at every place where others stand.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut patched = bytes.to_vec();
    let places = bytes.windows(from.len()).enumerate().filter(|(_, window)| *window == from);
    for (place, _) in places {
        patched.splice(place..place + to.len(), to.iter().copied());
    }
    assert_ne!(patched, bytes);
    patched
}

/// The same of the first entry of the directory.
fn entry_patched(bytes: &[u8], from: usize, to: &[u8]) -> Vec<u8> {
    let place = bytes.windows(4).position(|window| window == ENTRY).unwrap() + from;
    let mut patched = bytes.to_vec();
    patched.splice(place..place + to.len(), to.iter().copied());
    patched
}

#[test]
fn what_is_no_archive_is_said_so() {
    for bytes in [&b""[..], b"PK", &[0; 100], b"PK\x05\x06"] {
        assert_eq!(refused(bytes), "is no zip archive");
    }
    let whole = archive(&[("a", b"1")]);
    assert_eq!(refused(&whole[..whole.len() - 1]), "is no zip archive");
}

#[test]
fn a_name_that_leads_out_of_the_archive_is_refused() {
    let whole = archive(&[("abcdefgh", b"1")]);
    for name in
        ["../bcdef", "/bcdefgh", "a/../b/c", "C:\\bcdef", "a\\cdefgh", "ab\ndefgh", "./cdefgh"]
    {
        let bytes = patched(&whole, b"abcdefgh", name.as_bytes());
        assert_eq!(refused(&bytes), "has a name that leads out of it", "{name:?}");
    }
    let bytes = patched(&whole, b"abcdefgh", b"abc\xffefgh");
    assert_eq!(refused(&bytes), "has a name that is not UTF-8");
    let twins = archive(&[("a1", b"1"), ("a2", b"2")]);
    assert_eq!(refused(&patched(&twins, b"a2", b"a1")), "has a1 twice");
}

#[test]
fn more_parts_a_longer_directory_and_many_files_of_one_archive_are_refused() {
    let many: Vec<String> = (0..=MOST_PARTS).map(|number| format!("part-{number}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(refused(&archive(&many)), "has more than 2000 parts");
    let whole = archive(&[("a", b"1")]);
    let end = whole.len() - 22;
    let with = |from: usize, to: &[u8]| {
        let mut bytes = whole.clone();
        bytes.splice(end + from..end + from + to.len(), to.iter().copied());
        refused(&bytes)
    };
    assert_eq!(with(12, &[0xff; 3]), "has a directory that does not fit");
    assert_eq!(with(16, &[0xff; 3]), "has a directory that does not fit");
    assert_eq!(with(8, &[9, 0, 9, 0]), "has a directory that is cut");
    assert_eq!(with(4, &[1, 0]), "is one of several files of an archive");
    assert_eq!(with(8, &[0xff; 4]), "is too large: up to 4 GB are taken");
}

#[test]
fn what_becomes_too_large_when_it_is_unpacked_is_refused_before_and_while_it_does() {
    let bomb = archive(&[("bomb", &vec![0; 40 << 20])]);
    assert_eq!(refused(&bomb), "would make bomb more than 200 times as large");
    // It says of itself to be small.
    let lying = entry_patched(&bomb, 24, &1000_u32.to_le_bytes());
    assert_eq!(refused(&lying), "has bomb damaged: it is larger than its directory says");
}

#[test]
fn what_was_altered_encrypted_or_packed_otherwise_is_refused() {
    let whole =
        archive(&[("letter", &b"a letter of some length, a letter of some length".repeat(9))]);
    assert_eq!(
        refused(&entry_patched(&whole, 16, &[1, 2, 3, 4])),
        "has letter damaged: its sum differs"
    );
    assert_eq!(refused(&entry_patched(&whole, 8, &[1, 0])), "has letter encrypted");
    assert_eq!(
        refused(&entry_patched(&whole, 10, &[12, 0])),
        "has letter packed in a way that is not taken"
    );
    assert_eq!(
        refused(&entry_patched(&whole, 10, &[0, 0])),
        "says of letter a size that cannot be"
    );
    assert_eq!(
        refused(&entry_patched(&whole, 42, &[0xff, 0, 0, 0])),
        "says of letter that it lies outside"
    );
    assert_eq!(
        refused(&entry_patched(&whole, 42, &[1, 0, 0, 0])),
        "has letter damaged: it does not begin where it should"
    );
}

#[test]
fn parts_read_back_and_folders_are_left_out() {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    writer.add_directory("media/", SimpleFileOptions::default()).unwrap();
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    writer.start_file("media/a.png", stored).unwrap();
    writer.write_all(b"stored").unwrap();
    writer.start_file("ö.json", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"{}").unwrap();
    writer.set_comment("made by hand").unwrap();
    let mut file = file(&writer.finish().unwrap().into_inner());
    let found = parts(&mut file).unwrap();
    let names: Vec<_> = found.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["media/a.png", "ö.json"]);
    let mut text = Vec::new();
    unpack(&mut file, &found[0], &mut |piece| {
        text.extend_from_slice(piece);
        true
    })
    .unwrap();
    assert_eq!(text, b"stored");
}
