//! The tools that commands need, each installed when it is first missing.

use std::path::{Path, PathBuf};

use crate::shell::{Outcome, cache, cargo, output, program, read, root, run, say};

/// The version of the wasm-bindgen crate (Cargo.toml); the two must be one.
const WASM_BINDGEN: &str = "0.2.130";
const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";
/// Other people's readers of what we write.
const READERS: [&str; 3] = ["duckdb==2.0.0", "polars==2.1.0", "pyarrow==26.0.1"];
/// Apart from the others: it is large, and wants a Java.
const SPARK: [&str; 1] = ["pyspark==4.3.0"];

/// What building the page needs: the wasm target, clang for zstd, wasm-bindgen and trunk.
///
/// # Errors
/// Something is missing and may not be installed; the message says how to do it by hand.
pub fn for_page() -> Outcome {
    for_wasm()?;
    cargo_tool("wasm-bindgen", "wasm-bindgen-cli", WASM_BINDGEN, &[], 3)?;
    cargo_tool("trunk", "trunk", TRUNK, &["--locked", "--no-default-features", "--features", "rustls"], 6)
}

/// What compiling for the browser needs.
///
/// # Errors
/// As for [`for_page`].
pub fn for_wasm() -> Outcome {
    wasm_target()?;
    debian("clang", "clang", "llvm")?;
    debian("llvm-ar", "llvm", "llvm")
}

/// What looks at the licences and origins of dependencies.
///
/// # Errors
/// As for [`for_page`].
pub fn cargo_deny() -> Outcome {
    cargo_tool("cargo-deny", "cargo-deny", CARGO_DENY, &["--locked"], 8)
}

/// What the browser tests need: Node, its packages, a Chromium; and a Firefox where it can be had.
///
/// # Errors
/// As for [`for_page`].
pub fn for_browser_tests() -> Outcome {
    debian("node", "nodejs", "Node.js 20 or later")?;
    debian("npm", "npm", "npm")?;
    if std::env::var_os("COLONNADE_CHROMIUM").is_none() {
        debian("chromium", "chromium", "any Chromium, and name it in COLONNADE_CHROMIUM")?;
    }
    let firefox = ["firefox-esr", "firefox"].iter().any(|name| on_path(name).is_some()) || std::env::var_os("COLONNADE_FIREFOX").is_some();
    if !firefox && let Err(why) = apt("firefox-esr") {
        say(&format!("without a Firefox its smoke test is skipped: {why}"));
    }
    npm_packages("tests/browser").map(drop)
}

/// The folder of Node packages with hyparquet, which checks our files; Node comes with it.
///
/// # Errors
/// As for [`for_page`].
pub fn hyparquet() -> Outcome<PathBuf> {
    debian("node", "nodejs", "Node.js 20 or later")?;
    debian("npm", "npm", "npm")?;
    npm_packages("tests/readers")
}

/// Installs what a folder's lock file names, and gives the folder it is in.
fn npm_packages(folder: &str) -> Outcome<PathBuf> {
    let tests = root().join(folder);
    let modules = tests.join("node_modules");
    let lock = read(&tests.join("package-lock.json"))?;
    let installed = modules.join(".package-lock.of");
    if std::fs::read_to_string(&installed).is_ok_and(|of| of == lock) {
        return Ok(modules);
    }
    say(&format!("npm installs the packages of {folder} (seconds)"));
    run(program("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&tests))?;
    std::fs::write(&installed, lock).map_err(|error| format!("{}: {error}", installed.display()))?;
    Ok(modules)
}

/// A Python with the readers that check our files: DuckDB, pyarrow, Polars.
///
/// # Errors
/// As for [`for_page`].
pub fn readers() -> Outcome<PathBuf> {
    python_with(&READERS, "COLONNADE_PYTHON", "venv", "a minute")
}

/// A Python with Spark; `None` where there is no Java for it.
///
/// # Errors
/// As for [`for_page`].
pub fn spark() -> Outcome<Option<PathBuf>> {
    if on_path("java").is_none() && std::env::var_os("JAVA_HOME").is_none() {
        say("without a Java (17 or later) Spark does not check our files");
        return Ok(None);
    }
    python_with(&SPARK, "COLONNADE_SPARK_PYTHON", "venv-spark", "three minutes").map(Some)
}

/// The Python that a variable names, or one of ours with these packages.
fn python_with(packages: &[&str], variable: &str, folder: &str, duration: &str) -> Outcome<PathBuf> {
    if let Some(python) = std::env::var_os(variable) {
        return Ok(python.into());
    }
    let venv = cache().join(folder);
    let python = venv.join("bin/python");
    let stamp = venv.join("readers");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|of| of == wanted) {
        return Ok(python);
    }
    debian("python3", "python3", "Python 3.10 or later")?;
    say(&format!("pip installs {} to check our files into {} (about {duration})", packages.join(", "), venv.display()));
    let make = || run(program("python3").args(["-m", "venv"]).arg(&venv));
    make().or_else(|_| apt("python3-venv").and_then(|()| make()))?;
    run(program(&python).args(["-m", "pip", "install", "--quiet"]).args(packages))?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
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
    install
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    // A build folder of its own, so that nothing of the tree's flags or folders reaches it.
    install.env("CARGO_TARGET_DIR", cache().join("build")).current_dir(ensure_dir(&tools)?);
    run(&mut install).map_err(|error| format!("{error}\nBy hand: cargo install {package} --version {version} {}", options.join(" ")))
}

/// A program that Debian packages.
fn debian(binary: &str, package: &str, elsewhere: &str) -> Outcome {
    if on_path(binary).is_some() {
        return Ok(());
    }
    say(&format!("`{binary}` is missing"));
    apt(package).map_err(|error| format!("{error}\nBy hand: install {package} (Debian, Ubuntu) or {elsewhere} (elsewhere)"))
}

/// Installs a Debian package where that is allowed.
fn apt(package: &str) -> Outcome {
    if on_path("apt-get").is_none() || output(program("id").arg("-u")).is_none_or(|id| id.trim() != "0") {
        return Err(format!("{package} is missing and may not be installed from here (no apt-get, or not root)"));
    }
    say(&format!("apt-get installs {package} (about a minute)"));
    run(program("apt-get").args(["update", "-qq"]))?;
    run(program("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Where a program is found.
fn on_path(binary: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(binary)).find(|candidate| candidate.is_file())
}

/// Makes a folder and gives it back.
///
/// # Errors
/// It cannot be made.
fn ensure_dir(path: &Path) -> Outcome<&Path> {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
