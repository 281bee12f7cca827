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
        name: "people_wrapped.txt",
        about: "Rows over several lines, told apart by \\n; two ellipses",
        content: include_bytes!("../../samples/people_wrapped.txt"),
    },
    Sample { name: "people.csv", about: "Two people, two ellipses", content: include_bytes!("../../samples/people.csv") },
    Sample {
        name: "messages.xml",
        about: "A log that is not well-formed: no quotes, no end",
        content: include_bytes!("../../samples/messages.xml"),
    },
    Sample { name: "tweet.json", about: "One tweet, line breaks within its texts", content: include_bytes!("../../samples/tweet.json") },
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
];
