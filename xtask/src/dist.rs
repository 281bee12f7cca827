//! `finish-dist`: what trunk leaves undone. Trunk runs it as its post-build hook on the staging folder.
//!
//! Files that keep one name for ever could be mixed from two versions by a cache on the way, so each gets its content's
//! hash into its name. The list of all files is the program's version: the service worker keeps exactly these, and the
//! page shows them as the proof of what it has loaded.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::shell::{Outcome, read, say};

/// The policy of the page and, through the blob: bootstrap, of every worker.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self' blob:; \
    connect-src 'self'; manifest-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; object-src 'none'; \
    require-trusted-types-for 'script'; trusted-types colonnade default";

/// What the page for data at addresses may connect to in place of this host alone: any host by https, and this machine.
const REMOTE_CONNECT: &str = "connect-src 'self' https: http://127.0.0.1:* http://localhost:*;";

/// The two modules of the workers.
const MODULES: [&str; 2] = ["colonnade-worker", "worker-every"];

/// One file of the program.
struct File {
    path: String,
    bytes: usize,
    sha256: String,
}

/// `cargo xtask finish-dist`
pub fn run() -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR").ok_or("finish-dist is trunk's hook: run `cargo xtask build`")?;
    let offline =
        env::var("COLONNADE_OFFLINE").map_or_else(|_| env::var("TRUNK_PROFILE").as_deref() == Ok("release"), |asked| asked == "1");
    finish(Path::new(&staging), offline)
}

/// Names files by content, lists them, and refuses a page that its own policy would block.
fn finish(dist: &Path, offline: bool) -> Outcome {
    let mut index = read(&dist.join("index.html"))?;
    check_page(&index)?;

    index = one_stylesheet(dist, &index)?;
    let mut renamed = Vec::new();
    for module in MODULES {
        let wasm = format!("{module}_bg.wasm");
        let named = hashed(dist, &wasm)?;
        substitute(&dist.join(format!("{module}.js")), &wasm, &named)?;
        renamed.push((wasm, named));
    }
    for script in MODULES.iter().chain(&["start", "theme"]).map(|script| format!("{script}.js")) {
        let named = hashed(dist, &script)?;
        renamed.push((script, named));
    }
    for (from, to) in renamed {
        index = replaced(&index, &format!("./{from}\""), &format!("./{to}\""))?;
    }

    let remote = remote_page(&index)?;
    let version = version(&listed(dist, &["index.html", "sw.js"])?, &(index.clone() + &remote));
    for (page, content) in [("index.html", index), ("remote.html", remote)] {
        let data = format!("data-version=\"{version}\" data-offline=\"{offline}\"");
        write(&dist.join(page), &replaced(&content, "data-version=\"dev\"", &data)?)?;
    }

    // Twice: the service worker keeps the first list too. It cannot be on a list that it holds itself.
    write(&dist.join("program.json"), &json(&version, &listed(dist, &["sw.js"])?))?;
    substitute(&dist.join("sw.js"), "{ version: \"dev\", files: [] }", &json(&version, &listed(dist, &["sw.js"])?))?;
    say(&format!("program version {version}"));
    Ok(())
}

/// Puts all stylesheets into one, in their order: one request, and they are packed better together.
fn one_stylesheet(dist: &Path, index: &str) -> Outcome<String> {
    const SHEET: &str = "<link rel=\"stylesheet\" href=\"./";
    let mut sheets = String::new();
    let mut pieces = index.split(SHEET);
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for (number, piece) in pieces.enumerate() {
        let (name, rest) = piece.split_once('"').ok_or("index.html: a stylesheet without a name")?;
        let (_, rest) = rest.split_once('>').ok_or("index.html: a stylesheet without an end")?;
        sheets += &read(&dist.join(name))?;
        fs::remove_file(dist.join(name)).map_err(|error| format!("{name}: {error}"))?;
        if number == 0 {
            page += &format!("{SHEET}style.css\">");
        }
        page += rest;
    }
    if sheets.is_empty() {
        return Ok(page);
    }
    write(&dist.join("style.css"), &sheets)?;
    let named = hashed(dist, "style.css")?;
    replaced(&page, "./style.css\"", &format!("./{named}\""))
}

/// The page for data at addresses: the same program under a policy that lets it connect, without what opens files.
fn remote_page(index: &str) -> Outcome<String> {
    let page = replaced(index, "connect-src 'self';", REMOTE_CONNECT)?;
    let page = replaced(&page, "<html lang=\"en\">", "<html lang=\"en\" data-page=\"remote\">")?;
    let page = replaced(&page, "<title>Colonnade</title>", "<title>Colonnade: data at an address</title>")?;
    let page = replaced(&page, "<span>Nothing leaves this tab</span>", "<span>Reads from addresses</span>")?;
    let page = without(&page, "<section class=\"landing\"", "</section>")?;
    let page = without(&page, "<input id=\"file\"", ">")?;
    without(&page, "<input id=\"folder\"", ">")
}

