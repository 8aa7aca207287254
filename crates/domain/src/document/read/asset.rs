//! Media in authored texts: Markdown images with target `asset:<sha256>`.
//!
//! A scan in one pass, so hostile texts cost no more than long ones. It does not know code spans.

const SCHEME: &str = "asset:";
/// Longer targets are cut: they name no asset anyway.
const LONGEST_TARGET: usize = 100;

/// The targets, without the scheme, of all images in a text that name an asset.
pub fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'\\' => index += 1,
            b'[' => open.push(index > 0 && bytes[index - 1] == b'!'),
            b']' if open.pop() == Some(true) => found.extend(target(&text[index + 1..])),
            _ => {}
        }
        index += 1;
    }
    found
}

/// The asset of an image whose description has just ended.
fn target(rest: &str) -> Option<&str> {
    let inside = rest.strip_prefix('(')?.trim_start();
    let inside = inside.strip_prefix('<').unwrap_or(inside).strip_prefix(SCHEME)?;
    let ends = |letter: char| letter.is_whitespace() || letter == ')' || letter == '>';
    let end = inside.char_indices().take(LONGEST_TARGET).find(|(_, letter)| ends(*letter));
    let cut = || inside.char_indices().nth(LONGEST_TARGET);
    end.or_else(cut).map(|(end, _)| &inside[..end])
}

/// Whether a text is a SHA-256 in lower-case hexadecimal.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_images_that_name_an_asset_are_found() {
        assert_eq!(targets("![a [b] c](asset:12 \"t\") and ![](<asset:34>)"), ["12", "34"]);
        assert!(targets("[a](asset:1) ![a](https://x.example) \\![a]( ![a](asset:1").is_empty());
        assert!(targets("] ) ![é\\](asset:1)").is_empty());
    }
}
