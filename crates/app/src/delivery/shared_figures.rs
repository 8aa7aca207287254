//! The figures of a result as a candidate may read them: those that are published, with the names
//! of what they are about.

use crate::failure::Failure;
use crate::json::from_json;
use domain::access::settings::ResultSharing;
use domain::compile::model::CompiledTest;
use domain::decimal::Decimal;
use domain::document::model::PassMark;
use serde::Deserialize;
use serde_json::value::RawValue;
use storage::version::ResultVersionRow;

/// The figures that are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFigures {
    pub total: SharedScore,
    /// None without a pass mark, and while answers wait: it would be provisional.
    pub passed: Option<bool>,
    /// What has to be reached, where there is a verdict.
    pub pass_mark: Option<PassMark>,
    /// None without levels, and while answers wait.
    pub level: Option<String>,
    /// None where only the whole is shared.
    pub detail: Option<DetailedFigures>,
}

/// Points, their maximum and their ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedScore {
    pub points: Decimal,
    pub maximum: Decimal,
    pub ratio: Decimal,
}

/// The figures of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetailedFigures {
    /// In the order in which they were taken.
    pub sections: Vec<NamedScore>,
    /// In declared order.
    pub dimensions: Vec<NamedScore>,
    /// In declared order.
    pub effects: Vec<NamedEffect>,
}

/// A section, or a dimension with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedScore {
    pub name: String,
    pub score: SharedScore,
    pub subs: Vec<NamedScore>,
}

/// An effect with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEffect {
    pub name: String,
    pub score: Decimal,
    pub subs: Vec<NamedEffect>,
}

impl SharedFigures {
    /// What is shared of a version; none where nothing is.
    ///
    /// # Errors
    /// When the version does not read.
    pub(super) fn of(
        version: &ResultVersionRow,
        compiled: &CompiledTest,
        sharing: ResultSharing,
    ) -> Result<Option<Self>, Failure> {
        if sharing == ResultSharing::Nothing {
            return Ok(None);
        }
        let published: PublishedResult<'_> = from_json(&version.detailed)?;
        let is_settled = version.waiting == 0;
        let passed = version.passed.filter(|_| is_settled);
        let detail = match sharing {
            ResultSharing::Detailed => Some(published.detail(compiled)?),
            ResultSharing::Basic | ResultSharing::Nothing => None,
        };
        Ok(Some(Self {
            total: published.scoreboard.score()?,
            pass_mark: passed.and(compiled.test.pass_mark),
            passed,
            level: version.level.clone().filter(|_| is_settled),
            detail,
        }))
    }
}

/// The detailed result as it is kept.
#[derive(Deserialize)]
struct PublishedResult<'text> {
    #[serde(borrow)]
    scoreboard: PublishedScore<'text>,
    #[serde(borrow)]
    sections: Vec<PublishedSection<'text>>,
    #[serde(borrow)]
    dimensions: Vec<PublishedDimension<'text>>,
    #[serde(borrow)]
    effects: Vec<PublishedEffect<'text>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedScore<'text> {
    #[serde(borrow)]
    points_achieved: &'text RawValue,
    #[serde(borrow)]
    max_achievable_points: &'text RawValue,
    #[serde(borrow)]
    achievement_ratio: &'text RawValue,
}

#[derive(Deserialize)]
struct PublishedSection<'text> {
    uuid: String,
    #[serde(borrow)]
    scoreboard: PublishedScore<'text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedDimension<'text> {
    name: String,
    #[serde(borrow)]
    scoreboard: PublishedScore<'text>,
    #[serde(borrow, default)]
    sub_dimensions: Vec<PublishedDimension<'text>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedEffect<'text> {
    name: String,
    #[serde(borrow)]
    score: &'text RawValue,
    #[serde(borrow, default)]
    sub_effects: Vec<PublishedEffect<'text>>,
}

fn decimal(literal: &RawValue) -> Result<Decimal, Failure> {
    Decimal::parse(literal.get()).ok_or_else(|| Failure::internal("a kept figure is no decimal"))
}

impl PublishedScore<'_> {
    fn score(&self) -> Result<SharedScore, Failure> {
        Ok(SharedScore {
            points: decimal(self.points_achieved)?,
            maximum: decimal(self.max_achievable_points)?,
            ratio: decimal(self.achievement_ratio)?,
        })
    }
}

impl PublishedResult<'_> {
    fn detail(&self, compiled: &CompiledTest) -> Result<DetailedFigures, Failure> {
        let section = |section: &PublishedSection<'_>| {
            let authored =
                compiled.test.sections.iter().find(|entry| entry.uuid.to_string() == section.uuid);
            Ok(NamedScore {
                name: authored.map(|entry| entry.title.clone()).unwrap_or_default(),
                score: section.scoreboard.score()?,
                subs: Vec::new(),
            })
        };
        Ok(DetailedFigures {
            sections: self.sections.iter().map(section).collect::<Result<_, Failure>>()?,
            dimensions: self.dimensions.iter().map(dimension).collect::<Result<_, _>>()?,
            effects: self.effects.iter().map(effect).collect::<Result<_, _>>()?,
        })
    }
}

fn dimension(published: &PublishedDimension<'_>) -> Result<NamedScore, Failure> {
    Ok(NamedScore {
        name: published.name.clone(),
        score: published.scoreboard.score()?,
        subs: published.sub_dimensions.iter().map(dimension).collect::<Result<_, _>>()?,
    })
}

fn effect(published: &PublishedEffect<'_>) -> Result<NamedEffect, Failure> {
    Ok(NamedEffect {
        name: published.name.clone(),
        score: decimal(published.score)?,
        subs: published.sub_effects.iter().map(effect).collect::<Result<_, _>>()?,
    })
}
