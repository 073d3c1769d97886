//! The folder of an export: what may be replaced there, and the index that says so.
//!
//! Everything is first written into a hidden folder inside, then given its name, the index last. A file is replaced only if it is as
//! an earlier export left it; one that somebody worked in holds results, and a file of another origin is not ours.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::sheet::defused;
use crate::data::DataError;
use crate::expr::Date;

/// The index.
pub(super) const INDEX: &str = "index.csv";
const HEADER: [&str; 6] = ["file", "what", "contacts", "first_day", "last_day", "sha256"];

/// A file that is to be written.
pub(super) struct Entry {
    pub(super) kind: super::Kind,
    pub(super) file: String,
    pub(super) what: String,
    pub(super) contacts: u64,
    pub(super) days: Option<(Date, Date)>,
}

/// A folder that is being filled.
pub(super) struct Folder {
    path: PathBuf,
    staged: TempDir,
    entries: Vec<Entry>,
}

fn doing(path: &Path) -> impl Fn(io::Error) -> DataError + '_ {
    move |e| DataError::io(format!("writing `{}`", path.display()), &e)
}

impl Folder {
    /// Makes the folder if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        if path.exists() && !path.is_dir() {
            return Err(DataError::input(format!("`{}` is a file, not a folder", path.display()))
                .help("give a folder to `--export`; it is made if it is not there"));
        }
        fs::create_dir_all(path).map_err(doing(path))?;
        let staged = tempfile::Builder::new().prefix(".regain-").tempdir_in(path).map_err(doing(path))?;
        Ok(Self { path: path.to_owned(), staged, entries: Vec::new() })
    }

    /// Where a file is to be written; it gets its name in [`Folder::finish`].
    pub(super) fn place(&mut self, entry: Entry) -> PathBuf {
        let path = self.staged.path().join(&entry.file);
        self.entries.push(entry);
        path
    }

    /// Gives every file its name, takes away those of an earlier export that are no longer needed, and returns what was written.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, Entry)>, DataError> {
        let before = self.earlier()?;
        let mut sums = Vec::new();
        for entry in &self.entries {
            let new = sum(&self.staged.path().join(&entry.file)).map_err(doing(&self.path))?;
            self.may_replace(&entry.file, &new, &before)?;
            sums.push(new);
        }
        self.write_index(&sums)?;
        for entry in &self.entries {
            self.name(&entry.file)?;
        }
        for (file, old) in &before {
            let path = self.path.join(file);
            let goes = !self.entries.iter().any(|entry| entry.file == *file);
            // A stale call list would be worked on. One that was worked on stays.
            if goes && sum(&path).is_ok_and(|now| now == *old) {
                fs::remove_file(&path).map_err(doing(&path))?;
            }
        }
        self.name(INDEX)?;
        let path = self.path;
        Ok(self.entries.into_iter().map(|entry| (path.join(&entry.file), entry)).collect())
    }

    fn name(&self, file: &str) -> Result<(), DataError> {
        let to = self.path.join(file);
        fs::rename(self.staged.path().join(file), &to).map_err(doing(&to))
    }

    /// The files of the earlier export in this folder, with their checksums.
    fn earlier(&self) -> Result<BTreeMap<String, String>, DataError> {
        let path = self.path.join(INDEX);
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(DataError::io(format!("reading `{}`", path.display()), &error)),
        };
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut files = BTreeMap::new();
        for (line, row) in rows.records().enumerate() {
            let row = row.unwrap_or_default();
            if line == 0 {
                if !row.iter().eq(HEADER) {
                    return Err(foreign(&path));
                }
                continue;
            }
            // Somebody may have written into the index: no name may lead out of the folder.
            let plain = |name: &&str| !name.starts_with('.') && !name.contains(['/', '\\', ':']);
            if let (Some(file), Some(sum)) = (row.get(0).filter(plain), row.get(5)) {
                files.insert(file.to_owned(), sum.to_owned());
            }
        }
        Ok(files)
    }

    fn may_replace(&self, file: &str, new: &str, before: &BTreeMap<String, String>) -> Result<(), DataError> {
        let path = self.path.join(file);
        let now = match sum(&path) {
            Ok(now) => now,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DataError::io(format!("reading `{}`", path.display()), &error)),
        };
        // What an interrupted export has already put there is the same as what is to come.
        if now == new || before.get(file) == Some(&now) {
            return Ok(());
        }
        if before.contains_key(file) {
            return Err(DataError::input(format!("`{}` was changed since it was exported", path.display()))
                .help("results may be written in it: move it away, or export into another folder"));
        }
        Err(foreign(&path))
    }

    fn write_index(&self, sums: &[String]) -> Result<(), DataError> {
        let path = self.staged.path().join(INDEX);
        let failed = |e: csv::Error| DataError::io(format!("writing `{}`", path.display()), &io::Error::from(e));
        let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_path(&path).map_err(failed)?;
        out.write_record(HEADER).map_err(failed)?;
        for (entry, sum) in self.entries.iter().zip(sums) {
            let day = |pick: fn(&(Date, Date)) -> Date| {
                entry.days.as_ref().map(pick).map_or_else(String::new, |d| d.to_string())
            };
            out.write_record([
                &entry.file,
                defused(&entry.what).as_ref(),
                &entry.contacts.to_string(),
                &day(|days| days.0),
                &day(|days| days.1),
                sum,
            ])
            .map_err(failed)?;
        }
        out.flush().map_err(doing(&path))
    }
}

fn foreign(path: &Path) -> DataError {
    DataError::input(format!("`{}` is there, and not from an earlier export", path.display()))
        .help("it is left as it is: export into another folder, or move it away")
}

/// SHA-256 of a file, in hex.
fn sum(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = fs::File::open(path)?;
    let mut block = vec![0; 1 << 16];
    loop {
        let read = io::Read::read(&mut file, &mut block)?;
        match block.get(..read) {
            Some([]) | None => break,
            Some(bytes) => hasher.update(bytes),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
