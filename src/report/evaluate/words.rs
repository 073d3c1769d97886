//! The words of an evaluation: shares, points, verdicts, remarks.

use crate::draw::{Role, amount, clean, count, grouped, share};
use crate::evaluate::{Evaluation, More, Verdict, Worth};
use crate::pack::Pack;
use crate::plan::Arm;
use crate::stats::Interval;

/// What names stand for in this pack.
pub(super) struct Words<'a> {
    pack: &'a Pack,
    currency: String,
    power: f64,
    within: f64,
}

impl<'a> Words<'a> {
    pub(super) fn new(pack: &'a Pack, evaluation: &Evaluation) -> Self {
        let currency = pack.money.as_ref().map(|money| clean(&money.currency)).unwrap_or_default();
        let within = pack.outcomes.as_ref().map_or(0.0, |outcomes| outcomes.within);
        Words { pack, currency, power: evaluation.settings.power, within }
    }

    /// `1,234 EUR`
    pub(super) fn money(&self, x: f64) -> String {
        let amount = amount(x);
        if self.currency.is_empty() { amount } else { format!("{amount} {}", self.currency) }
    }

    /// What is known before the contact, as the pack writes it.
    pub(super) fn covariate(&self) -> String {
        let rule = self.pack.outcomes.as_ref().and_then(|outcomes| outcomes.covariate.as_ref());
        rule.map_or_else(|| "what was known".to_owned(), |rule| format!("`{}`", clean(&rule.text)))
    }

    /// The currency, for the head of a column.
    pub(super) fn currency(&self) -> &str {
        &self.currency
    }

    /// What is called so in a column, as the pack calls it.
    pub(super) fn label(&self, column: &str, name: &str) -> String {
        let pack = self.pack;
        let label = match column {
            _ if name.is_empty() => Some("not known".to_owned()),
            "campaign" => pack.campaigns.iter().find(|c| c.name == name).map(|c| c.label.clone()),
            "channel" => pack.channels.get(name).map(|c| c.label.clone()),
            "cause" => pack.causes.list.iter().find(|c| c.name == name).map(|c| c.label.clone()),
            "offer" => pack.offers.get(name).map(|o| o.label.clone()),
            "speaker" => pack.people.get(name).map(|p| p.label.clone()),
            "grade" => pack
                .grades
                .iter()
                .find(|g| g.name == name)
                .map(|g| g.label.clone())
                .filter(|l| l != name)
                .map(|label| format!("{name} {label}")),
            _ => None,
        };
        clean(&label.filter(|label| !label.is_empty()).unwrap_or_else(|| name.to_owned()))
    }

    /// What can be said, without a capital and a full stop.
    pub(super) fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::NoHoldout => "nobody held out: nothing can be said about the effect".to_owned(),
            Verdict::NotTrusted => "not to be trusted: the arms are not of the size they should be".to_owned(),
            Verdict::Nobody => "nobody has returned yet".to_owned(),
            Verdict::TooFew(more) | Verdict::Open(more) => self.cannot_tell(more),
            Verdict::Works => "brings customers back".to_owned(),
            Verdict::Harms => "keeps customers away".to_owned(),
            Verdict::TooSmall { worth } => {
                format!("if there is an effect, it is below the {} worth seeing", points(*worth))
            }
            Verdict::OnlyAlone => "by itself it shows an effect; among so many rows chance may have made it".to_owned(),
            Verdict::Unseen { worth } => format!(
                "no effect seen; {} would have shown in {} of 100 cases",
                points(*worth),
                grouped(self.power * 100.0, 0)
            ),
        }
    }

    fn cannot_tell(&self, more: &More) -> String {
        let arm = match more.arm {
            Arm::Contact => "contacted",
            Arm::Holdout => "held out",
        };
        match (more.count, more.effect) {
            (Some(n), Some(effect)) => {
                format!("cannot tell yet: {} more {arm} would show {}", count(n), points(effect))
            }
            (Some(n), None) => format!("cannot tell yet: {} more {arm}", count(n)),
            (None, _) => "cannot tell yet".to_owned(),
        }
    }

    /// What a reader must know about the numbers, one sentence each.
    pub(super) fn remarks(&self, evaluation: &Evaluation) -> Vec<String> {
        let counts = &evaluation.counts;
        let mut list = Vec::new();
        let mut say = |n: u64, text: &dyn Fn(String) -> String| {
            if n > 0 {
                list.push(text(count(n)));
            }
        };
        let rows = |n: u64| if n == 1 { "1 outcome row".to_owned() } else { format!("{} outcome rows", count(n)) };
        let of =
            |n: u64, lies: &str| if n == 1 { format!("{} {lies}s", rows(n)) } else { format!("{} {lies}", rows(n)) };
        let within = grouped(self.within, 0);
        let customers = |n: u64| format!("{} customer{}", count(n), if n == 1 { "" } else { "s" });
        let one = |n: u64, one: &'static str, many: &'static str| if n == 1 { one } else { many };
        // Where not one outcome is of the plan, who did not return is not known.
        let there = counts.any_planned();
        say(if there { counts.without } else { 0 }, &|n| {
            let who = one(counts.without, "customer has", "customers have");
            let they = one(counts.without, "she", "they");
            format!("{n} planned {who} no outcome within {within} days: {they} did not return.")
        });
        say(counts.open, &|n| {
            format!("{n} can still return within their {within} days, so shares and money will grow.")
        });
        say(counts.unplanned, &|n| {
            let who = one(counts.unplanned, "customer", "customers");
            format!("Not in the plan, and left out: {} of {n} {who}.", rows(counts.unplanned_rows))
        });
        say(counts.before, &|_| format!("{} before the contact, which does not count.", of(counts.before, "lie")));
        say(counts.after, &|_| {
            format!("{} more than {within} days after the contact, which does not count.", of(counts.after, "lie"))
        });
        say(counts.unseen, &|_| format!("{} after the as-of date, which is not seen.", of(counts.unseen, "lie")));
        say(counts.again, &|n| {
            let are = one(counts.again, "contact is a further one", "contacts are further ones");
            format!(
                "{n} {are} of customers who have another: each customer counts once here, as contacted if any of hers was sent, with \
                 all that came of her. In the tables she counts once under each group, so groups may add up to more."
            )
        });
        say(evaluation.without_covariate.unwrap_or(0), &|n| {
            let who = one(evaluation.without_covariate.unwrap_or(0), "customer", "customers");
            format!("The covariate of {n} {who} is not known; the mean of the others stands for it.")
        });
        if evaluation.has_holdout() {
            let (apart, decided) = (evaluation.whole.apart, evaluation.whole.decided);
            say(decided, &|_| {
                let they = one(decided, "she is", "they are");
                format!(
                    "A person decided for {}, and not chance (overrides): {they} in the counts above and left out of the comparison.",
                    customers(decided)
                )
            });
            let rest = apart.saturating_sub(decided);
            say(rest, &|_| {
                let who = if decided > 0 { format!("{} more", count(rest)) } else { customers(rest) };
                let are = one(rest, "is", "are");
                format!("{who} could not have been held out, or not been contacted, and {are} compared with nobody.")
            });
            let compared = evaluation.whole.verdict != Verdict::NotTrusted && !evaluation.nobody_returned();
            if compared && evaluation.whole.strata > 1 {
                list.push(format!(
                    "Customers had {} different probabilities of a contact: arms are compared within each and put together by \
                     the numbers of those contacted (stratified estimate of the effect on the contacted).",
                    evaluation.whole.strata
                ));
            }
        }
        if evaluation.margin_of_plan {
            list.push(
                "No margin was observed: a return counts with the value the plan gave it, and profit rests on that."
                    .to_owned(),
            );
        }
        list
    }
}

