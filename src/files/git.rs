//! Files as they were at a revision of the git repository they lie in, read with the `git` program.
//!
//! Nothing is checked out and nothing is written. Arguments never pass through a shell, and what begins with `-` is never
//! taken for a revision. Symbolic links and submodules are not followed.

mod tree;

pub use tree::{Entry, Kind, Seen, Tree};

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{canonical, tidy};
use crate::diag::nearest;

/// Why git gave no files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitError {
    /// In words: lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Vec<String>,
}

impl GitError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new() }
    }

    fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

impl std::fmt::Display for GitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// A git repository with a working tree.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
}

/// A commit, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// As it was typed: `main`, `HEAD~2`, `v1.2`.
    pub given: String,
    /// Its full name, 40 or 64 hexadecimal digits.
    pub commit: String,
    /// Its short name, as git shows it in this repository.
    pub short: String,
}

impl Revision {
    /// How it is called in headings: `main (abc1234)`, or `abc1234` if it was typed so.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.commit.starts_with(&self.given) {
            return self.short.clone();
        }
        format!("{} ({})", self.given, self.short)
    }
}

/// Variables that say which repository a hook runs in; ours is the one around the pack.
const REPOSITORY_VARIABLES: [&str; 6] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

/// `git`, about to run in a folder.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    for name in REPOSITORY_VARIABLES {
        command.env_remove(name);
    }
    // Messages in the words we look for; nothing that waits for a person.
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    command.arg("-C").arg(folder);
    command
}

/// `git` did not start.
fn not_started(error: &std::io::Error) -> GitError {
    match error.kind() {
        std::io::ErrorKind::NotFound => GitError::new("there is no `git` on this machine's path")
            .help("install git, or give two folders: `regain diff BEFORE AFTER`"),
        _ => GitError::new(format!("`git` cannot be started: {error}")),
    }
}

/// What git complained about, on one line.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
    line.trim().trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

/// Runs `git` and waits for it.
fn run(folder: &Path, arguments: &[&str]) -> Result<Output, GitError> {
    command(folder).args(arguments).stdin(Stdio::null()).output().map_err(|error| not_started(&error))
}

