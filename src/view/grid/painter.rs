//! Puts the visible cells into the page. Rows and cells are made once and used again: a scroll changes texts and
//! nothing else, so that it stays far below a frame.

use std::ops::Range;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::geometry::{Columns, ROW};

/// A cell as painted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Painted {
    pub text: String,
    pub class: &'static str,
}

/// What is to be seen.
pub struct Scene<'a> {
    pub rows: Range<u64>,
    pub columns: Range<usize>,
    pub places: &'a Columns,
    /// Pixels of the first row that are above the view.
    pub shift: f64,
    /// Pixels of the columns left of the view.
    pub left: f64,
    /// The cell the keyboard stands on.
    pub active: (u64, usize),
    /// The id its element gets.
    pub active_id: &'a str,
}

/// The pool of row elements within the body of a grid.
pub struct Painter {
    body: HtmlElement,
    rows: Vec<RowSlot>,
}

struct RowSlot {
    element: HtmlElement,
    number: HtmlElement,
    strip: HtmlElement,
    row: Option<u64>,
    cells: Vec<CellSlot>,
}

struct CellSlot {
    element: HtmlElement,
    shown: Painted,
    place: (f64, f64),
    column: usize,
    active: bool,
}

impl Painter {
    /// A painter for this element, which must hold nothing else.
    pub fn new(body: HtmlElement) -> Self {
        Self { body, rows: Vec::new() }
    }

    /// Paints a scene; `cell` gives what a cell shows.
    pub fn paint(&mut self, scene: &Scene<'_>, mut cell: impl FnMut(u64, usize) -> Painted) {
        let style = self.body.style();
        let _ = style.set_property("--shift", &format!("{}px", -scene.shift));
        let _ = style.set_property("--left", &format!("{}px", -scene.left));
        let count = (scene.rows.end - scene.rows.start) as usize;
        while self.rows.len() < count {
            match RowSlot::new(self.rows.len()) {
                Some(slot) if self.body.append_child(&slot.element).is_ok() => self.rows.push(slot),
                _ => return,
            }
        }
        for slot in self.rows.drain(count..) {
            slot.element.remove();
        }
        for (slot, row) in self.rows.iter_mut().zip(scene.rows.clone()) {
            slot.paint(row, scene, &mut cell);
        }
    }
}

impl RowSlot {
    fn new(index: usize) -> Option<Self> {
        let element = make("row", "row")?;
        element.style().set_property("top", &format!("{}px", index as f64 * ROW)).ok()?;
        let number = make("rowheader", "row-number")?;
        let strip = make("presentation", "strip")?;
        element.append_child(&number).ok()?;
        element.append_child(&strip).ok()?;
        Some(Self { element, number, strip, row: None, cells: Vec::new() })
    }

    fn paint(&mut self, row: u64, scene: &Scene<'_>, cell: &mut impl FnMut(u64, usize) -> Painted) {
        if self.row != Some(row) {
            self.row = Some(row);
            self.number.set_text_content(Some(&crate::words::count(row + 1)));
            // The head is row 1.
            let _ = self.element.set_attribute("aria-rowindex", &(row + 2).to_string());
            let _ = self.element.class_list().toggle_with_force("odd", row % 2 == 1);
        }
        while self.cells.len() < scene.columns.len() {
            match CellSlot::new() {
                Some(slot) if self.strip.append_child(&slot.element).is_ok() => self.cells.push(slot),
                _ => return,
            }
        }
        for slot in self.cells.drain(scene.columns.len()..) {
            slot.element.remove();
        }
        for (slot, column) in self.cells.iter_mut().zip(scene.columns.clone()) {
            let active = scene.active == (row, column);
            slot.paint(column, scene.places.place(column), cell(row, column), active.then_some(scene.active_id));
        }
    }
}

impl CellSlot {
    fn new() -> Option<Self> {
        let element = make("gridcell", "cell")?;
        Some(Self { element, shown: Painted::default(), place: (-1.0, -1.0), column: usize::MAX, active: false })
    }

    fn paint(&mut self, column: usize, place: (f64, f64), wanted: Painted, active: Option<&str>) {
        if self.column != column {
            self.column = column;
            let _ = self.element.set_attribute("aria-colindex", &(column + 2).to_string());
        }
        if self.place != place {
            self.place = place;
            let style = self.element.style();
            let _ = style.set_property("left", &format!("{}px", place.0));
            let _ = style.set_property("width", &format!("{}px", place.1));
        }
        if self.shown.text != wanted.text {
            self.element.set_text_content(Some(&wanted.text));
        }
        if self.shown.class != wanted.class || self.active != active.is_some() {
            let class = if active.is_some() { format!("{} active", wanted.class) } else { wanted.class.to_owned() };
            self.element.set_class_name(&class);
        }
        if self.active != active.is_some() {
            let _ = match active {
                Some(id) => self.element.set_attribute("id", id),
                None => self.element.remove_attribute("id"),
            };
            let _ = self.element.set_attribute("aria-selected", if active.is_some() { "true" } else { "false" });
            self.active = active.is_some();
        }
        self.shown = wanted;
    }
}

fn make(role: &str, class: &str) -> Option<HtmlElement> {
    let element: HtmlElement = document().create_element("div").ok()?.dyn_into().ok()?;
    element.set_attribute("role", role).ok()?;
    element.set_class_name(class);
    Some(element)
}
