//! Lists, maps, structs and unions.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, MapArray, NullArray, StructArray, UnionArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{Field, FieldRef, UnionFields};

use super::column::{Column, Values, Wanted};
use super::faults::{Faults, spread};
use super::integers::Integers;
use super::malformed;
use super::runs::Bytes;
use super::texts::offsets;
use crate::Result;
use crate::format::columnar::defect;

/// Elements of all lists of a batch at most.
const MOST_ELEMENTS: usize = 1 << 24;

/// The next lists: where each begins, and how many elements they have.
fn list_offsets(lengths: &mut Integers, wanted: &Wanted) -> Result<(Vec<i32>, usize)> {
    let mut all = Vec::new();
    lengths.read(wanted.values(), &mut all)?;
    let offsets = offsets(&spread(all, wanted.nulls.as_ref()), MOST_ELEMENTS)?;
    let elements = offsets.last().map_or(0, |&end| end as usize);
    Ok((offsets, elements))
}

/// The list that an element belongs to.
fn list_of(offsets: &[i32]) -> impl Fn(u32) -> u32 {
    |element| offsets.partition_point(|&start| start <= element as i32).saturating_sub(1) as u32
}

fn field(name: &str, array: &ArrayRef) -> FieldRef {
    Arc::new(Field::new(name, array.data_type().clone(), true))
}

/// Lists.
pub struct Lists {
    lengths: Integers,
    elements: Column,
}

impl Lists {
    pub fn new(lengths: Integers, elements: Column) -> Self {
        Self { lengths, elements }
    }
}

impl Values for Lists {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let (offsets, count) = list_offsets(&mut self.lengths, &wanted)?;
        let mut within = Faults::default();
        let elements = self.elements.read(count, None, &mut within)?;
        faults.of_children(within, list_of(&offsets));
        let field = field("element", &elements);
        Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::new(offsets.into()), elements, wanted.nulls).map_err(defect)?))
    }
}

/// Maps.
pub struct Maps {
    lengths: Integers,
    keys: Column,
    values: Column,
}

impl Maps {
    pub fn new(lengths: Integers, keys: Column, values: Column) -> Self {
        Self { lengths, keys, values }
    }
}

impl Values for Maps {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let (offsets, count) = list_offsets(&mut self.lengths, &wanted)?;
        let mut within = Faults::default();
        let keys = self.keys.read(count, None, &mut within)?;
        let values = self.values.read(count, None, &mut within)?;
        faults.of_children(within, list_of(&offsets));
        if keys.null_count() > 0 {
            return Err(malformed("a map has a key that is null"));
        }
        let key = Arc::new(Field::new("key", keys.data_type().clone(), false));
        let fields = vec![key, field("value", &values)];
        let entries = StructArray::try_new(fields.into(), vec![keys, values], None).map_err(defect)?;
        let field = Arc::new(Field::new("key_value", entries.data_type().clone(), false));
        let maps = MapArray::try_new(field, OffsetBuffer::new(offsets.into()), entries, wanted.nulls, false);
        Ok(Arc::new(maps.map_err(defect)?))
    }
}

/// Structs.
pub struct Structs {
    members: Vec<(String, Column)>,
}

impl Structs {
    pub fn new(members: Vec<(String, Column)>) -> Self {
        Self { members }
    }
}

impl Values for Structs {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let Wanted { rows, nulls } = wanted;
        if self.members.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(rows, nulls)));
        }
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (name, member) in &mut self.members {
            let array = member.read(rows, nulls.as_ref(), faults)?;
            fields.push(field(name, &array));
            arrays.push(array);
        }
        Ok(Arc::new(StructArray::try_new(fields.into(), arrays, nulls).map_err(defect)?))
    }
}

/// Values of several types: each row names its own, and each type has only the values that are its.
pub struct Unions {
    tags: Bytes,
    fields: UnionFields,
    variants: Vec<Column>,
}

impl Unions {
    pub fn new(tags: Bytes, fields: UnionFields, variants: Vec<Column>) -> Self {
        Self { tags, fields, variants }
    }
}

impl Values for Unions {
    fn read(&mut self, wanted: Wanted, faults: &mut Faults) -> Result<ArrayRef> {
        let null = self.variants.len();
        // The rows of each variant; those of null come last.
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); null + 1];
        let (mut tags, mut offsets) = (Vec::with_capacity(wanted.rows), Vec::with_capacity(wanted.rows));
        for row in 0..wanted.rows {
            let is_null = wanted.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            let tag = if is_null { null } else { usize::from(self.tags.byte()?) };
            let of_variant = rows.get_mut(tag).filter(|_| is_null || tag < null);
            let of_variant = of_variant.ok_or_else(|| malformed(format!("a union of {null} types has no type {tag}")))?;
            offsets.push(of_variant.len() as i32);
            of_variant.push(row as u32);
            tags.push(tag as i8);
        }
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(null + 1);
        for (variant, rows) in self.variants.iter_mut().zip(&rows) {
            let mut within = Faults::default();
            arrays.push(variant.read(rows.len(), None, &mut within)?);
            faults.of_children(within, |at| rows.get(at as usize).copied().unwrap_or_default());
        }
        arrays.push(Arc::new(NullArray::new(rows.last().map_or(0, Vec::len))));
        let union = UnionArray::try_new(self.fields.clone(), tags.into(), Some(offsets.into()), arrays);
        Ok(Arc::new(union.map_err(defect)?))
    }
}
