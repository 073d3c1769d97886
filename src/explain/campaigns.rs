//! Every campaign: the chosen one, the candidates it beat, and why the others do not fit.

use std::collections::BTreeMap;

use super::answer::{CampaignTrace, Choice, Clause, ScriptTrace, Verdict, WhyNot};
use super::change::Change;
use super::rules::failed;
use super::scene::Scene;
use crate::draw::amount;
use crate::pack::{Campaign, Pack, Rule};
use crate::stage::{CampaignDecision, Decision, Obstacle, ToldCampaign, sentence};

/// Every campaign on this record.
pub(super) fn campaigns(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> Vec<CampaignTrace> {
    let decided = || pack.campaigns.iter().zip(&decision.campaigns);
    let best = decision.best.and_then(|i| decided().nth(i));
    decided()
        .enumerate()
        .map(|(i, (campaign, d))| {
            let choice = match (decision.best == Some(i), d.obstacles.is_empty()) {
                (true, _) => Choice::Chosen,
                (false, true) => Choice::Candidate,
                (false, false) => Choice::No,
            };
            let why_not = match (choice, best) {
                (Choice::Candidate, Some((winner, w))) => vec![WhyNot::Worse {
                    than: winner.name.clone(),
                    by: w.net.zip(d.net).map(|(better, worse)| better - worse),
                }],
                // That a person decided is said once, above; here only of what would have fitted.
                _ => {
                    let only = d.obstacles == [Obstacle::Told];
                    let said = d.obstacles.iter().filter(|o| only || **o != Obstacle::Told);
                    said.map(|o| why_not(pack, scene, decision, campaign, *o)).collect()
                }
            };
            let because = (choice == Choice::Chosen && !campaign.because.parts.is_empty())
                .then(|| sentence(pack, &campaign.because, &decision.values));
            CampaignTrace {
                name: campaign.name.clone(),
                label: campaign.label.clone(),
                choice,
                why_not_in_words: why_not.iter().map(WhyNot::words).collect(),
                why_not,
                because,
                offer: campaign.offer.clone(),
                channel: campaign.channel.clone(),
                speaker: campaign.speaker.clone(),
                send_on: d.send_on.map(|d| d.to_string()),
                cost: d.cost,
                success: d.success,
                value: d.value,
                net: d.net,
                script_errors: script_errors(scene, campaign),
            }
        })
        .collect()
}

/// The values of a campaign that a script call failed for.
fn script_errors(scene: &Scene<'_>, campaign: &Campaign) -> BTreeMap<&'static str, ScriptTrace> {
    let rules = [
        ("send_on", &campaign.send_on),
        ("cost", &campaign.cost),
        ("success", &campaign.success),
        ("value", &campaign.value),
    ];
    let failed = |(name, rule): (&'static str, &Option<Rule>)| Some((name, scene.failed(&rule.as_ref()?.expr)?.into()));
    rules.into_iter().filter_map(failed).collect()
}

pub(super) fn why_not(
    pack: &Pack,
    scene: &Scene<'_>,
    decision: &Decision,
    campaign: &Campaign,
    obstacle: Obstacle,
) -> WhyNot {
    match obstacle {
        Obstacle::LetGo => {
            WhyNot::LetGo { grade: decision.grade.and_then(|i| pack.grades.get(i)).map(|g| g.name.clone()) }
        }
        Obstacle::Track => WhyNot::Track {
            needs: campaign.track.map_or("", crate::pack::Track::word).to_owned(),
            is: decision
                .state
                .and_then(|i| pack.states.get(i))
                .and_then(|s| s.track)
                .map(|track| track.word().to_owned()),
        },
        Obstacle::When => {
            WhyNot::When { clauses: campaign.when.as_ref().map_or_else(Vec::new, |r| failed(scene, &r.expr)) }
        }
        Obstacle::Told => WhyNot::Told {
            instead: match decision.told.campaign {
                Some(ToldCampaign::Campaign(i)) => pack.campaigns.get(i).map(|c| c.name.clone()),
                Some(ToldCampaign::Nobody) | None => None,
            },
        },
        Obstacle::Consent => {
            let channel = campaign.channel.clone().unwrap_or_default();
            let consent = pack.channels.get(&channel).and_then(|c| c.consent.as_ref());
            WhyNot::Consent { clauses: consent.map_or_else(Vec::new, |r| failed(scene, &r.expr)), channel }
        }
    }
}

impl WhyNot {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            WhyNot::LetGo { grade: Some(grade) } => format!("grade `{grade}` is let go on purpose"),
            WhyNot::LetGo { grade: None } => "let go on purpose".to_owned(),
            WhyNot::Track { needs, is: Some(is) } => format!("for track `{needs}`, this is `{is}`"),
            WhyNot::Track { needs, is: None } => format!("for track `{needs}`, this customer is on none"),
            WhyNot::When { clauses } => parts(clauses),
            WhyNot::Consent { channel, clauses } => match parts(clauses) {
                parts if parts.is_empty() => format!("no consent for `{channel}`"),
                parts => format!("no consent for `{channel}` ({parts})"),
            },
            WhyNot::Told { instead: Some(instead) } => format!("a person decided for `{instead}`"),
            WhyNot::Told { instead: None } => "a person decided for no contact".to_owned(),
            WhyNot::Worse { than, by: Some(0.0) } => format!("as good as `{than}`, which stands first"),
            WhyNot::Worse { than, by: Some(by) } => format!("`{than}` is expected to bring {} more", amount(*by)),
            WhyNot::Worse { than, by: None } => format!("`{than}` comes first, what this one brings is not known"),
        }
    }
}

fn parts(clauses: &[Clause]) -> String {
    let failed = clauses.iter().filter(|c| c.verdict == Verdict::Unknown).find_map(|c| c.script_error.as_ref());
    if let Some(error) = failed {
        return format!("script error: {}", error.told());
    }
    let changes: Vec<Change> = clauses.iter().filter_map(|c| c.change.clone()).collect();
    if changes.is_empty() { String::new() } else { Change::all(changes).sentence() }
}

/// `success * value - cost`, spelled out for a sentence.
pub(super) fn arithmetic(d: &CampaignDecision) -> Option<String> {
    let (success, value, net) = (d.success?, d.value?, d.net?);
    let chance = crate::draw::share(success, 1.0);
    Some(match d.cost {
        Some(cost) => format!("{chance} of {} less {} is {}", amount(value), amount(cost), amount(net)),
        None => format!("{chance} of {} is {}", amount(value), amount(net)),
    })
}
