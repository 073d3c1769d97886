//! What a person sees: blocks, one below the other, so that what was shown stays to be scrolled back to.

use super::live::{Live, Outcome};
use super::news::{Broken, News};
use super::{Show, called, clock, took};
use crate::cli::terminal::count_findings;
use crate::cli::{Failure, Terminal, script_errors};
use crate::compare::{self, Comparison, Look};
use crate::diag::{Diagnostic, Severity, render_human};
use crate::draw::{Cell, Column, Paint, Role, Table, amount, bar, clean, count, cut, share, width, wrap};
use crate::report::Summary;
use crate::watch::{Host, Rules};

/// Wider than this, a line that separates separates no better.
const WIDEST: usize = 120;
/// So many new findings are shown in full.
const FINDINGS: usize = 5;

/// Writes to stdout.
pub(super) struct Screen {
    terminal: Terminal,
    paint: Paint,
    columns: usize,
}

impl Screen {
    pub(super) fn new(terminal: Terminal) -> Screen {
        Screen { terminal, paint: Paint::new(terminal.color()), columns: terminal.width() }
    }

    /// A line across, with what stands at its left and its right end.
    fn rule(&self, left: &str, right: &str, role: Role) -> String {
        let columns = self.columns.min(WIDEST);
        let left = cut(left, columns.saturating_sub(width(right) + 10));
        let between = columns.saturating_sub(width(&left) + width(right) + 8).max(2);
        let dash = |n: usize| self.paint.dim(&"─".repeat(n));
        let (left, right) = (self.paint.strong(&left), self.paint.apply(role, right));
        format!("{} {left} {} {right} {}\n", dash(2), dash(between), dash(2))
    }

    /// A paragraph in the looks of a role.
    fn say(&self, role: Role, text: &str) -> String {
        let lines = wrap(text, self.columns.min(WIDEST)).join("\n");
        format!("{}\n", self.paint.apply(role, &lines))
    }

    fn states(&self, summary: &Summary) -> Vec<String> {
        let currency = summary.money.as_ref().map(|money| cut(&clean(&money.currency), 8));
        let currency = currency.map(|text| if text.is_empty() { "money".to_owned() } else { text });
        let mut list =
            vec![Column::text("state"), Column::number("customers"), Column::number("share"), Column::fixed("")];
        list.extend(currency.iter().map(|text| Column::number(text)));
        let mut table = Table::new(list);
        for state in &summary.states {
            let role = if state.state.is_none() { Role::Warn } else { Role::Plain };
            let name = state.state.as_deref().map_or("no rule fits".to_owned(), clean);
            let mut cells = vec![
                Cell::new(name, role),
                count(state.customers).into(),
                share(state.share, 1.0).into(),
                Cell::new(bar(state.share, 12), Role::Accent),
            ];
            if currency.is_some() {
                cells.push(state.money.map_or("–".to_owned(), |money| amount(money.round())).into());
            }
            table.row(cells);
        }
        table.draw(self.columns, self.paint)
    }
}

impl Show for Screen {
    fn opened(&mut self, host: &Host, rules: &Rules, live: &Live) -> Result<(), Failure> {
        let identity = &rules.pack.identity;
        let mut chain = vec![format!("{} {}", identity.name, identity.version)];
        chain.extend(identity.extends.iter().cloned());
        let rest = format!(" · as of {}", rules.context.as_of);
        let name = cut(&clean(&chain.join(" over ")), self.columns.saturating_sub(width(&rest)));
        let mut text = format!("{}{}\n", self.paint.strong(&name), self.paint.dim(&rest));
        match (live.customers(), live.tables(), live.portfolio()?) {
            (Some((customers, time)), Some(tables), Some(summary)) => {
                let tables = tables.iter().map(|t| format!("{} {}", clean(&t.table), count(t.rows)));
                let tables = tables.collect::<Vec<_>>().join(", ");
                text.push_str(&self.say(
                    Role::Plain,
                    &format!(
                        "{} customers in memory, read in {:.1} s; rows: {tables}",
                        count(customers as u64),
                        time.as_secs_f64()
                    ),
                ));
                text.push('\n');
                for line in self.states(&summary) {
                    text.push_str(&line);
                    text.push('\n');
                }
                let mut also = Vec::new();
                if summary.rows.suppressed > 0 {
                    also.push(format!("{} suppressed", count(summary.rows.suppressed)));
                }
                let with: u64 = summary.campaigns.iter().map(|campaign| campaign.customers).sum();
                if with > 0 {
                    also.push(format!("{} with a campaign", count(with)));
                }
                if !also.is_empty() {
                    text.push_str(&format!("\n{}", self.say(Role::Plain, &also.join(", "))));
                }
            }
            _ => {
                let table = &rules.pack.record.table;
                let hint = format!("no data: only the rules are shown; `--data {table}=PATH` shows who moves, too");
                text.push_str(&self.say(Role::Plain, &hint));
            }
        }
        if !live.script_errors().script_errors.is_empty() {
            text.push_str(&self.script_errors(live));
        }
        text.push('\n');
        let places = host.places();
        let folders =
            places.folders().filter(|(_, ending)| *ending == "toml").map(|(folder, _)| folder.display().to_string());
        let folders = folders.collect::<Vec<_>>().join(", ");
        let how = match host.how() {
            Some(how @ crate::files::How::Polling { .. }) => format!(" ({how})"),
            _ => String::new(),
        };
        text.push_str(&self.say(Role::Plain, &format!("watching {folders}{how}; times are UTC; Ctrl-C ends")));
        self.terminal.print(&text)
    }

