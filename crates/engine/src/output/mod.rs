//! Outputs: what rows are written as.

pub mod parquet;
pub mod rejects;
pub mod zip;
