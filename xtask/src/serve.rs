//! `serve`: the page on loopback, built again when a source changes.

use crate::page::{Profile, prepare, trunk};
use crate::shell::{self, Args, Outcome, say};

const PORT: u16 = 8117;

/// `cargo xtask serve [--release] [--port N] [--no-open]`
pub fn run(mut args: Args) -> Outcome {
    let profile = if args.flag("--release") { Profile::Release } else { Profile::Dev };
    let port = args.value("--port")?.unwrap_or(PORT);
    let open = !args.flag("--no-open");
    args.finish()?;
    prepare()?;
    say(&format!("http://127.0.0.1:{port}/ in a moment; a change is built at once, then reload the page (Ctrl-C ends)"));
    let mut serve = trunk("serve", profile);
    serve.args(["--port", &port.to_string()]);
    if open && std::env::var_os("CI").is_none() {
        serve.arg("--open");
    }
    shell::run(&mut serve)
}
