//! Finds the files of cases beside a pack, and the fitted tables that its `rank` criteria need.

use std::path::Path;

use super::known::Known;
use super::model::CaseFile;
use super::{CaseSet, read};
use crate::diag::{Diagnostic, Sources, code};
use crate::files;
use crate::pack::{Loaded, shipped};
use crate::reference::Reference;

/// The folder of a pack that holds its cases.
const FOLDER: &str = "cases";
/// The kinds of files in it.
const KINDS: [&str; 3] = ["toml", "csv", "jsonl"];
/// The fitted tables of a pack.
const REFERENCE: &str = "reference/population.toml";

/// A file of cases, as it was found.
struct Found {
    /// `cases/dormant.toml`
    name: String,
    /// As shown: `rules/retail/cases/dormant.toml`.
    shown: String,
    text: String,
}

/// Reads the cases of a pack: those in its folder, or those shipped with it. Cases of packs it extends are theirs.
///
/// `pack` is what [`crate::pack::load()`] was given. Every file is read, whatever is wrong in another one; a case with a mistake is
/// left out. Of a pack that does not load there are no cases, because nothing could type them.
#[must_use]
pub fn load(pack: &str, loaded: &Loaded) -> CaseSet {
    let folder = Path::new(pack);
    let mut diagnostics = Vec::new();
    let found = if !files::is_folder(folder) && shipped::shipped(pack).is_some() {
        let texts = shipped::cases(pack).iter();
        texts
            .map(|(name, text)| Found {
                name: (*name).to_owned(),
                shown: format!("{pack}/{name} (shipped)"),
                text: (*text).to_owned(),
            })
            .collect()
    } else {
        in_folder(&files::tidy(folder), &mut diagnostics)
    };
    let mut set = from_found(found, loaded, diagnostics);
    set.reference = std::sync::Arc::new(reference(folder, &mut set.diagnostics));
    set
}

/// Reads cases from texts in memory: (file name such as `cases/dormant.toml`, text). For tests and embedding.
#[must_use]
pub fn load_from_texts(texts: &[(&str, &str)], loaded: &Loaded) -> CaseSet {
    let found = texts.iter().map(|(name, text)| Found {
        name: (*name).to_owned(),
        shown: (*name).to_owned(),
        text: (*text).to_owned(),
    });
    from_found(found.collect(), loaded, Vec::new())
}

fn in_folder(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<Found> {
    let cases = folder.join(FOLDER);
    if !files::is_folder(&cases) {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for kind in KINDS {
        match files::list(&cases, kind) {
            Ok(list) => names.extend(list),
            Err(error) => {
                let message = format!("the folder `{}` cannot be listed: {error}", cases.display());
                diagnostics.push(Diagnostic::without_place(code::UNREADABLE, message));
                return Vec::new();
            }
        }
    }
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let path = cases.join(&name);
        match files::read_text(&path) {
            Ok(text) => {
                found.push(Found { name: format!("{FOLDER}/{name}"), shown: path.display().to_string(), text });
            }
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", path.display());
                let diagnostic = Diagnostic::without_place(code::UNREADABLE, message);
                diagnostics.push(match error {
                    files::FileError::NotUtf8 { .. } => diagnostic.help("save the file as UTF-8 in your editor"),
                    files::FileError::Io(_) => diagnostic,
                });
            }
        }
    }
    found
}

fn from_found(found: Vec<Found>, loaded: &Loaded, mut diagnostics: Vec<Diagnostic>) -> CaseSet {
    let mut sources = Sources::clone(&loaded.sources);
    let mut files = Vec::new();
    if let Some(pack) = &loaded.pack {
        let known = Known::new(pack);
        for Found { name, shown, text } in found {
            let file = sources.add(shown, text.as_str());
            let read::Read { cases, unanswered, found: mut wrong } = read::read(&known, file, &name, &text);
            wrong.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
            wrong.dedup();
            diagnostics.extend(wrong);
            files.push(CaseFile { name, file, cases, unanswered });
        }
    }
    CaseSet { files, sources, diagnostics, reference: std::sync::Arc::default() }
}

/// The fitted tables beside a pack; none if there are none.
fn reference(folder: &Path, diagnostics: &mut Vec<Diagnostic>) -> Reference {
    let path = folder.join(REFERENCE);
    if !files::is_file(&path) {
        return Reference::default();
    }
    let failed = |what: String| {
        Diagnostic::without_place(code::UNREADABLE, format!("`{}` {what}", path.display()))
            .help("make it anew with `regain fit`")
    };
    match files::read_text(&path) {
        Ok(text) => toml::from_str(&text).unwrap_or_else(|error| {
            diagnostics.push(failed(format!("holds no fitted tables: {}", error.message())));
            Reference::default()
        }),
        Err(error) => {
            diagnostics.push(failed(format!("cannot be read: {error}")));
            Reference::default()
        }
    }
}
