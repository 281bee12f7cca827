//! `colonnade` from a shell: the same engine and options as the page.
//!
//! Exit status: 0 done, 1 an input failed by its data or the disk, 2 unusable arguments, 130 interrupted.

mod arguments;
mod columns;
mod convert;
mod file;
mod input;
mod inspect;
mod interrupt;
mod job;
mod options;
mod paths;
mod print;
mod progress;
mod report;
mod tables;
mod target;
mod together;
mod walk;

use std::process::ExitCode;

use clap::Parser;
use colonnade_protocol::{ErrorInfo, ErrorKind};

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Convert(convert) => convert::run(&convert),
        Command::Inspect(inspect) => inspect::run(&inspect),
        Command::Options { of } => options::run(&of),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("colonnade: {error}");
            exit_status(&error)
        }
    }
}

fn exit_status(error: &ErrorInfo) -> ExitCode {
    ExitCode::from(if error.kind == ErrorKind::Usage { 2 } else { 1 })
}
