//! What the formats share that hold typed columns: their types to ours, their arrays to ours, what a person chose instead.
//!
//! A type of the file is kept where ours can hold every value of it. Values that ours cannot hold (a time finer than a
//! microsecond, a date beyond the calendar) are cut or made null, counted and listed. A person's other type is read from the
//! value's text, by the rules of CSV's cells.

mod convert;
mod lists;
mod moments;
mod open;
mod reader;
mod retype;
mod types;

pub use convert::defect;
pub use open::{Source, opened, options};
pub use reader::{BatchReader, Batches, Rows};
pub use types::natural;
