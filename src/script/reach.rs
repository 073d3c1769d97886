//! What a function may run: the texts of its script, and of every script that one may reach.

use std::collections::BTreeSet;

use super::Scripts;

impl Scripts {
    /// The scripts a function of this one may run, itself among them, by name, with their texts in the order they were laid over
    /// each other. A script reaches another if its text has that one's name in it, as a word: too many rather than
    /// too few.
    #[must_use]
    pub fn reached(&self, module: &str) -> Vec<(&str, &str)> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = self.texts.iter().map(|(name, _)| name.as_str()).filter(|n| *n == module).collect();
        while let Some(name) = open.pop() {
            if !found.insert(name) {
                continue;
            }
            let words: BTreeSet<&str> =
                self.texts.iter().filter(|(of, _)| of == name).flat_map(|(_, text)| words(text)).collect();
            open.extend(self.texts.iter().map(|(name, _)| name.as_str()).filter(|name| words.contains(name)));
        }
        let texts = self.texts.iter().filter(|(name, _)| found.contains(name.as_str()));
        let mut texts: Vec<(&str, &str)> = texts.map(|(name, text)| (name.as_str(), &**text)).collect();
        // A stable sort: layers of one script stay in their order.
        texts.sort_by_key(|(name, _)| *name);
        texts
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
