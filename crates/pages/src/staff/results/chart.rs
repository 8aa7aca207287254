//! Figures as pictures: the numbers an SVG needs. The page says the same in words or a table beside
//! each picture.

/// Height of a profile's row, and of the space around all of them.
const ROW: f64 = 34.0;
const LEFT: f64 = 190.0;
const WIDTH: f64 = 640.0;
const MARGIN: f64 = 24.0;

/// A profile: one point for each effect, joined by a line.
pub struct EffectProfile {
    pub height: f64,
    pub width: f64,
    pub left: f64,
    pub right: f64,
    /// Where 0 lies.
    pub zero: f64,
    pub points: Vec<ProfilePoint>,
    pub line: String,
}

/// A corner of the profile, with its place in the picture's units.
pub struct ProfilePoint {
    pub name: String,
    pub score: String,
    pub x: f64,
    pub y: f64,
}

impl EffectProfile {
    /// The profile of names with scores; none for nothing.
    pub fn of(scores: &[(String, String)]) -> Option<Self> {
        let numbers: Vec<f64> =
            scores.iter().map(|(_, score)| score.parse().unwrap_or(0.0)).collect();
        let (low, high) = numbers
            .iter()
            .fold((0.0_f64, 0.0_f64), |(low, high), it| (low.min(*it), high.max(*it)));
        if scores.is_empty() {
            return None;
        }
        let right = WIDTH - MARGIN;
        let span = if high > low { high - low } else { 1.0 };
        let place =
            |number: f64| tenth(LEFT + MARGIN + (number - low) / span * (right - LEFT - MARGIN));
        let mut y = ROW / 2.0;
        let mut points = Vec::with_capacity(scores.len());
        for ((name, score), number) in scores.iter().zip(&numbers) {
            points.push(ProfilePoint {
                name: short(name),
                score: score.clone(),
                x: place(*number),
                y,
            });
            y += ROW;
        }
        let line = points
            .iter()
            .map(|point| format!("{},{}", point.x, point.y))
            .collect::<Vec<_>>()
            .join(" ");
        Some(Self {
            height: y - ROW / 2.0 + 4.0,
            width: WIDTH,
            left: LEFT + MARGIN,
            right,
            zero: place(0.0),
            points,
            line,
        })
    }
}

/// How much of a bar is filled, of 100, and whether the figure is below 0.
pub fn bar(ratio: &str) -> (f64, bool) {
    let ratio: f64 = ratio.parse().unwrap_or(0.0);
    (tenth(ratio.abs().min(1.0) * 100.0), ratio < 0.0)
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// What fits beside the picture; the table has the whole name.
fn short(name: &str) -> String {
    let name = crate::rendering::plain(name);
    if name.chars().count() <= 24 { name } else { name.chars().take(23).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_zero_and_all_points_within_its_frame() {
        let scores = [("a", "-2"), ("b", "0"), ("c", "6.5")]
            .map(|(name, score)| (name.to_owned(), score.to_owned()));
        let profile = EffectProfile::of(&scores).unwrap();
        assert_eq!((profile.points[0].x, profile.points[2].x), (profile.left, profile.right));
        assert!((profile.points[1].x - profile.zero).abs() < f64::EPSILON);
        assert!(EffectProfile::of(&[]).is_none());
        assert!(EffectProfile::of(&[("a".to_owned(), "0".to_owned())]).is_some());
    }

    #[test]
    fn a_bar_is_filled_by_the_size_of_the_ratio() {
        assert_eq!(
            [bar("0.161539"), bar("-0.5"), bar("1")],
            [(16.2, false), (50.0, true), (100.0, false)]
        );
    }
}
