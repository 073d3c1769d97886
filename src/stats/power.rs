//! How large an effect can be seen, and how many customers that takes.
