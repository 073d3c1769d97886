//! Waiting until files may have changed: told by the system where it can, by looking again and again where it cannot.
//!
//! What is told is a hint, no more: editors write in many ways, and a hint may be late, doubled or lost. So a [`Watcher`] only says
//! when it is worth to look, after things have been quiet for a moment; what has changed is for a [`super::Snapshot`] to say. And where
//! hints come, it still looks at the times of the files now and then, so that one that never came costs seconds, not the change.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::snapshot::{Places, Stamps};
use super::{canonical, is_folder, mounts};

/// How often files are looked at where nothing tells and nobody said how often.
const EVERY: Duration = Duration::from_secs(1);
/// How often files are looked at where hints come: for those that do not.
const SAFETY: Duration = Duration::from_secs(3);
/// Somebody who writes without a pause is waited for no longer than so many times the quiet moment.
const PATIENCE: u32 = 25;

/// How changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The system tells.
    Told,
    /// The files are looked at again and again.
    Polling {
        /// How often.
        every: Duration,
        /// Why the system does not tell; `None` if it was asked for so.
        because: Option<String>,
    },
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            How::Told => f.write_str("told by the system"),
            How::Polling { every, because } => {
                let seconds = every.as_secs_f64();
                let unit = if every.as_millis() == 1000 { "second".to_owned() } else { format!("{seconds} seconds") };
                write!(f, "looking every {unit}")?;
                because.as_ref().map_or(Ok(()), |because| write!(f, ", because {because}"))
            }
        }
    }
}

/// What waiting ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something may have changed; the first sign of it came then.
    Changed(Instant),
    /// Nothing happened in the time given.
    Quiet,
    /// A [`Nudge`] ended it.
    Ended,
}

/// Wakes a [`Watcher`] from another thread.
#[derive(Debug, Clone)]
pub struct Nudge(Sender<Hint>);

impl Nudge {
    /// Look now.
    pub fn look(&self) {
        let _ = self.0.send(Hint::Look);
    }

    /// Wait no more.
    pub fn end(&self) {
        let _ = self.0.send(Hint::End);
    }
}

/// What arrives from outside.
#[derive(Debug)]
enum Hint {
    /// Something happened to these paths; whether names came or went.
    Touched {
        paths: Vec<PathBuf>,
        names: bool,
        at: Instant,
    },
    /// The system lost count.
    Lost,
    /// The system can tell no more, and why.
    Failed(String),
    Look,
    End,
}

/// Which of a folder's hints matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Interest {
    /// Files and folders with these names.
    names: BTreeSet<OsString>,
    /// Files with these endings.
    endings: BTreeSet<&'static str>,
    /// Everything: there are links in it, and any name may be a part of what they lead to.
    all: bool,
}

impl Interest {
    fn takes(&self, name: &OsStr) -> bool {
        let ending = Path::new(name).extension();
        let hidden = name.to_string_lossy().starts_with('.');
        self.all
            || self.names.contains(name)
            || (!hidden && ending.is_some_and(|ending| self.endings.iter().any(|known| *known == ending)))
    }
}

/// Waits for changes of [`Places`].
#[derive(Debug)]
pub struct Watcher {
    native: Option<RecommendedWatcher>,
    how: How,
    quiet: Duration,
    places: Places,
    /// The folders the system was asked about, and what of them matters. Absolute.
    armed: BTreeMap<PathBuf, Interest>,
    /// Armed folders that are perhaps no longer the ones that were armed.
    doubtful: BTreeSet<PathBuf>,
    stamps: Stamps,
    hints: Receiver<Hint>,
    sender: Sender<Hint>,
}

impl Watcher {
    /// Watches places. A change is told when nothing more has happened for `quiet`. With `poll`, files are looked at as often as
    /// that; without it, too, where the system does not tell: on file systems of other machines, or if its limits are reached.
    #[must_use]
    pub fn new(places: &Places, quiet: Duration, poll: Option<Duration>) -> Watcher {
        let (sender, hints) = mpsc::channel();
        let mut watcher = Watcher {
            native: None,
            how: How::Polling { every: poll.unwrap_or(EVERY), because: None },
            quiet,
            places: Places::default(),
            armed: BTreeMap::new(),
            doubtful: BTreeSet::new(),
            stamps: Stamps::default(),
            hints,
            sender,
        };
        if poll.is_none() {
            match watcher.told() {
                Ok(native) => {
                    watcher.native = Some(native);
                    watcher.how = How::Told;
                }
                Err(error) => watcher.poll_because(&error),
            }
        }
        watcher.follow(places);
        watcher
    }

