//! The stages of a decision, one file each; only this file knows their order.
//!
//! `suppress > state > cause > criteria > dimensions > priority > grade > campaigns`
//!
//! What people decided ([`Told`]) wins over cause, grade and campaign. [`Program`] gives the best campaign of each customer,
//! [`Candidates`] all of them; both are made of the same `Stages`.
//!
//! Every stage is written down twice, side by side: once over whole columns (`columns`), for [`Program`], and once for one
//! record (`row`), for [`decide`]: the obvious reading, which explain shows and which tests hold against the columns.

mod campaigns;
mod candidates;
mod causes;
mod criteria;
mod followups;
mod grades;
mod overrides;
pub mod prevention;
mod program;
mod row;
pub mod second_life;
mod states;
mod suppress;

use std::sync::Arc;

pub use campaigns::{CampaignDecision, Obstacle};
pub use candidates::{Candidates, candidates, term};
pub use causes::CauseDecision;
pub use criteria::CriterionDecision;
pub(crate) use criteria::scored;
pub use overrides::{Told, ToldCampaign, ToldCause};
pub use program::{Applied, Program, ProgramError, Receipt};
pub use row::{RowValues, cell};
pub use suppress::suppressed_because;

use crate::engine::{Builder, Code, Mask, Num, Reg, Segment};
use crate::expr::{Date, Value, evaluate};
use crate::pack::{Pack, Part, Rule, Template};
use crate::reference::Reference;

/// What a run fixes besides the pack: the as-of date, and the population a `rank` criterion is measured against.
#[derive(Debug, Clone)]
pub struct Context {
    /// `today`
    pub as_of: Date,
    /// Fitted tables; a `rank` criterion without one is unknown for everybody.
    pub reference: Arc<Reference>,
}

impl Context {
    /// A context without fitted tables.
    #[must_use]
    pub fn at(as_of: Date) -> Self {
        Self { as_of, reference: Arc::default() }
    }
}

/// Everything decided about one customer, with what it was decided from. Indices point into the pack's lists.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The value of every name, as far as it is decided.
    pub values: RowValues,
    /// The suppression that holds. Then nothing below is decided.
    pub suppressed: Option<usize>,
    /// What people decided; it is in what follows.
    pub told: Told,
    /// The state rule that matched.
    pub state: Option<usize>,
    /// Causes and their evidence.
    pub cause: CauseDecision,
    /// In the order of [`Pack::criteria`].
    pub criteria: Vec<CriterionDecision>,
    /// In the order of [`Pack::dimensions`].
    pub dimensions: Vec<Option<f64>>,
    /// What the plan sorts by.
    pub priority: Option<f64>,
    /// The grade that matched.
    pub grade: Option<usize>,
    /// In the order of [`Pack::campaigns`].
    pub campaigns: Vec<CampaignDecision>,
    /// The best candidate.
    pub best: Option<usize>,
    /// Follow-ups that are due.
    pub followups: Vec<usize>,
    /// Early warnings that are there, of who is still here.
    pub warnings: Vec<usize>,
    /// What she is counted with.
    pub money: Option<f64>,
    /// Why, in words.
    pub reasons: Option<String>,
}

/// The values every rule may read: columns and rollups as given, `today`, parameters and facts.
#[must_use]
pub fn with_facts(pack: &Pack, context: &Context, record: RowValues) -> RowValues {
    let mut values = record;
    values.set(pack.today, Value::Date(context.as_of));
    for param in &pack.params {
        values.set(param.slot, param.value.clone());
    }
    for fact in &pack.facts {
        let value = evaluate(&fact.expr, &values, &pack.scripts);
        values.set(fact.slot, value);
    }
    values
}

/// Decides one customer. `record` holds the values of columns and rollups; everything else is worked out here.
#[must_use]
pub fn decide(pack: &Pack, context: &Context, record: RowValues) -> Decision {
    decide_with(pack, context, record, overrides::row)
}

/// As [`decide`], what people decided left aside: what the rules alone would have said.
#[must_use]
pub fn decide_by_rules(pack: &Pack, context: &Context, record: RowValues) -> Decision {
    decide_with(pack, context, record, |_, _| Told::default())
}

