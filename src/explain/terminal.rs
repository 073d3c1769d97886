//! An explanation on a terminal, as an answer: three sentences first, then every step behind them.

mod evidence;
mod rules;
mod values;

use super::answer::Explanation;
use crate::draw::{Paint, beside, clean, cut, indent, width, wrap, wrap_hanging};

/// The answer in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(explanation: &Explanation, columns: usize, color: bool) -> String {
    let page = Page { explanation, columns: columns.clamp(72, 200), paint: Paint::new(color) };
    let mut blocks = vec![page.header()];
    blocks.push(page.summary());
    blocks.extend(page.failures());
    if explanation.outcome.suppressed.is_some() {
        blocks.extend(page.suppressions());
    } else {
        blocks.extend(page.suppressions());
        blocks.extend(page.both(Page::states, Page::causes));
        blocks.extend(page.scores());
        blocks.extend(page.both(Page::grades, Page::followups));
        blocks.extend(page.warnings());
        blocks.extend(page.campaigns());
    }
    blocks.extend(page.both(Page::facts, Page::rollups));
    blocks.extend(page.record());
    let mut out = blocks.iter().map(|b| b.join("\n")).collect::<Vec<_>>().join("\n\n");
    out.push('\n');
    out
}

/// One section of a page; nothing if there is nothing to say.
type Section<'a> = fn(&Page<'a>) -> Option<Vec<String>>;

/// The page being drawn.
#[derive(Clone, Copy)]
struct Page<'a> {
    explanation: &'a Explanation,
    columns: usize,
    paint: Paint,
}

impl<'a> Page<'a> {
    fn header(&self) -> Vec<String> {
        let receipt = &self.explanation.receipt;
        let hash = receipt.hash.get(..8).unwrap_or(&receipt.hash);
        let rest =
            format!(" · {} {} · {hash} · as of {}", clean(&receipt.pack), clean(&receipt.version), receipt.as_of);
        let key = format!("{} {}", clean(&self.explanation.key_column), clean(&self.explanation.key));
        let key = cut(&key, self.columns.saturating_sub(width(&rest)).max(12));
        vec![format!(
            "{}{}",
            self.paint.strong(&key),
            self.paint.dim(&cut(&rest, self.columns.saturating_sub(width(&key))))
        )]
    }

    /// Two sections, side by side where there is room.
    fn both(&self, left: Section<'a>, right: Section<'a>) -> Vec<Vec<String>> {
        const GAP: usize = 4;
        if self.columns >= 150 {
            let half = Page { columns: (self.columns - GAP) / 2, ..*self };
            if let (Some(left), Some(right)) = (left(&half), right(&half)) {
                return vec![beside(&left, &right, half.columns, GAP)];
            }
        }
        left(self).into_iter().chain(right(self)).collect()
    }

    fn summary(&self) -> Vec<String> {
        let sentences = self.explanation.summary.iter();
        sentences.flat_map(|s| wrap(&shorten(s), self.columns.min(120))).collect()
    }

    fn failures(&self) -> Option<Vec<String>> {
        let failures = &self.explanation.failures;
        if failures.is_empty() {
            return None;
        }
        let mut lines = vec![self.title("script errors: their values are missing")];
        for failure in failures {
            let function = match failure.error.function.as_str() {
                "" => String::new(),
                function => format!(" ({})", clean(function)),
            };
            let text = format!("! {}{function}: {}", clean(&failure.place), clean(&failure.error.told()));
            let text = self.hanging(&text, 2, 2).join("\n");
            lines.push(self.paint.apply(crate::draw::Role::Bad, &text));
        }
        Some(lines)
    }

    /// `── name ───────`
    fn title(&self, name: &str) -> String {
        let name = cut(name, self.columns.saturating_sub(8));
        let rest = self.columns.saturating_sub(width(&name) + 4);
        format!("{} {} {}", self.paint.dim("──"), self.paint.strong(&name), self.paint.dim(&"─".repeat(rest)))
    }

    /// A text that starts at column `first`; its further lines are moved by `hang` more.
    fn hanging(&self, text: &str, first: usize, hang: usize) -> Vec<String> {
        let room = self.columns.saturating_sub(first);
        let lines = wrap_hanging(text, room, room.saturating_sub(hang));
        lines.iter().enumerate().map(|(i, l)| indent(l, if i == 0 { first } else { first + hang })).collect()
    }
}

/// A value of a record may be a whole letter: on screen its beginning will do.
fn shorten(text: &str) -> String {
    cut(&clean(text), 600)
}
