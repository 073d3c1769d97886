//! Colours, few and always optional.

use anstyle::{AnsiColor, Style};

/// What a piece of text is, as far as its looks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// As it stands.
    #[default]
    Plain,
    /// Titles, and the one thing to look at.
    Strong,
    /// Beside the point.
    Dim,
    /// Bars, and what was chosen.
    Accent,
    /// Holds, is fine.
    Good,
    /// Look here.
    Warn,
    /// Does not hold, failed.
    Bad,
}

/// Whether to colour at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    color: bool,
}

impl Paint {
    /// With colour or without.
    #[must_use]
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    /// The text in the looks of its role. Each line is styled on its own, so that lines may be put side by side.
    #[must_use]
    pub fn apply(self, role: Role, text: &str) -> String {
        let style = match role {
            Role::Plain => return text.to_owned(),
            Role::Strong => Style::new().bold(),
            Role::Dim => Style::new().dimmed(),
            Role::Accent => AnsiColor::Cyan.on_default(),
            Role::Good => AnsiColor::Green.on_default(),
            Role::Warn => AnsiColor::Yellow.on_default(),
            Role::Bad => AnsiColor::Red.on_default(),
        };
        if !self.color {
            return text.to_owned();
        }
        let lines = text.split('\n').map(|line| match line {
            "" => String::new(),
            line => format!("{}{line}{}", style.render(), style.render_reset()),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Bold.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.apply(Role::Strong, text)
    }

    /// Faint.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.apply(Role::Dim, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_nothing_is_added() {
        assert_eq!(Paint::new(false).apply(Role::Bad, "no"), "no");
        assert_eq!(Paint::new(true).apply(Role::Plain, "no"), "no");
    }

    #[test]
    fn each_line_is_styled_alone() {
        assert_eq!(Paint::new(true).strong("a\n\nb"), "\u{1b}[1ma\u{1b}[0m\n\n\u{1b}[1mb\u{1b}[0m");
    }
}
