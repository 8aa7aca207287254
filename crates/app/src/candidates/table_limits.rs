//! How much a table of candidates may hold, whichever way it comes in: pasted, uploaded, or read by
//! the command line.

/// Bytes of the file, and of all texts in it together.
pub const BYTES: usize = 5 * 1024 * 1024;
/// Rows, apart from the one that names the columns.
pub const ROWS: usize = 5_000;
pub const COLUMNS: usize = 60;
/// Bytes of a cell: as many as the 32,767 characters of a spreadsheet's may have.
pub const CELL_BYTES: usize = 4 * 32_767;
