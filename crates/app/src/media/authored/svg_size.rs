//! Image size of SVG pictures, which browsers need before they lay a page out: a picture that has a
//! `viewBox` and no size of its own would be nothing wide within a line.

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attribute;

/// Pixels across that a picture without a size of its own is given.
const WIDTH: f64 = 640.0;
/// Pixels of a side beyond which nobody means pixels.
const LONGEST_SIDE: f64 = 20_000.0;
/// What may stand before the element: a declaration, a document type, comments.
const MOST_EVENTS: usize = 100;

/// Width and height in pixels: as the `svg` element says, otherwise by the shape of its `viewBox`.
/// None for what cannot be read so.
pub fn svg_size(head: &[u8]) -> Option<(u32, u32)> {
    let mut reader = Reader::from_reader(head);
    for _ in 0..MOST_EVENTS {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element) => {
                let attribute = |name: &str| {
                    let found = element.try_get_attribute(name).ok()??;
                    text(&found)
                };
                let side = |name| attribute(name).as_deref().and_then(pixels);
                let sides = side("width").zip(side("height"));
                let shape = || attribute("viewBox").as_deref().and_then(shape);
                return sides.or_else(shape).and_then(rounded);
            }
            Event::Eof => return None,
            _ => {}
        }
    }
    None
}

fn text(attribute: &Attribute<'_>) -> Option<String> {
    std::str::from_utf8(&attribute.value).ok().map(str::to_owned)
}

/// A length without a unit, or in pixels. Others depend on where the picture stands.
fn pixels(length: &str) -> Option<f64> {
    length.trim().trim_end_matches("px").trim_end().parse().ok()
}

fn shape(view_box: &str) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = view_box
        .split([' ', ',', '\t', '\n', '\r'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [_, _, width, height] = numbers.as_slice() else { return None };
    let scale = (WIDTH / width).max(1.0);
    Some((width * scale, height * scale))
}

fn rounded((width, height): (f64, f64)) -> Option<(u32, u32)> {
    let is_usable = |side: f64| side.is_finite() && side > 0.0 && side <= LONGEST_SIDE;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 20,000"
    )]
    let whole = |side: f64| side.round().max(1.0) as u32;
    (is_usable(width) && is_usable(height)).then(|| (whole(width), whole(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_own_size_or_the_shape_of_what_it_shows() {
        let cases: [(&str, Option<(u32, u32)>); 14] = [
            ("<svg width='40' height=\"30px\">", Some((40, 30))),
            ("<svg width='40.6' height='0.2' />", Some((41, 1))),
            (
                "<?xml version='1.0'?><!-- <svg width='1'> --><svg viewBox='0 0 1280 600'>",
                Some((1280, 600)),
            ),
            ("<svg viewBox='0,0 24,12' width='100%' height='100%'>", Some((640, 320))),
            ("<svg\n viewBox='-10 -10\t320 160'\n>", Some((640, 320))),
            ("<svg width='4cm' height='2cm' viewBox='0 0 1000 500'>", Some((1000, 500))),
            ("<svg>", None),
            ("<svg width='0' height='0'>", None),
            ("<svg width='NaN' height='inf'>", None),
            ("<svg viewBox='0 0 0 0'>", None),
            ("<svg viewBox='0 0 1 1e9'>", None),
            ("<svg viewBox='0 0 10'>", None),
            ("<svg viewBox='0 0 a b'", None),
            ("", None),
        ];
        for (head, size) in cases {
            assert_eq!(svg_size(head.as_bytes()), size, "{head}");
        }
        assert_eq!(svg_size(&[0xff, 0xfe, b'<', 0]), None);
        assert_eq!(svg_size("<!-- -->".repeat(100_000).as_bytes()), None, "it ends");
    }
}
