//! Which rules of a pack stand together, and what is known where they are asked for.

use super::{Item, List};
use crate::diag::{FileId, Span};
use crate::expr::{Compare, Expr, Kind, Slot, Type, Value};
use crate::pack::Pack;

/// The campaigns of one track and channel.
type Group<'a> = ((Option<crate::pack::Track>, Option<&'a String>), Vec<Item<'a>>);

/// Expressions that no author wrote: what is true of every candidate of a campaign.
pub(in crate::check::logic) struct Extra {
    tracks: Vec<Expr>,
    let_go: Vec<Expr>,
}

impl Extra {
    pub(in crate::check::logic) fn of(pack: &Pack) -> Self {
        let equal = |slot: Slot, text: &str| {
            let span = Span::new(FileId(0), 0, 0);
            let part = |kind| Box::new(Expr { kind, ty: Type::Text, span });
            let kind = Kind::Compare(Compare::Eq, part(Kind::Slot(slot)), part(Kind::Const(Value::text(text))));
            Expr { kind, ty: Type::Bool, span }
        };
        Extra {
            tracks: crate::pack::Track::ALL.iter().map(|track| equal(pack.decided.track, track.word())).collect(),
            let_go: pack.grades.iter().filter(|g| g.let_go).map(|g| equal(pack.decided.grade, &g.name)).collect(),
        }
    }
}

/// Every list of a pack.
pub(super) fn lists<'a>(pack: &'a Pack, extra: &'a Extra) -> Vec<List<'a>> {
    let suppress = || -> Vec<Item<'a>> {
        let one = |s: &'a crate::pack::Suppress| Item {
            expect: Some(("suppressed", s.name.clone())),
            ..Item::new(format!("suppression `{}`", s.name), Some(&s.when), s.span)
        };
        pack.suppress.iter().map(one).collect()
    };
    let states = pack.states.iter().map(|s| Item {
        expect: Some(("rule", s.name.clone())),
        ..Item::new(format!("state `{}`", s.name), s.when.as_ref(), s.span)
    });
    let grades = pack.grades.iter().map(|g| Item {
        expect: Some(("grade", g.name.clone())),
        ..Item::new(format!("grade `{}`", g.name), g.when.as_ref(), g.span)
    });
    let first = |noun, called: &str, items, before, wants_all| {
        let called = called.to_owned();
        List { noun, called, items, before, first_match: true, wants_all, distinct: true }
    };
    let any = |noun, called: String, items, distinct| List {
        noun,
        called,
        items,
        before: Vec::new(),
        first_match: false,
        wants_all: false,
        distinct,
    };
    let mut lists = vec![
        first("suppression", "[[suppress]]", suppress(), Vec::new(), false),
        first("state", "[[states]]", states.collect(), suppress(), true),
        first("grade", "[[grades]]", grades.collect(), Vec::new(), true),
    ];
    if let Some(when) = &pack.causes.when {
        lists.push(any(
            "condition",
            "[analysis]".into(),
            vec![Item::new("`[analysis]`".into(), Some(when), when.span)],
            false,
        ));
    }
    for cause in &pack.causes.list {
        let one = |e: &'a crate::pack::Evidence| {
            Item::new(format!("evidence of cause `{}`", cause.name), Some(&e.when), e.when.span)
        };
        lists.push(any(
            "evidence",
            format!("the evidence of cause `{}`", cause.name),
            cause.evidence.iter().map(one).collect(),
            true,
        ));
    }
    let consents = pack.channels.values().filter_map(|c| {
        c.consent.as_ref().map(|rule| Item::new(format!("the consent of channel `{}`", c.name), Some(rule), rule.span))
    });
    lists.push(any("consent", "[channels]".into(), consents.collect(), false));
    let mut groups: Vec<Group<'a>> = Vec::new();
    for campaign in &pack.campaigns {
        // A campaign for a track no state is on is said to be dead already.
        if campaign.track.is_some() && !pack.states.iter().any(|state| state.track == campaign.track) {
            continue;
        }
        let mut item = Item::new(format!("campaign `{}`", campaign.name), campaign.when.as_ref(), campaign.span);
        item.excluded = extra.let_go.iter().collect();
        if let Some(track) = campaign.track {
            let index = crate::pack::Track::ALL.iter().position(|t| *t == track);
            item.given.extend(index.and_then(|i| extra.tracks.get(i)));
            item.where_given = format!(" on the track `{}`", track.word());
        }
        let key = (campaign.track, campaign.channel.as_ref());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, items)) => items.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    lists.extend(groups.into_iter().map(|(_, items)| any("campaign", "[[campaigns]]".into(), items, true)));
    let due = pack.followups.iter().map(|f| Item::new(format!("follow-up `{}`", f.name), Some(&f.when), f.span));
    lists.push(any("follow-up", "[[followups]]".into(), due.collect(), true));
    let signs = pack.prevention.iter().flat_map(|prevention| &prevention.warnings);
    let signs = signs.map(|w| Item::new(format!("warning `{}`", w.name), Some(&w.when), w.span));
    lists.push(any("warning", "[[warnings]]".into(), signs.collect(), true));
    lists
}
