//! The options of the XML reader, under Spark's names where Spark has one.
//!
//! Where this reader differs from Spark: columns come in the order in which they are seen (Spark sorts them by name), an
//! empty element is null in text columns too unless `treatEmptyValuesAsNulls` is off, text beside elements is kept, what a
//! wildcard column takes of several elements stays XML (Spark resolves its references, and `<` is `<` then), and a record
//! that is not well-formed costs that record at most.

use colonnade_protocol::option::{Affects, OptionKind};
use colonnade_protocol::{ErrorInfo, ErrorKind, OptionDecl};

use super::entities::Entities;
use super::prologue;
use super::repair::{Kind, RECOVER};
use crate::Result;
use crate::format::named::EVOLUTION;
use crate::format::text::options::{ellipsis_option, encoding_option, fixed, found, prefers_decimal, record_options, text, value_options};
use crate::settings::Settings;

/// The element that is a row.
pub const ROW_TAG: &str = "rowTag";
/// The document's root with its attributes.
pub const ROOT_TAG: &str = "rootTag";
/// The entities of the document's DTD.
pub const ENTITIES: &str = "entities";
/// The column of the elements that a given schema does not name.
pub const WILDCARD: &str = "wildcardColName";

/// Every option of the XML reader, in the order of its form.
pub fn declared() -> Vec<OptionDecl> {
    use Affects::{Decode, Detect, Schema};
    let flag =
        |id, aliases: &[&'static str], title, default, affects, help| fixed(id, aliases, title, OptionKind::Flag, default, affects, help);
    let evolution = [("addNewColumns", "a new column"), ("none", "nothing: they are not read")];
    let evolution = OptionKind::Choice(evolution.into_iter().map(|(id, title)| (id.into(), title.into())).collect::<Vec<_>>().into());
    let shared = |wanted: &'static [&'static str]| {
        record_options().into_iter().chain(value_options()).filter(move |option| wanted.contains(&option.id.as_ref()))
    };
    let mut options = vec![
        found(
            ROW_TAG,
            &[],
            "Row element",
            text(400),
            Detect,
            "The element that is one row, wherever it stands. Otherwise the one that repeats.",
        ),
        flag(
            RECOVER,
            &[],
            "Mend what is not well-formed",
            "true",
            Decode,
            "Values without quotes, end tags that are missing and the like are read as they were most likely meant, and each record of which something was mended is listed. false: whatever is not well-formed is rejected. Under FAILFAST nothing is mended.",
        ),
        flag(
            Kind::Quotes.option(),
            &[],
            "Mend values without quotes",
            "true",
            Decode,
            "The value of an attribute that is not in quotes goes on to the next name or the end of its tag. false: such a record is rejected.",
        ),
        flag(
            Kind::EndTags.option(),
            &[],
            "Mend end tags that are missing",
            "true",
            Decode,
            "An element that is never closed ends before the next record, with the element around it or with the file. false: such a record is rejected.",
        ),
        flag(
            Kind::Marks.option(),
            &[],
            "Mend < and & that begin nothing",
            "true",
            Decode,
            "A < that begins no tag and an & that begins no reference are text. false: such a record is rejected.",
        ),
        fixed(
            "attributePrefix",
            &[],
            "Prefix of attributes",
            text(40),
            "_",
            Schema,
            "Stands before the names of attributes, to tell them from elements.",
        ),
        fixed(
            "valueTag",
            &[],
            "Name of texts",
            text(100),
            "_VALUE",
            Schema,
            "The name of the text of an element that also has attributes or elements.",
        ),
        flag("excludeAttribute", &["excludeAttributeFlag"], "Leave attributes out", "false", Schema, "Attributes are not read."),
        flag(
            "ignoreNamespace",
            &[],
            "Drop prefixes",
            "false",
            Schema,
            "Names lose their namespace prefix: ns:id is id. rowTag is compared without prefix then.",
        ),
        flag(
            "ignoreSurroundingSpaces",
            &[],
            "Trim texts",
            "true",
            Decode,
            "Blanks around texts are dropped, unless xml:space says preserve. Texts of blanks alone are none.",
        ),
        flag(
            "treatEmptyValuesAsNulls",
            &[],
            "Empty is null",
            "true",
            Schema,
            "An element or attribute without text is null in a text column; false: it is an empty text. In other columns it is always null.",
        ),
        found(
            ROOT_TAG,
            &[],
            "Root element",
            text(20_000),
            Decode,
            "The document's root with its attributes, log date=\"2021-05-01\": each attribute is a column of every row. Without attributes none is.",
        ),
        found(
            ENTITIES,
            &[],
            "Entities",
            text(200_000),
            Decode,
            "What the document's own DTD declares, <!ENTITY co \"A & B\">. Nothing is ever fetched from elsewhere.",
        ),
        encoding_option(),
    ];
    options.extend(shared(&["mode", "columnNameOfCorruptRecord", "maxRecordBytes"]));
    options.push(ellipsis_option());
    options.push(fixed(
        EVOLUTION,
        &[],
        "Fields that the sample does not have",
        evolution,
        "addNewColumns",
        Schema,
        "What an element or attribute becomes that is first met far into the file, or that a given schema does not name: a new column behind the others, and the file is read again; or nothing.",
    ));
    options.push(fixed(
        WILDCARD,
        &[],
        "Column of other elements",
        text(200),
        "xs_any",
        Schema,
        "Where a given schema has a column of this name, string or array<string>, it takes the elements that the schema does not name: what is in each, as it stands in the source. A struct's member of this name does so for the elements within it. A string has room for one element, the last; a record with more is listed.",
    ));
    options.extend(shared(&["inferSchema", "preferDate"]));
    options.push(prefers_decimal());
    options.extend(shared(&[
        "nullValue",
        "nanValue",
        "positiveInf",
        "negativeInf",
        "dateFormat",
        "timestampFormat",
        "timestampNTZFormat",
        "timeFormat",
        "timeZone",
        "locale",
    ]));
    options
}

