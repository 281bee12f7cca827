//! A source through detection, units in any order, and the file made of them.

mod columnar;
mod csv;
mod driver;
mod dump;
mod job;
mod json;
mod jsonl;
mod log;
mod union;
mod xml;
