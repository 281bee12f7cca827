//! What a person changed, in order; undo and redo send an earlier state whole.

use colonnade_protocol::message::{ColumnOverride, Overrides};
use colonnade_protocol::report::Change;
use colonnade_protocol::schema::ColumnInfo;

/// The option that says which format a file is read as.
const FORMAT: &str = "format";

/// A state of the overrides and the change that led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// "Delimiter: ;"
    pub label: String,
    pub overrides: Overrides,
}

/// The states a table's overrides went through. The first is how it was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    steps: Vec<Step>,
    at: usize,
}

impl History {
    /// A history that begins with how the table was opened.
    pub fn new(overrides: Overrides) -> Self {
        Self { steps: vec![Step { label: "As detected".to_owned(), overrides }], at: 0 }
    }

    /// The overrides in force.
    pub fn current(&self) -> &Overrides {
        &self.steps[self.at].overrides
    }

    /// All states, the undone ones included.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The index of the state in force.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes on from the current state; what was undone is forgotten. Returns whether anything changed.
    pub fn push(&mut self, label: String, overrides: Overrides) -> bool {
        if *self.current() == overrides {
            return false;
        }
        self.steps.truncate(self.at + 1);
        self.steps.push(Step { label, overrides });
        self.at += 1;
        true
    }

    /// Goes to a state by its index. Returns whether that is another one.
    pub fn go(&mut self, index: usize) -> bool {
        let moved = index != self.at && index < self.steps.len();
        if moved {
            self.at = index;
        }
        moved
    }

    /// The change that would be undone, or (`forth`) made again.
    pub fn next(&self, forth: bool) -> Option<&str> {
        let at = if forth { self.at + 1 } else { self.at };
        self.steps.get(at).filter(|_| at > 0).map(|step| step.label.as_str())
    }
}

/// Sets an option, or gives it back to detection. Another format has other options and columns: what was said of them goes.
pub fn set_option(overrides: &mut Overrides, id: &str, value: Option<String>) {
    if id.eq_ignore_ascii_case(FORMAT) {
        *overrides = Overrides::default();
    }
    let at = overrides.options.iter().position(|(name, _)| name.eq_ignore_ascii_case(id));
    match (at, value) {
        (Some(at), Some(value)) => overrides.options[at].1 = value,
        (Some(at), None) => drop(overrides.options.remove(at)),
        (None, Some(value)) => overrides.options.push((id.to_owned(), value)),
        (None, None) => {}
    }
}

/// Edits what is said about a column; an override that says nothing is dropped.
pub fn edit_column(overrides: &mut Overrides, index: u32, source_name: &str, edit: impl FnOnce(&mut ColumnOverride)) {
    let at = overrides.columns.iter().position(|c| c.index == index && c.source_name == source_name);
    let mut column = match at {
        Some(at) => overrides.columns.remove(at),
        None => ColumnOverride { index, source_name: source_name.to_owned(), data_type: None, pattern: None, name: None },
    };
    edit(&mut column);
    if column.data_type.is_some() || column.pattern.is_some() || column.name.is_some() {
        overrides.columns.push(column);
        overrides.columns.sort_by_key(|c| c.index);
    }
}

/// Makes a proposed change; returns its label, or `None` where the column is not there.
pub fn apply(overrides: &mut Overrides, change: &Change, schema: &[ColumnInfo]) -> Option<String> {
    match change {
        Change::Option { id, value } => {
            set_option(overrides, id, value.clone());
            Some(format!("{id}: {}", value.as_deref().map_or("automatic".to_owned(), crate::words::visible)))
        }
        Change::ColumnType { column, data_type, pattern } => {
            let index = schema.iter().position(|c| c.name == *column)?;
            edit_column(overrides, index as u32, &schema[index].source_name, |c| {
                c.data_type.clone_from(data_type);
                c.pattern.clone_from(pattern);
            });
            Some(format!("{column}: {}", data_type.as_deref().unwrap_or("automatic")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_sep(value: &str) -> Overrides {
        Overrides { options: vec![("sep".to_owned(), value.to_owned())], columns: Vec::new() }
    }

    #[test]
    fn undo_then_a_new_change_forgets_what_was_undone() {
        let mut history = History::new(Overrides::default());
        assert!(history.push("a".to_owned(), with_sep(";")));
        assert!(history.push("b".to_owned(), with_sep("|")));
        assert!(history.go(1));
        assert_eq!((history.next(false), history.next(true)), (Some("a"), Some("b")));
        assert!(history.push("c".to_owned(), with_sep("\t")));
        assert_eq!((history.next(false), history.next(true)), (Some("c"), None));
        assert_eq!(history.steps().iter().map(|s| s.label.as_str()).collect::<Vec<_>>(), ["As detected", "a", "c"]);
    }

    #[test]
    fn a_change_to_what_already_is_makes_no_step() {
        let mut history = History::new(with_sep(";"));
        assert!(!history.push("again".to_owned(), with_sep(";")));
        assert_eq!(history.next(false), None);
    }

    #[test]
    fn an_option_set_to_what_it_is_changes_nothing() {
        let mut overrides = with_sep(";");
        set_option(&mut overrides, "mode", Some("FAILFAST".to_owned()));
        let before = overrides.clone();
        set_option(&mut overrides, "sep", Some(";".to_owned()));
        assert_eq!(overrides, before);
    }

    #[test]
    fn an_option_given_back_to_detection_leaves_no_trace() {
        let mut overrides = with_sep(";");
        set_option(&mut overrides, "SEP", None);
        assert_eq!(overrides, Overrides::default());
    }

    #[test]
    fn another_format_begins_anew() {
        let mut overrides = with_sep(";");
        edit_column(&mut overrides, 2, "zip", |c| c.data_type = Some("string".to_owned()));
        set_option(&mut overrides, "format", Some("xml".to_owned()));
        assert_eq!(overrides, Overrides { options: vec![("format".to_owned(), "xml".to_owned())], columns: Vec::new() });
        set_option(&mut overrides, "format", None);
        assert_eq!(overrides, Overrides::default());
    }

    #[test]
    fn a_column_override_keeps_what_another_edit_said() {
        let mut overrides = Overrides::default();
        edit_column(&mut overrides, 2, "zip", |c| c.data_type = Some("string".to_owned()));
        edit_column(&mut overrides, 2, "zip", |c| c.name = Some("postcode".to_owned()));
        assert_eq!(overrides.columns.len(), 1);
        assert_eq!(overrides.columns[0].data_type.as_deref(), Some("string"));
        edit_column(&mut overrides, 2, "zip", |c| (c.name, c.data_type) = (None, None));
        assert!(overrides.columns.is_empty());
    }
}
