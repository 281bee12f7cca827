//! The type of a column of which a person has said the pattern and no type.

use colonnade_protocol::{ErrorInfo, ErrorKind, LogicalType, Origin};

use super::number::Reading;
use super::number_pattern::NumberPattern;
use super::pattern::DatePattern;
use super::{ColumnSpec, lattice};
use crate::Result;

impl ColumnSpec {
    /// The type that its values have by `pattern`: the column's own where a person chose it, else what the evidence found
    /// of this pattern, else what its letters are those of.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for what is no pattern, or one that does not tell a type, or another than was chosen.
    pub fn type_by(&self, pattern: &str) -> Result<LogicalType> {
        let refused = |what: String| {
            let hint = format!("Choose a type that has patterns too: --type {}=date, timestamp, time or a number.", self.name);
            ErrorInfo::new(ErrorKind::Usage, what, hint)
        };
        let told = type_of(pattern)?.ok_or_else(|| refused(format!("the pattern {pattern:?} of {} does not tell its type", self.name)))?;
        if self.origin == Origin::Person {
            let is_of_it = self.data_type == told || lattice::are_kin(&self.data_type, &told);
            return is_of_it
                .then(|| self.data_type.clone())
                .ok_or_else(|| refused(format!("{} is {}, and {pattern:?} is the pattern of a {told}", self.name, self.data_type)));
        }
        let is_whole = matches!(self.data_type, LogicalType::Struct(_) | LogicalType::List(_) | LogicalType::Map(_) | LogicalType::Binary);
        if is_whole {
            return Err(refused(format!("{} is {}, which has no pattern", self.name, self.data_type)));
        }
        let found = self.evidence.candidates.iter().find(|candidate| candidate.pattern.as_deref() == Some(pattern));
        Ok(found.map_or(told, |candidate| candidate.data_type.clone()))
    }
}

/// The type that a pattern's letters tell, if they do.
fn type_of(pattern: &str) -> Result<Option<LogicalType>> {
    let has_digits = pattern.contains(['0', '#']);
    if let Some(number) = has_digits.then(|| NumberPattern::compile(pattern).ok()).flatten() {
        return Ok(Some(if number.has_fraction(pattern) { LogicalType::Double } else { LogicalType::Int64 }));
    }
    Ok(DatePattern::compile(pattern, "", Reading::Exact)?.data_type())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_a_pattern_tell_its_type() {
        for (pattern, data_type) in [
            ("dd/MM/yyyy", LogicalType::Date),
            ("d MMM yy", LogicalType::Date),
            ("dd/MM/yyyy HH:mm", LogicalType::TimestampNtz),
            ("yyyy-MM-dd'T'HH:mm:ss[XXX]", LogicalType::Timestamp),
            ("h:mm a", LogicalType::Time),
            ("#.##0,00", LogicalType::Double),
            ("0,00", LogicalType::Double),
            ("#.##0", LogicalType::Int64),
        ] {
            assert_eq!(ColumnSpec::text("a").type_by(pattern), Ok(data_type), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_tells_no_type_is_refused_with_what_to_add() {
        for pattern in ["dd/MM", "MM-dd HH:mm", "XXX", "ddd/MM/yyyy", "abc"] {
            let error = ColumnSpec::text("a").type_by(pattern).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Usage, "{error}");
        }
        assert!(ColumnSpec::text("a").type_by("dd/MM").unwrap_err().hint.contains("--type a="));
    }

    #[test]
    fn a_type_that_a_person_chose_stays() {
        let chosen = |data_type| ColumnSpec { data_type, origin: Origin::Person, ..ColumnSpec::text("a") };
        let decimal = LogicalType::Decimal { precision: 9, scale: 2 };
        assert_eq!(chosen(decimal.clone()).type_by("#.##0,00"), Ok(decimal));
        assert_eq!(chosen(LogicalType::Timestamp).type_by("dd/MM/yyyy HH:mm"), Ok(LogicalType::Timestamp));
        assert!(chosen(LogicalType::String).type_by("dd/MM/yyyy").is_err());
    }
}
