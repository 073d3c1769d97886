//! What scripts printed, on stderr.

use super::Terminal;
use crate::draw::{clean, count, wrap_hanging};
use crate::script::{Printed, Prints, Scripts};

/// Shows what was printed, equal lines once. `counted`: how often each was printed is said, and they are in
/// the order of the scripts; else in the order in which they came.
pub(super) fn show(prints: Prints, counted: bool, terminal: &Terminal) {
    let mut lines: Vec<(Printed, u64)> = Vec::new();
    for line in prints.lines {
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => lines.push((line, 1)),
        }
    }
    if lines.is_empty() {
        return;
    }
    if counted {
        lines.sort_by(|(a, _), (b, _)| (&a.module, a.line, &a.text).cmp(&(&b.module, b.line, &b.text)));
    }
    let mut text = "printed by scripts".to_owned();
    for (printed, times) in &lines {
        let place = match printed.line {
            0 => format!("{}.rhai", clean(&printed.module)),
            line => format!("{}.rhai:{line}", clean(&printed.module)),
        };
        let often = if counted && *times > 1 { format!("   ({} times)", count(*times)) } else { String::new() };
        let line = format!("{place}: {}{often}", clean(&printed.text));
        let room = terminal.width().saturating_sub(2);
        for (i, part) in wrap_hanging(&line, room, room.saturating_sub(4)).iter().enumerate() {
            text.push_str(if i == 0 { "\n  " } else { "\n      " });
            text.push_str(part);
        }
    }
    if prints.more > 0 {
        text.push_str(&format!("\n  and {} more lines", count(prints.more)));
    }
    terminal.note(&text);
}

/// Says that there is something to be seen, without showing it.
pub(super) fn mention(scripts: &Scripts, terminal: &Terminal) {
    if !scripts.printed().lines.is_empty() {
        terminal.note("the scripts printed something; `--show-prints` shows it");
    }
}

/// Forgets what was printed up to now.
pub(super) fn forget(scripts: &Scripts) {
    let _ = scripts.printed();
}
