//! Where the parts of a function are written: for whoever points at them.

use super::{Scripts, Signature};
use crate::diag::Span;

impl Scripts {
    /// A parameter in the list behind the name of its function; the function's name if it is not found there.
    #[must_use]
    pub fn parameter(&self, signature: &Signature, name: &str) -> Span {
        let place =
            self.modules().iter().find(|m| m.name == signature.module).and_then(|m| m.places.get(&signature.name));
        let found = place.and_then(|place| {
            let text = &place.text.text;
            let open = text.get(signature.span.end as usize..)?.find('(')? + signature.span.end as usize + 1;
            let list = text.get(open..)?;
            let list = list.get(..list.find(')')?)?;
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let (at, _) = list.match_indices(name).find(|(at, _)| {
                let before = list.get(..*at).is_some_and(|before| before.ends_with(word));
                let after = list.get(at + name.len()..).is_some_and(|after| after.starts_with(word));
                !before && !after
            })?;
            Some(Span::new(signature.span.file, open + at, open + at + name.len()))
        });
        found.unwrap_or(signature.span)
    }
}
