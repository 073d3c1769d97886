//! Which column of a file is which column of the pack.

use super::column::Column;
use super::words::{concepts, likeness};
use crate::expr::Type;
use crate::pack;

/// How sure a match is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum How {
    /// The pack accepts the header as it stands.
    Named,
    /// Header and type say the same, and nothing else does.
    Sure,
    /// Somebody should look: how alike they are, from 0 to 1.
    Perhaps(f64),
}

/// A column of the file and the pack's name for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// In the file's order.
    pub column: usize,
    /// The pack's name.
    pub name: String,
    /// The type the pack wants.
    pub ty: Type,
    /// How sure it is.
    pub how: How,
    /// Whether the values are of that type.
    pub fits: bool,
}

/// Suggested from here on.
const PERHAPS: f64 = 0.6;
/// Sure from here on.
const SURE: f64 = 0.99;

/// Whether the column can be read as the type.
fn fits(column: &Column, ty: Type) -> bool {
    if column.missing == column.rows {
        return true;
    }
    match ty {
        // Anything is a text.
        Type::Text => true,
        Type::Bool => column.ty == Type::Bool || column.zero_one,
        Type::Number => {
            column.ty == Type::Number || column.zero_one || (column.code && column.watched.guess.ty == Type::Number)
        }
        ty => column.ty == ty,
    }
}

/// The header that the reader would take for these names: exactly, else without regard to case and blanks around.
pub(super) fn named(columns: &[Column], names: &[&str]) -> Option<usize> {
    let exact = |name: &&str| columns.iter().position(|c| c.header == **name);
    let fold = |text: &str| text.trim().to_lowercase();
    let folded = |name: &&str| columns.iter().position(|c| fold(&c.header) == fold(name));
    names.iter().find_map(exact).or_else(|| names.iter().find_map(folded))
}

/// Matches the wanted columns of one table of the pack with the columns of one table of files. Each column has one use.
pub(super) fn matches(
    columns: &[Column],
    key: Option<usize>,
    wanted: &[&pack::Column],
    time: Option<&str>,
) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::new();
    for want in wanted {
        let names: Vec<&str> =
            std::iter::once(want.name.as_str()).chain(want.from.iter().map(String::as_str)).collect();
        let Some(at) = named(columns, &names).filter(|at| Some(*at) != key) else { continue };
        if let Some(column) = columns.get(at).filter(|_| found.iter().all(|m| m.column != at)) {
            let fits = fits(column, want.ty);
            found.push(Match { column: at, name: want.name.clone(), ty: want.ty, how: How::Named, fits });
        }
    }
    // Every pair that may be, the most alike first.
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    let said: Vec<Vec<String>> = columns.iter().map(|c| concepts(&c.header)).collect();
    for (w, want) in wanted.iter().enumerate().filter(|(_, w)| found.iter().all(|m| m.name != w.name)) {
        let names = std::iter::once(&want.name).chain(&want.from);
        let spoken: Vec<Vec<String>> = names.map(|n| concepts(n)).collect();
        for (c, column) in columns.iter().enumerate() {
            let free = Some(c) != key
                && column.has_name(columns)
                && found.iter().all(|m| m.column != c)
                && column.missing < column.rows;
            // A text may be anything; where the pack wants one, a number or a date is hardly it.
            let of_type = fits(column, want.ty) && (want.ty != Type::Text || column.ty == Type::Text || column.code);
            // A header that another column of the pack accepts cannot be given to this one.
            let others = wanted.iter().filter(|other| other.name != want.name);
            let accepted = others.into_iter().any(|o| o.name == column.header || o.from.contains(&column.header));
            let Some(header) = said.get(c).filter(|_| free && of_type && !accepted) else { continue };
            let like = spoken.iter().map(|s| likeness(header, s, want.ty == Type::Date)).fold(0.0, f64::max);
            let values = values_known(column, &want.values);
            let score = if want.values.is_empty() { like } else { like.mul_add(0.5, values * 0.5).max(like.min(0.9)) };
            if score >= PERHAPS {
                pairs.push((score, w, c));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
    for (score, w, c) in &pairs {
        let Some(want) = wanted.get(*w) else { continue };
        if found.iter().any(|m| m.column == *c || m.name == want.name) {
            continue;
        }
        let rivals = pairs.iter().filter(|(s, pw, pc)| *s >= SURE && ((pw == w) != (pc == c))).count();
        let how = if *score >= SURE && rivals == 0 { How::Sure } else { How::Perhaps(*score) };
        found.push(Match { column: *c, name: want.name.clone(), ty: want.ty, how, fits: true });
    }
    // What must be there and can be only one column, is that one.
    let needed: Vec<&&pack::Column> = wanted
        .iter()
        .filter(|w| !w.optional || time == Some(w.name.as_str()))
        .filter(|w| !found.iter().any(|m| m.name == w.name && !matches!(m.how, How::Perhaps(_))))
        .collect();
    for want in needed {
        let taken =
            |c: usize| found.iter().any(|m| m.column == c && m.name != want.name && !matches!(m.how, How::Perhaps(_)));
        let able: Vec<usize> = columns
            .iter()
            .enumerate()
            .filter(|(c, column)| {
                Some(*c) != key
                    && column.has_name(columns)
                    && !taken(*c)
                    && column.ty == want.ty
                    // Where the pack lists the values, a column without any of them is another one.
                    && (want.values.is_empty() || values_known(column, &want.values) > 0.0)
                    && column.missing * 2 < column.rows
            })
            .map(|(c, _)| c)
            .collect();
        if let [only] = able.as_slice() {
            found.retain(|m| m.column != *only && m.name != want.name);
            found.push(Match { column: *only, name: want.name.clone(), ty: want.ty, how: How::Sure, fits: true });
        }
    }
    found.sort_by_key(|m| m.column);
    found
}

/// The share of the values that are among those the pack knows.
fn values_known(column: &Column, known: &[String]) -> f64 {
    if known.is_empty() || column.distinct > 50 {
        return 0.0;
    }
    let values = &column.watched.values;
    let hits = values.iter().filter(|(text, _)| known.iter().any(|k| k == text.trim())).count();
    if values.is_empty() { 0.0 } else { hits as f64 / values.len() as f64 }
}

/// Wanted columns without a sure match that a run cannot do without.
pub(super) fn lacking<'a>(wanted: &[&'a pack::Column], time: Option<&str>, found: &[Match]) -> Vec<&'a pack::Column> {
    let sure = |w: &&&pack::Column| found.iter().any(|m| m.name == w.name && !matches!(m.how, How::Perhaps(_)));
    let needed = wanted.iter().filter(|w| !w.optional || time == Some(w.name.as_str()));
    needed.filter(|w| !sure(w)).copied().collect()
}
