//! The last guard: a call that takes seconds is stopped, however few steps it makes.
//!
//! Steps are limited first, and a call at its limit of steps ends in milliseconds. But Rhai waits a moment for a value that is
//! locked, and a script could make it wait again and again; no count of steps sees that.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine};

/// Far beyond what a call within its limits needs, so that the clock decides about nothing but a call that hangs.
const PATIENCE: Duration = Duration::from_secs(2);
/// The clock is looked at every so many steps.
const STEPS: u64 = 16;

thread_local! {
    static STARTED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A call begins on this thread.
pub(super) fn begin() {
    STARTED.set(Some(Instant::now()));
}

/// Stops calls that outlast our patience.
pub(super) fn limit(engine: &mut Engine) {
    engine.on_progress(|steps| {
        let over = steps % STEPS == 0 && STARTED.get().is_some_and(|start| start.elapsed() > PATIENCE);
        over.then_some(Dynamic::UNIT)
    });
}

/// What is said of a call that was stopped.
pub(super) fn message() -> String {
    format!("stopped after {} seconds", PATIENCE.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rhai::EvalAltResult;

    use super::*;

    #[test]
    fn a_call_that_takes_seconds_is_stopped() {
        let mut engine = Engine::new();
        engine.register_fn("wait", || std::thread::sleep(Duration::from_millis(50)));
        limit(&mut engine);
        begin();
        let start = Instant::now();
        let stopped = engine.eval::<()>("try { loop { wait(); } } catch { loop { wait(); } }").unwrap_err();
        assert!(matches!(*stopped, EvalAltResult::ErrorTerminated(..)), "{stopped}");
        assert!(start.elapsed() < PATIENCE * 10);
    }
}
