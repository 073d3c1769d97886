//! `regain profile`: what is in these files, and the lines of a pack that read them.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Exit, Failure, ProfileArgs, ProfileFormat, Terminal};
use crate::pack::{self, Pack, shipped};
use crate::profile::{Profile, Role, Section, profile as look, render, to_json, to_toml};

/// Work shorter than this shows no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many unknown columns of a table are listed on the terminal.
const LISTED: usize = 12;
/// The pack's name, if the folder it is written to does not give one.
const NAME: &str = "client";

/// Runs the command.
///
/// # Errors
/// If the pack has errors, a file cannot be read, or the TOML cannot be written.
pub fn profile(args: &ProfileArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(out) = args.out.as_ref().filter(|o| o.exists() && !args.force) {
        return Err(Failure::new(format!("`{}` is there already", out.display()))
            .help("say `--force` to write over it, or another name"));
    }
    if args.data.is_empty() {
        return Err(Failure::new("there is nothing to look at").help("give a table: `--data customers=customers.csv`"));
    }
    let mut names: Vec<&str> = args.data.iter().map(|s| s.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find_map(|w| match w {
        [a, b] if a == b => Some(*a),
        _ => None,
    }) {
        return Err(Failure::new(format!("`--data {twice}=…` is given twice"))
            .help("files of one table belong in one folder, which is then given"));
    }
    let packs: Vec<Arc<Pack>> = match &args.pack {
        Some(name) => vec![super::input::load(name, terminal)?],
        None => shipped::names().filter_map(|name| pack::load(name).pack).collect(),
    };
    let mut progress = Progress::new();
    let found = look(&args.data, &packs, args.rows.map(|n| n.get()), &mut |rows| progress.add(rows));
    progress.finish();
    let found = found?;
    let extends = extends(args, &found);
    let name = pack_name(args.out.as_deref());
    let section = to_toml(&found, &name, &extends, usize::MAX);
    if let Some(out) = &args.out {
        write(out, &section)?;
        terminal.note(&format!("written to {}", out.display()));
    }
    match args.format {
        ProfileFormat::Table => {
            let next = next(args, &found);
            let short = to_toml(&found, &name, &extends, LISTED);
            terminal.print(&render(&found, &short, &next, terminal.width(), terminal.color()))?;
        }
        ProfileFormat::Json => terminal.print(&format!("{:#}\n", to_json(&found)))?,
        ProfileFormat::Toml if args.out.is_none() => terminal.print(&section.text)?,
        ProfileFormat::Toml => {}
    }
    for table in found.tables.iter().filter(|t| !t.looked.complete) {
        terminal.note(&format!("only the first {} rows of `{}` were read", table.looked.rows, table.given));
    }
    Ok(Exit::Fine)
}

/// The folder in which the TOML will lie names the pack.
fn pack_name(out: Option<&Path>) -> String {
    let folder = out.and_then(Path::parent).and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    folder.filter(|n| n.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))).unwrap_or_else(|| NAME.to_owned())
}

/// What the new pack extends: a shipped pack by its name, a folder as it is seen from the new file.
fn extends(args: &ProfileArgs, found: &Profile) -> String {
    let Some(asked) = args.pack.as_ref().filter(|p| Path::new(p).is_dir()) else {
        return found.pack.identity.name.clone();
    };
    let here =
        args.out.as_deref().and_then(Path::parent).filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Some(from), Some(to)) = (absolute(here), absolute(Path::new(asked))) else { return asked.clone() };
    // Without a file, the pack is thought of as a folder beside the one the command is run in.
    let from = if args.out.is_some() { from } else { from.join(NAME) };
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let mut path: PathBuf = from.components().skip(shared).map(|_| Component::ParentDir).collect();
    path.extend(to.components().skip(shared));
    let text = path.display().to_string();
    if text.starts_with("..") { text } else { format!("./{text}") }
}

/// The path from the root; what of it is not there yet stays as it is written.
fn absolute(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let there = path.ancestors().find_map(|a| Some((a, std::fs::canonicalize(a).ok()?)))?;
    Some(there.1.join(path.strip_prefix(there.0).ok()?))
}

fn write(out: &Path, section: &Section) -> Result<(), Failure> {
    let cannot = |e: &dyn std::fmt::Display| Failure::new(format!("cannot write {}: {e}", out.display()));
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|e| cannot(&e))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| cannot(&e))?;
    file.write_all(section.text.as_bytes()).map_err(|e| cannot(&e))?;
    file.persist(out).map_err(|e| cannot(&e.error))?;
    Ok(())
}

/// What to type next.
fn next(args: &ProfileArgs, found: &Profile) -> String {
    let folder = match &args.out {
        Some(out) => out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).display().to_string(),
        None => NAME.to_owned(),
    };
    let used = found.tables.iter().filter(|t| t.role != Role::Loose);
    let run = command(&format!("regain run {}", quoted(&folder)), used.map(|t| (t.name.as_str(), t.path.as_str())), "");
    if args.out.is_some() {
        return run;
    }
    let pack = args.pack.as_ref().map(|p| format!(" {}", quoted(p))).unwrap_or_default();
    let given = found.tables.iter().map(|t| (t.given.as_str(), t.path.as_str()));
    let write = command(&format!("regain profile{pack}"), given, &format!("--format toml --out {NAME}/pack.toml"));
    format!("{write}\n{run}")
}

/// A command, an option a line where there are several.
fn command<'a>(start: &str, data: impl Iterator<Item = (&'a str, &'a str)>, end: &str) -> String {
    let mut parts = vec![start.to_owned()];
    parts.extend(data.map(|(name, path)| format!("--data {name}={}", quoted(path))));
    if !end.is_empty() {
        parts.push(end.to_owned());
    }
    if parts.len() > 2 { parts.join(" \\\n    ") } else { parts.join(" ") }
}

/// As a shell wants it.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-./=:,+@%".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// A spinner on stderr: indicatif shows it on a terminal only.
struct Progress {
    start: Instant,
    rows: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new() -> Self {
        Self { start: Instant::now(), rows: 0, bar: None }
    }

    fn add(&mut self, rows: u64) {
        self.rows += rows;
        if self.bar.is_none() && self.start.elapsed() > PATIENCE {
            let bar = ProgressBar::new_spinner();
            // The template is constant and well-formed; if not, the default style does.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.rows);
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
