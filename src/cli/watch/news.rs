//! What happened since the screen was last written: several events at once, if deciding took longer than the next save.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Instant, SystemTime};

use crate::diag::{Diagnostic, Sources};
use crate::files::{Change, ChangeKind, How};
use crate::watch::{Event, Rules, What};

/// Events as one.
#[derive(Debug)]
pub(super) struct News {
    /// When the last of them happened.
    pub(super) at: SystemTime,
    /// When the first sign of the first was noticed.
    pub(super) noticed: Instant,
    /// What is otherwise than before all of them.
    pub(super) files: Vec<Change>,
    /// The newest rules, if there are new ones.
    pub(super) rules: Option<Arc<Rules>>,
    /// Whether there were errors before these.
    pub(super) mended: bool,
    /// The errors there are now.
    pub(super) broken: Option<Broken>,
    /// How changes are noticed from now on.
    pub(super) watching: Vec<How>,
}

/// Files with errors.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) diagnostics: Arc<[Diagnostic]>,
    pub(super) sources: Arc<Sources>,
    /// Those that stay in force.
    pub(super) rules: Arc<Rules>,
}

impl News {
    /// One event, and what has come in meanwhile: only the last of several versions is worth deciding by.
    pub(super) fn of(first: Event, more: &Receiver<Event>) -> News {
        let mut news = News {
            at: first.at,
            noticed: first.noticed,
            files: Vec::new(),
            rules: None,
            mended: false,
            broken: None,
            watching: Vec::new(),
        };
        let mut files = BTreeMap::new();
        for event in std::iter::once(first).chain(more.try_iter()) {
            news.at = event.at;
            event.files.iter().for_each(|change| also(&mut files, change));
            match event.what {
                What::Reloaded { rules, mended, .. } => {
                    news.rules = Some(rules);
                    news.mended |= mended;
                    news.broken = None;
                }
                What::Broken { diagnostics, sources, rules } => {
                    news.broken = Some(Broken { diagnostics, sources, rules });
                }
                What::Watching(how) => news.watching.push(how),
            }
        }
        news.files = files.into_iter().map(|(path, kind)| Change { path, kind }).collect();
        news
    }

    /// The files, as many as fit: `states.toml, scripts/prestige.rhai added`. Folders are named where there is more than one.
    pub(super) fn files(&self) -> String {
        let folder = |path: &PathBuf| pack_of(path);
        let first = self.files.first().map(|change| folder(&change.path));
        let one = self.files.iter().all(|change| Some(folder(&change.path)) == first);
        let shown = self.files.iter().map(|change| {
            let path = match &first {
                Some(first) if one => change.path.strip_prefix(first).unwrap_or(&change.path),
                _ => &change.path,
            };
            let what = match change.kind {
                ChangeKind::Changed => String::new(),
                kind => format!(" {}", kind.word()),
            };
            format!("{}{what}", path.display())
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// The pack's folder of one of its files.
fn pack_of(path: &std::path::Path) -> PathBuf {
    let folder = path.parent().unwrap_or(path);
    let inner = folder.file_name().is_some_and(|name| name == "scripts" || name == "reference");
    if inner { folder.parent().unwrap_or(folder).to_owned() } else { folder.to_owned() }
}

/// A later change of the same file on top of the earlier.
fn also(files: &mut BTreeMap<PathBuf, ChangeKind>, change: &Change) {
    let kind = match (files.get(&change.path), change.kind) {
        (Some(ChangeKind::Added), ChangeKind::Removed) => {
            files.remove(&change.path);
            return;
        }
        (Some(ChangeKind::Added), _) => ChangeKind::Added,
        (Some(ChangeKind::Removed), ChangeKind::Added) => ChangeKind::Changed,
        (_, kind) => kind,
    };
    files.insert(change.path.clone(), kind);
}
