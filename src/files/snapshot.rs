//! What a set of folders holds at one moment, so that a change of content is told from a touch.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher as _};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What is looked at: folders with the ending of their files, and single files. None of it need be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    folders: BTreeSet<(PathBuf, &'static str)>,
    files: BTreeSet<PathBuf>,
}

impl Places {
    /// Also the files directly in a folder that end in `.extension`, but for hidden ones: what [`super::list`] lists.
    pub fn folder(&mut self, folder: &Path, extension: &'static str) {
        self.folders.insert((folder.to_owned(), extension));
    }

    /// Also this file.
    pub fn file(&mut self, file: &Path) {
        self.files.insert(file.to_owned());
    }

    /// Everything another set looks at, too.
    pub fn extend(&mut self, other: &Places) {
        self.folders.extend(other.folders.iter().cloned());
        self.files.extend(other.files.iter().cloned());
    }

    /// The folders and the endings looked for in them.
    pub fn folders(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        self.folders.iter().map(|(folder, extension)| (folder.as_path(), *extension))
    }

    /// The single files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty() && self.files.is_empty()
    }

    /// The paths of the files that are there now, each once; an unlisted folder gives none.
    pub(super) fn present(&self) -> BTreeSet<PathBuf> {
        let mut paths: BTreeSet<PathBuf> = self.files.iter().filter(|file| super::is_file(file)).cloned().collect();
        for (folder, extension) in &self.folders {
            paths.extend(super::list(folder, extension).unwrap_or_default().iter().map(|name| folder.join(name)));
        }
        paths
    }
}

/// What was there at one moment, by content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    files: BTreeMap<PathBuf, Seen>,
    /// Those that are there. A folder that cannot be listed counts as one with nothing in it.
    folders: BTreeSet<PathBuf>,
}

/// One file at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// Its size and the hash of what it holds.
    Content(u64, u64),
    /// It is there and cannot be read.
    Unreadable(ErrorKind),
}

/// A file that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Which, as it was asked for: with the folder as the pack names it.
    pub path: PathBuf,
    /// How.
    pub kind: ChangeKind,
}

/// How a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It holds something else.
    Changed,
}

impl ChangeKind {
    /// `added`, `removed`, `changed`
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        }
    }
}

impl Snapshot {
    /// Reads everything there is.
    #[must_use]
    pub fn take(places: &Places) -> Snapshot {
        let mut taken = Snapshot::default();
        taken
            .folders
            .extend(places.folders().map(|(folder, _)| folder).filter(|f| super::is_folder(f)).map(Path::to_owned));
        for path in places.present() {
            let seen = match std::fs::read(&path) {
                Ok(bytes) => {
                    let mut hasher = DefaultHasher::new();
                    hasher.write(&bytes);
                    Seen::Content(bytes.len() as u64, hasher.finish())
                }
                // Gone since it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => Seen::Unreadable(error.kind()),
            };
            taken.files.insert(path, seen);
        }
        taken
    }

    /// What is otherwise than it was, by path.
    #[must_use]
    pub fn changes_since(&self, earlier: &Snapshot) -> Vec<Change> {
        let kind = |path: &PathBuf| match (earlier.files.get(path), self.files.get(path)) {
            (None, Some(_)) => Some(ChangeKind::Added),
            (Some(_), None) => Some(ChangeKind::Removed),
            (before, now) => (before != now).then_some(ChangeKind::Changed),
        };
        let paths: BTreeSet<&PathBuf> = earlier.files.keys().chain(self.files.keys()).collect();
        paths.into_iter().filter_map(|path| Some(Change { path: path.clone(), kind: kind(path)? })).collect()
    }

    /// Whether something has gone since, or has become empty: what a file looks like while an editor replaces it.
    #[must_use]
    pub fn lacks_some_of(&self, earlier: &Snapshot) -> bool {
        let holds = |seen: Option<&Seen>| matches!(seen, Some(Seen::Content(size, _)) if *size > 0);
        earlier.files.iter().any(|(path, before)| holds(Some(before)) && !holds(self.files.get(path)))
            || earlier.folders.iter().any(|folder| !self.folders.contains(folder))
    }
}

