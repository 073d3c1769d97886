//! Step 3: who is worth a new beginning, and who would come back; priority and grades.

use super::super::index::{anchor, help};
use super::super::model::{Block, Chart, Inline, Line, Section, Shape, plain};
use super::super::number::{count, number, percent, title};
use super::super::words::text;
use super::{Writer, section, thing};
use crate::expr::{Arith, Expr, Func, Kind, NameKind, Type};
use crate::pack::{Criterion, Dimension, Grade, Method, MissingScore, RankOrder, Rule};

/// How far a unit is followed through facts.
const DEEP: usize = 8;

impl Writer<'_> {
    pub(super) fn criteria(&self) -> Section {
        let mut blocks = Vec::new();
        if !self.pack.criteria.is_empty() {
            blocks.push(Block::text(
                "Every criterion scores from 0 to 10, and 10 is always good for us, also where the name sounds bad. What lies outside counts as 0 or 10. A dimension is the weighted mean of its criteria that are known.",
            ));
        }
        for (i, dimension) in self.pack.dimensions.iter().enumerate() {
            let list: Vec<&Criterion> = self.pack.criteria.iter().filter(|c| c.dimension == i).collect();
            let total: f64 = list.iter().map(|c| c.weight).sum();
            blocks.push(Block::Heading { id: anchor("dimension", &dimension.name), text: dimension.label.clone() });
            blocks.extend(self.dimension(dimension, &list, total));
            blocks.extend(list.iter().map(|c| self.criterion(c, dimension, total)));
        }
        section("criteria", "Step 3: the criteria", blocks)
    }

    fn dimension(&self, dimension: &Dimension, list: &[&Criterion], total: f64) -> Vec<Block> {
        let mut blocks = Vec::new();
        blocks.extend(self.help(&help(self.pack, "dimensions", &dimension.name)));
        blocks.push(Block::Paragraph(vec![
            text("In rules this is called "),
            Inline::Code(dimension.name.clone()),
            text("."),
        ]));
        if list.is_empty() {
            blocks.push(Block::text("No criterion belongs to it: it is always unknown."));
            return blocks;
        }
        let rows = list.iter().map(|c| {
            let share = c.weight / total;
            let name =
                Inline::Link { to: anchor("criterion", &c.name), text: c.label.clone(), hint: c.question.clone() };
            vec![
                vec![name],
                vec![text(number(c.weight))],
                vec![text(percent(share)), text(" "), Inline::Bar(share)],
                vec![text(&c.question)],
            ]
        });
        let head = ["Criterion", "Weight", "Share", "Question"].map(str::to_owned).to_vec();
        blocks.push(Block::Table { head, rows: rows.collect() });
        blocks
    }

    fn criterion(&self, c: &Criterion, dimension: &Dimension, total: f64) -> Block {
        let id = anchor("criterion", &c.name);
        let mut entry = self.entry(id, c.label.clone(), &c.name, "", (c.span, format!("criteria.{}", c.name)));
        entry.value = vec![
            Inline::Strong(format!("weight {}", number(c.weight))),
            Inline::Soft(format!(", {} of {}", percent(c.weight / total), dimension.name)),
        ];
        if !c.question.is_empty() {
            entry.blocks.push(Block::Paragraph(vec![Inline::Strong(c.question.clone())]));
        }
        entry.blocks.extend(self.help(&c.help));
        let (lead, rule) = match &c.method {
            Method::Score(rule) => ("The score is", rule),
            Method::Bands(rule, _) | Method::Curve(rule, _) | Method::Map(rule, ..) | Method::Rank(rule, _) => {
                ("Looked at", rule)
            }
        };
        let mut terms = vec![(lead.to_owned(), vec![self.value(rule)])];
        if let Some(how) = self.how(c, rule) {
            terms.push(("Scored".to_owned(), how));
        }
        terms.push(("If unknown".to_owned(), vec![Block::text(missing(c.missing))]));
        entry.blocks.push(Block::Terms(terms));
        thing(entry)
    }

    /// From a value to a score; a score needs no way.
    fn how(&self, c: &Criterion, rule: &Rule) -> Option<Vec<Block>> {
        let chart = |shape: Shape| {
            // The values of parameters stand above the chart already.
            let mut label = self.words.value(&rule.expr);
            label.retain(|part| !matches!(part, Inline::Soft(_)));
            Block::Chart(Chart {
                label: plain(&label),
                unit: self.unit(&rule.expr, DEEP),
                shape,
                missing: c.missing.score(),
            })
        };
        match &c.method {
            Method::Score(_) => None,
            Method::Bands(_, bands) => {
                let below: Vec<(f64, f64)> = bands.iter().filter_map(|b| Some((b.below?, b.score))).collect();
                let above = bands.iter().find(|b| b.below.is_none()).or(bands.last()).map_or(0.0, |b| b.score);
                Some(vec![Block::text("in steps:"), chart(Shape::Steps(below, above))])
            }
            Method::Curve(_, points) => Some(vec![
                Block::text("along straight lines between these points:"),
                chart(Shape::Curve(points.clone())),
            ]),
            Method::Map(_, entries, otherwise) => {
                let bar = |score: f64| -> Line { vec![text(number(score)), text(" "), Inline::Bar(score / 10.0)] };
                let mut rows: Vec<Vec<Line>> =
                    entries.iter().map(|(value, score)| vec![vec![Inline::Code(value.clone())], bar(*score)]).collect();
                rows.push(match otherwise {
                    Some(score) => vec![vec![text("anything else")], bar(*score)],
                    None => vec![vec![text("anything else")], vec![text("counts as unknown")]],
                });
                Some(vec![Block::Table { head: vec!["If it is".to_owned(), "Score".to_owned()], rows }])
            }
            Method::Rank(_, order) => {
                let (best, worst) = match order {
                    RankOrder::HigherIsBetter => ("highest", "lowest"),
                    RankOrder::LowerIsBetter => ("lowest", "highest"),
                };
                Some(vec![Block::text(format!(
                    "by the place among all customers: the {best} value scores 10, the {worst} 0, the middle 5"
                ))])
            }
        }
    }

    /// The unit of a number, where the expression gives it away.
    fn unit(&self, expr: &Expr, deep: usize) -> String {
        let Some(deep) = deep.checked_sub(1) else { return String::new() };
        match &expr.kind {
            Kind::Arith(Arith::Sub, a, b) if a.ty == Type::Date && b.ty == Type::Date => "days".to_owned(),
            Kind::Call(Func::DaysBetween, _) => "days".to_owned(),
            Kind::Call(Func::MonthsBetween, _) => "months".to_owned(),
            Kind::Call(Func::YearsBetween, _) => "years".to_owned(),
            Kind::Call(Func::Max | Func::Min | Func::Clamp | Func::Round | Func::Abs, list) => {
                list.first().map(|x| self.unit(x, deep)).unwrap_or_default()
            }
            Kind::Arith(Arith::Div, a, b) => match (self.unit(a, deep).as_str(), &b.kind) {
                ("days", Kind::Const(value)) if value.as_number().is_some_and(|x| (365.0..366.0).contains(&x)) => {
                    "years".to_owned()
                }
                _ => String::new(),
            },
            Kind::Slot(slot) => {
                let name = self.pack.names.get(*slot);
                match name.kind {
                    NameKind::Fact => {
                        let fact = self.pack.facts.iter().find(|fact| fact.slot == *slot);
                        fact.map(|fact| self.unit(&fact.expr, deep)).unwrap_or_default()
                    }
                    NameKind::Param => {
                        let param = self.pack.params.iter().find(|param| param.slot == *slot);
                        param.map(|param| param.unit.clone()).unwrap_or_default()
                    }
                    _ => String::new(),
                }
            }
            _ => String::new(),
        }
    }

    pub(super) fn grades(&self) -> Section {
        let mut blocks = Vec::new();
        match &self.pack.priority.rule {
            Some(rule) => {
                blocks.push(Block::Terms(vec![("The priority is".to_owned(), vec![self.value(rule)])]));
            }
            None => blocks.push(Block::text("The priority is the mean of the dimensions that are known.")),
        }
        if !self.pack.grades.is_empty() {
            let n = count(self.pack.grades.len(), "grade", "grades");
            blocks.push(Block::text(format!("{n}, asked from top to bottom; the first that fits decides.")));
        }
        for (grade, n) in self.pack.grades.iter().zip(1..) {
            blocks.push(self.grade(grade, n));
        }
        section("grades", "Step 3: priority and grades", blocks)
    }

    fn grade(&self, grade: &Grade, n: usize) -> Block {
        let id = anchor("grade", &grade.name);
        let path = format!("grades.{}", grade.name);
        let mut entry = self.entry(id, title(&grade.name), &grade.name, &grade.help, (grade.span, path));
        entry.number = Some(n);
        if grade.label != entry.title {
            entry.value = vec![Inline::Strong(grade.label.clone())];
        }
        if grade.let_go {
            entry.tags.push(Inline::Tag { text: "let go on purpose".to_owned(), group: "suppressed".to_owned() });
        }
        let when = match &grade.when {
            Some(rule) => vec![self.condition(rule)],
            None => vec![Block::text("nothing above fits")],
        };
        entry.blocks.push(Block::Terms(vec![("If".to_owned(), when)]));
        thing(entry)
    }
}

/// What an unknown value does.
fn missing(missing: MissingScore) -> String {
    match missing {
        MissingScore::Skip => "left out; the other criteria count for more".to_owned(),
        MissingScore::Neutral => "scores 5, in the middle".to_owned(),
        MissingScore::Worst => "scores 0".to_owned(),
        MissingScore::Score(x) => format!("scores {}", number(x)),
    }
}
