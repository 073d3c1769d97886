//! The second life on a terminal: what is due, how long second lives last against first ones, what they bring.

use super::frame::{Frame, page};
use crate::draw::{Cell, Column, Overflow, Role, Table, UNKNOWN, amount, clean, count, grouped, share, wrap};
use crate::second_life::{Due, Group, LifeRate, Lives, Rating, Report, Value};

/// Follow-ups, tenure and value in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(report: &Report, columns: usize, color: bool) -> String {
    let draw = Draw { report, frame: Frame::new(columns, color) };
    let mut blocks = vec![draw.header(), draw.due(), draw.list(), draw.tenure(), draw.ages()];
    blocks.push(draw.groups("cause of the first loss", &report.by_cause));
    blocks.push(draw.groups("came back with", &report.by_offer));
    blocks.push(draw.value());
    page(blocks)
}

struct Draw<'a> {
    report: &'a Report,
    frame: Frame,
}

impl Draw<'_> {
    fn header(&self) -> Vec<String> {
        let report = self.report;
        let mut lines = vec![self.frame.head(&report.pack, &report.version, &report.hash, &report.as_of)];
        let mut text = format!("{} customers", count(report.customers));
        if report.suppressed > 0 {
            text.push_str(&format!(", {} suppressed and not counted", count(report.suppressed)));
        }
        text.push_str(&format!("; {} came back", count(report.came_back)));
        if report.lost_again > 0 {
            let part = share(report.lost_again as f64, report.came_back as f64);
            text.push_str(&format!(", {} of them left again ({part})", count(report.lost_again)));
        }
        lines.extend(wrap(&text, self.frame.columns));
        lines
    }

    fn due(&self) -> Vec<String> {
        let followups = &self.report.followups;
        if followups.kinds.is_empty() && followups.quiet.is_empty() {
            return self.frame.note("the pack has no follow-ups");
        }
        if followups.kinds.is_empty() {
            return self.frame.note("no follow-up is due today or within a week");
        }
        let mut table = Table::new(vec![
            Column::text("follow-up due").overflow(Overflow::Cut(20)),
            Column::text("who").overflow(Overflow::Cut(12)),
            Column::number("today"),
            Column::number("still due"),
            Column::number("this week"),
        ]);
        let (mut today, mut still, mut soon) = (0, 0, 0);
        for row in &followups.kinds {
            today += row.today;
            still += row.still;
            soon += row.soon;
            table.row(vec![
                clean(&row.label).into(),
                clean(row.who.as_deref().unwrap_or(UNKNOWN)).into(),
                Cell::new(count(row.today), if row.today > 0 { Role::Strong } else { Role::Dim }),
                count(row.still).into(),
                count(row.soon).into(),
            ]);
        }
        table.total(vec![
            Cell::default(),
            Cell::default(),
            count(today).into(),
            count(still).into(),
            count(soon).into(),
        ]);
        let mut lines = self.frame.draw(&table);
        if !followups.quiet.is_empty() {
            let quiet: Vec<String> = followups.quiet.iter().map(|label| clean(label)).collect();
            lines.extend(self.frame.note(&format!("for nobody: {}", quiet.join(", "))));
        }
        lines
    }

    fn list(&self) -> Vec<String> {
        let followups = &self.report.followups;
        if followups.list.is_empty() {
            return Vec::new();
        }
        let mut columns = vec![
            Column::fixed("due"),
            Column::text("customer").overflow(Overflow::Cut(10)),
            Column::prose("what").overflow(Overflow::Wrap(14)),
        ];
        if self.frame.roomy {
            columns.push(Column::text("who").overflow(Overflow::Cut(12)));
        }
        columns.push(Column::prose("why"));
        let mut table = Table::new(columns);
        for due in &followups.list {
            let Due { key, label, who, because, due_on, .. } = due;
            let on = match (due.due, due_on) {
                (crate::second_life::DueKind::Today, _) | (_, None) => "today".to_owned(),
                (crate::second_life::DueKind::Still, Some(day)) => format!("since {day}"),
                (crate::second_life::DueKind::Soon, Some(day)) => format!("on {day}"),
            };
            let mut cells = vec![Cell::from(on), clean(key).into()];
            let who = clean(who.as_deref().unwrap_or(UNKNOWN));
            cells.push(clean(label).into());
            if self.frame.roomy {
                cells.push(who.into());
            }
            cells.push(clean(because).into());
            table.row(cells);
        }
        let mut lines = self.frame.draw(&table);
        let rest = followups.all - followups.list.len() as u64;
        if rest > 0 {
            lines.extend(self.frame.note(&format!("{} more, see `--due-out`", count(rest))));
        }
        lines
    }

    fn tenure(&self) -> Vec<String> {
        let tenure = &self.report.tenure;
        if self.report.came_back == 0 {
            return vec!["nobody has come back, as far as the records know".to_owned()];
        }
        let mut table = Table::new(vec![
            Column::fixed("lives"),
            Column::number("observed"),
            Column::number("ended"),
            Column::number("customer-days"),
            Column::number("ended per 100 days"),
            Column::number("half ended"),
        ]);
        for (name, lives) in [("second", &tenure.second), ("first", &tenure.first)] {
            table.row(vec![
                name.into(),
                count(lives.lives).into(),
                count(lives.ended).into(),
                grouped(lives.days, 0).into(),
                churn(lives).into(),
                median(lives).into(),
            ]);
        }
        let mut lines = vec![self.verdict()];
        if tenure.second.lives > 0 {
            lines.push(String::new());
            lines.extend(self.frame.draw(&table));
            lines.extend(self.frame.note(&format!(
            "a second life runs from the day of the return to the pack's `ended`; a first life from the first day of the relation to the \
             first loss, of all customers, those who came back included, watched for {} days at most: no longer than the longest second \
             life. In brackets: 95 % intervals (exact for rates, Kaplan–Meier with log-log for shares)",
            grouped(tenure.up_to_days, 0)
            )));
        }
        let left = &self.report.left_out;
        let outside = [
            (left.too_recent, "came back too recently to be judged"),
            (left.impossible, "with a second life that ended before it began"),
            (left.first_start_unknown, "whose first day is not known"),
            (left.first_end_unknown, "who came back, nobody knows when they had left"),
            (left.first_impossible, "with a first life that ended before it began"),
            (left.first_too_recent, "whose first life is too recent to be judged"),
        ];
        let outside: Vec<String> =
            outside.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
        if !outside.is_empty() {
            lines.extend(self.frame.note(&format!("not compared: {}", outside.join("; "))));
        }
        lines
    }

    /// What comes of the comparison, in a sentence.
    fn verdict(&self) -> String {
        let tenure = &self.report.tenure;
        let ratio = tenure.ratio.map_or_else(String::new, |r| {
            format!(
                ": {} times the churn of first lives [{}, {}]",
                grouped(r.value, 2),
                grouped(r.low, 2),
                grouped(r.high, 2)
            )
        });
        let p = tenure.p.map_or_else(String::new, |p| {
            if p < 0.001 { ", log-rank p < 0.001".to_owned() } else { format!(", log-rank p = {}", grouped(p, 3)) }
        });
        let (text, role) = match tenure.rating {
            Rating::Sooner => (format!("second lives end sooner than first ones{ratio}{p}"), Role::Bad),
            Rating::Later => (format!("second lives last longer than first ones{ratio}{p}"), Role::Good),
            Rating::NoClearDifference => {
                (format!("no clear difference between second and first lives{ratio}{p}"), Role::Strong)
            }
            Rating::CannotTellYet => {
                let why = match tenure.needed {
                    0 => "too few lives have ended".to_owned(),
                    n => format!(
                        "{} second lives were observed, {} more are needed",
                        count(tenure.second.lives),
                        count(n)
                    ),
                };
                (format!("whether second lives last as long as first ones: cannot tell yet, {why}"), Role::Warn)
            }
        };
        let text = wrap(&text, self.frame.columns).join("\n");
        self.frame.paint.apply(role, &text)
    }

    fn ages(&self) -> Vec<String> {
        let tenure = &self.report.tenure;
        if self.report.came_back == 0 || tenure.second.lives == 0 {
            return Vec::new();
        }
        let mut columns = vec![
            Column::fixed("ended after"),
            Column::number("of second lives"),
            Column::number("of first lives"),
            Column::number("difference"),
        ];
        if self.frame.roomy {
            columns.push(Column::number("observed so long"));
        }
        let mut table = Table::new(columns);
        for at in &tenure.ages {
            let told = |rate: &Option<LifeRate>| rate.as_ref().map_or_else(|| "cannot tell yet".to_owned(), percent);
            let difference = match (&at.difference, at.second.is_some() && at.first.is_some()) {
                (Some(d), _) => Cell::new(
                    points(d),
                    if d.low > 0.0 {
                        Role::Bad
                    } else if d.high < 0.0 {
                        Role::Good
                    } else {
                        Role::Plain
                    },
                ),
                (None, true) => Cell::new("nobody left", Role::Dim),
                (None, false) => Cell::new(UNKNOWN, Role::Dim),
            };
            let mut cells = vec![
                Cell::from(format!("{} days", grouped(at.days, 0))),
                told(&at.second).into(),
                told(&at.first).into(),
                difference,
            ];
            if self.frame.roomy {
                cells.push(format!("{} and {}", count(at.second_at_risk), count(at.first_at_risk)).into());
            }
            table.row(cells);
        }
        self.frame.draw(&table)
    }

    fn groups(&self, header: &str, groups: &[Group]) -> Vec<String> {
        if groups.is_empty() {
            return Vec::new();
        }
        let mut columns = vec![
            Column::text(header).overflow(Overflow::Cut(14)),
            Column::number("second lives"),
            Column::number("ended"),
        ];
        if self.frame.roomy {
            columns.push(Column::number("ended per 100 days"));
        }
        columns.push(Column::number("ended after 180 days"));
        if self.frame.roomy {
            columns.push(Column::number("against first lives"));
        }
        let mut table = Table::new(columns);
        let (shown, few): (Vec<&Group>, Vec<&Group>) = groups.iter().partition(|group| group.lives.churn.is_some());
        for group in shown {
            let mut cells =
                vec![Cell::from(clean(&group.label)), count(group.lives.lives).into(), count(group.lives.ended).into()];
            if self.frame.roomy {
                cells.push(churn(&group.lives).into());
            }
            cells.push(match &group.ended_at_180 {
                Some(rate) => percent(rate).into(),
                None => Cell::new("cannot tell yet", Role::Dim),
            });
            if self.frame.roomy {
                cells.push(match group.p {
                    Some(p) if p < 0.001 => "p < 0.001".into(),
                    Some(p) => format!("p = {}", grouped(p, 3)).into(),
                    None => Cell::new(UNKNOWN, Role::Dim),
                });
            }
            table.row(cells);
        }
        let mut lines = if table.is_empty() { Vec::new() } else { self.frame.draw(&table) };
        if !few.is_empty() {
            let few: Vec<String> =
                few.iter().map(|group| format!("{} {}", clean(&group.label), count(group.lives.lives))).collect();
            lines.extend(self.frame.note(&format!("{header}, too few second lives to tell: {}", few.join(", "))));
        }
        lines
    }

    fn value(&self) -> Vec<String> {
        let Some(value) = &self.report.value else { return Vec::new() };
        if self.report.came_back == 0 {
            return Vec::new();
        }
        let currency = clean(&self.report.currency);
        let money = |x: f64| format!("{} {currency}", amount(x)).trim_end().to_owned();
        let unknown = match value.unknown {
            0 => String::new(),
            n => format!("; {} more are back for too short a time, or one of the two is not known of them", count(n)),
        };
        let Value { value: Some(mean), predicted: Some(predicted), .. } = value else {
            return self.frame.note(&format!(
                "what second lives bring against what was predicted: cannot tell yet, both are known of {}, {} more are needed{unknown}",
                count(value.customers),
                count(value.needed)
            ));
        };
        let mut text = format!(
            "a second life brought {} so far [{}, {}], predicted until now were {}",
            money(mean.value),
            amount(mean.low),
            amount(mean.high),
            money(*predicted)
        );
        let mut advice = "the prediction fits what is seen so far".to_owned();
        if let Some(ratio) = &value.ratio {
            let interval = match (ratio.low, ratio.high) {
                (Some(low), Some(high)) => format!(" [{}, {}]", grouped(low, 2), grouped(high, 2)),
                _ => String::new(),
            };
            text.push_str(&format!(": {} times the prediction{interval}", grouped(ratio.value, 2)));
            let times = grouped(ratio.value, 2);
            if ratio.high.is_some_and(|high| high < 1.0) {
                advice = format!(
                    "the prediction is too high: multiply what a return is worth by {times}, or plan with a shorter second life"
                );
            } else if ratio.low.is_some_and(|low| low > 1.0) {
                advice = format!(
                    "the prediction is too low: multiply what a return is worth by {times}, and more customers are worth asking"
                );
            }
        }
        let mut lines = wrap(&text, self.frame.columns);
        lines.extend(wrap(&advice, self.frame.columns).iter().map(|line| self.frame.paint.apply(Role::Accent, line)));
        lines.extend(self.frame.note(&format!(
            "means over {} customers, with Student's and Fieller's 95 % intervals{unknown}",
            count(value.customers)
        )));
        lines
    }
}

/// `12.5 % [7.1, 20.9]`
fn percent(rate: &LifeRate) -> String {
    let p = |x: f64| grouped(100.0 * x, 1);
    format!("{} % [{}, {}]", p(rate.value), p(rate.low), p(rate.high))
}

/// `+12.5 points [7.1, 20.9]`
fn points(d: &LifeRate) -> String {
    let p = |x: f64| {
        let text = grouped(100.0 * x, 1);
        if x > 0.0 && text != "0.0" { format!("+{text}") } else { text }
    };
    format!("{} [{}, {}]", p(d.value), p(d.low), p(d.high))
}

fn churn(lives: &Lives) -> String {
    lives.churn.map_or_else(
        || "cannot tell yet".to_owned(),
        |r| format!("{} [{}, {}]", grouped(r.value, 3), grouped(r.low, 3), grouped(r.high, 3)),
    )
}

fn median(lives: &Lives) -> String {
    lives.median.map_or_else(|| "not seen".to_owned(), |days| format!("{} days", grouped(days, 0)))
}
