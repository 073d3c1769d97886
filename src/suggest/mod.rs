//! Step 4, optimise: better curves, weights and thresholds from what came of plans.
