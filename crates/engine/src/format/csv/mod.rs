//! CSV and its kin: any separator, quote, escape, encoding and line end.

pub mod detect;
pub mod dialect;
mod irregular;
pub mod options;
mod scan;
pub mod tokenise;