    fn reloaded(&mut self, news: &News, live: &Live, outcome: &Outcome) -> Result<(), Failure> {
        let mut body = String::new();
        if !outcome.read_again.is_empty() {
            let why = outcome.read_again.join(", ");
            body.push_str(&self.say(Role::Plain, &format!("the data were read again, because {why}")));
        }
        body.push_str(&self.comparison(&outcome.comparison, live.customers().is_some()));
        if let Some((again, columns)) = outcome.again.as_ref().filter(|(again, _)| !again.is_empty()) {
            body.push_str(&format!("\n{}", self.again(again, *columns)));
        }
        if outcome.other_errors {
            body.push_str(&self.script_errors(live));
        }
        let mended = if news.mended { "mended · " } else { "" };
        let rules = live.rules();
        let role = if news.mended { Role::Good } else { Role::Plain };
        let right = format!("{mended}generation {} · {}", rules.generation, took(news.noticed));
        let left = format!("{} {}", clock(news.at), clean(&news.files()));
        self.terminal.print(&format!("\n{}{body}", self.rule(left.trim_end(), &right, role)))
    }

    fn stuck(&mut self, news: &News, live: &Live, failure: &Failure) -> Result<(), Failure> {
        let left = format!("{} {}", clock(news.at), clean(&news.files()));
        let mut text = format!("\n{}", self.rule(left.trim_end(), "the data do not fit", Role::Bad));
        let (message, help) = failure.parts();
        text.push_str(&self.say(Role::Bad, &format!("these rules cannot decide the data: {message}")));
        for help in help {
            text.push_str(&self.say(Role::Plain, &format!("help: {help}")));
        }
        text.push_str(&self.say(Role::Strong, &format!("what is shown stays as {} decided it", called(live.rules()))));
        self.terminal.print(&text)
    }

    fn found(&mut self, rules: &Rules, new: &[Diagnostic], gone: usize) -> Result<(), Failure> {
        let mut text = String::new();
        if !new.is_empty() {
            let (shown, more) = new.split_at(new.len().min(FINDINGS));
            let drawn = render_human(shown, &rules.pack.sources, self.terminal.color(), self.columns);
            text.push_str(&format!("\n{}\n", drawn.trim_end()));
            if !more.is_empty() {
                let more = format!("and {} more: `regain check` shows them all", count_findings(more));
                text.push_str(&self.say(Role::Dim, &more));
            }
        }
        if gone > 0 {
            let what = if gone == 1 {
                "1 finding of `regain check` is gone".to_owned()
            } else {
                format!("{gone} findings of `regain check` are gone")
            };
            text.push_str(&self.say(Role::Good, &what));
        }
        if text.is_empty() { Ok(()) } else { self.terminal.print(&text) }
    }

    fn broken(&mut self, news: &News, broken: &Broken) -> Result<(), Failure> {
        let Broken { diagnostics, sources, rules } = broken;
        let left = format!("{} {}", clock(news.at), clean(&news.files()));
        let errors: Vec<Diagnostic> = diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
        let mut text = format!("\n{}", self.rule(left.trim_end(), &count_findings(&errors), Role::Bad));
        let drawn = render_human(&errors, sources, self.terminal.color(), self.columns);
        text.push_str(&format!("{}\n\n", drawn.trim_end()));
        let stay = format!("the rules of {} stay in force (generation {})", clock(rules.since), rules.generation);
        text.push_str(&self.say(Role::Strong, &stay));
        self.terminal.print(&text)
    }

    fn note(&mut self, text: &str) -> Result<(), Failure> {
        self.terminal.print(&self.say(Role::Warn, text))
    }
}

impl Screen {
    /// Which script calls fail now.
    fn script_errors(&self, live: &Live) -> String {
        match script_errors::warning(&live.script_errors(), self.columns) {
            // It is wrapped already.
            Some(text) => format!("\n{}: {text}\n", self.paint.apply(Role::Warn, "warning")),
            None => format!("\n{}", self.say(Role::Good, "no script fails any more")),
        }
    }

    fn comparison(&self, comparison: &Comparison, with_data: bool) -> String {
        let Comparison { rules, other, moves, .. } = comparison;
        let still = moves.moved + moves.gone + moves.new + moves.rescored == 0;
        if rules.is_empty() && other.is_empty() && still {
            let text = if with_data {
                "no rule says anything else: no decision is different"
            } else {
                "no rule says anything else"
            };
            return self.say(Role::Plain, text);
        }
        let look = Look { columns: self.columns, color: self.terminal.color(), heads: None };
        compare::terminal(comparison, &look)
    }

    /// What was computed again.
    fn again(&self, again: &[String], columns: usize) -> String {
        // Scores are many, and named by what follows from them.
        let (scores, rest): (Vec<&String>, Vec<&String>) = again.iter().partition(|name| name.starts_with("score."));
        let mut names: Vec<String> = rest.iter().map(|name| clean(name)).collect();
        match scores.as_slice() {
            [] => {}
            [one] => names.insert(0, clean(one)),
            many => names.insert(0, format!("{} scores", many.len())),
        }
        let names = names.join(", ");
        self.say(Role::Dim, &format!("decided again: {} of {columns} columns ({names})", again.len()))
    }
}