/// When files and folders were last written, for looking often without reading. Two equal ones may hide a change if
/// something was written just before the first: see [`Stamps::is_fresh`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stamps(BTreeMap<PathBuf, Stamp>);

/// Size, time of the last change, and which file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    file: u64,
}

impl Stamps {
    /// Looks at everything there is.
    pub(super) fn take(places: &Places) -> Stamps {
        let folders = places.folders().map(|(folder, _)| folder.to_owned());
        let paths = folders.chain(places.present());
        Stamps(paths.filter_map(|path| stamp(&path).map(|stamp| (path, stamp))).collect())
    }

    /// Whether something was written within two seconds of now, or in the future of a clock elsewhere: then the next
    /// write may leave the same stamp, as some file systems count in seconds.
    pub(super) fn is_fresh(&self) -> bool {
        let now = SystemTime::now();
        self.0
            .values()
            .filter_map(|stamp| stamp.modified)
            .any(|at| now.duration_since(at).map_or(true, |age| age < std::time::Duration::from_secs(2)))
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    // What a folder weighs and when it was touched changes with every swap file in it.
    let (size, modified) = if meta.is_dir() { (0, None) } else { (meta.len(), meta.modified().ok()) };
    Some(Stamp { size, modified, file: identity(&meta) })
}

/// Which file it is, whatever it is called; 0 where the system has no such number.
#[cfg(unix)]
fn identity(meta: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    meta.ino() ^ meta.dev().rotate_left(48)
}

/// Which file it is, whatever it is called; 0 where the system has no such number.
#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn places(folder: &Path) -> Places {
        let mut places = Places::default();
        places.folder(folder, "toml");
        places.folder(&folder.join("scripts"), "rhai");
        places.file(&folder.join("reference/population.toml"));
        places
    }

    #[test]
    fn a_touch_is_no_change_and_swap_files_are_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("pack.toml"), "a").unwrap();
        let places = places(folder.path());
        let before = Snapshot::take(&places);
        std::fs::write(at("pack.toml"), "a").unwrap();
        for name in [".pack.toml.swp", "4913", "pack.toml~", ".#pack.toml", "notes.txt"] {
            std::fs::write(at(name), "x").unwrap();
        }
        assert_eq!(Snapshot::take(&places), before);
        std::fs::write(at("pack.toml"), "b").unwrap();
        assert_eq!(
            Snapshot::take(&places).changes_since(&before),
            [Change { path: at("pack.toml"), kind: ChangeKind::Changed }]
        );
    }

    #[test]
    fn what_comes_and_goes_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("pack.toml"), "a").unwrap();
        std::fs::write(at("facts.toml"), "a").unwrap();
        let places = places(folder.path());
        let before = Snapshot::take(&places);
        std::fs::remove_file(at("facts.toml")).unwrap();
        for (name, inside) in [("scripts", "x.rhai"), ("reference", "population.toml")] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join(inside), "a").unwrap();
        }
        let now = Snapshot::take(&places);
        let told: Vec<String> = now
            .changes_since(&before)
            .iter()
            .map(|c| format!("{} {}", c.path.strip_prefix(folder.path()).unwrap().display(), c.kind.word()))
            .collect();
        assert_eq!(told, ["facts.toml removed", "reference/population.toml added", "scripts/x.rhai added"]);
        assert!(now.lacks_some_of(&before), "facts.toml has gone");
        assert!(!Snapshot::take(&places).lacks_some_of(&now));
        std::fs::write(at("pack.toml"), "").unwrap();
        assert!(Snapshot::take(&places).lacks_some_of(&now), "pack.toml is empty");
        std::fs::remove_dir_all(at("scripts")).unwrap();
        assert!(Snapshot::take(&places).lacks_some_of(&now));
    }

    #[test]
    fn stamps_see_size_and_replacement() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pack.toml");
        std::fs::write(&file, "a").unwrap();
        let places = places(folder.path());
        let before = Stamps::take(&places);
        assert!(before.is_fresh());
        assert_eq!(Stamps::take(&places), before);
        std::fs::write(&file, "ab").unwrap();
        assert_ne!(Stamps::take(&places), before);
        let old = SystemTime::now() - std::time::Duration::from_secs(60);
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(old).unwrap();
        assert!(!Stamps::take(&places).is_fresh());
    }
}
