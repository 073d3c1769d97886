//! Step 4, evaluate: what came of a plan, against its holdout, with intervals.
