//! Reading, listing, writing and watching pack files: the only place that touches the file system for packs.

mod mounts;
mod snapshot;
mod watch;

pub use snapshot::{Change, ChangeKind, Places, Snapshot};
pub use watch::{How, Nudge, Wake, Watcher};

pub mod git;

use std::path::{Component, Path, PathBuf};

/// Why a file or folder gave no text.
#[derive(Debug)]
pub enum FileError {
    /// The operating system's reason.
    Io(std::io::Error),
    /// The bytes are not UTF-8; the line (from 1) of the first that is not.
    NotUtf8 {
        /// From 1.
        line: usize,
    },
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::Io(error) => match error.kind() {
                std::io::ErrorKind::NotFound => f.write_str("there is no such file"),
                std::io::ErrorKind::PermissionDenied => f.write_str("reading it is not permitted"),
                _ => write!(f, "{error}"),
            },
            FileError::NotUtf8 { line } => write!(f, "it is not UTF-8 text (first on line {line})"),
        }
    }
}

/// Whether there is a folder at this path.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a file at this path.
#[must_use]
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Reads a text file.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    text(std::fs::read(path).map_err(FileError::Io)?)
}

/// Reads a text that should lie in a file. A pipe or device is not opened: it may never end.
///
/// # Errors
/// It is no ordinary file, cannot be read, or is not UTF-8.
pub fn read_ordinary(path: &Path) -> Result<String, FileError> {
    if std::fs::metadata(path).map_err(FileError::Io)?.is_file() {
        read_text(path)
    } else {
        Err(FileError::Io(std::io::Error::other("it is no ordinary file")))
    }
}

/// Bytes as text.
fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..valid).unwrap_or_default();
        FileError::NotUtf8 { line: before.iter().filter(|b| **b == b'\n').count() + 1 }
    })
}

/// The names of the files directly in a folder that end in `.extension`, sorted; hidden ones are left out.
///
/// # Errors
/// The folder cannot be listed.
pub fn list(folder: &Path, extension: &str) -> Result<Vec<String>, FileError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(FileError::Io)? {
        let entry = entry.map_err(FileError::Io)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let wanted = path.extension().is_some_and(|e| e == extension) && !name.starts_with('.');
        if wanted && !path.is_dir() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Where a file or folder below a folder really is, links followed. The folder itself may be a link. A path that leads
/// nowhere is given back as it is.
///
/// # Errors
/// Links lead out of the folder: where to.
pub fn inside(folder: &Path, path: &Path) -> Result<PathBuf, PathBuf> {
    let (Ok(real), Ok(around)) = (std::fs::canonicalize(path), std::fs::canonicalize(folder)) else {
        return Ok(path.to_owned());
    };
    if real.starts_with(around) { Ok(real) } else { Err(real) }
}

/// Writes a text file, and the folders above it; what was there before is replaced.
///
/// # Errors
/// The file or a folder cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    above(path)?;
    std::fs::write(path, text).map_err(FileError::Io)
}

/// Writes a text file, and the folders above it; a file that is there is left as it is, and false is returned.
///
/// # Errors
/// The file or a folder cannot be written.
pub fn write_new(path: &Path, text: &str) -> Result<bool, FileError> {
    use std::io::Write as _;
    above(path)?;
    match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true).map_err(FileError::Io),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(FileError::Io(error)),
    }
}

fn above(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder).map_err(FileError::Io),
        _ => Ok(()),
    }
}

/// The names of everything directly in a folder, sorted; none if there is no such folder.
///
/// # Errors
/// The folder cannot be listed.
pub fn entries(folder: &Path) -> Result<Vec<String>, FileError> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::Io(error)),
    };
    let mut names = Vec::new();
    for entry in listed {
        names.push(entry.map_err(FileError::Io)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The same path for every way of writing it, so that a circle is seen; the path itself if it leads nowhere.
#[must_use]
pub fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| tidy(path))
}

/// `a/b/../c` as `a/c`, `./a` as `a`: how a path is shown. Nothing is looked up.
#[must_use]
pub fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn tidy_paths() {
        for (given, shown) in
            [("a/./b", "a/b"), ("a/b/../c", "a/c"), ("../a", "../a"), ("a/../..", ".."), ("./", "."), ("/x/../y", "/y")]
        {
            assert_eq!(tidy(Path::new(given)), Path::new(shown), "{given}");
        }
    }

    #[test]
    fn lists_sorted_and_reads_utf8_only() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.toml", "a.toml", ".hidden.toml", "c.txt"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("d.toml")).unwrap();
        assert_eq!(list(folder.path(), "toml").unwrap(), ["a.toml", "b.toml"]);
        std::fs::write(folder.path().join("a.toml"), b"x\ny\xff").unwrap();
        let error = read_text(&folder.path().join("a.toml")).unwrap_err();
        assert_eq!(error.to_string(), "it is not UTF-8 text (first on line 2)");
        assert_eq!(read_text(&folder.path().join("none")).unwrap_err().to_string(), "there is no such file");
    }
}
