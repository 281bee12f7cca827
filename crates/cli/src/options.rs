//! `colonnade options`

use colonnade_engine::{Result, format, output};
use colonnade_protocol::option::OptionKind;
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use crate::print;

/// Prints every option of a format or output.
///
/// # Errors
/// [`ErrorKind::Usage`] for a name that is neither.
pub fn run(of: &str) -> Result<()> {
    let options = match format::by_id(of) {
        Some(format) => format.options(),
        None if of == "output" => output::options(),
        None => {
            let known: Vec<_> = format::FORMATS.iter().map(|format| format.id()).chain(["output"]).collect();
            return Err(ErrorInfo::new(
                ErrorKind::Usage,
                format!("there is no format or output {of:?}"),
                format!("Known are {}.", known.join(", ")),
            ));
        }
    };
    print::print(&options.iter().map(described).collect::<String>())
}

fn described(option: &OptionDecl) -> String {
    let aliases = if option.aliases.is_empty() { String::new() } else { format!(" ({})", option.aliases.join(", ")) };
    let values = match &option.kind {
        OptionKind::Flag => "true|false".to_owned(),
        OptionKind::Integer { min, max } => format!("{min}..{max}"),
        OptionKind::Text { .. } => "text".to_owned(),
        OptionKind::Choice(choices) => choices.iter().map(|(id, _)| id.as_ref()).collect::<Vec<_>>().join("|"),
    };
    let default = option.default.as_ref().map_or_else(|| "found from the data".to_owned(), |default| format!("{default:?}"));
    format!("{}{aliases} = {values}\n    default: {default}\n    {}\n", option.id, option.whole_help())
}
