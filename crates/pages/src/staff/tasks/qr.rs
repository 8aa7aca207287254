//! A link as a QR code, drawn on the server.

use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Free modules around the code, as readers need them.
const QUIET: usize = 4;

/// An SVG's side in modules and the path of its dark ones.
#[derive(Clone, Debug, Default)]
pub struct TaskQrCode {
    pub side: usize,
    pub path: String,
}

/// None for a link too long for a code.
pub fn draw(link: &str) -> Option<TaskQrCode> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (index, _) in
        code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark)
    {
        let (x, y) = (index % width + QUIET, index / width + QUIET);
        // A text takes what is written to it.
        let _ = write!(path, "M{x} {y}h1v1h-1z");
    }
    Some(TaskQrCode { side: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_drawn_with_room_around_it_and_a_text_too_long_is_not() {
        let qr = draw("https://exams.example.org/t/Tk1").unwrap();
        assert!(qr.side >= 29 && qr.path.starts_with("M4 4h1"));
        assert!(draw(&"x".repeat(5000)).is_none());
    }
}
