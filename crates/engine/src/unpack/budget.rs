//! How much may come out of a packed file: a few kilobytes can claim terabytes.

use std::borrow::Cow;

use colonnade_protocol::{Affects, ErrorInfo, ErrorKind, OptionDecl, OptionKind};

use crate::Result;
use crate::settings::Settings;

/// The ids of [`options`].
pub const OPTIONS: [&str; 3] = [MAX_BYTES, MAX_RATIO, MAX_MEMBERS];
const MAX_BYTES: &str = "maxUnpackedBytes";
const MAX_RATIO: &str = "maxUnpackRatio";
const MAX_MEMBERS: &str = "maxMembers";
/// Bytes that may come out of anything, whatever the ratio.
const FREE: u64 = 256 << 20;

/// Options of everything that is packed.
pub fn options() -> Vec<OptionDecl> {
    let declared = |id: &'static str, title: &'static str, max: i64, default: &'static str, help: &'static str| OptionDecl {
        id: id.into(),
        aliases: Cow::Borrowed(&[]),
        title: title.into(),
        kind: OptionKind::Integer { min: 1, max },
        default: Some(default.into()),
        help: help.into(),
        affects: Affects::Detect,
        empty: Cow::Borrowed(""),
        synonyms: Cow::Borrowed(&[]),
    };
    vec![
        declared(
            MAX_BYTES,
            "Most bytes unpacked",
            i64::MAX,
            "17179869184",
            "Bytes that may come out of a packed file, all members together.",
        ),
        declared(
            MAX_RATIO,
            "Most bytes for each packed one",
            1_000_000,
            "250",
            "How many times its packed size a member may have, once it is larger than 256 MiB.",
        ),
        declared(MAX_MEMBERS, "Most members", 100_000, "1000", "Members of an archive that are opened, from the first."),
    ]
}

/// What may come out of one packed file, and what has.
#[derive(Debug, Clone)]
pub struct Budget {
    max_bytes: u64,
    max_ratio: u64,
    max_members: usize,
    spent: u64,
}

impl Budget {
    /// The budget by a person's words (`name=value`, of which only [`OPTIONS`] are taken) and the defaults.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a value that cannot be used.
    pub fn new<'a>(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let own = given.into_iter().filter(|(name, _)| OPTIONS.iter().any(|option| option.eq_ignore_ascii_case(name)));
        let settings = Settings::new(&options(), own)?;
        let number = |id: &str| settings.integer(id).unsigned_abs();
        let max_members = usize::try_from(number(MAX_MEMBERS)).unwrap_or(usize::MAX);
        Ok(Self { max_bytes: number(MAX_BYTES), max_ratio: number(MAX_RATIO), max_members, spent: 0 })
    }

    /// Members that may be opened.
    pub fn max_members(&self) -> usize {
        self.max_members
    }

    /// Takes `count` bytes that have come out of a member of `packed` bytes, `so_far` with them; `at` is how far its
    /// packed bytes were read.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] where that is too much.
    pub fn spend(&mut self, count: u64, so_far: u64, packed: u64, at: u64) -> Result<()> {
        self.spent = self.spent.saturating_add(count);
        let refuse = |what: String, option: &str| {
            let hint = format!(
                "If you trust the file, raise {option}: #{option}=... in the page's address, --set {option}=... on the command line."
            );
            Err(ErrorInfo::new(ErrorKind::Limit, format!("{what}, at byte {at} of the packed file"), hint))
        };
        if self.spent > self.max_bytes {
            return refuse(format!("more than {} bytes come out of it", self.max_bytes), MAX_BYTES);
        }
        if so_far > FREE && so_far / self.max_ratio > packed {
            return refuse(format!("{packed} bytes unpack to {so_far} and more, over {} times as many", self.max_ratio), MAX_RATIO);
        }
        Ok(())
    }
}
