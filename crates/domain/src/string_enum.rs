//! Closed sets of words: an enum whose values have one spelling on the wire and in storage.

/// An enum whose values have one spelling each; declared with [`string_enum!`](crate::string_enum!).
pub trait StringEnum: Copy + 'static {
    /// Every value, in declared order.
    const ALL: &'static [Self];

    /// The word for this value.
    fn as_str(self) -> &'static str;
}

/// Declares an enum with `as_str`, `parse`, `ALL` and serde in the given spellings.
#[macro_export]
macro_rules! string_enum {
    ($($(#[$doc:meta])* $visibility:vis enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize)]
        $visibility enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every value, in declared order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for this value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value a word stands for; case matters.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl $crate::string_enum::StringEnum for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                Self::as_str(self)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    )*};
}
