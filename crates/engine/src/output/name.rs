//! The names of output files.

/// Characters that some file system refuses in a name, or that lead out of the folder.
const REFUSED: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// The name, without its extension, of what is made of a file or of one of its tables: `orders.csv` gives `orders`, the sheet
/// `May` of `book.xlsx` gives `book_May`.
pub fn stem(file: &str, table: Option<&str>) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let stem = if stem.is_empty() { "table" } else { stem };
    match table {
        Some(table) => format!("{stem}_{}", table.replace(|c: char| REFUSED.contains(&c) || c.is_control(), "_")),
        None => stem.to_owned(),
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
        assert_eq!(stem("a.xlsx", Some("../b: c")), "a_.._b_ c");
        let mut taken = vec!["a.parquet".to_owned(), "a_2.parquet".to_owned()];
        assert_eq!(file("a", "parquet", |name| !taken.iter().any(|other| other == name)), "a_3.parquet");
        taken.clear();
        assert_eq!(file("a", "parquet", |name| !taken.iter().any(|other| other == name)), "a.parquet");
    }
}
