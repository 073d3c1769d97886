//! Reads a pack and what it extends, and runs raw, overlay and resolve over it.

mod revision;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::overlay::{self, listed};
use super::raw::{self, Raw, Table};
use super::resolve::{Context, limits, resolve};
use super::{Pack, hints, plugins, shipped};
use crate::diag::{Code, Diagnostic, FileId, SHIPPED, Sources, Span, code, has_errors};
use crate::files;
use crate::files::git::Tree;
use crate::script::Scripts;

/// What loading gave: the pack if it has no error, and everything there is to say about it.
#[derive(Debug)]
pub struct Loaded {
    /// The pack; `None` if any diagnostic is an error.
    pub pack: Option<Arc<Pack>>,
    /// The texts diagnostics point into (also those of a pack that does not load).
    pub sources: Arc<Sources>,
    /// In order of file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The folders on disk it was read from or looked for in, as they are called in messages; the pack's own first. What changes there may
    /// change the pack.
    pub folders: Vec<PathBuf>,
}

/// Loads a pack: the name of a shipped one (`base`, `retail`, …) or a folder. A folder wins over a shipped name if it exists.
#[must_use]
pub fn load(pack: &str) -> Loaded {
    let mut loader = Loader::new(Shelf::Disk);
    let folder = Path::new(pack);
    let place = if !files::is_folder(folder) && shipped::shipped(pack).is_some() {
        Place::Shipped(pack.to_owned())
    } else {
        Place::Folder(files::tidy(folder))
    };
    loader.chain(place);
    loader.finish()
}

/// Loads a pack from texts in memory: (file name such as `facts.toml` or `scripts/prestige.rhai`, text). For tests and embedding.
///
/// `extends` may name a shipped pack, or a folder among the texts: with `extends = "./ours"`, `ours/pack.toml` is
/// a text of the pack that is extended.
#[must_use]
pub fn load_from_texts(texts: &[(&str, &str)]) -> Loaded {
    let mut loader = Loader::new(Shelf::Texts(texts));
    loader.chain(Place::Folder(PathBuf::new()));
    loader.finish()
}

/// Loads a pack as it was at a revision of its git repository; its folder as seen from the repository's root. What it extends is read at
/// that revision, too; shipped packs are those of this program.
#[must_use]
pub fn load_revision(tree: &Tree, folder: &Path) -> Loaded {
    let mut loader = Loader::new(Shelf::Revision(tree));
    loader.chain(Place::Folder(tree.inside(folder).unwrap_or_else(|| folder.to_owned())));
    loader.finish()
}

/// Where folders are looked up.
#[derive(Clone, Copy)]
enum Shelf<'a> {
    Disk,
    Revision(&'a Tree),
    Texts(&'a [(&'a str, &'a str)]),
}

/// Where one pack of a chain is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Shipped(String),
    Folder(PathBuf),
}

impl Place {
    /// How it is called in messages.
    fn shown(&self) -> String {
        match self {
            Place::Shipped(name) => name.clone(),
            Place::Folder(path) if path.as_os_str().is_empty() => ".".to_owned(),
            Place::Folder(path) => path.display().to_string(),
        }
    }
}

/// A text of a pack, as it was found.
struct Found {
    /// Relative to the pack: `facts.toml`, `scripts/prestige.rhai`.
    name: String,
    /// As shown: `rules/retail/facts.toml`, `base/facts.toml (shipped)`.
    shown: String,
    text: String,
}

/// One pack of a chain, parsed.
struct Layer {
    table: Table,
    scripts: Vec<(String, FileId)>,
    /// For the hash: relative name and text of each file.
    files: Vec<(String, FileId)>,
}

