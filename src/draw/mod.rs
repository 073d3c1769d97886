//! Drawing on a terminal: numbers, bars, wrapped text, tables, colours. Knows nothing of customers.
//!
//! Everything here returns text; nothing prints. Widths are display columns, not characters. A [`Paint`] without colour
//! leaves no escape sequence anywhere, and what colour says is always also said in words or shapes.

mod bar;
mod number;
mod page;
mod paint;
mod table;
mod text;

pub use bar::{bar, spark, steps};
pub use number::{amount, count, grouped, share};
pub use page::page;
pub use paint::{Paint, Role};
pub use table::{Align, Cell, Column, Overflow, Table, beside};
pub use text::{clean, cut, cut_left, indent, pad, width, wrap, wrap_hanging};

/// What stands for a value that is not known, in a column of numbers.
pub const UNKNOWN: &str = "–";
