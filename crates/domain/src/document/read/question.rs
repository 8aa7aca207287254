//! Reads what every question has, and finds out how it is evaluated.

use super::check::Element;
use super::place::{Object, Place, Spot};
use super::reader::{Figure, Reader};
use crate::decimal::Decimal;
use crate::document::fault::Code;
use crate::document::key::Key;
use crate::document::model::{BankOrigin, Evaluation, Input, Kind, Question, Rich};
use crate::id::{OrganizationId, QuestionId};
use serde::Deserialize;
use std::collections::HashSet;

const COMMON: &[&str] = &[
    "key",
    "uuid",
    "kind",
    "text",
    "hint",
    "feedback",
    "tags",
    "points",
    "negativePoints",
    "effective",
    "required",
    "pinned",
    "dimensions",
    "evaluation",
];
const FROZEN: &[&str] = &["origin"];

/// The words of `kind`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindWord {
    MultipleChoice,
    Match,
    Input,
}

/// What the evaluation of a question depends on.
pub struct Scorable<'n> {
    pub kind: Kind,
    /// The lists of rules that would be used by automatic scoring.
    pub rules: Vec<Place<'n>>,
}

impl<'n> Reader<'n, '_> {
    pub fn question(&mut self, spot: &Spot<'n>) -> Option<Question> {
        let object = self.loose_object(spot)?;
        let (key, uuid) = self.element(Element::Question, &object);
        let scorable = self.kind(&object);
        let effective = self.flag(&object, "effective", true);
        let evaluation = self.evaluation(&object, scorable.as_ref(), effective);
        let question = |kind| Question {
            key,
            uuid,
            text: self.required_markdown(&object, "text"),
            hint: self.markdown(&object, "hint"),
            feedback: self.markdown(&object, "feedback"),
            tags: self.tags(&object),
            points: self.figure(&object, "points", Figure::Points).unwrap_or(Decimal::ONE),
            negative_points: self.figure(&object, "negativePoints", Figure::Points).unwrap_or_default(),
            effective,
            required: self.flag(&object, "required", false),
            pinned: self.flag(&object, "pinned", false),
            dimensions: self.assignments(&object),
            evaluation,
            origin: self.origin(&object),
            kind,
        };
        // Without a kind the rest is read for its faults only.
        let stand_in = || Kind::Input(Input::Rich(Rich { max_length: 1 }));
        let (kind, known) = scorable.map_or_else(|| (stand_in(), false), |scorable| (scorable.kind, true));
        Some(question(kind)).filter(|_| known)
    }

    fn kind(&mut self, object: &Object<'n>) -> Option<Scorable<'n>> {
        let spot = self.required(object, "kind")?;
        match self.word_at(&spot)? {
            KindWord::MultipleChoice => {
                self.only_of_question(object, super::choice::DEFINED);
                let kind = Kind::MultipleChoice(self.multiple_choice(object));
                Some(Scorable { kind, rules: Vec::new() })
            }
            KindWord::Match => {
                self.only_of_question(object, super::matching::DEFINED);
                Some(Scorable { kind: Kind::Match(self.matching(object)), rules: Vec::new() })
            }
            KindWord::Input => self.input(object),
        }
    }

    /// Fields that neither every question nor this kind has are not defined.
    pub fn only_of_question(&mut self, object: &Object<'n>, own: &[&str]) {
        let frozen = if self.is_trusted() { FROZEN } else { &[] };
        self.only(object, &[COMMON, frozen, own]);
    }

    fn evaluation(&mut self, object: &Object<'n>, scorable: Option<&Scorable<'n>>, effective: bool) -> Evaluation {
        let given = self.optional_word::<Evaluation>(object, "evaluation");
        let Some(scorable) = scorable else { return Evaluation::Manual };
        let by_itself = match scorable.kind {
            Kind::MultipleChoice(_) | Kind::Match(_) => true,
            Kind::Input(_) => !scorable.rules.is_empty(),
        };
        let always = !matches!(scorable.kind, Kind::Input(_));
        let default = if by_itself { Evaluation::Auto } else { Evaluation::Manual };
        let evaluation = given.unwrap_or(default);
        if (evaluation == Evaluation::Auto) != by_itself && (always || evaluation == Evaluation::Auto) {
            self.fault(Code::EvaluationImpossible, &object.place_of("evaluation"));
        }
        if evaluation != Evaluation::Auto {
            for rules in &scorable.rules {
                self.fault(Code::EvaluationRulesUnused, rules);
            }
        }
        if evaluation == Evaluation::None && effective && !always {
            self.fault(Code::EvaluationNoneEffective, &object.place_of("effective"));
        }
        evaluation
    }

    /// Where a frozen bank question came from.
    fn origin(&mut self, object: &Object<'n>) -> Option<BankOrigin> {
        let spot = object.get("origin").filter(|_| self.is_trusted())?;
        let origin = self.object(&spot, &[&["organizationId", "questionId"]])?;
        let organization = self.required(&origin, "organizationId").and_then(|id| self.string(&id))?;
        let question = self.required(&origin, "questionId").and_then(|id| self.string(&id))?;
        Some(BankOrigin {
            organization_id: OrganizationId::from(organization),
            question_id: QuestionId::from(question),
        })
    }

    /// The key of a part of a question, which must differ from those before it.
    pub fn part_key(&mut self, object: &Object<'n>, seen: &mut HashSet<Key>) -> Option<Key> {
        let (key, place) = self.key(object)?;
        if !seen.insert(key.clone()) {
            self.fault_about(Code::DuplicateKey, &place, key.to_string());
        }
        Some(key)
    }
}
