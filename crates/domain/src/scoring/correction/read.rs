//! Reading a correction from JSON: what a request sends and what storage kept are the same shape.

use super::{
    Correction, CorrectionChange, CorrectionFault, InputRules, ItemReplacement, QuestionReplacement,
};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    CellRules, Comparison, DimensionAssignment, NamePath, NumericCondition, NumericRule, TableCell,
    TextCondition, TextRule,
};
use crate::json::JsonNode;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const DEPTH: usize = 16;

type CorrectionRead<T> = Result<T, CorrectionFault>;

impl Correction {
    /// Reads one correction. Whether it fits its question is [`Correction::check`]'s to say.
    ///
    /// # Errors
    /// `correction_wrong_shape`.
    pub fn read(node: &JsonNode) -> Result<Self, CorrectionFault> {
        let mut object = CorrectionMembers::new(node)?;
        let question = key(object.required("question")?)?;
        let change = match text(object.required("change")?)? {
            "ignore" => CorrectionChange::Ignore,
            "replace" => CorrectionChange::Replace(Box::new(replacement(&mut object)?)),
            _ => return Err(CorrectionFault::WrongShape),
        };
        object.end()?;
        Ok(Self { question, change })
    }
}

impl<'text> Deserialize<'text> for Correction {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let node = JsonNode::parse(raw.get().as_bytes(), DEPTH).map_err(D::Error::custom)?;
        Self::read(&node).map_err(D::Error::custom)
    }
}

/// Members of an object, each to be taken once; one left over or repeated is a fault.
struct CorrectionMembers<'json> {
    members: Vec<&'json (String, JsonNode)>,
}

impl<'json> CorrectionMembers<'json> {
    fn new(node: &'json JsonNode) -> CorrectionRead<Self> {
        let JsonNode::Object(members) = node else { return Err(CorrectionFault::WrongShape) };
        Ok(Self { members: members.iter().collect() })
    }

    fn optional(&mut self, name: &str) -> Option<&'json JsonNode> {
        let index = self.members.iter().position(|(entry, _)| entry == name)?;
        Some(&self.members.swap_remove(index).1)
    }

    fn required(&mut self, name: &str) -> CorrectionRead<&'json JsonNode> {
        self.optional(name).ok_or(CorrectionFault::WrongShape)
    }

    fn decimal(&mut self, name: &str) -> CorrectionRead<Option<Decimal>> {
        self.optional(name).map(decimal).transpose()
    }

    fn end(self) -> CorrectionRead<()> {
        if self.members.is_empty() { Ok(()) } else { Err(CorrectionFault::WrongShape) }
    }
}

fn replacement(object: &mut CorrectionMembers<'_>) -> CorrectionRead<QuestionReplacement> {
    let threshold = object.optional("threshold");
    Ok(QuestionReplacement {
        choices: object
            .optional("choices")
            .map(|node| map(node, decimal))
            .transpose()?
            .unwrap_or_default(),
        items: object
            .optional("items")
            .map(|node| map(node, item))
            .transpose()?
            .unwrap_or_default(),
        rules: object.optional("rules").map(rules).transpose()?,
        otherwise: object.decimal("otherwise")?,
        cells: object
            .optional("cells")
            .map(|node| list(node, cell))
            .transpose()?
            .unwrap_or_default(),
        threshold: threshold
            .map(|node| if *node == JsonNode::Null { Ok(None) } else { decimal(node).map(Some) })
            .transpose()?,
        points: object.decimal("points")?,
        negative_points: object.decimal("negativePoints")?,
        dimensions: object
            .optional("dimensions")
            .map(|node| list(node, assignment))
            .transpose()?
            .unwrap_or_default(),
    })
}

fn item(node: &JsonNode) -> CorrectionRead<ItemReplacement> {
    let mut object = CorrectionMembers::new(node)?;
    let replacement = ItemReplacement {
        matches: object
            .optional("matches")
            .map(|node| map(node, decimal))
            .transpose()?
            .unwrap_or_default(),
        wrong_percentage: object.decimal("wrongPercentage")?,
        blank_percentage: object.decimal("blankPercentage")?,
    };
    object.end()?;
    Ok(replacement)
}

fn assignment(node: &JsonNode) -> CorrectionRead<DimensionAssignment> {
    let mut object = CorrectionMembers::new(node)?;
    let read = DimensionAssignment {
        path: NamePath(list(object.required("path")?, |name| text(name).map(str::to_owned))?),
        points: object.decimal("points")?.unwrap_or(Decimal::ONE),
        negative_points: object.decimal("negativePoints")?.unwrap_or(Decimal::ZERO),
    };
    object.end()?;
    Ok(read)
}

fn cell(node: &JsonNode) -> CorrectionRead<TableCell> {
    let mut object = CorrectionMembers::new(node)?;
    let read = TableCell {
        row: key(object.required("row")?)?,
        column: key(object.required("column")?)?,
        rules: match rules(object.required("rules")?)? {
            InputRules::Text(rules) => CellRules::Field(rules),
            InputRules::Numeric(rules) => CellRules::Numeric(rules),
        },
        otherwise: object.decimal("otherwise")?.unwrap_or(Decimal::ZERO),
    };
    object.end()?;
    Ok(read)
}

