//! What is wrong with a document, and where.

use crate::json::JsonPointer;
use serde::{Serialize, Serializer};

string_enum! {
    /// The stable codes of validation (domain rules, 3).
    pub enum DocumentFaultCode {
        Syntax = "syntax",
        TooLarge = "too_large",
        VersionUnsupported = "version_unsupported",
        UnknownField = "unknown_field",
        MissingField = "missing_field",
        WrongType = "wrong_type",
        BadEnum = "bad_enum",
        EmptyText = "empty_text",
        TextTooLong = "text_too_long",
        LimitExceeded = "limit_exceeded",
        BadKey = "bad_key",
        DuplicateKey = "duplicate_key",
        BadUuid = "bad_uuid",
        DuplicateUuid = "duplicate_uuid",
        BadDecimal = "bad_decimal",
        PercentageRange = "percentage_range",
        PointsRange = "points_range",
        ScoreRange = "score_range",
        TimeLimitRange = "time_limit_range",
        NoSections = "no_sections",
        NoPages = "no_pages",
        NoQuestions = "no_questions",
        DimensionDepth = "dimension_depth",
        EffectDepth = "effect_depth",
        DimensionUndeclared = "dimension_undeclared",
        EffectUndeclared = "effect_undeclared",
        DimensionDuplicate = "dimension_duplicate",
        EffectDuplicate = "effect_duplicate",
        NameCharacters = "name_characters",
        ChoicesTooFew = "choices_too_few",
        SelectionBounds = "selection_bounds",
        ThresholdRange = "threshold_range",
        ThresholdWithoutPartial = "threshold_without_partial",
        NoRightChoice = "no_right_choice",
        MatchNoOptions = "match_no_options",
        MatchOptionUnknown = "match_option_unknown",
        MatchOptionDuplicate = "match_option_duplicate",
        MatchMinRange = "match_min_range",
        MatchUsesRange = "match_uses_range",
        RuleNotAllowed = "rule_not_allowed",
        RuleBounds = "rule_bounds",
        RulePattern = "rule_pattern",
        PatternBudget = "pattern_budget",
        RuleValuesEmpty = "rule_values_empty",
        RuleNumber = "rule_number",
        EvaluationImpossible = "evaluation_impossible",
        EvaluationRulesUnused = "evaluation_rules_unused",
        EvaluationNoneEffective = "evaluation_none_effective",
        SeparatorConflict = "separator_conflict",
        TabularEmpty = "tabular_empty",
        TabularCellUnknown = "tabular_cell_unknown",
        TabularCellDuplicate = "tabular_cell_duplicate",
        InputLimitRange = "input_limit_range",
        PoolSource = "pool_source",
        PoolDrawRange = "pool_draw_range",
        PoolSpreadRange = "pool_spread_range",
        BankQuestionUnknown = "bank_question_unknown",
        BankQuestionDuplicate = "bank_question_duplicate",
        IgnorableRange = "ignorable_range",
        PassMark = "pass_mark",
        LevelsFirst = "levels_first",
        LevelsOrder = "levels_order",
        LevelRange = "level_range",
        AssetUnknown = "asset_unknown",
        RubricNotManual = "rubric_not_manual",
        RubricLevels = "rubric_levels",
        RubricWeight = "rubric_weight",
        WarnNoPositive = "warn_no_positive",
        WarnUnreachableFull = "warn_unreachable_full",
        WarnTimeNested = "warn_time_nested",
        WarnUnusedName = "warn_unused_name",
        WarnBankSmall = "warn_bank_small",
        WarnTextInvisible = "warn_text_invisible",
        WarnTextsAlike = "warn_texts_alike",
        WarnEverythingEarnsAll = "warn_everything_earns_all",
        WarnNegativeFree = "warn_negative_free",
        WarnSharesNotFull = "warn_shares_not_full",
        WarnAmbiguousNumber = "warn_ambiguous_number",
        WarnMediaDescription = "warn_media_description",
        WarnExternalMedia = "warn_external_media",
    }
}

/// One fault of a document. `message` is for people and may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentFault {
    pub code: DocumentFaultCode,
    /// A JSON Pointer into the JSON form.
    #[serde(serialize_with = "as_text")]
    pub pointer: JsonPointer,
    pub message: String,
    /// The name, value or limit the fault is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

fn as_text<S: Serializer>(pointer: &JsonPointer, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(pointer.as_str())
}

impl DocumentFault {
    pub(super) fn new(
        code: DocumentFaultCode,
        pointer: JsonPointer,
        detail: Option<String>,
    ) -> Self {
        Self { code, pointer, message: code.message().to_owned(), detail }
    }
}

impl DocumentFaultCode {
    /// Whether this is advice that does not prevent storing.
    #[must_use]
    pub fn is_warning(self) -> bool {
        self.as_str().starts_with("warn_")
    }

