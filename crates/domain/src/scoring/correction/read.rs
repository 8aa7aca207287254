//! Reading a correction from JSON: what a request sends and what storage kept are the same shape.

use super::{Change, Correction, CorrectionFault, ItemReplacement, Replacement, Rules};
use crate::decimal::Decimal;
use crate::document::key::Key;
use crate::document::model::{
    Assignment, Cell, CellRules, Comparison, NumericCondition, NumericRule, Path, TextCondition, TextRule,
};
use crate::json::Node;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const DEPTH: usize = 16;

type Read<T> = Result<T, CorrectionFault>;

impl Correction {
    /// Reads one correction. Whether it fits its question is [`Correction::check`]'s to say.
    ///
    /// # Errors
    /// `correction_wrong_shape`.
    pub fn read(node: &Node) -> Result<Self, CorrectionFault> {
        let mut object = Object::new(node)?;
        let question = key(object.required("question")?)?;
        let change = match text(object.required("change")?)? {
            "ignore" => Change::Ignore,
            "replace" => Change::Replace(Box::new(replacement(&mut object)?)),
            _ => return Err(CorrectionFault::WrongShape),
        };
        object.end()?;
        Ok(Self { question, change })
    }
}

impl<'text> Deserialize<'text> for Correction {
    fn deserialize<D: Deserializer<'text>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let node = Node::parse(raw.get().as_bytes(), DEPTH).map_err(D::Error::custom)?;
        Self::read(&node).map_err(D::Error::custom)
    }
}

/// Members of an object, each to be taken once; one left over or repeated is a fault.
struct Object<'json> {
    members: Vec<&'json (String, Node)>,
}

impl<'json> Object<'json> {
    fn new(node: &'json Node) -> Read<Self> {
        let Node::Object(members) = node else { return Err(CorrectionFault::WrongShape) };
        Ok(Self { members: members.iter().collect() })
    }

    fn optional(&mut self, name: &str) -> Option<&'json Node> {
        let index = self.members.iter().position(|(known, _)| known == name)?;
        Some(&self.members.swap_remove(index).1)
    }

    fn required(&mut self, name: &str) -> Read<&'json Node> {
        self.optional(name).ok_or(CorrectionFault::WrongShape)
    }

    fn decimal(&mut self, name: &str) -> Read<Option<Decimal>> {
        self.optional(name).map(decimal).transpose()
    }

    fn end(self) -> Read<()> {
        if self.members.is_empty() { Ok(()) } else { Err(CorrectionFault::WrongShape) }
    }
}

fn replacement(object: &mut Object<'_>) -> Read<Replacement> {
    let threshold = object.optional("threshold");
    Ok(Replacement {
        choices: object.optional("choices").map(|node| map(node, decimal)).transpose()?.unwrap_or_default(),
        items: object.optional("items").map(|node| map(node, item)).transpose()?.unwrap_or_default(),
        rules: object.optional("rules").map(rules).transpose()?,
        otherwise: object.decimal("otherwise")?,
        cells: object.optional("cells").map(|node| list(node, cell)).transpose()?.unwrap_or_default(),
        threshold: threshold
            .map(|node| if *node == Node::Null { Ok(None) } else { decimal(node).map(Some) })
            .transpose()?,
        points: object.decimal("points")?,
        negative_points: object.decimal("negativePoints")?,
        dimensions: object.optional("dimensions").map(|node| list(node, assignment)).transpose()?.unwrap_or_default(),
    })
}

fn item(node: &Node) -> Read<ItemReplacement> {
    let mut object = Object::new(node)?;
    let replacement = ItemReplacement {
        matches: object.optional("matches").map(|node| map(node, decimal)).transpose()?.unwrap_or_default(),
        wrong_percentage: object.decimal("wrongPercentage")?,
        blank_percentage: object.decimal("blankPercentage")?,
    };
    object.end()?;
    Ok(replacement)
}

fn assignment(node: &Node) -> Read<Assignment> {
    let mut object = Object::new(node)?;
    let read = Assignment {
        path: Path(list(object.required("path")?, |name| text(name).map(str::to_owned))?),
        points: object.decimal("points")?.unwrap_or(Decimal::ONE),
        negative_points: object.decimal("negativePoints")?.unwrap_or(Decimal::ZERO),
    };
    object.end()?;
    Ok(read)
}