    /// The system's own watcher, still watching nothing.
    fn told(&self) -> Result<RecommendedWatcher, String> {
        let sender = self.sender.clone();
        let handler = move |event: notify::Result<notify::Event>| {
            // Nobody is left to tell if the receiver is gone.
            let _ = match event {
                Ok(event) if event.need_rescan() => sender.send(Hint::Lost),
                Ok(event) => match names(event.kind) {
                    Some(names) => sender.send(Hint::Touched { paths: event.paths, names, at: Instant::now() }),
                    None => Ok(()),
                },
                Err(error) => sender.send(match error.kind {
                    notify::ErrorKind::MaxFilesWatch => Hint::Failed(reason(&error)),
                    _ => Hint::Lost,
                }),
            };
        };
        RecommendedWatcher::new(handler, notify::Config::default()).map_err(|error| reason(&error))
    }

    /// How changes are noticed.
    #[must_use]
    pub fn how(&self) -> &How {
        &self.how
    }

    /// What wakes it from another thread.
    #[must_use]
    pub fn nudge(&self) -> Nudge {
        Nudge(self.sender.clone())
    }

    /// Watches other places from now on. What changed before is not told.
    pub fn follow(&mut self, places: &Places) {
        if self.places != *places {
            self.places = places.clone();
            let far =
                self.places.folders().map(|(folder, _)| folder).chain(self.places.files()).find_map(mounts::remote);
            if let (How::Told, Some(kind)) = (&self.how, far) {
                self.poll_because(&format!("the system does not tell of changes on `{kind}`"));
            }
        }
        self.arm();
        self.stamps = Stamps::take(&self.places);
    }