fn decide_with(
    pack: &Pack,
    context: &Context,
    record: RowValues,
    told: impl FnOnce(&Pack, &RowValues) -> Told,
) -> Decision {
    let mut values = with_facts(pack, context, record);
    let suppressed = suppress::row(pack, &values);
    if suppressed.is_some() {
        return Decision {
            values,
            suppressed,
            told: Told::default(),
            state: None,
            cause: CauseDecision::default(),
            criteria: Vec::new(),
            dimensions: vec![None; pack.dimensions.len()],
            priority: None,
            grade: None,
            campaigns: Vec::new(),
            best: None,
            followups: Vec::new(),
            warnings: Vec::new(),
            money: None,
            reasons: None,
        };
    }
    let told = told(pack, &values);
    let state = states::row(pack, &mut values);
    let cause = causes::row(pack, told.cause, &mut values);
    let criteria = criteria::row(pack, context, &mut values);
    let dimensions = criteria::row_dimensions(pack, &mut values);
    let priority = grades::row_priority(pack, &mut values);
    let grade = grades::row(pack, told.grade, &mut values);
    let (campaigns, best) = campaigns::row(pack, context, state, grade, told.campaign, &values);
    let followups = followups::row(pack, &values);
    let warnings = prevention::row(pack, state, &values);
    let money = pack.money.as_ref().and_then(|m| evaluate(&m.rule.expr, &values, &pack.scripts).as_number());

    let campaign = best.and_then(|i| pack.campaigns.get(i)).map(|campaign| &campaign.because);
    let reasons = row_reasons(pack, &told, state, &cause, campaign, &values);

    Decision {
        values,
        suppressed,
        told,
        state,
        cause,
        criteria,
        dimensions,
        priority,
        grade,
        campaigns,
        best,
        followups,
        warnings,
        money,
        reasons,
    }
}

/// Why, in words: what a person said, the state, the cause, and last the campaign.
fn row_reasons(
    pack: &Pack,
    told: &Told,
    state: Option<usize>,
    cause: &CauseDecision,
    campaign: Option<&Template>,
    values: &RowValues,
) -> Option<String> {
    let mut templates = Vec::new();
    templates.extend(state.and_then(|i| pack.states.get(i)).map(|rule| &rule.because));
    templates.extend(causes::row_sentences(pack, cause));
    templates.extend(campaign);
    let sentences = templates.into_iter().filter(|t| !t.parts.is_empty()).map(|t| sentence(pack, t, values));
    let sentences: Vec<String> = told.because.clone().into_iter().chain(sentences).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// A template with the values of one customer filled in.
#[must_use]
pub fn sentence(pack: &Pack, template: &Template, values: &RowValues) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for part in &template.parts {
        // Writing into a `String` cannot fail.
        let _ = match part {
            Part::Text(t) => text.write_str(t),
            Part::Value(e) => write!(text, "{}", evaluate(e, values, &pack.scripts)),
        };
    }
    text
}

/// Whether a rule is true for one customer; a rule that is not there always is.
pub(crate) fn holds(pack: &Pack, rule: Option<&Rule>, values: &RowValues) -> bool {
    rule.is_none_or(|r| evaluate(&r.expr, values, &pack.scripts) == Value::Bool(true))
}

fn segments(template: &Template) -> Vec<Segment> {
    template
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(t) => Segment::Text(t.clone()),
            Part::Value(e) => Segment::Value(e.clone()),
        })
        .collect()
}

/// A builder that knows every name up to the facts.
fn begin(pack: &Pack, context: &Context) -> Builder {
    let mut b = Builder::new(Arc::new(pack.names.clone()), pack.scripts.clone());
    b.constant(pack.today, Value::Date(context.as_of));
    for param in &pack.params {
        b.constant(param.slot, param.value.clone());
    }
    for column in &pack.record.columns {
        b.input(column.slot, &column.name);
    }
    for rollup in &pack.rollups {
        b.input(rollup.slot, &rollup.name);
    }
    for fact in &pack.facts {
        b.define(fact.slot, &fact.expr);
    }
    b
}

/// Every stage of a pack in columns: the pieces that programs are made of.
struct Stages {
    suppressed: suppress::Columns,
    told: overrides::Columns,
    states: states::Columns,
    causes: causes::Columns,
    scores: Vec<Num>,
    dimensions: Vec<Num>,
    priority: Num,
    grades: grades::Columns,
    campaigns: campaigns::Columns,
}

/// The stages before campaigns, in columns.
struct Scored {
    suppressed: suppress::Columns,
    told: overrides::Columns,
    states: states::Columns,
    causes: causes::Columns,
    scores: Vec<Num>,
    dimensions: Vec<Num>,
    priority: Num,
    grades: grades::Columns,
}

