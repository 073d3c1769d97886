//! Blocks as TOML, with the place of every value in a comment beside it, or above it where there is no room.

use super::{Block, Leaf, Line};
use crate::pack::Pack;

/// How a comment is painted: `true` for one about a value that this pack gives, `false` for one that it inherits.
pub type Paint<'a> = &'a dyn Fn(&str, bool) -> String;

/// Comments never start further to the right than this, however wide the page.
const FURTHEST: usize = 60;
/// A replaced value is not shown at greater length.
const LONGEST: usize = 120;

/// Writes blocks for a page of this width.
#[must_use]
pub fn render(pack: &Pack, blocks: &[Block], width: usize, paint: Paint<'_>) -> String {
    let mut out = String::new();
    for block in blocks {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&block.header);
        out.push('\n');
        let comments: Vec<Comments> = block.lines.iter().map(|line| comments(pack, line)).collect();
        let fits = |line: &Line, beside: &str, column: usize| {
            !line.value.contains('\n') && chars(&text(line)) <= column && column + 2 + chars(beside) <= width
        };
        // The column of the comments: as far to the right as the longest line that leaves room for its comment.
        let column = block
            .lines
            .iter()
            .zip(&comments)
            .filter(|(line, comments)| {
                let long = chars(&text(line));
                long <= FURTHEST && fits(line, &comments.beside, long)
            })
            .map(|(line, _)| chars(&text(line)))
            .max()
            .unwrap_or(0);
        for (line, comments) in block.lines.iter().zip(&comments) {
            let written = text(line);
            for above in &comments.above {
                out.push_str(&paint(above, comments.own));
                out.push('\n');
            }
            if comments.beside.is_empty() {
                out.push_str(&written);
            } else if fits(line, &comments.beside, column) {
                out.push_str(&written);
                out.push_str(&" ".repeat(column - chars(&written) + 2));
                out.push_str(&paint(&comments.beside, comments.own));
            } else if !line.value.contains('\n') && chars(&written) + 2 + chars(&comments.beside) <= width {
                out.push_str(&written);
                out.push_str("  ");
                out.push_str(&paint(&comments.beside, comments.own));
            } else {
                out.push_str(&paint(&comments.beside, comments.own));
                out.push('\n');
                out.push_str(&written);
            }
            out.push('\n');
        }
    }
    out
}

/// What is said about a line.
struct Comments {
    /// What it replaces, each on a line of its own.
    above: Vec<String>,
    /// Where it is written.
    beside: String,
    /// Whether the pack itself gives it.
    own: bool,
}

fn comments(pack: &Pack, line: &Line) -> Comments {
    let Some(first) = line.leaves.first() else {
        return Comments { above: Vec::new(), beside: String::new(), own: false };
    };
    let own = line.leaves.iter().any(|leaf| pack.is_own(leaf.span));
    let mut beside = format!("# {}", pack.line_of(first.span));
    let mut above = Vec::new();
    let mut short = String::new();
    let single = line.leaves.len() == 1;
    for leaf in &line.leaves {
        for replaced in &leaf.replaced {
            let place = pack.line_of(replaced.span);
            if replaced.same {
                let which = if single { String::new() } else { format!("`{}` ", last(leaf)) };
                beside.push_str(&format!(", {which}as in {place}"));
            } else {
                let which = if single { String::new() } else { format!("{} = ", last(leaf)) };
                short = format!(", was {} in {place}", replaced.text);
                above.push(format!("# {place}: {which}{}", cut(&replaced.text)));
            }
        }
    }
    // One short value that was replaced stands beside the one in force.
    if single && above.len() == 1 && chars(&short) <= 50 {
        beside.push_str(&short);
        above.clear();
    }
    Comments { above, beside, own }
}

/// The last key of a path.
fn last(leaf: &Leaf) -> &str {
    leaf.path.rsplit('.').next().unwrap_or(&leaf.path)
}

fn text(line: &Line) -> String {
    format!("{} = {}", line.key, line.value)
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn cut(text: &str) -> String {
    if chars(text) <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}
