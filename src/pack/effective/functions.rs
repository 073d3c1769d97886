//! The functions of scripts in force: which file each comes from, and what it takes the place of.

use super::Paint;
use crate::diag::Span;
use crate::pack::Pack;
use crate::script::ScriptFunction;

/// A function that rules may call, or a private one that takes the place of another.
#[derive(Debug, Clone)]
pub struct Function {
    /// Keys from the top, as if it stood in a section: `scripts.prestige.image`.
    pub path: String,
    /// `prestige::image(segment: text) -> number`; of a private one its path alone.
    pub declaration: String,
    /// Where it is written.
    pub span: Span,
    /// What it takes the place of, the nearest first.
    pub replaces: Vec<Span>,
    /// Whether the pack itself gives it, not what it extends.
    pub own: bool,
}

impl Function {
    /// Whether a path leads to it: `scripts`, `scripts.prestige`, `prestige::image`, or the name alone.
    #[must_use]
    pub fn is_under(&self, path: &str) -> bool {
        let wanted = path.replace("::", ".");
        let below = format!("{wanted}.");
        let inner = self.path.trim_start_matches("scripts.");
        [self.path.as_str(), inner].iter().any(|own| *own == wanted || own.starts_with(&below))
            || inner.rsplit('.').next() == Some(wanted.as_str())
    }
}

/// The functions of a pack, by module and place.
#[must_use]
pub fn functions(pack: &Pack) -> Vec<Function> {
    let scripts = &pack.scripts;
    let shown = |f: &&ScriptFunction| f.declared || !f.replaces.is_empty();
    let function = |f: &ScriptFunction| Function {
        path: format!("scripts.{}.{}", f.module, f.name),
        declaration: match scripts.find(&f.module, &f.name).filter(|_| f.declared) {
            Some(signature) => signature.declaration(),
            None => format!("{}::{}, private", f.module, f.name),
        },
        span: f.span,
        replaces: f.replaces.clone(),
        own: pack.is_own(f.span),
    };
    scripts.functions().iter().filter(shown).map(function).collect()
}

/// Writes functions as comments below the values, for a page of this width.
#[must_use]
pub fn render(pack: &Pack, functions: &[Function], width: usize, paint: Paint<'_>) -> String {
    let places: Vec<String> = functions.iter().map(|function| place(pack, function)).collect();
    let chars = |text: &str| text.chars().count();
    let longest = functions.iter().zip(&places).filter(|(f, p)| chars(&f.declaration) + chars(p) + 6 <= width);
    let column = longest.map(|(f, _)| chars(&f.declaration)).max().unwrap_or(0);
    let mut out = String::new();
    for (function, place) in functions.iter().zip(&places) {
        let declaration = &function.declaration;
        let beside = chars(declaration) <= column && column + chars(place) + 6 <= width;
        let text = if beside {
            format!("# {declaration:<column$}  # {place}")
        } else if chars(place) + 6 <= width {
            format!("# {declaration}\n#     {place}")
        } else {
            format!("# {declaration}\n#     {}", place.replace(", ", ",\n#     "))
        };
        for line in text.lines() {
            out.push_str(&paint(line, function.own));
            out.push('\n');
        }
    }
    out
}

/// `scripts/prestige.rhai:4, instead of base/scripts/prestige.rhai:8`
#[must_use]
pub fn place(pack: &Pack, function: &Function) -> String {
    let mut text = pack.line_of(function.span);
    for (i, replaced) in function.replaces.iter().enumerate() {
        text.push_str(if i == 0 { ", instead of " } else { ", " });
        text.push_str(&pack.line_of(*replaced));
    }
    text
}
