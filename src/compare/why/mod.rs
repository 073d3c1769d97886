//! Which rule did it: one customer decided under both packs, and the way back from what differs to the rules that changed.
//!
//! A thing with a name (a fact, a state, a score) is *responsible* if what the earlier rules say of it, given everything it
//! reads as it is now, is not what the later rules say. Where it is not, what it reads is looked at, as far as it matters:
//! as far as its earlier value alone would change the result.

mod names;
mod stages;

use std::collections::{HashMap, HashSet};

use super::Side;
use super::rules::Changed;
use crate::compare::ChangeKind;
use crate::expr::{Row as _, Slot, Value};
use crate::pack::Pack;
use crate::stage::{Decision, RowValues, decide};

/// How reasons in the data are called.
const DATA: &str = "other data";

/// Why something differs for one customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reason {
    /// ``parameter `sleep_after` ``: the same for every customer.
    pub(super) label: String,
    /// The same with what it changed, and her values.
    pub(super) text: String,
}

/// What is asked about many customers.
#[derive(Debug)]
pub(super) struct Why<'a> {
    old: Side<'a>,
    new: Side<'a>,
    changes: HashMap<(&'static str, &'a str), &'a Changed>,
    list: &'a [Changed],
    /// For each name of the earlier pack, the one of the later that is called and typed like it.
    twins: Vec<(Slot, Slot)>,
    /// Functions whose result may be another: those that changed, and those that call one. As `module::name`.
    functions: HashSet<String>,
}

/// One customer under both packs.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) old: Decision,
    pub(super) new: Decision,
    /// The values of the later side under the names of the earlier pack; what the later does not have keeps its value.
    mixed: RowValues,
}

impl<'a> Why<'a> {
    pub(super) fn new(old: Side<'a>, new: Side<'a>, list: &'a [Changed]) -> Why<'a> {
        let changes = list.iter().map(|change| ((change.section, change.name.as_str()), change)).collect();
        let functions = changed_functions(new.pack, list);
        let names = &new.pack.names;
        let twin = |(slot, name): (Slot, &crate::expr::Name)| {
            let other = names.find(&name.name)?;
            (names.get(other).ty == name.ty).then_some((slot, other))
        };
        let twins = old.pack.names.iter().filter_map(twin).collect();
        Why { old, new, changes, list, twins, functions }
    }

    /// The later rules.
    pub(super) fn later(&self) -> &'a Pack {
        self.new.pack
    }

    /// Decides one customer under both packs; batch and row on each side.
    pub(super) fn case(&self, old: (usize, usize), new: (usize, usize)) -> Case {
        let decided =
            |side: &Side<'_>, (batch, row)| decide(side.pack, side.context, side.held.record(side.pack, batch, row));
        let (old, new) = (decided(&self.old, old), decided(&self.new, new));
        let mut mixed = old.values.clone();
        for (slot, twin) in &self.twins {
            mixed.set(*slot, new.values.get(*twin));
        }
        Case { old, new, mixed }
    }

    /// Why she moved in a respect (see [`super::tally::RESPECTS`]); beyond them, why her priority is another.
    pub(super) fn reasons(&self, case: &Case, respect: usize) -> Vec<Reason> {
        let mut search = Search {
            why: self,
            case,
            top: String::new(),
            said: String::new(),
            seen: HashSet::new(),
            data: Vec::new(),
            found: Vec::new(),
        };
        if case.old.suppressed != case.new.suppressed
            && (case.old.suppressed.is_none() || case.new.suppressed.is_none())
        {
            search.suppressed();
        } else {
            match respect {
                0 => search.state(),
                1 => search.cause(),
                2 => search.grade(),
                3 => search.campaign(),
                _ => search.priority(),
            }
        }
        search.finish()
    }
}

