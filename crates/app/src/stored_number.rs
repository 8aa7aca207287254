//! Numbers as the database keeps them: it knows none without a sign.

use crate::failure::Failure;

/// A count, a size or a number of an order.
///
/// # Errors
/// When what is stored is below 0: it is told, not turned into another number.
pub(crate) fn unsigned(column: i64) -> Result<u64, Failure> {
    u64::try_from(column)
        .map_err(|_| Failure::internal(format_args!("a stored number is {column}")))
}

/// As [`unsigned`], for what is counted in 32 bits.
///
/// # Errors
/// When what is stored does not fit.
pub(crate) fn unsigned_small(column: i64) -> Result<u32, Failure> {
    u32::try_from(column)
        .map_err(|_| Failure::internal(format_args!("a stored number is {column}")))
}
