//! `regain fit`: the population tables of `rank` criteria, as a file beside the pack.

use std::io::Write as _;
use std::path::Path;

use super::input::{Prepared, REFERENCE_FILE};
use super::{Exit, Failure, FitArgs, Terminal};

/// Runs the command.
///
/// # Errors
/// If the pack has errors, the data cannot be read, or the file cannot be written.
pub fn fit(args: &FitArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&args.input, None, terminal)?;
    let reference = prepared.fit(terminal)?;
    if reference.tables.is_empty() {
        terminal.note("the pack has no criterion scored by `rank`: there is nothing to fit");
        return Ok(Exit::Fine);
    }
    let path = match &args.out {
        Some(path) => path.clone(),
        None if Path::new(&args.input.pack).is_dir() => Path::new(&args.input.pack).join(REFERENCE_FILE),
        None => {
            return Err(Failure::new("a shipped pack has no folder to write to").help("say `--out population.toml`"));
        }
    };
    let cannot = |e: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {e}", path.display()));
    let text = toml::to_string(&reference).map_err(|e| cannot(&e))?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| cannot(&e))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| cannot(&e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(|e| cannot(&e))?;
    file.persist(&path).map_err(|e| cannot(&e.error))?;
    let mut text = format!("{}: as of {}\n", path.display(), reference.as_of);
    for (criterion, table) in &reference.tables {
        text.push_str(&format!("  {criterion}: {} customers, {} points\n", table.count, table.points.len()));
    }
    terminal.print(&text)?;
    Ok(Exit::Fine)
}
