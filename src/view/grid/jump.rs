//! The bar above the grid: how many rows and columns, and the way to any of them.

use leptos::prelude::*;

use super::scene::Grid;
use crate::state::table::Status;
use crate::view::input_value;
use crate::words;

/// Counts, "go to row", "find column".
#[component]
pub fn Jump(grid: Grid) -> impl IntoView {
    let table = grid.table;
    let rows = move || {
        let (rows, sure) = grid.rows.get();
        format!("{}{}", if sure { "" } else { "≈ " }, words::counted(rows, "row", "rows"))
    };
    let columns = move || words::counted(grid.columns.read().len() as u64, "column", "columns");
    let scan = move || {
        let scan = table.scan.read();
        let scan = scan.as_ref().filter(|scan| !scan.done && *table.status.read() == Status::Shown)?;
        let known = table.known_rows.get();
        let beyond = grid.visible_rows().end > known + 1;
        let share = words::percent(scan.bytes_done, scan.bytes_total);
        Some(if beyond {
            format!("Not there yet: the scan has reached row {} ({share})", words::count(known))
        } else {
            format!("Scanning: {share}")
        })
    };
    let list = format!("columns-{}", table.id.0);
    let list_id = list.clone();
    let find = move |event: web_sys::Event| {
        let wanted = input_value(&event).to_lowercase();
        let found = table.schema.with_untracked(|schema| {
            let at = |fits: &dyn Fn(&str) -> bool| schema.iter().position(|column| fits(&column.name.to_lowercase()));
            at(&|name| name == wanted).or_else(|| at(&|name| name.starts_with(&wanted))).or_else(|| at(&|name| name.contains(&wanted)))
        });
        match found {
            Some(column) if !wanted.is_empty() => grid.go(grid.active.get_untracked().0, column),
            _ if !wanted.is_empty() => grid.app.say(format!("No column is named like {wanted}.")),
            _ => {}
        }
    };
    view! {
        <div class="jump">
            <span class="jump-counts"><b>{rows}</b>" · "{columns}</span>
            <span class="jump-scan" role="status">{scan}</span>
            <label class="jump-field">
                <span>"Column"</span>
                <input type="text" list=list autocomplete="off" spellcheck="false" placeholder="Find column" on:change=find/>
                <datalist id=list_id>
                    {move || table.schema.read().iter().take(500).map(|column| view! { <option value=column.name.clone()></option> }).collect::<Vec<_>>()}
                </datalist>
            </label>
            <label class="jump-field">
                <span>"Go to row"</span>
                <input
                    type="text"
                    inputmode="numeric"
                    id="goto-row"
                    autocomplete="off"
                    placeholder="Go to row"
                    on:change=move |event| match row_number(&input_value(&event)) {
                        Some(row) => grid.go(row - 1, grid.active.get_untracked().1),
                        None => grid.app.say("A row is a whole number from 1."),
                    }
                />
            </label>
        </div>
    }
}

/// A row's number as people write it: `19,999,999`, `19 999 999`, `20000000`.
fn row_number(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '.' | '_' | '\'') && !c.is_whitespace()).collect();
    digits.parse().ok().filter(|row| *row > 0)
}

#[cfg(test)]
mod tests {
    use super::row_number;

    #[test]
    fn a_row_number_may_be_grouped_in_any_way() {
        for text in ["19999999", "19,999,999", "19 999 999", "19.999.999", "19'999'999"] {
            assert_eq!(row_number(text), Some(19_999_999), "{text}");
        }
        assert_eq!(row_number("0"), None);
        assert_eq!(row_number("last"), None);
    }
}
