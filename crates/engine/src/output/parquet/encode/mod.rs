//! The encoder of flat columns: one column chunk, page by page, while rows arrive.
//!
//! Ours, and not the Parquet crate's, because it decides the speed of the whole: values are looked at once, bounds come from
//! the dictionary where there is one, and all columns share one compressor. After the format's text
//! (<https://parquet.apache.org/docs/file-format/>); nested columns and bloom filters are left to the crate.

mod bounds;
mod chunk;
mod codec;
mod delta;
mod header;
mod hybrid;
mod numbers;
mod page;
mod pages;
mod table;
mod texts;
mod truth;

pub(super) use chunk::{FlatColumn, Limits};
pub(super) use codec::Compressor;
pub(super) use pages::Pages;
pub(super) use table::Table;
