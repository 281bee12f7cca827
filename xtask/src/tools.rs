//! The tools that commands need, each installed when it is first missing.

use std::path::{Path, PathBuf};

use crate::shell::{Outcome, cache, cargo, output, program, run, say};

/// The version of the wasm-bindgen crate (Cargo.toml); the two must be one.
const WASM_BINDGEN: &str = "0.2.130";
const TRUNK: &str = "0.21.14";

/// What building the page needs: the wasm target, clang for zstd, wasm-bindgen and trunk.
///
/// # Errors
/// Something is missing and may not be installed; the message says how to do it by hand.
pub fn for_page() -> Outcome {
    wasm_target()?;
    debian("clang", "clang", "llvm")?;
    debian("llvm-ar", "llvm", "llvm")?;
    cargo_tool("wasm-bindgen", "wasm-bindgen-cli", WASM_BINDGEN, &[], 3)?;
    cargo_tool("trunk", "trunk", TRUNK, &["--locked", "--no-default-features", "--features", "rustls"], 6)
}

/// Rust's standard library for wasm.
fn wasm_target() -> Outcome {
    let sysroot = output(program("rustc").args(["--print", "sysroot"])).ok_or("rustc is not on the path: install Rust by rustup")?;
    if Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown").exists() {
        return Ok(());
    }
    say("the wasm32-unknown-unknown target is missing; rustup adds it (seconds)");
    run(program("rustup").args(["target", "add", "wasm32-unknown-unknown"]))
        .map_err(|error| format!("{error}\nBy hand: rustup target add wasm32-unknown-unknown, or your system's package of it"))
}

/// A tool from crates.io at exactly one version.
fn cargo_tool(binary: &str, package: &str, version: &str, options: &[&str], minutes: u32) -> Outcome {
    let found = output(program(binary).arg("--version")).unwrap_or_default();
    if found.split_whitespace().any(|word| word == version) {
        return Ok(());
    }
    let tools = cache().join("tools");
    say(&format!("{package} {version} is missing; cargo builds it into {} (about {minutes} minutes on two cores)", tools.display()));
    let mut install = cargo();
    install.args(["install", package, "--version", version, "--root"]).arg(&tools).args(options);
    // The shipped profiles of these tools take three times as long to build and save nothing here.
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    // A build folder of its own, so that nothing of the tree's flags or folders reaches it.
    install.env("CARGO_TARGET_DIR", cache().join("build")).current_dir(ensure_dir(&tools)?);
    run(&mut install).map_err(|error| format!("{error}\nBy hand: cargo install {package} --version {version} {}", options.join(" ")))
}

/// A program that Debian packages.
pub fn debian(binary: &str, package: &str, elsewhere: &str) -> Outcome {
    if on_path(binary).is_some() {
        return Ok(());
    }
    let by_hand = format!("`{binary}` is missing. By hand: install {package} (Debian, Ubuntu) or {elsewhere} (elsewhere)");
    if on_path("apt-get").is_none() || !is_root() {
        return Err(by_hand);
    }
    say(&format!("`{binary}` is missing; apt-get installs {package} (about a minute)"));
    let mut update = program("apt-get");
    run(update.args(["update", "-qq"]))?;
    let mut install = program("apt-get");
    run(install.args(["install", "-y", "-qq", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive"))
        .map_err(|error| format!("{error}\n{by_hand}"))
}

/// Where a program is found.
pub fn on_path(binary: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(binary)).find(|candidate| candidate.is_file())
}

fn is_root() -> bool {
    output(program("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// Makes a folder and gives it back.
///
/// # Errors
/// It cannot be made.
pub fn ensure_dir(path: &Path) -> Outcome<&Path> {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
