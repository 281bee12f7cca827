//! The walls of the house (ARCHITECTURE.md), each held by a look at the sources and the dependency tree.

use std::path::{Path, PathBuf};

use crate::shell::{Outcome, cargo, output, program, read, root};

const WASM: &str = "wasm32-unknown-unknown";

/// A crate may not have these in what it is built from.
struct TreeWall {
    package: &'static str,
    without: &'static [&'static str],
    why: &'static str,
}

/// Files below a folder may not name these.
struct SourceWall {
    folder: &'static str,
    without: &'static [&'static str],
    why: &'static str,
}

const TREES: [TreeWall; 2] = [
    TreeWall {
        package: "colonnade-engine",
        without: &["web-sys", "js-sys", "wasm-bindgen", "tokio"],
        why: "the engine knows no browser: it builds, tests and runs natively too",
    },
    TreeWall {
        package: "colonnade-page",
        without: &["colonnade-engine", "arrow-array", "arrow-schema", "parquet"],
        why: "the page knows no bytes: it holds handles, counts and the rows in sight",
    },
];

const SOURCES: [SourceWall; 4] = [
    SourceWall {
        folder: "crates/engine/src",
        without: &["std::thread", "thread::spawn", "Instant::now", "SystemTime"],
        why: "the engine has no threads and no clock: whoever runs it has",
    },
    SourceWall { folder: "crates/engine/src/format", without: &["crate::output"], why: "formats do not know outputs" },
    SourceWall {
        folder: "src",
        without: &["Serialize", "Deserialize"],
        why: "every message between page and workers is in crates/protocol",
    },
    SourceWall { folder: "src", without: &["set_inner_html", "inner_html="], why: "what a file holds is only ever set as text" },
];

/// Looks at every wall.
///
/// # Errors
/// Each breach with its file, line and reason.
pub fn check() -> Outcome {
    let mut breaches = Vec::new();
    for wall in &TREES {
        breaches.extend(tree(wall)?);
    }
    for wall in &SOURCES {
        breaches.extend(source(wall)?);
    }
    breaches.extend(one_arrow()?);
    breaches.extend(tracked()?);
    if breaches.is_empty() {
        println!("{} walls hold", TREES.len() + SOURCES.len() + 2);
        return Ok(());
    }
    Err(breaches.join("\n"))
}

/// Asks the browser for random numbers where it is compiled for one, whoever depends on it (the zip reader of workbooks).
const BRIDGE: &str = "getrandom";

fn tree(wall: &TreeWall) -> Outcome<Vec<String>> {
    let names = names(wall.package, &[])?;
    let mut found: Vec<&String> = names.iter().filter(|name| wall.without.contains(&name.as_str())).collect();
    found.sort_unstable();
    found.dedup();
    let mut breaches = Vec::new();
    for name in found {
        // The first is the crate itself.
        let parents = self::names(wall.package, &["-i", name, "--depth", "1"])?;
        if parents.iter().skip(1).any(|parent| parent != BRIDGE) {
            breaches.push(format!("{} depends on {name}: {}", wall.package, wall.why));
        }
    }
    Ok(breaches)
}

/// The crates that `cargo tree` lists for a package, as it is built for the browser.
fn names(package: &str, more: &[&str]) -> Outcome<Vec<String>> {
    let listed = ["tree", "-p", package, "--target", WASM, "-e", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = output(cargo().args(listed).args(more)).ok_or_else(|| format!("cargo tree -p {package} failed"))?;
    Ok(tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}

fn source(wall: &SourceWall) -> Outcome<Vec<String>> {
    let mut files = Vec::new();
    rust_files(&root().join(wall.folder), &mut files)?;
    let mut breaches = Vec::new();
    for file in files {
        let text = read(&file)?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some(word) = wall.without.iter().find(|word| line.contains(**word)) {
                let shown = file.strip_prefix(root()).unwrap_or(&file).display();
                breaches.push(format!("{shown}:{}: `{word}`: {}", number + 1, wall.why));
            }
        }
    }
    Ok(breaches)
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) -> Outcome {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            rust_files(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// Two versions of Arrow do not mix: their types are different types.
fn one_arrow() -> Outcome<Vec<String>> {
    let lock = read(&root().join("Cargo.lock"))?;
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    let mut arrows: Vec<&str> = names.filter(|name| name.starts_with("arrow-") || ["arrow", "parquet"].contains(name)).collect();
    arrows.sort_unstable();
    let twice = arrows.windows(2).filter(|pair| pair[0] == pair[1]);
    Ok(twice.map(|pair| format!("Cargo.lock holds two versions of {}", pair[0])).collect())
}

/// A clone must work anywhere: no tracked file names a folder of one machine, and no lock file a host.
fn tracked() -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    let machine = format!("(^|[\"' (=])/{}/", "(root|home|work|Users|tmp/wt)");
    let rules: [(&str, &[&str], &str); 3] = [
        (&machine, &[":!*.csv", ":!*.lock"], "a path of one machine"),
        ("\"resolved\": *\"http", &["*package-lock.json"], "a registry's host in a lock file"),
        (r"\b(TODO|FIXME)\b|\b(todo|unimplemented)!\(", &["*.rs", "*.mjs", "*.js", "*.css", ":!xtask/src/walls.rs"], "left for later"),
    ];
    for (pattern, files, why) in rules {
        let found = output(program("git").args(["grep", "-InE", pattern, "--"]).args(files)).unwrap_or_default();
        breaches.extend(found.lines().map(|line| format!("{line}: {why}")));
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::{SOURCES, SourceWall, source};

    #[test]
    fn a_breach_is_found_and_named() {
        let wall = SourceWall { folder: "xtask/src", without: &[concat!("mod ", "page;")], why: "of this test" };
        let breaches = source(&wall).unwrap();
        assert_eq!(breaches.len(), 1, "{breaches:?}");
        assert!(breaches[0].starts_with("xtask/src/main.rs:") && breaches[0].ends_with("of this test"));
    }

    #[test]
    fn every_wall_stands_around_something() {
        for wall in &SOURCES {
            assert!(crate::shell::root().join(wall.folder).is_dir(), "{}", wall.folder);
        }
    }
}
