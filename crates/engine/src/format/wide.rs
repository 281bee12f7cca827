//! Tables of very many columns of which a row has few values: the cells are many more than the values, and cost as much.

/// More columns are refused: such names are data.
pub const MOST_COLUMNS: usize = 20_480;
/// Names of fields are data where there are more of them, and records have few of them each.
pub const MOST_NAMES: usize = 1000;
/// Cells of one batch: a text column has sixteen bytes for each while it is read.
const BATCH_CELLS: usize = 1 << 21;
/// Cells of one unit, where hardly any holds a value.
const MOST_CELLS: u64 = 1 << 27;
/// Hardly any: one in so many.
const SPARSE: u64 = 100;

/// Whether a table of these columns would be of nothing but holes: its columns are very many, and a record has one in ten of them at
/// most.
pub fn are_data(columns: usize, records: u64, values: u64) -> bool {
    columns > MOST_NAMES && values.saturating_mul(10) <= records.saturating_mul(columns as u64)
}

/// How much of a table holds values, as far as it was read.
#[derive(Debug, Default)]
pub struct Filling {
    cells: u64,
    values: u64,
}

impl Filling {
    /// Whether so many rows of so many columns are a batch.
    pub fn is_full(rows: usize, columns: usize) -> bool {
        rows > 0 && rows.saturating_mul(columns) >= BATCH_CELLS
    }

    /// Takes in a batch.
    ///
    /// # Errors
    /// What is wrong, where cells that hold nothing are more than a unit should have.
    pub fn add(&mut self, rows: usize, columns: usize, values: u64) -> Result<(), String> {
        self.cells += rows as u64 * columns as u64;
        self.values += values;
        if self.cells <= MOST_CELLS || self.values.saturating_mul(SPARSE) > self.cells {
            return Ok(());
        }
        Err(format!("of {} cells in {columns} columns, {} have a value: a table of them would be almost empty", self.cells, self.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_almost_empty_is_refused() {
        let read = |columns: usize, values_each: u64| {
            let mut filling = Filling::default();
            (0..100).try_for_each(|_| filling.add(1000, columns, 1000 * values_each))
        };
        assert!(read(20_000, 1).unwrap_err().contains("columns"));
        assert!(read(20_000, 2000).is_ok() && read(500, 1).is_ok());
        assert!(are_data(2000, 2000, 2000) && !are_data(2000, 10, 20_000) && !are_data(1000, 1000, 1000));
        assert!(Filling::is_full(200, 20_000) && !Filling::is_full(200, 100) && !Filling::is_full(0, 1 << 30));
    }
}
