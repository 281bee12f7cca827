//! The names of output files.

/// Characters that some file system refuses in a name, or that lead out of the folder.
const REFUSED: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Extensions that a packed file has behind its own.
const PACKED: [&str; 6] = ["gz", "zst", "bz2", "xz", "lz4", "z"];

/// The name, without its extension, of what is made of a file or of one of its tables: `orders.csv` gives `orders`, the sheet
/// `May` of `book.xlsx` gives `book_May`, the member `a/b.csv` of `c.zip` gives `b`.
pub fn stem(file: &str, table: Option<&str>) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file).trim();
    let inner = name.rsplit_once('.').filter(|(_, extension)| PACKED.iter().any(|packed| extension.eq_ignore_ascii_case(packed)));
    let name = inner.map_or(name, |(inner, _)| inner);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = if stem.is_empty() { "table".to_owned() } else { stem.replace(|c: char| REFUSED.contains(&c) || c.is_control(), "_") };
    match table {
        Some(table) => format!("{stem}_{}", table.replace(|c: char| REFUSED.contains(&c) || c.is_control(), "_")),
        None => stem,
    }
}

/// `stem.parquet`, or `stem_2.parquet` and so on where `is_free` says that this name is taken.
pub fn file(stem: &str, extension: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    let names = (1..).map(|n| if n == 1 { format!("{stem}.{extension}") } else { format!("{stem}_{n}.{extension}") });
    names.into_iter().find(|name| is_free(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_s_name_stays_within_the_folder() {
        assert_eq!(stem("orders.v2.csv", None), "orders.v2");
        assert_eq!(stem(".csv", None), "table");
        assert_eq!(stem("c.zip / ../a/b.csv", None), "b");
        assert_eq!(stem("b.csv.gz", None), "b");
        assert_eq!(stem("a.xlsx", Some("../b: c")), "a_.._b_ c");
        let mut taken = vec!["a.parquet".to_owned(), "a_2.parquet".to_owned()];
        assert_eq!(file("a", "parquet", |name| !taken.iter().any(|other| other == name)), "a_3.parquet");
        taken.clear();
        assert_eq!(file("a", "parquet", |name| !taken.iter().any(|other| other == name)), "a.parquet");
    }
}
