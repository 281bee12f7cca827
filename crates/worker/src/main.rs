//! The module that every tab starts with: CSV and JSON Lines.

// What the library exports to JavaScript is all there is.
use colonnade_worker as _;

fn main() {}
