//! A plan on a terminal: what is planned, by campaign and by week, what the limits are worth, who is left out.

use std::collections::BTreeMap;

use super::summary::{FindingLine, PlanSummary};
use crate::draw::{
    Cell, Column, Overflow, Paint, Role, Table, UNKNOWN, bar, beside, clean, count, cut, grouped, share, width, wrap,
    wrap_hanging,
};
use crate::report::terminal::not_followed;

/// From this width on, tables stand side by side.
const WIDE: usize = 170;
/// Findings about holdouts that are listed one by one.
const SHOWN: usize = 8;
/// Between tables side by side.
const GAP: usize = 4;

/// The whole summary in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(summary: &PlanSummary, columns: usize, color: bool) -> String {
    let columns = columns.clamp(72, 240);
    let wide = columns >= WIDE;
    let draw = Draw { summary, paint: Paint::new(color), columns: if wide { (columns - GAP) / 2 } else { columns } };
    let mut blocks = vec![draw.header(columns)];
    if wide {
        let mut left = draw.campaigns();
        add(&mut left, draw.left_out());
        let mut right = draw.limits();
        add(&mut right, draw.weeks());
        blocks.push(beside(&left, &right, draw.columns, GAP));
    } else {
        blocks.extend([draw.campaigns(), draw.weeks(), draw.limits()]);
    }
    blocks.push(draw.prices(columns));
    if !wide {
        blocks.push(draw.left_out());
    }
    blocks.push(draw.findings(columns));
    let blocks = blocks.into_iter().filter(|block| !block.is_empty()).map(|block| block.join("\n"));
    let mut out = blocks.collect::<Vec<_>>().join("\n\n");
    out.push('\n');
    out
}

fn add(lines: &mut Vec<String>, more: Vec<String>) {
    if !lines.is_empty() && !more.is_empty() {
        lines.push(String::new());
    }
    lines.extend(more);
}

struct Draw<'a> {
    summary: &'a PlanSummary,
    paint: Paint,
    columns: usize,
}

