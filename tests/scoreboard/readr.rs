//! readr's examples: rows and columns as its documentation states them.

use std::path::Path;

use crate::Score;
use crate::read;

const SHAPES: &[(&str, usize, usize)] = &[
    ("challenge.csv", 2000, 2),
    ("chickens.csv", 5, 4),
    ("mini-gapminder-africa.csv", 6, 5),
    ("mini-gapminder-americas.csv", 6, 5),
    ("mini-gapminder-asia.csv", 6, 5),
    ("mini-gapminder-europe.csv", 6, 5),
    ("mini-gapminder-oceania.csv", 2, 5),
    ("mtcars.csv", 32, 11),
];

/// One point a file of the stated shape.
pub fn score(folder: &Path) -> Score {
    let files = SHAPES.iter().map(|&(name, rows, columns)| {
        let bytes = std::fs::read(folder.join(name)).unwrap_or_default();
        let (points, why) = match read::table(&bytes, read::AS_TEXT) {
            Ok(table) => {
                let shape = (table.rows.len(), table.columns.len());
                (f64::from(shape == (rows, columns) && table.names.is_some()), format!("{shape:?}"))
            }
            Err(error) => (0.0, error.to_string()),
        };
        (name.to_owned(), points, why)
    });
    Score::of(1.0, files.collect())
}
