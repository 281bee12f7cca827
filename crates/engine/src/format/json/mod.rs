//! JSON: values in lines ([`lines`]) and in documents ([`document`]), by one reader of values.
//!
//! [`reader`] checks the grammar, [`mend`] reads what breaks it in ways that are understood, [`records`] puts a record's
//! values into the columns of [`tree`], and [`widen`] and [`infer`] find the columns' types, [`keyed`] that of objects whose keys are data.

// A build without documents leaves some of it unused.
#![cfg_attr(not(feature = "every-format"), allow(dead_code))]

#[cfg(feature = "every-format")]
pub mod columns;
#[cfg(feature = "every-format")]
pub mod document;
mod encoding;
mod infer;
mod keyed;
mod layout;
mod likeness;
pub mod lines;
mod mend;
mod options;
mod path;
mod reader;
mod records;
mod repair;
mod shown;
mod tree;
mod unescape;
mod widen;
pub(super) mod wrapper;
