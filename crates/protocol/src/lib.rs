//! The words that Colonnade's page, workers and command line share.
//!
//! Nothing here computes: these are the types that cross a boundary (a worker's port, a report file, the page's state).
//! The page depends on this crate and never on the engine, so that it cannot touch data.

pub mod ddl;
pub mod error;
pub mod message;
pub mod option;
pub mod profile;
pub mod report;
pub mod schema;
pub mod types;

pub use error::{ErrorInfo, ErrorKind};
pub use option::{Affects, OptionDecl, OptionKind, Origin, Setting};
pub use report::{Cause, Counts, Outcome, Place, Reject};
pub use types::{Field, LogicalType};
