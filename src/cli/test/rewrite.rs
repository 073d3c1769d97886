//! `regain test --update`: writes what is decided now into the files of cases.

use std::io::Write as _;
use std::path::Path;

use super::TestArgs;
use crate::cases::CaseSet;
use crate::cases::update::{Rewrite, update};
use crate::cases::verdict::Verdicts;
use crate::cli::{Failure, Terminal};
use crate::draw::{Paint, Role, clean};
use crate::files;

/// Rewrites the files, and says what it changed.
///
/// # Errors
/// A pack that is not in a folder; a file that cannot be written.
pub(super) fn rewrite(args: &TestArgs, set: &CaseSet, verdicts: &Verdicts, terminal: &Terminal) -> Result<(), Failure> {
    let rewrites = update(set, verdicts);
    if rewrites.is_empty() {
        return Ok(());
    }
    let folder = Path::new(&args.pack);
    if !files::is_folder(folder) {
        return Err(Failure::new(format!("the cases of the shipped pack `{}` cannot be rewritten", args.pack))
            .help("they lie inside the program; make a pack of your own with `regain init`"));
    }
    let people = matches!(args.format, super::TestFormat::Human) || args.out.is_some();
    for rewrite in &rewrites {
        if !rewrite.edits.is_empty()
            && let Some(file) = set.files.get(rewrite.place)
        {
            write(&folder.join(&file.name), &rewrite.text)?;
        }
        if people {
            terminal.print(&told(set, rewrite, terminal.color()))?;
        }
    }
    Ok(())
}

/// What was changed in one file.
fn told(set: &CaseSet, rewrite: &Rewrite, color: bool) -> String {
    let paint = Paint::new(color);
    let mut out = String::new();
    for edit in &rewrite.edits {
        let place = set.sources.place(edit.span);
        out.push_str(&format!(
            "{}:{}: {}: {} = {} {}\n",
            place.file,
            place.line,
            clean(&edit.case),
            edit.name,
            paint.apply(Role::Bad, &clean(&edit.before)),
            paint.apply(Role::Good, &format!("→ {}", clean(&edit.after)))
        ));
    }
    for (span, why) in &rewrite.refused {
        let place = set.sources.place(*span);
        out.push_str(&format!("{}:{}: {}\n", place.file, place.line, paint.apply(Role::Warn, why)));
    }
    out.push('\n');
    out
}

/// Writes a text beside its target and puts it there in one go, with the rights the target has.
///
/// # Errors
/// The folder or the file cannot be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display().to_string();
    let failed = |error: std::io::Error| Failure::new(format!("cannot write {shown}: {error}"));
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".regain-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the umask takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut target = builder.tempfile_in(folder).map_err(failed)?;
    target.write_all(text.as_bytes()).and_then(|()| target.flush()).map_err(failed)?;
    if let Ok(metadata) = std::fs::metadata(path) {
        target.as_file().set_permissions(metadata.permissions()).map_err(failed)?;
    }
    // A link is followed, so that the file behind it is replaced, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    target.persist(&path).map_err(|e| failed(e.error))?;
    Ok(())
}
