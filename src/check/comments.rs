//! Comments to regain in the texts of a pack: `# regain: allow(name) reason`, `// regain: allow(name) reason`.
//!
//! A sign within a text is no comment, so the texts are scanned by the rules of TOML and of Rhai.

use std::collections::{HashMap, HashSet};

use crate::diag::{FileId, Sources, Span};
use crate::pack::Pack;

/// One comment that allows findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The lints it names, and where.
    pub names: Vec<(String, Span)>,
    /// Why.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The line, from 0, that it is about: its own, or the next that is no comment.
    pub line: usize,
}

/// All such comments of a pack's texts.
#[derive(Debug, Default)]
pub struct Comments {
    /// In order of file and place.
    pub allows: Vec<Allow>,
    /// Comments that begin with `regain:` and go on in another way.
    pub malformed: Vec<Span>,
    files: HashMap<FileId, Lines>,
    by_line: HashMap<(FileId, usize), Vec<usize>>,
}

/// Where the lines of a text begin, and which of them open things.
#[derive(Debug, Default)]
struct Lines {
    starts: Vec<usize>,
    /// The header of a thing (`[[states]]`, `[criteria.payment]`) and the line of its `name`, both from 0.
    heads: Vec<(usize, Option<usize>)>,
}

impl Lines {
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }
}

impl Comments {
    /// The comments about a place: on its line, or on that of the thing it belongs to. Indices into [`Comments::allows`].
    #[must_use]
    pub fn covering(&self, span: Span) -> Vec<usize> {
        let Some(lines) = self.files.get(&span.file) else { return Vec::new() };
        let line = lines.line(span.start as usize);
        let mut about = vec![line];
        let head = lines.heads.partition_point(|(head, _)| *head <= line).checked_sub(1);
        if let Some((head, name)) = head.and_then(|at| lines.heads.get(at)) {
            about.push(*head);
            about.extend(*name);
        }
        about.sort_unstable();
        about.dedup();
        about.iter().filter_map(|line| self.by_line.get(&(span.file, *line))).flatten().copied().collect()
    }
}

impl Comments {
    /// The comment that allows a finding of a name at a place: `mutant_survived`, for whoever finds things beside the lints.
    #[must_use]
    pub fn allowing(&self, name: &str, span: Span) -> Option<&Allow> {
        let mut all = self.covering(span).into_iter().filter_map(|index| self.allows.get(index));
        all.find(|allow| allow.names.iter().any(|(other, _)| other == name))
    }
}

/// Reads the comments of every text of a pack.
#[must_use]
pub fn of_pack(pack: &Pack) -> Comments {
    of_sources(&pack.sources)
}

fn of_sources(sources: &Sources) -> Comments {
    let mut comments = Comments::default();
    for (file, source) in sources.iter() {
        let text = source.text.as_ref();
        let script = source.name.trim_end_matches(" (shipped)").ends_with(".rhai");
        let scanned = if script { scan_rhai(text) } else { scan_toml(text) };
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut lines = Lines { starts, heads: Vec::new() };
        lines.heads = scanned.heads.iter().map(|at| (lines.line(*at), None)).collect();
        name_lines(text, &mut lines);
        // The lines that hold nothing but a comment.
        let alone: HashSet<usize> = scanned
            .comments
            .iter()
            .filter(|(start, _)| {
                let line = lines.starts.get(lines.line(*start)).copied().unwrap_or(0);
                text.get(line..*start).is_some_and(|before| before.trim().is_empty())
            })
            .map(|(start, _)| lines.line(*start))
            .collect();
        for (start, end) in scanned.comments {
            let body = text.get(start..end).unwrap_or("");
            let sign = body.len() - body.trim_start_matches(['#', '/']).len();
            let inner = body.get(sign..).unwrap_or("");
            let indent = inner.len() - inner.trim_start().len();
            let Some(rest) = inner.trim_start().strip_prefix("regain:") else { continue };
            // A word to the mutation of cases, see there.
            if rest.trim_start().starts_with("survives because") {
                continue;
            }
            let span = Span::new(file, start, start + body.trim_end().len());
            let at = start + sign + indent + "regain:".len();
            match allow(rest, at, file) {
                Some((names, reason)) => {
                    let mut line = lines.line(start);
                    while alone.contains(&line) {
                        line += 1;
                    }
                    comments.by_line.entry((file, line)).or_default().push(comments.allows.len());
                    comments.allows.push(Allow { names, reason, span, line });
                }
                None => comments.malformed.push(span),
            }
        }
        comments.files.insert(file, lines);
    }
    comments
}

/// ` allow(a, b) reason`, which begins at byte `at`.
fn allow(text: &str, at: usize, file: FileId) -> Option<(Vec<(String, Span)>, String)> {
    let indent = text.len() - text.trim_start().len();
    let rest = text.trim_start().strip_prefix("allow")?;
    let blank = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start().strip_prefix('(')?;
    let (inside, reason) = rest.split_once(')')?;
    let mut names = Vec::new();
    let mut place = at + indent + "allow".len() + blank + 1;
    for part in inside.split(',') {
        let name = part.trim();
        let start = place + (part.len() - part.trim_start().len());
        if name.is_empty() {
            return None;
        }
        names.push((name.to_owned(), Span::new(file, start, start + name.len())));
        place += part.len() + 1;
    }
    Some((names, reason.trim().trim_start_matches([':', '-', '–', '—']).trim().to_owned()))
}

