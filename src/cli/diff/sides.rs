//! The two sets of rules that are compared: found, loaded, and called by a name.

use std::path::Path;
use std::sync::Arc;

use super::DiffArgs;
use crate::cli::{Failure, Terminal};
use crate::diag::{code, has_errors};
use crate::files::git::{GitError, Repository, Revision};
use crate::pack::{self, Loaded, Pack};

/// Both sides.
pub(super) struct Sides {
    /// The earlier rules; how their revision is called if there was no pack in the folder yet.
    pub(super) old: Result<One, String>,
    /// The later rules.
    pub(super) new: One,
}

/// One side.
pub(super) struct One {
    /// As the reader knows it: `rules/retail`, `main (abc1234)`, `the working tree`.
    pub(super) title: String,
    pub(super) pack: Arc<Pack>,
    /// Its folder today, or the name of a shipped pack: where data and fitted tables lie.
    pub(super) folder: String,
}

impl One {
    /// Whether it knows a table of this name.
    pub(super) fn knows(&self, table: &str) -> bool {
        let record = &self.pack.record;
        // A query may join whatever it is given.
        record.sql.is_some()
            || record.table == table
            || record.joins.iter().any(|join| join.name == table)
            || self.pack.tables.contains_key(table)
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        error.help.into_iter().fold(Failure::new(error.message), Failure::help)
    }
}

/// What `--git` asks for.
#[derive(Debug, PartialEq, Eq)]
struct Range<'a> {
    from: &'a str,
    /// `None`: the files as they are now.
    to: Option<&'a str>,
    /// From where the two went apart, not from `from` itself.
    apart: bool,
}

impl<'a> Range<'a> {
    /// `A..B`, `A...B`, `A..`, `A`; where git takes HEAD for what is left out on the left, so do we.
    fn parse(text: &'a str) -> Range<'a> {
        let (from, to, apart) = match (text.split_once("..."), text.split_once("..")) {
            (Some((from, to)), _) => (from, to, true),
            (None, Some((from, to))) => (from, to, false),
            (None, None) => return Range { from: text, to: None, apart: false },
        };
        Range { from: if from.is_empty() { "HEAD" } else { from }, to: (!to.is_empty()).then_some(to), apart }
    }
}

/// Loads both sides and shows what is wrong with them.
pub(super) fn find(args: &DiffArgs, terminal: &Terminal) -> Result<Sides, Failure> {
    let folder = args.input.pack.as_str();
    let (old, new) = match (&args.git, &args.later) {
        (Some(range), _) => revisions(folder, &Range::parse(range), terminal)?,
        (None, Some(later)) => (Found::on_disk(folder, folder), Found::on_disk(later, later)),
        (None, None) => {
            return Err(
                Failure::new("there is nothing to compare with").help("give a second pack, or `--git REV..REV`")
            );
        }
    };
    // Only of a revision, a folder without any pack is "not yet"; a base that is missing is an error, and has a place.
    let not_yet = args.git.is_some()
        && old.loaded.diagnostics.iter().any(|found| found.code == code::NO_PACK && found.primary.is_none());
    if not_yet {
        return Ok(Sides { old: Err(old.title), new: new.shown("later", terminal)? });
    }
    // What is wrong with either is shown before anything is given up.
    let old = old.shown("earlier", terminal);
    let new = new.shown("later", terminal);
    Ok(Sides { old: Ok(old?), new: new? })
}

/// A pack that was loaded, well or not.
struct Found {
    title: String,
    folder: String,
    loaded: Loaded,
}

impl Found {
    fn on_disk(folder: &str, title: &str) -> Found {
        Found { title: title.to_owned(), folder: folder.to_owned(), loaded: pack::load(folder) }
    }

    /// Shows what is wrong: of the later rules everything, of the earlier ones only what keeps them from being compared.
    fn shown(self, side: &str, terminal: &Terminal) -> Result<One, Failure> {
        let Found { title, folder, loaded } = self;
        let wrong = has_errors(&loaded.diagnostics);
        if wrong || side == "later" && !loaded.diagnostics.is_empty() {
            terminal.note(&format!("in the {side} rules, {title}:"));
            terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        }
        match loaded.pack {
            Some(pack) => Ok(One { title, pack, folder }),
            None => Err(Failure::new(format!("the {side} rules, {title}, have errors and cannot be compared"))),
        }
    }
}

/// Both sides of a range of revisions.
fn revisions(folder: &str, range: &Range<'_>, terminal: &Terminal) -> Result<(Found, Found), Failure> {
    let path = Path::new(folder);
    if !path.exists() && pack::shipped::shipped(folder).is_some() {
        return Err(Failure::new(format!("`{folder}` is a shipped pack, which has no revisions"))
            .help("give the folder of a pack that lies in a git repository"));
    }
    let (repository, inside) = Repository::around(path)?;
    let mut from = repository.revision(range.from)?;
    let to = range.to.map(|to| repository.revision(to)).transpose()?;
    if range.apart {
        let head;
        let other = match &to {
            Some(to) => to,
            None => {
                head = repository.revision("HEAD")?;
                &head
            }
        };
        let base = repository.merge_base(&from, other)?;
        if base.commit != from.commit {
            terminal.note(&format!("{} and {} went apart at {}", from.shown(), other.shown(), base.short));
            from = base;
        }
    }
    let at = |revision: &Revision| -> Result<Found, Failure> {
        let tree = repository.tree(revision)?;
        let loaded = pack::load_revision(&tree, &inside);
        Ok(Found { title: revision.shown(), folder: folder.to_owned(), loaded })
    };
    let new = to.as_ref().map_or_else(|| Ok(Found::on_disk(folder, "the working tree")), at)?;
    Ok((at(&from)?, new))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn ranges_as_git_writes_them() {
        for (text, from, to, apart) in [
            ("main", "main", None, false),
            ("main..", "main", None, false),
            ("main..v2", "main", Some("v2"), false),
            ("main...v2", "main", Some("v2"), true),
            ("main...", "main", None, true),
            ("..v2", "HEAD", Some("v2"), false),
            ("..", "HEAD", None, false),
            ("", "", None, false),
        ] {
            assert_eq!(Range::parse(text), Range { from, to, apart }, "{text}");
        }
    }
}
