//! From typed expressions to register code.