/// Rules on texts if every one of them is, else rules on numbers.
fn rules(node: &JsonNode) -> CorrectionRead<InputRules> {
    list(node, text_rule)
        .map(InputRules::Text)
        .or_else(|_| list(node, numeric_rule).map(InputRules::Numeric))
}

fn text_rule(node: &JsonNode) -> CorrectionRead<TextRule> {
    let mut object = CorrectionMembers::new(node)?;
    let percentage = decimal(object.required("percentage")?)?;
    let value =
        |object: &mut CorrectionMembers<'_>| text(object.required("value")?).map(str::to_owned);
    let values = |object: &mut CorrectionMembers<'_>| {
        list(object.required("values")?, |node| text(node).map(str::to_owned))
    };
    let pattern =
        |object: &mut CorrectionMembers<'_>| text(object.required("pattern")?).map(str::to_owned);
    let condition = match text(object.required("rule")?)? {
        "equal" => TextCondition::Equal { value: value(&mut object)? },
        "not-equal" => TextCondition::NotEqual { value: value(&mut object)? },
        "matches" => TextCondition::Matches { pattern: pattern(&mut object)? },
        "not-matches" => TextCondition::NotMatches { pattern: pattern(&mut object)? },
        "one-of" => TextCondition::OneOf { values: values(&mut object)? },
        "none-of" => TextCondition::NoneOf { values: values(&mut object)? },
        _ => return Err(CorrectionFault::WrongShape),
    };
    object.end()?;
    Ok(TextRule { condition, percentage })
}

fn numeric_rule(node: &JsonNode) -> CorrectionRead<NumericRule> {
    let mut object = CorrectionMembers::new(node)?;
    let percentage = decimal(object.required("percentage")?)?;
    let condition = numeric_condition(&mut object)?;
    object.end()?;
    Ok(NumericRule { condition, percentage })
}

fn numeric_condition(object: &mut CorrectionMembers<'_>) -> CorrectionRead<NumericCondition> {
    let value = |object: &mut CorrectionMembers<'_>| decimal(object.required("value")?);
    let values = |object: &mut CorrectionMembers<'_>| list(object.required("values")?, decimal);
    let tolerance = |object: &mut CorrectionMembers<'_>| {
        Ok(object.decimal("tolerance")?.unwrap_or(Decimal::ZERO))
    };
    Ok(match text(object.required("rule")?)? {
        "equal" => NumericCondition::Equal { value: value(object)?, tolerance: tolerance(object)? },
        "not-equal" => {
            NumericCondition::NotEqual { value: value(object)?, tolerance: tolerance(object)? }
        }
        "one-of" => {
            NumericCondition::OneOf { values: values(object)?, tolerance: tolerance(object)? }
        }
        "none-of" => {
            NumericCondition::NoneOf { values: values(object)?, tolerance: tolerance(object)? }
        }
        "compare" => NumericCondition::Compare {
            op: comparison(object.required("op")?)?,
            value: value(object)?,
        },
        "between" => NumericCondition::Between {
            min: decimal(object.required("min")?)?,
            max: decimal(object.required("max")?)?,
            inclusive: object.optional("inclusive").map_or(Ok(true), boolean)?,
        },
        _ => return Err(CorrectionFault::WrongShape),
    })
}

fn comparison(node: &JsonNode) -> CorrectionRead<Comparison> {
    match text(node)? {
        "<" => Ok(Comparison::Less),
        "<=" => Ok(Comparison::LessOrEqual),
        ">" => Ok(Comparison::Greater),
        ">=" => Ok(Comparison::GreaterOrEqual),
        _ => Err(CorrectionFault::WrongShape),
    }
}

fn boolean(node: &JsonNode) -> CorrectionRead<bool> {
    if let JsonNode::Bool(value) = node { Ok(*value) } else { Err(CorrectionFault::WrongShape) }
}

fn text(node: &JsonNode) -> CorrectionRead<&str> {
    if let JsonNode::Text(text) = node { Ok(text) } else { Err(CorrectionFault::WrongShape) }
}

fn key(node: &JsonNode) -> CorrectionRead<ElementKey> {
    ElementKey::parse(text(node)?).ok_or(CorrectionFault::WrongShape)
}

/// A number, or a string with the same text, as in documents.
fn decimal(node: &JsonNode) -> CorrectionRead<Decimal> {
    let (JsonNode::Number(literal) | JsonNode::Text(literal)) = node else {
        return Err(CorrectionFault::WrongShape);
    };
    Decimal::parse(literal).ok_or(CorrectionFault::WrongShape)
}

fn list<T>(
    node: &JsonNode,
    read: impl Fn(&JsonNode) -> CorrectionRead<T>,
) -> CorrectionRead<Vec<T>> {
    let JsonNode::List(nodes) = node else { return Err(CorrectionFault::WrongShape) };
    nodes.iter().map(read).collect()
}

fn map<T>(
    node: &JsonNode,
    read: impl Fn(&JsonNode) -> CorrectionRead<T>,
) -> CorrectionRead<BTreeMap<ElementKey, T>> {
    let JsonNode::Object(members) = node else { return Err(CorrectionFault::WrongShape) };
    let mut map = BTreeMap::new();
    for (name, node) in members {
        let name = ElementKey::parse(name).ok_or(CorrectionFault::WrongShape)?;
        if map.insert(name, read(node)?).is_some() {
            return Err(CorrectionFault::WrongShape);
        }
    }
    Ok(map)
}
