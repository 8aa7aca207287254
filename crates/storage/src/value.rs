//! Values on their way into and out of a statement.

use domain::callback::{CallbackOutcome, CallbackResource, MessageState};
use domain::id::{
    CandidateId, CorrectionId, EventId, InstanceId, KeyId, MailId, MediaId, OrganizationId,
    QuestionId, RequestId, StaffSessionId, StepId, TaskId, TestId, UserId, WebhookId,
};
use domain::instance::{
    AccessMethod, ActorKind, CandidateKind, ClosingReason, EvaluationMethod, InstanceChange,
    InstanceState, Scope, VersionReason,
};
use domain::mail::{MailOutcome, MailState};
use domain::media::{MediaPurpose, MediaState};
use domain::proctoring::{EvidenceFlag, EvidenceKind, InstanceFlag};
use domain::time::Timestamp;

/// One value of a column or parameter, borrowed from its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlValue<'a> {
    Null,
    Integer(i64),
    Boolean(bool),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl SqlValue<'_> {
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

/// What can be a parameter of a statement.
pub trait Encode {
    fn encode(&self) -> SqlValue<'_>;
}

/// What can be read from a column; borrowed forms live as long as the row.
pub trait Decode<'row>: Sized {
    /// `None` when the value is of another kind.
    fn decode(value: SqlValue<'row>) -> Option<Self>;
}

/// The parameters `$1, $2, ...` of a statement.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::Encode::encode(&$value)),*] };
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self) -> SqlValue<'_> {
        (**self).encode()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self) -> SqlValue<'_> {
        self.as_ref().map_or(SqlValue::Null, Encode::encode)
    }
}

impl<'row, T: Decode<'row>> Decode<'row> for Option<T> {
    fn decode(value: SqlValue<'row>) -> Option<Self> {
        if value == SqlValue::Null { Some(None) } else { T::decode(value).map(Some) }
    }
}

impl Encode for i64 {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Integer(*self)
    }
}

impl Decode<'_> for i64 {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        if let SqlValue::Integer(number) = value { Some(number) } else { None }
    }
}

impl Encode for Timestamp {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Integer(self.0)
    }
}

impl Decode<'_> for Timestamp {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        i64::decode(value).map(Self)
    }
}

impl Encode for bool {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Boolean(*self)
    }
}

impl Decode<'_> for bool {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        match value {
            SqlValue::Boolean(flag) => Some(flag),
            SqlValue::Integer(0) => Some(false),
            SqlValue::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Encode for str {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Text(self)
    }
}

impl Encode for String {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Text(self)
    }
}

impl<'row> Decode<'row> for &'row str {
    fn decode(value: SqlValue<'row>) -> Option<Self> {
        if let SqlValue::Text(text) = value { Some(text) } else { None }
    }
}

impl Decode<'_> for String {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        <&str>::decode(value).map(str::to_owned)
    }
}

impl Encode for [u8] {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl Encode for Vec<u8> {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl<const LENGTH: usize> Encode for [u8; LENGTH] {
    fn encode(&self) -> SqlValue<'_> {
        SqlValue::Blob(self)
    }
}

impl<'row> Decode<'row> for &'row [u8] {
    fn decode(value: SqlValue<'row>) -> Option<Self> {
        if let SqlValue::Blob(bytes) = value { Some(bytes) } else { None }
    }
}

impl Decode<'_> for Vec<u8> {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        <&[u8]>::decode(value).map(<[u8]>::to_vec)
    }
}

impl<const LENGTH: usize> Decode<'_> for [u8; LENGTH] {
    fn decode(value: SqlValue<'_>) -> Option<Self> {
        <&[u8]>::decode(value)?.try_into().ok()
    }
}

macro_rules! texts {
    ($read:expr => $($name:ty),* $(,)?) => {$(
        impl Encode for $name {
            fn encode(&self) -> SqlValue<'_> {
                SqlValue::Text(self.as_str())
            }
        }

        impl Decode<'_> for $name {
            fn decode(value: SqlValue<'_>) -> Option<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                <&str>::decode(value).and_then(read)
            }
        }
    )*};
}

texts! { |text| Some(Self::from(text)) =>
    CandidateId, CorrectionId, EventId, InstanceId, KeyId, MailId, MediaId, OrganizationId, QuestionId, RequestId, StepId, TaskId,
    TestId, UserId, WebhookId, StaffSessionId,
}

texts! { |text| Self::parse(text) =>
    AccessMethod, ActorKind, CandidateKind, InstanceChange, ClosingReason, EvidenceFlag, EvidenceKind, InstanceFlag, MailOutcome, MailState, MediaState, MessageState, EvaluationMethod, CallbackOutcome, MediaPurpose, VersionReason, CallbackResource, Scope,
    InstanceState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_kind_is_refused() {
        assert_eq!(i64::decode(SqlValue::Text("1")), None);
        assert_eq!(bool::decode(SqlValue::Integer(2)), None);
        assert_eq!(<[u8; 32]>::decode(SqlValue::Blob(&[0; 31])), None);
        assert_eq!(InstanceState::decode(SqlValue::Text("OPEN")), None);
        assert_eq!(String::decode(SqlValue::Null), None);
    }

    #[test]
    fn null_is_none_and_only_there() {
        assert_eq!(Option::<i64>::decode(SqlValue::Null), Some(None));
        assert_eq!(Option::<i64>::decode(SqlValue::Text("x")), None);
        assert_eq!(None::<TaskId>.encode(), SqlValue::Null);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let task = TaskId::from("Tk1");
        assert_eq!(TaskId::decode(task.encode()), Some(task));
        assert_eq!(
            InstanceState::decode(InstanceState::Resetup.encode()),
            Some(InstanceState::Resetup)
        );
        assert_eq!(Timestamp::decode(Timestamp(-5).encode()), Some(Timestamp(-5)));
    }
}
