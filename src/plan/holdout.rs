//! Holdouts: customers who would be contacted and are not, so that the effect can be seen.
