//! Columns that lines above the data describe: a byte-by-byte description (CDS, machine-readable tables of journals), or
//! bars over them (IPAC).

use super::columns::Column;

/// Columns with their names, and the line that the data begins on.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    pub columns: Vec<Column>,
    pub names: Vec<String>,
    /// Counted from 0.
    pub data_line: usize,
    /// The line of the names.
    pub names_line: usize,
}

/// The description that a text begins with.
pub fn find(text: &str) -> Option<Described> {
    let lines: Vec<&str> = text.lines().collect();
    byte_by_byte(&lines).or_else(|| bars(&lines))
}

/// `Bytes Format Units Label Explanations`, a line a column, the data below the last drawn line.
/// See <https://cdsarc.cds.unistra.fr/doc/catstd-3.1.htx>.
fn byte_by_byte(lines: &[&str]) -> Option<Described> {
    let head = lines.iter().position(|line| {
        let words: Vec<&str> = line.split_whitespace().take(4).collect();
        matches!(words[..], ["Bytes", "Format", "Units", "Label"])
    })?;
    let (mut columns, mut names): (Vec<Column>, Vec<String>) = (Vec::new(), Vec::new());
    for line in lines[head + 1..].iter().skip_while(|line| is_drawn(line)).take_while(|line| !is_drawn(line)) {
        let Some((column, rest)) = bytes(line) else { continue };
        // Format and units stand before the label.
        let label = rest.split_whitespace().nth(2)?;
        if columns.last().is_some_and(|last| last.end.is_none_or(|end| end > column.start)) {
            return None;
        }
        columns.push(column);
        names.push(label.to_owned());
    }
    let data_line = lines.iter().rposition(|line| is_drawn(line))? + 1;
    (!columns.is_empty()).then_some(Described { columns, names, data_line, names_line: head })
}

/// A line of dashes or equals signs throughout.
fn is_drawn(line: &str) -> bool {
    let line = line.trim();
    line.len() > 20 && (line.bytes().all(|byte| byte == b'-') || line.bytes().all(|byte| byte == b'='))
}

/// `  1-  3 I3 ...` or `     17 A1 ...`: the bytes, counted from 1, both included, and what is behind them.
fn bytes(line: &str) -> Option<(Column, &str)> {
    let line = line.trim_start();
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let length = digits(line);
    let start: usize = line[..length].parse().ok()?;
    let rest = line[length..].trim_start();
    let (end, rest) = match rest.strip_prefix('-') {
        Some(rest) => {
            let rest = rest.trim_start();
            let length = digits(rest);
            (rest[..length].parse().ok()?, &rest[length..])
        }
        None => (start, rest),
    };
    (start > 0 && end >= start).then(|| (Column { start: start - 1, end: Some(end) }, rest))
}

/// Names between bars, with lines of types and units below them between the same bars, and rows that are blank there.
/// See <https://irsa.ipac.caltech.edu/applications/DDGEN/Doc/ipac_tbl.html>.
fn bars(lines: &[&str]) -> Option<Described> {
    let is_barred = |line: &str| line.starts_with('|') && line.trim_end().ends_with('|') && line.matches('|').count() > 2;
    let first = lines.iter().position(|line| is_barred(line))?;
    if lines[..first].iter().any(|line| !line.trim().is_empty() && !line.starts_with('\\')) {
        return None;
    }
    let data_line = lines[first..].iter().position(|line| !is_barred(line)).map_or(lines.len(), |at| first + at);
    let at: Vec<usize> = lines[first].char_indices().filter(|(_, c)| *c == '|').map(|(at, _)| at).collect();
    let same = |line: &&str| at.iter().all(|&bar| line.as_bytes().get(bar) == Some(&b'|'));
    let blank = |line: &&str| at.iter().all(|&bar| line.as_bytes().get(bar).is_none_or(|byte| byte.is_ascii_whitespace()));
    let rows: Vec<&&str> = lines[data_line..].iter().filter(|line| !line.trim().is_empty()).take(100).collect();
    let blanks = rows.iter().filter(|line| blank(line)).count();
    let is_description = lines[first].is_ascii()
        && lines[first..data_line].iter().all(same)
        && if rows.is_empty() { lines.get(first + 1).is_some_and(|line| are_types(line)) } else { blanks * 2 >= rows.len() };
    if !is_description {
        return None;
    }
    let pairs = at.windows(2).map(|pair| (pair[0] + 1, pair[1]));
    let names = pairs.clone().map(|(from, to)| lines[first][from..to].trim_matches(['-', ' ']).to_owned()).collect();
    let mut columns: Vec<Column> = pairs.map(|(start, end)| Column { start, end: Some(end) }).collect();
    // The first row begins where the first bar stands.
    columns.first_mut()?.start = 0;
    Some(Described { columns, names, data_line, names_line: first })
}

/// Whether a line between bars holds the names of types.
fn are_types(line: &str) -> bool {
    const TYPES: &[&str] = &["int", "integer", "long", "float", "double", "real", "char", "date", "i", "l", "f", "d", "r", "c"];
    line.trim().trim_matches('|').split('|').all(|cell| TYPES.iter().any(|name| cell.trim().eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::super::columns::write;
    use super::*;

    #[test]
    fn a_byte_by_byte_description_names_and_places_the_columns() {
        let rule = "-".repeat(40);
        let text = format!(
            "Title: x\n{rule}\n   Bytes Format Units  Label  Explanations\n{rule}\n   1-  3 I3     ---    Index  number\n       5 A1     ---    DE-    Sign\n                              - continued\n{rule}\nNote: y\n{rule}\n  1 +\n"
        );
        let found = find(&text).unwrap();
        assert_eq!(
            (write(&found.columns).as_str(), found.names, found.data_line),
            ("0-3,4-5", vec!["Index".to_owned(), "DE-".to_owned()], 10)
        );
    }

    #[test]
    fn bars_stand_over_the_columns() {
        let text = "\\ a comment\n|  ra  |--dec--|\n| real | real  |\n  1.0    2.0   \n";
        let found = find(text).unwrap();
        assert_eq!(
            (write(&found.columns).as_str(), found.names, found.data_line),
            ("0-7,8-15", vec!["ra".to_owned(), "dec".to_owned()], 3)
        );
        assert_eq!(find("| a | b |\n|---|---|\n| 1 | 2 |\n"), None);
    }
}
