//! The functions of scripts side by side. Comments and layout say nothing; a signature does, though it is a comment.

use indexmap::IndexMap;

use super::{Changed, place, tokens};
use crate::compare::ChangeKind;
use crate::diag::{SHIPPED, Span};
use crate::pack::Pack;
use crate::script::{OnMissing, Signature};

/// What changed in the scripts, function by function.
pub(super) fn scripts(old: &Pack, new: &Pack) -> Vec<Changed> {
    let (before, now) = (Functions::of(old), Functions::of(new));
    let mut found = Vec::new();
    for (key, function) in &now.functions {
        let (module, name, _) = key;
        let path = format!("{module}::{name}");
        let signature = new.scripts.find(module, name);
        let place = place(new, function.span);
        let Some(earlier) = before.functions.get(key) else {
            let details = signature.map(|s| (String::new(), format!("`{}`", s.declaration())));
            found.push(changed(ChangeKind::Added, path, details.into_iter().collect(), place));
            continue;
        };
        let mut details = Vec::new();
        if !tokens::same(&earlier.text, &function.text) {
            let (old, new) = tokens::difference(&earlier.text, &function.text);
            details.push(("body".to_owned(), format!("`{new}` instead of `{old}`")));
        }
        let said = signatures(old.scripts.find(module, name).map(|s| &**s), signature.map(|s| &**s));
        details.extend(said.into_iter().map(|text| ("signature".to_owned(), text)));
        if !details.is_empty() {
            found.push(changed(ChangeKind::Changed, path, details, place));
        }
    }
    for (key, function) in before.functions.iter().filter(|(key, _)| !now.functions.contains_key(*key)) {
        let place = place(old, function.span);
        found.push(changed(ChangeKind::Removed, format!("{}::{}", key.0, key.1), Vec::new(), place));
    }
    let modules = now.outside.keys().chain(before.outside.keys().filter(|module| !now.outside.contains_key(*module)));
    for module in modules {
        let text = |functions: &Functions| functions.outside.get(module).cloned().unwrap_or_default();
        let (was, is) = (text(&before), text(&now));
        if tokens::same(&was, &is) {
            continue;
        }
        let (was, is) = tokens::difference(&was, &is);
        let detail = match (was.is_empty(), is.is_empty()) {
            (true, _) => format!("`{is}`, where there was none"),
            (_, true) => format!("`{was}` is gone"),
            _ => format!("`{is}` instead of `{was}`"),
        };
        found.push(Changed {
            kind: ChangeKind::Changed,
            section: "scripts",
            name: module.clone(),
            what: format!("constants of the script `{module}`"),
            details: vec![("constants".to_owned(), detail)],
            place: String::new(),
        });
    }
    found
}

fn changed(kind: ChangeKind, path: String, details: Vec<(String, String)>, place: String) -> Changed {
    Changed { kind, section: "scripts", what: format!("function `{path}`"), name: path, details, place }
}

/// What a signature says that it did not say before.
fn signatures(old: Option<&Signature>, new: Option<&Signature>) -> Vec<String> {
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(new)) => return vec![format!("rules may call it now: `{}`", new.declaration())],
        (Some(_), None) => return vec!["rules cannot call it any more".to_owned()],
        (Some(old), Some(new)) => (old, new),
    };
    let mut said = Vec::new();
    if old.declaration() != new.declaration() {
        said.push(format!("`{}` instead of `{}`", new.declaration(), old.declaration()));
    }
    if old.on_missing != new.on_missing {
        said.push(match new.on_missing {
            OnMissing::Call => "called with missing arguments, too".to_owned(),
            OnMissing::Missing => "not called any more where an argument is missing".to_owned(),
        });
    }
    if old.help != new.help {
        said.push("help reworded".to_owned());
    }
    said
}

/// The functions in force, and what stands outside of them.
struct Functions {
    /// By module, name and how many parameters.
    functions: IndexMap<(String, String, usize), Function>,
    /// By module; constants.
    outside: IndexMap<String, String>,
}

struct Function {
    /// From `fn` to the last brace.
    text: String,
    span: Span,
}

impl Functions {
    fn of(pack: &Pack) -> Functions {
        let mut found = Functions { functions: IndexMap::new(), outside: IndexMap::new() };
        // What is extended comes first, so that a later function replaces it.
        for file in pack.layers.iter().rev().flat_map(|layer| &layer.files) {
            let Some(source) = pack.sources.get(*file) else { continue };
            let name = source.name.strip_suffix(SHIPPED).unwrap_or(&source.name);
            let Some(module) = name.strip_suffix(".rhai").and_then(|name| name.rsplit(['/', '\\']).next()) else {
                continue;
            };
            found.read(module, &source.text, |start, end| Span::new(*file, start, end));
        }
        found
    }

    /// Takes a script apart at its functions.
    fn read(&mut self, module: &str, text: &str, span: impl Fn(usize, usize) -> Span) {
        let tokens = tokens::tokens(text);
        let word = |at: usize| tokens.get(at).and_then(|range| text.get(range.clone())).unwrap_or_default();
        let mut outside: Vec<&str> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            // `private fn` belongs to the function; whether it is private does not matter, scripts decide by the signature.
            let start = if word(at) == "private" && word(at + 1) == "fn" { at + 1 } else { at };
            if word(start) != "fn" {
                outside.push(word(at));
                at += 1;
                continue;
            }
            let end = closing(start, tokens.len(), &word);
            let Some((first, last)) = tokens.get(start).zip(tokens.get(end)) else { break };
            let function = Function {
                text: text.get(first.start..last.end).unwrap_or_default().to_owned(),
                span: span(first.start, tokens.get(start + 1).map_or(first.end, |name| name.end)),
            };
            let key = (module.to_owned(), word(start + 1).to_owned(), parameters(start, end, &word));
            self.functions.insert(key, function);
            at = end + 1;
        }
        if !outside.is_empty() {
            let all = self.outside.entry(module.to_owned()).or_default();
            for word in outside {
                let tight = matches!(word, ";" | "," | ")" | "]") || all.is_empty();
                all.push_str(if tight { "" } else { " " });
                all.push_str(word);
            }
        }
    }
}

/// Where the block of a function ends.
fn closing<'a>(start: usize, count: usize, word: &impl Fn(usize) -> &'a str) -> usize {
    let mut depth = 0_usize;
    for at in start..count {
        match word(at) {
            "{" | "#{" | "${" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    count.saturating_sub(1)
}

/// How many parameters a function has.
fn parameters<'a>(start: usize, end: usize, word: &impl Fn(usize) -> &'a str) -> usize {
    let inside = (start..end).skip_while(|at| word(*at) != "(").skip(1).take_while(|at| word(*at) != ")");
    inside.filter(|at| word(*at) != ",").count()
}
