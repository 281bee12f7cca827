//! What is written as Parquet reads back equal, and every promise its footer makes is true.

mod footer;
mod random;
mod readers;
mod round_trip;
mod tables;