fn cell(node: &Node) -> Read<Cell> {
    let mut object = Object::new(node)?;
    let read = Cell {
        row: key(object.required("row")?)?,
        column: key(object.required("column")?)?,
        rules: match rules(object.required("rules")?)? {
            Rules::Text(rules) => CellRules::Field(rules),
            Rules::Numeric(rules) => CellRules::Numeric(rules),
        },
        otherwise: object.decimal("otherwise")?.unwrap_or(Decimal::ZERO),
    };
    object.end()?;
    Ok(read)
}

/// Rules on texts if every one of them is, else rules on numbers.
fn rules(node: &Node) -> Read<Rules> {
    list(node, text_rule).map(Rules::Text).or_else(|_| list(node, numeric_rule).map(Rules::Numeric))
}

fn text_rule(node: &Node) -> Read<TextRule> {
    let mut object = Object::new(node)?;
    let percentage = decimal(object.required("percentage")?)?;
    let value = |object: &mut Object<'_>| text(object.required("value")?).map(str::to_owned);
    let values = |object: &mut Object<'_>| list(object.required("values")?, |node| text(node).map(str::to_owned));
    let pattern = |object: &mut Object<'_>| text(object.required("pattern")?).map(str::to_owned);
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

fn numeric_rule(node: &Node) -> Read<NumericRule> {
    let mut object = Object::new(node)?;
    let percentage = decimal(object.required("percentage")?)?;
    let condition = numeric_condition(&mut object)?;
    object.end()?;
    Ok(NumericRule { condition, percentage })
}

fn numeric_condition(object: &mut Object<'_>) -> Read<NumericCondition> {
    let value = |object: &mut Object<'_>| decimal(object.required("value")?);
    let values = |object: &mut Object<'_>| list(object.required("values")?, decimal);
    let tolerance = |object: &mut Object<'_>| Ok(object.decimal("tolerance")?.unwrap_or(Decimal::ZERO));
    Ok(match text(object.required("rule")?)? {
        "equal" => NumericCondition::Equal { value: value(object)?, tolerance: tolerance(object)? },
        "not-equal" => NumericCondition::NotEqual { value: value(object)?, tolerance: tolerance(object)? },
        "one-of" => NumericCondition::OneOf { values: values(object)?, tolerance: tolerance(object)? },
        "none-of" => NumericCondition::NoneOf { values: values(object)?, tolerance: tolerance(object)? },
        "compare" => NumericCondition::Compare { op: comparison(object.required("op")?)?, value: value(object)? },
        "between" => NumericCondition::Between {
            min: decimal(object.required("min")?)?,
            max: decimal(object.required("max")?)?,
            inclusive: object.optional("inclusive").map_or(Ok(true), boolean)?,
        },
        _ => return Err(CorrectionFault::WrongShape),
    })
}

fn comparison(node: &Node) -> Read<Comparison> {
    match text(node)? {
        "<" => Ok(Comparison::Less),
        "<=" => Ok(Comparison::LessOrEqual),
        ">" => Ok(Comparison::Greater),
        ">=" => Ok(Comparison::GreaterOrEqual),
        _ => Err(CorrectionFault::WrongShape),
    }
}

fn boolean(node: &Node) -> Read<bool> {
    if let Node::Bool(value) = node { Ok(*value) } else { Err(CorrectionFault::WrongShape) }
}

fn text(node: &Node) -> Read<&str> {
    if let Node::Text(text) = node { Ok(text) } else { Err(CorrectionFault::WrongShape) }
}

fn key(node: &Node) -> Read<Key> {
    Key::parse(text(node)?).ok_or(CorrectionFault::WrongShape)
}

/// A number, or a string with the same text, as in documents.
fn decimal(node: &Node) -> Read<Decimal> {
    let (Node::Number(literal) | Node::Text(literal)) = node else { return Err(CorrectionFault::WrongShape) };
    Decimal::parse(literal).ok_or(CorrectionFault::WrongShape)
}

fn list<T>(node: &Node, read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
    let Node::List(nodes) = node else { return Err(CorrectionFault::WrongShape) };
    nodes.iter().map(read).collect()
}

fn map<T>(node: &Node, read: impl Fn(&Node) -> Read<T>) -> Read<BTreeMap<Key, T>> {
    let Node::Object(members) = node else { return Err(CorrectionFault::WrongShape) };
    let mut map = BTreeMap::new();
    for (name, node) in members {
        let name = Key::parse(name).ok_or(CorrectionFault::WrongShape)?;
        if map.insert(name, read(node)?).is_some() {
            return Err(CorrectionFault::WrongShape);
        }
    }
    Ok(map)
}
