//! Keeps the last good rules in force: looks at the files, builds what they say, swaps, and tells who listens.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;

use super::build::{Built, Origin, Population, Ready, build};
use super::event::{Event, OpenError, Rules, What};
use crate::diag::{Diagnostic, Sources};
use crate::expr::Date;
use crate::files::{Change, How, Places, Snapshot, Wake, Watcher};
use crate::stage::{Context, Program};

/// How often rules are built again because their files changed meanwhile, before what was read is taken as it is.
const ATTEMPTS: u32 = 20;

/// What the host's thread and its owner share.
pub(super) struct Keeper {
    origin: Origin,
    population: Population,
    /// How long something that has gone may take to come back.
    grace: Duration,
    quiet: Duration,
    /// Read without waiting, by anybody at any time.
    pub(super) rules: ArcSwap<Rules>,
    /// Who has it may put other rules in force.
    state: Mutex<State>,
}

struct State {
    as_of: Date,
    /// The files at the last event.
    seen: Snapshot,
    places: Places,
    /// Those of the rules in force: what is broken may not say what it extends.
    good: Places,
    /// The texts at the last event, where there are no files.
    texts: Option<Arc<Sources>>,
    broken: bool,
    /// Of the last event.
    number: u64,
    how: Option<How>,
    subscribers: Vec<Sender<Event>>,
}

/// What one attempt to build came to.
enum Attempt {
    /// The files changed while they were read.
    Unsettled,
    /// There is nothing new.
    Same,
    Event(Event),
}

impl Keeper {
    /// Builds the first rules.
    pub(super) fn open(
        origin: Origin,
        population: Population,
        as_of: Date,
        (quiet, grace): (Duration, Duration),
    ) -> Result<Keeper, OpenError> {
        let mut built = build(&origin, &population, as_of);
        let mut seen = Snapshot::take(&built.places);
        // Which files there are is only known when they have been read; so they are read again, until they are what they were.
        for _ in 0..if built.places.is_empty() { 0 } else { ATTEMPTS } {
            built = build(&origin, &population, as_of);
            let now = Snapshot::take(&built.places);
            if std::mem::replace(&mut seen, now) == seen {
                break;
            }
        }
        let Built { ready, diagnostics, sources, places } = built;
        let Some(ready) = ready else { return Err(OpenError { diagnostics: diagnostics.into(), sources }) };
        let state = State {
            as_of,
            seen,
            good: places.clone(),
            places,
            texts: Some(sources).filter(|_| matches!(origin, Origin::Elsewhere(_))),
            broken: false,
            number: 0,
            how: None,
            subscribers: Vec::new(),
        };
        let rules = ArcSwap::from_pointee(rules(ready, diagnostics, 1));
        Ok(Keeper { origin, population, grace, quiet, rules, state: Mutex::new(state) })
    }

    /// Nothing done under the lock leaves it half done; a panic elsewhere is no reason to stop.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every event from now on.
    pub(super) fn subscribe(&self) -> Receiver<Event> {
        let (sender, receiver) = mpsc::channel();
        self.lock().subscribers.push(sender);
        receiver
    }

    /// What there is to watch.
    pub(super) fn places(&self) -> Places {
        self.lock().places.clone()
    }

    /// Looks now, and takes what is there.
    pub(super) fn reload(&self) -> Option<Event> {
        let noticed = Instant::now();
        let mut state = self.lock();
        for attempt in 0..=ATTEMPTS {
            let now = Snapshot::take(&state.places);
            if now == state.seen && matches!(self.origin, Origin::Pack(_)) {
                return None;
            }
            match self.attempt(&mut state, now, noticed, attempt == ATTEMPTS) {
                Attempt::Unsettled => {}
                Attempt::Same => return None,
                Attempt::Event(event) => return Some(event),
            }
        }
        None
    }

    /// Decides as of another day by the rules in force, whether or not the files have errors now.
    pub(super) fn decide_as_of(&self, as_of: Date) -> Option<Event> {
        let noticed = Instant::now();
        let mut state = self.lock();
        if std::mem::replace(&mut state.as_of, as_of) == as_of {
            return None;
        }
        let before = self.rules.load_full();
        let context = Context { as_of, reference: Arc::clone(&before.context.reference) };
        let rules = Arc::new(Rules {
            program: Arc::new(Program::compile(&before.pack, &context)),
            context,
            generation: before.generation.saturating_add(1),
            since: SystemTime::now(),
            ..Rules::clone(&before)
        });
        self.rules.store(Arc::clone(&rules));
        Some(self.publish(&mut state, Vec::new(), noticed, What::Reloaded { rules, before, mended: false }))
    }

