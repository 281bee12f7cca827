//! Colonnade's pipeline: source → detect → decode → infer → profile → encode.
//!
//! Pure Rust: no browser, no threads, no clock. The worker crate drives it in a tab, the cli crate from a shell; both
//! through the same [`format::Format`] and the same options.

pub mod column;
pub mod decisions;
pub mod extent;
pub mod format;
mod hash;
pub mod job;
pub mod output;
pub mod plan;
pub mod profile;
pub mod rejects;
pub mod remedies;
pub mod sample;
pub mod settings;
pub mod source;
pub mod table;
mod texts;
pub mod union;
pub mod unit;
#[cfg(feature = "every-format")]
pub mod unpack;
pub mod view;
mod words;

/// The engine's result: every error has a kind, a place where there is one, and a hint.
pub type Result<T> = std::result::Result<T, colonnade_protocol::ErrorInfo>;
