//! A handle on rules that may change at any time, for programs that embed regain.

mod build;
mod event;
mod keep;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use event::{Event, OpenError, Rules, What};

use build::{Origin, Population};
use keep::Keeper;

use crate::diag::{Diagnostic, code};
use crate::expr::Date;
use crate::files::{How, Nudge, Places, Watcher};
use crate::pack::Loaded;
use crate::reference::Reference;
use crate::stage::Program;

/// Rules in force, kept as new as their files.
///
/// A host reads a pack, watches every file it is made of, and puts each change in force as soon as it is complete and without
/// errors. Until then, and for as long as there are errors, the last good rules stay in force. Reading them never waits, not even
/// while others are being loaded.
///
/// Dropping it ends its thread.
///
/// ```no_run
/// use regain::watch::{Host, What};
///
/// let host = Host::open("rules/ours")?;
/// let events = host.events();
/// std::thread::spawn(move || {
///     for event in events {
///         match event.what {
///             What::Reloaded { rules, .. } => println!("generation {} decides", rules.generation),
///             What::Broken { rules, .. } => println!("errors; generation {} still decides", rules.generation),
///             What::Watching(how) => println!("changes are noticed by {how}"),
///         }
///     }
/// });
/// # let batches: Vec<arrow::array::RecordBatch> = Vec::new();
/// for batch in batches {
///     // The newest good rules, for this whole batch.
///     let decisions = host.program().apply(&batch)?.decisions;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Host {
    keeper: Arc<Keeper>,
    watching: Option<Watching>,
}

/// The thread that follows the files.
struct Watching {
    nudge: Nudge,
    thread: Option<JoinHandle<()>>,
}

/// How a [`Host`] is opened; from [`Host::builder`].
pub struct Builder {
    origin: Origin,
    population: Population,
    as_of: Option<Date>,
    debounce: Duration,
    grace: Duration,
    poll: Option<Duration>,
    watching: bool,
}

impl Builder {
    fn new(origin: Origin) -> Builder {
        Builder {
            origin,
            population: Population::Beside,
            as_of: None,
            debounce: Duration::from_millis(40),
            grace: Duration::from_millis(150),
            poll: None,
            watching: true,
        }
    }

    /// The day to decide for. Default: the day of opening, in UTC; it does not move on by itself, see [`Host::decide_as_of`].
    #[must_use]
    pub fn as_of(mut self, date: Date) -> Builder {
        self.as_of = Some(date);
        self
    }

    /// The population that `rank` criteria are measured against. Default: `reference/population.toml` in the pack's folder, if there is
    /// one.
    #[must_use]
    pub fn reference(mut self, reference: Arc<Reference>) -> Builder {
        self.population = Population::Given(reference);
        self
    }

    /// The file of that population; it is watched, too.
    #[must_use]
    pub fn reference_file(mut self, file: impl Into<PathBuf>) -> Builder {
        self.population = Population::File(file.into());
        self
    }

    /// How long files must be left alone before they are read. Default: 40 ms.
    #[must_use]
    pub fn debounce(mut self, time: Duration) -> Builder {
        self.debounce = time;
        self
    }

    /// How long a file that has gone, or is empty of a sudden, may take to come back before that counts. Default: 150 ms.
    #[must_use]
    pub fn grace(mut self, time: Duration) -> Builder {
        self.grace = time;
        self
    }

    /// Look at the files as often as that instead of being told of changes. Without it that is done once a second where the
    /// system does not tell: on file systems of other machines, or when its limits are reached.
    #[must_use]
    pub fn poll(mut self, every: Duration) -> Builder {
        self.poll = Some(every);
        self
    }

    /// Whether to watch at all. Default: yes. Without, only [`Host::reload`] looks at the files.
    #[must_use]
    pub fn watching(mut self, watching: bool) -> Builder {
        self.watching = watching;
        self
    }

    /// Reads the rules and begins to watch them.
    ///
    /// # Errors
    /// The rules have errors, or there are none.
    pub fn open(self) -> Result<Host, OpenError> {
        let as_of = match self.as_of {
            Some(date) => date,
            None => today().ok_or_else(|| OpenError {
                diagnostics: Arc::new([Diagnostic::without_place(code::UNREADABLE, "the clock shows no usable date")]),
                sources: Arc::default(),
            })?,
        };
        let keeper = Arc::new(Keeper::open(self.origin, self.population, as_of, (self.debounce, self.grace))?);
        let mut host = Host { keeper, watching: None };
        let places = host.keeper.places();
        if self.watching && !places.is_empty() {
            host.watch(&places, self.debounce, self.poll);
        }
        Ok(host)
    }
}

