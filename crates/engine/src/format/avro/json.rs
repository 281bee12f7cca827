//! Values of types that no column holds, as JSON text.

use std::fmt::Write;

use super::malformed;
use super::schema::{Schema, Type};
use super::value::Bytes;
use crate::Result;

/// Values nest at most so deep: a type may hold itself.
const MOST_DEPTH: usize = 100;

/// Appends the next value.
pub fn write(schema: &Schema, of: &Type, bytes: &mut Bytes<'_>, depth: usize, out: &mut String) -> Result<()> {
    if depth > MOST_DEPTH {
        return Err(malformed(format!("values nest deeper than {MOST_DEPTH}")));
    }
    bytes.spend()?;
    match schema.resolved(of) {
        Type::Null | Type::Named(_) => out.push_str("null"),
        Type::Boolean => out.push_str(if bytes.boolean()? { "true" } else { "false" }),
        Type::Int(_) => write_to(out, bytes.int()?),
        Type::Long(_) => write_to(out, bytes.long()?),
        Type::Float => float(f64::from(f32::from_le_bytes(bytes.array()?)), out),
        Type::Double => float(f64::from_le_bytes(bytes.array()?), out),
        Type::Bytes(_) => hex(bytes.bytes()?, out),
        Type::Fixed(size, _) => hex(bytes.take(*size)?, out),
        Type::String(_) => quoted(bytes.text()?, out),
        Type::Enum(symbols) => quoted(symbol(symbols, bytes)?, out),
        Type::Array(element) => {
            out.push('[');
            items(bytes, out, |bytes, out| write(schema, element, bytes, depth + 1, out))?;
            out.push(']');
        }
        Type::Map(value) => {
            out.push('{');
            items(bytes, out, |bytes, out| {
                quoted(bytes.text()?, out);
                out.push(':');
                write(schema, value, bytes, depth + 1, out)
            })?;
            out.push('}');
        }
        Type::Record(fields) => {
            out.push('{');
            for (k, (name, field)) in fields.iter().enumerate() {
                out.push_str(if k > 0 { "," } else { "" });
                quoted(name, out);
                out.push(':');
                write(schema, field, bytes, depth + 1, out)?;
            }
            out.push('}');
        }
        Type::Union(branches) => write(schema, branch(branches, bytes)?.1, bytes, depth + 1, out)?,
    }
    Ok(())
}

/// The branch of a union that is next.
pub fn branch<'a>(branches: &'a [Type], bytes: &mut Bytes<'_>) -> Result<(usize, &'a Type)> {
    let index = bytes.long()?;
    let chosen = usize::try_from(index).ok().and_then(|at| Some((at, branches.get(at)?)));
    chosen.ok_or_else(|| malformed(format!("a union of {} types has no type {index}", branches.len())))
}

/// The symbol of an enum that is next.
pub fn symbol<'a>(symbols: &'a [String], bytes: &mut Bytes<'_>) -> Result<&'a str> {
    let index = bytes.int()?;
    let symbol = usize::try_from(index).ok().and_then(|at| symbols.get(at));
    Ok(symbol.ok_or_else(|| malformed(format!("an enum of {} symbols has no symbol {index}", symbols.len())))?)
}

fn items(bytes: &mut Bytes<'_>, out: &mut String, mut item: impl FnMut(&mut Bytes<'_>, &mut String) -> Result<()>) -> Result<()> {
    let mut first = true;
    loop {
        let count = bytes.items()?;
        if count == 0 {
            return Ok(());
        }
        for _ in 0..count {
            out.push_str(if first { "" } else { "," });
            first = false;
            item(bytes, out)?;
        }
    }
}

fn float(value: f64, out: &mut String) {
    if value.is_finite() { write_to(out, value) } else { quoted(&value.to_string(), out) }
}

fn hex(bytes: &[u8], out: &mut String) {
    out.push('"');
    crate::column::display::write_hex(bytes, &[], out);
    out.push('"');
}

fn quoted(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Writing to a `String` cannot fail.
fn write_to(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}
