//! Small files to try the page with, each with something that must be found out.

/// A sample: the file's name, what is in it to see, its content.
pub struct Sample {
    pub name: &'static str,
    pub about: &'static str,
    pub content: &'static [u8],
}

/// All samples, in the order of their buttons.
pub const SAMPLES: &[Sample] = &[
    Sample {
        name: "messstellen.csv",
        about: "Semicolons, decimal commas, Windows-1252, three lines before the header",
        content: include_bytes!("../../samples/messstellen.csv"),
    },
    Sample {
        name: "orders.csv",
        about: "Quotes, line breaks in a note, ZIP codes, one broken row",
        content: include_bytes!("../../samples/orders.csv"),
    },
    Sample { name: "people.csv", about: "Two people, two ellipses", content: include_bytes!("../../samples/people.csv") },
];
