//! Page headers in Thrift's compact protocol (`PageHeader` of parquet.thrift).

const I32: u8 = 5;
const STRUCT: u8 = 12;
const STOP: u8 = 0;
const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;
const RLE: i32 = 3;

/// What the header says of its page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// `None`: the page is a dictionary.
    pub encoding: Option<i32>,
    /// Of a data page with nulls, of a dictionary its entries.
    pub values: usize,
    pub uncompressed: usize,
    pub compressed: usize,
    /// CRC-32 of the bytes as they are stored.
    pub crc32: u32,
}

/// No header is longer.
pub const MAX_LEN: usize = 48;

/// Appends the header.
pub fn put(page: &Page, out: &mut Vec<u8>) {
    let kind = if page.encoding.is_some() { DATA_PAGE } else { DICTIONARY_PAGE };
    for value in [kind, page.uncompressed as i32, page.compressed as i32, page.crc32 as i32] {
        field(1, value, out);
    }
    // Field 5 is the data page's header, 7 the dictionary's.
    match page.encoding {
        Some(encoding) => {
            out.push(1 << 4 | STRUCT);
            for value in [page.values as i32, encoding, RLE, RLE] {
                field(1, value, out);
            }
        }
        None => {
            out.push(3 << 4 | STRUCT);
            field(1, page.values as i32, out);
            field(1, super::page::PLAIN, out);
        }
    }
    out.extend_from_slice(&[STOP, STOP]);
}

/// A field whose number is `step` more than the one before.
fn field(step: u8, value: i32, out: &mut Vec<u8>) {
    out.push(step << 4 | I32);
    super::hybrid::put_varint(u64::from((value << 1 ^ value >> 31) as u32), out);
}
