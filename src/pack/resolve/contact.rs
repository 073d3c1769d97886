//! `[contact]`, and what channels have of it: cooldowns, caps, days of the week, quiet days, and the tables they count in.

use indexmap::IndexMap;

use super::read::{Fields, wrong_type};
use super::{Resolver, Table as Tree};
use crate::diag::{Diagnostic, code};
use crate::expr::{Date, Expr, Kind, Stage, Type, Value};
use crate::pack::format;
use crate::pack::overlay::listed;
use crate::pack::raw::{Node, Raw, Text};
use crate::pack::{Cap, Channel, Contact, Cooldown, Param, Quiet, QuietDays, Rule, Table, TableName, Weekdays};

/// The longest cooldown and the longest time a cap counts in: ten years.
const LONGEST: f64 = 3660.0;
/// The most contacts a cap may allow.
const MANY: f64 = 1000.0;
/// Quiet days that go over New Year and last longer than this are more likely the wrong way round.
const LONG_QUIET: u32 = 92;

impl Resolver<'_> {
    /// `[contact]`
    pub(super) fn contact(
        &mut self,
        root: &Tree,
        params: &[Param],
        tables: &IndexMap<String, Table>,
        channels: &IndexMap<String, Channel>,
    ) -> Option<Contact> {
        let fields = self.section(root, "contact", &format::CONTACT)?;
        let history = self.contact_table(&fields, "history", tables);
        if let Some((name, table)) = &history {
            self.history_columns(name, table);
        }
        let listed = self.contact_table(&fields, "do_not_contact", tables);
        if let Some((name, table)) = &listed {
            self.listed_columns(name, table);
        }
        let cooldown = fields.get("cooldown");
        let cooldown = cooldown
            .and_then(|entry| self.count_of_contact("cooldown", &entry.node, params, (0.0, LONGEST), "days from 0"));
        let again = fields
            .get("again")
            .and_then(|entry| self.count_of_contact("again", &entry.node, params, (0.0, LONGEST), "days from 0"));
        let caps = self.caps(&fields, params);
        let weekdays = self.weekdays(&fields);
        for channel in channels.values().filter(|channel| weekdays.and(channel.weekdays).is_empty()) {
            let message = format!("no day of the week is left for the channel `{}`", channel.name);
            self.diagnostics.push(
                Diagnostic::error(code::BAD_VALUE, channel.span, message)
                    .related(fields.span("weekdays"), "contacts are made on these days alone")
                    .help("its `weekdays` must have one of those in common"),
            );
        }
        Some(Contact {
            cooldown,
            again,
            weekdays,
            quiet: self.quiet(&fields),
            history: history.map(|(name, _)| name),
            do_not_contact: listed.map(|(name, _)| name),
            caps,
        })
    }

    /// A table of events by name.
    fn contact_table<'t>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        tables: &'t IndexMap<String, Table>,
    ) -> Option<(TableName, &'t Table)> {
        let text = fields.text(key, &mut self.diagnostics)?;
        if let Some(table) = tables.get(&text.text) {
            return Some((TableName { name: text.text.clone(), span: text.span() }, table));
        }
        if !self.broken.contains(&text.text) {
            let message = format!("there is no table `{}`", text.text);
            let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message)
                .did_you_mean(&text.text, tables.keys().map(String::as_str));
            self.diagnostics.push(if diagnostic.help.is_empty() {
                diagnostic.help(format!("declare it by `[tables.{}]`", text.text))
            } else {
                diagnostic
            });
        }
        None
    }

    /// The history needs a time and the channel.
    fn history_columns(&mut self, name: &TableName, table: &Table) {
        if table.time.is_none() {
            let message = format!("the table `{}` does not say when its contacts were made", name.name);
            self.diagnostics.push(
                Diagnostic::error(code::MISSING_KEY, name.span, message)
                    .related(table.span, "declared here, without a `time`")
                    .help("give it the date column: `time = \"contacted_on\"`"),
            );
        }
        if !table.columns.iter().any(|column| column.name == "channel") {
            let message = format!("the table `{}` has no column `channel`", name.name);
            self.diagnostics.push(
                Diagnostic::error(code::MISSING_KEY, name.span, message)
                    .related(table.span, "declared here")
                    .help("without it no channel's cooldown can be counted: `columns.channel = { type = \"text\", optional = true }`"),
            );
        }
        self.contact_types(name, table, &[("channel", Type::Text), ("campaign", Type::Text)]);
    }

    /// The list of those not to be contacted: each of its columns may be missing.
    fn listed_columns(&mut self, name: &TableName, table: &Table) {
        self.contact_types(name, table, &[("channel", Type::Text), ("since", Type::Date), ("ends_on", Type::Date)]);
        if let Some(time) = &table.time {
            let message =
                format!("the table `{}` is ordered by `{time}`, and a row without it protects nobody", name.name);
            self.diagnostics.push(
                Diagnostic::error(code::BAD_VALUE, name.span, message)
                    .related(table.span, "declared here, with a `time`")
                    .help("take the `time` away: who is listed without a date must not be contacted either"),
            );
        }
    }

    fn contact_types(&mut self, name: &TableName, table: &Table, types: &[(&str, Type)]) {
        for column in &table.columns {
            let Some((_, ty)) = types.iter().find(|(known, ty)| *known == column.name && *ty != column.ty) else {
                continue;
            };
            let message = format!("the column `{}.{}` must be a {ty}, this is a {}", name.name, column.name, column.ty);
            self.diagnostics.push(
                Diagnostic::error(code::BAD_VALUE, column.span, message).related(name.span, "`[contact]` reads it"),
            );
        }
    }

    /// A number, or an expression over parameters: whole, and within bounds.
    pub(super) fn count_of_contact(
        &mut self,
        key: &str,
        node: &Node,
        params: &[Param],
        (low, high): (f64, f64),
        what: &str,
    ) -> Option<Rule> {
        let (rule, span) = match &node.value {
            Raw::Number(x) if x.is_finite() => {
                let kind = Kind::Const(Value::number(*x));
                let expr = Expr { kind, ty: Type::Number, span: node.span };
                (Rule { expr, text: x.to_string(), span: node.span }, node.span)
            }
            Raw::Text(text) => {
                let rule = self.compile(text, Stage::Run, Type::Number)?;
                if rule.expr.slots().iter().any(|slot| self.names.get(*slot).name == "today") {
                    let message = format!("`{key}` must be the same on every day, this depends on `today`");
                    self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, text.span(), message));
                    return None;
                }
                (rule, text.span())
            }
            _ => {
                self.diagnostics.push(
                    wrong_type(key, "a number, or an expression over parameters", node)
                        .help(format!("for instance `{key} = 14` or `{key} = 'cooldown_days'`")),
                );
                return None;
            }
        };
        let value = rule.figure(params, self.scripts);
        match value {
            Some(x) if x.fract() == 0.0 && (low..=high).contains(&x) => Some(rule),
            value => {
                let is = value.map_or("has no value".to_owned(), |x| format!("is {x}"));
                let message = format!("`{key}` must be a whole number of {what} to {high}, this {is}");
                let mut diagnostic = Diagnostic::error(code::BAD_VALUE, span, message);
                for param in params.iter().filter(|param| rule.expr.slots().contains(&param.slot)).take(2) {
                    diagnostic = diagnostic.related(param.span, format!("`{}` is set here", param.name));
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// `caps`
    pub(super) fn caps(&mut self, fields: &Fields<'_>, params: &[Param]) -> Vec<Cap> {
        let nodes = fields.list("caps", "tables", &mut self.diagnostics).unwrap_or_default();
        nodes.iter().filter_map(|node| self.cap(fields, node, params)).collect()
    }

    fn cap(&mut self, of: &Fields<'_>, node: &Node, params: &[Param]) -> Option<Cap> {
        let what = format!("a cap of {}", of.what);
        let fields = Fields::open(node, node.span, what, &format::CAP, &mut self.diagnostics)?;
        let mut one = |key: &str, high: f64, what: &str| match fields.get(key) {
            Some(entry) => {
                let x = if let Raw::Number(x) = entry.node.value { Some(x) } else { None };
                let rule = self.count_of_contact(key, &entry.node, params, (1.0, high), what);
                if rule.is_none()
                    && x == Some(0.0)
                    && key == "most"
                    && let Some(last) = self.diagnostics.last_mut()
                {
                    last.help.push(
                        "if nobody may be contacted so, let no campaign use it, or let its `consent` be `false`"
                            .to_owned(),
                    );
                }
                rule
            }
            None => {
                fields.missing(key, "for instance `{ most = 3, days = 90 }`", &mut self.diagnostics);
                None
            }
        };
        let most = one("most", MANY, "contacts from 1");
        let days = one("days", LONGEST, "days from 1");
        Some(Cap { most: most?, days: days?, span: node.span })
    }

    /// `cooldown` of a channel: days since a contact by itself, or by the channels it names.
    pub(super) fn channel_cooldown(
        &mut self,
        fields: &Fields<'_>,
        own: &str,
        channels: &[&str],
        params: &[Param],
    ) -> Vec<Cooldown> {
        let Some(entry) = fields.get("cooldown") else { return Vec::new() };
        let Raw::Table(table) = &entry.node.value else {
            let days = self.count_of_contact("cooldown", &entry.node, params, (0.0, LONGEST), "days from 0");
            let span = entry.node.span;
            return days.into_iter().map(|days| Cooldown { after: own.to_owned(), days, span }).collect();
        };
        let mut list = Vec::new();
        for (name, entry) in &table.entries {
            if !channels.contains(&name.as_str()) {
                let message = format!("there is no channel `{name}`");
                let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, entry.key, message)
                    .did_you_mean(name, channels.iter().copied());
                self.diagnostics.push(if diagnostic.help.is_empty() {
                    diagnostic.help(format!("the channels are {}", listed(channels)))
                } else {
                    diagnostic
                });
            } else if let Some(days) = self.count_of_contact(name, &entry.node, params, (0.0, LONGEST), "days from 0") {
                list.push(Cooldown { after: name.clone(), days, span: entry.node.span });
            }
        }
        list
    }

    /// `weekdays`
    pub(super) fn weekdays(&mut self, fields: &Fields<'_>) -> Weekdays {
        let Some(nodes) = fields.list("weekdays", "numbers", &mut self.diagnostics) else { return Weekdays::ALL };
        let mut days = Weekdays::NONE;
        let mut wrong = false;
        for node in nodes {
            match &node.value {
                Raw::Number(x) if x.fract() == 0.0 && (1.0..=7.0).contains(x) => days = days.with(*x as u32),
                Raw::Number(x) => {
                    wrong = true;
                    let message = format!("a day of the week is a whole number from 1 to 7, this is {x}");
                    let help = "1 is Monday, 7 is Sunday";
                    self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, node.span, message).help(help));
                }
                _ => {
                    wrong = true;
                    let help = "1 is Monday, 7 is Sunday: `weekdays = [1, 2, 3, 4, 5]`";
                    self.diagnostics.push(wrong_type("each of `weekdays`", "a number from 1 to 7", node).help(help));
                }
            }
        }
        if days.is_empty() && !wrong {
            let message = "`weekdays` is empty: nobody could ever be contacted";
            let help = "leave it out for every day";
            self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span("weekdays"), message).help(help));
        }
        if days.is_empty() { Weekdays::ALL } else { days }
    }

    /// `quiet`
    fn quiet(&mut self, fields: &Fields<'_>) -> Vec<Quiet> {
        let mut list = Vec::new();
        for node in fields.list("quiet", "dates", &mut self.diagnostics).unwrap_or_default() {
            match &node.value {
                Raw::Date(day) => {
                    let days = QuietDays::Once(*day, *day);
                    list.push(Quiet { days, text: day.to_string(), span: node.span });
                }
                Raw::Text(text) => list.extend(self.quiet_text(text)),
                _ => self.diagnostics.push(wrong_type("each of `quiet`", "a date or a range of dates", node)),
            }
        }
        list
    }

    fn quiet_text(&mut self, text: &Text) -> Option<Quiet> {
        let span = text.span();
        let written = text.text.trim();
        let days = match quiet_days(written) {
            Ok(days) => days,
            Err((message, help)) => {
                let diagnostic = Diagnostic::error(code::BAD_VALUE, span, message);
                self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
                return None;
            }
        };
        Some(Quiet { days, text: written.to_owned(), span })
    }
}

