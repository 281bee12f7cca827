//! What is written as Parquet reads back equal, and every promise its footer makes is true.

mod footer;
mod round_trip;
mod tables;
