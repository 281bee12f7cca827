//! `check`: what must hold before a change lands, tests apart.

use crate::shell::{self, Args, Outcome, cargo, output, program, say};
use crate::{tools, walls};

/// `cargo xtask check`
///
/// # Errors
/// Everything that does not hold, after all of it was looked at.
pub fn run(args: Args) -> Outcome {
    args.finish()?;
    let checks = [("formatting", format as fn() -> Outcome), ("walls", walls::check), ("lints", lints), ("dependencies", dependencies)];
    let mut broken = Vec::new();
    for (name, check) in checks {
        println!("\n== {name}");
        if let Err(message) = check() {
            println!("{message}");
            broken.push(name);
        }
    }
    if !broken.is_empty() {
        return Err(format!("does not hold: {}", broken.join(", ")));
    }
    say("all checks hold");
    Ok(())
}

fn format() -> Outcome {
    shell::run(cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy over everything natively, and over what runs in the browser as it is built for it.
fn lints() -> Outcome {
    tools::for_wasm()?;
    shell::run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let browser = ["-p", "colonnade-page", "-p", "colonnade-worker", "--target", "wasm32-unknown-unknown"];
    shell::run(cargo().arg("clippy").args(browser).args(["--", "-D", "warnings"]))?;
    shell::run(cargo().arg("clippy").args(&browser[2..]).args(["--features", "every-format", "--", "-D", "warnings"]))
}

/// deny.toml: licences, bans and sources; advisories where their database can be reached.
fn dependencies() -> Outcome {
    tools::cargo_deny()?;
    shell::run(program("cargo-deny").args(["--workspace", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    if output(program("cargo-deny").args(["fetch", "db"])).is_none() {
        say("skipped: advisories (their database cannot be reached from here)");
        return Ok(());
    }
    shell::run(program("cargo-deny").args(["--workspace", "check", "advisories"]))
}
