//! Parquet: one-row-group segments, and the file made of them.
