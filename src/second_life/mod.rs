//! Step 5, second loyalty: customers who came back, as a cohort of their own.
