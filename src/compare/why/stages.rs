//! Why a stage decided otherwise: the first rule that matches, the weighed evidence, the means, the best campaign.

use super::Search;
use super::names::Item;
pub(super) use crate::compare::rules::method_expr_of as method_expr;
use crate::draw::amount;
use crate::expr::{Expr, Row as _, Value};
use crate::pack::{Campaign, Cause, Pack, Rule, Template};
use crate::stage::{CauseDecision, Obstacle, Told, sentence, suppressed_because};

/// A rule of a list in which the first that matches decides.
#[derive(Clone, Copy)]
struct Listed<'a> {
    name: &'a str,
    when: Option<&'a Expr>,
}

impl<'a> Search<'a> {
    /// Why she is suppressed, or is no longer.
    pub(super) fn suppressed(&mut self) {
        let (old, new) = (self.earlier(), self.later());
        let rules = |pack: &'a Pack| -> Vec<Listed<'a>> {
            pack.suppress.iter().map(|s| Listed { name: &s.name, when: Some(&s.when.expr) }).collect()
        };
        let (was, is) = (self.case.old.suppressed, self.case.new.suppressed);
        let (before, now) = (was.and_then(|i| old.suppress.get(i)), is.and_then(|i| new.suppress.get(i)));
        if let Some(rule) = now.or(before) {
            self.top = format!("suppression `{}`", rule.name);
            self.said = match now {
                Some(rule) if rule.because.parts.is_empty() => self.read(Some(&rule.when.expr)),
                Some(rule) => suppressed_because(new, rule, &self.case.new.values),
                None => String::new(),
            };
        }
        self.first_match("suppress", &rules(old), &rules(new), was, is);
    }

    /// Why her state is another.
    pub(super) fn state(&mut self) {
        let (old, new) = (self.earlier(), self.later());
        let (was, is) = (self.case.old.state, self.case.new.state);
        match (was.and_then(|i| old.states.get(i)), is.and_then(|i| new.states.get(i))) {
            (_, Some(state)) => {
                self.say("state", &state.name, &state.because, state.when.as_ref());
            }
            (Some(state), None) => self.top = format!("state `{}`", state.name),
            (None, None) => {}
        }
        self.state_rules();
    }

    pub(super) fn state_rules(&mut self) {
        let rules = |pack: &'a Pack| -> Vec<Listed<'a>> {
            let list = pack.states.iter();
            list.map(|s| Listed { name: &s.name, when: s.when.as_ref().map(|rule| &rule.expr) }).collect()
        };
        let (was, is) = (self.case.old.state, self.case.new.state);
        self.first_match("states", &rules(self.earlier()), &rules(self.later()), was, is);
    }

    /// Why her cause is another.
    pub(super) fn cause(&mut self) {
        let new = self.later();
        let (was, is) = (self.case.old.cause.winner, self.case.new.cause.winner);
        if let Some(cause) = is.and_then(|i| new.causes.list.get(i)) {
            self.top = format!("cause `{}`", cause.name);
            let found = self.case.new.cause.evidence.get(is.unwrap_or_default());
            let said = cause.evidence.iter().zip(found.into_iter().flatten()).filter(|(_, found)| **found);
            let said: Vec<String> =
                said.map(|(e, _)| sentence(new, &e.because, &self.case.new.values)).filter(|t| !t.is_empty()).collect();
            self.said = said.join("; ");
        } else if let Some(cause) = was.and_then(|i| self.earlier().causes.list.get(i)) {
            self.top = format!("cause `{}`", cause.name);
        }
        self.causes();
    }

    pub(super) fn causes(&mut self) {
        if self.told("cause") {
            return;
        }
        let (old, new) = (self.earlier(), self.later());
        let (before, now) = (&self.case.old.cause, &self.case.new.cause);
        if before.analysed != now.analysed {
            let expr = |rule: Option<&'a Rule>| rule.map(|rule| &rule.expr);
            let (a, b) = (expr(old.causes.when.as_ref()), expr(new.causes.when.as_ref()));
            self.item(&Item { section: "analysis", name: "", key: "when", old: a, new: b, truth: true });
            return;
        }
        let name = |pack: &'a Pack, decision: &CauseDecision| -> Option<&'a str> {
            pack.causes.list.get(decision.winner?).map(|cause| cause.name.as_str())
        };
        let count = self.found.len() + self.data.len();
        let (was, is) = (name(old, before), name(new, now));
        for cause in [is, was.filter(|was| Some(*was) != is)].into_iter().flatten() {
            let find = |pack: &'a Pack| pack.causes.list.iter().position(|c| c.name == cause);
            match (find(old), find(new)) {
                (Some(i), Some(j)) => self.evidence(i, j),
                _ => drop(self.root("causes", cause, &[])),
            }
        }
        if self.found.len() + self.data.len() == count {
            // Equal weights: the smallest that decides, or the order, is another.
            let moved = |cause: Option<&str>| cause.unwrap_or_default().to_owned();
            let _ = self.root("analysis", "", &["minimum"])
                || self.root("causes", &moved(is), &["order", "class"])
                || self.root("causes", &moved(was), &["order", "class"]);
        }
    }