impl Layer {
    /// `pack.name`; empty if it has none.
    fn name(&self) -> String {
        match self.table.get("pack").map(|entry| &entry.node.value) {
            Some(Raw::Table(table)) => table.text("name").map(|name| name.text.clone()).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// State while a chain of packs is read.
struct Loader<'a> {
    shelf: Shelf<'a>,
    sources: Sources,
    diagnostics: Vec<Diagnostic>,
    /// Nearest first.
    layers: Vec<Layer>,
    /// The names of the packs that are extended, nearest first.
    extends: Vec<String>,
    /// Where the pack's identity is, for what is missing altogether.
    place: Option<Span>,
    /// A file could not be read in full: what is missing then is no finding.
    broken: bool,
    /// Folders on disk that were looked into.
    folders: Vec<PathBuf>,
}

impl<'a> Loader<'a> {
    fn new(shelf: Shelf<'a>) -> Self {
        Loader {
            shelf,
            sources: Sources::default(),
            diagnostics: Vec::new(),
            layers: Vec::new(),
            extends: Vec::new(),
            place: None,
            broken: false,
            folders: Vec::new(),
        }
    }

    /// Reads a pack and everything it extends.
    fn chain(&mut self, first: Place) {
        let mut place = first;
        let mut asked: Option<Span> = None;
        let mut seen: Vec<(Place, String)> = Vec::new();
        loop {
            let identity = match &place {
                Place::Folder(path) if matches!(self.shelf, Shelf::Disk) => Place::Folder(files::canonical(path)),
                other => other.clone(),
            };
            if let Some(start) = seen.iter().position(|(other, _)| *other == identity) {
                let mut round: Vec<&str> = seen.iter().skip(start).map(|(_, shown)| shown.as_str()).collect();
                let shown = place.shown();
                round.push(&shown);
                let round: Vec<String> = round.iter().map(|shown| format!("`{shown}`")).collect();
                let message = format!("`extends` goes in a circle: {}", round.join(" extends "));
                self.fail(code::EXTENDS, asked, &message, &[]);
                self.broken = true;
                return;
            }
            seen.push((identity, place.shown()));
            let Some(found) = self.open(&place, asked) else {
                self.broken = true;
                return;
            };
            let layer = self.parse(found);
            let section = layer.table.get("pack").map(|entry| &entry.node);
            if section.is_none() && !self.broken {
                let shown = if place.shown() == "." { "this".to_owned() } else { format!("`{}`", place.shown()) };
                let message = format!("{shown} is no pack: none of its TOML files has a `[pack]` section");
                self.fail(code::NO_PACK, asked, &message, &["write `[pack]` and `name = \"…\"` into its `pack.toml`"]);
                self.broken = true;
            }
            let table = match section.map(|node| &node.value) {
                Some(Raw::Table(table)) => Some(table),
                _ => None,
            };
            if self.layers.is_empty() {
                self.place = section.map(|node| node.span);
            } else {
                let name = table.and_then(|table| table.text("name")).map(|name| name.text.clone());
                self.extends.push(name.unwrap_or_else(|| place.shown()));
            }
            let next = table.and_then(|table| table.get("extends")).map(|entry| entry.node.clone());
            self.layers.push(layer);
            let Some(node) = next else { return };
            let Raw::Text(text) = &node.value else {
                let message = format!("`extends` must be a text, this is {}", node.value.kind());
                self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, node.span, message));
                self.broken = true;
                return;
            };
            asked = Some(text.span());
            place = self.target(&text.text, &place);
        }
    }

    /// What `extends` means: a shipped pack by name, or a folder as seen from the pack's own.
    fn target(&self, extends: &str, from: &Place) -> Place {
        let path_like = extends.contains(['/', '\\']) || extends.starts_with('.');
        match from {
            _ if !path_like && shipped::shipped(extends).is_some() => Place::Shipped(extends.to_owned()),
            Place::Folder(folder) => match (files::tidy(&folder.join(extends)), self.shelf) {
                // The pack itself, among texts, has no folder.
                (path, Shelf::Texts(_)) if path == Path::new(".") => Place::Folder(PathBuf::new()),
                (path, Shelf::Revision(tree)) => Place::Folder(tree.inside(&path).unwrap_or(path)),
                (path, _) => Place::Folder(path),
            },
            Place::Shipped(_) => Place::Folder(PathBuf::from(extends)),
        }
    }

    /// The texts of a pack. `None`, with diagnostics, if there is none.
    fn open(&mut self, place: &Place, asked: Option<Span>) -> Option<Vec<Found>> {
        match (place, self.shelf) {
            (Place::Shipped(name), _) => Some(
                shipped::shipped(name)?
                    .iter()
                    .map(|(file, text)| Found {
                        name: (*file).to_owned(),
                        shown: format!("{name}/{file}{SHIPPED}"),
                        text: (*text).to_owned(),
                    })
                    .collect(),
            ),
            (Place::Folder(folder), Shelf::Disk) => {
                self.folders.push(folder.clone());
                self.open_folder(folder, asked)
            }
            (Place::Folder(folder), Shelf::Texts(texts)) => {
                let mut found: Vec<Found> = texts
                    .iter()
                    .filter_map(|(name, text)| {
                        let inside = Path::new(name).strip_prefix(folder).ok()?.to_str()?.to_owned();
                        Some(Found { name: inside, shown: (*name).to_owned(), text: (*text).to_owned() })
                    })
                    .filter(|found| belongs(&found.name))
                    .collect();
                found.sort_by(|a, b| sorted(&a.name, &b.name));
                if found.is_empty() {
                    self.no_pack(place, asked);
                    return None;
                }
                Some(found)
            }
            (Place::Folder(folder), Shelf::Revision(tree)) => self.open_revision(folder, tree, asked),
        }
    }

