//! Small files of every kind that authors show in questions. Each begins as its kind does; browsers
//! can show the pictures in letters and the sounds only.

use sha2::{Digest as _, Sha256};

/// What documents name a file by.
pub fn digest_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A picture of this size that differs from those with another salt.
pub fn png(width: u32, height: u32, salt: &str) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x06\0\0\0");
    bytes.extend(salt.as_bytes());
    bytes
}

/// A picture in letters.
pub fn svg(label: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"30\">\
         <script>alert(1)</script><text y=\"20\">{label}</text></svg>"
    )
    .into_bytes()
}

/// Silence of so many seconds, at 1,000 samples a second.
pub fn wav(seconds: u32) -> Vec<u8> {
    let data = seconds * 1000;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(1000_u32.to_le_bytes());
    bytes.extend(1000_u32.to_le_bytes());
    bytes.extend(b"\x01\0\x08\0data");
    bytes.extend(data.to_le_bytes());
    bytes.resize(bytes.len() + data as usize, 0x80);
    bytes
}

/// The beginning of a film of so many seconds.
pub fn mp4(seconds: u32) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\0\x6cmoov\0\0\0\x64mvhd".to_vec();
    bytes.extend([0; 12]);
    bytes.extend(1000_u32.to_be_bytes());
    bytes.extend((seconds * 1000).to_be_bytes());
    bytes.resize(bytes.len() + 80, 0);
    bytes
}

/// Captions.
pub fn vtt(words: &str) -> Vec<u8> {
    format!("WEBVTT\n\n00:00.000 --> 00:01.000\n{words}\n").into_bytes()
}

/// The beginning of a document.
pub fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n%%EOF\n".to_vec()
}