/// Functions that changed, and all that call them.
fn changed_functions(pack: &Pack, list: &[Changed]) -> HashSet<String> {
    let scripts = list.iter().filter(|change| change.section == "scripts");
    let changed: HashSet<&str> = scripts.map(|change| change.name.as_str()).collect();
    let functions = pack.scripts.functions();
    let path = |module: &str, name: &str| format!("{module}::{name}");
    // The constants of a script are read by any of its functions.
    let mut found: HashSet<String> = functions
        .iter()
        .filter(|f| changed.contains(path(&f.module, &f.name).as_str()) || changed.contains(f.module.as_str()))
        .map(|f| path(&f.module, &f.name))
        .collect();
    loop {
        let before = found.len();
        for function in functions {
            let calls = |called: &String| {
                let (module, name) = called.rsplit_once("::").unwrap_or((&function.module, called));
                found.contains(&path(module, name))
            };
            if function.calls.iter().any(calls) {
                found.insert(path(&function.module, &function.name));
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The way back for one customer.
struct Search<'a> {
    why: &'a Why<'a>,
    case: &'a Case,
    /// The rule whose outcome is explained: ``state `dormant` ``.
    top: String,
    /// Her values, as that rule words them.
    said: String,
    /// Names that were looked at.
    seen: HashSet<String>,
    /// Columns and rollups whose values differ though nothing about them changed.
    data: Vec<String>,
    found: Vec<Reason>,
}

impl<'a> Search<'a> {
    fn earlier(&self) -> &'a Pack {
        self.why.old.pack
    }

    fn later(&self) -> &'a Pack {
        self.why.new.pack
    }

    /// Something that changed in the rules; only what is said about these keys, if there is such.
    fn root(&mut self, section: &'static str, name: &str, keys: &[&str]) -> bool {
        let renamed = format!("called `{name}` before");
        let changed = self.why.changes.get(&(section, name)).copied().or_else(|| {
            let list = self.why.list.iter().filter(|change| change.section == section);
            list.into_iter().find(|change| change.details.iter().any(|(_, text)| *text == renamed))
        });
        let Some(changed) = changed else { return false };
        let all: Vec<&(String, String)> =
            changed.details.iter().filter(|(key, _)| !matches!(key.as_str(), "" | "help" | "label")).collect();
        let some: Vec<&str> =
            all.iter().filter(|(key, _)| keys.contains(&key.as_str())).map(|(_, text)| text.as_str()).collect();
        let details = match changed.kind {
            ChangeKind::Added => "is new".to_owned(),
            ChangeKind::Removed => "is gone".to_owned(),
            _ if some.is_empty() => all.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("; "),
            _ => some.join("; "),
        };
        let colon = if section == "params" || starts_with_verb(&details) { "" } else { ":" };
        let sentence = format!("{}{colon} {details}", changed.what);
        self.push(&changed.what, sentence.trim_end_matches([' ', ':']));
        true
    }

    /// Something else that did it.
    fn push(&mut self, label: &str, sentence: &str) {
        if self.found.iter().any(|reason| reason.label == label) {
            return;
        }
        let top = if self.top.is_empty() || self.top == label { String::new() } else { format!("{}: ", self.top) };
        let said = if self.said.is_empty() { String::new() } else { format!(" ({})", self.said) };
        self.found.push(Reason { label: label.to_owned(), text: format!("{top}{sentence}{said}") });
    }

    fn finish(mut self) -> Vec<Reason> {
        if !self.data.is_empty() {
            let shown: Vec<&str> = self.data.iter().take(3).map(String::as_str).collect();
            let more = self.data.len().saturating_sub(3);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let text = format!("her data are different: {}{more}", shown.join("; "));
            self.found.push(Reason { label: DATA.to_owned(), text });
        }
        self.found
    }

    /// The values of a name on both sides.
    fn values(&self, name: &str) -> (Value, Value) {
        let value = |pack: &Pack, decision: &Decision| {
            pack.names.find(name).map_or(Value::Missing, |slot| decision.values.get(slot))
        };
        (value(self.earlier(), &self.case.old), value(self.later(), &self.case.new))
    }
}

/// Whether a detail reads on without a colon: `from 2 to 3`, `is gone`, `stands before …`.
fn starts_with_verb(text: &str) -> bool {
    ["from ", "is ", "stands ", "called "].iter().any(|start| text.starts_with(start))
}