impl Scored {
    fn of(pack: &Pack, context: &Context, b: &mut Builder) -> Scored {
        let suppressed = suppress::columns(pack, b);
        let kept = suppressed.kept;
        // Who objected is not profiled: no script looks at her either.
        b.call_within(kept);
        let told = overrides::columns(pack, b, kept);
        let states = states::columns(pack, b, kept);
        let causes = causes::columns(pack, b, kept, told.cause.as_ref());
        // What is decided is missing for whoever is suppressed before the next stage reads it, so that every stage can be
        // computed again from the columns of those before it.
        let scores = criteria::columns(pack, context, b, kept);
        let dimensions = criteria::columns_dimensions(pack, b, &scores);
        let priority = grades::columns_priority(pack, b, &dimensions, kept);
        let grades = grades::columns(pack, b, kept, told.grade.as_ref());
        Scored { suppressed, told, states, causes, scores, dimensions, priority, grades }
    }
}

impl Stages {
    fn of(pack: &Pack, context: &Context, b: &mut Builder) -> Stages {
        let Scored { suppressed, told, states, causes, scores, dimensions, priority, grades } =
            Scored::of(pack, context, b);
        let kept = suppressed.kept;
        let campaigns = campaigns::columns(pack, context, b, kept, &states, grades.let_go, told.campaign.as_ref());
        Stages { suppressed, told, states, causes, scores, dimensions, priority, grades, campaigns }
    }

    /// What is decided about a customer before any campaign, from `state` to `grade`.
    fn output_decided(&self, pack: &Pack, b: &mut Builder) {
        b.output("state", Reg::Text(self.states.state));
        b.output("track", Reg::Text(self.states.track));
        b.output("cause", Reg::Text(self.causes.cause));
        b.output("class", Reg::Text(self.causes.class));
        b.output("confidence", Reg::Number(self.causes.confidence));
        for (criterion, score) in pack.criteria.iter().zip(&self.scores) {
            b.output(&format!("score.{}", criterion.name), Reg::Number(*score));
        }
        for (dimension, mean) in pack.dimensions.iter().zip(&self.dimensions) {
            b.output(&dimension.name, Reg::Number(*mean));
        }
        b.output("priority", Reg::Number(self.priority));
        b.output("grade", Reg::Text(self.grades.grade));
    }

    fn output_money(&self, pack: &Pack, b: &mut Builder) {
        if let Some(money) = &pack.money {
            let value = b.value(&money.rule.expr);
            let value = b.only(value, self.suppressed.kept);
            b.output("money", value);
        }
    }

    /// Why, in words, without a campaign's part: it comes last.
    fn reasons(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        let mut sentences = self.told.sentences(pack, b);
        sentences.extend(self.states.sentences(pack, b));
        sentences.extend(self.causes.sentences(pack, b));
        sentences
    }
}

/// The whole pack as columnar code. The columns stand in the order documented at [`Program::output_schema`].
fn compile(pack: &Pack, context: &Context) -> Code {
    let mut b = begin(pack, context);
    let key = pack.record.key.clone();
    let stages = Stages::of(pack, context, &mut b);
    let best = stages.campaigns.best(&mut b);

    b.output_input(&key, &key);
    b.output_mask("suppressed", stages.suppressed.mask);
    b.output_sentences("suppressed_because", stages.suppressed.sentences.clone());
    stages.output_decided(pack, &mut b);
    best.output(pack, &stages.campaigns, &mut b);
    stages.output_money(pack, &mut b);
    let mut reasons = stages.reasons(pack, &mut b);
    reasons.extend(best.sentences(pack, &mut b));
    b.output_sentences("reasons", reasons);
    stages.told.output(pack, &mut b);
    b.output_text("pack", &pack.identity.name);
    b.output_text("version", &pack.identity.version);
    b.output_text("hash", &pack.identity.hash);
    b.output_value("as_of", crate::expr::Type::Date, Value::Date(context.as_of));
    b.finish(&key)
}

/// Code that gives the value of each `rank` criterion, in columns named like the criteria, for fitting a reference.
/// Suppressed customers are left out of the population: their values are missing.
fn compile_ranks(pack: &Pack, context: &Context) -> Code {
    let mut b = begin(pack, context);
    let kept = suppress::columns(pack, &mut b).kept;
    b.call_within(kept);
    let told = overrides::columns(pack, &mut b, kept);
    let _ = states::columns(pack, &mut b, kept);
    let _ = causes::columns(pack, &mut b, kept, told.cause.as_ref());
    for criterion in &pack.criteria {
        if let crate::pack::Method::Rank(rule, _) = &criterion.method {
            let value = b.value(&rule.expr);
            let value = b.only(value, kept);
            b.output(&criterion.name, value);
        }
    }
    b.finish(&pack.record.key)
}
