//! How long calls may take: steps of one call, seconds of one call, seconds of all calls of a batch.
//!
//! Steps are limited first, and a call at its limit of steps ends in milliseconds. But Rhai waits a moment for a value that is
//! locked, and a script could make it wait again and again; no count of steps sees that. And many slow calls, each within its
//! steps, can hold up a run. Those are what the clock is for.
//!
//! Steps are counted here because Rhai itself forgets those of a closure that a method such as `map` calls.

use std::cell::Cell;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine};

/// Far beyond what a call within its limits needs, so that the clock decides about nothing but a call that hangs.
const PATIENCE: Duration = Duration::from_secs(2);
/// The clock is looked at every so many steps.
const STEPS: u64 = 64;

/// Why calls are stopped. The texts go through Rhai's error, which can carry a value.
const OVER_STEPS: i64 = 1;
const OVER_PATIENCE: i64 = 2;
const OVER_BATCH: i64 = 3;

thread_local! {
    static CALL: Cell<Option<Clock>> = const { Cell::new(None) };
    static STEPS_TAKEN: Cell<u64> = const { Cell::new(0) };
    static BATCH: Cell<Option<Spending>> = const { Cell::new(None) };
}

/// When a call began, and when it has to end.
#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
    longest: Duration,
    /// What is over if it takes longer.
    over: i64,
}

/// What the calls of a batch have taken, with what is done between them.
#[derive(Clone, Copy)]
struct Spending {
    limit: Duration,
    spent: Duration,
    /// When the last call ended. The next begins right after it, and looking at the clock twice would cost as much as a
    /// short call itself.
    last: Option<Instant>,
}

/// Calls on this thread belong to one batch of rows while this lives: together they may take so long, and those that are left
/// then fail.
#[derive(Debug)]
pub struct Batch {
    /// What was counted around it.
    outer: Option<Spending>,
    /// Stays on its thread.
    bound: PhantomData<*const ()>,
}

impl std::fmt::Debug for Spending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} of {:?}", self.spent, self.limit)
    }
}

/// Begins a batch whose calls may take so many seconds together; it ends when the guard is dropped.
#[must_use]
pub fn begin_batch(seconds: f64) -> Batch {
    let limit = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    Batch { outer: BATCH.replace(Some(Spending { limit, spent: Duration::ZERO, last: None })), bound: PhantomData }
}

impl Drop for Batch {
    fn drop(&mut self) {
        BATCH.set(self.outer);
    }
}

/// A call, from its begin to its end.
pub(super) struct Call {
    started: Instant,
}

/// A call begins on this thread. `None` if its batch has no time left.
pub(super) fn begin() -> Option<Call> {
    let batch = BATCH.get();
    let started = batch.and_then(|batch| batch.last).unwrap_or_else(Instant::now);
    let left = match batch {
        Some(batch) => batch.limit.checked_sub(batch.spent).filter(|left| !left.is_zero())?,
        None => Duration::MAX,
    };
    let (longest, over) = if left < PATIENCE { (left, OVER_BATCH) } else { (PATIENCE, OVER_PATIENCE) };
    CALL.set(Some(Clock { started, longest, over }));
    STEPS_TAKEN.set(0);
    Some(Call { started })
}

impl Drop for Call {
    fn drop(&mut self) {
        CALL.set(None);
        if let Some(batch) = BATCH.get() {
            let now = Instant::now();
            let took = now.saturating_duration_since(self.started);
            BATCH.set(Some(Spending { spent: batch.spent.saturating_add(took), last: Some(now), ..batch }));
        }
    }
}

/// Steps that the call on this thread has taken, those of closures and of other scripts with it.
pub(super) fn steps() -> u64 {
    STEPS_TAKEN.get()
}

/// Stops calls that take more steps, or outlast our patience or their batch's.
pub(super) fn limit(engine: &mut Engine, max_operations: u64) {
    engine.on_progress(move |_| {
        let steps = STEPS_TAKEN.get().saturating_add(1);
        STEPS_TAKEN.set(steps);
        if steps > max_operations {
            return Some(Dynamic::from_int(OVER_STEPS));
        }
        if !steps.is_multiple_of(STEPS) {
            return None;
        }
        let clock = CALL.get()?;
        (clock.started.elapsed() > clock.longest).then(|| Dynamic::from_int(clock.over))
    });
}

/// Whether a call was stopped by the clock, by the value of the error; its steps are the same every time.
pub(super) fn is_of_the_clock(why: &Dynamic) -> bool {
    why.as_int() != Ok(OVER_STEPS)
}

/// What is said of a call that was stopped, by the value of the error.
pub(super) fn message(why: &Dynamic, limits: &super::Limits) -> String {
    match why.as_int() {
        Ok(OVER_STEPS) => super::errors::too_many_steps(limits),
        Ok(OVER_BATCH) => batch_message(limits),
        _ => format!("stopped after {} seconds", PATIENCE.as_secs()),
    }
}

/// What is said of a call whose batch has no time left.
pub(super) fn batch_message(limits: &super::Limits) -> String {
    format!("stopped: the calls of this batch took more than {} s together", limits.max_batch_seconds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rhai::EvalAltResult;

    use super::*;

    fn slow() -> Engine {
        let mut engine = Engine::new();
        engine.register_fn("wait", || std::thread::sleep(Duration::from_millis(20)));
        limit(&mut engine, 1_000_000);
        engine
    }

    #[test]
    fn a_call_that_takes_seconds_is_stopped() {
        let engine = slow();
        let _call = begin().unwrap();
        let start = Instant::now();
        let stopped = engine.eval::<()>("try { loop { wait(); } } catch { loop { wait(); } }").unwrap_err();
        assert!(matches!(*stopped, EvalAltResult::ErrorTerminated(..)), "{stopped}");
        assert!(start.elapsed() < PATIENCE * 10);
    }

    #[test]
    fn the_calls_of_a_batch_share_its_time() {
        let engine = slow();
        {
            let _batch = begin_batch(0.2);
            for _ in 0..2 {
                let call = begin().unwrap();
                engine.eval::<()>("wait();").unwrap();
                drop(call);
            }
            let call = begin().unwrap();
            let stopped = engine.eval::<()>("loop { wait(); }").unwrap_err();
            assert!(matches!(&*stopped, EvalAltResult::ErrorTerminated(why, _) if why.as_int() == Ok(OVER_BATCH)));
            drop(call);
            assert!(begin().is_none(), "nothing is left");
        }
        assert!(begin().is_some(), "the next batch has its own time");
    }
}
