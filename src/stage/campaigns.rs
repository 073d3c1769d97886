//! Step 3b, plan: which campaigns a customer is a candidate for, and the best of them.

use crate::engine::{Builder, Choice, Mask, Num, Reg, Segment};
use crate::expr::{Arith, Date, Value, evaluate};
use crate::pack::{Campaign, Pack, Rule};

use super::overrides::{self, ToldCampaign};
use super::states;
use super::{Context, RowValues, holds, segments};

/// Why a customer is no candidate for a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Her grade is let go on purpose.
    LetGo,
    /// The campaign is for another track.
    Track,
    /// Its rule is not true.
    When,
    /// No consent for its channel.
    Consent,
    /// A person decided for another one, or for none.
    Told,
}

/// One campaign for one customer.
#[derive(Debug, Clone)]
pub struct CampaignDecision {
    /// What stands in the way, in order; none for a candidate. Where a person chose this one, only consent can.
    pub obstacles: Vec<Obstacle>,
    /// When it would be sent.
    pub send_on: Option<Date>,
    /// What one contact costs.
    pub cost: Option<f64>,
    /// The probability that she returns, 0 to 1.
    pub success: Option<f64>,
    /// What a return is worth.
    pub value: Option<f64>,
    /// `success * value - cost`, an unknown cost counting 0.
    pub net: Option<f64>,
}

/// One campaign in columns.
pub(super) struct One {
    /// Rows it is a candidate for.
    pub(super) candidate: Mask,
    /// Of these the rows a person chose it for.
    pub(super) forced: Mask,
    pub(super) send_on: Num,
    pub(super) cost: Option<Num>,
    /// From 0 to 1.
    pub(super) success: Option<Num>,
    pub(super) value: Option<Num>,
}

/// The campaigns of a pack in columns, in its order.
pub(super) struct Columns {
    pub(super) each: Vec<One>,
}

/// A number or date of a campaign.
pub(super) fn number(b: &mut Builder, rule: Option<&Rule>) -> Option<Num> {
    match b.value(&rule?.expr) {
        Reg::Number(n) | Reg::Date(n) => Some(n),
        Reg::Text(_) | Reg::Bool { .. } => None,
    }
}

pub(super) fn columns(
    pack: &Pack,
    context: &Context,
    b: &mut Builder,
    kept: Mask,
    states: &states::Columns,
    let_go: Option<Mask>,
    told: Option<&overrides::One>,
) -> Columns {
    let mut open = match let_go {
        Some(gone) => {
            let stays = b.not(gone);
            b.and(&[kept, stays])
        }
        None => kept,
    };
    if let Some(told) = told {
        let undecided = b.not(told.any);
        open = b.and(&[open, undecided]);
    }
    let mut each = Vec::new();
    for (at, campaign) in pack.campaigns.iter().enumerate() {
        let mut conditions = vec![open];
        if let Some(track) = campaign.track {
            conditions.push(states.on(track));
        }
        if let Some(when) = &campaign.when {
            conditions.push(b.is_true(&when.expr));
        }
        let consent = consent(pack, campaign).map(|consent| b.is_true(&consent.expr));
        conditions.extend(consent);
        let mut candidate = b.and(&conditions);
        let mut forced = b.or(&[]);
        if let Some(told) = told.and_then(|told| told.each.get(at)) {
            let conditions: Vec<Mask> = [*told].into_iter().chain(consent).collect();
            forced = b.and(&conditions);
            candidate = b.or(&[candidate, forced]);
        }
        let cost = number(b, campaign.cost.as_ref());
        let value = number(b, campaign.value.as_ref());
        let success = number(b, campaign.success.as_ref()).map(|s| b.clamp(s, 0.0, 1.0));
        let send_on = match number(b, campaign.send_on.as_ref()) {
            Some(date) => date,
            None => b.number(Some(f64::from(context.as_of.days()))),
        };
        each.push(One { candidate, forced, send_on, cost, success, value });
    }
    Columns { each }
}

/// The best candidate of every row.
pub(super) struct Best {
    choice: Choice,
    net: Vec<Option<Num>>,
}

impl Columns {
    pub(super) fn best(&self, b: &mut Builder) -> Best {
        let net: Vec<Option<Num>> = self.each.iter().map(|one| one.net(b)).collect();
        let choice = if net.iter().all(Option::is_none) {
            // Nothing to compare: the first candidate, in the order of the pack.
            let masks: Vec<Mask> = self.each.iter().map(|one| one.candidate).collect();
            b.first_of(&masks)
        } else {
            let unknown = b.number(None);
            let alternatives: Vec<(Mask, Num)> =
                self.each.iter().zip(&net).map(|(one, net)| (one.candidate, net.unwrap_or(unknown))).collect();
            b.best(&alternatives)
        };
        Best { choice, net }
    }
}

