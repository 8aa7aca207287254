//! Values on their way into and out of a statement.

use domain::callback::{MessageState, Outcome, Resource};
use domain::id::{
    CandidateId, CorrectionId, EventId, InstanceId, KeyId, MailId, MediaId, OrganizationId, QuestionId, RequestId,
    StaffSessionId, StepId, TaskId, TestId, UserId, WebhookId,
};
use domain::instance::{AccessMethod, ActorKind, CandidateKind, Change, Closing, Method, Reason, Scope, State};
use domain::mail::{MailOutcome, MailState};
use domain::media::{MediaState, Purpose};
use domain::proctoring::{EvidenceFlag, EvidenceKind, InstanceFlag};
use domain::time::Timestamp;

/// One value of a column or parameter, borrowed from its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    Boolean(bool),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl Value<'_> {
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
    fn encode(&self) -> Value<'_>;
}

/// What can be read from a column; borrowed forms live as long as the row.
pub trait Decode<'row>: Sized {
    /// `None` when the value is of another kind.
    fn decode(value: Value<'row>) -> Option<Self>;
}

/// The parameters `$1, $2, ...` of a statement.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::Encode::encode(&$value)),*] };
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self) -> Value<'_> {
        (**self).encode()
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Encode::encode)
    }
}

impl<'row, T: Decode<'row>> Decode<'row> for Option<T> {
    fn decode(value: Value<'row>) -> Option<Self> {
        if value == Value::Null { Some(None) } else { T::decode(value).map(Some) }
    }
}

impl Encode for i64 {
    fn encode(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl Decode<'_> for i64 {
    fn decode(value: Value<'_>) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl Encode for Timestamp {
    fn encode(&self) -> Value<'_> {
        Value::Integer(self.0)
    }
}

impl Decode<'_> for Timestamp {
    fn decode(value: Value<'_>) -> Option<Self> {
        i64::decode(value).map(Self)
    }
}

impl Encode for bool {
    fn encode(&self) -> Value<'_> {
        Value::Boolean(*self)
    }
}

impl Decode<'_> for bool {
    fn decode(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Boolean(flag) => Some(flag),
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Encode for str {
    fn encode(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Encode for String {
    fn encode(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl<'row> Decode<'row> for &'row str {
    fn decode(value: Value<'row>) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl Decode<'_> for String {
    fn decode(value: Value<'_>) -> Option<Self> {
        <&str>::decode(value).map(str::to_owned)
    }
}

impl Encode for [u8] {
    fn encode(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl Encode for Vec<u8> {
    fn encode(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const LENGTH: usize> Encode for [u8; LENGTH] {
    fn encode(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<'row> Decode<'row> for &'row [u8] {
    fn decode(value: Value<'row>) -> Option<Self> {
        if let Value::Blob(bytes) = value { Some(bytes) } else { None }
    }
}

impl Decode<'_> for Vec<u8> {
    fn decode(value: Value<'_>) -> Option<Self> {
        <&[u8]>::decode(value).map(<[u8]>::to_vec)
    }
}

impl<const LENGTH: usize> Decode<'_> for [u8; LENGTH] {
    fn decode(value: Value<'_>) -> Option<Self> {
        <&[u8]>::decode(value)?.try_into().ok()
    }
}

macro_rules! texts {
    ($read:expr => $($name:ty),* $(,)?) => {$(
        impl Encode for $name {
            fn encode(&self) -> Value<'_> {
                Value::Text(self.as_str())
            }
        }

        impl Decode<'_> for $name {
            fn decode(value: Value<'_>) -> Option<Self> {
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
    AccessMethod, ActorKind, CandidateKind, Change, Closing, EvidenceFlag, EvidenceKind, InstanceFlag, MailOutcome, MailState, MediaState, MessageState, Method, Outcome, Purpose, Reason, Resource, Scope,
    State,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_kind_is_refused() {
        assert_eq!(i64::decode(Value::Text("1")), None);
        assert_eq!(bool::decode(Value::Integer(2)), None);
        assert_eq!(<[u8; 32]>::decode(Value::Blob(&[0; 31])), None);
        assert_eq!(State::decode(Value::Text("OPEN")), None);
        assert_eq!(String::decode(Value::Null), None);
    }

    #[test]
    fn null_is_none_and_only_there() {
        assert_eq!(Option::<i64>::decode(Value::Null), Some(None));
        assert_eq!(Option::<i64>::decode(Value::Text("x")), None);
        assert_eq!(None::<TaskId>.encode(), Value::Null);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let task = TaskId::from("Tk1");
        assert_eq!(TaskId::decode(task.encode()), Some(task));
        assert_eq!(State::decode(State::Resetup.encode()), Some(State::Resetup));
        assert_eq!(Timestamp::decode(Timestamp(-5).encode()), Some(Timestamp(-5)));
    }
}
