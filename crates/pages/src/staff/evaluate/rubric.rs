//! A rubric on the desk: that of the question, of which a level or a share is chosen for each
//! criterion, or one that an evaluator types where the question has none.
//!
//! What comes of it is the domain's to compute. The titles of typed criteria are written into the
//! comment, which is kept with the evaluation, so that whoever looks again sees what was judged.

use crate::staff::support::{FormErrors, FormValues};
use domain::decimal::Decimal;
use domain::document::model::{CriterionLevel, QuestionCriterion};
use domain::scoring::evaluation::{Criterion, CriterionChoice, RubricLine as StoredLine};
use markup::Renderer;

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

/// A criterion of the question's rubric with what is chosen of it.
pub struct CriterionControl {
    pub key: String,
    /// HTML that is safe to show, as are descriptions.
    pub title: String,
    pub description: String,
    pub weight: String,
    pub levels: Vec<LevelControl>,
    /// A share of its own instead of a level.
    pub percent: String,
    pub is_other: bool,
}

/// A level of a criterion.
pub struct LevelControl {
    pub key: String,
    pub title: String,
    pub description: String,
    pub percentage: String,
    pub is_chosen: bool,
}

/// The question's criteria with what was typed, or was chosen when the answer was evaluated before.
pub fn controls(
    rubric: &[QuestionCriterion],
    values: &FormValues,
    before: &[StoredLine],
    renderer: &Renderer,
) -> Vec<CriterionControl> {
    let control = |(index, criterion): (usize, &QuestionCriterion)| {
        let line = before.iter().find(|it| it.criterion.as_deref() == Some(criterion.key.as_str()));
        let is_typed = values.has(&format!("rubric.{index}.key"));
        let level = match (is_typed, line) {
            (true, _) => values.text(format!("rubric.{index}.level")).to_owned(),
            (false, line) => line.and_then(|it| it.level.clone()).unwrap_or_default(),
        };
        let percent = match (is_typed, line) {
            (true, _) => values.text(format!("rubric.{index}.percent")).to_owned(),
            (false, Some(line)) if line.level.is_none() => line.percentage.to_string(),
            (false, _) => String::new(),
        };
        CriterionControl {
            key: criterion.key.to_string(),
            title: renderer.line(&criterion.title),
            description: renderer.blocks(&criterion.description),
            weight: criterion.weight.to_string(),
            levels: criterion.levels.iter().map(|it| level_control(it, &level, renderer)).collect(),
            is_other: level.is_empty() && !percent.is_empty(),
            percent,
        }
    };
    rubric.iter().enumerate().map(control).collect()
}

fn level_control(level: &CriterionLevel, chosen: &str, renderer: &Renderer) -> LevelControl {
    LevelControl {
        key: level.key.to_string(),
        title: renderer.line(&level.title),
        description: renderer.blocks(&level.description),
        percentage: level.percentage.to_string(),
        is_chosen: level.key.as_str() == chosen,
    }
}

/// What was chosen for the question's criteria; none where the form has none. A fault for each that
/// has neither a level nor a number.
pub fn read_choices(values: &FormValues, errors: &mut FormErrors) -> Option<Vec<CriterionChoice>> {
    let count = values.block_count(|index| format!("rubric.{index}.key")).min(MOST);
    let choice = |index: usize| {
        let text = |name: &str| values.text(format!("rubric.{index}.{name}")).trim().to_owned();
        let level = Some(text("level")).filter(|level| !level.is_empty());
        let percentage = if level.is_none() { number(&text("percent")) } else { None };
        CriterionChoice { criterion: Some(text("key")), level, weight: None, percentage }
    };
    let choices: Vec<_> = (0..count).map(choice).collect();
    for (index, choice) in choices.iter().enumerate() {
        if choice.level.is_none() && choice.percentage.is_none() {
            let fault = format!("Choose a level of criterion {}, or type a number.", index + 1);
            errors.add("/rubric", fault);
        }
    }
    (count > 0).then_some(choices)
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

    #[test]
    fn of_each_criterion_of_the_question_a_level_or_a_share_is_read() {
        let values = typed(&[
            ("rubric.0.key", "content"),
            ("rubric.0.level", "good"),
            ("rubric.0.percent", "12"),
            ("rubric.1.key", "style"),
            ("rubric.1.level", ""),
            ("rubric.1.percent", "62,5"),
            ("rubric.2.key", "length"),
            ("rubric.2.percent", ""),
        ]);
        let mut errors = FormErrors::default();
        let choices = read_choices(&values, &mut errors).unwrap();
        assert_eq!(errors.at("/rubric"), Some("Choose a level of criterion 3, or type a number."));
        let read: Vec<_> = choices
            .iter()
            .map(|it| (it.level.as_deref(), it.percentage.map(|share| share.to_string())))
            .collect();
        let share = Some("62.5".to_owned());
        assert_eq!(read, [(Some("good"), None), (None, share), (None, None)]);
        assert!(read_choices(&FormValues::default(), &mut FormErrors::default()).is_none());
    }
}