impl One {
    /// `success * value - cost`, an unknown cost counting 0.
    fn net(&self, b: &mut Builder) -> Option<Num> {
        let gain = b.arith(Arith::Mul, self.success?, self.value?);
        Some(match self.cost {
            Some(cost) => {
                let known = b.or_number(cost, 0.0);
                b.arith(Arith::Sub, gain, known)
            }
            None => gain,
        })
    }
}

impl Best {
    pub(super) fn output(&self, pack: &Pack, columns: &Columns, b: &mut Builder) {
        type Name = fn(&Campaign) -> Option<&str>;
        let texts: [(&str, Name); 4] = [
            ("campaign", |c| Some(&c.name)),
            ("offer", |c| c.offer.as_deref()),
            ("channel", |c| c.channel.as_deref()),
            ("speaker", |c| c.speaker.as_deref()),
        ];
        for (name, of) in texts {
            let texts: Vec<Option<&str>> = pack.campaigns.iter().map(of).collect();
            let text = b.choice_text(self.choice, &texts);
            b.output(name, Reg::Text(text));
        }
        let each = |of: fn(&One) -> Option<Num>| columns.each.iter().map(of).collect::<Vec<_>>();
        let send_on = b.choice_number(self.choice, &each(|one| Some(one.send_on)));
        b.output("send_on", Reg::Date(send_on));
        let numbers = [
            ("cost", each(|one| one.cost)),
            ("success", each(|one| one.success)),
            ("value", each(|one| one.value)),
            ("net", self.net.clone()),
        ];
        for (name, numbers) in numbers {
            let number = b.choice_number(self.choice, &numbers);
            b.output(name, Reg::Number(number));
        }
    }

    pub(super) fn sentences(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        pack.campaigns
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.because.parts.is_empty())
            .map(|(i, c)| (b.chosen(self.choice, i), segments(&c.because)))
            .collect()
    }
}

fn consent<'a>(pack: &'a Pack, campaign: &Campaign) -> Option<&'a Rule> {
    pack.channels.get(campaign.channel.as_deref()?)?.consent.as_ref()
}

pub(super) fn row(
    pack: &Pack,
    context: &Context,
    state: Option<usize>,
    grade: Option<usize>,
    told: Option<ToldCampaign>,
    values: &RowValues,
) -> (Vec<CampaignDecision>, Option<usize>) {
    let track = state.and_then(|i| pack.states.get(i)).and_then(|s| s.track);
    let let_go = grade.and_then(|i| pack.grades.get(i)).is_some_and(|g| g.let_go);
    let number = |rule: Option<&Rule>| evaluate(&rule?.expr, values, &pack.scripts).as_number();
    let mut decisions = Vec::new();
    for (at, campaign) in pack.campaigns.iter().enumerate() {
        let mut obstacles = Vec::new();
        let forced = told == Some(ToldCampaign::Campaign(at));
        if !forced {
            if let_go {
                obstacles.push(Obstacle::LetGo);
            }
            if campaign.track.is_some() && campaign.track != track {
                obstacles.push(Obstacle::Track);
            }
            if !holds(pack, campaign.when.as_ref(), values) {
                obstacles.push(Obstacle::When);
            }
        }
        if !holds(pack, consent(pack, campaign), values) {
            obstacles.push(Obstacle::Consent);
        }
        if told.is_some() && !forced {
            obstacles.push(Obstacle::Told);
        }
        let cost = number(campaign.cost.as_ref());
        let value = number(campaign.value.as_ref());
        let success = number(campaign.success.as_ref()).map(|s| s.clamp(0.0, 1.0));
        let net = success
            .zip(value)
            .and_then(|(success, value)| Value::number(success * value).as_number())
            .and_then(|gain| Value::number(gain - cost.unwrap_or(0.0)).as_number());
        let send_on = match &campaign.send_on {
            Some(rule) => evaluate(&rule.expr, values, &pack.scripts).as_date(),
            None => Some(context.as_of),
        };
        decisions.push(CampaignDecision { obstacles, send_on, cost, success, value, net });
    }
    let mut best: Option<(usize, Option<f64>)> = None;
    for (i, decision) in decisions.iter().enumerate().filter(|(_, d)| d.obstacles.is_empty()) {
        let better = match (best, decision.net) {
            (None, _) => true,
            (Some((_, None)), net) => net.is_some(),
            (Some((_, Some(other))), Some(net)) => net > other,
            (Some((_, Some(_))), None) => false,
        };
        if better {
            best = Some((i, decision.net));
        }
    }
    let best = best.map(|(i, _)| i);
    (decisions, best)
}
