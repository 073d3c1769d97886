//! The folders and files of a commit, as git's objects list them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use super::super::{FileError, text};
use super::{GitError, command, not_started};

/// All files as they were at one commit.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    short: String,
    /// The object of the root folder.
    id: String,
    objects: Mutex<Objects>,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder, and what is in it, by name.
    Folder(Vec<Entry>),
    /// A link or submodule on the way there, which is not followed.
    Elsewhere {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// Not in the repository at all.
    Outside,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    id: String,
}

/// What something in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// Another repository.
    Submodule,
}

impl Kind {
    /// With its article.
    #[must_use]
    pub fn shown(self) -> &'static str {
        match self {
            Kind::File => "a file",
            Kind::Folder => "a folder",
            Kind::Link => "a symbolic link",
            Kind::Submodule => "a submodule",
        }
    }
}

impl Tree {
    /// Of a repository and a commit's short name; `id` is the object of its root folder.
    pub(super) fn open(root: &Path, short: &str, id: String) -> Result<Tree, GitError> {
        let objects = Mutex::new(Objects::open(root)?);
        Ok(Tree { root: root.to_owned(), short: short.to_owned(), id, objects })
    }

    /// The short name of the commit.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.short
    }

    /// A path as seen from the repository's root; `None` if it leads out of it.
    #[must_use]
    pub fn inside(&self, path: &Path) -> Option<PathBuf> {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        let mut inside = PathBuf::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => inside.push(name),
                Component::ParentDir if inside.pop() => {}
                _ => return None,
            }
        }
        Some(inside)
    }

    /// What is at a path, as seen from the repository's root.
    ///
    /// # Errors
    /// Git cannot read its objects.
    pub fn look(&self, path: &Path) -> Result<Seen, GitError> {
        let Some(path) = self.inside(path) else { return Ok(Seen::Outside) };
        let mut entries = self.entries(&self.id)?;
        let mut walked = PathBuf::new();
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            walked.push(part);
            let name = part.as_os_str().to_string_lossy();
            let Some(entry) = entries.iter().find(|entry| entry.name == name) else { return Ok(Seen::Nothing) };
            match entry.kind {
                Kind::Folder => entries = self.entries(&entry.id)?,
                Kind::File => return Ok(if parts.peek().is_none() { Seen::File } else { Seen::Nothing }),
                kind @ (Kind::Link | Kind::Submodule) => return Ok(Seen::Elsewhere { path: walked, kind }),
            }
        }
        Ok(Seen::Folder(entries))
    }

    /// The text of a file that [`Tree::look`] found.
    ///
    /// # Errors
    /// Git cannot read it, or it is not UTF-8.
    pub fn read_text(&self, entry: &Entry) -> Result<String, FileError> {
        let bytes = self.object(&entry.id).map_err(|error| FileError::Io(std::io::Error::other(error.message)))?;
        text(bytes)
    }

    fn object(&self, id: &str) -> Result<Vec<u8>, GitError> {
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        objects.read(id).map_err(|error| GitError::new(format!("git cannot read {}: {error}", self.short)))
    }

    /// What a folder's object lists: mode, space, name, zero, and the id of an object in raw bytes.
    fn entries(&self, folder: &str) -> Result<Vec<Entry>, GitError> {
        let bytes = self.object(folder)?;
        let broken = || GitError::new(format!("git cannot read {}: a folder's list is cut short", self.short));
        let digest = folder.len() / 2;
        let mut rest = bytes.as_slice();
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let space = rest.iter().position(|byte| *byte == b' ').ok_or_else(broken)?;
            let (mode, after) = rest.split_at(space);
            let after = after.get(1..).ok_or_else(broken)?;
            let zero = after.iter().position(|byte| *byte == 0).ok_or_else(broken)?;
            let (name, after) = after.split_at(zero);
            let (id, after) = after.get(1..).and_then(|after| after.split_at_checked(digest)).ok_or_else(broken)?;
            let kind = match mode {
                b"40000" => Kind::Folder,
                b"120000" => Kind::Link,
                b"160000" => Kind::Submodule,
                _ => Kind::File,
            };
            let name = String::from_utf8_lossy(name).into_owned();
            entries.push(Entry { name, kind, id: id.iter().map(|byte| format!("{byte:02x}")).collect() });
            rest = after;
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

/// One `git cat-file --batch`, asked for one object after another.
#[derive(Debug)]
struct Objects {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    fn open(root: &Path) -> Result<Objects, GitError> {
        let mut command = command(root);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(requests), Some(answers)) => Ok(Objects { child, requests, answers: BufReader::new(answers) }),
            _ => Err(GitError::new("`git` cannot be spoken to")),
        }
    }

    /// The bytes of an object. The answer is `ID KIND SIZE`, a line break, the bytes, a line break; or `ID missing`.
    fn read(&mut self, id: &str) -> std::io::Result<Vec<u8>> {
        writeln!(self.requests, "{id}")?;
        self.requests.flush()?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| std::io::Error::other("an object is missing"))?;
        let mut bytes = Vec::new();
        self.answers.by_ref().take(size).read_to_end(&mut bytes)?;
        let mut end = [0];
        self.answers.read_exact(&mut end)?;
        Ok(bytes)
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads, and would end by itself when its input does; nobody should wait for a clone that fetches.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
