//! Profiles: mergeable sketches of a column (distinct values, top values, histogram, bounds), fed batch by batch.
//!
//! A sketch is the same however its rows come in batches, and the merge of units' sketches in their order is the same
//! however many workers made them.

mod column;
mod counter;
mod display;
mod distinct;
mod hll;
mod range;
mod sample;
mod summary;
mod value;

pub use column::ColumnSketch;