/// Finds, below each header, the line that begins with `name =`.
fn name_lines(text: &str, lines: &mut Lines) {
    let all: Vec<&str> = text.lines().collect();
    let ends: Vec<usize> = lines.heads.iter().skip(1).map(|(line, _)| *line).chain([all.len()]).collect();
    for ((head, name), end) in lines.heads.iter_mut().zip(ends) {
        *name = (*head + 1..end).find(|line| {
            let written = all.get(*line).map_or("", |line| line.trim_start());
            written.strip_prefix("name").is_some_and(|rest| rest.trim_start().starts_with('='))
        });
    }
}

/// What a scan found, as bytes of the text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scanned {
    /// From the sign to the end of the line.
    comments: Vec<(usize, usize)>,
    /// Where headers of things begin.
    heads: Vec<usize>,
}

/// Comments and headers of a TOML text.
fn scan_toml(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut found = Scanned::default();
    let mut at = 0;
    let mut depth = 0usize;
    let mut line_begins = true;
    let at_byte = |at: usize| bytes.get(at).copied();
    while let Some(byte) = at_byte(at) {
        match byte {
            b'\n' => {
                line_begins = true;
                at += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => {
                let end = line_end(text, at);
                found.comments.push((at, end));
                at = end;
                continue;
            }
            b'"' | b'\'' => {
                at = after_string(bytes, at);
            }
            b'[' if depth == 0 && line_begins => {
                found.heads.push(at);
                // Within a header there are names only, possibly quoted.
                at += 1;
                while let Some(byte) = at_byte(at) {
                    match byte {
                        b'"' | b'\'' => at = after_string(bytes, at),
                        b'\n' | b'#' => break,
                        _ => at += 1,
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            _ => at += 1,
        }
        line_begins = false;
    }
    found
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length)
}

/// The byte after a TOML string that begins at `at`.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let Some(quote) = bytes.get(at).copied() else { return at + 1 };
    let escapes = quote == b'"';
    let three = |at: usize| (0..3).all(|i| bytes.get(at + i) == Some(&quote));
    let long = three(at);
    let mut place = at + if long { 3 } else { 1 };
    while let Some(byte) = bytes.get(place).copied() {
        match byte {
            b'\\' if escapes => place += 2,
            _ if byte == quote && !long => return place + 1,
            _ if byte == quote && three(place) => {
                place += 3;
                // Up to two quotes may stand before the closing three.
                while bytes.get(place) == Some(&quote) {
                    place += 1;
                }
                return place;
            }
            // A short string ends with its line, whatever is wrong with it.
            b'\n' if !long => return place,
            _ => place += 1,
        }
    }
    bytes.len()
}

/// Line comments of a script.
fn scan_rhai(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut found = Scanned::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let next = bytes.get(at + 1).copied();
        match (byte, next) {
            (b'/', Some(b'/')) => {
                let end = line_end(text, at);
                found.comments.push((at, end));
                at = end;
            }
            (b'/', Some(b'*')) => {
                // Comments nest in Rhai.
                let mut depth = 1usize;
                at += 2;
                while depth > 0 && at < bytes.len() {
                    match (bytes.get(at), bytes.get(at + 1)) {
                        (Some(b'*'), Some(b'/')) => {
                            depth -= 1;
                            at += 2;
                        }
                        (Some(b'/'), Some(b'*')) => {
                            depth += 1;
                            at += 2;
                        }
                        _ => at += 1,
                    }
                }
            }
            (b'"' | b'\'' | b'`', _) => {
                at += 1;
                while let Some(inside) = bytes.get(at).copied() {
                    at += match inside {
                        b'\\' if byte != b'`' => 2,
                        _ => 1,
                    };
                    if inside == byte {
                        break;
                    }
                }
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn comments(name: &str, text: &str) -> Vec<(String, usize, String)> {
        let mut sources = Sources::default();
        sources.add(name, text);
        of_sources(&sources)
            .allows
            .iter()
            .map(|allow| {
                let names: Vec<&str> = allow.names.iter().map(|(_, span)| sources.text(*span)).collect();
                (names.join("+"), allow.line + 1, allow.reason.clone())
            })
            .collect()
    }

    #[test]
    fn only_comments_are_comments() {
        let text = "a = '# regain: allow(x) no'\nb = \"\\\" # regain: allow(x) no\"\nc = '''\n# regain: allow(x) no\n'''\n\
                    d = [1, # regain: allow(one, two): yes\n2]\n# regain: allow(three) above\n\n# more\ne = 1\n";
        assert_eq!(
            comments("a.toml", text),
            [("one+two".to_owned(), 6, "yes".to_owned()), ("three".to_owned(), 9, "above".to_owned())]
        );
        let script = "fn f() { \"// regain: allow(x) no\" } // regain: allow(a) yes\n/* // regain: allow(x) no */\n";
        assert_eq!(comments("scripts/a.rhai", script), [("a".to_owned(), 1, "yes".to_owned())]);
    }

    #[test]
    fn a_comment_at_the_head_covers_the_thing() {
        let text = "# regain: allow(a) head\n[[states]]\nname = 'x' # regain: allow(b) name\nwhen = '''\ny\n'''\n[[states]]\nname = 'z'\n";
        let mut sources = Sources::default();
        let file = sources.add("a.toml", text);
        let found = of_sources(&sources);
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            found.covering(Span::new(file, start, start + 1))
        };
        assert_eq!(at("y\n"), [0, 1]);
        assert_eq!(at("'z'"), [] as [usize; 0]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let mut sources = Sources::default();
        sources.add("a.toml", "# regain: alow(x)\n# regain: allow()\n# regain is nice\na = 1\n");
        let found = of_sources(&sources);
        assert_eq!(found.malformed.len(), 2);
        assert!(found.allows.is_empty());
    }
}
