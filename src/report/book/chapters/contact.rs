//! Step 3: how often, and on which days, a customer may be contacted at all.

use super::super::index::anchor;
use super::super::model::{Block, Inline, Item, Line, Section};
use super::super::number::{number, weekday};
use super::super::words::text;
use super::{Writer, section};
use crate::expr::{Kind, Value};
use crate::pack::{Cap, Channel, Quiet, QuietDays, Rule, Weekdays};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Writer<'_> {
    pub(super) fn contact(&self) -> Section {
        let title = "How often a customer is contacted";
        let Some(contact) = &self.pack.contact else { return section("contact", title, Vec::new()) };
        let mut lines: Vec<Line> = Vec::new();
        if let Some(rule) = &contact.cooldown {
            let mut line = vec![text("Between any two contacts with a customer lie at least ")];
            line.extend(self.figure(rule, "day", "days"));
            line.push(text(", whatever the campaign and the channel."));
            lines.push(line);
        }
        if let Some(rule) = &contact.again {
            let mut line = vec![text("Nobody gets the same campaign again within ")];
            line.extend(self.figure(rule, "day", "days"));
            line.push(text(", unless the campaign says otherwise."));
            lines.push(line);
        }
        for cap in &contact.caps {
            let mut line = self.cap(cap);
            line.push(text(", of all channels together."));
            lines.push(line);
        }
        if contact.weekdays != Weekdays::ALL {
            lines.push(vec![text(format!("Contacts are made on {}.", weekdays(contact.weekdays)))]);
        }
        if !contact.quiet.is_empty() {
            let days: Vec<String> = contact.quiet.iter().map(quiet).collect();
            lines.push(vec![text(format!("Nobody is contacted on {}.", days.join("; ")))]);
        }
        let table = |name: &str| Inline::Link {
            to: anchor("table", name),
            text: name.to_owned(),
            hint: self.pack.tables.get(name).map(|table| table.help.clone()).unwrap_or_default(),
        };
        if let Some(history) = &contact.history {
            lines.push(vec![
                text("Counted are the contacts of the table "),
                table(&history.name),
                text(", and those planned."),
            ]);
        }
        if let Some(list) = &contact.do_not_contact {
            lines.push(vec![
                text("Who stands in the table "),
                table(&list.name),
                text(" is not contacted: not by the channel of her line, or not at all if it names none."),
            ]);
        }
        if lines.is_empty() {
            return section("contact", title, Vec::new());
        }
        let items = lines.into_iter().map(|line| Item { line, below: Vec::new() }).collect();
        let lead = Block::text(
            "These rules hold over all campaigns. They can only take days away; whom a channel may reach is said by the channel. A plan is written only if every contact in it keeps them.",
        );
        section("contact", title, vec![lead, Block::List { ordered: false, items }])
    }

    /// What a channel adds to them, and the legal basis.
    pub(super) fn channel_terms(&self, channel: &Channel) -> Vec<(String, Vec<Block>)> {
        let mut terms = Vec::new();
        let mut term = |word: &str, blocks: Vec<Block>| terms.push((word.to_owned(), blocks));
        if let Some(rule) = &channel.basis {
            term("Legal basis", vec![self.value(rule)]);
        }
        if let Some(rule) = &channel.consent_on {
            term("Consent of", vec![self.value(rule)]);
        }
        for cooldown in &channel.cooldown {
            let mut line = vec![text("not within ")];
            line.extend(self.figure(&cooldown.days, "day", "days"));
            if cooldown.after == channel.name {
                line.push(text(" of the last one"));
            } else {
                line.push(text(" of a contact by "));
                let other = self.pack.channels.get(&cooldown.after);
                line.push(Inline::Link {
                    to: anchor("channel", &cooldown.after),
                    text: other.map_or_else(|| cooldown.after.clone(), |other| other.label.clone()),
                    hint: other.map(|other| other.help.clone()).unwrap_or_default(),
                });
            }
            term("Waits", vec![Block::Paragraph(line)]);
        }
        for cap in &channel.caps {
            term("Capped", vec![Block::Paragraph(self.cap(cap))]);
        }
        if channel.weekdays != Weekdays::ALL {
            term("Used on", vec![Block::text(weekdays(channel.weekdays))]);
        }
        terms
    }

    /// `at most 3 contacts in any 90 days`
    fn cap(&self, cap: &Cap) -> Line {
        let mut line = vec![text("At most ")];
        line.extend(self.figure(&cap.most, "contact", "contacts"));
        line.push(text(" in any "));
        line.extend(self.figure(&cap.days, "day", "days"));
        line
    }

    /// A number with its unit; a parameter by its name, which says its unit itself.
    fn figure(&self, rule: &Rule, one: &str, many: &str) -> Line {
        if let Kind::Const(Value::Number(x)) = rule.expr.kind {
            return vec![text(format!("{} {}", number(x), if x == 1.0 { one } else { many }))];
        }
        self.words.value(&rule.expr)
    }
}

/// `Monday to Friday`, `Tuesday and Thursday`
fn weekdays(days: Weekdays) -> String {
    let list: Vec<u32> = (1..=7).filter(|day| days.has(*day)).collect();
    let name = |day: u32| weekday(f64::from(day)).unwrap_or_default();
    match list.as_slice() {
        [first, .., last] if list.len() > 2 && last - first + 1 == list.len() as u32 => {
            format!("{} to {}", name(*first), name(*last))
        }
        [rest @ .., last] if !rest.is_empty() => {
            let rest: Vec<&str> = rest.iter().map(|day| name(*day)).collect();
            format!("{} and {}", rest.join(", "), name(*last))
        }
        list => list.iter().map(|day| name(*day)).collect(),
    }
}

/// `24 to 26 December every year`, `2026-12-24 to 2026-12-26`
fn quiet(quiet: &Quiet) -> String {
    let month = |month: u32| MONTHS.get(month.saturating_sub(1) as usize).copied().unwrap_or_default();
    match quiet.days {
        QuietDays::Once(first, last) if first == last => first.to_string(),
        QuietDays::Once(first, last) => format!("{first} to {last}"),
        QuietDays::Yearly((m, first), (n, last)) if (m, first) == (n, last) => {
            format!("{first} {} every year", month(m))
        }
        QuietDays::Yearly((m, first), (n, last)) if m == n && first < last => {
            format!("{first} to {last} {} every year", month(m))
        }
        QuietDays::Yearly((m, first), (n, last)) => format!("{first} {} to {last} {} every year", month(m), month(n)),
    }
}
