//! What stands in brackets of a log's header: how wide, and what it is.

use super::words::{
    bracket_end_within, closer, escape, is_dotted, is_integer, is_level_letter, is_source, is_thread, is_uptime, module_and_level,
};
use super::{ALL_BUT_FEW, MOST, NEARLY_ALL, Walk, anchor, plain};

impl Walk<'_> {
    /// What stands in brackets that hold nothing better known.
    pub(super) fn bracketed(&mut self, open: u8) -> bool {
        let content = move |rest: &[u8]| bracket_end_within(rest, open);
        let values: Vec<&[u8]> = self.lines.iter().filter_map(|(line, at)| Some(&line[*at..*at + content(&line[*at..])?])).collect();
        if self.share(values.len()) < NEARLY_ALL {
            return false;
        }
        // Apache's module and level: `core:error`.
        if values.iter().all(|value| module_and_level(value)) {
            let (component, level) = (self.name("component"), self.name("level"));
            return self.go(anchor(format!("%{{WORD:{component}}}:%{{LOGLEVEL:{level}}}"), false), content);
        }
        let has = |name: &str| self.names.iter().any(|known| known == name);
        let is_told = values.iter().any(|value| values.first() != Some(value));
        if is_told && !has("level") && values.iter().all(|value| matches!(value, [letter] if is_level_letter(*letter))) {
            let name = self.name("level");
            return self.go(anchor(format!("(?<{name}>[A-Z])"), true), content);
        }
        let padding = if values.iter().any(|value| value.ends_with(b" ")) { " *" } else { "" };
        let values: Vec<&[u8]> = values.into_iter().map(<[u8]>::trim_ascii).collect();
        let is_number = values.iter().all(|value| is_integer(value));
        let name = if is_number { self.number(&values) } else { self.of_bracket(&values, open) };
        let text = if is_number { format!("%{{INT:{name}}}{padding}") } else { format!("%{{DATA:{name}}}{padding}") };
        self.go(plain(&text), content)
    }

    /// Blanks by which what stands in brackets is made as wide in every line.
    pub(super) fn padding(&mut self) -> Option<bool> {
        let close = closer(*self.open.last()?);
        let before = &self.elements.last()?.text;
        let is_open = self.open.last().is_some_and(|&open| *before == escape(open));
        let blanks = |rest: &[u8]| rest.iter().take_while(|&&byte| byte == b' ').count();
        let ends = |rest: &[u8]| rest.get(blanks(rest)) == Some(&close);
        let is_padded = self.lines.iter().any(|(line, at)| line.get(*at) == Some(&b' '));
        let is_edge = is_open || before.starts_with("%{LOGLEVEL") && self.having(ends) >= ALL_BUT_FEW;
        (is_padded && is_edge).then(|| self.go(plain(" *"), |rest| Some(blanks(rest))))
    }

    /// A name for what stands in brackets, by what it is.
    fn of_bracket(&mut self, values: &[&[u8]], open: u8) -> String {
        let share = |is: &dyn Fn(&[u8]) -> bool| values.iter().filter(|value| is(value)).count() as f64 / values.len().max(1) as f64;
        let is_code =
            |value: &[u8]| value.first().is_some_and(u8::is_ascii_alphabetic) && value.iter().any(|byte| matches!(byte, b'/' | b'.'));
        // Of many threads, some have a name that says so.
        const SOME: f64 = 0.1;
        let is_dated = self.names.iter().any(|name| name == "timestamp");
        let stem = if share(&is_uptime) > MOST {
            "uptime"
        } else if share(&is_source) > MOST {
            "source"
        } else if share(&is_dotted) > 0.5 {
            "logger"
        } else if open == b'{' || share(&is_code) > 0.5 {
            "component"
        } else if is_dated && share(&is_thread) >= SOME && !self.names.iter().any(|name| name == "thread") {
            "thread"
        } else {
            "field"
        };
        self.name(stem)
    }
}