    /// What a person is told.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Syntax => {
                "this is not UTF-8 JSON or plain YAML, or a name stands twice in one object"
            }
            Self::TooLarge => "the document is larger than 4 MiB",
            Self::VersionUnsupported => "`assay` must be 1",
            Self::UnknownField => "this field is not defined here",
            Self::MissingField => "a required field is missing",
            Self::WrongType => "the value has the wrong type",
            Self::BadEnum => "this is none of the allowed words",
            Self::EmptyText => "the text has no visible character",
            Self::TextTooLong => {
                "the text is too long, or it or a formula in it is nested too deeply"
            }
            Self::LimitExceeded => "there are too many of these",
            _ => self.message_of_form(),
        }
    }

    const fn message_of_form(self) -> &'static str {
        match self {
            Self::BadKey => {
                "a key is 1 to 64 of A-Z, a-z, 0-9, _ and -, also with the number of a generated page"
            }
            Self::DuplicateKey => "this key is used already",
            Self::BadUuid => "this is no uuid in lower-case text form",
            Self::DuplicateUuid => "this uuid is used already",
            Self::BadDecimal => "this is no decimal, or it has too many decimals",
            Self::PercentageRange => "a percentage is -100 to 100",
            Self::PointsRange => "points are 0 to 100000",
            Self::ScoreRange => "an effect score is -100000 to 100000",
            Self::TimeLimitRange => "a time limit is 0 to 604800 seconds",
            Self::NoSections => "a test needs a section",
            Self::NoPages => "a section needs a page",
            Self::NoQuestions => {
                "nothing is asked here: a page needs questions or a text, a test a question"
            }
            Self::DimensionDepth | Self::EffectDepth => "a path is one or two names",
            Self::DimensionUndeclared => "this dimension is not declared",
            Self::EffectUndeclared => "this effect is not declared",
            Self::DimensionDuplicate => "this dimension stands here already",
            Self::EffectDuplicate => "this effect stands here already",
            Self::NameCharacters => "a name has no control characters and no outer white space",
            _ => self.message_of_question(),
        }
    }

    const fn message_of_question(self) -> &'static str {
        match self {
            Self::ChoicesTooFew => "at least two choices are needed",
            Self::SelectionBounds => {
                "1 <= minSelections <= maxSelections <= number of choices does not hold"
            }
            Self::ThresholdRange => "a threshold is above 0 and at most 100",
            Self::ThresholdWithoutPartial => "a threshold needs `partial`",
            Self::NoRightChoice => "without `partial` a choice above 0 is needed",
            Self::MatchNoOptions => {
                "the item has no options of its own and there is no common pool"
            }
            Self::MatchOptionUnknown => "the item cannot use this option",
            Self::MatchOptionDuplicate => "this option stands in `matches` already",
            Self::MatchMinRange => "`minMatches` is 1 to the number of items",
            Self::MatchUsesRange => "`maxUses` is 0 to 1000",
            Self::RuleNotAllowed => "a rule of this kind does not fit here",
            Self::RuleBounds => {
                "the lower bound is above the upper, or they are equal and not inclusive"
            }
            Self::RulePattern => {
                "the pattern does not compile, or takes more than 64 KiB when compiled"
            }
            Self::PatternBudget => {
                "the patterns here take too long to look for: make them or the longest text shorter"
            }
            Self::RuleValuesEmpty => "the list of values is empty",
            Self::RuleNumber => "this is no number that fits here",
            Self::EvaluationImpossible => "this question cannot be evaluated this way",
            Self::EvaluationRulesUnused => "these rules would never be used",
            Self::EvaluationNoneEffective => "a question that is not scored must not be effective",
            Self::SeparatorConflict => "the group separator conflicts with the decimal separator",
            Self::TabularEmpty => "a table needs a column and a row",
            Self::TabularCellUnknown => "the cell's row or column is not declared",
            Self::TabularCellDuplicate => "this cell stands here already",
            Self::InputLimitRange => "this limit is out of range",
            _ => self.message_of_whole(),
        }
    }

    const fn message_of_advice(self) -> &'static str {
        match self {
            Self::WarnTextInvisible => {
                "read as Markdown, nothing of this text would be seen: put a backslash before signs that are meant as such"
            }
            Self::WarnTextsAlike => {
                "candidates cannot tell this text from another one beside it: both show the same"
            }
            Self::WarnEverythingEarnsAll => {
                "ticking everything earns 100 %: give wrong choices a percentage below 0 or let fewer be chosen"
            }
            Self::WarnNegativeFree => {
                "a percentage below 0 takes no points away while `negativePoints` is 0"
            }
            Self::WarnSharesNotFull => "the best percentages of all items should add up to 100",
            _ => "the document is faulty",
        }
    }

    const fn message_of_whole(self) -> &'static str {
        match self {
            Self::PoolSource => {
                "a pool has exactly one source that is allowed here, and no pool in it"
            }
            Self::PoolDrawRange => "`draw` is 1 to the size of the source",
            Self::PoolSpreadRange => {
                "`spread` is 1 to `draw`, for pools of questions in a section only"
            }
            Self::BankQuestionUnknown => "there is no such question in the bank",
            Self::BankQuestionDuplicate => "this bank question stands in the test already",
            Self::IgnorableRange => "more ignorable blanks than the section will hold questions",
            Self::PassMark => "a pass mark is either a ratio from -1 to 1 or points",
            Self::LevelsFirst => "the first level has no `from`, all others have one",
            Self::LevelsOrder => "levels rise and have different names",
            Self::LevelRange => "a level begins at a ratio from -1 to 1",
            Self::RubricNotManual => "a rubric needs `evaluation: manual`",
            Self::RubricLevels => "a criterion has 2 to 10 levels",
            Self::RubricWeight => "a weight is above 0 and at most 100000",
            Self::AssetUnknown => "this file has not been uploaded",
            Self::WarnNoPositive => "no answer to this question can earn anything",
            Self::WarnUnreachableFull => "the best answer to this question earns less than 100 %",
            Self::WarnTimeNested => "this time limit is longer than the one around it",
            Self::WarnUnusedName => "this name is declared but not used",
            Self::WarnMediaDescription => {
                "this picture, sound or film has no description: who cannot see or hear it learns nothing of it"
            }
            Self::WarnExternalMedia => {
                "a picture from elsewhere is not shown, only its address: upload it and name it here"
            }
            Self::WarnBankSmall => "the bank has fewer fitting questions than are to be drawn",
            Self::WarnAmbiguousNumber => {
                "a number of 1000 or more with the decimal separator \"either\": candidates who \
                 write it with a thousands separator are told that it can be read in two ways"
            }
            _ => self.message_of_advice(),
        }
    }
}
