//! An answer on a terminal: the value and its type, below them the tree of parts.

use crate::draw::{Paint, Role, clean, cut, pad, width, wrap};
use crate::explain::{Known, Part, What, literal};
use crate::expr::Value;

/// Longer numbers are shortened beside the others; the answer itself is never.
const LONG_NUMBER: usize = 12;

/// The answer in lines of at most `columns`, ending in a line break.
pub(super) fn answer(part: &Part, remark: Option<&str>, columns: usize, paint: Paint) -> String {
    let role = if part.value.0.is_missing() { Role::Warn } else { Role::Strong };
    let value = shown(&part.value.0);
    let mut lines: Vec<String> = Vec::new();
    let rest = format!("  {}", part.ty);
    let room = columns.saturating_sub(width(&rest)).max(10);
    let mut first = wrap(&value, room);
    let last = first.pop().unwrap_or_default();
    lines.extend(first.iter().map(|line| paint.apply(role, line)));
    lines.push(format!("{}{}", paint.apply(role, &last), paint.dim(&rest)));
    for (text, role) in [(part.unknown.as_deref(), Role::Warn), (remark, Role::Dim)] {
        lines.extend(text.into_iter().flat_map(|t| wrap(&clean(t), columns)).map(|line| paint.apply(role, &line)));
    }
    if part.parts.is_empty() {
        let meaning = part.meaning.iter().flat_map(|m| wrap(&clean(m), columns));
        lines.extend(meaning.map(|line| paint.dim(&line)));
    } else {
        lines.push(String::new());
        lines.extend(tree(part, columns, paint));
    }
    lines.join("\n") + "\n"
}

/// One line of the tree before it is laid out.
struct Row<'a> {
    /// The lines before the text.
    guide: String,
    /// The same before its further lines.
    hang: String,
    part: &'a Part,
}

fn tree(root: &Part, columns: usize, paint: Paint) -> Vec<String> {
    // Deep trees are drawn narrower, so that something is left for the texts.
    let room = columns / 3;
    let levels = depth(root);
    let step = [3, 2].into_iter().find(|step| levels * step <= room).unwrap_or(1);
    let mut rows = Vec::new();
    gather(root, 0, String::new(), String::new(), step, room, &mut rows);
    let text_of = |row: &Row<'_>| width(&row.guide) + width(&label(row.part));
    let texts = rows.iter().map(text_of).max().unwrap_or(0).min(columns / 2).min(72);
    let values = rows.iter().map(|row| width(&value(row.part))).max().unwrap_or(0).min((columns / 4).clamp(12, 28));
    let mut lines = Vec::new();
    for row in &rows {
        draw(row, texts, values, columns, paint, &mut lines);
    }
    lines
}

fn depth(part: &Part) -> usize {
    part.parts.iter().map(|p| 1 + depth(p)).max().unwrap_or(0)
}

fn gather<'a>(
    part: &'a Part,
    level: usize,
    guide: String,
    hang: String,
    step: usize,
    room: usize,
    rows: &mut Vec<Row<'a>>,
) {
    let below = part.parts.len();
    let (mut hang, mut guide) = (hang, guide);
    if width(&hang) > room {
        // Deeper than anybody follows lines: the level is said in a number instead.
        (guide, hang) = (format!("{level:>3} "), "    ".to_owned());
    }
    let blanks = " ".repeat(step - 1);
    let own = if below > 0 { format!("{hang}│{blanks}") } else { format!("{hang} {blanks}") };
    rows.push(Row { guide, hang: own, part });
    for (i, child) in part.parts.iter().enumerate() {
        let (branch, further) = if i + 1 == below { ('└', ' ') } else { ('├', '│') };
        let branch = match step {
            3 => format!("{branch}─ "),
            2 => format!("{branch} "),
            _ => branch.to_string(),
        };
        let guide = format!("{hang}{branch}");
        gather(child, level + 1, guide, format!("{hang}{further}{blanks}"), step, room, rows);
    }
}

/// Role and text.
fn label(part: &Part) -> String {
    let text = clean(&part.text);
    part.role.as_ref().map_or(text.clone(), |role| format!("{} {text}", clean(role)))
}

fn value(part: &Part) -> String {
    match &part.value {
        _ if part.not_taken && part.role.is_some() => "not taken".to_owned(),
        _ if part.not_taken => "not asked".to_owned(),
        Known(Value::Number(x)) => {
            let exact = x.to_string();
            if exact.len() <= LONG_NUMBER { exact } else { shorter(*x) }
        }
        Known(value) => shown(value),
    }
}

