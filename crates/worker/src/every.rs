//! The module with every format, fetched when a file is of none that the first module reads.

// What the library exports to JavaScript is all there is.
use colonnade_worker as _;

fn main() {}
