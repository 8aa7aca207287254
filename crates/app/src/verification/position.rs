//! Where a verification is, as it is kept between two runs.

use domain::id::{MediaId, OrganizationId};
use std::fmt;

/// The next thing to look at. Its text is what `--from` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerificationPosition {
    /// The organization whose id follows.
    Organization { after: String },
    /// An organization's own chain, behind an event.
    Events { organization: OrganizationId, n: i64 },
    /// The instances of the task with this ordinal or a higher one, behind an instance's ordinal.
    Instances { organization: OrganizationId, task: i64, ordinal: i64 },
    /// Files, behind an id.
    Files { after: Option<MediaId> },
}

impl VerificationPosition {
    /// Before everything.
    pub const BEGINNING: Self = Self::Organization { after: String::new() };

    /// Nothing when the text is no position.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('/');
        let position = match parts.next()? {
            "organization" => Self::Organization { after: parts.next()?.to_owned() },
            "events" => {
                Self::Events { organization: id(parts.next()?)?, n: number(parts.next()?)? }
            }
            "instances" => Self::Instances {
                organization: id(parts.next()?)?,
                task: number(parts.next()?)?,
                ordinal: number(parts.next()?)?,
            },
            "files" => {
                Self::Files { after: parts.next().filter(|id| !id.is_empty()).map(MediaId::from) }
            }
            _ => return None,
        };
        parts.next().is_none().then_some(position)
    }
}

fn id(text: &str) -> Option<OrganizationId> {
    domain::id::is_well_formed(text).then(|| text.into())
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number >= 0)
}

impl fmt::Display for VerificationPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization { after } => write!(formatter, "organization/{after}"),
            Self::Events { organization, n } => write!(formatter, "events/{organization}/{n}"),
            Self::Instances { organization, task, ordinal } => {
                write!(formatter, "instances/{organization}/{task}/{ordinal}")
            }
            Self::Files { after } => {
                write!(formatter, "files/{}", after.as_ref().map_or("", |id| id.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_position_is_refused() {
        for wrong in [
            "",
            "events",
            "events/Og1",
            "events/Og1/x",
            "events/Og1/-1",
            "instances/Og1/1/2/3",
            "files/a/b",
            "x/1",
        ] {
            assert_eq!(VerificationPosition::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_position_reads_back_from_its_text() {
        let positions = [
            VerificationPosition::BEGINNING,
            VerificationPosition::Organization { after: "Og1".into() },
            VerificationPosition::Events { organization: "Og1".into(), n: 17 },
            VerificationPosition::Instances { organization: "Og1".into(), task: 3, ordinal: 1200 },
            VerificationPosition::Files { after: None },
            VerificationPosition::Files { after: Some("Me1".into()) },
        ];
        for position in positions {
            assert_eq!(VerificationPosition::parse(&position.to_string()), Some(position));
        }
    }
}