/// A text without what begins with `from`, up to and with the first `to` behind.
fn without(text: &str, from: &str, to: &str) -> Outcome<String> {
    let missing = || format!("`{from}` is not there to be taken out");
    let (before, rest) = text.split_once(from).ok_or_else(missing)?;
    let (_, behind) = rest.split_once(to).ok_or_else(missing)?;
    Ok(format!("{before}{behind}"))
}

/// Gives a file its content's hash as part of its name, and gives back the new name.
fn hashed(dist: &Path, name: &str) -> Outcome<String> {
    let from = dist.join(name);
    let digest = digest(&bytes(&from)?);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let (stem, suffix) = stem.strip_suffix("_bg").map_or((stem, ""), |stem| (stem, "_bg"));
    let to = format!("{stem}-{}{suffix}.{extension}", &digest[..16]);
    fs::rename(&from, dist.join(&to)).map_err(|error| format!("{name}: {error}"))?;
    Ok(to)
}

/// Every file below `dist` but those named, sorted by path.
fn listed(dist: &Path, without: &[&str]) -> Outcome<Vec<File>> {
    let mut paths = Vec::new();
    walk(dist, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(dist).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !without.contains(&relative.as_str()) {
            let content = bytes(&path)?;
            files.push(File { path: relative, bytes: content.len(), sha256: digest(&content) });
        }
    }
    Ok(files)
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> Outcome {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, into)? } else { into.push(path) }
    }
    Ok(())
}

/// The first half of a hash over the files' hashes and the page that names them.
fn version(files: &[File], index: &str) -> String {
    let hashes: String = files.iter().map(|file| format!("{} {}\n", file.sha256, file.path)).collect();
    digest((hashes + index).as_bytes())[..12].to_owned()
}

fn json(version: &str, files: &[File]) -> String {
    let file = |file: &File| format!("{{\"path\":\"{}\",\"bytes\":{},\"sha256\":\"{}\"}}", file.path, file.bytes, file.sha256);
    format!("{{\"version\":\"{version}\",\"files\":[{}]}}", files.iter().map(file).collect::<Vec<_>>().join(",\n"))
}

/// Refuses what the policy would block in the browser, where nobody would see why.
fn check_page(index: &str) -> Outcome {
    let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    if !index.contains(&policy) {
        return Err(format!("index.html must hold exactly this policy:\n{policy}"));
    }
    let before_policy = index.split("http-equiv").next().unwrap_or_default();
    if before_policy.contains("<script") || before_policy.contains("<link") {
        return Err("index.html: the policy must stand before anything that loads".into());
    }
    for (number, line) in index.lines().enumerate() {
        let inline_script = line.contains("<script") && !line.contains(" src=");
        let inline_style = line.contains("<style") || line.contains(" style=");
        let handler = [" onclick=", " onload=", " onerror=", " onchange=", " onsubmit="].iter().any(|name| line.contains(name));
        if inline_script || inline_style || handler {
            return Err(format!(
                "index.html, line {}: inline scripts, styles and handlers are blocked by the policy: {}",
                number + 1,
                line.trim()
            ));
        }
        if line.contains("=\"/") || line.contains("=\"http") {
            return Err(format!("index.html, line {}: only relative addresses work from any sub-path: {}", number + 1, line.trim()));
        }
    }
    Ok(())
}