    /// The texts of a pack in a folder.
    fn open_folder(&mut self, folder: &Path, asked: Option<Span>) -> Option<Vec<Found>> {
        let place = Place::Folder(folder.to_owned());
        if !files::is_folder(folder) {
            self.no_pack(&place, asked);
            return None;
        }
        let tomls = match files::list(folder, "toml") {
            Ok(names) if names.is_empty() => {
                self.no_pack(&place, asked);
                return None;
            }
            Ok(names) => names,
            Err(error) => {
                let message = format!("the folder `{}` cannot be listed: {error}", folder.display());
                self.fail(code::UNREADABLE, asked, &message, &[]);
                return None;
            }
        };
        let scripts = folder.join("scripts");
        let mut complete = true;
        let rhais = match files::inside(folder, &scripts).map(|_| files::list(&scripts, "rhai")) {
            Err(outside) => {
                self.leads_out(&scripts, &outside);
                complete = false;
                Vec::new()
            }
            Ok(Ok(names)) => names,
            Ok(Err(_)) if !files::is_folder(&scripts) => Vec::new(),
            Ok(Err(error)) => {
                let message = format!("the folder `{}` cannot be listed: {error}", scripts.display());
                self.fail(code::UNREADABLE, asked, &message, &[]);
                return None;
            }
        };
        let rhais = rhais.into_iter().map(|name| format!("scripts/{name}")).filter(|name| !is_definition(name));
        let names = tomls.into_iter().chain(rhais);
        let mut found = Vec::new();
        for name in names {
            let path = folder.join(&name);
            let real = match files::inside(folder, &path) {
                Ok(real) => real,
                Err(outside) => {
                    self.leads_out(&path, &outside);
                    complete = false;
                    continue;
                }
            };
            match files::read_ordinary(&real) {
                Ok(text) => found.push(Found { name, shown: path.display().to_string(), text }),
                Err(error) => {
                    let message = format!("`{}` cannot be read: {error}", path.display());
                    let help: &[&str] = match error {
                        files::FileError::NotUtf8 { .. } => &["save the file as UTF-8 in your editor"],
                        files::FileError::Io(_) => &[],
                    };
                    self.fail(code::UNREADABLE, asked, &message, help);
                    complete = false;
                }
            }
        }
        // The others are still parsed, so that their syntax errors come at once.
        self.broken |= !complete;
        Some(found)
    }

    /// A link in a pack that would read something else as part of it.
    fn leads_out(&mut self, link: &Path, outside: &Path) {
        let message = format!("this is a link that leads out of the pack, to `{}`, and is not read", outside.display());
        let help = "copy it into the pack; packs share files by `extends`";
        let file = self.sources.add(link.display().to_string(), "");
        self.diagnostics.push(Diagnostic::error(code::UNREADABLE, Span::new(file, 0, 0), message).help(help));
    }

    /// There is no pack at a place.
    fn no_pack(&mut self, place: &Place, asked: Option<Span>) {
        let shown = place.shown();
        let Place::Folder(folder) = place else { return };
        let known: Vec<&str> = shipped::names().collect();
        let on_disk = matches!(self.shelf, Shelf::Disk);
        let message = if on_disk && files::is_folder(folder) {
            format!("the folder `{shown}` holds no pack: there is no TOML file in it")
        } else if on_disk && files::is_file(folder) {
            format!("`{shown}` is a file, and a pack is a folder")
        } else if asked.is_some() {
            format!("`extends` names no pack: there is no shipped pack and no folder `{shown}`")
        } else {
            format!("there is no pack `{shown}`: no folder of that name, and no shipped pack")
        };
        let mut help = Vec::new();
        if on_disk && files::is_file(folder) {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            help.push(format!("give the folder it is in: `{}`", parent.display()));
        } else if on_disk && files::is_folder(folder) {
            help.push("a pack is a folder with a `pack.toml`".to_owned());
        } else {
            let last = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match crate::diag::nearest(&last, known.iter().copied()) {
                Some(name) => help.push(format!("did you mean `{name}`?")),
                None => help.push(format!("shipped packs are {}", listed(&known))),
            }
        }
        let help: Vec<&str> = help.iter().map(String::as_str).collect();
        let code = if asked.is_some() { code::EXTENDS } else { code::NO_PACK };
        self.fail(code, asked, &message, &help);
    }

    /// An error at `extends`, or without a place.
    fn fail(&mut self, code: Code, asked: Option<Span>, message: &str, help: &[&str]) {
        let mut diagnostic = match asked {
            Some(span) => Diagnostic::error(code, span, message),
            None => Diagnostic::without_place(code, message),
        };
        diagnostic.help = help.iter().map(|text| (*text).to_owned()).collect();
        self.diagnostics.push(diagnostic);
    }