/// A value as it is read: texts in quotes, numbers in full, days plain.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Missing => "unknown".to_owned(),
        Value::Date(day) => day.to_string(),
        other => clean(&literal(other)),
    }
}

/// At most six decimals.
fn shorter(x: f64) -> String {
    if x.abs() < 1e-6 || x.abs() >= 1e15 {
        return format!("{x:.6e}");
    }
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn draw(row: &Row<'_>, texts: usize, values: usize, columns: usize, paint: Paint, lines: &mut Vec<String>) {
    let part = row.part;
    let room = texts.saturating_sub(width(&row.guide)).max(8);
    let mut text = wrap(&label(part), room).into_iter();
    let first = text.next().unwrap_or_default();
    let shown = cut(&value(part), values);
    let role = match &part.value {
        _ if part.not_taken => Role::Dim,
        Known(Value::Missing) => Role::Warn,
        Known(Value::Bool(true)) => Role::Good,
        Known(Value::Bool(false)) => Role::Bad,
        _ => Role::Plain,
    };
    let (note, note_role) = note(part);
    let left = columns.saturating_sub(texts.max(width(&row.guide) + width(&first)) + values + 4);
    let beside = width(&note) <= left;
    let text_role = if part.not_taken { Role::Dim } else { Role::Plain };
    let first_padded = pad(&first, texts.saturating_sub(width(&row.guide)));
    let value_padded = if beside && !note.is_empty() { pad(&shown, values) } else { shown };
    let mut line = format!(
        "{}{}  {}",
        paint.dim(&row.guide),
        paint.apply(text_role, &first_padded),
        paint.apply(role, &value_padded)
    );
    if beside && !note.is_empty() {
        line.push_str(&format!("  {}", paint.apply(note_role, &note)));
    }
    lines.push(line);
    let hang = paint.dim(&row.hang);
    lines.extend(text.map(|line| format!("{hang}{}", paint.apply(text_role, &line))));
    let room = columns.saturating_sub(width(&row.hang)).max(20);
    if let Some(whole) = whole(part, values) {
        lines.extend(wrap(&whole, room).iter().map(|line| format!("{hang}{line}")));
    }
    if !beside {
        lines.extend(wrap(&note, room).iter().map(|line| format!("{hang}{}", paint.apply(note_role, line))));
    }
}

/// Of a text that is longer than its column: as much of it as anybody reads.
fn whole(part: &Part, values: usize) -> Option<String> {
    let text = value(part);
    (width(&text) > values).then(|| cut(&text, 600))
}

/// What is said beside a part: why it has no value, else what it means.
fn note(part: &Part) -> (String, Role) {
    match (&part.unknown, &part.meaning) {
        (Some(why), Some(meaning)) if part.what != What::Column => {
            (format!("{} – {}", clean(why), clean(meaning)), Role::Warn)
        }
        (Some(why), _) => (clean(why), Role::Warn),
        (None, Some(meaning)) if part.shown_above => (format!("{} (opened above)", clean(meaning)), Role::Dim),
        (None, Some(meaning)) => (clean(meaning), Role::Dim),
        (None, None) => (String::new(), Role::Dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, value: Value, parts: Vec<Part>) -> Part {
        Part {
            role: None,
            text: text.to_owned(),
            what: What::Operation,
            ty: "number",
            value: Known(value),
            meaning: None,
            unknown: None,
            not_taken: false,
            shown_above: false,
            parts,
        }
    }

    #[test]
    fn no_line_is_too_wide_however_deep_the_tree() {
        let mut root =
            part("deepest_of_all_names_there_are", Value::text("a long text that goes on and on"), Vec::new());
        for level in 0..250 {
            let beside = part("x + 1", Value::Number(1.0 / 3.0), Vec::new());
            root = part(&format!("-({level} and so on, for a while)"), Value::Missing, vec![beside, root]);
            root.unknown = Some("`revenue` is missing".to_owned());
        }
        for columns in [60, 80, 200] {
            let text = answer(&root, Some("a remark"), columns, Paint::new(false));
            assert!(text.lines().all(|line| width(line) <= columns), "{columns}:\n{text}");
            assert!(text.contains("deepest"), "everything is shown");
        }
    }

    #[test]
    fn numbers_are_short_in_the_tree_and_whole_in_the_answer() {
        let third =
            part("revenue / 3", Value::Number(1.0 / 3.0), vec![part("revenue", Value::Number(1.0), Vec::new())]);
        assert_eq!(
            answer(&third, None, 80, Paint::new(false)),
            "0.3333333333333333  number\n\nrevenue / 3  0.333333\n└─ revenue   1\n"
        );
    }
}
