//! `regain schema`: JSON Schemas of pack and case files, and Rhai definitions, for editors.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::{Exit, Failure, Terminal};
use crate::files;
use crate::pack::{self, Pack};
use crate::schema;
use crate::script::{Limits, Scripts, definitions};

/// Arguments of `regain schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b). Its columns, parameters, states and campaigns are
    /// then offered by name.
    pub pack: Option<String>,
    /// Write `pack.schema.json` and `cases.schema.json` into this folder. Without it the schema of pack files is printed.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the schema of case files instead.
    #[arg(long, conflicts_with = "out")]
    pub cases: bool,
    /// Write Rhai definition files into this folder: what scripts may call, and the functions of the pack's scripts.
    #[arg(long, value_name = "DIR")]
    pub rhai: Option<PathBuf>,
}

/// The file of the schema of pack files.
pub(super) const PACK_SCHEMA: &str = "pack.schema.json";
/// The file of the schema of case files.
pub(super) const CASES_SCHEMA: &str = "cases.schema.json";

/// Runs the command. Exit code 2 if the pack has errors.
///
/// # Errors
/// If a file cannot be written.
pub fn schema(args: &SchemaArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let pack = match &args.pack {
        None => None,
        Some(name) => {
            let loaded = pack::load(name);
            let Some(pack) = loaded.pack else {
                terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
                return Err(Failure::new(format!("the pack `{name}` has errors, so its names are not known"))
                    .help("without a pack, `regain schema` writes the schemas of the formats alone"));
            };
            Some(pack)
        }
    };
    if let Some(folder) = &args.out {
        for (name, text) in schemas(pack.as_ref()) {
            write(&folder.join(name), &text, terminal)?;
        }
    }
    if let Some(folder) = &args.rhai {
        for (name, text) in rhai(pack.as_ref()) {
            write(&folder.join(name), &text, terminal)?;
        }
    }
    if args.cases {
        terminal.print(&schema::text(&schema::cases(pack.as_deref())))?;
    } else if args.out.is_none() && args.rhai.is_none() {
        terminal.print(&schema::text(&schema::pack(pack.as_deref())))?;
    }
    Ok(Exit::Fine)
}

/// The schemas: name and text.
pub(super) fn schemas(pack: Option<&Arc<Pack>>) -> Vec<(String, String)> {
    let pack = pack.map(AsRef::as_ref);
    vec![
        (PACK_SCHEMA.to_owned(), schema::text(&schema::pack(pack))),
        (CASES_SCHEMA.to_owned(), schema::text(&schema::cases(pack))),
    ]
}

/// The Rhai definition files: name and text.
pub(super) fn rhai(pack: Option<&Arc<Pack>>) -> Vec<(String, String)> {
    match pack {
        Some(pack) => definitions(&pack.scripts),
        None => {
            let none = Scripts::compile(&[], &crate::diag::Sources::default(), &Limits::default(), &mut Vec::new());
            definitions(&none)
        }
    }
}

/// Writes a file that is made anew each time.
fn write(path: &Path, text: &str, terminal: &Terminal) -> Result<(), Failure> {
    files::write(path, text)
        .map_err(|error| Failure::new(format!("`{}` cannot be written: {error}", path.display())))?;
    terminal.note(&format!("wrote {}", path.display()));
    Ok(())
}
