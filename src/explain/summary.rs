//! The answer in three sentences: who and why, what she is worth, what she gets and why.

use super::answer::Overridden;
use super::campaigns::{arithmetic, why_not};
use super::change::{Change, needed};
use super::rules::failed;
use super::said;
use super::scene::Scene;
use crate::draw::{UNKNOWN, amount, share};
use crate::expr::Value;
use crate::pack::{Campaign, Pack};
use crate::stage::{CampaignDecision, Decision, Obstacle, suppressed_because};

/// The three sentences, and what people decided before the last two; one for a customer who is suppressed.
pub(super) fn sentences(
    pack: &Pack,
    scene: &Scene<'_>,
    decision: &Decision,
    overridden: Option<&Overridden>,
    key: &str,
) -> Vec<String> {
    if let Some(rule) = decision.suppressed.and_then(|i| pack.suppress.get(i)) {
        let because = suppressed_because(pack, rule, &decision.values);
        return vec![format!("{key} is suppressed: {because}. Nothing else is decided.")];
    }
    let mut sentences = vec![state(pack, decision, key)];
    sentences.extend(overridden.map(Overridden::sentence));
    sentences.extend([worth(pack, scene, decision), campaign(pack, scene, decision)]);
    sentences
}

fn state(pack: &Pack, decision: &Decision, key: &str) -> String {
    let Some(rule) = decision.state.and_then(|i| pack.states.get(i)) else {
        return format!("{key} is in no state: no rule fits.");
    };
    let track = rule.track.map_or_else(String::new, |t| format!(" ({})", t.word().replace('_', " ")));
    let because = said(pack, &rule.because, decision).map_or_else(String::new, |b| format!(": {b}"));
    format!("{key} is {}{track}{because}.", rule.state)
}