/// The first line git printed, if it ended well.
fn line(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or("").trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

impl Repository {
    /// The repository a file or folder lies in, and its path from the repository's root. The path need not exist any more, as long
    /// as a folder above it does.
    ///
    /// # Errors
    /// There is no git, or no repository.
    pub fn around(path: &Path) -> Result<(Repository, PathBuf), GitError> {
        let shown = tidy(path);
        let full = std::path::absolute(&shown)
            .map_err(|error| GitError::new(format!("`{}` is no path: {error}", shown.display())))?;
        // A folder that is gone today may have been there at the revision.
        let there = full.ancestors().find(|folder| folder.is_dir()).unwrap_or(&full);
        let rest = full.strip_prefix(there).unwrap_or(Path::new(""));
        let there = canonical(there);
        let output = run(&there, &["rev-parse", "--show-toplevel"])?;
        let Some(root) = line(&output) else {
            let reason = complaint(&output);
            return Err(match reason.contains("not a git repository") {
                true => GitError::new(format!("`{}` is in no git repository", shown.display()))
                    .help("`--git` compares revisions of a repository; two folders are compared by `regain diff BEFORE AFTER`"),
                false => GitError::new(format!("git cannot use the repository of `{}`: {reason}", shown.display())),
            });
        };
        let root = canonical(Path::new(&root));
        let inside = there.strip_prefix(&root).map(|inside| inside.join(rest));
        let inside = inside.map_err(|_| {
            GitError::new(format!("`{}` is not in the working tree at `{}`", shown.display(), root.display()))
        })?;
        Ok((Repository { root }, inside))
    }

    /// The commit a revision names.
    ///
    /// # Errors
    /// The repository knows no such commit.
    pub fn revision(&self, given: &str) -> Result<Revision, GitError> {
        // An option would be obeyed, and a line break would begin another request.
        if given.is_empty() || given.starts_with('-') || given.contains(char::is_control) {
            return Err(GitError::new(format!("`{}` is no revision", given.escape_debug()))
                .help("a revision is a branch, a tag, a commit, or something like `HEAD~1`"));
        }
        let wanted = format!("{given}^{{commit}}");
        let found = run(&self.root, &["rev-parse", "--verify", "--quiet", &wanted])?;
        let Some(commit) = line(&found) else { return Err(self.unknown(given)?) };
        let short = line(&run(&self.root, &["rev-parse", "--short", &commit])?);
        let short = short.unwrap_or_else(|| commit.chars().take(7).collect());
        Ok(Revision { given: given.to_owned(), commit, short })
    }

    /// The commit from which two went apart.
    ///
    /// # Errors
    /// They have no common history here.
    pub fn merge_base(&self, one: &Revision, other: &Revision) -> Result<Revision, GitError> {
        let found = run(&self.root, &["merge-base", &one.commit, &other.commit])?;
        let Some(base) = line(&found) else {
            let error = GitError::new(format!("`{}` and `{}` have no common history", one.given, other.given));
            return Err(self.hint_if_shallow(error)?);
        };
        self.revision(&base)
    }

    /// All files as they were at a commit.
    ///
    /// # Errors
    /// Git cannot read its objects.
    pub fn tree(&self, revision: &Revision) -> Result<Tree, GitError> {
        let wanted = format!("{}^{{tree}}", revision.commit);
        let output = run(&self.root, &["rev-parse", "--verify", &wanted])?;
        let Some(id) = line(&output) else {
            return Err(GitError::new(format!("git cannot read {}: {}", revision.short, complaint(&output))));
        };
        Tree::open(&self.root, &revision.short, id)
    }

    /// What to say about a revision that is not there.
    fn unknown(&self, given: &str) -> Result<GitError, GitError> {
        let error = GitError::new(format!("the repository knows no commit `{given}`"));
        let names = run(&self.root, &["for-each-ref", "--format=%(refname:short)"])?;
        let names = String::from_utf8_lossy(&names.stdout).into_owned();
        let error = match nearest(given, names.lines()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        };
        self.hint_if_shallow(error)
    }

    /// A clone without its history is the usual reason, in CI.
    fn hint_if_shallow(&self, error: GitError) -> Result<GitError, GitError> {
        let shallow = run(&self.root, &["rev-parse", "--is-shallow-repository"])?;
        Ok(match line(&shallow).as_deref() {
            Some("true") => error.help(
                "this clone has only a part of the history: fetch the rest with `git fetch --unshallow`, in GitHub Actions with \
                 `fetch-depth: 0`",
            ),
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let output = command(folder).args(arguments).output().expect("these tests need git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A repository with one commit: `a.txt`, `sub/b.txt`, and what `more` writes.
    fn repository(format: &str, more: impl Fn(&Path)) -> (tempfile::TempDir, Repository) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        git(path, &["init", "--quiet", "--initial-branch=main", &format!("--object-format={format}")]);
        std::fs::create_dir(path.join("sub")).unwrap();
        std::fs::write(path.join("a.txt"), "one").unwrap();
        std::fs::write(path.join("sub/b.txt"), "zwei\nüber").unwrap();
        std::fs::write(path.join("sub/c\nd.txt"), b"\xff").unwrap();
        more(path);
        git(path, &["add", "."]);
        commit(path, "first");
        let (found, inside) = Repository::around(&path.join("sub/gone")).unwrap();
        assert_eq!(inside, Path::new("sub/gone"), "a path need not be there today");
        (folder, found)
    }

    fn commit(path: &Path, message: &str) {
        let name = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        git(path, &[&name[..], &["commit", "--quiet", "--allow-empty", "-m", message]].concat());
    }

    fn names(seen: &Seen) -> Vec<&str> {
        let Seen::Folder(entries) = seen else { panic!("{seen:?}") };
        entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn files_of_a_commit_are_read_whatever_the_working_tree_holds() {
        for format in ["sha1", "sha256"] {
            let (folder, repository) = repository(format, |_| {});
            std::fs::remove_dir_all(folder.path().join("sub")).unwrap();
            let revision = repository.revision("main").unwrap();
            assert_eq!(revision.commit.len(), if format == "sha1" { 40 } else { 64 });
            assert_eq!(revision.shown(), format!("main ({})", revision.short));
            assert_eq!(repository.revision(&revision.short).unwrap().shown(), revision.short);
            let tree = repository.tree(&revision).unwrap();
            assert_eq!(names(&tree.look(Path::new("")).unwrap()), ["a.txt", "sub"]);
            let seen = tree.look(Path::new("./sub/../sub")).unwrap();
            assert_eq!(names(&seen), ["b.txt", "c\nd.txt"]);
            let Seen::Folder(entries) = &seen else { panic!() };
            assert_eq!(tree.read_text(&entries[0]).unwrap(), "zwei\nüber");
            let error = tree.read_text(&entries[1]).unwrap_err();
            assert_eq!(error.to_string(), "it is not UTF-8 text (first on line 1)");
            assert_eq!(tree.look(Path::new("a.txt")).unwrap(), Seen::File);
            for nothing in ["b.txt", "a.txt/x", "sub/none"] {
                assert_eq!(tree.look(Path::new(nothing)).unwrap(), Seen::Nothing, "{nothing}");
            }
            for outside in ["..", "sub/../../x", "/etc"] {
                assert_eq!(tree.look(Path::new(outside)).unwrap(), Seen::Outside, "{outside}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_seen_and_not_followed() {
        let (_folder, repository) = repository("sha1", |path| {
            std::os::unix::fs::symlink("sub", path.join("link")).unwrap();
        });
        let tree = repository.tree(&repository.revision("HEAD").unwrap()).unwrap();
        let seen = tree.look(Path::new("link/b.txt")).unwrap();
        assert_eq!(seen, Seen::Elsewhere { path: PathBuf::from("link"), kind: Kind::Link });
    }

    #[test]
    fn revisions_that_are_none_are_said_so() {
        let (folder, repository) = repository("sha1", |_| {});
        let error = repository.revision("mian").unwrap_err();
        assert_eq!(error.message, "the repository knows no commit `mian`");
        assert_eq!(error.help, ["did you mean `main`?"]);
        for wrong in ["", "--output=x", "-h", "main\nHEAD", "main:a.txt", "nowhere"] {
            assert!(repository.revision(wrong).is_err(), "{wrong}");
        }
        git(folder.path(), &["checkout", "--quiet", "--orphan", "apart"]);
        commit(folder.path(), "another beginning");
        let (main, apart) = (repository.revision("main").unwrap(), repository.revision("apart").unwrap());
        let error = repository.merge_base(&main, &apart).unwrap_err();
        assert_eq!(error.message, "`main` and `apart` have no common history");
        assert_eq!(repository.merge_base(&main, &main).unwrap().commit, main.commit);
    }

    #[test]
    fn a_folder_in_no_repository_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let error = Repository::around(folder.path()).unwrap_err();
        assert!(error.message.ends_with("is in no git repository"), "{error}");
    }
}
