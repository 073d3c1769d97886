//! Step 3b, plan: which campaigns a customer is a candidate for, and the best of them.

use crate::engine::{Builder, Choice, Mask, Num, Reg, Segment};
use crate::expr::{Arith, Date, Value, evaluate};
use crate::pack::{Campaign, Pack, Rule};

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
}

/// One campaign for one customer.
#[derive(Debug, Clone)]
pub struct CampaignDecision {
    /// What stands in the way, in order; none for a candidate.
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

pub(super) struct Columns {
    best: Choice,
    campaign: Vec<Option<String>>,
    offer: Vec<Option<String>>,
    channel: Vec<Option<String>>,
    speaker: Vec<Option<String>>,
    send_on: Vec<Option<Num>>,
    cost: Vec<Option<Num>>,
    success: Vec<Option<Num>>,
    value: Vec<Option<Num>>,
    net: Vec<Option<Num>>,
}

pub(super) fn columns(
    pack: &Pack,
    context: &Context,
    b: &mut Builder,
    kept: Mask,
    states: &states::Columns,
    let_go: Option<Mask>,
) -> Columns {
    let open = match let_go {
        Some(gone) => {
            let stays = b.not(gone);
            b.and(&[kept, stays])
        }
        None => kept,
    };
    let number = |b: &mut Builder, rule: Option<&Rule>| match b.value(&rule?.expr) {
        Reg::Number(n) | Reg::Date(n) => Some(n),
        Reg::Text(_) | Reg::Bool { .. } => None,
    };
    let mut alternatives = Vec::new();
    let mut columns = Columns {
        // Replaced below, once the alternatives are known.
        best: b.first_of(&[]),
        campaign: Vec::new(),
        offer: Vec::new(),
        channel: Vec::new(),
        speaker: Vec::new(),
        send_on: Vec::new(),
        cost: Vec::new(),
        success: Vec::new(),
        value: Vec::new(),
        net: Vec::new(),
    };
    for campaign in &pack.campaigns {
        let mut conditions = vec![open];
        if let Some(track) = campaign.track {
            conditions.push(states.on(track));
        }
        if let Some(when) = &campaign.when {
            conditions.push(b.is_true(&when.expr));
        }
        if let Some(consent) = consent(pack, campaign) {
            conditions.push(b.is_true(&consent.expr));
        }
        let candidate = b.and(&conditions);
        let cost = number(b, campaign.cost.as_ref());
        let value = number(b, campaign.value.as_ref());
        let success = number(b, campaign.success.as_ref()).map(|s| b.clamp(s, 0.0, 1.0));
        let net = match (success, value) {
            (Some(success), Some(value)) => {
                let gain = b.arith(Arith::Mul, success, value);
                Some(match cost {
                    Some(cost) => {
                        let known = b.or_number(cost, 0.0);
                        b.arith(Arith::Sub, gain, known)
                    }
                    None => gain,
                })
            }
            _ => None,
        };
        let send_on = match number(b, campaign.send_on.as_ref()) {
            Some(date) => date,
            None => b.number(Some(f64::from(context.as_of.days()))),
        };
        alternatives.push((candidate, net));
        columns.campaign.push(Some(campaign.name.clone()));
        columns.offer.push(campaign.offer.clone());
        columns.channel.push(campaign.channel.clone());
        columns.speaker.push(campaign.speaker.clone());
        columns.send_on.push(Some(send_on));
        columns.cost.push(cost);
        columns.success.push(success);
        columns.value.push(value);
        columns.net.push(net);
    }
    columns.best = if alternatives.iter().all(|(_, net)| net.is_none()) {
        // Nothing to compare: the first candidate, in the order of the pack.
        let masks: Vec<Mask> = alternatives.iter().map(|(mask, _)| *mask).collect();
        b.first_of(&masks)
    } else {
        let unknown = b.number(None);
        let alternatives: Vec<(Mask, Num)> =
            alternatives.iter().map(|(mask, net)| (*mask, net.unwrap_or(unknown))).collect();
        b.best(&alternatives)
    };
    columns
}

impl Columns {
    pub(super) fn output(&self, b: &mut Builder) {
        let texts = [
            ("campaign", &self.campaign),
            ("offer", &self.offer),
            ("channel", &self.channel),
            ("speaker", &self.speaker),
        ];
        for (name, texts) in texts {
            let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            let text = b.choice_text(self.best, &texts);
            b.output(name, Reg::Text(text));
        }
        let send_on = b.choice_number(self.best, &self.send_on);
        b.output("send_on", Reg::Date(send_on));
        let numbers = [("cost", &self.cost), ("success", &self.success), ("value", &self.value), ("net", &self.net)];
        for (name, numbers) in numbers {
            let number = b.choice_number(self.best, numbers);
            b.output(name, Reg::Number(number));
        }
    }

    pub(super) fn sentences(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        pack.campaigns
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.because.parts.is_empty())
            .map(|(i, c)| (b.chosen(self.best, i), segments(&c.because)))
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
    values: &RowValues,
) -> (Vec<CampaignDecision>, Option<usize>) {
    let track = state.and_then(|i| pack.states.get(i)).and_then(|s| s.track);
    let let_go = grade.and_then(|i| pack.grades.get(i)).is_some_and(|g| g.let_go);
    let number = |rule: Option<&Rule>| evaluate(&rule?.expr, values, &pack.scripts).as_number();
    let mut decisions = Vec::new();
    for campaign in &pack.campaigns {
        let mut obstacles = Vec::new();
        if let_go {
            obstacles.push(Obstacle::LetGo);
        }
        if campaign.track.is_some() && campaign.track != track {
            obstacles.push(Obstacle::Track);
        }
        if !holds(pack, campaign.when.as_ref(), values) {
            obstacles.push(Obstacle::When);
        }
        if !holds(pack, consent(pack, campaign), values) {
            obstacles.push(Obstacle::Consent);
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
