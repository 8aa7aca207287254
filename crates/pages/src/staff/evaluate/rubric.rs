//! A rubric as an evaluator types it: criteria with weights, each given its share.
//!
//! What comes of it is the domain's to compute; the criteria are written into the comment, which is
//! kept with the evaluation, so that whoever looks again sees what was judged.

use crate::staff::support::{FormErrors, FormValues};
use domain::decimal::Decimal;
use domain::scoring::evaluation::Criterion;

/// Lines the form has at least, so that a rubric can be written without a script.
const LEAST: usize = 4;
/// More are not asked for by the form.
const MOST: usize = 100;

/// The names of one line's controls and what stands in them.
pub struct RubricLineFields {
    pub number: usize,
    pub name: String,
    pub weight: String,
    pub percent: String,
}

/// A criterion with its name, which may be empty.
pub struct RubricLine {
    pub name: String,
    pub criterion: Criterion,
}

/// The lines that were typed, with some that are free.
pub fn fields(values: &FormValues) -> Vec<RubricLineFields> {
    let typed = count(values);
    let line = |index: usize| RubricLineFields {
        number: index + 1,
        name: values.text(format!("criterion.{index}.name")).to_owned(),
        weight: values.text(format!("criterion.{index}.weight")).to_owned(),
        percent: values.text(format!("criterion.{index}.percent")).to_owned(),
    };
    (0..typed.max(LEAST)).map(line).collect()
}

/// The criteria that were filled in; a fault for what is no number, and when there is none.
pub fn read(values: &FormValues, errors: &mut FormErrors) -> Vec<RubricLine> {
    let mut lines = Vec::new();
    for fields in fields(values) {
        if fields.percent.trim().is_empty()
            && (fields.name.trim().is_empty() || fields.weight.trim().is_empty())
        {
            continue;
        }
        let weight = if fields.weight.trim().is_empty() {
            Some(Decimal::from(1))
        } else {
            number(&fields.weight)
        };
        match weight.zip(number(&fields.percent)) {
            Some((weight, percentage)) => {
                let criterion = Criterion { weight, percentage };
                lines.push(RubricLine { name: fields.name.trim().to_owned(), criterion });
            }
            None => {
                errors.add("/rubric", format!("Criterion {} must have numbers.", fields.number))
            }
        }
    }
    if lines.is_empty() && errors.is_empty() {
        errors.add("/rubric", "Must have at least one criterion with its share.");
    }
    lines
}

/// The comment with the criteria above it.
pub fn comment(lines: &[RubricLine], comment: Option<String>) -> Option<String> {
    let comment_lines = lines.iter().enumerate().map(|(index, line)| {
        let name = if line.name.is_empty() {
            format!("Criterion {}", index + 1)
        } else {
            line.name.clone()
        };
        format!("{name}: {} % (weight {})", line.criterion.percentage, line.criterion.weight)
    });
    let comment_lines: Vec<String> = comment_lines.chain(comment).collect();
    (!comment_lines.is_empty()).then(|| comment_lines.join("\n"))
}

/// A number as people write it: a comma is taken for a point.
pub fn number(text: &str) -> Option<Decimal> {
    Decimal::parse(&text.trim().replace(',', "."))
}

fn count(values: &FormValues) -> usize {
    values.block_count(|index| format!("criterion.{index}.percent")).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> FormValues {
        FormValues(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        )
    }

    #[test]
    fn free_lines_are_left_out_and_the_comment_tells_what_was_judged() {
        let values = typed(&[
            ("criterion.0.name", "Content"),
            ("criterion.0.weight", "2"),
            ("criterion.0.percent", "75,5"),
            ("criterion.1.name", ""),
            ("criterion.1.weight", ""),
            ("criterion.1.percent", ""),
            ("criterion.2.name", ""),
            ("criterion.2.weight", ""),
            ("criterion.2.percent", "50"),
        ]);
        let mut errors = FormErrors::default();
        let lines = read(&values, &mut errors);
        assert!(errors.is_empty());
        let written = comment(&lines, Some("Well done".to_owned())).unwrap();
        assert_eq!(written, "Content: 75.5 % (weight 2)\nCriterion 2: 50 % (weight 1)\nWell done");
        assert_eq!(fields(&values).len(), LEAST);
    }

    #[test]
    fn what_is_no_number_is_told_by_its_criterion_and_none_at_all_too() {
        let mut errors = FormErrors::default();
        let values = typed(&[
            ("criterion.0.name", "Style"),
            ("criterion.0.weight", "1"),
            ("criterion.0.percent", "good"),
        ]);
        assert!(read(&values, &mut errors).is_empty());
        assert_eq!(errors.at("/rubric"), Some("Criterion 1 must have numbers."));
        let mut errors = FormErrors::default();
        assert!(
            read(&FormValues::default(), &mut errors).is_empty() && errors.at("/rubric").is_some()
        );
    }
}
