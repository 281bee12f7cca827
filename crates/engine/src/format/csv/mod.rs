//! CSV and its kin: any separator, quote, escape, encoding and line end.

pub mod dialect;
pub mod options;
