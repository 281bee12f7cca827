//! Step 10: the columns' names, each one once.

use std::collections::HashMap;

use super::header::Header;
use super::tokens::Tokens;
use crate::format::csv::dialect::Dialect;

/// A column's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    /// In the output: unique without regard to case, not empty, no blanks around it, on one line.
    pub name: String,
    /// In the source; empty where it has none.
    pub source_name: String,
}

/// The names in the source, of `width` columns. The rows of a header are joined with blanks; a name that spans several
/// columns (empty cells behind it) stands before each of theirs. `leading`: the first column has no name, as R writes
/// row names.
pub fn in_source(text: &str, tokens: &Tokens, dialect: &Dialect, header: &Header, width: usize, leading: bool) -> Vec<String> {
    let mut names = vec![Vec::<String>::new(); width];
    let rows: Vec<Vec<String>> = tokens.records[header.first..]
        .iter()
        .filter(|record| !record.blank)
        .take(header.rows)
        .map(|record| tokens.cells(record).iter().map(|cell| cell.value(text, dialect).trim().to_owned()).collect())
        .enumerate()
        .filter(|(k, row): &(usize, Vec<String>)| *k == 0 || !are_types(row))
        .map(|(_, row)| row)
        .collect();
    for (k, row) in rows.iter().enumerate() {
        let below = rows.get(k + 1);
        let mut spanning = "";
        for (column, parts) in names.iter_mut().enumerate() {
            let cell = column.checked_sub(usize::from(leading)).and_then(|k| row.get(k)).map_or("", String::as_str);
            let named_below = below.is_some_and(|below| below.get(column).is_some_and(|cell| !cell.is_empty()));
            if !cell.is_empty() {
                spanning = cell;
            }
            let part = if cell.is_empty() && named_below { spanning } else { cell };
            if !part.is_empty() {
                parts.push(part.to_owned());
            }
        }
    }
    names.into_iter().map(|parts| parts.join(" ")).collect()
}

/// Whether a row below the names says the columns' types as RDB files do: a width, where there is one, and `S`, `N` or `M`.
fn are_types(row: &[String]) -> bool {
    let is_type = |cell: &String| matches!(cell.trim_start_matches(|c: char| c.is_ascii_digit()), "S" | "N" | "M" | "s" | "n" | "m");
    !row.is_empty() && row.iter().all(is_type)
}

/// Names for the output, after Spark's rule: `_c` and the position (from 0) where there is none, and the position behind
/// every one of those that are equal without regard to case: `a,a,A,` is `a0,a1,A2,_c3`.
pub fn unique(source: Vec<String>) -> Vec<ColumnName> {
    let clean: Vec<String> = source.iter().map(|name| tidy(name)).collect();
    let mut count: HashMap<String, usize> = HashMap::new();
    for name in &clean {
        *count.entry(name.to_lowercase()).or_default() += 1;
    }
    let mut taken: HashMap<String, ()> = HashMap::new();
    let singles = clean.iter().filter(|name| !name.is_empty() && count[&name.to_lowercase()] == 1);
    taken.extend(singles.map(|name| (name.to_lowercase(), ())));
    source
        .into_iter()
        .zip(clean)
        .enumerate()
        .map(|(k, (source_name, clean))| {
            if !clean.is_empty() && count[&clean.to_lowercase()] == 1 {
                return ColumnName { name: clean, source_name };
            }
            let stem = if clean.is_empty() { format!("_c{k}") } else { format!("{clean}{k}") };
            let mut name = stem.clone();
            let mut n = 1;
            while taken.insert(name.to_lowercase(), ()).is_some() {
                n += 1;
                name = format!("{stem}_{n}");
            }
            ColumnName { name, source_name }
        })
        .collect()
}

/// On one line, without blanks around it and without characters that cannot be seen.
fn tidy(name: &str) -> String {
    let visible: String =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !matches!(c, '\u{feff}' | '\u{200b}')).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &[&str]) -> Vec<String> {
        unique(source.iter().map(|name| (*name).to_owned()).collect()).into_iter().map(|column| column.name).collect()
    }

    #[test]
    fn equal_names_get_their_position() {
        assert_eq!(names(&["a", "a", "A", ""]), ["a0", "a1", "A2", "_c3"]);
        assert_eq!(names(&["a1", "a", "a"]), ["a1", "a1_2", "a2"]);
        assert_eq!(names(&[" x\ny ", "z"]), ["x y", "z"]);
    }

    #[test]
    fn names_are_always_unique() {
        let hard = names(&["_c1", "", "_C1", "_c1", "", "A0", "a0", ""]);
        let distinct: std::collections::HashSet<_> = hard.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), hard.len(), "{hard:?}");
    }

    #[test]
    fn a_row_of_types_names_nothing() {
        let text = "agasc_id,n_obs,name\nN,10N,S\n1,2,x\n";
        let tokens = Tokens::cut(text, &Dialect::default(), 10);
        let header = Header { first: 0, rows: 2, data: 2, confidence: 1.0, evidence: String::new() };
        assert_eq!(in_source(text, &tokens, &Dialect::default(), &header, 3, false), ["agasc_id", "n_obs", "name"]);
    }

    #[test]
    fn header_rows_are_joined_and_spans_carried() {
        let text = "control,,fire,\nX,Y,X,Y\n1,2,3,4\n";
        let tokens = Tokens::cut(text, &Dialect::default(), 10);
        let header = Header { first: 0, rows: 2, data: 2, confidence: 1.0, evidence: String::new() };
        assert_eq!(in_source(text, &tokens, &Dialect::default(), &header, 4, false), ["control X", "control Y", "fire X", "fire Y"]);
        let one = Header { rows: 1, ..header };
        let text = "\"a \"\"x\"\"\",b\n1,2,3\n";
        let tokens = Tokens::cut(text, &Dialect::default(), 9);
        assert_eq!(in_source(text, &tokens, &Dialect::default(), &one, 3, true), ["", "a \"x\"", "b"]);
    }
}
