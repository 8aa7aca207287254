//! Schemas of what is kept as ready text and sent as it is: they describe what other modules write.

use crate::request::ValueReader as _;
use crate::request::schema::ObjectSchema;
use crate::request::value::{
    boolean, element_key, integer, nullable, plain_decimal, plain_decimal_within, word,
};
use domain::instance::EvaluationMethod;
use std::borrow::Cow;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A slot's part in a result version.
pub(super) struct KeptSlotSchema;

impl PartialSchema for KeptSlotSchema {
    fn schema() -> RefOr<Schema> {
        let flag = || boolean().schema();
        let (slot, points) = (integer::<u32>(1..=1000).schema(), plain_decimal().schema());
        let rate = nullable(plain_decimal_within(-1.0, 1.0, 0.000_001)).schema();
        ObjectSchema::new(&["A slot's part in a result version."])
            .property("slot", "The question's number, from 1.", true, slot)
            .property("valid", "Whether what was answered is an answer.", true, flag())
            .property("blank", "Whether nothing was answered.", true, flag())
            .property("effective", "Whether the question counts.", true, flag())
            .property("ignored", "Whether a correction takes it out of scoring.", true, flag())
            .property("waiting", "Whether its answer waits for an evaluation.", true, flag())
            .property("rate", "How right it is; null while it waits.", true, rate)
            .property("points", "The points it earns.", true, points)
            .build()
    }
}

impl ToSchema for KeptSlotSchema {
    fn name() -> Cow<'static, str> {
        "ResultSlot".into()
    }
}

/// A line of a rubric in an evaluation.
pub(super) struct RubricLineSchema;

impl PartialSchema for RubricLineSchema {
    fn schema() -> RefOr<Schema> {
        let weight = plain_decimal_within(0.000_001, 100_000.0, 0.000_001).schema();
        let percentage = plain_decimal_within(-100.0, 100.0, 0.0001).schema();
        let key = || element_key().schema();
        ObjectSchema::new(&["What was chosen for a criterion."])
            .property("criterion", "The key of the question's criterion, if it has.", false, key())
            .property("level", "The key of the level, if one was chosen.", false, key())
            .property("weight", "How much the line weighs.", true, weight)
            .property("percentage", "What it earns.", true, percentage)
            .build()
    }
}

impl ToSchema for RubricLineSchema {
    fn name() -> Cow<'static, str> {
        "RubricLine".into()
    }
}

/// What an evaluation gives.
pub(super) struct GivenScoreSchema;

impl PartialSchema for GivenScoreSchema {
    fn schema() -> RefOr<Schema> {
        let points = || plain_decimal().schema();
        let percentage = plain_decimal_within(-100.0, 100.0, 0.0001).schema();
        let worth = ObjectSchema::new(&["What a question is worth."])
            .property("points", "The most nominal points.", true, points())
            .property("negativePoints", "The largest loss.", true, points())
            .build();
        let method = word::<EvaluationMethod>().schema();
        let seq = integer::<i64>(1..=9_007_199_254_740_991).schema();
        ObjectSchema::new(&["What an evaluation gives: `percentage` or `points`."])
            .property("percentage", "Entered, or the mean of a rubric.", false, percentage)
            .property("points", "Nominal points, as entered.", false, points())
            .property("scale", "What the question was worth then.", true, worth)
            .property("method", "Who made it.", true, method)
            .property("seq", "The sequence number of the answer it was made for.", true, seq)
            .build()
    }
}

impl ToSchema for GivenScoreSchema {
    fn name() -> Cow<'static, str> {
        "GivenScore".into()
    }
}
