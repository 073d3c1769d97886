//! `regain docs`: the rule book, a pack in words.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Exit, Failure, Terminal};
use crate::report::book::{book, to_html, to_markdown};

/// Arguments of `regain docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
    /// Where to write it: FILE.html is one page that needs nothing else, FILE.md is Markdown; a folder gets both, named after the
    /// pack. Default: Markdown on stdout.
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
    /// What to write; by default what the name of the file says.
    #[arg(long, value_enum)]
    pub format: Option<DocsFormat>,
}

/// How a rule book is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DocsFormat {
    /// GitHub flavoured Markdown.
    Markdown,
    /// One page, with nothing from elsewhere.
    Html,
}

impl DocsFormat {
    /// What a file name says.
    fn of(path: &Path) -> Option<DocsFormat> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" => Some(DocsFormat::Markdown),
            "html" | "htm" => Some(DocsFormat::Html),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            DocsFormat::Markdown => "md",
            DocsFormat::Html => "html",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// If the pack has errors, or the book cannot be written.
pub fn docs(args: &DocsArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    // What cannot be written is said before the pack is read.
    let folder = args.out.as_deref().filter(|out| is_folder(out));
    if let Some(out) = &args.out
        && folder.is_none()
        && args.format.is_none()
        && DocsFormat::of(out).is_none()
    {
        return Err(Failure::new(format!("`{}` does not say what to write", out.display()))
            .help("end the name in `.html` or `.md`, or say `--format html`; a folder gets both"));
    }
    let pack = super::input::load(&args.pack, terminal)?;
    let book = book(&pack);
    let draw = |format: DocsFormat| match format {
        DocsFormat::Markdown => to_markdown(&book),
        DocsFormat::Html => to_html(&book),
    };
    match (&args.out, folder) {
        (None, _) => terminal.print(&draw(args.format.unwrap_or(DocsFormat::Markdown)))?,
        (Some(_), Some(folder)) => {
            std::fs::create_dir_all(folder).map_err(|e| cannot(folder, &e))?;
            let formats =
                args.format.map_or_else(|| vec![DocsFormat::Html, DocsFormat::Markdown], |format| vec![format]);
            for format in formats {
                let path = folder.join(format!("{}.{}", pack.identity.name, format.extension()));
                write(&path, &draw(format))?;
                terminal.note(&format!("written to {}", path.display()));
            }
        }
        (Some(out), None) => {
            let format = args.format.or_else(|| DocsFormat::of(out)).unwrap_or(DocsFormat::Markdown);
            write(out, &draw(format))?;
            terminal.note(&format!("written to {}", out.display()));
        }
    }
    Ok(Exit::Fine)
}

/// A folder that is there, or a name that can only be one: without an ending, or with a stroke behind it.
fn is_folder(path: &Path) -> bool {
    let text = path.to_string_lossy();
    path.is_dir() || text.ends_with(['/', '\\']) || (path.extension().is_none() && !path.is_file())
}

/// Written beside the target, then renamed: a reader never sees half a book.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| cannot(path, &e))?;
    file.write_all(text.as_bytes()).map_err(|e| cannot(path, &e))?;
    make_readable(file.path()).map_err(|e| cannot(path, &e))?;
    file.persist(path).map_err(|e| cannot(path, &e.error))?;
    Ok(())
}

/// A temporary file is for its owner alone; a book is for everybody the folder is for.
fn make_readable(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` cannot be written: {error}", path.display()))
}