/// The entities that the settings carry from the document's DTD.
///
/// # Errors
/// [`ErrorKind::Usage`] where they are no declarations.
pub fn entities(settings: &Settings) -> Result<Entities> {
    prologue::from_declared(settings.text(ENTITIES)).map_err(|_| {
        let what = "entities is no list of declarations";
        ErrorInfo::new(ErrorKind::Usage, what, "Write them as in a DTD: <!ENTITY co \"A & B\">.")
    })
}

/// How elements and attributes become names and values.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    pub row_tag: Vec<u8>,
    pub attribute_prefix: String,
    pub value_tag: String,
    pub wildcard: String,
    pub exclude_attributes: bool,
    pub ignore_namespace: bool,
    pub trim: bool,
    pub empty_is_null: bool,
    pub adds_columns: bool,
    pub infer_types: bool,
}

impl Shape {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        let mut shape = Self {
            row_tag: Vec::new(),
            attribute_prefix: settings.text("attributePrefix").to_owned(),
            value_tag: settings.text("valueTag").to_owned(),
            wildcard: settings.text(WILDCARD).to_owned(),
            exclude_attributes: settings.flag("excludeAttribute"),
            ignore_namespace: settings.flag("ignoreNamespace"),
            trim: settings.flag("ignoreSurroundingSpaces"),
            empty_is_null: settings.flag("treatEmptyValuesAsNulls"),
            adds_columns: settings.text(EVOLUTION) != "none",
            infer_types: settings.flag("inferSchema"),
        };
        shape.row_tag = shape.local(settings.text(ROW_TAG).as_bytes()).to_vec();
        shape
    }

    /// A name without its prefix, where prefixes are dropped.
    #[inline]
    pub fn local<'a>(&self, name: &'a [u8]) -> &'a [u8] {
        match self.ignore_namespace {
            true => name.iter().rposition(|&byte| byte == b':').map_or(name, |colon| &name[colon + 1..]),
            false => name,
        }
    }

    /// Whether an element of this name is a row.
    #[inline]
    pub fn is_row(&self, name: &[u8]) -> bool {
        self.local(name) == self.row_tag
    }

    /// The name of an attribute's column.
    pub fn attribute(&self, name: &[u8]) -> String {
        format!("{}{}", self.attribute_prefix, String::from_utf8_lossy(self.local(name)))
    }
}

/// Whether an attribute says that its element has no value.
pub fn is_nil(name: &[u8]) -> bool {
    name == b"xsi:nil"
}
