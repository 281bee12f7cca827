//! Outputs: what rows are written as. Each is one file or folder here and one variant of [`OutputOptions`].

pub mod arrow;
mod compare;
pub mod name;
mod options;
pub mod parquet;
pub mod rejects;
pub mod segment;
pub mod text;
pub mod zip;

pub use compare::compare;
pub use options::{OUTPUT_FORMAT, OUTPUTS, OutputFormat, OutputOptions, options};
