//! Outputs: what rows are written as.

pub mod arrow;
pub mod parquet;
pub mod rejects;
pub mod text;
pub mod zip;