fn worth(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> String {
    let mut parts = Vec::new();
    if decision.cause.analysed {
        parts.push(
            match decision.cause.winner.and_then(|i| Some((pack.causes.list.get(i)?, decision.cause.evidence.get(i)?)))
            {
                Some((cause, found)) => {
                    let sentences = cause.evidence.iter().zip(found).filter(|(_, found)| **found);
                    let why: Vec<String> = sentences.filter_map(|(e, _)| said(pack, &e.because, decision)).collect();
                    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
                    let sure = match decision.told.cause {
                        Some(_) => ", said by a person".to_owned(),
                        None => decision.cause.confidence.map_or_else(String::new, |c| format!(", {}", percent(c))),
                    };
                    format!("Cause: {} ({}{sure}){why}.", cause.label, cause.class.replace('_', " "))
                }
                None if decision.told.cause.is_some() => "Cause: unknown, as a person said.".to_owned(),
                None => "Cause: unknown, not enough evidence.".to_owned(),
            },
        );
    }
    let mut measures: Vec<String> = pack
        .dimensions
        .iter()
        .zip(&decision.dimensions)
        .map(|(d, value)| format!("{} {}", d.name, number(*value)))
        .collect();
    measures.push(format!("priority {}", number(decision.priority)));
    let measures = measures.join(", ");
    parts.push(match decision.grade.and_then(|i| pack.grades.get(i)) {
        Some(grade) if grade.label != grade.name => {
            format!("Grade {} ({}): {measures}.", grade.name, lower_first(&grade.label))
        }
        Some(grade) => format!("Grade {}: {measures}.", grade.name),
        None if pack.grades.is_empty() => format!("Scores: {measures}."),
        None => {
            let roots = pack.grades.iter().filter_map(|g| needed(scene, &g.when.as_ref()?.expr, true)).next();
            let why = roots.map_or_else(String::new, |c| format!(" ({})", c.sentence()));
            format!("No grade{why}: {measures}.")
        }
    });
    parts.join(" ")
}

fn campaign(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> String {
    if let Some((campaign, d)) = decision.best.and_then(|i| Some((pack.campaigns.get(i)?, decision.campaigns.get(i)?)))
    {
        return chosen(pack, scene, decision, campaign, d);
    }
    if pack.campaigns.is_empty() {
        return "The pack has no campaigns.".to_owned();
    }
    match decision.told.campaign_of(pack) {
        Some(None) => return "No campaign: a person decided for no contact.".to_owned(),
        Some(Some(wanted)) => {
            let channel = wanted.channel.as_deref().unwrap_or_default();
            return format!(
                "No campaign: a person decided for `{}`, but there is no consent for `{channel}`.",
                wanted.name
            );
        }
        None => {}
    }
    let grade = decision.grade.and_then(|i| pack.grades.get(i));
    if let Some(grade) = grade.filter(|g| g.let_go) {
        return format!("No campaign: grade {} is let go on purpose.", grade.name);
    }
    // The one that fails in the fewest parts is the nearest.
    let parts = |campaign: &Campaign, d: &CampaignDecision| {
        let when = campaign.when.as_ref().filter(|_| d.obstacles.contains(&Obstacle::When));
        let consent = campaign.channel.as_ref().and_then(|c| pack.channels.get(c)?.consent.as_ref());
        let consent = consent.filter(|_| d.obstacles.contains(&Obstacle::Consent));
        let rules = when.into_iter().chain(consent);
        rules.flat_map(|r| failed(scene, &r.expr)).filter_map(|c| c.change).collect::<Vec<_>>()
    };
    let on_track =
        pack.campaigns.iter().zip(&decision.campaigns).filter(|(_, d)| !d.obstacles.contains(&Obstacle::Track));
    let nearest = on_track.map(|(c, d)| (c, parts(c, d))).min_by_key(|(_, parts)| parts.len());
    match nearest {
        Some((campaign, parts)) => {
            format!("No campaign fits. The nearest, `{}`, {}.", campaign.name, Change::all(parts).sentence())
        }
        None => "No campaign fits: none is for this track.".to_owned(),
    }
}

fn chosen(pack: &Pack, scene: &Scene<'_>, decision: &Decision, campaign: &Campaign, d: &CampaignDecision) -> String {
    let mut how = Vec::new();
    let offer =
        campaign.offer.as_ref().map(|o| pack.offers.get(o).map_or_else(|| o.clone(), |l| lower_first(&l.label)));
    let channel =
        campaign.channel.as_ref().map(|c| pack.channels.get(c).map_or_else(|| c.clone(), |l| lower_first(&l.label)));
    match (offer, channel) {
        (Some(offer), Some(channel)) => how.push(format!("{offer} by {channel}")),
        (Some(offer), None) => how.push(offer),
        (None, Some(channel)) => how.push(format!("by {channel}")),
        (None, None) => {}
    }
    if let Some(speaker) = &campaign.speaker {
        let label = pack.people.get(speaker).map_or_else(|| speaker.clone(), |l| lower_first(&l.label));
        how.push(format!("{label} speaks"));
    }
    how.extend(d.send_on.map(|date| format!("on {date}")));
    let mut sentence = format!("Gets `{}`: {}", campaign.name, how.join(", "));
    if decision.told.campaign.is_some() {
        sentence.push_str(", as a person decided");
    }
    if let Some(because) = said(pack, &campaign.because, decision) {
        sentence.push_str(&format!("; {because}"));
    }
    sentence.push('.');
    if let Some(arithmetic) = arithmetic(d) {
        let currency = pack.money.as_ref().map_or_else(String::new, |m| format!(" {}", m.currency));
        sentence.push_str(format!(" Expected: {arithmetic}{currency}").trim_end());
        let others = decision.campaigns.iter().filter(|c| c.obstacles.is_empty()).count();
        if others > 1 {
            sentence.push_str(&format!(", the best of {others} candidates"));
        }
        sentence.push('.');
    }
    if let Some((other, by, why)) = better_but_barred(pack, scene, decision, d) {
        sentence.push_str(&format!(" `{other}` would bring {} more, but: {why}.", amount(by)));
    }
    sentence
}

/// The campaign that would bring more, if only there were consent for its channel.
fn better_but_barred(
    pack: &Pack,
    scene: &Scene<'_>,
    decision: &Decision,
    chosen: &CampaignDecision,
) -> Option<(String, f64, String)> {
    let barred = |d: &CampaignDecision| d.obstacles == [Obstacle::Consent];
    let mine = chosen.net?;
    let (campaign, d) = pack
        .campaigns
        .iter()
        .zip(&decision.campaigns)
        .filter(|(_, d)| barred(d) && d.net.is_some_and(|net| net > mine))
        .max_by(|(_, a), (_, b)| a.net.unwrap_or(mine).total_cmp(&b.net.unwrap_or(mine)))?;
    let why: Vec<String> = d.obstacles.iter().map(|o| why_not(pack, scene, decision, campaign, *o).words()).collect();
    Some((campaign.name.clone(), d.net? - mine, why.join("; ")))
}

/// A label within a sentence: `Comeback discount` as `comeback discount`, but `E-mail` and `VIP` as they are.
fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

fn percent(x: f64) -> String {
    share(x, 1.0).replace(".0 %", " %")
}

fn number(x: Option<f64>) -> String {
    x.map_or_else(|| UNKNOWN.to_owned(), |x| Value::number((x * 10.0).round() / 10.0).to_string())
}
