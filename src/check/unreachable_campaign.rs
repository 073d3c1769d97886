#![doc = include_str!("manual/RG0551.md")]

use std::collections::BTreeSet;

use super::logic::{Answer, Ranges, Solver};
use super::places::{listed, quoted_list, span_of};
use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, Span, code};
use crate::expr::{Compare, Expr, Kind, Slot, Type, Value};
use crate::pack::{Campaign, Pack};

/// A campaign without a possible customer.
pub const LINT: Lint = Lint {
    code: code::UNREACHABLE_CAMPAIGN,
    name: "unreachable_campaign",
    level: Level::Warn,
    what: "a campaign no customer can get",
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let ranges = Ranges::new(pack);
    let mut solver = Solver::new(pack);
    for campaign in &pack.campaigns {
        let diagnostic = why_not(pack, &ranges, campaign).or_else(|| excluded_by_states(pack, &mut solver, campaign));
        found.extend(diagnostic);
    }
}

/// A `when`, with the consent of the channel, that no customer in a state on the campaign's track can fulfil. Only what is proved
/// for every such state is said.
fn excluded_by_states(pack: &Pack, solver: &mut Solver<'_>, campaign: &Campaign) -> Option<Diagnostic> {
    let when = campaign.when.as_ref()?;
    let channel = campaign.channel.as_ref().and_then(|name| pack.channels.get(name));
    let consent = channel.and_then(|channel| channel.consent.as_ref());
    // A `when` that is never true on its own is a finding of its own.
    if solver.ask_once(&[&when.expr], &[]) == Answer::Impossible {
        return None;
    }
    // What the rule says of the state in plain words need not be proved.
    let parts = conjuncts(&when.expr);
    let states = demand(&parts, pack.decided.state, pack.states.iter().map(|state| state.state.as_str()));
    let mut excluded = Vec::new();
    let of_track = |state: &&crate::pack::State| campaign.track.is_none() || state.track == campaign.track;
    for state in pack.states.iter().filter(of_track).filter(|state| states.allows(&state.state)) {
        let is = |slot: Slot, word: &str| {
            let expr = |kind, ty| Expr { kind, ty, span: when.span };
            let sides = [expr(Kind::Slot(slot), Type::Text), expr(Kind::Const(Value::text(word)), Type::Text)];
            let [a, b] = sides.map(Box::new);
            expr(Kind::Compare(Compare::Eq, a, b), Type::Bool)
        };
        let mut decided = vec![is(pack.decided.state, &state.state)];
        decided.extend(state.track.map(|track| is(pack.decided.track, track.word())));
        let rules = [state.when.as_ref(), Some(when), consent];
        let all: Vec<&Expr> = rules.into_iter().flatten().map(|rule| &rule.expr).chain(&decided).collect();
        if solver.ask_once(&all, &[]) != Answer::Impossible {
            return None;
        }
        excluded.push(state);
    }
    let first = excluded.first()?;
    let names = quoted_list(once(excluded.iter().map(|state| state.state.as_str())));
    let message = format!("no customer can get campaign `{}`: no state it is for allows its `when`", campaign.name);
    let mut diagnostic = Diagnostic::warning(code::UNREACHABLE_CAMPAIGN, when.span, message).related(
        first.when.as_ref().map_or(first.span, |when| when.span),
        format!("state `{}` excludes it", first.name),
    );
    if let Some(consent) = consent {
        diagnostic = diagnostic.related(consent.span, "the consent of its channel was counted in");
    }
    let on =
        campaign.track.map_or("its states are".to_owned(), |t| format!("the states on the track `{}` are", t.word()));
    Some(diagnostic.help(format!("{on} {names}")))
}

/// What a `when` says about one decided text: the words it may be.
struct Demand<'a> {
    /// The words left of all there are; `None` all of them.
    left: Option<BTreeSet<&'a str>>,
    /// Where it is said.
    places: Vec<Span>,
}

impl<'a> Demand<'a> {
    /// Whether one of the words there are may be it.
    fn allows(&self, word: &str) -> bool {
        self.left.as_ref().is_none_or(|left| left.contains(word))
    }

    /// The words left, if anything is said at all.
    fn left(&self) -> impl Iterator<Item = &'a str> {
        self.left.iter().flatten().copied()
    }
}