/// Whether what brings customers back also earns more than it costs.
pub(super) fn pays(verdict: &Verdict, worth: Option<Worth>) -> &'static str {
    match (verdict, worth) {
        (Verdict::Works, Some(worth)) if worth.interval.low > 0.0 => ", and earns more than it costs",
        (Verdict::Works, Some(worth)) if worth.interval.high < 0.0 => ", and costs more than it earns",
        (Verdict::Works, Some(_)) => "; whether it earns more than it costs cannot be told yet",
        _ => "",
    }
}

/// Whether a number may stand as an answer.
pub(super) fn has_answer(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Works | Verdict::Harms)
}

/// How a verdict looks.
pub(super) fn role(verdict: &Verdict) -> Role {
    match verdict {
        Verdict::Works => Role::Good,
        Verdict::Harms | Verdict::NotTrusted => Role::Bad,
        Verdict::NoHoldout | Verdict::Nobody | Verdict::TooFew(_) | Verdict::Open(_) | Verdict::OnlyAlone => Role::Warn,
        Verdict::TooSmall { .. } | Verdict::Unseen { .. } => Role::Plain,
    }
}

/// With a capital at the start.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `12.3 %`
pub(super) fn rate(x: f64) -> String {
    share(x, 1.0)
}

/// `11.0 to 13.5 %`
pub(super) fn rates(interval: Interval) -> String {
    format!("{} to {} %", grouped(interval.low * 100.0, 1), grouped(interval.high * 100.0, 1))
}

/// A difference of shares: `+3.8 points`.
pub(super) fn points(x: f64) -> String {
    format!("{} points", signed(x))
}

/// A difference of shares in points, without the word: `+3.8`; two decimals where one would say nothing.
pub(super) fn signed(x: f64) -> String {
    signed_with(x, if x.abs() < 0.0095 { 2 } else { 1 })
}

fn signed_with(x: f64, decimals: usize) -> String {
    let text = grouped(x * 100.0, decimals);
    if x > 0.0 { format!("+{text}") } else { text }
}

/// An interval of such differences, both ends with as many decimals.
pub(super) fn signed_span(interval: Interval) -> String {
    let small = interval.low.abs().max(interval.high.abs()) < 0.0095;
    span(interval, |x| signed_with(x, if small { 2 } else { 1 }))
}

/// A return on what was spent: `2.31`, `-0.40`.
pub(super) fn ratio(x: f64) -> String {
    grouped(x, 2)
}

/// `a to b`, what both end with said once.
pub(super) fn span(interval: Interval, shown: impl Fn(f64) -> String) -> String {
    let (low, high) = (shown(interval.low), shown(interval.high));
    if !interval.low.is_finite() || !interval.high.is_finite() {
        return "no bound known".to_owned();
    }
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((a, unit)), Some((_, same))) if unit == same => format!("{a} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// `0.0123`, `< 0.0001`
pub(super) fn probability(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { grouped(p, 4) }
}