    /// Parses the texts of one pack.
    fn parse(&mut self, found: Vec<Found>) -> Layer {
        let mut tables = Vec::new();
        let mut layer = Layer { table: Table::default(), scripts: Vec::new(), files: Vec::new() };
        for Found { name, shown, text } in found {
            let file = self.sources.add(shown, text.as_str());
            match name.strip_prefix("scripts/").and_then(|name| name.strip_suffix(".rhai")) {
                Some(module) => {
                    if rhai::is_valid_identifier(module) {
                        layer.scripts.push((module.to_owned(), file));
                    } else {
                        let message = format!("`{module}` cannot be called from an expression");
                        let help = "name the file with letters, digits and `_`, as in `prestige.rhai`";
                        let span = Span::new(file, 0, 0);
                        self.diagnostics.push(Diagnostic::error(code::BAD_NAME, span, message).help(help));
                    }
                }
                None => {
                    let parsed = raw::parse(file, &text, &mut self.diagnostics);
                    self.broken |= parsed.broken;
                    tables.push(parsed.table);
                }
            }
            layer.files.push((name, file));
        }
        layer.table = raw::join(tables, &mut self.diagnostics);
        layer
    }

    /// Merges and resolves what was read.
    fn finish(mut self) -> Loaded {
        let pack = if self.broken { None } else { self.resolve() };
        // The sources live on in the pack, too.
        let sources =
            pack.as_ref().map_or_else(|| Arc::new(std::mem::take(&mut self.sources)), |pack| Arc::clone(&pack.sources));
        let diagnostics = in_order(self.diagnostics);
        let pack = pack.filter(|_| !has_errors(&diagnostics)).map(Arc::new);
        Loaded { pack, sources, diagnostics, folders: self.folders }
    }

    fn resolve(&mut self) -> Option<Pack> {
        let hash = self.hash();
        let place = self.place?;
        let layers = std::mem::take(&mut self.layers);
        let layer_of: HashMap<FileId, usize> = layers
            .iter()
            .enumerate()
            .flat_map(|(index, layer)| layer.files.iter().map(move |(_, file)| (*file, index)))
            .collect();
        // Bases first, so that an overlay's functions replace theirs.
        let scripts: Vec<(String, FileId)> =
            layers.iter().rev().flat_map(|layer| layer.scripts.iter().cloned()).collect();
        let origin: Vec<super::Layer> = layers
            .iter()
            .map(|layer| super::Layer {
                name: layer.name(),
                files: layer.files.iter().map(|(_, file)| *file).collect(),
            })
            .collect();
        let tables: Vec<Table> = layers.into_iter().rev().map(|layer| layer.table).collect();
        let mut merged = overlay::merge(tables, &mut self.diagnostics);
        let limits = limits(&merged.table, &mut self.diagnostics);
        let scripts = Scripts::compile(&scripts, &self.sources, &limits, &mut self.diagnostics);
        merged.overrides.extend(plugins::settle(&mut merged.table, &scripts, &layer_of));
        let context = Context {
            sources: Arc::new(std::mem::take(&mut self.sources)),
            scripts: Arc::new(scripts),
            extends: std::mem::take(&mut self.extends),
            hash,
            place,
            layers: origin,
            overrides: merged.overrides,
        };
        let pack = resolve(Arc::new(merged.table), context, &mut self.diagnostics);
        hints::add(&mut self.diagnostics, &merged.removed, &layer_of, &pack);
        Some(pack)
    }

    /// SHA-256 over name, 0, text, 0 of every file, sorted by name, of the pack and then of what it extends.
    fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for layer in &self.layers {
            let mut files: Vec<&(String, FileId)> = layer.files.iter().collect();
            files.sort();
            for (name, file) in files {
                let text = self.sources.get(*file).map_or("", |source| source.text.as_ref());
                for part in [name, text] {
                    hasher.update(part.as_bytes());
                    hasher.update([0]);
                }
            }
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether a text is part of a pack: TOML directly in the folder, Rhai in `scripts`.
fn belongs(name: &str) -> bool {
    match name.split_once('/') {
        None => name.ends_with(".toml"),
        Some((folder, file)) => {
            folder == "scripts" && file.ends_with(".rhai") && !file.contains('/') && !is_definition(file)
        }
    }
}

/// Whether a file is for editors only: what scripts may call, as `regain schema --rhai` writes it.
fn is_definition(name: &str) -> bool {
    name.ends_with(".d.rhai")
}

/// TOML before scripts, each by name.
fn sorted(a: &str, b: &str) -> std::cmp::Ordering {
    (a.contains('/'), a).cmp(&(b.contains('/'), b))
}

/// By file and place, those without a place first; the same finding only once.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // What could not be put in its place stands at the end, where it may well be unreachable.
    if diagnostics.iter().any(|diagnostic| diagnostic.code == code::BAD_OVERLAY) {
        diagnostics.retain(|diagnostic| diagnostic.code != code::UNREACHABLE);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
    diagnostics.dedup();
    diagnostics
}
