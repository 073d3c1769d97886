//! From files to rules that can be put in force: loaded, compiled, with their population.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Diagnostic, Sources, code, has_errors};
use crate::expr::Date;
use crate::files::{self, Places};
use crate::pack::{self, Loaded, Pack};
use crate::reference::Reference;
use crate::stage::{Context, Program};

/// Where fitted tables lie in a pack's folder.
const REFERENCE: &str = "reference/population.toml";

/// Where rules come from.
pub(super) enum Origin {
    /// A folder, or the name of a shipped pack.
    Pack(String),
    /// From wherever this gets them.
    Elsewhere(Box<dyn Fn() -> Loaded + Send + Sync>),
}

/// Where the population comes from that `rank` criteria are measured against.
#[derive(Debug, Clone)]
pub(super) enum Population {
    /// From the file beside the pack, if there is one.
    Beside,
    /// From this file.
    File(PathBuf),
    /// From memory.
    Given(Arc<Reference>),
}

/// What building gave.
pub(super) struct Built {
    /// What can be put in force; `None` if any diagnostic is an error.
    pub(super) ready: Option<Ready>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: Arc<Sources>,
    /// What it was made of, or would have been.
    pub(super) places: Places,
}

/// A pack, compiled.
pub(super) struct Ready {
    pub(super) pack: Arc<Pack>,
    pub(super) program: Arc<Program>,
    pub(super) context: Context,
    pub(super) reference: Option<PathBuf>,
}

/// Loads and compiles. A panic on the way is an error like any other: rules that are in force do not end because of a file.
pub(super) fn build(origin: &Origin, population: &Population, as_of: Date) -> Built {
    let attempt = panic::catch_unwind(AssertUnwindSafe(|| attempt(origin, population, as_of)));
    attempt.unwrap_or_else(|panic| {
        let message = format!("the rules could not be read, because regain itself failed: {}", told(panic.as_ref()));
        let help = "this is a fault of regain, not of the rules: please report it, with the files as they are now";
        Built {
            ready: None,
            diagnostics: vec![Diagnostic::without_place(code::UNREADABLE, message).help(help)],
            sources: Arc::default(),
            places: places(origin, population, &[]),
        }
    })
}

fn attempt(origin: &Origin, population: &Population, as_of: Date) -> Built {
    let loaded = match origin {
        Origin::Pack(name) => pack::load(name),
        Origin::Elsewhere(load) => load(),
    };
    let places = places(origin, population, &loaded.folders);
    let mut diagnostics = loaded.diagnostics;
    let ready = loaded.pack.and_then(|pack| {
        let (reference, file) = reference(population, loaded.folders.first(), &pack, as_of, &mut diagnostics)?;
        let context = Context { as_of, reference };
        let program = Arc::new(Program::compile(&pack, &context));
        Some(Ready { pack, program, context, reference: file })
    });
    let ready = ready.filter(|_| !has_errors(&diagnostics));
    Built { ready, diagnostics, sources: loaded.sources, places }
}

/// Every place that has a say in these rules.
fn places(origin: &Origin, population: &Population, folders: &[PathBuf]) -> Places {
    let mut places = Places::default();
    // A panic leaves no folders; then there is still the one that was asked for.
    let asked = match origin {
        Origin::Pack(name) if folders.is_empty() && files::is_folder(Path::new(name)) => {
            Some(files::tidy(Path::new(name)))
        }
        _ => None,
    };
    for folder in folders.iter().chain(&asked) {
        places.folder(folder, "toml");
        places.folder(&folder.join("scripts"), "rhai");
    }
    match (population, folders.first().or(asked.as_ref())) {
        (Population::Beside, Some(folder)) => places.file(&folder.join(REFERENCE)),
        (Population::File(file), _) => places.file(file),
        _ => {}
    }
    places
}

/// The fitted tables and the file they are from. `None`, with an error, if there should be some and they cannot be read.
fn reference(
    population: &Population,
    folder: Option<&PathBuf>,
    pack: &Pack,
    as_of: Date,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Arc<Reference>, Option<PathBuf>)> {
    let file = match population {
        Population::Given(reference) => return Some((Arc::clone(reference), None)),
        // Nobody asks for what nothing is measured against.
        _ if Program::ranks(pack, as_of).is_none() => None,
        Population::File(file) => Some(file.clone()),
        Population::Beside => folder.map(|folder| folder.join(REFERENCE)).filter(|file| files::is_file(file)),
    };
    let Some(file) = file else { return Some((Arc::default(), None)) };
    let shown = file.display();
    let error = match files::read_text(&file) {
        Err(error) => format!("`{shown}` cannot be read: {error}"),
        Ok(text) => match toml::from_str(&text) {
            Ok(reference) => return Some((Arc::new(reference), Some(file))),
            Err(error) => format!("`{shown}` holds no fitted tables: {}", error.message()),
        },
    };
    diagnostics.push(Diagnostic::without_place(code::UNREADABLE, error).help("make it anew with `regain fit`"));
    None
}

/// What a panic said.
fn told(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it did not say why")
}