impl Draw<'_> {
    fn header(&self, columns: usize) -> Vec<String> {
        let PlanSummary { receipt, until, .. } = self.summary;
        let name = format!("{} {}", clean(&receipt.pack), clean(&receipt.version));
        let hash = receipt.hash.get(..8).unwrap_or(&receipt.hash);
        let rest = format!(" · {hash} · plan of {} until {until}", receipt.as_of);
        let title = self.paint.strong(&cut(&name, columns.saturating_sub(width(&rest))));
        let mut lines = vec![format!("{title}{}", self.paint.dim(&rest))];
        for (role, sentence) in self.sentences() {
            lines.extend(wrap(&sentence, columns).into_iter().map(|line| self.paint.apply(role, &line)));
        }
        lines
    }

    fn sentences(&self) -> Vec<(Role, String)> {
        let s = self.summary;
        let customers = format!(
            "{} customers: {} planned, {} with a campaign and not planned, {} without one, {} suppressed",
            count(s.customers),
            count(s.planned),
            count(s.candidates.saturating_sub(s.planned)),
            count(s.customers.saturating_sub(s.candidates + s.suppressed)),
            count(s.suppressed)
        );
        let mut contacts = plural(s.contacts, "contact");
        if let Some((first, last)) = &s.days {
            contacts.push_str(&format!(" from {first} to {last}"));
        }
        if s.held_out > 0 {
            contacts.push_str(&format!(", and {} held out to see the effect", count(s.held_out)));
        }
        if s.forced > 0 {
            contacts.push_str(&format!("; {} decided by a person", count(s.forced)));
        }
        let mut expected = format!("expected: {} returns", grouped(s.returns, 1));
        if let Some(anyway) = s.anyway {
            expected.push_str(&format!(" ({} of them would come anyway)", grouped(anyway, 1)));
        }
        expected.push_str(&format!(", a gain of {} after {} of cost", self.money(s.gain), self.money(s.cost)));
        if s.hours > 0.0 {
            expected.push_str(&format!(" and {} hours of work", grouped(s.hours, 1)));
        }
        let worth = if s.held_out > 0 { "before chance draws the holdout it is worth" } else { "the plan is worth" };
        let mut optimal = format!("{worth} {}; ", self.money(s.objective));
        optimal.push_str(&if s.exact {
            "none within these limits is worth more".to_owned()
        } else {
            let bound = self.money(s.bound);
            format!("none within these limits is worth more than {bound}, a gap of {}", gap(s.gap))
        });
        if s.given_up >= 0.5 {
            let given_up = self.money(s.given_up);
            optimal.push_str(&format!("; {given_up} of it is given up so that they hold for those who were drawn"));
        }
        let mut all =
            vec![(Role::Plain, customers), (Role::Plain, contacts), (Role::Plain, expected), (Role::Dim, optimal)];
        for line in &s.forced_refused {
            let text = format!(
                "{} decided by a person could not be planned: {}",
                plural(line.customers, "contact"),
                line.words
            );
            all.push((Role::Warn, text));
        }
        let ignored = s.ignored.iter().map(|line| (line.words.as_str(), line.customers));
        all.extend(not_followed(ignored).map(|text| (Role::Warn, text)));
        all
    }

    fn money(&self, x: f64) -> String {
        format!("{} {}", grouped(x, 0), clean(&self.summary.currency)).trim_end().to_owned()
    }

    fn gain_header(&self) -> String {
        format!("gain {}", cut(&clean(&self.summary.currency), 8)).trim_end().to_owned()
    }

    fn campaigns(&self) -> Vec<String> {
        let campaigns = &self.summary.campaigns;
        if campaigns.is_empty() {
            return Vec::new();
        }
        let roomy = self.columns > 90;
        let work = campaigns.iter().any(|line| line.hours > 0.0);
        let cutting = |header: &str, least| Column::text(header).overflow(Overflow::Cut(least));
        let mut list = vec![cutting("campaign", 12), cutting("channel", 6)];
        if roomy {
            list.push(cutting("speaker", 8));
        }
        list.extend(["contacts", "held out", "returns"].map(Column::number));
        if work {
            list.push(Column::number("hours"));
        }
        list.extend(["cost", &self.gain_header()].map(Column::number));
        let mut table = Table::new(list);
        let row = |texts: [Option<&str>; 3], figures: (u64, u64), sums: [f64; 4], role: Role| {
            let [name, channel, speaker] = texts;
            let (contacts, held_out) = figures;
            let [returns, hours, cost, gain] = sums;
            let dash = || Cell::new(UNKNOWN, Role::Dim);
            let text = |text: Option<&str>| text.map_or_else(dash, |text| Cell::new(clean(text), role));
            let mut cells = vec![text(name), text(channel)];
            if roomy {
                cells.push(text(speaker));
            }
            cells.push(count(contacts).into());
            cells.push(if held_out > 0 { count(held_out).into() } else { dash() });
            cells.push(grouped(returns, 1).into());
            if work {
                cells.push(if hours > 0.0 { grouped(hours, 1).into() } else { dash() });
            }
            cells.push(grouped(cost, 0).into());
            cells.push(Cell::new(grouped(gain, 0), if gain < 0.0 { Role::Bad } else { Role::Plain }));
            cells
        };
        for line in campaigns {
            let texts = [Some(line.campaign.as_str()), line.channel.as_deref(), line.speaker.as_deref()];
            let sums = [line.returns, line.hours, line.cost, line.gain];
            table.row(row(texts, (line.contacts, line.held_out), sums, Role::Plain));
        }
        let s = self.summary;
        let total = [s.returns, s.hours, s.cost, s.gain];
        table.total(row([Some(""), Some(""), Some("")], (s.contacts, s.held_out), total, Role::Plain));
        table.draw(self.columns, self.paint)
    }

    /// Contacts by channel (rows) and week (columns).
    fn weeks(&self) -> Vec<String> {
        let weeks = &self.summary.weeks;
        let mut names: Vec<&str> = weeks.iter().map(|line| line.week.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Vec::new();
        }
        // The later ones together, if there is no room for all.
        let room = (self.columns.saturating_sub(24) / 10).max(2);
        let (shown, rest) = names.split_at(if names.len() > room { room - 1 } else { names.len() });
        let mut list = vec![Column::text("contacts by channel")];
        list.extend(shown.iter().map(|name| Column::number(name)));
        if !rest.is_empty() {
            list.push(Column::number("later"));
        }
        let mut table = Table::new(list);
        let mut rows: BTreeMap<usize, (String, Vec<u64>, f64)> = BTreeMap::new();
        let mut order: Vec<Option<&str>> = Vec::new();
        for line in weeks {
            let channel = line.channel.as_deref();
            let at = order.iter().position(|known| *known == channel).unwrap_or_else(|| {
                order.push(channel);
                order.len() - 1
            });
            let entry = rows.entry(at).or_insert_with(|| {
                (
                    channel.map_or("no channel".to_owned(), clean),
                    vec![0; shown.len() + usize::from(!rest.is_empty())],
                    0.0,
                )
            });
            let column = shown.iter().position(|name| *name == line.week).unwrap_or(shown.len());
            if let Some(sum) = entry.1.get_mut(column) {
                *sum += line.contacts;
            }
            entry.2 += line.hours;
        }
        for (name, sums, _) in rows.into_values() {
            let mut cells = vec![Cell::from(name)];
            cells.extend(
                sums.into_iter().map(|sum| if sum > 0 { count(sum).into() } else { Cell::new(UNKNOWN, Role::Dim) }),
            );
            table.row(cells);
        }
        table.draw(self.columns, self.paint)
    }

    fn limits(&self) -> Vec<String> {
        let limits = &self.summary.limits;
        if limits.is_empty() {
            return Vec::new();
        }
        let roomy = self.columns >= 84;
        let timed = limits.iter().any(|line| line.time.is_some());
        let mut list = vec![Column::text("limit").overflow(Overflow::Wrap(14))];
        if timed {
            list.push(Column::fixed("time"));
        }
        list.extend([Column::number("used"), Column::number("of"), Column::fixed("")]);
        if roomy {
            list.push(Column::fixed(""));
        }
        list.push(Column::number("one more"));
        let mut table = Table::new(list);
        let mut before = "";
        // Times in which nothing happens say nothing.
        let idle = |line: &&super::summary::LimitLine| {
            line.time.is_some() && line.used == 0.0 && line.least.is_none() && line.price.abs() < 0.005
        };
        for line in limits.iter().filter(|line| !idle(line)) {
            let label = if before == line.label && line.time.is_some() { String::new() } else { clean(&line.label) };
            before = &line.label;
            let decimals = usize::from(line.unit == "hours" || line.unit == "returns");
            let of = line.most.or(line.least);
            let mut cells = vec![Cell::from(label)];
            if timed {
                cells.push(line.time.as_deref().unwrap_or("").into());
            }
            cells.push(grouped(line.used, decimals).into());
            let mark = if line.most.is_none() { "≥ " } else { "" };
            cells.push(of.map_or_else(String::new, |of| format!("{mark}{}", grouped(of, decimals))).into());
            cells.push(Cell::new(cut(&clean(&line.unit), 8), Role::Dim));
            if roomy {
                let part = of.filter(|of| *of > 0.0).map_or(0.0, |of| line.used / of);
                let role = if line.short > 0.5 { Role::Warn } else { Role::Accent };
                cells.push(Cell::new(format!("{} {}", bar(part, 8), share(part, 1.0)), role));
            }
            cells.push(match line.price {
                price if price.abs() < 0.005 => Cell::new(UNKNOWN, Role::Dim),
                price => Cell::new(grouped(price, if price.abs() < 100.0 { 2 } else { 0 }), Role::Strong),
            });
            table.row(cells);
        }
        table.draw(self.columns, self.paint)
    }

    fn prices(&self, columns: usize) -> Vec<String> {
        list(
            "what the limits are worth",
            self.summary.limit_words.iter().map(|text| (Role::Plain, text)),
            columns,
            self.paint,
        )
    }

    fn left_out(&self) -> Vec<String> {
        let left_out = &self.summary.left_out;
        if left_out.is_empty() {
            return Vec::new();
        }
        let mut table =
            Table::new(vec![Column::prose("a campaign fits, and not planned"), Column::number("customers")]);
        for line in left_out {
            table.row(vec![clean(&line.words).into(), count(line.customers).into()]);
        }
        let all: u64 = left_out.iter().map(|line| line.customers).sum();
        table.total(vec!["".into(), count(all).into()]);
        table.draw(self.columns, self.paint)
    }

    fn findings(&self, columns: usize) -> Vec<String> {
        let findings = &self.summary.findings;
        // Without any holdout one sentence will do.
        if !findings.is_empty() && findings.iter().all(|finding| finding.verdict == "no_holdout") {
            let text =
                "nobody is held out, so nobody will know what this plan has achieved; give campaigns a `holdout`";
            return wrap(text, columns).into_iter().map(|line| self.paint.apply(Role::Warn, &line)).collect();
        }
        let is = |finding: &FindingLine, verdict: &str| finding.verdict == verdict;
        let (mut told, rest): (Vec<&FindingLine>, Vec<&FindingLine>) =
            findings.iter().partition(|finding| is(finding, "seen") || is(finding, "hidden"));
        // Shared experiments and what is seen first, then what is nearest to being seen: there holding out more is worth it.
        let far = |finding: &FindingLine| {
            let planned = (finding.treated + finding.held_out).max(1) as f64;
            finding.customers_needed.map_or(f64::INFINITY, |needed| needed as f64 / planned)
        };
        told.sort_by(|a, b| {
            let first = |finding: &FindingLine| (finding.campaigns.len() < 2, !is(finding, "seen"));
            first(a).cmp(&first(b)).then(far(a).total_cmp(&far(b)))
        });
        let hidden = told.iter().filter(|finding| finding.warning && finding.campaigns.len() == 1).count();
        let mut lines = Vec::new();
        let say = |lines: &mut Vec<String>, role: Role, text: &str| {
            lines.extend(wrap(text, columns).into_iter().map(|line| self.paint.apply(role, &line)));
        };
        if hidden > 0 {
            let one = findings.iter().filter(|finding| finding.campaigns.len() == 1).count();
            let text = format!(
                "{hidden} of {one} campaigns cannot show the effect they are said to have: hold out more, or give several one \
                 `experiment`, which is judged as a whole"
            );
            say(&mut lines, Role::Warn, &text);
        }
        add(&mut lines, self.shown(told.get(..SHOWN.min(told.len())).unwrap_or_default(), columns));
        if told.len() > SHOWN {
            say(&mut lines, Role::Dim, &format!("and {} more; `--format json` has all of them", told.len() - SHOWN));
        }
        let named = |verdicts: [&str; 3]| {
            let list = rest.iter().filter(|finding| verdicts.contains(&finding.verdict.as_str()));
            list.map(|finding| clean(&finding.campaigns.join(", "))).collect::<Vec<_>>().join(", ")
        };
        for (verdicts, text) in [
            (["no_holdout", "", ""], "nobody is held out of"),
            (["no_effect", "no_base", ""], "no `effect` is declared, and none expected, of"),
            (["nobody", "", ""], "people decided for everybody in"),
        ] {
            let names = named(verdicts);
            if !names.is_empty() {
                say(&mut lines, Role::Dim, &format!("{text}: {names}"));
            }
        }
        lines
    }

    /// Findings that have figures.
    fn shown(&self, findings: &[&FindingLine], columns: usize) -> Vec<String> {
        if findings.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new(vec![
            Column::text("what holdouts can show").overflow(Overflow::Cut(16)),
            Column::number("contacted"),
            Column::number("held out"),
            Column::number("effect"),
            Column::number("seen from"),
            Column::number("it takes"),
        ]);
        let dash = || Cell::new(UNKNOWN, Role::Dim);
        let points = |x: Option<f64>, role: Role| {
            x.map_or_else(dash, |x| Cell::new(format!("{} pts", grouped(x * 100.0, 1)), role))
        };
        for finding in findings {
            let seen = finding.verdict == "seen";
            table.row(vec![
                clean(&finding.campaigns.join(", ")).into(),
                count(finding.treated).into(),
                if finding.held_out > 0 { count(finding.held_out).into() } else { dash() },
                points(finding.effect, Role::Plain),
                points(finding.detectable, if seen { Role::Good } else { Role::Plain }),
                match finding.customers_needed {
                    _ if seen => Cell::new("seen", Role::Good),
                    Some(customers) => count(customers).into(),
                    None => dash(),
                },
            ]);
        }
        table.draw(columns.min(110), self.paint)
    }
}

/// A heading and sentences under it.
pub(super) fn list<'a>(
    heading: &str,
    sentences: impl Iterator<Item = (Role, &'a String)>,
    columns: usize,
    paint: Paint,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (role, sentence) in sentences {
        let wrapped = wrap_hanging(sentence, columns.saturating_sub(2), columns.saturating_sub(4));
        for (at, line) in wrapped.into_iter().enumerate() {
            lines.push(paint.apply(role, &format!("{}{line}", if at == 0 { "  " } else { "    " })));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, paint.strong(heading));
    }
    lines
}

/// `1 contact`, `1,234 contacts`
pub(super) fn plural(n: u64, word: &str) -> String {
    format!("{} {word}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A small share: `0.03 %`.
pub(super) fn gap(x: f64) -> String {
    let percent = x * 100.0;
    if percent > 0.0 && percent < 0.005 { "under 0.01 %".to_owned() } else { format!("{} %", grouped(percent, 2)) }
}
