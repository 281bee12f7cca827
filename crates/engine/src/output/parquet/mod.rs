//! Parquet: one-row-group segments, and the file made of them.
//!
//! Each unit of the source becomes a [segment](SegmentWriter): a complete Parquet file in itself. The file that is saved
//! is [`head`], the segments' bodies unchanged and in order, and [`tail`], made from the segments' footers alone.

mod assemble;
mod choice;
mod encode;
mod layout;
mod options;
mod segment;

pub use assemble::{SegmentMeta, head, tail};
pub use choice::{ColumnChoice, ColumnEncoding, choose};
pub use layout::Layout;
pub use options::{Codec, ParquetOptions, Profile, Switch, options};
pub use segment::SegmentWriter;

use colonnade_protocol::{ErrorInfo, ErrorKind};

/// What readers key their bug workarounds on, in the form that they parse.
const CREATED_BY: &str = concat!("colonnade version ", env!("CARGO_PKG_VERSION"), " (build 0)");

/// What a caller got wrong, or we did: no input and no option leads here.
fn defect(what: String) -> ErrorInfo {
    ErrorInfo::new(ErrorKind::Internal, what, "Please report this.")
}