fn substitute(path: &Path, from: &str, to: &str) -> Outcome {
    write(path, &replaced(&read(path)?, from, to).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn replaced(text: &str, from: &str, to: &str) -> Outcome<String> {
    if text.contains(from) { Ok(text.replace(from, to)) } else { Err(format!("`{from}` is not there to be replaced")) }
}

fn digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::root;

    /// What trunk leaves, in a folder of its own.
    fn staged(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("colonnade-dist-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
        let scripts = "<script src=\"./theme.js\"></script>\n<script type=\"module\" src=\"./start.js\" data-version=\"dev\" \
            data-worker-js=\"./colonnade-worker.js\" data-worker-wasm=\"./colonnade-worker_bg.wasm\" \
            data-every-js=\"./worker-every.js\" data-every-wasm=\"./worker-every_bg.wasm\"></script>";
        let head = format!("<html lang=\"en\">{policy}<title>Colonnade</title>");
        let body =
            "<span>Nothing leaves this tab</span><section class=\"landing\"><p></p></section><input id=\"file\"><input id=\"folder\">";
        let sheet = |name: &str| format!("<link rel=\"stylesheet\" href=\"./{name}.css\" integrity=\"sha384-x\"/>");
        let sheets = format!("{}\n{}", sheet("page"), sheet("grid"));
        write(&folder.join("page.css"), "a { }\n").unwrap();
        write(&folder.join("grid.css"), "b { }\n").unwrap();
        write(&folder.join("index.html"), &format!("{head}\n{scripts}\n{sheets}\n{body}\n")).unwrap();
        for module in MODULES {
            write(&folder.join(format!("{module}.js")), &format!("new URL('{module}_bg.wasm', import.meta.url)")).unwrap();
            write(&folder.join(format!("{module}_bg.wasm")), module).unwrap();
        }
        write(&folder.join("sw.js"), "const program = { version: \"dev\", files: [] };").unwrap();
        for other in ["start.js", "theme.js"] {
            write(&folder.join(other), other).unwrap();
        }
        folder
    }

    #[test]
    fn every_file_is_named_by_its_content_and_listed() {
        let dist = staged("names");
        finish(&dist, true).unwrap();
        let index = read(&dist.join("index.html")).unwrap();
        let files = listed(&dist, &[]).unwrap();
        for name in MODULES.iter().chain(&["start", "theme"]) {
            let named = files.iter().find(|file| file.path.starts_with(&format!("{name}-")) && file.path.ends_with(".js")).unwrap();
            assert!(index.contains(&format!("\"./{}\"", named.path)), "{name} in {index}");
        }
        for module in MODULES {
            let named =
                |end: &str| files.iter().find(|file| file.path.starts_with(&format!("{module}-")) && file.path.ends_with(end)).unwrap();
            assert!(read(&dist.join(&named(".js").path)).unwrap().contains(&named("_bg.wasm").path));
        }
        let program = read(&dist.join("program.json")).unwrap();
        let service_worker = read(&dist.join("sw.js")).unwrap();
        for file in files.iter().filter(|file| !["program.json", "sw.js"].contains(&file.path.as_str())) {
            assert!(program.contains(&file.sha256) && service_worker.contains(&file.sha256), "{}", file.path);
        }
        fs::remove_dir_all(&dist).unwrap();
    }

    #[test]
    fn the_page_for_addresses_differs_by_what_it_may_connect_to_and_opens_no_file() {
        let dist = staged("remote");
        finish(&dist, true).unwrap();
        let (index, remote) = (read(&dist.join("index.html")).unwrap(), read(&dist.join("remote.html")).unwrap());
        fs::remove_dir_all(&dist).unwrap();
        assert!(index.contains(POLICY) && !remote.contains(POLICY));
        assert!(remote.contains(&POLICY.replace("connect-src 'self';", REMOTE_CONNECT)));
        assert!(!remote.contains("type=\"file\"") && !remote.contains("<input") && !remote.contains("landing"), "{remote}");
        let page = remote_page(&read(&root().join("index.html")).unwrap()).unwrap();
        assert!(!page.contains("<input") && !page.contains("class=\"landing\""));
    }

    #[test]
    fn stylesheets_are_one_file_in_their_order() {
        let dist = staged("sheets");
        finish(&dist, true).unwrap();
        let index = read(&dist.join("index.html")).unwrap();
        let name = index.split("href=\"./").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let sheets = read(&dist.join(name)).unwrap();
        assert!(name.starts_with("style-") && sheets == "a { }\nb { }\n", "{name}: {sheets}");
        assert!(index.matches(".css").count() == 1 && read(&dist.join("program.json")).unwrap().contains(name), "{index}");
        fs::remove_dir_all(&dist).unwrap();
    }

    #[test]
    fn another_content_is_another_version() {
        let version = |name: &str, content: &str| {
            let dist = staged(name);
            write(&dist.join("start.js"), content).unwrap();
            finish(&dist, true).unwrap();
            let program = read(&dist.join("program.json")).unwrap();
            fs::remove_dir_all(&dist).unwrap();
            program.split('"').nth(3).unwrap().to_owned()
        };
        assert_eq!(version("same", "1"), version("again", "1"));
        assert_ne!(version("same", "1"), version("other", "2"));
    }

    #[test]
    fn a_page_that_its_own_policy_would_block_is_refused() {
        let page = read(&root().join("index.html")).unwrap();
        check_page(&page).unwrap();
        for (what, wrong) in [
            ("inline script", "<script>start()</script>"),
            ("inline style", "<p style=\"color: red\">"),
            ("handler", "<button onclick=\"go()\">"),
            ("absolute address", "<a href=\"/elsewhere\">"),
        ] {
            assert!(check_page(&format!("{page}\n{wrong}")).is_err(), "{what}");
        }
        assert!(check_page(&page.replace("connect-src 'self'", "connect-src *")).is_err(), "a weaker policy");
    }
}
