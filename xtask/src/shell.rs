//! What every command needs: places, arguments, and running other programs in sight of the person.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What a command ends with; the error is what a person reads.
pub type Outcome<T = ()> = Result<T, String>;

/// The root of the checkout that cargo was asked to run in: not the one that this program was built in, since several
/// checkouts may share a build folder.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
    })
}

/// Where tools are kept: outside the tree, so that a fresh clone finds them again.
pub fn cache() -> PathBuf {
    let home = || env::var_os("HOME").or_else(|| env::var_os("USERPROFILE")).map(PathBuf::from).unwrap_or_else(env::temp_dir);
    env::var_os("COLONNADE_CACHE").map(PathBuf::from).unwrap_or_else(|| home().join(".cache/colonnade"))
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The cargo that started us.
pub fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program run at the root of the checkout, with the cached tools first on its path.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    let tools = [cache().join("tools/bin")];
    let path = env::var_os("PATH").unwrap_or_default();
    let joined = env::join_paths(tools.into_iter().chain(env::split_paths(&path))).unwrap_or(path);
    // What cargo tells a program that it runs is about xtask, not about what that program builds.
    for (key, _) in env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&key);
        }
    }
    command.current_dir(root()).env("PATH", joined).stdin(Stdio::null());
    command
}

/// Runs a command in sight of the person.
///
/// # Errors
/// It could not be started, or ended with another status than 0.
pub fn run(command: &mut Command) -> Outcome {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().map_err(|error| format!("`{line}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

/// What a command prints on its standard output, when it can be started and succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A command as a person would type it.
pub fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Says what is being done.
pub fn say(message: &str) {
    println!("xtask: {message}");
}

/// Reads a text file; the error names it.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The arguments of a command, taken one by one so that what is left over is an error.
pub struct Args(Vec<String>);

impl Args {
    pub fn of_process() -> Self {
        Self(env::args().skip(1).collect())
    }

    /// The first argument.
    pub fn command(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Whether `flag` was given.
    pub fn flag(&mut self, flag: &str) -> bool {
        let position = self.0.iter().position(|arg| arg == flag);
        position.map(|at| self.0.remove(at)).is_some()
    }

    /// The value after `flag`.
    ///
    /// # Errors
    /// The flag stands without a value, or its value cannot be read.
    pub fn value<T: std::str::FromStr>(&mut self, flag: &str) -> Outcome<Option<T>> {
        let Some(at) = self.0.iter().position(|arg| arg == flag) else { return Ok(None) };
        if at + 1 == self.0.len() {
            return Err(format!("{flag} needs a value"));
        }
        self.0.remove(at);
        let value = self.0.remove(at);
        value.parse().map(Some).map_err(|_| format!("{flag} {value}: not a value that {flag} takes"))
    }

    /// # Errors
    /// Something was given that the command does not know.
    pub fn finish(self) -> Outcome {
        if self.0.is_empty() { Ok(()) } else { Err(format!("unknown: {}", self.0.join(" "))) }
    }
}
