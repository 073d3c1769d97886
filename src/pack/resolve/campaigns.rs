//! Offers, channels, people, campaigns and money: what is done about a customer.

use indexmap::IndexMap;

use super::plugins::{Part, SUCCESS, VALUE};
use super::prevention::MOST_DAYS;
use super::read::Fields;
use super::rules::TRACKS;
use super::{ByName, Listed, Resolver, Table as Tree};
use crate::diag::{Diagnostic, code};
use crate::expr::{Stage, Type};
use crate::pack::format::{self, Keys};
use crate::pack::{Campaign, Channel, Labelled, Money, Param, Rule};

impl Resolver<'_> {
    /// `[offers]` or `[people]`
    pub(super) fn labelled(&mut self, root: &Tree, key: &str, keys: &'static Keys) -> IndexMap<String, Labelled> {
        let noun = keys.noun;
        let mut things = ByName::new();
        for (name, entry) in self.things(root, key) {
            self.plain_name(name, entry.key, &super::with_article(noun));
            let what = format!("{noun} `{name}`");
            let Some(fields) = Fields::open(&entry.node, entry.key, what, keys, &mut self.diagnostics) else {
                continue;
            };
            let thing = Labelled {
                name: name.to_owned(),
                label: self.label(&fields, name),
                help: fields.string("help", &mut self.diagnostics),
                span: entry.key,
            };
            things.insert(name.to_owned(), thing);
        }
        things
    }

    /// `[channels]`
    pub(super) fn channels(&mut self, root: &Tree, params: &[Param]) -> IndexMap<String, Channel> {
        let mut channels = ByName::new();
        let things = self.things(root, "channels");
        let names: Vec<&str> = things.iter().map(|(name, _)| *name).collect();
        for (name, entry) in things {
            self.plain_name(name, entry.key, "a channel");
            let what = format!("channel `{name}`");
            let Some(fields) = Fields::open(&entry.node, entry.key, what, &format::CHANNEL, &mut self.diagnostics)
            else {
                continue;
            };
            let channel = Channel {
                name: name.to_owned(),
                label: self.label(&fields, name),
                consent: self.rule(&fields, "consent", Stage::Grade, Type::Bool),
                basis: self.rule(&fields, "basis", Stage::Grade, Type::Text),
                consent_on: self.rule(&fields, "consent_on", Stage::Grade, Type::Date),
                cooldown: self.channel_cooldown(&fields, name, &names, params),
                caps: self.caps(&fields, params),
                weekdays: self.weekdays(&fields),
                help: fields.string("help", &mut self.diagnostics),
                span: entry.key,
            };
            channels.insert(name.to_owned(), channel);
        }
        channels
    }

    /// `[[campaigns]]`
    pub(super) fn campaigns(
        &mut self,
        root: &Tree,
        offers: &IndexMap<String, Labelled>,
        channels: &IndexMap<String, Channel>,
        people: &IndexMap<String, Labelled>,
    ) -> Vec<Campaign> {
        let mut campaigns = Vec::new();
        for Listed { name, fields } in self.listed(root, "campaigns", &format::CAMPAIGN) {
            let track = fields.word("track", &TRACKS, &mut self.diagnostics);
            let (success, value) = self.prospects(&fields);
            campaigns.push(Campaign {
                label: self.label(&fields, &name),
                track,
                when: self.rule(&fields, "when", Stage::Grade, Type::Bool),
                offer: self.reference(&fields, "offer", "offers", offers.keys()),
                channel: self.reference(&fields, "channel", "channels", channels.keys()),
                speaker: self.reference(&fields, "speaker", "people", people.keys()),
                send_on: self.rule(&fields, "send_on", Stage::Grade, Type::Date),
                cost: self.rule(&fields, "cost", Stage::Grade, Type::Number),
                success,
                value,
                anyway: self.rule(&fields, "anyway", Stage::Grade, Type::Number),
                hours: self.rule(&fields, "hours", Stage::Grade, Type::Number),
                within: self.whole_days(&fields, "within", 0..=366).unwrap_or(0),
                again: self.whole_days(&fields, "again", 0..=MOST_DAYS),
                fade: self.share(&fields, "fade", 1.0).unwrap_or(0.0),
                say: self.template(&fields, "say", Stage::Grade),
                effect: self.share(&fields, "effect", 1.0),
                holdout: self.share(&fields, "holdout", 0.9),
                experiment: fields.text("experiment", &mut self.diagnostics).map(|text| text.text.clone()),
                because: self.template(&fields, "because", Stage::Grade),
                help: fields.string("help", &mut self.diagnostics),
                span: fields.at,
                name,
            });
        }
        campaigns
    }

    /// A number from 0 to `most`.
    pub(super) fn share(&mut self, fields: &Fields<'_>, key: &str, most: f64) -> Option<f64> {
        let share = fields.number(key, &mut self.diagnostics)?;
        if (0.0..=most).contains(&share) {
            return Some(share);
        }
        let message = format!("`{key}` must be from 0 to {most}, this is {share}");
        self.diagnostics.push(Diagnostic::error(code::BAD_VALUE, fields.span(key), message).help("0.05 is 5 of 100"));
        None
    }

    /// `success` and `value`: as written, else by those of the two functions that the plugin has.
    fn prospects(&mut self, fields: &Fields<'_>) -> (Option<Rule>, Option<Rule>) {
        let parts = [SUCCESS, VALUE];
        let plugin = self.plugin(fields, &parts);
        if let Some(text) = plugin
            && !parts.iter().any(|part| self.scripts.find(&text.text, part.function).is_some())
        {
            let diagnostic = self.lacks(fields, text, &parts);
            self.diagnostics.push(diagnostic);
        }
        let mut one = |part: Part| match plugin {
            Some(text) if !fields.has(part.key) => self.by_plugin(fields, text, part),
            _ => self.rule(fields, part.key, part.stage, part.ty),
        };
        (one(SUCCESS), one(VALUE))
    }

    /// The name of something declared in another section.
    pub(super) fn reference<'n>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        section: &str,
        known: impl Iterator<Item = &'n String>,
    ) -> Option<String> {
        let text = fields.text(key, &mut self.diagnostics)?;
        let known: Vec<&str> = known.map(String::as_str).collect();
        if !known.contains(&text.text.as_str()) {
            let noun = if key == "speaker" { "person" } else { key };
            let message = format!("there is no {noun} `{}`", text.text);
            let diagnostic = Diagnostic::error(code::UNKNOWN_REFERENCE, text.span(), message);
            let diagnostic = diagnostic.did_you_mean(&text.text, known);
            self.diagnostics.push(if diagnostic.help.is_empty() {
                diagnostic.help(format!("declare it by `[{section}.{}]`", text.text))
            } else {
                diagnostic
            });
        }
        Some(text.text.clone())
    }

    /// `[money]`
    pub(super) fn money(&mut self, root: &Tree) -> Option<Money> {
        let fields = self.section(root, "money", &format::MONEY)?;
        if !fields.has("value") {
            fields.missing(
                "value",
                "what a customer is counted with, for instance `value = 'revenue'`",
                &mut self.diagnostics,
            );
        }
        let rule = self.rule(&fields, "value", Stage::Grade, Type::Number);
        let label = self.label(&fields, "money");
        let currency = fields.string("currency", &mut self.diagnostics);
        Some(Money { rule: rule?, label, currency })
    }
}
