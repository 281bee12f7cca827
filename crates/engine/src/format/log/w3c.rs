//! W3C's extended log file format: its `#Fields:` say what its columns are.

use super::layout::Found;

/// The layout that a `#Fields:` directive among the first lines says.
pub fn find(lines: &[&str]) -> Option<Found> {
    let directives = lines.iter().take_while(|line| line.starts_with('#'));
    let fields = directives.filter_map(|line| line.strip_prefix("#Fields:")).next()?;
    let names: Vec<&str> = fields.split_whitespace().collect();
    let records: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with('#')).collect();
    let separator = if records.iter().any(|line| line.contains('\t')) { r"\t" } else { " +" };
    let is_quoted = records.iter().any(|line| line.contains('"'));
    let field = |name: &&str| {
        let name = name.replace(['}', ':'], "_");
        match (is_quoted, separator) {
            (true, _) => format!(r#"(?:"%{{QUOTED:{name}}}"|%{{NOTSPACE:{name}}})"#),
            (false, " +") => format!("%{{NOTSPACE:{name}}}"),
            (false, _) => format!(r"(?<{name}>[^\t]*)"),
        }
    };
    let pattern = names.iter().map(field).collect::<Vec<_>>().join(separator);
    let is_some = !names.is_empty() && pattern.len() < super::pattern::MOST_CHARS as usize;
    is_some.then(|| Found {
        title: "W3C extended log".to_owned(),
        pattern,
        start: String::new(),
        comment: "#".to_owned(),
        null_value: "-".to_owned(),
        has_messages: false,
        share: 1.0,
        most: 0.98,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_directive() {
        let found =
            find(&["#Version: 1.0", "#Fields: date time cs(User-Agent) sc-status", "2024-01-01 00:00:01 Mozilla/5.0+(X11) 200"]).unwrap();
        assert_eq!(found.pattern, "%{NOTSPACE:date} +%{NOTSPACE:time} +%{NOTSPACE:cs(User-Agent)} +%{NOTSPACE:sc-status}");
        assert_eq!((found.comment.as_str(), found.null_value.as_str()), ("#", "-"));
        assert_eq!(find(&["# a comment", "#Fields"]), None);
    }
}
