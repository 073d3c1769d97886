//! Cases on a terminal: a line per file, then every failure as a difference with the step that settled it.

use std::fmt::Write as _;

use super::super::because::{Because, Part};
use super::{Failure, Report};
use crate::draw::{Paint, Role, clean, count, pad, width, wrap_hanging};
use crate::explain::Verdict;

/// So many failed steps are shown; the rest is counted.
const SHOWN: usize = 50;
/// Wider than this, lines are hard to follow.
const WIDEST: usize = 140;

/// The report in lines of at most `columns`, ending in a line break. Without the summary.
#[must_use]
pub fn render_human(report: &Report<'_>, columns: usize, color: bool) -> String {
    let page = Page { report, columns: columns.min(WIDEST), paint: Paint::new(color) };
    let mut out = page.files();
    for failure in report.failures.iter().take(SHOWN) {
        out.push('\n');
        out.push_str(&page.failure(failure));
    }
    if report.failures.len() > SHOWN {
        let more = report.failures.len() - SHOWN;
        let text = format!(
            "\nand {} more steps that failed: `--filter` shows those of one file or case\n",
            count(more as u64)
        );
        out.push_str(&page.paint.dim(&text));
    }
    if !report.verdicts.files.is_empty() {
        out.push('\n');
    }
    out
}

/// `41 cases, 58 steps: 57 passed, 1 failed`
#[must_use]
pub fn summary(report: &Report<'_>) -> String {
    let verdicts = report.verdicts;
    let (steps, failed) = (verdicts.steps(), verdicts.failed.len());
    let passed = match (steps - failed.min(steps), failed) {
        (0, _) => String::new(),
        (_, 0) => "all passed".to_owned(),
        (passed, _) => format!("{} passed, ", count(passed as u64)),
    };
    let failed = if failed == 0 { String::new() } else { format!("{} failed", count(failed as u64)) };
    format!("{}: {passed}{failed}", sizes(verdicts.cases(), steps))
}

fn sizes(cases: usize, steps: usize) -> String {
    let plural = |n: usize, word: &str| format!("{} {word}{}", count(n as u64), if n == 1 { "" } else { "s" });
    match cases == steps {
        true => plural(cases, "case"),
        false => format!("{}, {}", plural(cases, "case"), plural(steps, "step")),
    }
}

struct Page<'a> {
    report: &'a Report<'a>,
    columns: usize,
    paint: Paint,
}

impl Page<'_> {
    fn files(&self) -> String {
        let files = || self.report.set.files.iter().zip(&self.report.verdicts.files);
        let sizes: Vec<String> = files().map(|(_, v)| sizes(v.cases, v.steps)).collect();
        let names = files().map(|(file, _)| width(&clean(&file.name))).max().unwrap_or(0).min(self.columns / 2);
        let wide = sizes.iter().map(|text| width(text)).max().unwrap_or(0);
        let mut out = String::new();
        for ((file, verdict), size) in files().zip(&sizes) {
            let (sign, role, outcome) = match verdict.failed {
                0 => ("✓", Role::Good, "passed".to_owned()),
                failed => ("✗", Role::Bad, format!("{} failed", count(failed as u64))),
            };
            let name = pad(&clean(&file.name), names);
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "{} {name}  {}  {}",
                self.paint.apply(role, sign),
                pad(size, wide),
                self.paint.apply(role, &outcome)
            );
        }
        out
    }

    fn failure(&self, failure: &Failure<'_>) -> String {
        let mut out = String::new();
        let mut line = 0;
        for (mismatch, because) in failure.mismatches() {
            let place = self.report.set.sources.place(mismatch.span);
            if line == 0 {
                let title = format!("{}, as of {}", clean(&failure.title()), failure.as_of);
                let head = format!("{place}: {title}");
                if width(&head) <= self.columns {
                    let _ = writeln!(out, "{place}: {}", self.paint.strong(&title));
                } else {
                    let _ = writeln!(out, "{place}:");
                    for part in wrap_hanging(&title, self.columns - 2, self.columns - 2) {
                        let _ = writeln!(out, "  {}", self.paint.strong(&part));
                    }
                }
            } else if place.line != line {
                let _ = writeln!(out, "  {}", self.paint.dim(&format!("line {}", place.line)));
            }
            line = place.line;
            for (sign, role, value) in [("-", Role::Bad, &mismatch.expected), ("+", Role::Good, &mismatch.actual)] {
                let text = format!("{} = {}", mismatch.name, clean(value));
                let room = self.columns.saturating_sub(4);
                for (place, part) in wrap_hanging(&text, room, room).into_iter().enumerate() {
                    let sign = if place == 0 { sign } else { " " };
                    let _ = writeln!(out, "  {}", self.paint.apply(role, &format!("{sign} {part}")));
                }
            }
            for because in because {
                self.because(&mut out, because);
            }
        }
        out
    }

    fn because(&self, out: &mut String, because: &Because) {
        const AT: usize = 4;
        let place = because.rule.map(|span| self.report.set.sources.place(span));
        let place = place.map(|place| format!("{}:{}", place.file, place.line)).unwrap_or_default();
        let text = clean(&because.text);
        let room = self.columns.saturating_sub(AT);
        let mut lines = wrap_hanging(&text, room, room);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            let _ = writeln!(out, "{:AT$}{line}", "");
        }
        let fits = width(&last) + 3 + width(&place) <= room;
        match (place.is_empty(), fits) {
            (true, _) => {
                let _ = writeln!(out, "{:AT$}{last}", "");
            }
            (false, true) => {
                let _ = writeln!(out, "{:AT$}{last}   {}", "", self.paint.dim(&place));
            }
            (false, false) => {
                let _ = writeln!(out, "{:AT$}{last}\n{:AT$}{}", "", "", self.paint.dim(&place));
            }
        }
        // Details stand in one column where there is room for it.
        let column = because.parts.iter().map(|part| width(&clean(&part.text))).max().unwrap_or(0).min(room / 2);
        for part in &because.parts {
            self.part(out, part, column);
        }
    }

    fn part(&self, out: &mut String, part: &Part, column: usize) {
        const AT: usize = 6;
        let (sign, role) = match part.verdict {
            Some(Verdict::Holds) => ("✓", Role::Good),
            Some(Verdict::Fails) => ("✗", Role::Bad),
            Some(Verdict::Unknown) => ("?", Role::Warn),
            Some(Verdict::NotAsked) | None => ("·", Role::Dim),
        };
        let (text, detail) = (clean(&part.text), clean(&part.detail));
        let sign = self.paint.apply(role, sign);
        let room = self.columns.saturating_sub(AT + 2);
        let padded = pad(&text, column);
        if width(&padded) + 2 + width(&detail) <= room {
            let _ = writeln!(out, "{:AT$}{sign} {}", "", format!("{padded}  {}", self.paint.dim(&detail)).trim_end());
            return;
        }
        for (place, line) in wrap_hanging(&text, room, room).into_iter().enumerate() {
            let sign = if place == 0 { sign.as_str() } else { " " };
            let _ = writeln!(out, "{:AT$}{sign} {line}", "");
        }
        if !detail.is_empty() {
            for line in wrap_hanging(&detail, room.saturating_sub(2), room.saturating_sub(2)) {
                let _ = writeln!(out, "{:AT$}    {}", "", self.paint.dim(&line));
            }
        }
    }
}
