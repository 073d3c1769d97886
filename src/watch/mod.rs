//! Rules in force while they are edited: files read, rebuilt, swapped; the last good ones are kept.