    /// What speaks for one cause and did not, or the other way round.
    fn evidence(&mut self, i: usize, j: usize) {
        let (old, new) = (self.earlier(), self.later());
        let (Some(was), Some(is)) = (old.causes.list.get(i), new.causes.list.get(j)) else { return };
        let found = |decision: &'a CauseDecision, i: usize, k: usize| {
            decision.evidence.get(i).and_then(|list| list.get(k)).copied().unwrap_or(false)
        };
        let partner = partners(was, is);
        for (k, evidence) in is.evidence.iter().enumerate() {
            let now = found(&self.case.new.cause, j, k);
            let Some((at, earlier)) = partner.get(k).and_then(|at| Some(((*at)?, was.evidence.get((*at)?)?))) else {
                if now {
                    self.root("causes", &is.name, &["evidence"]);
                }
                continue;
            };
            let before = found(&self.case.old.cause, i, at);
            if before != now {
                let (old, new) = (Some(&earlier.when.expr), Some(&evidence.when.expr));
                self.item(&Item { section: "causes", name: &is.name, key: "evidence", old, new, truth: true });
            } else if now && evidence.weight != earlier.weight {
                self.root("causes", &is.name, &["evidence"]);
            }
        }
        let lost = (0..was.evidence.len()).any(|k| !partner.contains(&Some(k)) && found(&self.case.old.cause, i, k));
        if lost {
            self.root("causes", &is.name, &["evidence"]);
        }
    }

    /// Why her grade is another.
    pub(super) fn grade(&mut self) {
        let (old, new) = (self.earlier(), self.later());
        let (was, is) = (self.case.old.grade, self.case.new.grade);
        match (was.and_then(|i| old.grades.get(i)), is.and_then(|i| new.grades.get(i))) {
            // The last grade asks for nothing: what she did not reach any more says more.
            (Some(before), Some(grade)) if grade.when.is_none() => {
                self.say("grade", &grade.name, &Template::default(), None);
                self.said = self.read(before.when.as_ref().map(|rule| &rule.expr));
            }
            (_, Some(grade)) => self.say("grade", &grade.name, &Template::default(), grade.when.as_ref()),
            (Some(grade), None) => self.top = format!("grade `{}`", grade.name),
            (None, None) => {}
        }
        self.grade_rules();
    }

    pub(super) fn grade_rules(&mut self) {
        if self.told("grade") {
            return;
        }
        let rules = |pack: &'a Pack| -> Vec<Listed<'a>> {
            let list = pack.grades.iter();
            list.map(|g| Listed { name: &g.name, when: g.when.as_ref().map(|rule| &rule.expr) }).collect()
        };
        let (was, is) = (self.case.old.grade, self.case.new.grade);
        self.first_match("grades", &rules(self.earlier()), &rules(self.later()), was, is);
    }

    /// Whether a person decided otherwise on one side; then that is why. A key of `[override]`.
    fn told(&mut self, key: &'static str) -> bool {
        let (old, new) = (self.earlier(), self.later());
        if said(old, &self.case.old.told, key) == said(new, &self.case.new.told, key) {
            return false;
        }
        self.said = match self.case.new.told.reasons.get(key) {
            Some(because) => because.clone(),
            None => "nobody decides otherwise any more".to_owned(),
        };
        let expr = |pack: &'a Pack| Some(&pack.human.as_ref()?.rule(key)?.expr);
        let (old, new) = (expr(old), expr(new));
        self.item(&Item { section: "override", name: "", key, old, new, truth: false });
        true
    }

    /// Why her priority is another.
    pub(super) fn priority(&mut self) {
        self.priority_rule();
    }

    pub(super) fn priority_rule(&mut self) {
        let (old, new) = (self.earlier(), self.later());
        match (&old.priority.rule, &new.priority.rule) {
            (Some(a), Some(b)) => {
                let (a, b) = (Some(&a.expr), Some(&b.expr));
                self.item(&Item { section: "scoring", name: "", key: "priority", old: a, new: b, truth: false });
            }
            (None, None) => {
                let mut names: Vec<&str> = new.dimensions.iter().map(|d| d.name.as_str()).collect();
                names.extend(old.dimensions.iter().map(|d| d.name.as_str()));
                names.iter().for_each(|name| self.name(name));
            }
            _ => drop(self.root("scoring", "", &["priority"])),
        }
    }

    /// A weighted mean: criteria that came or went, weigh otherwise, or score otherwise.
    pub(super) fn dimension(&mut self, name: &str) {
        let (old, new) = (self.earlier(), self.later());
        let within = |pack: &'a Pack| -> Vec<(&'a str, f64)> {
            let at = pack.dimensions.iter().position(|dimension| dimension.name == name);
            pack.criteria.iter().filter(|c| Some(c.dimension) == at).map(|c| (c.name.as_str(), c.weight)).collect()
        };
        let (before, now) = (within(old), within(new));
        let mut names: Vec<&str> = now.iter().map(|(name, _)| *name).collect();
        names.extend(before.iter().map(|(name, _)| *name).filter(|name| !now.iter().any(|(other, _)| other == name)));
        for criterion in names {
            let weight = |list: &[(&str, f64)]| list.iter().find(|(name, _)| *name == criterion).map(|(_, w)| *w);
            let score = format!("score.{criterion}");
            let (was, is) = self.values(&score);
            let counts = |value: &Value, list: &[(&str, f64)]| weight(list).is_some() && !value.is_missing();
            if !counts(&was, &before) && !counts(&is, &now) {
                continue;
            }
            if weight(&before) != weight(&now) {
                self.root("criteria", criterion, &["weight", "dimension"]);
            }
            if was != is {
                self.name(&score);
            }
        }
    }

    /// Why her campaign is another.
    pub(super) fn campaign(&mut self) {
        let (old, new) = (self.earlier(), self.later());
        let find = |pack: &'a Pack, name: &str| pack.campaigns.iter().position(|c| c.name == name);
        let (was, is) = (
            self.case.old.best.and_then(|i| old.campaigns.get(i)),
            self.case.new.best.and_then(|i| new.campaigns.get(i)),
        );
        if let Some(campaign) = is.or(was) {
            self.top = format!("campaign `{}`", campaign.name);
        }
        if let Some(campaign) = is {
            self.said = sentence(new, &campaign.because, &self.case.new.values);
            if self.said.is_empty() {
                self.said = self.net(campaign);
            }
        }
        if self.told("campaign") {
            return;
        }
        let count = self.found.len() + self.data.len();
        for campaign in [is, was.filter(|was| is.is_none_or(|is| is.name != was.name))].into_iter().flatten() {
            match (find(old, &campaign.name), find(new, &campaign.name)) {
                (Some(i), Some(j)) => self.candidate(i, j),
                _ => drop(self.root("campaigns", &campaign.name, &[])),
            }
        }
        if self.found.len() + self.data.len() == count {
            for campaign in [is, was].into_iter().flatten() {
                self.root("campaigns", &campaign.name, &["order"]);
            }
        }
    }

    /// What a campaign is expected to bring: `expected 30.50, before 10`.
    fn net(&self, campaign: &Campaign) -> String {
        let net = |pack: &Pack, list: &[crate::stage::CampaignDecision]| {
            list.get(pack.campaigns.iter().position(|c| c.name == campaign.name)?)?.net
        };
        let before = net(self.earlier(), &self.case.old.campaigns);
        match net(self.later(), &self.case.new.campaigns) {
            Some(now) if before.is_some_and(|before| before != now) => {
                format!("expected {}, before {}", amount(now), amount(before.unwrap_or_default()))
            }
            Some(now) => format!("expected {}", amount(now)),
            None => String::new(),
        }
    }

    /// Why one campaign is open to her, or worth more, and was not; or the other way round.
    fn candidate(&mut self, i: usize, j: usize) {
        let (old, new) = (self.earlier(), self.later());
        let (Some(was), Some(is)) = (old.campaigns.get(i), new.campaigns.get(j)) else { return };
        let (Some(before), Some(now)) = (self.case.old.campaigns.get(i), self.case.new.campaigns.get(j)) else {
            return;
        };
        let name = is.name.as_str();
        let rule = |key: &'static str, of: fn(&'a Campaign) -> &'a Option<Rule>, truth: bool| {
            let expr = |campaign: &'a Campaign| of(campaign).as_ref().map(|rule| &rule.expr);
            Item { section: "campaigns", name, key, old: expr(was), new: expr(is), truth }
        };
        for obstacle in [Obstacle::LetGo, Obstacle::Track, Obstacle::When, Obstacle::Consent, Obstacle::Told] {
            if before.obstacles.contains(&obstacle) == now.obstacles.contains(&obstacle) {
                continue;
            }
            match obstacle {
                Obstacle::LetGo => {
                    let grade = self.values("grade");
                    if grade.0 == grade.1 {
                        self.root("grades", grade.1.as_text().unwrap_or_default(), &["let_go"]);
                    } else {
                        self.name("grade");
                    }
                }
                Obstacle::Track if was.track != is.track => drop(self.root("campaigns", name, &["track"])),
                Obstacle::Track => self.track(),
                Obstacle::When => self.item(&rule("when", |c| &c.when, true)),
                Obstacle::Told => drop(self.told("campaign")),
                Obstacle::Consent if was.channel != is.channel => drop(self.root("campaigns", name, &["channel"])),
                Obstacle::Consent => {
                    let channel = is.channel.as_deref().unwrap_or_default();
                    let consent = |pack: &'a Pack| {
                        pack.channels.get(channel).and_then(|c| c.consent.as_ref()).map(|rule| &rule.expr)
                    };
                    let (old, new) = (consent(old), consent(new));
                    self.item(&Item { section: "channels", name: channel, key: "consent", old, new, truth: true });
                }
            }
        }
        if before.obstacles.is_empty() && now.obstacles.is_empty() && before.net != now.net {
            self.item(&rule("success", |c| &c.success, false));
            self.item(&rule("value", |c| &c.value, false));
            self.item(&rule("cost", |c| &c.cost, false));
        }
    }

    /// Her track is another: her state is, or the state has another track.
    fn track(&mut self) {
        let (was, is) = self.values("state");
        if was == is {
            let name = self.case.new.state.and_then(|i| self.later().states.get(i)).map(|s| s.name.as_str());
            self.root("states", name.unwrap_or_default(), &["track"]);
        } else {
            self.name("state");
        }
    }

    /// Names the rule that is explained, and her values as it words them.
    fn say(&mut self, noun: &str, name: &str, because: &Template, when: Option<&Rule>) {
        self.top = format!("{noun} `{name}`");
        self.said = sentence(self.later(), because, &self.case.new.values);
        if self.said.is_empty() {
            self.said = self.read(when.map(|rule| &rule.expr));
        }
    }

    /// What an expression of the later pack reads: `priority 7.2, before 6.8`.
    fn read(&self, expr: Option<&Expr>) -> String {
        let new = self.later();
        let slots = expr.map(Expr::slots).unwrap_or_default();
        let list = slots.iter().take(3).filter_map(|slot| {
            let name = &new.names.get(*slot).name;
            let (was, is) = (self.values(name).0, self.case.new.values.get(*slot));
            let before = if was == is { String::new() } else { format!(", before {was}") };
            (new.names.get(*slot).kind != crate::expr::NameKind::Param).then(|| format!("{name} {is}{before}"))
        });
        list.collect::<Vec<_>>().join("; ")
    }

    /// The first rule that matches is another.
    fn first_match(
        &mut self,
        section: &'static str,
        old: &[Listed<'a>],
        new: &[Listed<'a>],
        was: Option<usize>,
        is: Option<usize>,
    ) {
        let (was, is) = (was.and_then(|i| old.get(i)).copied(), is.and_then(|i| new.get(i)).copied());
        let count = self.found.len() + self.data.len();
        for rule in [is, was.filter(|was| is.is_none_or(|is| is.name != was.name))].into_iter().flatten() {
            let find = |list: &[Listed<'a>]| list.iter().find(|other| other.name == rule.name).copied();
            match (find(old), find(new)) {
                (Some(before), Some(now)) => {
                    let (old, new) = (before.when, now.when);
                    self.item(&Item { section, name: rule.name, key: "when", old, new, truth: true });
                }
                _ => drop(self.root(section, rule.name, &[])),
            }
        }
        if self.found.len() + self.data.len() == count {
            // Both match on both sides: their order is another, or what one of them decides for.
            for rule in [is, was].into_iter().flatten() {
                self.root(section, rule.name, &["order", "state", "track"]);
            }
        }
    }
}

/// What a person decided, by the key of `[override]`.
fn said<'a>(pack: &'a Pack, told: &Told, key: &str) -> Option<&'a str> {
    match key {
        "grade" => pack.grades.get(told.grade?).map(|grade| grade.name.as_str()),
        "cause" => Some(told.cause_of(pack)?.map_or("", |cause| &cause.name)),
        _ => Some(told.campaign_of(pack)?.map_or("", |campaign| &campaign.name)),
    }
}

/// For each piece of evidence now, the one before: with the same text, else at the same place.
fn partners(was: &Cause, is: &Cause) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = Vec::new();
    for evidence in &is.evidence {
        let same = was.evidence.iter().enumerate().position(|(k, other)| {
            !partner.contains(&Some(k)) && other.when.text.split_whitespace().eq(evidence.when.text.split_whitespace())
        });
        partner.push(same);
    }
    if was.evidence.len() == is.evidence.len() {
        for k in 0..partner.len() {
            let free = !partner.contains(&Some(k));
            if let Some(place @ None) = partner.get_mut(k)
                && free
            {
                *place = Some(k);
            }
        }
    }
    partner
}