/// One end of a range of quiet days.
enum End {
    /// `2026-12-24`
    Day(Date),
    /// `12-24`
    EveryYear(u32, u32),
}

/// `2026-12-24..2026-12-26`, `2027-01-01`, `12-24..12-26`; else what is wrong, and a hint.
fn quiet_days(text: &str) -> Result<QuietDays, (String, String)> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    match (end(first.trim(), text)?, end(last.trim(), text)?) {
        (End::Day(first), End::Day(last)) if last < first => Err((
            format!("the quiet days `{text}` go backwards"),
            format!("the first day comes first: `{last}..{first}`"),
        )),
        (End::Day(first), End::Day(last)) => Ok(QuietDays::Once(first, last)),
        (End::EveryYear(a, b), End::EveryYear(c, d)) => {
            let days = QuietDays::Yearly((a, b), (c, d));
            let over_new_year = (12 - a) * 31 + 31 - b + (c - 1) * 31 + d;
            if (c, d) < (a, b) && over_new_year > LONG_QUIET {
                return Err((
                    format!("the quiet days `{text}` go backwards"),
                    format!(
                        "the first day comes first: `{c:02}-{d:02}..{a:02}-{b:02}`; over New Year, at most 3 months"
                    ),
                ));
            }
            Ok(days)
        }
        _ => Err((
            format!("the quiet days `{text}` have a year on one side only"),
            "with a year they hold once, without one every year: `2026-12-24..2026-12-26` or `12-24..12-26`".to_owned(),
        )),
    }
}

fn end(text: &str, whole: &str) -> Result<End, (String, String)> {
    if let Some(day) = Date::parse_iso(text) {
        return Ok(End::Day(day));
    }
    let parts: Vec<Option<u32>> = text
        .split('-')
        .map(|part| part.parse().ok().filter(|_| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit())))
        .collect();
    match parts.as_slice() {
        // The year 2000 has every day there is.
        [Some(month), Some(day)] if Date::from_ymd(2000, *month, *day).is_some() => Ok(End::EveryYear(*month, *day)),
        [Some(_), Some(_)] | [Some(_), Some(_), Some(_)] => Err((
            format!("there is no day `{text}`"),
            "dates are written year, month, day: `2026-12-24`, `12-24`".to_owned(),
        )),
        _ => Err((
            format!("`{whole}` is neither a date nor a range of dates"),
            "write `2027-01-01`, `2026-12-24..2026-12-26`, or without a year `12-24..12-26`".to_owned(),
        )),
    }
}