    /// Waits for a change, and then until it has been quiet; without a change no longer than `at_most`.
    pub fn wait(&mut self, at_most: Option<Duration>) -> Wake {
        let until = at_most.and_then(|time| Instant::now().checked_add(time));
        loop {
            let rest = until.map(|until| until.saturating_duration_since(Instant::now()));
            let every = match self.how {
                How::Told => SAFETY,
                How::Polling { every, .. } => every,
            };
            let hint = self.hints.recv_timeout(rest.map_or(every, |rest| rest.min(every)));
            let first = match hint {
                Ok(Hint::End) | Err(RecvTimeoutError::Disconnected) => return Wake::Ended,
                Ok(hint) => match self.matters(hint) {
                    Some(at) => at,
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => {
                    let now = Stamps::take(&self.places);
                    let polling = self.native.is_none();
                    if now == self.stamps && !(polling && now.is_fresh()) {
                        if until.is_some_and(|until| Instant::now() >= until) {
                            return Wake::Quiet;
                        }
                        continue;
                    }
                    if now != self.stamps {
                        // Nothing told of it: what is armed may be something else by now.
                        self.doubtful.extend(self.armed.keys().cloned());
                    }
                    Instant::now()
                }
            };
            let ended = self.settle();
            self.arm();
            self.stamps = Stamps::take(&self.places);
            return if ended { Wake::Ended } else { Wake::Changed(first) };
        }
    }

    /// Waits until nothing has happened for a moment. Whether it was told to end.
    fn settle(&mut self) -> bool {
        let start = Instant::now();
        let mut stamps = Stamps::take(&self.places);
        let mut last = start;
        loop {
            let rest = self.quiet.saturating_sub(last.elapsed());
            if rest.is_zero() || start.elapsed() > self.quiet.saturating_mul(PATIENCE) {
                return false;
            }
            match self.hints.recv_timeout(rest) {
                Ok(Hint::End) | Err(RecvTimeoutError::Disconnected) => return true,
                Ok(hint) => last = self.matters(hint).map_or(last, |at| at.max(last)),
                Err(RecvTimeoutError::Timeout) if self.native.is_none() => {
                    let now = Stamps::take(&self.places);
                    if now != stamps {
                        stamps = now;
                        last = Instant::now();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// When a hint came, if it is about something that is watched.
    fn matters(&mut self, hint: Hint) -> Option<Instant> {
        match hint {
            Hint::Touched { paths, names, at } => {
                let mut matters = false;
                for path in &paths {
                    // Of a folder itself: it went, or it is another one now.
                    let is_armed = self.armed.contains_key(path);
                    if is_armed && names {
                        self.doubtful.insert(path.clone());
                    }
                    let known = path.parent().and_then(|folder| self.armed.get(folder));
                    matters |= match (known, path.file_name()) {
                        (Some(interest), Some(name)) => interest.takes(name) || (is_armed && names),
                        // Told under another name of the folder.
                        _ => true,
                    };
                }
                matters.then_some(at)
            }
            Hint::Lost => {
                self.doubtful.extend(self.armed.keys().cloned());
                Some(Instant::now())
            }
            Hint::Failed(reason) => {
                self.poll_because(&reason);
                Some(Instant::now())
            }
            Hint::Look => Some(Instant::now()),
            // Who calls this has looked for it.
            Hint::End => None,
        }
    }

    /// From now on by looking.
    fn poll_because(&mut self, because: &str) {
        self.native = None;
        self.armed.clear();
        self.doubtful.clear();
        self.how = How::Polling { every: EVERY, because: Some(because.to_owned()) };
    }

    /// Asks the system about what there is to watch now.
    fn arm(&mut self) {
        let Some(native) = &mut self.native else { return };
        let wanted = wanted(&self.places);
        let stale: Vec<PathBuf> = self
            .armed
            .keys()
            .filter(|path| !wanted.contains_key(*path) || self.doubtful.contains(*path))
            .cloned()
            .collect();
        for path in stale {
            // One that is gone has ended by itself.
            let _ = native.unwatch(&path);
            self.armed.remove(&path);
        }
        self.doubtful.clear();
        let mut failed = None;
        for (path, interest) in wanted {
            if !self.armed.contains_key(&path)
                && let Err(error) = native.watch(&path, RecursiveMode::NonRecursive)
            {
                match error.kind {
                    // It has gone just now: then another hint is on its way.
                    notify::ErrorKind::PathNotFound => continue,
                    notify::ErrorKind::Io(ref error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    _ => failed = Some(reason(&error)),
                }
                break;
            }
            self.armed.insert(path, interest);
        }
        if let Some(reason) = failed {
            self.poll_because(&reason);
        }
    }
}

/// Whether an event is worth a look, and whether names came or went with it. Reading is no change.
fn names(kind: EventKind) -> Option<bool> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(false),
        EventKind::Access(_) => None,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => Some(true),
        EventKind::Modify(_) => Some(false),
        EventKind::Any | EventKind::Other => Some(true),
    }
}

/// Why the system does not tell, in words.
fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches as many files as it may (`fs.inotify.max_user_watches`)".to_owned()
        }
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
            "the system has as many watchers as it may (`fs.inotify.max_user_instances`)".to_owned()
        }
        notify::ErrorKind::Io(error) => format!("the system does not tell of changes: {error}"),
        _ => format!("the system does not tell of changes: {error}"),
    }
}

/// The folders to ask about: those of the places, the ones above them (where one is removed and made again), the nearest that is there
/// for one that is not, and where links lead to.
fn wanted(places: &Places) -> BTreeMap<PathBuf, Interest> {
    let mut wanted: BTreeMap<PathBuf, Interest> = BTreeMap::new();
    for (folder, ending) in places.folders() {
        let folder = absolute(folder);
        let lies = canonical(&folder);
        for folder in if lies == folder { vec![folder] } else { vec![folder, lies] } {
            if is_folder(&folder) {
                wanted.entry(folder.clone()).or_default().endings.insert(ending);
            }
            above(&folder, &mut wanted);
        }
    }
    for file in places.files() {
        above(&absolute(file), &mut wanted);
    }
    let links = places.present().into_iter().filter(|file| file.symlink_metadata().is_ok_and(|meta| meta.is_symlink()));
    for file in links.map(|file| absolute(&file)) {
        if let Some(interest) = file.parent().and_then(|folder| wanted.get_mut(folder)) {
            interest.all = true;
        }
        above(&canonical(&file), &mut wanted);
    }
    wanted
}

/// The folder a path is in; if that is not there, the nearest above it that is.
fn above(path: &Path, wanted: &mut BTreeMap<PathBuf, Interest>) {
    let mut name = path.file_name();
    for folder in path.ancestors().skip(1) {
        if is_folder(folder) {
            if let Some(name) = name {
                wanted.entry(folder.to_owned()).or_default().names.insert(name.to_owned());
            }
            return;
        }
        name = folder.file_name();
    }
}

/// As the system names it in its hints.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| super::tidy(&path))
}

#[cfg(test)]
mod tests;
