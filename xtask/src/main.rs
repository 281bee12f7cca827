//! Every developer command: `cargo xtask serve | build | test | check | bench | fuzz`.
//!
//! Each command installs what it lacks, and only what it needs, into a cache outside the tree ([`shell::cache`]).

mod bench;
mod check;
mod dist;
mod fuzz;
mod page;
mod serve;
mod shell;
mod test;
mod tools;
mod walls;

use shell::{Args, Outcome};

const HELP: &str = "\
cargo xtask COMMAND

  serve [--release] [--port N] [--no-open]   build the page, serve it on loopback, rebuild on change
  build [--dev]                              leave the page as static files in dist/
  test [--quick]                             run all tests; --quick: those that need no browser
  check                                      formatting, walls of the house, lints, licences and origins of dependencies
  bench [--runs N] [--size MB] [--dev]       speed, memory and size of the page on this machine
  fuzz [TARGET] [--seconds N]                each reader, or one, against inputs grown to break it (libFuzzer)

Tools that are missing are installed into $COLONNADE_CACHE (default ~/.cache/colonnade), each when a command first needs it.";

fn main() {
    let mut args = Args::of_process();
    let outcome = match args.command().as_deref() {
        Some("serve") => serve::run(args),
        Some("build") => page::run(args),
        Some("test") => test::run(args),
        Some("check") => check::run(args),
        Some("bench") => bench::run(args),
        Some("fuzz") => fuzz::run(args),
        Some("finish-dist") => dist::run(),
        None | Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("no command `{other}`\n\n{HELP}")),
    };
    exit(outcome);
}

fn exit(outcome: Outcome) -> ! {
    match outcome {
        Ok(()) => std::process::exit(0),
        Err(message) => {
            eprintln!("\nxtask: {message}");
            std::process::exit(1)
        }
    }
}
