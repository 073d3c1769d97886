//! `[criteria]`, `[dimensions]` and `[scoring]`: how customers are scored from 0 to 10.

use super::names::default_label;
use super::plugins::SCORE;
use super::read::{Fields, number, wrong_type};
use super::{Resolver, Table as Tree};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{NameKind, Slot, Stage, Type, Value};
use crate::pack::format;
use crate::pack::raw::{Node, Raw};
use crate::pack::{Band, Criterion, Dimension, Method, MissingScore, Priority, RankOrder, Rule};

/// The names of criteria and dimensions, taken before anything that may read them is typed.
pub(super) struct Plan {
    /// In the order of [`crate::pack::Pack::dimensions`].
    pub(super) dimensions: Vec<Dimension>,
    /// `score.NAME`, by name.
    scores: Vec<(String, Slot)>,
    /// `priority`
    pub(super) priority: Slot,
}

/// The dimension of a criterion that gives none.
const DEFAULT_DIMENSION: &str = "worth";
/// The dimensions that are always there.
const ALWAYS: [&str; 2] = ["worth", "chance"];

const METHOD_HELP: &str =
    "give `score = '…'`, `plugin = \"…\"`, or `value = '…'` with one of `bands`, `curve`, `map`, `rank`";

impl Resolver<'_> {
    /// Takes the names of criteria and dimensions.
    pub(super) fn declare_criteria(&mut self, root: &Tree) -> Plan {
        let mut declared: Vec<(&str, Option<Span>, String)> = Vec::new();
        for (name, entry) in self.things(root, "dimensions") {
            let what = format!("dimension `{name}`");
            let label = match Fields::open(&entry.node, entry.key, what, &format::DIMENSION, &mut self.diagnostics) {
                Some(fields) => {
                    let _ = fields.string("help", &mut self.diagnostics);
                    self.label(&fields, name)
                }
                None => default_label(name),
            };
            if self.declare(name, entry.key, "a dimension") {
                declared.push((name, Some(entry.key), label));
            }
        }
        for name in ALWAYS {
            if !declared.iter().any(|(other, ..)| *other == name) && self.declare_always(name) {
                declared.push((name, None, default_label(name)));
            }
        }
        let criteria = self.things(root, "criteria");
        let mut order: Vec<&str> = Vec::new();
        for (_, entry) in &criteria {
            let used = match &entry.node.value {
                Raw::Table(table) => table.text("dimension").map_or(DEFAULT_DIMENSION, |text| text.text.as_str()),
                _ => continue,
            };
            if !order.contains(&used) {
                order.push(used);
            }
        }
        order.extend(ALWAYS);
        let place = |name: &str| order.iter().position(|used| *used == name).unwrap_or(order.len());
        declared.sort_by_key(|(name, ..)| place(name));
        let mut scores = Vec::new();
        for (name, entry) in criteria {
            if self.identifier(name, entry.key, "a criterion") {
                let full = format!("score.{name}");
                let slot = self.add(&full, NameKind::Decided, Stage::Score, Type::Number, Some(entry.key));
                scores.push((name.to_owned(), slot));
            } else {
                self.broken.insert(format!("score.{name}"));
            }
        }
        let dimensions = declared
            .into_iter()
            .map(|(name, span, label)| Dimension {
                name: name.to_owned(),
                slot: self.add(name, NameKind::Decided, Stage::Dimension, Type::Number, span),
                label,
            })
            .collect();
        let priority = self.add("priority", NameKind::Decided, Stage::Priority, Type::Number, None);
        Plan { dimensions, scores, priority }
    }

    /// Takes the name of a dimension that is always there; false if the pack has given it to something else.
    fn declare_always(&mut self, name: &str) -> bool {
        if let Some(taken) = self.registry.get(name) {
            if let Some(span) = taken.span() {
                let message = format!("`{name}` is the name of a dimension and cannot be {}", taken.what());
                let help = "the dimensions `worth` and `chance` are always there";
                self.diagnostics.push(Diagnostic::error(code::DUPLICATE_NAME, span, message).help(help));
                self.broken.insert(name.to_owned());
            }
            return false;
        }
        self.declare_without_place(name, "a dimension");
        true
    }

    /// `[criteria]`
    pub(super) fn criteria(&mut self, root: &Tree, plan: &Plan) -> Vec<Criterion> {
        let mut criteria = Vec::new();
        for (name, entry) in self.things(root, "criteria") {
            let what = format!("criterion `{name}`");
            let Some(fields) = Fields::open(&entry.node, entry.key, what, &format::CRITERION, &mut self.diagnostics)
            else {
                continue;
            };
            let (label, help) = self.described(&fields, name, SCORE);
            let question = fields.string("question", &mut self.diagnostics);
            let dimension = self.dimension(&fields, plan);
            let hint = "an overlay drops a criterion with `remove = true`";
            let weight = fields.weight(1.0, hint, &mut self.diagnostics);
            let missing = self.missing(&fields);
            let method = self.method(&fields);
            let slot = plan.scores.iter().find(|(other, _)| other == name).map(|(_, slot)| *slot);
            let (Some(dimension), Some(method), Some(slot)) = (dimension, method, slot) else { continue };
            criteria.push(Criterion {
                name: name.to_owned(),
                slot,
                label,
                question,
                dimension,
                weight,
                method,
                missing,
                help,
                span: entry.key,
            });
        }
        criteria
    }

    fn dimension(&mut self, fields: &Fields<'_>, plan: &Plan) -> Option<usize> {
        let text = fields.text("dimension", &mut self.diagnostics);
        if text.is_none() && fields.has("dimension") {
            return None;
        }
        let name = text.map_or(DEFAULT_DIMENSION, |text| text.text.as_str());
        let found = plan.dimensions.iter().position(|dimension| dimension.name == name);
        if let (None, Some(text)) = (found, text)
            && !self.broken.contains(name)
        {
            let message = format!("there is no dimension `{name}`");
            let known = plan.dimensions.iter().map(|dimension| dimension.name.as_str());
            let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message).did_you_mean(name, known);
            self.diagnostics.push(if diagnostic.help.is_empty() {
                diagnostic.help(format!("it is `worth`, `chance`, or one declared by `[dimensions.{name}]`"))
            } else {
                diagnostic
            });
        }
        found
    }

    fn missing(&mut self, fields: &Fields<'_>) -> MissingScore {
        let Some(entry) = fields.get("missing") else { return MissingScore::Skip };
        if let Raw::Number(_) = entry.node.value {
            let score = number("missing", &entry.node, &mut self.diagnostics);
            return score
                .and_then(|x| self.in_range(x, entry.node.span))
                .map_or(MissingScore::Skip, MissingScore::Score);
        }
        let Raw::Text(_) = entry.node.value else {
            let wanted = "\"skip\", \"neutral\", \"worst\" or a number from 0 to 10";
            self.diagnostics.push(wrong_type("missing", wanted, &entry.node));
            return MissingScore::Skip;
        };
        let words = [("skip", MissingScore::Skip), ("neutral", MissingScore::Neutral), ("worst", MissingScore::Worst)];
        fields.word("missing", &words, &mut self.diagnostics).unwrap_or(MissingScore::Skip)
    }

    /// Exactly one way of scoring.
    fn method(&mut self, fields: &Fields<'_>) -> Option<Method> {
        let given: Vec<&str> =
            ["score", "plugin", "bands", "curve", "map", "rank"].into_iter().filter(|key| fields.has(key)).collect();
        if let [first, second, ..] = given.as_slice() {
            let message = format!("{} is scored in two ways, by `{first}` and by `{second}`", fields.what);
            let first = fields.get(first).map_or(fields.at, |entry| entry.key);
            let second = fields.get(second).map_or(fields.at, |entry| entry.key);
            self.diagnostics.push(
                Diagnostic::error(code::BAD_SCORING, second, message).related(first, "the other").help(METHOD_HELP),
            );
            return None;
        }
        let Some(method) = given.first().copied() else {
            let message = if fields.has("value") {
                format!("{} does not say how its `value` is scored", fields.what)
            } else {
                format!("{} does not say how it is scored", fields.what)
            };
            let at = fields.get("value").map_or(fields.at, |entry| entry.key);
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, at, message).help(METHOD_HELP));
            return None;
        };
        if let Some(entry) = fields.get("otherwise").filter(|_| method != "map") {
            let message = "`otherwise` belongs to a `map`";
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, entry.key, message));
        }
        if matches!(method, "score" | "plugin") {
            if let Some(entry) = fields.get("value") {
                let message = format!("`value` has no effect beside `{method}`");
                self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, entry.key, message).help(METHOD_HELP));
            }
            let rule = match method {
                "plugin" => self.provided(fields, SCORE),
                _ => self.rule(fields, "score", SCORE.stage, SCORE.ty),
            };
            return rule.map(Method::Score);
        }
        if !fields.has("value") {
            let help = format!("`{method}` scores a value, for instance `value = 'days_silent'`");
            fields.missing("value", &help, &mut self.diagnostics);
        }
        let ty = if method == "map" { Type::Text } else { Type::Number };
        let before = self.diagnostics.len();
        let value = self.rule(fields, "value", Stage::Cause, ty);
        self.scored_elsewhere(fields, method, ty, before);
        // The rest is read even where the value has an error.
        let value = value.unwrap_or_else(|| self.placeholder(fields, Value::Missing));
        self.scored(fields, method, value)
    }

    /// Where a value does not fit a way of scoring that stands in another file, that is shown, too.
    fn scored_elsewhere(&mut self, fields: &Fields<'_>, method: &str, ty: Type, before: usize) {
        let (Some(value), Some(scoring)) = (fields.get("value"), fields.get(method)) else { return };
        if value.key.file == scoring.key.file {
            return;
        }
        for diagnostic in self.diagnostics.iter_mut().skip(before).filter(|diagnostic| diagnostic.code == code::TYPE) {
            *diagnostic = diagnostic.clone().related(scoring.key, format!("`{method}` scores a {ty}"));
        }
    }

    fn scored(&mut self, fields: &Fields<'_>, method: &str, value: Rule) -> Option<Method> {
        match method {
            "bands" => Some(Method::Bands(value, self.bands(fields)?)),
            "curve" => Some(Method::Curve(value, self.curve(fields)?)),
            "map" => {
                let map = self.map(fields)?;
                let otherwise = fields.number("otherwise", &mut self.diagnostics);
                let otherwise = otherwise.and_then(|x| self.in_range(x, fields.span("otherwise")));
                Some(Method::Map(value, map, otherwise))
            }
            _ => {
                let words =
                    [("higher_is_better", RankOrder::HigherIsBetter), ("lower_is_better", RankOrder::LowerIsBetter)];
                Some(Method::Rank(value, fields.word("rank", &words, &mut self.diagnostics)?))
            }
        }
    }

    /// A score lies between 0 and 10.
    fn in_range(&mut self, score: f64, span: Span) -> Option<f64> {
        if (0.0..=10.0).contains(&score) {
            return Some(score);
        }
        let message = format!("scores lie between 0 and 10, this is {score}");
        self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, span, message));
        None
    }

    fn bands(&mut self, fields: &Fields<'_>) -> Option<Vec<Band>> {
        const HELP: &str = "as in `bands = [{ below = 200, score = 10 }, { below = 300, score = 7 }, { score = 0 }]`";
        let list = fields.list("bands", "bands", &mut self.diagnostics)?;
        let mut bands: Vec<Band> = Vec::new();
        let mut bounds: Vec<(f64, Span)> = Vec::new();
        for (index, node) in list.iter().enumerate() {
            let Some(band) = Fields::open(node, node.span, "a band", &format::BAND, &mut self.diagnostics) else {
                continue;
            };
            let below = band.number("below", &mut self.diagnostics);
            if !band.has("score") {
                band.missing("score", HELP, &mut self.diagnostics);
            }
            let score = band.number("score", &mut self.diagnostics);
            let score = score.and_then(|x| self.in_range(x, band.span("score"))).unwrap_or_default();
            let last = index + 1 == list.len();
            if last && band.has("below") {
                let message = "the last band must be open, without `below`";
                let help = "otherwise the largest values have no score; add `{ score = … }`";
                self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, band.span("below"), message).help(help));
            } else if !last && !band.has("below") {
                let message = "only the last band may be without `below`: those after it are never reached";
                self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, node.span, message).help(HELP));
            }
            if let Some(below) = below {
                let span = band.span("below");
                if let Some((before, first)) = bounds.last().filter(|(before, _)| *before >= below) {
                    let message = format!("bands must rise: {below} is not more than {before}");
                    let help = format!(
                        "a value below {below} is in a band before this one; sort the bands by `below`, smallest first"
                    );
                    self.diagnostics.push(
                        Diagnostic::error(code::BAD_SCORING, span, message)
                            .related(*first, "the band before")
                            .help(help),
                    );
                }
                bounds.push((below, span));
            }
            bands.push(Band { below, score });
        }
        if list.is_empty() {
            let message = "there is no band";
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, fields.span("bands"), message).help(HELP));
        }
        Some(bands)
    }

    fn curve(&mut self, fields: &Fields<'_>) -> Option<Vec<(f64, f64)>> {
        const HELP: &str = "as in `curve = [[0, 10], [0.1, 7], [0.5, 0]]`: value and score of each point";
        let list = fields.list("curve", "points", &mut self.diagnostics)?;
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut before: Option<(f64, Span)> = None;
        for node in list {
            let Some((x, y)) = self.point(node, HELP) else { continue };
            if let Some((last, span)) = before.filter(|(last, _)| *last >= x.0) {
                let message = format!("the values of a curve must rise: {} is not more than {last}", x.0);
                self.diagnostics.push(
                    Diagnostic::error(code::BAD_SCORING, x.1, message)
                        .related(span, "the point before")
                        .help("sort the points by their first number, each one only once"),
                );
            }
            before = Some(x);
            points.push((x.0, y));
        }
        if list.len() < 2 {
            let message = "a curve needs at least two points";
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, fields.span("curve"), message).help(HELP));
        }
        Some(points)
    }

    /// A point of a curve: its value with the place, and its score.
    fn point(&mut self, node: &Node, help: &str) -> Option<((f64, Span), f64)> {
        let pair = match &node.value {
            Raw::List(pair) => pair.as_slice(),
            _ => &[],
        };
        let [x, y] = pair else {
            let message = format!("a point of a curve must be a pair of numbers, this is {}", node.value.kind());
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, node.span, message).help(help));
            return None;
        };
        let value = number("the value of a point", x, &mut self.diagnostics)?;
        let score = number("the score of a point", y, &mut self.diagnostics)?;
        Some(((value, x.span), self.in_range(score, y.span)?))
    }

    fn map(&mut self, fields: &Fields<'_>) -> Option<Vec<(String, f64)>> {
        let node = &fields.get("map")?.node;
        let Raw::Table(table) = &node.value else {
            let diagnostic = wrong_type("map", "a table from text to score", node);
            self.diagnostics.push(diagnostic.help("as in `map = { private = 5, business = 8 }`"));
            return None;
        };
        if table.entries.is_empty() {
            let message = "this map scores nothing";
            let help = "as in `map = { private = 5, business = 8 }`";
            self.diagnostics.push(Diagnostic::error(code::BAD_SCORING, node.span, message).help(help));
        }
        let mut map = Vec::new();
        for (text, entry) in &table.entries {
            let score = number(text, &entry.node, &mut self.diagnostics);
            if let Some(score) = score.and_then(|x| self.in_range(x, entry.node.span)) {
                map.push((text.clone(), score));
            }
        }
        Some(map)
    }

    /// `[scoring]`
    pub(super) fn priority(&mut self, root: &Tree, slot: Slot) -> Priority {
        let mut priority = Priority { slot, rule: None };
        if let Some(fields) = self.section(root, "scoring", &format::SCORING) {
            priority.rule = self.rule(&fields, "priority", Stage::Dimension, Type::Number);
        }
        priority
    }
}
