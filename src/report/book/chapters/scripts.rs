//! The functions of scripts: what they take and give, where they are written, and who calls them.

use super::super::index::{anchor, layer, place, type_word};
use super::super::model::{Block, Inline, Line, Section};
use super::super::number::title;
use super::super::words::text;
use super::{Writer, links, section, thing};
use crate::pack::effective::functions::{Function, functions};
use crate::script::{OnMissing, Signature};

impl Writer<'_> {
    pub(super) fn scripts(&self) -> Section {
        let mut blocks = Vec::new();
        let signatures = self.pack.scripts.signatures();
        if !signatures.is_empty() {
            blocks.push(Block::text(
                "Judgements that are easier to write as a small program. They see nothing but the values they are given. Without brackets behind its name, a function is given the values that are called as its parameters are.",
            ));
        }
        let known = functions(self.pack);
        for signature in signatures {
            let path = format!("scripts.{}.{}", signature.module, signature.name);
            blocks.push(self.function(signature, known.iter().find(|function| function.path == path)));
        }
        section("scripts", "Functions", blocks)
    }

    fn function(&self, signature: &Signature, known: Option<&Function>) -> Block {
        let path = signature.path();
        let id = anchor("script", &path);
        let called = title(&path.replace("::", ": "));
        let mut entry = self.entry(id, called, &path, &signature.help, (signature.span, String::new()));
        entry.value = vec![Inline::Soft(type_word(signature.result).to_owned())];
        entry.blocks.push(Block::Code(signature.declaration()));
        let missing = match (signature.on_missing, signature.parameters.len()) {
            (_, 0) => None,
            (OnMissing::Missing, 1) => Some("If this is unknown, so is the result."),
            (OnMissing::Missing, _) => Some("If one of these is unknown, so is the result."),
            (OnMissing::Call, 1) => Some("It is asked also where this is unknown."),
            (OnMissing::Call, _) => Some("It is asked also where some of these are unknown."),
        };
        entry.blocks.extend(missing.map(Block::text));
        entry.notes.push(self.used_by(signature));
        let replaces = known.map(|known| known.replaces.as_slice()).unwrap_or_default();
        if let Some(first) = replaces.first() {
            let tag = format!("{} instead of {}", layer(self.pack, signature.span), layer(self.pack, *first));
            entry.tags.push(Inline::Tag { text: tag, group: "changed".to_owned() });
            let mut note: Line = vec![Inline::Soft("takes the place of ".to_owned())];
            for (i, span) in replaces.iter().enumerate() {
                note.extend((i > 0).then(|| text(", ")));
                note.push(Inline::Code(place(self.pack, *span)));
            }
            entry.notes.insert(1, note);
        }
        thing(entry)
    }

    /// The rules that call it, and the functions that do.
    fn used_by(&self, signature: &Signature) -> Line {
        let path = signature.path();
        let mut line = links(self.index.readers(&path));
        for other in self.pack.scripts.functions() {
            let within = other.module == signature.module && other.calls.iter().any(|call| *call == signature.name);
            let across =
                other.others.iter().any(|(module, name)| *module == signature.module && *name == signature.name);
            let other_path = format!("{}::{}", other.module, other.name);
            if (within || across) && other_path != path {
                if !line.is_empty() {
                    line.push(text(", "));
                }
                line.push(Inline::Code(other_path));
            }
        }
        let words = if line.is_empty() { "used by nothing" } else { "used by " };
        line.insert(0, Inline::Soft(words.to_owned()));
        line
    }
}
