//! What a program reads: one JSON object a line for each thing that happens.

use serde_json::{Map, Value, json};

use super::Show;
use super::live::{Live, Outcome};
use super::news::{Broken, News};
use crate::cli::{Failure, Terminal, script_errors};
use crate::compare;
use crate::diag::{Diagnostic, Sources, render_json};
use crate::watch::{Host, Rules};

/// Writes to stdout.
pub(super) struct Lines {
    terminal: Terminal,
}

impl Lines {
    pub(super) fn new(terminal: Terminal) -> Lines {
        Lines { terminal }
    }

    fn line(&self, value: Value) -> Result<(), Failure> {
        self.terminal.print(&format!("{value}\n"))
    }
}

/// `2026-06-30T14:03:07.250Z`
fn time(at: std::time::SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn files(news: &News) -> Value {
    let files = news
        .files
        .iter()
        .map(|change| json!({ "path": change.path.display().to_string(), "kind": change.kind.word() }));
    Value::Array(files.collect())
}

/// As `regain check --format json` lists them.
fn listed(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    serde_json::from_str(&render_json(diagnostics, sources)).unwrap_or_default()
}

/// What every line begins with.
fn begin(event: &str, at: std::time::SystemTime, generation: u64) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("event".into(), event.into());
    map.insert("at".into(), time(at).into());
    map.insert("generation".into(), generation.into());
    map
}

impl Show for Lines {
    fn opened(&mut self, host: &Host, rules: &Rules, live: &Live) -> Result<(), Failure> {
        let mut line = begin("opened", rules.since, rules.generation);
        line.insert("rules".into(), json!(rules.program.receipt()));
        let places = host.places();
        let folders = places.folders().filter(|(_, ending)| *ending == "toml");
        let folders: Vec<String> = folders.map(|(folder, _)| folder.display().to_string()).collect();
        line.insert("watching".into(), folders.into());
        line.insert("how".into(), host.how().map(|how| how.to_string()).into());
        line.insert("customers".into(), live.customers().map(|(n, _)| n).into());
        line.insert("portfolio".into(), json!(live.portfolio()?));
        self.line(Value::Object(line))
    }

    fn reloaded(&mut self, news: &News, live: &Live, outcome: &Outcome) -> Result<(), Failure> {
        let mut line = begin("reloaded", news.at, live.rules().generation);
        line.insert("mended".into(), news.mended.into());
        line.insert("files".into(), files(news));
        let again = outcome.again.as_ref().map(|(columns, _)| columns.clone());
        line.insert("decided_again".into(), again.into());
        line.insert("read_again".into(), outcome.read_again.clone().into());
        let limits = live.rules().pack.scripts.limits();
        line.insert("script_errors".into(), script_errors::to_json(&live.script_errors(), limits));
        line.insert("comparison".into(), compare::json(&outcome.comparison, &outcome.heads));
        // Last, so that all else is in it.
        line.insert("ms".into(), u64::try_from(news.noticed.elapsed().as_millis()).unwrap_or(u64::MAX).into());
        self.line(Value::Object(line))
    }

    fn stuck(&mut self, news: &News, live: &Live, failure: &Failure) -> Result<(), Failure> {
        let mut line = begin("data_do_not_fit", news.at, live.rules().generation);
        let (message, help) = failure.parts();
        line.insert("files".into(), files(news));
        line.insert("message".into(), message.into());
        line.insert("help".into(), help.to_vec().into());
        self.line(Value::Object(line))
    }

    fn found(&mut self, rules: &Rules, new: &[Diagnostic], gone: usize) -> Result<(), Failure> {
        if new.is_empty() && gone == 0 {
            return Ok(());
        }
        let mut line = begin("findings", std::time::SystemTime::now(), rules.generation);
        line.insert("new".into(), listed(new, &rules.pack.sources));
        line.insert("gone".into(), gone.into());
        self.line(Value::Object(line))
    }

    fn broken(&mut self, news: &News, broken: &Broken) -> Result<(), Failure> {
        let mut line = begin("broken", news.at, broken.rules.generation);
        line.insert("files".into(), files(news));
        line.insert("diagnostics".into(), listed(&broken.diagnostics, &broken.sources));
        self.line(Value::Object(line))
    }

    fn note(&mut self, text: &str) -> Result<(), Failure> {
        self.line(json!({ "event": "note", "at": time(std::time::SystemTime::now()), "text": text }))
    }
}
