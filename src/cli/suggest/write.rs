//! Writing the overlay, and what to type next.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::cli::{Failure, Terminal};
use crate::expr::Date;
use crate::files;
use crate::pack::{self, Pack};
use crate::suggest::overlay::Heading;

/// Where the overlay goes: a pack is a folder, so a file stands in one of its own.
pub(super) struct Target {
    pub(super) file: PathBuf,
    folder: PathBuf,
}

impl Target {
    pub(super) fn new(out: &Path) -> Target {
        if out.extension().is_some_and(|e| e == "toml") {
            let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return Target { file: out.to_owned(), folder: folder.to_owned() };
        }
        Target { file: out.join("pack.toml"), folder: out.to_owned() }
    }
}

/// A place that could be given.
pub(super) fn example(pack: &Pack) -> String {
    format!("{}-suggested/overlay.toml", pack.identity.name)
}

/// What the overlay is called and what it lies over, as seen from its folder.
pub(super) fn heading(asked: &str, pack: &Pack, target: Option<&Target>, as_of: Date) -> Heading {
    let identity = &pack.identity;
    let hash = identity.hash.get(..8).unwrap_or(&identity.hash);
    let extends = if Path::new(asked).is_dir() {
        let here = target.map_or_else(|| PathBuf::from(format!("{}-suggested", identity.name)), |t| t.folder.clone());
        relative(&here, Path::new(asked)).unwrap_or_else(|| asked.to_owned())
    } else {
        asked.to_owned()
    };
    Heading {
        name: format!("{}-suggested", identity.name),
        extends,
        judged: format!("{} {} ({hash})", identity.name, identity.version),
        as_of: as_of.to_string(),
    }
}

/// A folder as it is seen from another one.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let (from, to) = (absolute(from)?, absolute(to)?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let mut path: PathBuf = from.components().skip(shared).map(|_| Component::ParentDir).collect();
    path.extend(to.components().skip(shared));
    let text = path.display().to_string();
    Some(if text.is_empty() {
        ".".to_owned()
    } else if text.starts_with("..") {
        text
    } else {
        format!("./{text}")
    })
}

/// The path from the root; what of it is not there yet stays as it is written.
fn absolute(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let there = path.ancestors().find_map(|a| Some((a, std::fs::canonicalize(a).ok()?)))?;
    Some(there.1.join(path.strip_prefix(there.0).ok()?))
}

/// Writes the overlay all at once, reads it back, and says what to type next.
pub(super) fn write(target: &Target, text: &str, pack: &str, terminal: &Terminal) -> Result<Vec<String>, Failure> {
    let cannot = |e: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {e}", target.file.display()));
    std::fs::create_dir_all(&target.folder).map_err(|e| cannot(&e))?;
    let mut file = tempfile::NamedTempFile::new_in(&target.folder).map_err(|e| cannot(&e))?;
    file.write_all(text.as_bytes()).map_err(|e| cannot(&e))?;
    file.persist(&target.file).map_err(|e| cannot(&e.error))?;
    terminal.note(&format!("written to {}; it is in force only where that folder is run", target.file.display()));
    let folder = target.folder.display();
    let alone = files::list(&target.folder, "toml").is_ok_and(|names| names.len() == 1);
    if !alone {
        terminal.warning(&format!(
            "`{folder}` has other TOML files, and a pack is all those of a folder: move the overlay into a folder of its own"
        ));
        return Ok(Vec::new());
    }
    let loaded = pack::load(&folder.to_string());
    if loaded.pack.is_none() {
        terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        return Err(Failure::new("the overlay that was written has errors")
            .help("this is a fault of regain: please report it with the overlay"));
    }
    Ok(vec![format!("regain check {folder}"), format!("regain diff {pack} {folder} --data …")])
}
