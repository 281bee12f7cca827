//! What a file's path says: its partition values, and whether it is a file to be read at all.

/// What stands for null in a path.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partition values in the folders of a path, from the outermost: `year=2024/city=S%C3%A3o/a.csv`. A value is text as it
/// stands there, percent-decoded; `None` is null, which an empty text is too.
pub fn partitions(path: &str) -> Vec<(String, Option<String>)> {
    let mut folders: Vec<&str> = path.split(['/', '\\']).collect();
    folders.pop();
    let mut values: Vec<(String, Option<String>)> = Vec::new();
    for (name, value) in folders.into_iter().filter_map(|folder| folder.split_once('=')) {
        let (name, value) = (decoded(name), decoded(value));
        if !name.is_empty() && values.iter().all(|(known, _)| *known != name) {
            values.push((name, Some(value).filter(|value| !value.is_empty() && value != NULL)));
        }
    }
    values
}

/// Why a file within a folder is not read: what Spark and Hadoop leave beside data, and what is hidden.
pub fn skipped(path: &str) -> Option<&'static str> {
    let mut parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let name = parts.pop()?;
    let is_marker = |part: &&str| part.starts_with('_') && !part.contains('=');
    if name.ends_with(".crc") {
        Some("a checksum")
    } else if parts.iter().any(|folder| folder.starts_with('.')) || name.starts_with('.') {
        Some("hidden")
    } else if parts.iter().any(is_marker) || is_marker(&name) {
        Some("its name begins with _: a marker or what a writer left unfinished")
    } else {
        None
    }
}

fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match code.filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit())).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    // What is no text once decoded stays as it stands.
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_values_are_those_of_folders_decoded() {
        let value = |text: &str| Some(text.to_owned());
        assert_eq!(
            partitions("data/year=2024/city=S%C3%A3o%20Paulo/k=a=b/zone=__HIVE_DEFAULT_PARTITION__/n=/odd=100%/file=1.csv"),
            [
                ("year".into(), value("2024")),
                ("city".into(), value("S\u{e3}o Paulo")),
                ("k".into(), value("a=b")),
                ("zone".into(), None),
                ("n".into(), None),
                ("odd".into(), value("100%")),
            ]
        );
        assert_eq!(partitions("a.csv"), []);
        assert_eq!(partitions("k=%FF/a.csv"), [("k".into(), value("%FF"))]);
    }

    #[test]
    fn what_writers_leave_beside_data_is_skipped() {
        for path in ["out/_SUCCESS", "out/_temporary/0/part-0.csv", "out/.part-0.csv.crc", "out/part-0.crc", ".git/config", "a/.DS_Store"] {
            assert!(skipped(path).is_some(), "{path}");
        }
        for path in ["out/part-0.csv", "./out/_year=2024/a.csv", "../a.csv", "a_b/c_.csv"] {
            assert_eq!(skipped(path), None, "{path}");
        }
    }
}
