//! Step 5, prevent: what losses cost by cause, and who may be next.
