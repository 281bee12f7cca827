//! Colonnade's page: drop files, see what they are, correct what was guessed, save Parquet. It holds handles, counts
//! and the visible window of rows; the data stays with the workers.

mod browser;
mod link;
mod state;
mod view;
mod words;

fn main() {
    view::recovery::install();
    view::mount();
}
