//! The analysis of causes: what was found, what was not, and how the scores compare.

use super::answer::{Analysis, CauseTrace, EvidenceTrace, ScriptTrace, Verdict};
use super::change::needed;
use super::rules::{Written, trace, verdict};
use super::scene::Scene;
use crate::pack::Pack;
use crate::stage::{Decision, sentence};

/// The analysis on this record.
pub(super) fn analysis(pack: &Pack, scene: &Scene<'_>, decision: &Decision) -> Analysis {
    let when = pack.causes.when.as_ref().map(|rule| {
        trace(pack, scene, decision, &Written { name: "analysis", label: "analysis", rule: Some(rule), because: None })
    });
    let mut causes = Vec::new();
    if decision.cause.analysed {
        for (i, cause) in pack.causes.list.iter().enumerate() {
            let evidence = cause.evidence.iter().map(|e| {
                let verdict = verdict(&scene.value(&e.when.expr));
                let holds = verdict == Verdict::Holds;
                let failed = scene.failed(&e.when.expr);
                EvidenceTrace {
                    text: e.when.text.clone(),
                    weight: e.weight,
                    verdict,
                    because: (holds && !e.because.parts.is_empty())
                        .then(|| sentence(pack, &e.because, &decision.values)),
                    would: match &failed {
                        Some(failure) if verdict == Verdict::Unknown => Some(failure.words()),
                        _ => needed(scene, &e.when.expr, true).map(|c| c.sentence()),
                    },
                    script_error: failed.map(ScriptTrace::from),
                }
            });
            causes.push(CauseTrace {
                name: cause.name.clone(),
                label: cause.label.clone(),
                class: cause.class.clone(),
                score: decision.cause.scores.get(i).copied().unwrap_or_default(),
                won: decision.cause.winner == Some(i),
                evidence: evidence.collect(),
            });
        }
        causes.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    Analysis { analysed: decision.cause.analysed, when, minimum: pack.causes.minimum, causes }
}
