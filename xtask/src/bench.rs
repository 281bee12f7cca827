//! `bench`: the page's speed, memory and size on this machine (`bench/README.md`).

use crate::page::{self, Profile};
use crate::shell::{self, Args, Outcome, program, target};
use crate::tools;

/// `cargo xtask bench [--runs N] [--size MB] [--dev]`
///
/// # Errors
/// The page cannot be built or measured, or what it saved is not right.
pub fn run(mut args: Args) -> Outcome {
    let profile = if args.flag("--dev") { Profile::Dev } else { Profile::Release };
    let runs = args.value("--runs")?.unwrap_or(5_u32);
    let megabytes = args.value("--size")?.unwrap_or(250_u32);
    args.finish()?;
    tools::for_browser_tests()?;
    let dist = target().join("dist-bench");
    page::build(profile, &dist)?;
    let mut bench = program("node");
    bench.args(["bench/run.mjs", "--runs", &runs.to_string(), "--size", &megabytes.to_string()]);
    shell::run(bench.env("COLONNADE_DIST", dist).env("COLONNADE_PYTHON", tools::readers()?))
}