fn why_not(pack: &Pack, ranges: &Ranges, campaign: &Campaign) -> Option<Diagnostic> {
    let when = campaign.when.as_ref();
    let track_at = listed(&pack.tree, "campaigns", &campaign.name, "track").map_or(campaign.span, span_of);
    let say = |at: Span, why: String| {
        let message = format!("no customer can get campaign `{}`: {why}", campaign.name);
        Diagnostic::warning(code::UNREACHABLE_CAMPAIGN, at, message)
    };

    if let Some(track) = campaign.track
        && !pack.states.is_empty()
        && !pack.states.iter().any(|state| state.track == Some(track))
    {
        let help = "give a state of `[[states]]` this `track`, or leave it out here";
        return Some(say(track_at, format!("no state is on the track `{}`", track.word())).help(help));
    }
    let channel = campaign.channel.as_ref().and_then(|name| pack.channels.get(name));
    if let Some(channel) = channel
        && let Some(consent) = channel.consent.as_ref().filter(|consent| ranges.of(&consent.expr).never_true())
    {
        let why = format!("the consent of channel `{}` is never true", channel.name);
        return Some(say(campaign.span, why).related(consent.span, "never true"));
    }

    let decided = &pack.decided;
    let parts = when.map(|when| conjuncts(&when.expr)).unwrap_or_default();

    // State and track: one rule of `[[states]]` must give both.
    let states = demand(&parts, decided.state, pack.states.iter().map(|state| state.state.as_str()));
    let tracks = pack.states.iter().filter_map(|state| state.track).map(|track| track.word());
    let tracks = demand(&parts, decided.track, tracks);
    if !pack.states.is_empty() {
        let fits = |state: &&crate::pack::State| {
            let word = state.track.map(|track| track.word());
            let asked = tracks.places.is_empty() || word.is_some_and(|word| tracks.allows(word));
            states.allows(&state.state) && asked && (campaign.track.is_none() || state.track == campaign.track)
        };
        if !pack.states.iter().any(|state| fits(&state)) {
            let at = states.places.first().or(tracks.places.first()).copied().unwrap_or(campaign.span);
            let mut diagnostic = say(at, contradiction(&states, &tracks, campaign));
            if let Some(track) = campaign.track {
                diagnostic = diagnostic.related(track_at, "its track");
                let on: Vec<&str> = once(
                    pack.states.iter().filter(|state| state.track == Some(track)).map(|state| state.state.as_str()),
                );
                diagnostic =
                    diagnostic.help(format!("the states on the track `{}` are {}", track.word(), quoted_list(on)));
            }
            for state in pack.states.iter().filter(|state| states.allows(&state.state)).take(2) {
                if !states.places.is_empty() {
                    let track = state.track.map_or("no track".to_owned(), |track| format!("`{}`", track.word()));
                    diagnostic = diagnostic.related(state.span, format!("is on {track}"));
                }
            }
            return Some(diagnostic);
        }
    }

    // Grades that are let go get no campaign.
    if !pack.grades.is_empty() {
        let grades = demand(&parts, decided.grade, pack.grades.iter().map(|grade| grade.name.as_str()));
        let kept = |name: &&str| pack.grades.iter().any(|grade| grade.name == **name && !grade.let_go);
        if let Some(at) = grades.places.first().copied()
            && !grades.left().any(|name| kept(&name))
        {
            let left: Vec<&str> = grades.left().collect();
            let mut diagnostic = if left.is_empty() {
                say(at, "no grade fulfils its `when`".to_owned())
            } else {
                let names = quoted_list(left.iter().copied());
                let verb = if left.len() == 1 { "is" } else { "are" };
                say(at, format!("grade {names} {verb} let go on purpose"))
            };
            for grade in pack.grades.iter().filter(|grade| grade.let_go && grades.allows(&grade.name)) {
                diagnostic = diagnostic.related(grade.span, "let go: no campaign is planned");
            }
            return Some(diagnostic);
        }
    }

    // One cause must fit both the cause and the class asked for.
    let known = || pack.causes.list.iter().map(|cause| (cause.name.as_str(), cause.class.as_str()));
    let known = || known().chain([("unknown", "unknown")]);
    let causes = demand(&parts, decided.cause, known().map(|(name, _)| name));
    let classes = demand(&parts, decided.class, known().map(|(_, class)| class));
    let at = causes.places.first().or(classes.places.first()).copied()?;
    if known().any(|(name, class)| causes.allows(name) && classes.allows(class)) {
        return None;
    }
    let mut diagnostic = say(at, "no cause fulfils its `when`".to_owned());
    if let Some(class) = classes.places.first().filter(|class| **class != at) {
        diagnostic = diagnostic.related(*class, "and this class");
    }
    let classes = quoted_list(once(known().map(|(_, class)| class)));
    Some(diagnostic.help(format!("the causes of this pack are of the classes {classes}")))
}

fn contradiction(states: &Demand<'_>, tracks: &Demand<'_>, campaign: &Campaign) -> String {
    match (states.places.is_empty(), campaign.track) {
        (false, Some(track)) if states.left().next().is_some() => {
            format!("{} is not on its track `{}`", quoted_list(states.left()), track.word())
        }
        (true, Some(track)) if !tracks.places.is_empty() => {
            format!("its `when` asks for another track than its own, `{}`", track.word())
        }
        _ => "no state fulfils its `when`".to_owned(),
    }
}

fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The parts all of which must be true.
fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        Kind::And(list) => list.iter().flat_map(conjuncts).collect(),
        _ => vec![expr],
    }
}

/// What is left of the words a name can be.
fn demand<'a>(parts: &[&Expr], slot: Slot, all: impl Iterator<Item = &'a str> + Clone) -> Demand<'a> {
    let mut demand = Demand { left: None, places: Vec::new() };
    for part in parts {
        let Some((words, wanted)) = words(part, slot) else { continue };
        demand.left.get_or_insert_with(|| all.clone().collect()).retain(|word| words.contains(word) == wanted);
        demand.places.push(part.span);
    }
    demand
}

/// The words a part compares a name with, and whether it must or must not be one of them.
fn words(part: &Expr, slot: Slot) -> Option<(Vec<&str>, bool)> {
    let is_name = |expr: &Expr| expr.kind == Kind::Slot(slot);
    fn word(expr: &Expr) -> Option<&str> {
        match &expr.kind {
            Kind::Const(Value::Text(text)) => Some(text.as_ref()),
            _ => None,
        }
    }
    match &part.kind {
        Kind::Compare(op @ (Compare::Eq | Compare::Ne), a, b) => {
            let other = if is_name(a) {
                b
            } else if is_name(b) {
                a
            } else {
                return None;
            };
            Some((vec![word(other)?], *op == Compare::Eq))
        }
        Kind::In { item, list, negated } if is_name(item) => {
            Some((list.iter().map(word).collect::<Option<Vec<&str>>>()?, !negated))
        }
        Kind::Or(list) => {
            let mut all = Vec::new();
            for one in list {
                let (words, true) = words(one, slot)? else { return None };
                all.extend(words);
            }
            Some((all, true))
        }
        _ => None,
    }
}
