//! The schema a person writes: `--schema "id bigint, price decimal(9,2)"`.

use colonnade_protocol::{ErrorInfo, ErrorKind, Origin, ddl};

use super::ColumnSpec;
use crate::Result;

/// The columns of a schema in Spark's DDL, their types chosen by a person.
///
/// # Errors
/// [`ErrorKind::Usage`] with what is wrong and at which character.
pub fn parse(text: &str) -> Result<Vec<ColumnSpec>> {
    let columns = ddl::parse_schema(text).map_err(|error| {
        ErrorInfo::new(
            ErrorKind::Usage,
            format!("the schema cannot be used: {error}"),
            "Write it as Spark does: id bigint, `odd name` decimal(9,2), day date.",
        )
    })?;
    let chosen = |column: colonnade_protocol::Field| ColumnSpec {
        data_type: column.data_type,
        origin: Origin::Person,
        ..ColumnSpec::text(column.name)
    };
    Ok(columns.into_iter().map(chosen).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use colonnade_protocol::LogicalType;

    #[test]
    fn the_types_are_a_persons_choice() {
        let columns = parse("id bigint, `a b` date").unwrap();
        assert_eq!((columns[1].name.as_str(), &columns[1].data_type, &columns[1].origin), ("a b", &LogicalType::Date, &Origin::Person));
    }

    #[test]
    fn a_schema_that_cannot_be_read_is_an_error_of_usage() {
        let error = parse("id bigint; day date").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.what.contains("at character 10"), "{error}");
    }
}