impl Host {
    /// Opens a pack, a folder or the name of a shipped one, and watches it.
    ///
    /// # Errors
    /// The rules have errors, or there are none.
    pub fn open(pack: &str) -> Result<Host, OpenError> {
        Host::builder(pack).open()
    }

    /// Opens a pack without watching it: only [`Host::reload`] looks at the files.
    ///
    /// # Errors
    /// The rules have errors, or there are none.
    pub fn open_unwatched(pack: &str) -> Result<Host, OpenError> {
        Host::builder(pack).watching(false).open()
    }

    /// To open a pack with other settings.
    #[must_use]
    pub fn builder(pack: &str) -> Builder {
        Builder::new(Origin::Pack(pack.to_owned()))
    }

    /// To open rules that are no files: from a database, a message, an archive. Nothing is watched; [`Host::reload`] asks again.
    ///
    /// ```
    /// use regain::{pack, watch::Host};
    ///
    /// let host = Host::builder_from(|| {
    ///     pack::load_from_texts(&[("pack.toml", "[pack]\nname = \"tiny\"\n[record]\nkey = \"id\"\n[[states]]\nname = \"active\"")])
    /// })
    /// .open()?;
    /// assert_eq!(host.rules().pack.identity.name, "tiny");
    /// assert!(host.reload().is_none(), "nothing has changed");
    /// # Ok::<(), regain::watch::OpenError>(())
    /// ```
    #[must_use]
    pub fn builder_from(load: impl Fn() -> Loaded + Send + Sync + 'static) -> Builder {
        Builder::new(Origin::Elsewhere(Box::new(load)))
    }

    /// The newest good rules, compiled. Never waits.
    #[must_use]
    pub fn program(&self) -> Arc<Program> {
        Arc::clone(&self.keeper.rules.load().program)
    }

    /// The newest good rules: pack, program and context of one version. Never waits.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.keeper.rules.load_full()
    }

    /// Everything that happens from now on, in order, each once. Every receiver gets all events; what is not fetched waits in
    /// memory, with the rules it speaks of, until the receiver is dropped.
    #[must_use]
    pub fn events(&self) -> Receiver<Event> {
        self.keeper.subscribe()
    }

    /// Looks at the files now, without waiting for them to be left alone. What it led to; `None` if nothing has changed.
    /// Receivers get the event, too.
    pub fn reload(&self) -> Option<Event> {
        let event = self.keeper.reload();
        self.nudge(&event);
        event
    }

    /// Decides as of another day from now on: the same rules, as a new generation. `None` if it is that day already.
    pub fn decide_as_of(&self, date: Date) -> Option<Event> {
        let event = self.keeper.decide_as_of(date);
        self.nudge(&event);
        event
    }

    /// How changes are noticed; `None` if nothing is watched. When it changes, an event tells.
    #[must_use]
    pub fn how(&self) -> Option<How> {
        self.keeper.how()
    }

    /// The files and folders its rules are made of, or would be.
    #[must_use]
    pub fn places(&self) -> Places {
        self.keeper.places()
    }

    /// The thread may have other places to watch.
    fn nudge(&self, event: &Option<Event>) {
        if let (Some(_), Some(watching)) = (event, &self.watching) {
            watching.nudge.look();
        }
    }

    fn watch(&mut self, places: &Places, debounce: Duration, poll: Option<Duration>) {
        let watcher = Watcher::new(places, debounce, poll);
        let (nudge, how) = (watcher.nudge(), watcher.how().clone());
        // What changed between reading and watching is seen now.
        nudge.look();
        let keeper = Arc::clone(&self.keeper);
        let thread = thread::Builder::new().name("regain watch".to_owned()).spawn(move || keeper.watch(watcher));
        // A machine without room for a thread still gets its rules; they are then only as new as the last `reload`.
        if let Ok(thread) = thread {
            self.watching = Some(Watching { nudge, thread: Some(thread) });
            self.keeper.set_how(how);
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(watching) = &mut self.watching {
            watching.nudge.end();
            if let Some(thread) = watching.thread.take() {
                // A thread that failed has nothing more to do either.
                let _ = thread.join();
            }
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rules = self.rules();
        let identity = &rules.pack.identity;
        f.debug_struct("Host")
            .field("pack", &format_args!("{} {}", identity.name, identity.version))
            .field("generation", &rules.generation)
            .field("how", &self.how())
            .finish()
    }
}

/// The day of opening, in UTC.
fn today() -> Option<Date> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds / 86_400).ok().and_then(Date::from_days)
}
