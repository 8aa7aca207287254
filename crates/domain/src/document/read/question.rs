//! Reads what every question has, and finds out how it is evaluated.

use super::check::Element;
use super::reader::{DocumentReader, FigureKind};
use crate::decimal::Decimal;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{
    BankOrigin, EvaluationMode, Input, Question, QuestionBody, RichTextInput,
};
use crate::id::{OrganizationId, QuestionId};
use crate::json::{LocatedNode, LocatedObject, NodeLocation};
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
    "guidance",
    "rubric",
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
    pub kind: QuestionBody,
    /// The lists of rules that would be used by automatic scoring.
    pub rules: Vec<NodeLocation<'n>>,
}

impl<'n> DocumentReader<'n, '_> {
    /// Reads a question with its kind and evaluation; none when it cannot be made.
    pub fn question(&mut self, spot: &LocatedNode<'n>) -> Option<Question> {
        let object = self.object_unchecked(spot)?;
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
            points: self.figure(&object, "points", FigureKind::Points).unwrap_or(Decimal::ONE),
            negative_points: self
                .figure(&object, "negativePoints", FigureKind::Points)
                .unwrap_or_default(),
            effective,
            required: self.flag(&object, "required", false),
            pinned: self.flag(&object, "pinned", false),
            dimensions: self.assignments(&object),
            evaluation,
            guidance: self.markdown(&object, "guidance"),
            rubric: self.rubric(&object, evaluation),
            origin: self.origin(&object),
            kind,
        };
        // Without a kind the rest is read for its faults only.
        let stand_in = || QuestionBody::Input(Input::Rich(RichTextInput { max_length: 1 }));
        let (kind, existing) =
            scorable.map_or_else(|| (stand_in(), false), |scorable| (scorable.kind, true));
        Some(question(kind)).filter(|_| existing)
    }

    fn kind(&mut self, object: &LocatedObject<'n>) -> Option<Scorable<'n>> {
        let spot = self.required(object, "kind")?;
        match self.word_at(&spot)? {
            KindWord::MultipleChoice => {
                self.reject_unknown_members(object, super::choice::DEFINED);
                let kind = QuestionBody::MultipleChoice(self.multiple_choice(object));
                Some(Scorable { kind, rules: Vec::new() })
            }
            KindWord::Match => {
                self.reject_unknown_members(object, super::matching::DEFINED);
                Some(Scorable {
                    kind: QuestionBody::Match(self.matching(object)),
                    rules: Vec::new(),
                })
            }
            KindWord::Input => self.input(object),
        }
    }

    /// Fields that neither every question nor this kind has are not defined.
    pub fn reject_unknown_members(&mut self, object: &LocatedObject<'n>, own: &[&str]) {
        let frozen = if self.is_trusted() { FROZEN } else { &[] };
        self.reject_other_members(object, &[COMMON, frozen, own]);
    }

    fn evaluation(
        &mut self,
        object: &LocatedObject<'n>,
        scorable: Option<&Scorable<'n>>,
        effective: bool,
    ) -> EvaluationMode {
        let mode = self.optional_word::<EvaluationMode>(object, "evaluation");
        let Some(scorable) = scorable else { return EvaluationMode::Manual };
        // Whether it can be scored by itself, and whether nobody else may score it.
        let (by_itself, always) = match scorable.kind {
            QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => (true, true),
            QuestionBody::Input(_) => (!scorable.rules.is_empty(), false),
        };
        let default = if by_itself { EvaluationMode::Auto } else { EvaluationMode::Manual };
        let evaluation = mode.unwrap_or(default);
        if (evaluation == EvaluationMode::Auto) != by_itself
            && (always || evaluation == EvaluationMode::Auto)
        {
            self.fault(DocumentFaultCode::EvaluationImpossible, &object.location_of("evaluation"));
        }
        if evaluation != EvaluationMode::Auto {
            for rules in &scorable.rules {
                self.fault(DocumentFaultCode::EvaluationRulesUnused, rules);
            }
        }
        if evaluation == EvaluationMode::None && effective && !always {
            self.fault(
                DocumentFaultCode::EvaluationNoneEffective,
                &object.location_of("effective"),
            );
        }
        evaluation
    }

    /// Where a frozen bank question came from.
    fn origin(&mut self, object: &LocatedObject<'n>) -> Option<BankOrigin> {
        let spot = object.get("origin").filter(|_| self.is_trusted())?;
        let origin = self.object(&spot, &[&["organizationId", "questionId"]])?;
        let organization =
            self.required(&origin, "organizationId").and_then(|id| self.string(&id))?;
        let question = self.required(&origin, "questionId").and_then(|id| self.string(&id))?;
        Some(BankOrigin {
            organization_id: OrganizationId::from(organization),
            question_id: QuestionId::from(question),
        })
    }

    /// The key of a part of a question, which must differ from those before it.
    pub fn part_key(
        &mut self,
        object: &LocatedObject<'n>,
        seen: &mut HashSet<ElementKey>,
    ) -> Option<ElementKey> {
        let (key, place) = self.key(object)?;
        if !seen.insert(key.clone()) {
            self.fault_about(DocumentFaultCode::DuplicateKey, &place, key.to_string());
        }
        Some(key)
    }
}