    /// How changes are noticed; `None` if nothing is watched.
    pub(super) fn how(&self) -> Option<How> {
        self.lock().how.clone()
    }

    /// The files are watched from now on.
    pub(super) fn set_how(&self, how: How) {
        self.lock().how = Some(how);
    }

    /// Follows the files until it is told to end: the host's thread.
    pub(super) fn watch(&self, mut watcher: Watcher) {
        let mut how = watcher.how().clone();
        loop {
            let Wake::Changed(noticed) = watcher.wait(None) else { return };
            if !self.look(noticed, &mut watcher) {
                return;
            }
            if *watcher.how() != how {
                how = watcher.how().clone();
                let mut state = self.lock();
                state.how = Some(how.clone());
                self.publish(&mut state, Vec::new(), noticed, What::Watching(how.clone()));
            }
        }
    }

    /// Something may have changed. Whether to go on.
    fn look(&self, noticed: Instant, watcher: &mut Watcher) -> bool {
        let mut attempts = 0;
        loop {
            let mut state = self.lock();
            // First watched, then read: what changes in between is told.
            watcher.follow(&state.places);
            let now = Snapshot::take(&state.places);
            if now == state.seen {
                return true;
            }
            let mut pause = self.quiet;
            let waited = noticed.elapsed();
            if now.lacks_some_of(&state.seen) && waited < self.grace {
                // An editor, or a checkout, between taking away and putting back.
                pause = self.grace.saturating_sub(waited);
            } else {
                attempts += 1;
                match self.attempt(&mut state, now, noticed, attempts > ATTEMPTS) {
                    Attempt::Unsettled => {}
                    Attempt::Same | Attempt::Event(_) => {
                        watcher.follow(&state.places);
                        return true;
                    }
                }
            }
            drop(state);
            if watcher.wait(Some(pause)) == Wake::Ended {
                return false;
            }
        }
    }

    /// Builds what the files say, and publishes it if they said the same before and after, or if this is the last attempt.
    fn attempt(&self, state: &mut State, before: Snapshot, noticed: Instant, last: bool) -> Attempt {
        let Built { ready, diagnostics, sources, mut places } = build(&self.origin, &self.population, state.as_of);
        if ready.is_none() {
            places.extend(&state.good);
        }
        let followed = places != state.places;
        let now = Snapshot::take(&places);
        if followed {
            state.places = places.clone();
        }
        if !last && (followed || now != before) {
            return Attempt::Unsettled;
        }
        if matches!(self.origin, Origin::Elsewhere(_)) {
            let same = state.texts.as_ref().is_some_and(|texts| same_texts(texts, &sources));
            if same && ready.is_none() == state.broken && now == state.seen {
                return Attempt::Same;
            }
            state.texts = Some(Arc::clone(&sources));
        }
        let files = now.changes_since(&state.seen);
        state.seen = now;
        let before = self.rules.load_full();
        let what = match ready {
            Some(ready) => {
                state.good = places;
                let rules = Arc::new(rules(ready, diagnostics, before.generation.saturating_add(1)));
                self.rules.store(Arc::clone(&rules));
                What::Reloaded { rules, before, mended: std::mem::replace(&mut state.broken, false) }
            }
            None => {
                state.broken = true;
                What::Broken { diagnostics: diagnostics.into(), sources, rules: before }
            }
        };
        Attempt::Event(self.publish(state, files, noticed, what))
    }

    /// Tells everybody. Under the lock, so that all get all in one order.
    fn publish(&self, state: &mut State, files: Vec<Change>, noticed: Instant, what: What) -> Event {
        state.number = state.number.saturating_add(1);
        let event = Event { number: state.number, at: SystemTime::now(), noticed, files: files.into(), what };
        state.subscribers.retain(|subscriber| subscriber.send(event.clone()).is_ok());
        event
    }
}

fn rules(ready: Ready, warnings: Vec<Diagnostic>, generation: u64) -> Rules {
    let Ready { pack, program, context, reference } = ready;
    Rules { pack, program, context, reference, generation, since: SystemTime::now(), warnings: warnings.into() }
}

fn same_texts(one: &Sources, other: &Sources) -> bool {
    let texts = |sources: &Sources| -> Vec<(String, Arc<str>)> {
        sources.iter().map(|(_, source)| (source.name.clone(), Arc::clone(&source.text))).collect()
    };
    texts(one) == texts(other)
}
