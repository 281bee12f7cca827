//! `build`: the page and its worker as static files.

use std::path::Path;

use crate::shell::{self, Args, Outcome, cargo, program, root, say};
use crate::tools;

/// How much work the compiler does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `wasm-dev` of Cargo.toml: seconds to rebuild.
    Dev,
    /// As shipped.
    Release,
}

/// `cargo xtask build [--dev]`
pub fn run(mut args: Args) -> Outcome {
    let profile = if args.flag("--dev") { Profile::Dev } else { Profile::Release };
    args.finish()?;
    build(profile, &root().join("dist"))?;
    say("dist/ is ready: copy it to any static host, under any path");
    Ok(())
}

/// Leaves the page in a folder, service worker and all.
///
/// # Errors
/// A tool cannot be had, or something does not compile.
pub fn build(profile: Profile, dist: &Path) -> Outcome {
    prepare()?;
    if profile == Profile::Release {
        say("building as shipped: link-time optimisation takes several minutes");
    }
    shell::run(trunk("build", profile).arg("--dist").arg(dist).env("COLONNADE_OFFLINE", "1"))
}

/// Sees to the tools, and to the crates, which trunk must not fetch.
///
/// # Errors
/// A tool or a crate cannot be had.
pub fn prepare() -> Outcome {
    tools::for_page()?;
    shell::run(cargo().args(["fetch", "--locked"]))
}

/// A trunk command of the given profile.
pub fn trunk(command: &str, profile: Profile) -> std::process::Command {
    let mut trunk = program("trunk");
    trunk.arg(command).env_remove("NO_COLOR");
    if profile == Profile::Release {
        trunk.arg("--release");
    }
    trunk
}
