//! `regain init`: a new pack with its cases, a workflow for CI, and what editors need. Nothing that is there is written over.

mod templates;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::templates::{File, files_of};
use super::schema::{rhai, schemas};
use super::{Exit, Failure, Terminal};
use crate::{files, pack};

/// Arguments of `regain init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder of the new pack; it is made if it is not there. Its name becomes that of the pack.
    pub dir: PathBuf,
    /// What the pack is laid over.
    #[arg(long, value_enum, default_value_t = Template::Blank)]
    pub template: Template,
}

/// What `regain init` starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A shop with an order log.
    Retail,
    /// Whoever sells contracts: telephone, power, insurance, a gym.
    Telecom,
    /// A supplier of companies.
    B2b,
    /// Neither: one row per customer with what is known of her.
    Blank,
}

impl Template {
    /// The shipped pack it lies over.
    fn base(self) -> &'static str {
        match self {
            Template::Retail => "retail",
            Template::Telecom => "telecom",
            Template::B2b => "b2b",
            Template::Blank => "base",
        }
    }
}

/// What may lie beside the files of a new pack.
const WELCOME: [&str; 2] = ["LICENSE", "LICENSE.md"];

/// Runs the command.
///
/// # Errors
/// If the folder is not fit for a new pack, or a file cannot be written.
pub fn init(args: &InitArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = name_of(&args.dir)?;
    let base = pack::load(args.template.base());
    let Some(base) = base.pack else {
        return Err(Failure::new(format!("the shipped pack `{}` does not load", args.template.base())));
    };
    let made = files_of(args.template, &name, &base);
    fit(&args.dir, &made)?;
    let mut wrote = Vec::new();
    let mut kept = Vec::new();
    for File { name, text, .. } in &made {
        let path = args.dir.join(name);
        match write(&path, text)? {
            true => wrote.push(*name),
            false => kept.push(*name),
        }
    }
    // The schemas know the names of the new pack.
    let folder = args.dir.to_string_lossy().into_owned();
    let loaded = pack::load(&folder);
    let Some(new) = &loaded.pack else {
        terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        return Err(Failure::new("the folder held TOML files that do not fit the new pack")
            .help("mend or move them; what was made stays"));
    };
    for (name, text) in schemas(Some(new)).into_iter().chain(rhai(Some(new))) {
        write(&args.dir.join(".regain").join(name), &text)?;
    }
    terminal.print(&told(args, &name, &made, &wrote, &kept))?;
    Ok(Exit::Fine)
}

/// What was made, and what to do next.
fn told(args: &InitArgs, name: &str, made: &[File], wrote: &[&str], kept: &[&str]) -> String {
    let folder = args.dir.display().to_string();
    let mut lines = vec![format!("made the pack `{name}` over `{}` in {folder}", args.template.base()), String::new()];
    let longest = made.iter().map(|file| file.name.chars().count()).max().unwrap_or(0);
    for file in made.iter().filter(|file| wrote.contains(&file.name)) {
        lines.push(format!("  {:<longest$}  {}", file.name, file.what));
    }
    lines.push(format!("  {:<longest$}  schemas and definitions for editors", ".regain/"));
    for name in kept {
        lines.push(format!("  {name:<longest$}  was there, and is as it was"));
    }
    let shown = if folder.contains(' ') { format!("'{folder}'") } else { folder };
    let steps = [
        (format!("regain check {shown}"), "is anything wrong?"),
        (format!("regain test {shown}"), "are the cases decided as expected?"),
        (format!("regain show {shown} params"), "every parameter in force, and where it comes from"),
    ];
    let widest = steps.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    lines.extend([String::new(), "next:".to_owned()]);
    lines.extend(steps.iter().map(|(command, what)| format!("  {command:<widest$}  {what}")));
    lines.push(format!("then read {}", args.dir.join("README.md").display()));
    lines.push(String::new());
    lines.join("\n")
}

/// Writes a file that is not there; false if it is.
fn write(path: &Path, text: &str) -> Result<bool, Failure> {
    files::write_new(path, text)
        .map_err(|error| Failure::new(format!("`{}` cannot be written: {error}", path.display())))
}

/// The name of the pack: that of the folder, in letters that a name may have.
fn name_of(dir: &Path) -> Result<String, Failure> {
    let full = files::canonical(dir);
    let folder = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let letters: String =
        folder.trim().chars().map(|c| if c.is_alphanumeric() || "_-+.".contains(c) { c } else { '-' }).collect();
    let name = letters.trim_matches(['-', '.']);
    if name.is_empty() {
        return Err(Failure::new(format!("`{}` gives the pack no name", dir.display()))
            .help("give a folder with a name, such as `regain init our-rules`"));
    }
    Ok(name.to_owned())
}

/// Whether the folder may become a pack: it is not there, or holds nothing but what goes with one.
fn fit(dir: &Path, made: &[File]) -> Result<(), Failure> {
    if files::is_file(dir) {
        return Err(Failure::new(format!("`{}` is a file, and a pack is a folder", dir.display())));
    }
    let there = files::entries(dir)
        .map_err(|error| Failure::new(format!("the folder `{}` cannot be listed: {error}", dir.display())))?;
    if there.iter().any(|name| name == "pack.toml") {
        return Err(Failure::new(format!("`{}` holds a pack already", dir.display()))
            .help("nothing was written; `regain schema DIR --out DIR/.regain` makes its schemas for editors"));
    }
    let ours = |name: &String| made.iter().any(|file| file.name.split('/').next() == Some(name));
    let foreign: Vec<&String> = there
        .iter()
        .filter(|name| !ours(name) && !name.starts_with('.') && !WELCOME.contains(&name.as_str()))
        .collect();
    if foreign.is_empty() {
        return Ok(());
    }
    let mut list = foreign.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if foreign.len() > 5 {
        list.push_str(", …");
    }
    Err(Failure::new(format!("the folder `{}` is not empty: {list}", dir.display()))
        .help("nothing was written; give a new folder, or one that holds only `data`, `cases` or a README"))
}
