//! `test`: every suite of the project, one after the other, and the sum of their counts.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::page::{self, Profile};
use crate::shell::{self, Args, Outcome, cargo, program, root, say, target};
use crate::tools;

/// `cargo xtask test [--quick]`
///
/// # Errors
/// A test failed, or a suite could not be run.
pub fn run(mut args: Args) -> Outcome {
    let quick = args.flag("--quick");
    args.finish()?;
    let mut suites = Suites::default();
    suites.run("engine, command line, page logic", || native(quick));
    if !quick {
        suites.run("the page in a browser", browser);
    }
    suites.close()
}

/// Unit, property, golden and reader tests; Spark, the slow one of the readers, only where all is tested.
fn native(quick: bool) -> Outcome<Command> {
    let mut test = cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]);
    test.env("COLONNADE_PYTHON", tools::readers()?).env("COLONNADE_NODE_MODULES", tools::hyparquet()?);
    if !quick && let Some(python) = tools::spark()? {
        test.env("COLONNADE_SPARK_PYTHON", python);
    }
    // The corpora that may not be copied into the tree: the scoreboards are printed where they lie beside the checkout.
    if let Some(shared) = root().parent().map(|parent| parent.join("shared")).filter(|shared| shared.join("corpora").is_dir()) {
        test.env("COLONNADE_SHARED", std::env::var_os("COLONNADE_SHARED").unwrap_or_else(|| shared.into()));
    }
    Ok(test)
}

/// The page as built with the development profile, in a real Chromium.
fn browser() -> Outcome<Command> {
    tools::for_browser_tests()?;
    let dist = target().join("dist-test");
    page::build(Profile::Dev, &dist)?;
    let mut test = program("node");
    test.args(["--test", "--test-reporter=spec", "--test-timeout=600000", "tests/browser/"]).env("COLONNADE_DIST", dist);
    test.env("COLONNADE_PYTHON", tools::readers()?);
    Ok(test)
}

/// The suites run so far.
#[derive(Default)]
struct Suites {
    counts: Counts,
    failed: Vec<String>,
}

/// What the tests of a suite came to.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Suites {
    /// Runs one suite and counts. A suite that cannot even be started fails like one with a failing test, so that the
    /// others still run.
    fn run(&mut self, name: &str, prepare: impl FnOnce() -> Outcome<Command>) {
        println!("\n== {name}");
        match prepare().and_then(|mut command| counted(&mut command)) {
            Ok((counts, succeeded)) => {
                self.counts.passed += counts.passed;
                self.counts.failed += counts.failed;
                self.counts.skipped += counts.skipped;
                if !succeeded || counts.passed == 0 {
                    self.failed.push(name.to_owned());
                }
            }
            Err(message) => {
                say(&message);
                self.failed.push(name.to_owned());
            }
        }
    }

    fn close(self) -> Outcome {
        let Counts { passed, failed, skipped } = self.counts;
        println!();
        let outcome = if self.failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", self.failed.join("; "))) };
        if let Err(message) = &outcome {
            println!("xtask: {message}");
        }
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        outcome
    }
}

/// Runs a command, passes on what it prints, and adds up its counts.
fn counted(command: &mut Command) -> Outcome<(Counts, bool)> {
    let line = shell::shown(command);
    println!("$ {line}");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("`{line}` could not be started: {error}"))?;
    let mut counts = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        for printed in BufReader::new(stdout).lines().map_while(Result::ok) {
            counts.add(&printed);
            println!("{printed}");
        }
    }
    let status = child.wait().map_err(|error| format!("`{line}`: {error}"))?;
    Ok((counts, status.success()))
}

impl Counts {
    /// Adds a closing line of cargo's or Node's test runner: `test result: ok. 41 passed; 0 failed; ...`, `ℹ pass 7`.
    fn add(&mut self, line: &str) {
        let mut count = |word: &str, number: &str| {
            let number: u64 = number.parse().unwrap_or(0);
            match word {
                "passed" | "pass" => self.passed += number,
                "failed" | "fail" | "cancelled" => self.failed += number,
                "ignored" | "skipped" => self.skipped += number,
                _ => {}
            }
        };
        if let Some(result) = line.trim().strip_prefix("test result:") {
            result.split([';', '.']).filter_map(|part| part.trim().split_once(' ')).for_each(|(number, word)| count(word, number));
        } else if let Some((word, number)) = line.trim().strip_prefix("ℹ ").and_then(|rest| rest.split_once(' ')) {
            count(word, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn closing_lines_of_both_runners_are_counted() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 41 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "ℹ tests 7",
            "ℹ pass 5",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 4",
        ] {
            counts.add(line);
        }
        assert_eq!(counts, Counts { passed: 46, failed: 3, skipped: 6 });
    }
}
