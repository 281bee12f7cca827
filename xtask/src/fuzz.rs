//! `fuzz`: inputs grown by what the readers do with them (libFuzzer), on the project's own toolchain.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, Args, Outcome, cargo, output, program, read, root, say, target};

/// What makes the compiler tell libFuzzer which code ran, after cargo-fuzz without a sanitizer: the engine is safe Rust.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
const MANIFEST: &str = "fuzz/Cargo.toml";
/// Bytes of an input, seconds that one may take, megabytes that all may.
const BOUNDS: [&str; 3] = ["-max_len=16384", "-timeout=20", "-rss_limit_mb=3072"];

/// Files to begin with beside the golden cases: folders of the shared corpora, where those are at hand.
const SEEDS: [(&str, &str); 9] = [
    ("json", "jsontestsuite"),
    ("texttable", "astropy-ascii"),
    ("fixed", "astropy-ascii"),
    ("parquet", "parquet-testing/data"),
    ("arrow", "arrow-testing/arrow-ipc-stream"),
    ("avro", "avro"),
    ("xml", "roxmltree"),
    ("workbook", "calamine"),
    ("packed", "csvkit"),
];

/// `cargo xtask fuzz [TARGET] [--seconds N]`: one target, or each after the other.
///
/// # Errors
/// The targets cannot be built, or something was found: libFuzzer prints it and leaves the input in `fuzz/artifacts/`.
pub fn run(mut args: Args) -> Outcome {
    let seconds = args.value("--seconds")?.unwrap_or(60_u32);
    let known = targets()?;
    let chosen = match args.command() {
        Some(name) if known.contains(&name) => vec![name],
        Some(other) => return Err(format!("no fuzz target `{other}`; known are {}", known.join(", "))),
        None => known,
    };
    args.finish()?;
    let folder = build()?;
    let mut found = Vec::new();
    for name in chosen {
        println!("\n== {name}");
        if let Err(message) = shell::run(&mut fuzzer(&folder, &name, seconds)?) {
            say(&message);
            found.push(name);
        }
    }
    if found.is_empty() { Ok(()) } else { Err(format!("something was found in {}: see fuzz/artifacts/", found.join(", "))) }
}

/// The targets by their names.
fn targets() -> Outcome<Vec<String>> {
    let manifest = read(&root().join(MANIFEST))?;
    Ok(manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\"")).map(str::to_owned).collect())
}

/// Builds them all, on the versions that the workspace has; gives the folder that they are in.
fn build() -> Outcome<PathBuf> {
    std::fs::copy(root().join("Cargo.lock"), root().join("fuzz/Cargo.lock")).map_err(|error| format!("fuzz/Cargo.lock: {error}"))?;
    let version = output(program("rustc").arg("-vV")).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not say what it builds for")?;
    // Naming the target keeps build scripts out of it.
    let folder = target().join("fuzz");
    let mut build = cargo();
    build.args(["build", "--release", "--manifest-path", MANIFEST, "--target", host, "--target-dir"]).arg(&folder);
    shell::run(build.env("RUSTFLAGS", INSTRUMENTED))?;
    Ok(folder.join(host).join("release"))
}

/// libFuzzer on one target: what it found interesting before is kept, the golden cases and findings are read.
fn fuzzer(folder: &std::path::Path, name: &str, seconds: u32) -> Outcome<Command> {
    let (corpus, artifacts) = (format!("fuzz/corpus/{name}"), format!("fuzz/artifacts/{name}/"));
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(root().join(folder)).map_err(|error| format!("{folder}: {error}"))?;
    }
    let mut fuzzer = program(folder.join(name));
    fuzzer
        .args([&corpus, "tests/golden", "fuzz/found"])
        .args(SEEDS.iter().filter(|(of, _)| *of == name).filter_map(|(_, folder)| corpora(folder)));
    fuzzer.args(BOUNDS);
    fuzzer.args([format!("-max_total_time={seconds}"), format!("-artifact_prefix={artifacts}"), "-print_final_stats=1".to_owned()]);
    Ok(fuzzer)
}

/// A folder of the corpora beside the checkout.
fn corpora(folder: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("COLONNADE_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    Some(shared.join("corpora").join(folder)).filter(|folder| folder.is_dir())
}
