//! A pack's texts as they were at a revision of its git repository.

use std::path::Path;

use super::{Found, Loader, belongs, shipped, sorted};
use crate::diag::{Span, code};
use crate::files::FileError;
use crate::files::git::{Entry, GitError, Kind, Seen, Tree};
use crate::pack::overlay::listed;

impl Loader<'_> {
    /// The texts of a pack in a folder, as seen from the repository's root. `None`, with diagnostics, if there is none.
    pub(super) fn open_revision(&mut self, folder: &Path, tree: &Tree, asked: Option<Span>) -> Option<Vec<Found>> {
        let at = tree.short();
        let name = if folder.as_os_str().is_empty() { ".".into() } else { folder.display().to_string() };
        let code = if asked.is_some() { code::EXTENDS } else { code::NO_PACK };
        let entries = match tree.look(folder) {
            Ok(Seen::Folder(entries)) => entries,
            Ok(Seen::Nothing) if asked.is_some() => {
                let message =
                    format!("`extends` names no pack: there is no shipped pack and no folder `{name}` at {at}");
                self.fail(code, asked, &message, &[&near(folder)]);
                return None;
            }
            Ok(Seen::Nothing) => {
                let help = format!("`git log --diff-filter=A -- {name}` shows when it was added");
                self.fail(code, asked, &format!("there is no pack `{name}` at {at}"), &[&help]);
                return None;
            }
            Ok(Seen::File) => {
                self.fail(code, asked, &format!("`{name}` is a file at {at}, and a pack is a folder"), &[]);
                return None;
            }
            Ok(Seen::Elsewhere { path, kind }) => {
                self.not_followed(&path.display().to_string(), kind, at, asked);
                return None;
            }
            Ok(Seen::Outside) => {
                let message = format!("`{name}` is outside of the repository, so there is nothing of it at {at}");
                self.fail(code, asked, &message, &["keep packs that extend one another in one repository"]);
                return None;
            }
            Err(error) => {
                self.git_failed(&error, asked);
                return None;
            }
        };
        let scripts = match entries.iter().find(|entry| entry.name == "scripts").map(|entry| entry.kind) {
            None | Some(Kind::File) => Vec::new(),
            Some(kind @ (Kind::Link | Kind::Submodule)) => {
                self.not_followed(&folder.join("scripts").display().to_string(), kind, at, asked);
                return None;
            }
            Some(Kind::Folder) => match tree.look(&folder.join("scripts")) {
                Ok(Seen::Folder(entries)) => entries,
                Ok(_) => Vec::new(),
                Err(error) => {
                    self.git_failed(&error, asked);
                    return None;
                }
            },
        };
        let of_scripts = scripts.into_iter().map(|entry| (format!("scripts/{}", entry.name), entry));
        let mut all: Vec<(String, Entry)> =
            entries.into_iter().map(|entry| (entry.name.clone(), entry)).chain(of_scripts).collect();
        all.retain(|(name, entry)| belongs(name) && !entry.name.starts_with('.') && entry.kind != Kind::Folder);
        all.sort_by(|(a, _), (b, _)| sorted(a, b));
        if !all.iter().any(|(name, _)| name.ends_with(".toml")) {
            let message = format!("the folder `{name}` holds no pack at {at}: there is no TOML file in it");
            self.fail(code, asked, &message, &["a pack is a folder with a `pack.toml`"]);
            return None;
        }
        Some(self.texts(folder, all, tree, asked))
    }

    /// The texts of files. Those that cannot be read are reported.
    fn texts(&mut self, folder: &Path, files: Vec<(String, Entry)>, tree: &Tree, asked: Option<Span>) -> Vec<Found> {
        let at = tree.short();
        let mut found = Vec::new();
        for (name, entry) in files {
            let path = folder.join(&name).display().to_string();
            if entry.kind != Kind::File {
                self.not_followed(&path, entry.kind, at, asked);
                self.broken = true;
                continue;
            }
            match tree.read_text(&entry) {
                Ok(text) => found.push(Found { name, shown: format!("{path} ({at})"), text }),
                Err(error) => {
                    let help: &[&str] = match error {
                        FileError::NotUtf8 { .. } => &["it must have been saved in another encoding then"],
                        FileError::Io(_) => &[],
                    };
                    self.fail(code::UNREADABLE, asked, &format!("`{path}` at {at} cannot be read: {error}"), help);
                    self.broken = true;
                }
            }
        }
        found
    }

    fn not_followed(&mut self, path: &str, kind: Kind, at: &str, asked: Option<Span>) {
        let message = format!("`{path}` is {} at {at}, which is not followed", kind.shown());
        let help = "check both revisions out, with `git worktree add`, and compare the two folders";
        self.fail(code::UNREADABLE, asked, &message, &[help]);
    }

    fn git_failed(&mut self, error: &GitError, asked: Option<Span>) {
        let help: Vec<&str> = error.help.iter().map(String::as_str).collect();
        self.fail(code::UNREADABLE, asked, &error.message, &help);
    }
}

/// The shipped pack that may have been meant.
fn near(folder: &Path) -> String {
    let known: Vec<&str> = shipped::names().collect();
    let last = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match crate::diag::nearest(&last, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("shipped packs are {}", listed(&known)),
    }
}
