//! The options of the fixed width reader; `colspecs` and `widths` are pandas' names.

use colonnade_protocol::OptionDecl;
use colonnade_protocol::option::{Affects, OptionKind};

use super::columns::Positions;
use crate::format::text::options::{ellipsis_option, encoding_option, found, record_options, table_options, text, value_options};
use crate::settings::Settings;

/// The option that says where columns are.
pub const COLUMNS: &str = "colspecs";
/// The option that says what a position counts.
pub const POSITIONS: &str = "positions";

/// Every option of the fixed width reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    use Affects::Detect;
    let positions = [("characters", "characters"), ("display", "places on a screen: wide characters take two")];
    let positions = positions.into_iter().map(|(id, title)| (id.into(), title.into())).collect::<Vec<_>>();
    let mut options = vec![
        encoding_option(),
        found(
            COLUMNS,
            &["widths"],
            "Columns",
            text(20_000),
            Detect,
            "Where each column begins and ends, counted from 0, the end not included: 0-8,9-20,21- (the last to the line's end). Or widths one after another: 8,12,5.",
        ),
        found(POSITIONS, &[], "Positions count", OptionKind::Choice(positions.into()), Detect, "What a position is."),
        found("comment", &[], "Comment", text(8), Detect, "Lines that begin with this text are skipped.")
            .empty_means("no line is a comment"),
    ];
    options.extend(table_options());
    options.extend(record_options());
    options.push(ellipsis_option());
    options.extend(value_options());
    options
}

/// What these settings say that a position counts.
pub fn positions(settings: &Settings) -> Positions {
    if settings.text(POSITIONS) == "display" { Positions::Display } else { Positions::Characters }
}
