//! The rule book as a document: what is said, before anybody decides how it looks.

/// Words that follow one another on a line.
pub type Line = Vec<Inline>;

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// What the eye should find first.
    Strong(String),
    /// What is said by the way.
    Soft(String),
    /// As it is written in a file.
    Code(String),
    /// The name of a thing that the book describes elsewhere.
    Link {
        /// The [`Entry::id`] of the thing.
        to: String,
        /// How it is called.
        text: String,
        /// What it is, for a reader who stops at it.
        hint: String,
    },
    /// A word that says to which group a thing belongs.
    Tag {
        /// The word.
        text: String,
        /// The group, as in the pack: `recovery`, `pushed_away`.
        group: String,
    },
    /// A value that takes its place in a sentence, in words.
    Value(Line),
    /// A length from 0 to 1.
    Bar(f64),
}

impl Inline {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Inline {
        Inline::Text(text.into())
    }

    /// The characters a reader sees.
    fn push_plain(&self, out: &mut String) {
        match self {
            Inline::Text(text) | Inline::Strong(text) | Inline::Soft(text) | Inline::Code(text) => out.push_str(text),
            Inline::Link { text, .. } | Inline::Tag { text, .. } => out.push_str(text),
            Inline::Value(line) => line.iter().for_each(|part| part.push_plain(out)),
            Inline::Bar(_) => {}
        }
    }
}

/// A line without its looks.
#[must_use]
pub fn plain(line: &[Inline]) -> String {
    let mut out = String::new();
    for part in line {
        part.push_plain(&mut out);
    }
    out
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Line),
    /// A heading within a section.
    Heading {
        /// Its anchor.
        id: String,
        /// What it says.
        text: String,
    },
    /// A list.
    List {
        /// Whether the order counts.
        ordered: bool,
        /// Its points.
        items: Vec<Item>,
    },
    /// A table.
    Table {
        /// What the columns hold.
        head: Vec<String>,
        /// Its rows, as long as the head.
        rows: Vec<Vec<Line>>,
    },
    /// What is meant by each of a few words.
    Terms(Vec<(String, Vec<Block>)>),
    /// A rule in words, and as it is written.
    Rule {
        /// In words.
        words: Vec<Block>,
        /// As written.
        written: String,
    },
    /// A text with its own lines.
    Code(String),
    /// How a number becomes a score.
    Chart(Chart),
    /// A thing of the pack.
    Entry(Box<Entry>),
}

impl Block {
    /// A paragraph of plain text.
    pub fn text(text: impl Into<String>) -> Block {
        Block::Paragraph(vec![Inline::Text(text.into())])
    }
}

/// A point of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it says.
    pub line: Line,
    /// What belongs below it.
    pub below: Vec<Block>,
}

/// A thing of the pack: a parameter, a state, a campaign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// Its anchor.
    pub id: String,
    /// Its place in an order that counts, from 1.
    pub number: Option<usize>,
    /// How it is called.
    pub title: String,
    /// Its name in the pack's files; empty if the title is the name.
    pub name: String,
    /// To which groups it belongs.
    pub tags: Line,
    /// What a reader looks for first: a parameter's value, a criterion's weight.
    pub value: Line,
    /// What there is to say.
    pub blocks: Vec<Block>,
    /// Where it is written and what reads it.
    pub notes: Vec<Line>,
}

/// How a number becomes a score of 0 to 10.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What the number is.
    pub label: String,
    /// The unit, if it is known.
    pub unit: String,
    /// The form.
    pub shape: Shape,
    /// What an unknown number scores; `None` if it is left out.
    pub missing: Option<f64>,
}

/// The form of a [`Chart`].
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Straight lines between points (number, score), numbers rising; flat outside.
    Curve(Vec<(f64, f64)>),
    /// Steps: each bound with the score below it, bounds rising; then the score above the last.
    Steps(Vec<(f64, f64)>, f64),
}

impl Chart {
    /// The form as rows: which numbers, and their score.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, f64)> {
        let number = super::number::number;
        match &self.shape {
            Shape::Curve(points) => {
                let last = points.len().saturating_sub(1);
                let row = |(i, (x, y)): (usize, &(f64, f64))| {
                    let x = number(*x);
                    let text = match i {
                        _ if last == 0 => "any number".to_owned(),
                        0 => format!("{x} or less"),
                        _ if i == last => format!("{x} or more"),
                        _ => x,
                    };
                    (text, *y)
                };
                points.iter().enumerate().map(row).collect()
            }
            Shape::Steps(bands, above) => {
                let mut rows = Vec::new();
                let mut from: Option<f64> = None;
                for (below, score) in bands {
                    rows.push(match from {
                        None => (format!("below {}", number(*below)), *score),
                        Some(from) => (format!("{} to below {}", number(from), number(*below)), *score),
                    });
                    from = Some(*below);
                }
                rows.push(match from {
                    None => ("any number".to_owned(), *above),
                    Some(from) => (format!("{} and more", number(from)), *above),
                });
                rows
            }
        }
    }
}

/// A chapter.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its anchor.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// The whole book.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// `Rule book: retail`
    pub title: String,
    /// What the pack is for; may be empty.
    pub help: String,
    /// Version, what it extends, hash.
    pub identity: Vec<(String, Line)>,
    /// The chapters.
    pub sections: Vec<Section>,
}

impl Book {
    /// The headings and things of a section, for a table of contents: anchor, title, and whether it is a heading.
    pub fn contents(section: &Section) -> impl Iterator<Item = (&str, &str, bool)> {
        section.blocks.iter().filter_map(|block| match block {
            Block::Heading { id, text } => Some((id.as_str(), text.as_str(), true)),
            Block::Entry(entry) => Some((entry.id.as_str(), entry.title.as_str(), false)),
            _ => None,
        })
    }
}
